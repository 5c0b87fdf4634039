"""Visits to must-arrive points: sent in time, proven by the track, warned of, carried once."""

from pathlib import Path
from typing import Any

import pytest
from patrolled import Morning, duty, visit

from events.clock import Setting
from events.event import moment_text

P3 = visit("p3", "07:00", "09:00", "07:30")
AWAY = (-150.0, 250.0)
"""Some 260 m from p3."""
CRASH = {"incident": "i1", "kind": "crash", "severity": "damage", "place": "p2"}
MISSED = ["due_soon visit.due_soon_alone", "overdue visit.overdue_alone", "missed visit.missed"]


def morning(folder: Path, *duties: dict[str, Any], **district: Any) -> Morning:  # noqa: ANN401 - of small_district
    """A day with these duties, or with d1 of team t1 and its visit to p3; t1 is signed in."""
    day = Morning(folder, **district)
    day.roster(*duties or (duty("d1", "t1", visits=[P3]),))
    day.sign_in("t1", "06:00")
    return day


@pytest.fixture
def day(tmp_path: Path) -> Morning:
    """Team t1 on patrol with one visit, at its station, 76 s away from it."""
    return morning(tmp_path)


def accept(day: Morning) -> None:
    """Team t1 accepts its order."""
    order = day.held("t1").id
    day.tell("order_answered", {"order": order, "unit": "t1", "answer": "accepted"})


# --- presence ------------------------------------------------------------------------------------


def test_a_unit_is_sent_so_that_it_arrives_as_planned(day: Morning) -> None:
    """Planned arrival minus turn-out minus the drive on patrol."""
    day.run("07:30")
    ((clock, order),) = day.orders()
    assert (clock, order.unit, order.why.rule) == ("07:26:44", "t1", "visit_due")
    assert (order.eta_ms, order.due_ms) == (day.at("07:30"), day.at("08:48"))
    assert day.unit("t1").status == "to_must_arrive"


def test_a_full_visit_is_made(day: Morning) -> None:
    """Sent, arrived, twelve minutes of presence, free again."""
    day.stand("t1", "p3", "07:30", "07:42")
    day.run("09:30")
    assert day.kinds() == ["dispatch", "arrived", "clear visit.done"]
    assert day.ends() == ["done"]
    assert day.visit("p3/d1").status == "done"
    assert day.unit("t1").status == "free"


def test_driving_through_is_no_visit(day: Morning) -> None:
    """In the radius for seconds."""
    day.fix("t1", "07:29:40", AWAY, speed=12)
    day.fix("t1", "07:30:00", "p3", speed=12)
    day.fix("t1", "07:30:20", AWAY, speed=12)
    day.run("09:30")
    assert day.kinds()[:3] == ["dispatch", "arrived", "due_soon visit.went_out"]
    assert day.visit("p3/d1").status == "missed"


def test_a_parked_phone_is_no_visit(day: Morning) -> None:
    """Its step counter stands still over the whole dwell."""
    day.stand("t1", "p3", "07:30", "07:50", steps=[100] * 21)
    day.run("07:51")
    assert "clear visit.done" not in day.kinds()
    assert day.unit("t1").status == "to_must_arrive"
    assert [line.text for line in day.lines].count("visit.parked") == 1


def test_a_phone_that_is_picked_up_begins_to_count(day: Morning) -> None:
    """From the first step on, and for the full dwell."""
    day.stand("t1", "p3", "07:30", "07:50", steps=[100] * 21)
    day.stand("t1", "p3", "07:51", "08:03", steps=range(110, 123))
    day.run("08:02:59")
    assert day.visit("p3/d1").status == "arrived"
    day.run("08:03")
    assert day.visit("p3/d1").status == "done"


def test_steps_taken_before_the_dwell_prove_nothing(day: Morning) -> None:
    """The crew walked at its station, then left the phone at the point."""
    day.stand("t1", (-450.0, -300.0), "07:10", "07:26", steps=range(0, 170, 10))
    day.stand("t1", "p3", "07:30", "07:45", steps=[170, *[170] * 15])
    day.run("07:46")
    assert day.visit("p3/d1").status == "ordered"


def test_a_phone_that_was_left_and_fetched_is_no_visit(day: Morning) -> None:
    """Not a step at the point, then away: nobody vouches for the minutes between."""
    day.stand("t1", "p3", "07:30", "07:41", steps=[100] * 12)
    day.fix("t1", "07:42:55", AWAY, speed=10, steps=100)
    day.run("07:43")
    went = next(line for line in day.lines if line.text == "visit.went_out")
    assert went.fields == {"stood_min": 0, "dwell_min": 12}


def test_steps_taken_at_the_point_prove_presence(day: Morning) -> None:
    """A few steps are enough: a crew stands and looks."""
    day.stand("t1", "p3", "07:30", "07:42", steps=[100] * 5 + [107] * 8)
    day.run("07:43")
    assert day.visit("p3/d1").status == "done"


def test_nine_of_twelve_minutes_are_no_visit(day: Morning) -> None:
    """And the line says how long it was."""
    day.stand("t1", "p3", "07:30", "07:39")
    day.fix("t1", "07:39:40", AWAY, speed=10)
    day.run("09:30")
    went = next(line for line in day.lines if line.text == "visit.went_out")
    assert went.fields == {"stood_min": 9, "dwell_min": 12}
    assert day.visit("p3/d1").status == "missed"


def test_a_unit_that_comes_back_in_time_makes_its_visit(day: Morning) -> None:
    """The order goes on after it went out."""
    day.stand("t1", "p3", "07:30", "07:39")
    day.fix("t1", "07:39:40", AWAY, speed=10)
    day.stand("t1", "p3", "08:10", "08:22")
    day.run("09:30")
    assert [k for k in day.kinds() if "due_soon visit.due" not in k] == [
        "dispatch", "arrived", "due_soon visit.went_out", "arrived", "clear visit.done",
    ]  # fmt: skip


def test_leaving_between_two_fixes_after_the_full_dwell_counts(day: Morning) -> None:
    """The last fix inside is old, but the unit cannot be where it is without having stayed."""
    day.stand("t1", "p3", "07:30", "07:41")
    day.fix("t1", "07:42:55", AWAY, speed=10)  # 33 s of driving away
    day.run("07:43")
    assert day.visit("p3/d1").status == "done"


def test_time_before_the_window_is_no_presence(tmp_path: Path) -> None:
    """Who comes early stands until twelve minutes of the window are over."""
    early = visit("p3", "07:30", "09:00", "07:30")
    day = morning(tmp_path, duty("d1", "t1", visits=[early]))
    day.stand("t1", "p3", "07:27", "07:42")
    day.run("07:41:59")
    assert day.visit("p3/d1").status == "arrived"
    day.run("07:42")
    assert day.visit("p3/d1").status == "done"


def test_minutes_that_nobody_saw_do_not_count(day: Morning) -> None:
    """A gap of five minutes in the fixes is said, and the dwell is five minutes longer."""
    day.stand("t1", "p3", "07:30", "07:35")
    day.stand("t1", "p3", "07:40", "07:47")
    day.run("07:46:59")
    assert day.visit("p3/d1").status == "arrived"
    day.run("07:47")
    assert day.visit("p3/d1").status == "done"
    assert [line.kind for line in day.lines if line.text in ("fix.stale", "fix.back")] == [
        "stale", "back",
    ]  # fmt: skip


def test_a_visit_is_made_in_a_district_without_roads(tmp_path: Path) -> None:
    """Positions are nodes there."""
    day = morning(tmp_path, straight_line=True)
    day.stand("t1", "p3", "07:30", "07:42")
    day.run("09:30")
    assert day.kinds() == ["dispatch", "arrived", "clear visit.done"]


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09"])
def test_a_device_in_another_system_is_where_it_is(day: Morning, crs: str) -> None:
    """Some 500 m off when taken for WGS-84."""
    day.stand("t1", "p3", "07:30", "07:42", crs=crs)
    day.run("07:43")
    assert day.visit("p3/d1").status == "done"


def test_a_photo_is_no_visit_as_long_as_the_track_tells(day: Morning) -> None:
    """It is told and kept; presence is the track's."""
    day.stand("t1", "p3", "07:30", "07:33")
    day.run("07:33")
    day.tell("visit_proof", {"unit": "t1", "kind": "photo", "visit": "p3/d1", "reference": "x"})
    day.run("07:34")
    assert day.kinds() == ["dispatch", "arrived", "system visit.proof"]
    assert day.visit("p3/d1").status == "arrived"


# --- warnings ------------------------------------------------------------------------------------


def test_a_unit_that_does_not_go_is_warned_of(day: Morning) -> None:
    """Due soon, overdue, missed: each once, at its minute."""
    day.run("10:00")
    assert day.kinds() == ["dispatch", *MISSED]
    calendar = day.ground.district.calendar
    told = [at for at, one in day.decisions if getattr(one, "rule", "").startswith("visit_")]
    assert [calendar.local(at).strftime("%H:%M:%S") for at in told] == [
        "08:35:28", "08:48:00", "09:00:00",
    ]  # fmt: skip
    assert day.ends() == ["lost"]


def test_a_warning_names_who_else_could_go(tmp_path: Path) -> None:
    """The nearest free lawful unit of the squadron and when it would be there."""
    day = morning(tmp_path, duty("d1", "t1", visits=[P3]), duty("d3", "t3"), duty("d5", "t5"))
    day.sign_in("t3", "06:01", lon=120.148441, lat=30.28, crs="WGS-84")
    day.sign_in("t5", "06:02")
    day.run("08:50")
    soon = next(line for line in day.lines if line.kind == "due_soon")
    assert soon.fields == {"next": "t3", "eta": "08:37"}


def test_a_unit_bound_by_an_incident_is_warned_of(day: Morning) -> None:
    """Its visit comes near while it works elsewhere; it is sent when it is free."""
    day.run("07:20")
    day.tell("incident_reported", CRASH)
    accept(day)
    day.run("08:40")
    assert day.kinds() == ["due_soon visit.due_soon_alone"]


def test_a_preempted_visit_is_ordered_again(day: Morning) -> None:
    """The incident comes first; the visit when its unit is free and there is time."""
    day.stand("t1", "p3", "07:30", "07:33")
    day.run("07:33")
    day.tell("incident_reported", CRASH)
    accept(day)
    day.run("07:50")
    day.tell("command_given", {"command": "close", "incident": "i1", "by": "o1"})
    day.stand("t1", "p3", "07:50", "08:03")
    day.run("09:30")
    assert day.ends() == ["preempted", "cancelled", "done"]
    assert day.kinds() == ["dispatch", "arrived", "dispatch", "arrived", "clear visit.done"]


def test_a_made_visit_is_not_broken_off(day: Morning) -> None:
    """The proof and an incident in one frame: the visit is done first."""
    day.stand("t1", "p3", "07:30", "07:41")
    day.run("07:41")
    day.fix("t1", "07:42", "p3")
    facts = day.tracker.fixes(day.state, day.reports[-1:], day.at("07:42"))
    day.now_ms, day.read = day.at("07:42"), len(day.reports)
    day.tell("incident_reported", CRASH, facts)
    assert day.ends() == ["done"]
    assert day.held("t1").about.incident == "i1"


# --- who is sent ---------------------------------------------------------------------------------


def test_a_visit_whose_unit_never_came_is_taken_over(tmp_path: Path) -> None:
    """By the nearest free unit of the squadron, when it is due soon."""
    day = Morning(tmp_path)
    day.roster(duty("d1", "t1", visits=[P3]), duty("d3", "t3"), duty("d5", "t5"))
    day.sign_in("t5", "06:00")
    day.sign_in("t3", "06:01", lon=120.148441, lat=30.28, crs="WGS-84")
    day.run("09:30")
    ((_, order),) = day.orders()
    assert (order.unit, order.why.rule, order.why.runner_up) == ("t3", "visit_taken_over", "t5")
    assert order.why.difference_s == 76


def test_a_unit_works_only_where_its_crew_is_lawful(tmp_path: Path) -> None:
    """One officer with one auxiliary does not stand on an arterial; another team does."""
    arterial = visit("p1", "07:00", "09:00", "07:30")
    day = morning(tmp_path, duty("d5", "t5", visits=[arterial]), duty("d1", "t1"))
    day.sign_in("t5", "06:01")
    day.run("09:30")
    assert [order.unit for _, order in day.orders()] == ["t1"]


def test_a_visit_that_the_shift_does_not_hold_is_not_begun(tmp_path: Path) -> None:
    """Its dwell would end after the unit's last minute."""
    day = morning(tmp_path, duty("d1", "t1", "06:00", "07:35", visits=[P3]))
    day.run("08:00")
    assert day.orders() == []


def test_a_visit_that_outlasts_its_duty_is_warned_of_before_the_duty_ends(tmp_path: Path) -> None:
    """The last useful departure is the unit's, not only the window's."""
    day = morning(tmp_path, duty("d1", "t1", "06:00", "08:00", visits=[P3]), duty("d3", "t3"))
    day.sign_in("t3", "06:01")
    day.run("07:10")
    day.tell("status_reported", {"unit": "t1", "status": "meal"})
    day.run("09:30")
    soon = next(line for line in day.lines if line.kind == "due_soon")
    assert soon.fields == {"next": "t3", "eta": "07:38"}  # 07:48 - 2 x 76 s - 10 min, 2 min, 76 s


def test_a_unit_that_goes_home_is_not_sent(day: Morning) -> None:
    """It said that its duty is over."""
    day.run("07:20")
    day.tell("status_reported", {"unit": "t1", "status": "off_duty"})
    day.run("08:00")
    assert day.orders() == []


def test_a_unit_makes_one_visit_at_a_time_the_earlier_due_first(tmp_path: Path) -> None:
    """A unit that signs in late finds the times of two visits come."""
    p2 = visit("p2", "07:00", "08:30", "07:30")
    day = Morning(tmp_path)
    day.roster(duty("d1", "t1", visits=[P3, p2]))
    day.sign_in("t1", "07:40")
    day.stand("t1", "p2", "07:43", "07:55")
    day.run("08:00")
    assert [(clock[:5], order.about.visit) for clock, order in day.orders()] == [
        ("07:40", "p2/d1"), ("07:55", "p3/d1"),
    ]  # fmt: skip


def test_who_refused_a_visit_is_not_asked_again(day: Morning) -> None:
    """A refusal is an event with a reason; the visit waits for another unit."""
    day.run("07:28")
    order = day.held("t1").id
    day.tell("order_answered", {"order": order, "unit": "t1", "answer": "refused"})
    day.run("08:00")
    assert len(day.orders()) == 1


def test_a_cancelled_visit_is_left_alone(day: Morning) -> None:
    """A person said no: neither ordered again nor missed."""
    day.run("07:28")
    day.tell("command_given", {"command": "cancel_visit", "visit": "p3/d1", "by": "o1"})
    day.run("09:30")
    assert day.visit("p3/d1").status == "cancelled"
    assert day.kinds() == ["dispatch"]


def test_a_crew_that_frees_itself_too_early_made_no_visit(day: Morning) -> None:
    """Its word does not count, the track does."""
    day.stand("t1", "p3", "07:30", "07:33")
    day.run("07:33")
    day.tell("status_reported", {"unit": "t1", "status": "free", "order": day.held("t1").id})
    day.run("09:30")
    assert day.visit("p3/d1").status == "missed"


# --- missed --------------------------------------------------------------------------------------


def test_a_missed_visit_is_carried_to_the_next_duty_once(tmp_path: Path) -> None:
    """The same window on the next day of the same kind; missed again it is for a person."""
    day = morning(
        tmp_path,
        duty("d1", "t1", visits=[P3]),
        duty("other", "t2", day=1, squadron="s2"),
        duty("late", "t3", "08:00", "16:00", day=1),
        duty("next", "t3", day=2),
        duty("after", "t1", day=3),
    )
    day.run("10:00")
    again = day.visit("p3/d1+1")
    assert (again.duty, again.team, again.carried) == ("next", "t3", True)
    assert (again.arrive_ms, again.due_ms) == (day.at("07:30", 2), day.at("08:48", 2))
    assert day.visit("p3/d1").status == "carried"
    day.sign_in("t3", "06:00", day=2)
    day.run("10:00", day=2)
    assert day.kinds("p3/d1+1")[-1] == "missed visit.daily_zero"
    assert [key for key in day.state.visits if "+1" in key] == ["p3/d1+1"]


def test_a_carried_visit_is_made_like_any_other(tmp_path: Path) -> None:
    """By the unit of the later duty."""
    day = morning(tmp_path, duty("d1", "t1", visits=[P3]), duty("d2", "t1", day=1))
    day.run("10:00")
    day.sign_in("t1", "06:00", day=1)
    day.stand("t1", "p3", "07:30", "07:42", day=1)
    day.run("08:00", day=1)
    assert day.visit("p3/d1+1").status == "done"


def test_a_visit_is_carried_to_a_patrol_or_to_a_duty_of_its_kind(tmp_path: Path) -> None:
    """Not to the service desk, nor to a school post."""
    day = morning(
        tmp_path,
        duty("d1", "t1", kind="peak", visits=[P3]),
        duty("desk", "t3", day=1, kind="desk"),
        duty("school", "t5", day=1, kind="school"),
        duty("peak", "t7", day=2, kind="peak"),
        duty("patrol", "t3", day=3),
    )
    day.run("10:00")
    assert day.visit("p3/d1+1").duty == "peak"


def test_a_working_days_visit_is_not_carried_to_the_week_end(tmp_path: Path) -> None:
    """Friday's goes past Saturday, to Monday."""
    friday = duty("d1", "t1", day=4, visits=[P3])
    day = Morning(tmp_path)
    day.roster(friday, duty("sat", "t3", day=5), duty("mon", "t3", day=7))
    day.run("10:00", day=4)
    assert day.visit("p3/d1+1").duty == "mon"


def test_a_missed_visit_waits_for_the_next_roster(tmp_path: Path) -> None:
    """Nobody is rostered later yet; the week that is published next takes it."""
    friday = duty("d1", "t1", day=4, visits=[P3])
    day = Morning(tmp_path)
    day.roster(friday)
    day.run("10:00", day=4)
    assert "p3/d1+1" not in day.state.visits
    day.roster(duty("mon", "t3", day=7), week="2026-W50")
    assert day.visit("p3/d1+1").duty == "mon"


def test_a_roster_published_after_the_fact_is_not_reported_as_missed(tmp_path: Path) -> None:
    """Hours later, of a duty that nobody began."""
    day = Morning(tmp_path)
    day.run("11:00")
    day.roster(duty("d1", "t1", visits=[P3]))
    day.run("12:00")
    assert day.kinds() == []


def test_a_window_that_was_over_before_the_unit_came_is_not_reported(tmp_path: Path) -> None:
    """The engine began in the middle of a duty; its morning is nobody's fault here."""
    day = Morning(tmp_path)
    day.run("11:00")
    day.roster(duty("d1", "t1", visits=[P3]))
    day.sign_in("t1", "11:05")
    day.run("12:00")
    assert day.kinds() == []


@pytest.mark.parametrize(("clock", "said"), [("08:50", ["missed visit.missed"]), ("09:10", [])])
def test_what_lies_before_the_first_roster_is_not_missed(
    tmp_path: Path, clock: str, said: list[str]
) -> None:
    """Though the unit says that it was on duty by then: nobody could send it."""
    day = Morning(tmp_path)
    day.now_ms = day.at(clock)
    day.roster(duty("d1", "t1", visits=[P3]))
    day.sign_in("t1", clock, at=moment_text(day.at("06:00")))
    day.run("09:30")
    assert [one for one in day.kinds() if one.startswith("missed")] == said


def test_what_a_set_clock_passed_over_is_not_reported_as_missed(tmp_path: Path) -> None:
    """The evening before the day that is played, which nobody has lived."""
    day = Morning(tmp_path)
    day.roster(duty("d1", "t1", visits=[P3]))
    day.now_ms = day.at("09:10")
    day.state = day.with_clock(Setting(day.now_ms, day.now_ms, 60.0))
    day.run("12:00")
    assert day.kinds() == []


def test_visits_missed_while_the_engine_was_away_are_reported(day: Morning) -> None:
    """Hours later, of a unit that was on duty."""
    day.run("07:00")
    day.now_ms = day.at("13:00")
    day.run("13:01")
    assert day.kinds() == ["missed visit.missed"]


# --- the same again ------------------------------------------------------------------------------


def played(folder: Path, restart: str | None = None) -> Morning:
    """Two units and three visits; the tracker is lost and restored at a minute."""
    day = morning(
        folder,
        duty("d1", "t1", visits=[P3, visit("p2", "08:00", "10:00", "08:30")]),
        duty("d3", "t3", visits=[visit("p2", "07:00", "09:00", "07:40")]),
    )
    day.sign_in("t3", "06:00")
    day.stand("t1", "p3", "07:30", "07:45", steps=range(16))
    day.stand("t3", "p2", "07:45", "08:00")
    day.stand("t1", "p2", "08:30", "08:50", steps=range(16, 37))
    if restart is not None:
        day.run(restart)
        day.lose_tracker()
    day.run("10:30")
    return day


def test_the_same_track_gives_the_same_decisions(tmp_path: Path) -> None:
    """Byte for byte, on any machine."""
    once, again = played(tmp_path / "a"), played(tmp_path / "b")
    assert once.decisions == again.decisions
    assert [one for one in once.ends() if one == "done"] == ["done"] * 3


@pytest.mark.parametrize("clock", ["07:30:30", "07:37", "07:41:59", "07:46"])
def test_a_restart_in_the_middle_of_a_dwell_makes_the_same_visits(
    tmp_path: Path, clock: str
) -> None:
    """The tracker is filled again from the last fixes; nothing is told twice."""
    whole, broken = played(tmp_path / "a"), played(tmp_path / "b", restart=clock)
    assert [one for _, one in broken.decisions] == [one for _, one in whole.decisions]
