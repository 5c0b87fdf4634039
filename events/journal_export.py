"""`qinwu journal export`: the bus as JSON lines, for audits and for programs of others.

What each file holds stands in docs/events.md. Nothing here knows the engine: what is open is
folded from the frames alone, so that it can be compared with what the engine says.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.errors import BadInput
from config.ids import AreaId, IncidentId, OrderId
from events import ports
from events.decisions import IncidentClosed, Order, OrderEnded, Queued
from events.door_body import parsed
from events.facts import Accepted
from events.frame import Fold, Folded, Frame
from events.kinds import IncidentReported
from events.ports import Stored, Streams
from events.rows import rows
from events.trouble import JournalBroken

ORDER_FIELDS = ("order", "unit", "incident", "slot", "replaces")


def export_to(bus: Streams, area: AreaId, out: Path) -> Iterator[tuple[str, int]]:
    """Write all files; the name of each and how many rows it has.

    Raises:
        BadInput: `out` is not empty, or cannot be written.
    """
    still_open = Open(area)
    # Outputs come before the journal, inputs after it: whatever is referred to is there.
    files: tuple[tuple[str, Iterator[bytes]], ...] = (
        ("orders.jsonl", _orders(bus, area)),
        ("console.jsonl", _console(bus, area)),
        ("rejected.jsonl", _rejected(bus, area)),
        ("journal.jsonl", _frames(still_open.seen(rows(bus, ports.journal(area))))),
        ("plan.jsonl", _frames(rows(bus, ports.plan(area)))),
        ("inputs.jsonl", _inputs(bus, area)),
        ("snapshot.jsonl", (_json(told.row()) for told in (still_open,))),
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise BadInput(key="journal.not_empty", folder=out)
        for file, made in files:
            count = 0
            with (out / file).open("wb") as target:
                for row in made:
                    target.write(row + b"\n")
                    count += 1
            yield file, count
    except OSError as error:
        raise BadInput(key="sending.not_written", file=out, cause=error.strerror) from error


def _json(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def _frames(journal: Iterable[Stored]) -> Iterator[bytes]:
    """Every stored frame with its very bytes, so that its digest can be made again."""
    for stored in journal:
        raw = stored.value
        if isinstance(parsed(raw), dict) and b"\n" not in raw and b"\r" not in raw:
            yield b'{"offset":%d,"frame":%b}' % (stored.position, raw)
        else:  # no frame at all, e.g. of another program that wrote here
            yield _json({"offset": stored.position, "frame": None, "raw": _base64(raw)})


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _inputs(bus: Streams, area: AreaId) -> Iterator[bytes]:
    for name in (ports.inbox(area), ports.positions(area)):
        for stored in rows(bus, name):
            partition, offset = ports.split(stored.position)
            row = {"topic": name, "partition": partition, "offset": offset}
            yield _json({**row, "event": _event(stored)})


def _event(stored: Stored) -> dict[str, Any] | None:
    """The CloudEvent in its structured form, None where the bytes are none."""
    value = parsed(stored.value)
    if isinstance(value, dict) and "specversion" in value:
        return value
    said = {
        name[3:]: told.decode("utf-8", "replace")
        for name, told in stored.headers
        if name.startswith("ce_")
    }
    if "specversion" not in said or value is None:
        return None
    return {**said, "data": value}


def _effects(bus: Streams, name: str) -> Iterator[dict[str, Any]]:
    """What was released, as JSON; what came again after a kill stands once, by its id."""
    seen: set[bytes] = set()
    for stored in rows(bus, name):
        told = parsed(stored.value)
        one = dict(stored.headers).get("effect", stored.value)
        if isinstance(told, dict) and one not in seen:
            seen.add(one)
            yield told


def _orders(bus: Streams, area: AreaId) -> Iterator[bytes]:
    for told in _effects(bus, ports.orders(area)):
        if told.get("type") == "order":
            yield _json({name: told.get(name) for name in ORDER_FIELDS})


def _console(bus: Streams, area: AreaId) -> Iterator[bytes]:
    for told in _effects(bus, ports.console(area)):
        yield _json({**told, "ref": told.get("ref")})


def _rejected(bus: Streams, area: AreaId) -> Iterator[bytes]:
    for stored in rows(bus, ports.rejected(area)):
        headers = {name: told.decode("utf-8", "replace") for name, told in stored.headers}
        text = stored.value.decode("utf-8", "replace")
        row = {"offset": stored.position, "headers": headers, "text": text}
        yield _json({**row, "raw": _base64(stored.value)})


# --- what is open, folded from the frames alone ----------------------------------------------


@dataclass(slots=True)
class _Incident:
    slots: int = 0
    queued: set[int] = field(default_factory=set)
    done: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Open:
    """Orders without an end and incidents without a close, after the last frame."""

    area: AreaId
    seq: int = 0
    orders: dict[OrderId, Order] = field(default_factory=dict)
    incidents: dict[IncidentId, _Incident] = field(default_factory=dict)
    closed: set[IncidentId] = field(default_factory=set)

    def seen(self, journal: Iterable[Stored]) -> Iterator[Stored]:
        """Hand the records on and take the frames among them that count."""
        fold = Fold(self.area)
        broken = False
        for stored in journal:
            yield stored
            if broken:
                continue
            try:
                taken = fold.accept(stored.position, stored.value)
            except JournalBroken:  # said by `verify`; what is stored is exported all the same
                broken = True
                continue
            if isinstance(taken, Folded):
                self.apply(taken.frame)

    def apply(self, frame: Frame) -> None:
        """Take an accepted frame."""
        self.seq = frame.seq
        for fact in frame.facts:
            if isinstance(fact, Accepted):
                self._accepted(fact)
        for decision in frame.decisions:
            match decision:
                case Order():
                    self.orders[decision.id] = decision
                    incident = self._of(decision.about.incident)
                    incident.queued.discard(decision.slot)
                    incident.done.discard(decision.slot)
                case OrderEnded():
                    self._ended(decision)
                case Queued():
                    self._of(decision.incident).queued.add(decision.slot)
                case IncidentClosed():
                    self.incidents.pop(decision.incident, None)
                    self.closed.add(decision.incident)

    def _of(self, name: IncidentId | None) -> _Incident:
        """The open incident of that name; one that nobody keeps where there is none."""
        found = None if name is None else self.incidents.get(name)
        return found or _Incident()

    def _ended(self, ended: OrderEnded) -> None:
        order = self.orders.pop(ended.order, None)
        if order is not None and ended.how == "done":
            self._of(order.about.incident).done.add(order.slot)

    def _accepted(self, fact: Accepted) -> None:
        """An incident is opened by its report; other events may change how many units are due."""
        if fact.incident is None or fact.incident in self.closed:
            return
        if fact.kind == IncidentReported.type():
            self.incidents.setdefault(fact.incident, _Incident())
        if fact.slots is not None and fact.incident in self.incidents:
            self.incidents[fact.incident].slots = fact.slots

    def row(self) -> dict[str, Any]:
        """As `snapshot.jsonl` has it."""
        return {
            "area": self.area,
            "seq": self.seq,
            "open_orders": list(self.orders),
            "open_incidents": [
                {
                    "incident": name,
                    "slots": one.slots,
                    "queued": sorted(one.queued),
                    "done": sorted(one.done),
                }
                for name, one in self.incidents.items()
            ],
        }
