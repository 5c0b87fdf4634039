"""Two reports of one incident: what remains of them, and what an older program made of them."""

from typing import Any

import pytest
from brigades import HOUR_MS, Brigade, at, lines, orders, texts
from test_incidents import finish, on_duty, report

from config.ids import AreaId, IncidentId
from dispatch.decide import Outcome, fold
from events.decisions import IncidentClosed, OrderEnded
from events.facts import Accepted
from events.frame import Frame
from events.incidents import Incidents
from events.open_work import Open

__all__ = ["on_duty"]  # a fixture


def merge(brigade: Brigade, name: str, into: str) -> Outcome:
    """A person says that one is the other."""
    return brigade.tell("command_given", command="merge", incident=name, into=into, by="o1")


# --- where it is ---------------------------------------------------------------------------------


def test_what_nobody_could_place_is_where_the_merged_report_says(on_duty: Brigade) -> None:
    """Two units are called off a fatal crash, and go to what is left of it."""
    report(on_duty, "i", severity="fatal")
    report(on_duty, "caller", text="老桥旁边")
    sent, placed = on_duty.sent_to("i"), on_duty.incident("i")
    merge(on_duty, "i", "caller")
    left = on_duty.incident("caller")
    assert on_duty.sent_to("caller") == sent
    assert (left.spot, left.place, left.squadron, left.road_class) == (
        placed.spot, placed.place, placed.squadron, placed.road_class,
    )  # fmt: skip
    courses = Incidents()
    for raw in on_duty.journal:
        courses.take(Frame.read(raw))
    assert courses.known[IncidentId("caller")].where == {"place": "p2"}


def test_a_place_that_is_known_stays(on_duty: Brigade) -> None:
    """A person says which report remains."""
    report(on_duty, "i")
    report(on_duty, "caller", place="p1")
    merge(on_duty, "i", "caller")
    assert on_duty.incident("caller").place == "p1"


@pytest.mark.parametrize(
    ("where", "both"), [({}, False), ({"text": "老桥旁边"}, False), ({}, True)]
)
def test_only_what_is_held_or_nowhere_is_merged_into_what_is_held(
    on_duty: Brigade,
    where: dict[str, str],
    both: bool,  # noqa: FBT001 - a case
) -> None:
    """Nobody would go any more to where two units are under way."""
    report(on_duty, "held")
    report(on_duty, "i", severity="fatal", **where)
    for name in ("held", "i") if both else ("held",):
        on_duty.tell("command_given", command="hold", incident=name, by="o1")
    told = merge(on_duty, "i", "held")
    is_refused = not where and not both
    assert (texts(told, "refused") == ["command.other_held"]) == is_refused
    [fact] = told.facts
    assert isinstance(fact, Accepted)
    assert fact.reason == ("ignored:other_held" if is_refused else None)
    assert (on_duty.incident("i").closed is None) == is_refused


# --- the same one, and worse ---------------------------------------------------------------------


@pytest.mark.parametrize("first", [{"scheduled_at": at(300)}, {"severity": "none"}])
@pytest.mark.parametrize("where", [{}, {"text": "老桥旁边"}])
def test_a_graver_report_of_the_same_id_raises_the_incident(
    on_duty: Brigade, first: dict[str, str], where: dict[str, str]
) -> None:
    """What was put off, or was nothing, is a fatal crash by now: two units go at once."""
    report(on_duty, "i", **first)
    told = report(on_duty, "i", severity="fatal", **where)
    left = on_duty.incident("i")
    assert (left.severity, left.slots, left.priority, left.place) == ("fatal", 2, 1, "p2")
    assert len(on_duty.sent_to("i")) == 2
    assert "closed.merged" in texts(told)
    assert left.text == where.get("text")
    [fact] = told.facts
    assert isinstance(fact, Accepted)
    assert fact.reason is None


def test_the_words_of_the_first_who_said_where_it_is_stay(on_duty: Brigade) -> None:
    """Those of the graver report are told where the first had none."""
    report(on_duty, "i", text="校门口")
    report(on_duty, "i", severity="fatal", text="老桥旁边")
    assert on_duty.incident("i").text == "校门口"


def test_a_graver_report_of_what_is_held_gets_its_own_units(on_duty: Brigade) -> None:
    """Nobody is sent by rule to what a person holds."""
    report(on_duty, "i", units=1)
    on_duty.tell("command_given", command="hold", incident="i", by="o1")
    told = report(on_duty, "i", severity="fatal")
    assert "maybe_duplicate" in texts(told)
    assert len(orders(told)) == 2


# --- the same id, when its incident is over ------------------------------------------------------

VIDEO: dict[str, Any] = {"drivable": True, "agreed": True}
"""A crash that is settled by video at once."""
FOUND: dict[str, Any] = {"unit": "t1"}
"""One that a unit came upon itself."""


def over(brigade: Brigade, **first: Any) -> None:  # noqa: ANN401 - any field
    """An incident that is closed; twenty minutes ago by now."""
    report(brigade, "i", **first)
    if brigade.incident("i").closed is None:
        finish(brigade, brigade.sent_to("i")[0])
    assert brigade.incident("i").closed is not None
    brigade.wait(20)


@pytest.mark.parametrize(("first", "then"), [
    (VIDEO, {"injured": 1}), (VIDEO, {"severity": "injury"}), ({}, {"severity": "fatal"}),
    ({}, {"injured": 1}), ({}, {"occurred_at": at(15)}), (VIDEO, {"agreed": False}),
    ({"units": 0}, {"units": 2}), ({"units": 0}, {}), (FOUND, {"unit": "t1", "units": 1}),
])  # fmt: skip
def test_what_hurts_people_happened_since_or_needs_units_now_is_a_new_incident(
    on_duty: Brigade, first: dict[str, Any], then: dict[str, Any]
) -> None:
    """Units go, the line names the closed one, and its sender is told."""
    over(on_duty, **first)
    told = report(on_duty, "i", **then)
    (name,) = (one for one in on_duty.state.incidents if one != "i")
    assert name == f"test:{on_duty.sent}"
    assert on_duty.sent_to(name)
    (line,) = (one for one in lines(told) if one.text == "reported_anew")
    assert (line.about and line.about.incident, line.fields) == (name, {"of": "i"})
    [fact] = told.facts
    assert isinstance(fact, Accepted)
    assert (fact.incident, fact.reason) == (name, "noted:closed_incident")
    assert texts(report(on_duty, "i", **then)) == ["same_incident"]


@pytest.mark.parametrize("then", [{}, {"severity": "damage"}, {"occurred_at": at(5)}, VIDEO])
def test_of_what_may_be_no_news_a_person_is_asked(on_duty: Brigade, then: dict[str, Any]) -> None:
    """A list that is sent again, or corrected: nobody is sent, and somebody looks."""
    over(on_duty)
    before = on_duty.state.incidents
    told = report(on_duty, "i", **then)
    assert on_duty.state.incidents == before
    (line,) = lines(told, "refused")
    assert line.about is not None
    assert (line.text, line.about.incident) == ("closed_incident", "i")
    [fact] = told.facts
    assert isinstance(fact, Accepted)
    assert fact.reason == "ignored:closed_incident"


@pytest.mark.parametrize(("first", "then"), [
    (VIDEO, VIDEO), ({"units": 0}, {"units": 0}), (FOUND, FOUND),
    ({"severity": "none"}, {"severity": "damage"}),
])  # fmt: skip
def test_nor_is_anybody_sent_to_what_needs_nobody_still(
    on_duty: Brigade, first: dict[str, Any], then: dict[str, Any]
) -> None:
    """The unit that came upon it has gone home, or what was attended to is somewhat graver."""
    over(on_duty, **first)
    on_duty.tell("status_reported", unit="t1", status="off_duty")
    assert texts(report(on_duty, "i", **then), "refused") == ["closed_incident"]
    assert list(on_duty.state.incidents) == ["i"]


def test_a_graver_report_of_what_was_merged_raises_what_remains(on_duty: Brigade) -> None:
    """The caller's own number of it is as good as the first one's."""
    report(on_duty, "i")
    report(on_duty, "caller")
    merge(on_duty, "caller", "i")
    report(on_duty, "caller", severity="fatal")
    assert (on_duty.incident("i").severity, len(on_duty.sent_to("i"))) == ("fatal", 2)


def test_a_day_after_its_close_a_report_is_of_a_new_incident(on_duty: Brigade) -> None:
    """Whether or not another one was closed since, for which the old ones are dropped."""
    over(on_duty)
    on_duty.now_ms += 24 * HOUR_MS
    told = report(on_duty, "i")
    assert texts(told, "refused") == []
    (opened,) = (one for one in on_duty.state.incidents.values() if one.closed is None)
    assert opened.id == f"test:{on_duty.sent}"
    assert texts(report(on_duty, "i")) == ["same_incident"]


def test_an_incident_that_is_forgotten_in_the_same_frame_is_told_all_the_same(
    on_duty: Brigade,
) -> None:
    """It was closed a day ago; another one is closed by its own report."""
    over(on_duty)
    on_duty.now_ms += 24 * HOUR_MS
    crash = {"kind": "crash", "place": "p2"}
    on_duty.turn(
        on_duty.record("incident_reported", incident="j", **crash, **VIDEO),
        on_duty.record("incident_reported", incident="i", **crash),
    )
    open_now = [name for name, one in on_duty.state.incidents.items() if one.closed is None]
    assert open_now == [f"test:{on_duty.sent}"]
    assert IncidentId("i") not in on_duty.state.incidents


# --- what was merged by an older program ---------------------------------------------------------


def as_of_old(raw: bytes) -> bytes:
    """A frame with a merge, as a program wrote it that did not say what remains."""
    frame = Frame.read(raw)
    told = [one for one in frame.decisions if isinstance(one, (IncidentClosed, OrderEnded))]
    old = [
        one.model_copy(update={"remains": None}) if isinstance(one, IncidentClosed) else one
        for one in told
    ]
    return frame.model_copy(update={"decisions": tuple(old)}).raw()


@pytest.mark.parametrize("machine", [True, False])
def test_what_an_older_program_merged_is_not_decided_anew(
    on_duty: Brigade,
    machine: bool,  # noqa: FBT001 - a case
) -> None:
    """A fatal report merged into a slight one: after the upgrade no unit is sent by that."""
    report(on_duty, "i")
    before = on_duty.state
    report(on_duty, "worse", severity="fatal", units=3, machine=machine)
    if not machine:
        before = on_duty.state
        merge(on_duty, "worse", "i")
    raw = as_of_old(on_duty.journal[-1])
    assert b"remains" in on_duty.journal[-1]
    assert b"remains" not in raw
    after = fold(before, Frame.read(raw), on_duty.ground)
    assert after.incidents[IncidentId("worse")].closed == "merged"
    assert after.incidents[IncidentId("i")] == before.incidents[IncidentId("i")]


def test_nor_is_it_counted_otherwise(on_duty: Brigade) -> None:
    """Who reads the frames alone says what the engine says."""
    report(on_duty, "i", severity="damage")
    report(on_duty, "worse", severity="fatal", units=3, machine=True)
    *earlier, last = on_duty.journal
    courses, open_work = Incidents(), Open(AreaId("hz"))
    for raw in (*earlier, as_of_old(last)):
        courses.take(Frame.read(raw))
        open_work.apply(Frame.read(raw))
    left = courses.known[IncidentId("i")]
    assert (left.severity, left.slots) == ("damage", 1)
    assert [one["slots"] for one in open_work.row()["open_incidents"]] == [1]
