"""What a roster rule is: `terms` tells the solvers, `check` reads a finished roster.

The two faces share no code, so that each tests the other. A law allows the empty roster: it is
broken only by a duty of this week, never by what people bring from the weeks before or what awaits
them after. Duties of later weeks are fixed: where one breaks a law with duties of this week, the
last of these does it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import ClassVar, Literal, Protocol

from config.ids import DutyId, MustArriveId, PersonId, SquadronId, TeamId
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
    point: MustArriveId | None = None
    units: int = 0
    """Units, teams, visits or steps of half an hour that are missing."""
    later: date | None = None
    """Of the duty of a later week, published already, with which a law is broken."""


Asks = Literal["person", "crew", "things"]
"""Whom a rule asks about, one by one, whatever else the roster holds.

person: Each person's own duties, this week's and earlier ones, whoever is with them; for a cost,
each team's own. crew: Each duty: who is on it together, and where. things: What duties share:
vehicles and PDAs; for a cost, the units and teams that a place needs.
"""
Unit = Literal["min", "days", "nights"]


@dataclass(frozen=True, slots=True)
class Limit:
    """The number of a law, as a district sets it.

    name: Of the field in the settings' `Limits`. most: Whether it is a most, else a least. step:
    By how much it is relaxed at once when somebody asks what that would help; 0: never.
    smallest: Below it no number has a meaning.
    """

    name: str
    unit: Unit
    step: int = 0
    most: bool = True
    smallest: int = 0

    def relaxed(self, number: int, steps: int = 1) -> int:
        """The number so many steps easier, never below `smallest`."""
        by = self.step * steps
        return number + by if self.most else max(self.smallest, number - by)


class Rule(Protocol):
    """One sentence about a roster, and what it says of itself to whoever advises."""

    id: ClassVar[str]
    tier: ClassVar[Tier]
    asks: ClassVar[Asks]
    limit: ClassVar[Limit | None]

    def terms(self, problem: Problem) -> Iterator[Term]:
        """What the engines must keep to."""
        ...

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Where a finished roster breaks the rule."""
        ...


@dataclass(frozen=True, slots=True)
class Stint:
    """A person's duty of this week, or (`duty` None) of another one."""

    date: date
    start_min: int
    end_min: int
    duty: Duty | None = None


def stints(problem: Problem, roster: Roster, person: PersonId) -> tuple[Stint, ...]:
    """All that a person has worked and shall work, in order of start; kept for the next rule."""
    one = problem.persons.get(person)
    past, ahead = (one.past, one.ahead) if one is not None else ((), ())
    line: tuple[Stint, ...]
    of, till, line = roster.kept.get(person, (None, None, ()))
    if of is past and till is ahead:
        return line
    found = [Stint(one.date, one.start_min, one.end_min) for one in (*past, *ahead)]
    found += [Stint(d.date, d.start_min, d.end_min, d) for d in roster.duties_of(person)]
    line = tuple(sorted(found, key=lambda stint: (stint.start_min, stint.end_min)))
    roster.kept[person] = (past, ahead, line)
    return line


def later(stint: Stint) -> date | None:
    """Its date where it is of a later week, and so fixed."""
    return stint.date if stint.duty is None and stint.start_min > 0 else None


def ours(line: Iterable[Stint]) -> Iterator[tuple[Stint, Duty]]:
    """Each stint from the week's first duty on, with the duty that breaks a law by it.

    A duty of this week does it itself; where one of a later week is in the line, which is fixed,
    the last of this week does.
    """
    last: Duty | None = None
    for stint in line:
        last = stint.duty or last
        if last is not None:
            yield stint, last


def people_of(problem: Problem, roster: Roster) -> list[PersonId]:
    """Everybody with a duty, those first that are known: a hand-made roster may name strangers."""
    busy = roster.people()
    return [*(p for p in problem.persons if p in busy), *sorted(busy - problem.persons.keys())]
