"""A roster out of the linear master: fix what it is sure of, price again, until all is fixed."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from scheduler.solve.budget import Budget
from scheduler.solve.lines.master import Master
from scheduler.solve.lines.pool import Column, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import TOLERANCE, FloatArray
from scheduler.solve.lines.rounds import Generation, rounded_up

SURE = 0.999
FEW = 10
"""Where so few groups are open, more rounds cost little and spare a bad end."""
CLEAR = 0.6
"""Of more lines than one at once, each is fixed only where its fraction is so large."""
SHRINK = 0.6
"""Below this share of open groups a smaller master is made."""
KEPT = 250
"""Lines of a group that go into the smaller master."""
ROUNDS, ROUNDS_FEW = 6, 30
"""Of column generation after each fixing; and where `FEW` groups are open."""
AT_ONCE = 20
"""One more line for so many open groups is fixed at once."""


@dataclass
class Dive:
    """One dive on a master, which is left as it was but for new columns.

    fixed: Lines that are settled before. noise: How much chance has a say in the choice; 0:
    none.
    """

    master: Master
    pricer: Pricer
    fixed: Taken
    rng: np.random.Generator
    noise: float = 0.0
    _settled: dict[int, tuple[Column, int]] = field(default_factory=dict)

    def run(self, budget: Budget, below: Callable[[], float], prices: FloatArray) -> Taken | None:
        """The roster, or None where it cannot be below that cost, or time is over.

        Args:
            budget: When to stop.
            below: Says the cost of the best roster known by then.
            prices: Of the rows, to begin near; overwritten.
        """
        taken, made_at = self.fixed.copy(), int(np.count_nonzero(self.fixed.open))
        try:
            while not taken.whole:
                self._settle(taken)
                if taken.whole:
                    break
                if np.count_nonzero(taken.open) < SHRINK * made_at and made_at > FEW:
                    made_at = int(np.count_nonzero(taken.open))
                    self._shrink(taken, prices)
                if budget.over() or not self._goes_on(taken, budget, below(), prices):
                    return None
        finally:
            self._release()
        return taken

    def _release(self) -> None:
        """Let the master choose again."""
        for column, _ in self._settled.values():
            self.master.at_least(column, 0.0)
        self._settled = {}

    def _shrink(self, taken: Taken, prices: FloatArray) -> None:
        """Go on with a master that has only what is open."""
        worked = self.master.shares()
        chosen: dict[int, list[tuple[float, Column]]] = {}
        for share, column in zip(worked, self.master.columns, strict=True):
            if taken.open[column.group] > 0:
                value = -math.inf if share > TOLERANCE else self.master.pool.reduced(column, prices)
                chosen.setdefault(column.group, []).append((value, column))
        self._release()
        want = taken.problem.rows.want - taken.covered
        self.master = Master(self.master.pool, want, taken.open, taken.own)
        for own in chosen.values():
            for _, column in sorted(own, key=lambda pair: pair[0])[:KEPT]:
                self.master.add(column)

    def _goes_on(self, taken: Taken, budget: Budget, below: float, prices: FloatArray) -> bool:
        """Price again beside what is fixed; whether a better roster is still possible."""
        problem = taken.problem
        generation = Generation(
            self.master.pool, self.pricer, self.master,
            problem.rows.want - taken.covered, taken.open, many=2,
            settled=taken.own,
        )  # fmt: skip
        few = int(np.count_nonzero(taken.open)) <= FEW
        rounds = ROUNDS_FEW if few else ROUNDS
        found = generation.run(budget, rounds, prices, enough=below)
        prices[:] = found.prices
        return rounded_up(problem, found.bound) < below - TOLERANCE

    def _settle(self, taken: Taken) -> None:
        """Fix all whole parts, and the largest fractions."""
        shares = self.master.shares()
        fraction = np.zeros(len(shares))
        for at in np.flatnonzero(shares > TOLERANCE):
            column = self.master.columns[at]
            held = self._settled.get(column.number, (column, 0))[1]
            free = int(taken.open[column.group])
            more = min(math.floor(float(shares[at]) - held + 1 - SURE), free)
            if more > 0:
                self._fix(taken, column, held, more)
            if free > max(more, 0):
                fraction[at] = float(shares[at]) - held - max(more, 0)
        some = fraction > TOLERANCE
        draw = fraction + self.noise * self.rng.random(len(fraction)) * some
        count = 1 + int(np.count_nonzero(taken.open)) // AT_ONCE
        for n, most in enumerate(np.argsort(-draw, kind="stable")[:count].tolist()):
            column = self.master.columns[most]
            clear = fraction[most] > (CLEAR if n else TOLERANCE)
            if clear and taken.open[column.group] > 0 and taken.has_room(column):
                self._fix(taken, column, self._settled.get(column.number, (column, 0))[1], 1)

    def _fix(self, taken: Taken, column: Column, held: int, more: int) -> None:
        """Work a column more often."""
        taken.take(column, more)
        self._settled[column.number] = (column, held + more)
        self.master.at_least(column, float(held + more))
