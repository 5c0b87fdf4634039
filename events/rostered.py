"""Which duties a folder's published rosters have at a moment: who a sign-in is expected from.

Only the rosters that lie around the moment are read, and no district is loaded: signing in needs
no road network.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from config.calendar import week_of_day
from config.durations import HOUR_MS
from config.ids import TeamId
from config.made_tables import RosterRow
from config.people import build, team_id
from config.reading import read_table
from config.tables import BondRow, LeaveRow, PersonRow
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
    """All duties of the weeks around a local date, by start; None where its own is not kept."""
    weeks = dict.fromkeys(week_of_day(day + step) for step in _AROUND)
    files = {week: folder / "roster" / week / RosterRow.file for week in weeks}
    if not files[week_of_day(day)].is_file():
        return None
    found: list[Rostered] = []
    for file in filter(Path.is_file, files.values()):
        for row in read_table(file, RosterRow).rows:
            with suppress(ValueError):  # a time that is none: `qinwu check` says its line
                found.append(Rostered(row, moment_ms(row.start), moment_ms(row.end)))
    return sorted(found, key=lambda one: (one.start_ms, one.row.duty))


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
    persons = read_table(folder / PersonRow.file, PersonRow).rows
    people = build(persons, read_table(folder / BondRow.file, BondRow).rows,
                   read_table(folder / LeaveRow.file, LeaveRow).rows)  # fmt: skip
    officer = next(p.person for p in persons if p.role == "officer" and team_id(p) == unit)
    team = people.team(TeamId(unit), day)
    return Crew(officer, team.auxiliaries if team else ())
