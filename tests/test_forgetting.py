"""A person's name goes out of what is kept: `grep` finds it nowhere in the folder any more."""

import csv
import io
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from districts import WEEK, small_district
from planned import week_of, write_needs, write_week
from test_full_disk import room
from typed import Typed, typed

from config.district import load
from config.whole import FORMER, PLACING
from config.words import LANGUAGES
from scheduler.forgetting import Forgotten, forget
from scheduler.publish import is_stale
from scheduler.readback import kept_folder, read_roster
from scheduler.version_page import write_version

__all__ = ["typed"]  # a fixture
Files = Mapping[str, str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district with a kept week and a draft of it, each with a page of its own."""
    folder = small_district(tmp_path / "d")
    rename(folder, "𠮷田", "辅警1")
    return kept_week(folder, "zh-CN")


def kept_week(folder: Path, lang: str) -> Path:
    """The district with the same week kept and drafted, in files as they are made by now."""
    district = load(folder)
    kept, draft = kept_folder(district, WEEK), folder / ".qinwu" / "drafts" / f"{WEEK}.v2"
    write_week(district, week_of(district, WEEK), kept)
    write_needs(district, WEEK, kept)
    write_version(district, WEEK, kept, lang)
    shutil.copytree(kept, draft, dirs_exist_ok=True)
    return folder


def rename(folder: Path, name: str, other: str) -> None:
    """Call somebody something else in people.csv."""
    people = folder / "people.csv"
    text = people.read_text(encoding="utf-8").replace(f",{name},", f",{other},")
    people.write_text(text, encoding="utf-8")


def kept_texts(folder: Path) -> Files:
    """What is kept of rosters and drafts, by file."""
    kept = [*(folder / "roster").rglob("*.*"), *(folder / ".qinwu" / "drafts").rglob("*.*")]
    return {str(path): path.read_text(encoding="utf-8") for path in kept if path.is_file()}


def holding(folder: Path, name: str) -> set[str]:
    """Files in which a name stands; 民警1 is no part of 民警11."""
    texts = {path: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}
    for other in (f"{name}{digit}" for digit in range(10)):
        texts = {path: text.replace(other, "") for path, text in texts.items()}
    return {path.name for path, text in texts.items() if name in text}


@pytest.mark.parametrize(("person", "name"), [("o1", "民警1"), ("a1", "辅警1")])
def test_a_name_is_in_people_csv_alone(folder: Path, typed: Typed, person: str, name: str) -> None:
    """Of an officer and of an auxiliary; everybody else keeps theirs, and ids stay."""
    before = read_roster(load(folder), folder / "roster" / WEEK / "roster.csv")
    assert {"roster.csv", "report.html", "people.csv"} <= holding(folder, name)
    done = typed("roster", "forget", folder, person)
    assert done.code == 0, done.err
    assert holding(folder, name) == {"people.csv"}
    for other in ("民警2", "辅警10"):
        assert holding(folder, other) >= {"roster.csv", "report.html"}
    after = read_roster(load(folder), folder / "roster" / WEEK / "roster.csv")
    assert after.roster == before.roster
    kept = folder / "roster" / WEEK
    assert not is_stale(kept / "report.html", kept / "roster.csv")


def test_a_name_that_people_csv_has_no_more_is_found_in_what_is_kept(
    folder: Path, typed: Typed
) -> None:
    """Whoever empties the cells first has the same done."""
    rename(folder, "民警1", "")
    assert typed("roster", "forget", folder, "o1").code == 0
    assert holding(folder, "民警1") == set()


@pytest.mark.parametrize(("person", "lang"), [("o1", "zh-CN"), ("a1", "en")])
@pytest.mark.parametrize("name", ["O'Brien &Co", "style", "莫干山路", "莫干山路/大外环路口"])
def test_what_is_kept_is_as_if_there_had_been_no_name(
    folder: Path, typed: Typed, name: str, person: str, lang: str
) -> None:
    """Whatever they are called: no tag, no place and nobody else loses a letter."""
    rename(folder, {"o1": "民警1", "a1": "辅警1"}[person], name)
    before = kept_texts(kept_week(folder, lang))
    assert typed("roster", "forget", folder, person).code == 0
    forgotten = kept_texts(folder)
    rename(folder, name, "")
    assert forgotten == kept_texts(kept_week(folder, lang)) != before


def test_a_name_that_only_the_page_has_goes_too(folder: Path, typed: Typed) -> None:
    """Of who had no duty that week, and has no name in people.csv any more."""
    rename(folder, "民警8", "")
    assert holding(folder, "民警8") == {"report.html"}
    assert typed("roster", "forget", folder, "a8").code == 0
    assert holding(folder, "民警8") == {"report.html"}
    assert typed("roster", "forget", folder, "o8").code == 0
    assert holding(folder, "民警8") == set()


def too_many_cells(raw: bytes) -> bytes:
    """The third line has a cell that the header has not."""
    lines = raw.splitlines(keepends=True)
    lines[2] = lines[2].replace(b"\n", b",x\n")
    return b"".join(lines)


def too_few_cells(raw: bytes) -> bytes:
    """The third line ends early."""
    lines = raw.splitlines(keepends=True)
    lines[2] = b"d9\n"
    return b"".join(lines)


def no_character(raw: bytes) -> bytes:
    """A byte of the first name is gone; it stands in line 2."""
    return raw.replace("民".encode(), "民".encode()[:2], 1)


def renamed(old: str, new: str) -> Callable[[bytes], bytes]:
    """A column has another header."""
    return lambda raw: raw.replace(f",{old},".encode(), f",{new},".encode(), 1)


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (too_many_cells, 3),
        (too_few_cells, 3),
        (no_character, 2),
        (renamed("officer", "OFFICER"), 1),
        (renamed("officer", "民警"), 1),
        (renamed("auxiliaries", "AUXILIARIES"), 1),
        (renamed("officer_name", "姓名"), 1),
    ],
)
def test_a_damaged_roster_is_told_and_the_others_are_done(
    folder: Path, typed: Typed, damage: Callable[[bytes], bytes], line: int
) -> None:
    """It stays as it is, since nobody knows what it says; no other waits for it."""
    draft = next((folder / ".qinwu" / "drafts").rglob("roster.csv"))
    damaged = damage(draft.read_bytes())
    draft.write_bytes(damaged)
    told = typed("roster", "forget", folder, "o1")
    assert told.code == 2
    assert f"{draft}:{line}:" in told.err
    assert draft.read_bytes() == damaged
    assert holding(folder / "roster", "民警1") == set()


def test_somebody_who_is_in_people_csv_no_more_is_forgotten(folder: Path, typed: Typed) -> None:
    """By the id that kept rosters have; an id that nobody ever had is refused."""
    for file in ("people.csv", "bonds.csv"):
        lines = (folder / file).read_text(encoding="utf-8").splitlines(keepends=True)
        kept = "".join(line for line in lines if "a9" not in line.strip().split(","))
        (folder / file).write_text(kept, encoding="utf-8")
    assert holding(folder, "辅警9") >= {"roster.csv", "report.html"}
    assert typed("roster", "forget", folder, "a9").code == 0
    assert holding(folder, "辅警9") == set()
    assert typed("roster", "forget", folder, "a99").code == 1


def test_who_is_called_the_same_keeps_the_name(folder: Path, typed: Typed) -> None:
    """Also one who has no duty that week, and stands on the page alone."""
    rename(folder, "民警8", "民警1")
    kept_week(folder, "en")
    assert typed("roster", "forget", folder, "o1").code == 0
    page = kept_texts(folder)[str(folder / "roster" / WEEK / "report.html")]
    assert "<td>民警1</td><td><small>o8</small>" in page
    assert '<th scope="row">民警1 <small>t8' in page
    assert "<small>o1</small>" not in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_people_csv_still_says_is_told(folder: Path, typed: Typed, lang: str) -> None:
    """The next roster would have the name again: the cells go first, then this command."""
    told = typed("roster", "forget", folder, "o1", lang=lang).out
    assert ("name" in told, "phone" in told, "qinwu roster forget" in told) == (True, True, True)
    rename(folder, "民警1", "")
    assert "phone" not in typed("roster", "forget", folder, "o1", lang=lang).out


# --- as spreadsheet programs save them ---------------------------------------------------------

ROSTER = (
    "week,version,squadron,team,duty,date,start,end,officer,auxiliaries,vehicle,officer_name,"
    "auxiliaries_names,note\n"
    "2026-W49,1,s1,t1,d1,2026-11-30,2026-11-30T06:00:00+08:00,2026-11-30T14:00:00+08:00,o1,a1;a2,"
    "v1,王小明,甲;乙,\n"
)


def separated(delimiter: str) -> Callable[[str], bytes]:
    """Cells are separated by something else."""

    def saved(text: str) -> bytes:
        cells = csv.reader(text.splitlines())
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=delimiter).writerows(cells)
        return out.getvalue().encode()

    return saved


@pytest.fixture
def week(tmp_path: Path) -> Path:
    """A kept roster of one duty."""
    path = tmp_path / WEEK / "roster.csv"
    path.parent.mkdir()
    path.write_text(ROSTER, encoding="utf-8-sig")
    return path


@pytest.mark.parametrize("how", [
    separated(";"), separated("\t"), lambda text: text.encode("gb18030"),
    lambda text: text.encode("utf-16"), lambda text: text.replace(",o1,", ",o1 ,").encode(),
    lambda text: text.replace(",o1,", ',"=""o1""",').encode(),
    lambda text: text.replace("officer,", " officer ,").encode(),
], ids=["semicolons", "tabs", "gb18030", "utf-16", "blank", "formula", "header"])  # fmt: skip
def test_a_roster_is_read_however_it_was_saved(week: Path, how: Callable[[str], bytes]) -> None:
    """It said that the name was out, and had made each line a quoted cell."""
    saved = how(ROSTER)
    week.write_bytes(saved)
    assert forget(week.parent, "o9", None) == Forgotten((), ())
    assert week.read_bytes() == saved
    assert forget(week.parent, "o1", None) == Forgotten((week,), ())
    assert week.read_text(encoding="utf-8-sig") == ROSTER.replace("王小明", "")


@pytest.mark.parametrize(("old", "new", "key", "column"), [
    ("甲;乙,", "甲;乙,替王小明", "name_astray", "note"),
    ("甲;乙,", "乙,", "names_beside", None),
])  # fmt: skip
def test_a_name_where_none_is_read_is_told(
    week: Path, old: str, new: str, key: str, column: str | None
) -> None:
    """Nothing is taken out there by guessing, and nothing beside it."""
    week.write_text(kept := ROSTER.replace(old, new), encoding="utf-8")
    person = "o1" if column else "a1"
    found = forget(week.parent, person, None)
    assert [(one.key, one.line, one.fields.get("column")) for one in found.damaged] == [
        (f"check.{key}", 2, column)
    ]
    assert (found.files, week.read_text(encoding="utf-8")) == ((), kept)


REMARKS = ROSTER.replace("note\n", "tasks,task_names,,\n").replace(";乙,\n", ";乙,,school,x,y\n")
"""Columns beside the table, without header."""


@pytest.mark.parametrize(("old", "new", "key", "column"), [
    ("school", "王小明代班", "name_astray", 105),
    ("x,y", "王小明,y", "name_unheaded", 112),
    ("x,y", "x,王小明电话", "name_unheaded", 114),
])  # fmt: skip
def test_a_name_typed_beside_the_table_is_told(
    week: Path, old: str, new: str, key: str, column: int
) -> None:
    """Under no header, or where the program tells a task: it said that the name was out."""
    week.write_text(kept := REMARKS.replace(old, new), encoding="utf-8")
    found = forget(week.parent, "o1", None)
    assert [(one.key, one.line, one.column) for one in found.damaged] == [
        (f"check.{key}", 2, column)
    ]
    assert (found.files, week.read_text(encoding="utf-8")) == ((), kept)


def test_what_stands_beside_the_table_stays(week: Path) -> None:
    """Of several columns without header each keeps its cells."""
    week.write_text(REMARKS, encoding="utf-8")
    assert forget(week.parent, "o1", None).files == (week,)
    assert week.read_text(encoding="utf-8-sig") == REMARKS.replace("王小明", "")


def test_a_column_of_names_that_lost_its_header_is_told(week: Path) -> None:
    """Nobody knows whose names it has."""
    week.write_text(ROSTER.replace("officer_name", ""), encoding="utf-8")
    found = forget(week.parent, "o1", None)
    assert [(one.key, one.fields["column"]) for one in found.damaged] == [
        ("check.column_missing", "officer_name")
    ]


@pytest.mark.parametrize("people", ["", "<td>王小明</td><td><small>o12</small></td>"])
def test_sentences_of_a_page_lose_the_name_beside_the_id(week: Path, people: str) -> None:
    """Such as those of what a roster lacks; who is called the same, or nearly, keeps theirs."""
    page = week.with_name("report.html")
    told = "<li>rest: {o1}, 王小明 o12 Mon</li><li>休息：{o1}、大王小明 o1 周一</li><li>{o1}</li>"
    page.write_text(told.format(o1="王小明 o1") + people + "<p>：王小明(o1)</p>", encoding="utf-8")
    assert forget(week.parent, "o1", None).files == (week, page)
    assert page.read_text(encoding="utf-8") == told.format(o1="o1") + people + "<p>：o1</p>"


def test_a_full_disk_leaves_the_week_as_it_was(week: Path) -> None:
    """No half a file beside it; and it is said where there is no room."""
    with room(100), pytest.raises(OSError, match=WEEK):
        forget(week.parent, "o1", None)
    assert week.read_text(encoding="utf-8-sig") == ROSTER
    assert [*week.parent.iterdir()] == [week]


def test_a_week_whose_move_was_cut_off_is_whole_before(week: Path) -> None:
    """What had not moved yet has names, too, and would come over what was taken out."""
    placing = week.parent / PLACING
    placing.mkdir()
    week.rename(placing / week.name)
    (placing / FORMER).write_text('{"replaced": {}, "gone": {}}', encoding="utf-8")
    found = forget(week.parent.parent, "o1", None)
    assert (found.files, found.damaged) == ((week,), ())
    assert week.read_text(encoding="utf-8-sig") == ROSTER.replace("王小明", "")
