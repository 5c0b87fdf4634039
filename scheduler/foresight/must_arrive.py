"""Must-arrive points 必到点 and what they are chosen from: places to stand, windows, budgets.

`scheduler.foresight.choosing` says which ones a week gets. Pure.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from config.durations import DAY_MIN
from config.ids import NIGHT_POINT
from scheduler.foresight.levels import FloatArray, IntArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

WINDOW_H = 2
WINDOWS = 168 // WINDOW_H  # of a week
FIRST_H = 1
"""Windows begin at odd hours: each rush, 07:00 to 09:00 and 17:00 to 19:00, lies in one of them.

Measured on 2013 to 2017: the best 400 windows meet 2 % more than with even hours.
"""
Correct = Callable[[str, int, int], tuple[str, ...]]
"""Of a squadron, weekday 1–7 and hour: violations to act on there and then."""
ReasonKind = Literal["pinned", "risk", "balance", "audit", "night_check", "as_written"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a point was chosen: data, rendered by config.words.

    expected: Incidents per window met there; rank: place among all candidates, 1 the highest.
    note: The words of the person who pinned it; of a point that is read back, all that is written.
    past: What the records hold, where it was counted.
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
    """A must-arrive point of one week. Minutes since 00:00 of its weekday (1–7); end > start.

    must_correct: Violations to act on there. must_check: Classes of vehicles to stop on sight.
    """

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
    must_check: tuple[str, ...] = ()


def night_check_id(weekday: int, place: str) -> str:
    """Id of a point of a weekday's night check."""
    return f"night-{weekday}-{place}"


def reason_read(name: str, note: str = "") -> Reason:
    """Why a point that is read back is there, as far as its id and its words say."""
    kind: ReasonKind = "night_check" if NIGHT_POINT.match(name) else "as_written"
    return Reason(kind, 0.0, 0, note)


@dataclass(frozen=True, slots=True)
class Points:
    """Places to stand, as columns.

    place: Their ids. squadron: Number of each one's squadron, shape (points,).
    covers: covers[i, p] is the share of the incidents at place p that a visit to i meets,
        shape (points, places of the patterns).
    drive_min: Minutes of driving that a visit to each costs, shape (points,).
    worth: How much more a visit to each is worth than the incidents that it meets, same shape.
    """

    place: tuple[str, ...]
    squadron: IntArray
    covers: "csr_array"
    drive_min: FloatArray
    worth: FloatArray | float = 1.0

    def value(self, rest: FloatArray) -> FloatArray:
        """What a visit to each is worth in some windows, shape (points, windows).

        Args:
            rest: Incidents at each place in those windows that nobody meets yet.
        """
        each = np.broadcast_to(self.worth, len(self.place))
        return np.asarray((self.covers @ rest) * each[:, None])


@dataclass(frozen=True, slots=True)
class Budget:
    """What the squadrons can do.

    week: Visits that are each squadron's share of a week's, shape (squadrons,).
    most: Visits that it makes at most, where more of the risk calls for it, same shape.
    window_min: Minutes of its units for visits and the way to them, in each window, shape
        (squadrons, 84).
    """

    week: IntArray
    most: IntArray
    window_min: FloatArray


@dataclass(frozen=True, slots=True)
class Terms:
    """How a visit is made; defaults of the domain."""

    dwell_min: int = 12
    spacing_min: int = 90
    slack_min: int = 15  # the minute inside the window must not be predictable
    random_share: float = 0.12
    balance_share: float = 0.05  # for the section whose risk is the least covered
    effect: float = 0.6  # share of the expected incidents that one visit takes off the next

    def most_visits(self) -> int:
        """Visits to one point that one window can hold, apart enough, at least 1."""
        room = WINDOW_H * 60 - self.dwell_min - self.slack_min
        return 1 + max(room, 0) // (self.dwell_min + self.spacing_min)


def window_rates(rates: FloatArray) -> FloatArray:
    """Expected incidents per window of a week, shape (places, 84), from (places, 168)."""
    turned = np.roll(rates, -FIRST_H, axis=1)
    summed: FloatArray = turned.reshape(len(rates), WINDOWS, WINDOW_H).sum(axis=2)
    return summed


def window_start(window: int) -> tuple[int, int]:
    """Weekday, 1–7, and hour at which a window begins."""
    weekday, hour = divmod(window * WINDOW_H + FIRST_H, 24)
    return weekday + 1, hour


def parts_of(point: MustArrive, part_min: int, first_min: int = 0) -> IntArray:
    """Parts of the week that a point's window touches, in order, shape (parts,); the week repeats.

    Args:
        point: With its window.
        part_min: Minutes of a part, a divisor of a week.
        first_min: Minute of the week at which part 0 begins.
    """
    start = (point.weekday - 1) * DAY_MIN + point.start_min - first_min
    end = start + point.end_min - point.start_min
    return np.arange(start // part_min, -(-end // part_min)) % (7 * DAY_MIN // part_min)


def made(
    chosen: Iterable[tuple[int, int, Reason]],
    points: Points,
    squadrons: Sequence[str],
    dwell_min: int,
    must_correct: Correct | None,
    taken: Container[str] = (),
) -> Iterable[MustArrive]:
    """Chosen visits as points; several to one point in one window are one with more visits.

    Args:
        chosen: Row of the point, number of the window, and why.
        points: Where to stand.
        squadrons: Their ids.
        dwell_min: Of a visit.
        must_correct: (squadron, weekday 1–7, hour) → violations to act on there and then.
        taken: Ids of the points that people pinned: theirs may be copied from an earlier week.
    """
    found: dict[tuple[int, int], MustArrive] = {}
    for row, window, reason in chosen:
        if (row, window) in found:
            known = found[row, window]
            found[row, window] = replace(known, visits=known.visits + 1)
            continue
        squadron, place = squadrons[points.squadron[row]], points.place[row]
        weekday, hour = window_start(window)
        name = f"{place}-{weekday}-{hour:02d}"
        while name in taken or NIGHT_POINT.match(name):
            name = f"at-{name}"
        found[row, window] = MustArrive(
            name, place, squadron, weekday, hour * 60, (hour + WINDOW_H) * 60, dwell_min,
            1, reason, must_correct(squadron, weekday, hour) if must_correct else (),
        )  # fmt: skip
    return found.values()


def hours_of(point: MustArrive) -> IntArray:
    """Hours of the week, 0–167, that a point's window touches."""
    return parts_of(point, 60)


def windows_of(point: MustArrive) -> list[int]:
    """The windows that a point's own one touches."""
    touched: list[int] = parts_of(point, WINDOW_H * 60, FIRST_H * 60).tolist()
    return touched


def night_points(
    rates: FloatArray,
    points: Points,
    x_m: FloatArray,
    y_m: FloatArray,
    hours: Sequence[int],
    count: int,
    worth: FloatArray | float = 1.0,
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
        worth: How much more drivers are drunk at each than its risk says, shape (points,).
        apart_m: Least distance between them; a driver warned at one turns off before the next.
    """
    risk = np.asarray(points.covers @ rates[:, np.asarray(hours) % 168].sum(axis=1)) * worth
    found: list[int] = []
    for row in np.argsort(-risk, kind="stable"):
        far = [np.hypot(x_m[row] - x_m[k], y_m[row] - y_m[k]) >= apart_m for k in found]
        if len(found) < count and risk[row] > 0 and all(far):
            found.append(int(row))
    return tuple((points.place[row], float(risk[row])) for row in found)
