"""Visits and the duties that make them: what is wanted, and how it stands while it is planned."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from config.cells import DutyKind
from scheduler.problem import Due, Problem
from scheduler.solve.tour import Blocked, Place, Stop, Tour

_DRIVE, _LOAD = 20, 60
"""Points of a minute of driving, of each visit that the duty has already; one a minute off."""
_OTHERS_FIRST: dict[DutyKind, int] = {"stand_by": 900}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One visit to be made: the first, second … of a point. wish_min: the arrival hoped for."""

    due: Due
    window: tuple[int, int]
    wish_min: int

    @property
    def node(self) -> int:
        """Where."""
        return self.due.node


@dataclass(slots=True)
class Plan:
    """Tours and visits. `by`: number of the tour that makes each visit, or −1; `at_min`: when."""

    problem: Problem
    tours: list[Tour]
    wanted: list[Wanted]
    by: list[int]
    at_min: list[int]
    able: list[list[int]]
    """Of each visit: the tours that may make it."""
    stays: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)
    """Of each node: arrival, leaving and number of the visits there."""

    def blocked(self, node: int, dwell_min: int) -> Blocked:
        """Arrivals at a node that would be too near to another visit there."""
        apart = self.problem.spacing_min
        return [
            (arrive - apart - dwell_min, leave + apart)
            for arrive, leave, _ in self.stays.get(node, ())
        ]

    def near(self, visit: int) -> set[int]:
        """Other visits at its place that may be too near to it."""
        want, apart = self.wanted[visit], self.problem.spacing_min
        return {
            other for arrive, leave, other in self.stays.get(want.node, ())
            if other >= 0 and arrive - apart < want.window[1] and leave + apart > want.window[0]
        }  # fmt: skip

    def best(self, visit: int, tour: int) -> tuple[int, Place] | None:
        """Cheapest way of a tour to make a visit, with its points."""
        want, of = self.wanted[visit], self.tours[tour]
        dwell = want.due.dwell_min
        place = of.best(want.node, dwell, want.window, want.wish_min, self.blocked(
            want.node, dwell
        ))  # fmt: skip
        if place is None:
            return None
        points = _DRIVE * place.drive_min + place.late_min + _LOAD * of.visits
        return points + _OTHERS_FIRST.get(of.duty.kind, 0), place

    def left(self, visit: int, tour: int, at_min: int) -> list[int]:
        """When a tour can make a visit, of all that it does in the same order as at `at_min`."""
        want = self.wanted[visit]
        dwell_min = want.due.dwell_min
        blocked = self.blocked(want.node, dwell_min)
        return self.tours[tour].left(want.node, dwell_min, want.window, at_min, blocked)

    def cheapest(self, visit: int, tours: Sequence[int]) -> tuple[int, int, Place] | None:
        """Points, tour and way of the best of some tours for a visit."""
        ways = ((tour, self.best(visit, tour)) for tour in tours)
        found = [(way[0], tour, way[1]) for tour, way in ways if way is not None]
        return min(found, default=None)

    def put(self, visit: int, tour: int, arrive_min: int) -> None:
        """Let a tour make a visit."""
        want = self.wanted[visit]
        leave_min = arrive_min + want.due.dwell_min
        self.tours[tour].add(Stop(arrive_min, leave_min, want.node, want.due, visit))
        self.stays.setdefault(want.node, []).append((arrive_min, leave_min, visit))
        self.by[visit], self.at_min[visit] = tour, arrive_min

    def restore(self, by: Sequence[int], at_min: Sequence[int]) -> None:
        """Everything as it was."""
        moved = [n for n in range(len(by)) if (self.by[n], self.at_min[n]) != (by[n], at_min[n])]
        for visit in moved:
            if self.by[visit] >= 0:
                self.take(visit)
        for visit in moved:
            if by[visit] >= 0:
                self.put(visit, by[visit], at_min[visit])

    def replan(self, tour: int, stops: Sequence[Stop]) -> None:
        """Give a tour other stops: the visits it has, at other minutes, and new ones."""
        for stop in list(self.tours[tour].stops):
            if stop.visit >= 0:
                self.take(stop.visit)
        for stop in stops:
            if stop.visit >= 0:
                self.put(stop.visit, tour, stop.arrive_min)

    def take(self, visit: int) -> None:
        """Take a visit out."""
        stop = self.tours[self.by[visit]].remove(visit)
        self.stays[self.wanted[visit].node].remove((stop.arrive_min, stop.leave_min, visit))
        self.by[visit], self.at_min[visit] = -1, 0
