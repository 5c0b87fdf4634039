"""Records that were made to break the planner: refused with their line, or without a weight."""

from collections.abc import Mapping
from pathlib import Path
from time import process_time

import numpy as np
import pytest
from districts import edit, small_district
from districts import found as errors
from kept_files import with_kept

from config.district import load
from config.errors import BadInput
from config.importers import history as importers
from config.importers.columns import Reading
from config.importers.reader import Sheet, Source, read
from config.made_tables import HistoryRow
from config.reading import write_rows
from scheduler.foresight.ground import kernel_of
from scheduler.foresight.history import incidents_by_kind, read_history
from scheduler.foresight.patterns import fit
from scheduler.foresight.staffing import service_of

HEAD = "id,at,day,clock,year,month,date,kind,severity,x_m,y_m,resolution_min,service_s"
ROW = {
    "id": "x", "at": "2026-11-02T08:00:00+08:00", "day": "2026-11-02", "clock": "08:00",
    "year": "2026", "month": "11", "date": "2", "kind": "crash", "severity": "damage",
    "x_m": "300", "y_m": "300", "resolution_min": "1", "service_s": "900",
}  # fmt: skip
ISO = "{columns: [at], formats: [iso]}"
WALL = '{columns: [day, clock], formats: ["%Y-%m-%d %H:%M"]}'
PARTS = "{year: year, month: month, day: date}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district with a history that its mapping describes."""
    return with_kept(small_district(tmp_path / "d"))


def refused(folder: Path, cells: dict[str, str], time: str = ISO) -> Mapping[str, int]:
    """Why rows of a file are refused that holds a good row and one with these cells."""
    mapping = (folder / "history/mapping.yaml").read_text(encoding="utf-8")
    assert ISO in mapping
    (folder / "history/mapping.yaml").write_text(mapping.replace(ISO, time), encoding="utf-8")
    rows = [ROW, ROW | {"id": "y"} | cells]
    lines = [HEAD, *(",".join(row.values()) for row in rows)]
    (folder / HistoryRow.file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    records = importers.read_history(folder, load(folder).settings)
    assert "x" in records.rows["id"].tolist()
    return records.files[0].refused


def doubts(folder: Path) -> list[tuple[str, int | None, int | None, str]]:
    """The warnings about the history."""
    return [one for one in errors(folder, "warning") if one[0].startswith("history")]


# --- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("time", "cells"),
    [
        *((PARTS, {"year": year}) for year in ("0", "-5", "1", "1969", "2205", "99999", "1e300")),
        *((WALL, {"day": day}) for day in ("0001-01-01", "1900-01-01", "9999-12-31")),
        *((ISO, {"at": f"{day}T00:00:00+08:00"})
          for day in ("0001-01-02", "1900-01-01", "2205-01-01", "9999-12-31")),
        (WALL, {"day": "9999-12-31", "clock": "23:59"}),
    ],
)  # fmt: skip
def test_a_moment_of_no_calendar_is_refused(folder: Path, time: str, cells: dict[str, str]) -> None:
    """Each of these once was a traceback, or a record of a year that nobody lived in."""
    assert refused(folder, cells, time) == {"no_time": 1}


@pytest.mark.parametrize("text", ["now", "today"])
def test_a_time_is_what_the_file_says_not_when_it_is_read(folder: Path, text: str) -> None:
    """These words mean the present to the library that reads times."""
    once = '{columns: [day], formats: ["%Y-%m-%d"]}'
    assert refused(folder, {"day": text}, once) == {"no_time": 1}


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cells",
    [
        *({"service_s": told} for told in ("inf", "1e400", "1e308", "-1", "nan", "604801")),
        *({"resolution_min": told} for told in ("inf", "0", "1441")),
        *({"x_m": told} for told in ("inf", "1e308", "-1e9")),
    ],
)
def test_a_number_that_cannot_be_is_refused(folder: Path, cells: dict[str, str]) -> None:
    """One endless stay among 60,000 once took a fifth of the units from a week."""
    assert refused(folder, cells) == {"bad_number": 1}


def test_a_time_of_unknown_exactness_has_no_hour(folder: Path) -> None:
    """A mapping without a default leaves the cell empty: the day is known, no more."""
    mapping = (folder / "history/mapping.yaml").read_text(encoding="utf-8")
    told = mapping.replace('optional: true, default: "1"', "optional: true", 1)
    (folder / "history/mapping.yaml").write_text(told, encoding="utf-8")
    assert not refused(folder, {"resolution_min": ""})
    records = importers.read_history(folder, load(folder).settings)
    assert records.rows.set_index("id")["resolution_min"].to_dict() == {"x": 1, "y": 1440}


def test_a_stay_of_no_time_is_none(folder: Path) -> None:
    """Its logarithm would make all stays uneven, and the week's demand with them."""
    district = load(folder)
    plan = district.settings.response_to("crash", "damage")
    known_s = np.array([600.0, 900.0, 1200.0] * 20)
    told = service_of(district, plan, np.append(known_s, [1e-300, 0.0]), travel_h=0.1)
    assert told == service_of(district, plan, known_s, travel_h=0.1)


# --- lines ---------------------------------------------------------------------------------------


def sheet(*rows: str) -> Sheet:
    """A file of two columns as the reader has it."""
    source = Source("x.csv", "\n".join(("a,b", *rows)).encode())
    found = read(source, {"a", "b"}, Reading())
    assert found is not None
    return found


def test_a_column_twice_in_the_header_is_refused(folder: Path) -> None:
    """Which of the two counts would be a guess; the other files refuse it, too."""
    path = folder / HistoryRow.file
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([f"{head},x_m", *(f"{row},1" for row in rows)]), encoding="utf-8")
    assert errors(folder) == [(HistoryRow.file, 1, len(head) + 2, "column_twice")]


def test_a_column_that_nobody_reads_may_stand_twice() -> None:
    """Spreadsheets leave such behind."""
    found = read(Source("x.csv", b"a,b,note,note\n1,2,3,4\n"), {"a", "b"}, Reading())
    assert found is not None
    assert found.cells == {"a": ["1"], "b": ["2"]}


def test_a_line_that_is_too_long_is_refused_as_that(folder: Path) -> None:
    """Not as a quote that does not end; and its neighbours are read."""
    path = folder / HistoryRow.file
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].replace("crash", "x" * 140_000)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert doubts(folder) == [(HistoryRow.file, 4, 1, "import.refused.too_long")]


def test_a_quote_that_stays_open_costs_its_own_line_only() -> None:
    """Though a quote thousands of lines later would close it."""
    found = sheet("1,2", '"3,4', *["5,6"] * 5_000, '7,8"', "9,10")
    assert found.refused == [(3, "quote", '"3,4')]
    assert len(found.lines) == 5_003


def test_rows_among_odd_lines_keep_their_order_and_lines() -> None:
    """Blank, ragged, quoted over lines that look like rows, the header again, a nul."""
    odd = ["", "1", " 2 ,3", '"4,5\n6,7\n",8', "a,b", "9,\x00", ",10", '"11",12', "13,\ufffd"]
    lines = [row for each in odd for row in ("20,21", each, "22 , 23", "24,25")]
    found = sheet(*lines)
    kept = [None, None, "2", "4,5\n6,7", None, None, "", "11", None]
    cells = [cell for each in kept for cell in ("20", each, "22", "24") if cell is not None]
    assert found.cells["a"] == cells
    assert found.lines[:7] == [2, 4, 5, 6, 8, 9, 10]
    assert [(line, why) for line, why, _ in found.refused] == [
        (7, "ragged"), (21, "header_again"), (25, "nul"), (37, "undecodable"),
    ]  # fmt: skip


def test_a_cell_of_several_lines_is_one_cell() -> None:
    """People write addresses so."""
    assert sheet('"one\ntwo\nthree",4').cells["a"] == ["one\ntwo\nthree"]


@pytest.mark.parametrize("row", ['"a"b,1', '"a,1', 'x","'])
def test_bad_quotes_do_not_cost_the_square_of_their_number(row: str) -> None:
    """Four times the rows once took sixteen times the seconds: of 40,000, a minute."""

    def seconds(rows: int) -> float:
        began_s = process_time()
        assert len(sheet(*[row] * rows).refused) > rows // 4
        return process_time() - began_s

    assert seconds(16_000) < 9 * seconds(4_000)


# --- years and places ----------------------------------------------------------------------------


def added(folder: Path, **cells: object) -> int:
    """Write one more record into the history; gives its line."""
    path = folder / HistoryRow.file
    row = HistoryRow.model_validate({"id": "y", "kind": "crash", "x_m": 0, "y_m": 0, **cells})
    write_rows(folder / "one.csv", [row])
    _, written = (folder / "one.csv").read_text(encoding="utf-8").splitlines()
    with path.open("a", encoding="utf-8") as file:
        file.write(written + "\n")
    return len(path.read_text(encoding="utf-8").splitlines())


def expected(folder: Path) -> float:
    """Incidents that the planner expects in an hour of the whole district."""
    district = load(folder)
    days, seen = incidents_by_kind(read_history(district), district.calendar)
    patterns = fit(tuple(district.roads.node_ids), days, seen, kernel_of(district))
    return float(sum(kind.level.sum() for kind in patterns.kinds))


@pytest.mark.parametrize("at", ["1970-01-02T00:00:00+08:00", "2017-03-04T05:00:00+08:00"])
def test_one_record_of_a_wrong_year_does_not_make_the_others_rare(folder: Path, at: str) -> None:
    """A clock at its beginning once turned two months of records into half a century's."""
    before = expected(folder)
    line = added(folder, at=at)
    assert expected(folder) == pytest.approx(before, rel=0.02)
    assert doubts(folder) == [(HistoryRow.file, line, 1, "history_stray")]


def test_an_older_part_of_a_history_is_no_stray(folder: Path) -> None:
    """Records that began years ago, and paused, are the history all the same; the pause is told."""
    for day in range(1, 11):
        added(folder, id=f"old{day}", at=f"2017-03-{day:02d}T05:00:00+08:00")
    assert doubts(folder) == [("history", None, None, "incidents_silent")]


@pytest.mark.parametrize("cells", [{"node": "n99"}, {"node": "", "x_m": "90000"}])
def test_a_history_that_lies_nowhere_is_an_error(folder: Path, cells: dict[str, str]) -> None:
    """The planner refuses it, so `check` does."""
    for record in range(120):
        edit(folder, HistoryRow, record, **cells)
    assert errors(folder) == [("history", None, None, "no_history")]
    with pytest.raises(BadInput, match="no_history"):
        expected(folder)
