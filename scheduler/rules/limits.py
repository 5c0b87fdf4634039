"""Laws of working time, checked per person, over the weeks before too."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import ClassVar

from config.durations import DAY_MIN
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster
from scheduler.rules.base import Asks, Breach, Limit, Stint, Tier, later, ours, people_of, stints
from scheduler.slots import DAYS
from scheduler.terms import DRIFT_DAYS, Drift, MinGap, Term, Window

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OneDutyADay:
    """A person has at most one duty that starts on a date. Every engine works by date."""

    id: ClassVar[str] = "one-duty-a-day"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = None

    def terms(self, problem: Problem) -> Iterator[Term]:
        """None: a line of every engine has one duty a date."""
        yield from ()

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Second duties of a date."""
        for person in people_of(problem, roster):
            for before, after in pairwise(stints(problem, roster, person)):
                if after.duty and before.date == after.date:
                    yield Breach(self.id, self.tier, 1, person, after.duty.id)


@dataclass(frozen=True, slots=True)
class RestBetweenDuties:
    """A person rests at least `rest_min` between two duties, last week's included."""

    id: ClassVar[str] = "rest-between-duties"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = Limit("rest_min", "min", step=60, most=False)
    rest_min: int = 660

    def terms(self, problem: Problem) -> Iterator[Term]:
        """One gap."""
        yield MinGap(self.rest_min)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Minutes of rest that are missing."""
        for person in people_of(problem, roster):
            end_min: int | None = None
            last: Duty | None = None  # where the stint before is of this week
            for stint in stints(problem, roster, person):
                at = stint.duty or last
                if at is not None and end_min is not None:
                    short = self.rest_min - (stint.start_min - end_min)
                    if short > 0:
                        yield Breach(self.id, self.tier, short, person, at.id, later=later(stint))
                end_min = stint.end_min if end_min is None else max(end_min, stint.end_min)
                last = stint.duty


@dataclass(frozen=True, slots=True)
class MostIn24Hours:
    """A person works at most `most_min` minutes in any 24 hours."""

    id: ClassVar[str] = "most-in-24-hours"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = Limit("most_in_24h_min", "min", step=60)
    most_min: int = 720

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A window of minutes."""
        yield Window(self.most_min, "span", DAY_MIN)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Minutes too many in the fullest 24 hours that end with each duty."""
        for person in people_of(problem, roster):
            line = stints(problem, roster, person)
            for stint, duty in ours(line):
                if stint.start_min - duty.end_min >= DAY_MIN:
                    break  # later weeks that no 24 hours have in common with this one
                near = [
                    s for s in line
                    if s.end_min > stint.start_min - DAY_MIN and s.start_min <= stint.start_min
                ]  # fmt: skip
                if sum(s.end_min - s.start_min for s in near) <= self.most_min:
                    continue
                over = self._fullest(near, stint, duty) - self.most_min
                if over > 0:
                    yield Breach(self.id, self.tier, over, person, duty.id, later=later(stint))

    @staticmethod
    def _fullest(near: Sequence[Stint], last: Stint, own: Duty) -> int:
        """Most minutes of any 24 hours that touch the last stint and this week's last duty."""
        opens = [s.start_min for s in near] + [s.end_min - DAY_MIN for s in near]
        touching = [at for at in opens if at < own.end_min and at + DAY_MIN > last.start_min]
        return max(
            (
                sum(max(0, min(s.end_min, at + DAY_MIN) - max(s.start_min, at)) for s in near)
                for at in touching
            ),
            default=0,
        )


@dataclass(frozen=True, slots=True)
class MostInSevenDays:
    """A person works at most `most_min` minutes in any seven dates, by the duties' dates."""

    id: ClassVar[str] = "most-in-seven-days"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = Limit("most_in_7_days_min", "min", step=480)
    most_min: int = 2880

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A window of dates."""
        yield Window(self.most_min, "dates", DAYS)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Minutes too many in the seven dates that end with each duty's."""
        for person in people_of(problem, roster):
            line = stints(problem, roster, person)
            for stint, duty in ours(line):
                first = stint.date - 6 * ONE_DAY
                if duty.date < first:
                    break  # later weeks that no seven dates have in common with this one
                held = [s for s in line if first <= s.date <= stint.date]
                over = sum(s.end_min - s.start_min for s in held) - self.most_min
                if over > 0:
                    yield Breach(self.id, self.tier, over, person, duty.id, later=later(stint))


@dataclass(frozen=True, slots=True)
class MostInMonth:
    """A person works at most `most_min` minutes in a calendar month, by the duties' dates."""

    id: ClassVar[str] = "most-in-month"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = Limit("most_in_month_min", "min", step=480)
    most_min: int = 12_720

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A window of a month."""
        yield Window(self.most_min, "month")

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Minutes too many, at the duty that makes them so."""
        month = (problem.dates[0].year, problem.dates[0].month)
        for person in people_of(problem, roster):
            one = problem.persons.get(person)
            worked: Counter[tuple[int, int]] = Counter({month: one.month_min if one else 0})
            awaits, first = Counter[tuple[int, int]](), dict[tuple[int, int], date]()
            for fixed in one.ahead if one else ():
                of = (fixed.date.year, fixed.date.month)
                awaits[of] += fixed.end_min - fixed.start_min
                first.setdefault(of, fixed.date)
            for duty in roster.duties_of(person):
                of = (duty.date.year, duty.date.month)
                worked[of] += duty.minutes
                over = worked[of] + awaits[of] - self.most_min
                if over > 0:
                    with_later = first.get(of) if over <= awaits[of] else None
                    yield Breach(self.id, self.tier, over, person, duty.id, later=with_later)


@dataclass(frozen=True, slots=True)
class StartDrift:
    """The clock time of the start moves at most `most_min` a day from a duty to the next.

    Of one week; a day off between two duties allows as much again, so that a roster from which
    a duty is taken (somebody is ill) is no worse than before. The clock is round: from 23:30 to
    00:30 is one hour.
    """

    id: ClassVar[str] = "start-drift"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = Limit("start_drift_min", "min", step=60)
    most_min: int = 240

    def terms(self, problem: Problem) -> Iterator[Term]:
        """One drift."""
        yield Drift(self.most_min)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Minutes moved too far."""
        for person in people_of(problem, roster):
            for before, after in pairwise(roster.duties_of(person)):
                moved = problem.clock_min(after.start_min) - problem.clock_min(before.start_min)
                days = max(1, min((after.date - before.date).days, DRIFT_DAYS))
                over = min(moved % DAY_MIN, -moved % DAY_MIN) - days * self.most_min
                if over > 0:
                    yield Breach(self.id, self.tier, over, person, after.id)
