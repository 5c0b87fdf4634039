"""Sending events from any Python service: checked, bounded, retried, never lost in silence.

    with Producer("http://127.0.0.1:8620") as producer:
        producer.send("incident_reported", {"kind": "crash", "place": "p12"},
                      source="cam-gateway", id="8812")

A thread sends in batches, in the order of `send`. When the bus is lost it connects anew and sends
the same events again with the same ids: what had arrived before is recognised by (source, id) and
counts once. What could not be delivered is raised, by the next `send`, by `flush` and by `close`.
"""

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple, Self

from config.errors import BadInput, QinwuError
from config.ids import AreaId
from events import ports, schema
from events.connect import area_of, connect
from events.event import Event
from events.kinds import PositionReported
from events.ports import Bus, BusLost, NoStream, Record

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0


class Undelivered(QinwuError):
    """Events that may not have arrived. `events` are their bytes, in order; `cause` says why."""

    def __init__(self, events: Sequence[bytes], cause: str) -> None:
        """Say what is left."""
        super().__init__("sending.undelivered", count=len(events), cause=cause)
        self.events = tuple(events)
        self.cause = cause

    def __str__(self) -> str:
        """For logs of services that do not speak through the words."""
        return f"{len(self.events)} events may not have arrived: {self.cause}"


class QueueFull(QinwuError):
    """As many events wait as may; the bus is slower than the service, or away."""

    def __init__(self, most: int) -> None:
        """Say how many wait."""
        super().__init__("sending.full", most=most)


class _Waiting(NamedTuple):
    stream: str  # its suffix
    record: Record


@dataclass(frozen=True, slots=True)
class Limits:
    """How much waits, and for how long."""

    most: int = 1_000
    """Events that may wait, those on their way included."""
    when_full: Literal["wait", "refuse"] = "wait"
    """`send` waits for room, or raises QueueFull at once."""
    batch: int = 500
    """Events sent in one call of the bus."""
    give_up_s: float = 60.0
    """How long the bus may be away before events count as undelivered."""


class Producer:
    """A connection that sends events. Safe for several threads; close it, or use `with`."""

    def __init__(
        self,
        address: str | Path,
        *,
        area: str | None = None,
        limits: Limits = Limits(),
    ) -> None:
        """Begin; the bus may be away still.

        Args:
            address: A door (`http://…`), `kafka://host:port`, `sqlite:PATH`, or a district
                folder as Path, whose own bus is looked for at each connection.
            area: The brigade; not needed with a door or a folder, which know it.
            limits: How much waits, and for how long.

        Raises:
            BadInput: No area is known, or the folder's settings are unsound.
        """
        self._folder = address if isinstance(address, Path) else None
        self._address = None if isinstance(address, Path) else address
        self._area = AreaId(area) if area else self._told_area()
        self._limits = limits
        self._queue: deque[_Waiting] = deque()
        self._turn = threading.Condition()
        self._closing = False
        self._cause: str | None = None
        self._bus: Bus | None = None
        self.sent = 0
        """Events that are stored."""
        self._thread = threading.Thread(target=self._work, name="producer", daemon=True)
        self._thread.start()

    def send(
        self,
        name: str,
        data: Mapping[str, Any] | Event,
        *,
        source: str,
        id: str,  # noqa: A002 - CloudEvents' word
        time: str | None = None,
    ) -> None:
        """Hand over an event; it is on its way, not yet stored, when this returns.

        Args:
            name: E.g. "incident_reported"; all stand in docs/events.md.
            data: Its fields.
            source: Who sends: part of what makes the event known.
            id: Unique and stable for this source: a retry must have the same.
            time: When it happened, ISO 8601 with offset; else `data.at`, else when it is stored.

        Raises:
            ValueError: `data` does not make such an event; the message names the field.
            QueueFull: Too many wait, and `when_full` is "refuse".
            Undelivered: The producer has given up; send nothing more.
        """
        raw = schema.event(name, data, source=source, id=id, time=time)
        waiting = _Waiting("inbox", Record(raw))
        if schema.type_of.get(name, name) == PositionReported.type():
            fix = data if isinstance(data, Mapping) else data.model_dump()
            # Fixes of a unit stay in one partition, so that the last one wins.
            waiting = _Waiting("positions", Record(raw, key=str(fix["unit"]).encode()))
        with self._turn:
            self._check()
            if len(self._queue) >= self._limits.most and self._limits.when_full == "refuse":
                raise QueueFull(self._limits.most)
            self._turn.wait_for(self._has_room)
            self._check()
            self._queue.append(waiting)
            self._turn.notify_all()

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until all that was handed over is stored.

        Raises:
            Undelivered: The producer gave up, or the time is over (then it goes on trying).
        """
        with self._turn:
            done = self._turn.wait_for(
                lambda: not self._queue or self._cause is not None, timeout_s
            )
            self._check()
            if not done:
                raise Undelivered(self._left(), f"not within {timeout_s:g} s")

    def close(self) -> None:
        """Flush and end; may be called twice.

        Raises:
            Undelivered: Something may not have arrived.
        """
        with self._turn:
            self._closing = True
            self._turn.notify_all()
        self._thread.join()
        left, self._queue = self._left(), deque()
        if left:
            raise Undelivered(left, self._cause or "closed")

    def __enter__(self) -> Self:
        """For `with`."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        """Close: what was handed over before an exception is delivered too."""
        self.close()

    def _told_area(self) -> AreaId | None:
        if self._folder is not None:
            return area_of(self._folder)
        if str(self._address).startswith("http"):
            return None  # the door says
        raise BadInput(key="sending.no_area", address=self._address)

    def _has_room(self) -> bool:
        gone = self._closing or self._cause is not None
        return gone or len(self._queue) < self._limits.most

    def _check(self) -> None:
        """Callers hold the turn."""
        if self._cause is not None:
            raise Undelivered(self._left(), self._cause)
        if self._closing:
            raise Undelivered((), "closed")

    def _left(self) -> tuple[bytes, ...]:
        return tuple(waiting.record.value for waiting in self._queue)

    # --- the thread ---------------------------------------------------------------------------

    def _work(self) -> None:
        while batch := self._next():
            if not self._delivered(batch):
                break
        if self._bus is not None:
            self._bus.close()

    def _next(self) -> list[_Waiting]:
        """What is to be sent now; it stays in the queue until it is stored. Empty: the end."""
        with self._turn:
            self._turn.wait_for(lambda: self._queue or self._closing)
            return [self._queue[n] for n in range(min(len(self._queue), self._limits.batch))]

    def _delivered(self, batch: Sequence[_Waiting]) -> bool:
        """Send until it is stored; False when the producer gave up."""
        give_up_s = time.monotonic() + self._limits.give_up_s
        pause_s = _FIRST_PAUSE_S
        rest = [list(run) for _, run in groupby(batch, key=lambda waiting: waiting.stream)]
        while rest:
            try:
                self._store(rest[0])
            except Exception as error:  # noqa: BLE001 - whatever it is, the service must hear of it
                self._drop()
                last = time.monotonic() + pause_s > give_up_s
                if last or isinstance(error, NoStream) or not isinstance(error, BusLost):
                    self._give_up(error)
                    return False
                time.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                continue
            give_up_s, pause_s = time.monotonic() + self._limits.give_up_s, _FIRST_PAUSE_S
            self._forget(len(rest.pop(0)))
        return True

    def _store(self, run: Sequence[_Waiting]) -> None:
        bus = self._connected()
        area = self._area or AreaId(str(getattr(bus, "area", "")))
        bus.send(ports.stream(area, run[0].stream), [waiting.record for waiting in run])

    def _connected(self) -> Bus:
        if self._bus is None:
            self._bus = connect(self._address, self._folder)
        return self._bus

    def _drop(self) -> None:
        """A bus that was lost is useless; the next attempt connects anew."""
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.close()

    def _forget(self, count: int) -> None:
        with self._turn:
            for _ in range(count):
                self._queue.popleft()
            self.sent += count
            self._turn.notify_all()

    def _give_up(self, error: Exception) -> None:
        with self._turn:
            self._cause = str(error) or type(error).__name__
            self._turn.notify_all()
