"""What is asked: options of each day, the rows they cover, and the groups that work lines.

A group stands for `count` people with the same law, options and costs; each works one line.
Minutes are counted in whole units (`unit_min`), so that a number of units is an index.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scheduler.solve.lines.laws import Law
from scheduler.solve.lines.moves import Moves
from scheduler.solve.lines.rows import TOLERANCE, Covers, FloatArray, IntArray, Rows, Slacks, Wanted

__all__ = [
    "FREE",
    "OFF",
    "TOLERANCE",
    "Covers",
    "FloatArray",
    "Group",
    "IntArray",
    "LineProblem",
    "Options",
    "Rows",
    "Slacks",
    "Wanted",
]  # fmt: skip

OFF = -1
"""Stands for no option."""
FREE = 1 << 30
"""A most that never binds."""


@dataclass(frozen=True)
class Options:
    """What can be worked, sorted by day.

    day, kind, minutes: shape (options,). row_from: shape (options + 1,), where each option's part
    of `rows` begins; an option covers a row once for every time that it is named.
    """

    days: int
    day: IntArray
    kind: IntArray
    minutes: IntArray
    row_from: IntArray
    rows: IntArray

    @cached_property
    def covers(self) -> Covers:
        """What they cover, for all groups that have no covers of their own."""
        return Covers(self.row_from, self.rows)

    @property
    def count(self) -> int:
        """How many options."""
        return len(self.day)

    @cached_property
    def of_day(self) -> IntArray:
        """Where each day's options begin, shape (days + 1,)."""
        return np.searchsorted(self.day, np.arange(self.days + 1)).astype(np.int64)


@dataclass(frozen=True)
class Group:
    """People with the same law, options and costs.

    law: Number of the law. allowed: shape (options,). cost: of each option, shape (options,).
    constant: Cost of each person, whatever is worked. least_min, most_min: minutes of a line.
    most: of each counter of the law, shape (counters,); FREE where there is no most.
    entry: Which of the law's ways in. caps_min: most minutes up to the end of each day.
    ending: cost of each number of units of minutes, in place of a price for what is lacking.
    covers: What the group's options cover, where that is their own.
    """

    law: int
    allowed: npt.NDArray[np.bool_]
    cost: FloatArray
    least_min: int
    most_min: int
    most: tuple[int, ...]
    constant: float = 0.0
    count: int = 1
    entry: int = 0
    caps_min: tuple[int, ...] | None = None
    ending: FloatArray | None = None
    covers: Covers | None = None


@dataclass(frozen=True)
class LineProblem:
    """All that is asked. lack_price: cost of each unit of minutes below a group's least.

    guesses: Prices of rows that are worth a try before anything is known.
    """

    options: Options
    rows: Wanted
    laws: tuple[Law, ...]
    groups: tuple[Group, ...]
    lack_price: float
    grain: float = 0.0
    """Every roster costs a multiple of this; 0: whole numbers, or nothing is known."""
    guesses: tuple[FloatArray, ...] = ()
    blocks: tuple[int, ...] = ()
    """Of each group; groups of different blocks share few rows. Empty: all are one block."""
    moves: Moves | None = None
    """How lines may change by small steps; None: not."""

    @cached_property
    def unit_min(self) -> int:
        """Greatest number of minutes that every option is a multiple of."""
        return int(np.gcd.reduce(self.options.minutes)) if self.options.count else 1

    @cached_property
    def sizes(self) -> IntArray:
        """People in each group, shape (groups,)."""
        return np.array([group.count for group in self.groups], dtype=np.int64)

    @cached_property
    def whole(self) -> bool:
        """Whether every roster costs a whole number."""
        parts = [np.array([self.lack_price])]
        parts += [np.append(group.cost, group.constant) for group in self.groups]
        parts += [group.ending for group in self.groups if group.ending is not None]
        return self.rows.whole and all(bool((part == np.round(part)).all()) for part in parts)

    @cached_property
    def step(self) -> float:
        """Least difference of two costs; 0 if nothing is known."""
        return self.grain or float(self.whole)

    def rounded_up(self, cost: float) -> float:
        """The least cost that a roster may have from here on."""
        return math.ceil(cost / self.step) * self.step if self.step else cost

    @cached_property
    def limits(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest price that a row may have."""
        return self.rows.slacks.limits(len(self.rows.want))

    @cached_property
    def hard(self) -> bool:
        """Whether some row may not have as many as one likes."""
        return bool(np.isneginf(self.limits[0]).any())

    @property
    def empty(self) -> IntArray:
        """The line without any option, which every law allows."""
        return np.full(self.options.days, OFF, dtype=np.int64)

    def covers(self, group: int) -> Covers:
        """What the options cover for a group."""
        own = self.groups[group].covers
        return self.options.covers if own is None else own

    def ending(self, group: int, units: int) -> FloatArray:
        """Cost of each number of units of minutes from 0 to `units`."""
        own, levels = self.groups[group], np.arange(units + 1)
        if own.ending is not None:
            return own.ending[levels]
        lack = np.maximum(0, self.units_wanted(group)[0] - levels)
        return self.lack_price * lack.astype(np.float64)

    def units_wanted(self, group: int) -> tuple[int, int]:
        """Least and most units of minutes of a group's line."""
        own = self.groups[group]
        return -(-own.least_min // self.unit_min), own.most_min // self.unit_min

    def own_cost(self, group: int, line: IntArray) -> float:
        """Cost of a line in itself: what is worked, and what is lacking of the least minutes."""
        own, worked = self.groups[group], line[line >= 0]
        units = int(self.options.minutes[worked].sum()) // self.unit_min
        return float(own.constant + own.cost[worked].sum() + self.ending(group, units)[units])
