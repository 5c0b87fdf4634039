"""Where what stands on the duty sheet, for the hand that writes it and for the eye that reads it.

A column is known by its head, a row by its team: so both may be moved.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from config.words import Say
from scheduler.sheet.cells import TASK
from scheduler.sheet.known import in_all, listed, plain
from scheduler.sheets import Box

Fixed = Literal["number", "team", "officer", "crew", "hours"]
"""The columns that are not a day's."""
FIXED: tuple[Fixed, ...] = get_args(Fixed)
BEFORE: tuple[Fixed, ...] = ("number", "team", "officer", "crew")
"""Those before the days; the others stand behind."""
NEEDED: tuple[Fixed, ...] = ("team", "officer", "crew")
META = "_qinwu"
"""The hidden worksheet that remembers what was printed."""
TITLE_ROW, HEAD_ROW, FIRST_ROW = 1, 2, 3
_FULL = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_SHORT = re.compile(r"(?<!\d)(\d{1,2})[-/.月](\d{1,2})(?!\d)")
_SERIAL = range(20_000, 80_000)
"""Excel's own count of days, of the years 1954 to 2119."""
_FIRST_SERIAL = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class OtherDay:
    """A date in a head that is not of the week."""

    day: date


def head(column: Fixed, say: Say) -> str:
    """The head of a column."""
    return say(f"sheet.column.{column}")


def day_head(day: date, say: Say) -> str:
    """The head of a day's column."""
    weekday = say(f"planner.weekday.{day.isoweekday()}")
    return say("sheet.day", weekday=weekday, month=day.month, day=day.day)


def column_of(value: object) -> Fixed | None:
    """The column that a head names, in any language."""
    text = plain(str(value)).casefold() if value is not None else ""
    return next((one for one in FIXED if text and text in in_all(f"sheet.column.{one}")), None)


def day_of(value: object, dates: Sequence[date]) -> date | OtherDay | None:
    """The day that a head names: by a date, of text or Excel's own, else by its weekday."""
    named = _date(value, dates)
    if named is not None:
        return named if named in dates else OtherDay(named)
    text = plain(str(value)).casefold() if value is not None else ""
    for day in dates:
        number = day.isoweekday()
        if text in {*in_all(f"planner.weekday.{number}"), *listed(f"sheet.weekdays.{number}")}:
            return day
    return None


def _date(value: object, dates: Sequence[date]) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value in _SERIAL:
        return _FIRST_SERIAL + timedelta(days=value)
    text = plain(value) if isinstance(value, str) else ""
    try:
        if full := _FULL.search(text):
            return date(*map(int, full.groups()))
        if short := _SHORT.search(text):
            month, day = map(int, short.groups())
            near = (one for one in dates if (one.month, one.day) == (month, day))
            return next(near, None) or date(dates[0].year, month, day)
    except ValueError:
        return None
    return None


def box_text(box: Box, say: Say) -> str:
    """What a cell says; read back by `scheduler.sheet.cells`."""
    if box.duty is None:
        return box.hours
    first = " ".join(filter(None, (box.hours, box.duty.vehicle)))
    lines = [first, "·".join(filter(None, (box.kind, box.post)))]
    lines += [f"{TASK}{task}" for task in box.tasks]
    if box.crew:
        lines.append(say("planner.report.with", crew=names_text(box.crew, say)))
    return "\n".join(lines)


def task_text(task: str) -> str:
    """A fixed duty without its id: its hours and where it is."""
    first, _, rest = task.partition(" ")
    return rest or first


def names_text(names: Iterable[str], say: Say) -> str:
    """Names in one cell."""
    return say("planner.report.comma").join(names)


def starts_like(value: object, keys: Iterable[str]) -> bool:
    """Whether a text begins as one of these of the catalogues does, up to its first field."""
    text = plain(value).casefold() if isinstance(value, str) else ""
    starts = (begin for key in keys for one in in_all(key) if (begin := one.partition("{")[0]))
    return any(text.startswith(begin.strip()) for begin in starts)
