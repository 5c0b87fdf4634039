"""A published roster without people who are absent: one team fills each hole, nobody else moves."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from config.district import District
from config.ids import PersonId
from config.people import Team
from scheduler.problem import Problem
from scheduler.publish import problem_to_check
from scheduler.readback import RosterFile
from scheduler.reasons import Judge, completed
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import check
from scheduler.rules.coverage import LEADER, skills


def repaired(district: District, file: RosterFile, gone: Iterable[tuple[str, str]]) -> RosterFile:
    """The roster without people on days (ISO dates) on which they are absent.

    A duty whose crew is lawful without them goes on. Else it is taken over, as it is, by the
    lawful free team of the squadron with the fewest minutes in the week; if there is none, the
    duty is not there any more: the hole is the difference of the two versions.

    Args:
        district: With the absences as leave.
        file: The version held.
        gone: Person and date.
    """
    problem = problem_to_check(district, file)
    absent = set(gone)
    roster = completed(problem, file.roster)
    holes = [
        duty for duty in roster.duties
        if any((person, duty.date.isoformat()) in absent for person in duty.people)
    ]  # fmt: skip
    roster = roster.replaced(duty.id for duty in holes)
    for duty in holes:
        there = tuple(p for p in duty.people if (p, duty.date.isoformat()) not in absent)
        roster = _filled(problem, roster, duty, there)
    gaps = {duty.id for duty in holes}
    kept = {duty.id: duty for duty in file.roster.duties if duty.id not in gaps}
    return replace(file, roster=Roster(tuple(kept.get(d.id, d) for d in roster.duties)))


def _filled(problem: Problem, roster: Roster, duty: Duty, there: tuple[PersonId, ...]) -> Roster:
    before = Counter(check(problem, roster))
    for other in _candidates(problem, roster, duty, there):
        with_it = roster.replaced((), [other])
        if not Counter(check(problem, with_it)) - before:
            return with_it
    return roster


def _candidates(
    problem: Problem, roster: Roster, duty: Duty, there: tuple[PersonId, ...]
) -> Iterator[Duty]:
    """Who could do the duty: what is left of its crew, then free teams.

    First those with the skills of its tasks and its role, of these the least loaded.
    """
    if duty.officer in there:
        yield replace(duty, auxiliaries=tuple(p for p in duty.auxiliaries if p in there))
    crews = problem.crews[problem.day(duty.date)]
    on_duty = {other.team for other in roster.duties if other.date == duty.date}
    minutes = Counter[str]()
    for other in roster.duties:
        minutes[other.team] += other.minutes
    free = [
        _with_crew(problem, roster, duty, crew) for crew in crews.values()
        if crew.squadron == duty.squadron and crew.id not in on_duty and crew.id != duty.team
    ]  # fmt: skip
    yield from sorted(free, key=lambda other: (_unskilled(problem, other), minutes[other.team]))


def _with_crew(problem: Problem, roster: Roster, duty: Duty, crew: Team) -> Duty:
    """The duty with another team: of its auxiliaries those whom the laws allow it."""
    alone = replace(
        duty, id=duty_id(crew.id, duty.date), team=crew.id, officer=crew.officer, auxiliaries=()
    )

    def may(person: PersonId) -> bool:
        judge = Judge.of(problem, roster, [person], alone.id)
        lone = replace(alone, officer=person, tasks=(), visits=())
        return set(judge.broken(lone)) <= {"bonds", "crew-law"}

    return replace(alone, auxiliaries=tuple(p for p in crew.auxiliaries if may(p)))


def _unskilled(problem: Problem, duty: Duty) -> int:
    """Tasks and roles of a duty for which its people lack the skills."""
    held = skills(problem, duty.people)
    lacking = sum(not t.skills <= held for t in problem.tasks if t.id in duty.tasks)
    leads = duty.kind == "leader" and LEADER not in skills(problem, (duty.officer,))
    return lacking + leads
