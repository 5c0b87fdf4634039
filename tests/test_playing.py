"""The outside world on a bus: by steps, in wall time, over a broker's death, as a command."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from broker import Broker
from conftest import ROOT
from districts import set_settings
from outside import (
    HOUR_MS,
    TUESDAY,
    ScriptedEngine,
    add_sighting,
    at_ms,
    duty,
    order,
    played_district,
    roster,
    scene_of,
    stored,
)
from typed import Typed, typed

from config.district import District
from config.errors import Impossible
from config.ids import AreaId
from config.words import catalogue
from events import play_command, ports, schema
from events.clock import Clock, Setting
from events.door import Door
from events.event import moment_ms
from events.kafka import KafkaBus
from events.kafka_topics import create_topics
from events.memory import MemoryBus
from events.owners import run_file
from events.play import Player
from events.play_command import _opener
from events.playing import MEASURED, Live, Playing
from events.ports import Bus, BusLost, Record
from events.scene import Scene
from events.sqlite import SqliteBus
from events.trouble import DoorAbsent

__all__ = ["typed"]  # a fixture

CALLS = {"09:00": {"place": "p1"}, "09:01": {"place": "p5"}, "10:30": {"place": "p3"}}
TEAMS = [duty(f"t{n}", "08:00") for n in range(1, 5)]
MIDNIGHT_MS = at_ms("00:00")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district with three crashes on Tuesday and a listed plate at noon."""
    folder = played_district(tmp_path_factory.mktemp("played") / "d", CALLS)
    add_sighting(folder, "12:00", entry="w-1")
    return folder


@pytest.fixture(scope="module")
def scene(folder: Path) -> tuple[District, Scene]:
    """The district and its day."""
    return scene_of(folder)


def stepped(bus: Bus, scene: tuple[District, Scene], step_ms: int = 5_000) -> ScriptedEngine:
    """A day played by steps on a bus, with the scripted engine taking turns."""
    area = scene[0].settings.brigade
    bus.send(ports.inbox(area), roster(TEAMS))
    playing = Playing(Player(*scene, trouble=True), area, bus)
    engine = ScriptedEngine(bus, scene[0])
    for now_ms in range(at_ms("07:00"), at_ms("12:30"), step_ms):
        playing.turn(now_ms)
        engine.turn()
    return engine


def test_a_day_on_a_bus_in_memory_is_the_same_each_time(scene: tuple[District, Scene]) -> None:
    """Same seed, same steps, same bytes in every stream: a demo can be told again."""
    streams = []
    for _ in range(2):
        bus = MemoryBus(now_ms=lambda: 0)
        stepped(bus, scene)
        names = [getattr(ports, name)("hz") for name in ("inbox", "positions", "orders")]
        streams.append([[one.value for one in bus.read(name, limit=10**6)] for name in names])
    assert streams[0] == streams[1]
    assert [len(values) > 3 for values in streams[0]] == [True] * 3


def test_every_incident_is_worked_on_a_file(scene: tuple[District, Scene], tmp_path: Path) -> None:
    """Orders come back through the file; each crash is reported free by the one who was sent."""
    bus = SqliteBus(tmp_path / "duty.db")
    engine = stepped(bus, scene, step_ms=20_000)
    bus.close()
    assert len(engine.of("incident_reported")) == 3
    assert len(engine.of("order_answered", answer="accepted")) == 3
    done = engine.of("status_reported", status="free")
    assert {one["incident"] for one in done} == {f"{TUESDAY}-000{n}" for n in (1, 2, 3)}
    assert len(engine.ids) == len(set(engine.ids))


def live(playing: Playing, reopen: Any, speed: float) -> tuple[Live, list[str]]:  # noqa: ANN401 - a callable
    """A playing in wall time, and the keys of what it tells."""
    keys: list[str] = []
    return Live(playing, reopen, speed, lambda key, _: keys.append(key)), keys


def run_with_engine(address: str, area: AreaId, folder: Path, until: threading.Event
                    ) -> ScriptedEngine:  # fmt: skip
    """A scripted engine on its own connection until it is told to stop."""
    bus = KafkaBus(address)
    district, _ = scene_of(folder)
    engine = ScriptedEngine(bus, district)
    engine.area = area
    while not until.is_set():
        engine.turn()
        time.sleep(0.02)
    engine.turn()
    bus.close()
    return engine


def test_a_day_is_played_over_a_real_broker(kafka: str, tmp_path: Path) -> None:
    """In wall time, the engine elsewhere; at the end the clock stands at the day's end."""
    area = AreaId("played1")
    folder = played_district(tmp_path / "d", CALLS, brigade=area)
    create_topics(kafka, area)
    bus = KafkaBus(kafka)
    bus.send(ports.inbox(area), roster(TEAMS))
    playing = Playing(Player(*scene_of(folder, hours=12), trouble=True), area, bus)
    one, keys = live(playing, lambda: KafkaBus(kafka), speed=3600)
    stop, found = threading.Event(), []
    engine = threading.Thread(
        target=lambda: found.append(run_with_engine(kafka, area, folder, stop))
    )
    engine.start()
    one.begin()
    one.run()
    stop.set()
    engine.join()
    bus.close()
    assert len(found[0].of("order_answered", answer="accepted")) == 3
    assert len(found[0].of("status_reported", status="free")) == 3
    clocks = found[0].of("clock_set")
    assert [(clock["virtual_ms"], clock["speed"]) for clock in clocks] == [
        (MIDNIGHT_MS, 3600.0), (at_ms("12:00"), 0.0)
    ]  # fmt: skip
    assert keys[0] == "play.begins"


def test_a_running_districts_door_is_taken_and_never_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While its owner is away nobody opens the file: the owner would find it taken."""
    monkeypatch.delenv("QINWU_URL", raising=False)
    folder = played_district(tmp_path / "d", {"00:10": {"place": "p1"}})
    bus = SqliteBus(folder / "duty.db")
    door = Door(bus, AreaId("hz"), folder)
    run_file(folder).parent.mkdir()
    run_file(folder).write_text(json.dumps({"pid": os.getpid(), "url": door.start()}))
    opened = _opener(None, folder)
    one, _ = live(Playing(Player(*scene_of(folder, hours=0.5)), "hz", opened()), opened, 3600)
    one.begin()
    one.run()
    one.playing.bus.close()
    door.stop()
    with pytest.raises(DoorAbsent):
        opened()
    names = [json.loads(one.value)["type"] for one in bus.read(ports.inbox("hz"))]
    bus.close()
    assert [name.split(".")[1] for name in names] == ["clock_set", "incident_reported", "clock_set"]


def test_a_broker_that_dies_loses_nothing(private_kafka: Broker, tmp_path: Path) -> None:
    """Events of the time without it arrive afterwards, with their own times, none missing."""
    area = AreaId("played2")
    folder = played_district(tmp_path / "d", CALLS, brigade=area)
    address = private_kafka.address
    create_topics(address, area)
    bus = KafkaBus(address)
    bus.send(ports.inbox(area), roster(TEAMS))
    district, day = scene_of(folder, hours=12)
    one, keys = live(
        Playing(Player(district, day, trouble=True), area, bus), lambda: KafkaBus(address), 2000
    )
    one.begin()
    play = threading.Thread(target=one.run)
    play.start()
    time.sleep(5)
    private_kafka.kill()
    time.sleep(4)
    private_kafka.start()
    play.join(120)
    assert not play.is_alive()
    alone = Player(district, day, trouble=True)
    alone.learn(stored(roster(TEAMS)), MIDNIGHT_MS)
    wanted = [said.record.value for said in alone.tick(day.until_ms) if said.suffix == "inbox"]
    reader = KafkaBus(address)
    values = {record.value for record in reader.read(ports.inbox(area), limit=10_000)}
    reader.close()
    assert set(wanted) <= values
    assert "play.lost" in keys
    assert "play.back" in keys


# --- in wall time ----------------------------------------------------------------------------


def test_a_play_that_was_broken_off_goes_on(folder: Path, tmp_path: Path) -> None:
    """The clock stands where it was stopped; incidents keep their ids, so none counts twice."""
    bus = SqliteBus(tmp_path / "duty.db")
    bus.send(ports.inbox("hz"), roster(TEAMS))
    first, _ = live(Playing(Player(*scene_of(folder)), "hz", bus), lambda: bus, 60)
    first.clock = Clock(wall=lambda: 1_000_000)
    first.begin()
    first.clock.setting = Setting(at_ms("09:30"), 1_000_000, 60.0)
    first.playing.act(at_ms("09:30"), [])
    first.stop()
    again, keys = live(Playing(Player(*scene_of(folder)), "hz", bus), lambda: bus, 60)
    again.clock = Clock(wall=lambda: 99_000_000)
    again.begin()
    assert keys == ["play.resumes"]
    assert again.clock.now_ms() == at_ms("09:30")
    again.playing.act(at_ms("15:00"), [])
    events = [json.loads(record.value) for record in bus.read(ports.inbox("hz"), limit=10_000)]
    bus.close()
    ids = [one["data"]["incident"] for one in events if "incident_reported" in one["type"]]
    assert sorted(set(ids)) == [f"{TUESDAY}-000{n}" for n in (1, 2, 3)]
    keys_of = {(one["source"], one["id"]) for one in events if "incident_reported" in one["type"]}
    assert len(keys_of) == 3
    begun = {one["id"] for one in events if "signed_in" in one["type"]}
    assert len(begun) <= 4


def test_a_clock_behind_the_day_is_not_set_back(folder: Path, tmp_path: Path) -> None:
    """The engine has seen later times; the message says which."""
    bus = SqliteBus(tmp_path / "duty.db")
    said = {"virtual_ms": MIDNIGHT_MS + 48 * HOUR_MS, "wall_ms": 0, "speed": 0.0}
    bus.send(ports.inbox("hz"), [Record(schema.event("clock_set", said, source="x", id="1"))])
    one, _ = live(Playing(Player(*scene_of(folder)), "hz", bus), lambda: bus, 60)
    with pytest.raises(Impossible) as refused:
        one.begin()
    bus.close()
    assert refused.value.key == "play.over"


def test_somebody_elses_clock_is_followed(folder: Path, tmp_path: Path) -> None:
    """A person who halts the simulation halts the crews too."""
    bus = SqliteBus(tmp_path / "duty.db")
    one, _ = live(Playing(Player(*scene_of(folder)), "hz", bus), lambda: bus, 60)
    one.begin()
    said = {"virtual_ms": at_ms("05:00"), "wall_ms": 0, "speed": 0.0}
    bus.send(ports.inbox("hz"), [Record(schema.event("clock_set", said, source="x", id="1"))])
    one._turn()
    bus.close()
    assert one.clock.now_ms() == at_ms("05:00")


def test_an_order_is_heard_when_it_was_stored(folder: Path, tmp_path: Path) -> None:
    """A slow turn, at a high speed, is no slow crew: its answer has the time it would have had."""
    wall_ms = [1_000_000]
    bus = SqliteBus(tmp_path / "duty.db", now_ms=lambda: wall_ms[0])
    bus.send(ports.inbox("hz"), roster(TEAMS))
    one, _ = live(Playing(Player(*scene_of(folder), trouble=False), "hz", bus), lambda: bus, 600)
    one.clock = Clock(wall=lambda: wall_ms[0])
    one.begin()
    wall_ms[0] += 54_000  # nine o'clock
    one._turn()
    sent = order(1, "t1", "n13", one.playing.player.district, incident="i1")
    bus.send(ports.orders("hz"), [sent])
    wall_ms[0] += 200  # two minutes of the day
    one._turn()
    events = [json.loads(record.value) for record in bus.read(ports.inbox("hz"), limit=10_000)]
    bus.close()
    (answer,) = [one["data"]["at"] for one in events if "order_answered" in one["type"]]
    assert at_ms("09:00") + 4_000 <= moment_ms(answer) <= at_ms("09:00") + 40_000


def test_all_that_a_play_tells_is_in_the_words(folder: Path, tmp_path: Path) -> None:
    """Keys with their fields: they are told through one function, where no other test looks."""
    told_: dict[str, dict[str, object]] = {}
    bus = SqliteBus(tmp_path / "duty.db")
    one = Live(Playing(Player(*scene_of(folder)), "hz", bus), lambda: bus, 60, told_.__setitem__)
    one.begin()
    for _ in range(MEASURED):
        one._tell_if_slow(turn_s=2.0)
    told_ |= {key: one.figures() for key in ("play.progress", "play.done", "play.interrupted")}
    bus.close()
    with pytest.raises(BusLost):
        one.stop()
    for lang in ("en", "zh-CN"):
        for key, fields in told_.items():
            assert catalogue(lang)[key].format(**fields)


@pytest.mark.parametrize(("speed", "told"), [(60, 0), (3600, 1)])
def test_a_speed_at_which_no_answer_can_come_in_time_is_told_once(
    folder: Path, speed: float, told: int
) -> None:
    """At 3,600 times, a turn of 60 ms is longer than an order may wait for its answer."""
    bus = MemoryBus()
    one, keys = live(Playing(Player(*scene_of(folder)), "hz", bus), lambda: bus, speed)
    one.begin()
    for _ in range(MEASURED + 2):
        one._turn()
    assert keys.count("play.too_fast") == told


@pytest.mark.parametrize("held_up", [1, MEASURED // 2])
def test_a_turn_that_the_machine_held_up_says_nothing_of_the_others(
    folder: Path, held_up: int
) -> None:
    """The speed to try comes of what turns usually take, whatever the first of them was."""
    bus = MemoryBus()
    one, keys = live(Playing(Player(*scene_of(folder)), "hz", bus), lambda: bus, 600)
    one.begin()
    for n in range(MEASURED):
        one._tell_if_slow(turn_s=9.0 if n < held_up else 0.01)
    assert "play.too_fast" not in keys


# --- the command -----------------------------------------------------------------------------


def command(folder: Path, *more: str) -> list[str]:
    """The command line."""
    file = folder / "live" / f"{TUESDAY}.csv"
    return [
        sys.executable,
        str(ROOT / "qinwu.py"),
        "--lang",
        "en",
        "play",
        str(folder),
        str(file),
        *more,
    ]


def on_its_file(folder: Path) -> tuple[str, str]:
    """Options to play on the folder's own file, with no engine."""
    return "--bus", f"sqlite:{folder / 'duty.db'}"


def test_a_district_on_wall_time_is_not_played(tmp_path: Path) -> None:
    """Exit 3, with the way to mend it; nothing is sent."""
    folder = played_district(tmp_path / "d", CALLS)
    set_settings(folder, simulation=False)
    done = subprocess.run(command(folder), capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 3
    assert "simulation: true" in done.stderr
    assert not (folder / "duty.db").exists()


def test_a_day_is_not_played_to_nobody(
    tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file stays free for the engine, whose start stands in the message."""
    monkeypatch.setattr(play_command, "DOOR_S", 0.1)
    folder = played_district(tmp_path / "d", CALLS)
    told = typed("play", folder, folder / "live" / f"{TUESDAY}.csv", "--hours", "1")
    assert told.code == 3
    assert f"qinwu run {folder}" in told.err
    assert not (folder / "duty.db").exists()


def test_only_the_clock_is_set_for_a_rehearsal(tmp_path: Path, typed: Typed) -> None:
    """People say what happens in it; nobody signs in by himself."""
    folder = played_district(tmp_path / "d", CALLS)
    noon = f"{TUESDAY}T12:00:00+08:00"
    told = typed("play", folder, "--at", noon, "--speed", "1", *on_its_file(folder))
    assert (told.code, "qinwu run" in told.err) == (0, True)  # who takes it: nobody runs yet
    bus = SqliteBus(folder / "duty.db")
    [one] = bus.read("hz.inbox")
    bus.close()
    setting = json.loads(one.value)["data"]
    assert (setting["virtual_ms"], setting["speed"]) == (moment_ms(noon), 1)


def test_a_play_of_nothing_is_told_what_can_be_played(tmp_path: Path, typed: Typed) -> None:
    """Neither a day nor a time."""
    folder = played_district(tmp_path / "d", CALLS)
    told = typed("play", folder)
    assert (told.code, "--at" in told.err) == (2, True)


def test_the_command_plays_a_day_and_says_so(tmp_path: Path) -> None:
    """On the folder's own file, where that is asked for."""
    folder = played_district(tmp_path / "d", CALLS)
    line = command(folder, *on_its_file(folder), "--speed", "3600", "--hours", "1")
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert "01:00:00" in done.stdout
    assert f"{TUESDAY}: 0 incidents" in done.stderr


def test_ctrl_c_stops_the_clock_and_exits_130(tmp_path: Path) -> None:
    """The last event is a clock that stands."""
    folder = played_district(tmp_path / "d", CALLS)
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    running = subprocess.Popen(  # noqa: S603
        command(folder, *on_its_file(folder), "--speed", "10"),
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert running.stderr is not None
    running.stderr.readline()  # it has begun
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=30)
    bus = SqliteBus(folder / "duty.db")
    last = bus.last(ports.inbox("hz"))
    bus.close()
    assert running.returncode == 130
    assert "goes on from here" in errors
    assert last is not None
    assert json.loads(last.value)["data"]["speed"] == 0.0
