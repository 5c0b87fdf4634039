"""The producer for other services: over a file, a door and a real broker, and when they fail."""

import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from broker import Broker
from districts import small_district

from config.errors import BadInput
from config.ids import AreaId
from events import ports
from events.connect import area_of
from events.door import Door
from events.kafka import KafkaBus
from events.kafka_topics import create_topics
from events.producer import Limits, Producer, QueueFull, Undelivered
from events.schema import Envelope, parse
from events.sqlite import SqliteBus

SOON = Limits(give_up_s=0.5)


def tell(producer: Producer, first: int, last: int) -> None:
    """Incidents with these numbers as ids."""
    for number in range(first, last):
        producer.send(
            "incident_reported", {"kind": "crash", "place": "p1"}, source="cam", id=str(number)
        )


def ids(records: list[ports.Stored]) -> list[int]:
    """The numbers of stored incidents, in order."""
    read = [parse(record.value) for record in records]
    return [int(one.id) for one in read if isinstance(one, Envelope)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district nobody runs."""
    return small_district(tmp_path / "d")


@pytest.fixture
def bus(folder: Path) -> Iterator[SqliteBus]:
    """The folder's own file, owned by this process."""
    bus = SqliteBus(folder / "duty.db")
    yield bus
    bus.close()


def test_events_arrive_in_order_over_a_file(folder: Path) -> None:
    """Nobody runs the district: the producer takes its file; fixes go to their stream."""
    fix = {"unit": "t1", "device": "d1", "crs": "WGS-84", "lon": 120.1, "lat": 30.2,
           "at": "2026-12-03T07:42:12+08:00"}  # fmt: skip
    with Producer(folder) as producer:
        tell(producer, 0, 250)
        producer.send("position_reported", fix, source="pda", id="f1")
        tell(producer, 250, 500)
    assert producer.sent == 501
    read = SqliteBus(folder / "duty.db")
    assert ids(read.read("hz.inbox", limit=1000)) == list(range(500))
    assert [record.key for record in read.read("hz.positions")] == [b"t1"]
    read.close()


def test_events_arrive_over_a_door(folder: Path, bus: SqliteBus) -> None:
    """While a worker owns the file; the door knows whose it is."""
    door = Door(bus, area_of(folder), folder)
    with Producer(door.start()) as producer:
        tell(producer, 0, 300)
    door.stop()
    assert ids(bus.read("hz.inbox")) == list(range(300))


def test_a_door_that_opens_late_and_elsewhere_is_found(folder: Path, bus: SqliteBus) -> None:
    """The worker is started again on another port: a producer on the folder follows it."""
    door = Door(bus, area_of(folder), folder)
    door.start()
    producer = Producer(folder)
    tell(producer, 0, 10)
    producer.flush(10)
    door.stop()
    tell(producer, 10, 20)
    door = Door(bus, area_of(folder), folder)
    door.start()
    producer.close()
    door.stop()
    assert ids(bus.read("hz.inbox")) == list(range(20))


def test_events_arrive_on_kafka(kafka: str) -> None:
    """The area names the topics."""
    area = AreaId(f"p{uuid.uuid4().hex[:10]}")
    create_topics(kafka, area)
    with Producer(f"kafka://{kafka}", area=area) as producer:
        tell(producer, 0, 500)
    reader = KafkaBus(kafka)
    assert ids(reader.read(ports.inbox(area), limit=1000)) == list(range(500))
    reader.close()


def test_a_broker_that_dies_and_comes_back_loses_nothing(private_kafka: Broker) -> None:
    """The same events are sent again with the same ids: the engine takes each once."""
    area = AreaId("p")
    create_topics(private_kafka.address, area)
    with Producer(f"kafka://{private_kafka.address}", area=area) as producer:
        tell(producer, 0, 100)
        producer.flush(30)
        private_kafka.kill()
        tell(producer, 100, 200)
        time.sleep(1)  # it notices, and tries
        private_kafka.start()
        tell(producer, 200, 300)
    reader = KafkaBus(private_kafka.address)
    stored = ids(reader.read(ports.inbox(area), limit=1000))
    reader.close()
    assert list(dict.fromkeys(stored)) == list(range(300))


def test_what_could_not_be_delivered_is_raised_with_its_bytes() -> None:
    """By close, by the next send and by flush; the service can keep them."""
    producer = Producer("http://127.0.0.1:9", limits=SOON)
    tell(producer, 0, 3)
    with pytest.raises(Undelivered) as flushed:
        producer.flush()
    with pytest.raises(Undelivered):
        tell(producer, 3, 4)
    with pytest.raises(Undelivered, match="3 events may not have arrived"):
        producer.close()
    read = [parse(raw) for raw in flushed.value.events]
    assert [one.id for one in read if isinstance(one, Envelope)] == ["0", "1", "2"]
    producer.close()  # said once


def test_missing_topics_are_said_at_once(kafka: str) -> None:
    """Trying again would not make them."""
    begun_s = time.monotonic()
    producer = Producer(f"kafka://{kafka}", area="nobody")
    tell(producer, 0, 1)
    with pytest.raises(Undelivered, match="no_stream"):
        producer.close()
    assert time.monotonic() - begun_s < 30


def test_a_full_queue_refuses_where_it_was_asked_to() -> None:
    """Nothing is dropped: the event that has no room is the caller's again."""
    producer = Producer(
        "http://127.0.0.1:9", limits=Limits(most=5, when_full="refuse", give_up_s=9)
    )
    tell(producer, 0, 5)
    with pytest.raises(QueueFull):
        tell(producer, 5, 6)
    with pytest.raises(Undelivered) as left:
        producer.flush(0.01)
    assert len(left.value.events) == 5


def test_a_full_queue_holds_the_sender_back(folder: Path, bus: SqliteBus) -> None:
    """Until the bus is there again; then all arrive."""
    producer = Producer(folder, limits=Limits(most=5))
    teller = threading.Thread(target=tell, args=(producer, 0, 20))
    teller.start()
    time.sleep(0.3)  # this process owns the file and has no door: nothing goes out
    assert teller.is_alive()
    door = Door(bus, area_of(folder), folder)
    door.start()
    teller.join(30)
    producer.close()
    door.stop()
    assert ids(bus.read("hz.inbox")) == list(range(20))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("incident_reported", {"kind": "crsh", "place": "p"}, "kind"),
        ("incident", {"kind": "crash"}, "no event 'incident'"),
        ("incident_reported", {"kind": "crash", "text": "a\0b"}, "nul"),
        ("incident_reported", {"kind": "crash", "text": "x", "lon": float("nan")}, "not JSON"),
    ],
)
def test_what_is_no_event_is_refused_before_it_is_sent(
    name: str, data: dict[str, object], said: str, folder: Path
) -> None:
    """The caller's own line raises, not a thread later."""
    with Producer(folder) as producer, pytest.raises(ValueError, match=said):
        producer.send(name, data, source="cam", id="1")
    assert producer.sent == 0


def test_a_closed_producer_takes_nothing(folder: Path) -> None:
    """What is handed over after close would be lost in silence."""
    with Producer(folder) as producer:
        pass
    with pytest.raises(Undelivered):
        tell(producer, 0, 1)


def test_an_address_without_an_area_is_refused() -> None:
    """A broker serves several brigades."""
    with pytest.raises(BadInput):
        Producer("kafka://127.0.0.1:9092")
