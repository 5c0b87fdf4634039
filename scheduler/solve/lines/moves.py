"""What changing lines by small steps needs to know of a problem, beside what lines are lawful."""

from dataclasses import dataclass
from typing import NamedTuple

from scheduler.solve.lines.rows import FloatArray, IntArray
from scheduler.solve.lines.shared import Shared

TOO_DEAR = 1e8
"""Cost where there are too many: above any roster's, and yet adding it and taking it off again
loses nothing of the rest."""


class Costs(NamedTuple):
    """What rows cost, for compiled code.

    table: of each number in each row that stands alone, which come first, shape (rows, numbers);
    `TOO_DEAR` where there are too many. shared: the other rows.
    """

    table: FloatArray
    shared: Shared


@dataclass(frozen=True)
class Moves:
    """What small changes need to know of a problem.

    start_min: Minute of its day at which each option begins, shape (options,). step_min: Of the
    grid of these. first, later: The option that stands for the same as the first of a line, and as
    another.
    """

    start_min: IntArray
    step_min: int
    first: IntArray
    later: IntArray
    costs: Costs
