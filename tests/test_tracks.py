"""The tracker: which fixes become facts, which are ignored and said to be."""

from pathlib import Path
from typing import Any

import pytest
from patrolled import Morning, duty, visit

from config.roads import Spot
from dispatch.fixes import located
from dispatch.visits import stood_ms
from events.clock import Setting
from events.facts import Note, Position

FAR = (0.0, 5_000.0)
HERE = (-450.0, -300.0)
"""The station of s1, n11."""
P3 = visit("p3", "07:00", "09:00", "07:30")


@pytest.fixture
def day(tmp_path: Path) -> Morning:
    """Team t1 on patrol, signed in at six with the device pda1; one visit."""
    day = Morning(tmp_path)
    day.roster(duty("d1", "t1", visits=[P3]), duty("d3", "t3"))
    day.sign_in("t1", "06:00", device="pda1")
    return day


def notes(day: Morning) -> list[tuple[str, Any]]:
    """What was said of ignored fixes: key and count."""
    return [(one.key, one.fields["count"]) for one in day.facts if isinstance(one, Note)]


# --- silence -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("speed", "clock"), [(8.0, "06:11:01"), (0.0, "06:13:01")])
def test_a_unit_is_stale_after_its_limit(day: Morning, speed: float, clock: str) -> None:
    """60 s when it moved, 180 s when it was parked."""
    day.fix("t1", "06:10", HERE, speed=speed, device="pda1")
    day.run("06:10:30")
    assert day.tracker.timers(day.state, day.at(clock) - 1000) == []
    (fact,) = day.tracker.timers(day.state, day.at(clock))
    assert (fact.change, fact.at_ms) == ("stale", day.at("06:10"))


def test_a_unit_without_a_fix_since_it_signed_in_is_not_stale(day: Morning) -> None:
    """It may have no device; nothing is known to have stopped."""
    day.run("07:00")
    assert not day.unit("t1").stale


def test_a_silent_unit_comes_back_with_its_next_fix(day: Morning) -> None:
    """Said once each way."""
    for clock in ("06:10", "06:11", "06:20", "06:21"):
        day.fix("t1", clock, HERE, device="pda1")
    day.run("06:22")
    assert day.changes("t1") == ["stale", "back"]
    assert not day.unit("t1").stale


def test_fast_simulated_time_does_not_make_units_stale(day: Morning) -> None:
    """At 600 times the speed a fix is minutes old when it gets here."""
    day.fix("t1", "06:10", HERE, device="pda1")
    day.run("06:10")
    fast = day.with_clock(Setting(virtual_ms=0, wall_ms=0, speed=600.0))
    assert day.tracker.timers(fast, day.at("06:15")) == []
    assert [f.change for f in day.tracker.timers(fast, day.at("06:20"))] == ["stale"]


# --- what is ignored -----------------------------------------------------------------------------


def test_an_impossible_speed_is_no_presence(day: Morning) -> None:
    """5 km in 15 s: ignored, counted, said once an hour."""
    day.fix("t1", "06:10", HERE, device="pda1")
    day.fix("t1", "06:10:15", FAR, device="pda1")
    day.fix("t1", "06:10:30", HERE, device="pda1")
    day.fix("t1", "06:10:45", FAR, device="pda1")
    day.run("06:11")
    assert notes(day) == [("visit.impossible_speed", 1)]
    assert day.tracker.tracks[day.unit("t1").id].fix.at_ms == day.at("06:10:30")


def test_the_fixes_that_agree_are_right(day: Morning) -> None:
    """One wild fix at the start does not make all later ones impossible."""
    day.fix("t1", "06:10", FAR, device="pda1")
    for clock in ("06:10:15", "06:10:30", "06:10:45"):
        day.fix("t1", clock, HERE, device="pda1")
    day.run("06:11")
    assert day.tracker.tracks[day.unit("t1").id].fix.at_ms == day.at("06:10:45")


def test_a_unit_that_is_not_rostered_is_told_once_a_day(day: Morning) -> None:
    """It is no fault: a device may be on its way to a duty that was taken off it."""
    for minute in range(10, 60, 10):
        day.fix("t9", f"06:{minute}", HERE)
    day.fix("t9", "07:11", HERE)
    day.run("07:30")
    assert notes(day) == [("visit.not_on_duty", 1)]


def test_fixes_of_another_device_are_counted_once_an_hour(day: Morning) -> None:
    """Each hour one note with how many came."""
    for minute in range(10, 60, 10):
        day.fix("t1", f"06:{minute}", HERE, device="pda7")
    day.fix("t1", "07:11", HERE, device="pda7")
    day.run("07:30")
    assert notes(day) == [("visit.other_device", 1), ("visit.other_device", 5)]


def test_a_crew_on_its_way_to_sign_in_is_no_surprise(day: Morning) -> None:
    """Rostered, not signed in yet: its fixes are kept, nothing is said."""
    day.fix("t3", "06:01", "p3")
    day.run("06:02")
    day.sign_in("t3", "06:03")
    assert notes(day) == []
    assert day.tracker.seen(day.state) == []  # of before it signed in
    day.fix("t3", "06:04", "p3")
    day.run("06:05")
    assert [(f.unit, f.change) for f in day.tracker.seen(day.state)] == [("t3", "fix")]


def test_another_device_does_not_speak_for_the_unit(day: Morning) -> None:
    """The unit signed in with its own."""
    day.fix("t1", "06:10", "p3", device="pda7")
    day.run("06:11")
    assert notes(day) == [("visit.other_device", 1)]
    assert day.tracker.seen(day.state) == []


def test_a_fix_from_the_future_is_ignored(day: Morning) -> None:
    """Its device's clock is wrong, and would silence all true fixes."""
    day.fix("t1", "06:20", "p3", device="pda1")
    day.facts += day.tracker.fixes(day.state, day.reports, day.at("06:10"))
    assert notes(day) == [("visit.clock_ahead", 1)]
    assert day.tracker.tracks == {}


def test_a_fix_far_off_the_map_is_ignored(day: Morning) -> None:
    """A device without reception says 0, 0."""
    day.fix("t1", "06:10", (0.0, 9_000.0), device="pda1")
    day.run("06:11")
    assert notes(day) == [("visit.off_map", 1)]


def test_an_older_fix_changes_nothing(day: Morning) -> None:
    """The last writer wins, whatever order the partitions are read in."""
    day.fix("t1", "06:12", HERE, device="pda1")
    day.run("06:13")
    day.fix("t1", "06:11", "p3", device="pda1")
    day.run("06:14")
    assert day.tracker.tracks[day.unit("t1").id].fix.at_ms == day.at("06:12")


def test_hostile_names_do_not_flood_the_journal(day: Morning) -> None:
    """A few hundred units are named; of all more together one note an hour."""
    for n in range(1000):
        day.fix(f"x{n}", "06:10", HERE)
    day.run("06:11")
    assert len(notes(day)) <= 201


# --- where units are -----------------------------------------------------------------------------


def test_seen_says_where_units_are_now(day: Morning) -> None:
    """Only of those that are elsewhere than the state knows."""
    day.fix("t1", "06:10", "p3", device="pda1")
    day.run("06:11")
    (fact,) = day.tracker.seen(day.state)
    assert fact.change == "fix"
    at = day.ground.spot_of_edge(fact.edge, fact.along_m)
    node = day.ground.district.node_of_place("p3")
    assert day.ground.metres(at, Spot(node=node)) < 1


def test_a_unit_that_hardly_moved_is_not_told_again(day: Morning) -> None:
    """20 m is bad measuring."""
    day.fix("t1", "06:10", (HERE[0] + 20, HERE[1]), device="pda1")
    day.run("06:11")
    assert day.tracker.seen(day.state) == []


def test_left_is_the_first_moving_fix_after_the_order(day: Morning) -> None:
    """A fix that stands still is not it, nor is one from before."""
    day.fix("t1", "07:26:30", HERE, speed=9, device="pda1")
    day.fix("t1", "07:27:30", HERE, speed=0, device="pda1")
    day.fix("t1", "07:28:30", (HERE[0], HERE[1] + 10), speed=3, device="pda1")
    day.run("07:29")
    assert day.held("t1").left_ms == day.at("07:28:30")


def test_a_device_without_speed_has_left_when_it_is_elsewhere(day: Morning) -> None:
    """More than bad measuring away from where it was."""
    day.fix("t1", "07:27", HERE, speed=None, device="pda1")
    day.fix("t1", "07:28", (HERE[0] + 20, HERE[1]), speed=None, device="pda1")
    day.fix("t1", "07:29", (HERE[0] + 90, HERE[1]), speed=None, device="pda1")
    day.run("07:29")
    assert day.held("t1").left_ms == day.at("07:29")


@pytest.mark.parametrize(("metres", "arrived"), [(79.0, True), (81.0, False)])
def test_arrived_is_the_first_fix_inside_the_radius(
    day: Morning, metres: float, arrived: bool  # noqa: FBT001 - a case
) -> None:  # fmt: skip
    """80 m in town, measured to where the device is, not to the road next to it."""
    x_m, y_m = day.where("p3")
    day.fix("t1", "07:30", (x_m + metres * 0.6, y_m + metres * 0.8), device="pda1")
    day.run("07:30")
    assert ("arrived" in day.changes("t1")) == arrived


def test_a_little_jitter_is_no_leaving(day: Morning) -> None:
    """Outside by 15 m for one fix."""
    x_m, y_m = day.where("p3")
    day.stand("t1", "p3", "07:30", "07:35", device="pda1")
    day.fix("t1", "07:36", (x_m + 95, y_m), device="pda1")
    day.run("07:36")
    assert "outside" not in day.changes("t1")


def test_a_phone_that_lies_still_is_said_once(day: Morning) -> None:
    """Its steps have not grown for twenty minutes of a patrol."""
    for minute in range(41):
        day.fix("t1", f"06:{minute:02d}", HERE, steps=5, device="pda1")
    day.run("06:40")
    assert day.changes("t1") == ["parked"]


def test_a_unit_waiting_at_its_post_without_a_step_counter_is_believed(day: Morning) -> None:
    """It need not move there."""
    for minute in range(41):
        day.fix("t1", f"06:{minute:02d}", HERE, device="pda1")
    day.run("06:40")
    assert day.changes("t1") == []


# --- all at once, and after a restart ------------------------------------------------------------


def test_fixes_of_several_systems_are_located_together(day: Morning) -> None:
    """In the order of their times, each at its own place."""
    systems = ("BD-09", "GCJ-02", "WGS-84")
    for at, crs in enumerate(systems):
        day.fix("t1", f"06:0{at}", "p3", crs=crs)
    x_m, y_m = day.where("p3")
    fixes = located(reversed(day.reports), day.ground)
    assert [fix.at_ms for fix in fixes] == [day.at(f"06:0{at}") for at in range(3)]
    assert max(abs(fix.x_m - x_m) + abs(fix.y_m - y_m) for fix in fixes) < 0.1


def test_what_came_while_nobody_listened_is_made_up_for(day: Morning) -> None:
    """The engine was away over a whole visit: arrival, dwell and leaving in one go."""
    day.run("07:29")
    day.stand("t1", "p3", "07:30", "07:43", device="pda1")
    day.fix("t1", "07:44", HERE, speed=5, device="pda1")
    day.now_ms, day.read = day.at("08:00"), len(day.reports)
    day.lose_tracker()
    assert [one.change for one in day.restored] == ["arrived", "still", "still", "outside"]
    assert day.visit("p3/d1").status == "done"


def test_a_restart_makes_no_fact_twice(day: Morning) -> None:
    """What the state knows is not found again."""
    day.stand("t1", "p3", "07:28", "07:40", device="pda1")
    day.run("07:40")
    day.lose_tracker()
    assert day.restored == []


def test_no_fix_makes_a_fact_of_a_unit_that_nobody_knows(day: Morning) -> None:
    """Position facts are about units on duty only."""
    day.fix("t3", "06:10", "p3")
    day.fix("t9", "06:10", "p3")
    day.run("06:11")
    assert [one for one in day.facts if isinstance(one, Position)] == []


def test_time_that_nobody_saw_is_no_dwell(day: Morning) -> None:
    """Six minutes seen, twelve of silence, one minute seen: seven minutes, and no visit made."""
    for clock in ("07:30", "07:31", "07:32", "07:33", "07:34", "07:35", "07:36", "07:48", "07:49"):
        day.fix("t1", clock, day.where("p3"), speed=0.0, device="pda1")
    day.run("07:49:30")
    assert day.changes("t1") == ["arrived", "stale", "back"]
    assert stood_ms(day.visit("p3/d1"), day.at("07:49")) == 7 * 60_000
    assert day.visit("p3/d1").status == "arrived"
