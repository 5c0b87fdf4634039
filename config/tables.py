"""The row models of the CSV files that people write: one class a file, one field a column.

With `config.made_tables` the only place that knows the columns. Reading, `qinwu check`, the
sample district, the importers and the tables in docs/district.md all derive from it. A field's
alias is the column's name where that is a Python keyword; its description and example are what
the docs print. An empty cell is the field's default, or an error where there is none.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from config.cells import (
    Clock,
    Day,
    DutyKind,
    Id,
    Ids,
    Latitude,
    Longitude,
    Metres,
    PlaceKind,
    RoadClass,
    Text,
    Texts,
    Weekday,
    Weekdays,
)


class Row(BaseModel):
    """A row of a CSV file. `file` is its path in the district folder, `key` its unique columns."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)
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

    duty: Id = Field(description="Not `night_check`.")
    squadron: Id
    kind: DutyKind
    weekdays: Weekdays = Field((), description="1;2;3;4;5 — or give `on`.")
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
    """A strict-control road 严管路: at least yellow when it is busy, with its reason beside."""

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

    id: Id = Field(description="Not `night-5-…`: so night checks are named, by weekday.")
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


TABLES: tuple[type[Row], ...] = (
    NodeRow, EdgeRow, PlaceRow, PostRow, PersonRow, BondRow, LeaveRow, VehicleRow, DeviceRow,
    DutyRow, WatchRow, HazardRow, StrictRoadRow, MustArriveRow, MustCorrectRow, CalendarRow,
)  # fmt: skip
