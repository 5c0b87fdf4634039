"""Duties change hands where wishes gain by it: lawful, the same cover, never dearer."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from full_weeks import lawful_lines, random_week
from rosters import problem
from small_weeks import bare, with_starts

from config.ids import PersonId, TeamId
from scheduler.problem import Problem
from scheduler.rules import Tier, check, cost_by_tier
from scheduler.shares import Over
from scheduler.solve.finish import finish
from scheduler.solve.model import Weeks, model_of
from scheduler.solve.options import Span
from scheduler.solve.turns import turned

A, B = TeamId("s0t1"), TeamId("s0t2")
"""Neither has a leader."""


def burdened(week: Problem, seed: int) -> Problem:
    """The week of people who bore more than their share, or less."""
    random = Random(seed)  # noqa: S311 - repeatable
    return replace(week, _home={}, persons={
        name: replace(person, over=Over(0.0, random.uniform(0, 8), random.uniform(0, 6)))
        for name, person in week.persons.items()
    })  # fmt: skip


def all_of(week: Problem, lines: Weeks) -> Counter[tuple[str, Span]]:
    """How often each squadron has each duty."""
    return Counter((week.teams[team], span) for team, line in lines.items() for span in line)


@pytest.mark.parametrize("seed", range(6))
def test_the_duties_stay_and_nobody_pays_more(seed: int) -> None:
    """Random weeks with a past, leave and fixed duties."""
    week = burdened(replace(random_week(seed, teams=4, due=0), _home={}), seed)
    lines = dict(lawful_lines(week, seed, 0.6))
    after = turned(model_of(week), lines)
    assert all_of(week, after) == all_of(week, lines)
    rosters = [finish(week, one).roster for one in (lines, after)]
    assert not check(week, rosters[1], "person")
    costs = [cost_by_tier(week, roster) for roster in rosters]
    assert costs[1][Tier.WISH] <= costs[0][Tier.WISH]
    assert costs[1][Tier.CONTRACT] <= costs[0][Tier.CONTRACT]


def two(over: Over) -> Problem:
    """Teams without a past; the officers of all but the second named bore more than their share."""
    week = with_starts(problem(teams=3), (480, 1320))
    some = {name: replace(week.persons[name], over=over)
            for name in (PersonId("s0t0o"), PersonId(f"{A}o"))}  # fmt: skip
    return replace(week, persons={**week.persons, **some}, _home={})


def lines_of(first: Span, second: Span) -> Weeks:
    """Who works what; the third team is off."""
    return {TeamId("s0t0"): (), A: (first,), B: (second,)}


NIGHT, DAY = Span(1, 1440 + 1320, 1440 + 1800), Span(1, 1440 + 480, 1440 + 960)


def test_a_night_goes_to_who_bore_less() -> None:
    """And the other's day comes back for it."""
    after = turned(model_of(two(Over(nights=2))), lines_of(NIGHT, DAY))
    assert after == lines_of(DAY, NIGHT)


def test_without_anything_owed_nothing_changes_hands() -> None:
    """Equal teams stay as they were named."""
    lines = lines_of(NIGHT, DAY)
    assert turned(model_of(two(Over())), lines) == lines


def test_what_the_laws_forbid_changes_hands_together_with_more() -> None:
    """Whoever is up until 06:00 cannot begin at 08:00: the next day's duty goes along."""
    early = Span(2, 2880 + 480, 2880 + 960)
    week = two(Over(nights=2))
    after = turned(model_of(week), lines_of(NIGHT, early))
    assert after == lines_of(early, NIGHT)
    assert not check(week, bare(week, after), "person")
