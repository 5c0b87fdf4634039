"""Making an area's topics: the only way they come to be (`qinwu topics create`)."""

from typing import Any, Literal, NamedTuple

from kafka import KafkaAdminClient
from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from config.ids import AreaId
from events.kafka_log import quieten
from events.kafka_reader import COMMON
from events.ports import STREAM_KINDS, BusLost, StreamKind, stream

_WAIT_MS = 10_000
_BATCH_ROOM_BYTES = 64 * 1024  # of a batch's own frame around a largest record


class Topic(NamedTuple):
    """What became of a topic."""

    name: str
    outcome: Literal["created", "exists"]


def topic_settings(kind: StreamKind, brokers: int) -> dict[str, str]:
    """The settings of a topic, FORMATS "Streams" and METHODS §4 "Journal topic"."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(-1 if kind.kept_ms is None else kind.kept_ms),
        "retention.bytes": "-1",
        "max.message.bytes": str(kind.largest_bytes + _BATCH_ROOM_BYTES),
        # The broker's clock: `stored_ms` and erasing do not depend on what a client claims.
        "message.timestamp.type": "LogAppendTime",
        # The broker stores anew what clients packed as no reader here can unpack it (snappy, lz4).
        "compression.type": "zstd",
        "unclean.leader.election.enable": "false",
        "min.insync.replicas": str(_insync(brokers)),
    }


def create_topics(address: str, area: AreaId, positions_partitions: int = 1) -> list[Topic]:
    """Make the topics that are missing, replicated on up to three brokers.

    Raises:
        BusLost: The cluster is not reached or refuses.
    """
    quieten()
    options: dict[str, Any] = {
        key: value for key, value in COMMON.items() if key in KafkaAdminClient.DEFAULT_CONFIG
    }
    try:
        admin = KafkaAdminClient(bootstrap_servers=address.split(","), **options)
        try:
            return _created(admin, area, positions_partitions)
        finally:
            admin.close()
    except Exception as error:
        msg = f"{address}: {type(error).__name__}: {error}"
        raise BusLost(msg) from error


def _created(admin: KafkaAdminClient, area: AreaId, positions_partitions: int) -> list[Topic]:
    brokers = len(admin.describe_cluster()["brokers"])
    there = set(admin.list_topics())
    names = {kind: stream(area, kind.suffix) for kind in STREAM_KINDS}
    new = [
        NewTopic(
            name=name,
            num_partitions=positions_partitions if kind.suffix == "positions" else 1,
            replication_factor=min(3, brokers),
            topic_configs=topic_settings(kind, brokers),
        )
        for kind, name in names.items()
        if name not in there
    ]
    if new:
        try:
            admin.create_topics(new, timeout_ms=_WAIT_MS)
        except KafkaError as error:
            # An answer that comes too late undoes nothing; asked again, the broker has them by now.
            if not (error.retriable or isinstance(error, TopicAlreadyExistsError)):
                raise
    admin.wait_for_topics([*names.values()], timeout_ms=_WAIT_MS)  # until each has a leader
    return [Topic(name, "exists" if name in there else "created") for name in names.values()]


def _insync(brokers: int) -> int:
    return 2 if brokers >= 3 else 1
