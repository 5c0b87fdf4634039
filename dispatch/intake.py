"""What came in and is not consumed yet: parsed records of the inbox, and what fixes changed."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate
from operator import attrgetter
from typing import Protocol

from config.ids import AreaId
from dispatch.ahead import ParsedAhead
from dispatch.judge import Record
from dispatch.state import State
from events import ports
from events.decisions import (
    BY_PROOF,
    Decision,
    Order,
    OrderEnded,
    Queued,
    Warning,  # noqa: A004 - the format's word
)
from events.event import Event
from events.facts import Fact
from events.kinds import ClockSet, CommandGiven, PositionReported
from events.ports import Bus, Stored, before
from events.rows import read_all
from events.schema import Envelope, parsed

MOST_RECORDS = 500
MOST_BYTES = 192 * 1024
"""Of the records of one frame, so that a frame that is too large stays rare."""
STEP_RECALLED, MOST_RECALLED = 2_000, 128_000
"""Fixes of each partition that a new engine looks back on: in such steps, up to so many."""
_CLOCK = ClockSet.type()
_ALONE = (_CLOCK, CommandGiven.type())
_place = attrgetter("position")
_record = partial(tuple.__new__, Record)  # Record(...) itself is Python's and takes thrice the time
PROBED = 100
"""Fixes that are looked at to see when it was: one device may send late, or have a wrong clock."""


def hangs_on_positions(decision: Decision) -> bool:
    """Whether where units are now may change it: who is sent, who waits, whose proof counts."""
    by_proof = isinstance(decision, OrderEnded) and decision.reason == BY_PROOF
    missed = isinstance(decision, Warning) and decision.rule == "visit_missed"
    return by_proof or missed or isinstance(decision, Order | Queued)


class Tracks(Protocol):
    """What becomes of fixes: `dispatch.tracks.Tracker`."""

    def back_ms(self, state: State) -> int:
        """How long back from a state `restore` needs the fixes, ms."""
        ...

    def restore(self, state: State, reports: Iterable[Event], now_ms: int) -> Sequence[Fact]:
        """Know the last minutes' fixes; what nobody has recorded of them yet."""
        ...

    def fixes(self, state: State, reports: Iterable[Event], now_ms: int) -> Sequence[Fact]:
        """What new fixes change."""
        ...

    def timers(self, state: State, now_ms: int) -> Sequence[Fact]:
        """What their absence changes; asked only when all fixes are read."""
        ...

    def seen(self, state: State) -> Sequence[Fact]:
        """Where units are that have moved since the state knew them."""
        ...


class Intake:
    """The two streams that an engine reads."""

    def __init__(
        self, bus: Bus, area: AreaId, tracks: Tracks | None, most_records: int = MOST_RECORDS
    ) -> None:
        """Read nothing yet, later up to so many records at a time."""
        self._bus, self._tracks, self._most_records = bus, tracks, most_records
        self._inbox, self._positions = ports.inbox(area), ports.positions(area)
        self._waiting: list[Record] = []
        self._values: list[bytes] = []  # theirs, as they came
        self._backlog = False  # whether there were as many as are read at a time
        self._ahead = ParsedAhead()
        self._cursors: dict[int, int] = {}

    # --- the inbox -----------------------------------------------------------------------------

    def read(self, state: State, wait_ms: int) -> None:
        """Read on behind what was consumed, unless records still wait to be."""
        if self._waiting:
            return
        if self._ahead.is_under_way:
            found, told = self._ahead.taken()
        else:
            found = self._bus.read(self._inbox, state.inbox, self._most_records, wait_ms)
            told = parsed(found)
        self._backlog = len(found) == self._most_records
        if found:
            places, values, _, stored_ms, _ = zip(*found, strict=True)
            self._waiting = list(map(_record, zip(places, told, stored_ms, strict=True)))
            self._values = list(values)
            self.consumed(state.inbox)

    def read_ahead(self, inbox: int) -> None:
        """Have the next records parsed while what is consumed up to there is being stored.

        Waiting for the disk, or a broker, leaves the processor free. Done only with a backlog:
        else nothing stands behind those that were read.
        """
        whole = self._backlog and self._waiting[-1].position == inbox
        if whole and not self._ahead.is_under_way:
            self._ahead.begin(self._bus.read(self._inbox, inbox, self._most_records))

    def batch(self, singly_upto: int) -> list[Record]:
        """What may go into one frame.

        Records up to `singly_upto` come one a frame, and so does a clock that is set, or what a
        person commands: what stands behind it is decided on by the new time, and by what became
        of the command, as the command is by all that came before.
        """
        waiting = self._waiting
        if not waiting or waiting[0].position <= singly_upto:
            return waiting[:1]
        kinds = [told.type for _, told, _ in waiting]
        count = min((kinds.index(one) for one in _ALONE if one in kinds), default=len(kinds))
        if sum(map(len, self._values)) > MOST_BYTES:
            count = min(count, bisect_right(tuple(accumulate(map(len, self._values))), MOST_BYTES))
        return waiting[: max(1, count)]

    def raw(self, batch: Sequence[Record]) -> dict[int, bytes]:
        """The bytes of the records of a batch, by position."""
        return {one.position: value for one, value in zip(batch, self._values, strict=False)}

    def consumed(self, inbox: int) -> None:
        """A frame consumed everything up to there."""
        gone = bisect_right(self._waiting, inbox, key=_place)
        self._waiting, self._values = self._waiting[gone:], self._values[gone:]

    # --- the positions -------------------------------------------------------------------------

    def restore(self, state: State, now_ms: int) -> list[Fact]:
        """Show the tracker the last fixes again, and read on behind them."""
        if self._tracks is None:
            return []
        known_ms = min(now_ms, state.time_ms) if state.seq else now_ms
        since_ms = known_ms - self._tracks.back_ms(state)
        for partition in range(self._bus.partitions(self._positions)):
            self._cursors[partition] = self._look_back(partition, since_ms)
        return list(self._tracks.restore(state, self._all_reports(), now_ms))

    def tracked(self, state: State, now_ms: int) -> list[Fact]:
        """What new fixes, and those that are missing, change.

        Nothing while a clock that was read is still to be set: fixes come after it, of its time.
        """
        if self._tracks is None or any(told.type == _CLOCK for _, told, _ in self._waiting):
            return []
        reports, whole = self._reports()
        found = list(self._tracks.fixes(state, reports, now_ms)) if reports else []
        return found + (list(self._tracks.timers(state, now_ms)) if whole and not found else [])

    def seen(self, state: State) -> list[Fact]:
        """Where units are now."""
        return [] if self._tracks is None else list(self._tracks.seen(state))

    def _all_reports(self) -> Iterator[Event]:
        """The fixes up to now, as they are asked for: hours of them need not be held at once."""
        whole = False
        while not whole:
            more, whole = self._reports()
            yield from more

    def _reports(self) -> tuple[list[Event], bool]:
        """New fixes, and whether these were all; what cannot be read is nobody's fix."""
        found = read_all(self._bus, self._positions, self._cursors, MOST_RECORDS)
        reports: list[Event] = [
            fix for one in parsed(found)
            if isinstance(one, Envelope) and (fix := one.as_a(PositionReported))
        ]  # fmt: skip
        return reports, len(found) < MOST_RECORDS

    def _look_back(self, partition: int, since_ms: int) -> int:
        """Position behind which to begin: before that moment, or at the first that is kept."""
        start = before(partition)
        newest = self._bus.last(self._positions, partition)
        kept: list[Stored] = self._bus.read(self._positions, start, 1)
        if newest is None or not kept:
            return start
        first, back = max(start, kept[0].position - 1), STEP_RECALLED
        while back < MOST_RECALLED and newest.position - back > first:
            if self._is_before(newest.position - back, since_ms):
                break
            back += STEP_RECALLED
        return max(first, newest.position - back)

    def _is_before(self, position: int, since_ms: int) -> bool:
        """Whether what stands behind a position was all measured before a moment."""
        probed = self._bus.read(self._positions, position, PROBED)
        times = [
            told.at_ms(one.stored_ms) for one, told in zip(probed, parsed(probed), strict=True)
            if isinstance(told, Envelope) and told.as_a(PositionReported)
        ]  # fmt: skip
        return bool(times) and max(times) < since_ms
