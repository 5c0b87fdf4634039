"""Wishes: burdens go round. Whoever bore more than their share lately is spared in proportion.

A team's line is of all who are at home in it, so the one of them who bore most above their share
speaks for it. A price in proportion is what one more adds to the sum of squares above the shares;
what is below the shares costs nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from config.ids import PersonId, TeamId
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster
from scheduler.rules.base import Asks, Breach, Limit, Tier
from scheduler.shares import WEEKEND, Kind, Over
from scheduler.slots import SLOT_MIN
from scheduler.terms import Dislike, Prefer, Term

DUTY_H = 8
"""Hours above one's share that weigh as much as one duty above it."""


@dataclass(frozen=True, slots=True)
class NightsInTurn:
    """A night costs `cost` points for each night that somebody of the team had above their share.

    Points are whole, half ones even; so for the rules below.
    """

    id: ClassVar[str] = "nights-in-turn"
    tier: ClassVar[Tier] = Tier.WISH
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = None
    cost: int = 4

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A dislike of nights."""
        for team, over in _overs(problem):
            yield from _dislike(team, (), self.cost * over.nights, nights=True)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Nights of those who had more than their share."""
        counted = [duty for duty in roster.duties if problem.is_night(duty.start_min, duty.end_min)]
        yield from _borne(self, _worst(problem, "nights"), counted)


@dataclass(frozen=True, slots=True)
class WeekendsInTurn:
    """A duty on a week-end costs `cost` points for each such duty above somebody's share."""

    id: ClassVar[str] = "weekends-in-turn"
    tier: ClassVar[Tier] = Tier.WISH
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = None
    cost: int = 4

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A dislike of Saturday and Sunday."""
        for team, over in _overs(problem):
            yield from _dislike(team, WEEKEND, self.cost * over.weekends)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Week-end duties of those who had more than their share."""
        counted = [duty for duty in roster.duties if problem.day(duty.date) in WEEKEND]
        yield from _borne(self, _worst(problem, "weekends"), counted)


@dataclass(frozen=True, slots=True)
class HolidaysInTurn:
    """A duty on a holiday costs `cost` points for each such duty above somebody's share."""

    id: ClassVar[str] = "holidays-in-turn"
    tier: ClassVar[Tier] = Tier.WISH
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = None
    cost: int = 8

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A dislike of the week's holidays, if it has any."""
        for team, over in _overs(problem) if problem.holidays else ():
            yield from _dislike(team, problem.holidays, self.cost * over.holidays)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Holiday duties of those who had more than their share."""
        counted = [duty for duty in roster.duties if problem.day(duty.date) in problem.holidays]
        yield from _borne(self, _worst(problem, "holidays"), counted)


@dataclass(frozen=True, slots=True)
class OvertimeInTurn:
    """Half an hour of overtime costs `cost` points for each 8 h above somebody's share of hours."""

    id: ClassVar[str] = "overtime-in-turn"
    tier: ClassVar[Tier] = Tier.WISH
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = None
    cost: int = 1

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A price of minutes above the contract."""
        for team, over in _overs(problem):
            if (points := round(self.cost * over.hours / DUTY_H)) > 0:
                yield Prefer(team, problem.contract_min(team), short=0, over=points)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Half hours above the contract of those who had more than their share."""
        minutes: dict[TeamId, int] = {}
        for duty in roster.duties:
            minutes[duty.team] = minutes.get(duty.team, 0) + duty.minutes
        for team, (over, person) in _worst(problem, "hours").items():
            points = round(self.cost * over / DUTY_H)
            beyond = -(-(minutes.get(team, 0) - problem.contract_min(team)) // SLOT_MIN)
            if points > 0 and beyond > 0:
                cost = points * beyond
                yield Breach(self.id, self.tier, cost, person, team=team, units=beyond)


# --- for the engines -------------------------------------------------------------------------


def _overs(problem: Problem) -> Iterator[tuple[TeamId, Over]]:
    """Each team, with the most that anybody who is at home in it had above their share."""
    lines: dict[TeamId, set[PersonId]] = {}
    for day, crews in enumerate(problem.crews):
        for team, crew in crews.items():
            lines.setdefault(team, set()).update((crew.officer, *problem.sure(team, day)))
    for team, people in lines.items():
        own = [problem.persons[person].over for person in people]
        yield team, Over(
            max(one.hours for one in own), max(one.nights for one in own),
            max(one.weekends for one in own), max(one.holidays for one in own),
        )  # fmt: skip


def _dislike(
    team: TeamId, days: tuple[int, ...], points: float, *, nights: bool = False
) -> Iterator[Term]:
    if round(points) > 0:
        yield Dislike(team, days, nights, round(points))


# --- for whoever reads a roster --------------------------------------------------------------


def _worst(problem: Problem, kind: Kind) -> dict[TeamId, tuple[float, PersonId]]:
    """Of each team who of those at home in it bore most above their share, and how much."""
    found: dict[TeamId, tuple[float, PersonId]] = {}
    homes = {(crew.id, crew.officer) for crews in problem.crews for crew in crews.values()}
    homes |= {(home, name) for name in problem.persons if (home := problem.home(name))}
    for team, name in homes:
        if person := problem.persons.get(name):  # None: a look at somebody else alone
            own = getattr(person.over, kind), name
            found[team] = max(own, found.get(team, own))
    return found


def _borne(
    rule: NightsInTurn | WeekendsInTurn | HolidaysInTurn,
    worst: Mapping[TeamId, tuple[float, PersonId]], duties: Iterable[Duty],
) -> Iterator[Breach]:  # fmt: skip
    """The points of each duty, at whoever of its team bore most."""
    for duty in duties:
        over, person = worst.get(duty.team, (0.0, duty.officer))
        if (points := round(rule.cost * over)) > 0:
            yield Breach(rule.id, rule.tier, points, person, duty.id)
