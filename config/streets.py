"""Positions on streets: by which nodes each is left and reached, and how long that takes.

Whole milliseconds, rounded half to even, one position at a time or many at once: both give the
same numbers. Plain lists serve one position, since single numbers of an array are slow.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from config.roads import Roads, Spot, node_at

IntArray = NDArray[np.int64]
Mode = Literal["incident", "patrol"]

UNREACHABLE = 2**31 - 1
"""Time where there is no way; rows are int64, so adding to it cannot wrap round."""


class Streets:
    """The edges of a network with their times."""

    def __init__(self, roads: Roads) -> None:
        """Take the network; whoever stands on a street with a twin may leave either way."""
        self._tail, self._head = roads.tail.tolist(), roads.head.tolist()
        self._twin, self._length_m = roads.twin.tolist(), roads.length_m.tolist()
        arrays: dict[Mode, NDArray[np.int32]] = {
            "incident": roads.seconds_ms, "patrol": roads.patrol_ms,
        }  # fmt: skip
        self._ms = {mode: times.tolist() for mode, times in arrays.items()}
        self._times = {mode: times.astype(np.int64) for mode, times in arrays.items()}
        self._roads = roads

    def on_edge(self, spot: Spot | int) -> tuple[int, float] | None:
        """Edge of a position and how far along it is, 0 to 1; None at a node."""
        if not isinstance(spot, Spot) or spot.edge is None:
            return None
        share = spot.along_m / self._length_m[spot.edge]
        return spot.edge, min(1.0, max(0.0, share))

    def exits(self, spot: Spot | int, mode: Mode) -> list[tuple[int, int]]:
        """Nodes by which a position is left, with the time to them."""
        found = self.on_edge(spot)
        if found is None:
            return [(node_at(spot), 0)]
        (edge, share), times = found, self._ms[mode]
        there_ms, twin = times[edge], self._twin[edge]
        ahead = (self._head[edge], there_ms - round(share * there_ms))
        if twin < 0:
            return [ahead]
        back_ms = times[twin]
        return [ahead, (self._tail[edge], back_ms - round((1 - share) * back_ms))]

    def all_exits(self, spots: Sequence[Spot | int], mode: Mode) -> tuple[IntArray, IntArray]:
        """The exits of k positions: nodes and times to them, each shape (2, k).

        A position with one exit has it twice.
        """
        roads, times = self._roads, self._times[mode]
        places = [self.on_edge(spot) or (-1, 0.0) for spot in spots]
        edges = np.array([edge for edge, _ in places], dtype=np.int64)
        share = np.array([share for _, share in places])
        if not len(times):
            nodes = np.array([node_at(spot) for spot in spots], dtype=np.int64)
            return np.stack((nodes, nodes)), np.zeros((2, len(nodes)), np.int64)
        twins = roads.twin[edges]
        ahead_ms = times[edges] - np.rint(share * times[edges]).astype(np.int64)
        back_ms = times[twins] - np.rint((1 - share) * times[twins]).astype(np.int64)
        nodes = np.stack((roads.head[edges], roads.tail[edges])).astype(np.int64)
        outs = np.stack((ahead_ms, back_ms))
        nodes[1, twins < 0], outs[1, twins < 0] = nodes[0, twins < 0], outs[0, twins < 0]
        for at in np.flatnonzero(edges < 0).tolist():
            nodes[:, at], outs[:, at] = node_at(spots[at]), 0
        return nodes, outs

    def entries(self, spot: Spot | int, mode: Mode) -> list[tuple[int, int]]:
        """Nodes by which a position is reached, with the time from them."""
        found = self.on_edge(spot)
        if found is None:
            return [(node_at(spot), 0)]
        (edge, share), times = found, self._ms[mode]
        twin = self._twin[edge]
        entries = [(self._tail[edge], round(share * times[edge]))]
        if twin >= 0:
            entries.append((self._head[edge], round((1 - share) * times[twin])))
        return entries

    def within_ms(self, origin: Spot | int, target: Spot | int, mode: Mode) -> int:
        """Time between two positions of one street without leaving it, else `UNREACHABLE`."""
        at, to = self.on_edge(origin), self.on_edge(target)
        if at is None or to is None:
            return UNREACHABLE
        (edge, start), (other, goal), times = at, to, self._ms[mode]
        twin = self._twin[edge]
        if other not in (edge, twin):
            return UNREACHABLE
        goal = goal if other == edge else 1.0 - goal
        if goal >= start:
            return int(round(goal * times[edge]) - round(start * times[edge]))
        if twin < 0:
            return UNREACHABLE
        return int(round((1 - goal) * times[twin]) - round((1 - start) * times[twin]))

    def same(self, edge: int | None) -> tuple[int, ...]:
        """The edges of the street of an edge, in both directions; none for None."""
        return () if edge is None else (edge, *(twin for twin in (self._twin[edge],) if twin >= 0))
