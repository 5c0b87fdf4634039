"""What `qinwu check` says of the history: the mapping's faults, and rows that nobody will count.

The same reader as the planner's. A row that cannot be read is left out by it, so it is a warning
with its line; a file of which more than `MOST_SHARE` is left out is misread, and an error. Of
places that a ledger tells in words more are not found, however well it is read: `MOST_LOST`.
"""

import csv
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from config.calendar import Calendar
from config.cells import cell_place
from config.controls import in_line
from config.errors import BadInput, Finding
from config.importers.astray import Nodes, astray
from config.importers.columns import Table
from config.importers.decoding import decode, encodings_of
from config.importers.history import mapping_of, read_history
from config.importers.mapping import MAPPING
from config.importers.quality import MOST_LOST, Cause, FileQuality
from config.importers.reader import (
    DELIMITERS,
    TEXT,
    columns_of,
    header_of,
)
from config.importers.suspects import cause, suspects
from config.settings import Settings

MOST_SHARE = 0.01
"""Share of a file's rows that may be refused; a single row may, if there are others."""
UNFOUND = ("no_place", "no_crossing", "two_crossings", "no_km_posts", "beyond_posts")
"""Reasons for which the text of a place is not found."""

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
    return [*found, *astray(records, nodes, Calendar.of_zone(settings.time_zone))]


def unread(folder: Path) -> Iterator[Finding]:
    """A warning for each file of history/ that no plan reads, a workbook say."""
    for path in sorted((folder / "history").glob("*")):
        if path.is_dir() or path.name.startswith((".", "~$")):
            continue
        name = f"history/{path.name}"
        if path.suffix != ".csv" and name != MAPPING:
            importable = name.lower().endswith((*TEXT, ".zip"))
            key = "check.history_importable" if importable else "check.history_unread"
            source = in_line(shlex.quote(str(path)))
            yield Finding("warning", name, None, None, key, {"source": source})


def _refused(
    quality: FileQuality, table: Table, lines: Sequence[str], delimiter: str | None
) -> Iterator[Finding]:
    count = quality.refused.total()
    unfound = sum(quality.refused[why] for why in UNFOUND) if table.place.column else 0
    unread = count - unfound
    misread = unread > 1 and unread > MOST_SHARE * quality.read
    if misread or unfound > MOST_LOST * quality.read or count == quality.read > 0:
        yield Finding("error", quality.file, 1, 1, "check.history_refused",
                      {"refused": count, "read": quality.read})  # fmt: skip
    for line, reason, _ in sorted(quality.samples):
        place, found = _culprit(table, lines, line, reason, delimiter, quality.posts)
        told = found.told() if found else {}
        yield Finding("warning", quality.file, *place, f"import.refused.{reason}", told)
    if count > len(quality.samples):
        yield Finding("warning", quality.file, None, None, "check.more",
                      {"count": count - len(quality.samples)})  # fmt: skip


def _culprit(
    table: Table, lines: Sequence[str], line: int, reason: str, delimiter: str | None,
    posts: Mapping[str, str],
) -> tuple[tuple[int, int], Cause | None]:  # fmt: skip
    """Line and character column of the cell for which a row was refused, and what it holds."""
    if reason in _UNREAD:
        return (line, 1), None
    head = header_of(lines, table.needed(), delimiter)
    start, delimiter = head or (0, DELIMITERS[0])
    header = columns_of(lines[start], delimiter)
    texts = next(csv.reader(lines[line - 1 : line], delimiter=delimiter), [])
    cells = {name: cell.strip() for name, cell in zip(header, texts, strict=False)}
    found = cause(table, cells, reason, posts)
    for name in suspects(table, cells, reason):
        if name in cells:
            return cell_place(lines, line, header.index(name), delimiter), found
    return (line, 1), found
