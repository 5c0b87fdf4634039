"""What a roster costs in each tier, and what none goes below.

A search gives one bound for all tiers together, and the least that contracts can cost. A tier's
own bound follows only where the tiers above it are as good as can be: before that, less may be had
by giving up more of a higher tier, and nothing is known.
"""

import math
from dataclasses import dataclass
from typing import Protocol, assert_never

import numpy as np

from config.durations import DAY_MIN
from scheduler.problem import Problem
from scheduler.roster import Roster
from scheduler.rules import Tier, cost_by_tier, rules_of
from scheduler.slots import DAYS, SLOT_MIN, lasting
from scheduler.solve.stated import stated
from scheduler.solve.weights import WEIGHT
from scheduler.terms import CostTerm, Count, Cover, Dislike, Prefer

NOISE = 1e-6
"""Of points: what rounding may add."""


class Bounded(Protocol):
    """A roster with what is known of all rosters."""

    @property
    def roster(self) -> Roster:
        """The roster."""
        ...

    @property
    def bound(self) -> float:
        """What the weighted cost of no roster goes below; 0: nothing is known."""
        ...

    @property
    def contract_least(self) -> int | None:
        """What the contract tier of no roster goes below; None: not known."""
        ...


@dataclass(frozen=True, slots=True)
class Certified:
    """Points of a tier. least: What no roster goes below that is as good in the tiers above."""

    tier: Tier
    cost: int
    least: int | None

    @property
    def gap(self) -> int | None:
        """Points that a better roster may save; None: not known."""
        return None if self.least is None else self.cost - self.least


def certified(problem: Problem, found: Bounded) -> tuple[Certified, ...]:
    """Each tier above the laws, the highest first."""
    costs = cost_by_tier(problem, found.roster)
    left, known, made = found.bound, True, list[Certified]()
    for tier, cost in costs.items():
        below = sum(WEIGHT[each] * _most(problem, each) for each in costs if each > tier)
        least: int | None = None
        if cost == 0:
            least = 0
        elif tier is Tier.CONTRACT:
            least = found.contract_least
        elif known and found.bound > 0:
            least = min(cost, max(0, math.ceil((left - below) / WEIGHT[tier] - NOISE)))
        made.append(Certified(tier, cost, least))
        known = known and least == cost
        left -= WEIGHT[tier] * cost
    return tuple(made)


def _most(problem: Problem, tier: Tier) -> int:
    """Points that any roster can cost in a tier at most; of wishes alone it is asked."""
    if tier is not Tier.WISH:
        return 0
    wishes = [rule for rule in rules_of(problem) if rule.tier is tier]
    return sum(_most_of(problem, term) for _, term in stated(problem, wishes).costs)


def _most_of(problem: Problem, term: CostTerm) -> int:
    """A team has a duty a day at most, and works no more than the law allows in a week."""
    match term:
        case Dislike():
            return DAYS * term.cost
        case Prefer():
            worked_min = min(DAYS * DAY_MIN, problem.limits.most_in_7_days_min)
            longest = max(0, worked_min - term.minutes)
            return -(-longest // SLOT_MIN) * term.over + -(-term.minutes // SLOT_MIN) * term.short
        case Count():
            return term.least * term.cost
        case Cover():
            return _most_of_cover(problem, term)
        case _:
            assert_never(term)


def _most_of_cover(problem: Problem, term: Cover) -> int:
    """In each half hour nobody is there, and every team is one too many."""
    total, below = np.zeros_like(term.carried), np.zeros_like(term.carried)
    for units, price in term.steps:
        total += price * np.maximum(units - below, 0)
        below = units
    everybody = term.carried + len(problem.teams)
    for above, price in term.over:
        total += price * np.maximum(everybody - above, 0)
    return int((total * lasting(problem.slot_min)).sum())
