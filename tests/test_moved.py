"""Places whose level has changed for good: a new road is known for what it is within weeks."""

from datetime import time, timedelta
from pathlib import Path

import numpy as np
import pytest
from sample_truth import folder_of, truth
from scipy.sparse import csr_array, eye_array

from config.district import load
from config.sample.process import OPENING_DAY
from scheduler.foresight.ground import kernel_of
from scheduler.foresight.history import days_between, incidents_by_kind, read_history
from scheduler.foresight.moved import since_days
from scheduler.foresight.patterns import fit

PLACES, DAYS = 60, 600
ALONE = csr_array(eye_array(PLACES))


def found(more: float, last_days: int, seed: int = 1, everywhere: float = 1.0) -> np.ndarray:
    """From when each level holds, where that of place 0 is another in the last days."""
    level = np.full((DAYS, PLACES), 0.2)
    level[-last_days:] *= everywhere
    level[-last_days:, 0] *= more
    count = np.random.default_rng(seed).poisson(level)
    day, place = np.repeat(np.argwhere(level > 0), count.ravel(), axis=0).T
    return since_days(place, day, DAYS, ALONE)


@pytest.mark.parametrize(("more", "last_days"), [(6.0, 28), (3.0, 112), (0.1, 168), (0.3, 364)])
def test_the_day_of_a_planted_change_is_recovered(more: float, last_days: int) -> None:
    """Up or down, within a month or a fifth of the time since; no other place has changed."""
    since = found(more, last_days)
    assert abs(DAYS - last_days - since[0]) <= max(28, last_days / 5)
    assert not since[1:].any()


@pytest.mark.parametrize("seed", range(8))
def test_chance_changes_no_place(seed: int) -> None:
    """Sixty places in eight histories in which nothing changed."""
    assert not found(1.0, 100, seed).any()


def test_what_changes_everywhere_alike_is_the_season() -> None:
    """Twice as many, at all places."""
    assert not found(1.0, 100, everywhere=2.0).any()


def test_a_short_history_has_no_change() -> None:
    """Half a year has to be known before."""
    day = np.arange(100, 190)
    since = since_days(np.zeros(90, dtype=np.int64), day, 190, ALONE)
    assert not since.any()


def test_a_new_ring_road_moves_the_demand_within_weeks(tmp_path: Path) -> None:
    """Half of what the hidden truth has on it after six, four fifths after twelve; not a year."""
    world = truth()
    district = load(folder_of(tmp_path))
    history, kernel = read_history(district), kernel_of(district)
    where = sum(one.where for one in world.process.components if "ring" in one.name)
    ring = np.argsort(-where)[:30]
    opened = world.process.span.first + timedelta(OPENING_DAY)
    shares = []
    for weeks in (6, 12):
        day = opened + timedelta(weeks=weeks)
        known = history.before(district.calendar.at_ms(day, time(0)))
        days, incidents = incidents_by_kind(known, district.calendar)
        ahead = days_between(district.calendar, day, day + timedelta(7))
        patterns = fit(tuple(district.roads.node_ids), days, incidents, kernel)
        rates = patterns.week(ahead.weekday, ahead.month), world.process.rates(day, 7)
        here = [float(one[ring].sum() / one.sum()) for one in rates]
        shares.append(here[0] / here[1])
    assert shares[0] > 0.5
    assert shares[1] > 0.8
