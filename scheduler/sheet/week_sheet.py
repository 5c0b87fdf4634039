"""The weekly duty sheet 排班表: squadrons below each other, a row a team, a column a day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from config.words import Say
from scheduler.roster import Roster
from scheduler.sheet import styles
from scheduler.sheet.known import KINDS
from scheduler.sheet.layout import (
    BEFORE,
    FIRST_ROW,
    HEAD_ROW,
    TITLE_ROW,
    box_text,
    day_head,
    head,
    names_text,
)
from scheduler.sheet.source import Source
from scheduler.sheets import Line, Sheet

WIDTHS = {"number": 4.5, "team": 8, "officer": 11, "crew": 15.5, "day": 24.5, "hours": 6.5}
DAYS = 7
COLUMNS = len(BEFORE) + DAYS + 1


@dataclass(frozen=True, slots=True)
class Printed:
    """A cell as it was printed: whose and when; without a date, the crew of the row."""

    team: str
    date: date | None
    text: str


def title(source: Source, say: Say) -> str:
    """The sheet's title: whose, which week, which version."""
    settings, first, last = source.district.settings, *_ends(source)
    told = say(
        "sheet.title", brigade=settings.name or settings.brigade, week=source.week,
        year=source.week[:4], number=int(source.week[-2:]), first_month=first.month,
        first_day=first.day, last_month=last.month, last_day=last.day,
        version=source.file.version,
    )  # fmt: skip
    return told + (say("sheet.synthetic") if settings.synthetic else "")


def _ends(source: Source) -> tuple[date, date]:
    dates = source.problem.dates
    return dates[0], dates[-1]


def kinds_of(roster: Roster) -> list[str]:
    """The kinds that a roster has, in their order."""
    there = {duty.kind for duty in roster.duties}
    return [kind for kind in KINDS if kind in there]


def printed(sheets: Sequence[Sheet], dates: Sequence[date], say: Say) -> Iterator[Printed]:
    """What stands in the cells that are read back."""
    for sheet in sheets:
        for line in sheet.lines:
            yield Printed(line.team, None, names_text(line.crew, say))
            for day, box in zip(dates, line.boxes, strict=True):
                yield Printed(line.team, day, box_text(box, say))


def write_week(sheet: Worksheet, source: Source, sheets: Sequence[Sheet], say: Say) -> None:
    """Write the worksheet, with a page for each squadron."""
    dates = source.problem.dates
    heads = [head(column, say) for column in BEFORE]
    heads += [day_head(day, say) for day in dates] + [head("hours", say)]
    styles.band(sheet, TITLE_ROW, COLUMNS, title(source, say), styles.TITLE)
    sheet.row_dimensions[TITLE_ROW].height = 28
    for column, text in enumerate(heads, start=1):
        styles.put(sheet, HEAD_ROW, column, text, styles.HEAD)
    sheet.row_dimensions[HEAD_ROW].height = 28
    for column in range(1, COLUMNS + 1):
        sheet.column_dimensions[get_column_letter(column)].width = _width(column)
    row, breaks = FIRST_ROW, []
    for one in sheets:
        row = _block(sheet, row, one, source, say)
        breaks.append(row - 1)
    corner = f"{get_column_letter(len(BEFORE) + 1)}{FIRST_ROW}"
    sheet.freeze_panes = corner
    titles = f"{TITLE_ROW}:{HEAD_ROW}"
    styles.for_print(sheet, titles, breaks[:-1], say("sheet.footer", page="&P", pages="&N"))


def _width(column: int) -> float:
    if column <= len(BEFORE):
        return WIDTHS[BEFORE[column - 1]]
    return WIDTHS["hours"] if column == COLUMNS else WIDTHS["day"]


def _block(sheet: Worksheet, row: int, one: Sheet, source: Source, say: Say) -> int:
    """A squadron: its name, its teams, the legend, the signatures; gives the row behind."""
    hours = sum(line.hours for line in one.lines)
    told = say("sheet.band", squadron=one.name, teams=len(one.lines), hours=f"{hours:.1f}")
    styles.band(sheet, row, COLUMNS, told, styles.BAND)
    for number, line in enumerate(one.lines, start=1):
        row += 1
        _team(sheet, row, number, line, say)
    row = _legend(sheet, row + 1, kinds_of(source.roster), say)
    styles.band(sheet, row, COLUMNS, say("sheet.signature"), styles.NOTE)
    sheet.row_dimensions[row].height = 26
    return row + 1


def _team(sheet: Worksheet, row: int, number: int, line: Line, say: Say) -> None:
    crew = names_text(line.crew, say)
    told = [(crew, WIDTHS["crew"]), (line.officer, WIDTHS["officer"])]
    styles.put(sheet, row, 1, number, styles.PLAIN)
    styles.put(sheet, row, 2, line.team, styles.PLAIN)
    styles.put(sheet, row, 3, line.officer, styles.NAME)
    styles.put(sheet, row, 4, crew, styles.NAME)
    for column, box in enumerate(line.boxes, start=len(BEFORE) + 1):
        text = box_text(box, say)
        style = styles.kind_style(box.duty.kind) if box.duty else styles.DAY_OFF
        styles.put(sheet, row, column, text, style)
        told.append((text, WIDTHS["day"]))
    styles.put(sheet, row, COLUMNS, round(line.hours, 1), styles.PLAIN)
    sheet.row_dimensions[row].height = styles.height(told)


def _legend(sheet: Worksheet, row: int, kinds: Sequence[str], say: Say) -> int:
    """The kinds in their colours, and how the cells are read; gives the row behind."""
    for first in range(0, len(kinds), DAYS):
        styles.put(sheet, row, 1, say("sheet.legend"), styles.NOTE)
        for n, kind in enumerate(kinds[first : first + DAYS], start=len(BEFORE) + 1):
            styles.put(sheet, row, n, say(f"code.kind.{kind}"), styles.kind_style(kind))
        row += 1
    styles.band(sheet, row, COLUMNS, say("sheet.note"), styles.NOTE)
    return row + 1
