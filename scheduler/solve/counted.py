"""Counts (fixed duties, night checks, leaders) as rows that duties serve.

A duty can serve only one of two counts that compete: that overlap in time, or are roles of one
day. Rows over pairs and cliques of such counts say so without deciding who serves which.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from config.ids import TeamId
from scheduler.problem import DAYS, IntArray
from scheduler.solve.lines.compiled import compiled
from scheduler.solve.lines.problem import FloatArray
from scheduler.solve.options import BoolArray, Options
from scheduler.terms import Count


@dataclass(frozen=True, slots=True)
class Counted:
    """A row over Counts of which one duty can serve only one: all of them together."""

    members: tuple[int, ...]
    least: int


class Service:
    """Which option of which team serves which row."""

    def __init__(
        self, options: Options, counts: Sequence[Count], counted: Sequence[Counted]
    ) -> None:
        """Note which options contain which counts, and which teams are able on which days."""
        self.day = options.day
        inside = np.ones((options.count, len(counts)), dtype=bool)
        for n, count in enumerate(counts):
            if count.span is not None:
                inside[:, n] &= options.start_min <= count.span[0]
                inside[:, n] &= options.end_min >= count.span[1]
            if count.day is not None:
                inside[:, n] &= options.day == count.day
        self.inside = inside
        members = np.zeros((len(counts), len(counted)))
        for row, union in enumerate(counted):
            members[list(union.members), row] = 1
        self.members = csr_array(members)
        self.able: dict[TeamId, BoolArray] = {}
        for n, count in enumerate(counts):
            for team in count.teams:
                shape = DAYS, len(counts)
                self.able.setdefault(team, np.zeros(shape, dtype=bool))[:, n] = True
            for day, team in count.away:
                if team in count.teams:
                    self.able[team][day, n] = False

    def of(self, team: TeamId) -> csr_array:
        """What each option of a team serves, shape (options, rows), 0 or 1."""
        shape = len(self.day), self.members.shape[1]
        if team not in self.able:
            return csr_array(shape, dtype=np.float64)
        single = csr_array((self.inside & self.able[team][self.day]).astype(np.float64))
        served = csr_array(single @ self.members)
        served.sort_indices()
        served.data = np.minimum(served.data, 1.0)
        return served


def rows_of(counts: tuple[Count, ...]) -> tuple[Counted, ...]:
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
    if a.span is None or b.span is None:
        return a.span == b.span and a.day == b.day and bool(a.teams & b.teams)
    return a.span[0] < b.span[1] and b.span[0] < a.span[1] and bool(a.teams & b.teams)


class Lacking:
    """What counted rows lack, given how often each is served."""

    def __init__(
        self, counts: Sequence[Count], prices: FloatArray, counted: Sequence[Counted]
    ) -> None:
        """Sort rows: single counts first, then wider ones. prices: of each count, weighted."""
        self.least = np.array([row.least for row in counted], dtype=np.int64)
        self.cost = prices
        self.most = np.array([count.least for count in counts], dtype=np.int64)
        order = sorted(range(len(counted)), key=lambda row: len(counted[row].members))
        self.order = np.array(order, dtype=np.int64)
        self.members = [sorted(row.members, key=lambda n: float(self.cost[n])) for row in counted]
        in_rows: list[list[int]] = [[] for _ in counts]
        for row, own in enumerate(self.members):
            for n in own:
                in_rows[n].append(row)
        self._of_row, self._of_count = _flat(self.members), _flat(in_rows)
        single = [in_rows[n][0] for n in range(len(counts))]  # rows of single counts come first
        self.single = np.array(single, dtype=np.int64)

    def missing(self, served: IntArray) -> IntArray:
        """Least that each count lacks: alone, then what its unions still lack, the cheapest.

        Args:
            served: How often each row is served, shape (rows,).
        """
        missing = np.zeros(len(self.cost), dtype=np.int64)
        _missing(
            self.order, *self._of_row, *self._of_count, self.most, self.least - served, missing
        )
        return missing

    def total(self, served: IntArray) -> float:
        """What is lacking costs."""
        return float(self.missing(served) @ self.cost) if len(self.cost) else 0.0

    def alone(self, costs: FloatArray) -> FloatArray:
        """Something of each count, put in the row of that count alone, shape (rows,)."""
        found = np.zeros(len(self.least))
        found[self.single] = costs
        return found

    def worth(self, served: IntArray) -> FloatArray:
        """About what one more duty that serves a row is worth, shape (rows,).

        The widest rows first, so that a duty is not paid for competing counts it cannot do all.
        """
        worth = np.zeros(len(self.least))
        _worth(self.order, *self._of_row, self.cost, self.least > served, worth)
        return worth


def _flat(parts: Sequence[Sequence[int]]) -> tuple[IntArray, IntArray]:
    """Where each part begins, and all parts in a row."""
    begins = np.append(0, np.cumsum([len(part) for part in parts]))
    return begins.astype(np.int64), np.array([n for own in parts for n in own], dtype=np.int64)


@compiled
def _missing(
    order: IntArray, begins: IntArray, members: IntArray, row_begins: IntArray, in_rows: IntArray,
    most: IntArray, lack: IntArray, missing: IntArray,
) -> None:  # fmt: skip
    """Fill `missing`; `lack` is used up."""
    for row in order:
        for at in range(begins[row], begins[row + 1]):
            n = members[at]
            more = min(lack[row], most[n] - missing[n])
            if more > 0:
                missing[n] += more
                for place in range(row_begins[n], row_begins[n + 1]):
                    lack[in_rows[place]] -= more


@compiled
def _worth(
    order: IntArray, begins: IntArray, members: IntArray, cost: FloatArray, lacks: BoolArray,
    worth: FloatArray,
) -> None:  # fmt: skip
    """Fill `worth`, the widest rows first."""
    paid = np.zeros(len(cost), dtype=np.bool_)
    for place in range(len(order) - 1, -1, -1):
        row = order[place]
        good = lacks[row]
        for at in range(begins[row], begins[row + 1]):
            good = good and not paid[members[at]]
        if good:
            worth[row] = cost[members[begins[row + 1] - 1]]
            for at in range(begins[row], begins[row + 1]):
                paid[members[at]] = True
