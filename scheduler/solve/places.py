"""Where each unit waits and what it drives: posts by crew law and need, vehicles and PDAs."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from config.ids import DeviceId, DutyId, PostId, SquadronId, TeamId, VehicleId
from config.people import crew_is_lawful
from scheduler.problem import NO_LIMIT, Post, Problem, Vehicle
from scheduler.roster import Duty
from scheduler.things import fit

_TRIES = 30
Thing = TypeVar("Thing")


def lawful_posts(problem: Problem, duty: Duty) -> list[Post]:
    """Posts of its squadron at which a duty's crew may stand."""
    return [
        post for post in problem.posts
        if post.squadron in (None, duty.squadron) and _lawful(problem, duty, post.road_class)
    ]  # fmt: skip


def may_stand(problem: Problem, duty: Duty) -> bool:
    """Whether there is a lawful post, or the crew is lawful anywhere."""
    return _lawful(problem, duty, None) or bool(lawful_posts(problem, duty))


def _lawful(problem: Problem, duty: Duty, road_class: str | None) -> bool:
    return crew_is_lawful(1, len(duty.auxiliaries), road_class, problem.crew_law)


# --- posts -----------------------------------------------------------------------------------


def posted(problem: Problem, duties: Sequence[Duty]) -> list[Duty]:
    """Duties with posts: where their task is, at the station for leaders, else by need.

    Presence at a post is shared out in proportion to the visits due near it, small crews first,
    since they may stand at fewer posts.
    """
    need = _need(problem)
    held: dict[PostId, list[tuple[int, int]]] = {post.id: [] for post in problem.posts}
    found = {}
    for duty in sorted(duties, key=lambda d: (len(d.auxiliaries), d.start_min, d.id)):
        post = _post(problem, duty, need, held)
        if post is not None:
            held[post.id].append((duty.start_min, duty.end_min))
        found[duty.id] = replace(duty, post=None if post is None else post.id)
    return [found[duty.id] for duty in duties]


def _post(
    problem: Problem, duty: Duty, need: Mapping[PostId, float],
    held: Mapping[PostId, list[tuple[int, int]]],
) -> Post | None:  # fmt: skip
    tasks = [task for task in problem.tasks if task.id in duty.tasks]
    may = lawful_posts(problem, duty)
    if duty.kind == "desk" and not may:  # a desk is on no road
        may = [post for post in problem.posts if post.squadron in (None, duty.squadron)]
    told = [post for post in may if any(task.post == post.id for task in tasks)]
    base = [post for post in may if post.station and duty.kind in ("leader", "stand_by", "desk")]
    where = next((task.node for task in tasks if task.node is not None), None)

    def crowd(post: Post) -> tuple[float, int, str]:
        there = sum(
            max(0, min(end, duty.end_min) - max(start, duty.start_min))
            for start, end in held[post.id]
        )
        near = problem.drives(post.node, where) if where is not None else 0
        return (there + duty.minutes) / need[post.id], near, post.id

    def nearest(post: Post) -> tuple[float, int, str]:
        _, near, name = crowd(post)
        return near, 0, name

    order = crowd if where is None or base else nearest
    return min(told or base or may, key=order, default=None)


def _need(problem: Problem) -> dict[PostId, float]:
    """One and the number of visits due for which a post is the nearest of its squadron's."""
    need = {post.id: 1.0 for post in problem.posts}
    for due in problem.due:
        near = [
            (problem.drives(post.node, due.node), post.id) for post in problem.posts
            if post.squadron in (None, due.squadron)
        ]  # fmt: skip
        minutes, post_id = min(near, default=(NO_LIMIT, None))
        if post_id is not None and minutes < NO_LIMIT:
            need[post_id] += due.visits
    return need


# --- vehicles and PDAs -----------------------------------------------------------------------


@dataclass(slots=True)
class _Pool:
    """Things of a squadron and when each is taken."""

    taken: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    last: dict[TeamId, str] = field(default_factory=dict)

    def is_free(self, name: str, start_min: int, end_min: int) -> bool:
        """Whether nobody has it meanwhile."""
        spans = self.taken.get(name, ())
        return all(end_min <= first or last <= start_min for first, last in spans)

    def take(self, name: str, duty: Duty) -> None:
        """Give it to a duty."""
        self.taken.setdefault(name, []).append((duty.start_min, duty.end_min))
        self.last[duty.team] = name


def equipped(problem: Problem, duties: Sequence[Duty]) -> list[Duty]:
    """Duties with vehicles and PDAs; without those for which there is none, if any are listed."""
    if problem.vehicles:
        cars = _handed(duties, lambda duty, pool: _vehicle(problem, duty, pool))
        duties = [replace(d, vehicle=VehicleId(cars[d.id])) for d in duties if d.id in cars]
    if problem.devices:
        pdas = _handed(duties, lambda duty, pool: _device(problem, duty, pool))
        duties = [replace(d, device=DeviceId(pdas[d.id])) for d in duties if d.id in pdas]
    return list(duties)


def _handed(
    duties: Sequence[Duty], choose: Callable[[Duty, _Pool], str | None]
) -> dict[DutyId, str]:
    """What each duty gets, in order of start; who got nothing chooses first at the next try.

    In order of start nobody goes without where the numbers suffice; only what is withdrawn in
    the midst of the week can make another order better.
    """
    by_squadron: dict[SquadronId, list[Duty]] = {}
    for duty in sorted(duties, key=lambda duty: (duty.start_min, duty.end_min, duty.id)):
        by_squadron.setdefault(duty.squadron, []).append(duty)
    found: dict[DutyId, str] = {}
    for own in by_squadron.values():
        order, best = own, dict[DutyId, str]()
        for _ in range(_TRIES):
            got = _in_order(order, choose)
            best = max(best, got, key=len)
            without = [duty for duty in order if duty.id not in got]
            if not without:
                break
            order = without + [duty for duty in order if duty.id in got]
        found |= best
    return found


def _in_order(
    order: Iterable[Duty], choose: Callable[[Duty, _Pool], str | None]
) -> dict[DutyId, str]:
    pool, got = _Pool(), dict[DutyId, str]()
    for duty in order:
        name = choose(duty, pool)
        if name is not None:
            pool.take(name, duty)
            got[duty.id] = name
    return got


def _vehicle(problem: Problem, duty: Duty, pool: _Pool) -> str | None:
    """The free one with seats for all, the team's last if it can be, else the smallest."""
    span = duty.start_min, duty.end_min
    free = [
        vehicle for vehicle in problem.vehicles
        if vehicle.squadron == duty.squadron and vehicle.is_free(*span)
        and pool.is_free(vehicle.id, *span)
    ]  # fmt: skip

    last = pool.last.get(duty.team)
    had = replace(duty, vehicle=None if last is None else VehicleId(last))

    def order(vehicle: Vehicle) -> tuple[int, bool, int, int, str]:
        gone = [first for first, _ in vehicle.withdrawn if first >= duty.end_min]
        return *fit(vehicle, had), min(gone, default=NO_LIMIT), vehicle.id

    return min(free, key=order).id if free else None


def _device(problem: Problem, duty: Duty, pool: _Pool) -> str | None:
    """A free PDA of the squadron: the team's last if it can be, else the least used."""
    span = duty.start_min, duty.end_min
    used = Counter(pool.last.values())
    free = [
        name for name, owner in problem.devices.items()
        if owner == duty.squadron and pool.is_free(name, *span)
    ]  # fmt: skip
    last = pool.last.get(duty.team)
    return min(free, key=lambda name: (name != last, used[name], name), default=None)
