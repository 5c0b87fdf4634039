"""Sending events from a command: what is told back of each, and waiting for the replies.

Both halves are plain: `send` stores what is sound and says where, `await_replies` reads
`P.replies` until each event has its own or the time is over.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from config.errors import NotFound
from config.ids import AreaId
from events import ports
from events.door_body import EVENT, Incoming, Refusal, incoming
from events.hints import Hint
from events.ports import Streams

_LOOK_MS = 500


class Sent(NamedTuple):
    """An event that is stored; `place` is where it was read (a line, an element)."""

    place: str
    event: str
    stream: str
    position: int


class Bad(NamedTuple):
    """Something that is no event, or whose data is wrong; nothing of it is stored."""

    place: str
    code: str
    hint: Hint | None = None

    @property
    def reason(self) -> str:
        """The reason code without what follows it."""
        return self.code.partition(":")[0]

    @property
    def where(self) -> str:
        """The field that is wrong, where the schema names one."""
        return [*self.code.split(":"), ""][1]

    @property
    def problem(self) -> str:
        """The validator's word."""
        return self.code.rpartition(":")[2]


def pieces(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The events in a file, numbered from 1: JSON lines by line, else the one JSON by element."""
    try:
        whole = json.loads(raw)
    except (ValueError, RecursionError):
        for number, line in enumerate(raw.split(b"\n"), start=1):
            if line.strip():
                yield number, line.strip()
        return
    if not isinstance(whole, list):
        yield 1, raw.strip()
        return
    for number, one in enumerate(whole, start=1):
        yield number, json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode()


def send(
    bus: Streams, area: AreaId, told: Iterable[tuple[str, bytes]], batch: int = 200
) -> Iterator[Sent | Bad]:
    """Store what is sound, in order, in batches; say of each what became of it.

    Args:
        bus: Where to.
        area: Whose inbox, or positions for fixes.
        told: Where each was read, and its bytes.
        batch: How many wait for each other; 1 where they come one by one.
    """
    waiting: list[tuple[str, Incoming]] = []
    for place, value in told:
        read = _read(place, value)
        if isinstance(read, Bad):
            yield from _stored(bus, area, waiting)
            waiting = []
            yield read
            continue
        waiting.append((place, read))
        if len(waiting) >= batch:
            yield from _stored(bus, area, waiting)
            waiting = []
    yield from _stored(bus, area, waiting)


def _read(place: str, value: bytes) -> Incoming | Bad:
    try:
        found = incoming(value, EVENT, {})[0]
    except Refusal as refusal:
        return Bad(place, str(refusal.fields.get("reason", refusal.key)))
    return found if found.problem is None else Bad(place, found.problem, found.hint)


def _stored(bus: Streams, area: AreaId, batch: Sequence[tuple[str, Incoming]]) -> list[Sent]:
    """Store a batch; fixes go to their own stream, all others keep their order."""
    sent: dict[int, Sent] = {}
    for suffix in ("inbox", "positions"):
        numbers = [n for n, (_, one) in enumerate(batch) if one.stream == suffix]
        if not numbers:
            continue
        name = ports.stream(area, suffix)
        places = bus.send(name, [batch[n][1].record for n in numbers])
        for n, position in zip(numbers, places, strict=True):
            sent[n] = Sent(batch[n][0], batch[n][1].event or "", name, position)
    return [sent[n] for n in sorted(sent)]


def newest_reply(bus: Streams, area: AreaId) -> int:
    """Where the replies end now: look behind it for those to come."""
    last = bus.last(ports.replies(area))
    return -1 if last is None else last.position


def await_replies(
    bus: Streams, area: AreaId, after: int, events: Iterable[str], wait_s: float, folder: str
) -> dict[str, Mapping[str, Any]]:
    """The replies to these events by "source/id", as far as they come in time.

    Raises:
        NotFound: Some did not come within `wait_s`; the field `events` names the first few, and
            `folder` is the district's as it is typed.
    """
    wanted = list(dict.fromkeys(events))
    found: dict[str, Mapping[str, Any]] = {}
    end_s = time.monotonic() + wait_s
    while missing := [event for event in wanted if event not in found]:
        left_ms = round((end_s - time.monotonic()) * 1000)
        if left_ms <= 0:
            raise NotFound(
                "sending.no_reply", events=", ".join(missing[:3]), count=len(missing),
                seconds=f"{wait_s:g}", folder=folder,
            )  # fmt: skip
        for stored in bus.read(ports.replies(area), after, wait_ms=min(left_ms, _LOOK_MS)):
            after = stored.position
            reply = _reply(stored.value)
            if reply is not None and reply.get("event") in wanted:
                found[str(reply["event"])] = reply
    return found


def _reply(raw: bytes) -> Mapping[str, Any] | None:
    try:
        told = json.loads(raw)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
