"""What only a real broker can do to us: missing topics, retention, markers, foreign clients."""

import logging
import subprocess
import time
import uuid
from collections.abc import Iterator

import pytest
from broker import Broker
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

from config.ids import AreaId
from events import kafka as adapter
from events import ports
from events.kafka import KafkaBus
from events.kafka_log import Sparse
from events.kafka_reader import IDENTITY_APART_S
from events.kafka_topics import create_topics
from events.ports import BusLost, NoStream, Record, StreamGap
from events.samples import samples
from events.schema import Envelope, parse


@pytest.fixture
def area(kafka: str) -> AreaId:
    """An area with its topics."""
    name = AreaId(f"k{uuid.uuid4().hex[:10]}")
    create_topics(kafka, name)
    return name


@pytest.fixture
def bus(kafka: str) -> Iterator[KafkaBus]:
    """A connection."""
    bus = KafkaBus(kafka)
    yield bus
    bus.close()


@pytest.fixture
def admin(kafka: str) -> Iterator[KafkaAdminClient]:
    """Somebody who may delete."""
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    yield admin
    admin.close()


def test_topics_have_the_settings_of_the_format(
    kafka: str, area: AreaId, admin: KafkaAdminClient
) -> None:
    """Retention, sizes and safety of each topic are what FORMATS says, asked of the broker."""
    names = ports.streams_of(area)
    wanted = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    told = admin.describe_configs(wanted, config_filter="all")["topic"]
    for kind, name in zip(ports.STREAM_KINDS, names, strict=True):
        have = {key: entry["value"] for key, entry in told[name].items()}
        assert have["retention.ms"] == str(-1 if kind.kept_ms is None else kind.kept_ms)
        assert int(have["max.message.bytes"]) > kind.largest_bytes
        assert have["cleanup.policy"] == "delete"
        assert have["unclean.leader.election.enable"] == "false"
        assert have["message.timestamp.type"] == "LogAppendTime"
    assert {topic.outcome for topic in create_topics(kafka, area)} == {"exists"}


def test_a_missing_topic_is_named_with_its_remedy(kafka: str, admin: KafkaAdminClient) -> None:
    """No topic comes to be by a typo, in reading or in sending."""
    with pytest.raises(NoStream, match="no_stream"):
        KafkaBus(kafka).send("nowhere.inbox", [Record(b"x")])
    with pytest.raises(NoStream, match="no_stream"):
        KafkaBus(kafka).read("nowhere.inbox")
    with pytest.raises(NoStream, match="no_stream"):
        KafkaBus(kafka).journal("nowhere.journal").append(b"x", 0)
    assert "nowhere.inbox" not in admin.list_topics()


def test_an_absent_broker_is_said_within_seconds() -> None:
    """A refused port is BusLost after the bootstrap time, not after half a minute."""
    started_s = time.monotonic()
    with pytest.raises(BusLost):
        KafkaBus("127.0.0.1:1").read("hz.inbox")
    assert time.monotonic() - started_s < 8


def test_a_broker_that_dies_is_lost_and_found_again(private_kafka: Broker) -> None:
    """A killed broker is BusLost within seconds; a new connection finds everything again."""
    name = ports.inbox("hz")
    create_topics(private_kafka.address, AreaId("hz"))
    bus = KafkaBus(private_kafka.address)
    bus.send(name, [Record(b"before")])
    assert [r.value for r in bus.read(name)] == [b"before"]
    private_kafka.kill()
    started_s = time.monotonic()
    with pytest.raises(BusLost):
        bus.read(name, 0)
    assert time.monotonic() - started_s < 8
    bus.close()
    private_kafka.start()
    again = KafkaBus(private_kafka.address)
    assert again.send(name, [Record(b"after")]) == [1]
    assert [r.value for r in again.read(name)] == [b"before", b"after"]
    again.close()


def test_erased_records_are_a_gap_not_a_silent_start(
    area: AreaId, bus: KafkaBus, admin: KafkaAdminClient, kafka: str
) -> None:
    """A reader whose next record was erased is refused; one that asks for what is kept is not."""
    name = ports.inbox(area)
    bus.send(name, [Record(b"%d" % n) for n in range(5)])
    admin.delete_records({TopicPartition(name, 0): 3})
    assert [r.position for r in bus.read(name)] == [3, 4]
    assert [r.position for r in KafkaBus(kafka).read(name, 2)] == [3, 4]
    with pytest.raises(StreamGap):
        KafkaBus(kafka).read(name, 1)


def test_a_recreated_topic_is_noticed(
    kafka: str, area: AreaId, bus: KafkaBus, admin: KafkaAdminClient
) -> None:
    """A topic deleted and made anew has another identity, and an open reader does not go on."""
    name = ports.inbox(area)
    bus.send(name, [Record(b"old")])
    identity = bus.identity(name)
    assert [r.value for r in bus.read(name)] == [b"old"]
    admin.delete_topics([name])
    give_up_s = time.monotonic() + 10
    while name in admin.list_topics() and time.monotonic() < give_up_s:
        time.sleep(0.05)
    create_topics(kafka, area)
    fresh = KafkaBus(kafka)
    fresh.send(name, [Record(b"new 1"), Record(b"new 2")])
    assert fresh.identity(name) != identity
    time.sleep(IDENTITY_APART_S)
    with pytest.raises(StreamGap):  # never a silent "new 2"
        bus.read(name, 0)


def test_markers_of_foreign_transactions_are_stepped_over(
    kafka: str, area: AreaId, bus: KafkaBus
) -> None:
    """Offsets without a record stop neither reading nor `last`."""
    name = ports.inbox(area)
    foreign = KafkaProducer(bootstrap_servers=kafka, transactional_id=f"f-{area}")
    foreign.init_transactions()
    for value in (b"a", b"b"):
        foreign.begin_transaction()
        foreign.send(name, value, partition=0)
        foreign.commit_transaction()
    foreign.close()
    found = bus.read(name)
    assert [(r.position, r.value) for r in found] == [(0, b"a"), (2, b"b")]
    assert bus.read(name, 2) == []
    last = KafkaBus(kafka).last(name)
    assert last is not None
    assert (last.position, last.value) == (2, b"b")


def test_a_foreign_clients_odd_records_are_read(kafka: str, area: AreaId, bus: KafkaBus) -> None:
    """A tombstone has an empty value; compression of another kind is understood."""
    name = ports.inbox(area)
    foreign = KafkaProducer(bootstrap_servers=kafka, compression_type="gzip")
    foreign.send(name, None, key=b"tombstone", partition=0)
    foreign.send(name, b"x" * 100_000, partition=0)
    foreign.close()
    assert [r.value for r in bus.read(name)] == [b"", b"x" * 100_000]


@pytest.mark.parametrize("name", ["incident_reported", "duty_rostered"])
def test_kcat_sends_a_structured_event(kafka: str, area: AreaId, bus: KafkaBus, name: str) -> None:
    """Any client in any language can send; here kcat with an event as value."""
    value = samples()[name]
    command = ["kcat", "-b", kafka, "-P", "-t", ports.inbox(area), "-X", "acks=all"]
    try:
        subprocess.run(command, input=value, check=True, capture_output=True)  # noqa: S603
    except FileNotFoundError:
        pytest.skip("kcat is not installed")
    found = bus.read(ports.inbox(area))
    assert [r.value for r in found] == [value]
    assert isinstance(parse(found[0].value, found[0].headers), Envelope)


def test_many_records_are_sent_in_order_under_the_cap(
    area: AreaId, bus: KafkaBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client has no limit of memory, so ours waits for each chunk; order and all stay."""
    monkeypatch.setattr(adapter, "UNACKNOWLEDGED_RECORDS", 7)
    monkeypatch.setattr(adapter, "UNACKNOWLEDGED_BYTES", 3000)
    values = [b"%d" % n * (1 + n % 900) for n in range(100)]
    assert bus.send(ports.inbox(area), [Record(v) for v in values]) == list(range(100))
    assert [r.value for r in bus.read(ports.inbox(area))] == values
    assert max(len(chunk) for chunk in adapter._chunks([Record(b"")] * 100)) == 7


def test_a_storm_of_log_lines_becomes_one_with_a_count(caplog: pytest.LogCaptureFixture) -> None:
    """One line in ten seconds of each kind, and how many were left out."""
    now_s = [0.0]
    handler = Sparse(logging.getLogger("qinwu.kafka"), clock=lambda: now_s[0])
    storm = logging.getLogger("storm")
    storm.propagate = False
    storm.addHandler(handler)
    for tick in (0.0, 1.0, 9.9, 10.1):
        now_s[0] = tick
        storm.error("refused %d", tick)
    assert [record.getMessage() for record in caplog.records] == [
        "refused 0",
        "refused 10 (and 2 like it)",
    ]


def test_the_clients_word_for_a_busy_machine_reaches_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An operator can do nothing about it."""
    storm = logging.getLogger("busy")
    storm.propagate = False
    storm.addHandler(Sparse(logging.getLogger("qinwu.kafka")))
    storm.warning("Task %s ran for %.3f secs, blocking the event loop", "poll", 0.3)
    storm.warning("refused")
    assert [record.getMessage() for record in caplog.records] == ["refused"]
