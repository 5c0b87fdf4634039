"""What each team of a squadron may do on each day of a repair, and how much that changes.

A team-day that changes counts for each of its people of that day: the officer and those bonded to
them who are there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from config.ids import PersonId, SquadronId, TeamId
from config.people import Team
from scheduler.drives import NO_WAY
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import Breach, check, laws_of
from scheduler.rules.coverage import LEADER, skills
from scheduler.rules.crews import Leave, Vehicles
from scheduler.rules.must_arrive import VisitsApart
from scheduler.slots import DAYS, SLOTS_A_DAY
from scheduler.solve.mend import Choice
from scheduler.things import grounded

OTHER, NEW, GONE, MOVED = 5, 4, 3, 2
"""Weights of a person's day: another duty than they were told of, one on a day off, none in place
of theirs, and theirs at another time."""
UNDONE, UNDONE_TASK, UNSKILLED = 45, 75, 20
"""Weights of a duty that nobody does, of one with a fixed duty or a role, and of one that is done
without the skill: nobody moves twenty people for one patrol."""
MOST_MOVE_MIN = 120
"""A duty is moved by no more than that."""

ROLES = frozenset(("leader", "stand_by"))

Day = tuple[TeamId, date]


@dataclass(frozen=True, slots=True)
class Stays:
    """What may not change.

    now_min: What starts before is begun or over. pinned: Days of teams as a person fixed them.
    forced: Days of teams that shall be like that, None for no duty. spared: Who gets no other
    duty, on no day: whoever is sick on Monday is not called out on Wednesday for it.
    """

    now_min: int | None = None
    pinned: frozenset[Day] = frozenset()
    forced: Mapping[Day, Duty | None] = field(default_factory=dict)
    spared: frozenset[PersonId] = frozenset()

    def is_over(self, start_min: int) -> bool:
        """Whether it is too late to change a duty."""
        return self.now_min is not None and start_min < self.now_min


def undone_points(duty: Duty) -> int:
    """What it counts that nobody does a duty."""
    return UNDONE_TASK if duty.tasks or duty.kind in ROLES else UNDONE


class Offers:
    """The choices of one squadron's teams."""

    def __init__(
        self, problem: Problem, roster: Roster, holes: Sequence[Duty], squadron: SquadronId,
        stays: Stays,
    ) -> None:  # fmt: skip
        """Lay out what everybody may do.

        Args:
            problem: The week.
            roster: As it is, without what nobody does any more.
            holes: Duties that nobody does, each to be done as it is, if begun the rest of it.
            squadron: Whose.
            stays: What may not change.
        """
        self.stays, self.hole_count = stays, len(holes)
        self.roster = Roster(tuple(d for d in roster.duties if d.squadron == squadron))
        forced = [duty for duty in stays.forced.values() if duty is not None]
        known = [*self.roster.duties, *holes, *forced]
        self.problem = problem = _of_squadron(problem, squadron, known)
        self._of_a_duty = Leave(), *laws_of(problem, "crew")
        open_ = {duty.id for duty in self.grounded()}  # to be put right, not to be borne
        self.before = Counter(
            breach for breach in breaches(problem, self.roster)
            if breach.rule != Vehicles.id or breach.duty not in open_
        )  # fmt: skip
        stays_wrong = [one for one in self.before if one.rule != VisitsApart.id]  # a visit may move
        wrong = {breach.person for breach in stays_wrong} | {breach.duty for breach in stays_wrong}
        self._frozen = {
            duty.team for duty in self.roster.duties if wrong & {duty.id, *duty.people}
        } - {team for team, _ in stays.forced}
        self._own = {(duty.team, problem.day(duty.date)): duty for duty in self.roster.duties}
        for (team, on), duty in stays.forced.items():
            self._own.pop((team, problem.day(on)), None)
            if duty is not None:
                self._own[team, problem.day(on)] = duty
        movable = [
            duty for (team, day), duty in sorted(self._own.items())
            if duty not in forced and not self._fixed(team, day)
        ]  # fmt: skip
        self.jobs: list[Duty] = [*holes, *forced, *movable]
        self._number = {id(duty): n for n, duty in enumerate(self.jobs)}
        self.duties: dict[tuple[TeamId, int, int], Duty | None] = {}
        self.lines: dict[str, tuple[tuple[Choice, ...], ...]] = {
            team: tuple(self._choices(team, day) for day in range(DAYS)) for team in problem.teams
        }

    @property
    def undone(self) -> list[int]:
        """Of each job: points when nobody does it."""
        return [undone_points(duty) for duty in self.jobs]

    @property
    def about(self) -> frozenset[int]:
        """Days on which something is to be put right."""
        days = {self.problem.day(hole.date) for hole in self.jobs[: self.hole_count]}
        days |= {self.problem.day(on) for _, on in self.stays.forced}
        return frozenset(days | {self.problem.day(d.date) for d in self.grounded()})

    def grounded(self) -> list[Duty]:
        """Duties whose vehicle is withdrawn."""
        return list(grounded(self.problem, self.roster.duties, self.stays.now_min))

    def _fixed(self, team: TeamId, day: int) -> bool:
        """Whether a team's day stays as it is."""
        own = self._own.get((team, day))
        on = self.problem.dates[day]
        if (team, on) in self.stays.forced:
            return False
        return (
            team in self._frozen or (team, on) in self.stays.pinned
            or (own is not None and self.stays.is_over(own.start_min))
        )  # fmt: skip

    def people(self, team: TeamId, day: int) -> int:
        """For how many people a change of a team's day counts."""
        crew = self.problem.crews[day].get(team)
        if crew is None:
            own = self._own.get((team, day))
            return len(own.people) if own else 1
        midnight_min = self.problem.slot_min[SLOTS_A_DAY * day]
        there = [
            p for p in crew.auxiliaries
            if self.problem.persons[p].is_free(midnight_min, midnight_min + 1)
        ]  # fmt: skip
        return 1 + len(there)

    def _choices(self, team: TeamId, day: int) -> tuple[Choice, ...]:
        """The first is how it is."""
        own, count = self._own.get((team, day)), self.people(team, day)
        forced = (team, self.problem.dates[day]) in self.stays.forced
        job = self._number.get(id(own)) if own else None
        span = (own.start_min, own.end_min) if own else None
        found = [Choice(job, span, OTHER * count if forced else 0)]
        self.duties[team, day, 0] = own
        if forced or self._fixed(team, day):
            return tuple(found)

        def offer(duty: Duty | None, number: int | None, weight: int, lack: int = 0) -> None:
            self.duties[team, day, len(found)] = duty
            told = (duty.start_min, duty.end_min) if duty else None
            found.append(Choice(number, told, weight, lack))

        if own is not None:
            offer(None, None, GONE * count)
            for moved in self._moved(own):
                offer(moved, job, MOVED * count)
        crew = self.problem.crews[day].get(team)
        if crew is None or not self.stays.spared.isdisjoint((crew.officer, *crew.auxiliaries)):
            return tuple(found)
        for number, duty in enumerate(self.jobs):
            if duty is own or self.problem.day(duty.date) != day:
                continue
            late = self.stays.is_over(duty.start_min) and number >= self.hole_count
            taken = any(duty is other for other in self.stays.forced.values())
            new = None if late or taken else self._taken_by(crew, duty)
            if new is not None:
                lacks = _lacking(self.problem, new) > _lacking(self.problem, duty)
                offer(new, number, (OTHER if own else NEW) * count, UNSKILLED * lacks)
        return tuple(found)

    def _moved(self, own: Duty) -> Iterator[Duty]:
        """A team's duty at other times of the grid, with all that is done in it."""
        tasks = [task for task in self.problem.tasks if task.id in own.tasks]
        spans = [*_away(self.problem, own), *((task.start_min, task.end_min) for task in tasks)]
        first = min((start for start, _ in spans), default=own.end_min)
        last = max((end for _, end in spans), default=own.start_min)
        for start in self.problem.starts[self.problem.day(own.date)]:
            end = start + own.minutes
            by = abs(start - own.start_min)
            if 0 < by <= MOST_MOVE_MIN and start <= first and last <= end:
                moved = replace(own, start_min=start, end_min=end)
                if not self.stays.is_over(start) and self._may(moved):
                    yield moved

    def _taken_by(self, crew: Team, duty: Duty) -> Duty | None:
        """A duty as another team would do it, all of its people who are there; None: never."""
        if crew.squadron != duty.squadron:
            return None
        span = duty.start_min, duty.end_min
        there = tuple(p for p in crew.auxiliaries if self.problem.persons[p].is_free(*span))
        new = replace(
            duty, id=duty_id(crew.id, duty.date), team=crew.id, officer=crew.officer,
            auxiliaries=there,
        )  # fmt: skip
        return new if self._may(new) else None

    def fewest(self, team: TeamId, day: int, number: int) -> int:
        """How many people are aboard at least, of what a choice does; 1 where nothing says."""
        duty = self.duties[team, day, number]
        if duty is None:
            return 0
        if number == 0 and (team, duty.date) not in self.stays.forced:
            return len(duty.people)
        officers = {p for p, of in self.problem.persons.items() if of.role == "officer"}
        first = sorted(duty.auxiliaries, key=lambda person: person not in officers)
        crews = (replace(duty, auxiliaries=tuple(first[:n])) for n in range(len(first) + 1))
        return next((len(crew.people) for crew in crews if self._may(crew)), 1)

    def _may(self, duty: Duty) -> bool:
        """Whether nothing about the duty itself forbids it."""
        one = Roster((duty,))
        return not any(True for rule in self._of_a_duty for _ in rule.check(self.problem, one))


def only(problem: Problem, people: Iterable[PersonId]) -> Problem:
    """The week with some people alone, whatever they ride in."""
    persons = {p: problem.persons[p] for p in people if p in problem.persons}
    return replace(problem, persons=persons, vehicles=(), devices={}, due=(), _home={})


def breaches(problem: Problem, roster: Roster) -> list[Breach]:
    """What a roster of one squadron breaks."""
    people = {p for duty in roster.duties for p in duty.people}
    own = check(only(problem, sorted(people)), roster, "person")
    return [*own, *check(problem, roster, "crew", "things")]


def _of_squadron(problem: Problem, squadron: SquadronId, duties: Iterable[Duty]) -> Problem:
    """A squadron's part of a week, with the points that its duties visit.

    Those say on which road a crew stands, and whether a duty moved reaches them in time. What
    units are needed is left as it is.
    """
    visited = {visit.must_arrive for duty in duties for visit in duty.visits}
    return replace(
        problem, squadrons=(squadron,), _home={},
        due=tuple(due for due in problem.due if due.id in visited),
        persons={p: one for p, one in problem.persons.items() if one.squadron == squadron},
        teams={team: of for team, of in problem.teams.items() if of == squadron},
        crews=tuple(
            {name: team for name, team in day.items() if team.squadron == squadron}
            for day in problem.crews
        ),
        tasks=tuple(task for task in problem.tasks if task.squadron in (None, squadron)),
        vehicles=tuple(car for car in problem.vehicles if car.squadron == squadron),
        devices={name: of for name, of in problem.devices.items() if of == squadron},
    )  # fmt: skip


def _away(problem: Problem, duty: Duty) -> list[tuple[int, int]]:
    """Of each visit of a duty: when it leaves its post for it, and is back at the soonest."""
    nodes = {due.id: due.node for due in problem.due}
    post = next((one.node for one in problem.posts if one.id == duty.post), None)
    found = []
    for visit in duty.visits:
        node = nodes.get(visit.must_arrive)
        there, back = problem.drives(post, node), problem.drives(node, post)
        found.append((visit.arrive_min - there, visit.leave_min + back))
    return found


def reached(problem: Problem, duty: Duty, was: Duty) -> Duty:
    """A duty whose hours are others now, with those of its visits that it still can make.

    Args:
        problem: The week.
        duty: With its new hours.
        was: With those before: where it begins no later, or ends no sooner, nothing is asked anew.
    """
    first = duty.start_min if duty.start_min > was.start_min else -NO_WAY
    last = duty.end_min if duty.end_min < was.end_min else NO_WAY
    spans = zip(duty.visits, _away(problem, duty), strict=True)
    made = (visit for visit, (start, end) in spans if first <= start and end <= last)
    return replace(duty, visits=tuple(made))


def _lacking(problem: Problem, duty: Duty) -> int:
    """Tasks and roles of a duty for which its people lack the skills."""
    held = skills(problem, duty.people)
    lacking = sum(not t.skills <= held for t in problem.tasks if t.id in duty.tasks)
    return lacking + (duty.kind == "leader" and LEADER not in skills(problem, (duty.officer,)))
