"""Rosters out of the linear master by chance: each person's lines are drawn as often as it says.

One after another people get the line that costs least on the average over what the others will
draw. That average only falls, and needs no linear program.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from scheduler.solve.lines.block import Block
from scheduler.solve.lines.master import Master
from scheduler.solve.lines.pool import Column, Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import FloatArray

RARE = 1e-4
"""What is less likely is left out."""
CROWDED = -1e3
"""Price of a row that may be full already."""


@dataclass
class Chance:
    """How likely each person of a block covers each row.

    likely: By group, shape (rows,).
    """

    pool: Pool
    block: Block
    likely: dict[int, FloatArray] = field(default_factory=dict)

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


def chance_of(pool: Pool, block: Block, master: Master) -> Chance:
    """The chances that a solved master gives."""
    made = Chance(pool, block)
    made.learn(zip(master.columns, master.shares().tolist(), strict=True))
    return made
