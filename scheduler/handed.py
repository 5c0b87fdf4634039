"""Whether duties that somebody hands in can be a roster of the week: names, times, once each.

One check for both ways in, the rows of a roster.csv and the events of a draft; the laws are
looked at afterwards, and only of what passes here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from pydantic import ValidationError

from config.calendar import monday_of
from config.district import District
from config.durations import DAY_MS, MINUTE_MS
from config.faults import shown
from config.ids import NodeId, PersonId, PlaceId
from config.made_tables import RosterRow
from scheduler.fixed import fixed
from scheduler.intake import Week
from scheduler.refusal import breach_of, cut_short

MOST_DUTIES_OF_ONE = 14
"""Duties of a person in a week above which nobody looks further: the law knows one a date."""
MOST_TOLD = 50
"""Faults of a draft that its refusal names."""
REACH_MS = 2 * DAY_MS
"""A visit so far from its duty's start is of another time."""


class Fault(NamedTuple):
    """What is wrong with a duty: column of roster.csv, key below `check.` and its fields."""

    column: str
    key: str
    fields: Mapping[str, object]


@dataclass(slots=True)
class Checker:
    """Looks at the duties of one week, one after the other."""

    district: District
    week: str
    _monday: date | None = field(init=False, default=None)
    _names: dict[str, frozenset[str]] = field(init=False)
    _duties: Counter[str] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        """Know all names of the district."""
        people, one = self.district.people, self.district
        self._names = {
            "squadron": frozenset(one.squadrons), "team": frozenset(people.team_ids()),
            "officer": frozenset(people.persons), "post": frozenset(one.posts),
            "vehicle": frozenset(row.vehicle for row in one.vehicles),
            "device": frozenset(row.device for row in one.devices),
        }  # fmt: skip
        try:
            self._monday = monday_of(self.week)
        except ValueError:
            return

    def faults(self, row: RosterRow) -> Iterator[Fault]:
        """What is wrong with a duty, apart from the laws."""
        yield from self._of_names(row)
        if row.week != self.week:
            yield Fault("week", "roster.two_weeks", {"value": row.week, "week": self.week})
        if self._monday is None:
            yield Fault("week", "roster.no_week", {"value": self.week})
            return
        of = Week(self.district.calendar, self.week)
        for task in row.tasks:
            if fixed(self.district, of, task) is None:
                yield Fault("tasks", "roster.unknown", {"value": task})
        yield from self._of_times(row, self._monday)

    def _of_names(self, row: RosterRow) -> Iterator[Fault]:
        for column, names in self._names.items():
            value = getattr(row, column)
            if value is not None and value not in names:
                yield Fault(column, "roster.unknown", {"value": value})
        for person in row.auxiliaries:
            if person not in self._names["officer"]:
                yield Fault("auxiliaries", "roster.unknown", {"value": person})
        for person in (row.officer, *row.auxiliaries):
            self._duties[person] += 1
            if self._duties[person] == MOST_DUTIES_OF_ONE + 1:
                told = {"value": person, "most": MOST_DUTIES_OF_ONE}
                yield Fault("officer", "roster.too_often", told)

    def _of_times(self, row: RosterRow, monday: date) -> Iterator[Fault]:
        start_ms, end_ms = self._moment(row.start), self._moment(row.end)
        for column, at_ms in (("start", start_ms), ("end", end_ms)):
            text = shown(getattr(row, column))
            if at_ms is None:
                yield Fault(column, "roster.time", {"value": text})
            elif at_ms % MINUTE_MS:
                yield Fault(column, "roster.whole_minute", {"value": text})
        if start_ms is None or end_ms is None:
            return
        if end_ms <= start_ms:
            yield Fault("end", "roster.order", {"value": row.end})
        elif end_ms > start_ms + REACH_MS:
            yield Fault("end", "roster.too_long", {"value": row.end, "start": row.start})
        elif self.district.calendar.local(start_ms).date() != row.day:
            told = {"value": row.day.isoformat(), "start": row.start}
            yield Fault("date", "roster.other_day", told)
        elif not 0 <= (row.day - monday).days < 7:
            told = {"value": row.day.isoformat(), "week": row.week}
            yield Fault("date", "roster.outside", told)

    def visit_fault(self, arrive: str, leave: str) -> Fault | None:
        """What is wrong with a visit's times."""
        arrive_ms, leave_ms = self._moment(arrive), self._moment(leave)
        times = f"{shown(arrive)}, {shown(leave)}"
        if arrive_ms is None or leave_ms is None:
            return Fault("arrive", "roster.time", {"value": times})
        if leave_ms < arrive_ms:
            return Fault("leave", "roster.visit_order", {"value": times})
        if self._monday is None:
            return Fault("week", "roster.no_week", {"value": self.week})
        days = self.district.calendar.local(arrive_ms).date() - self._monday
        if timedelta(-1) <= days <= timedelta(8):
            return None
        return Fault("arrive", "roster.outside", {"value": shown(arrive), "week": self.week})

    def knows_place(self, place: str) -> bool:
        """Whether a place, or a node in place of one, is the district's."""
        district = self.district
        return PlaceId(place) in district.places or NodeId(place) in district.roads.index

    def _moment(self, text: str) -> int | None:
        """Unix ms of a time with offset that the calendar tells, too; None where it is none."""
        try:
            at_ms = self.district.calendar.parse_iso(text)
            self.district.calendar.local(at_ms)
        except (ValueError, OverflowError):
            return None
        return at_ms


def draft_faults(
    district: District, week: str, duties: Iterable[Mapping[str, Any]]
) -> tuple[dict[str, Any], ...]:
    """What is wrong with a draft's duties, as the breaches of its refusal; the first `MOST_TOLD`.

    Args:
        district: Whose.
        week: The draft's.
        duties: Normal data of `duty_rostered`.
    """
    checker = Checker(district, week)
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    for normal in duties:
        duty = str(normal["duty"])
        faults = list(_of_duty(checker, normal))
        if duty in seen:
            faults.append(Fault("duty", "roster.duty_twice", {"value": duty}))
        seen.add(duty)
        found += [breach_of(f"check.{fault.key}", fault.fields, duty=duty) for fault in faults]
    return cut_short(found, MOST_TOLD)


def _of_duty(checker: Checker, normal: Mapping[str, Any]) -> Iterator[Fault]:
    squadron = normal.get("squadron")
    if squadron is None:
        person = checker.district.people.persons.get(PersonId(str(normal["officer"])))
        squadron = person.squadron if person else ""
    told = {name: normal[name] for name in RosterRow.model_fields if name in normal}
    tasks = [task["task"] for task in normal.get("tasks", ())]
    try:
        row = RosterRow.model_validate(
            told | {"squadron": squadron, "date": date.fromisoformat(normal["date"]),
                    "auxiliaries": tuple(normal.get("auxiliaries", ())), "tasks": tuple(tasks)}
        )  # fmt: skip
    except ValidationError as error:
        for one in error.errors(include_url=False, include_context=False):
            where = str(one["loc"][0]) if one["loc"] else ""
            yield Fault(where, "roster.unknown", {"value": shown(str(one["input"]))})
        return
    yield from checker.faults(row)
    for visit in normal.get("visits", ()):
        if found := checker.visit_fault(visit["arrive"], visit["leave"]):
            yield found
        place = str(visit.get("place") or visit["must_arrive"])
        if not checker.knows_place(place):
            yield Fault("visits", "roster.unknown", {"value": place})
        for name in ("window_start", "window_end"):
            if (at := visit.get(name)) and (wrong := checker.visit_fault(at, at)):
                yield wrong
