"""Room for one more visit in a tour: those it has move, in time and in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from scheduler.solve.tour import Stop
from scheduler.solve.visit_plan import Plan

_MOST_STEPS = 400
"""Of a search; a tour has few visits between two tasks, nearly always far fewer are needed."""


def packed(plan: Plan, visit: int, tour: int) -> list[Stop] | None:
    """The stops of a tour with one more visit, each as early as can be; None if none was found.

    The minutes hoped for are left to whoever moves the visits afterwards.
    """
    stops, want = plan.tours[tour].stops, plan.wanted[visit]
    new = Stop(0, want.due.dwell_min, want.node, want.due, visit)
    fixed = [n for n, stop in enumerate(stops) if stop.visit < 0]
    for first, last in pairwise(fixed):
        before, after = stops[first], stops[last]
        if before.leave_min < want.window[1] and after.arrive_min > want.window[0]:
            own = [*stops[first + 1 : last], new]
            own.sort(key=lambda stop: plan.wanted[stop.visit].window[1])
            found = _Search(plan, tour, after).of(before, own, [])
            if found is not None:
                return [*stops[: first + 1], *found, *stops[last:]]
    return None


@dataclass(slots=True)
class _Search:
    """Orders of visits that end in time for a stop that does not move, first deadlines first."""

    plan: Plan
    tour: int
    after: Stop
    steps: int = 0

    def of(self, before: Stop, left: Sequence[Stop], done: list[Stop]) -> list[Stop] | None:
        """The visits done and those left, timed; None where none of their orders holds."""
        if not left:
            home = self.plan.problem.drives(before.node, self.after.node)
            return done if before.leave_min + home <= self.after.arrive_min else None
        nexts = [self._timed(before, stop, done) for stop in left]
        if None in nexts:
            return None  # what is too late now will not be in time later
        for stop in nexts:
            self.steps += 1
            if stop is not None and self.steps <= _MOST_STEPS:
                others = [other for other in left if other.visit != stop.visit]
                found = self.of(stop, others, [*done, stop])
                if found is not None:
                    return found
        return None

    def _timed(self, before: Stop, stop: Stop, done: Sequence[Stop]) -> Stop | None:
        """A visit as early as can be after a stop; None if that is too late."""
        problem, window = self.plan.problem, self.plan.wanted[stop.visit].window
        dwell, apart = stop.leave_min - stop.arrive_min, problem.spacing_min
        there = [other for other in done if other.node == stop.node]
        there += [
            Stop(arrive, leave, stop.node)
            for arrive, leave, visit in self.plan.stays.get(stop.node or 0, ())
            if visit < 0 or self.plan.by[visit] != self.tour
        ]  # fmt: skip
        shut = [(s.arrive_min - apart - dwell, s.leave_min + apart) for s in there]
        shut += [(start - dwell, end) for start, end in self.plan.tours[self.tour].busy]
        at_min = before.leave_min + problem.drives(before.node, stop.node)
        at_min = max(at_min, window[0])
        for start, end in sorted(shut):
            at_min = end if start < at_min < end else at_min
        late = at_min + dwell > window[1]
        return None if late else stop._replace(arrive_min=at_min, leave_min=at_min + dwell)
