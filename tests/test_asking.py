"""Crashes close together make their section ask for a visit, which decays and lapses.

Every step of these mornings is folded from its frame as well, and ends in the same state.
"""

from pathlib import Path

import pytest
from patrolled import Morning, duty

from config.ids import VisitId
from config.roads import Spot
from config.words import words
from dispatch.asking import FARTHEST_MS, reach_at_ms, sections_at
from dispatch.state import Visit
from events.decisions import Line, Order, Warning  # noqa: A004 - the format's word

ON = {"section_crashes": 2}
STREET = "当代路"
MINUTE_MS = 60_000


def morning(folder: Path, **rules: int) -> Morning:
    """A patrol of each squadron from six to two at its station; n01 to n51 lie on one street."""
    day = Morning(folder, dispatch=rules)
    day.roster(duty("d1", "t1"), duty("d2", "t2", squadron="s2"))
    day.sign_in("t1", "06:00")
    day.sign_in("t2", "06:00")
    return day


@pytest.fixture
def day(tmp_path: Path) -> Morning:
    """A morning on which two crashes within the hour are enough."""
    return morning(tmp_path, **ON)


def crash(day: Morning, clock: str, junction: str, **told: object) -> None:
    """A crash for which nobody need be sent, so that patrols stay free."""
    day.run(clock)
    report = {"kind": "crash", "severity": "damage", "junction": junction, "units": 0}
    day.tell("incident_reported", report | told)


def asked(day: Morning) -> list[Visit]:
    """The visits that sections asked for."""
    return [visit for visit in day.state.visits.values() if visit.section is not None]


def lines(day: Morning, text: str) -> list[Line]:
    """Console lines of a text."""
    return [one for one in day.lines if one.text == text]


def test_two_crashes_within_the_hour_make_their_section_ask(day: Morning) -> None:
    """The nearest free patrol of the squadron goes to the newer one, at once."""
    crash(day, "08:00", "n01")
    crash(day, "08:40", "n21")
    [visit] = asked(day)
    assert (visit.section, visit.squadron) == (STREET, "s1")
    assert day.ground.district.roads.node_ids[visit.spot.node or 0] == "n21"
    [(clock, order)] = day.orders()
    assert (clock, order.unit, order.about.visit) == ("08:40:00", "t1", visit.id)
    assert order.why.rule == "visit_asked"


def test_the_console_says_so_and_why_in_both_languages(day: Morning) -> None:
    """As data, rendered by the viewer's words."""
    crash(day, "08:00", "n01")
    crash(day, "08:40", "n21")
    [line] = lines(day, "visit.asked")
    assert (line.kind, line.fields) == (
        "due_soon", {"section": STREET, "crashes": 2, "minutes": 60},
    )  # fmt: skip
    assert line.why is not None
    for lang, told in (("en", "2 crashes within 60 min"), ("zh-CN", "60 分钟内发生 2 起事故")):
        say = words(lang)
        assert told in say(f"line.{line.text}", **(line.fields or {}))
        assert say(f"why.{line.why.rule}", by="-", chosen="-")


@pytest.mark.parametrize(("clock", "junction", "told"), [
    ("09:01", "n21", {}),  # more than an hour later
    ("08:40", "n23", {}),  # on another street, and another avenue
    ("08:40", "n21", {"kind": "breakdown", "severity": "none"}),
    ("08:05", "n01", {}),  # so near in place and time that it may be the same one
])  # fmt: skip
def test_what_is_no_second_crash_there_asks_for_nothing(
    day: Morning, clock: str, junction: str, told: dict[str, object]
) -> None:
    """Each differs in one thing from two crashes on a street within the hour."""
    crash(day, "08:00", "n01")
    crash(day, clock, junction, **told)
    assert asked(day) == []


def test_a_false_alarm_does_not_count(day: Morning) -> None:
    """It was cancelled before the second came."""
    crash(day, "08:00", "n01", incident="i1", units=1)
    day.tell("command_given", {"command": "cancel", "incident": "i1", "by": "o2"})
    crash(day, "08:40", "n21")
    assert asked(day) == []


def test_a_district_that_does_not_want_it_is_not_asked(tmp_path: Path) -> None:
    """As long as its settings say nothing."""
    day = morning(tmp_path)
    crash(day, "08:00", "n01")
    crash(day, "08:40", "n21")
    assert asked(day) == []


def test_a_visit_that_was_asked_for_is_made_by_its_dwell(day: Morning) -> None:
    """By the track, as any visit."""
    crash(day, "08:00", "n01")
    crash(day, "08:40", "n21")
    day.stand("t1", "p3", "08:41", "08:42")
    spot = day.ground.district.roads.where(asked(day)[0].spot)
    day.stand("t1", spot, "08:45", "08:59")
    day.run("09:05")
    assert (day.ends(), asked(day)[0].status) == (["done"], "done")


def test_it_decays_until_it_lapses_and_is_not_missed(day: Morning) -> None:
    """Nobody is free all the time; no missed visit, none carried over."""
    for team in ("t1", "t2"):
        day.tell("status_reported", {"unit": team, "status": "meal"})
    crash(day, "08:00", "n01")
    crash(day, "08:40", "n21")
    day.run("11:39")
    assert asked(day)[0].status == "planned"
    day.run("11:41")
    assert asked(day)[0].status == "cancelled"
    assert [line.kind for line in lines(day, "visit.lapsed")] == ["clear"]
    rules = {one.rule for _, one in day.decisions if isinstance(one, Warning)}
    assert not rules & {"visit_missed", "visit_carried", "visit_due_soon", "visit_overdue"}


def test_a_patrol_is_taken_from_ever_nearer_by(day: Morning) -> None:
    """Half its time gone it reaches half as far, and in the end nowhere."""
    crash(day, "08:00", "n01")
    crash(day, "08:40", "n21")
    [visit] = asked(day)
    reach = [reach_at_ms(visit, day.at(clock)) for clock in ("08:40", "10:10", "11:40", "12:00")]
    assert reach == [FARTHEST_MS, FARTHEST_MS // 2, 0, 0]


def test_who_comes_free_too_late_is_too_far(day: Morning) -> None:
    """Thirteen minutes before it lapses nobody beyond 87 seconds of driving is sent."""
    day.tell("status_reported", {"unit": "t1", "status": "meal"})
    crash(day, "08:00", "n00")
    crash(day, "08:40", "n04")
    day.run("11:27")
    day.tell("status_reported", {"unit": "t1", "status": "free"})
    assert [one for _, one in day.decisions if isinstance(one, Order)] == []


def test_another_crash_asks_anew(day: Morning) -> None:
    """One visit a section at a time; its three hours begin again."""
    day.tell("status_reported", {"unit": "t1", "status": "meal"})
    for clock, junction in (("08:00", "n01"), ("08:40", "n21"), ("09:10", "n11")):
        crash(day, clock, junction)
    [visit] = asked(day)
    assert visit.window_end_ms == day.at("12:10")


def test_a_new_roster_leaves_it(day: Morning) -> None:
    """It is nobody's duty."""
    for team in ("t1", "t2"):
        day.tell("status_reported", {"unit": team, "status": "meal"})
    crash(day, "08:00", "n01")
    crash(day, "08:40", "n21")
    day.roster(duty("d1", "t1"), duty("d2", "t2", squadron="s2"), duty("d3", "t3"))
    assert [visit.status for visit in asked(day)] == ["planned"]


def test_an_incident_takes_the_patrol_and_it_comes_back(day: Morning) -> None:
    """As from any visit; the section goes on asking."""
    crash(day, "08:00", "n01")
    crash(day, "08:40", "n21")
    crash(day, "08:41", "n13", units=1, incident="i3")
    assert [visit.order for visit in asked(day)] == [None]
    assert day.ends() == ["preempted"]


def test_sections_meet_at_a_junction(day: Morning) -> None:
    """A crash there is on all of them."""
    node = day.ground.district.roads.node_ids.index("n21")
    assert sections_at(Spot(node=node), day.ground) == {STREET, "文一路"}


def test_its_id_names_the_crash(day: Morning) -> None:
    """So that a replay gives the same bytes."""
    crash(day, "08:00", "n01", incident="i1")
    crash(day, "08:40", "n21", incident="i2")
    assert [visit.id for visit in asked(day)] == [VisitId("asked/i2")]


def command(day: Morning, name: str, **told: object) -> None:
    """A person's command."""
    day.tell("command_given", {"command": name, "by": "o2", **told})


def nowhere(day: Morning, clock: str, incident: str) -> None:
    """A crash of which only words tell where it was."""
    day.run(clock)
    report = {"kind": "crash", "severity": "damage", "text": "by the bridge"}
    day.tell("incident_reported", report | {"incident": incident})


@pytest.mark.parametrize("first", ["08:00", "08:40"])
def test_a_crash_that_is_located_later_counts(day: Morning, first: str) -> None:
    """Whether it was the earlier one of the two, or the later one."""
    second = "08:40" if first == "08:00" else "08:00"
    for clock in sorted((first, second)):
        if clock == first:
            nowhere(day, clock, "i1")
        else:
            crash(day, clock, "n21")
    assert asked(day) == []
    command(day, "locate", incident="i1", junction="n01")
    assert [visit.section for visit in asked(day)] == [STREET]


def test_a_crash_that_is_located_twice_asks_once(day: Morning) -> None:
    """A correction within the section begins no three hours anew."""
    day.tell("status_reported", {"unit": "t1", "status": "meal"})
    crash(day, "08:00", "n21")
    nowhere(day, "08:40", "i1")
    command(day, "locate", incident="i1", junction="n01")
    day.run("09:10")
    command(day, "locate", incident="i1", junction="n01")
    assert len(lines(day, "visit.asked")) == 1


def test_a_crash_that_is_located_when_its_time_is_over_asks_for_nothing(day: Morning) -> None:
    """Its three hours began when it was reported."""
    crash(day, "08:00", "n21")
    nowhere(day, "08:40", "i1")
    day.run("11:39")
    command(day, "locate", incident="i1", junction="n01")
    assert asked(day) == []


def test_a_crash_merged_into_one_that_is_nowhere_counts(day: Morning) -> None:
    """It is the same crash, and known by where the second report says it was."""
    nowhere(day, "07:55", "i1")
    crash(day, "08:00", "n01", incident="i2", units=1)
    command(day, "merge", incident="i2", into="i1")
    crash(day, "08:40", "n21")
    assert len(asked(day)) == 1


def test_a_crash_merged_into_another_of_the_section_counts_once(day: Morning) -> None:
    """Two reports of one crash are no second crash."""
    for team in ("t1", "t2"):
        day.tell("status_reported", {"unit": team, "status": "meal"})
    crash(day, "08:00", "n01", incident="i1", units=1)
    crash(day, "08:05", "n51", incident="i2", units=1)
    assert len(asked(day)) == 1
    command(day, "merge", incident="i2", into="i1")
    assert [visit.status for visit in asked(day)] == ["cancelled"]


def test_a_merged_crash_that_is_located_after_it_was_counted_asks_no_second_time(
    day: Morning,
) -> None:
    """It was known by the report that was merged into it."""
    nowhere(day, "07:55", "i1")
    crash(day, "08:00", "n01", incident="i2", units=1)
    command(day, "merge", incident="i2", into="i1")
    crash(day, "08:40", "n21")
    command(day, "locate", incident="i1", junction="n01")
    assert len(lines(day, "visit.asked")) == 1
