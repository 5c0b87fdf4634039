"""Rosters read back: from roster.csv, whoever made it, and from the duties of events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from config.calendar import monday_of, week_of_day, window_min
from config.district import District
from config.durations import DAY_MIN
from config.duty_rows import note_strays
from config.errors import BadInput, Finding
from config.faults import shown
from config.ids import (
    DeviceId,
    DutyId,
    MustArriveId,
    NodeId,
    PersonId,
    PlaceId,
    PostId,
    SquadronId,
    TeamId,
    VehicleId,
)
from config.made_tables import MustArriveOutRow, RosterRow, VisitRow
from config.reading import Table, read_table
from config.saved import Saved
from config.tables import Row
from config.whole import unfinished
from events.kinds import DutyRostered
from events.schema import restored
from scheduler.export import Printer
from scheduler.foresight.must_arrive import MustArrive, reason_read
from scheduler.handed import Checker
from scheduler.roster import Duty, Roster, Visit
from scheduler.shares import Earlier

R = TypeVar("R", bound=Row)
ROSTERS = "roster"
"""Folder of a district in which published weeks are kept, one folder a week."""
_TIMES = ("start", "end")
LOOK_BACK_WEEKS = 6  # of the laws: a month and the fortnight before it
LOOK_AHEAD_WEEKS = 5  # of the laws: the rest of the month of a week's Sunday


@dataclass(frozen=True, slots=True)
class RosterFile:
    """A roster, its week, and where each duty stands in the file (line, column).

    doubts: What its reader should tell of files beside it that are not there or do not fit.
    """

    week: str
    roster: Roster
    points: Mapping[str, MustArrive] = field(default_factory=dict)
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    version: int = 1
    doubts: tuple[Finding, ...] = ()


def published_weeks(district: District) -> list[str]:
    """Weeks of which the district keeps a roster, oldest first."""
    folder, found = district.folder / ROSTERS, []
    for path in sorted(folder.glob(f"*/{RosterRow.file}")):
        try:
            monday_of(path.parent.name)
        except ValueError:
            continue  # not a week's folder
        found.append(path.parent.name)
    return found


def kept_folder(district: District, week: str) -> Path:
    """Where the published roster of a week is kept."""
    return district.folder / ROSTERS / week


def read_roster(district: District, path: Path, week: str | None = None) -> RosterFile:
    """A roster.csv, with the visits.csv and must_arrive.csv beside it if they are there.

    Args:
        district: Whose roster it is.
        path: The file.
        week: Its week when that is known: then it may be empty, and no other week's.

    Raises:
        BadInput: A cell is wrong, two weeks are mixed, or a name is not the district's; or the
            files are just being written, or somebody was cut off while writing them.
    """
    before = _stamp(path)
    told: list[Finding] = []
    table = _read(path, RosterRow, told)
    known = week is not None
    week = week or min((row.week for row in table.rows), default="")
    checker = Checker(district, week)
    for n, row in enumerate(table.rows):
        for fault in checker.faults(row):
            table.find(n, fault.column, fault.key, "error", **fault.fields)
    if not table.rows and not table.findings and not known:
        table.note("roster.empty", 1, 1)
    if table.findings:
        raise BadInput(table.findings)
    points = read_points(district, path.with_name("must_arrive.csv"), told)
    visits, doubts = _read_visits(checker, path.with_name("visits.csv"), points, table.rows, told)
    if unfinished(path.parent) or _stamp(path) != before:
        kept = path.parent == kept_folder(district, path.parent.name)
        key = "planner.unfinished_kept" if kept else "planner.unfinished"
        raise BadInput(key=key, folder=path.parent, district=district.folder)
    printer = Printer(district, week)
    roster = Roster(tuple(_duty(printer, row, visits.get(row.duty, ())) for row in table.rows))
    places = {row.duty: table.at(n, "duty") for n, row in enumerate(table.rows)}
    version = max((row.version for row in table.rows), default=1)
    return RosterFile(week, roster, points, places, version, (*told, *doubts))


def _read(path: Path, model: type[R], told: list[Finding]) -> Table[R]:
    """A table, also as a spreadsheet program saved it; `told` gets what was read otherwise."""
    saved = Saved(model, str(path))
    table = read_table(path, model, str(path), saved)
    told += saved.findings
    return table


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells a file from one that was put in its place."""
    if not path.exists():
        return None
    told = path.stat()
    return told.st_ino, told.st_mtime_ns


def read_points(
    district: District, path: Path, told: list[Finding]
) -> dict[str, MustArrive]:  # fmt: skip
    """The points of a must_arrive.csv by id; none when there is no file."""
    if not path.exists():
        return {}
    table = _read(path, MustArriveOutRow, told)
    for n, row in enumerate(table.rows):
        if row.place not in district.places and NodeId(row.place) not in district.roads.index:
            table.find(n, "place", "roster.unknown", value=row.place)
    if table.findings:
        raise BadInput(table.findings)
    found = {}
    for row in table.rows:
        start_min, end_min = window_min(row.window_start, row.window_end)
        found[row.id] = MustArrive(
            row.id, row.place, row.squadron, row.weekday, start_min, end_min,
            row.dwell_min, row.visits, reason_read(row.id, row.reason), row.must_correct,
            row.must_check,
        )  # fmt: skip
    return found


def _read_visits(
    checker: Checker,
    path: Path,
    points: Mapping[str, MustArrive],
    duties: Iterable[RosterRow],
    told: list[Finding],
) -> tuple[dict[str, list[Visit]], tuple[Finding, ...]]:
    if not path.exists():
        return {}, (Finding("warning", str(path), None, None, "check.roster.no_visits"),)
    table = _read(path, VisitRow, told)
    printer = Printer(checker.district, checker.week)
    found: dict[str, list[Visit]] = {}
    for n, row in enumerate(table.rows):
        point = points.get(row.must_arrive)
        if point is None:
            table.find(n, "must_arrive", "roster.unknown", value=row.must_arrive)
            continue
        if fault := checker.visit_fault(row.arrive, row.leave):
            table.find(n, fault.column, fault.key, "error", **fault.fields)
            continue
        arrive, leave = printer.minute(row.arrive), printer.minute(row.leave)
        visit = Visit(MustArriveId(row.must_arrive), PlaceId(point.place), arrive, leave)
        found.setdefault(row.duty, []).append(visit)
    if table.findings:
        raise BadInput(table.findings)
    note_strays(table, {duty.duty for duty in duties})
    return found, tuple(table.findings)


def _duty(printer: Printer, row: RosterRow, visits: Sequence[Visit]) -> Duty:
    return Duty(
        id=DutyId(row.duty), team=TeamId(row.team), squadron=SquadronId(row.squadron),
        date=row.day, start_min=printer.minute(row.start), end_min=printer.minute(row.end),
        kind=row.kind, officer=PersonId(row.officer),
        auxiliaries=tuple(PersonId(one) for one in row.auxiliaries),
        post=PostId(row.post) if row.post else None,
        vehicle=VehicleId(row.vehicle) if row.vehicle else None,
        device=DeviceId(row.device) if row.device else None,
        tasks=row.tasks, visits=tuple(visits),
    )  # fmt: skip


def of_events(district: District, week: str, duties: Iterable[Mapping[str, Any]]) -> RosterFile:
    """The roster behind duties in the normal form of frames."""
    printer = Printer(district, week)
    found: list[Duty] = []
    points: dict[str, Any] = {}
    for normal in duties:
        told = restored(DutyRostered.type(), normal)
        if not isinstance(told, DutyRostered):
            raise TypeError(told.name)
        for visit in told.visits:  # the longest stay tells most: none is longer than its point's
            longest = points.get(str(visit.must_arrive), visit)
            if (visit.dwell_min or 0) >= (longest.dwell_min or 0):
                points[str(visit.must_arrive)] = visit
        found.append(Duty(
            id=told.duty, team=told.team,
            squadron=told.squadron or SquadronId(_squadron(district, told.officer)),
            date=date.fromisoformat(told.date), start_min=printer.minute(told.start),
            end_min=printer.minute(told.end), kind=told.kind, officer=told.officer,
            auxiliaries=told.auxiliaries, post=told.post, vehicle=told.vehicle,
            device=told.device, tasks=tuple(str(one.task) for one in told.tasks),
            visits=tuple(
                Visit(v.must_arrive, v.place or PlaceId(v.must_arrive), printer.minute(v.arrive),
                      printer.minute(v.leave))
                for v in told.visits
            ),
        ))  # fmt: skip
    known = {name: _point(district, week, visit) for name, visit in points.items()}
    return RosterFile(week, Roster(tuple(found)), known)


def _squadron(district: District, officer: PersonId) -> str:
    row = district.people.persons.get(officer)
    return row.squadron if row else ""


def _point(district: District, week: str, visit: Any) -> MustArrive:  # noqa: ANN401 - event's Visit
    """The point that a visit tells of, as far as it does."""
    printer = Printer(district, week)
    local = district.calendar.local
    first, last = (
        local(district.calendar.parse_iso(text))
        for text in (visit.window_start or visit.arrive, visit.window_end or visit.leave)
    )
    day = min(max(first.date(), printer.of.dates[0]), printer.of.dates[6])
    place = str(visit.place or visit.must_arrive)
    known = district.places.get(PlaceId(place))
    node = district.roads.index.get(NodeId(known.node if known else place), 0)
    return MustArrive(
        str(visit.must_arrive), place, district.squadron_of_node(node), day.isoweekday(),
        _clock_min(first, day), _clock_min(last, day),
        visit.dwell_min or max(1, printer.minute(visit.leave) - printer.minute(visit.arrive)), 1,
        reason_read(str(visit.must_arrive)),
    )  # fmt: skip


def _clock_min(local: datetime, day: date) -> int:
    """A local time as a clock shows it, in minutes after the midnight of `day`.

    Not the minutes that have passed since: on the day of a clock change those are others.
    """
    return (local.date() - day).days * DAY_MIN + local.hour * 60 + local.minute


def duties_around(district: District, week: str) -> list[Earlier]:
    """Duties of the published rosters of the weeks before and after, as far as any rule looks."""
    found: list[Earlier] = []
    monday = monday_of(week)
    back = max(LOOK_BACK_WEEKS, district.settings.fairness.weeks)
    for n in (*range(-back, 0), *range(1, LOOK_AHEAD_WEEKS + 1)):
        path = kept_folder(district, week_of_day(monday + timedelta(weeks=n))) / "roster.csv"
        if path.exists():
            found += kept_duties(district, path)
    return found


def kept_duties(district: District, path: Path) -> Iterable[Earlier]:
    """The duties of a published roster.csv.

    Raises:
        BadInput: It cannot be read.
    """
    table = read_table(path, RosterRow, str(path))
    found = []
    for n, row in enumerate(table.rows):
        start_ms, end_ms = (_moment(district, table, n, name) for name in _TIMES)
        people = tuple(PersonId(person) for person in (row.officer, *row.auxiliaries))
        found.append(Earlier(row.day, start_ms, end_ms, SquadronId(row.squadron), people))
    if any(one.level == "error" for one in table.findings):
        raise BadInput(table.findings)
    return found


def _moment(district: District, table: Table[RosterRow], n: int, column: str) -> int:
    """Unix ms of a cell; what is no time is noted, and 0."""
    text = getattr(table.rows[n], column)
    try:
        return district.calendar.parse_iso(text)
    except ValueError:
        table.find(n, column, "roster.time", value=shown(text))
        return 0
