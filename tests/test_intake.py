"""What comes in: fixes become facts once, however often the engine is started again."""

from pathlib import Path
from typing import Any

import pytest
from engines import AREA, Station, settle

from dispatch.console.told import told
from dispatch.ground import Ground
from dispatch.service import Engine
from dispatch.tracks import Tracker
from events import ports
from events.event import moment_text
from events.facts import Position
from events.memory import MemoryBus
from events.ports import Record
from events.schema import event


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
