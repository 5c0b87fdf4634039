"""What `qinwu check` says of the history: the mapping's faults, and rows that nobody will count.

The same reader as the planner's. A row that cannot be read is left out by it, so it is a warning
with its line; a file of which more than `MOST_SHARE` is left out is misread, and an error.
"""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from config.cells import FRAME_M, cell_place
from config.errors import BadInput, Finding
from config.faults import shown
from config.importers.astray import Nodes, astray
from config.importers.columns import WORDS, Table, Take
from config.importers.history import AMOUNTS, mapping_of, read_history
from config.importers.quality import FileQuality
from config.importers.reader import DELIMITERS, columns_of, decode, encodings_of, header_of
from config.settings import Settings

MOST_SHARE = 0.01
"""Share of a file's rows that may be refused; a single row always may."""

_UNREAD = ("quote", "too_long")


def check_history(folder: Path, settings: Settings, nodes: Nodes) -> list[Finding]:
    """Errors and warnings of history/mapping.yaml and history/*.csv, by file and line.

    Args:
        folder: The district folder.
        settings: Its settings, without faults.
        nodes: nodes.csv.
    """
    try:
        records = read_history(folder, settings)
    except BadInput as error:
        return list(error.findings)
    mapping = mapping_of(folder, settings)
    found: list[Finding] = []
    for quality in records.files:
        table = mapping.tables[quality.table]
        reading = mapping.reading_of(table, quality.file)
        content = (folder / quality.file).read_bytes() if quality.refused else b""
        lines = decode(content, encodings_of(content, reading))[0]
        found += _refused(quality, table, lines, reading.delimiter)
    return [*found, *astray(records, nodes)]


def _refused(
    quality: FileQuality, table: Table, lines: Sequence[str], delimiter: str | None
) -> Iterator[Finding]:
    count = quality.refused.total()
    if count > 1 and count > MOST_SHARE * quality.read:
        yield Finding("error", quality.file, 1, 1, "check.history_refused",
                      {"refused": count, "read": quality.read})  # fmt: skip
    for line, reason, _ in sorted(quality.samples):
        place, value = _culprit(table, lines, line, reason, delimiter)
        yield Finding("warning", quality.file, *place, f"import.refused.{reason}",
                      {"value": shown(value)})  # fmt: skip
    if count > len(quality.samples):
        yield Finding("warning", quality.file, None, None, "check.more",
                      {"count": count - len(quality.samples)})  # fmt: skip


def _culprit(
    table: Table, lines: Sequence[str], line: int, reason: str, delimiter: str | None
) -> tuple[tuple[int, int], str]:
    """Line and character column of the cell for which a row was refused, and what it holds."""
    if reason in _UNREAD:
        return (line, 1), ""
    head = header_of(lines, table.needed(), delimiter)
    start, delimiter = head or (0, DELIMITERS[0])
    header = columns_of(lines[start], delimiter)
    texts = next(csv.reader(lines[line - 1 : line], delimiter=delimiter), [])
    cells = {name: cell.strip() for name, cell in zip(header, texts, strict=False)}
    for name in _suspects(table, cells, reason):
        if name in cells:
            place = cell_place(lines, line, header.index(name), delimiter)
            return place, cells[name]
    return (line, 1), ""


def _suspects(table: Table, cells: Mapping[str, str], reason: str) -> list[str]:
    """Columns that may be the reason, the likeliest first."""
    if reason == "no_time":
        return table.time.names()
    if reason == "no_id":
        return [table.id.column or ""] if table.id else []
    place = list(table.place.names())
    if reason in ("no_place", "outside_bounds", "exchanged", "no_degrees"):
        return sorted(place, key=lambda name: _is_number(cells.get(name, "")))
    if reason == "bad_number":
        bounds = dict.fromkeys(table.place.names(), (-FRAME_M, FRAME_M))
        for name, between in AMOUNTS.items():
            take = getattr(table, name)
            if take and take.column:
                bounds[take.column] = between
        return [name for name, between in bounds.items()
                if not _is_amount(cells.get(name, ""), between)]  # fmt: skip
    if reason == "unknown_value":
        return _strange_words(table, cells)
    return []


def _strange_words(table: Table, cells: Mapping[str, str]) -> list[str]:
    takes = {"kind": table.kind, "severity": table.severity, "category": table.category}
    found = []
    for name, take in takes.items():
        if isinstance(take, Take) and take.column is not None:
            cell = cells.get(take.column, "")
            silent = {"", *table.unknown, *take.unknown}
            if take.map.get(cell, cell) not in {*WORDS[name], *silent}:
                found.append(take.column)
    others = (table.id, table.violation, table.area, table.node)
    return found + [take.column for take in others if take and take.column and take.map]


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text.replace(",", ".")))
    except ValueError:
        return False


def _is_amount(text: str, bounds: tuple[float, float]) -> bool:
    if not _is_number(text):
        return text == ""
    return bounds[0] <= float(text.replace(",", ".")) <= bounds[1]
