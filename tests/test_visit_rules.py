"""Visits to must-arrive points: sent in time, proven by the track, warned of, carried once."""

from pathlib import Path

import pytest
from patrolled import Morning, duty, visit

P3 = visit("p3", "07:00", "09:00", "07:30")


@pytest.fixture
def day(tmp_path: Path) -> Morning:
    """Team t1 on patrol with one visit, at its station, 76 s away from it."""
    day = Morning(tmp_path)
    day.roster(duty("d1", "t1", visits=[P3]))
    day.sign_in("t1", "06:00")
    return day


def test_a_unit_is_sent_so_that_it_arrives_as_planned(day: Morning) -> None:
    """Planned arrival minus turn-out minus the drive on patrol."""
    day.run("07:30")
    ((clock, order),) = day.orders()
    assert clock == "07:26:44"
    assert order.eta_ms == day.at("07:30")


def test_a_full_visit_is_made(day: Morning) -> None:
    """Sent, arrived, twelve minutes of presence, free again."""
    day.stand("t1", "p3", "07:30", "07:42")
    day.run("09:30")
    assert day.kinds() == ["dispatch", "arrived", "clear visit.done"]
    assert day.ends() == ["done"]
    assert day.visit("p3/d1").status == "done"
    assert day.unit("t1").status == "free"
