"""A week's problem as the engines see it: options, lines by class, and what they are to cover.

Made from terms only: no rule is known here. A class is a set of teams with equal lines (same
squadron, days there, carried state, wishes, ability for tasks); a column is a whole lawful week
of a class. Costs of all tiers are added up with weights: a half hour of contract is worth more
than any line can gain in cover; all wishes together less than one point of cover.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from config.ids import TeamId
from scheduler.problem import SLOT_MIN, IntArray, Problem
from scheduler.rules import Tier, rules_of
from scheduler.solve.counted import Counted, Lacking, Service, rows_of
from scheduler.solve.hop import FloatArray
from scheduler.solve.law import Law, Line, line_of
from scheduler.solve.options import Options, options_of
from scheduler.solve.pricing import Pricer
from scheduler.terms import AtOnce, Count, Cover, Term

CONTRACT_WEIGHT = 10_000.0
"""Price of half an hour short of a contract, in points of cover; a line gains far less by it."""
WISH_WEIGHT = 1.0 / 4096
"""Price of a point of wishes, in points of cover: exact in binary, small enough for a brigade."""
WEIGHT = {Tier.CONTRACT: CONTRACT_WEIGHT, Tier.COVER: 1.0, Tier.WISH: WISH_WEIGHT}


@dataclass(frozen=True, slots=True)
class Group:
    """A class of interchangeable teams. `counts`: (options, counted rows) that it serves."""

    squadron: int
    line: Line
    teams: tuple[TeamId, ...]
    counts: csr_array
    wishes: FloatArray


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
    counted: tuple[Counted, ...]
    pricers: tuple[Pricer, ...] = field(default=())
    own: tuple[IntArray, ...] = ()
    """Of each squadron: which groups are its."""
    lacking: Lacking = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the pricing of each squadron."""
        self.lacking = Lacking(self.counts, self.counted)
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
            cost += WEIGHT[Tier(tier)] * (
                short * np.maximum(below, 0) + over * np.maximum(above, 0)
            )
        return cost

    def own_cost(self, group: int, week: Sequence[int]) -> float:
        """Weighted cost of a column in itself: hours and wishes."""
        taken = np.array(week, dtype=np.int64)
        minutes = self.options.minutes[taken].sum() if len(taken) else np.int64(0)
        wishes = float(self.groups[group].wishes[taken].sum())
        return float(self.hours_cost(group, np.array(minutes))) + wishes

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
            worth - self.groups[n].wishes + (self.groups[n].counts @ rows if len(rows) else 0.0)
            for n in groups
        ]
        return np.array(found).reshape(-1, options.count)


def model_of(problem: Problem, more: tuple[tuple[int, int, int], ...] = ()) -> Model:
    """The model of a problem.

    Args:
        problem: The week.
        more: Further spans (day, start_min, end_min) that a duty may have.
    """
    terms = [(rule.tier, term) for rule in rules_of(problem) for term in rule.terms(problem)]
    options = options_of(problem, more)
    law = Law.of(term for tier, term in terms if tier is Tier.LAW)
    counts = tuple(term for _, term in terms if isinstance(term, Count))
    counted = rows_of(counts)
    groups = _groups(problem, options, law, terms, counts, counted)
    return Model(problem, options, law, groups, _slots(problem, terms), counts, counted)


def _slots(problem: Problem, terms: Sequence[tuple[Tier, Term]]) -> Slots:
    """Points and costs of the convex cost per slot."""
    shape = (len(problem.squadrons), problem.slots)
    real = (np.diff(np.array(problem.slot_min)) > 0).astype(np.int64)
    most = np.zeros(shape, dtype=np.int64)
    for row, squadron in enumerate(problem.squadrons):
        most[row] = sum(1 for of in problem.teams.values() if of == squadron)
    steps: list[tuple[IntArray, int]] = []
    carried, over = np.zeros(shape, dtype=np.int64), 0
    for _, term in terms:
        match term:
            case AtOnce(limit):
                most = np.minimum(most, limit)
            case Cover(of, above, still):
                steps, carried, over = [*of], still, above
            case _:
                pass
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
    problem: Problem, options: Options, law: Law, terms: Sequence[tuple[Tier, Term]],
    counts: tuple[Count, ...], counted: tuple[Counted, ...],
) -> tuple[Group, ...]:  # fmt: skip
    """Teams by equal lines and equal service."""
    by_team: dict[TeamId, list[tuple[int, Term]]] = {team: [] for team in problem.teams}
    for tier, term in terms:
        team = getattr(term, "team", None)
        if team in by_team:
            by_team[team].append((int(tier), term))
    service = Service(options, counts, counted)
    found: dict[tuple[object, ...], list[tuple[TeamId, Line, csr_array]]] = {}
    for team in problem.teams:
        line = line_of(problem, law, options, team, by_team[team])
        serves = service.of(team)
        key = (*line.key(), serves.indices.tobytes(), serves.indptr.tobytes())
        found.setdefault(key, []).append((team, line, serves))
    return tuple(
        Group(
            problem.squadrons.index(same[0][1].squadron), same[0][1],
            tuple(team for team, _, _ in same), same[0][2],
            np.asarray(same[0][1].cost * WISH_WEIGHT, dtype=np.float64),
        )
        for same in found.values()
    )  # fmt: skip
