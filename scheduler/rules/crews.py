"""Laws of who works with whom and where: leave, bonds, crew law, vehicles and PDAs."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from config.people import LAWFUL_AUXILIARIES, crew_is_lawful
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster
from scheduler.rules.base import Asks, Breach, Limit, Tier
from scheduler.slots import DAYS
from scheduler.terms import AtOnce, Forbid, Term

if TYPE_CHECKING:
    from config.ids import PostId

ALWAYS = (-(2**31), 2**31)


@dataclass(frozen=True, slots=True)
class Leave:
    """No duty touches a day on which one of its people is on leave."""

    id: ClassVar[str] = "leave"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = None

    def terms(self, problem: Problem) -> Iterator[Term]:
        """Spans of the officer; an auxiliary on leave only leaves the crew smaller."""
        for day, crews in enumerate(problem.crews):
            for team in crews.values():
                for start_min, end_min in problem.persons[team.officer].absent:
                    yield Forbid(team.id, start_min, end_min, day)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Minutes of duty inside leave."""
        for duty in roster.duties:
            for person in duty.people:
                for first, last in (
                    problem.persons[person].absent if person in problem.persons else ()
                ):
                    inside = min(duty.end_min, last) - max(duty.start_min, first)
                    if inside > 0:
                        yield Breach(self.id, self.tier, inside, person, duty.id)


@dataclass(frozen=True, slots=True)
class Bonds:
    """A duty's people are the team's officer and auxiliaries bonded to that officer that day."""

    id: ClassVar[str] = "bonds"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "crew"
    limit: ClassVar[Limit | None] = None

    def terms(self, problem: Problem) -> Iterator[Term]:
        """No duty on a day on which there is no such team."""
        for team in problem.teams:
            for day, crews in enumerate(problem.crews):
                if team not in crews:
                    yield Forbid(team, *ALWAYS, day)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """People who are not of the team, each once."""
        for duty in roster.duties:
            day = problem.day(duty.date)
            crew = problem.crews[day].get(duty.team) if 0 <= day < DAYS else None
            if crew is None or crew.squadron != duty.squadron:
                yield Breach(self.id, self.tier, 1, duty.officer, duty.id, team=duty.team)
                continue
            wrong = [p for p in duty.auxiliaries if p not in crew.auxiliaries]
            if duty.officer != crew.officer:
                wrong.append(duty.officer)
            for person in wrong:
                yield Breach(self.id, self.tier, 1, person, duty.id, team=duty.team)


@dataclass(frozen=True, slots=True)
class CrewLaw:
    """A crew is lawful for its post, its tasks and its visits.

    Two officers, or an officer leading two auxiliaries, wherever the crew law holds. A desk
    stands on no road. Files and events name no tasks, only the kind of duty: then the duty does
    that task of its kind and hours that asks least of its crew.
    """

    id: ClassVar[str] = "crew-law"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "crew"
    limit: ClassVar[Limit | None] = None

    def terms(self, problem: Problem) -> Iterator[Term]:
        """Too small a crew works only where there is a post on a local road."""
        for team, squadron in problem.teams.items():
            if not problem.strict(None) or _has_local_post(problem, squadron):
                continue
            for day, crews in enumerate(problem.crews):
                if team not in crews:
                    continue
                sure = problem.sure(team, day)
                if len(sure) < LAWFUL_AUXILIARIES:
                    yield Forbid(team, *ALWAYS, day)
                for person in sure:
                    others = [problem.persons[p] for p in sure if p != person]
                    for span in problem.persons[person].absent:
                        if sum(1 for p in others if p.is_free(*span)) < LAWFUL_AUXILIARIES:
                            yield Forbid(team, *span, day)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Duties with a place of work for which the crew is too small."""
        roads = _Roads(problem)
        for duty in roster.duties:
            classes = roads.of(duty)
            crew = [problem.persons[p] for p in duty.people if p in problem.persons]
            officers = sum(1 for person in crew if person.role == "officer")
            auxiliaries = len(crew) - officers

            def lawful(road_class: str | None) -> bool:
                return crew_is_lawful(officers, auxiliaries, road_class, problem.crew_law)  # noqa: B023 - at once

            may_do = _classes_of_kind(problem, duty)
            wrong = sum(not lawful(road_class) for road_class in classes)
            wrong += bool(may_do) and not any(map(lawful, may_do))
            if wrong:
                yield Breach(self.id, self.tier, wrong, duty.officer, duty.id)


def _has_local_post(problem: Problem, squadron: str) -> bool:
    return any(
        post.squadron in (None, squadron) and not problem.strict(post.road_class)
        for post in problem.posts
    )


def _classes_of_kind(problem: Problem, duty: Duty) -> list[str | None]:
    """Road classes of the tasks that a duty which names none can be there for by its kind."""
    if duty.tasks:
        return []
    return [
        task.road_class for task in problem.tasks
        if task.kind == duty.kind and task.on_road and task.squadron in (None, duty.squadron)
        and duty.start_min <= task.start_min and task.end_min <= duty.end_min
    ]  # fmt: skip


class _Roads:
    """Road classes of posts, tasks and points of a problem."""

    def __init__(self, problem: Problem) -> None:
        self.posts: dict[PostId | None, str | None] = {
            post.id: post.road_class for post in problem.posts
        }
        self.tasks = {task.id: task.road_class for task in problem.tasks if task.on_road}
        self.points = {due.id: due.road_class for due in problem.due}

    def of(self, duty: Duty) -> list[str | None]:
        """Classes of the roads on which a duty works."""
        classes: list[str | None] = []
        if duty.kind != "desk":
            classes.append(self.posts.get(duty.post))
        classes += [self.tasks[task] for task in duty.tasks if task in self.tasks]
        return classes + [self.points.get(visit.must_arrive) for visit in duty.visits]


@dataclass(frozen=True, slots=True)
class Vehicles:
    """A unit has a vehicle of its squadron, not withdrawn, that no other unit has meanwhile."""

    id: ClassVar[str] = "vehicles"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "things"
    limit: ClassVar[Limit | None] = None

    def terms(self, problem: Problem) -> Iterator[Term]:
        """As many at once as there are vehicles and PDAs."""
        yield AtOnce(problem.at_once())

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Duties without a vehicle, with a wrong one, or with another's; likewise PDAs."""
        own = {vehicle.id: vehicle for vehicle in problem.vehicles}
        for duty in roster.duties if own else ():
            vehicle = own.get(duty.vehicle) if duty.vehicle else None
            span = duty.start_min, duty.end_min
            if vehicle is None or vehicle.squadron != duty.squadron or not vehicle.is_free(*span):
                yield Breach(self.id, self.tier, 1, duty.officer, duty.id)
        yield from self._shared(roster)
        yield from self._too_many(problem, roster)

    def _shared(self, roster: Roster) -> Iterator[Breach]:
        """Two duties at once with one vehicle or one PDA."""
        for kind in ("vehicle", "device"):
            used = [duty for duty in roster.duties if getattr(duty, kind)]
            used.sort(key=lambda duty: (getattr(duty, kind), duty.start_min))
            for before, after in pairwise(used):
                over = before.end_min - after.start_min
                if getattr(before, kind) == getattr(after, kind) and over > 0:
                    yield Breach(self.id, self.tier, over, after.officer, after.id)

    def _too_many(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """More units at once than the squadron has PDAs, at the duty that makes it so."""
        if not problem.devices:
            return
        devices = Counter(problem.devices.values())
        spans = {
            squadron: [
                (duty.start_min, duty.end_min) for duty in roster.duties
                if duty.squadron == squadron and duty.start_min < duty.end_min
            ]
            for squadron in {duty.squadron for duty in roster.duties}
        }  # fmt: skip
        starts = {squadron: sorted(start for start, _ in own) for squadron, own in spans.items()}
        ends = {squadron: sorted(end for _, end in own) for squadron, own in spans.items()}
        for duty in roster.duties:
            held, own, at = devices[duty.squadron], duty.squadron, duty.start_min
            wrong = duty.device and problem.devices.get(duty.device) != own
            busy = bisect_right(starts[own], at) - bisect_right(ends[own], at)
            if wrong or busy > held:
                yield Breach(self.id, self.tier, max(1, busy - held), duty.officer, duty.id)
