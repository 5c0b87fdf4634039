"""What happened lately says more: a day weighs half after each half-life, in levels too."""

import numpy as np
import pytest
from scipy.sparse import csr_array, eye_array

from scheduler.foresight.patterns import Days, Model, Seen, fit_kind, recency_of

TOTAL = 4 * 365 + 2
DAYS = Days(np.arange(TOTAL) % 7, np.arange(TOTAL) % 365 * 12 // 365)


@pytest.mark.parametrize(("half_life_months", "days"), [(8.0, 243.5), (16.0, 487.0), (24.0, 730.5)])
def test_a_day_weighs_half_after_each_half_life(half_life_months: float, days: float) -> None:
    """A month has 30.4375 days; the last day weighs 1, one of two half-lives ago a quarter."""
    found = recency_of(DAYS, Model(half_life_months=half_life_months))
    assert found[-1] == 1
    assert found[-1 - round(2 * days)] == pytest.approx(0.25)
    assert (found[:-1] < found[1:]).all()


def test_half_of_what_was_known_two_years_ago_counts() -> None:
    """Unless somebody asks for another half-life: four years are two of them."""
    assert recency_of(DAYS, Model())[-1 - 1461] == pytest.approx(0.25)


def test_a_place_is_known_by_what_happened_lately() -> None:
    """Ten crashes at each of two places, in the last month or three years before it."""
    when = np.repeat((TOTAL - 15, TOTAL - 15 - 3 * 365), 10)
    seen = Seen(np.repeat((0, 1), 10), when, np.arange(20) % 24)
    always = np.zeros(2, dtype=np.int64)
    level = fit_kind("crash", DAYS, seen, csr_array(eye_array(2)), Model(), always).level
    assert level[0] > 1.5 * level[1]
