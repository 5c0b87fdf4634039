"""Visits count in a roster's cost: what nobody makes is priced, and crews are kept for it."""

from dataclasses import replace
from random import Random

import pytest
from full_weeks import lawful_lines, random_drives, random_week
from rosters import problem, span
from test_finish import T0, T1, T2, line
from test_visit_planner import due, duty_of, week_of

from config.ids import MustArriveId, PersonId, PlaceId, SquadronId, TeamId
from scheduler.advice.hole_words import cover_parts
from scheduler.costing import worth
from scheduler.problem import Problem, Task
from scheduler.roster import Duty, Roster, Visit
from scheduler.rules import Tier, check, cost_by_tier, shortfalls
from scheduler.rules.must_arrive import (
    MustArrivePoints,
    VisitsApart,
    VisitTimes,
    visits_left,
    visits_met,
)
from scheduler.solve.crew import crewed
from scheduler.solve.engine import Keeper
from scheduler.solve.finish import finish
from scheduler.solve.model import model_of
from scheduler.solve.places import equipped, posted
from scheduler.solve.tasking import tasked
from scheduler.solve.visits import visited

S0 = SquadronId("s0")
DRIVES = random_drives(Random(0))  # noqa: S311 - no secret


def missed(week: Problem, roster: Roster) -> list[tuple[str | None, int, int]]:
    """What the rule finds: point, visits, points of cost."""
    return [(one.point, one.units, one.amount) for one in MustArrivePoints().check(week, roster)]


def test_a_visit_that_nobody_makes_costs_half_an_hour_of_a_unit() -> None:
    """Two of two are missing with nobody there; one after somebody made the other."""
    week = week_of(due("m", 3, "08:00", "12:00", visits=2))
    assert missed(week, Roster()) == [("m", 2, 20)]
    duties, left = visited(week, [duty_of("06:00", "14:00")])
    assert left == {}
    assert missed(week, Roster(tuple(duties))) == []
    once = [replace(duty, visits=duty.visits[:1]) for duty in duties]
    assert missed(week, Roster(tuple(once))) == [("m", 1, 10)]
    assert visits_met(week, Roster(tuple(once))) == (1, 2)
    assert visits_left(week, Roster(tuple(once))) == ["m"]


def test_more_visits_than_due_make_up_for_no_other_point() -> None:
    """Each point counts by itself."""
    week = week_of(due("m", 3, "08:00", "10:00"), due("n", 4, "08:00", "10:00"))
    (duty,), _ = visited(week, [duty_of("06:00", "14:00")])
    twice = replace(duty, visits=(duty.visits[0], duty.visits[0]))
    name = {"m": "n", "n": "m"}[twice.visits[0].must_arrive]
    assert missed(week, Roster((twice,))) == [(name, 1, 10)]


def test_what_a_duty_is_worth_holds_its_visits() -> None:
    """Without it they cost, where nobody else has them; other points cost what they did."""
    week = week_of(due("m", 3, "08:00", "10:00"), due("n", 4, "20:00", "22:00"))
    duties, _ = visited(week, [duty_of("06:00", "14:00")])
    change = worth(week, Roster(tuple(duties)), duties[0])
    assert change[Tier.COVER, "must-arrive"] == 10


def test_of_the_cover_visits_are_told_apart() -> None:
    """They are no hole of units, nor spare."""
    week = week_of(due("m", 3, "08:00", "10:00"))
    told = cover_parts(shortfalls(week, Roster()))
    assert told["visits"] == 10
    assert sum(told.values()) == cost_by_tier(week, Roster())[Tier.COVER]


# --- crews are kept for them -------------------------------------------------------------------


T3 = TeamId("s0t3")
LEADING = {T0: line((0, "10:00", "22:00")), T3: line((0, "10:00", "22:00"))}
"""Who leads the day and who stands by: neither is there for the post."""


def rush(*, others: bool) -> Problem:
    """A school post and a visit on a main road at once; one of two crews may stand there.

    others: Whether the small crew can hold the post, too.
    """
    week = problem(teams=4, absent={"s0t2a0": [(0, 7 * 1440)]})
    wanted = frozenset() if others else frozenset(("drone",))
    task = Task("school", "school", S0, *span(0, "08:00", "10:00"), skills=wanted, on_road=True,
                road_class="residential", node=5)  # fmt: skip
    people, full = dict(week.persons), PersonId("s0t1o")
    people[full] = replace(people[full], skills=people[full].skills | {"drone"})
    return replace(
        week, persons=people, tasks=(task,), drives=DRIVES, _home={},
        due=(due("m", 3, "08:00", "10:00", road_class="primary"),),
    )  # fmt: skip


LINES = {T1: line((0, "06:00", "14:00")), T2: line((0, "06:00", "16:00")), **LEADING}
"""The full crew's duty is the shorter one: by itself it would get the post."""


def test_a_post_goes_to_the_crew_that_no_visit_asks_for() -> None:
    """The full crew makes the visit, the small one holds the post."""
    week = rush(others=True)
    found = finish(week, LINES)
    assert check(week, found.roster) == []
    told = {d.team: (d.tasks, len(d.visits)) for d in found.roster.duties if d.kind != "leader"}
    assert (told[T1], told[T2]) == (((), 1), (("school",), 0))
    assert found.missed == {}


def test_no_post_is_given_up_for_a_visit() -> None:
    """Where only the full crew can hold it, the visit is missed and priced."""
    week = rush(others=False)
    found = finish(week, LINES)
    assert {d.team: d.tasks for d in found.roster.duties if d.tasks} == {T1: ("school",)}
    assert found.missed == {"m": "no_time"}
    assert missed(week, found.roster) == [("m", 1, 10)]


@pytest.mark.parametrize("forty", range(2))
def test_giving_tasks_out_again_never_makes_a_roster_dearer(forty: int) -> None:
    """In random weeks: lawful, and as cheap as with the visits planned last; at times cheaper."""
    fewer = 0
    for seed in range(40 * forty, 40 * forty + 40):
        week = random_week(seed, teams=3 + seed % 3, due=20)
        lines = lawful_lines(week, seed)
        duties = posted(week, tasked(week, equipped(week, crewed(week, lines))))
        once = Roster(tuple(visited(week, duties)[0]))
        found = finish(week, lines).roster
        assert check(week, found) == [], seed
        before, after = (list(cost_by_tier(week, one).values()) for one in (once, found))
        assert after <= before, seed
        fewer += after < before
    assert fewer


def test_of_two_choices_of_lines_the_one_with_the_visit_is_kept() -> None:
    """As many hours at the same cost: but only one of them is there in the window."""
    week = replace(problem(teams=4), due=(due("m", 3, "08:00", "10:00"),), drives=DRIVES, _home={})
    keeper = Keeper(model_of(week), 0, None, None, counted=True)
    for start, end in (("12:00", "20:00"), ("06:00", "14:00"), ("12:00", "20:00")):
        keeper.take({T1: line((0, start, end)), **LEADING})
    assert keeper.solved is not None
    assert visits_met(week, keeper.solved.roster) == (1, 1)


# --- when they are made ------------------------------------------------------------------------


@pytest.mark.parametrize(("arrive", "leave", "amiss"), [
    (0, 0, 0), (-90, -90, 62), (0, -4, 4), (100, 100, 20), (1440, 1440, 1360),
])  # fmt: skip
def test_a_visit_outside_its_duty_or_window_or_too_short_breaks_a_law(
    arrive: int, leave: int, amiss: int
) -> None:
    """From 08:00 to 10:00, twelve minutes; the planned one is moved by hand."""
    week = week_of(due("m", 3, "08:00", "10:00", dwell_min=12))
    (duty,), _ = visited(week, [duty_of("06:00", "14:00")])
    at = span(0, "08:28", "08:40")
    moved = replace(duty.visits[0], arrive_min=at[0] + arrive, leave_min=at[1] + leave)
    found = VisitTimes().check(week, Roster((replace(duty, visits=(moved,)),)))
    assert sum(one.amount for one in found) == amiss


def test_two_visits_of_a_unit_are_as_far_apart_as_the_drive() -> None:
    """At two places in the same minutes, one after the other without a drive, and with it."""
    week = week_of(due("m", 3, "08:00", "10:00"), due("n", 4, "08:00", "10:00"))
    (duty,), _ = visited(week, [duty_of("06:00", "14:00")])
    drive_min = week.drives(3, 4)
    assert drive_min > 0
    (first,) = (one for one in duty.visits if one.must_arrive == "m")
    (second,) = (one for one in duty.visits if one.must_arrive == "n")
    at = span(0, "08:00", "10:00")[0]
    one = replace(first, arrive_min=at, leave_min=at + 12)
    for wait, amiss in ((-12, 12 + drive_min), (0, drive_min), (drive_min, 0)):
        other = replace(second, arrive_min=at + 12 + wait, leave_min=at + 24 + wait)
        found = VisitTimes().check(week, Roster((replace(duty, visits=(one, other)),)))
        assert sum(one.amount for one in found) == amiss


@pytest.mark.parametrize(("node", "wait_min", "short"), [
    (3, 90, 0), (3, 89, 1), (3, 2, 88), (3, -5, 95), (4, 2, 0),
])  # fmt: skip
def test_two_visits_of_one_place_are_as_far_apart_as_the_district_asks(
    node: int, wait_min: int, short: int
) -> None:
    """Whoever makes them, and whichever point they are of; elsewhere nothing is asked."""
    week = week_of(due("m", 3, "08:00", "12:00"), due("n", node, "08:00", "12:00"))
    one = stay("m", 0, wait_min=0)
    other = stay("n", 1, wait_min=12 + wait_min)
    found = list(VisitsApart().check(week, Roster((other, one))))
    assert [(b.duty, b.point, b.amount) for b in found] == [(other.id, "n", short)] * (short > 0)


@pytest.mark.parametrize(("checks", "short"), [("mn", 0), ("m", 78), ("n", 78), ("", 78)])
def test_units_of_a_night_check_follow_each_other_at_once(checks: str, short: int) -> None:
    """They share out its hours; a patrol comes neither soon before nor soon after."""
    points = (replace(due(name, 3, "08:00", "12:00"), check=name in checks) for name in "mn")
    roster = Roster((stay("m", 0, wait_min=0), stay("n", 1, wait_min=24)))
    found = VisitsApart().check(week_of(*points), roster)
    assert sum(one.amount for one in found) == short


def stay(point: str, team: int, wait_min: int) -> Duty:
    """A duty with a visit of twelve minutes, so long after eight."""
    at = span(0, "08:00", "09:00")[0] + wait_min
    duty = duty_of("06:00", "14:00", team)
    return replace(duty, visits=(Visit(MustArriveId(point), PlaceId("x"), at, at + 12),))


def test_no_plan_of_a_random_week_has_a_visit_at_a_wrong_time() -> None:
    """What the planner of visits gives keeps both laws by itself."""
    seen = 0
    for seed in range(40):
        week = random_week(seed, teams=4, due=20)
        roster = finish(week, lawful_lines(week, seed)).roster
        seen += sum(len(duty.visits) for duty in roster.duties)
        for law in (VisitTimes(), VisitsApart()):
            assert not list(law.check(week, roster)), (seed, law.id)
    assert seen > 100
