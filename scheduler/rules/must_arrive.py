"""Must-arrive points: visits that are due and that no duty makes."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from config.ids import MustArriveId
from scheduler.problem import Due, Problem
from scheduler.roster import Roster
from scheduler.rules.base import Asks, Breach, Limit, Tier
from scheduler.terms import Term


@dataclass(frozen=True, slots=True)
class MustArrivePoints:
    """Each point is visited as often as is due."""

    id: ClassVar[str] = "must-arrive"
    tier: ClassVar[Tier] = Tier.COVER
    asks: ClassVar[Asks] = "things"
    limit: ClassVar[Limit | None] = None

    def terms(self, problem: Problem) -> Iterator[Term]:
        """None: who has time for a visit shows when tasks and ways are known.

        Whatever rosters the engines finish are compared with it; their bound holds without it.
        """
        return iter(())

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Points with visits that nobody makes."""
        for due, short in _short(problem, roster):
            yield Breach(
                self.id, self.tier, short * problem.costs.visit, squadron=due.squadron,
                point=due.id, units=short,
            )  # fmt: skip


def visits_met(problem: Problem, roster: Roster) -> tuple[int, int]:
    """How many of the visits due are planned, those of night checks too; and how many are due.

    A point that is visited more often than it is due counts as often as it is due.
    """
    due = sum(due.visits for due in problem.due)
    return due - sum(short for _, short in _short(problem, roster)), due


def visits_left(problem: Problem, roster: Roster) -> list[MustArriveId]:
    """Points that are not visited as often as is due."""
    return [due.id for due, _ in _short(problem, roster)]


def _short(problem: Problem, roster: Roster) -> Iterator[tuple[Due, int]]:
    """Points that lack visits, with how many."""
    made = Counter(visit.must_arrive for duty in roster.duties for visit in duty.visits)
    for due in problem.due:
        if (short := due.visits - made[due.id]) > 0:
            yield due, short
