"""Two rosters of a week compared on the command line: changes, and what they cost."""

from dataclasses import replace
from pathlib import Path

import pytest
from districts import WEEK, small_district
from planned import week_of, write_needs, write_week
from typed import Typed, typed

from config.district import load

__all__ = ["typed"]


@pytest.fixture(name="town", scope="module")
def _town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published week, and beside the district one without t1's Monday, with its needs."""
    folder = small_district(tmp_path_factory.mktemp("town") / "d")
    district = load(folder)
    file = week_of(district, WEEK)
    write_week(district, file, folder / "roster" / WEEK)
    less = replace(file, roster=file.roster.replaced([file.roster.duties[0].id]))
    write_week(district, less, folder.parent / "less")
    write_needs(district, WEEK, folder.parent / "less")
    return folder


def test_a_duty_that_is_gone_is_told_for_each_of_its_people(town: Path, typed: Typed) -> None:
    """Three people, and 16 half hours of contract and of cover."""
    told = typed("roster", "diff", town, WEEK, town.parent / "less")
    assert told.code == 1
    lines = told.out.splitlines()
    assert sum("(gone)" in line for line in lines) == 3
    assert f"{WEEK}: changes: 3, people: 3" in lines
    more = "the second costs more by: contract half hours +16"
    assert any(line.startswith(more) for line in lines)


def test_the_same_roster_differs_in_nothing(town: Path, typed: Typed) -> None:
    """Exit 0, named by its week, its folder or its file."""
    path = town / "roster" / WEEK
    for way in ((WEEK, path), (path, path / "roster.csv")):
        told = typed("roster", "diff", town, *way)
        assert (told.code, told.out.splitlines()[0]) == (0, "no change")


def test_without_needs_no_cost_is_told(town: Path, typed: Typed) -> None:
    """Neither folder has a staffing.csv."""
    assert "no staffing.csv" in typed("roster", "diff", town, WEEK, WEEK).out


def test_what_is_not_there_is_told(town: Path, typed: Typed) -> None:
    """Exit 1, with the file."""
    told = typed("roster", "diff", town, WEEK, town / "nowhere")
    assert told.code == 1
    assert "nowhere" in told.err
