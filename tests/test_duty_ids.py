"""An id of a duty is one week's alone: what two weeks would share is refused, file or event."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from districts import WEEK, small_district
from planned import week_of, write_week
from planners import House, settle
from typed import Typed, typed

from config.district import District, load
from config.ids import DutyId
from config.words import LANGUAGES
from events.plan_decisions import PublicationRefused, Published
from scheduler import publish
from scheduler.breach_words import told_text
from scheduler.readback import RosterFile
from scheduler.roster import Roster

__all__ = ["typed"]
NEXT = "2026-W50"


def numbered(district: District, week: str) -> RosterFile:
    """The usual week with its duties called D1, D2 and so on."""
    file = week_of(district, week)
    duties = enumerate(file.roster.duties, start=1)
    return replace(file, roster=Roster(tuple(replace(d, id=DutyId(f"D{n}")) for n, d in duties)))


@pytest.fixture
def home(tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A district `d` whose week `w49` is published, and the next week, numbered as it is."""
    monkeypatch.chdir(tmp_path)
    district = load(small_district(tmp_path / "d"))
    for week, folder in ((WEEK, "w49"), (NEXT, "w50")):
        write_week(district, numbered(district, week), tmp_path / folder)
    assert typed("publish", "d", "--week", WEEK, "--from", "w49").code == 0
    return tmp_path


def ways(typed: Typed) -> Iterator[tuple[str, ...]]:
    """Every command that somebody hands the next week to."""
    assert (
        typed("roster", "sheet", "d", "--week", NEXT, "--from", "w50", "--out", "w.xlsx").code == 0
    )
    yield "roster", "check", "d", "w50/roster.csv"
    yield "roster", "read", "d", "w.xlsx", "--from", "w50"
    yield "roster", "draft", "d", "--week", NEXT, "--from", "w50"
    yield "publish", "d", "--week", NEXT, "--from", "w50"


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_file_with_ids_of_the_week_before_is_refused_with_their_lines(
    typed: Typed, lang: str
) -> None:
    """The engine would take none of its duties, and nobody would hear of it."""
    for way in ways(typed):
        done = typed(*way, lang=lang)
        first = next(line for line in done.err.splitlines() if ":2:" in line)
        assert done.code == 2, way
        assert first.startswith("w50/roster.csv:2:"), way
        assert all(one in first for one in ("D1", WEEK, "t1@2026-12-07", "visits.csv"))


def test_what_a_week_in_force_calls_its_own_it_keeps(home: Path, typed: Typed) -> None:
    """Published again, with a duty less, it is the same week's."""
    roster = home / "w49" / "roster.csv"
    *kept, _ = roster.read_text(encoding="utf-8").splitlines(keepends=True)
    roster.write_text("".join(kept), encoding="utf-8")
    assert typed("roster", "check", "d", "w49/roster.csv").code == 0
    assert typed("publish", "d", "--week", WEEK, "--from", "w49").code == 0


def test_a_file_of_ids_of_its_own_is_published(home: Path, typed: Typed) -> None:
    """Such as the remedy names."""
    district = load(home / "d")
    write_week(district, week_of(district, NEXT), home / "w50")
    assert typed("publish", "d", "--week", NEXT, "--from", "w50").code == 0


@pytest.mark.parametrize("weeks", [(WEEK, NEXT), (NEXT, WEEK)])
def test_a_draft_with_ids_of_a_week_in_force_is_not_published(
    tmp_path: Path, weeks: tuple[str, str]
) -> None:
    """Both were handed in by events before either was in force; the earlier week may be second."""
    house = House(tmp_path)
    for week in weeks:
        for part in publish.handed_in(house.district, numbered(house.district, week), 1):
            house.send("draft_edited", **part)
    for week in weeks:
        house.send("plan_requested", week=week, what="publish")
    settle(house.planner(timed=False))
    first, second = weeks
    assert [one.week for one in house.decided(Published) if isinstance(one, Published)] == [first]
    (refused,) = house.decided(PublicationRefused)
    assert isinstance(refused, PublicationRefused)
    assert refused.week == second
    assert {one["key"] for one in refused.breaches} == {"check.roster.duty_elsewhere"}
    assert all(one in told_text(refused.breaches[0], "en") for one in ("D1", first))
