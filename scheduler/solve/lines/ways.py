"""Problems of blocks: each block's linear master and its rosters, beside what the others do."""

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from scheduler.solve.budget import Budget
from scheduler.solve.lines.anneal import COLD, HOT, Annealing
from scheduler.solve.lines.block import Block, joined
from scheduler.solve.lines.held import Held
from scheduler.solve.lines.master import Master, OutOfTime
from scheduler.solve.lines.pool import Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import FloatArray, LineProblem
from scheduler.solve.lines.rounds import Generation, lagrangian
from scheduler.solve.lines.walk import Walking

SMOOTHING, MANY = 0.8, 2
"""How near the best prices so far new ones are sought, and how many lines of each group."""
NEAR = 2e-4
"""A bound nearer to the linear program than this share is near enough."""
COUNTED = 240
"""Where work is counted, few groups are priced fast, so more often: rounds × groups."""
SHARES = (0.0, 0.5, 1.0)
"""Tries for the price of a row that several blocks share, from their least to their most."""
AMPLE = 1.5
"""A linear master may take so many times its share of the time: some need less."""
FREEZING = 0.08
"""Share of the time for wishes, when units are as they stay."""
TURNS, LONGEST_S = 6, 3.0
"""How often each block is changed at least, and for how long at most: a longer walk ends no nearer
than the best of several."""
CHANGES, DRAWS = 100_000, 500
"""Small changes of a block, and lines drawn, where work is counted."""
A_ROOT = 4 * TURNS
"""What a linear master takes, in turns of annealing: for the share of work that is told."""


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
    """What is known of each block.

    own: prices of each block. walking: by number of block, where the linear master was solved.
    worked: Where work is counted, told the share that is done. done: In turns of annealing.
    """

    problem: LineProblem
    pool: Pool
    pricer: Pricer
    held: Held
    blocks: list[Block]
    seed: int
    own: list[FloatArray] = field(default_factory=list)
    walking: dict[int, Walking] = field(default_factory=dict)
    annealing: Annealing | None = None
    worked: Callable[[float], None] | None = None
    done: int = 0

    def __post_init__(self) -> None:
        """Begin with the first guess."""
        guess = self.problem.guesses[0] if self.problem.guesses else None
        start = np.zeros(len(self.problem.rows.want)) if guess is None else guess
        self.own = [np.where(block.inside, start, 0.0) for block in self.blocks]
        if self.problem.moves is not None:
            self.annealing = Annealing(self.pool, self.pricer, self.problem.moves)

    def _beside(self, block: Block) -> Taken:
        """The best roster without a block's people."""
        assert self.held.best is not None  # noqa: S101 - the greedy roster at least
        fixed = self.held.best.copy()
        for group in block.groups:
            fixed.drop(group)
        return fixed

    def roots(self, budget: Budget, workers: int) -> None:
        """Solve the linear masters, the largest first and some side by side; tell the bound."""
        left = iter(range(len(self.blocks), 0, -1))

        def root(number: int) -> None:
            self._root(number, budget.part(min(1.0, AMPLE * workers / next(left))))
            self._bound()
            self._did(A_ROOT, budget)

        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(root, range(len(self.blocks))))

    def _root(self, number: int, budget: Budget) -> None:
        """Find the best prices of a block, and how often its lines are worked."""
        block, fixed = self.blocks[number], self._beside(self.blocks[number])
        master = master_of(self.pool, block, fixed)
        generation = Generation(
            self.pool, self.pricer.alone(), master, self.problem.rows.want - fixed.covered,
            block.sizes, many=MANY, near=NEAR, smoothing=SMOOTHING,
            settled=fixed.own + block.outside(fixed.covered),
        )  # fmt: skip
        rounds = 10_000
        if budget.rounds is not None:
            rounds = budget.rounds * max(4, min(60, COUNTED // len(block.groups)))
        with contextlib.suppress(OutOfTime):
            generation.run(budget, rounds, self.own[number], np.inf)
        if generation.best is not None:
            self.own[number] = generation.best.prices
            if self.annealing is not None:
                self.walking[number] = Walking(
                    self.annealing, generation.pricer, block, generation.best.prices
                )

    def _bound(self) -> None:
        """Tell what all prices together are good for."""
        problem = self.problem
        for share in SHARES:
            prices = joined(self.blocks, self.own, share)
            priced = self.pricer.price_all(range(len(problem.groups)), prices)
            self.held.tell(lagrangian(problem, problem.rows.want, prices, priced, problem.sizes))

    def change(self, budget: Budget, workers: int) -> None:
        """Better the blocks turn by turn, each worker in its own if there are enough."""
        if self.annealing is None:
            return

        def work(number: int) -> None:
            rng = np.random.default_rng((self.seed, number))
            own = list(range(number % len(self.blocks), len(self.blocks), workers))
            warm = budget.part(1 - FREEZING)
            turns = self._turns(warm, len(own)) * own
            for done, block in enumerate(turns):
                if not warm.over() and not self.held.proven:
                    self._change(block, warm.part(1 / (len(turns) - done)), rng)
                self._did(1, budget)
            for done, block in enumerate(own):
                if not budget.over() and not self.held.proven:
                    self._freeze(block, budget.part(1 / (len(own) - done)), rng)

        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(work, range(workers)))

    @staticmethod
    def _turns(budget: Budget, blocks: int) -> int:
        """How often each of some blocks is changed in the time."""
        if budget.rounds is not None:
            return TURNS
        return max(TURNS, round(budget.left_s / (blocks * LONGEST_S)))

    def _did(self, turns: int, budget: Budget) -> None:
        """So much more is done of all: the blocks are changed twice, with roots in between."""
        if self.worked is not None and budget.rounds is not None:
            self.done += turns
            self.worked(min(1.0, self.done / (len(self.blocks) * (2 * TURNS + A_ROOT))))

    def _change(self, number: int, budget: Budget, rng: np.random.Generator) -> None:
        """Walk where the linear master is known; else anneal the best roster."""
        assert self.annealing is not None  # noqa: S101 - asked before
        assert self.held.best is not None  # noqa: S101 - the greedy roster at least
        groups, walking = self.blocks[number].groups, self.walking.get(number)
        if walking is not None:
            made = walking.run(self.held.best, rng, budget.course(DRAWS))
        else:
            made = self.annealing.run(self.held.best, groups, rng, budget.course(CHANGES), HOT)
        self.held.move(made, list(groups))

    def _freeze(self, number: int, budget: Budget, rng: np.random.Generator) -> None:
        """Better the best roster where nothing but wishes is left to gain."""
        assert self.annealing is not None  # noqa: S101 - asked before
        assert self.held.best is not None  # noqa: S101 - the greedy roster at least
        groups, course = self.blocks[number].groups, budget.course(CHANGES // TURNS)
        best = self.held.best
        made = self.annealing.run(best, groups, rng, course, COLD, self.annealing.frozen)
        self.held.move(made, list(groups))
