"""`play --at` sets the clock of a rehearsal: where it can stand, and once the engine took it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from districts import set_settings, small_district
from engines import AREA, Station
from typed import Typed, typed

from events import play_command, ports
from events.door import Door
from events.sqlite import SqliteBus

__all__ = ["typed"]  # a fixture

NOON = "2026-12-01T12:00:00+08:00"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district of trials, whose bus nobody has opened."""
    return small_district(tmp_path / "d", simulation=True)


def on_its_file(folder: Path) -> tuple[str, str]:
    """Its own file, with no engine."""
    return "--bus", f"sqlite:{folder / 'duty.db'}"


def clocks(folder: Path) -> int:
    """How often the clock was set."""
    if not (folder / "duty.db").exists():
        return 0
    bus = SqliteBus(folder / "duty.db")
    count = len(bus.read(ports.inbox(AREA)))
    bus.close()
    return count


@contextmanager
def opened(station: Station, *, engine: bool) -> Iterator[str]:
    """The address of a station's door, with an engine behind it or none."""
    door, over = Door(station.bus, AREA, station.folder), threading.Event()
    one = station.engine()

    def work() -> None:
        while not over.is_set():
            if not one.turn():
                time.sleep(0.01)

    worker = threading.Thread(target=work)
    if engine:
        worker.start()
    try:
        yield door.start()
    finally:
        over.set()
        if engine:
            worker.join()
        door.stop()


@pytest.mark.parametrize("at", [
    "9999-12-31T23:59:59-14:00", "2200-01-01T00:30:00+08:00", "2199-12-20T12:00:00+08:00",
    "1969-12-31T12:00:00+08:00", "0001-01-01T00:00:00+14:00",
])  # fmt: skip
def test_a_clock_is_not_set_to_a_year_that_cannot_be_planned(
    folder: Path, typed: Typed, at: str
) -> None:
    """Its weeks are none, and it could not be taken back."""
    told = typed("play", folder, "--at", at, "--far", *on_its_file(folder))
    assert (told.code, "1970" in told.err, clocks(folder)) == (2, True, 0)


@pytest.mark.parametrize(("at", "far", "code"), [
    ("2026-12-20T12:00:00+08:00", (), 0), ("2027-12-01T12:00:00+08:00", (), 2),
    ("2027-12-01T12:00:00+08:00", ("--far",), 0),
])  # fmt: skip
def test_a_set_clock_leaps_far_only_when_that_is_meant(
    folder: Path, typed: Typed, at: str, far: tuple[str, ...], code: int
) -> None:
    """Some weeks are a rehearsal; a year is a slip of the pen."""
    assert typed("play", folder, "--at", NOON, *on_its_file(folder)).code == 0
    told = typed("play", folder, "--at", at, *far, *on_its_file(folder))
    assert (told.code, clocks(folder)) == (code, 1 if code else 2)


def test_the_clock_stands_there_once_the_engine_says_so(tmp_path: Path, typed: Typed) -> None:
    """Its reply is waited for."""
    station = Station(tmp_path / "d", settings={"simulation": True})
    with opened(station, engine=True) as url:
        told = typed("play", station.folder, "--at", NOON, "--bus", url)
    assert (told.code, NOON in told.out) == (0, True)


def test_a_clock_that_the_engine_refuses_is_not_said_to_stand_there(
    tmp_path: Path, typed: Typed
) -> None:
    """It was started on a district that is live."""
    station = Station(tmp_path / "d")
    set_settings(station.folder, simulation=True)
    with opened(station, engine=True) as url:
        told = typed("play", station.folder, "--at", NOON, "--bus", url)
    assert (told.code, NOON in told.out) == (2, False)


def test_a_clock_that_no_engine_takes_is_not_said_to_stand_there(
    tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody answers in time."""
    monkeypatch.setattr(play_command, "REPLY_S", 0.2)
    station = Station(tmp_path / "d", settings={"simulation": True})
    with opened(station, engine=False) as url:
        told = typed("play", station.folder, "--at", NOON, "--bus", url)
    assert (told.code, NOON in told.out) == (1, False)
