"""Times of a source's rows: columns of date parts, or texts read by declared formats."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config.calendar import Calendar
from config.durations import FIRST_MS, LAST_MS
from config.importers.columns import Moment

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Texts = NDArray[np.object_]
ISO = "iso"
DIGIT, OFFSET = re.compile(r"\d"), re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
YEAR_FIRST = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"([T\s]*(\d{1,2})[:：时点](\d{1,2})(?:[:：分](\d{1,2})(?:\.\d+)?)?[分秒]?)?"
)
"""A date and perhaps a time that can mean one thing only, whatever stands between the numbers."""
_NOT_SO, _HOURS = re.compile(r"%[Ipz]|%Y\W?%d"), re.compile(r"%[HXcTR]")
_PARTS = (("hour", 23), ("minute", 59))


def read(moment: Moment, cells: Mapping[str, Texts], count: int, calendar: Calendar
         ) -> tuple[IntArray, BoolArray, int]:  # fmt: skip
    """Moments of `count` rows, Unix ms, which rows have none, and how many are written otherwise.

    Wall clocks are of the calendar's zone: one that is missing moves forward, one that comes
    twice is the first. The format `iso` needs its own offset. A moment outside the years that a
    calendar can tell is none. What no format reads is read where its year stands first.
    """
    if not moment.columns:
        return *_of_wall(_parts(moment, cells), calendar), 0
    text = pd.Series(cells[moment.columns[0]], dtype=object)
    for name in moment.columns[1:]:
        text = text + " " + pd.Series(cells[name], dtype=object)
    told = [cell[:1].isdecimal() or DIGIT.search(cell) is not None for cell in text]
    text = text.where(np.array(told, dtype=bool))  # "now" and "today" would be read
    at_ms, bad = np.zeros(count, dtype=np.int64), np.ones(count, dtype=bool)
    for written in moment.formats:
        todo = np.flatnonzero(bad)
        if not todo.size:
            break
        found, failed = _iso(text[todo]) if written == ISO else _of_wall(
            pd.to_datetime(text[todo], format=written, errors="coerce"), calendar
        )  # fmt: skip
        at_ms[todo], bad[todo] = found, failed
    todo = np.flatnonzero(bad)
    if todo.size and (plain := _plainly(text[todo], moment.formats)) is not None:
        at_ms[todo], bad[todo] = _of_wall(plain, calendar)
    return at_ms, bad, todo.size - int(bad.sum())


def _plainly(text: "pd.Series[str]", formats: Sequence[str]) -> "pd.Series[pd.Timestamp] | None":
    """Local times whose year stands first; None where the formats say that it may mean another.

    A date alone is none where the formats have hours: midnight would be a guess.
    """
    walls = [each for each in formats if each != ISO]
    if not walls or any(map(_NOT_SO.search, walls)):
        return None
    hourly, told = any(map(_HOURS.search, walls)), dict[object, str | None]()
    for cell in set(text):
        found = YEAR_FIRST.fullmatch(cell.strip()) if isinstance(cell, str) else None
        if found is None or (hourly and found[4] is None):
            continue
        year, month, day, _, hour, minute, second = (each or "0" for each in found.groups())
        told[cell] = f"{year}-{month}-{day} {hour}:{minute}:{second}"
    return pd.to_datetime(text.map(told), format="%Y-%m-%d %H:%M:%S", errors="coerce")


def _parts(moment: Moment, cells: Mapping[str, Texts]) -> "pd.Series[pd.Timestamp]":
    """Local date and time from columns of numbers; NaT where there is no such date."""
    numbers = {}
    for name in ("year", "month", "day"):
        column = pd.Series(cells[getattr(moment, name)], dtype=object)
        numbers[name] = pd.to_numeric(column, errors="coerce")
    local = pd.to_datetime(pd.DataFrame(numbers), errors="coerce")
    for name, most in _PARTS:
        column = getattr(moment, name)
        if column is None:
            continue
        part = pd.to_numeric(pd.Series(cells[column], dtype=object), errors="coerce")
        part = part.where((part >= 0) & (part <= most) & (part % 1 == 0))
        local = local + pd.to_timedelta(part, unit=name)  # type: ignore[call-overload]
    return local


def _of_wall(local: "pd.Series[pd.Timestamp]", calendar: Calendar
             ) -> tuple[IntArray, BoolArray]:  # fmt: skip
    wall_ms, bad = _tellable(local)
    return calendar.of_local_ms(wall_ms), bad


def _iso(text: "pd.Series[str]") -> tuple[IntArray, BoolArray]:
    """ISO 8601 with offset; a time without one is no moment."""
    at = pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce")
    ends = [cell[-6:] if isinstance(cell, str) else "" for cell in text]
    offset = {end: OFFSET.search(end) is not None for end in set(ends)}  # few, of a million
    return _tellable(at.where(np.array([offset[end] for end in ends], dtype=bool)))


def _tellable(at: "pd.Series[pd.Timestamp]") -> tuple[IntArray, BoolArray]:
    """Times as ms, and which of them are none of any calendar: those are 0."""
    at_ms = at.dt.as_unit("ms").astype("int64").to_numpy()
    bad = at.isna().to_numpy() | (at_ms < FIRST_MS) | (at_ms >= LAST_MS)
    return np.where(bad, 0, at_ms), bad
