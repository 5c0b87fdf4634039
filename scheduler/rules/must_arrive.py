"""Must-arrive points: visits that are due and that no duty makes, and when they are made."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from config.ids import MustArriveId
from scheduler.drives import NO_WAY
from scheduler.problem import Due, Problem
from scheduler.roster import Duty, Roster, Visit
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


@dataclass(frozen=True, slots=True)
class VisitTimes:
    """A visit is a whole stay inside its duty and its window, and the unit can be there in time."""

    id: ClassVar[str] = "visit-times"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "things"
    limit: ClassVar[Limit | None] = None

    def terms(self, problem: Problem) -> Iterator[Term]:
        """None: visits are planned when the lines are finished, and keep to it by themselves."""
        return iter(())

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Minutes by which visits are too early, too late or too short, at their duty."""
        points = {due.id: due for due in problem.due}
        for duty in roster.duties:
            visits = sorted(duty.visits, key=lambda one: (one.arrive_min, one.leave_min))
            wrong = [_amiss_min(duty, visit, points.get(visit.must_arrive)) for visit in visits]
            wrong += [_late_min(problem, points, *pair) for pair in pairwise(visits)]
            if (amiss := sum(wrong)) > 0:
                yield Breach(self.id, self.tier, amiss, duty.officer, duty.id)


@dataclass(frozen=True, slots=True)
class VisitsApart:
    """Two visits of one place are `spacing_min` apart, whoever makes them.

    Those of night checks may follow each other at once: there units share out the hours.
    """

    id: ClassVar[str] = "visits-apart"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "things"
    limit: ClassVar[Limit | None] = None

    def terms(self, problem: Problem) -> Iterator[Term]:
        """None: visits are planned when the lines are finished, and keep to it by themselves."""
        return iter(())

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Minutes by which a visit is too soon after those before it, at its duty."""
        for stays in _at_each_place(problem, roster):
            for n, (visit, due, duty) in enumerate(stays):
                left = [
                    before.leave_min for before, other, _ in stays[:n]
                    if not (due.check and other.check)
                ]  # fmt: skip
                short = max(left) + problem.spacing_min - visit.arrive_min if left else 0
                if short > 0:
                    yield Breach(self.id, self.tier, short, duty.officer, duty.id, point=due.id)


def _at_each_place(
    problem: Problem, roster: Roster
) -> Iterable[Sequence[tuple[Visit, Due, Duty]]]:  # fmt: skip
    """Visits of known points in order of arrival, place by place."""
    points = {due.id: due for due in problem.due}
    found: dict[int, list[tuple[Visit, Due, Duty]]] = {}
    for duty in roster.duties:
        for visit in duty.visits:
            if (due := points.get(visit.must_arrive)) is not None:
                found.setdefault(due.node, []).append((visit, due, duty))
    for stays in found.values():
        stays.sort(key=lambda stay: (stay[0].arrive_min, stay[0].leave_min, stay[2].id))
    return found.values()


def _amiss_min(duty: Duty, visit: Visit, due: Due | None) -> int:
    """Minutes of a visit outside its duty and its window, and those that its stay lacks."""
    first, last = duty.start_min, duty.end_min
    if due is not None:
        first, last = max(first, due.start_min), min(last, due.end_min)
    least = 1 if due is None or due.check else due.dwell_min
    return (
        max(0, first - visit.arrive_min) + max(0, visit.leave_min - last)
        + max(0, least - (visit.leave_min - visit.arrive_min))
    )  # fmt: skip


def _late_min(
    problem: Problem, points: Mapping[MustArriveId, Due], before: Visit, after: Visit
) -> int:
    """Minutes by which a unit comes too late to the second of two visits."""
    one, other = points.get(before.must_arrive), points.get(after.must_arrive)
    drive_min = problem.drives(one.node, other.node) if one and other else 0
    known = drive_min if drive_min < NO_WAY else 0
    return max(0, before.leave_min + known - after.arrive_min)
