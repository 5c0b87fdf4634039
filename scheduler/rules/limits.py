"""Laws of working time, checked per person, over the weeks before too."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import ClassVar

from config.durations import DAY_MIN
from scheduler.problem import DAYS, Problem
from scheduler.roster import Roster
from scheduler.rules.base import Asks, Breach, Limit, Stint, Tier, people_of, stints
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
            for stint in stints(problem, roster, person):
                if stint.duty and end_min is not None:
                    short = self.rest_min - (stint.start_min - end_min)
                    if short > 0:
                        yield Breach(self.id, self.tier, short, person, stint.duty.id)
                end_min = stint.end_min if end_min is None else max(end_min, stint.end_min)


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
            for last, stint in enumerate(line):
                if stint.duty is None:
                    continue
                near = [s for s in line[: last + 1] if s.end_min > stint.start_min - DAY_MIN]
                if sum(s.end_min - s.start_min for s in near) <= self.most_min:
                    continue
                over = self._fullest(near) - self.most_min
                if over > 0:
                    yield Breach(self.id, self.tier, over, person, stint.duty.id)

    @staticmethod
    def _fullest(near: Sequence[Stint]) -> int:
        """Most minutes of any 24 hours that touch the last duty."""
        own = near[-1]
        opens = [s.start_min for s in near] + [s.end_min - DAY_MIN for s in near]
        touching = [at for at in opens if at < own.end_min and at + DAY_MIN > own.start_min]
        return max(
            sum(max(0, min(s.end_min, at + DAY_MIN) - max(s.start_min, at)) for s in near)
            for at in touching
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
            for stint in line:
                if stint.duty is None:
                    continue
                first = stint.date - 6 * ONE_DAY
                held = [s for s in line if first <= s.date <= stint.date]
                over = sum(s.end_min - s.start_min for s in held) - self.most_min
                if over > 0:
                    yield Breach(self.id, self.tier, over, person, stint.duty.id)


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
            brought = problem.persons[person].month_min if person in problem.persons else 0
            worked: Counter[tuple[int, int]] = Counter({month: brought})
            for duty in roster.duties_of(person):
                worked[duty.date.year, duty.date.month] += duty.minutes
                over = worked[duty.date.year, duty.date.month] - self.most_min
                if over > 0:
                    yield Breach(self.id, self.tier, over, person, duty.id)


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
