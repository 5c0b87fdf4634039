"""A person's name goes out of what is kept: `grep` finds it nowhere in the folder any more."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from districts import WEEK, small_district
from planned import week_of, write_needs, write_week
from typed import Typed, typed

from config.district import load
from config.words import LANGUAGES
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


def other_encoding(raw: bytes) -> bytes:
    """As a spreadsheet program saved it; its first name stands in line 2."""
    return raw.decode("utf-8-sig").encode("gb18030")


@pytest.mark.parametrize(
    ("damage", "line"),
    [(too_many_cells, 3), (too_few_cells, 3), (other_encoding, 2)],
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
    assert f"{draft}:{line}: " in told.err
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
