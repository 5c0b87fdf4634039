"""Whether visits work: slots by lot, before–after by empirical Bayes, power."""

import numpy as np
import pytest

from benchmarks.effect import TRUTH, by_count, by_lot
from scheduler.hindsight.effect import Sites, before_after, draw, on_off, power, weeks_needed


def test_each_slot_is_worked_in_one_of_two_weeks() -> None:
    """By lot: about as often in the first as in the second, and the same for the same seed."""
    worked = draw(400, 6, 7)
    assert (worked.reshape(400, 3, 2).sum(axis=2) == 1).all()
    assert 0.4 < worked[:, 0].mean() < 0.6
    assert (worked == draw(400, 6, 7)).all()
    assert (worked != draw(400, 6, 8)).any()


@pytest.mark.parametrize("weeks", [0, 3])
def test_weeks_are_pairs(weeks: int) -> None:
    """A week alone would have nothing to be compared with."""
    with pytest.raises(ValueError, match="pairs"):
        draw(5, weeks, 1)


@pytest.mark.parametrize("how", [(300, 12, 0.2, 0.0), (300, 12, 0.02, 0.0), (300, 12, 0.2, 0.3)])
def test_by_lot_the_interval_holds_the_truth(how: tuple[int, int, float, float]) -> None:
    """In 93 to 97 of 100 runs but for the chance of 600 runs, and no way leans to one side."""
    found = [by_lot(seed, *how) for seed in range(600)]
    assert 0.915 <= np.mean([one.low <= TRUTH <= one.high for one in found]) <= 0.985
    assert abs(np.median([one.ratio for one in found]) - TRUTH) < 0.03


def test_before_and_after_of_the_worst_places_the_interval_holds_the_truth() -> None:
    """Plain before–after would call a third of the incidents prevented."""
    pairs = [by_count(seed, 2_000, 3.0, 0.1) for seed in range(300)]
    assert 0.905 <= np.mean([one.low <= TRUTH <= one.high for one, _ in pairs]) <= 0.99
    assert abs(np.median([one.ratio for one, _ in pairs]) - TRUTH) < 0.02
    assert np.median([plain for _, plain in pairs]) < 0.7


def test_the_power_foreseen_is_the_power_seen() -> None:
    """How often simulated runs find the effect, beside what was told before them."""
    found = np.mean([by_lot(seed, 300, 12, 0.2, 0.0).high < 1 for seed in range(600)])
    assert abs(found - power(720, TRUTH)) < 0.06


def test_the_weeks_needed_find_the_effect_four_times_of_five() -> None:
    """And two weeks less would not do."""
    weeks = weeks_needed(60.0, TRUTH)
    assert weeks % 2 == 0
    assert power(60.0 * weeks, TRUTH) >= 0.8 > power(60.0 * (weeks - 2), TRUTH)


def test_without_incidents_nothing_is_claimed() -> None:
    """The interval is everything."""
    worked = draw(10, 4, 1)
    empty = on_off(np.zeros((10, 4)), worked)
    assert (empty.low, empty.high) == (0.0, float("inf"))
    nobody = Sites(np.ones(5), np.ones(5), np.zeros(5, dtype=bool))
    assert before_after(nobody).high == float("inf")


def test_slots_without_any_incident_while_worked_are_no_certainty() -> None:
    """Three incidents, all in weeks off: fewer, but how much fewer nobody knows."""
    worked = draw(3, 2, 1)
    found = on_off((~worked).astype(np.float64), worked)
    assert found.ratio == 0.0
    assert found.high > 1.0
