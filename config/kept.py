"""What a district folder holds beside its tables, checked: history, kept rosters, days to play.

Loading a district reads none of these: planner and play do, each what it needs. `qinwu check`
finds here what they would refuse. A name of a week that is over may be gone since: a warning.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from config.calendar import Calendar, week_of_day
from config.checks import known_names, note_absent
from config.duty_rows import DutyRows, note_strays
from config.errors import Finding
from config.faults import near_or_all, shown
from config.importers.refused import check_history, unread
from config.made_tables import LiveRow, MustArriveOutRow, RosterRow, SightingRow, VisitRow
from config.reading import Table, read_table
from config.settings import Settings
from config.tables import DutyRow, NodeRow, PlaceRow, Row
from config.whole import cut_off
from config.yaml_reading import Document

Names = Collection[str]
Tables = Mapping[type[Row], Table[Any]]
READ_BACK = "roster.time"
"""The fault for which the planner refuses a week that is over, too: it asks for times only."""
SIGHTINGS = ".sightings.csv"


def check_kept(
    folder: Path, document: Document[Settings], tables: Tables, now: datetime
) -> list[Finding]:
    """All findings, in the order of files and lines; none while settings.yaml is faulty.

    Args:
        folder: The district folder.
        document: Its settings.
        tables: Its tables, faulty rows included: their names count as known.
        now: Parts the weeks that are over from those that may be edited still.
    """
    if document.value is None or any(each.level == "error" for each in document.findings):
        return []
    settings = document.value
    calendar = Calendar.of_zone(settings.time_zone)
    nodes = tables[NodeRow]  # without it nothing of the history has a node: said of the file once
    found = check_history(folder, settings, nodes) if nodes.header else []
    read = [
        *_rosters(folder, calendar, document, tables, now), *_days(folder, calendar, tables)
    ]  # fmt: skip
    found += [*unread(folder), *_cut_off(folder)]
    for table in read:
        found += sorted(table.findings, key=lambda each: (each.line or 0, each.column or 0))
    return found


def _cut_off(folder: Path) -> Iterator[Finding]:
    """Kept weeks whose files do not belong together, since they were never all put there."""
    for path in cut_off(folder / "roster"):
        told = {"folder": folder}
        yield Finding("error", f"roster/{path.name}", None, None, "check.roster.cut_off", told)


# --- rosters -------------------------------------------------------------------------------------


def _rosters(
    folder: Path, calendar: Calendar, document: Document[Settings], tables: Tables, now: datetime
) -> Iterator[Table[Any]]:
    present = week_of_day(calendar.local(round(now.timestamp() * 1000)).date())
    known = _names(document, tables)
    weeks = [path for path in sorted((folder / "roster").glob("*")) if path.is_dir()]
    fixed = set(tables[DutyRow].column("duty"))
    for path in weeks:
        duties = DutyRows(path.name, calendar, fixed)
        if duties.monday is None:
            continue  # no week: nobody reads it
        level = "error" if path.name >= present else "warning"
        within = f"roster/{path.name}"
        roster = read_table(path / RosterRow.file, RosterRow, f"{within}/{RosterRow.file}")
        visits = read_table(path / VisitRow.file, VisitRow, f"{within}/{VisitRow.file}")
        file = MustArriveOutRow.file
        points = read_table(path / file, MustArriveOutRow, f"{within}/{file}")
        if level == "error":
            _note_absent(roster, known, tables)
        for at, row in enumerate(roster.rows):
            _check_names(roster, at, row, known, level)
            for fault in duties.faults(row):
                if fault.column == "tasks" and not tables[DutyRow].present:
                    if level == "error":
                        note_absent("duties.csv:duty", tables)
                    continue
                grave = "error" if fault.key == READ_BACK else level
                roster.find(at, fault.column, fault.key, grave, **fault.fields)
        for at, point in enumerate(points.rows):
            _check_names(points, at, point, known, level)
        _check_visits(visits, set(points.column("id")), set(roster.column("duty")), duties)
        yield from (roster, visits, points)


_PERSONS = ("people.csv:person",)
_TARGETS: Mapping[str, tuple[str, ...]] = {
    "squadron": ("settings.yaml:squadrons",), "officer": _PERSONS, "auxiliaries": _PERSONS,
    "team": (*_PERSONS, "people.csv:team"), "post": ("posts.csv:post",),
    "place": ("places.csv:place", "nodes.csv:node"),
    "vehicle": ("vehicles.csv:vehicle",), "device": ("devices.csv:device",),
}  # fmt: skip
"""Column of a roster → where its names stand."""


def _names(document: Document[Settings], tables: Tables) -> dict[str, set[str] | None]:
    """What may stand in each column, names of faulty rows too; None where that is unreadable."""

    def of(targets: tuple[str, ...]) -> set[str] | None:
        sets = [known_names(target, document, tables) for target in targets]
        known = [names for names in sets if names is not None]
        return set().union(*known) if len(known) == len(sets) else None

    return {column: of(targets) for column, targets in _TARGETS.items()}


def _note_absent(roster: Table[Any], known: Mapping[str, Names | None], tables: Tables) -> None:
    """A file that is missing though the roster names what it would hold."""
    for column, targets in _TARGETS.items():
        if known[column] is None and any(getattr(row, column, None) for row in roster.rows):
            for target in targets:
                note_absent(target, tables)


def _check_names(
    table: Table[Any], at: int, row: Row, known: Mapping[str, Names | None], level: str
) -> None:
    for column, names in known.items():
        value = getattr(row, column, None)
        for name in value if isinstance(value, tuple) else (value,):
            if name is not None and names is not None and name not in names:
                table.find(at, column, "roster.unknown", level=level, value=shown(name),
                           near=near_or_all(name, names))  # fmt: skip


def _check_visits(table: Table[VisitRow], points: Names, duties: Names, rows: DutyRows) -> None:
    for at, row in enumerate(table.rows):
        if (name := row.must_arrive) not in points:
            told = {"value": shown(name), "near": near_or_all(name, points)}
            table.find(at, "must_arrive", "roster.unknown", **told)
        if fault := rows.visit_fault(row.arrive, row.leave):
            table.find(at, fault.column, fault.key, "error", **fault.fields)
    note_strays(table, duties)


def _moment(table: Table[Any], at: int, column: str, text: str, calendar: Calendar) -> int | None:
    """Unix ms of a cell; what is no time is noted, and None."""
    try:
        at_ms = calendar.parse_iso(text)
        calendar.local(at_ms)
    except (ValueError, OverflowError):
        table.find(at, column, "roster.time", value=shown(text))
        return None
    return at_ms


# --- days to be played ---------------------------------------------------------------------------


def _days(folder: Path, calendar: Calendar, tables: Tables) -> Iterator[Table[Any]]:
    table_of = tables[PlaceRow]
    there = table_of.present  # else said of the file, once
    places = table_of.column("place") if there else None
    gates = [row.place for row in table_of.rows if row.kind == "gate"] if there else None
    for path in sorted((folder / "live").glob("*.csv")):
        name = f"live/{path.name}"
        if path.name.endswith(SIGHTINGS):
            seen = read_table(path, SightingRow, name)
            _check_places(seen, "gate", gates, lambda row: row.gate)
            table: Table[Any] = seen
        else:
            calls = read_table(path, LiveRow, name)
            _check_places(calls, "place", places, lambda row: row.place)
            for at, row in enumerate(calls.rows):
                if row.place is None and (row.lon is None or row.lat is None):
                    calls.find(at, "lon", "play.nowhere")
            table = calls
        for at, row in enumerate(table.rows):
            _moment(table, at, "at", row.at, calendar)
        yield table


def _check_places(
    table: Table[Any], column: str, known: list[str] | None, name: Callable[[Any], str | None]
) -> None:
    if known is None:
        return
    names = set(known)
    for at, row in enumerate(table.rows):
        value = name(row)
        if value is not None and value not in names:
            table.find(at, column, "unknown_name", value=shown(value),
                       near=near_or_all(value, known), where="places.csv")  # fmt: skip
