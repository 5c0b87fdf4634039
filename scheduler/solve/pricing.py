"""The best lawful weeks of many teams at once, for given rewards: a dynamic program over days.

A state after a day is: the last duty, how many days ago (today, yesterday, longer), nights in a
row, minutes worked, days in a row, two days off done or not. All teams of a squadron and all
minutes are one numpy array, so a step is a handful of array operations (see `Hop`). Exact: every
lawful line is a path, and every path is lawful.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scheduler.problem import DAYS, IntArray
from scheduler.solve.hop import NONE, FloatArray, Hop
from scheduler.solve.law import Law, Line
from scheduler.solve.options import Options
from scheduler.solve.trace import EXACT_RUN, Tables, Trace
from scheduler.terms import DRIFT_DAYS

SEEN_DATES = 3
"""How many dates back a duty's end is seen at most; beyond, only its clock time is."""


@dataclass(frozen=True, slots=True)
class Day:
    """One day's options, apart by night, and the hops to them."""

    plain: IntArray
    nights: IntArray
    from_plain: tuple[Hop, Hop]
    """From yesterday's plain options to today's plain ones, and to its nights."""
    from_night: tuple[Hop, Hop]
    two_ago: Hop
    """From the options of the day before yesterday, to all of today's."""
    three_ago: Hop
    """From the day before that, where a gap is so long that it matters."""
    clock: Hop
    """From any clock time to all of today's."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A line's best week for the rewards: the options taken, by day."""

    line: int
    value: float
    options: tuple[int, ...]


class Pricer:
    """Prices the lines of one squadron."""

    def __init__(self, law: Law, options: Options, lines: Sequence[Line]) -> None:
        """Prepare the hops, which do not depend on rewards."""
        self.law, self.options, self.lines = law, options, tuple(lines)
        self.step = options.step_min
        most = max((int(line.cap_min.max()) for line in lines), default=0)
        longest = np.array([options.minutes[options.on(d)].max(initial=0) for d in range(DAYS)])
        self.levels = max(0, min(most, int(longest.sum()))) // self.step + 1
        self.runs = 2 if law.run_days >= EXACT_RUN else law.run_days
        self.clocks, clock = np.unique(options.clock_min, return_inverse=True)
        self.clock = clock.astype(np.int64)
        self.by_clock = [np.argsort(self.clock[options.on(d)], kind="stable") for d in range(DAYS)]
        brought = max((line.run_nights for line in lines), default=0)
        self.counts_nights = law.run_nights < DAYS + brought
        self.nights = law.run_nights if self.counts_nights else DAYS
        self.far = max(law.gap_min, law.after_nights_min) > options.least_gap_min(SEEN_DATES)
        self.days = [self._day(day) for day in range(DAYS)]
        self.pairs = 1 if all(min(line.pair_by) >= DAYS - 1 for line in lines) else 3
        self.allowed = np.array([line.allowed for line in lines]).reshape(-1, options.count)
        self.first = np.array([line.first for line in lines]).reshape(-1, options.count)

    def _part(self, day: int, night: bool) -> IntArray:  # noqa: FBT001 - private
        part = self.options.on(day)
        found: IntArray = np.flatnonzero(self.options.night[part] == night).astype(np.int64)
        return np.asarray(found + part.start)

    def _day(self, day: int) -> Day:
        options, law = self.options, self.law
        part = options.on(day)
        plain, nights = self._part(day, night=False), self._part(day, night=True)

        def hop(rows: IntArray, columns: IntArray, *, days: int) -> Hop:
            before = options.start_min[rows], options.end_min[rows], options.night[rows]
            which = np.full((len(rows), 1), days == 1)
            ok = law.follows(before, options, part, which)
            ok &= law.drifts(options.clock_min[rows], options, part, days)
            return Hop(ok[:, columns - part.start])

        empty = np.zeros(0, dtype=np.int64)
        last_plain = self._part(day - 1, night=False) if day else empty
        last_nights = self._part(day - 1, night=True) if day else empty
        ago = options.on(day - 2) if day > 1 else slice(0, 0)
        far = options.on(day - 3) if day > 2 and self.far else slice(0, 0)
        return Day(
            plain, nights,
            (hop(last_plain, plain, days=1), hop(last_plain, nights, days=1)),
            (hop(last_nights, plain, days=1), hop(last_nights, nights, days=1)),
            hop(np.arange(ago.start, ago.stop), np.arange(part.start, part.stop), days=2),
            hop(np.arange(far.start, far.stop), np.arange(part.start, part.stop), days=3),
            Hop(law.drifts(self.clocks, options, part, DRIFT_DAYS)),
        )  # fmt: skip

    def tables(self, rewards: FloatArray, rows: IntArray) -> Tables:
        """Values of all states.

        Args:
            rewards: Worth of each option, shape (lines of `rows`, options).
            rows: Which of the lines.
        """
        worth = np.where(self.allowed[rows], rewards, NONE)
        found = Tables([], [], [])
        for day in range(DAYS):
            found.worked.append(self._work(day, found, worth, rows))
            found.rested.append(self._rest(day, found, len(rows)))
            found.idle.append(self._idle(day, found, len(rows)))
            self._prune(day, found, rows)
        return found

    def _work(self, day: int, found: Tables, worth: FloatArray, rows: IntArray) -> list[FloatArray]:
        """A duty today: from yesterday's, from older ones, or as the week's first."""
        today, lines = self.days[day], len(rows)
        tail = (self.levels, self.runs, self.pairs)
        flat = self.levels * self.runs * self.pairs
        parts = [np.full((lines, len(today.plain), *tail), NONE)]
        parts += [np.full((lines, len(today.nights), *tail), NONE) for _ in range(self.nights)]
        if day:
            before = [self._onward(v).reshape(lines, -1, flat) for v in found.worked[day - 1]]
            parts[0] = self._best(today.from_plain[0], before[0], tail)
            parts[1] = self._best(today.from_plain[1], before[0], tail)
            for n in range(1, self.nights + 1):
                if today.from_night[0].possible:
                    more = self._best(today.from_night[0], before[n], tail)
                    parts[0] = np.maximum(parts[0], more)
                if n < self.nights:
                    parts[n + 1] = self._best(today.from_night[1], before[n], tail)
        start = self.options.on(day).start
        anew = self._anew(day, found, lines)  # after days off: (lines, options, minutes, pairs)
        fresh = 1 if self.law.run_days >= EXACT_RUN else 0
        for part, which in ((0, today.plain), (1, today.nights)):
            held = parts[part][:, :, :, fresh]
            parts[part][:, :, :, fresh] = np.maximum(held, anew[:, which - start])
        self._begin(day, parts, rows)
        own = [today.plain, *([today.nights] * self.nights)]
        return [self._add(part, ids, worth) for part, ids in zip(parts, own, strict=True)]

    def _best(self, hop: Hop, values: FloatArray, tail: tuple[int, int, int]) -> FloatArray:
        found = hop.best(values)
        return found.reshape(*found.shape[:2], *tail)

    def _onward(self, values: FloatArray) -> FloatArray:
        """Another day in a row; where runs are counted, the longest may not go on."""
        if self.law.run_days >= EXACT_RUN:
            return values
        moved = np.full_like(values, NONE)
        moved[:, :, :, 1:] = values[:, :, :, :-1]
        return moved

    def _anew(self, day: int, found: Tables, lines: int) -> FloatArray:
        part = self.options.on(day)
        shape = (lines, part.stop - part.start, self.levels, self.pairs)
        anew = np.full(shape, NONE)
        if day > 1 and self.days[day].two_ago.possible:
            rested = found.rested[day - 1].reshape(lines, -1, self.levels * self.pairs)
            anew = self.days[day].two_ago.best(rested).reshape(shape)
        if day > 1:
            idle = self.days[day].clock.best(found.idle[self.idle_since(day)])
            anew[..., -1] = np.maximum(anew[..., -1], idle)
        if self.days[day].three_ago.possible:
            rested = found.rested[day - 2].max(axis=3)  # off since then, so two days together
            anew[..., -1] = np.maximum(anew[..., -1], self.days[day].three_ago.best(rested))
        return anew

    def idle_since(self, day: int) -> int:
        """Day after which nothing but the clock of the last duty is asked about by this day."""
        return day - 2 if self.far else day - 1

    def _begin(self, day: int, parts: list[FloatArray], rows: IntArray) -> None:
        """The week's first duty, after what people bring."""
        for row, number in enumerate(rows):
            state = self._first_state(day, self.lines[int(number)])
            if state is None:
                continue
            run, night, pair = state
            first = self.first[number]
            plain, nights = self.days[day].plain, self.days[day].nights
            own = parts[0][row, :, 0, run, pair]
            own[first[plain]] = np.maximum(own[first[plain]], 0.0)
            if night <= self.nights:
                own = parts[night][row, :, 0, run, pair]
                own[first[nights]] = np.maximum(own[first[nights]], 0.0)

    def _first_state(self, day: int, line: Line) -> tuple[int, int, int] | None:
        """Run, nights in a row and pair index with which a week's first duty begins."""
        run_before = line.run_days if day == 0 else 0
        if run_before + 1 > self.law.run_days:
            return None
        night = 1
        if day == 0 and self.counts_nights:
            night += line.run_nights
        exact = self.law.run_days >= EXACT_RUN
        run = (0 if day == 0 else 1) if exact else run_before
        done = day > 1 or line.pair_by[day] >= DAYS - 1
        return run, night, self.pairs - 1 if done else day

    def _add(self, values: FloatArray, ids: IntArray, worth: FloatArray) -> FloatArray:
        """Add the duty's minutes and its worth."""
        added = np.full_like(values, NONE)
        lengths = self.options.minutes[ids] // self.step
        for length in np.unique(lengths):
            where = np.flatnonzero(lengths == length)
            part = slice(int(where[0]), int(where[-1]) + 1)  # sorted by length
            added[:, part, length:] = values[:, part, : self.levels - length]
        added += worth[:, ids, None, None, None]
        return added

    def _rest(self, day: int, found: Tables, lines: int) -> FloatArray:
        """Off today after a duty yesterday; nights in a row and days in a row are over."""
        part = self.options.on(day - 1) if day else slice(0, 0)
        rested = np.full((lines, part.stop - part.start, self.levels, self.pairs), NONE)
        if day:
            worked = found.worked[day - 1]
            rested[:, self.days[day - 1].plain - part.start] = worked[0].max(axis=3)
            nights = np.maximum.reduce(worked[1:]).max(axis=3)
            rested[:, self.days[day - 1].nights - part.start] = nights
        return rested

    def _idle(self, day: int, found: Tables, lines: int) -> FloatArray:
        """Off for the second day or longer: only the clock of the last start still matters."""
        idle = np.full((lines, len(self.clocks), self.levels), NONE)
        if day < 2:
            return idle
        np.maximum(idle, found.idle[day - 1], out=idle)
        before = self.options.on(day - 2)
        order = self.by_clock[day - 2]
        clocks = self.clock[before][order]
        if len(order):
            heads = np.flatnonzero(np.diff(clocks, prepend=-1))
            rested = found.rested[day - 1].max(axis=3)[:, order]
            best = np.maximum.reduceat(rested, heads, axis=1)
            idle[:, clocks[heads]] = np.maximum(idle[:, clocks[heads]], best)
        return idle

    def _prune(self, day: int, found: Tables, rows: IntArray) -> None:
        """Take out too many minutes, too long a first run, two days off overdue."""
        for row, number in enumerate(rows):
            line = self.lines[int(number)]
            most = max(-1, int(line.cap_min[day]) // self.step)
            late = [n for n, by in enumerate(line.pair_by) if day > by and self.pairs > 1]
            long = self.law.run_days >= EXACT_RUN and line.run_days + day + 1 > self.law.run_days
            for values in found.worked[day]:
                values[row, :, most + 1 :] = NONE
                if long:
                    values[row, :, :, 0] = NONE
                values[row, ..., late] = NONE
            found.rested[day][row, ..., late] = NONE

    def best(self, rewards: FloatArray, terminal: FloatArray, rows: IntArray, many: int = 1
             ) -> tuple[FloatArray, list[Priced]]:  # fmt: skip
        """The best weeks of some lines.

        Args:
            rewards: Worth of each option, shape (len(rows), options).
            terminal: Worth of each number of minutes worked, shape (len(rows), levels).
            rows: Which of the lines.
            many: How many weeks per line, of different minutes.

        Returns:
            The best value of each line, and its best weeks, best first. A week without duties
            counts too.
        """
        found = self.tables(rewards, rows)
        ends = self._ends(found, terminal, len(rows))
        order = np.argsort(-ends, axis=1, kind="stable")[:, :many]
        weeks = []
        for row, number in enumerate(rows):
            for level in order[row]:
                if ends[row, level] > NONE:
                    state = Trace(self, found, rewards, terminal, row, int(number))
                    options = state.week(int(level), float(ends[row, level]))
                    weeks.append(Priced(int(number), float(ends[row, level]), options))
        values: FloatArray = ends.max(axis=1)
        return values, weeks

    def _ends(self, found: Tables, terminal: FloatArray, lines: int) -> FloatArray:
        """Best value by minutes worked, shape (lines, levels)."""
        ends = np.full((lines, self.levels), NONE)
        ends[:, 0] = 0.0
        last = DAYS - 1
        for values in (*found.worked[last], found.rested[last], found.idle[last]):
            if values.shape[1]:
                flat = np.moveaxis(values, 2, 1).reshape(lines, self.levels, -1)
                ends = np.maximum(ends, flat.max(axis=2))
        return ends + terminal
