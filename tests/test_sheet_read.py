"""The duty sheet out and back in: nothing changes by itself, an edit changes what it says."""

import os
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from districts import MONDAY, WEEK, small_district
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from planned import week_of, write_week
from sheet_files import SHEET, Edit, cell_of, edited, forgotten, taken, told

from config.district import load
from config.errors import BadInput
from config.findings import line
from config.ids import TeamId
from config.words import LANGUAGES
from scheduler.compare import changes
from scheduler.pins import unkept
from scheduler.readback import read_roster
from scheduler.roster import duty_id
from scheduler.sheet.book import write_book
from scheduler.sheet.layout import META
from scheduler.sheet.source import Source, source_of
from scheduler.sheet.taking import Taken, take
from scheduler.sheet.taking import week_of as week_told
from scheduler.sheet.workbook import Opened, opened

HEAD, FIRST = 2, 4
EDITS = int(os.environ.get("QINWU_SHEET_EDITS", "200"))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The hand-made week in a folder of its own."""
    district = load(small_district(tmp_path_factory.mktemp("d")))
    out = tmp_path_factory.mktemp("out")
    write_week(district, week_of(district, WEEK), out)
    return source_of(district, WEEK, out)


@pytest.fixture(scope="module", params=LANGUAGES)
def either(request: pytest.FixtureRequest, source: Source, tmp_path_factory) -> Path:  # type: ignore[no-untyped-def]  # noqa: ANN001 - pytest's
    """The sheet in each language."""
    path = tmp_path_factory.mktemp("sheets") / f"{request.param}.xlsx"
    write_book(source, path, request.param)
    return Path(path)


@pytest.fixture(scope="module")
def sheet(source: Source, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sheet in Chinese, without the worksheets that nothing reads: they take their time."""
    path = tmp_path_factory.mktemp("sheet") / "w.xlsx"
    write_book(source, path, "zh-CN")
    book = load_workbook(path)
    for other in book.worksheets[1:]:
        if other.title != META:
            book.remove(other)
    book.save(path)
    return path


def after(source: Source, sheet: Path, folder: Path, edit: Edit) -> Taken:
    """What an edit makes of the week."""
    return taken(source, edited(sheet, folder / "edited.xlsx", edit))


def write(address: str, value: object) -> Edit:
    """An edit of one cell."""

    def edit(sheet: Worksheet) -> None:
        sheet[address].value = value

    return edit


def days_of(found: Taken) -> set[tuple[str, int, tuple[str, ...]]]:
    """Team, day and what of each change, once for the whole crew."""
    return {
        (str((c.after or c.before).team), (c.date - MONDAY).days, c.what)  # type: ignore[union-attr] # one is there
        for c in found.changes
    }


def test_a_sheet_that_nobody_edited_changes_nothing(source: Source, either: Path) -> None:
    """Whatever language it is printed in; the files read back as they were."""
    found = taken(source, either)
    assert (found.changes, found.findings, found.pins) == ((), (), ())
    assert found.roster == source.roster


def test_a_sheet_without_its_memory_changes_nothing(
    source: Source, either: Path, tmp_path: Path
) -> None:
    """A program that throws hidden worksheets away does no harm."""
    found = taken(source, forgotten(either, tmp_path / "w.xlsx"))
    assert (found.changes, found.findings) == ((), ())
    assert week_told(opened(tmp_path / "w.xlsx")) == WEEK


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("07:30-15:30", ("moved",)), ("２２：００－次日０６：００", ("moved",)), ("休", ("gone",)),
        ("08:00–16:00 v2", ("vehicle",)), ("08:00-16:00\n护学岗", ("kind",)),
        ("08:00-16:00 st2", ("post",)), ("08:00-16:00\n同组：a1", ("crew",)),
    ],
)  # fmt: skip
def test_an_edited_cell_changes_its_duty_and_no_other(
    source: Source, sheet: Path, tmp_path: Path, text: str, what: tuple[str, ...]
) -> None:
    """The change is told, and the day is pinned with the address of its cell."""
    address = cell_of(sheet, "t1", 1)
    found = after(source, sheet, tmp_path, write(address, text))
    assert found.errors == []
    crews = {what, ("gone",)} if what == ("crew",) else {what}
    assert {(team, day) for team, day, _ in days_of(found)} == {("t1", 1)}
    assert {one for _, _, one in days_of(found)} == crews
    (pin,) = found.pins
    assert (pin.team, pin.source) == ("t1", f"{SHEET}!{address}")
    assert list(unkept(found.pins, found.roster)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_rest_of_a_night_is_printed_and_read_back_under_the_date_of_the_whole(
    tmp_path: Path, lang: str
) -> None:
    """It says which day it is; one who ends it sooner moves its end only."""
    district = load(small_district(tmp_path / "d"))
    file = week_of(district, WEEK)
    whole = next(d for d in file.roster.duties if d.team == "t1" and d.date == MONDAY)
    rest = replace(whole, start_min=1500, end_min=1800, visits=(), tasks=())
    shown = {d.id for d in file.roster.duties if d.team == "t1"}
    write_week(district, replace(file, roster=file.roster.replaced(shown, [rest])), tmp_path)
    source, path = source_of(district, WEEK, tmp_path), tmp_path / "w.xlsx"
    write_book(source, path, lang)
    assert taken(source, forgotten(path, tmp_path / "forgotten.xlsx"), lang).changes == ()
    address = cell_of(path, "t1", 0)
    text = str(load_workbook(path).worksheets[0][address].value)
    assert "01:00–06:00" in text.splitlines()[0]
    for told_so in (text.replace("06:00", "05:00", 1), "25:00–05:00", "01:00-05:00"):
        found = taken(source, edited(path, tmp_path / "e.xlsx", write(address, told_so)), lang)
        assert found.errors == []
        duty = found.roster.duty(rest.id)
        assert duty is not None
        assert (duty.start_min, duty.end_min) == (1500, 1740)


def test_a_duty_on_a_day_off_is_new_with_crew_post_and_vehicle(
    source: Source, sheet: Path, tmp_path: Path
) -> None:
    """What the cell does not say is what the team usually has."""
    found = after(source, sheet, tmp_path, write(cell_of(sheet, "t3", 2), "08:00-16:00"))
    duty = found.roster.duty(duty_id(TeamId("t3"), MONDAY + timedelta(days=2)))
    assert duty is not None
    assert (duty.start_min, duty.end_min, duty.kind) == (2 * 1440 + 480, 2 * 1440 + 960, "patrol")
    assert len(duty.auxiliaries) == 2
    assert duty.post is not None
    assert duty.vehicle is not None
    others = [d for d in found.roster.duties if d.date == duty.date and d.id != duty.id]
    assert duty.vehicle not in {other.vehicle for other in others}
    assert found.laws("en") == []


def test_a_law_that_an_edit_breaks_is_told_with_the_cell(
    source: Source, sheet: Path, tmp_path: Path
) -> None:
    """Eleven hours of rest are missing where the evening runs into the morning."""
    address = cell_of(sheet, "t1", 1)
    laws = after(source, sheet, tmp_path, write(address, "16:00-次日04:00")).laws("zh-CN")
    assert laws
    assert all(law.startswith(f"{SHEET}!") for law in laws)


def test_visits_that_do_not_fit_any_more_are_told(
    source: Source, sheet: Path, tmp_path: Path
) -> None:
    """Nobody finds out at the corner."""
    address = cell_of(sheet, "t1", 1)
    found = after(source, sheet, tmp_path, write(address, "10:00-18:00"))
    assert (address, "visits_lost") in told(found)
    assert found.errors == []


def test_the_crew_of_a_row_may_change(source: Source, sheet: Path, tmp_path: Path) -> None:
    """For all its duties that had the row's crew."""
    row = cell_of(sheet, "t1", 0)[1:]
    found = after(source, sheet, tmp_path, write(f"D{row}", "a1"))
    assert found.errors == []
    own = [duty for duty in found.roster.duties if duty.team == "t1"]
    assert own
    assert {duty.auxiliaries for duty in own} == {("a1",)}


def move_column(sheet: Worksheet, first: int, to: int) -> None:
    """Take a column out and put it elsewhere, as a hand does."""
    values = [sheet.cell(row, first).value for row in range(1, sheet.max_row + 1)]
    sheet.delete_cols(first)
    sheet.insert_cols(to)
    for row, value in enumerate(values, start=1):
        sheet.cell(row, to).value = value


def shuffle_rows(sheet: Worksheet) -> None:
    """Turn the order of the rows of teams around."""
    rows = [
        r for r in range(FIRST, sheet.max_row + 1) if str(sheet.cell(r, 2).value or "")[:1] == "t"
    ]
    values = [[sheet.cell(r, c).value for c in range(1, 13)] for r in rows]
    for r, old in zip(rows, reversed(values), strict=True):
        for c, value in enumerate(old, start=1):
            sheet.cell(r, c).value = value


@pytest.mark.parametrize(
    "edit",
    [
        lambda sheet: move_column(sheet, 7, 5),
        lambda sheet: move_column(sheet, 2, 9),
        lambda sheet: move_column(sheet, 3, 12),
        shuffle_rows,
        lambda sheet: sheet.insert_rows(1, 3),
        lambda sheet: sheet.insert_cols(1),
        lambda sheet: sheet.delete_cols(1),
        lambda sheet: sheet.delete_cols(12),
        lambda sheet: sheet.insert_rows(HEAD + 1),
        lambda sheet: setattr(sheet["E2"], "value", MONDAY),
        lambda sheet: setattr(sheet["E2"], "value", "星期一"),
        lambda sheet: setattr(sheet["E2"], "value", 46356),
        lambda sheet: setattr(sheet["E2"], "value", "2026/11/30"),
        lambda sheet: setattr(sheet, "title", "第49周"),
    ],
)  # fmt: skip
def test_rows_and_columns_may_be_moved(
    source: Source, sheet: Path, tmp_path: Path, edit: Edit
) -> None:
    """A column is known by its head, whose date may be Excel's, and a row by its team."""
    found = after(source, sheet, tmp_path, edit)
    assert [line(one, "en") for one in found.findings] == []
    assert found.changes == ()


def test_an_edit_in_a_moved_column_is_told_where_it_is_now(
    source: Source, sheet: Path, tmp_path: Path
) -> None:
    """Not where it was printed."""
    row = cell_of(sheet, "t1", 2)[1:]

    def edit(sheet: Worksheet) -> None:
        move_column(sheet, 7, 5)
        sheet[f"E{row}"].value = "07:30-"

    found = after(source, sheet, tmp_path, edit)
    assert told(found) == [(f"E{row}", "half")]
    assert found.findings[0].fields["near"] == "07:30–16:00"


def text_of_errors(found: Taken, lang: str = "en") -> str:
    """All errors as they are printed."""
    return "\n".join(line(one, lang) for one in found.errors)


@pytest.mark.parametrize(
    ("edit", "at", "key", "near"),
    [
        (lambda s: s.delete_cols(7), "A2", "column_missing", None),
        (lambda s: setattr(s["G2"], "value", "中间"), "G2", "column_renamed", "周三 12月2日"),
        (lambda s: setattr(s["G2"], "value", "12月1日"), "G2", "column_twice", None),
        (lambda s: setattr(s["G2"], "value", "12月9日"), "G2", "other_week", "周日 12月6日"),
        (lambda s: s.merge_cells("E4:F4"), "F4", "merged", None),
        (lambda s: setattr(s["E4"], "value", "=1+1"), "E4", "formula", "08:00–16:00"),
        (lambda s: setattr(s["E4"], "value", MONDAY), "E4", "date_made", "08:00–16:00"),
        (lambda s: setattr(s["E4"], "value", True), "E4", "no_text", "08:00–16:00"),
        (lambda s: setattr(s["E4"], "value", 730), "E4", "half", None),
        (lambda s: setattr(s["B5"], "value", "t1"), "C5", "other_officer", "民警1(o1)"),
        (lambda s: setattr(s["C4"], "value", "王五"), "C4", "stranger", "民警1(o1)"),
        (lambda s: setattr(s["D4"], "value", "a1、a99"), "D4", "stranger", None),
        (lambda s: setattr(s["D4"], "value", "a1、a3"), "D4", "person_twice", None),
        (lambda s: setattr(s["D4"], "value", "a1、o2"), "D4", "no_auxiliary", None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_cell_and_the_nearest_valid_value(
    source: Source, sheet: Path, tmp_path: Path, edit: Edit, at: str, key: str, near: str | None
) -> None:
    """And whatever else was edited is told, too: nothing is lost."""
    other = cell_of(sheet, "t2", 3)

    def both(sheet_: Worksheet) -> None:
        sheet_[other].value = "07:30-15:30"
        edit(sheet_)

    found = after(source, sheet, tmp_path, both)
    wrong = {one.file.rpartition("!")[2]: one for one in found.errors}
    assert at in wrong, text_of_errors(found)
    assert wrong[at].key == f"check.sheet.{key}"
    if near is not None:
        assert wrong[at].fields["near"] == near
    for lang in LANGUAGES:
        assert f"{SHEET}!{at}" in text_of_errors(found, lang)
    assert ("t2", 3, ("moved",)) in days_of(found)


def test_a_team_twice_and_a_team_that_is_gone_are_told(
    source: Source, sheet: Path, tmp_path: Path
) -> None:
    """A row that was copied over another one."""

    def edit(sheet: Worksheet) -> None:
        for column in range(2, 13):
            sheet.cell(5, column).value = sheet.cell(4, column).value

    found = after(source, sheet, tmp_path, edit)
    assert [key for _, key in told(found)] == ["row_twice", "row_missing"]
    assert found.changes == ()


def test_edits_of_an_older_version_undo_nothing(
    source: Source, sheet: Path, tmp_path: Path
) -> None:
    """A cell that stands as it was printed is left as it is now; a conflict is told."""
    first, second = (duty_id(TeamId(name), MONDAY) for name in ("t1", "t2"))
    duties = [source.roster.duty(name) for name in (first, second)]
    moved = [replace(duty, start_min=duty.start_min + 60) for duty in duties if duty]
    roster = source.roster.replaced((first, second), moved)
    now = replace(source, roster=roster, file=replace(source.file, roster=roster, version=2))
    address = cell_of(sheet, "t1", 0)
    found = taken(now, edited(sheet, tmp_path / "w.xlsx", write(address, "07:00-15:00")))
    assert days_of(found) == {("t1", 0, ("moved",))}
    assert {key for _, key in told(found)} >= {"other_version", "overtaken"}


def test_the_files_that_are_written_publish_as_they_were_read(
    source: Source, sheet: Path, tmp_path: Path
) -> None:
    """roster.csv reads back; what stands beside it stands beside it again; pins are kept."""
    found = after(source, sheet, tmp_path, write(cell_of(sheet, "t1", 1), "07:30-15:30"))
    found.write(tmp_path / "out")
    again = source_of(source.district, WEEK, tmp_path / "out")
    assert changes(found.roster, again.roster) == []
    assert again.pins == found.pins
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"roster.csv", "visits.csv", "must_arrive.csv", "pins.csv"}
    kept = sum(
        len(d.visits)
        for d in read_roster(source.district, tmp_path / "out" / "roster.csv").roster.duties
    )
    assert kept == sum(len(duty.visits) for duty in found.roster.duties)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 broken", b"<html></html>"])
def test_what_is_no_workbook_is_told(tmp_path: Path, content: bytes) -> None:
    """With the file's name."""
    (tmp_path / "w.xlsx").write_bytes(content)
    with pytest.raises(BadInput) as wrong:
        opened(tmp_path / "w.xlsx")
    assert wrong.value.key == "sheet.no_workbook"


def test_a_workbook_of_something_else_is_told(source: Source, sheet: Path, tmp_path: Path) -> None:
    """The heads that were expected are named."""
    path = edited(sheet, tmp_path / "w.xlsx", lambda s: s.delete_rows(HEAD))
    with pytest.raises(BadInput) as wrong:
        taken(source, path)
    assert [one.key for one in wrong.value.findings] == ["check.sheet.no_heads"]


def test_a_merge_of_a_whole_sheet_does_no_harm(sheet: Path, tmp_path: Path) -> None:
    """It would be seventeen thousand million cells."""
    book = load_workbook(sheet)
    book.worksheets[0].merged_cells.ranges.clear()
    book.worksheets[0].merged_cells.add("A1:XFD1048576")
    book.save(tmp_path / "w.xlsx")
    with pytest.raises(BadInput) as wrong:
        opened(tmp_path / "w.xlsx")
    assert wrong.value.key == "sheet.area_too_large"


NASTY: Sequence[object] = (
    *(None, "", " ", "休", "off", "假", "x", "0", "-1", "１２", "7", "730", "07:30", "07:30-"),
    *("-15:30", "07:30-15:30", "０７：３０－１５：３０", "22:00-06:00", "22:00-次日06:00"),
    *("25:00-30:00", "99:99-99:99", "07:30-15:30\n巡逻·nowhere", "07:30-15:30 08:00-16:00"),
    *("同组：a1", "同组：", "with ", "※", "·", "\n\n", "=1+1", "=A1", "#REF!", "t1", "t9", "o1"),
    *("a1", "a1、a1", "a1;a2", "王五", "周一", "12月1日", "2026-12-01", "2026-13-45", "图例："),
    *("制表：", "x" * 5000, "𠮷", "\t", "{x}", "%s"),
    *(0, 1, -1, 730, 46356, 1e300, 0.3125, True, False, MONDAY, timedelta(hours=30)),
)


def test_no_slip_of_a_hand_ends_in_a_traceback(source: Source, sheet: Path) -> None:
    """200 random one-cell edits: a roster and messages, and no other team's days change."""
    pick = random.Random(7)  # noqa: S311 - nothing secret
    book = load_workbook(sheet)
    grid_ = book.worksheets[0]
    cells = [cell for row in grid_.iter_rows() for cell in row]
    for _ in range(EDITS):
        cell, value = pick.choice(cells), pick.choice(NASTY)
        where, was = f"{cell.coordinate} = {value!r}", (cell.value, cell.data_type)
        cell.value = value  # type: ignore[assignment] # whatever a hand puts there
        with suppress(Unreadable):
            found = readable(source, Opened(sheet, book))
            assert len({team for team, _, _ in days_of(found)}) <= 1, where
            for lang in LANGUAGES:
                assert all(line(one, lang) for one in found.findings), where
        cell.value, cell.data_type = was


class Unreadable(Exception):
    """The sheet was refused as a whole, with a finding."""


def readable(source: Source, book: Opened) -> Taken:
    """What a workbook makes of the week; one that is refused must say why."""
    try:
        return take(source, book, "zh-CN")
    except BadInput as wrong:
        if not wrong.findings:
            raise
        raise Unreadable from wrong
