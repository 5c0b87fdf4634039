"""What a second report under an id that is known adds: it raises, it is one of its own, or none."""

from typing import Any

import pytest
from brigades import Brigade, at, lines, orders, texts
from test_incidents import finish, on_duty, report

from dispatch.decide import Outcome
from dispatch.state import Incident
from events.event import MOST_ID
from events.facts import Accepted
from events.schema import Envelope

__all__ = ["on_duty"]  # a fixture
FAR = {"place": "p1"}
"""Farther from the school than two reports of one incident are."""


def command(brigade: Brigade, name: str, incident: str = "i", **more: Any) -> Outcome:  # noqa: ANN401 - any field
    """A person's word about an incident."""
    return brigade.tell("command_given", command=name, incident=incident, by="o1", **more)


def open_now(brigade: Brigade) -> list[Incident]:
    """The incidents that are not over, in the order in which they were opened."""
    return [one for one in brigade.state.incidents.values() if one.closed is None]


def reason(told: Outcome) -> str | None:
    """What the sender is told."""
    [fact] = told.facts
    assert isinstance(fact, Accepted)
    return fact.reason


# --- it raises what is known ---------------------------------------------------------------------


def test_people_who_are_hurt_do_not_wait_for_the_appointed_time(on_duty: Brigade) -> None:
    """The severity is as it was; a unit goes at once."""
    report(on_duty, scheduled_at=at(300))
    told = report(on_duty, injured=3)
    assert (len(on_duty.sent_to("i")), reason(told)) == (1, None)
    assert texts(report(on_duty, injured=3)) == ["same_incident"]


@pytest.mark.parametrize("first", [{}, {"scheduled_at": at(300)}])
@pytest.mark.parametrize(("then", "units", "priority"), [
    ({"units": 3}, 3, 2), ({"priority": 1}, 1, 1), ({"severity": "injury"}, 2, 1),
])  # fmt: skip
def test_who_asks_for_more_gets_it(
    on_duty: Brigade, first: dict[str, Any], then: dict[str, Any], units: int, priority: int
) -> None:
    """More units, sooner, or for something worse; said again it adds nothing."""
    report(on_duty, **first)
    assert reason(report(on_duty, **then)) is None
    assert (len(on_duty.sent_to("i")), on_duty.incident("i").priority) == (units, priority)
    assert texts(report(on_duty, **then)) == ["same_incident"]
    assert [one.id for one in open_now(on_duty)] == ["i"]


def test_where_it_is_is_told_by_a_second_report(on_duty: Brigade) -> None:
    """The first caller did not know; nothing else is new."""
    report(on_duty, text="老桥旁边")
    assert reason(report(on_duty)) is None
    assert (on_duty.incident("i").place, len(on_duty.sent_to("i"))) == ("p2", 1)


def test_who_says_only_where_it_is_puts_off_nothing_and_hastens_nothing(on_duty: Brigade) -> None:
    """The parties meet in an hour; the unit is not sent before, nor is it late then."""
    report(on_duty, text="老桥旁边", scheduled_at=at(60))
    due_ms = on_duty.incident("i").due_ms
    report(on_duty)
    assert (on_duty.incident("i").place, on_duty.incident("i").due_ms) == ("p2", due_ms)
    assert orders(on_duty.wait(59)) == []
    assert [one.due_ms for one in orders(on_duty.wait(1))] == [due_ms]


def test_what_is_held_is_told_where_it_is_and_stays_held(on_duty: Brigade) -> None:
    """Nobody would go to it by rule: nothing that hurts people is in this report."""
    report(on_duty, text="老桥旁边")
    command(on_duty, "hold")
    told = report(on_duty)
    assert [(one.id, one.place) for one in open_now(on_duty)] == [("i", "p2")]
    assert orders(told) == []


# --- it is one of its own ------------------------------------------------------------------------


@pytest.mark.parametrize("machine", [True, False])
@pytest.mark.parametrize("worse", [{"severity": "injury"}, {"injured": 1}, {"units": 2}])
def test_what_is_held_opens_one_more_and_no_third(
    on_duty: Brigade,
    worse: dict[str, Any],
    machine: bool,  # noqa: FBT001 - a case
) -> None:
    """However often it is told; what is worse still raises that second one."""
    report(on_duty)
    command(on_duty, "hold")
    told = report(on_duty, **worse, machine=machine)
    assert reason(told) == "noted:own_incident"
    assert [(one.text, one.fields) for one in lines(told, "system")] == [
        ("maybe_duplicate", {"of": "i"})
    ]
    for _ in range(3):
        assert texts(report(on_duty, **worse, machine=machine)) == ["same_incident"]
    held, second = open_now(on_duty)
    sent = len(on_duty.sent_to(second.id))
    assert (held.held, second.slots) == (True, sent)
    report(on_duty, units=3, machine=machine)
    assert (len(open_now(on_duty)), len(on_duty.sent_to(second.id))) == (2, 3)


@pytest.mark.parametrize("first", [{}, {"text": "老桥旁边"}])
def test_what_is_worse_and_nobody_can_place_waits_as_one_of_its_own(
    on_duty: Brigade, first: dict[str, str]
) -> None:
    """A person reads that it waits for a place; in what is held it would be lost."""
    report(on_duty, **first)
    command(on_duty, "hold")
    told = report(on_duty, severity="fatal", text="桥东侧")
    assert (reason(told), texts(told, "clear")) == ("held:place_unknown", [])
    assert set(texts(told, "queued")) == {"queued.not_located"}
    assert texts(report(on_duty, severity="fatal", text="桥东侧")) == ["same_incident"]
    report(on_duty, severity="fatal")
    held, second = open_now(on_duty)
    assert (held.held, second.place, len(on_duty.sent_to(second.id))) == (True, "p2", 2)


def test_when_the_second_one_is_over_a_person_looks(on_duty: Brigade) -> None:
    """The crew was there; the same report once more sends nobody, and is not passed over."""
    report(on_duty)
    command(on_duty, "hold")
    report(on_duty, severity="none", injured=1)
    _, second = open_now(on_duty)
    finish(on_duty, on_duty.sent_to(second.id)[0])
    assert texts(report(on_duty, injured=1)) == ["closed_incident"]
    assert orders(report(on_duty, severity="fatal"))


def test_when_the_second_one_is_merged_it_is_the_first_again(on_duty: Brigade) -> None:
    """A person resumed that one and merged them."""
    report(on_duty)
    command(on_duty, "hold")
    report(on_duty, severity="injury")
    _, second = open_now(on_duty)
    command(on_duty, "resume")
    command(on_duty, "merge", second.id, into="i")
    report(on_duty, severity="fatal", units=3)
    assert [(one.id, one.slots) for one in open_now(on_duty)] == [("i", 3)]


def test_what_is_worse_elsewhere_gets_its_own_units(on_duty: Brigade) -> None:
    """Nobody knows which place is right; a person reads that they may be one."""
    report(on_duty)
    told = report(on_duty, severity="fatal", **FAR)
    assert (reason(told), texts(told, "system")) == ("noted:own_incident", ["maybe_duplicate"])
    first, second = open_now(on_duty)
    assert [one.place for one in (first, second)] == ["p2", "p1"]
    assert [len(on_duty.sent_to(one.id)) for one in (first, second)] == [1, 2]


def test_each_place_of_an_id_is_raised_by_what_is_told_of_it(on_duty: Brigade) -> None:
    """And a report that does not say where is of the newest."""
    report(on_duty)
    report(on_duty, severity="injury", **FAR)
    first, second = open_now(on_duty)
    assert texts(report(on_duty, severity="injury", **FAR)) == ["same_incident"]
    assert texts(report(on_duty, severity="injury", text="路口")) == ["same_incident"]
    report(on_duty, severity="damage")
    assert [one.severity for one in open_now(on_duty)] == ["damage", "injury"]
    report(on_duty, severity="fatal", **FAR)
    assert [(one.id, one.severity) for one in open_now(on_duty)] == [
        (first.id, "damage"), (second.id, "fatal"),
    ]  # fmt: skip


def test_another_place_alone_is_no_news(on_duty: Brigade) -> None:
    """Two callers of one crash see it differently; the unit is under way."""
    report(on_duty)
    assert texts(report(on_duty, **FAR)) == ["same_incident"]


# --- how it is called ----------------------------------------------------------------------------


def test_a_second_name_that_is_taken_loses_no_report(on_duty: Brigade) -> None:
    """Another incident is called as this one would be."""
    report(on_duty)
    report(on_duty, "test:fatal", **FAR)
    told = on_duty.tell(
        "incident_reported", "fatal", incident="i", kind="crash", place="p2", severity="fatal"
    )
    assert (on_duty.incident("i").severity, reason(told)) == ("fatal", None)


def test_the_name_of_a_second_one_is_one_that_commands_can_say(on_duty: Brigade) -> None:
    """Ids of events have no bounds, those of incidents have."""
    report(on_duty)
    command(on_duty, "hold")
    for number in ("n" * 500, "n" * 501):
        on_duty.tell(
            "incident_reported", number, incident="i", kind="crash", severity="injury",
            units=len(number) % 7, place="p2",
        )  # fmt: skip
    _, second = open_now(on_duty)
    assert len(second.id) == MOST_ID
    told = on_duty.record("command_given", command="close", incident=second.id, by="o1")
    assert isinstance(told.read, Envelope)
