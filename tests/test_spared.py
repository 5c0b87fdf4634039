"""Days off together go round: in each week so many teams have them that none lacks its people."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from rosters import DATES, load, problem, worked
from small_weeks import allowed, edgy, lines_of
from test_solve_laws import lawful

from config.ids import PersonId, TeamId
from scheduler.problem import Problem, Worked
from scheduler.rules import check
from scheduler.slots import DAYS
from scheduler.solve import solve
from scheduler.solve.boolean import Plain
from scheduler.solve.model import Model, model_of
from scheduler.spared import spared

TEAM = TeamId("s0t0")


def off_since(*days: int) -> Problem:
    """A week whose teams had their last two days off so many days before it, the first of them."""
    past = {
        f"s0t{n}o": worked([(-day, "08:00", "14:00") for day in range(14, 0, -1)
                            if day not in (first, first - 1)])
        for n, first in enumerate(days)
    }  # fmt: skip
    return problem(teams=len(days), past=past)


def together(line: set[int]) -> bool:
    """Whether two days in a row are free of duty."""
    return any(not {day, day + 1} & line for day in range(DAYS - 1))


# --- who ---------------------------------------------------------------------------------------


def test_half_of_a_squadron_each_week_those_who_must_soonest() -> None:
    """The law asks once in fourteen days; whoever waits longest is first, then by name."""
    assert spared(off_since(9, 4, 12, 3)) == {"s0t0", "s0t2"}
    assert spared(off_since(5, 5, 5, 5)) == {"s0t0", "s0t1"}


def test_of_three_teams_two() -> None:
    """Half, up to a whole team."""
    assert spared(off_since(9, 4, 12)) == {"s0t0", "s0t2"}


def test_an_auxiliary_who_must_soonest_decides_for_the_team() -> None:
    """The team is off when all of its people can be."""
    week = off_since(9, 4)
    late = replace(week.persons[PersonId("s0t1a0")], past=week.persons[PersonId("s0t0o")].past)
    soon = tuple(one for one in late.past if one.date != DATES[0] - timedelta(days=9))
    longer = replace(late, past=(*soon, Worked(DATES[0] - timedelta(days=9), -12960, -12600)))
    week = replace(week, persons={**week.persons, longer.id: longer})
    assert spared(week) == {"s0t1"}


def test_who_has_duties_in_a_later_week_is_left_to_them() -> None:
    """Those say when they are off; nobody takes their turn."""
    week = off_since(9, 4)
    ahead = replace(week.persons[PersonId("s0t0o")],
                    ahead=(Worked(date(2026, 12, 7), 10_560, 11_040),))  # fmt: skip
    assert spared(replace(week, persons={**week.persons, ahead.id: ahead})) == set()


# --- what the engines make of it ---------------------------------------------------------------


def turn(seed: int) -> Problem:
    """A week at the edges of the laws in which it is the team's turn."""
    return replace(edgy(seed), spared=frozenset({TEAM}))


def days_of(model: Model, line: tuple[int, ...]) -> set[int]:
    """Days of a line's duties."""
    return set(model.options.day[list(line)].tolist())


@pytest.mark.parametrize("seed", range(10))
def test_pricing_allows_lawful_lines_with_two_days_off_together(seed: int) -> None:
    """Those and no others."""
    week = turn(seed)
    model = model_of(week)
    lines = lines_of(model, seed, 60)
    for line, ok in zip(lines, allowed(model, lines), strict=True):
        assert ok == (lawful(week, model, line) and together(days_of(model, line))), (seed, line)


@pytest.mark.parametrize("seed", range(2))
def test_booleans_allow_the_same(seed: int) -> None:
    """The second engine says it anew."""
    week = turn(1000 + seed)
    model, plain = model_of(week), Plain(week)
    for line in lines_of(model, seed, 12):
        told = lawful(week, model, line) and together(days_of(model, line))
        assert plain.allows(TEAM, line) == told, (seed, line)


def test_the_next_week_is_not_short_of_all_at_once() -> None:
    """All were off on the same two days: by the law all can wait until the next week's Tuesday.

    Half of them are off together now, so half have nothing to wait for then.
    """
    week = problem(teams=6, needed=load(6), past={
        f"s0t{n}{who}": worked([(-day, "08:00", "16:00") for day in (9, 8, 7, 6, 3, 2, 1)])
        for n in range(6) for who in ("o", "a0", "a1")
    })  # fmt: skip
    now = replace(week, spared=spared(week))
    roster = solve(now, rounds=1).roster
    assert check(now, roster) == []
    off = [
        team for team in week.teams
        if together({now.day(duty.date) for duty in roster.duties if duty.team == team})
    ]  # fmt: skip
    assert len(off) >= len(now.spared) == len(week.teams) // 2
