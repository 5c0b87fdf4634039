"""The engine on a real broker: a second engine, erased and recreated topics, foreign markers."""

import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from districts import small_district
from engines import Station, settle
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition

from config.ids import AreaId
from events import ports
from events.facts import Accepted, Note
from events.frame import Fold, Folded, Frame
from events.kafka import KafkaBus
from events.kafka_topics import create_topics
from events.schema import event


@pytest.fixture
def station(tmp_path: Path, kafka: str) -> Iterator[Station]:
    """A station with topics of its own."""
    area = AreaId(f"e{uuid.uuid4().hex[:8]}")
    create_topics(kafka, area)
    bus = KafkaBus(kafka)
    yield Station(small_district(tmp_path / "d", brigade=area), bus)
    bus.close()


def area_of(station: Station) -> AreaId:
    """Its brigade."""
    return AreaId(station.district.settings.brigade)


def report(station: Station, name: str, address: str) -> None:
    """Send an incident over a connection of its own."""
    raw = event("incident_reported", {"kind": "crash", "severity": "damage", "junction": "n11"},
                source="test", id=name, time="2026-11-30T01:00:00Z")  # fmt: skip
    bus = KafkaBus(address)
    bus.send(ports.inbox(area_of(station)), [ports.Record(raw)])
    bus.close()


def frames(station: Station, address: str) -> list[Frame]:
    """The accepted frames."""
    bus = KafkaBus(address)
    fold = Fold(area_of(station))
    stored = bus.journal(ports.journal(fold.area)).read(-1, 5000)
    taken = [fold.accept(one.position, one.value) for one in stored]
    bus.close()
    return [one.frame for one in taken if isinstance(one, Folded)]


def accepted(station: Station, address: str) -> list[str]:
    """The events that were taken, in order."""
    return [f.event for frame in frames(station, address) for f in frame.facts
            if isinstance(f, Accepted)]  # fmt: skip


def noted(station: Station, address: str) -> list[Note]:
    """The alarms about lost records."""
    return [f for frame in frames(station, address) for f in frame.facts
            if isinstance(f, Note) and f.key == "run.inbox_gap"]  # fmt: skip


def test_two_engines_take_each_event_once(station: Station, kafka: str) -> None:
    """Real conflicts: each sees its frame land behind the other's."""
    other = KafkaBus(kafka)
    one, two = station.engine(writer="one"), station.engine(writer="two", bus=other, cached=False)
    for n in range(6):
        report(station, str(n), kafka)
        one.turn(200)
        two.turn(200)
    settle(one)
    settle(two)
    other.close()
    assert accepted(station, kafka) == [f"test/{n}" for n in range(6)]
    writers = {frame.writer for frame in frames(station, kafka)}
    assert writers == {"one", "two"}


def test_records_erased_while_nobody_ran_are_alarmed(station: Station, kafka: str) -> None:
    """The rest is taken; the position that is gone does not stop the engine for good."""
    report(station, "a", kafka)
    settle(station.engine())
    for name in ("b", "c", "d"):
        report(station, name, kafka)
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.delete_records({TopicPartition(ports.inbox(area_of(station)), 0): 3})
    admin.close()
    station.bus = KafkaBus(kafka)
    settle(station.engine(writer="next"))
    [gap] = noted(station, kafka)
    assert gap.fields == {"first": 1, "to": 2}
    assert accepted(station, kafka) == ["test/a", "test/d"]


def test_an_inbox_made_anew_is_read_from_its_beginning(station: Station, kafka: str) -> None:
    """Its positions begin at 0 again; the engine says so and goes on."""
    for name in ("a", "b"):
        report(station, name, kafka)
    settle(station.engine())
    inbox = ports.inbox(area_of(station))
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.delete_topics([inbox])
    give_up_s = time.monotonic() + 10
    while inbox in admin.list_topics() and time.monotonic() < give_up_s:
        time.sleep(0.05)
    admin.close()
    create_topics(kafka, area_of(station))
    report(station, "c", kafka)
    for writer in ("next", "after"):  # the one after goes on where the next stood
        station.bus = KafkaBus(kafka)
        settle(station.engine(writer=writer))
    assert len(noted(station, kafka)) == 1
    assert accepted(station, kafka) == ["test/a", "test/b", "test/c"]


def test_markers_of_foreign_transactions_in_the_inbox_lose_nothing(
    station: Station, kafka: str
) -> None:
    """Their offsets hold no record; nothing is alarmed over a restart."""
    inbox = ports.inbox(area_of(station))
    foreign = KafkaProducer(bootstrap_servers=kafka, transactional_id=f"f-{inbox}")
    foreign.init_transactions()
    for name in ("a", "b"):
        told = {"kind": "crash", "severity": "damage", "junction": "n22"}
        raw = event("incident_reported", told, source="f", id=name, time="2026-11-30T01:00:00Z")
        foreign.begin_transaction()
        foreign.send(inbox, raw, partition=0)
        foreign.commit_transaction()
        settle(station.engine(writer=name))
    foreign.close()
    assert accepted(station, kafka) == ["f/a", "f/b"]
    assert noted(station, kafka) == []
