"""Visits that a change leaves to nobody: who makes them then, and when."""

from dataclasses import replace

import numpy as np
import pytest
from rosters import problem
from test_repair import WAY_MIN, duty_of

from config.durations import DAY_MIN
from config.ids import MustArriveId, PlaceId, SquadronId, TeamId
from scheduler.drives import Drives
from scheduler.problem import Due, Problem
from scheduler.repair import Repaired
from scheduler.revisiting import revisited
from scheduler.roster import Duty, Roster, Visit
from scheduler.solve.mend_offers import Stays

POINT = MustArriveId("m")
DWELL_MIN = 12
WINDOW = DAY_MIN + 480, DAY_MIN + 960


def week_of(road_class: str = "residential") -> Problem:
    """Two teams at one post, and a point `WAY_MIN` away to be visited from 08:00 to 16:00."""
    whole = problem(teams=2)
    due = Due(POINT, PlaceId("x"), SquadronId("s0"), 1, *WINDOW, DWELL_MIN, road_class=road_class)
    way = Drives({0: 0, 1: 1}, np.array([[0, WAY_MIN], [WAY_MIN, 0]], dtype=np.int64))
    posts = tuple(replace(post, node=0) for post in whole.posts)
    return replace(whole, due=(due,), drives=way, posts=posts)


def on_tuesday(week: Problem, team: int) -> Duty:
    """A duty from 08:00 to 16:00."""
    return duty_of(week, TeamId(f"s0t{team}"), 1, 480)


def visiting(duty: Duty, after_min: int) -> Duty:
    """The duty with a visit so long after it begins."""
    at_min = duty.start_min + after_min
    return replace(duty, visits=(Visit(POINT, PlaceId("x"), at_min, at_min + DWELL_MIN),))


def test_a_duty_that_begins_later_makes_its_visit_later() -> None:
    """As near to the time that was planned as its crew can be there; nobody else is troubled."""
    week = week_of()
    own, other = visiting(on_tuesday(week, 0), 60), on_tuesday(week, 1)
    late = replace(own, start_min=own.start_min + 120, visits=())
    done = revisited(week, Roster((own, other)), Repaired(Roster((late, other))), Stays())
    now = {duty.id: duty for duty in done.roster.duties}
    assert now[own.id].visits[0].arrive_min == late.start_min + WAY_MIN
    assert now[other.id] == other
    assert done.moves[0].why == "visit"


def test_what_nobody_does_any_more_is_visited_by_another_whose_hours_stay() -> None:
    """At the time that was planned; that crew is told, and why."""
    week = week_of()
    lost, other = visiting(on_tuesday(week, 0), 60), on_tuesday(week, 1)
    done = revisited(week, Roster((lost, other)), Repaired(Roster((other,))), Stays())
    assert done.roster.duties == (replace(other, visits=lost.visits),)
    [move] = done.moves
    assert (move.team, move.why, move.of) == (other.team, "visit", lost)


@pytest.mark.parametrize("why", ["begun", "pinned", "crew", "desk", "squadron"])
def test_who_may_not_gets_no_visit_more(why: str) -> None:
    """What has begun or is pinned stays; a crew stands only where it is lawful."""
    week = week_of("motorway" if why == "crew" else "residential")
    lost, other = visiting(on_tuesday(week, 0), 60), on_tuesday(week, 1)
    other = replace(
        other, auxiliaries=() if why == "crew" else other.auxiliaries,
        kind="desk" if why == "desk" else "patrol",
        squadron=SquadronId("s9") if why == "squadron" else other.squadron,
    )  # fmt: skip
    stays = Stays(
        now_min=other.start_min + 1 if why == "begun" else None,
        pinned=frozenset(((other.team, other.date),) if why == "pinned" else ()),
    )
    found = Repaired(Roster((other,)))
    assert revisited(week, Roster((lost, other)), found, stays) == found


def test_two_visits_of_a_point_stay_apart() -> None:
    """The other crew goes there already: the one that is lost comes long enough after."""
    week = week_of()
    week = replace(week, due=(replace(week.due[0], visits=2),))
    lost, other = visiting(on_tuesday(week, 0), 60), visiting(on_tuesday(week, 1), 90)
    done = revisited(week, Roster((lost, other)), Repaired(Roster((other,))), Stays())
    first, second = done.roster.duties[0].visits
    assert second.arrive_min - first.leave_min >= week.spacing_min


def test_a_visit_stays_apart_from_those_of_other_points_at_its_place() -> None:
    """Another point stands at the same junction, and the only crew left goes there."""
    week = week_of()
    week = replace(week, due=(*week.due, replace(week.due[0], id=MustArriveId("n"))))
    lost, other = visiting(on_tuesday(week, 0), 60), visiting(on_tuesday(week, 1), 90)
    other = replace(other, visits=(replace(other.visits[0], must_arrive=MustArriveId("n")),))
    done = revisited(week, Roster((lost, other)), Repaired(Roster((other,))), Stays())
    first, second = done.roster.duties[0].visits
    assert second.arrive_min - first.leave_min >= week.spacing_min
