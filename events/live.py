"""Events of the running day: what happens, what units do, what persons command."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from config.kinds import IncidentKind, Severity
from events.event import (
    Count,
    Crs,
    Day,
    DeviceId,
    DutyId,
    Event,
    GateId,
    IncidentId,
    Lat,
    Lon,
    Moment,
    MustArriveId,
    NodeId,
    OrderId,
    PersonId,
    PlaceId,
    PlateHash,
    PostId,
    SightingId,
    Somewhere,
    SquadronId,
    Text,
    UnitId,
    UnitStatus,
    VehicleId,
    Version,
    VisitId,
    Week,
    Word,
)


class IncidentReported(Somewhere):
    """Something happened. Where: place, junction, section with km, a point, or only text."""

    name: ClassVar = "incident_reported"
    incident: IncidentId | None = Field(None, description='Absent: "source/id" of the event.')
    kind: IncidentKind
    severity: Severity = "none"
    occurred_at: Moment | None = None
    place: PlaceId | None = None
    junction: NodeId | None = None
    section: Word | None = None
    km: float | None = Field(None, ge=0, le=10_000, description="Km post 桩号 on the section.")
    text: Text | None = Field(None, description="The place in words, for a person to locate.")
    squadron: SquadronId | None = None
    priority: int | None = Field(None, ge=1, le=4)
    units: int | None = Field(None, ge=0, le=20, description="Units asked for by a person.")
    injured: Count | None = None
    drivable: bool | None = Field(None, description="All vehicles can leave by themselves.")
    agreed: bool | None = Field(None, description="The parties agree: video handling is possible.")
    plate_hash: PlateHash | None = Field(None, description="Of a vehicle that fled.")
    machine: bool = Field(default=False, description="A machine source: merged by rule.")
    unit: UnitId | None = Field(None, description="Self-initiated: the unit on duty that is there.")
    scheduled_at: Moment | None = Field(None, description="A unit is sent then, not before.")
    note: Text | None = None

    @classmethod
    def lacks(cls, told: Mapping[str, Any]) -> str | None:
        """As `Ruled`."""
        if "lon_e7" not in told:
            has = told.get
            on_section = "section" in told and "km_e7" in told
            if not (has("place") or has("junction") or on_section or has("text") or has("unit")):
                return "where: place, junction, section and km, text, unit, or lon, lat, crs"
        return Somewhere.lacks(told)


class SightingReported(Somewhere):
    """A gate 卡口 saw a listed plate."""

    name: ClassVar = "sighting_reported"
    at: Moment
    sighting: SightingId | None = Field(None, description='Absent: "source/id" of the event.')
    gate: GateId
    plate_hash: PlateHash
    entry: Word | None = Field(None, description="Watch-list entry, when the gate knows it.")
    speed_kmh: float | None = Field(None, ge=0, le=400)
    heading_deg: float | None = Field(None, ge=0, le=360)
    to_node: NodeId | None = Field(None, description="Junction that it drives towards.")
    lane: Word | None = None
    confidence: float | None = Field(None, ge=0, le=1)
    image: Word | None = Field(None, description="Reference, never the picture.")


class PositionReported(Event):
    """A fix of a unit's device."""

    name: ClassVar = "position_reported"
    at: Moment
    unit: UnitId
    device: DeviceId
    crs: Crs
    lon: Lon
    lat: Lat
    speed_mps: float | None = Field(None, ge=0, le=1000)
    steps: int | None = Field(None, ge=0, le=2**53, description="Step counter, if it has one.")
    accuracy_m: float | None = Field(None, ge=0, le=1e6)
    heading_deg: float | None = Field(None, ge=0, le=360)


class StatusReported(Event):
    """A unit says what it is doing."""

    name: ClassVar = "status_reported"
    unit: UnitId
    status: UnitStatus
    order: OrderId | None = None
    incident: IncidentId | None = None
    visit: VisitId | None = None
    how: Word | None = Field(None, description="With `free`: how the incident ended.")
    note: Text | None = None


class SignedIn(Somewhere):
    """A team began its duty: who is there, with which vehicle and PDA."""

    name: ClassVar = "signed_in"
    unit: UnitId
    officer: PersonId
    auxiliaries: tuple[PersonId, ...] = ()
    vehicle: VehicleId | None = None
    device: DeviceId | None = None
    duty: DutyId | None = None
    post: PostId | None = None


class OrderAnswered(Event):
    """A unit accepted or refused an order; a refusal is an event with a reason."""

    name: ClassVar = "order_answered"
    order: OrderId
    unit: UnitId
    answer: Literal["accepted", "refused"]
    reason: Text | None = None


class CheckResult(Somewhere):
    """Outcome of a check: a night check's tests, a stop, a spot check 查岗."""

    name: ClassVar = "check_result"
    unit: UnitId
    kind: Literal["breath_test", "stop", "vehicle", "licence", "spot_check", "other"]
    outcome: Literal["stopped", "lost", "false", "positive", "negative", "present", "off_post"]
    tested: Count = 1
    positives: Count = 0
    order: OrderId | None = None
    sighting: SightingId | None = None
    incident: IncidentId | None = None
    place: PlaceId | None = None
    operation: Word | None = None
    entry: Word | None = None
    reason: Text | None = None


class ViolationRecorded(Somewhere):
    """A violation was found and acted on."""

    name: ClassVar = "violation_recorded"
    violation: Word
    unit: UnitId | None = None
    place: PlaceId | None = None
    junction: NodeId | None = None
    section: Word | None = None
    plate_hash: PlateHash | None = None
    vehicle_class: Word | None = None
    corrected: bool = True


class VisitProof(Somewhere):
    """Proof of presence at a must-arrive point, which counts where no fix says otherwise."""

    name: ClassVar = "visit_proof"
    unit: UnitId
    kind: Literal["photo", "sign_in", "track"]
    visit: VisitId | None = Field(None, description="Which; a proof that names none makes none.")
    must_arrive: MustArriveId | None = None
    reference: Word | None = Field(None, description="Where the photo is kept; never the photo.")


class CommandGiven(Somewhere):
    """A person decided. Each command uses the fields it needs; the engine refuses the rest."""

    name: ClassVar = "command_given"
    command: Literal[
        "locate", "merge", "close", "cancel", "assign", "queue", "verify_sighting", "escalate",
        "welfare_ok", "end_shift", "release_breaker", "hold", "resume", "cancel_visit", "note",
    ]  # fmt: skip
    by: PersonId | None = None
    noted_offline: bool = Field(default=False, description="Given by voice; taken however late.")
    incident: IncidentId | None = None
    into: IncidentId | None = Field(None, description="merge: the incident that stays.")
    how: Word | None = Field(None, description="close: done, video, scheduled, …")
    order: OrderId | None = None
    unit: UnitId | None = None
    slot: Count | None = None
    sighting: SightingId | None = None
    verdict: Literal["true", "false"] | None = Field(None, description="verify_sighting.")
    visit: VisitId | None = None
    place: PlaceId | None = None
    junction: NodeId | None = None
    section: Word | None = None
    km: float | None = Field(None, ge=0, le=10_000)
    squadron: SquadronId | None = None
    week: Week | None = None
    version: Version | None = None
    reason: Text | None = None


class WatchlistChanged(Event):
    """A watch-list entry 布控 was set or lifted."""

    name: ClassVar = "watchlist_changed"
    entry: Word
    change: Literal["added", "removed"]
    plate_hash: PlateHash | None = None
    reason: Text | None = None
    priority: int = Field(2, ge=1, le=3)
    since: Day | None = None
    until: Day | None = None


class HazardChanged(Somewhere):
    """A hazard 隐患 went on in its life."""

    name: ClassVar = "hazard_changed"
    hazard: Word
    change: Literal["found", "assigned", "rectified", "verified"]
    kind: Word | None = None
    junction: NodeId | None = None
    section: Word | None = None
    owner: PersonId | None = None
    due: Day | None = None
