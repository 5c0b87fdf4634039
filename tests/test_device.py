"""A crew of the outside world obeys, moves as the travel model says, and reports at its moments."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from districts import node, small_district
from outside import HOUR_MS, MIN_MS, TUESDAY, at_ms

from config.district import District, load
from config.travel import Travel
from events.device import MOVING_FIX_MS, PARKED_FIX_MS, Device, Shift, Task, Told
from events.event import moment_ms
from events.motion import Point

START_MS, END_MS = at_ms("08:00"), at_ms("16:00")


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """The small district."""
    return load(small_district(tmp_path_factory.mktemp("roads") / "d"))


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> District:
    """The same without roads."""
    return load(small_district(tmp_path_factory.mktemp("cells") / "d", straight_line=True))


def crew(of: District, **more: Any) -> Device:  # noqa: ANN401 - fields of a shift
    """A crew at the first squadron's station, 08:00 to 16:00."""
    known: dict[str, Any] = {
        "week": "2026-W49", "id": "t1-tue", "date": TUESDAY.isoformat(), "kind": "patrol",
        "team": "t1", "officer": "o1", "auxiliaries": ("a1",), "vehicle": "v1", "device": "pda1",
        "post": of.node_of_post("st1"), "start_ms": START_MS, "end_ms": END_MS, **more,
    }  # fmt: skip
    return Device(Shift(**known), of.travel, seed=7)


def task(of: District, place: str, **more: Any) -> Task:  # noqa: ANN401 - fields of a task
    """Ten minutes' work at a junction."""
    known: dict[str, Any] = {
        "order": "hz/1/0", "mode": "incident", "stay_ms": 10 * MIN_MS, "incident": "i1", **more,
    }  # fmt: skip
    if more.get("visit"):
        known["incident"] = None
    return Task(node=of.roads.index[node(*map(int, place))], **known)  # type: ignore[index]


def heard(device: Device, tasks: dict[int, Task], until_ms: int, step_ms: int = 5_000
          ) -> list[Told]:  # fmt: skip
    """Everything that a crew says up to a moment, orders heard at theirs."""
    return list(_heard(device, tasks, until_ms, step_ms))


def _heard(device: Device, tasks: dict[int, Task], until_ms: int, step_ms: int) -> Iterator[Told]:
    moments = sorted({*range(START_MS - HOUR_MS, until_ms, step_ms), *tasks, until_ms})
    for now_ms in moments:
        yield from device.tick(now_ms)
        if now_ms in tasks:
            device.receive(tasks[now_ms], now_ms)


def moments(said: Iterable[Told], name: str, **fields: Any) -> list[int]:  # noqa: ANN401 - as above
    """When events of a name, with these fields, were told."""
    return [one.at_ms for one in said if one.name == name and fields.items() <= one.fields.items()]


def test_a_crew_signs_in_about_when_its_duty_starts_and_out_when_it_ends(
    district: District,
) -> None:
    """With the roster's own id of the duty."""
    said = heard(crew(district), {}, END_MS + HOUR_MS)
    (begun,) = moments(said, "signed_in", duty="t1-tue", unit="t1", officer="o1", device="pda1")
    assert START_MS - 8 * MIN_MS <= begun <= START_MS + 6 * MIN_MS
    assert moments(said, "status_reported", status="off_duty") == [END_MS]
    assert all(one.at_ms <= END_MS for one in said)


def test_a_crew_on_duty_before_the_play_says_since_when(district: District) -> None:
    """It signs in as the play begins, and is not late by the hours before."""
    opened_ms = START_MS + 2 * HOUR_MS
    shift = crew(district).shift
    device = Device(shift, district.travel, 7, opened_ms, opened_ms=opened_ms)
    [said] = [one for one in device.tick(opened_ms + MIN_MS) if one.name == "signed_in"]
    assert abs(moment_ms(str(said.fields["at"])) - START_MS) <= 8 * MIN_MS
    assert said.at_ms >= opened_ms


def test_every_event_has_its_own_id(district: District) -> None:
    """Else the engine would take one of two for a repeat."""
    said = heard(crew(district), {START_MS + HOUR_MS: task(district, "42")}, END_MS)
    assert len(said) > 500
    assert len({one.id for one in said}) == len(said)


def test_an_order_is_driven_stayed_at_and_cleared(district: District) -> None:
    """Answer, turn-out, the travel model's time to the millisecond, the work, and free."""
    device, order_ms = crew(district), START_MS + HOUR_MS
    work = task(district, "42")
    said = heard(device, {order_ms: work}, END_MS)
    (answer,) = moments(said, "order_answered", order="hz/1/0", answer="accepted")
    assert order_ms + 4_000 <= answer <= order_ms + 40_000
    (clearing,) = moments(said, "status_reported", status="clearing", incident="i1")
    (free,) = moments(said, "status_reported", status="free", order="hz/1/0", how="done")
    drive_ms = district.travel.between_ms(device.shift.post, work.node, "incident")
    left = clearing - work.stay_ms - drive_ms
    assert answer + 15_000 <= left <= answer + 100_000
    assert clearing + 20_000 <= free <= clearing + 120_000
    assert device.motion.node == device.shift.post  # and home again


def test_a_fix_comes_every_15_s_on_the_road_and_every_minute_standing(district: District) -> None:
    """Besides those at departure and arrival."""
    said = heard(crew(district), {START_MS + HOUR_MS: task(district, "42")}, END_MS)
    fixes = [one for one in said if one.name == "position_reported"]
    gaps = {b.at_ms - a.at_ms for a, b in pairwise(fixes) if a.fields["speed_mps"] == 0.0}
    assert max(gaps) == PARKED_FIX_MS
    gaps = {b.at_ms - a.at_ms for a, b in pairwise(fixes) if a.fields["speed_mps"] != 0.0}
    assert max(gaps) == MOVING_FIX_MS


def test_steps_grow_while_the_crew_stands_and_only_then(district: District) -> None:
    """A parked phone has no steps; a crew beside its car has."""
    said = heard(crew(district), {START_MS + HOUR_MS: task(district, "42")}, END_MS)
    fixes = [one.fields for one in said if one.name == "position_reported"]
    for before, after in pairwise(fixes):
        stood = after["speed_mps"] == 0.0
        assert (int(str(after["steps"])) > int(str(before["steps"]))) == stood


def test_a_visit_is_left_neither_before_its_dwell_nor_before_its_time(district: District) -> None:
    """Late: the dwell counts. Early: the planned leaving counts."""
    order_ms = START_MS + HOUR_MS
    for leave_ms in (0, order_ms + 40 * MIN_MS):
        visit = task(
            district, "12", visit="v", mode="patrol", stay_ms=12 * MIN_MS, leave_ms=leave_ms
        )
        said = heard(crew(district), {order_ms: visit}, END_MS)
        there = [one for one in said if one.name == "position_reported"
                 and _metres(district, one, visit.node) < 1.0]  # fmt: skip
        stayed = there[-1].at_ms - there[0].at_ms
        assert stayed >= 12 * MIN_MS - PARKED_FIX_MS
        assert there[-1].at_ms > leave_ms - PARKED_FIX_MS
        assert not moments(said, "status_reported", status="free")  # its end is seen by the track


def _degrees(fix: Told) -> tuple[list[float], list[float]]:
    lon, lat = fix.fields["lon"], fix.fields["lat"]
    assert isinstance(lon, float)
    assert isinstance(lat, float)
    return [lon], [lat]


def _metres(of: District, fix: Told, place: int) -> float:
    x_m, y_m = of.frame.to_metric(*_degrees(fix))
    return math.hypot(x_m[0] - of.roads.x_m[place], y_m[0] - of.roads.y_m[place])


def test_the_newest_order_is_obeyed(district: District) -> None:
    """The first was not even answered when the second came."""
    first_ms = START_MS + HOUR_MS
    second = task(district, "02", order="hz/2/0", incident="i2")
    said = heard(crew(district), {first_ms: task(district, "42"), first_ms + 2_000: second}, END_MS)
    assert not moments(said, "order_answered", order="hz/1/0")
    assert moments(said, "status_reported", status="free", incident="i2")
    assert not moments(said, "status_reported", status="free", incident="i1")


def test_a_visit_that_was_preempted_is_simply_left(district: District) -> None:
    """The incident is driven to from the visit's point; nothing more is heard of the visit."""
    device, visit_ms = crew(district), START_MS + HOUR_MS
    incident_ms = visit_ms + 8 * MIN_MS
    visit = task(district, "12", visit="v", mode="patrol", stay_ms=40 * MIN_MS)
    list(_heard(device, {visit_ms: visit}, incident_ms, 5_000))
    assert device.phase == "standing"
    device.recall("hz/1/0", incident_ms)
    device.receive(task(district, "32", order="hz/2/0"), incident_ms)
    said = list(device.tick(END_MS))
    assert moments(said, "order_answered", order="hz/2/0", answer="accepted")
    assert moments(said, "status_reported", status="free", order="hz/2/0")


def test_a_recalled_crew_drives_home(district: District) -> None:
    """Cancelled on the way: no work is reported done."""
    device, order_ms = crew(district), START_MS + HOUR_MS
    list(_heard(device, {order_ms: task(district, "54")}, order_ms + 3 * MIN_MS, 1_000))
    assert device.motion.driving
    device.recall("hz/1/0", order_ms + 3 * MIN_MS)
    said = list(device.tick(order_ms + HOUR_MS))
    assert not moments(said, "status_reported")
    assert device.motion.node == device.shift.post


@pytest.mark.parametrize(
    ("kind", "turns_out"),
    [("patrol", True), ("night_check", True), ("stand_by", True), ("leader", True),
     ("desk", False)],
)  # fmt: skip
def test_all_sign_in_and_all_but_the_desk_turn_out(
    kind: str, district: District, *, turns_out: bool
) -> None:
    """Escalation must know who leads, and the duty leader goes where nobody else can."""
    said = heard(crew(district, kind=kind), {START_MS + HOUR_MS: task(district, "42")}, END_MS)
    assert len(moments(said, "signed_in")) == 1
    assert len(moments(said, "order_answered")) == turns_out
    assert len(moments(said, "status_reported", status="off_duty")) == 1
    assert moments(said, "position_reported")


def test_a_desk_without_a_device_sends_no_fix(district: District) -> None:
    """It signs in and out all the same."""
    said = heard(crew(district, kind="desk", device=None), {}, END_MS)
    assert [one.name for one in said] == ["signed_in", "status_reported"]
    assert "device" not in said[0].fields


def test_the_same_is_said_however_often_the_crew_is_asked(district: District) -> None:
    """Every second, every five, or only when an order comes."""
    tasks = {START_MS + HOUR_MS: task(district, "42"),
             START_MS + 3 * HOUR_MS: task(district, "02", order="hz/2/0")}  # fmt: skip
    once, twice, rarely = (
        heard(crew(district), tasks, END_MS + HOUR_MS, step)
        for step in (1_000, 5_000, 10 * HOUR_MS)
    )
    assert once == twice == rarely


def test_an_order_to_where_no_way_leads_is_refused(district: District) -> None:
    """It says so at once instead of standing still for ever."""
    cut = district.roads.index[node(5, 0)]  # type: ignore[index]
    travel = Travel(_without_ways_to(district, cut))
    device = Device(crew(district).shift, travel, seed=7)
    said = heard(device, {START_MS + HOUR_MS: task(district, "50")}, END_MS)
    assert moments(said, "order_answered", answer="refused", reason="no_way")
    assert not moments(said, "status_reported", status="free")


def _without_ways_to(of: District, cut: int):  # type: ignore[no-untyped-def]  # noqa: ANN202 - Roads
    roads = of.roads
    kept = roads.head != cut
    names = ("tail", "head", "seconds_ms", "patrol_ms", "length_m")
    changed: dict[str, Any] = {name: getattr(roads, name)[kept] for name in names}
    changed["twin"] = roads.twin[kept] * 0 - 1
    return type(roads)(**{name: getattr(roads, name) for name in roads.__slots__} | changed)


@pytest.mark.parametrize("kind", ["roads", "cells"])
@pytest.mark.parametrize("second_s", [40, 75, 110, 150])
def test_a_crew_that_is_sent_elsewhere_on_its_way_never_jumps(
    kind: str, second_s: int, district: District, cells: District
) -> None:
    """Between two fixes nobody is faster than the travel model: a jump is no presence."""
    of = district if kind == "roads" else cells
    first_ms = START_MS + HOUR_MS
    tasks = {first_ms: task(of, "54"),
             first_ms + second_s * 1000: task(of, "00", order="hz/2/0")}  # fmt: skip
    said = heard(crew(of), tasks, END_MS, 1_000)
    fixes = [(one.at_ms, *_where(of, one)) for one in said if one.name == "position_reported"]
    for (ms, x_m, y_m), (later_ms, x2_m, y2_m) in pairwise(fixes):
        metres = math.hypot(x2_m - x_m, y2_m - y_m)
        assert metres <= 16.0 * (later_ms - ms) / 1000 + 0.5
    assert moments(said, "status_reported", status="free", order="hz/2/0")


@pytest.mark.parametrize("kind", ["roads", "cells"])
@pytest.mark.parametrize("east_m", [1.5, 140.0])
def test_a_crew_goes_on_to_a_point_beside_the_junction(
    district: District, cells: District, kind: str, east_m: float
) -> None:
    """And home from there; it jumps neither there nor back."""
    of = district if kind == "roads" else cells
    far = task(of, "54")
    x_m, y_m = float(of.roads.x_m[far.node]) + east_m, float(of.roads.y_m[far.node])
    (lon,), (lat,) = of.frame.to_lonlat([x_m], [y_m])
    there = replace(far, beside=Point(x_m, y_m, float(lon), float(lat)))
    device = crew(of)
    said = heard(device, {START_MS + HOUR_MS: there}, END_MS, 1_000)
    fixes = [(one.at_ms, *_where(of, one)) for one in said if one.name == "position_reported"]
    (cleared_ms,) = moments(said, "status_reported", status="clearing")
    stood = [(x, y) for ms, x, y in fixes if cleared_ms - 9 * MIN_MS <= ms <= cleared_ms]
    assert len(stood) > 7
    assert all(math.hypot(x - x_m, y - y_m) < 0.1 for x, y in stood)
    for (ms, x, y), (later_ms, x2, y2) in pairwise(fixes):
        assert math.hypot(x2 - x, y2 - y) <= 16.0 * (later_ms - ms) / 1000 + 0.5
    assert device.motion.node == device.shift.post


def _where(of: District, fix: Told) -> tuple[float, float]:
    x_m, y_m = of.frame.to_metric(*_degrees(fix))
    return float(x_m[0]), float(y_m[0])


def test_a_crew_on_a_street_turns_round_if_that_is_faster(district: District) -> None:
    """As the engine reckons: it does not drive to the next junction first."""
    device, first_ms = crew(district), START_MS + HOUR_MS
    list(_heard(device, {first_ms: task(district, "14")}, first_ms, 5_000))
    while device.motion.under_way(first_ms) is None:
        first_ms += 1_000
        list(device.tick(first_ms))
    now_ms = first_ms + 2_000  # two seconds into the first street
    list(device.tick(now_ms))
    home = device.shift.post
    spot = device.motion.spot(now_ms)
    device.motion.drive(home, "incident", now_ms)
    assert device.motion.end_ms == now_ms + district.travel.between_ms(spot, home, "incident")
    assert device.motion.end_ms < now_ms + 10_000


def test_an_interception_ends_with_its_result(district: District) -> None:
    """Stopped or lost, then free."""
    chase = task(district, "42", incident=None, sighting="s1")
    said = heard(crew(district), {START_MS + HOUR_MS: chase}, END_MS)
    (checked,) = (one.fields for one in said if one.name == "check_result")
    assert checked["sighting"] == "s1"
    assert checked["outcome"] in ("stopped", "lost")
    assert moments(said, "status_reported", status="free", order="hz/1/0")


def test_an_order_that_stood_open_is_obeyed_at_sign_in(district: District) -> None:
    """A play that goes on in the middle of the day finds orders that nobody works at."""
    device = crew(district)
    device.receive(task(district, "42"), START_MS - HOUR_MS)
    said = list(device.tick(END_MS))
    (begun,), (answer,) = moments(said, "signed_in"), moments(said, "order_answered")
    assert begun < answer < begun + MIN_MS


def test_a_crew_past_its_end_goes_on_only_with_an_order(district: District) -> None:
    """A play that goes on then: with work left it works and signs off, else it says nothing."""
    late_ms = END_MS + 20 * MIN_MS
    idle, busy = crew(district), crew(district)
    busy.receive(task(district, "42"), late_ms)
    for device in (idle, busy):
        device.begin_at(late_ms)
    assert not list(idle.tick(END_MS + 3 * HOUR_MS))
    said = list(busy.tick(END_MS + 3 * HOUR_MS))
    assert moments(said, "status_reported", status="free", order="hz/1/0")
    assert said[-1].fields["status"] == "off_duty"


def test_moments_of_events_are_their_own(district: District) -> None:
    """`at` in the data is the moment of the event."""
    for one in heard(crew(district), {START_MS + HOUR_MS: task(district, "42")}, END_MS):
        assert moment_ms(str(one.fields["at"])) == one.at_ms
