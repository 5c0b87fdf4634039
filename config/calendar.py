"""ISO weeks, local clocks and the calendar file: where time zones are opened.

Inside the program a moment is `at_ms` (Unix milliseconds, UTC). Weeks are ISO weeks like
"2026-W49", Monday 00:00 to Monday 00:00 local time: 167, 168 or 169 hours long.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from config.durations import DAY_MIN, DAY_MS, HOUR_MS
from config.tables import CalendarRow, DutyRow

IntArray = NDArray[np.int64]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_WEEKDAYS = 5
YEARS = range(1970, 2200)
"""Of weeks: a week before and after must be there, too."""
_RANGE_MS = (-62_000_000_000_000, 253_000_000_000_000)  # years 6 to 9986


@lru_cache(maxsize=4096)
def monday_of(week: str) -> date:
    """Monday of an ISO week such as "2026-W49".

    Raises:
        ValueError: `week` is not written so, that year has no such week, or lies outside 1970 to
            2199.
    """
    match = _WEEK.fullmatch(week)
    try:
        if match and int(match[1]) in YEARS:
            return date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        pass
    msg = f"no ISO week {week!r}; a week is written 2026-W49"
    raise ValueError(msg)


def week_of_day(day: date) -> str:
    """ISO week in which a date lies."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def over_midnight(start: time, end: time) -> bool:
    """Whether a window ends on the day after it starts: its end is not later than its start."""
    return end <= start


def window_min(start: time, end: time) -> tuple[int, int]:
    """A window in minutes after the midnight before it; the end may lie past 24:00."""
    last_min = end.hour * 60 + end.minute
    return (
        start.hour * 60 + start.minute,
        last_min + DAY_MIN if over_midnight(start, end) else last_min,
    )


@lru_cache(maxsize=16_384)
def _moment_ms(day: date, clock: time, zone: ZoneInfo) -> int:
    """Of a local date and clock time; the same few are asked for each person, duty and rule."""
    return (datetime.combine(day, clock, zone).astimezone(UTC) - _EPOCH) // _MS


@dataclass(frozen=True, slots=True)
class Calendar:
    """A district's time zone and the days of calendar.csv."""

    zone: ZoneInfo
    days: Mapping[date, CalendarRow]

    @classmethod
    def of_zone(cls, name: str, days: Mapping[date, CalendarRow] | None = None) -> Self:
        """Of a zone such as "Asia/Shanghai".

        Raises:
            KeyError, ValueError, OSError: There is no such zone.
        """
        return cls(ZoneInfo(name), days or {})

    def week_start_ms(self, week: str) -> int:
        """Monday 00:00 local time of an ISO week; ValueError when there is no such week."""
        return self.at_ms(monday_of(week), time(0))

    def week_end_ms(self, week: str) -> int:
        """Monday 00:00 local time after an ISO week; ValueError when there is no such week."""
        return self.at_ms(monday_of(week) + timedelta(days=7), time(0))

    def week_of(self, at_ms: int) -> str:
        """ISO week in which a moment lies, local time."""
        return week_of_day(self.local(at_ms).date())

    def next_week(self, week: str) -> str:
        """The ISO week after."""
        return week_of_day(monday_of(week) + timedelta(days=7))

    def dates(self, week: str) -> tuple[date, ...]:
        """The seven dates of an ISO week, Monday first."""
        monday = monday_of(week)
        return tuple(monday + timedelta(days=n) for n in range(7))

    def at_ms(self, day: date, clock: time) -> int:
        """Moment of a local date and clock time.

        A clock time that the zone skips that day moves forward by the gap (02:30 is 03:30); one
        that comes twice is the first.
        """
        return _moment_ms(day, clock.replace(tzinfo=None, fold=0), self.zone)

    def span_ms(self, day: date, start: time, end: time) -> tuple[int, int]:
        """First and last moment of a window that starts on `day`, see `over_midnight`."""
        last = day + timedelta(days=int(over_midnight(start, end)))
        return self.at_ms(day, start), self.at_ms(last, end)

    def local(self, at_ms: int) -> datetime:
        """A moment as aware local time.

        Raises:
            ValueError: The moment is outside the years 6 to 9986.
        """
        if not _RANGE_MS[0] <= at_ms <= _RANGE_MS[1]:
            msg = f"{at_ms} ms is no moment of any calendar"
            raise ValueError(msg)
        return (_EPOCH + int(at_ms) * _MS).astimezone(self.zone)

    def iso(self, at_ms: int) -> str:
        """A moment as ISO 8601 with offset; milliseconds only where there are any."""
        moment = self.local(at_ms)
        return moment.isoformat(timespec="milliseconds" if at_ms % 1000 else "seconds")

    def parse_iso(self, text: str) -> int:
        """Moment of an ISO 8601 time with offset.

        Raises:
            ValueError: The text is no such time, or has no offset.
        """
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            msg = f"{text!r} has no offset; a time is written 2026-11-30T07:30:00+08:00"
            raise ValueError(msg)
        return (moment - _EPOCH) // _MS

    def local_ms(self, at_ms: ArrayLike) -> IntArray:
        """Local wall clock of each moment, as ms from 1970-01-01 00:00 local; any shape.

        `numpy.datetime64(local_ms, "ms")` is then the local date and time.
        """
        moments = np.asarray(at_ms, dtype=np.int64)
        days, where = np.unique(moments.ravel() // DAY_MS, return_inverse=True)
        starts = [self._offset_ms(int(day) * DAY_MS) for day in days]
        ends = [self._offset_ms((int(day) + 1) * DAY_MS) for day in days]
        offsets = np.array(starts, dtype=np.int64)[where]
        turning = np.flatnonzero(np.array(starts) != np.array(ends))  # clocks change within it
        for at in np.flatnonzero(np.isin(where, turning)):
            offsets[at] = self._offset_ms(int(moments.ravel()[at]))
        return moments + offsets.reshape(moments.shape)

    def of_local_ms(self, local_ms: ArrayLike) -> IntArray:
        """Moments of wall clocks in ms from 1970-01-01 00:00 local; the way back of `local_ms`.

        A missing wall clock moves forward, an ambiguous one is the first, as in `at_ms`.
        """
        clocks = np.asarray(local_ms, dtype=np.int64)
        hours, where = np.unique(clocks.ravel() // HOUR_MS, return_inverse=True)
        starts = np.array([self._hour_ms(int(hour)) for hour in hours], dtype=np.int64)
        moments = starts[where] + clocks.ravel() % HOUR_MS
        return moments.reshape(clocks.shape)

    def _hour_ms(self, hour: int) -> int:
        local = _EPOCH + timedelta(hours=hour)
        return self.at_ms(local.date(), local.time())

    def _offset_ms(self, at_ms: int) -> int:
        return (self.local(at_ms).utcoffset() or timedelta(0)) // _MS  # aware: never None

    def day(self, day: date) -> CalendarRow:
        """What kind of day it is; a date not in the file is what its weekday makes it.

        Monday to Friday are then work and school days, the week-end is rest.
        """
        row = self.days.get(day)
        if row is not None:
            return row
        works = day.isoweekday() <= _WEEKDAYS
        return CalendarRow(
            day=day, kind="workday" if works else "rest", school="1" if works else "0"
        )

    def day_type(self, day: date) -> str:
        """`workday`, `rest`, `holiday` or `in_lieu`."""
        return self.day(day).kind

    def works(self, day: date) -> bool:
        """Whether offices and commuters work that day: a workday, or one in lieu."""
        return self.day(day).kind in {"workday", "in_lieu"}

    def school(self, day: date) -> bool:
        """Whether schools are open that day."""
        return self.day(day).school == "1"

    def takes_place(self, duty: DutyRow, day: date) -> bool:
        """Whether a duty of duties.csv begins on a day."""
        named = duty.on == day if duty.on else day.isoweekday() in duty.weekdays
        return named and (duty.school_days == "0" or self.school(day))

    def covers(self, week: str) -> bool:
        """Whether the whole week lies between the first and the last day of calendar.csv."""
        dates = self.dates(week)
        return bool(self.days) and min(self.days) <= dates[0] and dates[-1] <= max(self.days)
