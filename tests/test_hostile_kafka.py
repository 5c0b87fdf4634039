"""Clients of the cluster that mean no good, or speak another dialect: they stop no reader."""

import subprocess
import uuid
from collections.abc import Iterator

import pytest
from kafka_proxy import Proxy

from config.ids import AreaId
from events import ports
from events.kafka import KafkaBus
from events.kafka_reader import COMMON
from events.kafka_topics import create_topics
from events.ports import Record
from events.samples import samples
from events.schema import Envelope, parse


@pytest.fixture
def inbox(kafka: str) -> str:
    """The inbox of an area with its topics."""
    area = AreaId(f"f{uuid.uuid4().hex[:10]}")
    create_topics(kafka, area)
    return ports.inbox(area)


@pytest.fixture
def bus(kafka: str) -> Iterator[KafkaBus]:
    """A connection."""
    bus = KafkaBus(kafka)
    yield bus
    bus.close()


def sent_by_kcat(kcat: str, bus: KafkaBus, topic: str, value: bytes, *options: bytes) -> None:
    """One record of a foreign client."""
    broker = bus.address.removeprefix("kafka://")
    subprocess.run(  # noqa: S603
        [kcat.encode(), b"-b", broker.encode(), b"-P", b"-t", topic.encode(), b"-X", b"acks=all",
         *options],
        input=value, check=True,
    )  # fmt: skip


@pytest.mark.parametrize("name", [b"\xff\xfe", b"ce_\xe9", b"\x80"])
def test_a_header_name_that_is_no_text_stops_nobody(
    kcat: str, inbox: str, bus: KafkaBus, name: bytes
) -> None:
    """The record is read like any other, with all that is text, and so is the next."""
    told = samples()["incident_reported"]
    sent_by_kcat(kcat, bus, inbox, told, b"-H", name + b"=1", b"-H", "车=1".encode())
    bus.send(inbox, [Record(b"next")])
    first, second = bus.read(inbox, wait_ms=5000)
    assert isinstance(parse(first.value, first.headers), Envelope)
    assert dict(first.headers)["车"] == b"1"
    assert second.value == b"next"


@pytest.mark.parametrize("codec", [b"none", b"gzip", b"snappy", b"lz4", b"zstd"])
def test_a_foreign_clients_compression_stops_nobody(
    kcat: str, inbox: str, bus: KafkaBus, codec: bytes
) -> None:
    """Whatever a client compresses with, the topic stores what we can read."""
    sent_by_kcat(kcat, bus, inbox, b"x" * 5000, b"-z", codec)
    assert [one.value for one in bus.read(inbox, wait_ms=5000)] == [b"x" * 5000]


def test_topics_that_come_late_are_waited_for(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker with much to do answers after the client gave up, and makes them all the same."""
    area = AreaId(f"late{uuid.uuid4().hex[:8]}")
    monkeypatch.setitem(COMMON, "request_timeout_ms", 900)
    proxy = Proxy(kafka, late=b"cleanup.policy", late_s=2.5)
    made = create_topics(proxy.address, area)
    proxy.close()
    assert {one.outcome for one in made} == {"created"}
