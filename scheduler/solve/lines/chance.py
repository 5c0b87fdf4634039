"""Rosters out of the linear master by chance: each person's lines are drawn as often as it says.

One after another people get the line that costs least on the average over what the others will
draw. That average only falls, and needs no linear program; so much is tried. Some people of the
best roster are drawn anew the same way.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from scheduler.solve.budget import Budget
from scheduler.solve.lines.block import Block
from scheduler.solve.lines.greedy import improved
from scheduler.solve.lines.held import Held
from scheduler.solve.lines.master import Master
from scheduler.solve.lines.pool import Column, Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import TOLERANCE, FloatArray

RARE = 1e-4
"""What is less likely is left out."""
FEWEST, MOST = 2, 4
"""People drawn anew at once."""
WHOLE = 4
"""Tries that draw everybody."""
WARMTH = 0.01
"""Of the block's cost: what a worse roster may cost more and still be gone on with, now and then;
falls to nothing in the end."""
CROWDED = -1e3
"""Price of a row that may be full already."""
UNTIMED = Budget(float("inf"))


@dataclass
class Chance:
    """How likely each person of a block covers each row.

    likely: By group, shape (rows,). now: Lines of the roster that is gone on with. tries: so far.
    """

    pool: Pool
    block: Block
    likely: dict[int, FloatArray] = field(default_factory=dict)
    now: list[tuple[Column, int]] = field(default_factory=list)
    tries: int = 0

    def learn(self, shares: Iterable[tuple[Column, float]]) -> None:
        """Take how often the linear master works each line."""
        rows = len(self.pool.problem.rows.want)
        self.likely = {group: np.zeros(rows) for group in self.block.groups}
        for column, share in shares:
            size = int(self.pool.problem.sizes[column.group])
            self.likely[column.group][column.rows] += share / size

    def price(self, made: Taken, group: int) -> FloatArray:
        """What one more in each row saves on the average, shape (rows,).

        Args:
            made: Lines that are settled; whoever has none is drawn.
            group: Whose line is sought.
        """
        rows = self.pool.problem.rows
        drawn = np.zeros((1, len(rows.want)))
        drawn[0] = 1.0
        for other, chance in self.likely.items():
            for _ in range(int(made.open[other]) - (other == group)):
                grown = np.zeros((len(drawn) + 1, len(rows.want)))
                grown[:-1] = drawn * (1.0 - chance)
                grown[1:] += drawn * chance
                drawn = grown[: 1 + np.flatnonzero(grown.max(axis=1) > RARE)[-1]]
        found = np.zeros(len(rows.want))
        for more, chance in enumerate(drawn):
            price = rows.next_price(made.covered + more)
            if more:
                price = np.maximum(price, CROWDED)
            some = chance > 0  # what is barred is infinitely dear, and nought times that is nothing
            found[some] += chance[some] * price[some]
        return found

    def draw(self, start: Taken, pricer: Pricer, rng: np.random.Generator) -> Taken:
        """Lines for everybody of the block without one."""
        made = start.copy()
        open_ = [group for group in self.block.groups if made.open[group] > 0]
        for group in rng.permutation(open_).tolist():
            while made.open[group] > 0:
                paid = pricer.prices_of(self.price(made, group), group)
                lines = pricer.price(group, paid).lines
                line = lines[0] if len(lines) else self.pool.problem.empty
                made.take(self.pool[self.pool.add(group, line)])
        return made

    def run(self, held: Held, pricer: Pricer, rng: np.random.Generator, over: Callable[[], bool],
            cool: Callable[[], float]) -> None:  # fmt: skip
        """Draw everybody a few times, then some people again and again; keep what is better.

        over: Whether it is time to end. cool: Share of all tries or time that is over.
        """
        assert held.best is not None  # noqa: S101 - the greedy roster at least
        groups, own = list(self.block.groups), set(self.block.groups)
        now = held.best.copy()
        if self.now:
            for group in groups:
                now.drop(group)
            for column, count in self.now:
                now.take(column, count)
        best = held.best.cost
        while not over():
            whole = self.tries < WHOLE
            self.tries += 1
            many = len(groups) if whole else int(rng.integers(FEWEST, MOST + 1))
            drawn = rng.permutation(groups)[:many].tolist()
            made = now.copy()
            for group in drawn:
                made.drop(group)
            made = self.draw(made, pricer, rng)
            made = improved(self.pool, pricer, made, rng, UNTIMED, drawn)
            worse, warm = made.cost - now.cost, self._warmth(now) * (1 - cool())
            if worse <= TOLERANCE or (warm > 0 and rng.random() < np.exp(-worse / warm)):
                now = made
            if made.cost < best - TOLERANCE:
                held.move(made, groups)
                best = made.cost
        self.now = [pair for pair in now.items() if pair[0].group in own]

    def _warmth(self, now: Taken) -> float:
        """How much worse a roster may be, about."""
        if self.tries <= WHOLE:
            return 0.0
        amiss = self.pool.problem.rows.amiss(now.covered)
        return WARMTH * float(np.abs(amiss[self.block.inside]).sum())


def chance_of(pool: Pool, block: Block, master: Master) -> Chance:
    """The chances that a solved master gives."""
    made = Chance(pool, block)
    made.learn(zip(master.columns, master.shares().tolist(), strict=True))
    return made
