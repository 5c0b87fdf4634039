"""Which crews find no vehicle together, against every way of giving them out."""

from dataclasses import replace
from itertools import permutations
from random import Random

import pytest
from rosters import problem

from config.ids import SquadronId, VehicleId
from scheduler.problem import Problem, Vehicle
from scheduler.repair import mender_of
from scheduler.roster import Duty, Roster, duty_id
from scheduler.solve.mend_offers import Stays
from scheduler.solve.mend_seats import crowded, seats_of

WEEK = problem(teams=3)
S0 = SquadronId("s0")


def car(name: str, seats: int, *withdrawn: tuple[int, int]) -> Vehicle:
    """A vehicle of the squadron."""
    return Vehicle(VehicleId(name), S0, seats, withdrawn)


def duty_of(week: Problem, n: int, start_min: int, end_min: int, own: str | None) -> Duty:
    """A team's duty on Monday with its whole crew."""
    crew = week.crews[0][list(week.teams)[n]]
    return Duty(
        duty_id(crew.id, week.dates[0]), crew.id, S0, week.dates[0], start_min, end_min, "patrol",
        crew.officer, crew.auxiliaries, week.posts[0].id, VehicleId(own) if own else None,
    )  # fmt: skip


def drawn(seed: int) -> tuple[Problem, list[tuple[Duty, int]]]:
    """Three duties with the people aboard, and vehicles too few or too small for them."""
    chance = Random(seed)  # noqa: S311 - repeatable
    cars = tuple(
        car(f"v{n}", chance.choice((2, 3, 5)), *[(600, 720)][: chance.randint(0, 1)])
        for n in range(chance.randint(1, 3))
    )  # fmt: skip
    week = replace(WEEK, vehicles=cars)
    taken = []
    for n in range(3):
        start, own = chance.choice((300, 480, 660)), chance.choice((None, "v0", "v1"))
        taken.append((duty_of(week, n, start, start + 240, own), chance.randint(1, 4)))
    return week, taken


def can_ride(week: Problem, taken: list[tuple[Duty, int]]) -> bool:
    """Whether there is any way to give each duty its own vehicle or one with room, and no two."""
    for given in permutations((*week.vehicles, *[None] * len(taken)), len(taken)):
        if all(
            vehicle is not None and vehicle.is_free(duty.start_min, duty.end_min)
            and (vehicle.id == duty.vehicle or vehicle.seats >= people)
            and not any(
                vehicle is other and duty.start_min < second.end_min
                and second.start_min < duty.end_min
                for (second, _), other in zip(taken[:n], given[:n], strict=True)
            )
            for n, ((duty, people), vehicle) in enumerate(zip(taken, given, strict=True))
        ):  # fmt: skip
            return True
    return False


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_what_is_crowded_cannot_ride_however_vehicles_are_given_out(first: int) -> None:
    """A lawful roster that is taken away would be a hole that need not be."""
    found = 0
    for seed in range(first, first + 50):
        week, taken = drawn(seed)
        needs = {n: (duty, seats_of(week, duty, people)) for n, (duty, people) in enumerate(taken)}
        for of in needs:
            names = crowded(week, of, needs)
            if names is not None:
                found += 1
                assert of in names
                assert not can_ride(week, [taken[n] for n in names]), seed
    assert found > 20


def test_a_crew_that_no_vehicle_takes_is_refused_whatever_all_others_do() -> None:
    """But who has the only one large enough: hundreds of rosters were tried for one crew."""
    week = replace(WEEK, vehicles=(car("v0", 5), car("v1", 5, (0, 1440)), car("v2", 2)),
                   crew_law="all")  # fmt: skip
    hole, other = duty_of(week, 1, 480, 960, "v1"), duty_of(week, 0, 480, 960, "v0")
    mender, laws = mender_of(week, Roster((other,)), [hole], S0, Stays())
    picks = dict(mender.as_it_is())
    team = list(week.teams)[2]
    number = next(n for n, choice in enumerate(mender.lines[team][0]) if choice.job == 0)
    picks[team] = (number, *picks[team][1:])
    (refused,) = laws.refused(picks)
    assert set(refused) == {(team, 0, number), (other.team, 0, 0)}
