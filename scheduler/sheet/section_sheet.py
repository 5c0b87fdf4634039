"""Posts and sections 岗位/路段 by the hour: who is there, a block a day."""

from collections.abc import Mapping
from datetime import date, timedelta

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from config.words import Say
from scheduler.names import Names, shared_names
from scheduler.sheet import styles
from scheduler.sheet.layout import names_text
from scheduler.sheet.source import Source
from scheduler.sheet.stays import Stays
from scheduler.sheets import day_text

HOURS = 24
WHERE_WIDTH, HOUR_WIDTH = 22, 8.2
COLUMNS = 1 + HOURS
Presence = Mapping[str, Mapping[int, tuple[str, ...]]]
"""Place → hour of the day → who is there, in order of arrival."""


def presence(source: Source, day: date, say: Say) -> Presence:
    """Who is where in each hour of a date, those who came on the day before included."""
    of = source.printer.of
    bounds = [of.local(day, 60 * hour) for hour in range(HOURS + 1)]
    names = Names(source.district, shared_names(source.district))
    found: dict[str, dict[int, tuple[str, ...]]] = {}
    yesterday = day - timedelta(days=1)
    for duty in source.roster.duties:
        if duty.date not in (yesterday, day):
            continue
        who = names.person(duty.officer) or duty.officer
        for stay in Stays(source, say).of(duty):
            for hour in range(HOURS):
                if stay.start_min < bounds[hour + 1] and bounds[hour] < stay.end_min:
                    there = found.setdefault(stay.where, {})
                    if who not in there.get(hour, ()):
                        there[hour] = (*there.get(hour, ()), who)
    return {where: found[where] for where in sorted(found, key=lambda one: _order(found[one], one))}


def _order(hours: Mapping[int, tuple[str, ...]], where: str) -> tuple[int, str]:
    """The places with the most presence first."""
    return -sum(map(len, hours.values())), where


def write_sections(sheet: Worksheet, source: Source, say: Say) -> None:
    """Write the worksheet, with a page for each day."""
    told = say("sheet.sections_title", week=source.week)
    styles.band(sheet, 1, COLUMNS, told, styles.TITLE)
    styles.put(sheet, 2, 1, say("sheet.column.where"), styles.HEAD)
    for hour in range(HOURS):
        styles.put(sheet, 2, hour + 2, f"{hour:02d}:00", styles.HEAD)
        sheet.column_dimensions[get_column_letter(hour + 2)].width = HOUR_WIDTH
    sheet.column_dimensions["A"].width = WHERE_WIDTH
    row, breaks = 3, []
    for day in source.problem.dates:
        styles.band(sheet, row, COLUMNS, day_text(day, say), styles.BAND)
        for where, hours in presence(source, day, say).items():
            row += 1
            styles.put(sheet, row, 1, where, styles.NAME)
            texts: list[tuple[str, float]] = [(where, WHERE_WIDTH)]
            for hour in range(HOURS):
                text = names_text(hours.get(hour, ()), say)
                styles.put(sheet, row, hour + 2, text or None, styles.PLAIN)
                texts.append((text, HOUR_WIDTH))
            sheet.row_dimensions[row].height = styles.height(texts)
        breaks.append(row)
        row += 1
    sheet.freeze_panes = "B3"
    styles.for_print(sheet, "1:2", breaks[:-1], say("sheet.footer", page="&P", pages="&N"))
