"""Least change: against every roster that there is, on weeks small enough to list them all."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from random import Random
from typing import ClassVar

import numpy as np
import pytest
from rosters import problem
from small_weeks import past_of, with_starts

from config.durations import DAY_MIN
from config.ids import MustArriveId, PlaceId, SquadronId, TeamId
from config.settings import Limits
from scheduler.drives import Drives
from scheduler.nobody import nobody
from scheduler.problem import Due, Problem, Worked
from scheduler.repair import repair
from scheduler.roster import Duty, Roster, Visit, duty_id
from scheduler.rules import Breach, Tier, check, rules_of
from scheduler.rules.base import Asks, Limit
from scheduler.solve.mend_offers import (
    GONE,
    MOST_MOVE_MIN,
    MOVED,
    NEW,
    OTHER,
    UNDONE,
    Offers,
    Stays,
    reached,
)
from scheduler.terms import Dislike, Term

CLOCKS_MIN = (360, 480, 840, 1260)
PEOPLE = 3
"""Of each team, all there every day."""
DAYS = 3


def week_of(seed: int) -> Problem:
    """Three teams with pasts."""
    random = Random(seed)  # noqa: S311 - repeatable
    past = {f"s0t{n}o": past_of(random) for n in range(3) if random.random() < 0.7}
    limits = Limits(shift_lengths_h=(8,), start_drift_min=random.choice((240, 600)))
    return with_starts(problem(teams=3, past=past, limits=limits), CLOCKS_MIN)


def duty_of(week: Problem, team: TeamId, day: int, start_min: int) -> Duty:
    """A duty of 8 hours with its whole crew and a vehicle of the team's own."""
    crew = week.crews[day][team]
    return Duty(
        duty_id(team, week.dates[day]), team, crew.squadron, week.dates[day],
        day * DAY_MIN + start_min, day * DAY_MIN + start_min + 480, "patrol", crew.officer,
        crew.auxiliaries, week.posts[0].id, week.vehicles[list(week.teams).index(team)].id,
    )  # fmt: skip


def lawful(week: Problem, duties: list[Duty]) -> bool:
    """At the least with the officers alone: at a local post that is a lawful crew."""
    return not check(week, Roster(tuple(replace(d, auxiliaries=()) for d in duties)))


def rosters_of(week: Problem, seed: int) -> Roster:
    """A lawful roster of three days, as full as chance makes it."""
    random = Random(seed)  # noqa: S311 - repeatable
    held: list[Duty] = []
    for day, team in product(range(DAYS), week.teams):
        new = duty_of(week, team, day, random.choice(CLOCKS_MIN))
        if random.random() < 0.6 and lawful(week, [*held, new]):
            held.append(new)
    return Roster(tuple(held))


Line = tuple[int, tuple[Duty, ...], frozenset[int]]
"""What it changes, its duties, and the work that it does, by number."""


def lines_of(week: Problem, team: TeamId, work: list[Duty], own: Roster) -> Iterator[Line]:
    """Every lawful line of a team that begins with what it has."""
    days = []
    for day in range(DAYS):
        was = next(
            (d for d in own.duties if d.team == team and d.date == week.dates[day]), None
        )  # fmt: skip
        offers: list[tuple[int, Duty | None, int | None]] = [
            (0 if was is None else GONE, None, None)
        ]
        for number, duty in enumerate(work):
            start_min = duty.start_min - day * DAY_MIN
            if duty.date != week.dates[day]:
                continue
            as_own = duty_of(week, team, day, start_min)
            if was is not None and duty.id == was.id:
                offers.append((0, as_own, number))
                offers += [
                    (MOVED, duty_of(week, team, day, clock), number) for clock in CLOCKS_MIN
                    if 0 < abs(clock - start_min) <= MOST_MOVE_MIN
                ]  # fmt: skip
            else:
                offers.append((OTHER if was else NEW, as_own, number))
        days.append(offers)
    for line in product(*days):
        duties = [duty for _, duty, _ in line if duty is not None]
        if lawful(week, duties):
            yield (
                PEOPLE * sum(weight for weight, _, _ in line), tuple(duties),
                frozenset(number for _, _, number in line if number is not None),
            )  # fmt: skip


def least_of_all(week: Problem, work: list[Duty], own: Roster, hole: Duty) -> int:
    """Points of the best of all rosters in which the absent team is absent."""
    each = [
        [
            line for line in lines_of(week, team, work, own)
            if team != hole.team or all(duty.date != hole.date for duty in line[1])
        ]
        for team in week.teams
    ]  # fmt: skip
    best = UNDONE * len(work) + 1
    for a, b, c in product(*each):
        done = len(a[2]) + len(b[2]) + len(c[2])
        if done == len(a[2] | b[2] | c[2]):
            best = min(best, UNDONE * (len(work) - done) + a[0] + b[0] + c[0])
    return best


def hole_of(week: Problem, roster: Roster, seed: int) -> tuple[Problem, Roster, Duty]:
    """One duty whose officer is away on its date."""
    hole = Random(seed).choice(roster.duties)  # noqa: S311 - repeatable
    day = week.day(hole.date)
    crews = tuple(
        {name: team for name, team in crew.items() if n != day or name != hole.team}
        for n, crew in enumerate(week.crews)
    )
    return replace(week, crews=crews, _home={}), roster.replaced([hole.id]), hole


@pytest.mark.parametrize("seed", range(24))
def test_no_roster_of_all_changes_less(seed: int) -> None:
    """Undone work and change together are as small as in the list, and said to be proven."""
    whole = week_of(seed)
    week, roster, hole = hole_of(whole, rosters_of(whole, seed), seed)
    found = repair(week, roster, [hole], Stays(), 60)
    assert found is not None
    assert not check(week, found.roster)
    work = [hole, *roster.duties]
    expected = least_of_all(whole, work, roster, hole)
    assert UNDONE * len(found.undone) + found.weight == expected
    assert found.proven


@dataclass(frozen=True, slots=True)
class FreeMonday:
    """A team would rather have nothing on Monday."""

    id: ClassVar[str] = "free-monday"
    tier: ClassVar[Tier] = Tier.WISH
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = None
    team: TeamId

    def terms(self, _: Problem) -> Iterator[Term]:
        """A dislike of the day."""
        yield Dislike(self.team, (0,), nights=False, cost=5)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Its duties of the day."""
        for duty in roster.duties:
            if duty.team == self.team and problem.day(duty.date) == 0:
                yield Breach(self.id, self.tier, 5, duty.officer, duty.id)


@pytest.mark.parametrize(("spared", "taken"), [("s0t1", "s0t2"), ("s0t2", "s0t1")])
def test_a_wish_that_is_added_has_its_price_in_a_repair(
    spared: str, taken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two teams that are as free, the one that does not mind takes the duty over."""
    whole = with_starts(problem(teams=3, limits=Limits(shift_lengths_h=(8,))), CLOCKS_MIN)
    week, roster, hole = hole_of(whole, Roster((duty_of(whole, TeamId("s0t0"), 0, 480),)), 0)
    wish = FreeMonday(TeamId(spared))
    monkeypatch.setattr("scheduler.solve.mend_week.rules_of", lambda of: (*rules_of(of), wish))
    found = repair(week, roster, [hole], Stays(), 60)
    assert found is not None
    assert [duty.team for duty in found.roster.duties] == [taken]


WAY_MIN = 25
"""From the post to the point, and back."""


def with_a_point(week: Problem, duty: Duty, road_class: str | None) -> tuple[Problem, Duty]:
    """A week with a point `WAY_MIN` from the posts, and the duty with a stay in its middle hours.

    It arrives an hour after it starts, and leaves an hour before it ends.
    """
    at = Visit(MustArriveId("m"), PlaceId("x"), duty.start_min + 60, duty.end_min - 60)
    due = Due(MustArriveId("m"), PlaceId("x"), SquadronId("s0"), 1, at.arrive_min, at.leave_min,
              road_class=road_class)  # fmt: skip
    way = Drives({0: 0, 1: 1}, np.array([[0, WAY_MIN], [WAY_MIN, 0]], dtype=np.int64))
    posts = tuple(replace(post, node=0) for post in week.posts)
    return replace(week, due=(due,), drives=way, posts=posts), replace(duty, visits=(at,))


def test_a_duty_is_moved_only_as_far_as_it_still_drives_to_its_visits_and_back() -> None:
    """An hour's room, less the way of 25 min: half an hour sooner or later, not three quarters."""
    whole = problem(teams=2, limits=Limits(shift_lengths_h=(8,)), grid_min=15)
    week, duty = with_a_point(whole, duty_of(whole, TeamId("s0t0"), 0, 480), "residential")
    offers = Offers(week, Roster((duty,)), [], SquadronId("s0"), Stays())
    moved = {
        one.start_min - duty.start_min for (team, _, _), one in offers.duties.items()
        if one is not None and team == duty.team
    }  # fmt: skip
    assert moved == {-30, -15, 0, 15, 30}


@pytest.mark.parametrize(("start", "end", "made"), [(35, 0, 1), (36, 0, 0), (0, 35, 1), (0, 36, 0)])
def test_what_is_left_of_a_duty_has_the_visits_that_are_reached_from_its_post(
    start: int, end: int, made: int
) -> None:
    """And from which its crew is back in time."""
    whole = problem(teams=2)
    week, duty = with_a_point(whole, duty_of(whole, TeamId("s0t0"), 0, 480), None)
    left = replace(duty, start_min=duty.start_min + start, end_min=duty.end_min - end)
    assert len(reached(week, left, duty).visits) == made


def test_an_officer_alone_whose_visits_are_on_local_roads_steps_in() -> None:
    """Their week breaks no law, so it may be changed: on such a road one officer is a crew."""
    whole = problem(teams=2, auxiliaries=0, limits=Limits(shift_lengths_h=(8,)))
    ill, own = (duty_of(whole, TeamId(f"s0t{n}"), day, 480) for n, day in ((0, 0), (1, 2)))
    week, own = with_a_point(whole, own, "residential")
    assert not check(week, Roster((own,)))
    week, roster, hole = hole_of(week, Roster((ill,)), 0)
    found = repair(week, roster.replaced((), [own]), [hole], Stays(), 60)
    assert found is not None
    assert [duty.team for duty in found.roster.duties] == ["s0t1", "s0t1"]


def test_a_hole_says_what_keeps_each_of_the_others_away() -> None:
    """One has a duty that day, one came home ten hours before, one could; each breach is told."""
    week = with_starts(problem(teams=4, limits=Limits(shift_lengths_h=(8,))), CLOCKS_MIN)
    late = Worked(week.dates[0] - timedelta(1), -360, -240)
    persons = {
        name: replace(one, past=(late,)) if name.startswith("s0t2") else one
        for name, one in week.persons.items()
    }  # fmt: skip
    hole, busy = (duty_of(week, TeamId(f"s0t{n}"), 0, 360) for n in (0, 1))
    told = dict(nobody(replace(week, persons=persons, _home={}), Roster((busy,)), hole))
    kept = {(one["rule"], one["duty"]) for one in told.pop("kept")}
    assert (told, kept) == (
        {"teams": 3, "busy": 1, "laws": {"rest-between-duties": 1}, "free": ["s0t3"]},
        {("rest-between-duties", f"s0t2@{hole.date}")},
    )
