"""The analysis of a week on a small district: what its history and its files ask for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from districts import MONDAY, WEEK, small_district

from config.district import District, load
from config.tables import DutyRow
from config.words import words
from scheduler.foresight.analysis import Analysis, analyse
from scheduler.foresight.history import History, from_rows
from scheduler.geo import colour_features
from scheduler.slots import SLOTS

DAYS = 400
CORNER, BARS = "n52", "n22"


def past(district: District, corner: float = 0.5) -> History:
    """Crashes at a corner in the morning, drink-driving at the bars on week-end nights."""
    rng = np.random.default_rng(3)
    rows: list[dict[str, Any]] = []
    for ago in range(1, DAYS + 1):
        day = MONDAY - timedelta(days=ago)
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
        weekend = day.isoweekday() in {5, 6}
        for kind, node, rate, hours in (
            ("crash", CORNER, corner, (7, 10)),
            ("crash", "n11", 0.05, (0, 24)),
            ("drink_drive", BARS, 0.3 * weekend, (21, 27)),
        ):
            for _ in range(rng.poisson(rate)):
                at = midnight + timedelta(hours=float(rng.uniform(*hours)))
                rows.append(row(len(rows), at, kind, node))
    return from_rows(pd.DataFrame(rows), district.roads.node_ids)


def row(number: int, at: datetime, kind: str, node: str) -> dict[str, Any]:
    """One record; every third crash is with injury."""
    return {
        "at_ms": int(at.timestamp() * 1000), "resolution_min": 1, "kind": kind, "node": node,
        "severity": "injury" if kind == "crash" and number % 3 == 0 else "none",
        "violation": "speeding" if kind == "crash" else "drink_driving", "service_s": np.nan,
    }  # fmt: skip


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """The hand-made district."""
    return load(small_district(tmp_path_factory.mktemp("district")))


@pytest.fixture(scope="module")
def history(district: District) -> History:
    """Its invented history."""
    return past(district)


@pytest.fixture(scope="module")
def analysis(district: District, history: History) -> Analysis:
    """The week after it."""
    return analyse(district, history, WEEK, seed=7)


def test_risk_is_where_and_when_the_history_has_it(district: District, analysis: Analysis) -> None:
    """The riskiest node-hour is the corner in its morning hours."""
    node, hour = np.unravel_index(np.argmax(analysis.risk), analysis.risk.shape)
    assert district.roads.node_ids[int(node)] == CORNER
    assert int(hour) % 24 in {7, 8, 9}


def test_every_part_of_the_demand_has_its_source(analysis: Analysis) -> None:
    """A school duty is fixed, a joint operation and the night checks are operations."""
    demand = analysis.demand
    monday_eight, thursday_ten_pm, friday_eleven_pm = 16, 3 * 48 + 44, 4 * 48 + 46
    assert demand.fixed[:, monday_eight].tolist() == [1, 1]
    assert demand.operations[:, thursday_ten_pm].tolist() == [1, 0]
    assert demand.operations[:, friday_eleven_pm].sum() == 2
    assert (demand.statutory == 1).all()


def test_units_are_the_largest_part_plus_operations(analysis: Analysis) -> None:
    """Nothing is added twice and nothing is forgotten."""
    d = analysis.demand
    largest = np.maximum.reduce((d.response, d.visits, d.statutory, d.fixed))
    assert (d.units == largest + d.operations).all()


def test_a_busy_squadron_needs_more_units(district: District) -> None:
    """Forty times the crashes at one corner raise its squadron's response there and then."""
    busy = past(district, corner=20.0)
    response = analyse(district, busy, WEEK).demand.response
    morning = 48 + 18
    assert response[1, morning] > response[0, morning]


def test_more_records_leave_less_doubt_of_a_squadron_s_load(district: District) -> None:
    """The band of the squadron with the busy corner is narrower while that is busy."""
    found = analyse(district, past(district, corner=20.0), WEEK).demand.band
    assert found is not None
    wide = np.log(found.load_high / found.load_low)
    busy = np.isin(np.arange(SLOTS) % 48, range(15, 20))
    assert (wide[1] < wide[0])[busy].all()
    assert (found.load_low < found.load).all()


def test_night_checks_stand_at_the_bars(analysis: Analysis) -> None:
    """Friday and Saturday night, the riskiest point first, at the place of the bars."""
    assert sorted(analysis.night_checks) == [5, 6]
    assert analysis.night_checks[5][0].place == "p3"


def test_pinned_points_are_in_the_list(analysis: Analysis) -> None:
    """Both rows of must_arrive_fixed.csv are there as people wrote them."""
    pinned = {p.id: p for p in analysis.must_arrive if p.reason.kind == "pinned"}
    assert sorted(pinned) == ["fixed1", "fixed2"]
    assert (pinned["fixed1"].start_min, pinned["fixed1"].end_min) == (22 * 60, 24 * 60)
    assert pinned["fixed2"].squadron == "s2"


def test_the_corner_is_visited_in_its_hours(analysis: Analysis) -> None:
    """The place beside the corner gets the morning windows of most days."""
    mornings = {
        p.weekday for p in analysis.must_arrive if p.place == "p6" and p.start_min in {420, 540}
    }
    assert len(mornings) >= 5


def test_a_point_tells_what_the_records_hold_of_its_window(
    district: District, history: History, analysis: Analysis
) -> None:
    """Counted here by hand: what lies within reach, in its hours, and on its weekday."""
    point = next(p for p in analysis.must_arrive if p.place == "p6" and p.start_min == 420)
    past = point.reason.past
    assert past is not None
    roads, here = district.roads, district.node_of_place("p6")
    far = np.hypot(roads.x_m - roads.x_m[here], roads.y_m - roads.y_m[here])
    local = district.calendar.local_ms(history.at_ms)
    hour, weekday = local % 86_400_000 // 3_600_000, (local // 86_400_000 + 3) % 7 + 1
    there = (far[history.place] <= 300.0) & np.isin(hour, (7, 8))
    assert past.weeks == (np.ptp(local // 86_400_000) + 1) // 7
    assert past.count == there.sum() > 50
    assert past.on_day == (there & (weekday == point.weekday)).sum()
    assert past.kinds[0] == ("crash", (there & (history.kind == 0)).sum())


def test_pinned_points_are_not_explained_by_records(analysis: Analysis) -> None:
    """A person's words say why."""
    assert all(p.reason.past is None for p in analysis.must_arrive if p.reason.kind == "pinned")


def test_a_night_check_says_which_vehicles_to_stop(district: District, history: History) -> None:
    """Muck trucks were found at the bars, where drivers are tested."""
    told = replace(history, violations=("muck truck", *history.violations[1:]))
    nights = analyse(district, told, WEEK, seed=7).night_checks
    assert {p.must_check for night in nights.values() for p in night if p.place == "p3"} == {
        ("muck truck",)
    }


def test_pinned_violations_come_first(analysis: Analysis) -> None:
    """No helmet, 07:00–09:00, was pinned for s1; what the history says follows."""
    assert analysis.must_correct["s1", 1] == ("未戴头盔", "speeding", "drink_driving")


def test_the_most_dangerous_section_is_red(analysis: Analysis) -> None:
    """An avenue through the corner is red in the morning and not on Tuesday night."""
    colour = analysis.colours.colour
    row = analysis.sections.index("古墩路")
    assert colour[row, 4] == 2 > colour[row, 12 + 1]


def test_a_week_keeps_the_colours_of_the_week_before(
    district: District, history: History, analysis: Analysis
) -> None:
    """Just below its threshold a cell that was red stays red, only such a cell, and for another."""
    found = analysis.colours
    near = (found.colour < 2) & (found.per_km >= 0.9 * found.red_from) & (found.per_km > 0)
    assert near.any()  # else nothing could be kept
    before = np.where(near, 2, 0)
    after = analyse(district, history, WEEK, seed=7, before=before).colours
    kept = after.held & (after.colour == 2)
    assert kept.any()
    assert not (kept & ~near).any()
    assert (after.colour == 2).sum() == (found.colour == 2).sum()


def test_a_feed_that_drifts_is_told(district: District, history: History) -> None:
    """Four times the crashes in the last ten weeks; the history as it is raises no alarm."""
    late = history.at_ms >= history.at_ms.max() - 10 * 7 * 86_400_000
    crash = history.kind == history.kinds.index("crash")
    more = history.where(np.repeat(np.arange(len(history)), np.where(late & crash, 4, 1)))
    told = analyse(district, more, WEEK).alarms
    assert [(alarm.kind, alarm.feed) for alarm in told] == [("drift", "crash")]
    assert analyse(district, history, WEEK).alarms == ()


def test_an_open_hazard_counts_on_its_sections(
    district: District, history: History, analysis: Analysis
) -> None:
    """The registered hazard raises the risk of the sections through its junction by a tenth."""
    cleared = district.hazards[0].model_copy(update={"verified": MONDAY})
    without = analyse(replaced(district, hazards=(cleared,)), history, WEEK, seed=7).colours
    ratio = analysis.colours.per_km / without.per_km
    assert sorted(set(np.round(ratio.ravel(), 6))) == [1.0, 1.1]


def test_a_strict_control_road_says_why_it_is_not_green(
    district: District, history: History, analysis: Analysis
) -> None:
    """栾河路 is under strict control for overloading; without that row it would be green."""
    listed = replaced(district, strict_roads=())
    without = analyse(listed, history, WEEK, seed=7)
    row = analysis.sections.index("栾河路")
    assert without.colours.colour[row].max() == 0 < analysis.colours.colour[row].max() == 1
    why = {one["properties"]["section"]: one["properties"]["why"]
           for one in colour_features(district, analysis, words("zh-CN"))}  # fmt: skip
    assert [name for name, text in why.items() if "严管路（超载）" in text] == ["栾河路"]


def replaced(district: District, **parts: Any) -> District:  # noqa: ANN401 - any part
    """The district with other parts."""
    return replace(district, **parts)


def test_the_same_seed_gives_the_same_analysis(
    district: District, history: History, analysis: Analysis
) -> None:
    """Patterns, demand and points are functions of the history and the seed."""
    again = analyse(district, history, WEEK, seed=7)
    assert again.must_arrive == analysis.must_arrive
    assert again.demand.units.tobytes() == analysis.demand.units.tobytes()
    assert again.risk.tobytes() == analysis.risk.tobytes()


def test_a_past_week_is_planned_without_knowing_it(district: District, history: History) -> None:
    """The analysis of an earlier week does not change with what came after."""
    cut = history.before(district.calendar.week_start_ms("2026-W40"))
    one, other = (analyse(district, known, "2026-W40").risk for known in (history, cut))
    assert one.tobytes() == other.tobytes()


def test_a_district_without_roads_is_analysed_too(tmp_path: Path) -> None:
    """Cells instead of junctions: no sections, all else."""
    cells = load(small_district(tmp_path / "cells", straight_line=True))
    found = analyse(cells, past(cells), WEEK)
    assert found.sections == ()
    assert found.demand.units.shape == (2, SLOTS)
    assert found.must_arrive


def test_school_duties_rest_on_days_without_school(district: District) -> None:
    """A duty for school days is not needed on a Saturday, whatever its weekdays say."""
    cells = {"duty": "x", "squadron": "s1", "kind": "school", "weekdays": "1;6", "start": "07:00",
             "end": "09:00", "school_days": "1"}  # fmt: skip
    duty = DutyRow.model_validate(cells)
    days = [MONDAY, MONDAY + timedelta(days=5)]
    assert [district.calendar.takes_place(duty, day) for day in days] == [True, False]
