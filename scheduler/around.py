"""What the published weeks around a week mean to it: who works in them, who is still on duty."""

from collections.abc import Callable, Iterable

import numpy as np

from config.ids import PersonId, SquadronId
from scheduler.problem import IntArray, Worked
from scheduler.shares import Earlier

OfMs = Callable[[int], int]
"""The minute of the week of a moment."""


def worked_by(of_ms: OfMs, duties: Iterable[Earlier]) -> dict[PersonId, tuple[Worked, ...]]:
    """What each person works in duties of other weeks, in order of start."""
    found: dict[PersonId, list[Worked]] = {}
    for duty in sorted(duties, key=lambda duty: duty.start_ms):
        worked = Worked(duty.date, of_ms(duty.start_ms), of_ms(duty.end_ms))
        for person in duty.people:
            found.setdefault(person, []).append(worked)
    return {person: tuple(own) for person, own in found.items()}


def carried(
    of_ms: OfMs, slot_min: tuple[int, ...], squadrons: tuple[SquadronId, ...],
    earlier: Iterable[Earlier],
) -> IntArray:  # fmt: skip
    """Units of the week before that are still on duty, shape (squadrons, slots)."""
    bounds = np.array(slot_min)
    units = np.zeros((len(squadrons), len(bounds) - 1), dtype=np.int64)
    for duty in earlier:
        end_min = of_ms(duty.end_ms)
        if end_min > 0 and duty.squadron in squadrons:
            units[squadrons.index(duty.squadron)] += bounds[1:] <= end_min
    return units
