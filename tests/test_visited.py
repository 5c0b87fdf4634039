"""What became of visits: made or not, what was found there, and what the next plan does with it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from brigades import MINUTE_MS, VISIT, Brigade, at, shift
from engines import sqlite_station
from learning import next_month
from scipy.sparse import csr_array, eye_array

from config.ids import UnitId, VisitId
from config.made_tables import HistoryRow
from config.reading import write_rows
from config.settings import Visits
from events.decisions import OrderEnded
from events.event import moment_text
from events.facts import Position
from events.frame import Frame
from events.promises import Promises
from scheduler.foresight.choosing import budget, choose
from scheduler.foresight.must_arrive import Points
from scheduler.foresight.visited import PastVisits, past_visits_of, worth
from scheduler.month_kpi import figures
from scheduler.recorded import Recorded
from scheduler.visiting import Visiting

DAY_MS = 86_400_000
PLACES = ("a", "b", "c", "d")
EVEN = np.ones((len(PLACES), 168))


@pytest.fixture
def day(brigade: Brigade) -> Brigade:
    """Half past twelve: t1 is on its way to its visit."""
    brigade.now_ms -= 60 * MINUTE_MS
    brigade.roster(shift("t1", visits=(VISIT,)), shift("t3"))
    brigade.sign_in("t1", duty="d-t1")
    brigade.sign_in("t3", duty="d-t3")
    brigade.wait(90)
    return brigade


def stands(brigade: Brigade, minutes: int) -> None:
    """t1 is at its visit's point for so long, then goes."""
    there = brigade.ground.edge_of_spot(brigade.order_of("t1").target)
    changes = ("arrived", *(("fix",) * (minutes - 1)), "outside")
    for change in changes:
        brigade.turn(Position(unit=UnitId("t1"), at_ms=brigade.now_ms, edge=there[0],
                              along_m=there[1], change=change))  # fmt: skip
        brigade.wait(1)


def tells(brigade: Brigade, name: str, ago_min: float = 0, unit: str = "t1", **data: Any) -> None:  # noqa: ANN401 - of the event
    """Something that a unit entered."""
    told_ms = brigade.now_ms - round(ago_min * MINUTE_MS)
    brigade.tell(name, unit=unit, **data | {"at": moment_text(told_ms)})


def ended(brigade: Brigade) -> list[OrderEnded]:
    """How its orders ended."""
    frames = map(Frame.read, brigade.journal)
    return [one for frame in frames for one in frame.decisions if isinstance(one, OrderEnded)]


def visits(brigade: Brigade) -> tuple[dict[str, Any], ...]:
    """As the journal tells it, hours later; engine and key figures say the same of each."""
    brigade.wait(200)
    brigade.turn()  # a frame: the figures go no further than the journal
    usual = brigade.ground.settings.visits
    reader, promises = Visiting(usual), Promises(usual)
    for frame in map(Frame.read, brigade.journal):
        reader.take(frame)
        promises.take(frame)
    told = reader.visits()
    counted = promises.visits(brigade.now_ms - DAY_MS, brigade.now_ms)
    assert (counted.due, counted.made) == (len(told), sum(one["made"] for one in told))
    assert counted.stood_ms == sum(min(one["stood_ms"], 12 * MINUTE_MS) for one in told)
    became = [one.status for one in brigade.state.visits.values() if one.status != "cancelled"]
    assert (counted.made, counted.missed) == (became.count("done"), became.count("missed"))
    return told


def test_a_visit_that_nobody_made_found_nothing(day: Brigade) -> None:
    """Nobody stood there."""
    [one] = visits(day)
    assert (one["place"], one["made"], one["stood_ms"], one["found"]) == ("p2", False, 0, 0)


def test_what_the_unit_recorded_while_it_stood_there_was_found_by_the_visit(day: Brigade) -> None:
    """Two of its own; not what came before, nor another unit's."""
    tells(day, "violation_recorded", ago_min=20, violation="超速", junction="n11")
    stands(day, 14)
    for ago_min, unit in ((5, "t1"), (3, "t1"), (4, "t3")):
        tells(day, "violation_recorded", ago_min, unit, violation="超速", junction="n11")
    [one] = visits(day)
    assert (one["made"], one["found"]) == (True, 2)
    assert one["stood_ms"] >= 12 * MINUTE_MS


def test_a_check_that_found_something_counts_once_with_its_violation(day: Brigade) -> None:
    """Whoever stops a lorry enters the check and the violation."""
    stands(day, 14)
    tells(day, "violation_recorded", 3, violation="超载", junction="n11")
    tells(day, "check_result", 3, kind="vehicle", outcome="positive", tested=9, positives=3)
    tells(day, "check_result", 3, kind="spot_check", outcome="present")
    assert [one["found"] for one in visits(day)] == [3]


def test_a_photo_at_the_point_makes_a_visit_that_the_fixes_do_not_show(day: Brigade) -> None:
    """A dwell's worth from then on; a track is what the engine has looked at itself."""
    tells(day, "visit_proof", kind="photo", visit="v1", must_arrive="m1")
    day.wait(5)
    tells(day, "violation_recorded", violation="超速", junction="n11")
    [one] = visits(day)
    assert (one["made"], one["stood_ms"], one["found"]) == (True, 12 * MINUTE_MS, 1)
    [order] = [order for order in ended(day) if order.reason is not None]
    assert (order.how, order.reason) == ("done", "proof")


def test_a_photo_by_a_unit_whose_fixes_are_elsewhere_makes_no_visit(day: Brigade) -> None:
    """To the engine, to the key figures and to the next plan alike."""
    day.place("t1", "p3")
    tells(day, "visit_proof", kind="photo", visit="v1", must_arrive="m1")
    assert [(one["made"], one["stood_ms"]) for one in visits(day)] == [(False, 0)]


def test_the_month_says_how_many_visits_no_track_tells_of(day: Brigade) -> None:
    """One of one; and nothing where there is none."""
    tells(day, "visit_proof", kind="photo", visit="v1", must_arrive="m1")
    visits(day)
    frames, usual = list(map(Frame.read, day.journal)), day.ground.settings.visits
    told = {one.name: (one.met, one.due) for one in figures(
        frames, day.now_ms - DAY_MS, day.now_ms, usual)}  # fmt: skip
    assert (told["must_arrive"], told["by_proof"]) == ((1, 1), (1, 1))
    few = figures(frames[:3], day.now_ms - DAY_MS, day.now_ms, usual)
    assert "by_proof" not in [one.name for one in few]


@pytest.mark.parametrize(
    ("wait_min", "unit", "ago_min"), [(0, "t3", 0), (0, "t1", 60), (150, "t1", 0)]
)
def test_a_photo_of_another_unit_or_another_hour_makes_no_visit(
    day: Brigade, wait_min: int, unit: str, ago_min: float
) -> None:
    """t3 was sent elsewhere; half past eleven and three lie outside the window."""
    day.wait(wait_min)
    tells(day, "visit_proof", ago_min, unit, kind="photo", visit="v1", must_arrive="m1")
    assert [(one["made"], one["stood_ms"]) for one in visits(day)] == [(False, 0)]


def test_a_visit_whose_plan_says_no_more_is_as_long_as_the_district_has_it(day: Brigade) -> None:
    """Five minutes of presence, not the twelve of others."""
    told = {"visit": "v2", "must_arrive": "m2", "place": "p3", "arrive": at(60), "leave": at(72)}
    day.roster(shift("t3", duty="d-new", visits=(told,), version=2), version=2, replaces=1)
    reader = Visiting(Visits(dwell_min=5))
    for raw in day.journal:
        reader.take(Frame.read(raw))
    windows = {name: one.window for name, one in reader._promises._visits.items()}
    assert windows[VisitId("v2")].dwell_ms == 5 * MINUTE_MS


def test_a_visit_that_was_called_off_is_no_missed_one(day: Brigade) -> None:
    """A person decided so."""
    day.tell("command_given", command="cancel", order=day.order_of("t1").id, by="o1")
    assert visits(day) == ()


def columns(place: Sequence[str], made: Sequence[bool], found: Sequence[int], hours: float = 0.2
            ) -> PastVisits:  # fmt: skip
    """Visits on one day at nine."""
    count = len(place)
    stood_h = np.where(made, hours, 0.0)
    return PastVisits(tuple(place), np.full(count, 9), np.zeros(count, dtype=np.int64),
                   np.array(made), stood_h, np.array(found))  # fmt: skip


def test_nothing_is_learnt_of_places_where_nobody_was() -> None:
    """Nor of any without a journal."""
    assert worth(PastVisits(), PLACES, EVEN).tolist() == [1.0] * 4
    found = worth(columns("ab" * 50, [True] * 100, [3, 1] * 50), PLACES, EVEN)
    assert found[2:].tolist() == [1.0, 1.0]


def test_the_planted_yield_of_places_is_recovered() -> None:
    """Three, two, one and no violation a quarter of an hour: the worth is in that order."""
    random = np.random.default_rng(1)
    place = random.choice(PLACES, 400)
    found = random.poisson([(3.0, 2.0, 1.0, 0.0)[PLACES.index(one)] for one in place])
    learnt = worth(columns([*place], [True] * 400, [*found]), PLACES, EVEN)
    assert (np.diff(learnt) < 0).all()
    true = 0.75 + 0.25 * np.array([3.0, 2.0, 1.0, 0.0]) / 1.5
    assert learnt == pytest.approx(true, abs=0.06)


def test_that_more_is_found_where_the_risk_is_high_is_no_news() -> None:
    """Three times the risk, three times as many."""
    risk = np.array([[3.0], [1.0], [1.0], [1.0]]) * EVEN
    visited = columns("ab" * 100, [True] * 200, [3, 1] * 100)
    assert worth(visited, PLACES, risk) == pytest.approx(1.0)


def test_a_visit_that_is_seldom_made_is_worth_less() -> None:
    """One of four, where the others are made all; one missed visit says little."""
    made = [True, True, True, True, False, True, False, True, False, True, True, True] * 10
    learnt = worth(columns("abcd" * 30, made, [0] * 120), PLACES, EVEN)
    assert learnt[0] == min(learnt)
    assert 0.3 < learnt[0] / learnt[1] < 0.6
    once = worth(columns("abcd", [False, True, True, True], [0] * 4), PLACES, EVEN)
    assert once[0] > 0.85


def test_where_no_visit_is_ever_seen_to_be_made_nothing_is_learnt() -> None:
    """A brigade without positions."""
    assert worth(columns("aab", [False] * 3, [0] * 3), PLACES, EVEN).tolist() == [1.0] * 4


def test_what_was_found_a_year_ago_says_less_than_what_was_found_lately() -> None:
    """Much at a, then at b."""
    visited = columns("ab" * 100, [True] * 200, [4, 0] * 50 + [0, 4] * 50)
    old = replace(visited, end_ms=np.repeat([0, 365 * DAY_MS], 100))
    learnt = worth(old, PLACES, EVEN)
    assert learnt[0] < 0.9
    assert learnt[1] > 1.1


def test_night_checks_and_what_is_over_later_are_left_out(day: Brigade) -> None:
    """They look for drink alone; a forecast is made from what was before it."""
    told = [
        {"must_arrive": name, "place": "a", "at_ms": at, "end_ms": at + 1, "made": True,
         "found": 1, "stood_ms": 3_600_000}
        for name, at in (("night-5-a", 0), ("a-1-07", 0), ("a-1-07", DAY_MS))
    ]  # fmt: skip
    visited = past_visits_of(told, day.ground.district.calendar)
    assert visited.stood_h.tolist() == [1.0, 1.0]
    assert len(visited.before(DAY_MS).place) == 1


def test_a_plan_visits_the_places_that_yielded_rather_than_their_equals() -> None:
    """Four places of the same risk, visits to two in each window."""
    points = Points(PLACES, np.zeros(4, dtype=np.int64), csr_array(eye_array(4)), np.zeros(4))
    visited = columns("abcd" * 50, [True] * 200, [0, 0, 3, 3] * 50)
    favoured = replace(points, worth=worth(visited, PLACES, EVEN))
    able = budget(np.ones(1), np.full((1, 336), 9), 160)
    plans = [choose(EVEN, one, ("s",), able) for one in (points, favoured)]
    often = [
        sum(p.visits for p in plan if p.place in "cd" and p.reason.kind == "risk") for plan in plans
    ]
    assert often[1] > 1.3 * often[0]
    assert {p.reason.expected for p in plans[1]} == {2.0}


def test_a_plan_with_the_visits_told_is_another_than_with_them_withheld(tmp_path: Path) -> None:
    """The place with the crashes stays; of its quiet equals those with finds are gone to."""
    station = sqlite_station(tmp_path)
    station.bus.close()
    told = {"kind": "crash", "severity": "damage", "x_m": 0, "y_m": 0}
    rows = [
        HistoryRow.model_validate(told | {
            "id": f"c{day}-{node}", "at": f"2026-11-{day:02d}T09:00:00+08:00", "node": node,
        }) for day in range(1, 29) for node in station.district.roads.node_ids
    ]  # fmt: skip
    (station.folder / "history").mkdir(exist_ok=True)
    write_rows(station.folder / HistoryRow.file, rows)
    at_ms = station.at("09:00:00", -7)
    empty, *others = (str(place) for place in station.district.places)
    told_visits = tuple(
        {"must_arrive": place, "place": place, "at_ms": at_ms, "end_ms": at_ms + 720_000,
         "stood_ms": 720_000, "made": place != empty or not n % 3,
         "found": 3 * (place != empty)}
        for place in (empty, *others) for n in range(30)
    )  # fmt: skip
    often = [
        sum(p.visits for p in next_month(station, told).must_arrive if p.place == empty)
        for told in (Recorded(), Recorded(visits=told_visits))
    ]
    assert often[1] < 0.7 * often[0]
