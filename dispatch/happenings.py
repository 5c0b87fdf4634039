"""What a fact made happen: data for the decisions of the same frame, never stored."""

from typing import Any, NamedTuple

from config.ids import DutyId, IncidentId, OrderId, SightingId, UnitId, VisitId
from config.roads import Spot


class SignedOn(NamedTuple):
    """A unit began its duty; `again`: it was on duty already and signed in anew.

    ended: The duty that it was on until now, where that was another. others, other_vehicle: Other
    people came than the roster names, or with another vehicle. twice: People and PDAs that are
    signed in with another unit, too, and with which.
    """

    unit: UnitId
    duty: DutyId
    again: bool = False
    ended: DutyId | None = None
    others: bool = False
    other_vehicle: bool = False
    twice: tuple[tuple[str, UnitId], ...] = ()


class SignedOff(NamedTuple):
    """A unit said that its duty is over."""

    unit: UnitId


class RosterTaken(NamedTuple):
    """A roster version came into force."""

    week: str
    version: int
    duties: int


class Reported(NamedTuple):
    """An incident was opened.

    known: What the id means that was reported, if it was known. joins: It tells more of that one,
    and is merged into it at once; else it is one of its own.
    """

    incident: IncidentId
    known: IncidentId | None = None
    joins: bool = False


class Located(NamedTuple):
    """A person said where an incident is; `was`: where it was believed to be, None: nowhere."""

    incident: IncidentId
    was: Spot | None


class Told(NamedTuple):
    """A line of the console and no more: its kind, its words' key and their fields."""

    kind: str
    text: str
    fields: dict[str, Any]
    unit: UnitId | None = None
    incident: IncidentId | None = None


class Ignored(NamedTuple):
    """An event changed nothing: why, for its sender, and as `Told` for the console.

    Without a kind its sender alone is told: it comes of course.
    """

    kind: str | None
    text: str
    fields: dict[str, Any]
    unit: UnitId | None = None
    incident: IncidentId | None = None


class Left(NamedTuple):
    """A unit set out on its order."""

    unit: UnitId
    order: OrderId
    at_ms: int


class Arrived(NamedTuple):
    """A unit stands inside the radius of its order's target."""

    unit: UnitId
    order: OrderId
    at_ms: int


class WentOut(NamedTuple):
    """A unit left the radius of the point at which it stood, after so many ms inside."""

    unit: UnitId
    visit: VisitId
    at_ms: int
    stood_ms: int


class Silent(NamedTuple):
    """A unit's fixes stopped (`back` False) or came again."""

    unit: UnitId
    back: bool
    at_ms: int


class Answered(NamedTuple):
    """A unit accepted or refused an order."""

    unit: UnitId
    order: OrderId
    accepted: bool
    reason: str | None


class Finished(NamedTuple):
    """A unit ended its order; `how` for its incident if it said so."""

    unit: UnitId
    order: OrderId
    how: str | None
    reached: bool


class Proven(NamedTuple):
    """A proof of a visit beside the track came in.

    late_ms: Its moment, if it makes a visit that was missed. elsewhere: It says itself that it was
    given away from the point, or for another one.
    """

    unit: UnitId
    visit: VisitId | None
    kind: str
    late_ms: int | None = None
    elsewhere: bool = False


class Seen(NamedTuple):
    """A listed plate was seen."""

    sighting: SightingId


class Commanded(NamedTuple):
    """A person commanded: normal data of `command_given`; whether it changed a fact at once."""

    data: dict[str, Any]
    changed: bool


class ClockAhead(NamedTuple):
    """A sender's clock is ahead: what it sent just now is of so many ms later."""

    source: str
    ahead_ms: int


Happening = (
    SignedOn | SignedOff | RosterTaken | Reported | Located | Told | Ignored | Left | Arrived
    | WentOut | Silent | Answered | Finished | Proven | Seen | Commanded | ClockAhead
)  # fmt: skip
