"""Reads a best week back out of the tables of the dynamic program."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.problem import DAYS, IntArray
from scheduler.solve.hop import NONE, FloatArray
from scheduler.solve.options import BoolArray

if TYPE_CHECKING:
    from scheduler.solve.pricing import Pricer

EXACT_RUN = 6
"""A shortest limit of days in a row that a week can break only from its first day on."""


@dataclass(slots=True)
class Tables:
    """Values after each day. Last axes: minutes, days in a row, two days off done."""

    worked: list[list[FloatArray]]
    """[day][nights in a row]: shape (lines, options of that part, minutes, runs, pair)."""
    rested: list[FloatArray]
    """[day]: off today, on duty yesterday: (lines, yesterday's options, minutes, pair)."""
    idle: list[FloatArray]
    """[day]: off for two days or more: (lines, clocks, minutes)."""


class Trace:
    """One line's way back, day by day, to the state from which each value came."""

    def __init__(self, pricer: "Pricer", found: Tables, rewards: FloatArray,
                 terminal: FloatArray, row: int, number: int) -> None:  # fmt: skip
        """Take the tables of several lines, of which `row` is the one, the pricer's `number`."""
        self.pricer, self.found, self.row, self.number = pricer, found, row, number
        self.rewards, self.terminal = rewards[row], terminal[row]
        self.taken: list[int] = []

    def week(self, level: int, value: float) -> tuple[int, ...]:
        """The options of the week that ends with so many minutes and that value."""
        value -= float(self.terminal[level])
        day = DAYS - 1
        parts = [*self.found.worked[day], self.found.rested[day], self.found.idle[day]]
        bests = [self._top(values[self.row][:, level]) for values in parts]
        which = max(range(len(bests)), key=lambda n: bests[n][0])
        if level > 0 or bests[which][0] > 0:
            where = bests[which][1]
            if which < len(self.found.worked[day]):
                self._worked(day, which, where[0], level, where[1], where[2])
            elif which == len(self.found.worked[day]):
                self._rested(day, where[0], level, where[1])
            else:
                self._idle(day, where[0], level)
        return tuple(reversed(self.taken))

    @staticmethod
    def _top(values: FloatArray) -> tuple[float, tuple[int, ...]]:
        """Greatest value and where it stands."""
        if not values.size:
            return NONE, ()
        at = int(np.argmax(values))
        return float(values.flat[at]), tuple(int(n) for n in np.unravel_index(at, values.shape))

    def _ids(self, day: int, part: int) -> IntArray:
        days = self.pricer.days[day]
        return days.nights if part else days.plain

    def _worked(self, day: int, part: int, at: int, level: int, run: int, pair: int) -> None:
        """The state of a duty today; `at` is its place in its part."""
        pricer = self.pricer
        option = int(self._ids(day, part)[at])
        self.taken.append(option)
        level -= int(pricer.options.minutes[option]) // pricer.step
        exact = pricer.law.run_days >= EXACT_RUN
        best: tuple[float, tuple[int, ...]] = (NONE, ())
        state = pricer._first_state(day, pricer.lines[self.number])  # noqa: SLF001 - one module in two files
        begins = state and state[0] == run and state[2] == pair and part in (0, state[1])
        if level == 0 and begins and pricer.first[self.number, option]:
            best = (0.0, (0,))
        if day and (exact or run > 0):
            before = run if exact else run - 1
            for last, column in self._yesterday(day, part, at):
                values = self.found.worked[day - 1][last][self.row, :, level, before, pair]
                top = self._top(np.where(column, values, NONE))
                if top[0] > best[0]:
                    best = (top[0], (1, last, *top[1], before))
        if day > 1 and run == (1 if exact else 0) and part <= 1:
            best = max(best, self._older(day, option, level, pair), key=lambda pick: pick[0])
        match best[1]:
            case (1, last, place, before):
                self._worked(day - 1, last, place, level, before, pair)
            case (2, place):
                self._rested(day - 1, place, level, pair)
            case (3, place):
                self._idle(pricer.idle_since(day), place, level)
            case (4, place, before):
                self._rested(day - 2, place, level, before)

    def _yesterday(self, day: int, part: int, at: int) -> list[tuple[int, BoolArray]]:
        """Parts of yesterday that may come before, with the duties of them that may."""
        today = self.pricer.days[day]
        if part == 0:
            found = [(0, today.from_plain[0])]
            found += [(n, today.from_night[0]) for n in range(1, self.pricer.nights + 1)]
        elif part == 1:
            found = [(0, today.from_plain[1])]
        else:
            found = [(part - 1, today.from_night[1])]
        return [(last, hop.allowed[:, at]) for last, hop in found if hop.possible]

    def _older(self, day: int, option: int, level: int, pair: int
               ) -> tuple[float, tuple[int, ...]]:  # fmt: skip
        """The best state of yesterday without a duty yesterday."""
        today, start = self.pricer.days[day], self.pricer.options.on(day).start
        rested = self.found.rested[day - 1][self.row, :, level, pair]
        top = self._top(np.where(today.two_ago.allowed[:, option - start], rested, NONE))
        best = (top[0], (2, *top[1]))
        if pair == self.pricer.pairs - 1:
            idle = self.found.idle[self.pricer.idle_since(day)][self.row, :, level]
            top = self._top(np.where(today.clock.allowed[:, option - start], idle, NONE))
            if top[0] > best[0]:
                best = (top[0], (3, *top[1]))
            if today.three_ago.possible:
                rested = self.found.rested[day - 2][self.row, :, level]
                ok = today.three_ago.allowed[:, option - start]
                top = self._top(np.where(ok[:, None], rested, NONE))
                if top[0] > best[0]:
                    best = (top[0], (4, *top[1]))
        return best

    def _rested(self, day: int, place: int, level: int, pair: int) -> None:
        """Off today, the duty of that place yesterday."""
        option = place + self.pricer.options.on(day - 1).start
        best: tuple[float, tuple[int, ...]] = (NONE, ())
        for part, values in enumerate(self.found.worked[day - 1]):
            where = np.flatnonzero(self._ids(day - 1, part) == option)
            if len(where):
                top = self._top(values[self.row, where[0], level, :, pair])
                if top[0] > best[0]:
                    best = (top[0], (part, int(where[0]), *top[1]))
        part, at, run = best[1]
        self._worked(day - 1, part, at, level, run, pair)

    def _idle(self, day: int, clock: int, level: int) -> None:
        """Off for two days or more since a duty that began at that clock."""
        before = self.pricer.options.on(day - 2)
        same = self.pricer.clock[before] == clock
        rested = self.found.rested[day - 1][self.row, :, level]
        top = self._top(np.where(same[:, None], rested, NONE))
        if self.found.idle[day - 1][self.row, clock, level] >= top[0]:
            self._idle(day - 1, clock, level)
        else:
            self._rested(day - 1, top[1][0], level, top[1][1])
