"""The search: a lawful roster at once, a bound, and better rosters as long as there is time.

By dives, a choice among all lines and polish; where there are blocks, by walks and annealing.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from scheduler.solve.budget import Budget
from scheduler.solve.lines.block import blocks_of, joined
from scheduler.solve.lines.choose import Choice, promising
from scheduler.solve.lines.dive import Dive
from scheduler.solve.lines.greedy import greedy, improved
from scheduler.solve.lines.held import Held
from scheduler.solve.lines.master import Master, OutOfTime
from scheduler.solve.lines.polish import Polish
from scheduler.solve.lines.pool import Column, Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import TOLERANCE, FloatArray, IntArray, LineProblem
from scheduler.solve.lines.redraw import HOT, WARM, Redrawing, redraws
from scheduler.solve.lines.rounds import Generated, Generation, lagrangian
from scheduler.solve.lines.ways import Ways, master_of

SEED_ROSTERS = 6
"""Greedy rosters that the linear master begins with."""
NOISE = 0.05
"""Of the first dives."""
POOL = 4000
"""Most lines in the choice among all."""
ROOTS = 0.6
"""Share of the time in which the linear masters of several blocks are solved."""
FIRST_S = 0.5
"""For the first best replies of a week, whatever time is left."""
EARLY = 0.12
"""Share of the time in which rosters are annealed before anything is known of prices."""
SOON, SOON_S = 0.1, 0.001
"""Share of the time for drawing stretches anew before any linear program, and most seconds for
each day of each person."""
TURNS = (HOT, WARM, WARM)
"""How warm drawing anew begins, again and again, beside linear programs."""
CHANGES = 100_000
"""Changes of stretches for each round, where work is counted."""
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


@dataclass(frozen=True)
class Root:
    """A solved linear master. found: its value, bound and prices."""

    master: Master
    found: Generated


def lines_of(taken: Taken, bound: float) -> Lines:
    """As an answer."""
    made = tuple(tuple((c.line, n) for c, n in own.values()) for own in taken.columns)
    return Lines(made, taken.cost, min(bound, taken.cost))


class Search:
    """One search."""

    def __init__(self, problem: LineProblem, *, seed: int = 1, workers: int = 2,
                 better: Callable[[Lines], None] | None = None,
                 bounded: Callable[[float], None] | None = None,
                 worked: Callable[[float], None] | None = None) -> None:  # fmt: skip
        """Prepare.

        Args:
            problem: What is asked.
            seed: Of all chance.
            workers: Threads.
            better: Called with every better roster.
            bounded: Called with every better bound.
            worked: Called with the share of the work that is done, where that is counted.

        Afterwards `prices` tells what one more in each row is worth, shape (rows,); None where
        there was no time to find out.
        """
        self.problem, self.seed, self.workers = problem, seed, workers
        self.worked = worked
        self.rng = np.random.default_rng(seed)
        self.pool = Pool(problem)
        self.pricer = Pricer(problem, workers)
        self.held = Held(
            problem,
            lambda taken: better(lines_of(taken, self.held.bound)) if better else None,
            bounded or (lambda _: None),
        )
        self.prices: FloatArray | None = None

    def run(self, time_s: float, rounds: int | None = None,
            stop: threading.Event | None = None) -> Lines:  # fmt: skip
        """The best roster found in the time, or in so many rounds (which repeats)."""
        budget = Budget.of(time_s, rounds, stop)
        first = greedy(self.pool, self.pricer, Taken(self.problem), self.rng)
        self.held.offer(first)
        if self.problem.blocks:
            self._by_block(first, budget)
        else:
            self._as_one(first, budget)
        assert self.held.best is not None  # noqa: S101 - the greedy roster at least
        return lines_of(self.held.best, self.held.bound)

    def _by_block(self, first: Taken, budget: Budget) -> None:
        """Better rosters as soon as may be, then the bound, then the best rosters."""
        soon = Budget.of(FIRST_S, budget.rounds, budget.stop)
        self.held.offer(improved(self.pool, self.pricer, first, self.rng, soon))
        ways = Ways(
            self.problem, self.pool, self.pricer, self.held, blocks_of(self.problem), self.seed,
            worked=self.worked,
        )  # fmt: skip
        ways.change(budget.part(EARLY), self.workers)
        self.held.tell(self._least())
        self._guess(budget)
        if not budget.over() and not self.held.proven and self.pricer.exact:
            ways.roots(budget.part(ROOTS), self.workers)
            self.prices = joined(ways.blocks, ways.own, 1.0)
        ways.change(budget, self.workers)

    def _as_one(self, first: Taken, budget: Budget) -> None:
        """The linear master with dives and a choice among all lines, then small steps."""
        redrawing = Redrawing(self.pool, self.pricer) if redraws(self.problem) else None
        if redrawing is not None:
            soon_s = SOON_S * len(redrawing.groups) * self.problem.options.days
            self._redraw(redrawing, budget.part(SOON, soon_s), (HOT,), range(self.workers))
        self.held.tell(self._least())
        self._guess(budget)
        linear = self.pricer.exact and not budget.over() and not self.held.proven
        root = self._root(first, budget) if linear else None
        if self.held.proven or budget.over():
            return
        if redrawing is None:
            self._settle(root, budget, self.workers)
        elif root is None:
            self._redraw(redrawing, budget, (HOT,), range(self.workers, 2 * self.workers))
        elif self.workers == 1:
            self._settle(root, budget.part(0.5), 1)
            self._redraw(redrawing, budget, TURNS, range(1, 2))
        else:
            with ThreadPoolExecutor(1) as thread:
                beside = thread.submit(self._settle, root, budget, 1)
                self._redraw(redrawing, budget, TURNS, range(self.workers, 2 * self.workers - 1))
                beside.result()

    def _settle(self, root: Root | None, budget: Budget, workers: int) -> None:
        """Rosters out of a linear master and a choice among all lines, then polish."""
        with contextlib.suppress(OutOfTime):
            if root is not None:
                self._finish(root, budget, workers)
        if not self.held.proven and not budget.over():
            prices = None if root is None else root.found.prices
            Polish(self.pool, self.pricer, self.held, prices, self.seed).run(budget, workers)

    def _redraw(
        self, redrawing: Redrawing, budget: Budget, hot: Sequence[float], chains: Iterable[int]
    ) -> None:  # fmt: skip
        """Draw stretches anew, a turn for each warmth, chains beside each other."""

        def chain(number: int) -> None:
            rng = np.random.default_rng((self.seed, number))
            for turn, warmth in enumerate(hot):
                if not budget.over() and not self.held.proven:
                    part = budget.part(1 / (len(hot) - turn))
                    redrawing.run(self.held, rng, part.course(CHANGES), warmth)

        with ThreadPoolExecutor(self.workers) as threads:
            list(threads.map(chain, chains))

    def _least(self) -> float:
        """What everybody's cheapest days cost together: a bound without any search."""
        days, total = self.problem.options.day, 0.0
        for group in self.problem.groups:
            cheapest = np.zeros(self.problem.options.days)
            np.minimum.at(cheapest, days, np.where(group.allowed, group.cost, 0.0))
            total += group.count * (group.constant + float(cheapest.sum()))
        return total

    def _guess(self, budget: Budget) -> None:
        """A fair bound at once, whatever time is left: that of simple prices."""
        problem, groups = self.problem, range(len(self.problem.groups))
        for prices in problem.guesses if self.pricer.exact else ():
            priced = self.pricer.price_all(groups, prices)
            self.held.tell(lagrangian(problem, problem.rows.want, prices, priced, problem.sizes))
            if self.held.proven:
                self.prices = prices
            if budget.over():
                return

    def _seed(self, first: Taken, budget: Budget) -> None:
        """Let the pool know some good rosters."""
        part = budget.part(0.1)
        for n in range(SEED_ROSTERS):
            if part.over():
                break
            made = first if n == 0 else greedy(
                self.pool, self.pricer, Taken(self.problem), self.rng
            )  # fmt: skip
            self.held.offer(improved(self.pool, self.pricer, made, self.rng, part))

    def _master(self) -> Master:
        """A master that knows the whole pool."""
        [block] = blocks_of(self.problem)
        return master_of(self.pool, block, Taken(self.problem))

    def _root(self, first: Taken, budget: Budget) -> Root | None:
        """The linear master solved, or as far as half the time goes; None where it is too large."""
        try:
            self._seed(first, budget)
            master = self._master()
            generation = Generation(
                self.pool, self.pricer, master, self.problem.rows.want, self.problem.sizes,
                told=self.held.tell,
            )  # fmt: skip
            found = generation.run(budget.part(0.5), enough=self.held.cost)
            self.prices = found.prices
            return Root(master, found)
        except OutOfTime:
            return None

    def _finish(self, root: Root, budget: Budget, workers: int) -> None:
        """Dives side by side, and the choice among all lines."""
        masters = [root.master] + [self._master() for _ in range(1, workers)]
        seeds = [(self.seed, n) for n in range(len(masters))]
        pricer = self.pricer.alone()

        def dived(own: Master, seed: tuple[int, int]) -> Taken | None:
            rng = np.random.default_rng(seed)
            dive = Dive(own, pricer, Taken(self.problem), rng, noise=NOISE)
            found = dive.run(budget, lambda: self.held.cost, root.found.prices.copy())
            self.held.offer(found)
            return found

        with ThreadPoolExecutor(len(masters)) as threads:
            for found in threads.map(dived, masters, seeds):
                if found is not None:
                    self.held.offer(improved(self.pool, self.pricer, found, self.rng, budget))
        if not self.held.proven and not budget.over():
            self._choose(root.found.prices, budget.part(0.15, 10.0))

    def _choose(self, prices: FloatArray, budget: Budget) -> None:
        """CP-SAT on all lines that a better roster may have; if too many, on the best known."""
        assert self.held.best is not None  # noqa: S101 - the greedy roster at least
        columns = self._all_that_matter(prices)
        complete = columns is not None
        if columns is None:
            columns = promising(self.pool, range(len(self.problem.groups)), prices, POOL)
        numbers = {column.number for column in columns}
        columns += [c for c, _ in self.held.best.items() if c.number not in numbers]
        choice = Choice(Taken(self.problem), columns)
        choice.hint(self.held.best)
        found, final = choice.solve(budget, self.seed)
        self.held.offer(found)
        if complete and final and self.problem.step:
            self.held.tell(self.held.cost)

    def _all_that_matter(self, prices: FloatArray) -> list[Column] | None:
        """Every line that can be part of a better roster, None where these are too many."""
        groups = range(len(self.problem.groups))
        priced = self.pricer.price_all(groups, prices)
        bound = lagrangian(
            self.problem, self.problem.rows.want, prices, priced, self.problem.sizes
        )  # fmt: skip
        above = self.held.cost - self.problem.step - bound + TOLERANCE
        columns = list[Column]()
        for group in groups:
            paid = self.pricer.prices_of(prices, group)
            lines = self.pricer.all_within(group, paid, above, ROOM)
            if lines is None or len(columns) + len(lines) > ROOM_ALL:
                return None
            columns += [self.pool[self.pool.add(group, line)] for line in lines]
        return columns
