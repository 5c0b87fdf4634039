"""Workbooks made to crash whoever loads them: each is refused in words before it is loaded."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart

from config.errors import BadInput
from config.words import LANGUAGES, words
from scheduler.sheet import harmless
from scheduler.sheet.harmless import refuse_harmful
from scheduler.sheet.layout import META
from scheduler.sheet.workbook import MOST_COLUMNS, MOST_ROWS, Remembered, opened

SHEET = "xl/worksheets/sheet1.xml"
END = b"</worksheet>"
WHOLE = b"A1:XFD1048576"
SPACE = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
Change = Callable[[bytes], bytes]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A small workbook with one worksheet."""
    made = Workbook()
    made.worksheets[0]["A1"] = "07:30-15:30"
    made.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def remade(book: Path, change: Change, more: dict[str, bytes] | None = None) -> Path:
    """A copy with its worksheet changed, and with more parts."""
    path = book.with_name("w.xlsx")
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == SHEET else content)
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return path


def before_end(text: bytes) -> Change:
    """Put something at the end of the worksheet."""
    return lambda old: old.replace(END, text + END)


def as_utf_16(text: bytes) -> Change:
    """The same in another encoding, where no bytes look like a tag."""
    return lambda old: (
        before_end(text)(old).decode().replace('encoding="utf-8"', "").encode("utf-16")
    )


def refused(path: Path) -> str:
    """The key by which a workbook is refused; its words are there in each language."""
    with pytest.raises(BadInput) as wrong:
        opened(path)
    for lang in LANGUAGES:
        assert path.name in words(lang)(wrong.value.key, **wrong.value.fields)
    return wrong.value.key


@pytest.mark.parametrize("change", [
    before_end(b"<mergeCells><mergeCell ref='" + WHOLE + b"'/></mergeCells>"),
    before_end(b'<x:mergeCells xmlns:x="' + SPACE + b'"><x:mergeCell ref="' + WHOLE
               + b'"/></x:mergeCells>'),
    before_end(b'<mergeCells><mergeCell\nref = "A&#49;:XFD1048576"/></mergeCells>'),
    before_end(b'<mergeCells><mergeCell ref="A:C"/></mergeCells>'),
    before_end(b'<hyperlinks><hyperlink ref="' + WHOLE + b'" location="A1"/></hyperlinks>'),
    before_end(b"<mergeCells>" + b"".join(b'<mergeCell ref="A%d:CV%d"/>' % (n, n + 9)
                                         for n in range(1, 1200, 10)) + b"</mergeCells>"),
    as_utf_16(b'<mergeCells><mergeCell ref="' + WHOLE + b'"/></mergeCells>'),
], ids=("single quotes", "prefix", "reference", "columns", "link", "many", "UTF-16"))  # fmt: skip
def test_an_area_of_too_many_cells_is_refused_however_it_is_written(
    book: Path, change: Change
) -> None:
    """The loader would build each of its cells."""
    assert refused(remade(book, change)) == "sheet.area_too_large"


def test_a_note_upon_a_whole_sheet_is_refused(book: Path) -> None:
    """It stands in a part of its own, under any name."""
    note = b'<comments><commentList><comment ref="' + WHOLE + b'"/></commentList></comments>'
    path = remade(book, bytes, {"xl/media/picture1.png": note})
    assert refused(path) == "sheet.area_too_large"


@pytest.mark.parametrize("text", [
    b'<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
    b'<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
    b'<!DOCTYPE w SYSTEM "w.dtd">',
])  # fmt: skip
def test_a_document_type_is_refused(book: Path, text: bytes) -> None:
    """So there are no entities, neither growing ones nor those that read files."""
    path = remade(book, lambda old: text + old[old.index(b"<worksheet") :])
    assert refused(path) == "sheet.doctype"


ROW = b'<row r="%d"><c r="A%d"><v>1</v></c></row>'


def rows(count: int) -> bytes:
    """Worksheet data of so many rows of one cell."""
    return b"<sheetData>" + b"".join(ROW % (n, n) for n in range(1, count + 1)) + b"</sheetData>"


@pytest.mark.parametrize(("text", "key"), [
    (rows(harmless.MOST_ROWS + 1), "sheet.too_many_rows"),
    (b"<sheetData><row>" + b"<c/>" * (harmless.MOST_CELLS + 1) + b"</row></sheetData>",
     "sheet.too_many_cells"),
    (b"<a>" + b"<b/>" * harmless.MOST_ELEMENTS + b"</a>", "sheet.too_many_elements"),
], ids=("rows", "cells", "elements"))  # fmt: skip
def test_too_much_of_anything_is_refused(
    book: Path, text: bytes, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its number, also where it packs as well as a real sheet does."""
    monkeypatch.setattr(harmless, "MOST_RATIO", 2_000)
    assert refused(remade(book, before_end(text))) == key


def test_one_part_as_many_worksheets_counts_for_each(book: Path) -> None:
    """A short list of sheets, each of them the same large part."""
    with zipfile.ZipFile(book) as packed:
        main = packed.read("xl/workbook.xml")
    sheet = main[main.index(b"<sheet ") : main.index(b"</sheets>")]
    main = main.replace(sheet, sheet * 60)
    path = remade(book, before_end(rows(1_000)), {"xl/other.xml": main})
    assert refused(path) == "sheet.too_many_rows"


def test_too_many_parts_are_refused(book: Path) -> None:
    """However small."""
    parts = {f"xl/{n}.xml": b"<a/>" for n in range(harmless.MOST_PARTS)}
    assert refused(remade(book, bytes, parts)) == "sheet.too_many_parts"


@pytest.mark.parametrize("parts", [
    {"xl/media/a.bin": b"0" * (2 << 20)},
    {"xl/media/a.bin": os.urandom(1 << 16) * 257},
    {f"xl/media/{n}.bin": os.urandom(1 << 20) * 11 for n in range(3)},
], ids=("ratio", "part", "all"))  # fmt: skip
def test_what_unpacks_to_too_much_is_refused(book: Path, parts: dict[str, bytes]) -> None:
    """By the directory of the zip, before anything is unpacked."""
    assert refused(remade(book, bytes, parts)) == "sheet.too_large"


def test_what_workbooks_carry_beside_xml_is_no_harm(book: Path) -> None:
    """Pictures, printer settings, an empty part; small ones pack as well as they like."""
    parts = {"xl/a.png": os.urandom(5_000), "xl/p.bin": b"\0" * 100_000, "xl/e.xml": b""}
    path = remade(book, before_end(b'<mergeCells><mergeCell ref="B2:D3"/></mergeCells>'), parts)
    refuse_harmful(path)
    found = opened(path)
    assert found.rows(found.book.worksheets[0])[0][0].value == "07:30-15:30"


def test_a_chart_under_the_name_of_the_hidden_worksheet_remembers_nothing(tmp_path: Path) -> None:
    """It has no rows to be read."""
    made = Workbook()
    made.create_chartsheet(META).add_chart(BarChart())
    made.save(tmp_path / "w.xlsx")
    assert opened(tmp_path / "w.xlsx").remembered() == Remembered()


@pytest.mark.parametrize("stray", ["XFD1048576", "A1048576", "XFD1"])
def test_a_stray_value_at_the_end_of_a_sheet_is_passed_over(tmp_path: Path, stray: str) -> None:
    """The empty cells before it are not built: they took half a minute and a GB."""
    made = Workbook()
    made.worksheets[0]["B2"], made.worksheets[0][stray] = "x", "y"
    made.save(tmp_path / "w.xlsx")
    found = opened(tmp_path / "w.xlsx")
    assert [len(row) for row in found.rows(found.book.worksheets[0])] == [2, 2]


def test_a_value_far_out_is_refused(tmp_path: Path) -> None:
    """Not so far that it is plainly a slip, but with too many cells before it."""
    made = Workbook()
    made.worksheets[0].cell(MOST_ROWS, MOST_COLUMNS, "y")
    made.save(tmp_path / "w.xlsx")
    found = opened(tmp_path / "w.xlsx")
    with pytest.raises(BadInput) as wrong:
        found.rows(found.book.worksheets[0])
    assert wrong.value.key == "sheet.too_many_cells"
