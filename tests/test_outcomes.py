"""What became of calls: how many of them take a unit, learnt from orders and their ends."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from engines import Station, settle, sqlite_station
from learning import known, next_month, with_crashes

from dispatch.service import Engine
from scheduler.foresight.history import all_recorded
from scheduler.foresight.outcomes import Outcomes, outcomes_of
from scheduler.recorded import Recorded

MINUTE_MS = 60_000


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """A staffed station on a file, with a history of many crashes."""
    station = sqlite_station(tmp_path)
    moments = (
        f"2026-11-{day:02d}T{9 + n % 9:02d}:00:00" for day in range(1, 29) for n in range(40)
    )
    with_crashes(station.folder, moments)
    station.staff()
    yield station
    station.bus.close()


@pytest.fixture
def engine(station: Station) -> Engine:
    """Its engine, come to rest."""
    engine = station.engine()
    settle(engine)
    return engine


def answered(station: Station, engine: Engine, how: str | None = None) -> None:
    """A crash to which a unit comes; `how`: what it says that it was."""
    name = station.incident()
    settle(engine)
    unit = next(o["unit"] for o in station.rows("orders") if o.get("incident") == name)
    station.now_ms += 5 * MINUTE_MS
    station.send("status_reported", unit=unit, status="on_scene")
    settle(engine)
    station.now_ms += 20 * MINUTE_MS
    more = {} if how is None else {"how": how}
    station.send("status_reported", unit=unit, status="free", **more)
    settle(engine)


def outcomes(station: Station) -> list[tuple[bool, bool]]:
    """Of each call that is over: whether anything was, and whether a unit was there."""
    return [(one["was"], one["answered"]) for one in known(station).outcomes]


def calls(share: float, were: int, severity: str = "damage", false: int = 0) -> Outcomes:
    """Crashes of which a share took a unit, and false alarms that took one each."""
    told = {"kind": "crash", "severity": severity, "ended_ms": 0}
    rows = [told | {"was": True, "answered": n < share * were} for n in range(were)]
    return outcomes_of([*rows, *[told | {"was": False, "answered": True}] * false])


def test_a_call_that_a_unit_dealt_with_took_one(station: Station, engine: Engine) -> None:
    """From the report to the unit's leave, told by the engine's own journal."""
    answered(station, engine)
    assert outcomes(station) == [(True, True)]


def test_a_call_where_a_unit_found_nothing_took_one_too(station: Station, engine: Engine) -> None:
    """It is no incident, but the unit was away."""
    answered(station, engine, "cancelled")
    assert outcomes(station) == [(False, True)]
    assert known(station).incidents == ()


def test_what_was_settled_by_video_took_none(station: Station, engine: Engine) -> None:
    """It is an incident all the same."""
    station.incident(drivable=True, agreed=True)
    settle(engine)
    assert outcomes(station) == [(True, False)]


def test_what_a_unit_came_upon_and_second_reports_are_no_calls(
    station: Station, engine: Engine
) -> None:
    """Nor what is still going on."""
    station.incident(unit="t1")
    station.incident(incident="first", junction="n22")
    station.incident(incident="second", junction="n22")
    settle(engine)
    station.send("command_given", command="merge", incident="second", into="first", by="o1")
    settle(engine)
    assert outcomes(station) == []


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_the_share_of_calls_that_take_a_unit_is_recovered(share: float) -> None:
    """Of a thousand."""
    assert calls(share, 1000).weight("crash", "damage") == pytest.approx(share, abs=0.02)


def test_false_alarms_are_calls_that_the_incidents_do_not_tell_of() -> None:
    """A hundred beside two hundred incidents: half as many calls again."""
    assert calls(1.0, 200, false=100).weight("crash", "damage") == pytest.approx(1.5, abs=0.06)


def test_a_few_calls_say_little() -> None:
    """Two by video are no rule."""
    assert calls(0.0, 2).weight("crash", "damage") > 0.9


def test_that_scratches_are_settled_by_video_says_nothing_of_the_badly_hurt() -> None:
    """Of them nothing is known: each takes a unit."""
    assert calls(0.1, 500).weight("crash", "serious") == 1.0


def test_what_was_over_later_is_not_known_before() -> None:
    """A forecast is made from what was before it."""
    told = outcomes_of([
        {"kind": "crash", "severity": "none", "ended_ms": at, "was": True, "answered": False}
        for at in range(100)
    ])  # fmt: skip
    assert len(told.before(40).call) == 40
    assert told.before(0).weight("crash", "none") == 1.0


def test_a_month_of_video_needs_fewer_units_than_with_the_journal_withheld(
    station: Station, engine: Engine
) -> None:
    """Told by the engine, planned by the product's own chain."""
    for minute in range(60):
        station.now_ms = station.at(f"10:{minute:02d}:00", 1)
        station.incident(drivable=True, agreed=True)
    settle(engine)
    told = known(station)
    assert len(all_recorded(station.district, told).outcomes.call) == 60
    learnt, withheld = (
        next_month(station, one) for one in (told, Recorded(incidents=told.incidents))
    )
    assert learnt.response.load.sum() < 0.5 * withheld.response.load.sum()
    assert not np.array_equal(withheld.demand.units, learnt.demand.units)
