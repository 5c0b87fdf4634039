"""Wishes: burdens go round. Judged by the officer, whose line the team's is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from config.ids import PersonId, TeamId
from scheduler.problem import Problem
from scheduler.roster import Roster
from scheduler.rules.base import Asks, Breach, Limit, Tier
from scheduler.terms import Dislike, Term

WEEKEND = (5, 6)
"""Days of the week, Monday 0."""
_NIGHTS_LOOKED_BACK = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class WeekendsInARow:
    """Who worked on last week's week-end is not asked for this one if it can be helped."""

    id: ClassVar[str] = "weekends-in-a-row"
    tier: ClassVar[Tier] = Tier.WISH
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = None
    cost: int = 4

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A dislike of Saturday and Sunday."""
        for team, officer in _officers(problem).items():
            before = {problem.day(worked.date) for worked in problem.persons[officer].past}
            if before & {-2, -1}:
                yield Dislike(team, WEEKEND, nights=False, cost=self.cost)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Duties of this week-end by those who worked on the last."""
        last = {problem.dates[0] - timedelta(days=n) for n in (1, 2)}
        for duty in roster.duties:
            person = problem.persons.get(duty.officer)
            if person is None or problem.day(duty.date) not in WEEKEND:
                continue
            if any(worked.date in last for worked in person.past):
                yield Breach(self.id, self.tier, self.cost, person.id, duty.id)


@dataclass(frozen=True, slots=True)
class NightsInTurn:
    """A night costs as many points as the officer had nights in the last 14 days."""

    id: ClassVar[str] = "nights-in-turn"
    tier: ClassVar[Tier] = Tier.WISH
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = None
    cost: int = 1

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A dislike of nights."""
        for team, officer in _officers(problem).items():
            nights = sum(
                problem.is_night(worked.start_min, worked.end_min)
                for worked in problem.persons[officer].past
                if worked.date >= problem.dates[0] - _NIGHTS_LOOKED_BACK
            )
            if nights:
                yield Dislike(team, (), nights=True, cost=self.cost * nights)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Nights by those who had nights."""
        since = problem.dates[0] - _NIGHTS_LOOKED_BACK
        for duty in roster.duties:
            person = problem.persons.get(duty.officer)
            if person is None or not problem.is_night(duty.start_min, duty.end_min):
                continue
            past = [worked for worked in person.past if worked.date >= since]
            had = [w for w in past if problem.is_night(w.start_min, w.end_min)]
            if had:
                yield Breach(self.id, self.tier, self.cost * len(had), person.id, duty.id)


def _officers(problem: Problem) -> dict[TeamId, PersonId]:
    """The officer of each team, from the days on which it is there."""
    return {team.id: team.officer for crews in problem.crews for team in crews.values()}
