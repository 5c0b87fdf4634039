"""Which duty makes which visit when: insertion by regret, then repair by moving one visit away.

A visit is a whole stay inside its window, apart from others at its place, by a crew that is
lawful there. The minute hoped for is drawn from the window by a digest of week and point, so
that it cannot be told from the window; where no crew can come then, one is drawn from what its
tasks, drives and other visits leave of the window. The load is balanced over the duties.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from hashlib import sha256

from config.cells import DutyKind
from config.ids import DutyId, MustArriveId
from config.people import crew_is_lawful
from scheduler.problem import Problem
from scheduler.roster import Duty, Visit
from scheduler.slots import SLOTS_A_DAY
from scheduler.solve.night import night_stops
from scheduler.solve.pack import packed
from scheduler.solve.tour import Place, Tour
from scheduler.solve.visit_plan import Plan, Wanted

_STAYS: frozenset[DutyKind] = frozenset(("leader", "desk"))
"""Who leads the duty, or sits at the desk, is sent nowhere."""
_ROUNDS = 2
MISSED_MOST = 10**9


def visited(problem: Problem, duties: Sequence[Duty]) -> tuple[list[Duty], dict[MustArriveId, str]]:
    """Duties with their visits, and the points that are not visited as often as is due."""
    tours = [Tour.of(problem, duty) for duty in duties]
    at_night, missed = night_stops(problem, tours)
    wanted, too_many = wanted_of(problem)
    missed |= too_many
    able = [_able(problem, want, tours) for want in wanted]
    plan = Plan(problem, tours, wanted, [-1] * len(wanted), [0] * len(wanted), able)
    for stop in at_night:
        if stop.node is not None:
            plan.stays.setdefault(stop.node, []).append((stop.arrive_min, stop.leave_min, -1))
    for same in _together(problem, plan):
        _insert(plan, same)
    for _ in range(_ROUNDS):
        before = list(plan.at_min)
        _repair(plan)
        _relocate(plan)
        if plan.at_min == before:
            break
    _scatter(plan)
    for visit, tour in enumerate(plan.by):
        if tour < 0:
            missed.setdefault(wanted[visit].due.id, _why(plan, visit))
    return [_with_visits(tour) for tour in tours], missed


def claims_of(
    problem: Problem, duties: Sequence[Duty], missed: Collection[MustArriveId]
) -> dict[DutyId, list[tuple[int, int, float]]]:
    """Of each duty the windows of visits that nobody makes and it might, in equal parts."""
    tours = [Tour.of(problem, duty) for duty in duties]
    found: dict[DutyId, list[tuple[int, int, float]]] = {}
    for want in wanted_of(problem)[0]:
        able = _able(problem, want, tours) if want.due.id in missed else []
        for n in able:
            found.setdefault(tours[n].duty.id, []).append((*want.window, 1 / len(able)))
    return found


def wanted_of(problem: Problem) -> tuple[list[Wanted], dict[MustArriveId, str]]:
    """Every visit due, each with its part of the window; and why some points ask too many.

    Visits to one point get parts in which their spacing is kept: of the slack that is left,
    each draws how much it lets pass before it.
    """
    wanted, too_many = [], dict[MustArriveId, str]()
    for due in problem.due:
        if due.check:
            continue
        step, length = due.dwell_min + problem.spacing_min, due.end_min - due.start_min
        room = 1 + (length - due.dwell_min) // step if length >= due.dwell_min else 0
        visits = min(due.visits, room)
        slack = length - due.dwell_min - (visits - 1) * step
        passes = sorted(_drawn(problem.week, due.id, n, slack) for n in range(visits))
        for n, passed in enumerate(passes):
            first = due.start_min + n * step
            wanted.append(Wanted(due, (first, first + slack + due.dwell_min), first + passed))
        if visits < due.visits:
            too_many[due.id] = "spacing" if room else "no_time"
    return wanted, too_many


def _drawn(week: str, point: str, number: int, most: int) -> int:
    """A number from 0 to `most`, always the same, that nothing on the roster tells."""
    digest = sha256(f"{week}/{point}/{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % (most + 1)


def _able(problem: Problem, want: Wanted, tours: Sequence[Tour]) -> list[int]:
    """Tours of the squadron that are on duty in the window with a crew that is lawful there."""
    first, last = want.window
    return [
        n for n, tour in enumerate(tours)
        if tour.duty.start_min < last and tour.duty.end_min > first
        and tour.duty.kind not in _STAYS and _there(want, tour) and _lawful(problem, want, tour)
    ]  # fmt: skip


def _there(want: Wanted, tour: Tour) -> bool:
    duty, (first, last) = tour.duty, want.window
    inside = min(duty.end_min, last) - max(duty.start_min, first)
    return want.due.squadron in (None, duty.squadron) and inside >= want.due.dwell_min


def _lawful(problem: Problem, want: Wanted, tour: Tour) -> bool:
    crew = 1, len(tour.duty.auxiliaries)
    return crew_is_lawful(*crew, want.due.road_class, problem.crew_law)


def _why(plan: Plan, visit: int) -> str:
    """Why nobody makes a visit."""
    want = plan.wanted[visit]
    if not any(_there(want, tour) for tour in plan.tours):
        return "no_unit"
    return "no_time" if plan.able[visit] else "no_crew"


def _together(problem: Problem, plan: Plan) -> list[list[int]]:
    """Visits of one squadron and day, which compete for the same duties, in order of time."""
    groups: dict[tuple[int, str], list[int]] = {}
    for visit, want in enumerate(plan.wanted):
        day = sum(want.due.start_min >= problem.slot_min[SLOTS_A_DAY * n] for n in range(1, 7))
        groups.setdefault((day, want.due.squadron or ""), []).append(visit)
    return [groups[key] for key in sorted(groups)]


def _insert(plan: Plan, visits: Sequence[int]) -> None:
    """Make the visit first that would lose most by having to wait."""
    ways = {visit: {tour: plan.best(visit, tour) for tour in plan.able[visit]} for visit in visits}
    while ways:
        ranked = {
            visit: sorted((way[0], tour, way[1]) for tour, way in own.items() if way is not None)
            for visit, own in ways.items()
        }
        visit = max(ways, key=lambda visit: _haste(ranked[visit]))
        del ways[visit]
        if not ranked[visit]:
            continue
        _, tour, place = ranked[visit][0]
        plan.put(visit, tour, place.arrive_min)
        for other, own in ways.items():
            here = plan.wanted[other].node == plan.wanted[visit].node
            for again in own if here else own.keys() & {tour}:
                own[again] = plan.best(other, again)


def _haste(ways: Sequence[tuple[int, int, Place]]) -> tuple[int, int]:
    """What is lost by the second best way in place of the best, then how cheap the best is."""
    if len(ways) < 2:
        return MISSED_MOST * len(ways), -ways[0][0] if ways else 0
    return ways[1][0] - ways[0][0], -ways[0][0]


def _repair(plan: Plan) -> None:
    """Visits that nobody makes: moving others in time, or one to another tour, may make room."""
    for visit, tour in enumerate(plan.by):
        if tour < 0 and not _placed(plan, visit, plan.able[visit]):
            near, able = plan.near(visit), plan.able[visit]
            own = {s.visit for t in able for s in plan.tours[t].stops if s.visit >= 0}
            ways = ((other, able if other in near else [plan.by[other]]) for other in near | own)
            any(_moved(plan, visit, *way) for way in sorted(ways))


def _placed(plan: Plan, visit: int, tours: Sequence[int]) -> bool:
    """Whether one of some tours makes a visit now, as they are or with other minutes."""
    way = plan.cheapest(visit, tours)
    if way is not None:
        plan.put(visit, way[1], way[2].arrive_min)
        return True
    for tour in tours:
        stops = packed(plan, visit, tour)
        if stops is not None:
            plan.replan(tour, stops)
            return True
    return False


def _moved(plan: Plan, visit: int, other: int, eased: Sequence[int]) -> bool:
    """Whether a visit found a place, and another too for the one that made room for it.

    eased: Tours that may have room for the visit without the other.
    """
    by, at_min = list(plan.by), list(plan.at_min)
    tour = plan.by[other]
    plan.take(other)
    if _placed(plan, visit, eased):
        rest = (n for n, at in enumerate(plan.by) if at < 0 and n != other and tour in plan.able[n])
        if _placed(plan, other, plan.able[other]) or any(_placed(plan, n, [tour]) for n in rest):
            return True
    plan.restore(by, at_min)
    return False


def _relocate(plan: Plan) -> None:
    """Each visit goes where it is cheapest now."""
    for visit, tour in enumerate(plan.by):
        if tour >= 0:
            plan.take(visit)
            way = plan.cheapest(visit, plan.able[visit])
            if way is not None:  # its old place is one
                plan.put(visit, way[1], way[2].arrive_min)


def _scatter(plan: Plan) -> None:
    """Who cannot come at the minute hoped for comes at one drawn from what is left to the crew.

    Else all whose time is short would come as soon as they can, at the same minute each day. The
    last moves first: what comes just after another visit at its place makes room for that one.
    """
    for visit in sorted(range(len(plan.by)), key=plan.at_min.__getitem__, reverse=True):
        want, tour, at_min = plan.wanted[visit], plan.by[visit], plan.at_min[visit]
        if tour >= 0 and at_min != want.wish_min:
            plan.take(visit)
            left = plan.left(visit, tour, at_min)
            drawn = _drawn(plan.problem.week, want.due.id, want.wish_min, len(left) - 1)
            plan.put(visit, tour, left[drawn])


def _with_visits(tour: Tour) -> Duty:
    """The duty with what its tour visits."""
    visits = tuple(
        Visit(stop.due.id, stop.due.place, stop.arrive_min, stop.leave_min)
        for stop in tour.stops if stop.due is not None
    )  # fmt: skip
    return replace(tour.duty, visits=visits)
