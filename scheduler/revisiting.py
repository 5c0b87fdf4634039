"""Visits that a change of a week leaves to nobody: made at another time, or by another duty.

No duty's hours change for it. Crews that must be told anyway make them first; only then is one
told of a visit more that would have heard of nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from config.people import crew_is_lawful
from scheduler.problem import Due, Problem
from scheduler.repair import Move, Repaired
from scheduler.roster import Duty, Roster, Visit
from scheduler.solve.mend_offers import Stays
from scheduler.solve.tour import Stop, Tour

SENT_NOWHERE = frozenset(("leader", "desk"))
DRIVE_POINTS = 20
"""Of a minute of driving; one of each minute away from the time that was planned."""


def revisited(problem: Problem, was: Roster, found: Repaired, stays: Stays) -> Repaired:
    """A repair with the visits that it lost made by others, as far as somebody can.

    Args:
        problem: With the points of the week and the ways to them.
        was: The roster in force.
        found: The repair.
        stays: What has begun, and what is pinned, gets no visit more.
    """
    dues = {due.id: due for due in problem.due}
    roster, moves = found.roster, list(found.moves)
    for duty, visit in _lost(was, roster):
        due = dues.get(visit.must_arrive)
        taker = due and not due.check and _best(problem, was, roster, stays, duty, visit, due)
        if not taker:
            continue
        roster = roster.replaced([taker.id], [taker])
        if not any((move.team, move.date) == (taker.team, taker.date) for move in moves):
            before = next(one for one in was.duties if one.id == taker.id)
            moves.append(Move(taker.team, taker.date, before, taker, "visit", duty))
    moves.sort(key=lambda move: (move.date, move.team))
    return replace(found, roster=roster, moves=tuple(moves))


def _lost(was: Roster, now: Roster) -> Iterator[tuple[Duty, Visit]]:
    """Visits that are made less often than before, with whose they were; the first to end first."""
    made = Counter((v.must_arrive, v.arrive_min) for one in now.duties for v in one.visits)
    left = Counter(v.must_arrive for one in was.duties for v in one.visits)
    left.subtract(v.must_arrive for one in now.duties for v in one.visits)
    planned = [(one, visit) for one in was.duties for visit in one.visits]
    for duty, visit in sorted(planned, key=lambda one: (one[1].arrive_min, one[0].id)):
        if left[visit.must_arrive] > 0 and not made[visit.must_arrive, visit.arrive_min]:
            left[visit.must_arrive] -= 1
            yield duty, visit


def _best(
    problem: Problem, was: Roster, roster: Roster, stays: Stays, lost: Duty, visit: Visit, due: Due
) -> Duty | None:  # fmt: skip
    """The duty that makes a visit best, with it; None where none can."""
    before = {duty.id: duty for duty in was.duties}
    dwell_min = visit.leave_min - visit.arrive_min
    apart = problem.spacing_min
    here = {other.id for other in problem.due if other.node == due.node}
    others = [
        (one.arrive_min - apart - dwell_min, one.leave_min + apart)
        for duty in roster.duties for one in duty.visits if one.must_arrive in here
    ]  # fmt: skip
    ways = []
    for duty in roster.duties:
        if not _may(problem, duty, stays, lost, due):
            continue
        place = _tour(problem, duty).best(
            due.node, dwell_min, (due.start_min, due.end_min), visit.arrive_min, others
        )
        if place is not None:
            points = DRIVE_POINTS * place.drive_min + place.late_min
            told_anyway = before.get(duty.id) != duty
            ways.append((not told_anyway, points, duty.id, place.arrive_min, duty))
    if not ways:
        return None
    _, _, _, arrive_min, duty = min(ways, key=lambda way: way[:4])
    new = Visit(visit.must_arrive, visit.place, arrive_min, arrive_min + dwell_min)
    visits = sorted((*duty.visits, new), key=lambda one: one.arrive_min)
    return replace(duty, visits=tuple(visits))


def _may(problem: Problem, duty: Duty, stays: Stays, lost: Duty, due: Due) -> bool:
    """Whether a duty may get a visit more, if it has the time."""
    return (
        duty.squadron == lost.squadron and duty.kind not in SENT_NOWHERE
        and not stays.is_over(duty.start_min) and (duty.team, duty.date) not in stays.pinned
        and crew_is_lawful(1, len(duty.auxiliaries), due.road_class, problem.crew_law)
    )  # fmt: skip


def _tour(problem: Problem, duty: Duty) -> Tour:
    """A duty's way through the visits that it has."""
    nodes = {due.id: due.node for due in problem.due}
    tour = Tour.of(problem, duty)
    for number, visit in enumerate(_in_order(duty.visits)):
        node = nodes.get(visit.must_arrive)
        tour.add(Stop(visit.arrive_min, visit.leave_min, node, visit=number))
    return tour


def _in_order(visits: Sequence[Visit]) -> list[Visit]:
    return sorted(visits, key=lambda visit: visit.arrive_min)
