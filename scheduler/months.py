"""Months of the calendar: named, counted, and where they begin in a district's time."""

from datetime import date, time

import numpy as np
import numpy.typing as npt

from config.calendar import Calendar
from config.errors import BadInput

IntArray = npt.NDArray[np.int64]
Month = tuple[int, int]
"""Year and month of it, 1 to 12."""
YEAR_MONTHS = 12
YEARS = range(1970, 2200)


def after(month: Month, months: int) -> Month:
    """The month so many later."""
    return numbered(number_of(month) + months)


def named(month: Month) -> str:
    """As people write it: 2018-01."""
    return f"{month[0]:04d}-{month[1]:02d}"


def month_of(text: str) -> Month:
    """The month of a text.

    Raises:
        BadInput: It is not written like 2018-01, or lies outside 1970 to 2199.
    """
    try:
        day = date.fromisoformat(f"{text}-01")
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        raise BadInput(key="backtest.no_month", value=text)
    return day.year, day.month


def first_day(month: Month) -> date:
    """Its first day."""
    return date(*month, 1)


def start_ms(calendar: Calendar, month: Month) -> int:
    """When it begins by the calendar's clocks, Unix ms."""
    return calendar.at_ms(first_day(month), time(0))


def number_of(month: Month) -> int:
    """Months are counted by 12 × year + month − 1."""
    return YEAR_MONTHS * month[0] + month[1] - 1


def numbered(number: int) -> Month:
    """The month of a number."""
    return number // YEAR_MONTHS, number % YEAR_MONTHS + 1


def month_numbers(local_ms: IntArray) -> IntArray:
    """Numbers of the months of local wall clocks in ms."""
    month = local_ms.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    return np.asarray(month + 1970 * YEAR_MONTHS)
