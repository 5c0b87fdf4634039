"""Records that were made to break the planner: refused with their line, or without a weight."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from districts import small_district
from kept_files import with_kept

from config.district import load
from config.importers.history import read_history
from config.made_tables import HistoryRow

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
    records = read_history(folder, load(folder).settings)
    assert "x" in records.rows["id"].tolist()
    return records.files[0].refused


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
    records = read_history(folder, load(folder).settings)
    assert records.rows.set_index("id")["resolution_min"].to_dict() == {"x": 1, "y": 1440}
