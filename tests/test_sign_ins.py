"""Who is on duty: sign-ins early, late, again, with other people; signing off with an order."""

from typing import Any

import pytest
from brigades import MINUTE_MS, Brigade, lines, shift, texts

from config.ids import DutyId
from dispatch.decide import Outcome
from events.decisions import EndedShift


def crash(brigade: Brigade, name: str = "i", place: str = "p2", **more: Any) -> Outcome:  # noqa: ANN401
    """An incident to which one unit goes."""
    return brigade.tell("incident_reported", incident=name, kind="crash", place=place, **more)


def test_a_unit_on_the_roster_signs_in_and_is_free(brigade: Brigade) -> None:
    """The line says who came, when it was due, and where it stands."""
    brigade.roster(shift("t1", start=5))
    told = brigade.sign_in("t1", device="pda1")
    (line,) = lines(told, "sign_in")
    assert (line.text, line.unit, line.squadron) == ("signed_in.first", "t1", "s1")
    assert line.due_ms == brigade.now_ms + 5 * MINUTE_MS
    unit = brigade.unit("t1")
    assert (unit.status, unit.officers, unit.auxiliaries, unit.device) == ("free", 1, 2, "pda1")
    assert brigade.state.duties[DutyId("d-t1")].signed_ms == brigade.now_ms


@pytest.mark.parametrize(("start", "end", "taken"), [
    (120, 600, True), (121, 600, False), (-480, 0, True), (-480, -1, False),
])  # fmt: skip
def test_a_duty_is_signed_in_to_from_two_hours_before_it_to_its_end(
    brigade: Brigade,
    start: int,
    end: int,
    taken: bool,  # noqa: FBT001 - a case
) -> None:
    """Nobody works a duty that is over, nor tomorrow's today."""
    brigade.roster(shift("t1", start=start, end=end))
    told = brigade.sign_in("t1")
    assert ("t1" in brigade.state.units) == taken
    assert ("not_rostered" in texts(told, "refused")) != taken


@pytest.mark.parametrize("data", [
    {"unit": "t2"}, {"unit": "nobody"}, {"unit": "t1", "duty": "d-t3"},
    {"unit": "t1", "duty": "none"},
])  # fmt: skip
def test_whoever_is_not_rostered_is_refused_in_words(
    brigade: Brigade, data: dict[str, str]
) -> None:
    """A refusal is an event with a line, never an error."""
    brigade.roster(shift("t1"), shift("t3"))
    told = brigade.tell("signed_in", officer="o1", **data)
    assert texts(told) == ["not_rostered"]
    assert not brigade.state.units


@pytest.mark.parametrize("officer", ["a1", "nobody"])
def test_a_unit_without_an_officer_is_unmanned_and_gets_no_order(
    brigade: Brigade, officer: str
) -> None:
    """Auxiliaries never work alone."""
    brigade.roster(shift("t1"))
    told = brigade.sign_in("t1", officer=officer)
    assert texts(told, "sign_in") == ["signed_in.unmanned"]
    crash(brigade)
    assert brigade.sent_to("i") == []


def test_the_law_is_about_who_came_not_about_who_was_rostered(brigade: Brigade) -> None:
    """Rostered with two auxiliaries, here with one: not to an arterial."""
    brigade.roster(shift("t1"))
    told = brigade.sign_in("t1", auxiliaries=["a1"])
    assert texts(told, "sign_in") == ["signed_in.others"]
    crash(brigade, place="p1")
    assert brigade.sent_to("i") == []
    crash(brigade, "local", place="p2")
    assert brigade.sent_to("local") == ["t1"]


def test_the_vehicle_that_was_told_is_the_unit_s(brigade: Brigade) -> None:
    """The log names it, in place of the one that the roster has, and notes that it is another."""
    brigade.roster(shift("t1"))
    (line,) = lines(brigade.sign_in("t1", vehicle="v9"))
    assert (line.text, (line.fields or {})["vehicle"]) == ("signed_in.other_vehicle", "v9")
    assert brigade.unit("t1").vehicle == "v9"


@pytest.mark.parametrize(("told", "who"), [
    ({"auxiliaries": ["a1"]}, "a1"), ({"officer": "o1"}, "o1"), ({"device": "pda1"}, "pda1"),
])  # fmt: skip
def test_who_is_in_two_units_at_once_is_told_with_the_other(
    brigade: Brigade, told: dict[str, Any], who: str
) -> None:
    """Both would be sent out, and one of them with half a crew."""
    brigade.roster(shift("t1"), shift("t3"))
    brigade.sign_in("t1", device="pda1")
    (line,) = lines(brigade.sign_in("t3", **told), "system")
    assert (line.text, line.fields) == ("signed_in.twice", {"who": who, "other": "t1"})


def test_a_device_that_is_handed_on_when_a_duty_ends_is_in_one_unit(brigade: Brigade) -> None:
    """Whoever comes ten minutes early takes it from who is about to go."""
    brigade.roster(shift("t1", end=10), shift("t3", start=10))
    brigade.sign_in("t1", device="pda1")
    assert lines(brigade.sign_in("t3", device="pda1"), "system") == []


@pytest.mark.parametrize("rest", ["meal", "break", "out_of_service"])
def test_signing_in_again_ends_no_rest(brigade: Brigade, rest: str) -> None:
    """A desk that signs everybody in sends nobody out who said that it cannot come."""
    brigade.roster(shift("t1"))
    brigade.sign_in("t1")
    brigade.tell("status_reported", unit="t1", status=rest)
    brigade.sign_in("t1")
    assert brigade.unit("t1").status == rest


def test_a_person_named_twice_counts_once(brigade: Brigade) -> None:
    """Else one auxiliary made a lawful crew of two."""
    brigade.roster(shift("t1"))
    brigade.sign_in("t1", auxiliaries=["a1", "a1", "o1"])
    unit = brigade.unit("t1")
    assert (unit.officers, unit.auxiliaries) == (1, 1)


def test_the_nearest_duty_is_meant_when_none_is_named(brigade: Brigade) -> None:
    """At noon the one that began at eleven, not the one from two."""
    brigade.roster(shift("t1", duty="am", end=100), shift("t1", duty="pm", start=110))
    brigade.sign_in("t1")
    assert brigade.unit("t1").duty == "am"


def test_signing_in_again_keeps_the_order_and_where_the_track_is(brigade: Brigade) -> None:
    """A device that was started anew does not end a unit's work."""
    brigade.roster(shift("t1"))
    brigade.sign_in("t1")
    brigade.place("t1", "p3")
    crash(brigade)
    order, spot = brigade.unit("t1").order, brigade.unit("t1").spot
    told = brigade.sign_in("t1")
    assert texts(told) == ["signed_in.again"]
    assert (brigade.unit("t1").order, brigade.unit("t1").spot) == (order, spot)
    assert brigade.unit("t1").status == "dispatched"


def test_a_crew_that_is_not_lawful_any_more_hands_its_order_on(brigade: Brigade) -> None:
    """An auxiliary goes home ill: the arterial needs another unit."""
    brigade.roster(shift("t1"), shift("t3"))
    brigade.sign_in("t1")
    brigade.place("t1", "p1")
    brigade.sign_in("t3")
    crash(brigade, place="p1")
    assert brigade.sent_to("i") == ["t1"]
    told = brigade.sign_in("t1", auxiliaries=["a1"])
    assert [line.unit for line in lines(told, "reassign")] == ["t3"]


def test_going_on_to_the_next_duty_ends_the_one_before(brigade: Brigade) -> None:
    """So that each duty's hours can be told from the journal."""
    brigade.roster(shift("t1", duty="am", end=30), shift("t1", duty="pm", start=30, end=400))
    brigade.sign_in("t1", duty="am")
    brigade.wait(29)
    told = brigade.sign_in("t1", duty="pm")
    ended = [one for one in told.decisions if isinstance(one, EndedShift)]
    assert [(one.unit, one.duty) for one in ended] == [("t1", "am")]
    assert brigade.unit("t1").duty == "pm"


def test_a_unit_that_signs_off_leaves_its_incident_to_another(brigade: Brigade) -> None:
    """The order is lost, the slot is given anew, and the new order names the old."""
    brigade.roster(shift("t1"), shift("t5"))
    brigade.sign_in("t1")
    crash(brigade)
    brigade.sign_in("t5")
    before = brigade.unit("t1").order
    told = brigade.tell("status_reported", unit="t1", status="off_duty")
    assert "t1" not in brigade.state.units
    assert brigade.sent_to("i") == ["t5"]
    assert [line.kind for line in lines(told)] == ["refused", "sign_in", "reassign"]
    assert [one.replaces for one in told.decisions if one.type == "order"] == [before]


def test_off_duty_and_on_again_in_one_batch_is_on_duty(brigade: Brigade) -> None:
    """A finger that slipped, read after a pause of the engine, must not take a unit away."""
    brigade.roster(shift("t1"))
    brigade.sign_in("t1")
    crash(brigade)
    off = brigade.record("status_reported", unit="t1", status="off_duty")
    own = shift("t1")
    again = brigade.record(
        "signed_in", unit="t1", officer=own["officer"], auxiliaries=own["auxiliaries"]
    )
    brigade.turn(off, again)
    assert brigade.sent_to("i") == ["t1"]


def test_on_duty_and_off_again_in_one_batch_is_off_duty(brigade: Brigade) -> None:
    """In the order in which it was said."""
    brigade.roster(shift("t1"))
    on = brigade.record("signed_in", unit="t1", officer="o1")
    brigade.turn(on, brigade.record("status_reported", unit="t1", status="off_duty"))
    assert not brigade.state.units


def test_a_forgotten_sign_off_is_made_by_the_clock(brigade: Brigade) -> None:
    """A quarter of an hour after its end a unit without an order is off duty."""
    brigade.roster(shift("t1", end=60))
    brigade.sign_in("t1")
    assert "signed_off.by_clock" not in texts(brigade.wait(74.9))
    assert texts(brigade.wait(0.1), "sign_in") == ["signed_off.by_clock"]


def test_a_unit_with_an_order_is_not_sent_home_by_the_clock(brigade: Brigade) -> None:
    """It goes when it has finished."""
    brigade.roster(shift("t1", end=60))
    brigade.sign_in("t1")
    brigade.wait(50)
    crash(brigade)
    brigade.tell("status_reported", unit="t1", status="on_scene")
    brigade.wait(60)
    assert brigade.unit("t1").status == "on_scene"
    told = brigade.tell("status_reported", unit="t1", status="free")
    assert texts(told, "sign_in") == ["signed_off.by_clock"]


def test_a_sign_in_that_comes_a_day_late_is_over_at_once(brigade: Brigade) -> None:
    """It is taken with its own time; the shift is long over."""
    brigade.roster(shift("t1", start=-1500, end=-900))
    told = brigade.sign_in("t1", at="2026-11-29T12:00:00Z")
    assert texts(told, "sign_in") == ["signed_in.first", "signed_off.by_clock"]
    assert not brigade.state.units


def test_a_duty_that_nobody_signs_in_to_is_told_to_the_leader(brigade: Brigade) -> None:
    """After a quarter of an hour, once, to the squadron's duty leader, else the duty officer."""
    brigade.roster(shift("t1", start=0), shift("t3", start=0, kind="leader"), shift("t2", start=0))
    brigade.sign_in("t3")
    told = lines(brigade.wait(120), "escalate")
    assert {(line.unit, (line.fields or {})["to"]) for line in told} == {("t1", "o3"), ("t2", "o1")}
    assert {line.text for line in told} == {"escalate.no_sign_in"}
    assert len(told) == 2


def test_a_status_of_a_unit_that_is_not_on_duty_is_said(brigade: Brigade) -> None:
    """Somebody works whom the roster does not know."""
    told = brigade.tell("status_reported", unit="t1", status="free")
    assert texts(told, "refused") == ["not_on_duty"]


def test_a_meal_is_not_for_a_unit_with_an_order(brigade: Brigade) -> None:
    """It is free first, then it eats."""
    brigade.roster(shift("t1"))
    brigade.sign_in("t1")
    crash(brigade)
    told = brigade.tell("status_reported", unit="t1", status="meal")
    assert texts(told, "refused") == ["busy"]
    brigade.tell("status_reported", unit="t1", status="on_scene")
    brigade.tell("status_reported", unit="t1", status="free")
    brigade.tell("status_reported", unit="t1", status="meal")
    crash(brigade, "later")
    assert brigade.unit("t1").status == "meal"
    assert brigade.sent_to("later") == []
    brigade.tell("status_reported", unit="t1", status="free")
    assert brigade.sent_to("later") == ["t1"]
