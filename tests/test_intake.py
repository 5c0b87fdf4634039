"""What comes in: fixes become facts once, however often the engine is started again."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from engines import AREA, Station, crew, duties, roster_events, settle

from config.durations import DAY_MS
from config.ids import VisitId
from dispatch import intake, judge
from dispatch.console.told import told
from dispatch.ground import Ground
from dispatch.policy import BUSY
from dispatch.service import Engine
from dispatch.state import State
from dispatch.statuses import EIDO
from dispatch.tracks import Tracker
from events import ports
from events.event import Event, moment_text
from events.facts import Position
from events.memory import MemoryBus
from events.planning import DutyRostered
from events.ports import Record
from events.schema import event, roster_hash


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """A station on a bus in memory with three partitions of positions."""
    return Station(tmp_path / "d", MemoryBus(positions_partitions=3))


def watched(station: Station, writer: str = "w") -> Engine:
    """An engine that looks at fixes."""
    return station.engine(writer=writer, tracks=Tracker(Ground(station.district)))


def fix(station: Station, unit: str, node: str, **more: Any) -> None:  # noqa: ANN401 - of the event
    """A fix of a unit at a junction, now."""
    ground = Ground(station.district)
    at = station.district.roads.index[node]  # type: ignore[index]
    lon, lat = ground.lonlat(ground.spot_of_node(at))
    fields = {"at": moment_text(station.now_ms), "unit": unit, "device": f"pda{unit[1:]}",
              "crs": "WGS-84", "lon": lon, "lat": lat, "speed_mps": 0.0} | more  # fmt: skip
    raw = event("position_reported", fields, source=unit, id=str(station.now_ms))
    station.bus.send(ports.positions(AREA), [Record(raw, unit.encode())])


def changes(station: Station) -> list[tuple[str, str]]:
    """Unit and change of every position that a frame holds."""
    return [
        (fact.unit, fact.change)
        for frame in station.frames() for fact in frame.facts if isinstance(fact, Position)
    ]  # fmt: skip


def on_the_way(station: Station) -> Engine:
    """Team 1 is sent to n33 and stands there a minute later."""
    engine = watched(station)
    station.staff(1)
    settle(engine)
    station.incident("n33")
    settle(engine)
    station.now_ms += 50_000
    fix(station, "t1", "n22", speed_mps=9.0)
    settle(engine)
    station.now_ms += 40_000
    fix(station, "t1", "n33")
    settle(engine)
    return engine


def test_fixes_of_a_day_that_is_played_wait_until_the_clock_is_set_to_it(tmp_path: Path) -> None:
    """By the clock before, their units are not on duty, and the log would say so of each."""
    station = Station(tmp_path / "d", settings={"simulation": True})
    played_ms = station.now_ms
    station.now_ms -= 5 * DAY_MS
    engine = watched(station)
    station.put(*roster_events())
    settle(engine)
    station.send("clock_set", virtual_ms=played_ms, wall_ms=station.now_ms, speed=1.0)
    fix(station, "t1", "n22", at=moment_text(played_ms))
    settle(engine)
    assert "visit.not_on_duty" not in [row["text"] for row in station.rows("console")]


def test_a_unit_that_arrives_is_seen_to_arrive(station: Station) -> None:
    """By its track alone; the console says so."""
    engine = on_the_way(station)
    [unit] = engine.state.units.values()
    assert unit.status == "on_scene"
    assert ("t1", "arrived") in changes(station)
    assert "arrived" in [row["kind"] for row in station.rows("console")]


def test_a_restart_makes_no_fact_twice(station: Station) -> None:
    """The new tracker sees the old fixes again and knows what the state knows."""
    engine = on_the_way(station)
    before = changes(station)
    again = watched(station, "next")
    settle(again)
    assert changes(station) == before
    assert again.state.units == engine.state.units


def test_what_came_while_nobody_ran_is_recorded_by_the_next(station: Station) -> None:
    """The arrival lies in the positions, no frame has it."""
    engine = watched(station)
    station.staff(1)
    settle(engine)
    station.incident("n33")
    settle(engine)
    station.now_ms += 60_000
    fix(station, "t1", "n22", speed_mps=9.0)
    station.now_ms += 30_000
    fix(station, "t1", "n33")
    settle(watched(station, "next"))
    assert ("t1", "arrived") in changes(station)


def test_a_decision_uses_todays_positions_and_the_frame_says_which(station: Station) -> None:
    """Team 3 has driven off; the nearest is found by where units are, not where they began."""
    engine = watched(station)
    station.staff(1, 3)
    settle(engine)
    station.now_ms += 60_000
    fix(station, "t1", "n54")
    fix(station, "t3", "n33")
    settle(engine)
    assert ("t3", "fix") not in changes(station)
    station.incident("n33")
    settle(engine)
    assert [row["unit"] for row in station.rows("orders")] == ["t3"]
    assert ("t3", "fix") in changes(station)


def test_state_tells_units_with_their_eido_status(station: Station) -> None:
    """What the door's `GET /state` gives."""
    engine = on_the_way(station)
    seen = told(engine.state, engine.ground, station.now_ms)
    [unit], [order], [incident] = seen["units"], seen["orders"], seen["incidents"]
    assert (unit["primary"], unit["secondary"]) == ("NotAvailable", "OnScene")
    assert order["unit"] == "t1"
    assert incident["orders"] == {"0": order["order"]}


def test_a_unit_that_clears_is_not_available(station: Station) -> None:
    """Nobody else's system may send it, either."""
    engine = on_the_way(station)
    station.now_ms += 60_000
    station.send("status_reported", unit="t1", status="clearing")
    settle(engine)
    [unit] = told(engine.state, engine.ground, station.now_ms)["units"]
    assert (unit["primary"], unit["secondary"]) == ("NotAvailable", "Cleared")


@pytest.mark.parametrize("status", sorted(BUSY))
def test_who_is_at_work_is_available_to_nobody(status: str) -> None:
    """Whatever the work has come to."""
    assert EIDO[status][0] == "NotAvailable"


# --- what goes into one frame --------------------------------------------------------------------


def positions(batch: list[judge.Record]) -> list[int]:
    """Where the records of a batch stood."""
    return [record.position for record in batch]


def test_a_clock_that_is_set_stands_alone_in_its_frame(station: Station) -> None:
    """What stands before it and behind it goes into frames of their own, each with its bytes."""
    station.incident()
    station.send("clock_set", virtual_ms=station.now_ms, wall_ms=0, speed=60.0)
    station.incident()
    station.incident()
    reads, state = intake.Intake(station.bus, AREA, None), State(AREA)
    reads.read(state, 0)
    values = [stored.value for stored in station.bus.read(ports.inbox(AREA), -1)]
    for first, to in ((0, 0), (1, 1), (2, 3)):
        batch = reads.batch(-1)
        assert positions(batch) == list(range(first, to + 1))
        assert reads.raw(batch) == {n: values[n] for n in range(first, to + 1)}
        reads.consumed(to)
    assert reads.batch(-1) == []


def test_a_frame_takes_no_more_bytes_than_it_may(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But always one record, however large."""
    for n in range(5):
        station.incident(note="x" * (1500 if n == 2 else 100))
    monkeypatch.setattr(intake, "MOST_BYTES", 1000)
    reads, taken = intake.Intake(station.bus, AREA, None), list[list[int]]()
    reads.read(State(AREA), 0)
    while batch := reads.batch(-1):
        taken.append(positions(batch))
        reads.consumed(batch[-1].position)
    assert taken == [[0, 1], [2], [3, 4]]


def test_a_backlog_is_read_while_the_frame_before_is_stored(station: Station) -> None:
    """In its order, each once; without a backlog nothing is read ahead."""
    for _ in range(5):
        station.incident()
    reads, state = intake.Intake(station.bus, AREA, None, 2), State(AREA)
    taken, ahead = list[list[int]](), list[bool]()
    while True:
        reads.read(state, 0)
        if not (batch := reads.batch(-1)):
            break
        taken.append(positions(batch))
        assert list(reads.raw(batch)) == positions(batch)
        state = replace(state, inbox=batch[-1].position)
        reads.read_ahead(state.inbox)
        ahead.append(reads._ahead.is_under_way)
        reads.consumed(state.inbox)
    assert taken == [[0, 1], [2, 3], [4]]
    assert ahead == [True, True, False]


def test_what_another_engine_consumed_meanwhile_is_not_taken_again(station: Station) -> None:
    """It was read ahead, and then a frame of somebody else's came between."""
    for _ in range(5):
        station.incident()
    reads, state = intake.Intake(station.bus, AREA, None, 2), State(AREA)
    reads.read(state, 0)
    reads.read_ahead(1)
    theirs = replace(state, inbox=2)
    reads.consumed(theirs.inbox)
    reads.read(theirs, 0)
    assert positions(reads.batch(-1)) == [3]


def test_a_frame_that_holds_a_part_of_what_was_read_reads_nothing_ahead(station: Station) -> None:
    """The rest comes first."""
    for _ in range(5):
        station.incident()
    reads = intake.Intake(station.bus, AREA, None, 4)
    reads.read(State(AREA), 0)
    reads.read_ahead(1)
    reads.consumed(1)
    reads.read(State(AREA), 0)
    assert positions(reads.batch(-1)) == [2, 3]


def test_careful_after_a_crash_takes_one_record_a_frame(station: Station) -> None:
    """Up to the position that was told, not behind it."""
    for _ in range(4):
        station.incident()
    reads = intake.Intake(station.bus, AREA, None)
    reads.read(State(AREA), 0)
    assert positions(reads.batch(1)) == [0]
    reads.consumed(1)
    assert positions(reads.batch(1)) == [2, 3]


# --- a restart in the middle of a dwell ----------------------------------------------------------


def at_a_point(tmp_path: Path) -> Station:
    """Team 1 is to be at p3 for twelve minutes from 09:06; it has set out."""
    station = Station(tmp_path / "d", MemoryBus())
    visit = {
        "visit": "v1", "must_arrive": "m1", "place": "p3", "dwell_min": 12,
        "arrive": moment_text(station.at("09:06:00")), "leave": moment_text(station.at("09:18:00")),
        "window_start": moment_text(station.at("09:00:00")),
        "window_end": moment_text(station.at("10:00:00")),
    }  # fmt: skip
    told = duties()[0] | {"visits": (visit,)}
    row = DutyRostered.model_validate(told)
    station.send("duty_rostered", **told)
    station.send(
        "roster_published", week=row.week, version=1, duties=1, hash=roster_hash([row])
    )  # fmt: skip
    station.send("signed_in", unit="t1", officer="o1", auxiliaries=crew(1), duty="t1-1")
    return station


def minute(station: Station, engine: Engine, node: str, steps: int) -> None:
    """A fix of team 1, then four of each of two hundred other units; all are read."""
    fix(station, "t1", node, steps=steps)
    named = station.bus.read(ports.positions(AREA), -1, 1)[0].value
    others = [
        Record(named.replace(b'"t1"', b'"u%d"' % unit).replace(b'"pda1"', b'"d%d"' % unit), b"u")
        for unit in range(200)
    ]
    at = [one for one in others for _ in range(4)]
    early, now = moment_text(station.at("09:00:00")), moment_text(station.now_ms)
    station.bus.send(ports.positions(AREA), [
        Record(one.value.replace(early.encode(), now.encode()), one.key) for one in at
    ])  # fmt: skip
    for _ in range(3):  # one turn reads five hundred
        settle(engine)
    station.now_ms += 60_000


def test_steps_before_a_restart_in_a_dwell_are_known_behind_it(tmp_path: Path) -> None:
    """With two hundred units that is thousands of fixes back; the visit is made all the same."""
    station = at_a_point(tmp_path)
    engine = watched(station)
    settle(engine)
    for n in range(16):
        steps = 100 + 50 * min(n, 7)  # the crew gets out at 09:06, then stands for eight minutes
        minute(station, engine, "n22" if n >= 6 else "n11", steps)
    engine = watched(station, "next")
    for _ in range(5):
        minute(station, engine, "n22", 450)
    assert [change for unit, change in changes(station) if unit == "t1"] == [
        "left", "arrived", "still",
    ]  # fmt: skip
    assert engine.state.visits[VisitId("v1")].status == "done"


@dataclass
class Seen(Tracker):
    """A tracker that counts what it is shown after a restart."""

    count: int = 0

    def restore(self, state: State, reports: Iterable[Event], now_ms: int) -> list[Position]:
        """As the tracker's."""
        shown = list(reports)
        self.count += len(shown)
        return super().restore(state, shown, now_ms)


def test_what_is_looked_back_on_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A month of fixes is not read before anything is decided."""
    station = at_a_point(tmp_path)
    settle(watched(station))
    monkeypatch.setattr(intake, "STEP_RECALLED", 2)
    monkeypatch.setattr(intake, "MOST_RECALLED", 8)
    for n in range(30):
        fix(station, "t1", "n11", steps=n)
        station.now_ms += 1_000
    seen = Seen(Ground(station.district))
    station.engine(writer="next", tracks=seen)
    assert seen.count == 8
