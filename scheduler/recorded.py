"""What was reported since the district's files were written, by the people and by the street.

The planner hands it to the solving child as one JSON file: the child has no bus.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from config.calendar import Calendar
from config.district import District
from config.errors import BadInput
from config.tables import LeaveRow
from events.kinds import ViolationRecorded
from events.schema import restored
from scheduler.hazards import hazards_of


def days_of(calendar: Calendar, start_ms: int, end_ms: int) -> tuple[str, ...]:
    """ISO dates of the local days that a duty touches: a night duty is of two.

    A person who is absent on one of them cannot do it, as the law of leave says: not by the
    date under which the duty stands in the roster.
    """
    first, last = calendar.local(start_ms).date(), calendar.local(end_ms - 1).date()
    return tuple((first + timedelta(n)).isoformat() for n in range((last - first).days + 1))


@dataclass(frozen=True, slots=True)
class Recorded:
    """Reports. `absences`: person → ISO dates; the others as normal data of their events.

    incidents: As `scheduler.happened` tells them. watches, tests, checks: Who was out when, what
    breath tests found, who checked vehicles, as `scheduler.on_duty` tells them. outcomes: What
    became of calls. visits: Of planned ones, as `scheduler.visiting` tells them. hazards: As
    `scheduler.hazards` does.
    """

    absences: Mapping[str, frozenset[str]] = field(default_factory=dict)
    vehicles: tuple[Mapping[str, Any], ...] = ()
    violations: tuple[Mapping[str, Any], ...] = ()
    incidents: tuple[Mapping[str, Any], ...] = ()
    watches: tuple[Mapping[str, Any], ...] = ()
    tests: tuple[Mapping[str, Any], ...] = ()
    checks: tuple[Mapping[str, Any], ...] = ()
    outcomes: tuple[Mapping[str, Any], ...] = ()
    visits: tuple[Mapping[str, Any], ...] = ()
    hazards: tuple[Mapping[str, Any], ...] = ()

    def absent(self, duty: Mapping[str, Any], calendar: Calendar) -> tuple[tuple[str, str], ...]:
        """Of a duty in the normal form of frames: who is absent on which day that it touches."""
        people = [p for p in (duty["officer"], *duty.get("auxiliaries", ())) if p in self.absences]
        if not people:
            return ()
        days = days_of(calendar, calendar.parse_iso(duty["start"]), calendar.parse_iso(duty["end"]))
        return tuple((p, day) for p in people for day in days if day in self.absences[p])

    def grounded(self, duty: Mapping[str, Any], calendar: Calendar) -> bool:
        """Whether the vehicle of a duty in the normal form of frames is withdrawn meanwhile."""
        spans = self.withdrawn.get(duty.get("vehicle"))
        if not spans:
            return False
        days = days_of(calendar, calendar.parse_iso(duty["start"]), calendar.parse_iso(duty["end"]))
        return any(
            days[-1] >= first.isoformat() and (last is None or days[0] <= last.isoformat())
            for first, last in spans
        )

    @property
    def withdrawn(self) -> dict[Any, tuple[tuple[date, date | None], ...]]:
        """Vehicle → first and last days without it; None: not known.

        All reports hold together. One of the same first day corrects the one before it: that is
        how a vehicle that is back sooner, or is away for longer, is told.
        """
        found: dict[Any, dict[date, date | None]] = {}
        for told in self.vehicles:
            first, last = _span(told)
            found.setdefault(told["vehicle"], {})[first] = last
        return {vehicle: tuple(sorted(spans.items(), key=lambda one: one[0]))
                for vehicle, spans in found.items()}  # fmt: skip

    def without(self, person: str, day: str) -> "Recorded":
        """The reports without a person's absence on a day."""
        absences = {**self.absences, person: self.absences.get(person, frozenset()) - {day}}
        return replace(self, absences=absences)

    def onto(self, district: District) -> District:
        """The district with absences as leave, vehicles withdrawn, hazards found and rectified."""
        leave = [
            LeaveRow.model_validate({"person": person, "from": day, "to": day})
            for person, days in sorted(self.absences.items()) if person in district.people.persons
            for day in sorted(days)
        ]  # fmt: skip
        people = district.people.with_leave(leave) if leave else district.people
        return replace(
            district, people=people, withdrawn={**district.withdrawn, **self.withdrawn},
            hazards=hazards_of(district, self.hazards) if self.hazards else district.hazards,
        )  # fmt: skip

    def events(self) -> tuple[ViolationRecorded, ...]:
        """The violations as events."""
        found = (restored(ViolationRecorded.type(), one) for one in self.violations)
        return tuple(one for one in found if isinstance(one, ViolationRecorded))

    @property
    def unplaced(self) -> int:
        """Incidents that nobody has located: no place learns from them."""
        return sum(not one["where"] for one in self.incidents)

    def write(self, path: Path) -> None:
        """Write it for the solving child."""
        told = {
            "absences": {person: sorted(days) for person, days in self.absences.items()},
            **{name: getattr(self, name) for name in _PARTS},
        }
        path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def read_recorded(path: Path) -> Recorded:
    """What `Recorded.write` wrote.

    Raises:
        BadInput: The file is not that.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        absences = {person: frozenset(days) for person, days in told["absences"].items()}
        return Recorded(absences, **{name: tuple(told[name]) for name in _PARTS})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise BadInput(key="planner.recorded", file=path, because=wrong) from wrong


_PARTS = tuple(part.name for part in fields(Recorded) if part.name != "absences")


def _span(told: Mapping[str, Any]) -> tuple[date, date | None]:
    """From when to when a vehicle is withdrawn; without a day it is from the report on."""
    since, until = told.get("since"), told.get("until")
    first = date.fromisoformat(since) if since else datetime.fromisoformat(told["at"]).date()
    return first, date.fromisoformat(until) if until else None
