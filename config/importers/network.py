"""A road network in the making: rows for nodes.csv and edges.csv, and what was left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from config import roads
from config.coordinates import Frame, from_wgs84
from config.settings import Crs
from config.tables import EdgeRow, NodeRow, PlaceRow

FloatArray = NDArray[np.float64]


@dataclass(slots=True)
class Made:
    """Rows of a network and the counts for the quality report."""

    nodes: list[NodeRow]
    edges: list[EdgeRow]
    counts: dict[str, float] = field(default_factory=dict)
    km_posts: list[PlaceRow] = field(default_factory=list)

    def roads(self, crs: Crs) -> roads.Roads:
        """The network that these rows describe, as the program will load it."""
        x_m, y_m = [row.x_m for row in self.nodes], [row.y_m for row in self.nodes]
        return roads.build(self.nodes, self.edges, Frame(crs).to_lonlat(x_m, y_m))


def node_rows(names: Sequence[str], x_m: ArrayLike, y_m: ArrayLike, crs: Crs) -> list[NodeRow]:
    """Rows of nodes at metric positions; degrees in the district's declared system."""
    lon, lat = Frame(crs).to_lonlat(x_m, y_m)
    if crs.lonlat is not None:
        lon, lat = from_wgs84(lon, lat, crs.lonlat)
    columns = (np.asarray(x_m), np.asarray(y_m), np.asarray(lon), np.asarray(lat))
    rounded = [np.round(column, digits).tolist()
               for column, digits in zip(columns, (2, 2, 7, 7), strict=True)]  # fmt: skip
    return [
        NodeRow(node=name, x_m=x, y_m=y, lon=east, lat=north)
        for name, x, y, east, north in zip(names, *rounded, strict=True)
    ]


def largest_part(made: Made) -> Made:
    """The largest strongly connected part: from each of its nodes every other can be reached.

    What is left out is counted; a unit sent into it would not come back, or never arrive.
    """
    index = {row.node: at for at, row in enumerate(made.nodes)}
    tail = np.array([index[row.origin] for row in made.edges], dtype=np.int64)
    head = np.array([index[row.to] for row in made.edges], dtype=np.int64)
    both = np.array([row.oneway == "0" for row in made.edges], dtype=bool)
    origins = np.concatenate((tail, head[both]))
    targets = np.concatenate((head, tail[both]))
    graph = csr_matrix((np.ones(len(origins)), (origins, targets)), shape=(len(index),) * 2)
    _, part = connected_components(graph, directed=True, connection="strong")
    kept = part == np.argmax(np.bincount(part))
    nodes = [row for row, keep in zip(made.nodes, kept.tolist(), strict=True) if keep]
    inside = (kept[tail] & kept[head]).tolist()
    edges = [row for row, keep in zip(made.edges, inside, strict=True) if keep]
    counts = made.counts | {
        "nodes": len(nodes), "edges": len(edges),
        "nodes_left_out": len(made.nodes) - len(nodes),
        "edges_left_out": len(made.edges) - len(edges),
        "km": round(sum(row.length_m or 0.0 for row in edges) / 1000, 1),
    }  # fmt: skip
    names = {row.node for row in nodes}
    km_posts = [row for row in made.km_posts if row.node in names]
    if km_posts:
        counts["km_posts"] = len(km_posts)
    return Made(nodes, edges, counts, km_posts)


def cells(x_m: FloatArray, y_m: FloatArray, side_m: int, crs: Crs) -> tuple[Made, list[str]]:
    """Cells of a grid at multiples of the side, where something happened; and each row's cell.

    Cell `c2161_22924` has its south-west corner at 2161 × side east and 22924 × side north.
    """
    east, north = np.floor(x_m / side_m).astype(int), np.floor(y_m / side_m).astype(int)
    names = [f"c{x}_{y}" for x, y in zip(east.tolist(), north.tolist(), strict=True)]
    found: Mapping[str, tuple[int, int]] = dict(
        sorted(zip(names, zip(east.tolist(), north.tolist(), strict=True), strict=True))
    )
    corners = np.array(list(found.values()), dtype=np.float64).reshape(-1, 2)
    centres = (corners + 0.5) * side_m
    nodes = node_rows(list(found), centres[:, 0], centres[:, 1], crs)
    return Made(nodes, [], {"cells": len(nodes)}), names
