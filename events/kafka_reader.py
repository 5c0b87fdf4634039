"""Reading from Kafka: one consumer for each partition read, and one that only asks for offsets."""

import threading
import time
from contextlib import suppress
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import OffsetOutOfRangeError, UnknownTopicOrPartitionError

from events import ports
from events.kafka_names import tolerate
from events.ports import BusLost, NoStream, Stored, StreamGap

REQUEST_MS = 4_000  # a paused leader costs this, not the client's 30 s
CATCH_UP_S = 10.0  # `end_offsets` promised records: the longest they may take to come
IDENTITY_APART_S = 0.2  # asking costs 1 ms; a topic cannot be made anew and filled much faster
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
        known = KafkaAdminClient.DEFAULT_CONFIG
        options = {key: value for key, value in COMMON.items() if key in known}
        self._admin = KafkaAdminClient(bootstrap_servers=address.split(","), **options)
        self._partitions: dict[str, int] = {}

    def partitions(self, name: str) -> int:
        """How many; asked once, since it is fixed when the topic is made. NoStream when none."""
        if name not in self._partitions:
            self._partitions[name] = len(self._topic(name)["partitions"])
        return self._partitions[name]

    def identity(self, name: str) -> str:
        """The id of the topic as it is now."""
        return str(self._topic(name)["topic_id"])

    def bounds(self, name: str, partition: int) -> tuple[int, int]:
        """Offset of the earliest record kept, and the one behind the last."""
        return self.first(name, partition), self.end(name, partition)

    def first(self, name: str, partition: int) -> int:
        """Offset of the earliest record kept."""
        return self._offset(name, partition, OffsetSpec.EARLIEST)

    def end(self, name: str, partition: int) -> int:
        """Offset behind the last record; may be stale after a leader change, never too high."""
        return self._offset(name, partition, OffsetSpec.LATEST)

    def close(self) -> None:
        """Drop the connection."""
        with suppress(Exception):  # a broken client may fail to close as well
            self._admin.close()

    def _topic(self, name: str) -> dict[str, Any]:
        with self._turn:
            topic: dict[str, Any] = self._admin.describe_topics([name])[0]
        if topic["error_code"] == UnknownTopicOrPartitionError.errno:
            raise NoStream(name=name)
        if topic["error_code"]:
            msg = f"topic {name}: error {topic['error_code']} of the broker"
            raise BusLost(msg)
        return topic

    def _offset(self, name: str, partition: int, spec: OffsetSpec) -> int:
        at = TopicPartition(name, partition)
        with self._turn:
            return int(self._admin.list_partition_offsets({at: spec})[at].offset)


class Reader:
    """One partition of one topic, read in order."""

    def __init__(self, address: str, scout: Scout, name: str, partition: int) -> None:
        tolerate()
        self._scout, self._name, self._partition = scout, name, partition
        self._at = TopicPartition(name, partition)
        self._next: int | None = None
        self._turn = threading.Lock()
        if partition >= scout.partitions(name):
            raise NoStream(name=f"{name} ({partition})")
        self.identity = scout.identity(name)
        self._checked_s = time.monotonic()
        self._consumer = KafkaConsumer(bootstrap_servers=address.split(","), **COMMON, **_CONSUMER)
        self._consumer.assign([self._at])

    def read(self, after: int, limit: int, wait_ms: int) -> list[Stored]:
        """As `Streams.read`, in this partition."""
        with self._turn:
            self._seek(ports.split(after)[1])
            try:
                records = self._poll(limit, wait_ms) or self._poll_to_end(limit)
            except OffsetOutOfRangeError as error:
                first, end = self._scout.bounds(self._name, self._partition)
                raise StreamGap(name=self._name, after=after, first=first, end=end) from error
            self._check_identity(after)
            if records:
                self._next = records[-1].offset + 1
            return [self._stored(record) for record in records]

    def close(self) -> None:
        """Drop the connection."""
        with suppress(Exception):
            self._consumer.close(autocommit=False, timeout_ms=1_000)

    def _check_identity(self, after: int) -> None:
        """Refuse another topic of the same name: the client fetches by name and would not tell.

        Asked after the records came and before they are handed out.
        """
        if time.monotonic() - self._checked_s < IDENTITY_APART_S:
            return
        if self._scout.identity(self._name) != self.identity:
            raise StreamGap(name=self._name, after=after, first=0, end=0)
        self._checked_s = time.monotonic()

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
