"""How a simulated unit moves: along the roads, or straight in a district of cells.

Only the travel model knows times, the same one that decides and judges. Times are Unix ms,
points are metres of the district's frame and WGS-84 degrees.
"""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from config.roads import Spot
from config.travel import UNREACHABLE, Mode, Travel

FASTEST_MPS = 45.0


class Point(NamedTuple):
    """A point of the earth: metres east and north, degrees WGS-84."""

    x_m: float
    y_m: float
    lon: float
    lat: float


class Stretch(NamedTuple):
    """A leg of a drive under way: from a point to another, which is at a node or beside it.

    `share` of its edge lies behind the point where it begins.
    """

    origin: Point
    goal: Point
    head: int
    edge: int | None
    share: float
    start_ms: int
    end_ms: int

    def part(self, at_ms: int) -> float:
        """How much of it is driven, 0 to 1."""
        return (at_ms - self.start_ms) / (self.end_ms - self.start_ms)


@dataclass(slots=True)
class Motion:
    """Where a unit is, and its drive if it is on one."""

    travel: Travel
    node: int
    """Where it stands, or began its drive; or the one next to that."""
    stretches: list[Stretch] = field(default_factory=list)
    _here: Point = field(init=False)

    def __post_init__(self) -> None:
        """It stands at its node."""
        self._here = self._at(self.node)

    @property
    def driving(self) -> bool:
        """Whether a drive was begun that has not arrived."""
        return bool(self.stretches)

    @property
    def end_ms(self) -> int | None:
        """When the drive arrives."""
        return self.stretches[-1].end_ms if self.stretches else None

    def arrive(self, at_ms: int) -> bool:
        """End the drive if its time has come."""
        if not self.stretches or at_ms < self.stretches[-1].end_ms:
            return False
        last, self.stretches = self.stretches[-1], []
        self.node, self._here = last.head, last.goal
        return True

    def reaches(self, target: int, mode: Mode, at_ms: int) -> bool:
        """Whether there is a way from where the unit is."""
        return self.travel.between_ms(self.spot(at_ms), target, mode) < UNREACHABLE

    def drive(self, target: int, mode: Mode, at_ms: int, beside: Point | None = None) -> None:
        """Set out from where the unit is now; where there is no way it goes on as it was.

        From the node straight on to the point `beside` it, if there is one.
        """
        goal, way = beside or self._at(target), list[Stretch]()
        if not self.travel.straight:
            way = self._along(target, mode, at_ms)
        if way and way[-1].goal != goal:
            way.append(self._straight(way[-1].goal, goal, target, way[-1].end_ms))
        elif not way and (self.travel.straight or self.spot(at_ms) == target):
            way = [self._straight(self.where(at_ms), goal, target, at_ms)]
        elif not way and not self.stretches:
            # No way: a stretch of no length, so that arriving has one way only.
            way = [Stretch(self._here, self._here, self.node, None, 0.0, at_ms, at_ms)]
        self.stretches = way or self.stretches

    def _along(self, target: int, mode: Mode, at_ms: int) -> list[Stretch]:
        """The way on the roads, from beside one first onto it; nothing where there is none."""
        spot, way = self.spot(at_ms), list[Stretch]()
        legs = list(self.travel.legs(spot, target, mode))
        origin, start_ms = self.where(at_ms), at_ms
        if legs and isinstance(spot, int) and origin != (entry := self._at(spot)):
            way.append(self._straight(origin, entry, spot, at_ms))
            origin, start_ms = entry, way[-1].end_ms
        for leg in legs:
            goal, end_ms = self._at(leg.head), start_ms + leg.ms
            way.append(Stretch(origin, goal, leg.head, leg.edge, leg.share, start_ms, end_ms))
            origin, start_ms = goal, end_ms
        return way

    def _straight(self, origin: Point, goal: Point, target: int, at_ms: int) -> Stretch:
        metres = math.hypot(goal.x_m - origin.x_m, goal.y_m - origin.y_m)
        end_ms = at_ms + self.travel.straight_ms(metres)
        return Stretch(origin, goal, target, None, 0.0, at_ms, end_ms)

    def under_way(self, at_ms: int) -> Stretch | None:
        """The stretch on which the unit is; None when it stands."""
        return next((s for s in self.stretches if s.start_ms <= at_ms < s.end_ms), None)

    def spot(self, at_ms: int) -> Spot | int:
        """Where the unit is, as the roads have it; in cells the nearest node."""
        stretch = self.under_way(at_ms)
        if stretch is None:
            return self.stretches[-1].head if self.stretches else self.node
        if stretch.edge is None:
            here = self.where(at_ms)
            return self.travel.roads.nearest_node(here.x_m, here.y_m)[0]
        share = stretch.share + (1.0 - stretch.share) * stretch.part(at_ms)
        return Spot(stretch.edge, share * float(self.travel.roads.length_m[stretch.edge]))

    def where(self, at_ms: int) -> Point:
        """The point where the unit is."""
        stretch = self.under_way(at_ms)
        if stretch is None:
            return self.stretches[-1].goal if self.stretches else self._here
        part, ends = stretch.part(at_ms), (stretch.origin, stretch.goal)
        return Point(*(a + part * (b - a) for a, b in zip(*ends, strict=True)))

    def speed_mps(self, at_ms: int) -> float:
        """How fast the unit moves; a slow one is never said to stand."""
        stretch = self.under_way(at_ms)
        if stretch is None:
            return 0.0
        goal, origin = stretch.goal, stretch.origin
        metres = math.hypot(goal.x_m - origin.x_m, goal.y_m - origin.y_m)
        spent_s = (stretch.end_ms - stretch.start_ms) / 1000
        return min(FASTEST_MPS, max(1.0, round(metres / spent_s, 1)))

    def _at(self, node: int) -> Point:
        roads = self.travel.roads
        return Point(*(float(of[node]) for of in (roads.x_m, roads.y_m, roads.lon, roads.lat)))
