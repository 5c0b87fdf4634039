"""History: files and journal become columns, with local hours and honest refusals."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from districts import small_district

from config.calendar import Calendar
from config.district import load
from config.errors import BadInput
from config.made_tables import HistoryRow
from config.tables import CalendarRow
from events.live import ViolationRecorded
from scheduler.foresight.history import (
    History,
    days_between,
    incidents_by_kind,
    read_history,
    with_violations,
)

SHANGHAI = Calendar(ZoneInfo("Asia/Shanghai"), {})
HEADER = "id,at,resolution_min,category,kind,severity,violation,x_m,y_m,node,service_s,area\n"
ROWS = """\
c2,2026-03-03T23:30:00+08:00,1,incident,crash,injury,speeding,0,0,n20,1800,
c1,2026-03-02T08:00:00+08:00,60,incident,crash,damage,,0,0,n10,,
v1,2026-03-02T09:10:00+08:00,1,violation,,,overload,0,0,n10,,
c3,2026-03-04T00:00:00+08:00,1440,incident,breakdown,none,,9000,0,,600,
"""


def read(folder: Path, text: str) -> History:
    """The history of a small district."""
    path = small_district(folder / "d") / HistoryRow.file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return read_history(load(folder / "d"))


def test_a_file_becomes_columns_oldest_first(tmp_path: Path) -> None:
    """Kinds, severities and violations are numbers in sorted lists; what is absent is −1."""
    history = read(tmp_path, HEADER + ROWS)
    assert history.kinds == ("breakdown", "crash")
    assert history.kind.tolist() == [1, -1, 1, 0]
    assert [history.places[p] for p in history.place[:3]] == ["n10", "n10", "n20"]
    assert history.place[3] == -1
    assert history.violation.tolist() == [-1, 0, 1, -1]


def test_service_times_are_kept_and_unknown_ones_are_nan(tmp_path: Path) -> None:
    """An empty cell is not zero seconds."""
    service = read(tmp_path, HEADER + ROWS).service_s
    assert np.isnan(service).tolist() == [True, True, False, False]


def test_a_day_without_its_hour_is_known_as_such(tmp_path: Path) -> None:
    """A resolution of an hour knows the hour; one of a day does not."""
    assert read(tmp_path, HEADER + ROWS).hour_known.tolist() == [True, True, True, False]


def test_a_byte_order_mark_and_other_columns_are_no_trouble(tmp_path: Path) -> None:
    """Files out of a spreadsheet read like others."""
    noted = "".join(f"seen,{line}\n" for line in ROWS.splitlines())
    assert len(read(tmp_path, f"\ufeffnote,{HEADER}{noted}")) == 4


def test_a_record_without_a_node_lies_on_the_nearest_within_reach(tmp_path: Path) -> None:
    """150 m from n22 is there, 5 km from everything is nowhere."""
    near = "a,2026-03-03T23:30:00+08:00,1,incident,crash,none,,-150,100,,,\n"
    far = "b,2026-03-04T23:30:00+08:00,1,incident,crash,none,,9000,0,,,\n"
    history = read(tmp_path, HEADER + near + far)
    assert [history.places[p] if p >= 0 else None for p in history.place] == ["n22", None]


def test_a_district_without_a_history_has_an_empty_one(tmp_path: Path) -> None:
    """A new district has none yet."""
    assert len(read_history(load(small_district(tmp_path)))) == 0


def test_a_history_without_times_is_refused(tmp_path: Path) -> None:
    """A column that every record needs is missing."""
    with pytest.raises(BadInput):
        read(tmp_path, "id,x_m,y_m\n1,0,0\n")


def test_violations_of_the_journal_join_the_files(tmp_path: Path) -> None:
    """A recorded violation lies at its junction or its place's node, and nowhere without."""
    rows: list[dict[str, str]] = [
        {"violation": "no_helmet", "junction": "n20", "at": "2026-03-05T10:00:00+08:00"},
        {"violation": "overload", "place": "P1", "at": "2026-03-01T10:00:00+08:00"},
        {"violation": "overload", "at": "2026-03-06T10:00:00+08:00"},
    ]
    events = [ViolationRecorded.model_validate(row) for row in rows]
    history = with_violations(read(tmp_path, HEADER + ROWS), events, {"P1": "n10"})
    assert history.violations == ("no_helmet", "overload", "speeding")
    assert history.violation[[0, -2, -1]].tolist() == [1, 0, 1]
    assert [history.places[p] for p in history.place[[0, -2]]] == ["n10", "n20"]
    assert history.place[-1] == -1
    assert (history.kind[[0, -2, -1]] == -1).all()
    assert (np.diff(history.at_ms) >= 0).all()


def test_incidents_are_counted_in_local_days_and_hours(tmp_path: Path) -> None:
    """23:30 in Shanghai belongs to that evening, whatever UTC says; unplaced records fall out."""
    days, kinds = incidents_by_kind(read(tmp_path, HEADER + ROWS), SHANGHAI)
    assert list(kinds) == ["crash"]
    assert kinds["crash"].day.tolist() == [0, 1]
    assert kinds["crash"].hour.tolist() == [8, 23]
    assert days.weekday.tolist() == [0, 1, 2]


def test_a_holiday_in_the_history_counts_as_a_sunday() -> None:
    """Thursday 1 October is a holiday, Saturday 10 October is worked in lieu."""
    rows = [
        CalendarRow.model_validate({"date": "2026-10-01", "kind": "holiday"}),
        CalendarRow.model_validate({"date": "2026-10-10", "kind": "in_lieu"}),
    ]
    calendar = Calendar(ZoneInfo("Asia/Shanghai"), {row.day: row for row in rows})
    days = days_between(calendar, date(2026, 10, 1), date(2026, 10, 11))
    assert days.weekday.tolist() == [6, 4, 5, 6, 0, 1, 2, 3, 4, 2]
    assert set(days.month.tolist()) == {9}


def test_a_history_without_a_place_is_refused(tmp_path: Path) -> None:
    """Nothing can be learnt about places from records that lie on none."""
    history = read(tmp_path, HEADER + ROWS.splitlines()[-1] + "\n")
    with pytest.raises(BadInput, match="no_history"):
        incidents_by_kind(history, SHANGHAI)


def test_only_what_was_known_before_a_moment_is_used(tmp_path: Path) -> None:
    """A plan of a past week does not know that week."""
    history = read(tmp_path, HEADER + ROWS)
    assert len(history.before(int(history.at_ms[2]))) == 2
