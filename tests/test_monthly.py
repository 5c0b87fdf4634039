"""The planner writes the report of a month by itself, once the month is over."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from districts import small_district
from planners import House, settle

from config.district import load
from config.made_tables import HistoryRow
from config.reading import write_rows
from events.clock import Clock
from events.memory import MemoryBus
from events.plan_decisions import MonthReported
from scheduler.child import ChildSolver
from scheduler.jobs import Order, read_figures, write_figures
from scheduler.month_kpi import Figure
from scheduler.planner import Planner

FIRST = "2026-12-01T03:00:00+08:00"


def test_on_the_first_the_page_of_the_month_lies_in_the_folder(tmp_path: Path) -> None:
    """Made by a child of the month that ended; the second planner makes none."""
    house = House(tmp_path)
    settle(house.planner())
    house.now_ms = house.at(FIRST) - 1
    settle(house.planner())
    assert not list(house.district.folder.glob("month-*"))
    house.now_ms = house.at(FIRST)
    settle(house.planner())
    settle(house.planner())
    page = house.district.folder / "month-2026-11.html"
    assert page.read_text(encoding="utf-8") == "2026-11"
    told = house.decided(MonthReported)
    assert [(one.month, one.refused) for one in told if isinstance(one, MonthReported)] == [
        ("2026-11", None)
    ]


def test_a_planner_that_was_down_for_two_months_reports_both(tmp_path: Path) -> None:
    """The oldest first, as weeks are caught up with."""
    house = House(tmp_path)
    settle(house.planner())
    house.now_ms = house.at("2027-01-03T12:00:00+08:00")
    settle(house.planner())
    told = [one.month for one in house.decided(MonthReported) if isinstance(one, MonthReported)]
    assert told == ["2026-11", "2026-12"]


def test_a_month_that_cannot_be_reported_is_tried_once(tmp_path: Path) -> None:
    """What the child said last is why."""
    house = House(tmp_path)
    settle(house.planner())
    house.solver.code = 1
    house.now_ms = house.at(FIRST)
    settle(house.planner())
    settle(house.planner())
    told = [one for one in house.decided(MonthReported) if isinstance(one, MonthReported)]
    assert [(one.month, one.refused) for one in told] == [("2026-11", "exit 1")]


def test_key_figures_go_to_the_child_as_they_are(tmp_path: Path) -> None:
    """It has no bus to count them from."""
    found = (Figure("must_arrive", 9, 10), Figure("arrive", times=(61.0, 62.5)))
    write_figures(found, tmp_path / "figures.json")
    assert read_figures(tmp_path / "figures.json") == found
    assert read_figures(tmp_path / "none.json") == ()


def test_a_real_child_writes_the_page_with_the_journals_figures(tmp_path: Path) -> None:
    """With `qinwu report month`, of files and of what the planner read."""
    folder = small_district(tmp_path / "d", weeks=8)
    (folder / "history").mkdir()
    first = datetime(2026, 8, 1, tzinfo=UTC)
    told = {"kind": "crash", "severity": "damage", "x_m": 0, "y_m": 0}
    write_rows(folder / HistoryRow.file, [
        HistoryRow.model_validate(told | {
            "id": f"c{n}", "node": f"n{n % 6}{n % 5}",
            "at": (first + timedelta(hours=9 * n)).isoformat(),
        })
        for n in range(320)
    ])  # fmt: skip
    district = load(folder)
    start = district.calendar.parse_iso(FIRST)
    solve = ChildSolver(district)
    planner = Planner(MemoryBus(), district, Clock(wall=lambda: start), "test", solve)
    order = Order("2026-W49", month="2026-11", figures=(Figure("must_arrive", 7, 9),))
    child = solve(order)
    deadline = time.monotonic() + 240
    while (code := child.poll()) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    planner.close()
    assert code == 0
    assert "7 / 9" in (child.out / "month.html").read_text(encoding="utf-8")
