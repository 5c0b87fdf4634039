"""What is lawful in a district folder but hardly meant: the warnings of `qinwu check`."""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from config.calendar import week_of_day
from config.errors import Finding
from config.faults import shown
from config.made_tables import HistoryRow
from config.people import crew_is_lawful
from config.reading import Table
from config.tables import CalendarRow, EdgeRow, PersonRow, PostRow, Row

if TYPE_CHECKING:
    from config.district import District

Tables = Mapping[type[Row], Table[Any]]

LEADER = "leader"
"""The skill of a duty leader 带班领导."""
WEEKS_AHEAD = 8
_FASTEST_KMH = 300.0
_HEADER_AND_A_ROW = 2


def note_doubts(district: "District", tables: Tables, now: datetime) -> None:
    """Note every warning about a district without errors, as of `now` (aware)."""
    _doubt_calendar(district, tables[CalendarRow], now)
    _doubt_posts(district, tables[PostRow])
    _doubt_crews(district, tables[PersonRow], now)
    _doubt_force(district.folder, tables[PersonRow])
    _doubt_leaders(district, tables[PersonRow])
    _doubt_edges(district, tables[EdgeRow])


def without_history(folder: Path) -> list[Finding]:
    """A warning where no file of history/ has a row: then no week can be planned."""
    for path in filter(Path.is_file, (folder / "history").glob("*.csv")):  # no pipe: it would hang
        with path.open("rb") as file:
            if len(list(islice(file, _HEADER_AND_A_ROW))) == _HEADER_AND_A_ROW:
                return []
    return [Finding("warning", "history", None, None, "check.history_none", {})]


def of_an_import(folder: Path) -> list[Finding]:
    """A warning for each table of which an import lost much, while its history is the import's."""
    report = _import_report(folder)
    try:
        lost = {str(name): int(count) for name, count in report["lost"].items()}
        read = {name: int(report["totals"][name]["read"]) for name in lost}
        kept = report["written"][HistoryRow.file] == _digest(folder / HistoryRow.file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    return [
        Finding("warning", "quality.json", None, None, "import.lost_much",
                {"table": shown(name), "count": count, "read": read[name]})
        for name, count in lost.items() if kept
    ]  # fmt: skip


def _import_report(folder: Path) -> Any:  # noqa: ANN401 - whatever stands there
    """The report of the import that made a folder; nothing where none did."""
    try:
        return json.loads((folder / "quality.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _doubt_force(folder: Path, table: Table[Any]) -> None:
    """People are real: not those that an import generated, still as it wrote them."""
    try:
        report = _import_report(folder)
        made, written = report["made"]["people"], report["written"][table.file]
        held = _digest(folder / table.file)
    except (OSError, KeyError, TypeError):
        return  # no import, or its report is not there to say so
    if made and written == held:
        table.note("people_generated", 1, 1, level="warning", count=made)


def _doubt_leaders(district: "District", table: Table[Any]) -> None:
    """Each squadron that has officers has somebody who can be its duty leader."""
    officers = [row for row in table.rows if row.role == "officer"]
    led = {row.squadron for row in officers if LEADER in row.skills}
    without = [name for name in district.squadrons
               if name not in led and any(row.squadron == name for row in officers)]  # fmt: skip
    if without:
        table.note("leader_none", 1, 1, level="warning", squadrons=", ".join(without))


def _doubt_calendar(district: "District", table: Table[Any], now: datetime) -> None:
    """This week and the next are covered."""
    week = week_of_day(now.astimezone(district.calendar.zone).date())
    missing = []
    for _ in range(1 + WEEKS_AHEAD):
        if not district.calendar.covers(week):
            missing.append(week)
        week = district.calendar.next_week(week)
    if missing:
        line = table.lines[-1] if table.lines else 1
        last = max(district.calendar.days, default="")
        table.note("calendar_weeks", line, 1, level="warning", first=missing[0], count=len(missing),
                   last=str(last), weeks=1 + WEEKS_AHEAD)  # fmt: skip
    if table.rows and not any(row.kind in ("holiday", "in_lieu") for row in table.rows):
        table.note("calendar_no_holiday", 1, 1, level="warning")


def _doubt_posts(district: "District", table: Table[Any]) -> None:
    """Every post lies where units can come from, and go to, most of the network."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - half a second; loading needs none
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    roads = district.roads
    if district.settings.travel.model != "network" or not roads.edge_ids:
        return
    n = len(roads.node_ids)
    arcs = csr_array((np.ones(len(roads.tail)), (roads.tail, roads.head)), shape=(n, n))
    _, part = connected_components(arcs, directed=True, connection="strong")
    main = int(np.argmax(np.bincount(part)))
    for at, row in enumerate(table.rows):
        if part[roads.index[row.node]] != main:
            table.find(at, "node", "post_unreachable", level="warning", value=row.post)


def _doubt_crews(district: "District", table: Table[Any], now: datetime) -> None:
    """Teams that may not work on arterials, on the day of the check."""
    law = district.settings.crew_law
    if law == "local":
        return
    day = now.astimezone(district.calendar.zone).date()
    rows = {row.person: at for at, row in enumerate(table.rows)}
    for team in district.people.teams_on(day):
        if not crew_is_lawful(1, len(team.auxiliaries), "primary", law):
            table.find(rows[team.officer], "person", f"crew_{law}", level="warning", value=team.id,
                       count=len(team.auxiliaries), day=str(day))  # fmt: skip


def _doubt_edges(district: "District", table: Table[Any]) -> None:
    """Edges have a class where the crew law asks for it, and nobody drives like an aircraft."""
    roads = district.roads
    unclassed = sum(name is None for name in roads.edge_class)
    if district.settings.crew_law == "by_class" and unclassed:
        table.note("edges_unclassed", 1, 1, level="warning", count=unclassed)
    for at, row in enumerate(table.rows):
        if row.seconds is None:
            continue
        tail, head = roads.index[row.origin], roads.index[row.to]
        metres = math.hypot(roads.x_m[head] - roads.x_m[tail], roads.y_m[head] - roads.y_m[tail])
        kmh = metres / row.seconds * 3.6
        if kmh > _FASTEST_KMH:
            table.find(at, "seconds", "edge_speed", level="warning", value=round(kmh))
