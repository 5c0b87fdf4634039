"""A week's roster and analysis as files and as the data of events.

The only place of the planner that turns minutes of the week into times that others read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any

from config.district import District
from config.durations import DAY_MIN
from config.ids import NodeId, PlaceId
from config.made_tables import MustArriveOutRow, NamedRosterRow, NamedVisitRow, StaffingRow
from config.reading import write_rows
from config.words import Say
from scheduler.fixed import fixed
from scheduler.foresight.demand import Demand
from scheduler.foresight.must_arrive import MustArrive, Past
from scheduler.intake import Week
from scheduler.names import Names
from scheduler.roster import Duty, Roster, Visit

SEEN = 0.001
"""Expected incidents below this are told as less than it: 0.000 reads as none."""


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

    def roster_rows(self, roster: Roster, version: int) -> list[NamedRosterRow]:
        """Rows of roster.csv."""
        names = Names(self.district)
        return [
            NamedRosterRow(
                week=self.week, version=version, squadron=duty.squadron, team=duty.team,
                duty=duty.id, day=duty.date, start=self.iso(duty.start_min),
                end=self.iso(duty.end_min), kind=duty.kind, post=duty.post, officer=duty.officer,
                auxiliaries=duty.auxiliaries, vehicle=duty.vehicle, device=duty.device,
                tasks=duty.tasks,
                squadron_name=names.squadron(duty.squadron),
                officer_name=names.person(duty.officer),
                auxiliaries_names=names.people(duty.auxiliaries), post_name=names.post(duty.post),
                task_names=tuple(names.task(task) for task in duty.tasks),
            )
            for duty in roster.duties
        ]  # fmt: skip

    def visit_rows(
        self, roster: Roster, points: Mapping[str, MustArrive] | None = None
    ) -> list[NamedVisitRow]:
        """Rows of visits.csv; with the points, their windows."""
        return [
            self._visit_row(duty, visit, (points or {}).get(visit.must_arrive))
            for duty in roster.duties for visit in duty.visits
        ]  # fmt: skip

    def _visit_row(self, duty: Duty, visit: Visit, point: MustArrive | None) -> NamedVisitRow:
        names = Names(self.district)
        _, lon, lat = self._where(visit.place)
        return NamedVisitRow(
            duty=duty.id, day=duty.date, team=duty.team, must_arrive=visit.must_arrive,
            arrive=self.iso(visit.arrive_min), leave=self.iso(visit.leave_min),
            place_name=names.place(visit.place), officer_name=names.person(duty.officer),
            window_start=_clock(point.start_min) if point else None,
            window_end=_clock(point.end_min) if point else None, lon=lon, lat=lat,
        )  # fmt: skip

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
                reason=reason_text(point, say), must_correct=point.must_correct,
                must_check=point.must_check,
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
        """Name, degrees (WGS-84) of a place, or of a node that has no place."""
        roads = self.district.roads
        known = self.district.places.get(PlaceId(place))
        node = roads.index[NodeId(known.node if known else place)]
        name = Names(self.district).place(place) or place
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
                "tasks": tuple(self._task_data(duty.tasks)),
                "visits": tuple(self._visit_data(duty, visit, points) for visit in duty.visits),
            }
            for duty in roster.duties
        ]  # fmt: skip

    def _task_data(self, tasks: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Fixed duties with what a unit has to know: when, of what kind, where.

        One that is not in the district's files any more needs nobody.
        """
        iso = self.district.calendar.iso
        for task in tasks:
            told = fixed(self.district, task)
            if told is not None:
                where = {"place": told.place, "post": told.post}
                yield {
                    "task": task, "kind": told.kind, "start": iso(told.start_ms),
                    "end": iso(told.end_ms),
                    **{name: value for name, value in where.items() if value is not None},
                }  # fmt: skip

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
            # A night check's window is the whole check; its units stay as long as is planned.
            said["dwell_min"] = min(point.dwell_min, visit.leave_min - visit.arrive_min)
        return said


def _clock(minute: int) -> time:
    return time(minute % DAY_MIN // 60, minute % 60)


def reason_text(point: MustArrive, say: Say) -> str:
    """Why a point was chosen, in words."""
    why = point.reason
    kind: str = why.kind
    read = kind == "as_written" or (kind == "night_check" and not why.rank)
    if read and why.note:
        return why.note
    if read or (kind == "pinned" and not why.note):
        kind += "_plain"  # nobody's words; read back without its own
    key = f"scheduler.must_arrive.{kind}"
    expected = f"{why.expected:.3f}" if why.expected >= SEEN else f"< {SEEN}"
    told = say(key, expected=expected, rank=why.rank, note=why.note)
    if why.past is None:
        return told
    return say("scheduler.past.after", told=told, past=past_text(why.past, say))


def past_text(past: Past, say: Say) -> str:
    """What was recorded there in the hours of the window: how much, and of what kinds."""
    if not past.count:
        return say("scheduler.past.none", weeks=past.weeks)
    comma = say("planner.report.comma")
    kinds = comma.join(f"{say(f'code.incident.{kind}')} {count}" for kind, count in past.kinds)
    return say(
        "scheduler.past.some",
        weeks=past.weeks,
        count=past.count,
        on_day=past.on_day,
        kinds=kinds,
    )


def write_week(
    out: Path, printer: Printer, roster: Roster, version: int, points: Sequence[MustArrive],
    demand: Demand, say: Say,
) -> None:  # fmt: skip
    """The files of a planned week, for planners' spreadsheets: UTF-8 with BOM."""
    write_roster(out, printer, roster, version, {point.id: point for point in points})
    write_needs(out, printer, points, demand, say)


def write_roster(
    out: Path, printer: Printer, roster: Roster, version: int,
    points: Mapping[str, MustArrive] | None = None,
) -> None:  # fmt: skip
    """roster.csv and visits.csv, with names for those who read them."""
    out.mkdir(parents=True, exist_ok=True)
    write_rows(out / "roster.csv", printer.roster_rows(roster, version), NamedRosterRow, bom=True)
    write_rows(out / "visits.csv", printer.visit_rows(roster, points), NamedVisitRow, bom=True)


def write_needs(
    out: Path, printer: Printer, points: Sequence[MustArrive], demand: Demand, say: Say
) -> None:
    """must_arrive.csv and staffing.csv: what the week needs."""
    out.mkdir(parents=True, exist_ok=True)
    write_rows(out / "must_arrive.csv", printer.point_rows(points, say), MustArriveOutRow, bom=True)
    write_rows(out / "staffing.csv", printer.staffing_rows(demand), StaffingRow, bom=True)
