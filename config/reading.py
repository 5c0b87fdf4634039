"""CSV files of a district as checked rows, with file, line and column for every error.

Rows are validated in bulk (25,000 edges in a fraction of a second); only when that finds
something are the faults located. All faults of a file are reported, the first `MOST` in full.
"""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from config.cells import cell_place, guarded, unguarded
from config.controls import CONTROL
from config.errors import BadInput, Finding
from config.faults import called, fault, shown
from config.files import WORKBOOKS, content, mistaken
from config.findings import MOST
from config.tables import Row

__all__ = ["BadInput", "Table", "columns", "public_csv", "read_table", "write_rows"]
R = TypeVar("R", bound=Row)
At = int | None
Saved = Callable[[bytes], bytes]  # makes what other programs saved ours: `config.saved.Saved`

_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Table(Generic[R]):
    """A read file: its good rows, where each stood, and what was wrong with the others."""

    model: type[R]
    file: str
    present: bool = False
    rows: tuple[R, ...] = ()
    records: tuple[int, ...] = ()
    """For each row, which record of the file it was (0 is the first after the header)."""
    header: tuple[str, ...] = ()
    cells: list[list[str]] = field(default_factory=list)
    """All records as text, faulty ones too: references to these are not reported twice."""
    lines: list[int] = field(default_factory=list)
    """Line on which each record begins."""
    text: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def column(self, name: str) -> list[str]:
        """Text of a column in all records, empty cells left out."""
        if name not in self.header:
            return []
        at = self.header.index(name)
        return [cells[at] for cells in self.cells if len(cells) > at and cells[at]]

    def at(self, row: int, column: str) -> tuple[int, int]:
        """Line and character column of a cell of `rows[row]`."""
        return self.place(self.records[row], column)

    def place(self, record: int, column: str | None) -> tuple[int, int]:
        """Line and character column of a cell; of the record where it has no such cell."""
        line = self.lines[record]
        if column not in self.header:
            return line, 1
        return cell_place(self.text, line, self.header.index(column))

    def find(self, row: int, column: str, key: str, level: str = "error", **fields: object) -> None:
        """Note a finding about a cell of `rows[row]`."""
        line, place = self.at(row, column)
        self.note(key, line, place, level=level, column=column, **fields)

    def note(self, key: str, line: At, place: At, level: str = "error", **fields: object) -> None:
        """Note a finding at a line and character column; None: of the whole file."""
        self.findings.append(Finding(level, self.file, line, place, f"check.{key}", fields))


def columns(model: type[Row]) -> dict[str, str]:
    """Columns of a file, each with the name of its field."""
    return {info.alias or name: name for name, info in model.model_fields.items()}


@cache
def _adapter(model: type[R]) -> "TypeAdapter[list[R]]":
    return TypeAdapter(list[model])  # type: ignore[valid-type]


def read_table(path: Path, model: type[R], file: str = "", saved: Saved = bytes) -> Table[R]:
    """Read a CSV file (UTF-8, BOM accepted, header first) into rows of `model`.

    What cannot be read as it stands is read as a spreadsheet program saved it, if it is that.
    Never raises for what stands in it: `findings` says it, also that a file needed is absent.
    """
    table: Table[R] = Table(model, file or model.file)
    try:
        raw = saved(content(path))
    except FileNotFoundError:
        if other := mistaken(path):
            level = "error" if model.required else "warning"
            table.note("file_mistaken", None, None, level, found=other, wanted=path.name)
        elif model.required:
            table.note("file_missing", None, None, columns=",".join(columns(model)))
        return table
    except OSError as error:
        table.note("file_unreadable", 1, 1, because=error.strerror or str(error))
        return table
    if any(finding.level == "error" for finding in _read(table, raw).findings):
        from config.saved import reopened  # noqa: PLC0415 - it reads by this module

        if (again := reopened(model, table.file, raw)) is not None:
            table = _read(Table(model, table.file), again[0])
            table.findings[:0] = again[1]
    return table


def _read(table: Table[R], raw: bytes) -> Table[R]:
    """The table, with all that its bytes say."""
    table.present = True
    if _take_text(table, raw) and _take_records(table) and _take_header(table):
        _take_rows(table)
    return table


def _take_text(table: Table[Any], raw: bytes) -> bool:
    """Decode; every line with bytes that are no UTF-8, or control characters, is a finding."""
    if raw.startswith(WORKBOOKS):
        table.note("workbook", None, None)
        return False
    raw = raw.removeprefix(_BOM)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        for number, part in enumerate(raw.split(b"\n"), start=1):
            try:
                part.decode("utf-8")
            except UnicodeDecodeError as error:
                place = len(part[: error.start].decode("utf-8")) + 1
                table.note("not_utf8", number, place, byte=f"0x{part[error.start]:02X}")
        return False
    table.text = list(io.StringIO(text, newline=""))
    if CONTROL.search(text):
        for number, line in enumerate(table.text, start=1):
            if found := CONTROL.search(line):
                table.note("control_character", number, found.start() + 1, byte=ascii(found[0]))
        return False
    return True


def _take_records(table: Table[Any]) -> bool:
    """Split into records; a record is refused where quotes do not end, or its line is too long."""
    reader = csv.reader(table.text, strict=True)
    begins, guards = 1, any("'" in line for line in table.text)
    try:
        for record in reader:
            if record and (len(record) > 1 or record[0].strip()):
                cells = [*map(str.strip, record)]
                table.cells.append([*map(unguarded, cells)] if guards else cells)
                table.lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error:
        long = len(table.text[begins - 1]) > (most := csv.field_size_limit())
        table.note("line_too_long" if long else "not_csv", begins, 1, most=most)
        return False
    if not table.cells:
        table.note("no_header", 1, 1, columns=",".join(columns(table.model)))
        return False
    return True


def _take_header(table: Table[Any]) -> bool:
    """Check the header: columns that must be there, columns twice, or under another name."""
    table.header = tuple(table.cells.pop(0))
    line = table.lines.pop(0)
    known = columns(table.model)
    unknown = [name for name in table.header if name and name not in known]
    for at, name in enumerate(table.header):
        if name and name in table.header[:at]:
            table.note("column_twice", line, cell_place(table.text, line, at)[1], column=name)
    for name, attribute in known.items():
        if name in table.header:
            continue
        if like := called(name, unknown):
            unknown.remove(like)
        if table.model.model_fields[attribute].is_required():
            table.note("column_missing", line, 1, column=name, near=like)
        elif like:
            place = cell_place(table.text, line, table.header.index(like))[1]
            table.note("column_unknown", line, place, level="warning", column=like, near=name)
    return not any(finding.level == "error" for finding in table.findings)


def _take_rows(table: Table[R]) -> None:
    """Validate all records at once; locate the faults only when there are any."""
    width, named = len(table.header), columns(table.model)
    known = [(at, name) for at, name in enumerate(table.header) if name in named]
    records, chosen = list[dict[str, str]](), list[int]()
    for number, cells in enumerate(table.cells):
        if len(cells) < width or any(cells[width:]):
            place = table.place(number, None)
            table.note("cell_count", *place, found=len(cells), wanted=width)
        else:
            records.append({name: cells[at] for at, name in known if cells[at]})
            chosen.append(number)
    try:
        table.rows = tuple(_adapter(table.model).validate_python(records))
    except ValidationError as error:
        bad = _locate(table, chosen, error)
        records = [record for at, record in enumerate(records) if at not in bad]
        chosen = [number for at, number in enumerate(chosen) if at not in bad]
        table.rows = tuple(_adapter(table.model).validate_python(records))
    table.records = tuple(chosen)
    _refuse_doubles(table)


def _locate(table: Table[Any], chosen: Sequence[int], error: ValidationError) -> set[int]:
    """Note the faults with their places; gives the positions of the faulty records."""
    bad: set[int] = set()
    for count, fault_found in enumerate(error.errors(include_url=False)):
        at, inside = int(fault_found["loc"][0]), fault_found["loc"][1:]
        bad.add(at)
        if count > 2 * MOST:  # will not be shown: counted, but its place is not looked for
            table.note("more", table.lines[chosen[at]], 1, count=1)
            continue
        column = str(inside[0]) if inside else None
        key, fields = fault(fault_found)
        line, place = table.place(chosen[at], column)
        table.note(key, line, place, column=column or "", **fields)
    return bad


def _refuse_doubles(table: Table[Any]) -> None:
    """Note rows whose key stands in the file already."""
    if not table.model.key:
        return
    named = columns(table.model)
    names = [named[column] for column in table.model.key]
    seen: dict[tuple[object, ...], int] = {}
    for at, row in enumerate(table.rows):
        key = tuple(getattr(row, name) for name in names)
        if len(key) == 1 and key[0] is None:
            continue
        first = seen.setdefault(key, at)
        if first != at:
            value = shown(",".join(str(part) for part in key))
            line = table.lines[table.records[first]]
            table.find(at, table.model.key[0], "twice", value=value, first=line)


def write_rows(path: Path, rows: Iterable[Row], model: type[Row] | None = None, *,
               bom: bool = False) -> None:  # fmt: skip
    """Write rows as a CSV file that `read_table` reads back.

    Args:
        path: The file; its folder is made.
        rows: Rows of one model.
        model: The model, needed only where there may be no rows.
        bom: Mark the file as UTF-8 for spreadsheet programs, to which no text is a formula.

    Raises:
        ValueError: There are no rows and no model is given.
    """
    kept = list(rows)
    kind = model or (type(kept[0]) if kept else None)
    if kind is None:
        msg = f"no rows for {path.name}, and no model to take its header from"
        raise ValueError(msg)
    path.parent.mkdir(parents=True, exist_ok=True)
    named = columns(kind)
    with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(named)
        rows_of = ([getattr(row, name) for name in named.values()] for row in kept)
        writer.writerows([_cell(value, shown=bom) for value in values] for values in rows_of)


def _cell(value: object, *, shown: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, (tuple, str)):
        text = value if isinstance(value, str) else ";".join(str(part) for part in value)
        return guarded(text) if shown or text.startswith("'") else text
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)


def public_csv(table: Table[Any]) -> bytes:
    """A file's content without private and unknown columns, in one canonical form.

    Its SHA-256 is the file's hash: order of columns, BOM and line ends do not change it, nor
    does erasing a name. The district reads back from it.
    """
    known = [name for name in columns(table.model) if name in table.header]
    public = [name for name in known if name not in table.model.private]
    places = [table.header.index(name) for name in public]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(public)
    writer.writerows([_cell(cells[at], shown=False) for at in places] for cells in table.cells)
    return out.getvalue().encode()
