"""`settings.yaml`: every number of the domain that a district may choose, with its default.

The defaults are the table "Defaults" of the domain description. Strict: an unknown key is an
error that names the nearest valid one. Times of day are HH:MM local.
"""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from config.cells import Clock, Weekday
from config.kinds import IncidentKind, Severity

Seconds = Annotated[int, Field(ge=0, le=604_800)]
Minutes = Annotated[int, Field(ge=0, le=44_640)]
Rest = Annotated[int, Field(ge=0, le=3500)]
"""Minutes between two duties: up to so many the planner keeps exactly."""
Hours = Annotated[int, Field(ge=1, le=24)]


class Part(BaseModel):
    """A part of the settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Crs(Part):
    """Coordinate system of `lon`/`lat` (kind) and of `x_m`/`y_m` (metric). Never guessed."""

    lonlat: Literal["WGS-84", "GCJ-02", "BD-09"] | None = None
    metric: Literal["utm", "local"]
    zone: int | None = Field(None, ge=1, le=60, description="UTM zone.")
    datum: Literal["WGS-84", "ED50"] = Field("WGS-84", description="Of the UTM zone.")
    south: bool = False
    origin_lon: float | None = Field(None, ge=-180, le=180, description="Of local metres.")
    origin_lat: float | None = Field(None, ge=-90, le=90)


def frame_fault(crs: Crs) -> str | None:
    """What the metric frame lacks, as a key of the words: its zone, its origin, or nothing."""
    if crs.metric == "utm" and crs.zone is None:
        return "crs_zone"
    if crs.metric == "local" and (crs.origin_lon is None or crs.origin_lat is None):
        return "crs_origin"
    return None


class Squadron(Part):
    """A squadron 中队 of the brigade."""

    id: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=60)


class Travel(Part):
    """How driving times come about: on the road network, or along a straight line."""

    model: Literal["network", "straight_line"] = "network"
    factor: float = Field(1.3, ge=1, le=5, description="Straight line: detour factor.")
    speed_kmh: float = Field(25.0, gt=0, le=200, description="Straight line: speed.")
    cell_m: int | None = Field(None, ge=10, le=5000, description="Side of a cell, metres.")


class Limits(Part):
    """Laws of working time; each is a rule of the roster."""

    start_grid_min: Minutes = 30
    shift_lengths_h: tuple[Hours, ...] = Field((6, 8, 10), min_length=1)
    operation_length_h: Hours = Field(12, description="Longest duty made for an operation alone.")
    rest_min: Rest = 660
    most_in_24h_min: Minutes = 720
    contract_week_min: Minutes = 2400
    most_in_7_days_min: Minutes = 2880
    most_in_month_min: int = Field(12_720, ge=5040, le=44_640)
    days_in_a_row: int = Field(6, ge=1, le=31)
    two_days_off_in_days: int = Field(14, ge=8, le=62)
    night_from: Clock = time(23, 0)
    night_to: Clock = time(5, 0)
    night_least_min: Minutes = 180
    nights_in_a_row: int = Field(3, ge=1, le=14)
    off_after_nights_min: Rest = 1440
    start_drift_min: Minutes = 240


class NightCheck(Part):
    """The staggered night check 错时夜查."""

    weekdays: tuple[Weekday, ...] = (5, 6)
    start: Clock = time(21, 0)
    end: Clock = time(3, 0)
    least_units: int = Field(2, ge=0, le=50)
    points: int = Field(3, ge=1, le=20)

    def holds_on(self, day: date) -> bool:
        """Whether a check begins on a day."""
        return day.isoweekday() in self.weekdays


Points = Annotated[int, Field(ge=0, le=100)]
"""What something costs among wishes, which never outweigh cover; 0: not looked at."""


class Fairness(Part):
    """Burdens go round: whoever bore more than their share of the last weeks is spared."""

    weeks: int = Field(12, ge=1, le=53, description="Weeks of published rosters looked back on.")
    night: Points = Field(4, description="Of a night, for each above one's share; 0: off.")
    weekend: Points = Field(4, description="The same of a duty on a week-end.")
    holiday: Points = Field(8, description="The same of a duty on a holiday.")
    overtime: Points = Field(
        1, description="Of half an hour of overtime, for each 8 h above one's share; 0: off."
    )


class Visits(Part):
    """Must-arrive points and their visits."""

    dwell_min: Minutes = 12
    spacing_min: Minutes = 90
    window_min: Minutes = 120
    radius_town_m: int = 80
    radius_country_m: int = 150
    per_week: int = Field(120, ge=0, le=5000, description="Visits due in a week, whole brigade.")
    random_share: float = Field(0.12, ge=0, le=0.5)
    due_soon_min: Minutes = 10


class Staffing(Part):
    """From incidents to units: METHODS of queueing."""

    wait_probability: float = Field(0.2, gt=0, lt=1, description="Most that may have to wait.")
    statutory_units: int = Field(1, ge=0, le=50, description="Per squadron, at any time.")
    paperwork_min: Minutes = 15


class Response(Part):
    """How an incident of a kind and severity is answered."""

    kind: IncidentKind | None = None
    severity: Severity | None = None
    units: int = Field(1, ge=0, le=20)
    priority: int = Field(2, ge=1, le=4)
    target_s: Seconds = 600
    scene_min: Minutes = 30
    paperwork_min: Minutes | None = None


class Dispatch(Part):
    """Deadlines and limits of the dispatch engine."""

    acknowledge_s: Seconds = 60
    escalate_leader_s: Seconds = 60
    escalate_brigade_s: Seconds = 60
    turn_out_s: Seconds = 120
    stale_moving_s: Seconds = 60
    stale_parked_s: Seconds = 180
    shift_pending_min: Minutes = Field(
        30,
        description="A crew in the last minutes of its shift is kept back, as a stand-by is, "
        "unless it would be in time and the first patrol late.",
    )
    welfare_min: Minutes = 20
    welfare_night_min: Minutes = 10
    parked_phone_min: Minutes = 20
    impossible_speed_mps: float = 50.0
    duplicate_m: int = 150
    duplicate_min: Minutes = 10
    late_h: int = 48
    sighting_verify_s: Seconds = 60
    break_dwell_cost_s: Seconds = Field(
        300, description="What breaking off a visit costs at the end of its dwell, in seconds."
    )
    section_crashes: int = Field(
        0, ge=0, le=20, description="So many crashes make their section ask for a visit; 0: none."
    )
    section_crashes_min: Minutes = Field(60, description="Within how long.")
    section_asks_min: Minutes = Field(
        180, description="How long it asks, for patrols from ever nearer by."
    )


class Publication(Part):
    """When the planner does what by itself."""

    publish: Literal["auto", "approve"] = "auto"
    draft_weekday: int = Field(4, ge=1, le=7)
    draft_at: Clock = time(4, 0)
    publish_weekday: int = Field(6, ge=1, le=7)
    publish_at: Clock = time(18, 0)
    analysis_day: int = Field(1, ge=1, le=28)
    analysis_at: Clock = time(3, 0)
    solve_s: Seconds = 60
    demand_change_percent: int = Field(
        20, ge=1, le=1000,
        description="So much of a week's demand must move before a new draft is proposed.",
    )  # fmt: skip


class Settings(Part):
    """A district's settings.yaml."""

    brigade: str = Field(pattern=r"^[A-Za-z0-9._-]{1,60}$", description="Area id, names streams.")
    name: str = Field("", max_length=120)
    synthetic: bool = Field(default=False, description="The people and history are generated.")
    simulation: bool = Field(default=False, description="`clock_set` events set the clock.")
    time_zone: str
    crs: Crs
    crew_law: Literal["all", "local", "by_class"]
    squadrons: tuple[Squadron, ...] = Field(min_length=1)
    duty_officer: str | None = Field(None, description="Person escalated to in the end.")
    travel: Travel = Travel()
    limits: Limits = Limits()
    night_check: NightCheck = NightCheck()
    fairness: Fairness = Fairness()
    visits: Visits = Visits()
    staffing: Staffing = Staffing()
    response: tuple[Response, ...] = (
        Response(kind="crash", severity="fatal", units=2, priority=1, target_s=300, scene_min=90),
        Response(kind="crash", severity="injury", units=2, priority=1, target_s=300, scene_min=50),
        Response(kind="crash", units=1, priority=2, target_s=600, scene_min=30),
        Response(kind="drink_drive", units=2, priority=2, target_s=600, scene_min=40),
        Response(units=1, priority=3, target_s=900, scene_min=20),
    )
    dispatch: Dispatch = Dispatch()
    publication: Publication = Publication()

    def response_to(self, kind: str, severity: str) -> Response:
        """The first entry that fits the incident; the last resort is one unit."""
        for entry in self.response:
            if entry.kind in (None, kind) and entry.severity in (None, severity):
                return entry
        return Response()
