"""The search: a lawful roster at once, a bound, a dive, a choice among all lines, and polish."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from scheduler.solve.budget import Budget
from scheduler.solve.lines.choose import Choice
from scheduler.solve.lines.dive import Dive
from scheduler.solve.lines.greedy import greedy, improved
from scheduler.solve.lines.held import Held
from scheduler.solve.lines.master import Master, OutOfTime
from scheduler.solve.lines.polish import Polish
from scheduler.solve.lines.pool import Column, Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import FloatArray, IntArray, LineProblem
from scheduler.solve.lines.rounds import TOLERANCE, Generated, Generation, lagrangian

SEED_ROSTERS = 6
"""Greedy rosters that the linear master begins with."""
NOISE = 0.05
"""Of the first dives."""
POOL = 4000
"""Most lines in the choice among all."""
ROOM, ROOM_ALL = 4000, 24_000
"""Most lines of a group, and of all, when every line that may matter is wanted."""


@dataclass(frozen=True)
class Lines:
    """The answer. lines: of each group, with how many work each. bound: no roster costs less."""

    lines: tuple[tuple[tuple[IntArray, int], ...], ...]
    cost: float
    bound: float

    @property
    def proven(self) -> bool:
        """Whether it is the best."""
        return self.bound >= self.cost - TOLERANCE


def lines_of(taken: Taken, bound: float) -> Lines:
    """As an answer."""
    made = tuple(tuple((c.line, n) for c, n in own.values()) for own in taken.columns)
    return Lines(made, taken.cost, min(bound, taken.cost))


class Search:
    """One search."""

    def __init__(self, problem: LineProblem, *, seed: int = 1, workers: int = 2,
                 better: Callable[[Lines], None] | None = None,
                 bounded: Callable[[float], None] | None = None) -> None:  # fmt: skip
        """Prepare.

        Args:
            problem: What is asked.
            seed: Of all chance.
            workers: Threads.
            better: Called with every better roster.
            bounded: Called with every better bound.
        """
        self.problem, self.seed, self.workers = problem, seed, workers
        self.rng = np.random.default_rng(seed)
        self.pool = Pool(problem)
        self.pricer = Pricer(problem, workers)
        self.held = Held(
            problem,
            lambda taken: better(lines_of(taken, self.held.bound)) if better else None,
            bounded or (lambda _: None),
        )

    def run(self, time_s: float, rounds: int | None = None,
            stop: threading.Event | None = None) -> Lines:  # fmt: skip
        """The best roster found in the time, or in so many rounds (which repeats)."""
        budget = Budget.of(time_s, rounds, stop)
        first = greedy(self.pool, self.pricer, Taken(self.problem), self.rng)
        self.held.offer(first)
        self.held.tell(self._least())
        prices = self._linear(first, budget) if self.pricer.exact else None
        if not self.held.proven and not budget.over():
            polish = Polish(self.pool, self.pricer, self.held, prices, self.seed)
            polish.run(budget, self.workers)
        assert self.held.best is not None  # noqa: S101 - the greedy roster at least
        return lines_of(self.held.best, self.held.bound)

    def _least(self) -> float:
        """What everybody's cheapest days cost together: a bound without any search."""
        days, total = self.problem.options.day, 0.0
        for group in self.problem.groups:
            cheapest = np.zeros(self.problem.options.days)
            np.minimum.at(cheapest, days, np.where(group.allowed, group.cost, 0.0))
            total += group.count * (group.constant + float(cheapest.sum()))
        return total

    def _linear(self, first: Taken, budget: Budget) -> FloatArray | None:
        """All that the linear master is good for; its prices, or None where it is too large."""
        try:
            master = self._seeded(first, budget)
            root = self._root(master, budget)
            if not self.held.proven and not budget.over():
                self._finish(master, root, budget)
        except OutOfTime:
            return None
        return root.prices

    def _seeded(self, first: Taken, budget: Budget) -> Master:
        """A master that knows some good rosters."""
        part = budget.part(0.1)
        for n in range(SEED_ROSTERS):
            if part.over():
                break
            made = first if n == 0 else greedy(
                self.pool, self.pricer, Taken(self.problem), self.rng
            )  # fmt: skip
            self.held.offer(improved(self.pool, self.pricer, made, self.rng, part))
        master = Master(self.pool, self.problem.rows.want, self.problem.sizes)
        for column in self.pool.columns:
            master.add(column)
        return master

    def _root(self, master: Master, budget: Budget) -> Generated:
        """The linear master solved, or as far as half the time goes."""
        generation = Generation(
            self.pool, self.pricer, master, self.problem.rows.want, self.problem.sizes,
            told=self.held.tell,
        )  # fmt: skip
        return generation.run(budget.part(0.5), enough=self.held.cost)

    def _finish(self, master: Master, root: Generated, budget: Budget) -> None:
        """Dives side by side, and the choice among all lines."""
        masters = [master] + [self._copy(master) for _ in range(1, self.workers)]
        seeds = [(self.seed, n) for n in range(len(masters))]
        pricer = self.pricer.alone() if len(masters) > 1 else self.pricer

        def dived(own: Master, seed: tuple[int, int]) -> Taken | None:
            rng = np.random.default_rng(seed)
            dive = Dive(own, pricer, Taken(self.problem), rng, noise=NOISE)
            found = dive.run(budget, lambda: self.held.cost, root.prices.copy())
            self.held.offer(found)
            return found

        with ThreadPoolExecutor(len(masters)) as threads:
            for found in threads.map(dived, masters, seeds):
                if found is not None:
                    self.held.offer(improved(self.pool, self.pricer, found, self.rng, budget))
        if not self.held.proven and not budget.over():
            self._choose(root.prices, budget.part(0.15, 10.0))

    def _copy(self, master: Master) -> Master:
        """A master with the same columns."""
        made = Master(self.pool, self.problem.rows.want, self.problem.sizes)
        for column in master.columns:
            made.add(column)
        return made

    def _choose(self, prices: FloatArray, budget: Budget) -> None:
        """CP-SAT on all lines that a better roster may have; if too many, on the best known."""
        assert self.held.best is not None  # noqa: S101 - the greedy roster at least
        columns = self._all_that_matter(prices)
        complete = columns is not None
        if columns is None:
            columns = self._promising(prices)
        numbers = {column.number for column in columns}
        columns += [c for c, _ in self.held.best.items() if c.number not in numbers]
        choice = Choice(Taken(self.problem), columns)
        choice.hint(self.held.best)
        found, final = choice.solve(budget, self.seed)
        self.held.offer(found)
        if complete and final and self.problem.whole:
            self.held.tell(self.held.cost)

    def _all_that_matter(self, prices: FloatArray) -> list[Column] | None:
        """Every line that can be part of a better roster, None where these are too many."""
        groups = range(len(self.problem.groups))
        priced = self.pricer.price_all(groups, prices)
        bound = lagrangian(
            self.problem, self.problem.rows.want, prices, priced, self.problem.sizes
        )  # fmt: skip
        step = 1.0 if self.problem.whole else 0.0
        above = self.held.cost - step - bound + TOLERANCE
        paid, columns = self.pricer.prices_of(prices), list[Column]()
        for group in groups:
            lines = self.pricer.all_within(group, paid, above, ROOM)
            if lines is None or len(columns) + len(lines) > ROOM_ALL:
                return None
            columns += [self.pool[self.pool.add(group, line)] for line in lines]
        return columns

    def _promising(self, prices: FloatArray) -> list[Column]:
        """The known lines that cost least more than the best of their group."""
        value = np.array([self.pool.reduced(c, prices) for c in self.pool.columns])
        least = np.full(len(self.problem.groups), np.inf)
        group = np.array([column.group for column in self.pool.columns])
        np.minimum.at(least, group, value)
        order = np.argsort(value - least[group], kind="stable")[:POOL]
        return [self.pool[n] for n in sorted(order.tolist())]
