"""A week's roster and analysis as files and events, and a roster read back from its file.

The only place of the planner that turns minutes of the week into times that others read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any

from config.calendar import monday_of
from config.district import District
from config.errors import BadInput
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
from config.reading import Table, read_table, write_rows
from config.tables import MustArriveOutRow, RosterRow, StaffingRow, VisitRow
from config.words import Say
from scheduler.demand import Demand
from scheduler.intake import Week
from scheduler.must_arrive import MustArrive
from scheduler.roster import Duty, Roster, Visit

DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class Printer:
    """Writes the rosters of one week of a district."""

    district: District
    week: str

    @property
    def of(self) -> Week:
        """The week's dates and clocks."""
        return Week(self.district.calendar, self.week)

    def iso(self, minute: int) -> str:
        """A minute of the week as ISO 8601 with offset."""
        return self.district.calendar.iso(self.of.at_ms(minute))

    def minute(self, iso: str) -> int:
        """The minute of the week of an ISO 8601 time; ValueError when it is none."""
        return self.of.of_ms(self.district.calendar.parse_iso(iso))

    # --- files out ---------------------------------------------------------------------------

    def roster_rows(self, roster: Roster, version: int) -> list[RosterRow]:
        """Rows of roster.csv."""
        return [
            RosterRow(
                week=self.week, version=version, squadron=duty.squadron, team=duty.team,
                duty=duty.id, day=duty.date, start=self.iso(duty.start_min),
                end=self.iso(duty.end_min), kind=duty.kind, post=duty.post, officer=duty.officer,
                auxiliaries=duty.auxiliaries, vehicle=duty.vehicle, device=duty.device,
            )
            for duty in roster.duties
        ]  # fmt: skip

    def visit_rows(self, roster: Roster) -> list[VisitRow]:
        """Rows of visits.csv."""
        return [
            VisitRow(
                duty=duty.id, day=duty.date, team=duty.team, must_arrive=visit.must_arrive,
                arrive=self.iso(visit.arrive_min), leave=self.iso(visit.leave_min),
            )
            for duty in roster.duties for visit in duty.visits
        ]  # fmt: skip

    def point_rows(self, points: Iterable[MustArrive], say: Say) -> list[MustArriveOutRow]:
        """Rows of must_arrive.csv."""
        rows = []
        for point in points:
            name, lon, lat = self._where(point.place)
            rows.append(MustArriveOutRow(
                id=point.id, name=name, place=point.place, lon=lon, lat=lat,
                squadron=point.squadron, weekday=point.weekday,
                window_start=_clock(point.start_min), window_end=_clock(point.end_min),
                dwell_min=point.dwell_min, visits=point.visits,
                reason=say(f"reason.{point.reason.kind}"), must_correct=point.must_correct,
            ))  # fmt: skip
        return rows

    def staffing_rows(self, demand: Demand) -> list[StaffingRow]:
        """Rows of staffing.csv."""
        bounds = self.of.slot_min()
        rows = []
        for row in demand.rows(self.district.squadrons):
            slot = int(row["slot"])
            parts = {k: v for k, v in row.items() if k != "slot"}
            rows.append(StaffingRow.model_validate({**parts, "start": self.iso(bounds[slot])}))
        return rows

    def _where(self, place: str) -> tuple[str, float, float]:
        """Name, longitude and latitude of a place, or of a node that has no place."""
        roads = self.district.roads
        known = self.district.places.get(PlaceId(place))
        node = roads.index[NodeId(known.node if known else place)]
        name = known.name if known else place
        return name, round(float(roads.lon[node]), 7), round(float(roads.lat[node]), 7)

    # --- events ------------------------------------------------------------------------------

    def duty_data(
        self, roster: Roster, version: int, points: Mapping[str, MustArrive]
    ) -> list[dict[str, Any]]:
        """The data of one `duty_rostered` event a duty."""
        return [
            {
                "week": self.week, "version": version, "duty": duty.id, "team": duty.team,
                "squadron": duty.squadron, "date": duty.date.isoformat(),
                "start": self.iso(duty.start_min), "end": self.iso(duty.end_min),
                "kind": duty.kind, "officer": duty.officer, "auxiliaries": duty.auxiliaries,
                **{name: value for name, value in (
                    ("post", duty.post), ("vehicle", duty.vehicle), ("device", duty.device),
                ) if value is not None},
                "visits": tuple(self._visit_data(duty, visit, points) for visit in duty.visits),
            }
            for duty in roster.duties
        ]  # fmt: skip

    def _visit_data(
        self, duty: Duty, visit: Visit, points: Mapping[str, MustArrive]
    ) -> dict[str, Any]:
        """A visit with what the engine has to watch: where, between when, how long."""
        said: dict[str, Any] = {
            "must_arrive": visit.must_arrive, "place": visit.place,
            "visit": f"{visit.must_arrive}/{duty.id}/{visit.arrive_min}",
            "arrive": self.iso(visit.arrive_min), "leave": self.iso(visit.leave_min),
        }  # fmt: skip
        _, said["lon"], said["lat"] = self._where(visit.place)
        said["crs"] = "WGS-84"
        point = points.get(visit.must_arrive)
        if point is not None:
            day = self.of.dates[point.weekday - 1]
            said["window_start"] = self.iso(self.of.local(day, point.start_min))
            said["window_end"] = self.iso(self.of.local(day, point.end_min))
            said["dwell_min"] = point.dwell_min
        return said


def _clock(minute: int) -> time:
    return time(minute % DAY_MIN // 60, minute % 60)


# --- files in --------------------------------------------------------------------------------


def read_roster(district: District, path: Path, visits: Path | None = None) -> tuple[str, Roster]:
    """The week and roster of a roster.csv, the planner's or one made by hand.

    Raises:
        BadInput: A cell is wrong, two weeks are mixed, or a name is not the district's.
    """
    table = read_table(path, RosterRow)
    weeks = sorted({row.week for row in table.rows})
    for n, row in enumerate(table.rows):
        _check_row(district, table, n, row, weeks[0])
    if not table.rows and not table.findings:
        table.note("roster.empty", 1, 1)
    if table.findings:
        raise BadInput(table.findings)
    week = weeks[0]
    planned = read_visits(district, week, visits) if visits is not None else {}
    printer = Printer(district, week)
    return week, Roster(tuple(_duty(printer, row, planned.get(row.duty, ())) for row in table.rows))


def _check_row(
    district: District, table: Table[RosterRow], n: int, row: RosterRow, week: str
) -> None:
    known: dict[str, set[str]] = {
        "squadron": set(district.squadrons),
        "team": set(district.people.team_ids()),
        "officer": set(district.people.persons),
        "post": set(district.posts),
        "vehicle": {vehicle.vehicle for vehicle in district.vehicles},
    }
    for column, names in known.items():
        value = getattr(row, column)
        if value is not None and value not in names:
            table.find(n, column, "roster.unknown", value=value)
    for person in row.auxiliaries:
        if person not in district.people.persons:
            table.find(n, "auxiliaries", "roster.unknown", value=person)
    if row.week != week:
        table.find(n, "week", "roster.two_weeks", value=row.week, week=week)
    for column in ("start", "end"):
        try:
            district.calendar.parse_iso(getattr(row, column))
        except ValueError:
            table.find(n, column, "roster.time", value=getattr(row, column))
            return
    if district.calendar.parse_iso(row.end) <= district.calendar.parse_iso(row.start):
        table.find(n, "end", "roster.order", value=row.end)
    elif not 0 <= (row.day - monday_of(row.week)).days < 7:
        table.find(n, "date", "roster.outside", value=row.day.isoformat(), week=row.week)


def read_visits(district: District, week: str, path: Path) -> dict[str, tuple[Visit, ...]]:
    """The visits of a visits.csv by duty; none when there is no file."""
    if not path.exists():
        return {}
    table = read_table(path, VisitRow)
    if table.findings:
        raise BadInput(table.findings)
    printer = Printer(district, week)
    points = points_by_id(path.parent)
    found: dict[str, list[Visit]] = {}
    for row in table.rows:
        place = points.get(row.must_arrive, row.must_arrive)
        found.setdefault(row.duty, []).append(
            Visit(
                MustArriveId(row.must_arrive), PlaceId(place),
                printer.minute(row.arrive), printer.minute(row.leave),
            )
        )  # fmt: skip
    return {duty: tuple(visits) for duty, visits in found.items()}


def points_by_id(folder: Path) -> dict[str, str]:
    """Must-arrive id → place, of the must_arrive.csv beside a roster."""
    path = folder / "must_arrive.csv"
    if not path.exists():
        return {}
    return {row.id: row.place for row in read_table(path, MustArriveOutRow).rows}


def _duty(printer: Printer, row: RosterRow, visits: Sequence[Visit]) -> Duty:
    return Duty(
        id=DutyId(row.duty), team=TeamId(row.team), squadron=SquadronId(row.squadron),
        date=row.day, start_min=printer.minute(row.start), end_min=printer.minute(row.end),
        kind=row.kind, officer=PersonId(row.officer),
        auxiliaries=tuple(PersonId(one) for one in row.auxiliaries),
        post=PostId(row.post) if row.post else None,
        vehicle=VehicleId(row.vehicle) if row.vehicle else None,
        device=DeviceId(row.device) if row.device else None,
        visits=tuple(visits),
    )  # fmt: skip


def write_week(
    out: Path, printer: Printer, roster: Roster, version: int, points: Sequence[MustArrive],
    demand: Demand, say: Say,
) -> None:  # fmt: skip
    """The files of a planned week, for planners' spreadsheets: UTF-8 with BOM."""
    write_rows(out / "roster.csv", printer.roster_rows(roster, version), RosterRow, bom=True)
    write_rows(out / "visits.csv", printer.visit_rows(roster), VisitRow, bom=True)
    write_rows(out / "must_arrive.csv", printer.point_rows(points, say), MustArriveOutRow, bom=True)
    write_rows(out / "staffing.csv", printer.staffing_rows(demand), StaffingRow, bom=True)
