"""Who bore what of a roster, and what their share was: nights, week-ends, holidays, hours.

Each is held against the mean of those of the squadron with the same role, by the days on which a
person was there to be asked: whoever was away half of the time owes half of the nights. Nobody is
taken to be there before the week of their first duty: whoever is new starts at the mean.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from config.durations import MINUTE_MS
from config.ids import PersonId, SquadronId

if TYPE_CHECKING:
    from config.district import District

Kind = Literal["hours", "nights", "weekends", "holidays"]
KINDS: tuple[Kind, ...] = ("hours", "nights", "weekends", "holidays")
WEEKEND = (5, 6)
"""Days of the week, Monday 0."""
_DAY = timedelta(days=1)
Months = dict[str, Counter[Kind]]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A duty of a published roster of another week."""

    date: date
    start_ms: int
    end_ms: int
    squadron: SquadronId
    people: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class Over:
    """How much more than their share somebody bore, of each kind; below 0: less."""

    hours: float = 0.0
    nights: float = 0.0
    weekends: float = 0.0
    holidays: float = 0.0


@dataclass(frozen=True, slots=True)
class Burden:
    """What a person bore.

    had: By kind; hours, and duties that were nights, began on a week-end, on a holiday. share:
    What it would have been, had the squadron's been shared out by days present. days: On which
    they were there. months: The same by month, as 2026-11, but minutes for hours.
    """

    person: PersonId
    squadron: SquadronId
    role: Literal["officer", "auxiliary"]
    days: int
    had: Mapping[Kind, float]
    share: Mapping[Kind, float]
    months: Mapping[str, Counter[Kind]]

    def over(self, kind: Kind) -> float:
        """How much more than the share; below 0: less."""
        return self.had[kind] - self.share[kind]

    def overs(self) -> Over:
        """The same of every kind."""
        return Over(**{kind: self.over(kind) for kind in KINDS})


def shared_out(
    district: "District", duties: Sequence[Earlier], dates: Iterable[date]
) -> list[Burden]:
    """What each person of a district bore, by squadron and person.

    Args:
        district: Its people, their leave and bonds, its calendar and night hours.
        duties: Of the published rosters.
        dates: Of those rosters: on which people were there or not.
    """
    months = _months(district, duties)
    had = {person: _summed(own.values()) for person, own in months.items()}
    there = _there(district, dates, _first_weeks(duties))
    nothing = dict.fromkeys(KINDS, 0.0)
    groups: dict[tuple[str, str], list[PersonId]] = {}
    for person, row in district.people.persons.items():
        groups.setdefault((row.squadron, row.role), []).append(person)
    found = []
    for group in groups.values():
        total = {kind: sum(had.get(p, nothing)[kind] for p in group) for kind in KINDS}
        days = {kind: sum(there[p][kind] for p in group) for kind in KINDS}
        for person in group:
            row = district.people.persons[person]
            share = {
                kind: total[kind] * there[person][kind] / days[kind] if days[kind] else 0.0
                for kind in KINDS
            }
            found.append(Burden(
                person, SquadronId(row.squadron), row.role, there[person]["hours"],
                had.get(person, nothing), share, months.get(person, {}),
            ))  # fmt: skip
    found.sort(key=lambda one: (one.squadron, one.role != "officer", one.person))
    return found


def borne_before(district: "District", monday: date, earlier: Iterable[Earlier]) -> list[Burden]:
    """What everybody bore in the weeks before that fairness looks back on.

    Of those weeks the ones with any duty count: of the others no roster is kept.
    """
    since = monday - timedelta(weeks=district.settings.fairness.weeks)
    seen = [duty for duty in earlier if since <= duty.date < monday]
    mondays = sorted({monday_before(duty.date) for duty in seen})
    dates = [first + n * _DAY for first in mondays for n in range(7)]
    return shared_out(district, seen, dates)


def _months(district: "District", duties: Iterable[Earlier]) -> dict[PersonId, Months]:
    """What each person had, by month; hours as minutes."""
    found: dict[PersonId, Months] = {}
    for duty in duties:
        kinds: Counter[Kind] = Counter()
        kinds["hours"] = (duty.end_ms - duty.start_ms) // MINUTE_MS
        kinds["nights"] = int(_is_night(district, duty))
        kinds["weekends"] = int(duty.date.weekday() in WEEKEND)
        kinds["holidays"] = int(district.calendar.day_type(duty.date) == "holiday")
        for person in duty.people:
            month = found.setdefault(person, {}).setdefault(f"{duty.date:%Y-%m}", Counter())
            month.update(kinds)
    return found


def _is_night(district: "District", duty: Earlier) -> bool:
    """Whether enough of it lies in night hours."""
    limits = district.settings.limits
    inside = 0
    for day in (duty.date - _DAY, duty.date, duty.date + _DAY):
        first, last = district.calendar.span_ms(day, limits.night_from, limits.night_to)
        inside += max(0, min(duty.end_ms, last) - max(duty.start_ms, first))
    return inside >= limits.night_least_min * MINUTE_MS


def _first_weeks(duties: Iterable[Earlier]) -> dict[PersonId, date]:
    """The Monday of each person's first duty."""
    found: dict[PersonId, date] = {}
    for duty in duties:
        monday = monday_before(duty.date)
        for person in duty.people:
            found[person] = min(monday, found.get(person, monday))
    return found


def monday_before(day: date) -> date:
    """The Monday of a date's week."""
    return day - timedelta(days=day.weekday())


def _there(
    district: "District", dates: Iterable[date], since: Mapping[PersonId, date]
) -> dict[PersonId, Counter[Kind]]:
    """Days on which each person had a team: all, of week-ends, of holidays."""
    found: dict[PersonId, Counter[Kind]] = {p: Counter() for p in district.people.persons}
    for day in dates:
        kinds: list[Kind] = ["hours", "nights"]
        kinds += ["weekends"] if day.weekday() in WEEKEND else []
        kinds += ["holidays"] if district.calendar.day_type(day) == "holiday" else []
        for team in district.people.teams_on(day):
            for person in team.people:
                if since.get(person, date.max) <= day:
                    found[person].update(kinds)
    return found


def _summed(months: Iterable[Counter[Kind]]) -> dict[Kind, float]:
    """Of all months together; hours as hours."""
    total: Counter[Kind] = Counter()
    for month in months:
        total.update(month)
    return as_hours(total)


def as_hours(kinds: Mapping[Kind, int]) -> dict[Kind, float]:
    """Every kind as it is told: minutes as hours."""
    return {kind: kinds.get(kind, 0) / (60 if kind == "hours" else 1) for kind in KINDS}
