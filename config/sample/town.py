"""The made-up town: a grid on both banks of a river, a ring road, radial roads, 40 villages.

Metres east and north of the town's centre. Every road is made of directed edges.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from config.sample import names
from config.sample.draws import stream

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

STEP_EAST_M, STEP_NORTH_M = 315.0, 320.0
COLUMNS, ROWS = len(names.AVENUES), len(names.STREETS)
RIVER_AFTER_ROW, BRIDGES = 5, (0, 4, 7, 10, 13, 16, 21)
RAIL_AFTER_COLUMN, UNDERPASSES = 13, (0, 3, 6, 8, 12, 16)
STREET_CLASS = {0: "secondary", 3: "secondary", 6: "primary", 8: "primary", 12: "secondary",
                16: "secondary", 2: "tertiary", 10: "tertiary", 14: "tertiary"}  # fmt: skip
AVENUE_CLASS = {0: "secondary", 4: "secondary", 10: "primary", 16: "secondary", 21: "secondary",
                2: "tertiary", 7: "tertiary", 13: "tertiary", 18: "tertiary"}  # fmt: skip
ONE_WAY_STREETS, ONE_WAY_AVENUES = {7: 1, 9: -1}, {8: 1, 12: -1}
"""Row or column → direction (1 east or north), between the columns and rows of the old town."""
OLD_COLUMNS, OLD_ROWS = range(5, 15), range(6, 13)
RING_EAST_M, RING_NORTH_M, END_M = 6300.0, 5600.0, 12_500.0
SPEED_KMH = {"trunk": 80.0, "primary": 60.0, "secondary": 50.0, "tertiary": 40.0,
             "unclassified": 40.0, "residential": 30.0}  # fmt: skip
STOP_S = {"trunk": 0.0, "primary": 3.0, "secondary": 3.0, "tertiary": 2.5,
          "unclassified": 1.0, "residential": 2.0}  # fmt: skip
"""Lost at the junction with lights and sirens; three times that on patrol."""


@dataclass(frozen=True, slots=True)
class Village:
    """A village: its name and its nodes, the centre first."""

    name: str
    nodes: tuple[int, ...]


@dataclass(slots=True)
class Town:
    """Nodes (n) and directed edges (m) of the town.

    kind: Of each node: grid, radial, ring, country or village. grid: node of each column and
    row, shape (COLUMNS, ROWS). crossings: nodes where a radial crosses the ring.
    """

    x_m: list[float] = field(default_factory=list)
    y_m: list[float] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    edges: list[tuple[int, int, str, str, float]] = field(default_factory=list)
    """Tail, head, class, section, metres."""
    grid: IntArray = field(default_factory=lambda: np.zeros((COLUMNS, ROWS), np.int64))
    crossings: list[int] = field(default_factory=list)
    radials: list[list[int]] = field(default_factory=list)
    villages: list[Village] = field(default_factory=list)

    def node(self, spot: Sequence[float] | FloatArray, kind: str) -> int:
        """A new node, so many metres east and north."""
        self.x_m.append(round(float(spot[0]), 1))
        self.y_m.append(round(float(spot[1]), 1))
        self.kind.append(kind)
        return len(self.x_m) - 1

    def road(self, a: int, b: int, road_class: str, section: str, way: int = 0) -> None:
        """A street between two nodes; `way` 1: only from a to b, -1: only back."""
        straight = float(np.hypot(self.x_m[a] - self.x_m[b], self.y_m[a] - self.y_m[b]))
        metres = round(straight * (1.0 if self.kind[a] == "grid" else 1.04), 1)
        if way >= 0:
            self.edges.append((a, b, road_class, section, metres))
        if way <= 0:
            self.edges.append((b, a, road_class, section, metres))

    def chain(self, a: int, b: int, step_m: float, kind: str, road: tuple[str, str],
              random: Generator) -> list[int]:  # fmt: skip
        """A bent road from a to b with a node about every `step_m`; gives all its nodes."""
        ends = np.array([[self.x_m[a], self.y_m[a]], [self.x_m[b], self.y_m[b]]])
        way = ends[1] - ends[0]
        length = max(float(np.hypot(*way)), 1.0)
        parts = max(1, round(length / step_m))
        aside = np.array([-way[1], way[0]]) / length
        nodes = [a]
        for at in range(1, parts):
            bend = aside * random.normal(0.0, 0.06) * step_m
            nodes.append(self.node(ends[0] + way * at / parts + bend, kind))
        nodes.append(b)
        for one, other in pairwise(nodes):
            self.road(one, other, *road)
        return nodes

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Positions and edges as arrays: x, y, tail, head, metres, class, section."""
        tail, head, road_class, section, metres = zip(*self.edges, strict=True)
        return {"x": np.array(self.x_m), "y": np.array(self.y_m), "tail": np.array(tail),
                "head": np.array(head), "metres": np.array(metres),
                "class": np.array(road_class), "section": np.array(section)}  # fmt: skip

    def section_nodes(self, *sections: str) -> IntArray:
        """Nodes on sections, in order."""
        found = {node for edge in self.edges if edge[3] in sections for node in edge[:2]}
        return np.array(sorted(found), dtype=np.int64)


def make_town(seed: int) -> Town:
    """The town of a seed; every node can be reached from every other."""
    random, town = stream(seed, "town"), Town()
    _grid(town, random)
    _radials(town, random)
    _ring(town)
    _villages(town, random)
    return town


def _grid(town: Town, random: Generator) -> None:
    east = (np.arange(COLUMNS) - (COLUMNS - 1) / 2) * STEP_EAST_M
    north = (np.arange(ROWS) - (ROWS - 1) / 2) * STEP_NORTH_M
    east, north = east + random.normal(0, 25, COLUMNS), north + random.normal(0, 25, ROWS)
    for column in range(COLUMNS):
        for row in range(ROWS):
            shift = random.normal(0, 14, 2)
            spot = east[column] + shift[0], north[row] + shift[1]
            town.grid[column, row] = town.node(spot, "grid")
    for row, name in enumerate(names.STREETS):
        road_class = STREET_CLASS.get(row, "residential")
        for column in range(COLUMNS - 1):
            if column == RAIL_AFTER_COLUMN and row not in UNDERPASSES:
                continue
            if road_class == "residential" and row > 0 and random.random() < 0.07:
                continue
            way = ONE_WAY_STREETS.get(row, 0) if column in OLD_COLUMNS else 0
            ends = int(town.grid[column, row]), int(town.grid[column + 1, row])
            town.road(*ends, road_class, name, way)
    for column, name in enumerate(names.AVENUES):
        road_class = AVENUE_CLASS.get(column, "residential")
        for row in range(ROWS - 1):
            if row == RIVER_AFTER_ROW and column not in BRIDGES:
                continue
            way = ONE_WAY_AVENUES.get(column, 0) if row in OLD_ROWS else 0
            ends = int(town.grid[column, row]), int(town.grid[column, row + 1])
            town.road(*ends, road_class, name, way)


def _radials(town: Town, random: Generator) -> None:
    """Eight roads out of the town, east first, counter-clockwise; each crosses the ring."""
    east, north = COLUMNS - 1, ROWS - 1
    starts = ((east, 8), (east, north), (10, north), (0, north), (0, 8), (0, 0), (10, 0), (east, 0))
    for number, (place, name) in enumerate(zip(starts, names.RADIALS, strict=True)):
        start = int(town.grid[place])
        angle = number * np.pi / 4 + random.normal(0, 0.06)
        tip = np.array([np.cos(angle), np.sin(angle)]) * END_M
        foot = np.array([town.x_m[start], town.y_m[start]])
        low, high = 0.0, 1.0
        for _ in range(40):  # where it meets the ring's ellipse
            share = (low + high) / 2
            x, y = foot + (tip - foot) * share
            inside = (x / RING_EAST_M) ** 2 + (y / RING_NORTH_M) ** 2 < 1.0
            low, high = (share, high) if inside else (low, share)
        crossing = town.node(foot + (tip - foot) * low, "ring")
        road = ("secondary" if number % 2 else "primary", name)
        inner = town.chain(start, crossing, 700.0, "radial", road, random)
        outer = town.chain(crossing, town.node(tip, "radial"), 700.0, "radial", road, random)
        town.crossings.append(crossing)
        town.radials.append([*inner, *outer[1:]])


def _ring(town: Town) -> None:
    turns = [
        float(np.arctan2(town.y_m[at] / RING_NORTH_M, town.x_m[at] / RING_EAST_M)) % (2 * np.pi)
        for at in town.crossings
    ]
    order = np.argsort(turns, kind="stable")
    for here, after in zip(order, np.roll(order, -1), strict=True):
        first, last = turns[here], turns[after]
        last += 2 * np.pi if last <= first else 0.0
        parts = max(1, round((last - first) * 5950.0 / 1000.0))
        nodes = [town.crossings[here]]
        for at in range(1, parts):
            angle = first + (last - first) * at / parts
            spot = RING_EAST_M * np.cos(angle), RING_NORTH_M * np.sin(angle)
            nodes.append(town.node(spot, "ring"))
        nodes.append(town.crossings[after])
        for one, other in pairwise(nodes):
            town.road(one, other, "trunk", names.RING)


def _villages(town: Town, random: Generator) -> None:
    """Villages on a spiral outside the town, each with a road to the next main road."""
    edge = {int(town.grid[c, r]) for c in (0, COLUMNS - 1) for r in range(ROWS)}
    mains = np.array(sorted(edge | {at for at, k in enumerate(town.kind) if k == "radial"}))
    x_m, y_m = np.array(town.x_m)[mains], np.array(town.y_m)[mains]
    for number, name in enumerate(names.VILLAGES):
        radius = np.sqrt(4700.0**2 + (11_400.0**2 - 4700.0**2) * (number + 0.5) / 40)
        angle = number * 2.399963 + random.normal(0, 0.12)
        east, north = radius * np.cos(angle), radius * np.sin(angle)
        nodes = _village(town, (east, north), name, random)
        nearest = int(mains[np.argmin(np.hypot(x_m - east, y_m - north))])
        town.chain(nodes[0], nearest, 650.0, "country", ("unclassified", f"{name}路"), random)
        town.villages.append(Village(name, nodes))
    centres = np.array([[town.x_m[v.nodes[0]], town.y_m[v.nodes[0]]] for v in town.villages])
    linked = 0
    for number, village in enumerate(town.villages):
        far = np.hypot(*(centres[number + 1 :] - centres[number]).T)
        if far.size and far.min() < 2600.0:
            linked += 1
            other = town.villages[number + 1 + int(np.argmin(far))]
            road = ("unclassified", f"乡道{linked:02d}")
            town.chain(village.nodes[1], other.nodes[2], 700.0, "country", road, random)


def _village(town: Town, centre: tuple[float, float], name: str, random: Generator
             ) -> tuple[int, ...]:  # fmt: skip
    turn = random.uniform(0, np.pi)
    along = np.array([np.cos(turn), np.sin(turn)])
    aside = np.array([-along[1], along[0]])
    spots = (0 * along, 210 * along, -230 * along, 150 * aside, -170 * aside)
    nodes = tuple(town.node(np.array(centre) + spot, "village") for spot in spots)
    for a, b in ((0, 1), (0, 2), (0, 3), (0, 4), (1, 3), (2, 4)):
        lane = b > 2
        town.road(nodes[a], nodes[b], "residential" if lane else "unclassified",
                  f"{name}{'巷' if lane else '街'}")  # fmt: skip
    return nodes
