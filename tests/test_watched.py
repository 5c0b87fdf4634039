"""Who was out when, and what breath tests found, as the journal says; what the plan makes of it.

A real engine over a real file; the plan is the product's own.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engines import Station, crew, duties, settle, sqlite_station
from learning import known, next_month, with_crashes
from scipy.sparse import csr_array, eye_array

from config.made_tables import HistoryRow
from config.reading import write_rows
from dispatch.ground import Ground
from dispatch.service import Engine
from events.event import moment_text
from events.planning import DutyRostered, Task
from events.schema import roster_hash
from scheduler.foresight.correcting import violations_of, what_to_correct
from scheduler.foresight.history import History, all_recorded
from scheduler.foresight.watched import (
    Hours,
    Watched,
    hours_of_days,
    keenness,
    looked_for,
    patrol_hours,
    watched_of,
    yields,
)
from scheduler.recorded import Recorded

HOUR_MS = 3_600_000
SPEED, DRUNK, LIGHTS = "超速", "酒驾", "闯红灯"


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """A station with a duty roster and some history."""
    station = sqlite_station(tmp_path)
    with_crashes(station.folder, (f"2026-11-{day:02d}T22:00:00" for day in range(1, 29)))
    yield station
    station.bus.close()


def played(station: Station, *teams: int, until: str = "19:00:00") -> Engine:
    """Some teams sign in at nine for duties from eight to six."""
    engine = station.engine()
    station.staff(*teams)
    settle(engine)
    station.now_ms = station.at(until)
    station.send("violation_recorded", violation=LIGHTS, junction="n11")
    settle(engine)
    return engine


def history(station: Station) -> History:
    """Files and journal together."""
    return all_recorded(station.district, known(station))


def found(station: Station, violation: str, clock: str, times: int, day: int) -> None:
    """Violations that crews recorded in the hour of a clock, some days after Monday."""
    station.now_ms = station.at(clock, day)
    for _ in range(times):
        station.send("violation_recorded", violation=violation, junction="n11", unit="t1")


def test_a_patrol_counts_from_its_sign_in_to_its_end(station: Station) -> None:
    """Eight to six on the roster, signed in at nine."""
    played(station, 1)
    [watch] = known(station).watches
    assert (watch["squadron"], watch["look"]) == ("s1", "all")
    assert (watch["start_ms"], watch["end_ms"]) == (station.at("09:00:00"), station.at("18:00:00"))


def test_who_did_not_sign_in_was_not_there(station: Station) -> None:
    """A roster is a promise; eight teams were on it."""
    played(station, 1, 2)
    assert [one["squadron"] for one in known(station).watches] == ["s1", "s2"]


def test_a_patrol_under_way_counts_up_to_now(station: Station) -> None:
    """The last frame is as far as anybody knows."""
    played(station, 1, until="11:30:00")
    [watch] = known(station).watches
    assert watch["end_ms"] == station.at("11:30:00")


@pytest.mark.parametrize("check", [("12:00:00", "14:00:00"), ("07:00:00", "08:30:00")])
def test_a_check_that_nobody_came_to_is_no_hour_on_the_road(
    station: Station, check: tuple[str, str]
) -> None:
    """Half past eleven, signed in at nine: the check is still to come, or was before that."""
    engine, [first, *others] = station.engine(), [
        DutyRostered.model_validate(one) for one in duties()
    ]  # fmt: skip
    start, end = (moment_text(station.at(clock)) for clock in check)
    task = Task(task="check", kind="night_check", start=start, end=end)
    rows = [first.model_copy(update={"tasks": (task,)}), *others]
    for one in rows:
        station.send("duty_rostered", **one.model_dump(exclude_none=True))
    station.send(
        "roster_published", week=first.week, version=1, duties=len(rows), hash=roster_hash(rows)
    )
    station.send("signed_in", unit="t1", officer="o1", auxiliaries=crew(1), duty="t1-1")
    settle(engine)
    station.now_ms = station.at("11:30:00")
    station.send("violation_recorded", violation=LIGHTS, junction="n11")
    settle(engine)
    [watch] = known(station).watches
    assert (watch["look"], watch["start_ms"], watch["end_ms"]) == (
        "all", station.at("09:00:00"), station.at("11:30:00"),
    )  # fmt: skip


def test_hours_of_a_month_to_come_are_not_known(station: Station) -> None:
    """What is foreseen of a month is made from what was before it."""
    played(station, 1)
    cut = history(station).before(station.at("12:00:00")).watched
    assert (cut.end_ms.tolist(), len(cut.test_ms)) == ([station.at("12:00:00")], 0)


def test_hours_are_those_of_the_local_day(station: Station) -> None:
    """A night from half past ten to one lies on two days."""
    start, end = station.at("22:30:00"), station.at("01:00:00", 1)
    told = [{"squadron": "s2", "look": "night_check", "start_ms": start, "end_ms": end}]
    hours = hours_of_days(watched_of(("s1", "s2"), told, [], []), station.district.calendar, 2)
    assert np.diff(hours.day).tolist() == [1]
    assert hours.stood[0, 1, 22:, 1].tolist() == [0.5, 1.0]
    assert hours.stood[1, 1, 0, 1] == 1.0
    assert hours.stood.sum() == 2.5


def test_a_squadron_that_the_district_lacks_is_left_out() -> None:
    """It was renamed since."""
    told = [{"squadron": "old", "look": "all", "start_ms": 0, "end_ms": HOUR_MS}]
    assert not len(watched_of(("s1",), told, [], []).start_ms)


def test_without_a_journal_every_hour_counts_alike(station: Station) -> None:
    """As before there was one."""
    assert violations_of(station.district, history(station)).patrol_h is None


def test_what_a_night_check_looks_for_is_told_by_its_name() -> None:
    """In both languages, and nothing else."""
    names = ("酒驾醉驾", "超速", "Drink-driving", "Alcohol", "Driving without a licence")
    assert looked_for(names)[0].tolist() == [True, False, True, True, False]


def test_a_day_that_nobody_knows_counts_as_one_of_the_known_does() -> None:
    """In every hour alike."""
    stood = np.zeros((1, 2, 24, 2))
    stood[0, 0, 8, 0] = 48.0
    found = patrol_hours(Hours(np.array([10]), stood), np.array([[False]]), np.ones(1), 9, 11)
    assert found[0].ravel().tolist() == [1.0] * 48
    assert (found[1, 0, 8, 0], found[1].sum()) == (48.0, 48.0)


def test_the_hours_of_a_night_check_count_for_what_it_looks_for_alone() -> None:
    """As much as its keenness says."""
    stood = np.zeros((1, 1, 24, 2))
    stood[0, 0, 22] = 1.0, 2.0
    hours, keen = Hours(np.array([0]), stood), np.array([10.0])
    found = patrol_hours(hours, np.array([[True, False]]), keen, 0, 1)
    assert found[0, 0, 22].tolist() == [21.0, 1.0]


def test_a_night_check_that_finds_ten_times_as_many_is_seen_to() -> None:
    """Beside days without one, in the same hours."""
    stood = np.zeros((100, 1, 24, 2))
    stood[:, 0, 22, 0] = 1.0
    stood[::2, 0, 22, 1] = 1.0
    day = np.concatenate((np.repeat(np.arange(0, 100, 2), 22), np.repeat(np.arange(1, 100, 2), 2)))
    zeros = np.zeros(len(day), dtype=np.int64)
    assert 8 < keenness(Hours(np.arange(100), stood), day, zeros, zeros + 22) <= 10


def test_what_patrols_find_by_standing_there_longer_is_no_reason_to_correct_it(
    station: Station,
) -> None:
    """Twice as many at red lights in forty times the crews, of the same part of the day."""
    station.staff(1)
    engine = station.engine()
    found(station, LIGHTS, "06:30:00", 400, 1)
    found(station, SPEED, "11:10:00", 200, 1)
    settle(engine)
    past = history(station)
    squadron = past.place[past.violation == past.violations.index(SPEED)][0]
    own = station.district.squadrons[int(station.district.node_squadron[squadron])]
    watches = [
        {"squadron": own, "look": "all", "start_ms": station.at(first, 1),
         "end_ms": station.at(last, 1)}
        for first, last, crews in (("06:00:00", "08:00:00", 40), ("08:00:00", "12:00:00", 1))
        for _ in range(crews)
    ]  # fmt: skip
    by_hours = replace(past, watched=watched_of(station.district.squadrons, watches, [], []))
    raw = replace(past, watched=Watched())
    lists = [what_to_correct(station.district, one)[own, 1] for one in (raw, by_hours)]
    assert [one.index(SPEED) < one.index(LIGHTS) for one in lists] == [False, True]


def test_what_a_campaign_of_vehicle_checks_finds_is_no_reason_to_correct_it(
    station: Station,
) -> None:
    """Two speed and one is overdue a day; a check of a hundred every other day finds six more."""
    overdue, first = "逾期未检验", date(2026, 11, 1)
    told = {"category": "violation", "severity": "none", "x_m": 0, "y_m": 0, "node": "n11"}
    rows = [
        HistoryRow.model_validate(told | {
            "id": f"v{day}-{n}", "at": f"{first + timedelta(day)}T10:{n:02d}:00+08:00",
            "violation": SPEED if n < 2 else overdue,
        }) for day in range(28) for n in range(3 + 6 * (day % 2))
    ]  # fmt: skip
    write_rows(station.folder / "history" / "found.csv", rows)
    past = history(station)
    node = past.place[past.violation == past.violations.index(SPEED)][0]
    own = station.district.squadrons[int(station.district.node_squadron[node])]
    at = [station.at("10:00:00", day - 29) for day in range(28)]
    watches = [{"squadron": own, "look": "all", "start_ms": one, "end_ms": one + HOUR_MS}
               for one in at]  # fmt: skip
    checks = [{"squadron": own, "look": "vehicle", "at_ms": one, "checked": 100}
              for one in at[1::2]]  # fmt: skip
    lists = []
    for known_checks in ([], checks):
        watched = watched_of(station.district.squadrons, watches, [], [], known_checks)
        seen = replace(past, watched=watched)
        lists.append(what_to_correct(station.district, seen)[own, 1])
    assert [one.index(SPEED) < one.index(overdue) for one in lists] == [False, True]


def test_checks_of_vehicles_are_read_with_the_squadron_of_their_unit(station: Station) -> None:
    """How many were looked at, not how many were found; a stop looks for anything."""
    engine = played(station, 1)
    station.send("check_result", unit="t1", kind="vehicle", outcome="positive", tested=40,
                 positives=3)  # fmt: skip
    station.send("check_result", unit="t1", kind="stop", outcome="stopped")
    settle(engine)
    [one] = known(station).checks
    assert (one["squadron"], one["look"], one["checked"]) == ("s1", "vehicle", 40)
    watched = history(station).watched
    assert (watched.looked.tolist(), watched.look.tolist()) == ([40], [2])
    assert not len(watched.before(station.now_ms).looked)


def breath_test(station: Station, place: str, drunk: int, **told: Any) -> None:  # noqa: ANN401 - of the event
    """A night check's outcome at a place."""
    outcome = "positive" if drunk else "negative"
    station.send(
        "check_result", unit="t1", kind="breath_test", place=place, tested=50, positives=drunk,
        outcome=outcome, **told,
    )  # fmt: skip


def test_breath_tests_are_read_with_their_place(station: Station) -> None:
    """And other checks are not."""
    engine = played(station, 1)
    breath_test(station, "p1", 4)
    station.send("check_result", unit="t1", kind="spot_check", outcome="present")
    settle(engine)
    [one] = known(station).tests
    assert (one["tested"], one["positives"], one["where"]) == (50, 4, {"place": "p1"})
    assert history(station).watched.node.tolist() == [station.district.node_of_place("p1")]


def test_no_more_are_drunk_than_were_tested(station: Station) -> None:
    """Who tells of three positives alone has tested three, not one."""
    engine = played(station, 1)
    station.send("check_result", unit="t1", kind="breath_test", outcome="positive", positives=3)
    settle(engine)
    assert [(one["tested"], one["positives"]) for one in known(station).tests] == [(3, 3)]


def test_yields_are_drawn_to_one_where_few_were_tested() -> None:
    """One of two drivers is no proof; a hundred tests are."""
    watched = Watched(
        test_ms=np.zeros(3, dtype=np.int64), node=np.array([0, 1, 2]),
        tested=np.array([2, 1000, 1000]), positives=np.array([1, 40, 10]),
    )  # fmt: skip
    few, many, less, none = yields(watched, csr_array(eye_array(4)), np.ones(4))
    assert 1.0 < few < 1.3
    assert many > 1.4
    assert less < 0.6
    assert none == 1.0


def test_that_more_are_drunk_where_the_risk_is_high_is_no_news() -> None:
    """Three times the risk, three times as many: nothing that the risk did not say."""
    watched = Watched(
        test_ms=np.zeros(2, dtype=np.int64), node=np.array([0, 1]),
        tested=np.array([1000, 1000]), positives=np.array([90, 30]),
    )  # fmt: skip
    apart = csr_array(eye_array(2))
    assert yields(watched, apart, np.array([3.0, 1.0])) == pytest.approx(1.0)


def test_a_quiet_corner_beside_a_busy_bar_is_not_praised_for_the_bar() -> None:
    """Tested was at the bar alone, which has ten times the corner's risk."""
    watched = Watched(
        test_ms=np.zeros(2, dtype=np.int64), node=np.array([0, 2]),
        tested=np.array([1000, 1000]), positives=np.array([50, 5]),
    )  # fmt: skip
    covers = csr_array(np.array([[1.0, 0.4, 0.0], [0.4, 1.0, 0.0], [0.0, 0.0, 1.0]]))
    found = yields(watched, covers, np.array([10.0, 1.0, 1.0]))
    assert found == pytest.approx(1.0, abs=0.3)


def test_night_checks_go_where_drunk_drivers_were_found(station: Station) -> None:
    """Not where the many crashes at night lie, if nobody who passes there drank."""
    engine = played(station, 1)
    before = next_month(station, known(station)).night_checks[5]
    empty = before[0].place
    others = [place for place in station.district.places if place != empty]
    for place in (empty, *others):
        station.now_ms += 60_000
        for _ in range(8):
            breath_test(station, place, 0 if place == empty else 10, at=moment_text(station.now_ms))
    settle(engine)
    after = next_month(station, known(station)).night_checks[5]
    assert after[0].place != empty


def test_night_checks_go_where_drinking_has_moved_to(station: Station) -> None:
    """Most of a year it was the bars; for four weeks twice as many drove drunk at the school."""
    roads, first = station.district.roads, date(2026, 1, 1)
    old, new = (roads.node_ids[station.district.node_of_place(p)] for p in ("p3", "p2"))
    told = {"kind": "drink_drive", "severity": "none", "x_m": 0, "y_m": 0}
    at = [(old, n) for n in range(270)] + [(new, 270 + n // 2) for n in range(60)]
    rows = [
        HistoryRow.model_validate(told | {
            "id": f"d{n}", "at": f"{first + timedelta(day)}T22:00:00+08:00", "node": node,
        }) for n, (node, day) in enumerate(at)
    ]  # fmt: skip
    write_rows(station.folder / HistoryRow.file, rows)
    checks = next_month(station, Recorded()).night_checks[5]
    assert checks[0].place == "p2"


def test_a_plan_with_the_journal_is_another_than_with_it_withheld(station: Station) -> None:
    """What units found in a week changes the next month's lists, checks and visits."""
    engine = played(station, *range(1, 9))
    for day in range(1, 6):
        found(station, SPEED, "10:00:00", 8, day)
        station.incident("n11", units=0)
        settle(engine)
    plans = [next_month(station, told) for told in (known(station), Recorded())]
    assert SPEED in plans[0].must_correct["s1", 1] or SPEED in plans[0].must_correct["s2", 1]
    assert plans[0].must_correct != plans[1].must_correct
    met = [{(p.place, p.weekday, p.start_min) for p in plan.must_arrive} for plan in plans]
    assert met[0] != met[1]


def test_violations_with_a_point_only_lie_on_the_nearest_junction(station: Station) -> None:
    """Cameras and PDAs know degrees and no junctions."""
    engine = played(station, 1)
    ground = Ground(station.district)
    lon, lat = ground.lonlat(ground.spot_of_node(7))
    here = {"lon": lon, "lat": lat, "crs": "WGS-84"}
    station.send("violation_recorded", violation=SPEED, **here)
    settle(engine)
    past = history(station)
    assert past.place[past.violation == past.violations.index(SPEED)].tolist() == [7]
