"""The workbook of a week, and the page to print where there is no spreadsheet program."""

import hashlib
from itertools import chain
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from openpyxl.workbook import Workbook

from config.words import words
from scheduler.sheet import styles
from scheduler.sheet.day_sheet import write_day
from scheduler.sheet.layout import META, box_text, day_head, head
from scheduler.sheet.section_sheet import write_sections
from scheduler.sheet.source import Source
from scheduler.sheet.stop_sheet import write_stops
from scheduler.sheet.week_sheet import kinds_of, printed, title, write_week


def write_book(source: Source, path: Path, lang: str) -> None:
    """Write the duty sheet, posts by the hour, a sheet a day and the must-arrive list."""
    say = words(lang)
    sheets = list(source.sheets(say))
    book = Workbook()
    styles.add_styles(book)
    first = book.worksheets[0]
    first.title = say("sheet.name")
    write_week(first, source, sheets, say)
    write_sections(book.create_sheet(say("sheet.sections_name")), source, say)
    for day, on in enumerate(source.problem.dates):
        name = say("sheet.day_name", weekday=say(f"planner.weekday.{on.isoweekday()}"),
                   month=on.month, day=on.day)  # fmt: skip
        write_day(book.create_sheet(name), source, sheets, day, say)
    write_stops(book.create_sheet(say("sheet.stops_name")), source, sheets, say)
    meta = book.create_sheet(META)
    meta.sheet_state = "veryHidden"
    cells = (
        ("cell", cell.team, cell.date.isoformat() if cell.date else "", cell.text)
        for cell in printed(sheets, source.problem.dates, say)
    )
    for row, told in enumerate(chain(facts(source, lang), cells), start=1):
        for column, value in enumerate(told, start=1):
            styles.put(meta, row, column, value, styles.PLAIN)
    book.properties.title = title(source, say)
    book.properties.creator = "qinwu"
    book.save(path)


def facts(source: Source, lang: str) -> list[tuple[str, str | int]]:
    """What the hidden worksheet says of the roster that was printed."""
    rows = source.printer.roster_rows(source.file.roster, 1)  # the same duties, whatever version
    told = "\n".join(row.model_dump_json() for row in rows)
    return [
        ("week", source.week), ("version", source.file.version),
        ("area", source.district.settings.brigade),
        ("hash", hashlib.sha256(told.encode()).hexdigest()), ("language", lang),
    ]  # fmt: skip


def write_page(source: Source, path: Path, lang: str) -> None:
    """Write the duty sheet as a page that prints on A3 and asks nothing of any network."""
    say = words(lang)
    environment = Environment(
        loader=PackageLoader("scheduler"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    page = environment.get_template("week_sheet.html.j2").render(
        say=say, lang=lang, title=title(source, say), sheets=list(source.sheets(say)),
        heads=[head(one, say) for one in ("number", "team", "officer", "crew")],
        days=[day_head(day, say) for day in source.problem.dates], hours=head("hours", say),
        kinds=kinds_of(source.roster), fills=styles.KIND_FILLS,
        text=lambda box: box_text(box, say).split("\n"),
    )  # fmt: skip
    path.write_text(page, encoding="utf-8")
