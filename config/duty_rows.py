"""Whether the rows of a roster can be duties of its week: their times, tasks and number.

One look for `qinwu check`, which has tables, perhaps with faults, and for the planner, which has
a district. Names are looked up by each of them, laws afterwards and by the planner only.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from config.calendar import Calendar, monday_of
from config.durations import DAY_MS, MINUTE_MS
from config.faults import near_or_all, shown
from config.ids import NIGHT_CHECK
from config.made_tables import RosterRow, VisitRow
from config.reading import Table

MOST_DUTIES_OF_ONE = 14
"""Duties of a person in a week above which nobody looks further: the law knows one a date."""
REACH_MS = 2 * DAY_MS
"""A duty so long is none."""
DAYS_OF_A_WEEK = 7


class Fault(NamedTuple):
    """What is wrong with a duty: column of roster.csv, key below `check.` and its fields."""

    column: str
    key: str
    fields: Mapping[str, object]


@dataclass(slots=True)
class DutyRows:
    """Looks at the duties of one week, one after the other.

    fixed: Ids of duties.csv.
    monday: None where there is no such week.
    """

    week: str
    calendar: Calendar
    fixed: Collection[str]
    monday: date | None = field(init=False, default=None)
    _duties: Counter[str] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        """Find the week."""
        try:
            self.monday = monday_of(self.week)
        except ValueError:
            return

    def faults(self, row: RosterRow) -> Iterator[Fault]:
        """What is wrong with a duty, apart from names and laws."""
        for person in (row.officer, *row.auxiliaries):
            self._duties[person] += 1
            if self._duties[person] == MOST_DUTIES_OF_ONE + 1:
                told = {"value": person, "most": MOST_DUTIES_OF_ONE}
                yield Fault("officer", "roster.too_often", told)
        if row.week != self.week:
            yield Fault("week", "roster.two_weeks", {"value": row.week, "week": self.week})
        if self.monday is None:
            yield Fault("week", "roster.no_week", {"value": self.week})
            return
        days = {(self.monday + timedelta(n)).isoformat() for n in range(DAYS_OF_A_WEEK)}
        for task in row.tasks:
            duty, _, day = task.rpartition("@")
            if day not in days or duty not in (NIGHT_CHECK, *self.fixed):
                yield Fault("tasks", "roster.unknown", {"value": task})
        yield from self._of_times(row, self.monday)

    def _of_times(self, row: RosterRow, monday: date) -> Iterator[Fault]:
        start_ms, end_ms = self.moment(row.start), self.moment(row.end)
        for column, at_ms in (("start", start_ms), ("end", end_ms)):
            text = shown(getattr(row, column))
            if at_ms is None:
                yield Fault(column, "roster.time", {"value": text})
            elif at_ms % MINUTE_MS:
                yield Fault(column, "roster.whole_minute", {"value": text})
        if start_ms is None or end_ms is None:
            return
        if end_ms <= start_ms:
            yield Fault("end", "roster.order", {"value": row.end})
        elif end_ms > start_ms + REACH_MS:
            yield Fault("end", "roster.too_long", {"value": row.end, "start": row.start})
        # A duty of the night that was cut after midnight: its rest keeps the date of the whole.
        elif not 0 <= (self.calendar.local(start_ms).date() - row.day).days <= 1:
            told = {"value": row.day.isoformat(), "start": row.start}
            yield Fault("date", "roster.other_day", told)
        elif not 0 <= (row.day - monday).days < DAYS_OF_A_WEEK:
            told = {"value": row.day.isoformat(), "week": row.week}
            yield Fault("date", "roster.outside", told)

    def visit_fault(self, arrive: str, leave: str) -> Fault | None:
        """What is wrong with a visit's times."""
        arrive_ms, leave_ms = self.moment(arrive), self.moment(leave)
        if arrive_ms is None:
            return Fault("arrive", "roster.time", {"value": shown(arrive)})
        if leave_ms is None:
            return Fault("leave", "roster.time", {"value": shown(leave)})
        if leave_ms < arrive_ms:
            times = f"{shown(arrive)}, {shown(leave)}"
            return Fault("leave", "roster.visit_order", {"value": times})
        if self.monday is None:
            return Fault("week", "roster.no_week", {"value": self.week})
        days = self.calendar.local(arrive_ms).date() - self.monday
        if timedelta(-1) <= days <= timedelta(DAYS_OF_A_WEEK + 1):
            return None
        return Fault("arrive", "roster.outside", {"value": shown(arrive), "week": self.week})

    def moment(self, text: str) -> int | None:
        """Unix ms of a time with offset that the calendar tells, too; None where it is none."""
        try:
            at_ms = self.calendar.parse_iso(text)
            self.calendar.local(at_ms)
        except (ValueError, OverflowError):
            return None
        return at_ms


def note_strays(table: Table[VisitRow], duties: Collection[str]) -> None:
    """Warn once of visits whose duty the roster has not: a duty was taken out, its visits stayed.

    No error: they are left out, and the roster is what it says.
    """
    at = [n for n, row in enumerate(table.rows) if row.duty not in duties]
    if at:
        value = table.rows[at[0]].duty
        told = {"count": len(at), "value": shown(value), "near": near_or_all(value, duties)}
        table.find(at[0], "duty", "roster.strays", "warning", **told)
