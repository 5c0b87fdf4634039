"""A ledger that an import misreads: what is lost is told, with its column and first cells."""

import json
from pathlib import Path

import pytest
from small_import import GRAPH, small_source
from typed import Typed, typed

from config import findings
from config.errors import BadInput
from config.importers.history import mapped
from config.importers.make import import_district
from config.importers.mapping import load
from config.importers.quality import Report
from config.importers.reader import Source

__all__ = ["typed"]


def imported(tmp_path: Path, *changes: tuple[str, str]) -> Report:
    """The small source with its table of crashes changed."""
    source = small_source(tmp_path / "source")
    crashes = source / "crashes.csv"
    text = crashes.read_text(encoding="utf-8")
    for old, new in changes:
        text = text.replace(old, new)
    crashes.write_text(text, encoding="utf-8")
    return import_district(source, tmp_path / "out", tmp_path / "small.yaml")


def time_of(tmp_path: Path, cell: str, formats: str) -> int | None:
    """What a cell is read as, Unix ms; None where it is refused."""
    path = tmp_path / "small.yaml"
    given = GRAPH.replace('columns: [day, clock], formats: ["%m/%d/%Y %H:%M"]',
                          f"columns: [day], formats: [{formats}]")  # fmt: skip
    path.write_text(given.replace("New_York", "Chicago"), encoding="utf-8")
    mapping = load(path)
    source = Source("a.csv", f"key,day,lon,lat,street\n1,{cell},-74,40.7,x\n".encode())
    rows = mapped([source], mapping, mapping.crs, "UTC")[0].rows
    return None if rows.empty else int(rows["at_ms"][0])


NOON_MS = 1_791_653_100_000
"""2026-10-10 12:25 in Chicago."""


@pytest.mark.parametrize("cell", [
    "2026/10/10 12:25", "2026-10-10 12:25:00", "2026/10/10 12:25:00.0", "2026年10月10日12时25分",
    "2026.10.10  12：25", "2026-10-10T12:25", "2026年10月10日 12:25",
])  # fmt: skip
def test_a_time_whose_year_stands_first_is_read_however_it_is_written(
    tmp_path: Path, cell: str
) -> None:
    """One unit has them all: the mapping names one, the next clerk writes another."""
    assert time_of(tmp_path, cell, '"%d.%m.%Y %H:%M"') == NOON_MS


@pytest.mark.parametrize(("cell", "formats"), [
    ("2026-10-10", '"%d.%m.%Y %H:%M"'), ("10/10/2026 12:25", '"%Y-%m-%d %H:%M"'),
    ("2026-10-11 12:25", '"%Y/%d/%m %H:%M"'), ("2026-10-10 12:25", '"%Y/%m/%d %I:%M"'),
    ("2026-10-10 12:25", "iso"), ("2026-13-10 12:25", '"%Y/%m/%d %H:%M"'),
    ("2026-10-10 24:25", '"%Y/%m/%d %H:%M"'),
])  # fmt: skip
def test_a_time_that_may_mean_another_is_not_guessed(
    tmp_path: Path, cell: str, formats: str
) -> None:
    """No hour, day or month first, twelve hours, no offset where one is asked for."""
    assert time_of(tmp_path, cell, formats) is None


def test_times_read_otherwise_than_declared_are_counted(tmp_path: Path) -> None:
    """Nothing is set right in silence."""
    report = imported(tmp_path, ("10/01/2017", "2017-10-01"))
    (crashes,) = (each for each in report.files if each.table == "crashes")
    assert crashes.repaired == {"time_form": 7}
    assert report.lost == {}


def test_an_import_that_loses_much_ends_with_1_and_check_warns(
    tmp_path: Path, typed: Typed
) -> None:
    """183 of 201 rows were once refused with exit 0, and a week planned from the other 18."""
    source = small_source(tmp_path / "source")
    crashes = source / "crashes.csv"
    told = crashes.read_text(encoding="utf-8").replace("10/01/2017", "1.10.17")
    crashes.write_text(told, encoding="utf-8")
    options = ("--mapping", str(tmp_path / "small.yaml"), "--out", str(tmp_path / "out"))
    shown = typed("import", str(source), *options)
    assert shown.code == 1
    assert "crashes: 7 of 13 rows" in shown.err
    assert "column day + clock: 1.10.17 0:15, " in shown.out
    assert "%m/%d/%Y %H:%M" in shown.out
    warned = typed("check", str(tmp_path / "out"))
    assert (warned.code, "crashes: 7 of 13 rows" in warned.out) == (0, True)
    with (tmp_path / "out" / "history" / "incidents.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert "of 13 rows" not in typed("check", str(tmp_path / "out")).out


def test_rows_that_lie_elsewhere_are_not_lost(tmp_path: Path) -> None:
    """A city's ledger has other districts' crashes, too; the first of them are shown."""
    report = imported(tmp_path, (",-73.9", ",-72.9"))
    assert report.files[-1].refused["outside_network"] > 5
    assert report.lost == {}
    lines = [line for line, _, _ in report.files[-1].samples]
    assert lines == sorted(lines)
    assert all("reach_m 60" in text for _, _, text in report.files[-1].samples)


def test_where_no_row_is_usable_each_reason_is_told(tmp_path: Path) -> None:
    """With its count, first row, column, cells and what would have been read."""
    changes = ("10/01/2017", "1.10.17"), ("10/02/2017", "2.10.17"), ("k3,2.10.17", ",2.10.17")
    with pytest.raises(BadInput) as caught:
        imported(tmp_path, *changes)
    none, times = caught.value.findings
    assert (none.key, times.key, times.file, times.line) == (
        "import.no_rows", "import.lost_cells", "crashes.csv", 2,
    )  # fmt: skip
    assert times.fields["count"] == 13
    for lang, words in (("en", "13 rows: time unknown"), ("zh-CN", "13 行时间不明")):
        line = findings.line(times, lang)
        assert words in line
        assert "1.10.17 0:15, 2.10.17 1:15" in line
        assert "%m/%d/%Y %H:%M" in line


def test_where_all_lies_outside_the_network_nothing_is_made(tmp_path: Path) -> None:
    """It is another place's map, or the degrees are of another system."""
    with pytest.raises(BadInput) as caught:
        imported(tmp_path, (",-7", ",-6"))
    assert str(caught.value.findings[1].fields["why"]) == "import.refused.outside_network"
    assert not (tmp_path / "out").exists()


def test_a_word_that_is_not_translated_is_told_with_those_that_are(tmp_path: Path) -> None:
    """In the report, and in quality.json."""
    source = small_source(tmp_path / "source")
    mapping = tmp_path / "small.yaml"
    told = "kind: {column: street, map: {Street 1: crash, Street 2: other}}"
    mapping.write_text(GRAPH.replace("kind: {value: crash}", told), encoding="utf-8")
    import_district(source, tmp_path / "out", mapping)
    saved = json.loads((tmp_path / "out" / "quality.json").read_text(encoding="utf-8"))
    assert saved["files"][-1]["causes"]["unknown_value"] == {
        "column": "street", "values": "Street 0, Street 3, Street 4",
        "expected": "Street 1, Street 2",
    }  # fmt: skip


def test_a_column_under_another_name_is_told_with_it(tmp_path: Path) -> None:
    """And with the header as it was read; a column that the table needs itself is none."""
    source = small_source(tmp_path / "source")
    text = GRAPH.replace("time: {columns: [day, clock]", "time: {columns: [发生日期, 发生时间]")
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    header = "key,发生日期,事故发生时间,lon,lat,street"
    (source / "crashes.csv").write_text(f"台账\n{header}\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        import_district(source, tmp_path / "out", tmp_path / "small.yaml")
    found = caught.value.findings[0]
    assert found.fields["columns"] == "发生时间"
    told = findings.line(found, "zh-CN")
    assert told.startswith("crashes.csv:2:")
    assert header in told
    assert "发生时间 → 事故发生时间" in told
