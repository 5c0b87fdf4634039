"""What persons command goes before the rules, but not before the law; and is refused in words."""

from typing import Any

import pytest
from brigades import VISIT, Brigade, lines, orders, shift, texts

from config.ids import VisitId
from dispatch.decide import Outcome
from events.decisions import IncidentClosed, OrderEnded


@pytest.fixture
def on_duty(brigade: Brigade) -> Brigade:
    """t1 (lawful everywhere) nearest to p2, t5 (local roads only), t2 far away in s2."""
    brigade.roster(shift("t1", visits=[VISIT]), shift("t5", post="w1"), shift("t2"))
    for team in ("t1", "t5", "t2"):
        brigade.sign_in(team)
    return brigade


def report(brigade: Brigade, name: str = "i", **more: Any) -> Outcome:  # noqa: ANN401 - any field
    """An incident for one unit, at a place on local roads unless another is given."""
    where = {} if {"text", "place"} & more.keys() else {"place": "p2"}
    return brigade.tell("incident_reported", incident=name, kind="crash", **where, **more)


def command(brigade: Brigade, name: str, **more: Any) -> Outcome:  # noqa: ANN401 - any field
    """A command of o1."""
    return brigade.tell("command_given", command=name, by="o1", **more)


def endings(told: Outcome) -> list[tuple[str, str | None]]:
    """How orders ended, and the reasons."""
    return [(one.how, one.reason) for one in told.decisions if isinstance(one, OrderEnded)]


def closings(told: Outcome) -> list[str]:
    """How incidents were closed."""
    return [one.how for one in told.decisions if isinstance(one, IncidentClosed)]


# --- where it is ---------------------------------------------------------------------------------


def test_an_incident_without_a_known_place_waits_for_a_person(on_duty: Brigade) -> None:
    """It is queued with its text; once located the nearest unit goes at once."""
    told = report(on_duty, text="老桥旁边")
    (line,) = lines(told, "queued")
    assert (line.text, line.place) == ("queued.not_located", "老桥旁边")
    located = command(on_duty, "locate", incident="i", place="p2")
    assert texts(located, "system") == ["command.located"]
    assert on_duty.sent_to("i") == ["t1"]
    assert on_duty.incident("i").squadron == "s1"


@pytest.mark.parametrize("where", [{}, {"place": "nowhere"}, {"junction": "n99"}])
def test_a_place_that_nobody_knows_locates_nothing(on_duty: Brigade, where: dict[str, str]) -> None:
    """And the person is told, also when the incident had a place already."""
    report(on_duty)
    for name in ("i", "unplaced"):
        report(on_duty, "unplaced", text="?")
        told = command(on_duty, "locate", incident=name, **where)
        assert texts(told, "refused") == ["command.no_place"]
    assert on_duty.incident("i").place == "p2"


def test_units_under_way_to_the_wrong_place_are_given_the_right_one(on_duty: Brigade) -> None:
    """Located anew on the other side: the order is replaced, and the nearest there goes."""
    report(on_duty)
    told = command(on_duty, "locate", incident="i", place="p7")
    assert endings(told) == [("replaced", "located")]
    assert on_duty.sent_to("i") == ["t2"]
    assert [one.replaces is not None for one in orders(told)] == [True]


def test_a_place_a_few_metres_off_moves_nobody(on_duty: Brigade) -> None:
    """Who arrives inside the radius sees it."""
    report(on_duty)
    lon, lat = on_duty.ground.lonlat(on_duty.order_of("t1").target)
    told = command(on_duty, "locate", incident="i", lon=lon + 0.0003, lat=lat, crs="WGS-84")
    assert endings(told) == []


# --- who goes ------------------------------------------------------------------------------------


def test_a_person_sends_another_unit_than_the_rules(on_duty: Brigade) -> None:
    """Its why names the person, and the unit before is free again."""
    report(on_duty)
    told = command(on_duty, "assign", incident="i", unit="t2")
    assert endings(told) == [("replaced", "command")]
    (order,) = orders(told)
    assert (order.unit, order.why.rule, order.why.by) == ("t2", "by_person", "o1")
    assert on_duty.unit("t1").status == "free"


@pytest.mark.parametrize(("unit", "place", "reason"), [
    ("t5", "p1", "crew_law"), ("t9", "p2", "no_unit"),
])  # fmt: skip
def test_a_unit_that_may_not_go_is_refused_to_a_person_too(
    on_duty: Brigade, unit: str, place: str, reason: str
) -> None:
    """No command breaks the crew law."""
    report(on_duty, place=place)
    before = on_duty.sent_to("i")
    told = command(on_duty, "assign", incident="i", unit=unit)
    assert texts(told, "refused") == [f"command.{reason}"]
    assert on_duty.sent_to("i") == before


def test_a_busy_unit_is_refused(on_duty: Brigade) -> None:
    """It is under way to people who wait."""
    report(on_duty)
    report(on_duty, "second")
    told = command(on_duty, "assign", incident="second", unit="t1")
    assert texts(told, "refused") == ["command.unit_busy"]


def test_a_unit_at_its_meal_is_refused_as_such(on_duty: Brigade) -> None:
    """It is not busy, it rests; a person can call it back first."""
    on_duty.tell("status_reported", unit="t1", status="meal")
    report(on_duty)
    told = command(on_duty, "assign", incident="i", unit="t1")
    assert texts(told, "refused") == ["command.unit_not_available"]


def test_a_person_may_send_a_unit_whose_breaker_tripped(on_duty: Brigade) -> None:
    """The breaker stops the rules, not people."""
    for name in ("a", "b", "c"):
        report(on_duty, name)
        on_duty.tell("order_answered", order=on_duty.unit("t1").order, unit="t1", answer="refused")
    assert on_duty.state.tripped == {"t1"}
    report(on_duty, "d")
    command(on_duty, "assign", incident="d", unit="t1")
    assert on_duty.sent_to("d") == ["t1"]


def test_a_unit_taken_off_an_incident_is_not_sent_there_again(on_duty: Brigade) -> None:
    """Cancelling an order must not bring the same order back."""
    report(on_duty)
    told = command(on_duty, "cancel", order=on_duty.unit("t1").order)
    assert endings(told) == [("cancelled", "unwanted")]
    assert on_duty.sent_to("i") == ["t5"]


def test_a_slot_that_a_person_took_back_waits_until_it_is_given_back(on_duty: Brigade) -> None:
    """Said once; the rules keep their hands off."""
    report(on_duty)
    told = command(on_duty, "queue", incident="i")
    assert texts(told, "queued") == ["queued.by_command"]
    on_duty.wait(5)
    assert on_duty.incident("i").queued == {0: "by_command"}
    command(on_duty, "resume", incident="i")
    assert on_duty.sent_to("i") == ["t1"]


def test_a_held_incident_keeps_its_unit_but_gets_no_other(on_duty: Brigade) -> None:
    """When its unit refuses, it waits for a person."""
    report(on_duty)
    command(on_duty, "hold", incident="i", reason="等支援")
    assert on_duty.sent_to("i") == ["t1"]
    on_duty.tell("order_answered", order=on_duty.unit("t1").order, unit="t1", answer="refused")
    assert on_duty.incident("i").queued == {0: "held"}


def test_a_slot_that_is_done_can_be_given_to_one_more_unit(on_duty: Brigade) -> None:
    """One of two units has finished, and a person wants another in its place."""
    report(on_duty, severity="injury")
    first, second = on_duty.sent_to("i")
    assert (first, second) == ("t1", "t5")
    on_duty.tell("status_reported", unit="t1", status="on_scene")
    on_duty.tell("status_reported", unit="t1", status="free")
    assert on_duty.incident("i").done == {0}
    command(on_duty, "assign", incident="i", unit="t2", slot=0)
    assert on_duty.sent_to("i") == ["t2", "t5"]


def test_a_slot_that_is_done_cannot_be_taken_back(on_duty: Brigade) -> None:
    """Without a slot named, the one that is still open is meant."""
    report(on_duty, severity="injury")
    on_duty.tell("status_reported", unit="t1", status="on_scene")
    on_duty.tell("status_reported", unit="t1", status="free")
    told = command(on_duty, "queue", incident="i", slot=0)
    assert texts(told, "refused") == ["command.no_slot"]
    command(on_duty, "queue", incident="i")
    assert on_duty.incident("i").queued == {1: "by_command"}


@pytest.mark.parametrize("name", ["assign", "queue"])
def test_a_slot_that_the_incident_has_not_is_refused(on_duty: Brigade, name: str) -> None:
    """And nothing is held by the attempt."""
    report(on_duty)
    told = command(on_duty, name, incident="i", unit="t2", slot=3)
    assert texts(told, "refused") == ["command.no_slot"]
    assert not on_duty.incident("i").held


# --- how it ends ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "how", "ended"), [
    ({"command": "close", "how": "video"}, "video", ("cancelled", "video")),
    ({"command": "close"}, "done", ("cancelled", "done")),
    ({"command": "cancel"}, "cancelled", ("cancelled", "cancelled")),
])  # fmt: skip
def test_closing_an_incident_ends_the_order_under_way(
    on_duty: Brigade, data: dict[str, str], how: str, ended: tuple[str, str]
) -> None:
    """Nobody drives to what is over."""
    report(on_duty)
    told = on_duty.tell("command_given", incident="i", by="o1", **data)
    assert (endings(told), closings(told)) == ([ended], [how])
    assert on_duty.unit("t1").status == "free"


def test_closing_as_done_with_the_unit_on_scene_counts_its_order_as_done(
    on_duty: Brigade,
) -> None:
    """It was there."""
    report(on_duty)
    on_duty.tell("status_reported", unit="t1", status="on_scene")
    assert endings(command(on_duty, "close", incident="i")) == [("done", "done")]


def test_merging_takes_the_unit_off_and_keeps_the_other_incident(on_duty: Brigade) -> None:
    """Two calls about one crash."""
    report(on_duty)
    report(on_duty, "again")
    told = command(on_duty, "merge", incident="again", into="i")
    assert (endings(told), closings(told)) == ([("cancelled", "merged")], ["merged"])
    assert on_duty.sent_to("i") == ["t1"]
    assert on_duty.incident("again").closed == "merged"


def test_of_two_that_are_merged_into_each_other_one_stays(on_duty: Brigade) -> None:
    """Two people clear up at once: the second merge is refused, and somebody still goes."""
    report(on_duty)
    report(on_duty, "again")
    command(on_duty, "merge", incident="again", into="i")
    told = command(on_duty, "merge", incident="i", into="again")
    assert (texts(told), closings(told)) == (["command.no_other"], [])
    assert on_duty.sent_to("i") == ["t1"]


@pytest.mark.parametrize(("name", "data", "reason"), [
    ("merge", {"incident": "i", "into": "i"}, "no_other"),
    ("merge", {"incident": "i", "into": "none"}, "no_other"),
    ("merge", {"incident": "i"}, "no_other"),
    ("close", {"incident": "i", "how": "exploded"}, "no_ending"),
    ("close", {"incident": "none"}, "no_incident"), ("close", {}, "no_incident"),
    ("cancel", {}, "no_order"), ("cancel", {"order": "hz/9/9"}, "no_order"),
    ("cancel", {"incident": "none"}, "no_incident"),
    ("cancel_visit", {"visit": "none"}, "no_order"),
    ("verify_sighting", {"sighting": "none", "verdict": "true"}, "no_sighting"),
    ("end_shift", {"unit": "t9"}, "no_unit"), ("end_shift", {}, "no_unit"),
    ("release_breaker", {"unit": "t1"}, "not_tripped"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_and_changes_nothing(
    on_duty: Brigade, name: str, data: dict[str, str], reason: str
) -> None:
    """A refusal is a line that says why."""
    report(on_duty)
    before = on_duty.state
    told = command(on_duty, name, **data)
    assert texts(told) == [f"command.{reason}"]
    assert (on_duty.state.incidents, on_duty.state.units) == (before.incidents, before.units)


def test_nothing_is_commanded_of_an_incident_that_is_closed(on_duty: Brigade) -> None:
    """Late clicks on an old page."""
    report(on_duty)
    command(on_duty, "close", incident="i")
    for name in ("close", "hold", "resume", "queue", "locate", "assign", "merge", "cancel"):
        told = command(on_duty, name, incident="i", unit="t2", place="p1")
        assert texts(told) == ["command.no_incident"], name
    assert not on_duty.incident("i").held


# --- visits, shifts, notes -----------------------------------------------------------------------


def test_a_cancelled_visit_is_not_ordered_again(on_duty: Brigade) -> None:
    """Road works at the school: nobody needs to stand there today."""
    on_duty.wait(28)
    assert on_duty.order_of("t1").about.visit == "v1"
    told = command(on_duty, "cancel_visit", visit="v1", reason="施工")
    assert [how for how, _ in endings(told)] == ["cancelled"]
    on_duty.wait(30)
    assert on_duty.unit("t1").order is None
    assert on_duty.state.visits[VisitId("v1")].status == "cancelled"


def test_a_shift_is_ended_by_command(on_duty: Brigade) -> None:
    """The PDA is broken, the crew called in."""
    told = command(on_duty, "end_shift", unit="t1")
    assert texts(told, "sign_in") == ["signed_off.by_command"]
    assert "t1" not in on_duty.state.units


@pytest.mark.parametrize("name", ["note", "escalate", "welfare_ok"])
def test_what_persons_say_stands_in_the_log(on_duty: Brigade, name: str) -> None:
    """With who said it and why."""
    told = command(on_duty, name, unit="t1", reason="人员安全")
    (line,) = lines(told)
    assert line.text == f"command.{name}_done"
    assert line.fields == {"by": "o1", "reason": "人员安全", "unit": "t1"}


def test_a_command_noted_while_the_engine_was_away_is_taken_however_late(
    on_duty: Brigade,
) -> None:
    """Orders by voice come in later with their own times."""
    report(on_duty)
    told = command(on_duty, "close", incident="i", at="2026-11-20T00:00:00Z", noted_offline=True)
    assert closings(told) == ["done"]
