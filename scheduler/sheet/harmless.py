"""Looks a workbook over before it is loaded: what would crash us never reaches the loader.

The loader builds each cell of each area that a workbook names, so a file of a few kB can ask
for seventeen thousand million. The parts are read with the parser that the loader uses too, so
quotes, prefixes and encodings hide nothing; every part is, as any may be named a worksheet.
"""

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from openpyxl.utils.cell import range_boundaries

from config.errors import BadInput

MB = 1 << 20
MOST_MB, MOST_PART_MB = 32, 16
"""Of the file, and of all its parts unpacked; of one part."""
MOST_RATIO = 100
"""Unpacked to packed, of a part of more than 1 MB: sheets pack 10 to 1, what is forged 1000."""
MOST_PARTS = 1_000
MOST_ROWS, MOST_CELLS = 50_000, 300_000
"""Of all worksheets, should each be as large as the largest: five times a brigade of 60 teams."""
MOST_ELEMENTS = 1_000_000
MOST_AREA, MOST_AREAS = 2_000, 100_000
"""Cells of one area that is merged, linked or noted upon; of all such areas together."""
AREAS = frozenset(("mergeCell", "hyperlink", "comment"))


@dataclass(slots=True)
class _Counts:
    """What a part, or the whole workbook, asks the loader to make."""

    path: Path
    sheets: int = 0
    rows: int = 0
    cells: int = 0
    elements: int = 0
    area: int = 0
    largest: dict[str, int] = field(default_factory=lambda: {"rows": 0, "cells": 0})

    def element(self, name: str, attributes: dict[str, str]) -> None:
        """Count an element, whatever its namespace."""
        self.elements += 1
        local = name.rpartition(" ")[2]
        if local == "c":
            self.cells += 1
        elif local == "row":
            self.rows += 1
        elif local == "sheet":
            self.sheets += 1
        elif local in AREAS and (named := attributes.get("ref")):
            cells = _cells_of(named)
            self.area += cells
            self.refuse_above("area_too_large", cells, MOST_AREA)
            self.refuse_above("area_too_large", self.area, MOST_AREAS)
        self.refuse_above("too_many_rows", self.rows, MOST_ROWS)
        self.refuse_above("too_many_cells", self.cells, MOST_CELLS)
        self.refuse_above("too_many_elements", self.elements, MOST_ELEMENTS)

    def end_part(self) -> None:
        """Begin with the next part: rows and cells are counted for each."""
        for name, count in (("rows", self.rows), ("cells", self.cells)):
            self.largest[name] = max(self.largest[name], count)
        self.rows = self.cells = 0

    def end(self) -> None:
        """All parts were read: several worksheets may name the same part."""
        sheets = max(self.sheets, 1)
        self.refuse_above("too_many_rows", sheets * self.largest["rows"], MOST_ROWS)
        self.refuse_above("too_many_cells", sheets * self.largest["cells"], MOST_CELLS)

    def doctype(self, *_: object) -> None:
        """No program that makes workbooks writes one; entities are declared in it."""
        raise BadInput(key="sheet.doctype", file=self.path)

    def refuse_above(self, key: str, count: int, most: int) -> None:
        """Refuse a workbook that has too much of something."""
        if count > most:
            raise BadInput(key=f"sheet.{key}", file=self.path, most=most)


def refuse_harmful(path: Path) -> None:
    """Read a workbook's parts without building anything.

    Raises:
        BadInput: It would take too much to load, or declares a document type.
        Exception: Whatever zipfile raises on what is no workbook.
    """
    counts = _Counts(path)
    if path.stat().st_size > MOST_MB * MB:
        raise _too_large(path)
    with zipfile.ZipFile(path) as packed:
        parts = packed.infolist()
        counts.refuse_above("too_many_parts", len(parts), MOST_PARTS)
        if _is_large(parts):
            raise _too_large(path)
        for part in parts:
            _read(packed, part, counts)
    counts.end()


def _is_large(parts: list[zipfile.ZipInfo]) -> bool:
    """By what the directory says: no more than that is unpacked, whatever is packed."""
    return sum(part.file_size for part in parts) > MOST_MB * MB or any(
        part.file_size > MOST_PART_MB * MB
        or (part.file_size > MB and part.file_size > MOST_RATIO * part.compress_size)
        for part in parts
    )


def _too_large(path: Path) -> BadInput:
    return BadInput(
        key="sheet.too_large", file=path, most=MOST_MB, part=MOST_PART_MB, ratio=MOST_RATIO
    )


def _read(packed: zipfile.ZipFile, part: zipfile.ZipInfo, counts: _Counts) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = counts.element
    parser.StartDoctypeDeclHandler = counts.doctype
    try:
        with packed.open(part) as content:
            parser.ParseFile(content)
    except expat.ExpatError:
        pass  # a picture, say; as a worksheet the loader would read no more of it than was counted
    counts.end_part()


def _cells_of(area: str) -> int:
    left, top, right, bottom = range_boundaries(area)
    if left is None or top is None or right is None or bottom is None:
        return MOST_AREA + 1  # whole rows or columns
    return (right - left + 1) * (bottom - top + 1)
