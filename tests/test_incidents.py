"""Incidents from report to end: how many units, in which order, twice reported, without a unit."""

from pathlib import Path
from typing import Any

import pytest
from brigades import MINUTE_MS, VISIT, Brigade, at, lines, orders, shift, spoken, texts
from districts import small_district

from config.district import load
from dispatch.decide import Outcome
from events.decisions import IncidentClosed, Queued

TEAMS = ("t1", "t3", "t5", "t2")


@pytest.fixture
def on_duty(brigade: Brigade) -> Brigade:
    """Three units of s1 and one of s2; t5 may not work on arterials."""
    brigade.roster(*(shift(team) for team in TEAMS))
    for team in TEAMS:
        brigade.sign_in(team)
    return brigade


def report(brigade: Brigade, name: str = "i", **more: Any) -> Outcome:  # noqa: ANN401 - any field
    """A crash at the school unless told otherwise."""
    where = {} if {"text", "junction", "section", "lon", "unit"} & more.keys() else {"place": "p2"}
    return brigade.tell(
        "incident_reported", **{"incident": name, "kind": "crash", **where} | more
    )  # fmt: skip


def finish(brigade: Brigade, team: str, **more: Any) -> Outcome:  # noqa: ANN401 - any field
    """The unit arrives and has finished."""
    brigade.tell("status_reported", unit=team, status="on_scene")
    return brigade.tell("status_reported", unit=team, status="free", **more)


def closed(told: Outcome) -> list[tuple[str, str]]:
    """Which incidents were closed, and how."""
    return [(one.incident, one.how) for one in told.decisions if isinstance(one, IncidentClosed)]


@pytest.mark.parametrize(("data", "units"), [
    ({}, 1), ({"severity": "injury"}, 2), ({"severity": "fatal"}, 2), ({"kind": "drink_drive"}, 2),
    ({"units": 3}, 3), ({"severity": "injury", "units": 1}, 1),
])  # fmt: skip
def test_as_many_units_go_as_the_plan_or_a_person_says(
    on_duty: Brigade, data: dict[str, Any], units: int
) -> None:
    """Each to a slot of its own."""
    report(on_duty, **data)
    sent = on_duty.sent_to("i")
    assert (len(sent), len(set(sent))) == (units, units)


@pytest.mark.parametrize(("lang", "first", "second"), [
    ("en", "unit 1 of 2; why=", "unit 2 of 2; no lawful unit is free"),
    ("zh-CN", "第1个单元，共2个; ", "第2个单元，共2个; "),
])  # fmt: skip
def test_the_lines_of_an_incident_for_two_say_which_unit_they_speak_of(
    brigade: Brigade, lang: str, first: str, second: str
) -> None:
    """A unit sent and none free, in one moment, would be taken for a contradiction."""
    brigade.roster(shift("t1"))
    brigade.sign_in("t1")
    told = report(brigade, severity="injury")
    (sent,), (waits,) = lines(told, "dispatch"), lines(told, "queued")
    assert first in spoken(sent, brigade.ground, lang)
    assert second in spoken(waits, brigade.ground, lang)


def test_a_single_unit_is_not_counted(on_duty: Brigade) -> None:
    """Most incidents need one, and their lines are long enough."""
    (sent,) = lines(report(on_duty), "dispatch")
    assert sent.fields is None


def test_a_status_leads_from_order_to_free(on_duty: Brigade) -> None:
    """Dispatched, acknowledged, under way, on scene, clearing, free; the incident is done."""
    report(on_duty)
    seen = [on_duty.unit("t1").status]
    for status in ("acknowledged", "en_route", "on_scene", "clearing"):
        told = on_duty.tell("status_reported", unit="t1", status=status)
        assert len(lines(told, "arrived")) == (status == "on_scene")
        seen.append(on_duty.unit("t1").status)
    assert seen == ["dispatched", "acknowledged", "en_route", "on_scene", "clearing"]
    told = on_duty.tell("status_reported", unit="t1", status="free")
    assert on_duty.unit("t1").status == "free"
    assert closed(told) == [("i", "done")]
    assert texts(told, "clear") == ["closed.done"]


def test_an_incident_is_done_when_all_its_units_are(on_duty: Brigade) -> None:
    """The first one back does not close it."""
    report(on_duty, severity="injury")
    first, second = on_duty.sent_to("i")
    assert closed(finish(on_duty, first)) == []
    assert on_duty.sent_to("i") == [second]
    assert closed(finish(on_duty, second)) == [("i", "done")]


def test_a_unit_on_scene_says_how_it_ended(on_duty: Brigade) -> None:
    """Nothing was there."""
    report(on_duty)
    assert closed(finish(on_duty, "t1", how="no_unit_needed")) == [("i", "no_unit_needed")]


def test_a_unit_that_frees_itself_before_arriving_leaves_the_incident_to_another(
    on_duty: Brigade,
) -> None:
    """Free without having been there is no end."""
    report(on_duty)
    told = on_duty.tell("status_reported", unit="t1", status="free")
    assert closed(told) == []
    assert on_duty.sent_to("i") == ["t3"]


def test_a_status_of_an_order_that_is_over_changes_nothing(on_duty: Brigade) -> None:
    """It came too late: the unit is on its next order already."""
    report(on_duty)
    old = on_duty.unit("t1").order
    on_duty.tell("command_given", command="close", incident="i")
    report(on_duty, "next")
    told = on_duty.tell("status_reported", unit="t1", status="free", order=old)
    assert told.decisions == ()
    assert on_duty.sent_to("next") == ["t1"]


# --- without a unit ------------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "how"), [
    ({"drivable": True, "agreed": True}, "video"), ({"unit": "t3"}, "self_initiated"),
    ({"units": 0}, "no_unit_needed"),
])  # fmt: skip
def test_what_needs_no_unit_is_recorded_and_closed(
    on_duty: Brigade, data: dict[str, Any], how: str
) -> None:
    """Nobody is ordered; the line says how it ended."""
    told = report(on_duty, **data)
    assert closed(told) == [("i", how)]
    assert orders(told) == []
    assert texts(told, "clear") == [f"closed.{how}"]


@pytest.mark.parametrize("data", [
    {"drivable": True, "agreed": True, "severity": "injury"},
    {"drivable": True, "agreed": True, "injured": 1}, {"drivable": True}, {"agreed": True},
    {"drivable": True, "agreed": True, "kind": "dispute"},
    {"drivable": True, "agreed": True, "units": 1}, {"unit": "t3", "units": 1},
    {"unit": "t3", "severity": "injury"}, {"unit": "t3", "injured": 1},
    {"unit": "nobody-at-all", "place": "p2"}, {"unit": "t4", "place": "p2"},
    {"unit": "nobody-at-all", "place": "p2", "severity": "fatal", "injured": 2},
    {"units": 0, "machine": True, "severity": "fatal"},
])  # fmt: skip
def test_what_only_looks_like_it_gets_its_unit(on_duty: Brigade, data: dict[str, Any]) -> None:
    """Hurt people, a car that stands, nobody agreed, units asked for, no such unit on duty."""
    assert orders(report(on_duty, **data))


def test_what_is_put_off_waits_for_its_time(on_duty: Brigade) -> None:
    """The parties meet in an hour: then a unit is sent, and its clock runs from then."""
    told = report(on_duty, scheduled_at=at(60))
    (line,) = lines(told, "queued")
    assert (line.text, line.fields) == ("queued.appointed", {"then": "2026-11-30 13:00"})
    assert (orders(on_duty.wait(59)), closed(told)) == ([], [])
    (sent,) = orders(on_duty.wait(1))
    response = on_duty.ground.settings.response_to("crash", "none")
    assert sent.due_ms == on_duty.now_ms + 1000 * response.target_s


def test_a_person_may_send_a_unit_before_the_time(on_duty: Brigade) -> None:
    """As the line says."""
    report(on_duty, scheduled_at=at(60))
    on_duty.tell("command_given", command="assign", incident="i", unit="t3", by="o1")
    assert on_duty.sent_to("i") == ["t3"]


@pytest.mark.parametrize("data", [
    {"scheduled_at": at(60), "severity": "fatal"}, {"scheduled_at": at(60), "injured": 1},
    {"scheduled_at": at(-1)}, {"scheduled_at": "0001-01-01T00:00:00Z"},
    {"scheduled_at": "9999-12-31T23:59:59Z"},
])  # fmt: skip
def test_nobody_who_is_hurt_waits_nor_is_anything_put_off_to_a_wrong_time(
    on_duty: Brigade, data: dict[str, Any]
) -> None:
    """Past, or beyond all calendars: a unit goes at once."""
    assert orders(report(on_duty, **data))


def test_a_machines_report_is_not_merged_into_what_is_put_off(on_duty: Brigade) -> None:
    """What happens now does not wait until tonight; a person who merges them makes it urgent."""
    report(on_duty, scheduled_at=at(600))
    told = report(on_duty, "camera", machine=True)
    assert texts(told, "system") == ["maybe_duplicate"]
    assert on_duty.sent_to("camera") == ["t1"]
    on_duty.tell("command_given", command="merge", incident="camera", into="i", by="o1")
    assert on_duty.sent_to("i") == ["t1"]


def test_a_response_plan_without_units_closes_the_incident(tmp_path: Path) -> None:
    """Else it would be open for ever with nothing left to do."""
    response = [{"kind": "congestion", "units": 0}, {"units": 1}]
    brigade = Brigade.of(load(small_district(tmp_path, response=response)))
    told = report(brigade, kind="congestion")
    assert closed(told) == [("i", "no_unit_needed")]


# --- waiting -------------------------------------------------------------------------------------


def test_with_nobody_signed_in_an_incident_is_queued_and_said(brigade: Brigade) -> None:
    """The line names it; the first unit that signs in goes."""
    brigade.roster(shift("t1"))
    told = report(brigade)
    assert [(one.slot, one.reason) for one in told.decisions if isinstance(one, Queued)] == [
        (0, "no_unit_on_duty")
    ]
    (line,) = lines(told, "queued")
    assert (line.text, line.about and line.about.incident) == ("queued.no_unit_on_duty", "i")
    signed_in = brigade.sign_in("t1")
    assert [one.unit for one in orders(signed_in)] == ["t1"]


def test_without_a_roster_of_the_week_an_incident_says_so(brigade: Brigade) -> None:
    """That nobody signed in is then not what is wrong."""
    (line,) = lines(report(brigade), "queued")
    assert (line.text, line.fields) == ("queued.no_roster", {"week": "2026-W49"})


def test_the_most_urgent_of_those_that_wait_gets_the_unit_that_frees(brigade: Brigade) -> None:
    """Then the older of equals; each is said once however long it waits."""
    brigade.roster(shift("t1"))
    brigade.sign_in("t1")
    report(brigade, "running")
    said = []
    for name, priority in (("third", 3), ("second", 2), ("first", 1), ("fourth", 3)):
        brigade.now_ms += 1000
        said += texts(report(brigade, name, priority=priority, place="p3", kind="other"), "queued")
    assert said == ["queued.all_busy"] * 4
    for name in ("first", "second", "third", "fourth"):
        told = finish(brigade, "t1")
        assert [one.incident for one in orders(told)] == [name]
        assert lines(told, "queued") == []


def test_a_visit_is_broken_off_for_an_incident(on_duty: Brigade) -> None:
    """People wait; a visit can be made up for."""
    on_duty.roster(shift("t4", duty="new", visits=[VISIT], version=2), version=2, replaces=1)
    on_duty.sign_in("t4")
    on_duty.wait(28)
    assert on_duty.order_of("t4").about.visit == "v1"
    told = report(on_duty, units=5)
    assert "t4" in on_duty.sent_to("i")
    assert [one.how for one in told.decisions if one.type == "order_ended"] == ["preempted"]
    assert on_duty.unit("t4").status == "dispatched"


# --- twice ---------------------------------------------------------------------------------------


def test_a_second_report_by_a_machine_is_merged_by_rule(on_duty: Brigade) -> None:
    """Same kind, at most 150 m and 10 minutes away."""
    report(on_duty)
    told = report(on_duty, "camera", machine=True)
    assert closed(told) == [("camera", "merged")]
    assert [one.into for one in told.decisions if isinstance(one, IncidentClosed)] == ["i"]
    assert orders(told) == []


def test_of_two_machine_reports_in_one_batch_the_first_stays(on_duty: Brigade) -> None:
    """Not the one into the other and back."""
    one = on_duty.record("incident_reported", incident="a", kind="crash", place="p2", machine=True)
    two = on_duty.record("incident_reported", incident="b", kind="crash", place="p2", machine=True)
    assert closed(on_duty.turn(one, two)) == [("b", "merged")]
    assert on_duty.sent_to("a") == ["t1"]


def test_a_second_report_by_a_person_is_offered_as_a_merge(on_duty: Brigade) -> None:
    """It gets its unit all the same: two crashes at one school happen."""
    report(on_duty)
    told = report(on_duty, "caller")
    assert [(one.text, one.fields) for one in lines(told, "system")] == [
        ("maybe_duplicate", {"of": "i"})
    ]
    assert on_duty.sent_to("caller") == ["t3"]


@pytest.mark.parametrize(("minutes", "more", "merged"), [
    (10, {}, True), (10.1, {}, False), (0, {"kind": "obstacle"}, False),
    (0, {"place": "p3"}, False),
])  # fmt: skip
def test_only_what_is_near_in_kind_place_and_time_is_merged(
    on_duty: Brigade,
    minutes: float,
    more: dict[str, Any],
    merged: bool,  # noqa: FBT001 - a case
) -> None:
    """At the edges of the rule."""
    report(on_duty)
    on_duty.now_ms += round(minutes * MINUTE_MS)
    assert bool(closed(report(on_duty, "camera", machine=True, **more))) == merged


@pytest.mark.parametrize("first", [{"drivable": True, "agreed": True}, {"units": 0}])
@pytest.mark.parametrize("machine", [True, False])
def test_what_nobody_goes_to_takes_in_no_other_report(
    on_duty: Brigade,
    first: dict[str, Any],
    machine: bool,  # noqa: FBT001 - a case
) -> None:
    """Settled by video, or no unit was needed; then a camera sees people lie there."""
    report(on_duty, **first)
    told = report(on_duty, "worse", severity="fatal", injured=3, machine=machine)
    assert (len(on_duty.sent_to("worse")), closed(told), texts(told, "system")) == (2, [], [])


def test_a_report_after_the_end_is_a_new_incident(on_duty: Brigade) -> None:
    """The unit has left; five minutes later it happens again."""
    report(on_duty)
    finish(on_duty, "t1")
    on_duty.wait(5)
    assert orders(report(on_duty, "camera", severity="fatal", machine=True))


def test_what_a_person_holds_takes_in_no_report_by_rule(on_duty: Brigade) -> None:
    """Nobody is sent to it, so the machine's is offered as a merge and gets its unit."""
    report(on_duty)
    on_duty.tell("command_given", command="queue", incident="i", by="o1")
    told = report(on_duty, "camera", machine=True)
    assert texts(told, "system") == ["maybe_duplicate"]
    assert on_duty.sent_to("camera") == ["t1"]


def test_of_two_reports_what_remains_is_as_grave_as_the_graver(on_duty: Brigade) -> None:
    """The unit that goes goes on, and as many more as people who are hurt need."""
    report(on_duty, severity="damage")
    due_ms = on_duty.incident("i").due_ms
    told = report(on_duty, "camera", severity="fatal", machine=True)
    assert closed(told) == [("camera", "merged")]
    assert [(one.incident, one.slot) for one in orders(told)] == [("i", 1)]
    left = on_duty.incident("i")
    assert (left.severity, left.slots, left.priority) == ("fatal", 2, 1)
    assert left.due_ms == min(due_ms, on_duty.incident("camera").due_ms)


def test_the_same_incident_reported_again_is_said_and_changes_nothing(on_duty: Brigade) -> None:
    """Another operator sends it under the same id."""
    report(on_duty)
    before = on_duty.incident("i")
    told = report(on_duty, severity="none", units=1)
    assert texts(told) == ["same_incident"]
    assert on_duty.incident("i") == before


# --- where ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("where", "place"), [
    ({"place": "p3"}, "p3"), ({"junction": "n22"}, "p3"), ({"junction": "n21"}, "n21"),
    ({"section": "古墩路", "km": 3.4}, "古墩路 K3.4"),
    ({"lon": 120.15, "lat": 30.28, "crs": "WGS-84"}, "中华路"),
])  # fmt: skip
def test_a_place_is_named_as_people_know_it(
    on_duty: Brigade, where: dict[str, Any], place: str
) -> None:
    """Place, junction, km post or the street at a point."""
    told = report(on_duty, **where)
    assert lines(told, "dispatch")[0].place == place


def test_a_km_post_that_is_far_from_any_known_one_waits_to_be_located(on_duty: Brigade) -> None:
    """More than a kilometre off is no place."""
    told = report(on_duty, section="古墩路", km=9.0)
    assert texts(told, "queued") == ["queued.not_located"]


@pytest.mark.parametrize(("lon", "lat"), [(121.4, 31.2), (113.3, 23.1), (0.0, 0.0)])
def test_a_point_far_from_every_road_waits_to_be_located(
    on_duty: Brigade, lon: float, lat: float
) -> None:
    """Another city, another province, a sender that knew nothing: nobody is sent anywhere."""
    told = report(on_duty, lon=lon, lat=lat, crs="WGS-84")
    assert texts(told, "queued") == ["queued.not_located"]
    on_duty.tell("command_given", command="locate", incident="i", place="p2", by="o1")
    assert len(on_duty.sent_to("i")) == 1


def test_what_a_unit_came_upon_is_where_the_unit_is(on_duty: Brigade) -> None:
    """It need not say where."""
    on_duty.place("t3", "p7")
    report(on_duty, unit="t3", units=1)
    assert on_duty.incident("i").spot == on_duty.unit("t3").spot


def test_a_waiting_incident_gets_a_unit_when_its_task_ends(brigade: Brigade) -> None:
    """At that moment, though nothing else happens then: school duty ends at one o'clock."""
    brigade.roster(shift("t1", tasks=(school(0, 60),)))
    brigade.sign_in("t1")
    report(brigade)
    assert orders(brigade.wait(59.9)) == []
    assert [order.unit for order in orders(brigade.wait(0.1))] == ["t1"]


@pytest.mark.parametrize("kind", ["patrol", "stand_by", "leader"])
def test_hours_at_the_desk_bind_a_unit_whatever_its_duty_is_called(
    brigade: Brigade, kind: str
) -> None:
    """A stand-by with the service desk from nine to five sits there, and is no reserve."""
    brigade.roster(shift("t1", kind=kind, tasks=(school(0, 60, "desk"),)))
    brigade.sign_in("t1")
    assert orders(report(brigade)) == []
    assert [order.unit for order in orders(brigade.wait(60))] == ["t1"]


def test_a_unit_on_its_way_to_a_task_is_bound_and_one_with_time_before_it_is_not(
    brigade: Brigade,
) -> None:
    """A quarter of an hour before it begins."""
    brigade.roster(
        shift("t1", kind="school", tasks=(school(15, 60),)),
        shift("t2", kind="school", tasks=(school(16, 60),)),
    )
    brigade.sign_in("t1")
    brigade.sign_in("t2")
    assert [order.unit for order in orders(report(brigade))] == ["t2"]


def test_a_duty_for_a_task_that_is_not_told_binds_throughout(brigade: Brigade) -> None:
    """As a roster of another program may have it."""
    brigade.roster(shift("t1", kind="school"))
    brigade.sign_in("t1")
    assert orders(report(brigade)) == []
    assert orders(brigade.wait(400)) == []


def school(start: float, end: float, kind: str = "school") -> dict[str, Any]:
    """School duty, by minutes from noon, or a task of another kind."""
    return {"task": "x@2026-11-30", "kind": kind, "start": at(start), "end": at(end)}
