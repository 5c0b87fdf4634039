"""Where an export ends while the bus lives on: every file at the same frame."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from brigades import Brigade
from days import Day
from districts import small_district
from engines import AREA, Station, settle
from typed import Typed, typed

from config.district import load
from dispatch.decide import fold
from dispatch.effects import effects_of
from dispatch.service import Engine
from dispatch.state import State
from events import ports
from events.connect import connect
from events.decisions import Line, Order, OrderEnded
from events.door import Door
from events.export_cut import cut_of
from events.facts import Accepted, Duplicate, Parked, Rejected
from events.frame import Fold, Frame, Input
from events.journal_export import export_to
from events.memory import MemoryBus
from events.ports import Bus, Record
from events.released import effects_due
from events.rows import rows
from events.sqlite import SqliteBus

__all__ = ["typed"]  # a fixture
FILES = ("orders", "console", "rejected", "journal", "inputs", "snapshot", "plan")
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """A station on a file, with all teams signed in."""
    folder = tmp_path / "d"
    folder.mkdir()
    bus = SqliteBus(folder / "duty.db")
    one = Station(folder, bus)
    one.staff()
    settle(one.engine())
    yield one
    bus.close()


@contextmanager
def at_work(engine: Engine, feed: Callable[[], object]) -> Iterator[None]:
    """The engine in a thread, and somebody who goes on sending."""
    stop, faults = threading.Event(), list[Exception]()

    def turn() -> None:
        try:
            while not stop.wait(0.02):
                feed()
                engine.turn()
        except Exception as fault:  # noqa: BLE001 - told below
            faults.append(fault)

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    assert faults == []


@contextmanager
def door_of(bus: Bus, folder: Path) -> Iterator[Bus]:
    """The bus as clients have it while a worker owns the file."""
    door = Door(bus, AREA, folder)
    door.start()
    client = connect(None, folder)
    try:
        yield client
    finally:
        client.close()
        door.stop()


def without_last_order(station: Station) -> tuple[SqliteBus, Record]:
    """The station's bus once more as it was before the last order was written, and that order."""
    station.incident()
    settle(station.engine(writer="x"))
    slow = SqliteBus(station.folder / "slow.db")
    kept = {name: [copy(one) for one in rows(station.bus, name)] for name in ports.streams_of(AREA)}
    last = kept[ports.orders(AREA)].pop()
    for name, records in kept.items():
        slow.send(name, records)
    return slow, last


def copy(stored: ports.Stored) -> Record:
    """The record that was stored."""
    return Record(stored.value, stored.key, stored.headers)


def exported(folder: Path) -> Rows:
    """All files of an export."""
    return {
        name: [json.loads(line) for line in (folder / f"{name}.jsonl").read_bytes().splitlines()]
        for name in FILES
    }


def torn(found: Rows) -> list[str]:
    """Where the files do not end at one frame; nothing where they do."""
    frames = [Frame.read(json.dumps(row["frame"]).encode()) for row in found["journal"]]
    [snapshot] = found["snapshot"]
    given = {one.id for frame in frames for one in frame.decisions if isinstance(one, Order)}
    ended = {one.order for frame in frames for one in frame.decisions
             if isinstance(one, OrderEnded)}  # fmt: skip
    lines = [(f.seq, n) for f in frames for n, one in enumerate(f.decisions)
             if isinstance(one, Line)]  # fmt: skip
    read = {(fact.topic, fact.offset) for frame in frames for fact in frame.facts
            if isinstance(fact, Accepted | Duplicate | Rejected | Parked)}  # fmt: skip
    inbox = {(row["topic"], row["offset"]) for row in found["inputs"]
             if row["topic"].endswith(".inbox")}  # fmt: skip
    equal = {
        "snapshot's frame": snapshot["seq"] == frames[-1].seq,
        "open orders": set(snapshot["open_orders"]) == given - ended,
        "orders": {row["order"] for row in found["orders"]} == given,
        "console": [(row["seq"], row["n"]) for row in found["console"]] == lines,
        "inputs": inbox == read,
    }
    return [name for name, same in equal.items() if not same]


def test_every_file_of_an_export_ends_at_the_same_frame_while_the_engine_is_at_work(
    station: Station, tmp_path: Path, typed: Typed
) -> None:
    """Through the door of whoever owns the file, three times in a stream of incidents."""
    door = Door(station.bus, AREA, station.folder)
    door.start()
    found = []
    with at_work(station.engine(writer="x"), station.incident):
        for n in range(3):
            told = typed("journal", "export", station.folder, "--out", tmp_path / str(n))
            assert (told.code, told.err) == (0, "")
            found.append(exported(tmp_path / str(n)))
    door.stop()
    assert [torn(one) for one in found] == [[], [], []]
    ends = [one["snapshot"][0]["seq"] for one in found]
    assert ends == sorted(set(ends))  # it did go on between them


def test_an_export_has_what_stood_in_the_inbox_when_it_began(station: Station) -> None:
    """The engine is waited for; here it takes so long that this is said."""
    engine = station.engine(writer="x")
    [sent] = station.put(b"an event that nobody has read")
    with door_of(station.bus, station.folder) as bus:
        cut = cut_of(bus, AREA, tell=lambda: settle(engine))
    assert (cut.inbox, cut.waiting) == (sent, 0)


def test_what_no_frame_has_is_left_out_and_said(
    station: Station, tmp_path: Path, typed: Typed
) -> None:
    """Where nobody is at work on the file there is nothing to wait for; all files still agree."""
    station.incident()
    station.bus.close()
    told = typed("journal", "export", station.folder, "--out", tmp_path / "x")
    assert told.code == 0
    assert "1 events of the inbox are in no frame of the engine yet" in told.err
    assert torn(exported(tmp_path / "x")) == []


def test_an_export_waits_for_orders_that_are_not_written_yet(
    station: Station, tmp_path: Path
) -> None:
    """A frame counts before its effects are sent."""
    slow, last = without_last_order(station)
    written: list[int] = []
    with door_of(slow, station.folder) as bus:
        cut = cut_of(bus, AREA, tell=lambda: written.extend(slow.send(ports.orders(AREA), [last])))
        list(export_to(bus, cut, tmp_path / "x"))
    assert len(written) == 1
    assert torn(exported(tmp_path / "x")) == []


def test_orders_that_nobody_writes_are_said(station: Station, tmp_path: Path, typed: Typed) -> None:
    """The engine was killed before it wrote them: exit 1 with the stream's name, at once."""
    slow, _ = without_last_order(station)
    slow.close()
    bus = f"sqlite:{station.folder / 'slow.db'}"
    told = typed("journal", "export", station.folder, "--out", tmp_path / "x", "--bus", bus)
    assert told.code == 1
    assert "hz.orders: lacks what frames up to" in told.err


def test_an_export_before_the_first_frame_has_all_that_came_in(tmp_path: Path) -> None:
    """Nobody was ever at work: nothing is to be left out."""
    bus = MemoryBus()
    bus.send(ports.inbox(AREA), [Record(b"{}")])
    cut = cut_of(bus, AREA, lambda: None)
    list(export_to(bus, cut, tmp_path / "x"))
    assert (len(exported(tmp_path / "x")["inputs"]), cut.waiting) == (1, 0)


def test_the_planners_frames_end_where_they_know_more_than_the_engine(
    station: Station, tmp_path: Path
) -> None:
    """It reads the same inbox by itself, and may be ahead."""
    newest = station.bus.last(ports.inbox(AREA))
    assert newest is not None
    plan, fold = station.bus.journal(ports.plan(AREA)), Fold(AREA)
    for to in (newest.position, newest.position + 1):
        used = Input(topic=ports.inbox(AREA), partition=0, first=0, to=to)
        raw = fold.next_frame("planner", station.now_ms, (used,)).raw()
        plan.append(raw, fold.position + 1)
        fold.accept(fold.position + 1, raw)
    cut = cut_of(station.bus, AREA, lambda: None)
    list(export_to(station.bus, cut, tmp_path / "x"))
    assert [row["offset"] for row in exported(tmp_path / "x")["plan"]] == [0]
    assert cut.plans_left == 1


@pytest.mark.parametrize("seed", range(3))
def test_readers_expect_the_effects_that_the_engine_makes(seed: int, tmp_path: Path) -> None:
    """Over random days, all kinds of facts and decisions among them."""
    day = Day(Brigade.of(load(small_district(tmp_path))), Random(seed))  # noqa: S311 - a test's draw
    day.begin()
    for _ in range(150):
        day.step()
    ground, state, told = day.brigade.ground, State(AREA), 0
    for raw in day.brigade.journal:
        frame = Frame.read(raw)
        after = fold(state, frame, ground)
        made = effects_of(frame, state, after, ground, lambda _: b"")
        assert list(effects_due(frame)) == [(one.suffix, one.n) for one in made], f"seed {seed}"
        state, told = after, told + 1
    assert told > 100


def test_whole_streams_end_while_others_go_on_sending() -> None:
    """Whoever sends faster than it is read would hold a reader for ever."""
    bus, name = MemoryBus(), ports.inbox(AREA)
    bus.send(name, [Record(b"before")] * 3)
    found = []
    for one in rows(bus, name):
        found.append(one.value)
        bus.send(name, [Record(b"after")] * 600)
        assert len(found) < 10
    assert found == [b"before"] * 3
