"""The course of an incident is read from facts and decisions; history and key figures share it."""

import ast
from typing import Any

import pytest
from brigades import MINUTE_MS, Brigade, at, lines, shift
from conftest import ROOT
from sources import files, nodes, together

from config.ids import AreaId, IncidentId, UnitId
from dispatch.kpi import Figures, figures
from events.decisions import About
from events.facts import Accepted, Position
from events.frame import Frame
from events.incidents import Course, Incidents
from events.open_work import Open

COUNTING = ("dispatch/kpi.py", "events/incidents.py", "events/open_work.py", "events/promises.py")
TEAMS = ("t1", "t3")


@pytest.fixture
def on_duty(brigade: Brigade) -> Brigade:
    """Two units of s1."""
    brigade.roster(*(shift(team) for team in TEAMS))
    for team in TEAMS:
        brigade.sign_in(team)
    return brigade


def report(brigade: Brigade, name: str = "i", **more: Any) -> None:  # noqa: ANN401 - any field
    """A crash at the school."""
    brigade.tell("incident_reported", **{"incident": name, "kind": "crash", "place": "p2"} | more)


def said(brigade: Brigade, status: str, team: str = "t1") -> None:
    """A unit's own word."""
    brigade.tell("status_reported", unit=team, status=status)


def courses(brigade: Brigade) -> Incidents:
    """What the journal tells."""
    found = Incidents()
    for raw in brigade.journal:
        found.take(Frame.read(raw))
    return found


def course(brigade: Brigade, name: str = "i") -> Course:
    """Of one incident."""
    return courses(brigade).known[IncidentId(name)]


def counted(brigade: Brigade, hours: float = 4) -> Figures:
    """The figures of all that was, so many hours after now."""
    until_ms = brigade.now_ms + round(hours * 60) * MINUTE_MS
    frames, usual = map(Frame.read, brigade.journal), brigade.ground.settings.visits
    return figures(frames, brigade.state, 0, until_ms, usual)


def test_the_first_arrival_is_the_one_that_the_console_tells(on_duty: Brigade) -> None:
    """By a unit's word and by its track; of two units the first, and of it the first time."""
    report(on_duty, severity="injury")
    report(on_duty, "j", place="p1")
    told = []
    first, second = on_duty.sent_to("i")
    for team in (second, first, second):
        on_duty.now_ms += MINUTE_MS
        told += lines(on_duty.tell("status_reported", unit=team, status="on_scene"), "arrived")
    assert told[0].about == About(incident=IncidentId("i"))
    found = course(on_duty)
    assert (found.unit, found.order, found.arrived_ms) == (
        told[0].unit, told[0].order, told[0].arrived_ms,
    )  # fmt: skip
    assert course(on_duty, "j").arrived_ms is None


def test_a_track_tells_the_arrival_too(on_duty: Brigade) -> None:
    """At the time of the fix; what the unit says later is no arrival any more."""
    report(on_duty)
    there = on_duty.ground.edge_of_spot(on_duty.order_of("t1").target)
    at_ms = on_duty.now_ms
    on_duty.turn(
        Position(unit=UnitId("t1"), at_ms=at_ms, edge=there[0], along_m=there[1], change="arrived")
    )  # fmt: skip
    on_duty.now_ms += MINUTE_MS
    said(on_duty, "on_scene")
    assert course(on_duty).arrived_ms == at_ms


@pytest.mark.parametrize("before", ["free", "out_of_service"])
def test_who_has_given_up_its_order_arrives_nowhere(on_duty: Brigade, before: str) -> None:
    """Even where both words come in one frame, and the console tells no arrival."""
    report(on_duty)
    records = [
        on_duty.record("status_reported", unit="t1", status=status)
        for status in (before, "on_scene")
    ]
    told = on_duty.turn(*records)
    assert lines(told, "arrived") == []
    assert course(on_duty).arrived_ms is None


def test_a_place_that_nobody_knows_is_not_where_it_was(on_duty: Brigade) -> None:
    """The fact of the command says that it changed nothing; the console is not asked."""
    report(on_duty)
    told = on_duty.tell("command_given", command="locate", incident="i", by="o1", junction="n999")
    [fact] = told.facts
    assert isinstance(fact, Accepted)
    assert fact.reason == "ignored:no_place"
    assert course(on_duty).where == {"place": "p2"}
    on_duty.tell("command_given", command="locate", incident="i", by="o1", junction="n11")
    assert course(on_duty).where == {"junction": "n11"}


def test_what_is_closed_is_not_located(on_duty: Brigade) -> None:
    """Nor what was never reported."""
    report(on_duty)
    on_duty.tell("command_given", command="close", incident="i", by="o1", how="done")
    told = [
        on_duty.tell("command_given", command="locate", incident=name, by="o1", junction="n11")
        for name in ("i", "nobody's")
    ]
    reasons = [fact.reason for one in told for fact in one.facts if isinstance(fact, Accepted)]
    assert reasons == ["ignored:no_incident"] * 2
    assert course(on_duty).where == {"place": "p2"}


@pytest.mark.parametrize("hours", [23, 24])
def test_an_id_that_is_used_again_a_day_later_is_another_incident(
    on_duty: Brigade, hours: int
) -> None:
    """A sender counts from 1 each day: figures and whoever reads frames know what the engine does.

    A day is over when the engine says so: it looks whenever an incident is closed.
    """
    report(on_duty)
    on_duty.tell("command_given", command="close", incident="i", by="o1", how="done")
    on_duty.now_ms += hours * 60 * MINUTE_MS
    report(on_duty, "video", drivable=True, agreed=True)
    report(on_duty)
    found, open_work, is_new = courses(on_duty), Open(AreaId("hz")), hours == 24
    for raw in on_duty.journal:
        open_work.apply(Frame.read(raw))
    assert (on_duty.incident("i").closed is None) == is_new
    assert [one.id for one in found.were()] == ["i", "video", *(["i"] if is_new else [])]
    assert (found.known[IncidentId("i")].how is None) == is_new
    assert [one["incident"] for one in open_work.row()["open_incidents"]] == ["i"] * is_new


@pytest.mark.parametrize(("command", "more"), [
    ("close", {"how": "cancelled"}), ("merge", {"into": "real"}),
])  # fmt: skip
def test_what_was_merged_or_cancelled_is_no_call(
    on_duty: Brigade, command: str, more: dict[str, str]
) -> None:
    """Nobody came, nobody had to: four hours later it is not late either."""
    report(on_duty, "real", place="p1")
    report(on_duty)
    on_duty.tell("command_given", command=command, incident="i", by="o1", **more)
    assert [call.id for call in counted(on_duty).calls] == ["real"]


def test_what_remains_of_two_reports_is_as_grave_as_the_graver(on_duty: Brigade) -> None:
    """Next month's history has the fatal crash, and whoever reads frames the units due."""
    report(on_duty, severity="damage")
    report(on_duty, "camera", severity="fatal", machine=True)
    left, open_work = course(on_duty), Open(AreaId("hz"))
    for raw in on_duty.journal:
        open_work.apply(Frame.read(raw))
    assert (left.severity, left.slots) == ("fatal", 2)
    assert [one["slots"] for one in open_work.row()["open_incidents"]] == [2]


def test_the_response_to_what_was_put_off_counts_from_its_time(on_duty: Brigade) -> None:
    """Not from the report; and nobody had to wait for want of a unit."""
    report(on_duty, scheduled_at=at(60))
    on_duty.wait(60)
    said(on_duty, "en_route")
    on_duty.wait(4)
    said(on_duty, "on_scene")
    found = counted(on_duty)
    assert (found.answered, found.waited) == ([240.0], 0)


@pytest.mark.parametrize("merged", [True, False])
def test_the_response_to_what_is_put_off_no_longer_counts_from_who_said_so(
    on_duty: Brigade,
    merged: bool,  # noqa: FBT001 - a case
) -> None:
    """Put off at noon for half past one; at one there are dead: that is when the clock begins."""
    report(on_duty, scheduled_at=at(90))
    on_duty.wait(60)
    report(on_duty, "j" if merged else "i", severity="fatal")
    if merged:
        on_duty.tell("command_given", command="merge", incident="j", into="i", by="o1")
    on_duty.wait(1.5)
    said(on_duty, "on_scene", on_duty.sent_to("i")[0])
    assert counted(on_duty).answered == [90.0]


def test_who_says_only_where_it_is_begins_no_response(on_duty: Brigade) -> None:
    """It is still put off; its time comes, and the unit after four minutes."""
    report(on_duty, place=None, text="老桥旁边", scheduled_at=at(60))
    on_duty.wait(30)
    report(on_duty)
    on_duty.wait(30)
    said(on_duty, "en_route")
    on_duty.wait(4)
    said(on_duty, "on_scene")
    assert counted(on_duty).answered == [240.0]


def test_a_call_that_was_ended_in_time_is_not_awaited(on_duty: Brigade) -> None:
    """It asked for a unit and is counted; nobody came, and nobody is late."""
    report(on_duty)
    on_duty.tell("command_given", command="close", incident="i", by="o1", how="no_unit_needed")
    found = counted(on_duty)
    assert (len(found.calls), found.late) == (1, 0)


@pytest.mark.parametrize("staffed", [True, False])
def test_a_call_that_nobody_answers_is_late(brigade: Brigade, staffed: bool) -> None:  # noqa: FBT001
    """Whether a unit is on its way or none could be sent."""
    if staffed:
        brigade.roster(shift("t1"))
        brigade.sign_in("t1")
    report(brigade)
    found = counted(brigade)
    assert (found.late, found.waited) == (1, 0 if staffed else 1)


@together
def test_whoever_counts_reads_no_lines_of_the_console() -> None:
    """They tell what was decided, and may be told otherwise tomorrow."""
    readers = [*files("scheduler"), *(ROOT / name for name in COUNTING)]
    found = [
        path for path in readers for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and node.module in ("events.decisions", "events.frame")
        and "Line" in {name.name for name in node.names}
    ]  # fmt: skip
    assert found == []
