"""A week's problem as the engines see it: options, lines by class, and what they are to cover.

Made from terms only: no rule is known here. A class is a set of teams with equal lines (same
squadron, days there, carried state, wishes, ability for tasks); a column is a whole lawful week
of a class. Costs of all tiers are added up with the weights of `weights.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

import numpy as np
from scipy.sparse import csr_array

from config.ids import TeamId
from scheduler.problem import SLOT_MIN, IntArray, Problem
from scheduler.rules import Rule, Tier, rules_of
from scheduler.solve.counted import Counted, Lacking, Service, rows_of
from scheduler.solve.hop import FloatArray
from scheduler.solve.law import Law, Line, line_of
from scheduler.solve.options import Options, options_of
from scheduler.solve.pricing import SEEN_DATES, Pricer
from scheduler.solve.stated import Stated, stated
from scheduler.solve.weights import weighted
from scheduler.terms import AtOnce, Count, Cover, Dislike, Forbid, Prefer


@dataclass(frozen=True, slots=True)
class Group:
    """A class of interchangeable teams. `counts`: (options, counted rows) that it serves."""

    squadron: int
    line: Line
    teams: tuple[TeamId, ...]
    counts: csr_array


@dataclass(frozen=True, slots=True)
class Slots:
    """Cost of new units on duty, convex, shape (squadrons, slots) and a first axis of points.

    at: Numbers of units at which the price changes, rising, the last is the most there may be.
    cost: Cost at these points. gain: Price of a unit more below each point, shape (points, …).
    """

    at: IntArray
    cost: FloatArray

    def total(self, units: IntArray) -> float:
        """Cost of so many new units; infinite where there are too many."""
        return float(self.of(units).sum())

    def of(self, units: IntArray) -> FloatArray:
        """Cost of each slot."""
        found = np.full(units.shape, np.inf)
        for n in range(len(self.at) - 1):
            low, high = self.at[n], self.at[n + 1]
            inside = (units >= low) & (units <= high)
            width = np.maximum(high - low, 1)
            slope = (self.cost[n + 1] - self.cost[n]) / width
            found = np.where(inside, self.cost[n] + slope * (units - low), found)
        return found

    def bound(self, prices: FloatArray) -> float:
        """Least of cost + price × units, over all numbers of units that the rewards pay for."""
        return float((self.cost + prices * self.at).min(axis=0).sum())

    def gains(self, units: IntArray, without: IntArray, squadron: int) -> FloatArray:
        """What one unit more would save in each slot of a squadron, shape (slots,).

        Minus infinity where none may come.

        Args:
            units: New units on duty, shape (squadrons, slots).
            without: Units to be left out of these, shape (slots,).
            squadron: Whose slots.
        """
        own = Slots(self.at[:, squadron], self.cost[:, squadron])
        there = units[squadron] - without
        before, after = own.of(there), own.of(there + 1)
        room = np.isfinite(after)
        return np.where(room, before - np.where(room, after, 0.0), -np.inf)


@dataclass(slots=True)
class Model:
    """What the engines work on."""

    problem: Problem
    options: Options
    law: Law
    groups: tuple[Group, ...]
    slots: Slots
    counts: tuple[Count, ...]
    count_prices: FloatArray
    """Of each count: price of a duty that is missing, weighted."""
    counted: tuple[Counted, ...]
    pricers: tuple[Pricer, ...] = field(default=())
    own: tuple[IntArray, ...] = ()
    """Of each squadron: which groups are its."""
    lacking: Lacking = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the pricing of each squadron."""
        self.lacking = Lacking(self.counts, self.count_prices, self.counted)
        self.own = tuple(
            np.array([n for n, g in enumerate(self.groups) if g.squadron == row], dtype=np.int64)
            for row in range(len(self.problem.squadrons))
        )
        self.pricers = tuple(
            Pricer(self.law, self.options, [self.groups[n].line for n in own]) for own in self.own
        )

    def terminal(self, group: int) -> FloatArray:
        """Worth (below 0) of each number of minutes, shape (levels,)."""
        pricer = self.pricers[self.groups[group].squadron]
        minutes = np.arange(pricer.levels) * pricer.step
        return -self.hours_cost(group, minutes)

    def hours_cost(self, group: int, minutes: IntArray) -> FloatArray:
        """Weighted cost of minutes worked in the week."""
        cost = np.zeros(np.shape(minutes))
        for tier, wanted, short, over in self.groups[group].line.prices:
            below = -((minutes - wanted) // SLOT_MIN)
            above = -((wanted - minutes) // SLOT_MIN)
            cost += weighted(tier, short) * np.maximum(below, 0)
            cost += weighted(tier, over) * np.maximum(above, 0)
        return cost

    def own_cost(self, group: int, week: Sequence[int]) -> float:
        """Weighted cost of a column in itself: hours, and what its duties cost."""
        taken = np.array(week, dtype=np.int64)
        minutes = self.options.minutes[taken].sum() if len(taken) else np.int64(0)
        duties = float(self.groups[group].line.cost[taken].sum())
        return float(self.hours_cost(group, np.array(minutes))) + duties

    def units_of(self, week: Sequence[int]) -> IntArray:
        """Slots that a week's duties cover, shape (slots,)."""
        units = np.zeros(self.problem.slots, dtype=np.int64)
        for option in week:
            units[self.options.first[option] : self.options.last[option]] += 1
        return units

    def served(self, group: int, week: Sequence[int]) -> IntArray:
        """Counted rows that a week's duties serve, shape (rows,)."""
        if not self.counted:
            return np.zeros(0, dtype=np.int64)
        taken = self.groups[group].counts[np.array(week, dtype=np.int64)]
        return np.asarray(taken.sum(axis=0)).ravel().astype(np.int64)

    def rewards(self, groups: Iterable[int], prices: FloatArray, rows: FloatArray) -> FloatArray:
        """Worth of each option, shape (groups, options).

        Args:
            groups: Whose; all of one squadron.
            prices: Worth of a unit in each slot of that squadron, shape (slots,).
            rows: Worth of serving each counted row, shape (rows,).
        """
        options = self.options
        blocked = np.concatenate([[0], np.cumsum(np.isneginf(prices))])
        summed = np.concatenate([[0.0], np.cumsum(np.where(np.isneginf(prices), 0.0, prices))])
        worth = summed[options.last] - summed[options.first]
        worth[blocked[options.last] > blocked[options.first]] = -np.inf
        found = [
            worth - self.groups[n].line.cost + (self.groups[n].counts @ rows if len(rows) else 0.0)
            for n in groups
        ]
        return np.array(found).reshape(-1, options.count)


def model_of(
    problem: Problem, more: tuple[tuple[int, int, int], ...] = (),
    rules: Sequence[Rule] | None = None,
) -> Model:  # fmt: skip
    """The model of a problem.

    Args:
        problem: The week.
        more: Further spans (day, start_min, end_min) that a duty may have.
        rules: In place of the problem's own.

    Raises:
        Misstated: A rule asks for what this engine does not keep.
    """
    asked = stated(problem, rules_of(problem) if rules is None else rules)
    options = options_of(problem, more)
    asked.refuse_gaps_beyond(options.least_gap_min(SEEN_DATES + 1))
    law = Law.of(term for _, term in asked.laws)
    counts = [(tier, term) for tier, term in asked.costs if isinstance(term, Count)]
    terms = tuple(term for _, term in counts)
    prices = np.array([weighted(tier, term.cost) for tier, term in counts], dtype=np.float64)
    counted = rows_of(terms)
    groups = _groups(problem, options, law, asked, Service(options, terms, counted))
    return Model(problem, options, law, groups, _slots(problem, asked), terms, prices, counted)


def _slots(problem: Problem, asked: Stated) -> Slots:
    """Points and costs of the convex cost per slot."""
    shape = (len(problem.squadrons), problem.slots)
    real = (np.diff(np.array(problem.slot_min)) > 0).astype(np.int64)
    most = np.zeros(shape, dtype=np.int64)
    for row, squadron in enumerate(problem.squadrons):
        most[row] = sum(1 for of in problem.teams.values() if of == squadron)
    for _, law in asked.laws:
        if isinstance(law, AtOnce):
            most = np.minimum(most, law.most)
    steps: list[tuple[IntArray, float]] = []
    carried, over = np.zeros(shape, dtype=np.int64), 0.0
    for tier, term in asked.costs:
        if isinstance(term, Cover):  # there is one at most
            steps = [(units, weighted(tier, price)) for units, price in term.steps]
            carried, over = term.carried, weighted(tier, term.over)
    most = np.maximum(most - carried, 0)
    at = [np.zeros(shape, dtype=np.int64)]
    at += [np.clip(units - carried, 0, most) for units, _ in steps]
    at.append(most)

    def cost(units: IntArray) -> FloatArray:
        total, below = np.zeros(shape), np.zeros(shape, dtype=np.int64)
        for needed, price in steps:
            total += price * np.maximum(needed - np.maximum(units, below), 0)
            below = needed
        return np.asarray((total + over * np.maximum(units - below, 0)) * real)

    return Slots(np.stack(at), np.stack([cost(units + carried) for units in at]))


def _groups(
    problem: Problem, options: Options, law: Law, asked: Stated, service: Service
) -> tuple[Group, ...]:
    """Teams by equal lines and equal service."""
    forbids: dict[TeamId, list[Forbid]] = {team: [] for team in problem.teams}
    costs: dict[TeamId, list[tuple[Tier, Prefer | Dislike]]] = {team: [] for team in problem.teams}
    for _, law_term in asked.laws:
        if isinstance(law_term, Forbid):
            forbids[law_term.team].append(law_term)
    for tier, term in asked.costs:
        match term:
            case Prefer() | Dislike():
                costs[term.team].append((tier, term))
            case Cover() | Count():
                pass  # of all teams together
            case _:
                assert_never(term)
    found: dict[tuple[object, ...], list[tuple[TeamId, Line, csr_array]]] = {}
    for team in problem.teams:
        line = line_of(problem, law, options, team, forbids[team], costs[team])
        serves = service.of(team)
        key = (*line.key(), serves.indices.tobytes(), serves.indptr.tobytes())
        found.setdefault(key, []).append((team, line, serves))
    return tuple(
        Group(
            problem.squadrons.index(same[0][1].squadron), same[0][1],
            tuple(team for team, _, _ in same), same[0][2],
        )
        for same in found.values()
    )  # fmt: skip
