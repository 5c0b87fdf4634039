"""Times of a source's rows: columns of date parts, or texts read by declared formats."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config.calendar import Calendar
from config.importers.columns import Moment

IntArray = NDArray[np.int64]
Texts = NDArray[np.object_]
ISO = "iso"
_PARTS = (("hour", 23), ("minute", 59))


def read(moment: Moment, cells: Mapping[str, Texts], count: int, calendar: Calendar
         ) -> tuple[IntArray, NDArray[np.bool_]]:  # fmt: skip
    """Moments of `count` rows, Unix ms, and which rows have none that can be read.

    Wall clocks are of the calendar's zone: one that is missing moves forward, one that comes
    twice is the first. The format `iso` needs its own offset.
    """
    if not moment.columns:
        return _of_wall(_parts(moment, cells), calendar)
    text = pd.Series(cells[moment.columns[0]], dtype=object)
    for name in moment.columns[1:]:
        text = text + " " + pd.Series(cells[name], dtype=object)
    at_ms, bad = np.zeros(count, dtype=np.int64), np.ones(count, dtype=bool)
    for written in moment.formats:
        todo = np.flatnonzero(bad)
        if not todo.size:
            break
        found, failed = _iso(text[todo]) if written == ISO else _of_wall(
            pd.to_datetime(text[todo], format=written, errors="coerce"), calendar
        )  # fmt: skip
        at_ms[todo], bad[todo] = found, failed
    return at_ms, bad


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
             ) -> tuple[IntArray, NDArray[np.bool_]]:  # fmt: skip
    bad = local.isna().to_numpy()
    wall_ms = local.dt.as_unit("ms").astype("int64").to_numpy()
    return calendar.of_local_ms(np.where(bad, 0, wall_ms)), bad


def _iso(text: "pd.Series[str]") -> tuple[IntArray, NDArray[np.bool_]]:
    """ISO 8601 with offset; a time without one is no moment."""
    at = pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce")
    bad = (at.isna() | ~text.str.contains(r"(?:Z|[+-]\d\d:?\d\d)$", regex=True)).to_numpy()
    at_ms = at.dt.as_unit("ms").astype("int64").to_numpy()
    return np.where(bad, 0, at_ms), bad
