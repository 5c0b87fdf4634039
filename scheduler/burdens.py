"""Who bore what over the months, by the published rosters: nights, week-ends, holidays, hours.

Each is held against the mean of those of the squadron with the same role, by the days on which a
person was there to be asked: whoever was away half of the time owes half of the nights.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from config.calendar import monday_of
from config.district import District
from config.durations import MINUTE_MS
from config.errors import BadInput
from config.ids import PersonId, SquadronId
from config.made_tables import RosterRow
from scheduler.intake import Earlier
from scheduler.readback import ROSTERS, kept_duties, published_weeks

Kind = Literal["hours", "nights", "weekends", "holidays"]
KINDS: tuple[Kind, ...] = ("hours", "nights", "weekends", "holidays")
SATURDAY = 6
_DAY = timedelta(days=1)


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


@dataclass(frozen=True, slots=True)
class Span:
    """Dates that are looked at, both inclusive; None: without end."""

    since: date | None = None
    until: date | None = None

    def __contains__(self, day: date) -> bool:
        """Whether a date lies in it."""
        return (self.since is None or self.since <= day) and (
            self.until is None or day <= self.until
        )


def burdens(district: District, span: Span) -> tuple[Sequence[str], list[Burden]]:
    """The weeks that are published, and what each person bore in them, by squadron and person.

    Raises:
        BadInput: A roster cannot be read.
    """
    weeks = [week for week in published_weeks(district) if any(d in span for d in _dates(week))]
    dates = [day for week in weeks for day in _dates(week) if day in span]
    duties = [
        duty for week in weeks
        for duty in kept_duties(district, district.folder / ROSTERS / week / RosterRow.file)
        if duty.date in span
    ]  # fmt: skip
    had = _had(district, duties)
    there = _there(district, dates)
    found = []
    for person, row in district.people.persons.items():
        group = [
            other for other, one in district.people.persons.items()
            if (one.squadron, one.role) == (row.squadron, row.role)
        ]  # fmt: skip
        own = had.get(person, {})
        found.append(Burden(
            person, SquadronId(row.squadron), row.role, there[person]["hours"],
            _summed(own.values()),
            {kind: _share(kind, person, group, had, there) for kind in KINDS}, own,
        ))  # fmt: skip
    found.sort(key=lambda one: (one.squadron, one.role != "officer", one.person))
    return weeks, found


def _dates(week: str) -> list[date]:
    return [monday_of(week) + n * _DAY for n in range(7)]


def _had(district: District, duties: Iterable[Earlier]) -> dict[PersonId, dict[str, Counter[Kind]]]:
    """By person and month."""
    found: dict[PersonId, dict[str, Counter[Kind]]] = {}
    for duty in duties:
        kinds: Counter[Kind] = Counter()
        kinds["hours"] = (duty.end_ms - duty.start_ms) // MINUTE_MS
        kinds["nights"] = int(_is_night(district, duty))
        kinds["weekends"] = int(duty.date.isoweekday() >= SATURDAY)
        kinds["holidays"] = int(district.calendar.day_type(duty.date) == "holiday")
        for person in duty.people:
            month = found.setdefault(person, {}).setdefault(f"{duty.date:%Y-%m}", Counter())
            month.update(kinds)
    return found


def _is_night(district: District, duty: Earlier) -> bool:
    """Whether enough of it lies in night hours."""
    limits = district.settings.limits
    inside = 0
    for day in (duty.date - _DAY, duty.date, duty.date + _DAY):
        first, last = district.calendar.span_ms(day, limits.night_from, limits.night_to)
        inside += max(0, min(duty.end_ms, last) - max(duty.start_ms, first))
    return inside >= limits.night_least_min * MINUTE_MS


def _there(district: District, dates: Iterable[date]) -> dict[PersonId, Counter[Kind]]:
    """Days on which each person had a team: all, of week-ends, of holidays."""
    found: dict[PersonId, Counter[Kind]] = {p: Counter() for p in district.people.persons}
    for day in dates:
        kinds: list[Kind] = ["hours", "nights"]
        kinds += ["weekends"] if day.isoweekday() >= SATURDAY else []
        kinds += ["holidays"] if district.calendar.day_type(day) == "holiday" else []
        for team in district.people.teams_on(day):
            for person in team.people:
                found[person].update(kinds)
    return found


def _share(
    kind: Kind, person: PersonId, group: Sequence[PersonId],
    had: Mapping[PersonId, Mapping[str, Counter[Kind]]],
    there: Mapping[PersonId, Counter[Kind]],
) -> float:  # fmt: skip
    """What all of a group had, by days present."""
    days = sum(there[other][kind] for other in group)
    if not days:
        return 0.0
    total = sum(_summed(had.get(other, {}).values())[kind] for other in group)
    return total * there[person][kind] / days


def _summed(months: Iterable[Counter[Kind]]) -> dict[Kind, float]:
    """Of all months together; hours as hours."""
    total: Counter[Kind] = Counter()
    for month in months:
        total.update(month)
    return {kind: total[kind] / 60 if kind == "hours" else float(total[kind]) for kind in KINDS}


def as_data(weeks: Sequence[str], found: Iterable[Burden]) -> Iterator[tuple[str, object]]:
    """The same for a program: ids, no names."""
    yield "weeks", list(weeks)
    yield "people", [
        {
            "person": one.person, "squadron": one.squadron, "role": one.role, "days": one.days,
            **{kind: {"had": round(one.had[kind], 2), "share": round(one.share[kind], 2)}
               for kind in KINDS},
            "months": {
                month: {kind: round(n, 2) for kind, n in _summed([kinds]).items()}
                for month, kinds in sorted(one.months.items())
            },
        }
        for one in found
    ]  # fmt: skip


def check_span(since: date | None, until: date | None) -> Span:
    """Dates to look at.

    Raises:
        BadInput: They are the wrong way round.
    """
    if since and until and since > until:
        raise BadInput(key="answers.fairness.order", since=since, until=until)
    return Span(since, until)
