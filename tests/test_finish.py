"""From lines to a roster: lawful whatever the week, and at the least cost by the rules of cover."""

import pytest
from full_weeks import lawful_lines, random_week

from scheduler.rules import check
from scheduler.solve.finish import finish


@pytest.mark.parametrize("hundred", range(4))
def test_a_finished_roster_breaks_no_law(hundred: int) -> None:
    """200 random weeks."""
    for seed in range(50 * hundred, 50 * hundred + 50):
        week = random_week(seed)
        roster = finish(week, lawful_lines(week, seed)).roster
        assert check(week, roster) == [], seed
