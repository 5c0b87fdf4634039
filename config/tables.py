"""The row models of a district's CSV files: one class a file, one field a column.

This is the only place that knows the columns. Reading, `qinwu check`, the sample district, the
importers and the tables in docs/district.md all derive from it. A field's alias is the column's
name where that is a Python keyword; its description and example are what the docs print.

Text cells are stripped. An empty cell is the field's default, or an error where there is none.
Lists stand in one cell, separated by `;`.
"""

import re
from datetime import date, time
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

Text = Annotated[str, Field(min_length=1, max_length=200)]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\s;,\x00-\x1f]+$")]


_NOT_WRITTEN_DATE = PydanticCustomError("date_written", "a date is written 2026-11-30")
_NOT_WRITTEN_CLOCK = PydanticCustomError("clock_written", "a time of day is written 07:30")


def _split(cell: object) -> object:
    return (
        tuple(part.strip() for part in cell.split(";") if part.strip())
        if isinstance(cell, str)
        else cell
    )


def _written_day(cell: object) -> object:
    # pydantic alone takes 20261130 for seconds since 1970
    if isinstance(cell, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
        raise _NOT_WRITTEN_DATE
    return cell


def _written_clock(cell: object) -> object:
    if isinstance(cell, str) and not re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", cell):
        raise _NOT_WRITTEN_CLOCK
    return cell.zfill(5) if isinstance(cell, str) else cell


def _window(at: time) -> time:
    if at.second or at.microsecond or at.tzinfo is not None:
        raise _NOT_WRITTEN_CLOCK
    return at


Ids = Annotated[tuple[Id, ...], BeforeValidator(_split)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_split)]
Day = Annotated[date, BeforeValidator(_written_day)]
Clock = Annotated[time, BeforeValidator(_written_clock), AfterValidator(_window)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Metres = Annotated[float, Field(ge=-1e8, le=1e8, allow_inf_nan=False)]
Weekday = Annotated[int, Field(ge=1, le=7)]

RoadClass = Literal[
    "motorway", "trunk", "primary", "secondary", "tertiary",
    "motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link",
    "unclassified", "residential", "living_street", "service", "road",
]  # fmt: skip
DutyKind = Literal[
    "patrol", "fixed", "peak", "school", "night_check", "desk", "operation", "leader", "stand_by"
]
PlaceKind = Literal["junction", "gate", "km_post", "school", "bars", "station", "other"]
IncidentKind = Literal[
    "crash",
    "congestion",
    "breakdown",
    "obstacle",
    "signal_fault",
    "dispute",
    "drink_drive",
    "other",
]
Severity = Literal["none", "damage", "injury", "fatal"]


class Row(BaseModel):
    """A row of a CSV file. `file` is its path in the district folder, `key` its unique columns."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)
    file: ClassVar[str]
    key: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[bool] = False
    """Whether a district without this file is refused."""
    private: ClassVar[tuple[str, ...]] = ()
    """Columns of personal data: outside the configuration's hash and outside every journal."""
    refers: ClassVar[dict[str, str]] = {}
    """Column → "file:column" that must hold its value."""


class NodeRow(Row):
    """A junction of the road network, or the centre of a cell where the district has no roads."""

    file: ClassVar = "nodes.csv"
    key: ClassVar = ("node",)
    required: ClassVar = True

    node: Id = Field(examples=["n102"])
    x_m: Metres = Field(description="East, metres, in the district's metric frame.")
    y_m: Metres = Field(description="North, metres, in the district's metric frame.")
    lon: Longitude | None = Field(None, description="Degrees, in the district's declared system.")
    lat: Latitude | None = None
    squadron: Id | None = Field(None, description="Empty: squadron of the nearest station.")
    refers: ClassVar = {"squadron": "settings.yaml:squadrons"}


class EdgeRow(Row):
    """A road from junction to junction; the way back is a row of its own unless `oneway` is 0."""

    file: ClassVar = "edges.csv"
    key: ClassVar = ("edge",)
    refers: ClassVar = {"from": "nodes.csv:node", "to": "nodes.csv:node"}

    edge: Id | None = Field(None, description="Empty: from-to, with #n for parallel roads.")
    origin: Id = Field(alias="from")
    to: Id
    seconds: float | None = Field(
        None, gt=0, le=86_400, allow_inf_nan=False,
        description="Driving time to incidents (lights and sirens), or give length and speed.",
    )  # fmt: skip
    length_m: float | None = Field(None, gt=0, le=1e6, allow_inf_nan=False)
    speed_kmh: float | None = Field(None, gt=0, le=250, allow_inf_nan=False)
    patrol_seconds: float | None = Field(
        None, gt=0, le=86_400, allow_inf_nan=False,
        description="Driving time on patrol and home; empty: as `seconds`.",
    )  # fmt: skip
    road_class: RoadClass | None = Field(None, alias="class", description="OSM highway class.")
    oneway: Literal["0", "1"] = Field("1", description="0: the row stands for both directions.")
    section: Text | None = Field(None, description="Name of the road section 路段.")


class PlaceRow(Row):
    """A point to stand: junction, gate, km post 桩号."""

    file: ClassVar = "places.csv"
    key: ClassVar = ("place",)
    refers: ClassVar = {"node": "nodes.csv:node"}

    place: Id
    kind: PlaceKind
    node: Id
    name: Text
    km: float | None = Field(None, ge=0, description="Km post on its section.")
    section: Text | None = None


class PostRow(Row):
    """A place where units wait between orders."""

    file: ClassVar = "posts.csv"
    key: ClassVar = ("post",)
    required: ClassVar = True
    refers: ClassVar = {"node": "nodes.csv:node", "squadron": "settings.yaml:squadrons"}

    post: Id
    node: Id
    squadron: Id | None = None
    name: Text | None = None
    station: Literal["0", "1"] = Field("0", description="1: the squadron's station, one each.")


class PersonRow(Row):
    """An officer 民警 or an auxiliary 辅警."""

    file: ClassVar = "people.csv"
    key: ClassVar = ("person",)
    required: ClassVar = True
    refers: ClassVar = {"squadron": "settings.yaml:squadrons"}
    private: ClassVar = ("name", "badge", "phone")

    person: Id
    squadron: Id
    role: Literal["officer", "auxiliary"]
    team: Id | None = Field(None, description="Officers: id of the team and unit; empty: person.")
    skills: Ids = Field((), description="car, motorcycle, breath_test, desk, leader …")
    name: Text | None = None
    badge: Text | None = None
    phone: Text | None = None


class BondRow(Row):
    """An auxiliary bonded 捆绑 to a supervising officer of the same squadron."""

    file: ClassVar = "bonds.csv"
    refers: ClassVar = {"officer": "people.csv:person", "auxiliary": "people.csv:person"}

    officer: Id
    auxiliary: Id
    since: Day | None = Field(None, alias="from", description="First day, inclusive.")
    until: Day | None = Field(None, alias="to", description="Last day, inclusive.")


class LeaveRow(Row):
    """Days on which a person is not available."""

    file: ClassVar = "leave.csv"
    refers: ClassVar = {"person": "people.csv:person"}

    person: Id
    since: Day = Field(alias="from", description="First day, inclusive.")
    until: Day = Field(alias="to", description="Last day, inclusive.")
    kind: Literal["leave", "sick", "training", "other"] = "leave"


class VehicleRow(Row):
    """A car or motorcycle of a squadron."""

    file: ClassVar = "vehicles.csv"
    key: ClassVar = ("vehicle",)
    refers: ClassVar = {"squadron": "settings.yaml:squadrons"}
    private: ClassVar = ("plate",)

    vehicle: Id
    squadron: Id
    kind: Literal["car", "motorcycle"]
    seats: int = Field(5, ge=1, le=20)
    plate: Text | None = None
    withdrawn_from: Day | None = None
    withdrawn_to: Day | None = None


class DeviceRow(Row):
    """A PDA of a squadron; one is carried by each unit."""

    file: ClassVar = "devices.csv"
    key: ClassVar = ("device",)
    refers: ClassVar = {"squadron": "settings.yaml:squadrons"}

    device: Id
    squadron: Id
    kind: Literal["pda"] = "pda"


class DutyRow(Row):
    """A duty that must be staffed whatever the demand: fixed post, school, desk, operation."""

    file: ClassVar = "duties.csv"
    key: ClassVar = ("duty",)
    refers: ClassVar = {"squadron": "settings.yaml:squadrons", "post": "posts.csv:post",
                        "place": "places.csv:place"}  # fmt: skip

    duty: Id
    squadron: Id
    kind: DutyKind
    weekdays: Annotated[tuple[Weekday, ...], BeforeValidator(_split)] = Field(
        (), description="1;2;3;4;5 — or give `on`."
    )
    on: Day | None = Field(None, alias="date", description="One day only.")
    start: Clock
    end: Clock = Field(description="End ≤ start means the next day.")
    teams: int = Field(1, ge=1, le=50)
    skills: Ids = ()
    post: Id | None = None
    place: Id | None = None
    school_days: Literal["0", "1"] = Field("0", description="1: only on school days.")


class WatchRow(Row):
    """A watch-list entry 布控; the plate only as its keyed hash."""

    file: ClassVar = "watchlist.csv"
    key: ClassVar = ("entry",)

    entry: Id
    plate_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    reason: Text = Field(description="overload, overdue_inspection, hit_and_run …")
    priority: int = Field(2, ge=1, le=3)
    since: Day | None = Field(None, alias="from")
    until: Day | None = Field(None, alias="to")


class HazardRow(Row):
    """A road hazard 隐患."""

    file: ClassVar = "hazards.csv"
    key: ClassVar = ("hazard",)
    refers: ClassVar = {"node": "nodes.csv:node"}

    hazard: Id
    node: Id
    kind: Text
    found: Day
    due: Day | None = None
    verified: Day | None = None


class StrictRoadRow(Row):
    """A strict-control road 严管路."""

    file: ClassVar = "strict_roads.csv"
    key: ClassVar = ("section",)
    refers: ClassVar = {"section": "edges.csv:section"}

    section: Text
    reason: Text | None = None


class MustArriveRow(Row):
    """A must-arrive point 必到点 pinned by people."""

    file: ClassVar = "must_arrive_fixed.csv"
    key: ClassVar = ("id",)
    refers: ClassVar = {"place": "places.csv:place", "squadron": "settings.yaml:squadrons"}

    id: Id
    place: Id
    squadron: Id | None = None
    weekday: Weekday
    window_start: Clock
    window_end: Clock = Field(description="End ≤ start means the next day.")
    dwell_min: int = Field(12, ge=1, le=480)
    visits: int = Field(1, ge=1, le=12)
    reason: Text | None = None
    must_correct: Texts = ()


class MustCorrectRow(Row):
    """A must-correct violation 必纠违法 pinned by people."""

    file: ClassVar = "must_correct_fixed.csv"
    refers: ClassVar = {"squadron": "settings.yaml:squadrons"}

    squadron: Id
    violation: Text
    hour_from: int = Field(0, ge=0, le=23)
    hour_to: int = Field(24, ge=1, le=24)


class CalendarRow(Row):
    """A day that differs from its weekday: public holiday or in-lieu working day 调休; school."""

    file: ClassVar = "calendar.csv"
    key: ClassVar = ("date",)
    required: ClassVar = True

    day: Day = Field(alias="date")
    kind: Literal["workday", "rest", "holiday", "in_lieu"]
    school: Literal["0", "1"] = "0"
    name: Text | None = None


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
    service_s: float | None = Field(None, ge=0, description="Seconds on scene, when known.")


class LiveRow(Row):
    """One incident of a day to be played: live/DATE.csv."""

    file: ClassVar = "live/*.csv"

    at: str
    kind: IncidentKind
    severity: Severity = "none"
    place: Id | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None
    service_s: float = Field(ge=0)
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
    version: int = Field(1, ge=1)
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


class VisitRow(Row):
    """One planned visit of a duty: visits.csv."""

    file: ClassVar = "visits.csv"

    duty: Id
    day: date = Field(alias="date")
    team: Id
    must_arrive: Id
    arrive: str = Field(description="ISO 8601 with offset.")
    leave: str = Field(description="ISO 8601 with offset.")


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
    reason: Text
    must_correct: Texts = ()


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


TABLES: tuple[type[Row], ...] = (
    NodeRow, EdgeRow, PlaceRow, PostRow, PersonRow, BondRow, LeaveRow, VehicleRow, DeviceRow,
    DutyRow, WatchRow, HazardRow, StrictRoadRow, MustArriveRow, MustCorrectRow, CalendarRow,
)  # fmt: skip
