"""Months and hours of the week by numbers: as Python's own calendar says."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scheduler.foresight.levels import hour_of_week
from scheduler.months import after, month_numbers, number_of, numbered

moments = st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31))  # noqa: DTZ001 - wall clocks


def clock(at: datetime) -> np.ndarray:
    """A wall clock in ms."""
    return np.array([round((at.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC))
                           / timedelta(milliseconds=1))])  # fmt: skip


@given(moments)
def test_a_wall_clock_lies_in_its_month(at: datetime) -> None:
    """By number, and the number gives the month back."""
    month = at.year, at.month
    assert month_numbers(clock(at)).tolist() == [number_of(month)]
    assert numbered(number_of(month)) == month


@given(moments, st.integers(-300, 300))
def test_months_are_passed_one_by_one(at: datetime, months: int) -> None:
    """Over the ends of years, back and forth."""
    month = at.year, at.month
    assert number_of(after(month, months)) - number_of(month) == months
    assert 1 <= after(month, months)[1] <= 12


@given(moments)
def test_hours_of_the_week_begin_on_monday(at: datetime) -> None:
    """Hour 0 is Monday 00:00."""
    at = at.replace(microsecond=0)
    assert hour_of_week(clock(at)).tolist() == [24 * at.weekday() + at.hour]
