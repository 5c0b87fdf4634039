"""The road network as arrays: nodes, directed edges, and positions on them.

A position (`Spot`) is a place on an edge, so many metres behind its tail, or a node. Edges run
straight from node to node. The two directions of a street are two edges, each the other's twin;
whoever stands on a street with a twin may leave either way, on a one-way street only ahead.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from config.ids import EdgeId, NodeId
from config.tables import EdgeRow, NodeRow

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]

CLASS_RANK: Mapping[str, int] = {
    name: rank
    for rank, name in enumerate((
        "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link",
        "secondary", "secondary_link", "tertiary", "tertiary_link", "unclassified",
        "residential", "living_street", "road", "service",
    ))
}  # fmt: skip
"""OSM classes from the highest down: 0 is the motorway."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A position on the network: `along_m` behind the tail of `edge`, or at `node`.

    `off_m` says how far the asked position lay from it, and is no part of its identity.
    """

    edge: int | None = None
    along_m: float = 0.0
    node: int | None = None
    off_m: float = field(default=0.0, compare=False)


def node_at(spot: Spot | int) -> int:
    """Index of the node at which a position lies; ValueError when it lies on an edge."""
    node = spot.node if isinstance(spot, Spot) else int(spot)
    if node is None:
        msg = "the position is on an edge, or nowhere"
        raise ValueError(msg)
    return node


class _Finder:
    """Spatial indexes, made on first use."""

    def __init__(self, ends: tuple[FloatArray, FloatArray, IntArray, IntArray]) -> None:
        self.x_m, self.y_m, self.tail, self.head = ends

    @cached_property
    def nodes(self) -> "cKDTree":
        from scipy.spatial import cKDTree  # noqa: PLC0415 - only who snaps pays for it

        return cKDTree(np.column_stack((self.x_m, self.y_m)))

    @cached_property
    def edges(self) -> Any:  # noqa: ANN401 - shapely has no types
        import shapely  # noqa: PLC0415 - as above

        points = np.column_stack((self.x_m, self.y_m))
        return shapely.STRtree(
            shapely.linestrings(np.stack((points[self.tail], points[self.head]), 1))
        )


@dataclass(frozen=True, slots=True)
class Roads:
    """Nodes (n) and directed edges (m). Metres in the district's frame, degrees WGS-84.

    `seconds_ms` drives to incidents (lights), `patrol_ms` on patrol and home; integer ms ≥ 1.
    """

    node_ids: tuple[NodeId, ...]
    index: Mapping[NodeId, int]
    x_m: FloatArray
    y_m: FloatArray
    lon: FloatArray
    lat: FloatArray
    edge_ids: tuple[EdgeId, ...]
    edge_index: Mapping[EdgeId, int]
    tail: IntArray
    head: IntArray
    seconds_ms: IntArray
    patrol_ms: IntArray
    length_m: FloatArray
    edge_class: tuple[str | None, ...]
    edge_section: tuple[str | None, ...]
    twin: IntArray
    """Edge of the same street in the other direction, or -1."""
    node_class: tuple[str | None, ...]
    _finder: _Finder = field(repr=False, compare=False)

    def nearest_node(self, x_m: float, y_m: float) -> tuple[int, float]:
        """The node next to a position, and its distance in metres."""
        nodes, distances_m = self.nearest_nodes([x_m], [y_m])
        return int(nodes[0]), float(distances_m[0])

    def nearest_nodes(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[NDArray[np.int64], FloatArray]:
        """The node next to each position and its distance in metres, both shape (k,)."""
        points = np.column_stack((np.asarray(x_m, np.float64), np.asarray(y_m, np.float64)))
        distances_m, nodes = self._finder.nodes.query(points)
        return np.asarray(nodes, np.int64), np.asarray(distances_m, np.float64)

    def snap(self, x_m: float, y_m: float) -> Spot:
        """The spot on the network next to a position; a node where there are no edges."""
        return self.snap_all([x_m], [y_m])[0]

    def snap_all(self, x_m: ArrayLike, y_m: ArrayLike) -> tuple[Spot, ...]:
        """As `snap`, for k positions at once. Of equally near edges the first is taken."""
        x, y = np.asarray(x_m, np.float64), np.asarray(y_m, np.float64)
        if not self.edge_ids:
            nodes, off_m = self.nearest_nodes(x, y)
            pairs = zip(nodes.tolist(), off_m.tolist(), strict=True)
            return tuple(Spot(node=node, off_m=off) for node, off in pairs)
        import shapely  # noqa: PLC0415 - as above

        asked, found = self._finder.edges.query_nearest(shapely.points(x, y))
        edges = np.full(len(x), len(self.edge_ids), dtype=np.int64)
        np.minimum.at(edges, asked, found)
        share, off_m = self._project(edges, x, y)
        along_m = share * self.length_m[edges]
        rows = zip(edges.tolist(), along_m.tolist(), off_m.tolist(), strict=True)
        return tuple(Spot(edge=edge, along_m=along, off_m=off) for edge, along, off in rows)

    def _project(
        self, edges: NDArray[np.int64], x: FloatArray, y: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """How far along each edge (0 to 1) a position is, and how far off it, in metres."""
        from_x, from_y = self.x_m[self.tail[edges]], self.y_m[self.tail[edges]]
        east, north = self.x_m[self.head[edges]] - from_x, self.y_m[self.head[edges]] - from_y
        square = np.maximum(east**2 + north**2, 1e-12)
        share = np.clip(((x - from_x) * east + (y - from_y) * north) / square, 0.0, 1.0)
        return share, np.hypot(from_x + share * east - x, from_y + share * north - y)

    def where(self, spot: Spot | int) -> tuple[float, float]:
        """East and north of a spot (or node), metres."""
        if isinstance(spot, int) or spot.edge is None:
            node = node_at(spot)
            return float(self.x_m[node]), float(self.y_m[node])
        tail, head = self.tail[spot.edge], self.head[spot.edge]
        share = spot.along_m / float(self.length_m[spot.edge])
        return (
            float(self.x_m[tail] + share * (self.x_m[head] - self.x_m[tail])),
            float(self.y_m[tail] + share * (self.y_m[head] - self.y_m[tail])),
        )

    def road_class_at(self, node: int) -> str | None:
        """The highest class of the edges that meet at a node; None where none has a class."""
        return self.node_class[node]

    def road_class(self, spot: Spot | int) -> str | None:
        """Class of the road at a spot: its edge's, or as `road_class_at` for a node."""
        if isinstance(spot, int):
            return self.node_class[spot]
        if spot.edge is not None:
            return self.edge_class[spot.edge]
        return None if spot.node is None else self.node_class[spot.node]

    def node_of(self, spot: Spot) -> int:
        """The node next to a spot along its edge."""
        if spot.edge is None:
            return node_at(spot)
        nearer_tail = spot.along_m * 2 <= float(self.length_m[spot.edge])
        return int((self.tail if nearer_tail else self.head)[spot.edge])


def build(
    nodes: Sequence[NodeRow], edges: Sequence[EdgeRow], lonlat: tuple[FloatArray, FloatArray]
) -> Roads:
    """The network of checked rows; `lonlat` are the nodes' WGS-84 degrees, shape (n,) each.

    A row with `oneway` 0 becomes two edges, the way back with `~` behind its id. An edge without
    an id is called `from-to`, the next of the same pair `from-to#2`.
    """
    index = {NodeId(row.node): at for at, row in enumerate(nodes)}
    x_m = np.array([row.x_m for row in nodes], dtype=np.float64)
    y_m = np.array([row.y_m for row in nodes], dtype=np.float64)
    ids: dict[EdgeId, int] = {}
    ways: list[tuple[int, int, EdgeRow]] = []
    given = {row.edge for row in edges}
    for row in edges:
        name = row.edge or _free_name(f"{row.origin}-{row.to}", ids, given)
        origin, to = index[NodeId(row.origin)], index[NodeId(row.to)]
        ids[EdgeId(name)] = len(ways)
        ways.append((origin, to, row))
        if row.oneway == "0":
            ids[EdgeId(_free_name(f"{name}~", ids, given))] = len(ways)
            ways.append((to, origin, row))
    tail = np.array([way[0] for way in ways], dtype=np.int32)
    head = np.array([way[1] for way in ways], dtype=np.int32)
    straight_m = np.hypot(x_m[head] - x_m[tail], y_m[head] - y_m[tail])
    length_m = np.array([way[2].length_m or np.nan for way in ways], dtype=np.float64)
    length_m = np.maximum(np.where(np.isnan(length_m), straight_m, length_m), 0.01)
    seconds_ms, patrol_ms = _times_ms([way[2] for way in ways], length_m)
    classes = tuple(way[2].road_class for way in ways)
    return Roads(
        node_ids=tuple(index), index=index, x_m=x_m, y_m=y_m, lon=lonlat[0], lat=lonlat[1],
        edge_ids=tuple(ids), edge_index=ids, tail=tail, head=head,
        seconds_ms=seconds_ms, patrol_ms=patrol_ms, length_m=length_m, edge_class=classes,
        edge_section=tuple(way[2].section for way in ways),
        twin=_twins(tail, head, length_m),
        node_class=_node_classes(len(nodes), tail, head, classes),
        _finder=_Finder((x_m, y_m, tail, head)),
    )  # fmt: skip


def _free_name(name: str, taken: Mapping[EdgeId, int], given: set[str | None]) -> str:
    tried, number = name, 1
    while tried in taken or tried in given:
        number += 1
        tried = f"{name}#{number}"
    return tried


def _times_ms(rows: Iterable[EdgeRow], length_m: FloatArray) -> tuple[IntArray, IntArray]:
    """Driving times of edges to incidents and on patrol, whole ms, at least 1."""
    incident, patrol = [], []
    for row, metres in zip(rows, length_m.tolist(), strict=True):
        seconds = row.seconds or metres * 3.6 / (row.speed_kmh or 30.0)
        incident.append(max(1, round(seconds * 1000)))
        patrol.append(max(1, round((row.patrol_seconds or seconds) * 1000)))
    return np.array(incident, dtype=np.int32), np.array(patrol, dtype=np.int32)


def _twins(tail: IntArray, head: IntArray, length_m: FloatArray) -> IntArray:
    """Pair edges a→b with edges b→a, shortest with shortest, where lengths agree to a tenth."""
    ways: dict[tuple[int, int], list[int]] = {}
    for edge in np.argsort(length_m, kind="stable").tolist():
        ways.setdefault((int(tail[edge]), int(head[edge])), []).append(edge)
    twin = np.full(len(tail), -1, dtype=np.int32)
    for (origin, to), there in ways.items():
        for edge, back in zip(there, ways.get((to, origin), ()), strict=False):
            longer = max(length_m[edge], length_m[back])
            if edge != back and abs(length_m[edge] - length_m[back]) <= max(10.0, 0.1 * longer):
                twin[edge] = back
    return twin


def _node_classes(nodes: int, tail: IntArray, head: IntArray,
                  classes: Sequence[str | None]) -> tuple[str | None, ...]:  # fmt: skip
    best: list[str | None] = [None] * nodes
    for origin, to, name in zip(tail.tolist(), head.tolist(), classes, strict=True):
        if name is None:
            continue
        for node in (origin, to):
            now = best[node]
            if now is None or CLASS_RANK[name] < CLASS_RANK[now]:
                best[node] = name
    return tuple(best)
