"""Who signs in: by the published roster, as it is bonded, or as the desk says.

Ids and names are looked up in the folder's tables; what the roster has not is told with what it
has instead.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from config.calendar import YEARS, Calendar
from config.durations import FIRST_MS, HOUR_MS, LAST_MS
from config.errors import BadInput, NotFound
from config.faults import shown
from config.ids import PersonId
from config.named import chosen, person_named
from config.people import team_id
from config.settings import Settings
from config.sound import sound_rows
from config.tables import DeviceRow, PersonRow, VehicleRow
from config.yaml_reading import read_yaml
from events.event import moment_ms, moment_text
from events.rostered import (
    SOON_MS,
    Crew,
    Rostered,
    bonded_crew,
    crew_of,
    duties_around,
    open_to,
    to_come,
)
from events.telling import clock_of

if TYPE_CHECKING:
    from events.telling import Line

MOST_TOLD = 8
EXTRA_MS = 4 * HOUR_MS
"""How long the duty is that a command offers to add: short, so that somebody may do it."""


class Now(NamedTuple):
    """A moment in a district's time. at_ms: Unix milliseconds; at: as it was said."""

    folder: Path
    calendar: Calendar
    at_ms: int
    at: str

    @staticmethod
    def of(folder: Path, line: "Line", at: str | None) -> "Now":
        """The moment that is spoken of: `--at`, else the district's clock.

        Raises:
            BadInput: `at` is no time with offset, or of no year that calendars know.
        """
        settings = read_yaml(folder / "settings.yaml", Settings).sound()
        calendar = Calendar.of_zone(settings.time_zone)
        if at is None:
            at_ms = clock_of(line.bus, folder, line.area).now_ms()
            return Now(folder, calendar, at_ms, moment_text(at_ms))
        try:
            at_ms = moment_ms(at)
        except (ValueError, OverflowError) as wrong:
            raise BadInput(key="unit.time", value=shown(at)) from wrong
        if not FIRST_MS <= at_ms < LAST_MS:
            raise BadInput(key="named.far", value=shown(at), first=YEARS[0], last=YEARS[-1])
        return Now(folder, calendar, at_ms, at)

    @property
    def day(self) -> date:
        """The local date."""
        return self.calendar.local(self.at_ms).date()

    def clock(self, at_ms: int) -> str:
        """A local time, with its date where that is not today."""
        local = self.calendar.local(at_ms)
        return f"{local:%H:%M}" if local.date() == self.day else f"{local:%Y-%m-%d %H:%M}"

    def hours(self, duty: Rostered) -> str:
        """When a duty is."""
        end = self.calendar.local(duty.end_ms)
        return f"{self.clock(duty.start_ms)}–{end:%H:%M}"

    def __str__(self) -> str:
        """The local date and time."""
        return f"{self.calendar.local(self.at_ms):%Y-%m-%d %H:%M}"


class Instead(NamedTuple):
    """Who and what is there in place of what the roster says; None and (): as it says."""

    people: tuple[PersonRow, ...] = ()
    vehicle: str | None = None
    device: str | None = None

    def of(self, crew: Crew) -> Crew:
        """The crew as it is there.

        Raises:
            BadInput: No officer is among the people.
        """
        if self.people:
            officers = [one.person for one in self.people if one.role == "officer"]
            if not officers:
                people = ", ".join(one.person for one in self.people)
                raise BadInput(key="unit.no_officer", people=people)
            lead = crew.officer if crew.officer in officers else officers[0]
            rest = tuple(one.person for one in self.people if one.person != lead)
            crew = crew._replace(officer=lead, auxiliaries=rest)
        return crew._replace(
            vehicle=self.vehicle or crew.vehicle, device=self.device or crew.device
        )


def instead(
    folder: Path, people: Sequence[str], vehicle: str | None, device: str | None
) -> Instead:
    """What the desk says, by id or name.

    Raises:
        NotFound: The district has none such; with the nearest.
    """
    rows = sound_rows(folder / PersonRow.file, PersonRow) if people else ()
    persons = {PersonId(row.person): row for row in rows}
    named = dict.fromkeys(person_named(one, persons) for one in people)
    there = tuple(persons[one] for one in named)
    if vehicle is not None:
        plates: Mapping[str, str | None] = {
            row.vehicle: row.plate for row in sound_rows(folder / VehicleRow.file, VehicleRow)
        }
        vehicle = chosen(vehicle, plates, VehicleRow.file)
    if device is not None:
        devices = sound_rows(folder / DeviceRow.file, DeviceRow)
        device = chosen(device, {row.device: None for row in devices}, DeviceRow.file)
    return Instead(there, vehicle, device)


def everybody(now: Now, squadron: str | None) -> dict[str, Crew]:
    """The crews whose duty runs now or begins soon, by unit.

    Raises:
        NotFound: Nobody; with whose duty is next.
    """
    kept = duties_around(now.folder, now.day)
    if kept is None:
        raise NotFound("unit.no_roster", folder=now.folder, day=now.day)
    ours = [one for one in kept if squadron in (None, one.row.squadron)]
    found = {one.row.team: crew_of(one) for one in open_to(ours, now.at_ms, SOON_MS)}
    if not found:
        ahead = [f"{one.row.team} {now.hours(one)}" for one in ours if one.start_ms > now.at_ms]
        key = "unit.nobody" if ahead else "unit.nobody_at_all"
        raise NotFound(key, at=now, next=", ".join(ahead[:MOST_TOLD]))
    return found


def rostered_crew(now: Now, unit: str, duty: str | None) -> Crew:
    """The crew of the duty that is named, else of the unit's nearest.

    Raises:
        NotFound: The roster has no such duty now; with what it has.
    """
    kept = duties_around(now.folder, now.day)
    if kept is None:  # it may be published by a planner elsewhere; the engine knows
        return bonded_crew(now.folder, unit, now.day)
    own = [one for one in open_to(kept, now.at_ms) if one.row.team == unit]
    meant = [one for one in own if duty in (None, one.row.duty)]
    if meant:
        return crew_of(min(meant, key=lambda one: (abs(one.start_ms - now.at_ms), one.row.duty)))
    if duty is not None and own:
        has = ", ".join(f"{one.row.duty} {now.hours(one)}" for one in own)
        raise NotFound("unit.other_duty", unit=unit, duty=shown(duty), at=now, own=has)
    ahead = [f"{one.row.duty} {now.hours(one)}" for one in to_come(kept, unit, now.at_ms)]
    key = "unit.no_duty" if ahead else "unit.no_duty_at_all"
    told = {"unit": unit, "at": now, "next": ", ".join(ahead[:MOST_TOLD])}
    raise NotFound(key, extra=_extra(now, unit), **told)


def _extra(now: Now, unit: str) -> str:
    """The command that gives the unit's squadron a duty from now on."""
    persons = sound_rows(now.folder / PersonRow.file, PersonRow)
    squadron = next(one.squadron for one in persons if team_id(one) == unit)
    first, last = (now.calendar.local(at_ms) for at_ms in (now.at_ms, now.at_ms + EXTRA_MS))
    span = f"--from {first:%Y-%m-%dT%H:%M} --to {last:%Y-%m-%dT%H:%M}"
    return f"qinwu roster extra {now.folder} --squadron {squadron} {span}"
