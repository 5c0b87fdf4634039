"""What must hold of an area's streams whatever was killed; by a fold of its own."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from config.ids import AreaId
from events import ports
from events.ports import Stored, Streams


def read_all(bus: Streams, name: str) -> list[Stored]:
    """All records of a stream of one partition."""
    found: list[Stored] = []
    after = ports.before(0)
    while batch := bus.read(name, after):
        found += batch
        after = batch[-1].position
    return found


Frame = dict[str, Any]
"""A frame as JSON has it: this account shares neither the program's fold nor its models."""


def folded(area: str, raws: Sequence[bytes]) -> list[Frame]:
    """The frames that count: each is the next number on the bytes of the one before."""
    frames: list[Frame] = []
    prev = "0" * 64
    for raw in raws:
        try:
            frame = json.loads(raw)
        except ValueError:
            continue
        if isinstance(frame, dict) and (frame.get("area"), frame.get("seq"), frame.get("prev")) == (
            area, len(frames) + 1, prev,
        ):  # fmt: skip
            frames.append(frame)
            prev = hashlib.sha256(raw).hexdigest()
    return frames


def active(raws: Sequence[bytes]) -> dict[str, str]:
    """Open order → unit, of a journal's records."""
    if not raws:
        return {}
    orders: dict[str, str] = {}
    for frame in folded(json.loads(raws[0])["area"], raws):
        for one in frame["decisions"]:
            if one["type"] == "order":
                orders[one["id"]] = one["unit"]
            elif one["type"] == "order_ended":
                orders.pop(one["order"], None)
    return orders


def check(bus: Streams, area: AreaId, sent: set[str]) -> dict[str, Any]:
    """All findings, and some figures."""
    frames = folded(area, [one.value for one in read_all(bus, ports.journal(area))])
    inbox = read_all(bus, ports.inbox(area))
    outputs = {
        name: read_all(bus, ports.stream(area, name)) for name in ("orders", "console", "replies")
    }
    findings = [
        *_facts(frames, {one.position for one in inbox}, sent),
        *_slots(frames),
        *_orders(frames, outputs["orders"]),
        *_effects(frames, outputs),
    ]
    ids = [_id(one) for one in outputs["orders"]]
    return {
        "frames": len(frames), "records": len(inbox), "orders": len(set(ids)),
        "repeats": len(ids) - len(set(ids)), "findings": findings,
    }  # fmt: skip


def _facts(frames: Sequence[Frame], stored: set[int], sent: set[str]) -> list[str]:
    """Every record has exactly one fact; every event sent is accepted, exactly once."""
    facts = [
        fact for frame in frames for fact in frame["facts"]
        if fact["type"] in ("accepted", "duplicate", "rejected", "parked")
    ]  # fmt: skip
    offsets = [fact["offset"] for fact in facts]
    found = []
    if len(offsets) != len(set(offsets)):
        found.append("a record has two facts")
    if missing := stored - set(offsets):
        found.append(f"{len(missing)} records have no fact")
    taken = [fact["event"] for fact in facts if fact["type"] == "accepted"]
    found += [f"{event} was accepted twice" for event in set(taken) if taken.count(event) > 1]
    refused = {
        fact["event"]: f"{fact['event']} was {fact['type']}: {fact.get('reason')}"
        for fact in facts
        if fact["type"] in ("rejected", "parked") and fact.get("event") in sent - set(taken)
    }  # fmt: skip
    lost = sent - set(taken) - set(refused)
    return [*found, *refused.values(), *(f"{event} was lost" for event in lost)]


@dataclass
class _Ledger:
    """Slots of incidents and what each of them has."""

    slots: dict[str, int] = field(default_factory=dict)
    orders: dict[str, Any] = field(default_factory=dict)
    queued: set[tuple[str, int]] = field(default_factory=set)
    done: set[tuple[str, int]] = field(default_factory=set)

    def take(self, frame: Frame) -> None:
        """One more frame."""
        for fact in frame["facts"]:
            if fact["type"] == "accepted" and fact.get("incident") is not None:
                self.slots.setdefault(fact["incident"], fact.get("slots") or 0)
        for one in frame["decisions"]:
            if one["type"] == "order":
                self.orders[one["id"]] = one
                self.queued.discard(_slot(one))
            elif one["type"] == "order_ended" and one["order"] in self.orders:
                ended = self.orders.pop(one["order"])
                if one["how"] == "done":
                    self.done.add(_slot(ended))
            elif one["type"] == "queued":
                self.queued.add(_slot(one))
            elif one["type"] == "incident_closed":
                self.slots[one["incident"]] = 0

    def wrong(self, key: tuple[str, int], by_slot: list[tuple[str, int]]) -> str | None:
        """What is wrong with a slot."""
        states = by_slot.count(key) + (key in self.queued) + (key in self.done)
        return None if states == 1 else f"slot {key}: {states} of order, queued, done"


def _slot(decision: dict[str, Any]) -> tuple[str, int]:
    """The slot that an order or a queue entry is of; "" for an order to no incident."""
    return decision.get("incident") or "", decision.get("slot", 0)


def _slots(frames: Sequence[Frame]) -> list[str]:
    """Slots of open incidents: one active order or queued; closed: none; a unit has one order."""
    ledger = _Ledger()
    for frame in frames:
        ledger.take(frame)
    by_slot = [_slot(one) for one in ledger.orders.values()]
    units = [one["unit"] for one in ledger.orders.values()]
    found = [f"{unit} holds two orders" for unit in set(units) if units.count(unit) > 1]
    for incident, count in ledger.slots.items():
        told = [ledger.wrong((incident, slot), by_slot) for slot in range(count)]
        found += [one for one in told if one is not None]
        beyond = [slot for name, slot in by_slot if name == incident and slot >= count]
        found += [f"{incident} has an order beyond its slots" for _ in beyond]
    return found


def _orders(frames: Sequence[Frame], stored: Sequence[Stored]) -> list[str]:
    """Ids are unique, repeats byte-equal."""
    seen: dict[str, bytes] = {}
    found = [
        f"{_id(one)} was told in two ways"
        for one in stored if seen.setdefault(_id(one), one.value) != one.value
    ]  # fmt: skip
    named = [json.loads(raw)["order"] for raw in seen.values() if b'"type":"order"' in raw]
    if len(named) != len(set(named)):
        found.append("an order id was given twice")
    decided = {
        one["id"] for frame in frames for one in frame["decisions"] if one["type"] == "order"
    }
    return found + [f"{order} was told and never decided" for order in set(named) - decided]


def _effects(frames: Sequence[Frame], outputs: dict[str, list[Stored]]) -> list[str]:
    """Everything accepted was told."""
    told = {name: {_id(one) for one in stored} for name, stored in outputs.items()}
    streams = {"order": "orders", "order_ended": "orders", "line": "console"}
    found = []
    for frame in frames:
        seq = frame["seq"]
        for n, one in enumerate(frame["decisions"]):
            name = streams.get(one["type"])
            if name and f"{frame['area']}/{seq}/{n}" not in told[name]:
                found.append(f"{one['type']} {seq}/{n} was never told")
        for n, fact in enumerate(frame["facts"]):
            answered = fact["type"] in ("accepted", "duplicate")
            if answered and f"{frame['area']}/{seq}/{n}" not in told["replies"]:
                found.append(f"the reply of {seq}/{n} was never told")
    return found


def _id(stored: Stored) -> str:
    return dict(stored.headers).get("effect", b"").decode()
