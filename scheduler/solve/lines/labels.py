"""Lines that keep counters too large for the table: labels, led by the table's values.

The table says from every state what the rest costs at least; so only labels near the best are
made. Where there are too many the cheapest go on, and what the others could have come to is part
of the bound.
"""

from dataclasses import dataclass

import numpy as np

from scheduler.solve.lines import kernel
from scheduler.solve.lines.problem import FloatArray, IntArray

ROOM = 400_000
"""Labels of one search."""
WIDTH = 6_000
"""Labels of a layer that go on."""
STEPS = (1.0, 8.0, 64.0, 1e3, 1e7, 1e200)
"""How far above the least value is looked, one after the other."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Counters that labels keep. adds: of each tally, shape (tallies, watched). most: of each."""

    adds: IntArray
    most: IntArray


class Labels:
    """Room for the labels of one thread."""

    def __init__(self) -> None:
        """Nothing yet; the room is made when it is needed first."""
        self.places = np.zeros((0, 4), dtype=np.int64)
        self.costs = np.zeros(0)
        self.heads = np.zeros(0, dtype=np.int64)

    def best(self, walk: tuple, watch: Watch, layer: int, many: int  # type: ignore[type-arg]
             ) -> tuple[float, list[IntArray]]:  # fmt: skip
        """A bound on all lines, and the arcs of the best ones, best first.

        Args:
            walk: What the kernel's functions share.
            watch: What is to be kept.
            layer: Most places of a layer.
            many: Most lines.
        """
        if not len(self.costs):
            self.places = np.empty((ROOM, 4), dtype=np.int64)
            self.costs = np.empty(ROOM)
        if len(self.heads) < layer:
            self.heads = np.full(layer, -1, dtype=np.int64)
        base, table = walk[3], walk[9]
        least, counts = float(table[0]), np.empty((ROOM + 1, len(watch.most)), dtype=np.int64)
        bound = least
        for step in STEPS:
            lost, last = self._run(walk, watch, least + step, counts)
            if last[1] > last[0]:
                order = last[0] + np.argsort(self._ends(base, table, last), kind="stable")
                cost = float(self._ends(base, table, last).min())
                return min(cost, max(bound, lost)), [
                    self._path(int(n), len(base) - 1) for n in order[:many]
                ]
            bound = max(bound, min(lost, least + step))
            if lost < least + step:  # it will not be better with more of them
                continue
        return bound, []

    def _ends(self, base: IntArray, table: FloatArray, last: tuple[int, int]) -> FloatArray:
        own = slice(*last)
        ends: FloatArray = self.costs[own] + table[base[-1] + self.places[own, 0]]
        return ends

    def _run(self, walk: tuple, watch: Watch, limit: float, counts: IntArray  # type: ignore[type-arg]
             ) -> tuple[float, tuple[int, int]]:  # fmt: skip
        """The least value of what was left out, and the labels of the last layer."""
        base, table = walk[3], walk[9]
        self.places[0] = (0, -1, -1, -1)
        self.costs[0], counts[0] = 0.0, 0
        low, high, lost = 0, 1, np.inf
        for day in range(len(base) - 1):
            end = kernel.widen(*walk, day, watch.adds, watch.most, limit, low, high, self.places,
                               self.costs, counts, self.heads)  # fmt: skip
            if end >= ROOM - 1:
                lost = min(lost, limit if day == 0 else float(table[0]))
            low, high = high, end
            if high - low > WIDTH:
                value = self.costs[low:high] + table[base[day + 1] + self.places[low:high, 0]]
                order = np.argsort(value, kind="stable")
                lost = min(lost, float(value[order[WIDTH]]))
                kept = low + order[:WIDTH]
                for part in (self.places, self.costs, counts):
                    part[low : low + WIDTH] = part[kept]
                high = low + WIDTH
        return lost, (low, high)

    def _path(self, label: int, days: int) -> IntArray:
        """Arcs that lead to a label of the last layer."""
        path = np.empty(days, dtype=np.int64)
        for day in range(days - 1, -1, -1):
            path[day] = self.places[label, 2]
            label = int(self.places[label, 1])
        return path
