"""Decisions: what a frame decided, each with its why as data."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.ids import DutyId, IncidentId, OrderId, PlaceId, SightingId, SquadronId, UnitId, VisitId
from events.facts import Object, Part, left_out
from events.plan_decisions import PlanDecision


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

    incident: IncidentId | None = left_out()
    visit: VisitId | None = left_out()
    sighting: SightingId | None = left_out()

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.incident, self.visit, self.sighting)) != 1:
            msg = "exactly one of incident, visit, sighting"
            raise ValueError(msg)
        return self


class LonLat(Part):
    """A point of the earth: WGS-84 degrees, times 10^7."""

    lon_e7: int
    lat_e7: int


BY_PROOF = "proof"
"""Reason of a visit's order that is done by a photo or a sign-in, as no fix tells of its unit."""
OrderEnd = Literal["done", "cancelled", "replaced", "refused", "lost", "preempted"]
IncidentEnd = Literal[
    "done", "video", "merged", "cancelled", "scheduled", "self_initiated", "no_unit_needed"
]
LineKind = Literal[
    "dispatch", "reassign", "arrived", "due_soon", "overdue", "clear", "roster", "stale", "back",
    "refused", "queued", "escalate", "sign_in", "missed", "watch", "system",
]  # fmt: skip


class Order(Part):
    """A unit is sent; `slot` counts an incident's units from 0.

    point: Where its incident was told to be, where that is not on the network. An older program
    sent its units to the spot on the network, and there they arrive.
    """

    type: Literal["order"] = "order"
    id: OrderId
    unit: UnitId
    about: About
    incident: IncidentId | None = None
    slot: int = 0
    replaces: OrderId | None = None
    why: Why
    due_ms: int | None = left_out()
    eta_ms: int | None = left_out()
    point: LonLat | None = left_out()


class OrderEnded(Part):
    """An order is no longer active."""

    type: Literal["order_ended"] = "order_ended"
    order: OrderId
    how: OrderEnd
    reason: str | None = left_out()


class Remains(Part):
    """What an incident has from now on, after what another report of it told; times in Unix ms.

    place_of: The incident that says where it is, which nobody knew of it.
    """

    severity: str
    slots: int
    priority: int
    due_ms: int
    appointed_ms: int
    place_of: IncidentId | None = left_out()


class IncidentClosed(Part):
    """An incident needs no unit any more; `into` where it was merged.

    remains: What that one has then. An older program merged without it, and nothing changed there.
    """

    type: Literal["incident_closed"] = "incident_closed"
    incident: IncidentId
    how: IncidentEnd
    into: IncidentId | None = left_out()
    remains: Remains | None = left_out()


class Queued(Part):
    """A slot of an incident waits for a unit, and why."""

    type: Literal["queued"] = "queued"
    incident: IncidentId
    slot: int
    reason: str
    why: Why | None = left_out()


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
    text: str | None = left_out()
    fields: Object | None = left_out()


class Warning(Part):  # noqa: A001 - the format's word
    """A rule warns: something is due, stale, missing, tripped."""

    type: Literal["warning"] = "warning"
    rule: str
    squadron: SquadronId | None = left_out()
    unit: UnitId | None = left_out()
    order: OrderId | None = left_out()
    about: About | None = left_out()
    due_ms: int | None = left_out()
    fields: Object | None = left_out()


class EndedShift(Part):
    """A unit is no longer on duty."""

    type: Literal["ended_shift"] = "ended_shift"
    unit: UnitId
    duty: DutyId | None = left_out()
    at_ms: int | None = left_out()


class Effect(Part):
    """A message to an output stream (its suffix), released after the frame is accepted."""

    type: Literal["effect"] = "effect"
    stream: str
    value: Object


Decision = Annotated[
    Order | OrderEnded | IncidentClosed | Queued | Line | Warning | EndedShift | Effect
    | PlanDecision,
    Field(discriminator="type"),
]  # fmt: skip
