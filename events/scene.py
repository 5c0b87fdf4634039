"""A day to be played: its incidents and sightings, read from live/DATE.csv and what lies beside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import NamedTuple, TypeVar

from config.calendar import YEARS
from config.district import District
from config.durations import FIRST_MS, HOUR_MS, LAST_MS
from config.errors import BadInput, NotFound
from config.faults import near, shown
from config.findings import capped
from config.made_tables import LiveRow, SightingRow
from config.named import check_year
from config.reading import Table, read_table
from events.days import days

R = TypeVar("R", LiveRow, SightingRow)


class Call(NamedTuple):
    """An incident: when it is told, the id it gets, and what the file says of it."""

    at_ms: int
    incident: str
    row: LiveRow


class Seen(NamedTuple):
    """A plate at a gate: when, the id of the sighting, and what the file says of it."""

    at_ms: int
    sighting: str
    row: SightingRow


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens on a day, in order of time, between `start_ms` and `until_ms`."""

    day: date
    calls: tuple[Call, ...]
    sightings: tuple[Seen, ...]
    start_ms: int
    until_ms: int


def read_scene(district: District, file: Path, hours: float | None = None) -> Scene:
    """A day's file, and the sightings beside it when there are any.

    Args:
        district: Whose places and gates the rows name.
        file: live/DATE.csv; the day begins at its first local midnight.
        hours: How much of it is played; by default up to the next midnight.

    Raises:
        NotFound: There is no such file.
        BadInput: A row cannot be played, with its line; or nothing says which day it is.
    """
    if not file.is_file():
        found = [str(path) for path in days(district.folder)]
        key = "play.no_file_but" if found else "play.no_file"
        raise NotFound(key, file=file, days=" ".join(found), folder=district.folder)
    calls = read_table(file, LiveRow, str(file))
    beside = file.with_suffix(".sightings.csv")
    sightings = read_table(beside, SightingRow, str(beside))
    call_ms = _moments(district, calls)
    seen_ms = _moments(district, sightings)
    gates = [place for place, row in district.places.items() if row.kind == "gate"]
    _check_places(calls, "place", list(district.places), lambda row: row.place)
    _check_places(sightings, "gate", gates, lambda row: row.gate)
    for at, row in enumerate(calls.rows):
        if row.place is None and (row.lon is None or row.lat is None):
            calls.find(at, "lon", "play.nowhere")
    findings = [*calls.findings, *sightings.findings]
    if any(finding.level == "error" for finding in findings):
        raise BadInput(list(capped(findings)))
    day = _day(district, file, call_ms)
    start_ms = district.calendar.at_ms(day, time())
    end_ms = district.calendar.at_ms(date.fromordinal(day.toordinal() + 1), time())
    until_ms = end_ms if hours is None else start_ms + round(hours * HOUR_MS)
    # Ids by the order in the file: the same file gives the same ids, however often it is played.
    told = [Call(at_ms, f"{day}-{n:04d}", row)
            for n, (at_ms, row) in enumerate(zip(call_ms, calls.rows, strict=True), start=1)
            if start_ms <= at_ms < until_ms]  # fmt: skip
    seen = [Seen(at_ms, f"{day}-s{n:04d}", row)
            for n, (at_ms, row) in enumerate(zip(seen_ms, sightings.rows, strict=True), start=1)
            if start_ms <= at_ms < until_ms]  # fmt: skip
    told.sort(key=lambda call: (call.at_ms, call.incident))
    seen.sort(key=lambda one: (one.at_ms, one.sighting))
    return Scene(day, tuple(told), tuple(seen), start_ms, until_ms)


def _moments(district: District, table: Table[R]) -> list[int]:
    """Unix ms of each row; what is no time, or of no year that is planned, is noted, and 0."""
    moments = []
    for at, row in enumerate(table.rows):
        at_ms = 0
        try:
            at_ms = district.calendar.parse_iso(row.at)
        except ValueError:
            table.find(at, "at", "roster.time", value=shown(row.at))
        if not FIRST_MS <= at_ms < LAST_MS:
            table.find(at, "at", "play.far", value=shown(row.at), first=YEARS[0], last=YEARS[-1])
            at_ms = 0
        moments.append(at_ms)
    return moments


def _check_places(
    table: Table[R], column: str, known: Sequence[str], name: Callable[[R], str | None]
) -> None:
    names = set(known)
    for at, row in enumerate(table.rows):
        value = name(row)
        if value is not None and value not in names:
            table.find(at, column, "unknown_name", value=shown(value), near=near(value, known),
                       where="places.csv")  # fmt: skip


def _day(district: District, file: Path, moments: Sequence[int]) -> date:
    """The day of the file's name, else of its first incident."""
    try:
        day = date.fromisoformat(file.name.split(".")[0])
    except ValueError:
        if not moments:
            raise BadInput(key="play.no_day", file=file) from None
        return district.calendar.local(min(moments)).date()
    check_year(file.name, day)
    return day
