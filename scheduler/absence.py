"""A published roster without people who are absent: one team fills each hole, nobody else moves."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from config.district import District
from config.ids import PersonId
from config.people import Team
from scheduler.due import Repair, concerned
from scheduler.intake import Week
from scheduler.ledger import Ledger
from scheduler.problem import Problem
from scheduler.publish import problem_to_check
from scheduler.readback import RosterFile, of_events
from scheduler.reasons import Judge, completed
from scheduler.recorded import days_of
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import check
from scheduler.rules.coverage import LEADER, skills

LEAST_REST_MIN = 60
"""Nobody is called out for less than that of a duty: what is left of it is a hole."""


def without_absent(
    district: District, ledger: Ledger, repair: Repair, now_ms: int | None
) -> RosterFile:
    """A version without the people who were reported absent.

    Args:
        district: As its files say.
        ledger: What was reported, and the version.
        repair: Which, and whether people work by it.
        now_ms: What time it is; None: not known.
    """
    held, calendar = ledger.week(repair.week), district.calendar
    draft = held.drafts[repair.version]
    file = of_events(district, repair.week, draft.duties)
    holes = {
        duty["duty"]: ledger.recorded.absent(duty, calendar)
        for duty in concerned(ledger, held, draft, now_ms, calendar)
    }
    gone = {pair for pairs in holes.values() for pair in pairs}
    begun_ms = now_ms if repair.publish else None  # nobody works by a draft
    return repaired(ledger.recorded.onto(district), file, gone, begun_ms, holes)


def repaired(
    district: District, file: RosterFile, gone: Iterable[tuple[str, str]],
    now_ms: int | None = None, duties: Collection[str] | None = None,
) -> RosterFile:  # fmt: skip
    """The roster without people on days (ISO dates) on which they are absent.

    A duty over midnight is of both days, as for the law of leave.

    A duty whose crew is lawful without them goes on. Else it is taken over, as it is, by the
    lawful free team of the squadron with the fewest minutes in the week; if there is none, the
    duty is not there any more: the hole is the difference of the two versions. A vehicle that was
    withdrawn meanwhile is changed for a free one.

    What was worked stays whose it was: a duty that has begun ends now, or when the day of the
    absence begins, and only the rest of it is taken over, if it is worth a way there; one that is
    over is left alone. Where a crew goes on without an auxiliary, the duty is told without them
    from its start: a duty has one crew.

    Args:
        district: With the absences as leave and withdrawn vehicles withdrawn.
        file: The version held.
        gone: Person and date.
        now_ms: What time it is; None: nothing of the roster has begun.
        duties: Ids of the duties that may be changed; None: all.
    """
    of = Week(district.calendar, file.week)
    now_min = None if now_ms is None else of.of_ms(now_ms)
    problem = problem_to_check(district, file)
    absent = set(gone)
    roster = completed(problem, file.roster)
    holes = [
        (duty, missing) for duty in roster.duties
        if (duties is None or duty.id in duties) and (missing := _missing(of, duty, absent))
        and (now_min is None or duty.end_min > now_min)
    ]  # fmt: skip
    roster = roster.replaced(duty.id for duty, _ in holes)
    for duty, missing in holes:
        roster = _filled(problem, roster, duty, missing, now_min)
    gaps = {duty.id for duty, _ in holes}
    kept = {duty.id: duty for duty in file.roster.duties if duty.id not in gaps}
    return replace(file, roster=Roster(tuple(kept.get(d.id, d) for d in roster.duties)))


def _missing(of: Week, duty: Duty, absent: Collection[tuple[str, str]]) -> dict[PersonId, int]:
    """Who of a duty's people is absent while it lasts, and the minute from which they are."""
    days = days_of(of.calendar, of.at_ms(duty.start_min), of.at_ms(duty.end_min))
    return {
        person: of.minute(date.fromisoformat(day))
        for person in duty.people for day in reversed(days) if (person, day) in absent
    }  # fmt: skip


def _filled(
    problem: Problem, roster: Roster, duty: Duty, missing: Mapping[PersonId, int],
    now_min: int | None,
) -> Roster:  # fmt: skip
    """The roster with what is left of the crew on the duty, else with another team on its rest.

    Args:
        problem: The week.
        roster: Without the duty.
        duty: The one to fill.
        missing: Who is absent, and from which minute.
        now_min: What was worked before is not undone; None: it has not begun.
    """
    if duty.officer not in missing:
        own = replace(duty, auxiliaries=tuple(p for p in duty.auxiliaries if p not in missing))
        if found := _lawful(problem, roster, duty, [own]):
            return found
    rest = duty
    if now_min is not None and duty.start_min < now_min < duty.end_min:
        worked, rest = _cut(problem, duty, max(now_min, min(missing.values())))
        roster = roster.replaced((), [worked])
        if rest.minutes < LEAST_REST_MIN:
            return roster
    return _lawful(problem, roster, rest, _free_teams(problem, roster, rest)) or roster


def _cut(problem: Problem, duty: Duty, at_min: int) -> tuple[Duty, Duty]:
    """What was worked of a duty, and the rest of it; a task under way is in both."""
    tasks = {task.id: task for task in problem.tasks}
    known = [tasks[name] for name in duty.tasks if name in tasks]
    worked = replace(
        duty, end_min=at_min, tasks=tuple(t.id for t in known if t.start_min < at_min),
        visits=tuple(
            replace(visit, leave_min=min(visit.leave_min, at_min))
            for visit in duty.visits if visit.arrive_min < at_min
        ),
    )  # fmt: skip
    rest = replace(
        duty, start_min=at_min, tasks=tuple(t.id for t in known if t.end_min > at_min),
        visits=tuple(visit for visit in duty.visits if visit.arrive_min >= at_min),
    )  # fmt: skip
    return worked, rest


def _lawful(
    problem: Problem, roster: Roster, duty: Duty, candidates: Iterable[Duty]
) -> Roster | None:
    """The roster with the first candidate for a duty that breaks no law."""
    # What the duty broke as it was, such as a vehicle withdrawn since, is not its heir's fault.
    before = Counter(check(problem, roster)) | Counter(check(problem, roster.replaced((), [duty])))
    for candidate in candidates:
        other = _with_vehicle(problem, roster, candidate)
        with_it = roster.replaced((), [other])
        if not Counter(check(problem, with_it)) - before:
            return with_it
    return None


def _free_teams(problem: Problem, roster: Roster, duty: Duty) -> list[Duty]:
    """The duty as free teams would do it.

    First those with the skills of its tasks and its role, of these the least loaded.
    """
    crews = problem.crews[problem.day(duty.date)]
    on_duty = {other.team for other in roster.duties if other.date == duty.date}
    minutes = Counter[str]()
    for other in roster.duties:
        minutes[other.team] += other.minutes
    free = [
        _with_crew(problem, roster, duty, crew) for crew in crews.values()
        if crew.squadron == duty.squadron and crew.id not in on_duty and crew.id != duty.team
    ]  # fmt: skip
    return sorted(free, key=lambda other: (_unskilled(problem, other), minutes[other.team]))


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
