"""The engine's state: frozen values, made by folding frames and by nothing else.

Times are Unix ms of the district's clock; `Spot`s are positions on the road network. Maps are
plain dicts that are never changed in place: whoever needs another one makes it (`having`,
`without`). Their order is the order in which things came, the same on every machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeVar

from config.cells import DutyKind
from config.ids import (
    AreaId,
    DeviceId,
    DutyId,
    IncidentId,
    MustArriveId,
    OrderId,
    PersonId,
    PlaceId,
    SightingId,
    SquadronId,
    UnitId,
    VehicleId,
    VisitId,
)
from config.roads import Spot
from dispatch.statuses import TRANSITIONS, Cause, Status
from events.clock import Setting
from events.decisions import About, IncidentEnd, LonLat
from events.rosters import Arriving

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty of a taken roster version; one that began is kept whatever comes later."""

    id: DutyId
    week: str
    team: UnitId
    squadron: SquadronId
    kind: DutyKind
    start_ms: int
    end_ms: int
    post: int
    """Node at which the unit waits."""
    officer: PersonId
    auxiliaries: tuple[PersonId, ...] = ()
    vehicle: VehicleId | None = None
    device: DeviceId | None = None
    bound: tuple[tuple[int, int], ...] = ()
    """From when to when a task binds its unit, Unix ms, the way there included."""
    signed_ms: int | None = None
    """When its unit signed in."""

    @property
    def crew(self) -> tuple[int, int]:
        """Officers and auxiliaries: a team is led by one officer."""
        return 1, len(self.auxiliaries)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit on duty: a team that signed in, until its shift ended."""

    id: UnitId
    squadron: SquadronId
    duty: DutyId
    kind: DutyKind
    officers: int
    auxiliaries: int
    post: int
    spot: Spot
    end_ms: int
    signed_in_ms: int
    status: Status = "free"
    order: OrderId | None = None
    fix_ms: int | None = None
    """Of the newest fix that a frame knows; None: none since it signed in."""
    stale: bool = False
    device: DeviceId | None = None
    leaving: bool = False
    """It said that its duty is over; signing in again takes that back."""
    bound: tuple[tuple[int, int], ...] = ()
    """As its duty's."""
    vehicle: VehicleId | None = None
    people: frozenset[PersonId] = frozenset()
    """Who is there, as it was said."""

    @property
    def crew(self) -> tuple[int, int]:
        """Officers and auxiliaries who are there."""
        return self.officers, self.auxiliaries

    def bound_until(self, now_ms: int) -> int | None:
        """When the task ends that binds it now; None: it is not bound."""
        ends = (last for first, last in self.bound if first <= now_ms < last)
        return min(ends, default=None)


@dataclass(frozen=True, slots=True)
class Held:
    """An active order. `level`: how far a missing answer was escalated. `point`: off `target`."""

    id: OrderId
    unit: UnitId
    about: About
    slot: int
    target: Spot
    made_ms: int
    due_ms: int | None = None
    eta_ms: int | None = None
    accepted_ms: int | None = None
    left_ms: int | None = None
    arrived_ms: int | None = None
    level: int = 0
    point: LonLat | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """An open incident, or one that was closed a short while ago.

    slots: Units due. orders: The active order of each slot, by slot. queued: Slot → why it
    waits. done: Slots whose unit has finished. refused: Units that are not asked again.
    before: The last order of each slot that ended without being done. point: Where it was told
    to be, off the network: `spot` is for drives, and a cell's centre. text: The same in words.
    """

    id: IncidentId
    kind: str
    severity: str
    squadron: SquadronId | None
    spot: Spot | None
    place: str | None
    road_class: str | None
    priority: int
    slots: int
    reported_ms: int
    due_ms: int
    orders: Mapping[int, OrderId] = field(default_factory=dict)
    queued: Mapping[int, str] = field(default_factory=dict)
    done: frozenset[int] = frozenset()
    refused: frozenset[UnitId] = frozenset()
    before: Mapping[int, OrderId] = field(default_factory=dict)
    held: bool = False
    """A person decides on it; nothing is assigned by rule."""
    machine: bool = False
    plan_end: IncidentEnd | None = None
    """How it ends by itself: video, self_initiated, no_unit_needed."""
    appointed_ms: int = 0
    """Until then the rules send nobody; 0: it was not put off."""
    closed: str | None = None
    closed_ms: int | None = None
    point: LonLat | None = None
    text: str | None = None
    into: IncidentId | None = None
    """Of one that was merged: the one that it is."""
    hurt: bool = False
    """A report told of people who are hurt."""
    again: tuple[IncidentId, ...] = ()
    """Those that were opened by later reports under its id."""

    @property
    def waiting(self) -> tuple[int, ...]:
        """Slots without an active order that are not done."""
        if self.closed is not None:
            return ()
        if not self.orders and not self.done:  # a long queue is looked at in every frame
            return tuple(range(self.slots))
        return tuple(n for n in range(self.slots) if n not in self.orders and n not in self.done)

    def open_slot(self, named: int | None) -> int | None:
        """The slot that is named, else the first one; None where it is done or there is none."""
        undone = [n for n in range(self.slots) if n not in self.done and named in (None, n)]
        return undone[0] if undone else None


VisitStatus = Literal["planned", "ordered", "arrived", "done", "missed", "carried", "cancelled"]


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit due of a duty's plan. `carried`: it was missed before and is due once more.

    arrive_ms: planned. due_ms: last arrival that leaves the dwell inside the window. inside_ms:
    since when the unit stands inside the radius. steps: its step counter then.
    """

    id: VisitId
    must_arrive: MustArriveId
    duty: DutyId
    team: UnitId
    squadron: SquadronId
    place: PlaceId | None
    spot: Spot
    window_start_ms: int
    window_end_ms: int
    arrive_ms: int
    dwell_ms: int
    due_ms: int
    status: VisitStatus = "planned"
    order: OrderId | None = None
    inside_ms: int | None = None
    proved_ms: int | None = None
    """Of a photo or a sign-in there, as long as no fix says otherwise (`dispatch.proofs`)."""
    unheard: Unit | None = None
    """Of one that was missed while nothing was heard of its unit: that unit, as it was then."""
    said: frozenset[str] = frozenset()
    """Warnings that were given: due_soon, overdue."""
    carried: bool = False
    section: str | None = None
    """Of one that nobody planned: the section that asks for it (`dispatch.asking`)."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A listed plate that a gate saw; waits for a person's verdict."""

    id: SightingId
    entry: str
    gate: str
    at_ms: int
    squadron: SquadronId | None
    verdict: Literal["true", "false"] | None = None
    escalated: bool = False


class Rejects(NamedTuple):
    """Of a source: when a line's hour began, lines told in it, what came since without a line.

    incidents: How many of those without a line are incidents.
    """

    since_ms: int
    told: int = 0
    more: int = 0
    incidents: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """All that the engine knows."""

    area: AreaId
    seq: int = 0
    time_ms: int = 0
    inbox: int = -1
    """Position of the last inbox record that a frame consumed."""
    program: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    streams: Mapping[str, str] = field(default_factory=dict)
    clock: Setting | None = None
    units: Mapping[UnitId, Unit] = field(default_factory=dict)
    duties: Mapping[DutyId, Duty] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    """Week → the roster version in force."""
    since_ms: int | None = None
    """When the first roster was taken: nobody had to do here what lies before."""
    more_due_seq: int | None = None
    """Of the newest frame that had no room for all that was due."""
    arriving: Mapping[tuple[str, int], Arriving] = field(default_factory=dict)
    incidents: Mapping[IncidentId, Incident] = field(default_factory=dict)
    orders: Mapping[OrderId, Held] = field(default_factory=dict)
    visits: Mapping[VisitId, Visit] = field(default_factory=dict)
    sightings: Mapping[SightingId, Sighting] = field(default_factory=dict)
    watched: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    """Watch-list entries changed by events: normal data, or None where lifted."""
    taken: tuple[tuple[int, Mapping[str, int]], ...] = ()
    """Dedupe keys by the six hours in which they came: (period, key → seq)."""
    warned: Mapping[str, int] = field(default_factory=dict)
    """Warnings that are not repeated before their time: key → when it was given."""
    refusals: Mapping[UnitId, tuple[int, ...]] = field(default_factory=dict)
    """When each unit refused or left an order unanswered, for its breaker."""
    rejects: Mapping[str, Rejects] = field(default_factory=dict)
    """Source → what came of it lately and could not be taken."""
    tripped: frozenset[UnitId] = frozenset()
    """Units whose breaker 熔断 tripped: no order by rule until a person releases it."""


def having(table: Mapping[K, V], key: K, value: V) -> dict[K, V]:
    """The map with an entry set."""
    return {**table, key: value}


def without(table: Mapping[K, V], key: K) -> dict[K, V]:
    """The map without an entry."""
    return {k: v for k, v in table.items() if k != key}


def after(unit: Unit, cause: Cause) -> Status:
    """The unit's status after a cause; the same where the table does not know the pair."""
    return TRANSITIONS.get((unit.status, cause), unit.status)
