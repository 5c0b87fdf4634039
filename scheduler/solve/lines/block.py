"""Groups that share rows among themselves and few with others: each block is a smaller problem.

What others do in the few rows that they share is taken as it stands; so a block's bound holds
beside them, and only prices of all blocks together bound the whole.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scheduler.solve.lines.problem import FloatArray, IntArray, LineProblem, Slacks


@dataclass(frozen=True)
class Block:
    """Some groups. rows: All that they can cover or that share slacks with these; None: all."""

    problem: LineProblem
    groups: tuple[int, ...]
    rows: IntArray | None = None

    @cached_property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Whether each row is one of the block's, or shares slacks with one."""
        found = np.zeros(len(self.problem.rows.want), dtype=bool)
        found[slice(None) if self.rows is None else self.rows] = True
        return found

    @cached_property
    def sizes(self) -> IntArray:
        """People of the block's groups, shape (groups,)."""
        found = np.zeros_like(self.problem.sizes)
        found[list(self.groups)] = self.problem.sizes[list(self.groups)]
        return found

    def outside(self, covered: IntArray) -> float:
        """Cost of the rows that are none of the block's, beyond what is constant."""
        if self.rows is None:
            return 0.0
        rows = self.problem.rows
        return rows.cost(np.where(self.inside, rows.want, covered)) - rows.constant


def blocks_of(problem: LineProblem) -> list[Block]:
    """The blocks that the problem names, the largest first."""
    every = tuple(range(len(problem.groups)))
    if len(set(problem.blocks)) <= 1:
        return [Block(problem, every)]
    found = []
    for number in sorted(set(problem.blocks)):
        groups = tuple(n for n in every if problem.blocks[n] == number)
        rows = np.unique(np.concatenate([problem.covers(n).rows for n in groups]))
        slacks = problem.rows.slacks
        there = np.zeros(len(problem.rows.want), dtype=bool)
        there[rows] = True
        found.append(Block(problem, groups, np.flatnonzero(there | _shared(slacks, there))))
    return sorted(found, key=lambda block: -len(block.groups))


def _shared(slacks: Slacks, there: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Rows that share a slack with some rows."""
    shared = np.zeros(len(slacks.price), dtype=bool)
    shared[slacks.of[there[slacks.row]]] = True
    found = np.zeros_like(there)
    found[slacks.row[shared[slacks.of]]] = True
    return found


def joined(blocks: list[Block], prices: list[FloatArray], share: float) -> FloatArray:
    """One price for each row out of the blocks' own; share: 0 the least of them, 1 the most."""
    low, high = np.full_like(prices[0], np.inf), np.full_like(prices[0], -np.inf)
    for block, own in zip(blocks, prices, strict=True):
        low[block.inside] = np.minimum(low[block.inside], own[block.inside])
        high[block.inside] = np.maximum(high[block.inside], own[block.inside])
    met = np.isfinite(low)  # a row of no block has no price
    mixed = np.zeros_like(low)
    mixed[met] = (1 - share) * low[met] + share * high[met]
    return mixed
