"""Which duties a folder's published rosters have at a moment: who a sign-in is expected from.

Only the rosters that lie around the moment are read, and no district is loaded: signing in needs
no road network.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from config.calendar import week_of_day
from config.durations import HOUR_MS
from config.errors import BadInput, Finding
from config.faults import shown
from config.ids import TeamId
from config.made_tables import RosterRow
from config.people import build, team_id
from config.reading import read_table
from config.sound import refuse_faults, sound_rows
from config.tables import BondRow, LeaveRow, PersonRow
from config.whole import unfinished
from events.duties import is_open
from events.event import moment_ms
from events.rosters import EARLY_MS

SOON_MS = HOUR_MS // 2
"""Whoever begins so soon signs in with all the others."""
_AROUND = (timedelta(-1), timedelta(0), timedelta(1))
"""A night's duty of Sunday ends on Monday, one of Monday is signed in to on Sunday."""


class Rostered(NamedTuple):
    """A duty of a published roster. start_ms, end_ms: Unix milliseconds."""

    row: RosterRow
    start_ms: int
    end_ms: int


class Crew(NamedTuple):
    """Who is there, with what; `duty` None: the engine finds it."""

    officer: str
    auxiliaries: tuple[str, ...] = ()
    vehicle: str | None = None
    device: str | None = None
    duty: Rostered | None = None


def duties_around(folder: Path, day: date) -> list[Rostered] | None:
    """All duties of the weeks around a local date, by start; None where its own is not kept.

    Raises:
        BadInput: One of these rosters is damaged, or only half there.
    """
    weeks = dict.fromkeys(week_of_day(day + step) for step in _AROUND)
    kept = {week: _duties(folder, week) for week in weeks}
    if kept[week_of_day(day)] is None:
        return None
    found = (one for duties in kept.values() for one in duties or ())
    return sorted(found, key=lambda one: (one.start_ms, one.row.duty))


def _duties(folder: Path, week: str) -> list[Rostered] | None:
    """The duties of a kept week; None where it is not kept."""
    within = f"roster/{week}"
    if unfinished(folder / within):
        told = {"folder": folder}
        raise BadInput([Finding("error", within, None, None, "check.roster.cut_off", told)])
    name = f"{within}/{RosterRow.file}"
    if not (folder / name).is_file():
        return None
    table = read_table(folder / name, RosterRow, name)
    found: list[Rostered] = []
    for n, row in enumerate(table.rows):
        try:
            found.append(Rostered(row, moment_ms(row.start), moment_ms(row.end)))
        except (ValueError, OverflowError):
            table.find(n, "start", "roster.time", value=shown(f"{row.start}–{row.end}"))
    refuse_faults(table)
    return found


def open_to(duties: Sequence[Rostered], at_ms: int, early_ms: int = EARLY_MS) -> list[Rostered]:
    """Duties that run at a moment or begin at most so long after it."""
    return [one for one in duties if is_open(one, at_ms, early_ms)]


def to_come(duties: Sequence[Rostered], unit: str, at_ms: int) -> Iterator[Rostered]:
    """The unit's duties that have not ended, the next first."""
    return (one for one in duties if one.row.team == unit and one.end_ms >= at_ms)


def crew_of(duty: Rostered) -> Crew:
    """The crew that the roster names."""
    row = duty.row
    return Crew(row.officer, row.auxiliaries, row.vehicle, row.device, duty)


def bonded_crew(folder: Path, unit: str, day: date) -> Crew:
    """The team as it is bonded that day, where no roster is at hand."""
    persons = sound_rows(folder / PersonRow.file, PersonRow)
    people = build(persons, sound_rows(folder / BondRow.file, BondRow),
                   sound_rows(folder / LeaveRow.file, LeaveRow))  # fmt: skip
    officer = next(p.person for p in persons if p.role == "officer" and team_id(p) == unit)
    team = people.team(TeamId(unit), day)
    return Crew(officer, team.auxiliaries if team else ())
