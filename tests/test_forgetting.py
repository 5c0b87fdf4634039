"""A person's name goes out of what is kept: `grep` finds it nowhere in the folder any more."""

import shutil
from pathlib import Path

import pytest
from districts import WEEK, small_district
from planned import week_of, write_week
from typed import Typed, typed

from config.district import load
from scheduler.publish import file_hash, is_stale
from scheduler.readback import read_roster

__all__ = ["typed"]  # a fixture
PAGE = '<meta name="roster" content="{hash}"><td>{names}</td><p>由{first}带班</p>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district with a kept week and a draft of it, each with a page of its own."""
    folder = small_district(tmp_path / "d")
    people = (folder / "people.csv").read_text(encoding="utf-8").replace("𠮷田", "辅警1")
    (folder / "people.csv").write_text(people, encoding="utf-8")
    district = load(folder)
    kept, draft = folder / "roster" / WEEK, folder / ".qinwu" / "drafts" / f"{WEEK}.v2"
    write_week(district, week_of(district, WEEK), kept)
    persons = district.people.persons.values()
    names = "、".join(str(one.name) for one in persons if one.name)
    page = PAGE.format(hash=file_hash(kept / "roster.csv"), names=names, first="民警1")
    (kept / "report.html").write_text(page, encoding="utf-8")
    shutil.copytree(kept, draft)
    return folder


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
    people = folder / "people.csv"
    text = people.read_text(encoding="utf-8").replace("民警1,", ",")
    people.write_text(text, encoding="utf-8")
    assert typed("roster", "forget", folder, "o1").code == 0
    assert holding(folder, "民警1") == set()
