"""Who is on each duty of a line: the officer, and every auxiliary who may lawfully be.

A line was made lawful for its officer and for the auxiliaries at home in the team. Whoever has
another week than the line's, a guest or someone away on one of its days, is asked for singly.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from config.ids import DutyId, PersonId, TeamId
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import Tier, rules_of
from scheduler.rules.crews import Bonds, CrewLaw, Vehicles
from scheduler.solve.options import Span


def crewed(problem: Problem, lines: Mapping[TeamId, tuple[Span, ...]]) -> list[Duty]:
    """The duties of the lines with their people, in order of start; patrols as yet."""
    duties = [
        _led(problem, team, span)
        for team, spans in lines.items() for span in spans if team in problem.crews[span.day]
    ]  # fmt: skip
    duties.sort(key=lambda duty: (duty.start_min, duty.id))
    asked: dict[PersonId, list[Duty]] = {}
    for duty in duties:
        for person in problem.crews[problem.day(duty.date)][duty.team].auxiliaries:
            asked.setdefault(person, []).append(duty)
    aboard: dict[DutyId, set[PersonId]] = {duty.id: set() for duty in duties}
    held = Counter(duty.team for duty in duties)
    for person, some in asked.items():
        home = problem.home(person)
        for duty in _joined(problem, person, some, held[home] if home else 0):
            aboard[duty.id].add(person)
    return [
        replace(duty, auxiliaries=tuple(
            person for person in problem.crews[problem.day(duty.date)][duty.team].auxiliaries
            if person in aboard[duty.id]
        ))
        for duty in duties
    ]  # fmt: skip


def _led(problem: Problem, team: TeamId, span: Span) -> Duty:
    """A duty of its officer alone."""
    crew, day = problem.crews[span.day][team], problem.dates[span.day]
    return Duty(
        duty_id(team, day), team, crew.squadron, day, span.start_min, span.end_min, "patrol",
        crew.officer,
    )  # fmt: skip


def _joined(problem: Problem, person: PersonId, asked: Sequence[Duty], held: int) -> Sequence[Duty]:
    """The duties in which a person takes part, at home before those as a guest.

    Args:
        problem: The week.
        person: Who.
        asked: Duties whose team they are bonded to that day.
        held: How many duties the team has in which they are at home.
    """
    there = [d for d in asked if problem.persons[person].is_free(d.start_min, d.end_min)]
    own = [duty for duty in there if duty.team == problem.home(person)]
    if len(own) == held == len(there):
        return own  # the whole line, which is lawful for them
    joined: list[Duty] = []
    for duty in sorted(there, key=lambda duty: (duty.team != problem.home(person), duty.start_min)):
        if _lawful(problem, person, [*joined, duty]):
            joined.append(duty)
    return joined


def _lawful(problem: Problem, person: PersonId, duties: Sequence[Duty]) -> bool:
    """Whether the laws of working time allow a person these duties."""
    alone = replace(problem, persons={person: problem.persons[person]}, _home={})
    roster = Roster(tuple(replace(d, officer=person, auxiliaries=()) for d in duties))
    return not any(
        any(rule.check(alone, roster))
        for rule in rules_of(problem)
        if rule.tier is Tier.LAW and not isinstance(rule, (Bonds, CrewLaw, Vehicles))
    )
