"""Rounds of column generation: solve the master, price every group, add what helps; and a bound.

With any prices the Lagrangian says what no roster can go below, so every full round may improve
the certificate. Prices are smoothed towards the best ones so far (Wentges), which spares rounds.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scheduler.solve.budget import Budget
from scheduler.solve.lines.master import Master
from scheduler.solve.lines.pool import Pool
from scheduler.solve.lines.pricing import Priced, Pricer
from scheduler.solve.lines.problem import TOLERANCE, FloatArray, IntArray, LineProblem

SMOOTHING = 0.5


def rounded_up(problem: LineProblem, bound: float) -> float:
    """The bound as the least cost that a roster may have."""
    if bound == -math.inf:
        return bound
    return problem.rounded_up(bound - TOLERANCE * max(1.0, abs(bound) * 1e-3))


def lagrangian(
    problem: LineProblem, want: IntArray, prices: FloatArray, priced: Sequence[Priced],
    sizes: IntArray,
) -> float:  # fmt: skip
    """What no roster can go below.

    Args:
        problem: What is asked.
        want: What is wanted in each row.
        prices: Of each row, any.
        priced: The best line of every group that has people.
        sizes: People of each group.
    """
    held = np.clip(prices, *problem.limits)
    if np.abs(held - prices).max(initial=0.0) > TOLERANCE:
        return -math.inf
    rows = float(want @ held) + problem.rows.slacks.bound(held) + problem.rows.constant
    return rows + float(sum(sizes[one.group] * one.bound for one in priced))


@dataclass
class Generated:
    """Where column generation stands. bound: not rounded."""

    value: float
    bound: float
    prices: FloatArray


@dataclass
class Generation:
    """Column generation on one master.

    many: Lines a group and round. settled: Cost of what is fixed. near: A bound nearer to the
    value than this share is near enough. smoothing: how near the best prices so far new ones are
    sought. told: Hears better bounds.
    """

    pool: Pool
    pricer: Pricer
    master: Master
    want: IntArray
    sizes: IntArray
    many: int = 4
    settled: float = 0.0
    near: float = 0.0
    smoothing: float = SMOOTHING
    told: Callable[[float], None] | None = None
    best: Generated | None = None

    def run(self, budget: Budget, rounds: int = 10_000, centre: FloatArray | None = None,
            enough: float = -math.inf) -> Generated:  # fmt: skip
        """Until nothing helps, the bound says enough, or the budget ends.

        Args:
            budget: When to stop.
            rounds: Most rounds.
            centre: Prices to begin near.
            enough: Stop when the bound reaches this (a roster of that cost is held already).
        """
        problem = self.pool.problem
        open_groups = np.flatnonzero(self.sizes > 0).tolist()
        value, prices, duals = self.master.solve(budget.left_s)
        best = Generated(value, -math.inf, prices if centre is None else centre)
        self.best = best
        smooth = self.smoothing
        for _ in range(rounds):
            at = (1 - smooth) * prices + smooth * best.prices
            at = np.clip(at, *problem.limits)
            priced = self.pricer.price_all(open_groups, at, self.many)
            bound = self.settled + lagrangian(problem, self.want, at, priced, self.sizes)
            if bound > best.bound:
                best.bound, best.prices = bound, at
                if self.told is not None:
                    self.told(bound)
            best.value = value
            if budget.over():
                break
            new = self._add(priced, prices, duals)
            if best.bound >= min(enough, value) - TOLERANCE or self._close(best):
                break
            if not new:
                if smooth == 0.0:
                    break
                smooth = 0.0
                continue
            smooth = self.smoothing
            value, prices, duals = self.master.solve(budget.left_s)
        best.value = value
        return best

    def _close(self, best: Generated) -> bool:
        """Whether more rounds cannot lift the rounded bound."""
        problem = self.pool.problem
        if best.value - best.bound <= self.near * abs(best.value):
            return True
        least = problem.rounded_up(best.value - TOLERANCE)
        return problem.step > 0 and rounded_up(problem, best.bound) >= least

    def _add(self, priced: Sequence[Priced], prices: FloatArray, duals: FloatArray) -> int:
        """Add the lines that help at the master's own prices; how many."""
        new = 0
        for one in priced:
            for line in one.lines:
                column = self.pool[self.pool.add(one.group, line)]
                if self.pool.reduced(column, prices) < duals[one.group] - TOLERANCE:
                    new += self.master.add(column)
        return new
