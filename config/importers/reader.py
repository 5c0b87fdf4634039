"""Files as rows of text: folders, zips, delimiters, preambles; each row has its line.

Nothing is lost silently: a row that cannot be read stands in `Sheet.refused` with its line.
"""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.cells import cell_place
from config.controls import CONTROL
from config.errors import BadInput, Finding, NotFound
from config.importers import workbook
from config.importers.columns import Reading
from config.importers.decoding import AS_SAVED, decode, encodings_of
from config.importers.quality import finding
from config.importers.rows import rows_of

DELIMITERS = (",", ";", "\t", "|")
HEADER_WITHIN = 20
"""Lines in which a header is looked for: some files have a preamble."""
MOST_BYTES = 2 << 30
TEXT = (".csv", ".tsv", ".txt", *workbook.READ)
MOJIBAKE = ("Ã", "Â", "ä", "å", "æ", "ç", "è", "é")
"""First letters of UTF-8 that was once read as Latin-1."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or a member of a zip, shown as `roads.zip/arcs.csv`.

    `sheets` are those of a workbook with anything in them; the first is what is read, "" where
    people see none of them.
    """

    name: str
    content: bytes
    sheets: tuple[str, ...] = ()


@dataclass(slots=True)
class Sheet:
    """The rows of a table file; `cells` are stripped text by column, all of one length.

    `refused` are (line, reason, text) of rows that are not among the cells. `order` is that of
    the columns in the file, as far as it has them.
    """

    name: str
    lines: list[int]
    cells: dict[str, list[str]]
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    repaired: Counter[str] = field(default_factory=Counter)
    order: tuple[str, ...] = ()
    delimiter: str = DELIMITERS[0]

    def text(self, at: int) -> str:
        """A row as the file has it, as far as its columns are read."""
        return self.delimiter.join(self.cells[name][at] for name in self.order)

    @property
    def read(self) -> int:
        """Rows that the file has, refused ones included."""
        return len(self.lines) + len(self.refused)


def sources(path: Path) -> list[Source]:
    """All files at a path, those in folders and zips too, by name.

    Raises:
        NotFound: There is nothing at the path.
        BadInput: There is no file, one cannot be read or is no regular file, or a zip unpacks to
            more than 2 GiB. Hidden files, and those of an open spreadsheet (`~$`), are none.
    """
    if not path.exists():
        raise NotFound("import.no_source", source=path)
    files = sorted(
        file for file in path.rglob("*") if not file.is_dir()
        and not any(part.startswith((".", "~$")) for part in file.relative_to(path).parts)
    ) if path.is_dir() else [path]  # fmt: skip
    found: list[Source] = []
    for file in files:
        shown = file.relative_to(path).as_posix() if path.is_dir() else file.name
        if not file.is_file():  # a pipe would be waited for, a device read without end
            raise BadInput([finding(shown, "import.irregular")])
        try:
            found += _members(file, shown) if file.suffix == ".zip" else [
                Source(shown, file.read_bytes())
            ]  # fmt: skip
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            # The last two are the archive's: encrypted, or packed in a way nobody here knows.
            raise BadInput([finding(shown, "import.unreadable", cause=str(error))]) from None
    if not found:
        raise BadInput([finding(str(path), "import.empty")])
    return [_as_table(source) for source in found]


def _as_table(source: Source) -> Source:
    """A workbook as the table that it holds; all else as it is."""
    if not source.name.lower().endswith(workbook.READ):
        return source
    try:
        return Source(source.name, *workbook.table_of(source.content))
    except ValueError as error:
        raise BadInput([finding(source.name, "import.no_workbook", cause=str(error))]) from None


def _members(file: Path, shown: str) -> list[Source]:
    with zipfile.ZipFile(file) as archive:
        members = [each for each in archive.infolist() if not each.is_dir()]
        size = sum(each.file_size for each in members)
        if size > MOST_BYTES:
            raise BadInput([finding(shown, "import.too_large", size=size, most=MOST_BYTES)])
        return [Source(f"{shown}/{each.filename}", archive.read(each)) for each in members]


def header_of(lines: Sequence[str], needed: set[str], delimiter: str | None = None
              ) -> tuple[int, str] | None:  # fmt: skip
    """Where (0-based line) the header with all needed columns stands, and its delimiter."""
    for delimiter_tried in (delimiter,) if delimiter else DELIMITERS:
        for number, line in enumerate(lines[:HEADER_WITHIN]):
            if needed <= set(columns_of(line, delimiter_tried)):
                return number, delimiter_tried
    return None


def columns_of(line: str, delimiter: str) -> list[str]:
    """The names that a header line holds, stripped."""
    try:
        row = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
    names = [cell.strip().removeprefix("\ufeff") for cell in row]
    while names and not names[-1]:  # a delimiter at the line's end
        names.pop()
    return names


def read(source: Source, needed: set[str], reading: Reading, optional: Collection[str] = ()
         ) -> Sheet | None:  # fmt: skip
    """The needed columns of a table file; None when its header lacks one of them.

    An optional column that the file lacks is read as empty.

    Raises:
        BadInput: One of the columns stands twice in the header.
    """
    encodings = encodings_of(source.content, reading)
    lines, used = decode(source.content, encodings)
    found = header_of(lines, needed, reading.delimiter)
    if found is None:
        return None
    start, delimiter = found
    header = columns_of(lines[start], delimiter)
    for at, name in enumerate(header):
        if name in header[:at] and name in needed | set(optional):
            place = cell_place(lines, start + 1, at, delimiter)
            raise BadInput([Finding("error", source.name, *place, "check.column_twice",
                                    {"column": name})])  # fmt: skip
    places = {name: header.index(name) for name in sorted(needed)}
    places |= {name: header.index(name) for name in sorted(optional) if name in header}
    rows = rows_of(lines, start + 1, header, delimiter, places)
    sheet = Sheet(source.name, rows.lines, rows.cells, rows.refused)
    sheet.order, sheet.delimiter = tuple(sorted(places, key=places.__getitem__)), delimiter
    sheet.cells |= {name: [""] * len(rows.lines) for name in sorted(optional) if name not in header}
    if len(used) > 1:  # one file in several encodings: the rarer ones are repairs
        sheet.repaired["encoding"] = sum(used.values()) - max(used.values())
    if encodings == AS_SAVED:
        sheet.repaired["saved"] = used[0]
    for name, cells in sheet.cells.items():
        sheet.cells[name] = _shown(_unmangled(cells, sheet.repaired), sheet.repaired)
    return sheet


def _unmangled(cells: list[str], repaired: Counter[str]) -> list[str]:
    """Cells whose UTF-8 was once read as Latin-1 (`MarÃ§`), set right (`Març`)."""
    if all(map(str.isascii, cells)):
        return cells
    changes: dict[str, str] = {}
    for cell in set(cells):
        if cell.isascii() or not any(letter in cell for letter in MOJIBAKE):
            continue
        for encoding in ("latin-1", "cp1252"):
            try:
                changes[cell] = cell.encode(encoding).decode("utf-8")
                break
            except (UnicodeEncodeError, UnicodeDecodeError):
                continue
    if changes:
        repaired["mojibake"] += sum(cell in changes for cell in cells)
        return [changes.get(cell, cell) for cell in cells]
    return cells


def _shown(cells: list[str], repaired: Counter[str]) -> list[str]:
    """Cells without characters that drive a terminal: no file of a district may hold any."""
    if not CONTROL.search("\n".join(cells)):
        return cells
    found = [CONTROL.sub("", cell).strip() for cell in cells]
    repaired["control"] += sum(map(str.__ne__, cells, found))
    return found


def is_text(source: Source) -> bool:
    """Whether a file's name is that of a table."""
    return source.name.lower().endswith(TEXT)


def is_workbook(source: Source) -> bool:
    """Whether a file is a workbook of a kind that is not read."""
    return source.name.lower().endswith(workbook.UNREAD)


def is_hidden(source: Source) -> bool:
    """Whether a file is a workbook of which people see nothing, but that holds something."""
    return source.sheets[:1] == ("",)


def is_osm(source: Source) -> bool:
    """Whether a file is OpenStreetMap data, XML or PBF."""
    return source.name.lower().endswith((".osm", ".osm.pbf", ".pbf", ".osm.xml"))


def as_stream(source: Source) -> io.BytesIO:
    """A file's content as a binary stream."""
    return io.BytesIO(source.content)
