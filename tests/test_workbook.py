"""Workbooks of a source: the ledger as it lies on the desk, read as the table that it is."""

import io
import zipfile
from datetime import datetime, time
from pathlib import Path
from typing import Literal

import pytest
from openpyxl import Workbook
from small_import import small_source

from config.errors import BadInput
from config.importers.choose import other_sheets
from config.importers.make import import_district
from config.importers.quality import Report
from config.importers.reader import Source, sources
from config.importers.workbook import table_of
from config.words import words

Seen = Literal["visible", "hidden", "veryHidden"]
MOMENT = datetime.fromisoformat("2026-10-10T12:25")


def workbook(
    *rows: list[object],
    midnight: str = "yyyy-mm-dd hh:mm",
    before: Seen = "visible",
    cover: str = "",
) -> bytes:
    """A workbook of an empty sheet, or one with a cover's line, and one with these rows."""
    book = Workbook()
    book.worksheets[0].title, book.worksheets[0].sheet_state = "说明", before
    book.worksheets[0]["A1"] = cover or None
    sheet = book.create_sheet("台账")
    for row in rows:
        sheet.append(row)
    for cell in (cell for row in sheet.iter_rows() for cell in row if cell.is_date):
        cell.number_format = midnight
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_cell_is_what_people_would_write() -> None:
    """Whole numbers without a point, a row in its own line, nothing for an empty cell."""
    rows: list[list[object]] = [
        ["事故台账"], [], ["编号", "时间", "时刻", "经度", "说明"],
        [1.0, MOMENT, time(8, 5), 121.47, "两车\n追尾, 无人受伤"],
        [None, None, None, None, None], ["A2"], [], [],
    ]  # fmt: skip
    assert table_of(workbook(*rows))[0].decode().splitlines() == [
        "事故台账,,,,", ",,,,", "编号,时间,时刻,经度,说明",
        '1,2026-10-10 12:25:00,08:05:00,121.47,"两车 追尾, 无人受伤"', ",,,,", "A2,,,,",
    ]  # fmt: skip


@pytest.mark.parametrize(("shown", "text"), [
    ("yyyy-mm-dd hh:mm", "2026-10-10 00:00:00"), ("yyyy/m/d", "2026-10-10"),
])  # fmt: skip
def test_midnight_is_a_time_only_where_the_cell_shows_hours(shown: str, text: str) -> None:
    """A crash at 00:00 is not one of an unknown hour, nor the other way round."""
    content = workbook([datetime.fromisoformat("2026-10-10")], midnight=shown)
    assert table_of(content)[0].decode().strip() == text


@pytest.mark.parametrize(("before", "cover", "names"), [
    ("visible", "", ("台账",)), ("visible", "填表说明", ("说明", "台账")),
    ("hidden", "填表说明", ("台账",)), ("veryHidden", "填表说明", ("台账",)),
])  # fmt: skip
def test_the_worksheet_that_people_see_first_is_read(
    before: Seen, cover: str, names: tuple[str, ...]
) -> None:
    """A hidden one, as programs keep their lists in, is none of them."""
    text, found = table_of(workbook(["编号"], before=before, cover=cover))
    assert (text.decode().strip(), found) == (cover if "说明" in names else "编号", names)


def as_workbook(source: Path, name: str = "台账.xlsx", cover: str = "") -> None:
    """The small source, its crashes in a workbook under a title."""
    crashes = source / "crashes.csv"
    rows: list[list[object]] = [
        [*line.split(",")] for line in crashes.read_text(encoding="utf-8").splitlines()
    ]
    (source / name).write_bytes(workbook(["事故台账"], *rows, cover=cover))
    (source / "~$台账.xlsx").write_bytes(b"somebody has it open")
    crashes.unlink()


@pytest.mark.parametrize("name", ["台账.xlsx", "台账.xlsm", "台账.XLSM"])
def test_a_ledger_is_imported_from_its_workbook(tmp_path: Path, name: str) -> None:
    """With the row that people see as its line; what an open program leaves there is no file."""
    source = small_source(tmp_path / "source")
    as_workbook(source, name)
    report = import_district(source, tmp_path / "out", tmp_path / "small.yaml")
    (crashes,) = (each for each in report.files if each.table == "crashes")
    assert (crashes.file, crashes.read, crashes.written) == (name, 13, 12)
    assert crashes.samples[0][0] == 15
    assert report.ignored == []


def test_a_workbook_that_no_table_fits_is_told_by_its_header(tmp_path: Path) -> None:
    """Not by the title above it."""
    source = small_source(tmp_path / "source")
    as_workbook(source)
    mapping = tmp_path / "small.yaml"
    bare = mapping.read_text(encoding="utf-8").partition("tables:")[0]
    mapping.write_text(bare, encoding="utf-8")
    report = import_district(source, tmp_path / "out", mapping)
    assert report.headers == {"台账.xlsx": "key,day,clock,lon,lat,street"}


def test_a_cover_that_hides_the_ledger_is_told_with_the_other_worksheets(tmp_path: Path) -> None:
    """Refused where nothing else is read, and in the report where a table is."""
    source = small_source(tmp_path / "source")
    crashes = source / "crashes.csv"
    content = crashes.read_bytes()
    as_workbook(source, cover="填表说明")
    with pytest.raises(BadInput) as caught:
        import_district(source, tmp_path / "out", tmp_path / "small.yaml")
    (told,) = (one for one in caught.value.findings if one.key == "import.other_sheets")
    assert (told.file, told.fields) == ("台账.xlsx", {"read": "说明", "others": "台账"})
    crashes.write_bytes(content)
    report = import_district(source, tmp_path / "out", tmp_path / "small.yaml")
    assert report.sheets == {"台账.xlsx": ["说明", "台账"]}
    assert any("说明 is read; 台账 not" in line for line in report.lines(words("en")))


def test_a_workbook_of_another_kind_is_told_what_to_do(tmp_path: Path) -> None:
    """It was not used in silence, and the district had no history."""
    source = small_source(tmp_path / "source")
    (source / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    report = import_district(source, tmp_path / "out", tmp_path / "small.yaml")
    assert any("old.xls" in line and ".xlsx" in line for line in report.lines(words("en")))
    (source / "crashes.csv").unlink()
    with pytest.raises(BadInput) as caught:
        import_district(source, tmp_path / "out2", tmp_path / "small.yaml")
    assert [one.key for one in caught.value.findings] == ["import.old_workbook"]


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0 password", b"a,b\n", b""])
def test_what_is_no_workbook_is_told(tmp_path: Path, content: bytes) -> None:
    """Damaged, with a password, or a table under a wrong name."""
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(BadInput) as caught:
        sources(tmp_path)
    assert [(one.file, one.key) for one in caught.value.findings] == [
        ("a.xlsx", "import.no_workbook")
    ]


def test_a_damaged_worksheet_that_is_not_read_is_only_named() -> None:
    """It had the whole ledger refused."""
    sound, damaged = io.BytesIO(workbook(["编号"], cover="填表说明")), io.BytesIO()
    with zipfile.ZipFile(sound) as whole, zipfile.ZipFile(damaged, "w") as out:
        for name in whole.namelist():
            content = whole.read(name)
            out.writestr(name, content[:200] if name.endswith("sheet2.xml") else content)
    text, names = table_of(damaged.getvalue())
    assert (text.decode().strip(), names) == ("填表说明", ("说明", "台账"))


def test_a_workbook_of_which_people_see_nothing_is_told_with_what_is_hidden(tmp_path: Path) -> None:
    """It was said that its columns are read as nothing."""
    source = small_source(tmp_path / "source")
    (source / "台账.xlsx").write_bytes(workbook(before="hidden", cover="编号,时间"))
    report = import_district(source, tmp_path / "out", tmp_path / "small.yaml")
    (line,) = (line for line in report.lines(words("en")) if "台账.xlsx" in line)
    assert "hidden worksheets: 说明" in line
    (source / "crashes.csv").unlink()
    with pytest.raises(BadInput) as caught:
        import_district(source, tmp_path / "out2", tmp_path / "small.yaml")
    (told,) = caught.value.findings
    assert (told.file, told.key, told.fields) == (
        "台账.xlsx", "import.hidden_sheets", {"others": "说明"},
    )  # fmt: skip


def test_names_of_worksheets_and_files_drive_no_terminal() -> None:
    """They are a stranger's, and were printed as they stand."""
    driving = "a\u202eb\u009bc\u2028d\ne"
    report = Report("small", "source", ignored=[driving], elsewhere=[driving], twice=[driving])
    report.sheets = {driving: [driving, driving]}
    assert all(line.isprintable() for line in report.lines(words("en")))
    for told in other_sheets([Source(driving, b"", (driving, driving))]):
        assert all(str(text).isprintable() for text in told.fields.values())
