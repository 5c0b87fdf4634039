"""Prices of laws and units: known ones are found, between ends that are certain whatever failed."""

from functools import partial

import numpy as np
import pytest
from rosters import SLOTS, problem, span
from small_weeks import bare, with_starts

from config.ids import TeamId
from config.settings import Limits
from scheduler.advice.prices import Known, Price, Prices, Solve, best_known, price, prices
from scheduler.advice.relaxing import Extra, Step, extras, steps_of
from scheduler.problem import Problem
from scheduler.roster import Roster
from scheduler.rules import Rule, check, laws_of
from scheduler.solve.engine import cost_of, solve
from scheduler.solve.options import Span
from scheduler.solve.solved import Solved

T0 = TeamId("s0t0")
NIGHTS = tuple(Span(day, *span(day, "22:00", "06:00")) for day in range(3))
NIGHT_POINTS = 16 * 30
"""Half hours of a night, each a statutory unit short."""


def week() -> Problem:
    """One team, needed on three nights, which may work two of them in a row."""
    needed = np.zeros((1, SLOTS), dtype=np.int64)
    for _, first, last in NIGHTS:
        needed[0, first // 30 : last // 30] = 1
    limits = Limits(nights_in_a_row=2, contract_week_min=0, shift_lengths_h=(8,))
    return with_starts(problem(teams=1, needed=needed, limits=limits), (1320,))


@pytest.fixture(scope="module", name="found")
def _found() -> Prices:
    """Two laws and one span, each solved again."""
    solver = partial(solve, rounds=2, seed=1)
    found = prices(
        week(), solver, lambda: False, lambda *_: None, spans=3, most=1,
        rules=("nights-in-a-row", "start-drift"),
    )  # fmt: skip
    assert found is not None
    return found


def of(found: Prices, rule: str) -> Price:
    """The price of a law."""
    return next(one for one in found.tried if isinstance(one.of, Step) and one.of.rule == rule)


def test_a_law_costs_what_its_next_step_saves(found: Prices) -> None:
    """A third night in a row: eight unit hours, a leader's day, less the overtime."""
    nights = of(found, "nights-in-a-row")
    saved = NIGHT_POINTS + week().costs.leader - 16 * week().costs.overtime
    assert nights.certain
    assert nights.low <= saved <= nights.high
    assert nights.low == pytest.approx(nights.high, abs=0.1)
    assert nights.hours == 8


def test_it_is_told_when_more_is_covered(found: Prices) -> None:
    """The parts of the day of one night, two hours before midnight and six after."""
    nights = of(found, "nights-in-a-row")
    assert sorted(part.hours for part in nights.where) == [2, 6]


def test_a_law_that_binds_nowhere_costs_nothing_for_sure(found: Prices) -> None:
    """All nights begin at the same time."""
    assert of(found, "start-drift").nothing


def test_one_more_unit_is_worth_the_night_that_nobody_works(found: Prices) -> None:
    """No more than the linear program says, and no less than the search."""
    [tried] = [one for one in found.tried if isinstance(one.of, Extra)]
    assert isinstance(tried.of, Extra)
    assert tried.low - 0.1 <= NIGHT_POINTS <= tried.of.points + 0.1
    assert tried.hours == 8


# --- without a search ------------------------------------------------------------------------


def given(*solved: Solved) -> Solve:
    """A solver that has these at once, one after another."""
    left = list(solved)
    return lambda _: left.pop(0)


def rostered(nights: int, slack: float = 0.0) -> Solved:
    """The first nights, and a bound so far below."""
    roster = bare(week(), {T0: NIGHTS[:nights]})
    cost = cost_of(week(), roster)
    return Solved(roster, cost, cost - slack, contract_least=0)


def test_a_search_that_finds_less_than_before_does_not_make_a_price_negative() -> None:
    """The roster of the law itself is lawful under the relaxed law."""
    [step] = steps_of(week(), ("nights-in-a-row",))
    known = best_known(week(), rostered(2), [])
    found = price(known, step, rostered(1, slack=800.0))
    assert (found.low, found.by_rosters) == (0, 0)
    assert not found.certain


def test_what_is_certain_is_between_cost_and_bound_of_both_searches() -> None:
    """A saving of one night, with bounds that are 30 and 20 points off."""
    [step] = steps_of(week(), ("nights-in-a-row",))
    known = best_known(week(), rostered(2, slack=30.0), [])
    found = price(known, step, rostered(3, slack=20.0))
    assert found.high - found.by_rosters == pytest.approx(20)
    assert found.by_rosters - found.low == pytest.approx(30)


def test_a_roster_found_under_a_relaxed_law_is_the_weeks_own_where_it_keeps_the_law() -> None:
    """And only there."""
    assert not check(week(), rostered(2).roster)
    assert check(week(), rostered(3).roster)
    known = best_known(week(), rostered(1), [rostered(2), rostered(3)])
    assert known.cost == rostered(2).cost


def test_a_bound_under_a_relaxed_law_holds_under_the_law() -> None:
    """Whoever may do more can do no worse."""
    known = best_known(week(), rostered(2, slack=500.0), [rostered(2, slack=60.0)])
    assert known.gap == pytest.approx(60)


def test_searches_that_were_ended_leave_the_rest_untried() -> None:
    """The search that was cut off is not told of."""
    calls = iter((False, False, True))
    solver = given(rostered(2), rostered(3), rostered(3))
    rules = ("nights-in-a-row", "start-drift", "days-in-a-row")
    found = prices(
        week(), solver, lambda: next(calls), lambda *_: None, spans=0, most=0, rules=rules
    )
    assert found is not None
    assert len(found.tried) == 1
    assert len(found.untried) == 2


def test_nothing_is_known_when_the_first_search_was_cut_off() -> None:
    """There is nothing to compare with."""
    assert prices(
        week(), given(rostered(2)), lambda: True, lambda *_: None, spans=0, most=0
    ) is None  # fmt: skip


def test_every_law_with_a_step_is_relaxed_by_it() -> None:
    """Less rest, more hours."""
    steps = {step.rule: step for step in steps_of(week())}
    assert (steps["rest-between-duties"].before, steps["rest-between-duties"].after) == (660, 600)
    assert (steps["days-in-a-row"].before, steps["days-in-a-row"].after) == (6, 7)
    assert "leave" not in steps


def test_spans_are_what_one_duty_can_fill_the_dearest_first() -> None:
    """A whole day at 2 points is cut into duties; none overlap, and no edge is worth nothing."""
    of_ = problem(teams=1, needed=1)
    rates = np.zeros((1, SLOTS))
    rates[0, 48:96] = 2.0
    rates[0, 200:204] = 9.0
    found = extras(of_, rates, 4)
    assert [(one.first, one.last) for one in found[:3]] == [(48, 68), (68, 88), (200, 204)]
    assert found[3].points == 16


def test_no_unit_is_worth_anything_where_none_is_needed() -> None:
    """Nor after the week."""
    of_ = problem(teams=1, needed=0)
    assert extras(of_, np.ones((1, SLOTS)), 3) == []
    tail = np.zeros((1, SLOTS))
    tail[0, 336:] = 5.0
    assert extras(problem(teams=1, needed=1), tail, 3) == []


def test_an_extra_unit_takes_the_dearest_need() -> None:
    """Of each half hour of its span, and of no other."""
    of_ = problem(teams=1, needed=3)
    after = Extra(of_.squadrons[0], 10, 12, 0.0).applied(of_)
    assert after.layers[0].units[0, 9:13].tolist() == [1, 0, 0, 1]
    assert after.needed[0, 9:13].tolist() == [3, 2, 2, 3]
    known = Known(of_, Roster(), cost_of(of_, Roster()), 0.0, None)
    assert known.cost - cost_of(after, Roster()) == 2 * of_.costs.statutory


@pytest.mark.parametrize(
    "law", [law for law in laws_of(week()) if law.limit], ids=lambda law: law.id
)
def test_a_law_relaxed_by_many_steps_stops_where_its_number_has_a_meaning(law: Rule) -> None:
    """No rest is negative, wherever it is advised."""
    limit = law.limit
    assert limit is not None
    assert limit.relaxed(100, 50) >= limit.smallest
