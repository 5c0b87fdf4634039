"""A workbook's first worksheet that people see with anything in it, as the lines of a table.

Each row stands in the line of its number, so that a finding's line is the row that people see.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, time
from typing import TYPE_CHECKING

from config.files import WORKBOOKS

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

READ, UNREAD = (".xlsx", ".xlsm"), (".xls", ".et", ".ods", ".xlsb")
"""How the names of workbooks end that are read; of those that are not."""
HEAD = 20
"""Rows within which a worksheet begins."""
MOST_UNPACKED, MOST_CELLS = 1 << 30, 20_000_000
"""Bytes of all parts, and cells of the worksheet: what is more was made to fill the memory."""


def table_of(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The worksheet as CSV, UTF-8: moments as 2026-10-10 12:25:00, formulas by their last value.

    With its name, and after it those of the others that begin with anything, or are damaged. One
    that is hidden is none of them; where there are no others the name is "", and after it are
    those that are hidden.

    Raises:
        ValueError: It is no workbook, has a password, or is too large.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - a third of a second, for workbooks only

    if content.startswith(WORKBOOKS[1]):
        msg = "it has a password, or is of an old kind"
        raise ValueError(msg)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        _refuse_above(size, MOST_UNPACKED)
        return _read(load_workbook(io.BytesIO(content), read_only=True, data_only=True))
    except ValueError:
        raise
    except Exception as trouble:  # openpyxl raises whatever its parts do
        raise ValueError(type(trouble).__name__) from trouble


def _read(book: "Workbook") -> tuple[bytes, tuple[str, ...]]:
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what the file says of them may be anything
    seen = [one for one in book.worksheets if one.sheet_state == "visible"]
    for at, sheet in enumerate(seen):
        if rows := list(_rows(sheet.iter_rows())):
            return _written(rows), (str(sheet.title), *_titles(seen[at + 1 :]))
    hidden = _titles([one for one in book.worksheets if one.sheet_state != "visible"])
    return b"", ("", *hidden) if hidden else ()


def _titles(sheets: "Iterable[Worksheet]") -> list[str]:
    """Those of worksheets that are not read but begin with anything; one that is damaged may."""
    found = []
    for sheet in sheets:
        begins = True
        with suppress(Exception):  # of a worksheet that is not read, nothing is the reader's fault
            begins = any(_rows(sheet.iter_rows(max_row=HEAD)))
        found += [str(sheet.title)] if begins else []
    return found


def _rows(found: "Iterable[tuple[Cell | MergedCell, ...]]") -> Iterator[list[str]]:
    """Rows as text, without the empty ones at the end."""
    cells, empty = 0, 0
    for row in found:
        cells += max(1, len(row))
        _refuse_above(cells, MOST_CELLS)
        told = [_text(cell) for cell in row]
        if not any(told):
            empty += 1
            continue
        yield from ([] for _ in range(empty))
        empty = 0
        yield told


def _text(cell: "Cell | MergedCell") -> str:
    """A cell as people would write it; midnight is a time only where the cell shows hours."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime):
        whole = value.replace(microsecond=0)
        dated = whole.time() == time() and "h" not in str(cell.number_format).lower()
        return str(whole.date() if dated else whole)
    if isinstance(value, time):
        return str(value.replace(microsecond=0))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).splitlines())


def _written(rows: list[list[str]]) -> bytes:
    width = max(map(len, rows))
    out = io.StringIO(newline="")
    padded = (row + [""] * (width - len(row)) for row in rows)
    csv.writer(out, lineterminator="\n").writerows(padded)
    return out.getvalue().encode("utf-8", errors="replace")


def _refuse_above(count: int, most: int) -> None:
    if count > most:
        msg = f"it has more than {most}"
        raise ValueError(msg)
