"""The must-arrive list 必到点清单 of the week: who has to be where when."""

from collections.abc import Sequence

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from config.words import Say
from scheduler.sheet import styles
from scheduler.sheet.layout import names_text
from scheduler.sheet.source import Source
from scheduler.sheets import Sheet

HEADS = ("day", "stay", "place", "window", "team", "due", "correct", "check")
WIDTHS = (18, 15, 34, 15, 20, 50, 36, 24)


def write_stops(sheet: Worksheet, source: Source, sheets: Sequence[Sheet], say: Say) -> None:
    """Write the worksheet, with a page for each squadron that has any."""
    styles.band(sheet, 1, len(HEADS), say("sheet.stops_title", week=source.week), styles.TITLE)
    for column, (name, width) in enumerate(zip(HEADS, WIDTHS, strict=True), start=1):
        styles.put(sheet, 2, column, say(f"planner.report.{name}"), styles.HEAD)
        sheet.column_dimensions[get_column_letter(column)].width = width
    row, breaks = 3, []
    for one in (sheet_ for sheet_ in sheets if sheet_.stops):
        styles.band(sheet, row, len(HEADS), one.name, styles.BAND)
        for stop in one.stops:
            row += 1
            told = (
                stop.day, stop.hours, stop.place, stop.window, f"{stop.officer} {stop.team}",
                stop.reason, names_text(stop.must_correct, say), names_text(stop.must_check, say),
            )  # fmt: skip
            for column, text in enumerate(told, start=1):
                styles.put(sheet, row, column, text, styles.NAME)
            sheet.row_dimensions[row].height = styles.height(zip(told, WIDTHS, strict=True))
        breaks.append(row)
        row += 1
    sheet.freeze_panes = "A3"
    styles.for_print(sheet, "1:2", breaks[:-1], say("sheet.footer", page="&P", pages="&N"))
