"""Rows that lines cover together: which options cover them, and the price of what is not met."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

TOLERANCE = 1e-6
"""Of costs: less is nothing."""


@dataclass(frozen=True)
class Covers:
    """Rows that options cover: those of option n are `rows[row_from[n] : row_from[n + 1]]`.

    A row is named once for every time that it is covered.
    """

    row_from: IntArray
    rows: IntArray

    @cached_property
    def owner(self) -> IntArray:
        """Option of each entry of `rows`."""
        return np.repeat(np.arange(len(self.row_from) - 1), np.diff(self.row_from))

    def of(self, line: IntArray) -> IntArray:
        """Rows that a line covers, with repeats; a line is the option of each day, or OFF."""
        worked = line[line >= 0]
        if not len(worked):
            return np.zeros(0, dtype=np.int64)
        return np.concatenate([self.rows[self.row_from[o] : self.row_from[o + 1]] for o in worked])

    def paid(self, prices: FloatArray) -> FloatArray:
        """Sum of the prices of the rows that each option covers, shape (options,)."""
        count = len(self.row_from) - 1
        found = np.bincount(self.owner, weights=prices[self.rows], minlength=count)
        return found.astype(np.float64)


@dataclass(frozen=True)
class Slacks:
    """What fills rows that lines do not fill exactly, at a price; or empties them.

    price, most: shape (slacks,); infinite where there is no most. row, of, times: each entry says
    that one of slack `of` adds `times` to a row.
    """

    price: FloatArray
    most: FloatArray
    row: IntArray
    of: IntArray
    times: FloatArray

    def bound(self, prices: FloatArray) -> float:
        """Least of what they cost less what rows pay for them; minus infinity if unbounded."""
        paid = np.bincount(
            self.of, weights=self.times * prices[self.row], minlength=len(self.price)
        )
        gain = np.minimum(0.0, self.price - paid)
        free = ~np.isfinite(self.most)
        if gain[free].min(initial=0.0) < -TOLERANCE:
            return -math.inf
        return float(gain[~free] @ self.most[~free])

    def limits(self, rows: int) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest price of each row that slacks without a most leave."""
        low, high = np.full(rows, -np.inf), np.full(rows, np.inf)
        alone = np.bincount(self.of, minlength=len(self.price)) == 1
        free = (alone & ~np.isfinite(self.most))[self.of]
        price = (self.price[self.of] / self.times)[free]
        up = self.times[free] > 0
        np.minimum.at(high, self.row[free][up], price[up])
        np.maximum.at(low, self.row[free][~up], price[~up])
        return low, high


class Wanted(Protocol):
    """What rows want of all lines together, and the price of anything else."""

    @property
    def want(self) -> IntArray:
        """How many cost nothing more than `constant`, shape (rows,)."""

    @property
    def slacks(self) -> Slacks:
        """The same price in linear terms."""

    @property
    def constant(self) -> float:
        """Cost whatever is covered."""

    @property
    def after(self) -> IntArray | None:
        """The row from which each row goes on in time, -1: from none; None: no row does."""

    def cost(self, covered: IntArray) -> float:
        """Cost of so many in each row, the constant included."""

    def next_price(self, covered: IntArray) -> FloatArray:
        """What one more in each row would save; below 0 where it costs."""

    def amiss(self, covered: IntArray) -> FloatArray:
        """What each row costs; below 0 where there is too much."""

    @property
    def whole(self) -> bool:
        """Whether all prices are whole numbers."""


@dataclass(frozen=True)
class Rows:
    """How many are wanted in each row, and the price of each one short or over, shape (rows,)."""

    want: IntArray
    short: FloatArray
    over: FloatArray
    constant: float = 0.0
    after: IntArray | None = None

    @cached_property
    def slacks(self) -> Slacks:
        """Any number short and over."""
        rows = np.arange(len(self.want))
        return Slacks(
            np.concatenate([self.short, self.over]), np.full(2 * len(rows), np.inf),
            np.concatenate([rows, rows]), np.arange(2 * len(rows)),
            np.repeat([1.0, -1.0], len(rows)),
        )  # fmt: skip

    @property
    def whole(self) -> bool:
        """Whether all prices are whole numbers."""
        return all(bool((part == np.round(part)).all()) for part in (self.short, self.over))

    def amiss(self, covered: IntArray) -> FloatArray:
        """What each row costs; below 0 where there is too much."""
        lack = self.want - covered
        amiss: FloatArray = np.maximum(lack, 0) * self.short - np.maximum(-lack, 0) * self.over
        return amiss

    def cost(self, covered: IntArray) -> float:
        """Cost of so many in each row."""
        lack = self.want - covered
        price = self.short @ np.maximum(lack, 0) + self.over @ np.maximum(-lack, 0)
        return float(price) + self.constant

    def next_price(self, covered: IntArray) -> FloatArray:
        """What one more in each row would save; below 0 where it costs."""
        return np.where(covered < self.want, self.short, -self.over)
