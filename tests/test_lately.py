"""Places that had far more incidents in the last weeks than they are known for."""

import numpy as np
import pytest
from scipy.sparse import csr_array, eye_array

from scheduler.foresight.lately import rise
from scheduler.foresight.must_arrive import Points
from scheduler.foresight.patterns import Days, Seen, fit

PLACES, DAYS = 60, 400
KERNEL = csr_array(eye_array(PLACES))
WEEKDAY = (np.arange(DAYS) % 7).astype(np.int64)


def points(places: int = PLACES) -> Points:
    """Each place is met only where it is."""
    names = tuple(f"P{n}" for n in range(places))
    covers = csr_array(eye_array(places))
    return Points(names, np.zeros(places, dtype=np.int64), covers, np.zeros(places))


def risen(more: float, since: int = DAYS - 56, seed: int = 1, everywhere: float = 1.0
          ) -> np.ndarray:  # fmt: skip
    """What is found where place 0 has `more` times its level from a day on."""
    return told(more, since, seed, everywhere)[1]


def told(more: float, since: int, seed: int, everywhere: float = 1.0
         ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The level that is known of each place, and what is found of its last weeks."""
    random = np.random.default_rng(seed)
    level = np.full((DAYS, PLACES), 0.1)
    level[since:] *= everywhere
    level[since:, 0] *= more
    day, place = np.repeat(np.argwhere(level > 0), random.poisson(level).ravel(), axis=0).T
    seen = Seen(place, day, random.integers(0, 24, len(day)))
    days = Days(WEEKDAY, np.zeros(DAYS, dtype=np.int64))
    names = tuple(f"P{n}" for n in range(PLACES))
    patterns = fit(names, days, {"crash": seen}, KERNEL)
    level = patterns.rates().mean(axis=1)
    return level, rise(points(), patterns, days, {"crash": seen})


def test_a_place_whose_level_has_changed_has_it_at_once() -> None:
    """Five times as many for eight weeks: most of that, and nothing elsewhere."""
    level, found = told(5.0, DAYS - 56, 1)
    expected = level * found / np.median(level)
    assert 1.8 < expected[0] < 7.0
    assert (found[1:] == 1.0).all()


@pytest.mark.parametrize("seed", [2, 3, 6])
def test_before_its_old_level_is_forgotten_its_last_weeks_count(seed: int) -> None:
    """Four times as many for four weeks: too few to forget what was, enough for visits."""
    level, found = told(4.0, DAYS - 28, seed)
    assert level[0] < 2.5 * np.median(level)
    assert 1.8 < found[0] < 5.5


@pytest.mark.parametrize("seed", range(8))
def test_chance_moves_nothing(seed: int) -> None:
    """Sixty places in eight histories in which nothing changed."""
    assert (risen(1.0, seed=seed) == 1.0).all()


def test_what_rises_everywhere_is_the_season() -> None:
    """Twice as many, at all places alike."""
    assert (risen(1.0, everywhere=2.0) == 1.0).all()


def test_a_short_history_says_nothing_of_lately() -> None:
    """Everything in it is lately."""
    days = Days(WEEKDAY[:100], np.zeros(100, dtype=np.int64))
    seen = Seen(np.zeros(50, dtype=np.int64), np.arange(50, 100), np.full(50, 8))
    names = tuple(f"P{n}" for n in range(PLACES))
    found = rise(points(), fit(names, days, {"crash": seen}, KERNEL), days, {"crash": seen})
    assert (found == 1.0).all()
