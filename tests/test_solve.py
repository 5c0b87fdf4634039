"""The solver of a week: lawful, priced as the rules say, bounded, repeatable, anytime."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from rosters import load, problem, worked
from small_weeks import PROVEN, bare, tiny, week_of

from config.durations import DAY_MIN
from scheduler.problem import Problem
from scheduler.rules import check
from scheduler.rules.coverage import CoverDemand, on_duty
from scheduler.slots import DAYS, SLOT_MIN, SLOTS
from scheduler.solve import solve
from scheduler.solve.boolean import Plain
from scheduler.solve.engine import cost_of
from scheduler.solve.options import Span

if TYPE_CHECKING:
    from scheduler.solve.solved import Solved

CENT = 0.01


@pytest.mark.parametrize("chunk", range(10))
def test_the_first_roster_of_a_random_week_is_lawful(chunk: int) -> None:
    """Whatever people bring, whoever is away, whenever clocks change."""
    for seed in range(20 * chunk, 20 * chunk + 20):
        week = week_of(seed)
        assert check(week, solve(week, time_s=0, seed=seed).roster) == [], seed


@pytest.mark.parametrize("seed", range(200, 205))
def test_the_best_roster_of_a_random_week_is_lawful_and_priced_by_the_rules(seed: int) -> None:
    """All stages of the search, rosters on the way included."""
    week = week_of(seed)
    found: list[Solved] = []
    found.append(solve(week, rounds=1, seed=seed, better=found.append))
    assert [check(week, one.roster) for one in found] == [[] for _ in found]
    assert all(one.cost == pytest.approx(cost_of(week, one.roster)) for one in found)


@pytest.mark.parametrize("seed", PROVEN)
def test_the_bound_is_no_higher_than_the_best_possible(seed: int) -> None:
    """Small weeks, whose best the second engine proves."""
    week = tiny(seed)
    best = Plain(week).best(30, workers=2)
    solved = solve(week, rounds=1, seed=seed)
    assert best.bound == best.cost
    assert solved.bound <= best.cost + CENT
    assert best.bound <= solved.cost + CENT


def test_a_small_week_is_solved_to_proven_optimality() -> None:
    """Cost and bound meet where the week is small enough."""
    solved = solve(tiny(3), rounds=2)
    assert solved.cost == pytest.approx(solved.bound, rel=0.01)


@pytest.fixture(name="week")
def _week() -> Problem:
    return problem(squadrons=1, teams=5, needed=load(5)[None, :], grid_min=120)


def test_the_same_rounds_give_the_same_roster(week: Problem) -> None:
    """The same input, the same bytes."""
    one, other = (solve(week, rounds=1, seed=7) for _ in range(2))
    assert (one.roster, one.cost, one.bound) == (other.roster, other.cost, other.bound)


def test_more_search_never_costs_more(week: Problem) -> None:
    """Every better roster is kept."""
    assert solve(week, rounds=1, seed=7).cost <= solve(week, time_s=0, seed=7).cost


def test_a_search_without_time_has_a_bound_too() -> None:
    """A first roster comes with what is certain of the best possible, and no more."""
    assert 0 < solve(tiny(3), time_s=0).bound <= solve(tiny(3), rounds=2).cost


def test_progress_only_gets_better(week: Problem) -> None:
    """Costs fall, bounds rise."""
    told: list[tuple[float | None, float | None]] = []
    solve(week, rounds=1, seed=7, progress=lambda cost, bound: told.append((cost, bound)))
    costs = [cost for cost, _ in told if cost is not None]
    bounds = [bound for _, bound in told if bound is not None]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)


def test_walks_come_near_the_bound_where_small_steps_do_not() -> None:
    """All people differ in what they bring, so each block's lines are few and whole."""
    past = {
        f"s{s}t{n}o": worked([(-1 - n % 3, "08:00", "16:00")]) for s in (0, 1) for n in range(6)
    }
    week = problem(squadrons=2, teams=6, needed=np.stack([load(6)] * 2), grid_min=120, past=past)
    solved = solve(week, rounds=4, seed=1)
    assert check(week, solved.roster) == []
    assert solved.cost < 1.06 * solved.bound  # without, a seventh above


def test_hours_that_nobody_needs_go_round_the_clock() -> None:
    """Twice as many people as are needed: all work their hours, nowhere crowded."""
    week = problem(squadrons=1, teams=9, needed=1, grid_min=240)
    roster = solve(week, rounds=2, seed=7).roster
    units = on_duty(week, roster)[0]
    assert units.sum() * SLOT_MIN / 60 >= 9 * 40
    assert units.max() <= 4  # 360 hours of units in 168


def test_sunday_night_is_no_place_for_hours_that_nobody_needs() -> None:
    """Who is too many costs as much on Monday morning; that none is there is the next week's."""
    week = problem(teams=3, needed=1)
    night = DAYS * DAY_MIN - 60, DAYS * DAY_MIN + 9 * 60
    roster = bare(week, {team: [Span(6, *night)] for team in week.teams})
    found = {one.slot: (one.amount, one.units) for one in CoverDemand().check(week, roster)}
    after = {slot: told for slot, told in found.items() if slot is not None and slot >= SLOTS}
    assert after == dict.fromkeys(range(SLOTS, SLOTS + 18), (1 + 2, 0))


def test_nobody_there_is_an_empty_roster() -> None:
    """A week without teams is no error; all demand is missing."""
    week = problem(teams=2, crews=[{} for _ in range(7)])
    assert solve(week, rounds=1).roster.duties == ()
