"""Frames: what a journal is made of, its exact bytes, and the rule by which readers fold it.

A frame is one record: the inputs consumed, the facts used, the decisions taken. It is stored as
canonical JSON (keys in the order of the classes below, no spaces, non-ASCII kept, no floats),
so that anybody can make its bytes and its digest again from the parsed object. Fields that the
format marks optional are left out when None; all others are always written.

The types here are frozen and strict: a float, a typo or a wrong id type fails where it is made.
"""

import hashlib
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, model_validator

from config.ids import (
    AreaId,
    DutyId,
    EdgeId,
    IncidentId,
    OrderId,
    PlaceId,
    SightingId,
    SquadronId,
    UnitId,
    VisitId,
)

FIRST_PREV = "0" * 64
"""`prev` of the first frame of a journal."""


def digest(raw: bytes) -> str:
    """Lower-case hex SHA-256 of a frame's stored bytes."""
    return hashlib.sha256(raw).hexdigest()


def order_id(area: AreaId, seq: int, n: int) -> OrderId:
    """Id of the decision number `n` (from 0) of a frame."""
    return OrderId(f"{area}/{seq}/{n}")


def without_floats(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The JSON value itself; ValueError when a float, or no JSON at all, stands anywhere in it."""
    if isinstance(value, dict):
        for key, item in value.items():
            if type(key) is not str:
                msg = f"no JSON key: {key!r}"
                raise ValueError(msg)
            without_floats(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            without_floats(item)
    elif value is not None and not isinstance(value, (str, bool, int)):
        msg = f"not allowed in a frame: {value!r}"
        raise ValueError(msg)
    return value


Object = Annotated[dict[str, Any], AfterValidator(without_floats)]


def _left_out() -> Any:  # noqa: ANN401 - a field of any type
    return Field(default=None, exclude_if=lambda value: value is None)


class Part(BaseModel):
    """A part of a frame. Unknown fields are refused: what is not understood is not folded."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Input(Part):
    """Records consumed, both ends inclusive; may span offsets without a record."""

    topic: str
    partition: int
    first: int = Field(validation_alias=AliasChoices("from", "first"), serialization_alias="from")
    to: int


class Excluded(Part):
    """A unit that was not eligible, and the rule that says so."""

    unit: UnitId
    rule: str


class Why(Part):
    """Why a decision was taken, as data; `config.words` renders it."""

    rule: str
    chosen: UnitId | None = None
    runner_up: UnitId | None = None
    difference_s: int | None = None
    excluded: tuple[Excluded, ...] = ()
    by: str | None = None


class About(Part):
    """What an order or a line is about: exactly one of the three."""

    incident: IncidentId | None = _left_out()
    visit: VisitId | None = _left_out()
    sighting: SightingId | None = _left_out()

    @model_validator(mode="after")
    def _one(self) -> "About":
        if sum(value is not None for value in (self.incident, self.visit, self.sighting)) != 1:
            msg = "exactly one of incident, visit, sighting"
            raise ValueError(msg)
        return self


# --- facts -----------------------------------------------------------------------------------


class _OfRecord(Part):
    type: str  # stated here so that it is written first
    topic: str
    partition: int
    offset: int


class Accepted(_OfRecord):
    """An event was taken; `data` as `schema.Envelope.normal` gives it, `slots` = units due."""

    type: Literal["accepted"] = "accepted"
    event: str
    kind: str
    data: Object
    incident: IncidentId | None = _left_out()
    slots: int | None = _left_out()


class Duplicate(_OfRecord):
    """The event `of` (its "source/id") was taken before."""

    type: Literal["duplicate"] = "duplicate"
    of: str


class Rejected(_OfRecord):
    """The record is no event that can be taken; `reason` is a code of `schema.REASONS`."""

    type: Literal["rejected"] = "rejected"
    reason: str
    event: str | None = _left_out()


class Parked(_OfRecord):
    """`step` crashed twice on the record: set aside, alarmed."""

    type: Literal["parked"] = "parked"
    error: str
    event: str | None = _left_out()


class EngineStarted(Part):
    """A writer began; content hashes of the district's files, identities of its streams."""

    type: Literal["engine_started"] = "engine_started"
    program: str
    files: dict[str, str]
    streams: dict[str, str] = Field(default_factory=dict)


class ConfigChanged(Part):
    """The district's files are others from here on."""

    type: Literal["config_changed"] = "config_changed"
    program: str
    files: dict[str, str]


class Deadline(Part):
    """The next deadline that the state had set has come."""

    type: Literal["deadline"] = "deadline"
    at_ms: int


class Position(Part):
    """A fix that changed a state or was used in a decision."""

    type: Literal["position"] = "position"
    unit: UnitId
    at_ms: int
    edge: EdgeId | None
    along_m: int
    change: str


class Note(Part):
    """Anything else worth recording, e.g. what the planner did; `key` of `config.words`."""

    type: Literal["note"] = "note"
    key: str
    fields: Object = Field(default_factory=dict)


# --- decisions -------------------------------------------------------------------------------

OrderEnd = Literal["done", "cancelled", "replaced", "refused", "lost", "preempted"]
IncidentEnd = Literal[
    "done", "video", "merged", "cancelled", "scheduled", "self_initiated", "no_unit_needed"
]
LineKind = Literal[
    "dispatch", "reassign", "arrived", "due_soon", "overdue", "clear", "roster", "stale", "back",
    "refused", "queued", "escalate", "sign_in", "missed", "watch", "system",
]  # fmt: skip


class Order(Part):
    """A unit is sent; `slot` counts an incident's units from 0."""

    type: Literal["order"] = "order"
    id: OrderId
    unit: UnitId
    about: About
    incident: IncidentId | None = None
    slot: int = 0
    replaces: OrderId | None = None
    why: Why
    due_ms: int | None = _left_out()
    eta_ms: int | None = _left_out()


class OrderEnded(Part):
    """An order is no longer active."""

    type: Literal["order_ended"] = "order_ended"
    order: OrderId
    how: OrderEnd
    reason: str | None = _left_out()


class IncidentClosed(Part):
    """An incident needs no unit any more; `into` where it was merged."""

    type: Literal["incident_closed"] = "incident_closed"
    incident: IncidentId
    how: IncidentEnd
    into: IncidentId | None = _left_out()


class Queued(Part):
    """A slot of an incident waits for a unit, and why."""

    type: Literal["queued"] = "queued"
    incident: IncidentId
    slot: int
    reason: str
    why: Why | None = _left_out()


class Line(Part):
    """A line of the console log; `text` is a key of `config.words`, `fields` what it needs."""

    type: Literal["line"] = "line"
    kind: LineKind
    squadron: SquadronId | None = None
    unit: UnitId | None = None
    order: OrderId | None = None
    about: About | None = None
    place: PlaceId | str | None = None
    due_ms: int | None = None
    eta_ms: int | None = None
    arrived_ms: int | None = None
    why: Why | None = None
    text: str | None = _left_out()
    fields: Object | None = _left_out()


class Warning(Part):  # noqa: A001 - the format's word
    """A rule warns: something is due, stale, missing, tripped."""

    type: Literal["warning"] = "warning"
    rule: str
    squadron: SquadronId | None = _left_out()
    unit: UnitId | None = _left_out()
    order: OrderId | None = _left_out()
    about: About | None = _left_out()
    due_ms: int | None = _left_out()
    fields: Object | None = _left_out()


class EndedShift(Part):
    """A unit is no longer on duty."""

    type: Literal["ended_shift"] = "ended_shift"
    unit: UnitId
    duty: DutyId | None = _left_out()
    at_ms: int | None = _left_out()


class Effect(Part):
    """A message to an output stream (its suffix), released after the frame is accepted."""

    type: Literal["effect"] = "effect"
    stream: str
    value: Object


Fact = Annotated[
    Accepted | Duplicate | Rejected | Parked | EngineStarted | ConfigChanged | Deadline
    | Position | Note,
    Field(discriminator="type"),
]  # fmt: skip
Decision = Annotated[
    Order | OrderEnded | IncidentClosed | Queued | Line | Warning | EndedShift | Effect,
    Field(discriminator="type"),
]


class Frame(Part):
    """One record of a journal."""

    v: Literal[1] = 1
    area: AreaId
    seq: int = Field(ge=1)
    prev: str = Field(pattern=r"^[0-9a-f]{64}$")
    writer: str
    time_ms: int
    inputs: tuple[Input, ...] = ()
    facts: tuple[Fact, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def raw(self) -> bytes:
        """The canonical bytes: what is stored and digested."""
        return self.model_dump_json(by_alias=True).encode()

    @classmethod
    def read(cls, raw: bytes) -> "Frame":
        """Parse stored bytes; pydantic's ValidationError (a ValueError) when they are no frame."""
        return cls.model_validate_json(raw)
