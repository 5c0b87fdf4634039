"""What is asked: options of each day, the rows they cover, and the groups that work lines.

A group stands for `count` people with the same law, options and costs; each works one line.
Minutes are counted in whole units (`unit_min`), so that a number of units is an index.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scheduler.solve.lines.laws import Law

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

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

    @property
    def count(self) -> int:
        """How many options."""
        return len(self.day)

    @cached_property
    def of_day(self) -> IntArray:
        """Where each day's options begin, shape (days + 1,)."""
        return np.searchsorted(self.day, np.arange(self.days + 1)).astype(np.int64)

    @cached_property
    def owner(self) -> IntArray:
        """Option of each entry of `rows`."""
        return np.repeat(np.arange(self.count), np.diff(self.row_from))

    def rows_of(self, line: IntArray) -> IntArray:
        """Rows that a line covers, with repeats; a line is the option of each day, or OFF."""
        worked = line[line >= 0]
        if not len(worked):
            return np.zeros(0, dtype=np.int64)
        return np.concatenate([self.rows[self.row_from[o] : self.row_from[o + 1]] for o in worked])

    def per_option(self, prices: FloatArray) -> FloatArray:
        """Sum of the prices of the rows that each option covers, shape (options,)."""
        found = np.bincount(self.owner, weights=prices[self.rows], minlength=self.count)
        return found.astype(np.float64)


@dataclass(frozen=True)
class Rows:
    """How many are wanted in each row, and the price of each one short or over, shape (rows,)."""

    want: IntArray
    short: FloatArray
    over: FloatArray

    def cost(self, covered: IntArray) -> float:
        """Cost of so many in each row."""
        lack = self.want - covered
        return float(self.short @ np.maximum(lack, 0) + self.over @ np.maximum(-lack, 0))

    def next_price(self, covered: IntArray) -> FloatArray:
        """What one more in each row would save; below 0 where it costs."""
        return np.where(covered < self.want, self.short, -self.over)


@dataclass(frozen=True)
class Group:
    """People with the same law, options and costs.

    law: Number of the law. allowed: shape (options,). cost: of each option, shape (options,).
    constant: Cost of each person, whatever is worked. least_min, most_min: minutes of a line.
    most: of each counter of the law, shape (counters,); FREE where there is no most.
    """

    law: int
    allowed: npt.NDArray[np.bool_]
    cost: FloatArray
    least_min: int
    most_min: int
    most: tuple[int, ...]
    constant: float = 0.0
    count: int = 1


@dataclass(frozen=True)
class LineProblem:
    """All that is asked. lack_price: cost of each unit of minutes below a group's least."""

    options: Options
    rows: Rows
    laws: tuple[Law, ...]
    groups: tuple[Group, ...]
    lack_price: float

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
        parts = [self.rows.short, self.rows.over, np.array([self.lack_price])]
        parts += [np.append(group.cost, group.constant) for group in self.groups]
        return all(bool((part == np.round(part)).all()) for part in parts)

    def units_wanted(self, group: int) -> tuple[int, int]:
        """Least and most units of minutes of a group's line."""
        own = self.groups[group]
        return -(-own.least_min // self.unit_min), own.most_min // self.unit_min

    def own_cost(self, group: int, line: IntArray) -> float:
        """Cost of a line in itself: what is worked, and what is lacking of the least minutes."""
        own, worked = self.groups[group], line[line >= 0]
        units = int(self.options.minutes[worked].sum()) // self.unit_min
        lack = max(0, self.units_wanted(group)[0] - units)
        return float(own.constant + own.cost[worked].sum() + self.lack_price * lack)
