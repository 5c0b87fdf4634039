"""What a week wants of all teams together, as rows of the line engine: slots, then counts.

The rows of slots are numbered squadron by squadron. A slot's price is convex in its units; what
counted rows lack is shared among the counts in them.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scheduler.problem import IntArray
from scheduler.solve.counted import Lacking
from scheduler.solve.lines.moves import TOO_DEAR, Costs
from scheduler.solve.lines.problem import FloatArray, Slacks
from scheduler.solve.weights import SCALE


@dataclass(frozen=True, slots=True)
class Slots:
    """Cost of new units on duty, convex, shape (squadrons, slots) and a first axis of points.

    at: Numbers of units at which the price changes, rising, the last is the most there may be.
    cost: at these points. best: The point from which on one more saves nothing.
    """

    at: IntArray
    cost: FloatArray
    best: int

    def of(self, units: IntArray) -> FloatArray:
        """Cost of each slot; infinite where there are too many units."""
        found = np.full(units.shape, np.inf)
        for n in range(len(self.at) - 1):
            low, high = self.at[n], self.at[n + 1]
            inside = (units >= low) & (units <= high)
            width = np.maximum(high - low, 1)
            slope = (self.cost[n + 1] - self.cost[n]) / width
            found = np.where(inside, self.cost[n] + slope * (units - low), found)
        return found

    def slacks(self) -> tuple[FloatArray, FloatArray, IntArray, FloatArray]:
        """Price, most, row and times of what is short in each part, and over."""
        points = len(self.at) - 1
        width = np.diff(self.at, axis=0).reshape(points, -1)
        price = np.diff(self.cost, axis=0).reshape(points, -1) / np.maximum(width, 1)
        sign = np.ones((points, 1))
        sign[self.best :] = -1.0
        part, row = np.nonzero(width)
        times = np.broadcast_to(sign, width.shape)[part, row]
        return -times * price[part, row], width[part, row].astype(np.float64), row, times


@dataclass(frozen=True)
class WeekRows:
    """Slots and counted rows together, shape (rows,)."""

    slots: Slots
    lacking: Lacking

    @cached_property
    def squares(self) -> int:
        """How many rows are slots."""
        return int(self.slots.at[0].size)

    @cached_property
    def want(self) -> IntArray:
        """Units and duties beyond which nothing is gained."""
        units = self.slots.at[self.slots.best].ravel()
        return np.concatenate([units, self.lacking.least]).astype(np.int64)

    @cached_property
    def after(self) -> IntArray:
        """Each half hour goes on from the one before."""
        found = np.full(len(self.want), -1, dtype=np.int64)
        slots = np.arange(self.squares)
        found[: self.squares] = np.where(slots % self.slots.at.shape[2] > 0, slots - 1, -1)
        return found

    @property
    def constant(self) -> float:
        """What is missing in slots whatever is done."""
        return float(self.slots.cost[self.slots.best].sum())

    @property
    def whole(self) -> bool:
        """Wishes weigh a fraction of a point."""
        return False

    @cached_property
    def slacks(self) -> Slacks:
        """Of slots: short by part and over; of counts: missing, and as many more as one likes."""
        price, most, row, times = self.slots.slacks()
        counts, rows = self.lacking, len(self.lacking.least)
        member = [(r, n) for r, own in enumerate(counts.members) for n in own]
        held = np.array(member, dtype=np.int64).reshape(-1, 2)
        spare = np.arange(rows)
        return Slacks(
            np.concatenate([price, counts.cost, np.zeros(rows)]),
            np.concatenate([most, np.array(counts.most, dtype=np.float64), np.full(rows, np.inf)]),
            np.concatenate([row, self.squares + held[:, 0], self.squares + spare]),
            np.concatenate([
                np.arange(len(price)), len(price) + held[:, 1],
                len(price) + len(counts.cost) + spare,
            ]),
            np.concatenate([times, np.ones(len(held)), -np.ones(rows)]),
        )  # fmt: skip

    def _slot_units(self, covered: IntArray) -> IntArray:
        return covered[: self.squares].reshape(self.slots.at.shape[1:])

    def cost(self, covered: IntArray) -> float:
        """Cost of so many in each row."""
        slots = float(self.slots.of(self._slot_units(covered)).sum())
        return slots + self.lacking.total(covered[self.squares :])

    def next_price(self, covered: IntArray) -> FloatArray:
        """What one more in each row would save; minus infinity where none may come."""
        units = self._slot_units(covered)
        before, after = self.slots.of(units), self.slots.of(units + 1)
        room = np.isfinite(after)
        gain = np.where(room, before - np.where(room, after, 0.0), -np.inf)
        return np.concatenate([gain.ravel(), self.lacking.worth(covered[self.squares :])])

    def amiss(self, covered: IntArray) -> FloatArray:
        """What each row costs, below 0 where there is too much; counts by their missing ones."""
        units = self._slot_units(covered)
        best = self.slots.best
        cost = self.slots.of(units) - self.slots.cost[best]
        signed = np.where(units > self.slots.at[best], -cost, cost).ravel()
        missing = self.lacking.missing(covered[self.squares :]) * self.lacking.cost
        return np.concatenate([signed, self.lacking.alone(missing)])

    @property
    def costs(self) -> Costs:
        """What rows cost, for compiled code; numbers as far as people of two lines could go."""
        shape, numbers = self.slots.at.shape[1:], int(self.slots.at[-1].max(initial=0)) + 3
        each = [self.slots.of(np.full(shape, n)).ravel() for n in range(numbers)]
        table = np.minimum(np.stack(each, axis=1), TOO_DEAR)
        return Costs(np.ascontiguousarray(table), self.lacking.shared)

    def guess(self, unit: float) -> FloatArray:
        """Prices: the same for a unit in every slot, nothing for counts."""
        found = np.zeros(len(self.want))
        found[: self.squares] = unit
        return found


GRAIN = 1.0 / SCALE
"""Every cost is a multiple of it."""
