"""A duty sheet of the hand-made week, printed once, and hands that edit it."""

from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from config.words import words
from scheduler.sheet.layout import META
from scheduler.sheet.source import Source
from scheduler.sheet.taking import Taken, take
from scheduler.sheet.workbook import opened

Edit = Callable[[Worksheet], object]


def grid(path: Path) -> Worksheet:
    """The duty sheet of a workbook."""
    return load_workbook(path).worksheets[0]


def edited(path: Path, into: Path, edit: Edit) -> Path:
    """A copy of a workbook with its duty sheet edited."""
    book = load_workbook(path)
    edit(book.worksheets[0])
    book.save(into)
    return into


def forgotten(path: Path, into: Path) -> Path:
    """A copy without the hidden worksheet, as of a program that throws it away."""
    book = load_workbook(path)
    del book[META]
    book.save(into)
    return into


def cell_of(path: Path, team: str, day: int) -> str:
    """Address of a team's cell of a day, 0 to 6."""
    sheet = grid(path)
    rows = [row for row in sheet.iter_rows() if row[1].value == team]
    return str(rows[0][4 + day].coordinate)


def taken(source: Source, path: Path, lang: str = "zh-CN") -> Taken:
    """The sheet read against the roster."""
    return take(source, opened(path), lang)


def told(found: Taken) -> list[tuple[str, str]]:
    """Address and key of each finding."""
    return [(one.file.rpartition("!")[2], one.key.rpartition(".")[2]) for one in found.findings]


SHEET = words("zh-CN")("sheet.name")
