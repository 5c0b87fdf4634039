"""All duties that a team could have in a week: start × length × day, as columns of numbers."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from config.durations import DAY_MIN
from scheduler.problem import IntArray, Problem
from scheduler.slots import DAYS, SLOTS_A_DAY

BoolArray = NDArray[np.bool_]


class Span(NamedTuple):
    """A duty of a line before it is finished: the day it starts on, and its minutes."""

    day: int
    start_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a week, shape (options,), sorted by day, length and clock time.

    first, last: Slots covered, half open. of_day: where each day begins, 8 numbers.
    """

    day: IntArray
    start_min: IntArray
    end_min: IntArray
    clock_min: IntArray
    night: BoolArray
    first: IntArray
    last: IntArray
    of_day: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many."""
        return len(self.day)

    @property
    def minutes(self) -> IntArray:
        """Their lengths."""
        return self.end_min - self.start_min

    def on(self, day: int) -> slice:
        """The options of a day."""
        return slice(self.of_day[day], self.of_day[day + 1])

    def least_gap_min(self, dates: int) -> int:
        """Least minutes between two duties of the week so many dates apart."""
        pairs = [(self.on(day), self.on(day + dates)) for day in range(DAYS - dates)]
        apart = [
            int(self.start_min[after].min() - self.end_min[before].max())
            for before, after in pairs
            if before.stop > before.start and after.stop > after.start
        ]
        return min(apart, default=DAYS * DAY_MIN)

    def find(self, day: int, start_min: int, end_min: int) -> int | None:
        """The option of that day and span."""
        part = self.on(day)
        same = (self.start_min[part] == start_min) & (self.end_min[part] == end_min)
        where = np.flatnonzero(same)
        return int(where[0]) + part.start if len(where) else None


def options_of(problem: Problem, more: tuple[tuple[int, int, int], ...] = ()) -> Options:
    """Grid starts × shift lengths, and the exact spans of tasks that none of these contains.

    A duty for an operation alone is no longer than `operation_length_h`; a longer one gets no team.
    Few lengths keep the pricing fast: it counts minutes in steps of their common divisor.

    Args:
        problem: The week.
        more: Further (day, start_min, end_min), such as the duties of a published roster.
    """
    spans = set(more)
    for day in range(DAYS):
        for start in problem.starts[day]:
            spans |= {(day, start, start + 60 * h) for h in problem.limits.shift_lengths_h}
    grid = np.array(sorted(spans), dtype=np.int64).reshape(-1, 3)
    longest = 60 * problem.limits.operation_length_h
    for task in problem.tasks:
        if task.kind == "operation" and task.end_min - task.start_min > longest:
            continue
        if not ((grid[:, 1] <= task.start_min) & (grid[:, 2] >= task.end_min)).any():
            spans.add((_day_of(problem, task.start_min), task.start_min, task.end_min))
    rows = sorted(
        (day, end - start, problem.clock_min(start), start)
        for day, start, end in spans
        if 0 < end - start <= problem.limits.most_in_24h_min
    )
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    days, lengths, clocks, starts = (table[:, column] for column in range(4))
    slots = [problem.slots_of(at, at + minutes) for _, minutes, _, at in rows]
    nights = [problem.is_night(at, at + minutes) for _, minutes, _, at in rows]
    return Options(
        day=days, start_min=starts, end_min=starts + lengths, clock_min=clocks,
        night=np.array(nights, dtype=bool),
        first=np.array([slot.start for slot in slots], dtype=np.int64),
        last=np.array([slot.stop for slot in slots], dtype=np.int64),
        of_day=tuple(int(n) for n in np.searchsorted(days, np.arange(DAYS + 1))),
    )  # fmt: skip


def _day_of(problem: Problem, at_min: int) -> int:
    """Day of a minute of the week."""
    midnights = np.array(problem.slot_min[::SLOTS_A_DAY][1:DAYS])
    return int(np.searchsorted(midnights, at_min, side="right"))
