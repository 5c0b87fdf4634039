"""What the files of a district say about each other, beyond each row alone: the errors.

Findings are noted in the tables themselves, at the cell that is wrong. A name that stands in a
faulty row of another file counts as known, so that one fault is reported once.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np

from config.coordinates import SYSTEMS, Frame, to_wgs84
from config.faults import near, near_or_all, shown
from config.ids import NIGHT_CHECK, NIGHT_POINT
from config.meant import ids_meant
from config.people import bond_fault
from config.reading import Table, columns
from config.settings import Settings
from config.settings_checks import check_settings, doubt_settings
from config.tables import (
    BondRow,
    DutyRow,
    EdgeRow,
    HazardRow,
    LeaveRow,
    MustArriveRow,
    MustCorrectRow,
    NodeRow,
    PersonRow,
    PostRow,
    Row,
    VehicleRow,
    WatchRow,
)
from config.yaml_reading import Document

Tables = Mapping[type[Row], Table[Any]]

FARTHEST_M = 300.0
"""Most by which metres and degrees of a node may disagree."""
MANY = 5
"""So many names of which none is known are another force's: that is told once."""


def check_all(document: Document[Settings], tables: Tables) -> None:
    """Note every error between the files of a district."""
    for table in tables.values():
        _check_references(table, document, tables)
    for check in (_check_edges, _check_duties, _check_dates, _check_hours, _check_reserved):
        check(tables)
    _check_bonds(tables, _squadrons(document) or set())
    settings = document.value
    if settings is not None:
        check_settings(document, settings)
        _check_named(document, settings, tables)
        _check_stations(document, settings, tables)
    if document.value is not None and not document.findings:
        _check_coordinates(document, document.value, tables[NodeRow])
        doubt_settings(document, document.value)


def known_names(target: str, document: Document[Settings], tables: Tables) -> set[str] | None:
    """Names that a reference may use, or None where the other file could not be read."""
    file, column = target.split(":")
    if file == document.file:
        return _squadrons(document)
    table = next(table for table in tables.values() if table.file == file)
    if not table.header or (table.header and column not in table.header and table.findings):
        return None
    return set(table.column(column))


def note_absent(target: str, tables: Tables) -> None:
    """Somebody names what stands in a file: that the file is missing is told once, not by row."""
    file = target.partition(":")[0]
    table = next((table for table in tables.values() if table.file == file), None)
    if table is not None:
        _note_missing(table)


def _note_missing(table: Table[Any]) -> None:
    """Note that a file is not there, with what it would hold."""
    if not table.present and not table.findings:
        table.note("file_missing", None, None, columns=",".join(columns(table.model)))


def _squadrons(document: Document[Settings]) -> set[str] | None:
    """Ids of the squadrons, also of settings with faults elsewhere; None where unreadable."""
    plain = document.plain
    listed = plain.get("squadrons") if isinstance(plain, dict) else None
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        return None
    return {str(entry.get("id")) for entry in listed}


def _check_references(table: Table[Any], document: Document[Settings], tables: Tables) -> None:
    for column, target in table.model.refers.items():
        known, where = known_names(target, document, tables), target.split(":")[0]
        told = list(_readable(table, column))
        if known is None:
            if told:
                note_absent(target, tables)
            continue
        values = dict.fromkeys(value for _, value in told)
        if len(told) >= MANY and known.isdisjoint(values):
            # the file is of others than that one, or has names in place of ids
            meant = ids_meant(values, target, document, tables)
            key = "names_for_ids" if meant else "unknown_names"
            ids = ", ".join(f"{name} → {one}" for name, one in meant.items())
            table.note(key, 1, 1, column=column, count=len(told), where=where, meant=ids)
            continue
        for record, value in told:
            if value not in known:
                meant = ids_meant([value], target, document, tables)
                like = meant.get(value) or near_or_all(value, known)
                table.note("unknown_name", *table.place(record, column), column=column,
                           value=shown(value), near=like, where=where)  # fmt: skip


def _readable(table: Table[Any], column: str) -> Iterator[tuple[int, str]]:
    """Record and text of each cell of a column; of a row that has other faults, too.

    Whoever mends a row is told all of it at once. Not of a cell that is told as faulty itself, nor
    of a row with too few or too many cells.
    """
    if column not in table.header:
        return
    at, width = table.header.index(column), len(table.header)
    faulty, sound = {(one.line, one.column) for one in table.findings}, set(table.records)
    for record, cells in enumerate(table.cells):
        if record not in sound and (
            len(cells) < width or any(cells[width:]) or table.place(record, column) in faulty
        ):
            continue
        if cells[at]:
            yield record, cells[at]


def _check_named(document: Document[Settings], settings: Settings, tables: Tables) -> None:
    """What the settings name stands in the other files."""
    persons = set(tables[PersonRow].column("person"))
    officer = settings.duty_officer
    if officer is not None and persons and officer not in persons:
        officers = [row.person for row in tables[PersonRow].rows if row.role == "officer"]
        document.find(("duty_officer",), "no_duty_officer", value=shown(officer),
                      example=near(officer, officers) or min(officers, default="P001"),
                      where=PersonRow.file)  # fmt: skip
    edges = tables[EdgeRow]
    if settings.travel.model == "network" and not edges.present:
        _note_missing(edges)


def _check_stations(document: Document[Settings], settings: Settings, tables: Tables) -> None:
    """Each squadron has one station, and a station says whose it is."""
    posts = tables[PostRow]
    stations: dict[str, int] = {}
    for at, row in enumerate(posts.rows):
        if row.station != "1":
            continue
        if row.squadron is None:
            posts.find(at, "squadron", "station_whose", value=row.post)
        elif row.squadron in stations:
            first = posts.lines[posts.records[stations[row.squadron]]]
            posts.find(at, "station", "station_twice", value=row.squadron, first=first)
        else:
            stations[row.squadron] = at
    if posts.findings or not posts.present:
        return  # the missing station may stand in a faulty row
    for at, squadron in enumerate(settings.squadrons):
        if squadron.id not in stations:
            document.find(("squadrons", at, "id"), "station_missing", value=squadron.id)


def _check_edges(tables: Tables) -> None:
    table = tables[EdgeRow]
    for at, row in enumerate(table.rows):
        if row.seconds is None and (row.length_m is None or row.speed_kmh is None):
            table.find(at, "seconds", "edge_time")


def _check_duties(tables: Tables) -> None:
    table = tables[DutyRow]
    for at, row in enumerate(table.rows):
        if bool(row.weekdays) == (row.on is not None):
            table.find(at, "weekdays", "duty_days")
        elif len(set(row.weekdays)) < len(row.weekdays):
            table.find(at, "weekdays", "day_twice")


def _check_hours(tables: Tables) -> None:
    table = tables[MustCorrectRow]
    for at, row in enumerate(table.rows):
        if row.hour_from == row.hour_to:
            table.find(at, "hour_to", "hours_empty")


def _check_reserved(tables: Tables) -> None:
    """No row has a name under which the program keeps a night check: it would be taken for one."""
    duties, points = tables[DutyRow], tables[MustArriveRow]
    for at, duty in enumerate(duties.rows):
        if duty.duty == NIGHT_CHECK:
            duties.find(at, "duty", "reserved", value=duty.duty, example="check")
    for at, point in enumerate(points.rows):
        if NIGHT_POINT.match(point.id):
            points.find(at, "id", "reserved", value=point.id, example=f"pin-{point.id}")


_DATES: tuple[tuple[type[Row], str, str], ...] = (
    (BondRow, "from", "to"), (LeaveRow, "from", "to"), (WatchRow, "from", "to"),
    (VehicleRow, "withdrawn_from", "withdrawn_to"), (HazardRow, "found", "due"),
    (HazardRow, "found", "verified"),
)  # fmt: skip


def _check_dates(tables: Tables) -> None:
    for model, first, last in _DATES:
        named = columns(model)
        for at, row in enumerate(tables[model].rows):
            start, end = getattr(row, named[first]), getattr(row, named[last])
            if start is not None and end is not None and end < start:
                tables[model].find(at, last, "dates_order", first=str(start), last=str(end))


def _check_bonds(tables: Tables, squadrons: set[str]) -> None:
    """Bonds join an officer and an auxiliary of one squadron, one officer at a time."""
    table, people = tables[BondRow], tables[PersonRow]
    persons = {row.person: row for row in people.rows if row.squadron in squadrons}
    held: dict[str, list[int]] = {}
    for at, row in enumerate(table.rows):
        officer, auxiliary = persons.get(row.officer), persons.get(row.auxiliary)
        cause = bond_fault(officer, auxiliary)
        if cause and cause != "unknown":
            column = "auxiliary" if cause == "role_auxiliary" else "officer"
            table.find(at, column, f"bond_{cause}", officer=row.officer, auxiliary=row.auxiliary)
        for other in held.setdefault(row.auxiliary, []):
            if _overlap(row, table.rows[other]):
                first = table.lines[table.records[other]]
                table.find(at, "auxiliary", "bond_overlap", value=row.auxiliary, first=first)
                break
        held[row.auxiliary].append(at)


def _overlap(one: BondRow, other: BondRow) -> bool:
    """Whether two bonds hold on one day, unless one is of a single day and so stands over."""
    single = [row.since is not None and row.since == row.until for row in (one, other)]
    if single[0] != single[1]:
        return False
    start = max(one.since or date.min, other.since or date.min)
    return start <= min(one.until or date.max, other.until or date.max)


def _check_coordinates(document: Document[Settings], settings: Settings, table: Table[Any]) -> None:
    """Degrees are declared and agree with the metres of the same node."""
    given = [at for at, row in enumerate(table.rows) if row.lon is not None or row.lat is not None]
    for at in given:
        row = table.rows[at]
        if row.lon is None or row.lat is None:
            table.find(at, "lon" if row.lon is None else "lat", "half_a_position")
    if not given or table.findings:
        return
    if settings.crs.lonlat is None:
        document.find(("crs",), "crs_lonlat", choices=", ".join(SYSTEMS))
        return
    off_m = _off_m(settings, table, given, settings.crs.lonlat)
    if not (off_m > FARTHEST_M).any() and float(np.median(off_m)) <= FARTHEST_M / 3:
        return
    others = {
        crs: _off_m(settings, table, given, crs) for crs in SYSTEMS if crs != settings.crs.lonlat
    }
    right = next((crs for crs, off in others.items() if float(np.median(off)) < 20.0), "")
    if right:
        document.find(("crs", "lonlat"), "crs_other", value=settings.crs.lonlat, near=right,
                      metres=round(float(np.median(off_m))))  # fmt: skip
        return
    for at, metres in zip(given, off_m.tolist(), strict=True):
        if metres > FARTHEST_M:
            table.find(at, "lon", "position_off", metres=round(metres), most=round(FARTHEST_M))


def _off_m(
    settings: Settings, table: Table[Any], given: list[int], crs: str
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Metres between degrees (read as `crs`) and metres of nodes; inf where out of the frame."""
    rows = [table.rows[at] for at in given]
    lon, lat = to_wgs84([row.lon for row in rows], [row.lat for row in rows], crs)
    x_m, y_m = Frame(settings.crs).to_metric(lon, lat)
    off = np.hypot(x_m - [row.x_m for row in rows], y_m - [row.y_m for row in rows])
    return np.where(np.isfinite(off), off, np.inf)
