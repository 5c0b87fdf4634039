"""What laws cost and what more units are worth: each by solving the week again with it.

A search ends with a roster and with a bound, and the best possible lies between. So a price has
two ends that are certain, whatever the searches missed: cost against bound, bound against cost.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from config.ids import SquadronId
from scheduler.advice.relaxing import Extra, Step, extras, steps_of
from scheduler.costing import CostChange
from scheduler.costing import cost_of as points_of
from scheduler.problem import IntArray, Problem
from scheduler.roster import Roster
from scheduler.rules import check, shortfalls
from scheduler.rules.coverage import missing_hours, on_duty
from scheduler.slots import SLOT_MIN, SLOTS, SLOTS_A_DAY, lasting
from scheduler.solve.engine import cost_of
from scheduler.solve.solved import Solved

Change = Step | Extra
Solve = Callable[[Problem], Solved]
Told = Callable[[int, int, Change | None], None]
NOTHING = 1.0
"""Points below which a price is none."""
PARTS_A_DAY = 4
PARTS = SLOTS_A_DAY // PARTS_A_DAY
"""Half hours of a part of the day."""


@dataclass(frozen=True, slots=True)
class Where:
    """A part of a day in which a squadron has more of its needs covered, in unit hours."""

    squadron: SquadronId
    span: tuple[int, int]
    hours: float


@dataclass(frozen=True, slots=True)
class Price:
    """What a change saves, in points of cover; half an hour of contract weighs 10,000 of them.

    low, high: The best possible with it costs less by no less and no more. by_rosters: By the best
    rosters found. by_bounds: By the bounds. hours: Unit hours more that are covered. change: Of
    the cost by tier and rule. where: Where most is covered.
    """

    of: Change
    low: float
    high: float
    by_rosters: float
    by_bounds: float
    hours: float
    change: CostChange
    where: tuple[Where, ...] = ()

    @property
    def certain(self) -> bool:
        """Whether it saves something for sure."""
        return self.low >= NOTHING

    @property
    def nothing(self) -> bool:
        """Whether it saves nothing for sure."""
        return self.high < NOTHING


@dataclass(frozen=True, slots=True)
class Known:
    """A week as it is: the best roster that any search found for it, and the best bound."""

    problem: Problem
    roster: Roster
    cost: float
    bound: float
    contract_least: int | None

    @property
    def gap(self) -> float:
        """How far from the best it may be, in points."""
        return self.cost - self.bound


@dataclass(frozen=True, slots=True)
class Prices:
    """All that is known. spans: Where one more unit is worth most, by the linear program.

    untried: What was to be tried when the searches were ended.
    """

    known: Known
    spans: tuple[Extra, ...]
    tried: tuple[Price, ...]
    untried: tuple[Change, ...] = ()


def prices(
    problem: Problem, solve: Solve, stopped: Callable[[], bool], told: Told, *,
    spans: int, most: int, rules: Collection[str] = (),
) -> Prices | None:  # fmt: skip
    """Solve the week as it is, then with each change; None where it was stopped before the end of
    the first search.

    Args:
        problem: The week.
        solve: Solves a week; always for as long, from the same seed.
        stopped: Whether to end with what is known.
        told: Told before each search: its number, how many there are (before the first: at most),
            and the change.
        spans: How many spans are wanted where one more unit is worth most.
        most: How many of them are tried, the dearest.
        rules: Laws that are tried; empty: all.
    """  # noqa: D205 - one sentence
    laws = steps_of(problem, rules)
    told(1, 1 + most + len(laws), None)
    base = solve(problem)
    if stopped():
        return None
    where = extras(problem, base.prices, spans) if base.prices is not None else []
    changes: list[Change] = [*where[:most], *laws]
    found: list[Solved] = []
    for number, change in enumerate(changes, start=2):
        told(number, 1 + len(changes), change)
        solved = solve(change.applied(problem))
        if stopped():
            break
        found.append(solved)
    known = best_known(problem, base, [
        solved for change, solved in zip(changes, found, strict=False) if isinstance(change, Step)
    ])  # fmt: skip
    tried = tuple(
        price(known, change, solved) for change, solved in zip(changes, found, strict=False)
    )
    return Prices(known, tuple(where), tried, tuple(changes[len(found) :]))


def best_known(problem: Problem, base: Solved, relaxed: Sequence[Solved]) -> Known:
    """The week as it is, by all searches.

    What no roster goes below under a relaxed law, none does under the law; and a roster that was
    found under a relaxed law may keep the law itself.
    """
    known = Known(
        problem, base.roster, base.cost, max([base.bound, *(one.bound for one in relaxed)]),
        base.contract_least,
    )  # fmt: skip
    for one in relaxed:
        if one.cost < known.cost and not check(problem, one.roster):
            known = replace(known, roster=one.roster, cost=one.cost)
    return known


def price(known: Known, change: Change, solved: Solved) -> Price:
    """What a change saves, from a search with it.

    Args:
        known: The week as it is.
        change: What was changed.
        solved: The best that was found with it.
    """
    week = change.applied(known.problem)
    roster, cost = solved.roster, solved.cost
    as_it_was = cost_of(week, known.roster)  # lawful with it, too
    if as_it_was <= cost:
        roster, cost = known.roster, as_it_was
    bound = min(solved.bound, cost)
    low, high = known.bound - cost, known.cost - bound
    if isinstance(change, Step):
        low, high = max(0.0, low), max(0.0, high)
    before, after = points_of(known.problem, known.roster), points_of(week, roster)
    hours = missing_hours(shortfalls(known.problem, known.roster))
    return Price(
        change, low, high, known.cost - cost, known.bound - bound,
        hours - missing_hours(shortfalls(week, roster)),
        {key: after[key] - before[key] for key in sorted({*before, *after})
         if after[key] != before[key]},
        tuple(_where(known.problem, known.roster, week, roster)),
    )  # fmt: skip


def _where(problem: Problem, before: Roster, week: Problem, after: Roster) -> Iterator[Where]:
    """Parts of days in which more is covered, those with most first."""
    gained = _short(problem, before) - _short(week, after)
    parts = gained.reshape(len(problem.squadrons), -1, PARTS).sum(axis=2)
    edges = list(pairwise([*problem.slot_min[: SLOTS + 1 : PARTS]]))
    for flat in np.argsort(-parts, axis=None, kind="stable").tolist():
        row, part = divmod(flat, parts.shape[1])
        if parts[row, part] <= 0:
            return
        hours = float(parts[row, part]) * SLOT_MIN / 60
        yield Where(problem.squadrons[row], edges[part], hours)


def _short(problem: Problem, roster: Roster) -> IntArray:
    """Units missing in each half hour of the week, shape (squadrons, slots)."""
    lacking = problem.needed - on_duty(problem, roster)
    short: IntArray = np.where(lasting(problem.slot_min), np.maximum(lacking, 0), 0)
    return short[:, :SLOTS]
