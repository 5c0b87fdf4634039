"""Whether duties that somebody hands in can be a roster of the week: names, times, once each.

One check for both ways in, the rows of a roster.csv and the events of a draft; the laws are
looked at afterwards, and only of what passes here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from config.district import District
from config.duty_rows import DutyRows, Fault
from config.faults import shown
from config.ids import NodeId, PersonId, PlaceId
from config.made_tables import RosterRow
from scheduler.refusal import breach_of, cut_short

MOST_TOLD = 50
"""Faults of a draft that its refusal names."""


@dataclass(slots=True)
class Checker:
    """Looks at the duties of one week, one after the other."""

    district: District
    week: str
    _names: dict[str, frozenset[str]] = field(init=False)
    _rows: DutyRows = field(init=False)

    def __post_init__(self) -> None:
        """Know all names of the district."""
        people, one = self.district.people, self.district
        self._names = {
            "squadron": frozenset(one.squadrons), "team": frozenset(people.team_ids()),
            "officer": frozenset(people.persons), "post": frozenset(one.posts),
            "vehicle": frozenset(row.vehicle for row in one.vehicles),
            "device": frozenset(row.device for row in one.devices),
        }  # fmt: skip
        self._rows = DutyRows(self.week, one.calendar, {row.duty for row in one.duties})

    def faults(self, row: RosterRow) -> Iterator[Fault]:
        """What is wrong with a duty, apart from the laws."""
        for column, names in self._names.items():
            value = getattr(row, column)
            if value is not None and value not in names:
                yield Fault(column, "roster.unknown", {"value": value})
        for person in row.auxiliaries:
            if person not in self._names["officer"]:
                yield Fault("auxiliaries", "roster.unknown", {"value": person})
        yield from self._rows.faults(row)

    def visit_fault(self, arrive: str, leave: str) -> Fault | None:
        """What is wrong with a visit's times."""
        return self._rows.visit_fault(arrive, leave)

    def knows_place(self, place: str) -> bool:
        """Whether a place, or a node in place of one, is the district's."""
        district = self.district
        return PlaceId(place) in district.places or NodeId(place) in district.roads.index


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
