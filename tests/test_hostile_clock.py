"""The machine's clock is wrong: ahead once, without a battery, set while it is at work."""

import json
import time
from itertools import count
from pathlib import Path
from threading import Thread

import pytest
from engines import AREA, Station, settle

from config.durations import DAY_MS, HOUR_MS, MINUTE_MS
from dispatch import release
from dispatch.erasing import Eraser
from dispatch.frame_time import HELD_MS
from dispatch.ground import Ground
from dispatch.replay import differences
from dispatch.state import State
from events import ports
from events.clock import Clock
from events.doctor_bus import clock
from events.memory import MemoryBus
from events.ports import Record
from events.schema import event
from events.sqlite import SqliteBus


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A district whose bus stamps by the same clock that its engine reads."""
    station = Station(tmp_path / "d")
    station.bus = MemoryBus(lambda: station.now_ms)
    return station


def ahead_once(station: Station, ahead_ms: int) -> None:
    """An engine begins before NTP answers, and another goes on when the clock is right."""
    right_ms = station.now_ms
    station.now_ms = right_ms + ahead_ms
    settle(station.engine())
    station.now_ms = right_ms + MINUTE_MS
    settle(station.engine(writer="w2"))


def outcomes(station: Station) -> list[tuple[str, str | None]]:
    """What became of the events, and why."""
    return [(row["outcome"], row["reason"]) for row in station.rows("replies")]


@pytest.mark.parametrize("ahead_ms", [10 * MINUTE_MS, 3 * DAY_MS, 3650 * DAY_MS])
def test_a_clock_that_was_ahead_once_refuses_nothing_afterwards(
    station: Station, ahead_ms: int
) -> None:
    """Else every report is `late` until real time has caught up."""
    ahead_once(station, ahead_ms)
    station.incident()
    settle(station.engine(writer="w3"))
    assert outcomes(station) == [("accepted", None)]


def test_after_a_clock_that_was_ahead_units_are_sent_again(station: Station) -> None:
    """By its time every duty of today would be over as soon as somebody signs in."""
    ahead_once(station, 3 * DAY_MS)
    station.staff()
    station.incident()
    settle(station.engine(writer="w3"))
    assert [row["unit"] for row in station.rows("orders") if row["type"] == "order"]


def test_a_clock_that_was_ahead_is_told_once(station: Station) -> None:
    """The desk must know that lines came too early, and that units must sign in again."""
    ahead_once(station, 3 * DAY_MS)
    told = [row for row in station.rows("console") if row.get("text") == "run.clock_back"]
    assert [row["fields"]["minutes"] for row in told] == [3 * 24 * 60 - 1]


def test_an_order_is_told_though_the_clock_says_that_it_was_erased_long_ago(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its writer died before it told; nothing behind the last in a stream was ever there."""
    engine = station.engine()
    station.staff()
    station.incident()
    settle(engine)
    monkeypatch.setattr(engine._outputs, "release", lambda _: None)
    station.incident("n33")
    settle(engine)
    monkeypatch.setattr(release, "wall_ms", lambda: station.now_ms + 400 * DAY_MS)
    station.engine(writer="next")
    assert len(station.rows("orders")) == 2


def test_a_clock_that_goes_back_a_little_is_waited_for(station: Station) -> None:
    """Two engines' clocks differ a little: time must not go to and fro with them."""
    ahead_once(station, HELD_MS)
    station.incident()
    settle(station.engine(writer="w3"))
    times = [frame.time_ms for frame in station.frames()]
    assert times == sorted(times)


def test_a_clock_without_a_battery_is_not_followed(station: Station) -> None:
    """It reads 1970 until NTP answers; what is reported meanwhile is not from the future."""
    settle(station.engine())
    time = station.district.calendar.iso(station.now_ms)
    told = {"kind": "crash", "severity": "damage", "junction": "n11"}
    station.now_ms = MINUTE_MS
    timed = event("incident_reported", told, source="desk", id="timed", time=time)
    untimed = json.loads(timed) | {"id": "untimed"}
    del untimed["time"]
    station.put(timed, json.dumps(untimed).encode())
    settle(station.engine(writer="w2"))
    assert outcomes(station) == [("accepted", None)] * 2


def test_what_was_judged_on_a_wrong_clock_is_judged_alike_in_a_replay(station: Station) -> None:
    """A judgement is a function of what frame and record hold."""
    ahead_once(station, 3 * DAY_MS)
    station.staff()
    station.incident()
    settle(station.engine(writer="w3"))
    inbox = {one.position: one for one in station.bus.read(ports.inbox(AREA))}
    assert not list(differences(station.frames(), Ground(station.district), inbox))


def test_a_read_ends_though_the_clock_is_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No deadline comes while the engine waits for the inbox: not for an hour, either."""
    bus = SqliteBus(tmp_path / "duty.db")
    wall_ns, readings = time.time_ns(), count()
    monkeypatch.setattr(time, "time_ns", lambda: wall_ns - 10**9 * next(readings))
    waiting = Thread(target=bus.read, args=(ports.inbox(AREA), -1, 1, 50), daemon=True)
    waiting.start()
    waiting.join(5.0)
    assert not waiting.is_alive()


@pytest.mark.parametrize(("set_ms", "gone"), [(0, 1), (30 * MINUTE_MS, 0), (-DAY_MS, 0)])
def test_the_hourly_erasing_believes_no_clock_that_was_set_meanwhile(
    station: Station, monkeypatch: pytest.MonkeyPatch, set_ms: int, gone: int
) -> None:
    """Only one that has moved by an hour in an hour."""
    station.put(b"of long ago")
    station.now_ms += 10 * DAY_MS
    station.bus.send(ports.journal(AREA), [Record(b"of now")])
    ran_ms = [0]
    monkeypatch.setattr(time, "monotonic_ns", lambda: ran_ms[0] * 1_000_000)
    eraser = Eraser(station.bus, Clock(wall=lambda: station.now_ms))
    ran_ms[0] += HOUR_MS
    station.now_ms += HOUR_MS + set_ms
    assert eraser.turn(State(AREA, inbox=0)) == gone


def test_the_hourly_erasing_spares_what_the_engine_has_not_taken(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it crashed: the events are still there when it is mended."""
    station.put(b"taken", b"not taken")
    station.now_ms += 10 * DAY_MS
    station.bus.send(ports.journal(AREA), [Record(b"of now")])
    ran_ms = [0]
    monkeypatch.setattr(time, "monotonic_ns", lambda: ran_ms[0] * 1_000_000)
    eraser = Eraser(station.bus, Clock(wall=lambda: station.now_ms))
    ran_ms[0] += HOUR_MS
    station.now_ms += HOUR_MS
    eraser.turn(State(AREA, inbox=0))
    assert [one.value for one in station.bus.read(ports.inbox(AREA))] == [b"not taken"]


@pytest.mark.parametrize("simulated", [False, True])
@pytest.mark.parametrize("ahead_ms", [-HOUR_MS, 0, HOUR_MS])
def test_the_doctor_finds_a_clock_that_was_ahead(ahead_ms: int, *, simulated: bool) -> None:
    """No record is stored later than now, save those of a day that was played."""
    now_ms = 1_800_000_000_000
    bus = MemoryBus(lambda: now_ms + ahead_ms)
    bus.send(ports.inbox(AREA), [Record(b"{}")])
    told = [(one.level, one.fields) for one in clock(bus, AREA, now_ms, simulated=simulated)]
    level = "right" if simulated else "wrong"
    assert told == [(level, {"minutes": 60})] * (ahead_ms > 0)
