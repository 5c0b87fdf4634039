"""Orders that are not answered, refused or late; the breaker; the welfare timer."""

from pathlib import Path

import pytest
from brigades import MINUTE_MS, Brigade, lines, orders, shift, texts
from districts import small_district

from config.district import load
from config.ids import UnitId
from dispatch.decide import Outcome
from events.decisions import OrderEnded


@pytest.fixture
def on_duty(brigade: Brigade) -> Brigade:
    """t1 and t5 of s1 (t5 farther away), t3 its duty leader, who goes last."""
    return signed_in(brigade)


def signed_in(brigade: Brigade) -> Brigade:
    """The brigade with those on duty."""
    brigade.roster(shift("t1"), shift("t5", post="w1"), shift("t3", kind="leader"))
    for team in ("t1", "t5", "t3"):
        brigade.sign_in(team)
    return brigade


def report(brigade: Brigade, name: str = "i", place: str = "p2") -> None:
    """An incident for one unit; t1 is the nearest."""
    brigade.tell("incident_reported", incident=name, kind="crash", place=place)


def refuse(brigade: Brigade, team: str) -> Outcome:
    """The unit refuses its order."""
    order = brigade.unit(team).order
    return brigade.tell("order_answered", order=order, unit=team, answer="refused", reason="车坏了")


def test_an_unanswered_order_goes_to_leader_then_brigade_then_another_unit(
    on_duty: Brigade,
) -> None:
    """60 s each, and the new order says which one it replaces."""
    report(on_duty)
    order = on_duty.unit("t1").order
    assert texts(on_duty.wait(59 / 60)) == []
    first, second = on_duty.wait(1 / 60), on_duty.wait(1)
    assert [(x.fields or {})["to"] for x in lines(first, "escalate")] == ["o3"]
    assert [(x.fields or {})["to"] for x in lines(second, "escalate")] == ["o1"]
    third = on_duty.wait(1)
    assert [one.kind for one in lines(third)] == ["refused", "reassign"]
    assert [(one.unit, one.replaces) for one in orders(third)] == [("t5", order)]
    ended = [one for one in third if isinstance(one, OrderEnded)]
    assert [(one.how, one.reason) for one in ended] == [("lost", "unacknowledged")]
    assert on_duty.unit("t1").status == "free"


@pytest.mark.parametrize("status", ["acknowledged", "en_route", "on_scene"])
def test_whoever_says_anything_of_the_order_has_answered_it(on_duty: Brigade, status: str) -> None:
    """Setting out is an answer too."""
    report(on_duty)
    on_duty.tell("status_reported", unit="t1", status=status)
    assert lines(on_duty.wait(9), "escalate") == []
    assert on_duty.sent_to("i") == ["t1"]


def test_an_answer_and_the_deadline_in_one_batch_is_an_answer(on_duty: Brigade) -> None:
    """The engine was away for minutes: what was said in time counts."""
    report(on_duty)
    order = on_duty.unit("t1").order
    on_duty.now_ms += 30_000
    said = on_duty.record("order_answered", order=order, unit="t1", answer="accepted")
    on_duty.now_ms += 10 * MINUTE_MS
    told = on_duty.turn(said)
    assert lines(told, "escalate") == []
    assert on_duty.unit("t1").status == "acknowledged"


def test_after_a_long_pause_all_steps_are_made_up_for_in_one_frame(on_duty: Brigade) -> None:
    """Nobody is left waiting because the engine was."""
    report(on_duty)
    on_duty.now_ms += 5 * MINUTE_MS
    told = on_duty.turn()
    assert [one.kind for one in lines(told)] == ["escalate", "escalate", "refused", "reassign"]
    assert on_duty.sent_to("i") == ["t5"]


def test_a_refusal_gives_the_slot_to_the_next_unit_and_never_back(on_duty: Brigade) -> None:
    """The duty leader is the last; after his refusal nobody is left who may go."""
    report(on_duty)
    for team, then in (("t1", ["t5"]), ("t5", ["t3"]), ("t3", [])):
        refuse(on_duty, team)
        assert on_duty.sent_to("i") == then
    assert on_duty.incident("i").queued == {0: "none_lawful"}


def test_a_leader_under_way_is_still_told_of_an_order_that_nobody_answers(
    on_duty: Brigade,
) -> None:
    """Whoever leads the duty leads it from the car, too."""
    on_duty.tell("status_reported", unit="t5", status="meal")
    report(on_duty)
    (order,) = orders(on_duty.tell("incident_reported", incident="b", kind="crash", place="p2"))
    assert (order.unit, order.why.rule) == ("t3", "leader")
    on_duty.tell("status_reported", unit="t3", status="en_route")
    told = lines(on_duty.wait(1), "escalate")
    assert [(one.unit, (one.fields or {})["to"]) for one in told] == [("t1", "o3")]


def test_the_reason_of_a_refusal_stands_in_its_line(on_duty: Brigade) -> None:
    """In the crew's own words."""
    report(on_duty)
    order = on_duty.unit("t1").order
    told = on_duty.tell("order_answered", order=order, unit="t1", answer="refused", reason="车坏了")
    (line,) = lines(told, "refused")
    assert (line.order, line.fields) == (order, {"reason": "车坏了"})


def test_three_orders_given_up_in_half_an_hour_trip_the_breaker(on_duty: Brigade) -> None:
    """From then on only persons order the unit, until one releases it."""
    for name in ("a", "b", "c"):
        report(on_duty, name)
        refuse(on_duty, "t1")
        on_duty.tell("command_given", command="close", incident=name)
        assert (UnitId("t1") in on_duty.state.tripped) == (name == "c")
    report(on_duty, "d")
    assert on_duty.sent_to("d") == ["t5"]
    why = on_duty.order_of("t5")
    assert why.unit == "t5"
    told = on_duty.tell("command_given", command="release_breaker", unit="t1", by="o1")
    assert texts(told, "system") == ["command.release_breaker_done"]
    report(on_duty, "e")
    assert on_duty.sent_to("e") == ["t1"]


@pytest.mark.parametrize(("apart_min", "times"), [(45, 1), (46, 0)])
def test_a_district_says_how_many_orders_trip_a_breaker_and_within_how_long(
    apart_min: int, times: int, tmp_path: Path
) -> None:
    """Two within 46 minutes, and the line says so."""
    rules = {"breaker_orders": 2, "breaker_min": 46}
    brigade = signed_in(Brigade.of(load(small_district(tmp_path, dispatch=rules))))
    report(brigade, "a")
    refuse(brigade, "t1")
    brigade.tell("command_given", command="close", incident="a")
    brigade.wait(apart_min)
    report(brigade, "b")
    told = [line.fields for line in lines(refuse(brigade, "t1"), "system")]
    assert told == [{"count": 2, "minutes": 46}] * times


def test_orders_given_up_long_ago_do_not_trip_it(on_duty: Brigade) -> None:
    """Half an hour is the window."""
    for name in ("a", "b", "c"):
        report(on_duty, name)
        refuse(on_duty, "t1")
        on_duty.tell("command_given", command="close", incident=name)
        on_duty.wait(16)
    assert not on_duty.state.tripped


def test_a_unit_that_breaks_down_does_not_trip_it(on_duty: Brigade) -> None:
    """Out of service is no refusal; the incident goes on to another unit all the same."""
    for name in ("a", "b", "c"):
        report(on_duty, name)
        told = on_duty.tell("status_reported", unit="t1", status="out_of_service")
        assert [one.how for one in told.decisions if isinstance(one, OrderEnded)] == ["lost"]
        assert on_duty.unit("t1").status == "out_of_service"
        on_duty.tell("command_given", command="close", incident=name)
        on_duty.tell("status_reported", unit="t1", status="free")
    assert not on_duty.state.tripped


def test_an_incident_to_which_nobody_has_come_in_time_is_said_once(on_duty: Brigade) -> None:
    """Its target time is over and no unit is there."""
    report(on_duty)
    on_duty.tell("status_reported", unit="t1", status="en_route")
    due_ms = on_duty.incident("i").due_ms
    late = lines(on_duty.wait(30), "overdue")
    assert [(one.text, one.unit, one.due_ms) for one in late] == [("incident.late", "t1", due_ms)]


def test_an_incident_with_a_unit_on_scene_is_not_late(on_duty: Brigade) -> None:
    """However long it takes."""
    report(on_duty)
    on_duty.tell("status_reported", unit="t1", status="on_scene")
    assert lines(on_duty.wait(30), "overdue") == []


@pytest.mark.parametrize(("hour", "minutes"), [(12, 20), (23, 10), (4, 10), (5, 20)])
def test_a_unit_long_on_scene_is_asked_whether_all_is_well(
    brigade: Brigade, hour: int, minutes: int
) -> None:
    """After 20 minutes by day and 10 by night, once."""
    brigade.roster(shift("t1", end=2000))
    brigade.sign_in("t1")
    brigade.wait(60 * ((hour - 12) % 24))
    report(brigade)
    brigade.tell("status_reported", unit="t1", status="on_scene")
    assert texts(brigade.wait(minutes - 0.1), "due_soon") == []
    (line,) = lines(brigade.wait(60), "due_soon")
    assert (line.text, line.fields) == ("welfare", {"minutes": minutes})
    assert line.place is not None  # whoever asks has to know where to send help
