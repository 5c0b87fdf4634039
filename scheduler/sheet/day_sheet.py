"""A day as bars: a row a team, a column a half hour, the duties of the date and of the night."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from config.words import Say
from scheduler.names import Names, shared_names
from scheduler.roster import Duty
from scheduler.sheet import styles
from scheduler.sheet.source import Source
from scheduler.sheets import Line, Sheet, day_text

HALF_MIN = 30
HALVES = 48
LONGEST_HALVES = 96
"""Columns of a day and of what of its duties lies on the next one."""
BEFORE = 2
NAME_WIDTH, HALF_WIDTH = 11, 2.6
Bar = tuple[int, int, Duty]
"""First and last half hour, inclusive, and what duty it is."""
_YESTERDAY = timedelta(days=1)


def halves(source: Source, day: date) -> int:
    """Half hours that a day's sheet shows: up to the end of the last duty that begins that day."""
    of = source.printer.of
    last = max((duty.end_min for duty in source.roster.duties if duty.date == day), default=0)
    return next(
        (n for n in range(HALVES, LONGEST_HALVES, 2) if of.local(day, n * HALF_MIN) >= last),
        LONGEST_HALVES,
    )


def bars(line: Line, day: int, bounds: Sequence[int], source: Source) -> list[Bar]:
    """A team's bars, none over another."""
    dates = source.problem.dates
    wanted = (dates[day], dates[day] - _YESTERDAY)
    found: list[Bar] = []
    for duty in (box.duty for box in line.boxes if box.duty):
        own = [
            n for n, (first, last) in enumerate(pairwise(bounds))
            if duty.start_min < last and first < duty.end_min
            and all(not begin <= n <= end for begin, end, _ in found)
        ]  # fmt: skip
        if duty.date in wanted and own:
            found.append((own[0], own[-1], duty))
    return found


def write_day(
    sheet: Worksheet, source: Source, sheets: Sequence[Sheet], day: int, say: Say
) -> None:
    """Write the worksheet of a day of the week, 0 to 6."""
    on = source.problem.dates[day]
    shown = halves(source, on)
    of = source.printer.of
    bounds = [of.local(on, n * HALF_MIN) for n in range(shown + 1)]
    columns = BEFORE + shown
    styles.band(sheet, 1, columns, f"{day_text(on, say)}  {source.week}", styles.TITLE)
    for column, key in enumerate(("team", "officer"), start=1):
        styles.put(sheet, 2, column, say(f"sheet.column.{key}"), styles.HEAD)
        sheet.column_dimensions[get_column_letter(column)].width = NAME_WIDTH
    for n in range(0, shown, 2):
        told = f"{n // 2 % 24:02d}" if n < HALVES else f"+{n // 2 - 24:02d}"
        first = BEFORE + 1 + n
        styles.put(sheet, 2, first, told, styles.HOUR)
        styles.put(sheet, 2, first + 1, None, styles.HOUR)
    for column in range(BEFORE + 1, columns + 1):
        sheet.column_dimensions[get_column_letter(column)].width = HALF_WIDTH
    row = 3
    for one in sheets:
        styles.band(sheet, row, columns, one.name, styles.BAND)
        for line in one.lines:
            row += 1
            _row(sheet, row, line, bars(line, day, bounds, source), source, say, shown)
        row += 1
    sheet.freeze_panes = f"{get_column_letter(BEFORE + 1)}3"
    styles.for_print(sheet, "1:2", (), say("sheet.footer", page="&P", pages="&N"))


def _row(
    sheet: Worksheet, row: int, line: Line, own: Sequence[Bar],
    source: Source, say: Say, shown: int,
) -> None:  # fmt: skip
    styles.put(sheet, row, 1, line.team, styles.PLAIN)
    styles.put(sheet, row, 2, line.officer, styles.NAME)
    names = Names(source.district, shared_names(source.district))
    looks = [styles.EMPTY] * shown
    texts: dict[int, str] = {}
    for first, last, duty in own:
        box = next(box for box in line.boxes if box.duty is duty)
        post = names.post(duty.post) or duty.post or ""
        visits = say("sheet.visits", count=len(duty.visits)) if duty.visits else ""
        texts[first] = " ".join(filter(None, (box.hours, box.kind, post, visits)))
        looks[first : last + 1] = [styles.bar_style(duty.kind)] * (last + 1 - first)
    for n, look in enumerate(looks):
        styles.put(sheet, row, BEFORE + 1 + n, texts.get(n), look)
    sheet.row_dimensions[row].height = 16
