"""Problems of blocks: each block's linear master and its rosters, beside what the others do."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from scheduler.solve.budget import Budget
from scheduler.solve.lines.block import Block, joined
from scheduler.solve.lines.chance import Chance, chance_of
from scheduler.solve.lines.choose import Choice, promising
from scheduler.solve.lines.dive import Dive
from scheduler.solve.lines.greedy import improved
from scheduler.solve.lines.held import Held
from scheduler.solve.lines.master import Master, OutOfTime
from scheduler.solve.lines.pool import Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import FloatArray, LineProblem
from scheduler.solve.lines.rounds import Generation, lagrangian

SMOOTHING = 0.7
"""How near the best prices so far new ones are sought."""
NEAR = 2e-4
"""A bound nearer to the linear program than this share is near enough."""
COUNTED = 240
"""Where work is counted, few groups are priced fast, so more often: rounds × groups."""
SHARES = (0.0, 0.5, 1.0)
"""Tries for the price of a row that several blocks share, from their least to their most."""
POOL = 2500
"""Most lines in the choice of a block."""
CHOICE_WORKERS = 4
MOST_LATE_S = 3.0
"""For the last solution of a linear master, beyond its time."""
SLICE_S = 2.0
"""Seconds that a worker stays in a block before it goes to its next."""
TRIES = 40
"""Draws of a block where work is counted."""


def master_of(pool: Pool, block: Block, fixed: Taken) -> Master:
    """A master of a block that knows all its lines in the pool, beside what is fixed."""
    want = pool.problem.rows.want - fixed.covered
    constant = fixed.own + block.outside(fixed.covered)
    made = Master(pool, want, block.sizes, constant, block.rows)
    for group in block.groups:
        for column in pool.of_group[group]:
            made.add(column)
    return made


@dataclass
class Ways:
    """What is known of each block. own: prices of each block. chances: by number of block."""

    problem: LineProblem
    pool: Pool
    pricer: Pricer
    held: Held
    blocks: list[Block]
    seed: int
    own: list[FloatArray] = field(default_factory=list)
    chances: dict[int, Chance] = field(default_factory=dict)
    prices: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the first guess."""
        guess = self.problem.guesses[0] if self.problem.guesses else None
        start = np.zeros(len(self.problem.rows.want)) if guess is None else guess
        self.own = [np.where(block.inside, start, 0.0) for block in self.blocks]
        self.prices = joined(self.blocks, self.own, 0.0)

    def _beside(self, block: Block) -> Taken:
        """The best roster without a block's people."""
        assert self.held.best is not None  # noqa: S101 - the greedy roster at least
        fixed = self.held.best.copy()
        for group in block.groups:
            fixed.drop(group)
        return fixed

    def roots(self, budget: Budget, workers: int) -> None:
        """Solve the linear masters, some side by side, and tell the bound of all together."""
        waves = -(-len(self.blocks) // workers)
        for wave in range(waves):
            part = budget.part(1 / (waves - wave))
            numbers = range(wave * workers, min((wave + 1) * workers, len(self.blocks)))
            with ThreadPoolExecutor(workers) as threads:
                list(threads.map(self._root, numbers, [part] * len(numbers)))
            self._bound()

    def _root(self, number: int, budget: Budget) -> None:
        """Find the best prices of a block, and how often its lines are worked."""
        block, fixed = self.blocks[number], self._beside(self.blocks[number])
        master = master_of(self.pool, block, fixed)
        generation = Generation(
            self.pool, self.pricer.alone(), master, self.problem.rows.want - fixed.covered,
            block.sizes, near=NEAR, smoothing=SMOOTHING,
            settled=fixed.own + block.outside(fixed.covered),
        )  # fmt: skip
        rounds = 10_000
        if budget.rounds is not None:
            rounds = budget.rounds * max(4, min(60, COUNTED // len(self.problem.groups)))
        with contextlib.suppress(OutOfTime):
            generation.run(budget, rounds, self.own[number], np.inf)
        if generation.best is None:
            return
        self.own[number] = generation.best.prices
        if not budget.stop.is_set():
            with contextlib.suppress(OutOfTime):
                master.solve(MOST_LATE_S)
                self.chances[number] = chance_of(self.pool, block, master)

    def _bound(self) -> None:
        """Tell what all prices together are good for."""
        problem, best = self.problem, -np.inf
        for share in SHARES:
            prices = joined(self.blocks, self.own, share)
            priced = self.pricer.price_all(range(len(problem.groups)), prices)
            found = lagrangian(problem, problem.rows.want, prices, priced, problem.sizes)
            if found > best:
                best, self.prices = found, prices
        self.held.tell(best)

    def draws(self, budget: Budget, workers: int) -> None:
        """Rosters by chance, each worker in blocks of its own as long as there are enough."""
        known = sorted(self.chances)
        if not known:
            return
        began_s, all_s = time.monotonic(), max(budget.left_s, 1e-6)  # a share of no time is none

        def cool() -> float:
            return (time.monotonic() - began_s) / all_s

        def work(number: int) -> None:
            rng, pricer = np.random.default_rng((self.seed, number)), self.pricer.alone()
            mine = [self.chances[n] for n in known[number % len(known) :: workers]]
            if number >= len(known):
                mine = [replace(chance, now=[], tries=0) for chance in mine]
            while not budget.over() and not self.held.proven:
                for chance in mine:
                    if budget.rounds is not None:
                        self._counted(chance, pricer, rng, budget)
                        continue
                    part = budget.part(1.0, SLICE_S)
                    chance.run(self.held, pricer, rng, part.over, cool)
                if budget.rounds is not None:
                    return

        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(work, range(workers)))

    def _counted(
        self, chance: Chance, pricer: Pricer, rng: np.random.Generator, budget: Budget
    ) -> None:
        """So many tries, which repeat."""
        most = TRIES * (budget.rounds or 1)
        chance.run(
            self.held, pricer, rng, lambda: budget.over() or chance.tries >= most,
            lambda: chance.tries / most,
        )  # fmt: skip

    def dives(self, budget: Budget, workers: int) -> None:
        """Dive in each block and choose among its lines: for small ones."""
        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(lambda n: self._dive(n, budget), range(len(self.blocks))))
        for number in range(len(self.blocks)):
            left = len(self.blocks) - number
            if not budget.over() and not self.held.proven:
                self._choose(number, budget.part(1 / left))

    def _dive(self, number: int, budget: Budget) -> None:
        """One roster for a block's people out of its master."""
        block, fixed = self.blocks[number], self._beside(self.blocks[number])
        pricer, rng = self.pricer.alone(), np.random.default_rng((self.seed, number))
        try:
            dive = Dive(master_of(self.pool, block, fixed), pricer, fixed, rng, block=block)
            found = dive.run(budget, lambda: self.held.cost, self.own[number].copy())
        except OutOfTime:
            return
        if found is not None:
            self.held.move(found, list(block.groups))
            made = improved(self.pool, pricer, found, rng, budget, block.groups)
            self.held.move(made, list(block.groups))

    def _choose(self, number: int, budget: Budget) -> None:
        """CP-SAT among the lines of a block that cost little more than its best ones."""
        assert self.held.best is not None  # noqa: S101 - the greedy roster at least
        block, fixed = self.blocks[number], self._beside(self.blocks[number])
        columns = promising(self.pool, block.groups, self.own[number], POOL)
        numbers = {column.number for column in columns}
        columns += [
            column for group in block.groups for column, _ in self.held.best.columns[group].values()
            if column.number not in numbers
        ]  # fmt: skip
        choice = Choice(fixed, columns)
        choice.hint(self.held.best)
        found, _ = choice.solve(budget, self.seed, CHOICE_WORKERS)
        if found is not None:
            self.held.move(found, list(block.groups))
