"""Crews that find no vehicle: together they are more than the vehicles with room for them.

Which of them is left without one is the accident of who came first. What is unlawful is that they
are on duty at once, whatever everybody else does: so one refusal says it for all rosters.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from scheduler.problem import Problem
from scheduler.roster import Duty

Key = TypeVar("Key")


def seats_of(problem: Problem, duty: Duty, least: int) -> int:
    """How many seats the vehicle of a duty has at least: that of people, or its own has fewer.

    Args:
        problem: With its vehicles.
        duty: Whose own vehicle is kept where it is free, however small.
        least: How many people are aboard at least.
    """
    own = [vehicle.seats for vehicle in problem.vehicles if vehicle.id == duty.vehicle]
    return min([least, *own])


def crowded(
    problem: Problem, of: Key, taken: Mapping[Key, tuple[Duty, int]]
) -> Sequence[Key] | None:
    """Duties that cannot all be, with one that got no vehicle among them.

    Args:
        problem: Of one squadron.
        of: The duty without one.
        taken: All duties, each with how many seats its vehicle has at least.

    Returns:
        One more than there are vehicles for them in some minute; None where that is not why.
    """
    duty, needed = taken[of]
    minutes = {duty.start_min}
    minutes |= {other.start_min for other, _ in taken.values()}
    minutes |= {first for vehicle in problem.vehicles for first, _ in vehicle.withdrawn}
    found: list[Sequence[Key]] = []
    for seats in {needed, *(vehicle.seats + 1 for vehicle in problem.vehicles)}:
        if seats > needed:
            continue
        large = [vehicle for vehicle in problem.vehicles if vehicle.seats >= seats]
        if not any(vehicle.is_free(duty.start_min, duty.end_min) for vehicle in large):
            return (of,)
        for minute in minutes:
            if not duty.start_min <= minute < duty.end_min:
                continue
            count = sum(vehicle.is_free(minute, minute + 1) for vehicle in large)
            others = [
                key for key, (other, need) in taken.items()
                if key != of and need >= seats and other.start_min <= minute < other.end_min
            ]  # fmt: skip
            if len(others) >= count:
                found.append((of, *others[:count]))
    return min(found, key=len, default=None)
