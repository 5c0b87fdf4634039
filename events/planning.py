"""Events of the planner: absences, drafts, rosters; and the clock of a simulation."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from config.cells import DutyKind
from events.event import (
    Count,
    Crs,
    Day,
    DeviceId,
    DutyId,
    Event,
    Lat,
    Lon,
    Moment,
    MustArriveId,
    Part,
    PersonId,
    PlaceId,
    PostId,
    Ruled,
    SquadronId,
    TeamId,
    Text,
    VehicleId,
    Version,
    VisitId,
    Week,
)
from events.facts import Shallow


class AbsenceReported(Event):
    """A person is not there on these days; or is, after all."""

    name: ClassVar = "absence_reported"
    person: PersonId
    dates: tuple[Day, ...] = Field(min_length=1, max_length=400)
    kind: Literal["leave", "sick", "training", "other"] = "sick"
    reason: Text | None = None
    by: PersonId | None = None
    back: bool = Field(
        default=False, description="They are there after all: reports of these days are taken back."
    )


class VehicleWithdrawn(Ruled):
    """A vehicle is not there, from now or `since`, until `until` if known."""

    name: ClassVar = "vehicle_withdrawn"
    vehicle: VehicleId
    since: Day | None = None
    until: Day | None = Field(None, description="The last day without it, not before `since`.")
    reason: Text | None = None
    by: PersonId | None = None

    @classmethod
    def lacks(cls, told: Mapping[str, Any]) -> str | None:
        """As `Ruled`."""
        since, until = told.get("since"), told.get("until")
        return "until is not before since" if since and until and until < since else None


class PlanRequested(Event):
    """Somebody wants a plan, or an analysis, now."""

    name: ClassVar = "plan_requested"
    week: Week
    what: Literal["plan", "analysis", "publish"] = "plan"
    by: PersonId | None = None
    time_s: int | None = Field(None, ge=1, le=86_400)
    seed: int | None = Field(None, ge=0, le=2**53)
    reason: Text | None = None
    version: Version | None = Field(
        None, description="Of `publish`: which draft; else the newest one."
    )


class Edit(Part):
    """One change of a draft: the duty given to another team, moved, or taken out."""

    duty: DutyId
    team: TeamId | None = None
    start: Moment | None = None
    end: Moment | None = None
    remove: bool = False


class DraftApproved(Event):
    """A draft may be published."""

    name: ClassVar = "draft_approved"
    week: Week
    version: Version
    by: PersonId | None = None


class DraftWithdrawn(Event):
    """A draft must not be published."""

    name: ClassVar = "draft_withdrawn"
    week: Week
    version: Version
    by: PersonId | None = None
    reason: Text | None = None


class RosterPublished(Event):
    """A roster version: taken when all `duties` are in, their hash agrees and it `replaces`."""

    name: ClassVar = "roster_published"
    week: Week
    version: Version
    replaces: Version | None = None
    duties: Count
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    told: tuple[PersonId, ...] = Field(
        (), description="Who must be told: for whom it is not as the version that it `replaces`."
    )


class Visit(Part):
    """A planned visit to a must-arrive point; the optional fields say what to watch."""

    must_arrive: MustArriveId
    arrive: Moment
    leave: Moment
    visit: VisitId | None = None
    place: PlaceId | None = None
    lon: Lon | None = None
    lat: Lat | None = None
    crs: Crs | None = None
    window_start: Moment | None = None
    window_end: Moment | None = None
    dwell_min: int | None = Field(None, ge=1, le=1440)


class Task(Part):
    """A fixed duty, such as at a school, that is done in a duty; it binds the unit meanwhile."""

    task: Text
    kind: DutyKind
    start: Moment
    end: Moment
    place: PlaceId | None = None
    post: PostId | None = None


class DutyRostered(Event):
    """One duty of a roster version."""

    name: ClassVar = "duty_rostered"
    week: Week
    version: Version
    duty: DutyId
    team: TeamId
    date: Day
    start: Moment
    end: Moment
    kind: DutyKind
    post: PostId | None = None
    officer: PersonId
    auxiliaries: tuple[PersonId, ...] = ()
    vehicle: VehicleId | None = None
    tasks: tuple[Task, ...] = Field((), description="Each task, kind, start, end, place or post.")
    visits: tuple[Visit, ...] = ()
    squadron: SquadronId | None = None
    device: DeviceId | None = None


class DraftEdited(Event):
    """A person changed a draft, or handed in a whole one, `parts` events with some duties each."""

    name: ClassVar = "draft_edited"
    week: Week
    version: Version
    edits: tuple[Edit, ...] = ()
    duties: tuple[DutyRostered, ...] = Field((), description="Of one squadron on one day.")
    parts: Count = Field(0, description="How many such events make the draft; 0: only edits.")
    hash: str | None = Field(None, description="Of all duties, as in roster_published.")
    by: PersonId | None = None
    reason: Text | None = None
    cause: Literal["edit", "swap", "extra", "undo"] = "edit"
    base: Version | None = Field(
        None, description="The version in force that it was made from; refused when it is another."
    )
    change: Shallow | None = Field(
        None,
        description="What it changes: `weight`, `points`, `proven`, `undone`, `nobody`, `moves`.",
    )


class ClockSet(Event):
    """Simulation only: now = virtual + speed × (wall − wall_ms)."""

    name: ClassVar = "clock_set"
    virtual_ms: int = Field(ge=0, le=2**53)
    wall_ms: int = Field(ge=0, le=2**53)
    speed: float = Field(ge=0, le=1e6)
