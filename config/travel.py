"""Driving times: one motion model for dispatch, planning, simulation and judgement.

Times are whole milliseconds, so that the same district gives the same numbers on every machine.
Mode "incident" drives with lights and sirens, "patrol" to visits and home. On a road network a
time is the shortest path over directed edges; in a district of cells it is a straight line times
a detour factor. Rows (from or to one node) are made on demand and kept, the least used leave.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from config import settings
from config.roads import Roads, Spot, node_at
from config.streets import UNREACHABLE, Mode, Streets

if TYPE_CHECKING:  # half a second, that only who drives pays
    from scipy.sparse import csr_array

__all__ = ["UNREACHABLE", "Leg", "Mode", "Travel"]

IntArray = NDArray[np.int64]
MANY = 8
"""From so many positions on arrays are faster than one after the other."""
_KEPT_BYTES = 192 * 1024 * 1024  # all rows of 2,500 nodes and both modes; 1,400 rows of Manhattan


@dataclass(frozen=True, slots=True)
class _Graph:
    """One mode's network: arcs in csr order without parallels, forward and reversed."""

    ahead: "csr_array"
    back: "csr_array"
    edge_of: dict[tuple[int, int], int]
    """(from, to) → the fastest edge between them, the first of equals."""


class Leg(NamedTuple):
    """One stretch of a drive: a street (or a straight line, `edge` None) from tail to head.

    `share` of it, 0 to 1, lies behind where the leg begins; `ms` is the time of the rest.
    """

    edge: int | None
    tail: int
    head: int
    share: float
    ms: int


class Travel:
    """Driving times of a district."""

    def __init__(self, roads: Roads, model: settings.Travel | None = None) -> None:
        """Take the network and how it is driven; nothing is computed yet."""
        self.roads = roads
        self.model = model or settings.Travel()
        self.straight = self.model.model == "straight_line"
        self.fingerprint = _fingerprint(roads, self.model)
        self._graphs: dict[Mode, _Graph] = {}
        self._rows: OrderedDict[tuple[Mode, bool, int], IntArray] = OrderedDict()
        self._kept = max(64, _KEPT_BYTES // max(1, 8 * len(roads.node_ids)))

    def to_ms(self, node: int, mode: Mode = "incident") -> IntArray:
        """Time from every node to `node`, shape (n,), read-only; `UNREACHABLE` where no way."""
        return self._row(node, mode, ahead=False)

    def from_ms(self, node: int, mode: Mode = "incident") -> IntArray:
        """Time from `node` to every node, shape (n,), read-only; `UNREACHABLE` where no way."""
        return self._row(node, mode, ahead=True)

    def matrix_ms(self, origins: Sequence[int], targets: Sequence[int],
                  mode: Mode = "incident") -> IntArray:  # fmt: skip
        """Times between nodes, shape (origins, targets)."""
        picked = np.asarray(origins, dtype=np.int64)
        columns = [self.to_ms(target, mode)[picked] for target in targets]
        return np.stack(columns, axis=1) if columns else np.zeros((len(picked), 0), np.int64)

    def between_ms(self, a: Spot | int, b: Spot | int, mode: Mode = "incident") -> int:
        """Time from one position to another; a node is given by its index or as a `Spot`."""
        return self.from_all_ms((a,), b, mode)[0]

    def from_all_ms(self, origins: Sequence[Spot | int], target: Spot | int,
                    mode: Mode = "incident") -> list[int]:  # fmt: skip
        """Time from each of several positions to one."""
        streets = self._streets
        entries = [(self.to_ms(node, mode), more) for node, more in streets.entries(target, mode)]
        if len(origins) < MANY:
            found = [
                min(
                    int(row[node]) + out + more
                    for node, out in streets.exits(origin, mode) for row, more in entries
                )
                for origin in origins
            ]  # fmt: skip
        else:
            nodes, outs = streets.all_exits(origins, mode)
            ways = [(row[nodes] + outs + more).min(axis=0) for row, more in entries]
            found = np.minimum.reduce(ways).tolist()
        street = streets.same(target.edge) if isinstance(target, Spot) else ()
        for at, origin in enumerate(origins):
            if street and isinstance(origin, Spot) and origin.edge in street:
                found[at] = min(found[at], streets.within_ms(origin, target, mode))
        return [min(ms, UNREACHABLE) for ms in found]

    def path(self, a: int, b: int, mode: Mode = "incident") -> list[int]:
        """Edges of a fastest way from node to node.

        Empty when a is b, where there is no way, and where travel is a straight line.
        """
        if self.straight or a == b or self.from_ms(a, mode)[b] >= UNREACHABLE:
            return []
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

        graph = self._graph(mode)
        before = dijkstra(graph.ahead, indices=[a], return_predecessors=True)[1][0]
        nodes = [b]
        while nodes[-1] != a:
            nodes.append(int(before[nodes[-1]]))
        nodes.reverse()
        return [graph.edge_of[pair] for pair in pairwise(nodes)]

    def legs(self, start: Spot | int, target: int, mode: Mode = "incident") -> Iterator[Leg]:
        """The stretches of a fastest way to a node; their times add up to `between_ms`.

        A start on a street may be left backwards where the street has a twin. Nothing comes when
        start is target, and where there is no way. A straight line is one leg.
        """
        if self.straight:
            origin = node_at(start)
            if origin != target:
                yield Leg(None, origin, target, 0.0, int(self.from_ms(origin)[target]))
            return
        row, found = self.to_ms(target, mode), self._streets.on_edge(start)
        node = node_at(start) if found is None else -1
        if found is not None:
            exits = self._streets.exits(start, mode)
            node, out_ms = min(exits, key=lambda way: int(row[way[0]]) + way[1])
            if row[node] >= UNREACHABLE:
                return
            edge, share = found
            ahead = node == int(self.roads.head[edge]) and out_ms == exits[0][1]
            driven = edge if ahead else int(self.roads.twin[edge])
            tail = self.roads.tail[driven]
            yield Leg(driven, int(tail), node, share if ahead else 1.0 - share, out_ms)
        times = self.edge_ms(mode)
        for edge in self.path(node, target, mode):
            ends = int(self.roads.tail[edge]), int(self.roads.head[edge])
            yield Leg(edge, *ends, 0.0, int(times[edge]))

    def straight_ms(self, metres: float) -> int:
        """Time of a straight line in a district of cells: metres × detour factor ÷ speed."""
        return int(self._drive_ms(np.array([metres]))[0])

    def edge_ms(self, mode: Mode = "incident") -> NDArray[np.int32]:
        """Time of each edge, shape (m,)."""
        return self.roads.seconds_ms if mode == "incident" else self.roads.patrol_ms

    def _row(self, node: int, mode: Mode, *, ahead: bool) -> IntArray:
        key = (mode, ahead, int(node))
        row = self._rows.get(key)
        if row is not None:
            self._rows.move_to_end(key)
            return row
        row = self._straight_row(node) if self.straight else self._network_row(node, mode, ahead)
        row.setflags(write=False)
        self._rows[key] = row
        if len(self._rows) > self._kept:
            self._rows.popitem(last=False)
        return row

    def _straight_row(self, node: int) -> IntArray:
        x_m, y_m = self.roads.x_m, self.roads.y_m
        metres = np.hypot(x_m - x_m[node], y_m - y_m[node])
        return self._drive_ms(metres)

    def _drive_ms(self, metres: NDArray[np.float64]) -> IntArray:
        """Time of straight lines: metres × detour factor ÷ speed, rounded to whole ms."""
        ms = metres * self.model.factor * 3600.0 / self.model.speed_kmh
        return np.minimum(np.rint(ms), UNREACHABLE).astype(np.int64)

    def _network_row(self, node: int, mode: Mode, ahead: bool) -> IntArray:  # noqa: FBT001 - private
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

        graph = self._graph(mode)
        times = dijkstra(graph.ahead if ahead else graph.back, indices=[node])[0]
        return np.where(np.isfinite(times), times, UNREACHABLE).astype(np.int64)

    def _graph(self, mode: Mode) -> _Graph:
        """The network as sparse arrays; sums of whole ms are exact in float64."""
        if mode not in self._graphs:
            from scipy.sparse import csr_array  # noqa: PLC0415

            roads, times = self.roads, self.edge_ms(mode)
            order = np.lexsort((np.arange(len(times)), times))[::-1]  # fastest, then first, last
            edge_of = {(int(roads.tail[edge]), int(roads.head[edge])): int(edge) for edge in order}
            kept = np.array(sorted(edge_of.values()), dtype=np.int64)
            n = len(roads.node_ids)
            arcs = (times[kept].astype(np.float64), (roads.tail[kept], roads.head[kept]))
            ahead = csr_array(arcs, shape=(n, n))
            self._graphs[mode] = _Graph(ahead, csr_array(ahead.T), edge_of)
        return self._graphs[mode]

    @cached_property
    def _streets(self) -> Streets:
        return Streets(self.roads)


def _fingerprint(roads: Roads, model: settings.Travel) -> str:
    """SHA-256 over everything that a time depends on."""
    digest = hashlib.sha256(model.model_dump_json().encode())
    if model.model == "straight_line":
        arrays: tuple[NDArray[np.generic], ...] = (roads.x_m, roads.y_m)
    else:
        arrays = (roads.tail, roads.head, roads.seconds_ms, roads.patrol_ms, roads.length_m)
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
