"""What a roster rule is: `terms` tells the solvers, `check` reads a finished roster.

The two faces share no code, so that each tests the other. A law allows the empty roster: it is
broken only by a duty of this week, never by what people bring from the weeks before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import ClassVar, Protocol

from config.ids import DutyId, PersonId, SquadronId, TeamId
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster
from scheduler.terms import Term


class Tier(IntEnum):
    """How much a rule weighs: a lower tier is never given up for a higher one."""

    LAW = 0
    CONTRACT = 1
    COVER = 2
    WISH = 3


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a roster breaks a rule, as data.

    amount: Minutes, dates or people over a law's limit, or the cost in the rule's tier.
    """

    rule: str
    tier: Tier
    amount: int
    person: PersonId | None = None
    duty: DutyId | None = None
    team: TeamId | None = None
    squadron: SquadronId | None = None
    task: str | None = None
    slot: int | None = None
    units: int = 0
    """Units, teams or steps of half an hour that are missing."""


class Rule(Protocol):
    """One sentence about a roster."""

    id: ClassVar[str]
    tier: ClassVar[Tier]

    def terms(self, problem: Problem) -> Iterator[Term]:
        """What the engines must keep to."""
        ...

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Where a finished roster breaks the rule."""
        ...


@dataclass(frozen=True, slots=True)
class Stint:
    """A person's duty of this week, or (`duty` None) of an earlier one."""

    date: date
    start_min: int
    end_min: int
    duty: Duty | None = None


def stints(problem: Problem, roster: Roster, person: PersonId) -> list[Stint]:
    """All that a person has worked and shall work, in order of start."""
    past = problem.persons[person].past if person in problem.persons else ()
    found = [Stint(worked.date, worked.start_min, worked.end_min) for worked in past]
    found += [Stint(d.date, d.start_min, d.end_min, d) for d in roster.duties_of(person)]
    return sorted(found, key=lambda stint: (stint.start_min, stint.end_min))


def people_of(problem: Problem, roster: Roster) -> list[PersonId]:
    """Everybody known, and strangers whom a hand-made roster names."""
    strangers = {p for duty in roster.duties for p in duty.people} - set(problem.persons)
    return [*problem.persons, *sorted(strangers)]
