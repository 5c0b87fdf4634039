"""The scores of forecasts, against figures worked out by hand."""

import numpy as np
import pytest

from scheduler.hindsight.scoring import deviance, hits, hits_ordered, paired, tenths

HOURS = np.array([4.0, 4.0])


def test_equal_scores_give_the_expected_number_of_hits() -> None:
    """A budget of one of two equal best cells meets half of what came in both."""
    score, came = np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([[3.0, 1.0], [5.0, 0.0]])
    assert hits(score, came, HOURS, 0.25) == pytest.approx(2.0)


def test_a_budget_takes_the_best_place_hours_first() -> None:
    """Half of all place-hours are the two of highest score."""
    score, came = np.array([[1.0, 4.0], [3.0, 2.0]]), np.array([[1.0, 2.0], [4.0, 8.0]])
    assert hits(score, came, HOURS, 0.5) == pytest.approx(6.0)


def test_a_tie_is_broken_as_told() -> None:
    """Of two equal scores the one with the higher tie comes first, whatever else is above."""
    score, tie = np.array([[1.0, 1.0]]), np.array([[0.0, 1.0]])
    assert hits_ordered(score, tie, np.array([[3.0, 7.0]]), HOURS, 0.5) == pytest.approx(7.0)
    assert hits_ordered(score, -tie, np.array([[3.0, 7.0]]), HOURS, 0.5) == pytest.approx(3.0)


def test_the_deviance_is_least_for_what_came() -> None:
    """A forecast of the wrong shape and the same sum is worse."""
    came = np.array([[3.0, 0.0], [1.0, 2.0]])
    assert deviance(came, came) < deviance(came[::-1], came)


def test_tenths_hold_all_that_came_and_was_expected() -> None:
    """Nothing is left out between the tenths."""
    rng = np.random.default_rng(5)
    expected = rng.uniform(0, 2, (30, 20))
    came = rng.poisson(expected).astype(float)
    seen, mean = tenths(expected, came)
    assert (seen.sum(), mean.sum()) == pytest.approx((came.sum(), expected.sum()))
    assert mean == pytest.approx(np.full(10, expected.sum() / 10), rel=0.02)


def test_a_gain_of_every_month_is_proven() -> None:
    """Twice as many in each of twelve months cannot be chance."""
    other = np.arange(10.0, 22.0)
    found = paired(2 * other, other, np.full(12, 100.0))
    assert found.proven
    assert (found.ratio, found.ratio_low, found.ratio_high) == pytest.approx((2.0, 2.0, 2.0))


def test_a_gain_that_some_months_take_back_is_not_claimed() -> None:
    """As often worse as better, by a little more."""
    other = np.full(12, 10.0)
    ours = other + np.tile([3.0, -2.5], 6)
    found = paired(ours, other, np.full(12, 100.0))
    assert found.gain > 0
    assert not found.proven


def test_one_month_proves_no_gain() -> None:
    """Drawn from one month there is no other; what is always the same is not sure for that."""
    found = paired(np.array([20.0]), np.array([10.0]), np.array([100.0]))
    assert found.gain_low > 0
    assert not found.proven
