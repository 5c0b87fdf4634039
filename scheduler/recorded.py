"""What was reported since the district's files were written: absences, vehicles, violations.

The planner hands it to the solving child as one JSON file: the child has no bus.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from config.district import District
from config.errors import BadInput
from config.ids import AreaId
from config.tables import LeaveRow
from events import ports
from events.facts import Accepted
from events.frame import Fold, Folded
from events.kinds import ViolationRecorded
from events.ports import Streams
from events.schema import restored


@dataclass(frozen=True, slots=True)
class Recorded:
    """Reports. `absences`: person → ISO dates; the others as normal data of their events."""

    absences: Mapping[str, frozenset[str]] = field(default_factory=dict)
    vehicles: tuple[Mapping[str, Any], ...] = ()
    violations: tuple[Mapping[str, Any], ...] = ()

    def onto(self, district: District) -> District:
        """The district with absences as leave and withdrawn vehicles withdrawn."""
        leave = [
            LeaveRow.model_validate({"person": person, "from": day, "to": day})
            for person, days in sorted(self.absences.items()) if person in district.people.persons
            for day in sorted(days)
        ]  # fmt: skip
        gone = {told["vehicle"]: told for told in self.vehicles}
        vehicles = tuple(
            row.model_copy(update=_span(gone[row.vehicle])) if row.vehicle in gone else row
            for row in district.vehicles
        )
        people = district.people.with_leave(leave) if leave else district.people
        return replace(district, people=people, vehicles=vehicles)

    def events(self) -> tuple[ViolationRecorded, ...]:
        """The violations as events."""
        found = (restored(ViolationRecorded.type(), one) for one in self.violations)
        return tuple(one for one in found if isinstance(one, ViolationRecorded))

    def write(self, path: Path) -> None:
        """Write it for the solving child."""
        told = {
            "absences": {person: sorted(days) for person, days in self.absences.items()},
            "vehicles": self.vehicles,
            "violations": self.violations,
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
        return Recorded(absences, tuple(told["vehicles"]), tuple(told["violations"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise BadInput(key="planner.recorded", file=path, because=wrong) from wrong


def _span(told: Mapping[str, Any]) -> dict[str, date | None]:
    """From when to when a vehicle is withdrawn; without a day it is from the report on."""
    since, until = told.get("since"), told.get("until")
    first = date.fromisoformat(since) if since else datetime.fromisoformat(told["at"]).date()
    return {
        "withdrawn_from": first,
        "withdrawn_to": date.fromisoformat(until) if until else None,
    }


class Violations:
    """The violations that an area's engine accepted, read from `P.journal` as it grows."""

    def __init__(self, bus: Streams, area: AreaId) -> None:
        """Begin at the journal's start; nothing is read yet."""
        self._bus, self._journal = bus, ports.journal(area)
        self._fold = Fold(area)
        self._found: list[dict[str, Any]] = []

    def all(self) -> tuple[dict[str, Any], ...]:
        """All of them, as normal data."""
        while found := self._bus.read(self._journal, self._fold.position):
            for stored in found:
                taken = self._fold.accept(stored.position, stored.value)
                if isinstance(taken, Folded):
                    self._found += [
                        fact.data
                        for fact in taken.frame.facts
                        if isinstance(fact, Accepted) and fact.kind == ViolationRecorded.type()
                    ]
        return tuple(self._found)
