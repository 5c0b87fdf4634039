"""Problems of blocks: each block's linear master and its rosters, beside what the others do."""

import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from scheduler.solve.budget import Budget
from scheduler.solve.lines.anneal import COLD, HOT, WARM, Annealing
from scheduler.solve.lines.block import Block, joined
from scheduler.solve.lines.chance import Chance, chance_of
from scheduler.solve.lines.dive import Dive, Pace
from scheduler.solve.lines.held import Held
from scheduler.solve.lines.master import Master, OutOfTime
from scheduler.solve.lines.pool import Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import FloatArray, LineProblem
from scheduler.solve.lines.rounds import Generation, lagrangian

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
MOST_LATE_S = 3.0
"""For the last solution of a linear master, beyond its time."""
DRAWS, DRAWING = 6, 0.2
"""Rosters that are drawn for a start, at most, and in about which share of the time."""
FREEZING = 0.08
"""Share of the time for wishes, when units are as they stay."""
TURNS = 6
"""How often each block is annealed."""
CAREFUL = Pace(few=1, rounds=30, rounds_few=30, many=5, near=1e-3, at_once=4, shrink=0.97, kept=60)
"""Of a dive in a block: on the sample's squadrons fewer rounds end a twentieth above."""
DEEP, DIVING = 5.0, 0.5
"""A dive takes so many times as long as the linear master before it; and the most of the time left
that all dives may take, since begun and not ended they are worth less than small steps."""
DIVES_FROM = 8
"""Rounds, where work is counted, from which on there is so much of it that dives fit in."""
CHANGES = 100_000
"""Changes of a block where work is counted."""
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

    own: prices of each block. chances, took_s, values: by number of block, of the linear masters
    that were solved.
    worked: Where work is counted, told the share that is done. done: In turns of annealing.
    """

    problem: LineProblem
    pool: Pool
    pricer: Pricer
    held: Held
    blocks: list[Block]
    seed: int
    own: list[FloatArray] = field(default_factory=list)
    chances: dict[int, Chance] = field(default_factory=dict)
    took_s: dict[int, float] = field(default_factory=dict)
    values: dict[int, float] = field(default_factory=dict)
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
        master, began_s = master_of(self.pool, block, fixed), time.monotonic()
        generation = Generation(
            self.pool, self.pricer.alone(), master, self.problem.rows.want - fixed.covered,
            block.sizes, many=MANY, near=NEAR, smoothing=SMOOTHING,
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
                self.took_s[number] = time.monotonic() - began_s
                self.values[number] = generation.best.value - fixed.own

    def _bound(self) -> None:
        """Tell what all prices together are good for."""
        problem = self.problem
        for share in SHARES:
            prices = joined(self.blocks, self.own, share)
            priced = self.pricer.price_all(range(len(problem.groups)), prices)
            self.held.tell(lagrangian(problem, problem.rows.want, prices, priced, problem.sizes))

    def dives(self, budget: Budget, workers: int) -> bool:
        """Whether there is time for a dive in each block; else small steps are worth more."""
        if budget.rounds is not None:
            return budget.rounds >= DIVES_FROM
        return DEEP * sum(self.took_s.values()) / workers < DIVING * budget.left_s

    def dive(self, budget: Budget, workers: int) -> None:
        """Dive in the blocks that are farthest above their linear masters, as time allows.

        A block's lines are few and whole, and its best roster is hardly above the linear one; small
        steps from a drawn roster end a hundredth of all cost above it, a dive mostly at it.
        """
        left = iter(sorted(self.values, key=self._above, reverse=True))

        def work(worker: int) -> None:
            rng, pricer = np.random.default_rng((self.seed, worker)), self.pricer.alone()
            for number in left:
                if not self.held.proven and not budget.over():
                    self._dive(number, budget, pricer, rng)

        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(work, range(workers)))

    def _above(self, number: int) -> float:
        """How much a block's lines cost above its linear master."""
        assert self.held.best is not None  # noqa: S101 - the greedy roster at least
        fixed = self._beside(self.blocks[number])
        return self.held.best.cost - fixed.own - self.values[number]

    def _dive(self, number: int, budget: Budget, pricer: Pricer, rng: np.random.Generator) -> None:
        """Give a block the lines that its linear master leads to."""
        block, fixed = self.blocks[number], self._beside(self.blocks[number])
        dive = Dive(
            master_of(self.pool, block, fixed), pricer, fixed, rng, pace=CAREFUL,
            outside=block.outside(fixed.covered),
        )  # fmt: skip
        with contextlib.suppress(OutOfTime):
            found = dive.run(budget, lambda: self.held.cost, self.own[number].copy())
            if found is not None:
                self.held.move(found, list(block.groups))

    def anneal(self, budget: Budget, workers: int) -> None:
        """Change rosters by small steps, each worker in blocks of its own if there are enough."""
        if self.annealing is None:
            return

        def work(number: int) -> None:
            rng, pricer = np.random.default_rng((self.seed, number)), self.pricer.alone()
            own = list(range(number % len(self.blocks), len(self.blocks), workers))
            turns, warm = TURNS * own, budget.part(1 - FREEZING)
            for done, block in enumerate(turns):
                if not warm.over() and not self.held.proven:
                    self._anneal(block, warm.part(1 / (len(turns) - done)), pricer, rng)
                self._did(1, budget)
            for done, block in enumerate(own):
                if not budget.over() and not self.held.proven:
                    self._freeze(block, budget.part(1 / (len(own) - done)), rng)

        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(work, range(workers)))

    def _did(self, turns: int, budget: Budget) -> None:
        """So much more is done of all: the blocks are annealed twice, with roots in between."""
        if self.worked is not None and budget.rounds is not None:
            self.done += turns
            self.worked(min(1.0, self.done / (len(self.blocks) * (2 * TURNS + A_ROOT))))

    def _anneal(
        self, number: int, budget: Budget, pricer: Pricer, rng: np.random.Generator
    ) -> None:
        """From a roster as the linear master would draw it, or from the best."""
        assert self.annealing is not None  # noqa: S101 - asked before
        assert self.held.best is not None  # noqa: S101 - the greedy roster at least
        groups, spent = self.blocks[number].groups, budget.course(CHANGES)
        start, chance, hot = self.held.best, self.chances.get(number), HOT
        if chance is not None:
            hot = WARM
            start = self._drawn(number, chance, budget.part(DRAWING), pricer, rng)
        self.held.move(self.annealing.run(start, groups, rng, spent, hot), list(groups))

    def _freeze(self, number: int, budget: Budget, rng: np.random.Generator) -> None:
        """Better the best roster where nothing but wishes is left to gain."""
        assert self.annealing is not None  # noqa: S101 - asked before
        assert self.held.best is not None  # noqa: S101 - the greedy roster at least
        groups, course = self.blocks[number].groups, budget.course(CHANGES // TURNS)
        best = self.held.best
        made = self.annealing.run(best, groups, rng, course, COLD, self.annealing.frozen)
        self.held.move(made, list(groups))

    def _drawn(
        self, number: int, chance: Chance, budget: Budget, pricer: Pricer,
        rng: np.random.Generator,
    ) -> Taken:  # fmt: skip
        """The best of some draws of a block, beside what the others do."""
        fixed = self._beside(self.blocks[number])
        best = chance.draw(fixed, pricer, rng)
        for _ in range(1, DRAWS):
            if budget.over():
                break
            best = min(best, chance.draw(fixed, pricer, rng), key=lambda made: made.cost)
        return best
