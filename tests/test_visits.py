"""What a roster makes of its visits, and what each decision does to one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from patrolled import Morning, duty, visit

from config.ids import DutyId, VisitId
from dispatch.rosters import duty_of
from dispatch.state import State, Visit
from dispatch.visits import applied, is_made, next_ms, over_ms, stood_ms, visits_of
from events.decisions import (
    About,
    Line,
    Order,
    OrderEnded,
    Warning,  # noqa: A004 - the format's word
    Why,
)
from events.event import moment_text

MINUTE_MS = 60_000
ABOUT = About(visit=VisitId("p3/d1"))


@pytest.fixture
def day(tmp_path: Path) -> Morning:
    """A published week with one visit; nobody has signed in."""
    day = Morning(tmp_path)
    day.roster(duty("d1", "t1", visits=[visit("p3", "07:00", "09:00", "07:30")]))
    return day


def told(day: Morning, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the event
    """A visit of an event with the least that it must have, and more."""
    least = {
        "must_arrive": "m1", "arrive": moment_text(day.at("07:30")),
        "leave": moment_text(day.at("07:45")),
    }  # fmt: skip
    return least | more


def planned(day: Morning, *visits: dict[str, Any]) -> tuple[Visit, ...]:
    """The visits of a duty until 14:00, from the normal data of its event."""
    normal = {
        "week": "2026-W49", "duty": "d9", "team": "t1", "squadron": "s1", "kind": "patrol",
        "officer": "o1", "start": moment_text(day.at("06:00")), "end": moment_text(day.at("14:00")),
        "visits": list(visits),
    }  # fmt: skip
    return visits_of(duty_of(normal, day.ground), normal, day.ground)


# --- from the roster -----------------------------------------------------------------------------


def test_a_visit_is_due_when_its_dwell_still_fits_the_window(day: Morning) -> None:
    """Last useful arrival: window's end minus dwell."""
    one = day.visit("p3/d1")
    assert (one.window_start_ms, one.window_end_ms) == (day.at("07:00"), day.at("09:00"))
    assert (one.arrive_ms, one.dwell_ms, one.due_ms) == (
        day.at("07:30"), 12 * MINUTE_MS, day.at("08:48"),
    )  # fmt: skip
    assert (one.team, one.duty, one.squadron, one.status) == ("t1", "d1", "s1", "planned")


def test_what_the_planner_left_out_comes_from_its_times_and_the_settings(day: Morning) -> None:
    """Dwell as usual, the window from the planned arrival on, an id that names it."""
    (one,) = planned(day, told(day, place="p3"))
    assert (one.dwell_ms, one.window_start_ms) == (12 * MINUTE_MS, day.at("07:30"))
    assert one.window_end_ms == day.at("09:30")
    assert one.id == f"m1/d9/{day.at('07:30')}"


def test_a_window_without_an_end_closes_with_the_duty(day: Morning) -> None:
    """Two hours from 13:00 on would pass the shift's end."""
    times = {"arrive": moment_text(day.at("13:00")), "leave": moment_text(day.at("13:12"))}
    (one,) = planned(day, told(day, place="p3", **times))
    assert one.window_end_ms == day.at("14:00")


def test_a_window_shorter_than_the_dwell_is_as_long_as_the_dwell(day: Morning) -> None:
    """Else no visit could ever be made there."""
    narrow = {
        "window_start": moment_text(day.at("07:30")), "window_end": moment_text(day.at("07:35")),
    }  # fmt: skip
    (one,) = planned(day, told(day, place="p3", **narrow))
    assert one.due_ms == day.at("07:30")


def test_a_planned_stay_below_the_usual_dwell_is_the_dwell(day: Morning) -> None:
    """A stay of five minutes was planned; nobody stands twelve."""
    (one,) = planned(day, told(day, place="p3", leave=moment_text(day.at("07:35"))))
    assert one.dwell_ms == 5 * MINUTE_MS


def test_a_visit_may_be_at_a_point(day: Morning) -> None:
    """Degrees in a declared system, as integers."""
    (one,) = planned(day, told(day, lon_e7=1_201_484_410, lat_e7=302_800_000, crs="WGS-84"))
    x_m, y_m = day.ground.district.roads.where(one.spot)
    assert abs(x_m - day.where("p3")[0]) + abs(y_m - day.where("p3")[1]) < 1


def test_a_pinned_point_is_known_by_its_name(day: Morning) -> None:
    """must_arrive_fixed.csv says that fixed1 is at p3."""
    (one,) = planned(day, told(day, must_arrive="fixed1"))
    assert one.place == "p3"


def test_a_visit_without_a_place_is_left_out(day: Morning) -> None:
    """Nobody could be seen to arrive."""
    assert planned(day, told(day)) == ()


# --- what decisions do ---------------------------------------------------------------------------


def ordered(day: Morning) -> State:
    """The state after the order."""
    day.sign_in("t1", "06:00")
    day.run("07:28")
    return day.state


def ended(state: State, how: Any, visit: str = "p3/d1") -> Visit:  # noqa: ANN401 - an OrderEnd
    """The visit after its order ended so."""
    order = state.visits[VisitId(visit)].order
    assert order is not None
    return applied(state, OrderEnded(order=order, how=how)).visits[VisitId(visit)]


@pytest.mark.parametrize(
    ("how", "status", "said"),
    [
        ("done", "done", set()),
        ("preempted", "planned", set()),
        ("refused", "planned", {"refused/t1"}),
        ("lost", "planned", {"refused/t1"}),
        ("cancelled", "planned", {"refused/t1"}),
    ],
)
def test_an_ended_order_leaves_its_visit(
    day: Morning, how: str, status: str, said: set[str]
) -> None:
    """Done, or planned again; whoever let go of it by itself is not asked again."""
    visit = ended(ordered(day), how)
    assert [visit.status, visit.order, visit.said] == [status, None, said]


def test_an_order_that_ends_with_its_dwell_full_made_its_visit(day: Morning) -> None:
    """However it ended: the track is the proof."""
    state = ordered(day)
    visit = replace(state.visits[ABOUT.visit or VisitId("")], inside_ms=day.at("07:30"))
    unit = replace(state.units[visit.team], fix_ms=day.at("07:42"))
    state = replace(state, visits={visit.id: visit}, units={unit.id: unit})
    assert ended(state, "preempted").status == "done"


@pytest.mark.parametrize(
    ("rule", "status"), [("visit_missed", "missed"), ("visit_cancelled", "cancelled")]
)
def test_a_warning_can_end_a_visit(day: Morning, rule: str, status: str) -> None:
    """Missed by the clock, cancelled by a person."""
    state = applied(day.state, Warning(rule=rule, about=ABOUT))
    assert state.visits[VisitId("p3/d1")].status == status


def test_a_warning_is_remembered(day: Morning) -> None:
    """So that it is given once."""
    state = applied(day.state, Warning(rule="visit_due_soon", about=ABOUT))
    assert state.visits[VisitId("p3/d1")].said == {"due_soon"}


def test_a_decision_about_something_else_changes_no_visit(day: Morning) -> None:
    """An order to an incident, a line, a warning about a unit."""
    others = (
        Order.model_validate({
            "id": "hz/9/0", "unit": "t1", "about": {"incident": "i1"}, "why": Why(rule="x"),
        }),
        Line(kind="system", about=ABOUT),
        Warning(rule="breaker"),
        OrderEnded.model_validate({"order": "hz/1/0", "how": "done"}),
    )  # fmt: skip
    for one in others:
        assert applied(day.state, one) is day.state


# --- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "until", "minutes"),
    [
        (None, "08:00", 0),
        ("07:30", "07:42", 12),
        ("06:50", "07:12", 12),
        ("08:55", "09:10", 5),
        ("07:30", "07:20", 0),
    ],
)
def test_presence_counts_inside_the_window_only(
    day: Morning, inside: str | None, until: str, minutes: int
) -> None:
    """Neither before it opens nor after it closes."""
    inside_ms = None if inside is None else day.at(inside)
    one = replace(day.visit("p3/d1"), inside_ms=inside_ms)
    assert stood_ms(one, day.at(until)) == minutes * MINUTE_MS


def test_a_unit_in_the_middle_of_its_dwell_gets_the_time_for_its_last_proof(day: Morning) -> None:
    """A parked device may take three minutes to its next fix."""
    one = day.visit("p3/d1")
    assert over_ms(one, day.ground) == day.at("09:00")
    standing = replace(one, inside_ms=day.at("08:48"))
    assert over_ms(standing, day.ground) == day.at("09:03")
    too_late = replace(one, inside_ms=day.at("08:49"))
    assert over_ms(too_late, day.ground) == day.at("09:00")


def test_the_next_moment_is_always_ahead(day: Morning) -> None:
    """One after the other, each once, until there is none: nothing turns on the spot."""
    now_ms, moments = day.at("05:00"), []
    while (moment := next_ms(day.state, day.ground, now_ms)) is not None:
        moments.append(day.ground.district.calendar.local(moment).strftime("%H:%M:%S"))
        now_ms = moment
    assert moments == ["07:10:56", "07:26:44", "08:35:28", "08:48:00", "09:00:00"]


def test_a_visit_whose_duty_is_not_known_waits_at_the_station(day: Morning) -> None:
    """A carried visit may outlive its duty."""
    lost = replace(day.visit("p3/d1"), duty=DutyId("gone"))
    state = replace(day.state, visits={lost.id: lost})
    assert next_ms(state, day.ground, day.at("07:11")) == day.at("07:26:44")


def test_a_fix_that_the_journal_has_of_the_ninth_minute_proves_no_visit(day: Morning) -> None:
    """Only one at the end of the dwell does."""
    day.sign_in("t1", "06:00")
    day.stand("t1", "p3", "07:30", "07:31")
    day.run("07:32")
    standing, unit = day.visit("p3/d1"), day.unit("t1")
    seen = {clock: replace(unit, fix_ms=day.at(clock)) for clock in ("07:41:59", "07:42")}
    assert [is_made(standing, one) for one in seen.values()] == [False, True]
