"""Night checks: which unit stands at which point when. They share out the hours and the points.

With as many units as points each point has a unit, or more, for the whole check; with fewer the
points are taken in turns of equal length.
"""

from collections.abc import Sequence

from config.ids import MustArriveId
from config.people import crew_is_lawful
from scheduler.problem import Due, Problem, Task
from scheduler.solve.tour import Stop, Tour, by_time

LEAST_STAY_MIN = 12
"""A shorter stay at a point is no check."""


def night_stops(
    problem: Problem, tours: Sequence[Tour]
) -> tuple[list[Stop], dict[MustArriveId, str]]:
    """Put the points of the night checks into the tours of their units.

    Returns:
        The stops, and the points at which nobody stands, with the reason.
    """
    stops: list[Stop] = []
    missed = {due.id: "no_check" for due in problem.due if due.check}
    for task in problem.tasks:
        if task.kind != "night_check":
            continue
        points = [
            due for due in problem.due
            if due.check and task.start_min <= due.start_min < task.end_min
        ]  # fmt: skip
        units = [tour for tour in tours if task.id in tour.duty.tasks]
        if not points or not units:
            continue
        found = _shared_out(problem, task, points, units)
        stood = {stop.due.id for stop in found if stop.due}
        missed |= {due.id: _why(problem, due, units) for due in points}
        missed = {name: why for name, why in missed.items() if name not in stood}
        stops += found
    return stops, missed


def _why(problem: Problem, due: Due, units: Sequence[Tour]) -> str:
    return "no_time" if any(_lawful(problem, due, tour) for tour in units) else "no_crew"


def _lawful(problem: Problem, due: Due, tour: Tour) -> bool:
    crew = 1, len(tour.duty.auxiliaries)
    return crew_is_lawful(*crew, due.road_class, problem.crew_law)


def _shared_out(
    problem: Problem, task: Task, points: Sequence[Due], units: Sequence[Tour]
) -> list[Stop]:
    """Stops of the units, turn by turn; all together fill the check's hours."""
    turns = -(-len(points) // len(units))
    length = task.end_min - task.start_min
    found = []
    for turn in range(turns):
        span = (
            task.start_min + length * turn // turns,
            task.start_min + length * (turn + 1) // turns,
        )
        own = points[turn * len(units) : (turn + 1) * len(units)]
        for tour, due in _pairs(problem, own, units):
            stop = _stop(tour, due, span)
            if stop is not None:
                tour.add(stop)
                found.append(stop)
    return found


def _pairs(
    problem: Problem, points: Sequence[Due], units: Sequence[Tour]
) -> list[tuple[Tour, Due]]:
    """A lawful unit for each point, the nearest first; who is left joins in turn."""
    left = list(units)
    found = []
    while left:
        before = len(left)
        for due in points:
            may = [tour for tour in left if _lawful(problem, due, tour)]
            if may:
                post = min(
                    may, key=lambda t: (problem.drives(t.stops[0].node, due.node), t.duty.id)
                )
                left.remove(post)
                found.append((post, due))
        if len(left) == before:
            break
    return found


def _stop(tour: Tour, due: Due, span: tuple[int, int]) -> Stop | None:
    """The longest stay at a point inside a span that the stops before and after allow."""
    before = max((s for s in tour.stops if s.leave_min <= span[0]), key=by_time)
    after = min((s for s in tour.stops if s.arrive_min >= span[1]), key=by_time)
    first = max(span[0], before.leave_min + tour.drives(before.node, due.node))
    last = min(span[1], after.arrive_min - tour.drives(due.node, after.node))
    return Stop(first, last, due.node, due) if last - first >= LEAST_STAY_MIN else None
