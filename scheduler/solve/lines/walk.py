"""Walks: whole lines are drawn anew, one after another, at noisy prices.

A line that is best for what rows want just now, beside what all others work, ends a twentieth above
the linear master; at the master's own prices everybody would work alike. Between both there are
prices that lead near it: mostly their average over what was wanted so far, which begins with the
master's prices, and a little what is wanted now.
"""

from collections.abc import Callable

import numpy as np

from scheduler.solve.lines.anneal import Annealing
from scheduler.solve.lines.block import Block
from scheduler.solve.lines.cheap import paths_of
from scheduler.solve.lines.pool import Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import TOLERANCE, FloatArray
from scheduler.solve.lines.walk_kernel import Mood, Room, walk

HOT, COLD = 0.3, 0.01
"""Warmth in the beginning and in the end, in prices of a unit that is missing."""
HEED, HEED_END = 0.1, 0.3
"""Share of what rows want just now in their prices, in the beginning and in the end."""
MEMORY = 1 / 20
"""Share of the average that the last turn has, in which each person's line is drawn once."""
WITHIN = 0.2
"""Lines that cost so much more than the best, in prices of a unit, are not looked at."""
DRAWS = 100
"""Between two looks at the clock."""


class Walking:
    """Prepared for a block of a problem."""

    def __init__(
        self, annealing: Annealing, pricer: Pricer, block: Block, prices: FloatArray
    ) -> None:  # fmt: skip
        """Find the cheap lines.

        Args:
            annealing: Its tables of the problem.
            pricer: For one thread.
            block: Whose lines change.
            prices: Of the rows, by the block's linear master, shape (rows,).
        """
        self.annealing, self.groups, self.prices = annealing, block.groups, prices
        self.rows = np.flatnonzero(block.inside)
        self.paths = paths_of(pricer, block.groups, prices, WITHIN * annealing.unit)

    def run(
        self, start: Taken, rng: np.random.Generator, over: Callable[[int], float]
    ) -> Taken:  # fmt: skip
        """The best roster on the way, or the start.

        Args:
            start: A whole roster; the lines of others stay.
            rng: All chance.
            over: The share that is over after so many draws; the end is at 1.
        """
        annealing = self.annealing
        now, done = annealing.now(start, self.groups), 0
        number = {group: place for place, group in enumerate(self.groups)}
        places = np.array([number[group] for group in now.groups.tolist()])
        room, average = self._room(), self.prices.copy()
        best, cost, least = now.lines.copy(), 0.0, 0.0
        while (spent := over(done)) < 1:
            mood = Mood(
                annealing.unit * HOT * (COLD / HOT) ** spent,
                HEED * (HEED_END / HEED) ** spent, MEMORY / len(places),
            )  # fmt: skip
            by, below = walk(
                annealing.lawful, annealing.moves.costs, self.paths, places,
                annealing.moves.later, now, self.rows, average, room, best, least - cost,
                mood, DRAWS, rng,
            )  # fmt: skip
            least, cost, done = cost + below, cost + by, done + DRAWS
        return annealing.made(start, self.groups, best) if least < -TOLERANCE else start

    def _room(self) -> Room:
        """Room for one walk."""
        classes = int(np.diff(self.paths.class_from).max())
        days = self.annealing.pool.problem.options.days
        alone, tallies = len(self.annealing.moves.costs.table), int(self.paths.arcs[3].max()) + 1
        return Room(
            np.empty(int(self.paths.table_base[:, -1].max()) + self.paths.ending.shape[1]),
            np.empty(classes), np.empty(classes, dtype=np.int64), np.empty(days, dtype=np.int64),
            np.empty(len(self.prices) - alone), np.zeros(len(self.prices)), np.zeros(tallies),
            np.zeros((tallies, 1), dtype=np.int64),
        )  # fmt: skip
