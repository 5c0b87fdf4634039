"""Callers at the door who mean no good, and a district that nobody meant."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from districts import small_district

from config.ids import AreaId
from config.reading import read_table
from config.settings import Settings
from config.tables import PlaceRow
from config.yaml_reading import read_yaml
from dispatch.run import Worker
from dispatch.supervisor import Options
from events import door_wire, ports
from events.connect import FileTaken
from events.doctor_bus import bus_findings
from events.door import Door
from events.door_body import Refusal
from events.door_counter import Counter
from events.memory import MemoryBus
from events.ports import Record
from events.samples import samples
from events.sqlite import SqliteBus

AREA = AreaId("hz")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.URL]:
    """An open door that waits half a second for the head of a request."""
    monkeypatch.setattr(door_wire, "HEAD_S", 0.5)
    monkeypatch.setenv("QINWU_LANG", "en")
    bus = MemoryBus()
    bus.send(ports.console(AREA), [Record(b"{}")] * 3)
    door = Door(bus, AREA, tmp_path)
    yield httpx.URL(door.start())
    door.stop()


def called(url: httpx.URL, text: bytes) -> bytes:
    """All that the door says to bytes on its socket, until it hangs up."""
    with socket.create_connection((url.host, url.port or 0), 5) as wire:
        wire.sendall(text)
        told = b""
        while part := wire.recv(65536):
            told += part
    return told


@pytest.mark.parametrize("text", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"])
def test_half_a_head_is_not_waited_for(url: httpx.URL, text: bytes) -> None:
    """Each such caller would keep an open file of the worker for ever."""
    began_s = time.monotonic()
    assert called(url, text) == b""
    assert time.monotonic() - began_s < 3


def test_half_a_second_request_is_not_waited_for_either(url: httpx.URL) -> None:
    """The server's own limit ends with the first byte."""
    whole = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    assert called(url, whole + b"GET / HT").count(b"200 OK") == 1


def test_what_the_server_says_of_strangers_is_told_once_and_in_words(
    url: httpx.URL, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else whoever knocks fills the console."""
    for _ in range(5):
        called(url, b"\x16\x03\x01 no http\r\n\r\n")
    told = capsys.readouterr().err.splitlines()
    assert [line.startswith("at the door") for line in told] == [True]


def test_what_is_said_again_later_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quiet is not deaf."""
    told: list[str] = []
    sparing = door_wire.Sparing(told.append)
    record = logging.LogRecord("asyncio", logging.ERROR, "", 0, "no room: %s", ("x",), None)
    for quiet_s in (60.0, 60.0, 0.0):
        monkeypatch.setattr(door_wire, "QUIET_S", quiet_s)
        sparing.emit(record)
    assert told == ["no room: x"] * 2


def test_a_place_ahead_of_the_log_is_not_said_to_be_erased(url: httpx.URL) -> None:
    """Nothing is there yet; where the next will be is told."""
    answer = httpx.get(url.join("/log?after=7"), trust_env=False)
    assert (answer.status_code, answer.json()["error"]) == (404, "door.nothing_yet")
    assert answer.json()["fields"] == {"after": 7, "end": 3}


def pollers(url: httpx.URL, count: int) -> list[socket.socket]:
    """Visitors that wait half a minute for orders."""
    found = []
    for _ in range(count):
        wire = socket.create_connection((url.host, url.port or 0), 5)
        wire.sendall(b"GET /streams/hz.orders?wait_s=30 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        found.append(wire)
    time.sleep(1.0)  # each has begun
    return found


def test_whoever_sends_does_not_wait_behind_those_who_look_on(url: httpx.URL) -> None:
    """Seventy long polls took every thread: a reply came after 29 s."""
    waiting = pollers(url, 70)
    event, kind = samples()["incident_reported"], {"content-type": "application/cloudevents+json"}
    to = url.join("/events?wait_s=1")
    answer = httpx.post(to, content=event, headers=kind, timeout=15, trust_env=False)
    assert answer.json()["replies"] == [None]  # no engine is there; it would have been told by now
    for wire in waiting:
        wire.close()


def test_long_polls_share_their_threads(url: httpx.URL) -> None:
    """The seventieth is answered while the others go on waiting."""
    waiting = pollers(url, 70)
    told = httpx.get(url.join("/log?wait_s=20&after=1"), timeout=15, trust_env=False)
    assert told.headers["x-qinwu-position"] == "2"
    for wire in waiting:
        wire.close()


def test_who_hangs_up_is_not_waited_for() -> None:
    """Else a caller who comes and goes holds every thread."""

    async def gone() -> bool:
        return True

    began_s = time.monotonic()
    counter = Counter(MemoryBus())
    name = ports.orders(AREA)
    asyncio.run(counter.read(gone, 30.0, lambda bus, ms: bus.read(name, wait_ms=ms)))
    counter.close()
    assert time.monotonic() - began_s < 5


def test_a_request_that_comes_while_the_door_closes_is_told_so() -> None:
    """It may be sent again; it is no fault of the program."""
    counter = Counter(MemoryBus())
    counter.close()
    with pytest.raises(Refusal) as refused:
        asyncio.run(counter.ask(lambda bus: bus.identity("x")))
    assert refused.value.status == 503


def test_a_second_worker_is_told_at_once_whose_the_district_is(tmp_path: Path) -> None:
    """Ten seconds are for a file that is being let go of: that has no open door."""
    small_district(tmp_path)
    bus = SqliteBus(tmp_path / "duty.db")
    door = Door(bus, AREA, tmp_path)
    door.start()
    second = Worker(Options(tmp_path), stop=NeverSet(), stack=None)  # type: ignore[arg-type] # unused
    began_s = time.monotonic()
    try:
        with pytest.raises(FileTaken) as taken:
            second._bus()
    finally:
        door.stop()
        bus.close()
    assert taken.value.fields["pid"] == os.getpid()
    assert time.monotonic() - began_s < 5


class NeverSet:
    """Nobody asks the worker to stop."""

    def wait(self, seconds: float) -> bool:
        """Wait so long."""
        time.sleep(seconds)
        return False


@pytest.mark.parametrize("name", ["settings.yaml", "places.csv"])
def test_a_file_that_is_a_pipe_is_refused(tmp_path: Path, name: str) -> None:
    """Reading it would wait for a writer that never comes."""
    os.mkfifo(tmp_path / name)
    findings = (
        read_yaml(tmp_path / name, Settings) if name.endswith("yaml")
        else read_table(tmp_path / name, PlaceRow)
    ).findings  # fmt: skip
    assert [one.key for one in findings] == ["check.file_unreadable"]


def test_the_doctor_says_one_thing_of_a_worker_that_starts_again_and_again(tmp_path: Path) -> None:
    """That nobody runs the district would send people to start a second one."""
    small_district(tmp_path)
    hidden = tmp_path / ".qinwu"
    hidden.mkdir()
    (hidden / "fault.txt").write_text("Traceback:\nZeroDivisionError: x\n", encoding="utf-8")
    found = [one.key for one in bus_findings(tmp_path, AREA, None)]
    assert found[:2] == ["doctor.doubt.between", "doctor.doubt.fault"]


def test_an_old_fault_is_not_told(tmp_path: Path) -> None:
    """It was looked at, or never came again."""
    small_district(tmp_path)
    hidden = tmp_path / ".qinwu"
    hidden.mkdir()
    (hidden / "fault.txt").write_text("x\n", encoding="utf-8")
    os.utime(hidden / "fault.txt", (1, 1))
    assert next(bus_findings(tmp_path, AREA, None)).key == "doctor.right.nobody"
