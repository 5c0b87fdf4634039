"""A refusal in words: the laws first, a line a duty, people by name, and not thousands of lines."""

from dataclasses import replace
from pathlib import Path

import pytest
from districts import WEEK, small_district
from planned import week_of, write_week
from typed import Typed, typed

from config.district import District, load
from config.ids import PersonId
from scheduler.breach_words import MOST_LINES, breach_count, refusal_lines
from scheduler.names import Names
from scheduler.roster import Roster

__all__ = ["typed"]


@pytest.fixture
def district(tmp_path: Path) -> District:
    """The small district."""
    return load(small_district(tmp_path / "d"))


def bonds(n: int, person: str = "o1") -> dict[str, object]:
    """Somebody of another team."""
    return {"rule": "bonds", "amount": 1, "person": person, "duty": f"t{n}@2026-11-30"}


def test_a_law_and_a_duty_have_one_line_with_all_people(district: District) -> None:
    """By name, too: the desk knows nobody as a7."""
    name = Names(district).person("a1")
    [line] = refusal_lines([bonds(1), bonds(1, "a1"), bonds(1, "a1")], Names(district), "en")
    assert line.startswith("teams work as bonded: t1@2026-11-30, ")
    assert line.count("a1") == 1
    assert name is None or name in line


def test_laws_stand_together(district: District) -> None:
    """In the order in which they were found."""
    rest = {"rule": "rest-between-duties", "amount": 60, "person": "o1", "duty": "t1@2026-11-30"}
    lines = refusal_lines([bonds(1), rest, bonds(2)], Names(district), "en")
    assert [line.split(":")[0] for line in lines] == [
        "teams work as bonded", "teams work as bonded", "rest between duties"
    ]  # fmt: skip


def test_the_rest_is_counted(district: District) -> None:
    """What the refusal itself left out, too."""
    found = [*(bonds(n) for n in range(30)), {"rule": "more", "amount": 5000}]
    lines = refusal_lines(found, Names(district), "en")
    assert len(lines) == MOST_LINES + 1
    assert lines[-1].startswith("5010 more; qinwu roster check")
    assert breach_count(found) == 5030


def test_a_week_that_breaks_everything_is_refused_on_one_page(
    typed: Typed, district: District, tmp_path: Path
) -> None:
    """It once printed 5388 lines."""
    file = week_of(district, WEEK)
    strange = Roster(tuple(
        replace(duty, officer=PersonId(f"o{5 + n % 4}"), auxiliaries=(PersonId(f"a{5 + n % 4}"),))
        for n, duty in enumerate(file.roster.duties)
    ))  # fmt: skip
    write_week(district, replace(file, roster=strange), tmp_path / "out")
    code, _, said = typed(
        "publish", str(district.folder), "--week", WEEK, "--from", str(tmp_path / "out")
    )
    lines = said.splitlines()
    assert code == 3, said
    assert len(lines) <= MOST_LINES + 2
    assert "was not published" in lines[-1]
