"""The door: events in and streams out over HTTP, for honest visitors and for others."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from districts import small_district
from runs import wait_for

from config.errors import BadInput, Impossible
from config.ids import AreaId
from events import ports, samples, schema
from events.connect import connect
from events.door import Door
from events.http import HttpBus
from events.kafka import KafkaBus
from events.kafka_topics import create_topics
from events.memory import MemoryBus
from events.owners import run_file, running
from events.ports import Record, StreamGap
from events.sqlite import SqliteBus

AREA = AreaId("hz")
EVENT = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
CRASH = samples.samples()["incident_reported"]
FIX = samples.samples()["position_reported"]


class Visit:
    """An open door, and a visitor before it."""

    def __init__(self, folder: Path, bus: ports.Bus, area: AreaId = AREA) -> None:
        """Open the door."""
        self.bus, self.folder, self.area = bus, folder, area
        self.door = Door(bus, area, folder, state=lambda: {"seq": 7, "folder": folder})
        self.url = self.door.start()
        self.client = httpx.Client(base_url=self.url, trust_env=False)

    def post(self, content: Any, kind: str = EVENT, **params: Any) -> httpx.Response:  # noqa: ANN401
        """POST /events."""
        return self.client.post(
            "/events", content=content, params=params, headers={"content-type": kind}
        )

    def inbox(self) -> list[bytes]:
        """Values in the inbox."""
        return [stored.value for stored in self.bus.read(ports.inbox(self.area))]

    def raw(self, text: bytes) -> bytes:
        """What the door answers to bytes on its socket."""
        where = httpx.URL(self.url)
        with socket.create_connection((where.host, where.port or 0), 5) as wire:
            wire.sendall(text)
            return wire.recv(65536)

    def close(self) -> None:
        """Close door and bus."""
        self.client.close()
        self.door.stop()
        self.bus.close()


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Visit]:
    """A door on a file."""
    visit = Visit(tmp_path, SqliteBus(tmp_path / "duty.db"))
    yield visit
    visit.close()


def reply(visit: Visit, event: str) -> Callable[[], None]:
    """An engine that answers the first record of the inbox."""

    def answer() -> None:
        visit.bus.read(ports.inbox(visit.area), wait_ms=5_000)
        told = {"event": event, "outcome": "accepted", "reason": None, "seq": 1}
        visit.bus.send(ports.replies(visit.area), [Record(json.dumps(told).encode())])

    return answer


def test_an_event_is_stored_byte_for_byte(visit: Visit) -> None:
    """202 with its position comes after the commit."""
    spaced = b" " + CRASH.replace(b'"data":', b'"data" : ') + b"\n"
    answer = visit.post(spaced)
    assert answer.status_code == 202
    assert answer.json()["stored"] == [
        {
            "stream": "hz.inbox",
            "position": 0,
            "event": "sample/incident_reported",
            "problem": None,
            "hint": None,
        }
    ]
    assert visit.inbox() == [spaced]


def test_a_batch_keeps_its_order_and_each_events_bytes(visit: Visit) -> None:
    """Numbers of a batch are not written anew; fixes go to their stream."""
    odd = CRASH.replace(b"120.1551", b"120.15510").replace(b"sample", "勤务".encode())
    answer = visit.post(b"[ " + odd + b",\n" + FIX + b" , " + CRASH + b" ]", BATCH)
    assert [one["stream"] for one in answer.json()["stored"]] == [
        "hz.inbox", "hz.positions", "hz.inbox"
    ]  # fmt: skip
    assert visit.inbox() == [odd, CRASH]
    assert [one.value for one in visit.bus.read("hz.positions")] == [FIX]


def test_binary_mode_carries_attributes_in_headers(visit: Visit) -> None:
    """`ce-*` headers become record headers that the parser understands; ids may be Chinese."""
    data = json.dumps(json.loads(CRASH)["data"]).encode()
    said = {
        "ce-specversion": "1.0", "ce-id": "%E5%8B%A4-1", "ce-source": "gw",
        "ce-type": "qinwu.incident_reported.v1", "content-type": "application/json",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }  # fmt: skip
    assert visit.client.post("/events", content=data, headers=said).status_code == 202
    stored = visit.bus.read(ports.inbox(AREA))[0]
    read = schema.parse(stored.value, stored.headers)
    assert isinstance(read, schema.Envelope)
    assert read.event == "gw/勤-1"
    assert dict(stored.headers)["traceparent"].startswith(b"00-0af")


def test_the_reply_is_waited_for(visit: Visit) -> None:
    """`wait_s` gives what the engine said of each event; an old reply is not taken for it."""
    old = {"event": "sample/incident_reported", "outcome": "rejected"}
    visit.bus.send(ports.replies(AREA), [Record(json.dumps(old).encode())])
    engine = threading.Thread(target=reply(visit, "sample/incident_reported"))
    engine.start()
    answer = visit.post(CRASH, wait_s=5)
    engine.join()
    assert answer.json()["replies"] == [
        {"event": "sample/incident_reported", "outcome": "accepted", "reason": None, "seq": 1}
    ]


def test_no_reply_in_time_is_none(visit: Visit) -> None:
    """The event is stored all the same."""
    answer = visit.post(CRASH, wait_s=0.05)
    assert (answer.status_code, answer.json()["replies"]) == (202, [None])
    assert visit.inbox() == [CRASH]


def test_an_event_with_wrong_data_is_stored_with_a_word_of_warning(visit: Visit) -> None:
    """The engine refuses it by an event of its own; the sender hears of it at once."""
    wrong = CRASH.replace(b"120.1551", b"520.1551")
    told = visit.post(wrong).json()["stored"][0]
    assert told["problem"] == "invalid:data.lon:less_than_equal"
    assert told["hint"] == {"at_most": 180}
    assert visit.inbox() == [wrong]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"specversion":', EVENT, 400),
        (b"\xff\xfe", EVENT, 400),
        (b"\xff\xfe", "application/json", 400),
        (b"\0", EVENT, 400),
        (b"", EVENT, 400),
        (CRASH.replace(b"120.1551", b"NaN"), EVENT, 400),
        (CRASH + b"\0", EVENT, 400),
        (b" " * 300_000, EVENT, 400),
        (b"{}", "application/json", 400),
        (b"[]", BATCH, 400),
        (b"[1]", BATCH, 400),
        (b"[" + CRASH + b",]", BATCH, 400),
        (b"[" + CRASH + b"] x", BATCH, 400),
        (b"[" + CRASH, BATCH, 400),
        (b"[" * 200_000, BATCH, 400),
        (b'[{"a":' * 50_000, BATCH, 400),
        (CRASH.replace(b'"1.0"', b'"0.3"'), EVENT, 400),
        (b"[" + CRASH + b',{"a":1}]', BATCH, 400),
        (CRASH, "text/plain", 415),
        (CRASH, "", 415),
        (CRASH, "application/x-www-form-urlencoded", 415),
        (b" " * (1024 * 1024 + 1), EVENT, 413),
    ],
)
def test_what_is_no_event_is_refused_and_nothing_stored(
    visit: Visit, body: bytes, kind: str, status: int
) -> None:
    """A code for programs, a sentence for persons, and the next event is served."""
    answer = visit.post(body, kind)
    assert answer.status_code == status
    assert {"error", "message"} <= answer.json().keys()
    assert visit.inbox() == []
    assert visit.post(CRASH).status_code == 202


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        (CRASH.replace(b"I2026", b"\\u0000"), "nul"),
        (CRASH.replace(b'"data"', b'"more":"' + b"x" * 300_000 + b'","data"'), "oversize"),
        (CRASH.replace(b"incident_reported.v1", b"nothing.v1"), "unknown_type"),
    ],
)
def test_events_that_the_engine_will_refuse_are_stored(
    visit: Visit, event: bytes, problem: str
) -> None:
    """What is a CloudEvent gets into the inbox, so that its refusal is on record."""
    answer = visit.post(event)
    assert answer.status_code == 202
    assert answer.json()["stored"][0]["problem"] == problem
    assert visit.inbox() == [event]


def test_a_body_without_length_is_counted_as_it_comes(visit: Visit) -> None:
    """Chunks add up to the limit as well."""
    kilobytes = (b" " * 65_536 for _ in range(17))
    assert visit.post(kilobytes).status_code == 413
    assert visit.post(iter([CRASH[:100], CRASH[100:]])).status_code == 202
    assert visit.inbox() == [CRASH]


def test_a_slow_body_is_given_up_and_holds_up_nobody(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one visitor dawdles, others are served."""
    monkeypatch.setattr("events.door_guard._BODY_S", 0.3)
    head = b"POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    where = httpx.URL(visit.url)
    with socket.create_connection((where.host, where.port or 0), 5) as wire:
        wire.sendall(head + b"Content-Length: 500\r\n\r\n{")
        assert visit.post(CRASH).status_code == 202
        assert b" 408 " in wire.recv(65536).splitlines()[0]
    assert visit.inbox() == [CRASH]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"GET /state HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        (b"GET /state HTTP/1.1\r\nHost: 127.0.0.1.evil.example\r\n\r\n", 403),
        (b"GET /state HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n", 403),
        (b"GET /state HTTP/1.0\r\n\r\n", 403),
        (b"GET /state HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n", 403),
        (b"GET /state HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n\r\n", 403),
        (b"GET /state HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200),
        (b"GET /state\0 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /streams/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"GET /streams/../../etc HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"NONSENSE\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ],
)
def test_foreign_hosts_and_broken_requests_are_refused(
    visit: Visit, text: bytes, status: int
) -> None:
    """DNS rebinding, pages of other sites, and what is no HTTP."""
    assert int(visit.raw(text).split()[1]) == status
    assert visit.client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/events", 405), ("PUT", "/events", 405), ("DELETE", "/streams/hz.inbox", 405),
        ("POST", "/streams/hz.journal", 405), ("GET", "/nothing", 404), ("GET", "/backup", 405),
        ("GET", "/streams/other.inbox", 404), ("GET", "/streams/hz.nothing", 404),
        ("GET", "/streams/hz.inbox?after=x", 400), ("GET", "/streams/hz.inbox?after=nan", 400),
        ("GET", "/streams/hz.inbox?limit=-1", 400), ("GET", "/streams/hz.inbox?wait_s=1e9", 400),
        ("GET", "/streams/hz.inbox?after=5", 410), ("POST", "/backup", 415),
    ],
)  # fmt: skip
def test_wrong_requests_are_named(visit: Visit, method: str, path: str, status: int) -> None:
    """Wrong method, path, stream, number or position."""
    answer = visit.client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["message"]


def test_appending_to_a_journal_is_not_offered(visit: Visit) -> None:
    """Events cannot be sent into any other stream either."""
    assert visit.post(CRASH, stream="journal").status_code == 404
    with HttpBus(visit.url) as bus, pytest.raises(BadInput):
        bus.journal("hz.journal")


def test_streams_tell_bytes_and_json(visit: Visit) -> None:
    """`value` is base64 of the bytes, `json` the parsed value where there is one."""
    visit.bus.send("hz.rejected", [Record(b"\xff", b"k", (("reason", b"encoding"),)),
                                   Record(b'{"a": NaN}')])  # fmt: skip
    visit.post(CRASH)
    rows = visit.client.get("/streams/hz.rejected").json()["records"]
    assert [(one["position"], one["json"]) for one in rows] == [(0, None), (1, None)]
    assert (rows[0]["value"], rows[0]["headers"]) == ("/w==", [["reason", "ZW5jb2Rpbmc="]])
    told = visit.client.get("/streams/hz.inbox").json()["records"][0]
    assert told["json"] == json.loads(CRASH)


def test_a_reader_waits_for_news(visit: Visit) -> None:
    """`wait_s` answers when a record comes."""
    began_s = time.monotonic()
    timer = threading.Timer(0.2, visit.post, (CRASH,))
    timer.start()
    rows = visit.client.get("/streams/hz.inbox?wait_s=10", timeout=20).json()["records"]
    timer.join()
    assert len(rows) == 1
    assert time.monotonic() - began_s < 5


def test_many_waiting_readers_do_not_hold_up_senders(visit: Visit) -> None:
    """More readers than threads wait; an event is stored at once."""
    with httpx.Client(base_url=visit.url, trust_env=False, timeout=30,
                      limits=httpx.Limits(max_connections=200)) as crowd:  # fmt: skip
        readers = [
            threading.Thread(target=crowd.get, args=("/streams/hz.orders?wait_s=2",))
            for _ in range(80)
        ]
        for reader in readers:
            reader.start()
        began_s = time.monotonic()
        assert visit.post(CRASH).status_code == 202
        assert time.monotonic() - began_s < 1.5
        for reader in readers:
            reader.join()


def test_the_log_is_json_lines(visit: Visit) -> None:
    """The header says where to go on."""
    visit.bus.send("hz.console", [Record(b'{"seq":1}'), Record(b'{"seq":2}')])
    told = visit.client.get("/log")
    assert told.text == '{"seq":1}\n{"seq":2}\n'
    again = visit.client.get("/log", params={"after": told.headers["x-qinwu-position"]})
    assert (again.text, again.headers["x-qinwu-position"]) == ("", "1")


def test_state_is_what_the_worker_says(visit: Visit) -> None:
    """Anything that has a text is told."""
    assert visit.client.get("/state").json() == {"seq": 7, "folder": str(visit.folder)}


def test_a_backup_is_the_whole_store(visit: Visit, tmp_path: Path) -> None:
    """It opens as a bus, and no copy stays behind."""
    visit.post(CRASH)
    with HttpBus(visit.url) as bus:
        bus.backup(tmp_path / "copy.db")
    copy = SqliteBus(tmp_path / "copy.db")
    assert [one.value for one in copy.read("hz.inbox")] == [CRASH]
    copy.close()
    wait_for(lambda: not list((visit.folder / ".qinwu").glob("*.backup")))


def test_only_a_file_can_be_backed_up(tmp_path: Path) -> None:
    """Another bus says so."""
    visit = Visit(tmp_path, MemoryBus())
    with HttpBus(visit.url) as bus, pytest.raises(Impossible):
        bus.backup(tmp_path / "copy.db")
    visit.close()


def test_a_bus_behind_a_door_leaves_the_store_to_its_owner(visit: Visit) -> None:
    """Threads share its connections, and it is not alone with the store nor erases there."""
    visit.post(CRASH)
    with HttpBus(visit.url) as bus:
        assert (bus.address, bus.exclusive, bus.again() is bus) == (visit.url, False, True)
        assert bus.erase(2**52) == 0
        assert [one.value for one in bus.read("hz.inbox")] == [CRASH]


def test_run_json_says_where_while_the_door_is_open(tmp_path: Path) -> None:
    """And is taken away with it."""
    visit = Visit(tmp_path, SqliteBus(tmp_path / "duty.db"))
    found = running(tmp_path)
    assert found is not None
    assert found.url == visit.url
    visit.close()
    assert not run_file(tmp_path).exists()


def test_the_client_half_is_the_bus(visit: Visit) -> None:
    """Send, read, last, partitions, identity and gaps are as on the bus itself."""
    with HttpBus(visit.url) as bus:
        assert bus.area == AREA
        many = [Record(CRASH)] * 3000  # several requests
        assert bus.send("hz.inbox", many) == list(range(3000))
        assert bus.send("hz.positions", [Record(FIX)]) == [0]
        assert bus.read("hz.inbox", 2990) == visit.bus.read("hz.inbox", 2990)
        assert bus.last("hz.inbox") == visit.bus.last("hz.inbox")
        assert bus.last("hz.orders") is None
        assert bus.partitions("hz.positions") == 1
        assert bus.identity("hz.inbox") == visit.bus.identity("hz.inbox")
        with pytest.raises(StreamGap):
            bus.read("hz.inbox", 9999)
        assert bus.state()["seq"] == 7


def test_binary_records_go_through_the_client_half(visit: Visit) -> None:
    """Headers with any character arrive as they were."""
    said = {"specversion": "1.0", "id": "勤 1%", "source": "a/b",
            "type": "qinwu.incident_reported.v1"}  # fmt: skip
    headers = tuple((f"ce_{name}", text.encode()) for name, text in said.items())
    data = json.dumps(json.loads(CRASH)["data"]).encode()
    with HttpBus(visit.url) as bus:
        bus.send("hz.inbox", [Record(CRASH), Record(data, headers=headers), Record(CRASH)])
    stored = visit.bus.read("hz.inbox")
    assert [one.value for one in stored] == [CRASH, data, CRASH]
    assert sorted(stored[1].headers) == sorted(headers)


def test_a_door_on_kafka_outlives_its_visitors_mistakes(kafka: str, tmp_path: Path) -> None:
    """A gap voids a Kafka connection: the door's own, never the worker's."""
    area = AreaId(f"d{time.time_ns()}")
    create_topics(kafka, area)
    visit = Visit(tmp_path, KafkaBus(kafka), area)
    assert visit.post(CRASH).status_code == 202
    assert visit.client.get(f"/streams/{area}.inbox?after=99", timeout=30).status_code == 410
    assert visit.post(CRASH).status_code == 202
    assert visit.inbox() == [CRASH, CRASH]
    visit.close()


def test_a_command_finds_the_running_worker(tmp_path: Path) -> None:
    """With nothing but the folder."""
    folder = small_district(tmp_path / "d")
    area = AreaId("hz")
    visit = Visit(folder, SqliteBus(folder / "duty.db"), area)
    bus = connect(None, folder)
    assert isinstance(bus, HttpBus)
    assert bus.url == visit.url
    bus.close()
    visit.close()
