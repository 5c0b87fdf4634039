"""Counts (fixed duties, night checks, leaders) as rows that duties serve.

A duty can serve only one of two counts that compete: that overlap in time, or are roles of one
day. Rows over pairs and cliques of such counts say so without deciding who serves which.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from config.ids import TeamId
from scheduler.problem import IntArray
from scheduler.slots import DAYS
from scheduler.solve.lines.problem import FloatArray
from scheduler.solve.lines.shared import share, shared_of, worth_of
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
        self._served: dict[bytes, csr_array] = {}
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
        able = self.able[team]
        if able.tobytes() not in self._served:
            single = csr_array((self.inside & able[self.day]).astype(np.float64))
            served = csr_array(single @ self.members)
            served.sort_indices()
            served.data = np.minimum(served.data, 1.0)
            self._served[able.tobytes()] = served
        return self._served[able.tobytes()]


def rows_of(counts: tuple[Count, ...]) -> tuple[Counted, ...]:
    """Single counts, pairs and cliques of counts that compete for one duty.

    Two compete if their times overlap, or both have none and are of one day, and some team may
    serve either.
    """
    members: dict[tuple[int, ...], None] = {(n,): None for n in range(len(counts))}
    spans = np.array([count.span or (-1, -1) for count in counts]).reshape(-1, 2)
    days = np.array([-1 if count.day is None else count.day for count in counts])
    for n, count in enumerate(counts):
        if count.span is None:
            near = (spans[:, 0] < 0) & (days == days[n])
        else:
            near = (spans[:, 0] < count.span[1]) & (count.span[0] < spans[:, 1])
        rivals = [k for k in np.flatnonzero(near).tolist()
                  if k != n and count.teams & counts[k].teams]  # fmt: skip
        members |= {tuple(sorted((n, k))): None for k in rivals}
        if count.span is not None:
            start = count.span[0]
            at_once = [k for k in rivals if _at(counts[k], start)]
            members[tuple(sorted({n, *at_once}))] = None
    return tuple(Counted(key, sum(counts[n].least for n in key)) for key in members)


def _at(count: Count, minute: int) -> bool:
    return count.span is not None and count.span[0] <= minute < count.span[1]


class Lacking:
    """What counted rows lack, given how often each is served."""

    def __init__(
        self, counts: Sequence[Count], prices: FloatArray, counted: Sequence[Counted]
    ) -> None:
        """Lay out the rows. prices: of each count, weighted."""
        self.least = np.array([row.least for row in counted], dtype=np.int64)
        self.cost = prices
        self.most = np.array([count.least for count in counts], dtype=np.int64)
        rows = [row.members for row in counted]
        self.shared = shared_of(self.least, self.most, prices, rows)
        self.members = [sorted(row, key=lambda n: float(prices[n])) for row in rows]
        single = {row[0]: number for number, row in enumerate(rows) if len(row) == 1}
        self.single = np.array([single[n] for n in range(len(counts))], dtype=np.int64)

    def missing(self, served: IntArray) -> IntArray:
        """Least that each count lacks: alone, then what its unions still lack, the cheapest.

        Args:
            served: How often each row is served, shape (rows,).
        """
        missing = np.zeros(len(self.cost), dtype=np.int64)
        self._share(served, missing)
        return missing

    def total(self, served: IntArray) -> float:
        """What is lacking costs."""
        return self._share(served, np.zeros_like(self.most))

    def _share(self, served: IntArray, missing: IntArray) -> float:
        """Fill what is missing; its cost."""
        lack = np.zeros_like(self.least)
        clusters = range(self.shared.clusters)
        return float(sum(share(self.shared, one, served, lack, missing) for one in clusters))

    def alone(self, costs: FloatArray) -> FloatArray:
        """Something of each count, put in the row of that count alone, shape (rows,)."""
        found = np.zeros(len(self.least))
        found[self.single] = costs
        return found

    def worth(self, served: IntArray) -> FloatArray:
        """About what one more duty that serves a row is worth, shape (rows,).

        The widest rows first, so that a duty is not paid for competing counts it cannot do all.
        """
        found = np.zeros(len(self.least))
        worth_of(self.shared, self.least > served, found)
        return found
