"""What a cluster is and how its topics are set, compared with what they should be; asks only."""

from typing import Any, NamedTuple

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from config.ids import AreaId
from events.kafka_log import quieten
from events.kafka_reader import COMMON
from events.kafka_topics import topic_settings
from events.ports import STREAM_KINDS, BusLost, StreamKind, stream

AT_LEAST = frozenset({"min.insync.replicas", "max.message.bytes"})
"""Settings of which more does no harm."""


class Fault(NamedTuple):
    """A topic's setting, or its partitions, that are not as FORMATS has them."""

    topic: str
    setting: str
    have: str
    wanted: str


class Cluster(NamedTuple):
    """What the doctor asks of a cluster."""

    brokers: int
    version: tuple[int, ...]
    missing: tuple[str, ...]
    faults: tuple[Fault, ...]


def topic_faults(address: str, area: AreaId) -> tuple[Fault, ...]:
    """What is set wrongly; topics that are missing are not said here.

    Raises:
        BusLost: The cluster is not reached or refuses.
    """
    return look(address, area).faults


def look(address: str, area: AreaId) -> Cluster:
    """The cluster and an area's topics on it.

    Raises:
        BusLost: The cluster is not reached or refuses.
    """
    quieten()
    known = KafkaAdminClient.DEFAULT_CONFIG
    options: dict[str, Any] = {key: value for key, value in COMMON.items() if key in known}
    try:
        admin = KafkaAdminClient(bootstrap_servers=address.split(","), **options)
        try:
            return _looked(admin, area)
        finally:
            admin.close()
    except Exception as error:
        msg = f"{address}: {type(error).__name__}: {error}"
        raise BusLost(msg) from error


def _looked(admin: KafkaAdminClient, area: AreaId) -> Cluster:
    nodes = admin.describe_cluster()["brokers"]
    brokers = len(nodes)
    there = set(admin.list_topics())
    kinds = {stream(area, kind.suffix): kind for kind in STREAM_KINDS}
    present = [name for name in kinds if name in there]
    faults: list[Fault] = []
    if present:
        wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in present]
        told = admin.describe_configs(wanted, config_filter="all")["topic"]
        for name in present:
            have = {key: str(entry["value"]) for key, entry in told[name].items()}
            faults += _faults(name, kinds[name], have, brokers)
        for topic in admin.describe_topics(present):
            count = len(topic["partitions"])
            if count != 1 and not topic["name"].endswith(".positions"):
                faults.append(Fault(topic["name"], "partitions", str(count), "1"))
    missing = tuple(name for name in kinds if name not in there)
    version = _version(admin, nodes[0]["broker_id"])
    return Cluster(brokers, version, missing, tuple(faults))


def _faults(name: str, kind: StreamKind, have: dict[str, str], brokers: int) -> list[Fault]:
    found = []
    for setting, wanted in topic_settings(kind, brokers).items():
        held = have.get(setting, "")
        if held == wanted or _more(setting, held, wanted):
            continue
        found.append(Fault(name, setting, held, wanted))
    return found


def _more(setting: str, held: str, wanted: str) -> bool:
    """Whether it is more than wanted, where more does no harm.

    Retention is not of that kind: fixes and rejected bytes must go when their time is over.
    """
    if setting not in AT_LEAST:
        return False
    try:
        return int(held) >= int(wanted)
    except ValueError:
        return False


def _version(admin: KafkaAdminClient, broker: int) -> tuple[int, ...]:
    return tuple(admin.get_broker_version_data(broker).broker_version)
