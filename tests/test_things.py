"""One dealer of vehicles and PDAs: a repair does what advice finds lawful, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from random import Random

import pytest
from rosters import problem
from small_weeks import with_starts

from config.durations import DAY_MIN
from config.ids import DeviceId, SquadronId, TeamId, VehicleId
from config.settings import Limits
from scheduler.advice.candidates import candidates
from scheduler.nobody import nobody
from scheduler.problem import Problem, Vehicle
from scheduler.repair import repair
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import check
from scheduler.solve.mend_offers import Stays
from scheduler.things import at_once, dealt, lacks

S0 = SquadronId("s0")
CLOCKS_MIN = (360, 480, 840)
DAYS = 3
SEEDS = range(24)


def cars(*seats: int) -> tuple[Vehicle, ...]:
    """Vehicles with so many seats: v0, v1 …."""
    return tuple(Vehicle(VehicleId(f"v{n}"), S0, of) for n, of in enumerate(seats))


def week_of(seats: Sequence[int], teams: int = 4) -> Problem:
    """A week of teams of three with these vehicles."""
    limits = Limits(shift_lengths_h=(8,))
    week = with_starts(problem(teams=teams, limits=limits), CLOCKS_MIN)
    return replace(week, vehicles=cars(*seats))


def duty_of(week: Problem, team: str, day: int, start_min: int, vehicle: str | None) -> Duty:
    """A duty of eight hours with the whole crew."""
    crew, on = week.crews[day][TeamId(team)], week.dates[day]
    span = day * DAY_MIN + start_min, day * DAY_MIN + start_min + 480
    return Duty(
        duty_id(crew.id, on), crew.id, S0, on, *span, "patrol", crew.officer, crew.auxiliaries,
        week.posts[0].id, None if vehicle is None else VehicleId(vehicle),
    )  # fmt: skip


def withdrawn(week: Problem, duty: Duty) -> Problem:
    """The week without a duty's vehicle while it lasts."""
    gone = ((duty.start_min, duty.end_min),)
    left = (replace(v, withdrawn=gone) if v.id == duty.vehicle else v for v in week.vehicles)
    return replace(week, vehicles=tuple(left), _home={})


def case_of(seed: int) -> tuple[Problem, Roster, Duty]:
    """A lawful roster of three days in vehicles of all sizes, and a duty whose officer is away.

    In every second case its vehicle is away, too.
    """
    random = Random(seed)  # noqa: S311 - repeatable
    week = week_of([random.choice((2, 2, 3, 5)) for _ in range(random.choice((2, 3, 4)))])
    held: list[Duty] = []
    for day, team in product(range(DAYS), week.teams):
        new = duty_of(week, team, day, random.choice(CLOCKS_MIN), None)
        new = dealt(week, new, [one for one in held if at_once(one, new)], cramped=True)
        fits = not lacks(week, new) and not check(week, Roster((*held, new)))
        if fits and random.random() < 0.7:
            held.append(new)
    hole = random.choice(held)
    crews = [dict(crew) for crew in week.crews]
    del crews[week.day(hole.date)][hole.team]
    week = replace(week, crews=tuple(crews), _home={})
    return withdrawn(week, hole) if seed % 2 else week, Roster(tuple(held)), hole


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hole_has_a_lawful_candidate_exactly_when_one_team_can_mend_it(seed: int) -> None:
    """And who mends it is one of the candidates."""
    week, roster, hole = case_of(seed)
    roster = roster.replaced([hole.id])
    free = {one.team for one in candidates(week, roster, hole) if one.lawful}
    found = repair(week, roster, [hole], Stays())
    assert found is not None
    by_one = not found.undone and len(found.moves) == 1
    assert bool(free) == by_one
    if by_one:
        assert found.moves[0].team in free
    told = nobody(week, roster, hole)
    assert set(told["free"]) == free


def test_the_cases_are_of_all_kinds() -> None:
    """With candidates and without, and some that lack nothing but seats."""
    asked = [(week, roster.replaced([hole.id]), hole) for week, roster, hole in map(case_of, SEEDS)]
    told = [nobody(*one) for one in asked]
    assert {bool(one["free"]) for one in told} == {True, False}
    assert any("seats" in one["laws"] for one in told)
    assert any("vehicles" in one["laws"] for one in told)


def test_nobody_is_called_to_a_car_without_a_seat_and_the_reason_is_told() -> None:
    """The crews are three, their own car is withdrawn, one with two seats is free."""
    week = week_of((5, 2))
    hole = duty_of(week, "s0t0", 0, 480, "v0")
    week = withdrawn(week, hole)
    found = repair(week, Roster(()), [hole], Stays())
    assert found is not None
    assert [duty.id for duty in found.undone] == [hole.id]
    one, *_ = candidates(week, Roster(()), hole)
    assert [(breach.rule, breach.amount) for breach in one.broken] == [("seats", 1)]
    assert nobody(week, Roster(()), hole)["laws"] == {"seats": 3}


@pytest.mark.parametrize(("own", "taken", "cramped", "expected"), [
    ("v0", (), False, "v0"),  # its own, however small
    ("v1", ("v1",), False, "v3"),  # the smallest with a seat for each
    ("v1", ("v1", "v3", "v4"), False, None),
    ("v1", ("v1", "v3", "v4"), True, "v2"),  # with the most seats
])  # fmt: skip
def test_a_vehicle_is_its_own_or_one_with_a_seat_for_each(
    own: str, taken: Sequence[str], expected: str | None, *, cramped: bool
) -> None:
    """Of those that others do not have."""
    week = week_of((1, 3, 2, 4, 5), teams=6)
    others = [duty_of(week, f"s0t{n + 1}", 0, 480, name) for n, name in enumerate(taken)]
    duty = duty_of(week, "s0t0", 0, 480, own)
    found = dealt(week, duty, others, cramped=cramped)
    assert (found.vehicle, lacks(week, found)) == (expected, expected is None)


def test_a_squadron_without_pdas_has_none_where_others_have() -> None:
    """Where the district lists some, whoever goes without is told to."""
    week = replace(week_of((5,)), devices={"d1": SquadronId("s1")})
    duty = replace(duty_of(week, "s0t0", 0, 480, "v0"), device=DeviceId("d1"))
    found = dealt(week, duty, (), cramped=False)
    assert (found.device, lacks(week, found)) == (None, True)
