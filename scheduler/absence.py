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
    duty is not there any more: the hole is the difference of the two versions. A vehicle that was
    withdrawn meanwhile is changed for a free one.

    Args:
        district: With the absences as leave and withdrawn vehicles withdrawn.
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
    # What the duty broke as it was, such as a vehicle withdrawn since, is not its heir's fault.
    before = Counter(check(problem, roster)) | Counter(check(problem, roster.replaced((), [duty])))
    for candidate in _candidates(problem, roster, duty, there):
        other = _with_vehicle(problem, roster, candidate)
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


def _with_vehicle(problem: Problem, roster: Roster, duty: Duty) -> Duty:
    """The duty with the smallest free vehicle of its squadron, where its own is not to be had."""
    span = duty.start_min, duty.end_min
    own = next((v for v in problem.vehicles if v.id == duty.vehicle), None)
    if not problem.vehicles or (own is not None and own.is_free(*span)):
        return duty
    taken = {d.vehicle for d in roster.duties if d.start_min < span[1] and span[0] < d.end_min}
    free = [
        vehicle for vehicle in problem.vehicles
        if vehicle.squadron == duty.squadron and vehicle.id not in taken
        and vehicle.is_free(*span) and vehicle.seats >= len(duty.people)
    ]  # fmt: skip
    found = min(free, key=lambda vehicle: vehicle.seats, default=None)
    return duty if found is None else replace(duty, vehicle=found.id)


def _unskilled(problem: Problem, duty: Duty) -> int:
    """Tasks and roles of a duty for which its people lack the skills."""
    held = skills(problem, duty.people)
    lacking = sum(not t.skills <= held for t in problem.tasks if t.id in duty.tasks)
    leads = duty.kind == "leader" and LEADER not in skills(problem, (duty.officer,))
    return lacking + leads
