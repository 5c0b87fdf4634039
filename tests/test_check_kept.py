"""`qinwu check` also reads what planner and play read: history, kept rosters, days to be played."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from districts import NOW, WEEK, edit, found, small_district
from kept_files import AT, with_kept

from config.district import check, load
from config.findings import line
from config.made_tables import HistoryRow, LiveRow, MustArriveOutRow, RosterRow, VisitRow
from config.reading import write_rows
from config.words import LANGUAGES
from scheduler.readback import read_roster

ROSTER = f"roster/{WEEK}/"
TASK = "school1"
Change = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district with a history, a roster of its week and a day to be played."""
    return with_kept(small_district(tmp_path / "d"))


def cell(model: type, record: int, **cells: str) -> Change:
    """A change of one cell of a roster of that week."""
    return lambda folder: edit(folder / ROSTER, model, record, **cells)


def replaced(file: str, old: str, new: str) -> Change:
    """A change of a file's text, once."""

    def change(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def places(folder: Path, level: str) -> list[tuple[str, int | None, str]]:
    """File, line and key of what is found outside the calendar."""
    return [(f, at, key) for f, at, _, key in found(folder, level) if f != "calendar.csv"]


def test_sound_files_are_sound(folder: Path) -> None:
    """Neither errors nor warnings about them."""
    assert [one for one in places(folder, "warning") if "/" in one[0]] == []
    assert places(folder, "error") == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_lies_beside_the_history_and_is_not_read_is_told(folder: Path, lang: str) -> None:
    """With the command that reads it, where there is one; not what people cannot see."""
    history = folder / "history"
    for name in ("9 月.xlsx", "old.xls", "B.CSV", ".hidden", "~$9 月.xlsx", "mapping.yaml"):
        (history / name).touch()
    (history / "years.xlsx").mkdir()
    told = {one.file: line(one, lang) for one in check(folder, NOW) if "*.csv" in line(one, lang)}
    assert list(told) == ["history/9 月.xlsx", "history/B.CSV", "history/old.xls"]
    assert f"qinwu import '{history}/9 月.xlsx' --out" in told["history/9 月.xlsx"]
    assert "qinwu import" not in told["history/old.xls"]


@pytest.mark.parametrize(("name", "shown"), [
    ("\x1b[31m红.xlsx", r"\x1b[31m红.xlsx"), ("a\nb.xlsx", r"a\nb.xlsx"),
    ("\udcff.xlsx", r"\udcff.xlsx"), ("9　月.xlsx", "9　月.xlsx"),
])  # fmt: skip
def test_the_name_of_a_file_drives_no_terminal(folder: Path, name: str, shown: str) -> None:
    """Neither where it is told nor in the command that reads it."""
    (folder / "history" / name).touch()
    (told,) = (line(one) for one in check(folder, NOW) if ".xlsx" in one.file)
    assert told.replace("　", "").isprintable()
    assert told.count(shown) == 2


@pytest.mark.parametrize(
    ("change", "file", "at", "key"),
    [
        (cell(RosterRow, 1, officer="o99"), ROSTER + "roster.csv", 3, "roster.unknown"),
        (cell(RosterRow, 0, auxiliaries="a1;zz"), ROSTER + "roster.csv", 2, "roster.unknown"),
        (cell(RosterRow, 0, post="nowhere"), ROSTER + "roster.csv", 2, "roster.unknown"),
        (cell(RosterRow, 0, start="soon"), ROSTER + "roster.csv", 2, "roster.time"),
        (cell(RosterRow, 0, end=AT.format("06:00")), ROSTER + "roster.csv", 2, "roster.order"),
        (cell(RosterRow, 0, date="2026-12-01"), ROSTER + "roster.csv", 2, "roster.other_day"),
        (cell(RosterRow, 0, week="2026-W50"), ROSTER + "roster.csv", 2, "roster.two_weeks"),
        (cell(RosterRow, 0, tasks="x@2026-12-01"), ROSTER + "roster.csv", 2, "roster.unknown"),
        (cell(RosterRow, 0, end="2026-12-20T15:00+08:00"), ROSTER + "roster.csv", 2,
         "roster.too_long"),
        (cell(RosterRow, 0, start="2026-11-30T07:00:30+08:00"), ROSTER + "roster.csv", 2,
         "roster.whole_minute"),
        (cell(VisitRow, 0, leave=AT.format("07:59")), ROSTER + "visits.csv", 2,
         "roster.visit_order"),
        (cell(RosterRow, 0, kind="sleep"), ROSTER + "roster.csv", 2, "choice"),
        (cell(RosterRow, 0, version="99999999999999999999"), ROSTER + "roster.csv", 2, "range"),
        (cell(VisitRow, 0, must_arrive="mx"), ROSTER + "visits.csv", 2, "roster.unknown"),
        (cell(VisitRow, 0, leave="9"), ROSTER + "visits.csv", 2, "roster.time"),
        (cell(MustArriveOutRow, 0, place="px"), ROSTER + "must_arrive.csv", 2, "roster.unknown"),
        (replaced("live/2026-12-01.csv", "p1", "px"), "live/2026-12-01.csv", 2, "unknown_name"),
        (replaced("live/2026-12-01.csv", "crash", "crush"), "live/2026-12-01.csv", 2, "choice"),
        (replaced("live/2026-12-01.csv", "2026-12-01T", "T"), "live/2026-12-01.csv", 2,
         "roster.time"),
        (replaced("live/2026-12-01.csv", "p1", ""), "live/2026-12-01.csv", 2, "play.nowhere"),
        (replaced("live/2026-12-01.sightings.csv", "p4", "p1"), "live/2026-12-01.sightings.csv", 2,
         "unknown_name"),
        (replaced("history/incidents.csv", "x_m", "east"), "history/incidents.csv", 1,
         "import.columns_missing"),
        (replaced("history/mapping.yaml", "category", "catgory"), "history/mapping.yaml", 18,
         "unknown_key"),
    ],
)  # fmt: skip
def test_a_fault_is_an_error_at_its_line(
    folder: Path, change: Change, file: str, at: int, key: str
) -> None:
    """And nothing else is."""
    change(folder)
    assert places(folder, "error") == [(file, at, key)]


def test_visits_of_a_duty_that_was_taken_out_are_one_warning_here_and_where_it_is_read(
    folder: Path,
) -> None:
    """Whoever takes a duty out of a roster by hand need not look for its visits."""
    at = edit(folder / ROSTER, VisitRow, 0, duty="dx")
    assert places(folder, "error") == []
    told = (ROSTER + "visits.csv", at, "roster.strays")
    assert [one for one in places(folder, "warning") if one[0].startswith(ROSTER)] == [told]
    doubts = read_roster(load(folder), folder / ROSTER / "roster.csv").doubts
    assert [(one.level, one.line, one.key) for one in doubts] == [
        ("warning", at, "check.roster.strays")
    ]


def test_who_left_since_a_week_that_is_over_is_a_warning(folder: Path) -> None:
    """The planner still reads that week, and asks for times only."""
    (folder / "roster" / WEEK).rename(folder / "roster" / "2026-W48")
    for file in (folder / "roster" / "2026-W48").iterdir():
        text = file.read_text(encoding="utf-8").replace(WEEK, "2026-W48").replace("o3", "o33")
        file.write_text(text.replace("2026-11-30", "2026-11-23"), encoding="utf-8")
    assert places(folder, "error") == []
    assert ("roster/2026-W48/roster.csv", 3, "roster.unknown") in places(folder, "warning")


# --- history --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "column", "key"),
    [
        ({"at": "2026-02-30T08:00:00+08:00"}, 4, "import.refused.no_time"),
        ({"x_m": "nan"}, 53, "import.refused.bad_number"),
        ({"service_s": "inf"}, 70, "import.refused.bad_number"),
        ({"at": "0001-01-02T08:00:00+08:00"}, 4, "import.refused.no_time"),
        ({"severity": "grave"}, 47, "import.refused.unknown_value"),
        ({"node": "n99"}, 1, "unknown_name"),
    ],
)
def test_a_refused_row_is_a_warning_with_line_and_column(
    folder: Path, cells: dict[str, str], column: int, key: str
) -> None:
    """The planner leaves it out, and the user knows."""
    at = edit(folder, HistoryRow, 7, **cells)
    doubts = [one for one in found(folder, "warning") if one[0].startswith("history")]
    assert doubts == [("history/incidents.csv", at, column, key)]
    assert found(folder) == []


def test_a_file_of_which_many_rows_are_refused_is_an_error(folder: Path) -> None:
    """More than one of a hundred: not the rows are wrong but how they are read."""
    for record in (3, 4):
        edit(folder, HistoryRow, record, at="yesterday")
    assert found(folder) == [("history/incidents.csv", 1, 1, "history_refused")]


def test_a_history_that_is_refused_whole_is_told_why_and_not_that_it_lies_nowhere(
    folder: Path,
) -> None:
    """The column node was once to be mended, where the kind was no word of ours."""
    file = folder / HistoryRow.file
    file.write_text(file.read_text(encoding="utf-8").replace("crash", "追尾"), encoding="utf-8")
    assert found(folder) == [("history/incidents.csv", 1, 1, "history_refused")]
    told = next(one for one in check(folder, NOW) if one.key == "import.refused.unknown_value")
    assert told.fields["values"] == "追尾"
    assert "drink_drive" in str(told.fields["expected"])


def test_a_long_history_has_few_findings(folder: Path) -> None:
    """92,000 rows, all of them without a time."""
    rows = [
        HistoryRow(id=f"i{n}", at="never", kind="crash", x_m=0, y_m=0, node="n22")
        for n in range(92_000)
    ]
    write_rows(folder / HistoryRow.file, rows)
    findings = [one for one in check(folder, NOW) if one.file == HistoryRow.file]
    assert len(findings) <= 8
    assert findings[-1].fields["count"] == 92_000 - 5
    assert all(line(one, lang) for one in findings for lang in ("en", "zh-CN"))


def test_a_day_is_read_by_its_model(folder: Path) -> None:
    """A negative time on scene has line and column."""
    edit_live = replaced("live/2026-12-01.csv", ",600.0,", ",-1,")
    edit_live(folder)
    [(file, at, column, key)] = found(folder)
    assert (file, at, key) == ("live/2026-12-01.csv", 2, "range")
    assert column is not None
    assert column > len(LiveRow.file)


@pytest.mark.parametrize(
    ("old", "new", "at", "key"),
    [
        ("  origin_lon: 120.15\n", "", 5, "crs_origin"),
        ("severity: {column: severity, optional: true}", "severity: ''", 20, "empty"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_an_error_at_its_line(
    folder: Path, old: str, new: str, at: int, key: str
) -> None:
    """Each of these once was a traceback."""
    replaced("history/mapping.yaml", old, new)(folder)
    assert ("history/mapping.yaml", at, key) in [
        (file, line_, what) for file, line_, _, what in found(folder)
    ]


@pytest.mark.parametrize("kind", ["pipe", "dangling"])
def test_a_history_that_is_no_file_is_refused_by_its_name(folder: Path, kind: str) -> None:
    """Not left out without a word: nothing would be planned from what it stands for."""
    path = folder / "history" / "more.csv"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(folder / "nowhere")
    faults = [one for one in check(folder, NOW) if one.level == "error"]
    assert [(one.file, one.key) for one in faults] == [("history/more.csv", "import.unreadable")]


@pytest.mark.parametrize(
    "file",
    ["settings.yaml", "people.csv", "nodes.csv", "edges.csv", "posts.csv", "places.csv",
     "calendar.csv", "vehicles.csv", "devices.csv", "duties.csv"],
)  # fmt: skip
def test_a_file_that_is_missing_is_told_once_with_how_to_get_one(file: str, folder: Path) -> None:
    """Not as a header or a line of it, nor as hundreds of names that others would find in it."""
    edit(folder / ROSTER, RosterRow, 0, vehicle="v1", device="pda1", tasks=f"{TASK}@2026-12-01")
    (folder / file).unlink()
    [fault] = [one for one in check(folder, NOW) if one.level == "error"]
    told = line(fault, "en")
    assert told.startswith(f"{file}: error: the file is missing")
    assert "qinwu init" in told
