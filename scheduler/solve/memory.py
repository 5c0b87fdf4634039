"""What a team's week remembers from day to day: the laws of lines as small automata.

The options of the line engine are the week's options twice: as the first duty of the week, which
follows what people bring, and as a later one. Codes that cannot matter any more are made one at
once, which keeps the graphs small.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scheduler.problem import IntArray
from scheduler.slots import DAYS
from scheduler.solve.law import NEVER, Law, Line
from scheduler.solve.lines.laws import DEAD, KindRun, Term
from scheduler.solve.lines.laws import Law as Automata
from scheduler.solve.options import BoolArray, Options
from scheduler.terms import DRIFT_DAYS


@dataclass(frozen=True)
class Doubled:
    """The week's options, each as a later duty and as the week's first, sorted by day.

    source: The week's option of each. first: whether it is the week's first duty.
    """

    source: IntArray
    first: BoolArray

    @cached_property
    def as_first(self) -> IntArray:
        """The same as the week's first duty."""
        return np.asarray(np.arange(len(self.source)) + np.where(self.first, 0, self._apart))

    @cached_property
    def as_later(self) -> IntArray:
        """The same as a later duty."""
        return np.asarray(np.arange(len(self.source)) - np.where(self.first, self._apart, 0))

    @property
    def _apart(self) -> IntArray:
        """How far the two that stand for the same are apart: the options of a day."""
        ones, twos = np.flatnonzero(~self.first), np.flatnonzero(self.first)
        apart = np.zeros(len(self.source), dtype=np.int64)
        apart[ones] = apart[twos] = twos - ones
        return apart

    @staticmethod
    def of(options: Options) -> "Doubled":
        """Day by day the later ones, then the first ones."""
        days = [np.arange(options.on(day).start, options.on(day).stop) for day in range(DAYS)]
        return Doubled(
            np.concatenate([np.tile(day, 2) for day in days]).astype(np.int64),
            np.concatenate([np.repeat([False, True], len(day)) for day in days]),
        )


@dataclass(frozen=True, eq=False)
class Follows:
    """Gaps, spans and drift: the last duty is remembered, as far as what may follow tells.

    Codes: 0 before the week's first duty, else an option of equal followers plus 1.
    """

    law: Law
    options: Options
    doubled: Doubled

    @property
    def size(self) -> int:
        """A code for every option."""
        return self.options.count + 1

    @property
    def start(self) -> int:
        """No duty yet."""
        return 0

    @cached_property
    def may(self) -> BoolArray:
        """Whether each option may be the next duty after each, shape (options, options)."""
        options, every = self.options, slice(None)
        apart = options.day[None, :] - options.day[:, None]
        before = options.start_min, options.end_min, options.night
        ok = (apart > 0) & self.law.follows(before, options, every, np.asarray(apart == 1))
        days = np.clip(apart, 0, DRIFT_DAYS)
        return np.asarray(ok & self.law.drifts(options.clock_min, options, every, days))

    @cached_property
    def same(self) -> IntArray:
        """A code with the same followers from each day on, shape (days + 1, codes)."""
        found = np.zeros((DAYS + 1, self.size), dtype=np.int64)
        for day in range(1, DAYS):
            begin = self.options.of_day[day]
            rows = np.packbits(self.may[:begin, begin:], axis=1)
            if rows.size:
                _, which, number = np.unique(rows, axis=0, return_index=True, return_inverse=True)
                found[day, 1 : begin + 1] = which[number.reshape(-1)] + 1
        return found

    def step(self, day: int, codes: IntArray, kinds: IntArray) -> IntArray:
        """Remember the last duty."""
        code, works = codes[:, None], kinds >= 0
        option = self.doubled.source[kinds]
        first = self.doubled.first[kinds]
        later = (code > 0) & self.may[np.maximum(codes - 1, 0)][:, option]
        ok = ~works | np.where(first, code == 0, later)
        after = self.same[day + 1]
        return np.where(ok, np.where(works, after[option + 1], after[code]), DEAD)


@dataclass(frozen=True)
class InARow(KindRun):
    """Most days in a row with a duty, or with a night. counted: of each doubled option.

    Codes: days in a row, 0 too where the week is too short to break it.
    """

    def step(self, day: int, codes: IntArray, kinds: IntArray) -> IntArray:
        """Count, or begin anew."""
        left = DAYS - 1 - day
        more = np.where(codes < self.most, codes + 1, DEAD)
        more = np.where((more > 0) & (more + left <= self.most), 0, more)
        counts = (kinds >= 0) & np.array(self.counted, dtype=bool)[kinds]
        return np.where(counts[None, :], more[:, None], 0)


WAYS = 6
ENTERED, BOTH_OFF, LATE = 0, 1, 4
"""Of an entry: nothing yet, Monday off; then worked and off with Monday's limit, with Tuesday's."""


@dataclass(frozen=True)
class OffTogether:
    """Two days off together by a day. by: for each entry, if Monday is worked, and if it is off.

    Codes: 0 done, then `WAYS` an entry: nothing yet, Monday off, and worked or off by each limit.
    """

    by: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        """All ways of all entries."""
        return WAYS * len(self.by) + 1

    @property
    def start(self) -> int:
        """Of no entry: done."""
        return 0

    def code(self, by: tuple[int, int]) -> int:
        """Before Monday."""
        return 1 + WAYS * self.by.index(by)

    def step(self, day: int, codes: IntArray, kinds: IntArray) -> IntArray:
        """Whoever was off the day before and is off again has done it."""
        entry, way = np.divmod(codes - 1, WAYS)
        limits = np.array(self.by, dtype=np.int64)[entry]
        late = (way >= LATE) | (way == BOTH_OFF)
        by = np.where(late, limits[:, 1], limits[:, 0])
        base = 1 + WAYS * entry
        overdue = day > by
        free = by >= DAYS - 1
        work = np.where(free, 0, np.where(overdue, DEAD, base + np.where(late, LATE, 2)))
        was_on = (way == 2) | (way == LATE)
        off = np.where(way == ENTERED, base + BOTH_OFF, 0)
        once = np.where(free, 0, np.where(overdue, DEAD, base + np.where(late, LATE + 1, 3)))
        off = np.where(was_on, once, off)
        done = codes == 0
        work, off = np.where(done, 0, work), np.where(done, 0, off)
        return np.where((kinds >= 0)[None, :], work[:, None], off[:, None])


def automata_of(
    law: Law, options: Options, doubled: Doubled, lines: Sequence[Line]
) -> tuple[Automata, list[int]]:
    """The law as automata, and by which entry each line comes in."""
    terms: list[Term] = [Follows(law, options, doubled)]
    codes = [[0] for _ in lines]
    night = tuple(options.night[doubled.source].tolist())
    for most, counted, brought in (
        (law.run_days, (True,) * len(night), [line.run_days for line in lines]),
        (law.run_nights, night, [line.run_nights for line in lines]),
    ):
        if most < DAYS + max(brought, default=0):
            terms.append(InARow(counted, most))
            for code, run in zip(codes, brought, strict=True):
                code.append(min(run, most))
    limits = [(min(line.pair_by[0], NEVER), min(line.pair_by[1], NEVER)) for line in lines]
    if law.days_off_within < NEVER and lines:
        together = OffTogether(tuple(sorted(set(limits))))
        terms.append(together)
        for code, by in zip(codes, limits, strict=True):
            code.append(together.code(by))
    keys = [tuple(code) for code in codes]
    entries = tuple(dict.fromkeys(keys))
    return Automata(tuple(terms), (), entries), [entries.index(key) for key in keys]
