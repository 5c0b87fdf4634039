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
from scheduler.solve.hop import FloatArray
from scheduler.solve.law import Law, Line, line_of
from scheduler.solve.options import BoolArray, Options, options_of
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
        """Least of cost − price × units, over all numbers of units."""
        return float((self.cost - prices * self.at).min(axis=0).sum())

    def gains(self, units: IntArray) -> FloatArray:
        """What one unit more would save in each slot; minus infinity where none may come."""
        before, after = self.of(units), self.of(units + 1)
        return np.where(np.isfinite(after), before - after, -np.inf)


@dataclass(frozen=True, slots=True)
class Counted:
    """A row over Counts of which one duty can serve only one: all of them together."""

    members: tuple[int, ...]
    least: int


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

    def __post_init__(self) -> None:
        """Prepare the pricing of each squadron."""
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

    def counts_cost(self, served: IntArray) -> float:
        """Least cost of what the counted rows lack.

        Rows of single counts first, then what their unions still lack at the cheapest member.
        """
        missing = np.zeros(len(self.counts), dtype=np.int64)
        for row, counted in sorted(enumerate(self.counted), key=lambda pair: len(pair[1].members)):
            lack = counted.least - int(served[row]) - int(missing[list(counted.members)].sum())
            for member in sorted(counted.members, key=lambda n: self.counts[n].cost):
                more = max(0, min(lack, self.counts[member].least - int(missing[member])))
                missing[member] += more
                lack -= more
        return float(sum(m * c.cost for m, c in zip(missing, self.counts, strict=True)))


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
    counted = _rows(counts)
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
        return (total + over * np.maximum(units - below, 0)) * real

    return Slots(np.stack(at), np.stack([cost(units + carried) for units in at]))


def _rows(counts: tuple[Count, ...]) -> tuple[Counted, ...]:
    """Single counts, pairs and cliques of counts that compete for one duty."""
    members: dict[tuple[int, ...], None] = {(n,): None for n in range(len(counts))}
    for n, count in enumerate(counts):
        rivals = [k for k, other in enumerate(counts) if k != n and _compete(count, other)]
        members |= {tuple(sorted((n, k))): None for k in rivals}
        if count.span is not None:
            start = count.span[0]
            at_once = [k for k in rivals if _at(counts[k], start)]
            members[tuple(sorted({n, *at_once}))] = None
    return tuple(Counted(key, sum(counts[n].least for n in key)) for key in members)


def _at(count: Count, minute: int) -> bool:
    return count.span is not None and count.span[0] <= minute < count.span[1]


def _compete(a: Count, b: Count) -> bool:
    """Whether one duty can serve only one of two counts."""
    if not a.teams & b.teams:
        return False
    if a.span is None or b.span is None:
        return a.span == b.span and a.day == b.day
    return a.span[0] < b.span[1] and b.span[0] < a.span[1]


def _serves(count: Count, options: Options, team: TeamId) -> BoolArray:
    """Whether each option of a team serves a count."""
    ok = np.full(options.count, team in count.teams)
    if count.span is not None:
        ok &= (options.start_min <= count.span[0]) & (options.end_min >= count.span[1])
    if count.day is not None:
        ok &= options.day == count.day
    away = [day for day, of in count.away if of == team]
    return ok & ~np.isin(options.day, away)


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
    found: dict[tuple[object, ...], list[tuple[TeamId, Line, csr_array]]] = {}
    for team in problem.teams:
        line = line_of(problem, law, options, team, by_team[team])
        single = [_serves(count, options, team) for count in counts]
        serves = np.zeros((options.count, len(counted)))
        for row, union in enumerate(counted):
            serves[:, row] = np.logical_or.reduce([single[n] for n in union.members])
        sparse = csr_array(serves)
        key = (*line.key(), sparse.indices.tobytes(), sparse.indptr.tobytes())
        found.setdefault(key, []).append((team, line, sparse))
    return tuple(
        Group(
            problem.squadrons.index(same[0][1].squadron), same[0][1],
            tuple(team for team, _, _ in same), same[0][2], same[0][1].cost * WISH_WEIGHT,
        )
        for same in found.values()
    )  # fmt: skip
