"""One duty's way through its visits: stops in order, and where one more could go in.

Every stop has fixed minutes. A tour leaves the post at the duty's start, is back at its end, and
stands where its tasks are while they last.
"""

from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from scheduler.drives import Drives
from scheduler.problem import Due, Problem
from scheduler.roster import Duty

Blocked = Sequence[tuple[int, int]]
"""Open spans of arrivals that are not possible."""


class Stop(NamedTuple):
    """Minutes at a node; None: wherever the unit is.

    due: The point that is visited. visit: The number of the visit; −1 for others and for checks.
    """

    arrive_min: int
    leave_min: int
    node: int | None
    due: Due | None = None
    visit: int = -1


def by_time(stop: Stop) -> tuple[int, int]:
    """Order of stops."""
    return stop.arrive_min, stop.leave_min


class Place(NamedTuple):
    """A way to put a visit into a tour: more minutes of driving, how far from the wish, when."""

    drive_min: int
    late_min: int
    arrive_min: int


@dataclass(slots=True)
class Tour:
    """A duty and its stops in order. `busy`: hours of night checks, closed to other visits."""

    duty: Duty
    drives: Drives
    stops: list[Stop] = field(default_factory=list)
    busy: list[tuple[int, int]] = field(default_factory=list)
    visits: int = 0

    @staticmethod
    def of(problem: Problem, duty: Duty) -> "Tour":
        """The tour without visits."""
        post = next((post.node for post in problem.posts if post.id == duty.post), None)
        tour = Tour(duty, problem.drives)
        tour.stops = [Stop(duty.start_min, duty.start_min, post)]
        for task in problem.tasks:
            if task.id in duty.tasks and task.kind == "night_check":
                tour.busy.append((task.start_min, task.end_min))
            elif task.id in duty.tasks:
                node = post if task.node is None else task.node
                tour.stops.append(Stop(task.start_min, task.end_min, node))
        tour.stops.sort(key=by_time)
        tour.stops.append(Stop(duty.end_min, duty.end_min, post))
        return tour

    def add(self, stop: Stop) -> None:
        """Put a stop in."""
        first, last = self.stops[0], self.stops[-1]
        inner = self.stops[1:-1]
        insort(inner, stop, key=by_time)
        self.stops = [first, *inner, last]
        self.visits += stop.visit >= 0

    def remove(self, visit: int) -> Stop:
        """Take a visit out."""
        stop = next(stop for stop in self.stops if stop.visit == visit)
        self.stops.remove(stop)
        self.visits -= 1
        return stop

    def best(
        self, node: int, dwell_min: int, window: tuple[int, int], wish_min: int, blocked: Blocked
    ) -> Place | None:
        """The cheapest way to visit a node, or None.

        Args:
            node: Where.
            dwell_min: For how long.
            window: In which the whole stay lies.
            wish_min: The arrival hoped for.
            blocked: Arrivals that are too near to other visits there.
        """
        found = (
            Place(drive_min, abs(arrive - wish_min), arrive)
            for drive_min, first, last in self._gaps(node, dwell_min, window)
            for arrive in _nearest(first, last, wish_min, [*blocked, *self._closed(dwell_min)])
        )
        return min(found, default=None, key=lambda p: (20 * p.drive_min + p.late_min, p.arrive_min))

    def left(
        self, node: int, dwell_min: int, window: tuple[int, int], at_min: int, blocked: Blocked
    ) -> list[int]:
        """The arrivals at a node between the same two stops as one that is possible at `at_min`."""
        shut = [*blocked, *self._closed(dwell_min)]
        spans = ((first, last) for _, first, last in self._gaps(node, dwell_min, window))
        first, last = next(span for span in spans if span[0] <= at_min <= span[1])
        return [
            at for at in range(first, last + 1)
            if all(not start < at < end for start, end in shut)
        ]  # fmt: skip

    def _closed(self, dwell_min: int) -> Iterator[tuple[int, int]]:
        return ((start - dwell_min, end) for start, end in self.busy)

    def _gaps(
        self, node: int, dwell_min: int, window: tuple[int, int]
    ) -> Iterator[tuple[int, int, int]]:
        """More driving, first and last arrival, between each stop and the next."""
        drive = self.drives
        for before, after in pairwise(self.stops):
            if after.arrive_min < window[0] or before.leave_min > window[1]:
                continue
            out, back = drive(before.node, node), drive(node, after.node)
            first = max(before.leave_min + out, window[0])
            last = min(after.arrive_min - back, window[1]) - dwell_min
            if first <= last:
                yield max(0, out + back - drive(before.node, after.node)), first, last


def _nearest(first: int, last: int, wish: int, blocked: Blocked) -> Iterator[int]:
    """The possible arrivals that may be nearest to the wish: itself, and the edges of obstacles."""
    edges = {min(max(wish, first), last), first, last}
    edges |= {edge for span in blocked for edge in span if first <= edge <= last}
    for at in edges:
        if all(not start < at < end for start, end in blocked):
            yield at
