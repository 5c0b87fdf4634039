"""What a child refused is tried again once a file of the district is another, and only then."""

from pathlib import Path

import pytest
from planners import House, settle

from events.facts import Note
from events.plan_decisions import Analysed, MonthReported
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
    assert {"what": "2026-12", "why": "people.csv:3: no such person"} in told


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
