"""The timer: it wakes the planner at the right moments, and anything else it does is harmless."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from apscheduler.schedulers.base import STATE_RUNNING, STATE_STOPPED
from districts import small_district

from config.district import District, load
from events.clock import Clock, Setting
from scheduler.timer import LONGEST_WAIT_MS, SHORTEST_WAIT_MS, Timer


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """The hand-made district."""
    return load(small_district(Path(tmp_path_factory.mktemp("district"))))


def timer(district: District, clock: Clock, wake: threading.Event | None = None) -> Timer:
    """A timer that sets an event."""
    told = wake or threading.Event()
    return Timer(clock, district.calendar, district.settings.publication, told.set)


def test_wakes_when_due(district: District) -> None:
    """It wakes at once when it starts, and again when the next moment has come."""
    saturday_ms = district.calendar.parse_iso("2026-11-28T17:59:59.800+08:00")
    began_ms = int(datetime.now(UTC).timestamp() * 1000)
    clock = Clock(Setting(saturday_ms, began_ms, 1.0))
    wake = threading.Event()
    one = timer(district, clock, wake)
    one.start()
    try:
        assert wake.wait(5)
        wake.clear()
        assert wake.wait(5)
        assert clock.now_ms() >= district.calendar.parse_iso("2026-11-28T18:00:00+08:00")
    finally:
        one.stop()


def test_setting_the_clock_twice(district: District) -> None:
    """However often the clock is set, one job waits."""
    one = timer(district, Clock(wall=lambda: 0))
    one.start()
    try:
        one.reset()
        one.reset()
        assert len(one._scheduler.get_jobs()) == 1
    finally:
        one.stop()
        one.stop()


@pytest.mark.parametrize(("speed", "expected"), [(1.0, 600_000), (60.0, 60_000), (0.0, 600_000)])
def test_clock_changes(district: District, speed: float, expected: int) -> None:
    """An hour before the moment it waits an hour of the district's clock, at most ten minutes."""
    at_ms = district.calendar.parse_iso("2026-11-28T17:00:00+08:00")
    clock = Clock(Setting(at_ms, 0, speed), wall=lambda: 0)
    assert timer(district, clock).wait_ms() == expected
    assert SHORTEST_WAIT_MS < expected <= LONGEST_WAIT_MS


def test_stopping_while_a_moment_comes(district: District) -> None:
    """APScheduler takes up what is due although `shutdown` has begun: it finds its job."""
    one = timer(district, Clock(wall=lambda: 0))
    one.start()
    scheduler = one._scheduler
    [job] = scheduler.get_jobs()
    scheduler.pause()
    try:
        job.modify(next_run_time=datetime.now(UTC))
        scheduler.state = STATE_STOPPED
        scheduler._process_jobs()
    finally:
        scheduler.state = STATE_RUNNING
        kept = scheduler.get_jobs()
        one.stop()
    assert [waiting.id for waiting in kept] == [job.id]
