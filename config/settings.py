"""`settings.yaml`: every number of the domain that a district may choose, with its default.

The defaults are the table "Defaults" of the domain description. Strict: an unknown key is an
error that names the nearest valid one. Times of day are HH:MM local.
"""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from config.cells import Clock, Weekday
from config.kinds import IncidentKind, Severity

Seconds = Annotated[int, Field(ge=0, le=86_400)]
Deadline = Annotated[int, Field(ge=1, le=86_400)]
"""Seconds within which something has to happen: 0 would be over before it began."""
Minutes = Annotated[int, Field(ge=0, le=1440)]
Span = Annotated[int, Field(ge=1, le=1440)]
"""Minutes that something lasts."""
Worked = Annotated[int, Field(ge=0, le=10_080)]
"""Minutes on duty in a week."""
Rest = Annotated[int, Field(ge=0, le=3500)]
"""Minutes between two duties: up to so many the planner keeps exactly."""
Hours = Annotated[int, Field(ge=1, le=24)]
Metres = Annotated[int, Field(ge=10, le=5000)]


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
    speed_kmh: float = Field(25.0, ge=1, le=200, description="Straight line: speed.")
    cell_m: int | None = Field(None, ge=10, le=5000, description="Side of a cell, metres.")


class Limits(Part):
    """Laws of working time; each is a rule of the roster."""

    start_grid_min: int = Field(
        30, ge=5, le=720, description="Duties start on this grid from 00:00, minutes."
    )
    shift_lengths_h: tuple[Hours, ...] = Field(
        (6, 8, 10), min_length=1, description="Lengths of duties, hours."
    )
    operation_length_h: Hours = Field(
        12, description="Longest duty made for an operation alone, hours."
    )
    rest_min: Rest = Field(660, description="Least rest between two duties, minutes.")
    most_in_24h_min: int = Field(
        720, ge=60, le=1440, description="Most on duty in any 24 h, minutes."
    )
    contract_week_min: Worked = Field(2400, description="Owed in a week, minutes.")
    most_in_7_days_min: Worked = Field(
        2880, description="Most in any 7 dates in a row, minutes; a duty counts whole on the date "
        "on which it begins."
    )  # fmt: skip
    most_in_month_min: int = Field(
        12_720, ge=5040, le=44_640, description="Most in a month, minutes."
    )
    days_in_a_row: int = Field(6, ge=1, le=31, description="Most days with a duty in a row.")
    two_days_off_in_days: int = Field(
        14, ge=8, le=62, description="In each so many days two are off together."
    )
    night_from: Clock = time(23, 0)
    night_to: Clock = time(5, 0)
    night_least_min: Span = Field(180, description="So long in the night makes a night, minutes.")
    nights_in_a_row: int = Field(3, ge=1, le=14, description="Most nights in a row.")
    off_after_nights_min: Rest = Field(1440, description="Least rest after nights, minutes.")
    start_drift_min: Minutes = Field(
        240,
        description="Most that a start moves to the next duty of a week, minutes; after a day "
        "off twice as far, after two or more three times: who is ill in between breaks no law.",
    )


class NightCheck(Part):
    """The staggered night check 错时夜查."""

    weekdays: tuple[Weekday, ...] = (5, 6)
    start: Clock = time(21, 0)
    end: Clock = time(3, 0)
    least_units: int = Field(2, ge=0, le=50, description="Units of a check; 0: no check.")
    points: int = Field(3, ge=1, le=20, description="Places where it stands.")

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

    dwell_min: int = Field(12, ge=1, le=480, description="Stay at a point, minutes.")
    spacing_min: Minutes = Field(
        90, description="Between two visits to one place, minutes; a law of the roster."
    )
    window_min: Span = Field(
        120, description="Window of a visit whose plan says no end of it, minutes. "
        "The planner's own windows are of 2 h.",
    )  # fmt: skip
    radius_town_m: Metres = Field(80, description="So near is arrived, in town, metres.")
    radius_country_m: Metres = Field(150, description="The same in the country, metres.")
    per_week: int = Field(120, ge=0, le=5000, description="Visits due in a week, whole brigade.")
    random_share: float = Field(
        0.12, ge=0, le=0.5, description="Share of the visits that goes by chance."
    )
    due_soon_min: Minutes = Field(
        10, description="Warned so long before the last useful departure, minutes."
    )


class Staffing(Part):
    """From incidents to units: METHODS of queueing."""

    wait_probability: float = Field(
        0.2, ge=0.01, le=0.9, description="Largest share of calls that may have to wait."
    )
    statutory_units: int = Field(1, ge=0, le=50, description="Per squadron, at any time.")
    paperwork_min: Minutes = Field(15, description="After an incident, minutes.")


class Response(Part):
    """How an incident of a kind and severity is answered."""

    kind: IncidentKind | None = None
    severity: Severity | None = None
    units: int = Field(1, ge=0, le=20, description="Units sent; 0: none.")
    priority: int = Field(2, ge=1, le=4, description="1 is served first.")
    target_s: Deadline = Field(600, description="Arrival due after the report, seconds.")
    scene_min: Span = Field(30, description="On scene where no history says it, minutes.")
    paperwork_min: Minutes | None = Field(
        None, description="After it, minutes; nothing: as `staffing.paperwork_min`."
    )


class Dispatch(Part):
    """Deadlines and limits of the dispatch engine."""

    acknowledge_s: Deadline = Field(60, description="For a unit to answer an order, seconds.")
    escalate_leader_s: Deadline = Field(60, description="Then for the duty leader, seconds.")
    escalate_brigade_s: Deadline = Field(60, description="Then for the duty officer, seconds.")
    turn_out_s: Seconds = Field(120, description="From the order to driving off, seconds.")
    stale_moving_s: Deadline = Field(60, description="A moving unit's fix is old after, seconds.")
    stale_parked_s: Deadline = Field(180, description="A parked unit's fix is old after, seconds.")
    shift_pending_min: Minutes = Field(
        30,
        description="A crew in the last minutes of its shift is kept back, as a stand-by is, "
        "unless it would be in time and the first patrol late.",
    )
    welfare_min: Span = Field(20, description="On scene until it is asked after, minutes.")
    welfare_night_min: Span = Field(10, description="The same at night, minutes.")
    parked_phone_min: Span = Field(
        20, description="Without a step or a movement on patrol: a parked phone, minutes."
    )
    impossible_speed_mps: float = Field(
        50.0, ge=10, le=150, description="Faster than this no unit moves, metres a second."
    )
    duplicate_m: int = Field(
        150, ge=0, le=5000, description="Reports so near may be of one incident, metres."
    )
    duplicate_min: Minutes = Field(10, description="And reports so close in time, minutes.")
    late_h: int = Field(
        48, ge=1, le=48, description="Later an event is refused, hours; repeats are known as long."
    )
    sighting_verify_s: Deadline = Field(60, description="For verifying a sighting, seconds.")
    break_dwell_cost_s: Seconds = Field(
        300, description="What breaking off a visit costs at the end of its dwell, in seconds."
    )
    breaker_orders: int = Field(
        3, ge=1, le=100, description="So many orders refused or unanswered trip a unit's breaker."
    )
    breaker_min: Span = Field(30, description="Within how long, minutes.")
    section_crashes: int = Field(
        0, ge=0, le=20, description="So many crashes make their section ask for a visit; 0: none."
    )
    section_crashes_min: Span = Field(60, description="Within how long, minutes.")
    section_asks_min: Span = Field(
        180, description="How long it asks, for patrols from ever nearer by, minutes."
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
    solve_s: Deadline = Field(60, description="For the search of a roster, seconds.")
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
