"""Lines of a table file as rows of cells, each with its line.

Most lines of a million are rows as they stand: those are taken many at a time. Nothing is lost
silently: a row that cannot be read is refused with its line.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

ROW_WITHIN = 100
"""Lines in which a row ends: a quote still open then was never meant to be one."""
AT_ONCE = 100_000
"""Lines that are taken at once, so that their cells do not fill the memory."""


@dataclass(slots=True)
class Rows:
    """What the lines of a file hold.

    lines: 1-based, of each row. cells: Stripped text of each row, by column. refused: Line,
    reason and text of the rows that are not among them.
    """

    lines: list[int] = field(default_factory=list)
    cells: dict[str, list[str]] = field(default_factory=dict)
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def rows_of(
    lines: Sequence[str], start: int, header: list[str], delimiter: str, places: Mapping[str, int]
) -> Rows:
    """The rows of a file's lines.

    Args:
        lines: All of them.
        start: Number of the first one after the header, 0-based.
        header: The names of the columns.
        delimiter: Between cells.
        places: Number of the column of each name that is wanted.
    """
    found = Rows(cells={name: [] for name in places})
    at = start
    for odd in (*_odd(lines, start, header, delimiter), len(lines)):
        while at < odd:
            end = min(odd, at + AT_ONCE)
            flat = delimiter.join(lines[at:end]).split(delimiter)
            found.lines.extend(range(at + 1, end + 1))
            for name, place in places.items():
                found.cells[name].extend(map(str.strip, flat[place :: len(header)]))
            at = end
        if at == odd < len(lines):  # else the row before goes on there
            row, unread, after = _row(lines, at, delimiter)
            reason = unread or _fault(row, len(header), header)
            if reason is not None:
                found.refused.append((at + 1, reason, delimiter.join(row)[:120]))
            elif any(row):
                found.lines.append(at + 1)
                for name, place in places.items():
                    found.cells[name].append(row[place].strip())
            at = after
    return found


def _odd(lines: Sequence[str], start: int, header: list[str], delimiter: str) -> Iterator[int]:
    """Numbers of the lines that are not, or may not be, a row as they stand."""
    between, first, most = len(header) - 1, header[0] or delimiter, csv.field_size_limit()
    for at in range(start, len(lines)):
        line = lines[at]
        if (
            line.count(delimiter) != between
            or '"' in line
            or "\x00" in line
            or "\ufffd" in line
            or not line  # or it may be blank, or the header again
            or line[0] == delimiter
            or line[0].isspace()
            or line.startswith(first)
            or len(line) > most
        ):
            yield at


def _row(lines: Sequence[str], at: int, delimiter: str) -> tuple[list[str], str | None, int]:
    """Cells of the row that begins in a line, why it is unreadable, and the line after it.

    A quote that is never closed would swallow the rest of the file: such a line is refused
    alone, and reading goes on with the next.
    """
    line, most = lines[at], csv.field_size_limit()
    if '"' not in line and len(line) <= most:
        return line.split(delimiter) if line else [], None, at + 1
    ahead = _Ahead(lines, at, at)
    try:
        row = next(csv.reader(ahead, delimiter=delimiter, strict=True), [])
    except csv.Error:
        return [line], "too_long" if len(line) > most else "quote", at + 1
    return row, None, ahead.line


def _fault(row: list[str], columns: int, header: list[str]) -> str | None:
    cells = "".join(row)
    if not cells.strip():
        row.clear()
        return None
    if len(row) != columns and (len(row) < columns or any(map(str.strip, row[columns:]))):
        return "ragged"
    if "\x00" in cells:
        return "nul"
    if "\ufffd" in cells:
        return "undecodable"
    if row[0].strip() == header[0] and [cell.strip() for cell in row[:columns]] == header:
        return "header_again"
    return None


@dataclass(slots=True)
class _Ahead:
    """The lines of the row that is being read, as many as one may have; all 0-based."""

    lines: Sequence[str]
    row: int
    line: int

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        if self.line >= min(len(self.lines), self.row + ROW_WITHIN):
            raise StopIteration
        self.line += 1
        return self.lines[self.line - 1] + "\n"
