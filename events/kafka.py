"""The bus on Apache Kafka; with `kafka_topics` the only modules that import `kafka`.

Crash-only: any error of a client call raises `BusLost` and makes the object useless, because
what a half-failed client does next is not known; the worker exits, is started again and refolds.
No transactions (METHODS §4: with a follower lost, commit and flush return normally while a
record is missing): an idempotent producer with `acks=all`, and frames that name the digest of
the one before, need none. Offsets are never committed: readers know their positions themselves,
and `auto_offset_reset='none'` makes a position that is gone an error instead of silent loss.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import OffsetOutOfRangeError

from events import ports
from events.kafka_log import quieten
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

REQUEST_MS = 4_000  # a paused leader costs this, not the client's 30 s
DELIVERY_MS = 10_000  # after this an unanswered send is Unknown
CATCH_UP_S = 10.0  # `end_offsets` promised records: the longest they may take to come
UNACKNOWLEDGED_RECORDS = 1_000  # the producer itself has no limit of memory
UNACKNOWLEDGED_BYTES = 8 * 1024 * 1024
COMMON: dict[str, Any] = {
    "request_timeout_ms": REQUEST_MS,
    "bootstrap_timeout_ms": DELIVERY_MS,
    "reconnect_backoff_max_ms": 1_000,
    "allow_auto_create_topics": False,
    "metrics_enabled": False,
}
PRODUCER: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,
    "compression_type": "zstd",
    "delivery_timeout_ms": DELIVERY_MS,
    "max_block_ms": REQUEST_MS,
    "batch_size": 256 * 1024,
    "max_request_size": ports.LARGEST_RECORD_BYTES + 64 * 1024,
}
CONSUMER: dict[str, Any] = {
    "group_id": None,
    "enable_auto_commit": False,
    "auto_offset_reset": "none",
    # Foreign clients may use transactions on the inbox; waiting for theirs to end would let one
    # hung client stop all dispatch, so records are read as they come.
    "isolation_level": "read_uncommitted",
    "max_partition_fetch_bytes": 4 * 1024 * 1024,
    "fetch_max_bytes": 16 * 1024 * 1024,
}


class KafkaBus:
    """Streams and journals on a cluster. Each stream is read by one thread at a time."""

    def __init__(self, address: str) -> None:
        """Connect to `host:port[,host:port]` lazily; BusLost comes with the first call."""
        quieten()
        self.address = address
        self._lost: str | None = None
        self._lock = threading.Lock()
        self._producer: KafkaProducer | None = None
        self._readers: dict[tuple[str, int], _Reader] = {}

    def send(self, name: str, records: Sequence[Record]) -> list[int]:
        """As the port; the key chooses the partition."""
        ports.check_size(name, (record.value for record in records))
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
            first, end = reader.bounds()
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
            return len(self._reader(name, 0).partitions())

    def identity(self, name: str) -> str:
        """The topic's id: a topic deleted and made anew has another."""
        with self._crash_only():
            return self._reader(name, 0).identity

    def journal(self, name: str) -> "KafkaJournal":
        """As the port."""
        ports.kind_of(name)
        return KafkaJournal(self, name)

    def close(self) -> None:
        """Drop the connections; what is not acknowledged is not waited for."""
        with self._lock:
            self._lost = self._lost or "closed"
            with suppress(Exception):  # a broken client may fail to close as well
                if self._producer is not None:
                    self._producer.close(timeout=0 if self._lost != "closed" else 1)
            for reader in self._readers.values():
                reader.close()
            self._producer, self._readers = None, {}

    def append(self, name: str, raw: bytes, expected: int) -> Appended | Conflict | Unknown:
        """As `Journal.append`: one unacknowledged frame, its offset says what became of it."""
        ports.check_size(name, [raw])
        try:
            place = self.send(name, [Record(raw)])[0]
        except BusLost as lost:
            return Unknown(str(lost))
        if place < expected:
            msg = f"{name}: stored at {place}, expected {expected}"
            raise DataLost(msg)
        return Appended(place) if place == expected else Conflict(place)

    def tail(self, name: str) -> int:
        """As `Journal.tail`."""
        with self._crash_only():
            return self._reader(name, 0).bounds()[1] - 1

    def _post(self, name: str, record: Record) -> Any:  # noqa: ANN401 - the client is untyped
        with self._lock:
            if self._producer is None:
                self._producer = KafkaProducer(
                    bootstrap_servers=self.address.split(","), **COMMON, **PRODUCER
                )
        known = self._producer.partitions_for(name)
        if not known:
            raise _no_stream(name)
        return self._producer.send(
            name,
            record.value,
            record.key,
            list(record.headers),
            partition=0 if len(known) == 1 else None,
        )

    def _reader(self, name: str, partition: int) -> "_Reader":
        ports.kind_of(name)
        with self._lock:
            reader = self._readers.get((name, partition))
            if reader is None:
                reader = self._readers[name, partition] = _Reader(self.address, name, partition)
        return reader

    @contextmanager
    def _crash_only(self) -> Iterator[None]:
        if self._lost is not None:
            msg = f"{self.address}: {self._lost}"
            raise BusLost(msg)
        try:
            yield
        except (StreamGap, NoStream) as error:  # the client is sound, but nothing may go on
            self._lost = str(error)
            raise
        except Exception as error:
            self._lost = f"{type(error).__name__}: {error}"
            msg = f"{self.address}: {self._lost}"
            raise BusLost(msg) from error


class _Reader:
    """One partition of one topic, read in order by a consumer of its own."""

    def __init__(self, address: str, name: str, partition: int) -> None:
        self._name, self._partition = name, partition
        self._at = TopicPartition(name, partition)
        self._next: int | None = None
        self._turn = threading.Lock()
        self._consumer = KafkaConsumer(bootstrap_servers=address.split(","), **COMMON, **CONSUMER)
        try:
            if partition not in self.partitions():
                raise _no_stream(name)
            self._consumer.assign([self._at])
            self.bounds()  # also brings the topic's id
            self.identity = self._topic_id()
        except BaseException:
            self.close()
            raise

    def partitions(self) -> set[int]:
        return self._consumer.partitions_for_topic(self._name) or set()

    def bounds(self) -> tuple[int, int]:
        """Offsets of the earliest record kept, and behind the last."""
        with self._turn:
            first = self._consumer.beginning_offsets([self._at])[self._at]
            return first, self._consumer.end_offsets([self._at])[self._at]

    def read(self, after: int, limit: int, wait_ms: int) -> list[Stored]:
        with self._turn:
            offset = ports.split(after)[1]
            if offset == -1:
                offset = self._consumer.beginning_offsets([self._at])[self._at] - 1
            if self._next != offset + 1:
                self._consumer.seek(self._at, offset + 1)
                self._next = offset + 1
            try:
                records = self._poll(limit, wait_ms) or self._poll_to_end(limit)
            except OffsetOutOfRangeError as error:
                first = self._consumer.beginning_offsets([self._at])[self._at]
                end = self._consumer.end_offsets([self._at])[self._at]
                raise StreamGap(self._name, after, first, end) from error
            if self._topic_id() != self.identity:
                raise StreamGap(self._name, after, 0, 0)  # another topic of the same name
            if records:
                self._next = records[-1].offset + 1
            return [self._stored(record) for record in records]

    def _poll(self, limit: int, wait_ms: int) -> list[Any]:
        records: list[Any] = self._consumer.poll(wait_ms, max_records=limit).get(self._at, [])
        return records

    def _poll_to_end(self, limit: int) -> list[Any]:
        """Nothing came in time: make sure that nothing is there, or wait for what is."""
        end = self._consumer.end_offsets([self._at])[self._at]
        give_up_s = time.monotonic() + CATCH_UP_S
        while (reached := self._consumer.position(self._at)) < end:
            if records := self._poll(limit, 50):
                return records
            if time.monotonic() > give_up_s:
                msg = f"{self._name}: the leader says {end} records, none comes after {reached}"
                raise BusLost(msg)
        return []

    def _topic_id(self) -> str:
        return str(self._consumer._client.cluster.topic_id(self._name))  # noqa: SLF001

    def _stored(self, record: Any) -> Stored:  # noqa: ANN401 - the client is untyped
        return Stored(
            ports.position(self._partition, record.offset),
            record.value or b"",
            tuple((name, value or b"") for name, value in record.headers),
            record.timestamp,
            record.key,
        )

    def close(self) -> None:
        with suppress(Exception):
            self._consumer.close(autocommit=False, timeout_ms=1_000)


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


def _no_stream(name: str) -> NoStream:
    return NoStream(f"no topic {name}; make it with: qinwu topics create DIR")
