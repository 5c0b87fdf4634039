"""Laws of days and nights in a row, checked per person, over the weeks before too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import ClassVar

from config.ids import PersonId
from scheduler.problem import Problem
from scheduler.roster import Roster
from scheduler.rules.base import Asks, Breach, Limit, Stint, Tier, later, ours, people_of, stints
from scheduler.terms import DaysOff, MinGap, Run, Term

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DaysInARow:
    """A person has duties on at most `most` dates in a row."""

    id: ClassVar[str] = "days-in-a-row"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = Limit("days_in_a_row", "days", step=1)
    most: int = 6

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A run of dates."""
        yield Run(self.most, "duties")

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Dates too many, at each duty beyond."""
        for person in people_of(problem, roster):
            line = stints(problem, roster, person)
            yield from _runs(self.id, self.most, person, line)


@dataclass(frozen=True, slots=True)
class NightsInARow:
    """A person has nights on at most `most` dates in a row."""

    id: ClassVar[str] = "nights-in-a-row"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = Limit("nights_in_a_row", "nights", step=1)
    most: int = 3

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A run of nights."""
        yield Run(self.most, "nights")

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Nights too many, at each night beyond."""
        for person in people_of(problem, roster):
            nights = [
                stint for stint in stints(problem, roster, person)
                if problem.is_night(stint.start_min, stint.end_min)
            ]  # fmt: skip
            yield from _runs(self.id, self.most, person, nights)


def _runs(rule: str, most: int, person: PersonId, line: Sequence[Stint]) -> Iterator[Breach]:
    """Dates in a row beyond the most, at each duty beyond."""
    dates = {stint.date for stint in line}
    for stint, duty in ours(line):
        run, day = 0, stint.date
        while day in dates:
            run, day = run + 1, day - ONE_DAY
        if run > most and duty.date > day:
            yield Breach(rule, Tier.LAW, run - most, person, duty.id, later=later(stint))


@dataclass(frozen=True, slots=True)
class OffAfterNights:
    """After nights a person is off `off_min`, unless the next duty is a night on the next date."""

    id: ClassVar[str] = "off-after-nights"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = Limit("off_after_nights_min", "min", step=60, most=False)
    off_min: int = 1440

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A gap after nights."""
        yield MinGap(self.off_min, after="nights")

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Minutes off that are missing."""
        for person in people_of(problem, roster):
            for before, after in pairwise(stints(problem, roster, person)):
                if not problem.is_night(before.start_min, before.end_min):
                    continue
                night = problem.is_night(after.start_min, after.end_min)
                goes_on = night and after.date - before.date == ONE_DAY
                short = self.off_min - (after.start_min - before.end_min)
                at = after.duty or before.duty
                if at and not goes_on and short > 0:
                    yield Breach(self.id, self.tier, short, person, at.id, later=later(after))


@dataclass(frozen=True, slots=True)
class TwoDaysOff:
    """Any `within` dates with a duty of this week have two dates off together.

    A date is off when no duty starts on it; dates of which nothing is known are off.
    """

    id: ClassVar[str] = "two-days-off"
    tier: ClassVar[Tier] = Tier.LAW
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = Limit("two_days_off_in_days", "days", smallest=2)
    within: int = 14

    def terms(self, problem: Problem) -> Iterator[Term]:
        """Days off."""
        yield DaysOff(self.within)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Windows without two dates off, at the last duty in them."""
        for person in people_of(problem, roster):
            line = stints(problem, roster, person)
            worked = {stint.date.toordinal() for stint in line}
            duties = roster.duties_of(person)
            monday, pair = problem.dates[0].toordinal(), 0
            end = sunday = monday + len(problem.dates) - 1
            first = next((on.toordinal() for stint in line if (on := later(stint))), None)
            if first is not None:
                end = max(end, duties[-1].date.toordinal() + self.within - 1)
            for last in range(monday - self.within + 2, end + 1):
                if last not in worked and last - 1 not in worked:
                    pair = last - 1  # the first date of the latest two
                if last < monday or pair > last - self.within:
                    continue
                if first is not None and sunday < last < first:
                    continue  # no duty of a later week is in it
                held = [duty for duty in duties if duty.date.toordinal() <= last]
                if held:
                    after = date.fromordinal(last) if last > sunday else None
                    yield Breach(self.id, self.tier, 1, person, held[-1].id, later=after)
