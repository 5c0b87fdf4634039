"""The row models of the files that the program itself makes: one class a file, one field a column.

Imported history, days to be played, and a planned week; people may edit them like any other.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from config.cells import (
    Clock,
    DutyKind,
    Id,
    Ids,
    Latitude,
    Longitude,
    Metres,
    ServiceSeconds,
    Text,
    Texts,
    Weekday,
)
from config.kinds import IncidentKind, Severity
from config.tables import Row


class HistoryRow(Row):
    """One recorded crash, incident or violation, after import: history/*.csv."""

    file: ClassVar = "history/incidents.csv"

    id: Text
    at: str = Field(description="ISO 8601 with offset.", examples=["2026-11-23T08:15:00+08:00"])
    resolution_min: int = Field(1, ge=1, le=1440, description="60: only the hour is known.")
    category: Literal["incident", "violation"] = "incident"
    kind: IncidentKind | None = Field(None, description="Empty for a violation.")
    severity: Severity = "none"
    violation: Text | None = Field(None, description="Empty: none, or not determined.")
    x_m: Metres
    y_m: Metres
    node: Id | None = Field(None, description="Nearest node, when within reach of the network.")
    area: Text | None = Field(None, description="The source's own district code.")
    service_s: ServiceSeconds | None = Field(None, description="Seconds on scene, when known.")


class LiveRow(Row):
    """One incident of a day to be played: live/DATE.csv."""

    file: ClassVar = "live/*.csv"

    at: str
    kind: IncidentKind
    severity: Severity = "none"
    place: Id | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None
    service_s: ServiceSeconds
    priority: int = Field(2, ge=1, le=4)


class SightingRow(Row):
    """A plate seen at a gate on a day to be played: live/DATE.sightings.csv."""

    file: ClassVar = "live/*.sightings.csv"

    at: str
    gate: Id = Field(description="A place of kind gate.")
    plate_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    entry: Id | None = Field(None, description="Of the watch list, when the camera knows it.")


class RosterRow(Row):
    """One duty of a roster: roster.csv, written by the planner, read back when edited by hand."""

    file: ClassVar = "roster.csv"
    key: ClassVar = ("duty",)
    refers: ClassVar = {"squadron": "settings.yaml:squadrons", "post": "posts.csv:post",
                        "officer": "people.csv:person"}  # fmt: skip

    week: Annotated[str, Field(pattern=r"^\d{4}-W\d{2}$")]
    version: int = Field(1, ge=1, le=1_000_000)  # as events have it
    squadron: Id
    team: Id
    duty: Id
    day: date = Field(alias="date")
    start: str = Field(description="ISO 8601 with offset.")
    end: str = Field(description="ISO 8601 with offset.")
    kind: DutyKind = "patrol"
    post: Id | None = None
    officer: Id
    auxiliaries: Ids = ()
    vehicle: Id | None = None
    device: Id | None = None
    tasks: Texts = Field((), description="Fixed duties of its date done in it: DUTY@DATE.")


class NamedRosterRow(RosterRow):
    """A duty as roster.csv is written: with columns for people, which nothing reads back."""

    squadron_name: str | None = None
    officer_name: str | None = None
    auxiliaries_names: tuple[str, ...] = ()
    post_name: str | None = None
    task_names: tuple[str, ...] = Field((), description="Of tasks: duty, hours, place.")


class PinRow(Row):
    """A team's day that a person fixed: pins.csv beside a roster. Without times: no duty."""

    file: ClassVar = "pins.csv"
    key: ClassVar = ("week", "team", "date")

    week: Annotated[str, Field(pattern=r"^\d{4}-W\d{2}$")]
    team: Id
    day: date = Field(alias="date")
    start: str | None = Field(None, description="ISO 8601 with offset; empty: no duty.")
    end: str | None = Field(None, description="ISO 8601 with offset; empty: no duty.")
    kind: DutyKind | None = Field(None, description="Empty: any.")
    post: Id | None = Field(None, description="Empty: any.")
    source: Text | None = Field(None, description="Where it was said, such as a sheet's cell.")


class VisitRow(Row):
    """One planned visit of a duty: visits.csv."""

    file: ClassVar = "visits.csv"

    duty: Id
    day: date = Field(alias="date")
    team: Id
    must_arrive: Id
    arrive: str = Field(description="ISO 8601 with offset.")
    leave: str = Field(description="ISO 8601 with offset.")


class NamedVisitRow(VisitRow):
    """A visit as visits.csv is written: with columns for people, which nothing reads back."""

    place_name: str | None = None
    window_start: Clock | None = Field(None, description="The point's window, local time.")
    window_end: Clock | None = None
    officer_name: str | None = None
    lon: Longitude | None = Field(None, description="Of the place; WGS-84.")
    lat: Latitude | None = None


class MustArriveOutRow(Row):
    """A must-arrive point of a week: must_arrive.csv."""

    file: ClassVar = "must_arrive.csv"
    key: ClassVar = ("id",)

    id: Id
    name: Text
    place: Id
    lon: Longitude | None = None
    lat: Latitude | None = None
    squadron: Id
    weekday: Weekday
    window_start: Clock
    window_end: Clock
    dwell_min: int
    visits: int
    reason: Annotated[str, Field(min_length=1, max_length=1000)]  # somebody's words within ours
    must_correct: Texts = ()
    must_check: Texts = Field((), description="Classes of vehicles to stop on sight.")


class StaffingRow(Row):
    """Units needed by a squadron in a half hour, and what for: staffing.csv."""

    file: ClassVar = "staffing.csv"

    squadron: Id
    start: str = Field(description="ISO 8601 with offset.")
    units: int
    response: int
    visits: int
    statutory: int
    fixed: int
    operations: int
    desk: int = Field(0, description="Teams behind a counter, beside `units`.")
    total: int | None = Field(None, description="units + desk.")
    load: float | None = Field(None, description="Units busy with incidents on average.")
    load_low: float | None = None
    load_high: float | None = Field(None, description="True with 90 %: low to high.")
    units_low: int | None = None
    units_high: int | None = Field(None, description="Units at the low and at the high load.")
