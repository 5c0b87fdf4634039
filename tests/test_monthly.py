"""The planner writes the report of a month by itself, once the month is over."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from districts import small_district
from engines import crew, sqlite_station
from engines import settle as settle_engine
from planners import House, settle

from config.district import load
from config.made_tables import HistoryRow
from config.reading import write_rows
from config.words import words
from events.clock import Clock
from events.facts import Note
from events.memory import MemoryBus
from events.plan_decisions import MonthReported
from scheduler.child import ChildSolver
from scheduler.hindsight.month_page import own_rows
from scheduler.jobs import Order, read_figures, write_figures
from scheduler.month_kpi import Figure
from scheduler.monthly import figures_of
from scheduler.planner import Planner
from scheduler.retries import RETRY_MS

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


def test_who_wanted_the_analysis_of_an_old_week_gets_no_reports_from_then_on(
    tmp_path: Path,
) -> None:
    """No planner was there then."""
    house = House(tmp_path)
    settle(house.planner())
    house.send("plan_requested", week="2024-W10", what="analysis")
    settle(house.planner())
    house.now_ms = house.at(FIRST)
    settle(house.planner())
    assert [getattr(one, "month", "") for one in house.decided(MonthReported)] == ["2026-11"]


def test_two_planners_at_it_report_a_month_once(tmp_path: Path) -> None:
    """Both have a child at work when the first one's is done."""
    house = House(tmp_path)
    settle(house.planner())
    house.now_ms = house.at(FIRST)
    settle(house.planner(), house.planner())
    assert [getattr(one, "month", "") for one in house.decided(MonthReported)] == ["2026-11"]


def test_a_page_that_cannot_be_kept_is_made_again_later(tmp_path: Path) -> None:
    """No room, no right, something in its place: weeks are planned all the same, and it is said."""
    house = House(tmp_path)
    settle(house.planner())
    house.now_ms = house.at(FIRST)
    page = house.district.folder / "month-2026-11.html"
    page.mkdir()
    planner = house.planner()
    settle(planner)
    assert not house.decided(MonthReported)
    [note] = [fact for frame in house.frames() for fact in frame.facts if isinstance(fact, Note)]
    assert "month-2026-11.html" in note.fields["why"]
    page.rmdir()
    house.now_ms += RETRY_MS
    planner.wake()
    settle(planner)
    assert page.read_text(encoding="utf-8") == "2026-11"


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


@pytest.fixture
def found(tmp_path: Path) -> Iterator[tuple[Figure, ...]]:
    """Key figures of the month of a Monday on which t1 (s1) is whole and t2 (s2) has no vehicle."""
    station = sqlite_station(tmp_path)
    engine = station.engine()
    station.now_ms = station.at("08:05:00")
    station.staff(2)
    station.send(
        "signed_in", unit="t1", officer="o1", auxiliaries=crew(1), duty="t1-1", vehicle="v1",
        device="pda1",
    )  # fmt: skip
    there = {
        str(station.district.squadron_of_node(station.district.node_of_place(place))): place
        for place in station.district.places
    }  # fmt: skip
    test = {"kind": "breath_test", "outcome": "positive", "unit": "t1"}
    station.send("check_result", **test, place=there["s1"], tested=40, positives=2)
    station.send("check_result", **test, place=there["s2"], tested=10, positives=1)
    for n, change in enumerate(("found", "verified")):
        station.send("hazard_changed", hazard=f"z{n}", change=change, junction="n01")
    settle_engine(engine)
    station.now_ms = station.at("20:00:00")
    station.incident("n51")
    settle_engine(engine)
    yield figures_of(station.bus, station.district, "2026-11")
    station.bus.close()


def figure(found: tuple[Figure, ...], name: str, squadron: str = "") -> tuple[int, int] | None:
    """Met and due."""
    own = [one for one in found if (one.name, one.squadron) == (name, squadron)]
    return (own[0].met, own[0].due) if own else None


def test_each_squadron_has_its_own_key_figures(found: tuple[Figure, ...]) -> None:
    """Of eight teams two signed in; tests and hazards, the file's too, lie in a squadron's part."""
    told = [figure(found, "implementation", whose) for whose in ("", "s1", "s2")]
    assert told == [(2, 8), (1, 4), (1, 4)]
    told = [figure(found, "night_check", whose) for whose in ("", "s1", "s2")]
    assert told == [(3, 50), (2, 40), (1, 10)]
    assert [figure(found, "rectified", whose) for whose in ("s1", "s2")] == [(1, 3), None]


def test_a_unit_is_formed_with_officer_auxiliary_vehicle_and_pda(
    found: tuple[Figure, ...],
) -> None:
    """Hours on the road from the sign-in on, whole ones."""
    told = [figure(found, "formation", whose) for whose in ("", "s1", "s2")]
    assert told == [(9, 19), (9, 9), (0, 9)]


def test_squadrons_add_up_to_the_brigade(found: tuple[Figure, ...]) -> None:
    """Numerators and denominators, of all that are no times; what is cut to whole units is not."""
    for name in {one.name for one in found if not one.times} - {"formation", "match"}:
        own = [figure(found, name, whose) or (0, 0) for whose in ("s1", "s2")]
        assert tuple(map(sum, zip(*own, strict=True))) == figure(found, name)


def test_the_page_shows_a_column_for_each_squadron(found: tuple[Figure, ...]) -> None:
    """Blank where a figure is about nothing there."""
    rows = dict(own_rows(found, {"s1": "一中队", "s2": "二中队"}, words("en")))
    assert rows[words("en")("month.kpi.night_check")] == [("5.0 %", "2 / 40"), ("10.0 %", "1 / 10")]
    assert rows[words("en")("month.kpi.rectified")] == [("33.3 %", "1 / 3"), ("", "")]
