"""Which must-arrive points 必到点 a week gets: place, weekday, window, visits, reason.

Chosen one by one by the expected incidents they still add, apart from each other, within what
each squadron can do, the way there included. A share goes to the sections whose risk is the least
covered 区域路网均衡管控, another is left to chance so that quiet places are looked at, too. Those
pinned by people come first. Pure and deterministic: the seed is given.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from scheduler.foresight.levels import BoolArray, FloatArray, IntArray
from scheduler.foresight.must_arrive import (
    FIRST_H,
    WINDOW_H,
    WINDOWS,
    Budget,
    Correct,
    MustArrive,
    Points,
    Reason,
    ReasonKind,
    Terms,
    made,
    window_rates,
    windows_of,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_array

VISIT_SHARE = 0.5  # of a unit's time in a window; the rest is response
LEEWAY = 2.0  # times its share of the visits that a squadron takes at most
ALL = slice(None)  # points


def choose(
    rates: FloatArray,
    points: Points,
    squadrons: Sequence[str],
    budget: Budget,
    pinned: Iterable[MustArrive] = (),
    terms: Terms | None = None,
    seed: int = 0,
    must_correct: Correct | None = None,
    sections: "csr_array | None" = None,
    present: BoolArray | None = None,
) -> tuple[MustArrive, ...]:
    """The must-arrive points of a week, in order of squadron, weekday, window and place.

    Args:
        rates: Expected incidents per hour of that week, shape (places, 168).
        points: Where to stand.
        squadrons: Their ids.
        budget: What they can do.
        pinned: Points pinned by people: kept as they are, they use up the budget first.
        terms: How a visit is made.
        seed: Of the random slots.
        must_correct: (squadron, weekday 1–7, hour) → violations to act on there and then.
        sections: Weight of each place's incidents in each section, shape (sections, places);
            without it no visits are kept for the sections that are covered least.
        present: Where a unit stands anyway, shape (points, 84): no visit is chosen there, and
            places nearby are worth less, as after a visit.
    """
    how, fixed = terms or Terms(), tuple(pinned)
    search = Search(window_rates(rates), points, budget, how)
    search.hold(fixed)
    if present is not None:
        search.note(present)
    known = sections is not None and sections.shape[0] > 0
    audits = np.minimum(_share(budget.week, how.random_share), search.left)
    spread = _share(budget.week, how.balance_share if known else 0.0)
    spread = np.minimum(spread, search.left - audits)
    kept = audits + spread
    chosen = search.by_risk(int((search.left - kept).sum()), search.most - kept)
    if sections is not None and known:
        chosen += search.by_section(spread, sections)
    chosen += search.at_random(seed, audits)
    found = made(chosen, points, squadrons, how.dwell_min, must_correct, {one.id for one in fixed})
    return tuple(
        sorted(
            (*fixed, *found),
            key=lambda point: (point.squadron, point.weekday, point.start_min, point.id),
        )
    )


def budget(share: FloatArray, units: IntArray, per_week: int) -> Budget:
    """What squadrons can do: the week's visits by risk, a window's minutes by the units there.

    Where the best slots lie close together a squadron may take more than its share: holding each
    to it would give up a fifth of the crashes met.

    Args:
        share: Of the risk that lies in each squadron, any scale, shape (squadrons,).
        units: On duty anyway in each half hour of the week and at no post of a fixed duty, shape
            (squadrons, 336).
        per_week: Visits of all in a week.
    """
    exact = per_week * (share / share.sum() if share.sum() > 0 else share)
    week = np.floor(exact).astype(np.int64)
    short = round(float(exact.sum())) - int(week.sum())
    week[np.argsort(week - exact, kind="stable")[:short]] += 1
    turned = np.roll(units, -FIRST_H * 2, axis=1)
    there = turned.reshape(len(share), WINDOWS, -1).mean(axis=2)
    most = np.ceil(LEEWAY * exact).astype(np.int64)
    return Budget(week, np.maximum(most, week), there * (WINDOW_H * 60 * VISIT_SHARE))


def unmet(
    rates: FloatArray, points: Points, chosen: Iterable[MustArrive], terms: Terms | None = None
) -> FloatArray:
    """Expected incidents of a week at each place that no visit meets, shape (places,).

    Args:
        rates: Per hour of the week, shape (places, 168).
        points: Where the visits are.
        chosen: All of them.
        terms: How a visit is made.
    """
    nobody = np.zeros(0, dtype=np.int64)
    none = Budget(nobody, nobody, np.zeros((0, WINDOWS)))
    search = Search(window_rates(rates), points, none, terms or Terms())
    rows = {name: row for row, name in enumerate(points.place)}
    for point in chosen:
        for window in windows_of(point) if point.place in rows else ():
            for _ in range(point.visits):
                search.take_off(rows[point.place], window)
    return np.asarray(search.rest.sum(axis=1))


def _share(week: IntArray, share: float) -> IntArray:
    return np.asarray(np.floor(week * share + 0.5).astype(np.int64))


class Search:
    """What is still worth visiting, and by whom.

    worth: Expected incidents per window, shape (places, 84).
    """

    def __init__(self, worth: FloatArray, points: Points, budget: Budget, how: Terms) -> None:
        """Begin with nothing chosen."""
        self.points, self.how = points, how
        self.rest = worth.copy()  # incidents per window not yet met, (places, 84)
        self.expected = np.asarray(points.covers @ worth)  # (points, 84)
        self.original = points.value(worth)
        self.value = self.original.copy()
        self.ranked = np.sort(-self.value, axis=None)  # highest worth first, as it is searched
        self.left = budget.week.astype(np.int64).copy()
        self.most = budget.most.astype(np.int64).copy()
        self.room_min = budget.window_min.astype(np.float64).copy()
        self.cost_min = how.dwell_min + points.drive_min
        self.visits = np.zeros(self.value.shape, dtype=np.int64)
        self.open = np.ones(self.value.shape, dtype=bool)
        self.times = how.most_visits()

    def hold(self, pinned: Iterable[MustArrive]) -> None:
        """Take pinned points into account: once in the budget, in each window for the worth."""
        for point in pinned:
            if point.place not in self.points.place:
                continue
            row, squadron = self._row(point)
            for left in (self.left, self.most):
                left[squadron] = max(left[squadron] - point.visits, 0)
            for window in windows_of(point):
                spent = point.visits * (point.dwell_min + self.points.drive_min[row])
                self.room_min[squadron, window] = max(self.room_min[squadron, window] - spent, 0)
                self.take_off(row, window)
                self.open[row, window] = False

    def note(self, present: BoolArray) -> None:
        """Take into account who stands where anyway."""
        for row, window in np.argwhere(present).tolist():
            self.take_off(row, window)
        self.open &= ~present

    def by_risk(self, visits: int, most: IntArray) -> list[tuple[int, int, Reason]]:
        """Greedy: always the visit that adds most, so many, of each squadron at most `most`."""
        found: list[tuple[int, int, Reason]] = []
        left = most.copy()
        rows, gains = self._best(left, np.arange(WINDOWS))
        while len(found) < visits:
            equal = np.flatnonzero(gains == gains.max())
            window = int(equal[np.argmin(rows[equal])])  # the first of equals
            row = int(rows[window])
            if gains[window] <= 0:
                break
            found.append((row, window, self._reason("risk", row, window)))
            squadron = self.points.squadron[row]
            left[squadron] -= 1
            self._use(row, window)
            # A visit changes its own window alone, but for the squadron's last one.
            changed = np.array([window]) if left[squadron] > 0 else np.arange(WINDOWS)
            rows[changed], gains[changed] = self._best(left, changed)
        return found

    def _best(self, left: IntArray, windows: IntArray) -> tuple[IntArray, FloatArray]:
        """The point that adds most in each of some windows, and how much, shape (windows,)."""
        gain = np.where(self._allowed(left, windows), self.value[:, windows], 0.0)
        rows = np.argmax(gain, axis=0)
        return rows, gain[rows, np.arange(len(windows))]

    def by_section(self, budget: IntArray, sections: "csr_array") -> list[tuple[int, int, Reason]]:
        """Always the visit that helps the section with the most risk that nobody meets yet."""
        found: list[tuple[int, int, Reason]] = []
        left = budget.copy()
        closed: set[int] = set()  # sections at which nobody can stand any more
        while left.any() and len(closed) < sections.shape[0]:
            uncovered = sections @ self.rest.sum(axis=1)
            uncovered[list(closed)] = -1.0
            worst = int(np.argmax(uncovered))
            near, gain = self._near(sections, worst)
            gain = np.where(self._allowed(left, np.arange(WINDOWS), near), gain, 0.0)
            if gain.max(initial=0.0) <= 0:
                closed.add(worst)
                continue
            best, window = divmod(int(np.argmax(gain)), WINDOWS)
            row = int(near[best])
            found.append((row, window, self._reason("balance", row, window)))
            left[self.points.squadron[row]] -= 1
            self._use(row, window)
        return found

    def _near(self, sections: "csr_array", section: int) -> tuple[IntArray, FloatArray]:
        """Points that meet some of a section, and how much of it in each window, by point."""
        here = slice(sections.indptr[section], sections.indptr[section + 1])
        own = sections.indices[here]
        meets = self.points.covers[:, own]
        near = np.flatnonzero(np.diff(meets.indptr))
        return near, np.asarray(meets[near] @ (self.rest[own] * sections.data[here][:, None]))

    def at_random(self, seed: int, budget: IntArray) -> list[tuple[int, int, Reason]]:
        """Each squadron's audits go to slots drawn evenly from all its own that are open."""
        left = budget.copy()
        draw = np.random.default_rng(seed).random(self.value.size)
        found: list[tuple[int, int, Reason]] = []
        for slot in np.argsort(draw, kind="stable"):
            row, window = divmod(int(slot), WINDOWS)
            squadron = self.points.squadron[row]
            if not left.any():
                break
            fresh = self.open[row, window] and not self.visits[row, window]
            enough = self.room_min[squadron, window] >= self.cost_min[row]
            if fresh and enough and left[squadron] > 0:
                found.append((row, window, self._reason("audit", row, window)))
                left[squadron] -= 1
                self._use(row, window)
        return found

    def take_off(self, row: int, window: int) -> None:
        """Neighbours of a visited point are worth less in that window."""
        covers = self.points.covers
        near = slice(covers.indptr[row], covers.indptr[row + 1])
        self.rest[covers.indices[near], window] *= 1.0 - covers.data[near] * self.how.effect
        self.value[:, [window]] = self.points.value(self.rest[:, [window]])

    def _row(self, point: MustArrive) -> tuple[int, int]:
        row = self.points.place.index(point.place)
        return row, int(self.points.squadron[row])

    def _allowed(
        self, left: IntArray, windows: IntArray, rows: IntArray | slice = ALL
    ) -> BoolArray:
        """Which visits the squadrons can still make in some windows, shape (points, windows)."""
        own = self.points.squadron[rows]
        there = self.room_min[:, windows][own] >= self.cost_min[rows, None]
        return np.asarray(self.open[rows][:, windows] & (left[own] > 0)[:, None] & there)

    def _use(self, row: int, window: int) -> None:
        squadron = self.points.squadron[row]
        self.room_min[squadron, window] -= self.cost_min[row]
        self.visits[row, window] += 1
        self.open[row, window] = self.visits[row, window] < self.times
        self.take_off(row, window)

    def _reason(self, kind: ReasonKind, row: int, window: int) -> Reason:
        rank = int(np.searchsorted(self.ranked, -self.original[row, window])) + 1
        return Reason(kind, round(float(self.expected[row, window]), 6), rank)
