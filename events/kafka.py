"""The bus on Apache Kafka; with `kafka_topics` the only modules that import `kafka`.

Crash-only: any error of a client call raises `BusLost` and makes the object useless, because
what a half-failed client does next is not known; the worker exits, is started again and refolds.
No transactions (METHODS §4: with a follower lost, commit and flush return normally while a
record is missing): an idempotent producer with `acks=all`, and frames that name the digest of
the one before, need none. Offsets are never committed: readers know their positions themselves,
and `auto_offset_reset='none'` makes a position that is gone an error instead of silent loss.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from kafka import KafkaProducer

from config.errors import Impossible
from events import ports, refusals
from events.kafka_log import quieten
from events.kafka_reader import COMMON, REQUEST_MS, Reader, Scout
from events.ports import (
    Appended,
    BusLost,
    Conflict,
    DataLost,
    NoStream,
    Record,
    Stored,
    StreamGap,
    Unknown,
)
from events.trouble import cause_of

DELIVERY_MS = 10_000  # after this an unanswered send is Unknown
UNACKNOWLEDGED_RECORDS = 1_000  # the producer itself has no limit of memory
UNACKNOWLEDGED_BYTES = 8 * 1024 * 1024
PRODUCER: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,
    "compression_type": "zstd",
    "delivery_timeout_ms": DELIVERY_MS,
    "max_block_ms": REQUEST_MS,
    "batch_size": 256 * 1024,
    "max_request_size": ports.LARGEST_RECORD_BYTES + 64 * 1024,
}


class KafkaBus:
    """Streams and journals on a cluster. Each stream is read by one thread at a time."""

    exclusive = False
    one_writer = False

    def __init__(self, address: str) -> None:
        """Connect to `host:port[,host:port]` lazily; BusLost comes with the first call."""
        quieten()
        self._brokers = address
        self.address = f"kafka://{address}"
        self._lost: str | None = None
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._scout: Scout | None = None
        self._readers: dict[tuple[str, int], Reader] = {}

    def send(self, name: str, records: Sequence[Record]) -> list[int]:
        """As the port; the key chooses the partition."""
        refusals.check_size(name, (record.value for record in records))
        places: list[int] = []
        with self._crash_only():
            for chunk in _chunks(records):
                pending = [self._post(name, record) for record in chunk]
                for future in pending:
                    told = future.get(timeout=DELIVERY_MS / 1000)
                    if told.offset < 0:
                        msg = f"{name}: acknowledged without an offset"
                        raise BusLost(msg)
                    places.append(ports.position(told.partition, told.offset))
        return places

    def read(self, name: str, after: int = -1, limit: int = 500, wait_ms: int = 0) -> list[Stored]:
        """As the port. An empty answer means that the end was reached, as far as the leader says.

        `end_offsets` can be stale for a moment after a leader change: too low, never too high.
        """
        with self._crash_only():
            return self._reader(name, ports.split(after)[0]).read(after, limit, wait_ms)

    def last(self, name: str, partition: int = 0) -> Stored | None:
        """As the port; steps back over offsets without a record (markers of transactions)."""
        with self._crash_only():
            reader = self._reader(name, partition)
            first, end = self._asked().bounds(name, partition)
            step = 1
            while end > first:
                start = max(first, end - step)
                found = reader.read(ports.position(partition, start) - 1, step, 0)
                if found:
                    return found[-1]
                end, step = start, step * 10
            return None

    def partitions(self, name: str) -> int:
        """As the port; NoStream when the topic is missing."""
        with self._crash_only():
            return self._asked().partitions(name)

    def identity(self, name: str) -> str:
        """The topic's id: a topic deleted and made anew has another."""
        with self._crash_only():
            return self._asked().identity(name)

    def journal(self, name: str) -> "KafkaJournal":
        """As the port."""
        ports.kind_of(name)
        return KafkaJournal(self, name)

    def again(self) -> "KafkaBus":
        """As the port: a connection is void after any error, and no other's may be."""
        return KafkaBus(self._brokers)

    def erase(self, now_ms: int, unread: Mapping[str, int] = {}) -> int:
        """As the port: brokers erase by themselves, as long as the topics say."""
        del now_ms, unread
        return 0

    def backup(self, path: Path) -> NoReturn:
        """As the port: never."""
        del path
        raise Impossible("door.no_file")

    def close(self) -> None:
        """Drop the connections; what is not acknowledged is not waited for."""
        with self._lock:
            self._lost = self._lost or "closed"
            self._silence()
            for reader in self._readers.values():
                reader.close()
            if self._scout is not None:
                self._scout.close()
            self._producer, self._scout, self._readers = None, None, {}

    def _silence(self) -> None:
        """Send nothing more: the client would go on to retry what it has not had answered."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(Exception):  # a broken client may fail to close as well
                producer._sender.force_close()  # noqa: SLF001 - close() would flush first
                producer.close(timeout=0)

    def append(self, name: str, raw: bytes, expected: int) -> Appended | Conflict | Unknown:
        """As `Journal.append`: one unacknowledged frame, its offset says what became of it."""
        refusals.check_size(name, [raw])
        try:
            place = self.send(name, [Record(raw)])[0]
        except NoStream:
            raise
        except BusLost as lost:
            return Unknown(cause_of(lost))
        if place < expected:
            raise DataLost(name=name, stored=place, expected=expected)
        return Appended(place) if place == expected else Conflict(place)

    def tail(self, name: str) -> int:
        """As `Journal.tail`."""
        with self._crash_only():
            return self._asked().end(name, 0) - 1

    def _post(self, name: str, record: Record) -> Any:  # noqa: ANN401 - the client is untyped
        known = self._asked().partitions(name)
        with self._lock:
            if self._producer is None:
                self._producer = KafkaProducer(
                    bootstrap_servers=self._brokers.split(","), **COMMON, **PRODUCER
                )
        return self._producer.send(
            name,
            record.value,
            record.key,
            list(record.headers),
            partition=0 if known == 1 else None,
        )

    def _asked(self) -> Scout:
        with self._lock:
            if self._scout is None:
                self._scout = Scout(self._brokers)
            return self._scout

    def _reader(self, name: str, partition: int) -> Reader:
        scout = self._asked()
        with self._lock:
            reader = self._readers.get((name, partition))
            if reader is None:
                reader = self._readers[name, partition] = Reader(
                    self._brokers, scout, name, partition
                )
        return reader

    @contextmanager
    def _crash_only(self) -> Iterator[None]:
        if self._lost is not None:
            msg = f"{self._brokers}: {self._lost}"
            raise BusLost(msg)
        try:
            yield
        except (StreamGap, NoStream) as error:  # the client is sound, but nothing may go on
            self._lost = str(error)
            raise
        except Exception as error:
            self._lost = f"{type(error).__name__}: {error}"
            self._silence()
            msg = f"{self._brokers}: {self._lost}"
            raise BusLost(msg) from error


class KafkaJournal:
    """A journal in a topic of one partition."""

    def __init__(self, bus: KafkaBus, name: str) -> None:
        """Use `KafkaBus.journal`."""
        self._bus, self._name = bus, name

    def tail(self) -> int:
        """As the port."""
        return self._bus.tail(self._name)

    def read(self, after: int = -1, limit: int = 500, wait_ms: int = 0) -> list[Stored]:
        """As the port."""
        return self._bus.read(self._name, after, limit, wait_ms)

    def append(self, raw: bytes, expected: int) -> Appended | Conflict | Unknown:
        """As the port; after Unknown the bus is useless and sends nothing more."""
        return self._bus.append(self._name, raw, expected)


def _chunks(records: Sequence[Record]) -> Iterator[list[Record]]:
    chunk: list[Record] = []
    size = 0
    for record in records:
        chunk.append(record)
        size += len(record.value)
        if len(chunk) >= UNACKNOWLEDGED_RECORDS or size >= UNACKNOWLEDGED_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk
