"""What an accepted frame makes known: orders, console lines, replies, rejected records. Pure.

An effect derives from its frame and the states around it, so whoever folds the journal can make
it again, byte for byte. How many there are, and by which ids, `events.released` knows.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from config.ids import OrderId
from config.roads import Spot
from dispatch.console.row import row_of
from dispatch.ground import Ground
from dispatch.state import Held, State
from events import ports
from events.decisions import About, Effect, Line, Order, OrderEnded
from events.facts import Accepted, Duplicate, Fact, Parked, Rejected
from events.frame import Frame
from events.hints import hint_of
from events.ports import Record
from events.released import HEADER

SENDING = frozenset(("dispatch", "reassign", "queued"))
"""Kinds of the lines that say where somebody goes, or should."""
RawOf = Callable[[int], bytes]
"""Raw bytes of the inbox record at a position; empty where it is gone."""
Wanted = Callable[[str, int], bool]
"""Whether the effect number n of a frame for a stream is to be made."""


class Released(NamedTuple):
    """A record for the output stream `suffix`, made by number `n` of its frame."""

    suffix: str
    n: int
    record: Record


def effects_of(
    frame: Frame, before: State, after: State, ground: Ground, raw_of: RawOf,
    wanted: Wanted = lambda suffix, n: True,  # noqa: ARG005 - all of them
) -> Iterator[Released]:  # fmt: skip
    """The effects of a frame, in order.

    Args:
        frame: An accepted frame.
        before: The state that it was decided on.
        after: The state that it made.
        ground: The district.
        raw_of: Gives back the bytes of rejected records.
        wanted: Spares making those that are known to be released.
    """
    for n, fact in enumerate(frame.facts):
        yield from _of_fact(frame, n, fact, raw_of, wanted)
    told = _Orders(frame, before, after, ground)
    for n, decision in enumerate(frame.decisions):
        match decision:
            case Order() if wanted("orders", n):
                yield _released(frame, n, "orders", told.order(n, decision))
            case OrderEnded() if wanted("orders", n):
                yield _released(frame, n, "orders", told.ended(n, decision))
            case Line() if wanted("console", n):
                row = row_of(
                    decision, area=frame.area, seq=frame.seq, time_ms=frame.time_ms,
                    calendar=ground.district.calendar, point=_point(decision, after, before),
                    said=_said(decision, after, before),
                )  # fmt: skip
                yield _released(frame, n, "console", row | {"n": n})
            case Effect(stream=suffix, value=value) if wanted(suffix, n):
                yield _released(frame, n, suffix, value)


def _point(line: Line, *states: State) -> str | None:
    """The must-arrive point of the visit that a line is about."""
    wanted = None if line.about is None else line.about.visit
    if wanted is None:
        return None
    found = (state.visits[wanted] for state in states if wanted in state.visits)
    return next((visit.must_arrive for visit in found), None)


def _said(line: Line, *states: State) -> str | None:
    """Where an incident is in its caller's words, on the lines by which people find it."""
    wanted = None if line.about is None else line.about.incident
    if wanted is None or line.kind not in SENDING:
        return None
    found = (state.incidents[wanted] for state in states if wanted in state.incidents)
    told = next((incident.text for incident in found), None)
    return None if told == line.place else told


def _released(frame: Frame, n: int, suffix: str, value: Mapping[str, Any]) -> Released:
    raw = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Released(suffix, n, Record(raw, headers=(_header(frame, n),)))


def _header(frame: Frame, n: int) -> tuple[str, bytes]:
    return HEADER, f"{frame.area}/{frame.seq}/{n}".encode()


def _of_fact(frame: Frame, n: int, fact: Fact, raw_of: RawOf, wanted: Wanted) -> Iterator[Released]:
    """The reply to an event, and the bytes of what could not be taken."""
    if not isinstance(fact, (Accepted, Duplicate, Rejected, Parked)):
        return
    event, reason = _told(fact)
    if event is not None and wanted("replies", n):
        reply: dict[str, Any] = {
            "event": event,
            "outcome": fact.type,
            "reason": reason,
            "seq": frame.seq,
        }
        if isinstance(fact, Rejected):
            raw = raw_of(ports.position(fact.partition, fact.offset))
            reply["hint"] = hint_of(fact.reason, raw)
        yield _released(frame, n, "replies", reply)
    if isinstance(fact, (Rejected, Parked)) and wanted("rejected", n):
        headers = (
            _header(frame, n),
            ("reason", str(reason).encode()),
            ("topic", fact.topic.encode()),
            ("offset", str(fact.offset).encode()),
        )
        raw = raw_of(ports.position(fact.partition, fact.offset))
        yield Released("rejected", n, Record(raw, headers=headers))


def _told(fact: Accepted | Duplicate | Rejected | Parked) -> tuple[str | None, str | None]:
    match fact:
        case Accepted(event=event, reason=reason):
            return event, reason
        case Duplicate(of=event):
            return event, None
        case Rejected(event=event, reason=reason):
            return event, reason
        case Parked(event=event, error=error):
            return event, f"parked:{error}"


@dataclass(slots=True)
class _Orders:
    """Orders of a frame as units receive them.

    An order that ended in the frame in which it was given stands in neither state: its target is
    found by what it is about, its unit in the frame.
    """

    frame: Frame
    before: State
    after: State
    ground: Ground

    def order(self, n: int, order: Order) -> dict[str, Any]:
        """The message that sends a unit out."""
        held = self._held(order.id)
        visit, incident = (
            self._of("visits", order.about.visit),
            self._of("incidents", order.about.incident),
        )
        spot = held.target if held else self._target(order.about)
        lon, lat = self.ground.lonlat(spot, order.point) if spot else (None, None)
        iso = self.ground.district.calendar.iso
        return {
            "type": "order", "area": self.frame.area, "seq": self.frame.seq, "n": n,
            "order": order.id, "unit": order.unit,
            "incident": order.about.incident or order.incident, "visit": order.about.visit,
            "sighting": order.about.sighting, "slot": order.slot, "replaces": order.replaces,
            "lon": lon, "lat": lat, "place": self._place(order.about),
            "text": incident.text if incident else None,
            "due": None if order.due_ms is None else iso(order.due_ms),
            "eta": None if order.eta_ms is None else iso(order.eta_ms),
            "leave": iso(visit.arrive_ms + visit.dwell_ms) if visit else None,
            "dwell_min": visit.dwell_ms // 60_000 if visit else None,
            "mode": "patrol" if visit else "incident",
        }  # fmt: skip

    def ended(self, n: int, ended: OrderEnded) -> dict[str, Any]:
        """The message that calls a unit back."""
        held = self._held(ended.order)
        given = (d.unit for d in self.frame.decisions if isinstance(d, Order))
        ids = (d.id for d in self.frame.decisions if isinstance(d, Order))
        unit = held.unit if held else dict(zip(ids, given, strict=True)).get(ended.order)
        return {
            "type": "order_ended", "area": self.frame.area, "seq": self.frame.seq, "n": n,
            "order": ended.order, "unit": unit, "how": ended.how, "reason": ended.reason,
        }  # fmt: skip

    def _held(self, order: OrderId) -> Held | None:
        return self.after.orders.get(order) or self.before.orders.get(order)

    def _of(self, table: str, key: str | None) -> Any:  # noqa: ANN401 - of the state's maps
        """What the state after the frame, else the one before, knows by that id."""
        found = getattr(self.after, table).get(key)
        return found or getattr(self.before, table).get(key)

    def _target(self, about: About) -> Spot | None:
        if about.sighting is not None:
            sighting = self._of("sightings", about.sighting)
            gate: str = "" if sighting is None else sighting.gate
            known = gate in self.ground.district.places
            return Spot(node=self.ground.district.node_of_place(gate)) if known else None
        found = self._of("visits", about.visit) or self._of("incidents", about.incident)
        spot: Spot | None = None if found is None else found.spot
        return spot

    def _place(self, about: About) -> str | None:
        found = self._of("visits", about.visit) or self._of("incidents", about.incident)
        place: str | None = None if found is None else found.place
        return place if place in self.ground.district.places else None
