"""The hour that a zone skips in spring: a week has its half hours, and nobody is needed in them."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from districts import small_district
from rosters import problem
from small_weeks import changed_clocks

from config.district import load
from scheduler.foresight.demand import Demand
from scheduler.intake import problem_of
from scheduler.slots import SLOTS, SLOTS_A_DAY
from scheduler.solve.model import model_of

SKIPPED = 6 * SLOTS_A_DAY + 4
"""Sunday at 02:00."""


@pytest.mark.parametrize(("monday", "week", "skipped"), [
    (date(2026, 3, 23), "2026-W13", [SKIPPED, SKIPPED + 1]), (date(2026, 10, 19), "2026-W43", []),
])  # fmt: skip
def test_nobody_is_needed_in_an_hour_that_is_not(
    tmp_path: Path, monday: date, week: str, skipped: list[int]
) -> None:
    """Two units all week: the sums that people read hold no hour that clocks leave out."""
    district = load(small_district(tmp_path, monday=monday, time_zone="Europe/Madrid"))
    none = np.zeros((len(district.squadrons), SLOTS), dtype=np.int64)
    asked = Demand(none + 2, none + 1, none, none + 1, none, none)
    layers = [layer.units[:, :SLOTS] for layer in problem_of(district, week, asked).layers]
    for units in layers:
        assert np.flatnonzero((units == 0).all(axis=0)).tolist() == skipped
    assert (np.delete(layers[-1], skipped, axis=1) == 2).all()


def test_whoever_works_on_through_it_is_not_one_too_many() -> None:
    """Of two teams that nobody needs each half hour costs but those two."""
    idle = problem(squadrons=1, teams=2, needed=0)
    costs = model_of(changed_clocks(idle, 60)).rows.slots.cost[-1, 0]
    assert np.flatnonzero(costs == 0).tolist() == [SKIPPED, SKIPPED + 1]
