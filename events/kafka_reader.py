"""Reading from Kafka: one consumer for each partition read, and one that only asks for offsets."""

import threading
import time
from contextlib import suppress
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import OffsetOutOfRangeError

from events import ports
from events.ports import BusLost, NoStream, Stored, StreamGap

REQUEST_MS = 4_000  # a paused leader costs this, not the client's 30 s
CATCH_UP_S = 10.0  # `end_offsets` promised records: the longest they may take to come
COMMON: dict[str, Any] = {
    "request_timeout_ms": REQUEST_MS,
    "bootstrap_timeout_ms": 5_000,
    "reconnect_backoff_max_ms": 1_000,
    "allow_auto_create_topics": False,
    "metrics_enabled": False,
}
_CONSUMER: dict[str, Any] = {
    "group_id": None,
    "enable_auto_commit": False,
    "auto_offset_reset": "none",
    # Foreign clients may use transactions on the inbox; waiting for theirs to end would let one
    # hung client stop all dispatch, so records are read as they come.
    "isolation_level": "read_uncommitted",
    # A fetch that waits holds up a seek on its connection; it answers at once when a record comes.
    "fetch_max_wait_ms": 100,
    "max_partition_fetch_bytes": 4 * 1024 * 1024,
    "fetch_max_bytes": 16 * 1024 * 1024,
}


class Scout:
    """Asks for partitions, offsets and topic ids, on a connection that no fetch occupies."""

    def __init__(self, address: str) -> None:
        self._turn = threading.Lock()
        self._consumer = KafkaConsumer(bootstrap_servers=address.split(","), **COMMON, **_CONSUMER)
        self._partitions: dict[str, int] = {}

    def partitions(self, name: str) -> int:
        """How many; asked once, since it is fixed when the topic is made. NoStream when none."""
        with self._turn:
            if name not in self._partitions:
                self._partitions[name] = len(self._consumer.partitions_for_topic(name) or ())
            if not self._partitions[name]:
                msg = f"no topic {name}; make it with: qinwu topics create DIR"
                raise NoStream(msg)
            return self._partitions[name]

    def identity(self, name: str) -> str:
        """The id of the topic as it is now."""
        with self._turn:
            self._consumer.partitions_for_topic(name)
            return str(self._consumer._client.cluster.topic_id(name))  # noqa: SLF001

    def bounds(self, name: str, partition: int) -> tuple[int, int]:
        """Offset of the earliest record kept, and the one behind the last."""
        return self.first(name, partition), self.end(name, partition)

    def first(self, name: str, partition: int) -> int:
        """Offset of the earliest record kept."""
        at = TopicPartition(name, partition)
        with self._turn:
            return int(self._consumer.beginning_offsets([at])[at])

    def end(self, name: str, partition: int) -> int:
        """Offset behind the last record; may be stale after a leader change, never too high."""
        at = TopicPartition(name, partition)
        with self._turn:
            return int(self._consumer.end_offsets([at])[at])

    def close(self) -> None:
        """Drop the connection."""
        with suppress(Exception):  # a broken client may fail to close as well
            self._consumer.close(autocommit=False, timeout_ms=1_000)


class Reader:
    """One partition of one topic, read in order."""

    def __init__(self, address: str, scout: Scout, name: str, partition: int) -> None:
        self._scout, self._name, self._partition = scout, name, partition
        self._at = TopicPartition(name, partition)
        self._next: int | None = None
        self._turn = threading.Lock()
        if partition >= scout.partitions(name):
            msg = f"{name} has no partition {partition}"
            raise NoStream(msg)
        self.identity = scout.identity(name)
        self._consumer = KafkaConsumer(bootstrap_servers=address.split(","), **COMMON, **_CONSUMER)
        self._consumer.assign([self._at])

    def read(self, after: int, limit: int, wait_ms: int) -> list[Stored]:
        """As `Streams.read`, in this partition."""
        with self._turn:
            self._seek(ports.split(after)[1])
            try:
                records = self._poll(limit, wait_ms) or self._poll_to_end(limit)
            except OffsetOutOfRangeError as error:
                bounds = self._scout.bounds(self._name, self._partition)
                raise StreamGap(self._name, after, *bounds) from error
            # Known to this consumer once it fetches; the scout's was asked when reading began.
            now = self._consumer._client.cluster.topic_id(self._name)  # noqa: SLF001
            if now is not None and str(now) != self.identity:
                raise StreamGap(self._name, after, 0, 0)  # another topic of the same name
            if records:
                self._next = records[-1].offset + 1
            return [self._stored(record) for record in records]

    def close(self) -> None:
        """Drop the connection."""
        with suppress(Exception):
            self._consumer.close(autocommit=False, timeout_ms=1_000)

    def _seek(self, offset: int) -> None:
        """Stand behind `offset`; -1 is before the earliest record kept."""
        start = self._scout.first(self._name, self._partition) if offset == -1 else offset + 1
        if self._next != start:
            self._consumer.seek(self._at, start)
            self._next = start

    def _poll(self, limit: int, wait_ms: int) -> list[Any]:
        records: list[Any] = self._consumer.poll(wait_ms, max_records=limit).get(self._at, [])
        return records

    def _poll_to_end(self, limit: int) -> list[Any]:
        """Nothing came in time: make sure that nothing is there, or wait for what is.

        Standing beyond the end is either a leader that does not know its end yet, or a position
        that is gone; a fetch tells which, by OffsetOutOfRangeError.
        """
        give_up_s = time.monotonic() + CATCH_UP_S
        while (end := self._scout.end(self._name, self._partition)) != self._reached():
            if records := self._poll(limit, 50):
                return records
            if time.monotonic() > give_up_s:
                msg = f"{self._name}: the leader says {end} records, we stand at {self._reached()}"
                raise BusLost(msg)
        return []

    def _reached(self) -> int:
        return int(self._consumer.position(self._at))

    def _stored(self, record: Any) -> Stored:  # noqa: ANN401 - the client is untyped
        return Stored(
            ports.position(self._partition, record.offset),
            record.value or b"",
            tuple((name, value or b"") for name, value in record.headers),
            record.timestamp,
            record.key,
        )
