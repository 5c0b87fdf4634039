"""The two ports of a bus: `Streams` (send, read, last) and `Journal` (tail, read, append).

Everything above speaks to these; memory, SQLite, Kafka and the door implement them, and one
conformance suite holds them to the same behaviour. An adapter translates and stores; it
decides nothing.

**Positions are plain integers.** A position names partition and offset at once: the offset in
the low 40 bits, the partition above. In partition 0, and so in every stream but `P.positions`,
the position *is* the offset. Reading `after` a position reads that position's partition;
`before(partition)` is where a reader of a whole partition begins.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from config.durations import DAY_MS
from config.ids import AreaId
from events.trouble import BusBusy, BusLost, DataLost, NoStream, StreamGap, TooLarge

__all__ = [
    "Appended", "Bus", "BusBusy", "BusLost", "Conflict", "DataLost", "Journal", "NoStream",
    "Record", "Stored", "StreamGap", "StreamKind", "Streams", "TooLarge", "Unknown", "before",
    "console", "inbox", "journal", "kind_of", "orders", "plan",
    "position", "positions", "rejected", "replies", "split", "stream", "streams_of",
]  # fmt: skip

PARTITION_BITS = 40  # 10^12 records a partition; with 13 bits of partitions exact in a JSON number

LARGEST_RECORD_BYTES = 2 * 1024 * 1024
"""Largest value that the inbox stores at all; above it nothing is stored."""
LARGEST_EVENT_BYTES = 256 * 1024
"""Largest event that is accepted; what is larger is recorded as rejected."""
LARGEST_FRAME_BYTES = 512 * 1024
"""Largest frame, uncompressed: one too large would fail for ever."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is sent to a stream. Key and partition carry no meaning for readers."""

    value: bytes
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


class Stored(NamedTuple):
    """A record as it stands in a stream; `stored_ms` is the bus's wall time, Unix ms."""

    position: int
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    stored_ms: int = 0
    key: bytes | None = None


class Streams(Protocol):
    """Named rows of records. Any call may raise `BusLost`; after that the object is useless."""

    @property
    def one_writer(self) -> bool:
        """Whether nobody but their writers can put a record into the journals.

        Where it is so, a record that does not count there is damaged.
        """
        ...

    def send(self, name: str, records: Sequence[Record]) -> list[int]:
        """Store records in order and give their positions, after they are durable.

        Raises:
            TooLarge: A record is above the stream's limit.
        """
        ...

    def read(self, name: str, after: int = -1, limit: int = 500, wait_ms: int = 0) -> list[Stored]:
        """Up to `limit` records behind `after`, in order; waits up to `wait_ms` for the first.

        `after = before(partition)` begins at the earliest record that is kept.

        Raises:
            StreamGap: `after` is a record's position that the stream does not lead on from.
        """
        ...

    def last(self, name: str, partition: int = 0) -> Stored | None:
        """The newest record of a partition, or None when it holds none."""
        ...

    def partitions(self, name: str) -> int:
        """How many partitions the stream has."""
        ...

    def identity(self, name: str) -> str:
        """The stream's own id; another id means that it was made anew and positions are void."""
        ...


class Appended(NamedTuple):
    """The frame stands at `position`, the one expected: release its effects."""

    position: int


class Conflict(NamedTuple):
    """Other frames came between: fold up to `upto` inclusive; only then you know about yours."""

    upto: int


class Unknown(NamedTuple):
    """The frame may be stored, or come later, or never: exit at once, send nothing more."""

    cause: str


class Journal(Protocol):
    """The row of frames of one engine or planner. Every reader folds it with `frame.Fold`."""

    def tail(self) -> int:
        """Position of the last stored frame, -1 when empty. May be stale, never too high."""
        ...

    def read(self, after: int = -1, limit: int = 500, wait_ms: int = 0) -> list[Stored]:
        """As `Streams.read`; a journal is never erased, so a gap is an alarm."""
        ...

    def append(self, raw: bytes, expected: int) -> Appended | Conflict | Unknown:
        """Store a frame for which the writer expects the position `expected` (fold's next).

        Raises:
            DataLost: The journal is shorter than the writer has folded.
            TooLarge: The frame is above `LARGEST_FRAME_BYTES`.
        """
        ...


class Bus(Streams, Protocol):
    """A whole bus: the streams and the journals, as one connection.

    What differs between buses is asked of the bus here; nobody asks which one it is.
    """

    @property
    def address(self) -> str:
        """Where it stores: what is known of a bus is not known of one with another address."""
        ...

    @property
    def exclusive(self) -> bool:
        """Whether one process owns the store: whoever holds this object is alone with it."""
        ...

    def again(self) -> "Bus":
        """A connection that another thread may use and lose; the object itself where it can.

        Works on an object that is useless, too.
        """
        ...

    def erase(self, now_ms: int, unread: Mapping[str, int] = {}) -> int:
        """Erase what is older than its stream keeps; how many records this call erased.

        Only the beginning of a stream goes, and nothing unless something was stored shortly
        before `now_ms`: else that is a wrong clock's. 0 where the store erases by itself.

        Args:
            now_ms: Wall time, Unix ms.
            unread: The positions, by stream, from which on somebody still has to read.
        """
        ...

    def backup(self, path: Path) -> None:
        """Copy the whole store to the file `path`, consistent in itself, while the bus runs.

        Raises:
            Impossible: The store is no file.
            OSError: The copy could not be written; the bus itself is unharmed.
        """
        ...

    def journal(self, name: str) -> Journal:
        """The journal kept in stream `name` (`P.journal` or `P.plan`)."""
        ...

    def close(self) -> None:
        """Let go of files and connections; may be called twice."""
        ...


@dataclass(frozen=True, slots=True)
class StreamKind:
    """One of an area's streams: what it is called, how long it is kept, how large a record."""

    suffix: str
    kept_ms: int | None
    largest_bytes: int


STREAM_KINDS: tuple[StreamKind, ...] = (
    StreamKind("inbox", 7 * DAY_MS, LARGEST_RECORD_BYTES),
    StreamKind("positions", 30 * DAY_MS, LARGEST_EVENT_BYTES),
    StreamKind("journal", None, LARGEST_FRAME_BYTES),
    StreamKind("plan", None, LARGEST_FRAME_BYTES),
    StreamKind("orders", 30 * DAY_MS, LARGEST_EVENT_BYTES),
    StreamKind("console", 30 * DAY_MS, LARGEST_EVENT_BYTES),
    StreamKind("replies", 30 * DAY_MS, LARGEST_EVENT_BYTES),
    StreamKind("rejected", 7 * DAY_MS, LARGEST_RECORD_BYTES),
)
ALIVE_MS = 2 * DAY_MS
"""A district that runs stores something every midnight: longer ago, and now is not believed."""
_KINDS: Mapping[str, StreamKind] = {kind.suffix: kind for kind in STREAM_KINDS}


def stream(area: AreaId | str, suffix: str) -> str:
    """Name of an area's stream, e.g. `hz.inbox`.

    Raises:
        ValueError: `area` is no name for Kafka topics, or there is no such stream.
    """
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,60}", area) or suffix not in _KINDS:
        msg = f"no stream {suffix!r} of area {area!r}"
        raise ValueError(msg)
    return f"{area}.{suffix}"


def kind_of(name: str) -> StreamKind:
    """What kind of stream a name stands for; ValueError when for none."""
    area, _, suffix = name.rpartition(".")
    stream(area, suffix)
    return _KINDS[suffix]


def streams_of(area: AreaId | str) -> tuple[str, ...]:
    """The names of all streams of an area."""
    return tuple(stream(area, kind.suffix) for kind in STREAM_KINDS)


def inbox(area: AreaId | str) -> str:
    """Everything that is decided on, in one order."""
    return stream(area, "inbox")


def positions(area: AreaId | str) -> str:
    """Fixes of units; any number of partitions."""
    return stream(area, "positions")


def journal(area: AreaId | str) -> str:
    """Frames of the dispatch engine."""
    return stream(area, "journal")


def plan(area: AreaId | str) -> str:
    """Frames of the planner."""
    return stream(area, "plan")


def orders(area: AreaId | str) -> str:
    """Effects: orders to units."""
    return stream(area, "orders")


def console(area: AreaId | str) -> str:
    """Effects: lines of the console log."""
    return stream(area, "console")


def replies(area: AreaId | str) -> str:
    """Effects: one reply for each event."""
    return stream(area, "replies")


def rejected(area: AreaId | str) -> str:
    """Effects: raw bytes of rejected records, the reason in headers."""
    return stream(area, "rejected")


def position(partition: int, offset: int) -> int:
    """The position of an offset in a partition."""
    return (partition << PARTITION_BITS) + offset


def before(partition: int) -> int:
    """The `after` that reads a partition from its earliest record; -1 for partition 0."""
    return (partition << PARTITION_BITS) - 1


def split(at: int) -> tuple[int, int]:
    """Partition and offset of a position; `before(p)` gives (p, -1)."""
    partition = (at + 1) >> PARTITION_BITS
    return partition, at - (partition << PARTITION_BITS)
