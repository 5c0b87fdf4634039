"""A week made easier by one step: a law relaxed, or one more unit somewhere. Nothing is solved."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from config.durations import DAY_MIN
from config.ids import SquadronId
from scheduler.problem import Layer, Problem
from scheduler.rules import laws_of
from scheduler.rules.base import Unit
from scheduler.slots import SLOT_MIN, SLOTS, lasting
from scheduler.solve.lines.rows import FloatArray

WORTH = 0.05
"""Points below which the price of a half hour is nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """A law whose number is relaxed by a step. name: Of the number in the settings' `limits`."""

    rule: str
    name: str
    unit: Unit
    before: int
    after: int

    def applied(self, problem: Problem) -> Problem:
        """The week with it."""
        return problem.limited(**{self.name: self.after})


@dataclass(frozen=True, slots=True)
class Extra:
    """One more unit of a squadron in the half hours [first, last) of the week.

    points: What it saves by the linear program, at most.
    """

    squadron: SquadronId
    first: int
    last: int
    points: float

    @property
    def hours(self) -> float:
        """How long it is there."""
        return (self.last - self.first) * SLOT_MIN / 60

    def applied(self, problem: Problem) -> Problem:
        """The week with one unit less needed then: the unit itself takes nobody and no vehicle."""
        there = np.zeros_like(problem.needed)
        there[problem.squadrons.index(self.squadron), self.first : self.last] = 1
        layers = tuple(
            Layer(np.maximum(layer.units - there, 0), layer.cost) for layer in problem.layers
        )
        return replace(problem, layers=layers)


def steps_of(problem: Problem, rules: Collection[str] = ()) -> list[Step]:
    """Each law that has a step, relaxed by it.

    Args:
        problem: The week.
        rules: Only these; empty: all.
    """
    found = []
    for rule in laws_of(problem):
        limit = rule.limit
        if limit is None or not limit.step or (rules and rule.id not in rules):
            continue
        before = getattr(problem.limits, limit.name)
        after = limit.relaxed(before)
        if after != before:
            found.append(Step(rule.id, limit.name, limit.unit, before, after))
    return found


def extras(problem: Problem, prices: FloatArray, most: int) -> list[Extra]:
    """Where one more unit is worth most: spans that one duty can fill, the dearest first.

    No two of a squadron overlap. The half hours after the week are the next week's.

    Args:
        problem: The week.
        prices: Of a unit in each half hour, shape (squadrons, slots).
        most: How many are wanted.
    """
    short = (problem.needed > problem.carried) & lasting(problem.slot_min)
    worth = np.where(short & (prices > WORTH), prices, 0.0)[:, :SLOTS]
    longest = min(60 * max(problem.limits.shift_lengths_h), DAY_MIN) // SLOT_MIN
    found = []
    for row, squadron in enumerate(problem.squadrons):
        left = worth[row].copy()
        for _ in range(most):
            sums = np.convolve(left, np.ones(longest), mode="valid")
            at = int(sums.argmax())
            there = np.flatnonzero(left[at : at + longest])
            if not len(there):
                break
            first, last = at + int(there[0]), at + int(there[-1]) + 1
            found.append(Extra(squadron, first, last, float(left[first:last].sum())))
            left[first:last] = 0.0
    return sorted(found, key=lambda one: -one.points)[:most]
