"""What a child refused is tried again once a file of the district is another, and only then."""

import os
import shutil
from pathlib import Path

import pytest
from districts import WEEK
from planned import Instantly
from planners import House, settle

from config.district import load
from events.clock import Clock
from events.facts import Note
from events.plan_decisions import Analysed, MonthReported, RequestRefused
from scheduler.planner import Planner
from scheduler.retries import RETRY_MS

FIRST = "2026-12-01T03:00:00+08:00"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Two weeks are published; in the night of the first a file is bad, and all work refused."""
    house = House(tmp_path)
    settle(house.planner())
    house.now_ms = house.at(FIRST)
    house.solver.code, house.solver.words = 2, "people.csv:3: no such person\n"
    return house


def mend(house: House) -> None:
    """Somebody mends a line of the history."""
    file = house.district.folder / "history" / "incidents.csv"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"mended at {house.now_ms}\n", encoding="utf-8")
    house.solver.code = 0


def tick(house: House, planner: Planner, times: int = 1) -> None:
    """The timer looks again, ten minutes later."""
    for _ in range(times):
        house.now_ms += RETRY_MS
        planner.wake()
        settle(planner)


def analyses(house: House) -> int:
    """How often December's analysis was ordered."""
    return sum(order.analysis_only for order in house.solver.orders)


def reports(house: House) -> list[str]:
    """What became of November's report, in order."""
    told = [one for one in house.decided(MonthReported) if isinstance(one, MonthReported)]
    return ["refused" if one.refused else "made" for one in told if one.month == "2026-11"]


def test_a_refused_analysis_is_made_at_the_tick_after_the_file_is_mended(house: House) -> None:
    """Nobody has to start the planner anew."""
    planner = house.planner()
    settle(planner)
    mend(house)
    tick(house, planner)
    months = [one.month for one in house.decided(Analysed) if isinstance(one, Analysed)]
    assert "2026-12" in months


def test_a_refused_analysis_is_not_tried_on_the_same_files(house: House) -> None:
    """It would refuse again, and write a note at each tick."""
    planner = house.planner()
    settle(planner)
    before = analyses(house)
    tick(house, planner, 6)
    assert analyses(house) == before


def test_a_change_that_mends_nothing_is_one_more_try(house: House) -> None:
    """Once per change."""
    planner = house.planner()
    settle(planner)
    before = analyses(house)
    mend(house)
    house.solver.code = 2
    tick(house, planner, 6)
    assert analyses(house) == before + 1


def test_a_refused_analysis_says_what_the_child_said(house: House) -> None:
    """Its last words, not only its exit code: the file and line to mend."""
    settle(house.planner())
    notes = [f for frame in house.frames() for f in frame.facts if isinstance(f, Note)]
    told = [one.fields for one in notes if one.key == "planner.failed"]
    assert {"of": "analysis", "what": "2026-12", "why": "people.csv:3: no such person"} in told


def test_a_refused_report_is_made_at_the_tick_after_the_file_is_mended(house: House) -> None:
    """Also by a planner that was started in between: `P.plan` knows on which files it was."""
    settle(house.planner())
    mend(house)
    planner = house.planner()
    tick(house, planner)
    assert reports(house) == ["refused", "made"]


def test_a_refused_report_is_not_tried_on_the_same_files(house: House) -> None:
    """Neither by the next planner."""
    settle(house.planner())
    planner = house.planner()
    tick(house, planner, 6)
    assert reports(house) == ["refused"]


def test_a_file_that_was_only_touched_is_no_other_file(house: House) -> None:
    """What stands in it is what counts; else each touch is one more refused report."""
    planner = house.planner()
    settle(planner)
    before = analyses(house)
    os.utime(house.district.folder / "people.csv", (1, 1))
    tick(house, planner)
    assert (analyses(house), reports(house)) == (before, ["refused"])


def test_a_week_that_the_planner_keeps_is_no_mended_file(house: House) -> None:
    """It writes rosters itself."""
    planner = house.planner()
    settle(planner)
    before = analyses(house)
    for path in house.district.folder.glob("roster/*/roster.csv"):
        path.write_bytes(path.read_bytes() + b"\n")
    tick(house, planner)
    assert analyses(house) == before


def beside(house: House, folder: Path) -> Planner:
    """A planner on another machine, which has a copy of the district's folder."""
    shutil.copytree(house.district.folder, folder, copy_function=shutil.copyfile)
    district = load(folder)
    solver = Instantly(district, folder / "out", code=2, words="people.csv:3: no such person\n")
    return Planner(house.bus, district, Clock(wall=lambda: house.now_ms), "beside", solver)


@pytest.mark.parametrize(("differ", "refused"), [(False, 1), (True, 2)])
def test_two_planners_refuse_a_report_once_on_the_same_files(
    house: House, tmp_path: Path, *, differ: bool, refused: int
) -> None:
    """In turn they would do it for ever, and `P.plan` with them; a planner started anew, too."""
    other = beside(house, tmp_path / "copy")
    if differ:
        (tmp_path / "copy" / "spare.csv").write_text("only here\n", encoding="utf-8")
    for _ in range(3):
        planner = house.planner()
        tick(house, planner)
        tick(house, other)
    assert reports(house) == ["refused"] * refused


def test_an_analysis_that_is_asked_for_is_begun_though_the_timed_one_was_refused(
    house: House,
) -> None:
    """Whoever asks is answered, not held for a day for what nobody asked."""
    planner = house.planner()
    settle(planner)
    house.send("plan_requested", week="2026-W50", what="analysis")
    settle(planner)
    refused = [one for one in house.decided(RequestRefused) if isinstance(one, RequestRefused)]
    assert [one.week for one in refused] == ["2026-W50"]


def test_a_plan_that_is_asked_for_is_begun_though_the_timed_one_broke_off(tmp_path: Path) -> None:
    """At once, not ten minutes later."""
    house = House(tmp_path)
    house.solver.code = 70
    planner = house.planner()
    settle(planner)
    house.solver.code = 0
    house.send("plan_requested", week=WEEK)
    settle(planner)
    assert planner.ledger.week(WEEK).held == 1
