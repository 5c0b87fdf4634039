"""Which must-arrive points 必到点 a week gets: place, weekday, window, dwell, visits, reason.

Chosen one by one by the expected incidents they still add, apart from each other, within what
each squadron can do; a share is left to chance so that quiet places are looked at too. Those
pinned by people come first. Pure and deterministic: the seed is given.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from config.durations import DAY_MIN
from scheduler.levels import FloatArray, IntArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

WINDOW_H = 2
WINDOWS = 168 // WINDOW_H  # of a week
DAY_WINDOWS = 24 // WINDOW_H
NIGHT_CHECK = re.compile(r"night-[1-7]-")
"""How the id of a night check's point begins: files and events say by it what a point is."""
ReasonKind = Literal["pinned", "risk", "audit", "night_check"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a point was chosen: data, rendered by config.words.

    expected: Incidents per window met there; rank: place among all candidates, 1 the highest.
    note: The words of the person who pinned it. past: What the records hold, where it was counted.
    """

    kind: ReasonKind
    expected: float
    rank: int
    note: str = ""
    past: "Past | None" = None


@dataclass(frozen=True, slots=True)
class Past:
    """Recorded incidents within reach of a point in the hours of its window.

    weeks: Of the record. on_day: Those of its weekday. kinds: The most frequent, and how often.
    """

    weeks: int
    count: int
    on_day: int
    kinds: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class MustArrive:
    """A must-arrive point of one week. Minutes since 00:00 of its weekday (1–7); end > start."""

    id: str
    place: str
    squadron: str
    weekday: int
    start_min: int
    end_min: int
    dwell_min: int
    visits: int
    reason: Reason
    must_correct: tuple[str, ...] = ()


def night_check_id(weekday: int, place: str) -> str:
    """Id of a point of a weekday's night check."""
    return f"night-{weekday}-{place}"


def reason_read(name: str, note: str = "") -> Reason:
    """Why a point that is read back is there, as far as its id and its words say."""
    kind: ReasonKind = "night_check" if NIGHT_CHECK.match(name) else "pinned"
    return Reason(kind, 0.0, 0, note)


@dataclass(frozen=True, slots=True)
class Points:
    """Places to stand, as columns.

    place: Their ids. squadron: Number of each one's squadron, shape (points,).
    covers: covers[i, p] is the share of the incidents at place p that a visit to i meets,
        shape (points, places of the patterns).
    """

    place: tuple[str, ...]
    squadron: IntArray
    covers: "csr_array"


@dataclass(frozen=True, slots=True)
class Budget:
    """What the squadrons can do.

    week: Visits of each squadron in the week, shape (squadrons,).
    window: Most visits of each squadron in each window, shape (squadrons, 84).
    """

    week: IntArray
    window: IntArray


@dataclass(frozen=True, slots=True)
class Terms:
    """How a visit is made; defaults of the domain."""

    dwell_min: int = 12
    spacing_min: int = 90
    slack_min: int = 15  # the minute inside the window must not be predictable
    random_share: float = 0.12
    effect: float = 0.6  # share of the expected incidents that one visit takes off the next

    def most_visits(self) -> int:
        """Visits to one point that one window can hold, apart enough, at least 1."""
        room = WINDOW_H * 60 - self.dwell_min - self.slack_min
        return 1 + max(room, 0) // (self.dwell_min + self.spacing_min)


def window_rates(rates: FloatArray) -> FloatArray:
    """Expected incidents per window of a week, shape (places, 84), from (places, 168)."""
    summed: FloatArray = rates.reshape(len(rates), WINDOWS, WINDOW_H).sum(axis=2)
    return summed


def choose(
    rates: FloatArray,
    points: Points,
    squadrons: Sequence[str],
    budget: Budget,
    pinned: Iterable[MustArrive] = (),
    terms: Terms | None = None,
    seed: int = 0,
    must_correct: Callable[[str, int, int], tuple[str, ...]] | None = None,
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
    """
    how = terms or Terms()
    fixed = tuple(pinned)
    search = _Search(window_rates(rates), points, budget, how)
    for point in fixed:
        if point.place in points.place:
            search.pin(points.place.index(point.place), _windows_of(point), point.visits)
    audits = np.floor(budget.week * how.random_share + 0.5).astype(np.int64)
    chosen = search.by_risk(search.left - np.minimum(audits, search.left))
    chosen += search.at_random(seed)
    found: dict[str, MustArrive] = {}
    for row, window, reason in chosen:
        squadron, place = squadrons[points.squadron[row]], points.place[row]
        weekday, hour = window // DAY_WINDOWS + 1, window % DAY_WINDOWS * WINDOW_H
        name = f"{place}-{weekday}-{hour:02d}"
        visits = found[name].visits + 1 if name in found else 1
        first = found[name].reason if name in found else reason
        found[name] = MustArrive(
            name, place, squadron, weekday, hour * 60, (hour + WINDOW_H) * 60, how.dwell_min,
            visits, first, must_correct(squadron, weekday, hour) if must_correct else (),
        )  # fmt: skip
    return tuple(
        sorted(
            (*fixed, *found.values()),
            key=lambda point: (point.squadron, point.weekday, point.start_min, point.id),
        )
    )


def _windows_of(point: MustArrive) -> list[int]:
    """The windows that a pinned point's own window touches; the week repeats."""
    start = (point.weekday - 1) * DAY_MIN + point.start_min
    end = start + point.end_min - point.start_min
    length = WINDOW_H * 60
    return [window % WINDOWS for window in range(start // length, -(-end // length))]


class _Search:
    """What is still worth visiting, and by whom."""

    def __init__(self, worth: FloatArray, points: Points, budget: Budget, how: Terms) -> None:
        self.points, self.how = points, how
        self.rest = worth.copy()  # incidents per window not yet met, (places, 84)
        self.value = np.asarray(points.covers @ worth)  # (points, 84)
        first = -np.sort(-self.value, axis=None)
        self.worths = first  # for ranks, highest first
        self.original = self.value.copy()
        self.left = budget.week.astype(np.int64).copy()
        self.room = budget.window.astype(np.int64).copy()
        self.visits = np.zeros(self.value.shape, dtype=np.int64)
        self.open = np.ones(self.value.shape, dtype=bool)
        self.most = how.most_visits()

    def pin(self, row: int, windows: list[int], visits: int) -> None:
        """Take a pinned point into account: once in the budget, in each window for the worth."""
        squadron = self.points.squadron[row]
        self.left[squadron] = max(self.left[squadron] - visits, 0)
        for window in windows:
            self.room[squadron, window] = max(self.room[squadron, window] - visits, 0)
            self._take_off(row, window)
            self.open[row, window] = False

    def by_risk(self, budget: IntArray) -> list[tuple[int, int, Reason]]:
        """Greedy: always the visit that adds most; each squadron up to its budget."""
        found: list[tuple[int, int, Reason]] = []
        left = budget.copy()
        own = self.points.squadron
        while True:
            allowed = self.open & (left[own] > 0)[:, None] & (self.room[own] > 0)
            gain = np.where(allowed, self.value, 0.0)
            best = int(np.argmax(gain))  # the first of equals
            row, window = divmod(best, WINDOWS)
            if gain[row, window] <= 0:
                return found
            found.append((row, window, self._reason("risk", row, window)))
            left[own[row]] -= 1
            self._use(row, window)

    def at_random(self, seed: int) -> list[tuple[int, int, Reason]]:
        """What is left of the budget goes to slots drawn evenly from all that are open."""
        draw = np.random.default_rng(seed).random(self.value.size)
        found: list[tuple[int, int, Reason]] = []
        for slot in np.argsort(draw, kind="stable"):
            row, window = divmod(int(slot), WINDOWS)
            squadron = self.points.squadron[row]
            if not self.left.any():
                break
            fresh = self.open[row, window] and not self.visits[row, window]
            if fresh and self.left[squadron] > 0 and self.room[squadron, window] > 0:
                found.append((row, window, self._reason("audit", row, window)))
                self._use(row, window)
        return found

    def _use(self, row: int, window: int) -> None:
        squadron = self.points.squadron[row]
        self.left[squadron] -= 1
        self.room[squadron, window] -= 1
        self.visits[row, window] += 1
        self.open[row, window] = self.visits[row, window] < self.most
        self._take_off(row, window)

    def _take_off(self, row: int, window: int) -> None:
        """Neighbours of a visited point are worth less in that window."""
        met = np.asarray(self.points.covers[[row]].todense()).ravel() * self.how.effect
        self.rest[:, window] *= 1.0 - met
        self.value[:, window] = self.points.covers @ self.rest[:, window]

    def _reason(self, kind: ReasonKind, row: int, window: int) -> Reason:
        expected = float(self.original[row, window])
        rank = int(np.searchsorted(-self.worths, -expected)) + 1
        return Reason(kind, round(expected, 6), rank)


def night_points(
    rates: FloatArray,
    points: Points,
    x_m: FloatArray,
    y_m: FloatArray,
    hours: Sequence[int],
    count: int,
    apart_m: float = 800.0,
) -> tuple[tuple[str, float], ...]:
    """Where a night check stands: riskiest places of those hours, apart, with expected incidents.

    Args:
        rates: Night risk per hour of the week, shape (places, 168).
        points: Where to stand.
        x_m: East of each point, metres, shape (points,).
        y_m: North of each point.
        hours: Hours of the week of the operation, 0–167, more are taken modulo 168.
        count: How many points.
        apart_m: Least distance between them; a driver warned at one turns off before the next.
    """
    risk = np.asarray(points.covers @ rates[:, np.asarray(hours) % 168].sum(axis=1))
    found: list[int] = []
    for row in np.argsort(-risk, kind="stable"):
        far = [np.hypot(x_m[row] - x_m[k], y_m[row] - y_m[k]) >= apart_m for k in found]
        if len(found) < count and risk[row] > 0 and all(far):
            found.append(int(row))
    return tuple((points.place[row], float(risk[row])) for row in found)
