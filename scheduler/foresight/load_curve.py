"""The weekly curve of a squadron's load from a few weeks of calls, and how sure it is.

Fifteen calls a day are one call in three half hours of eight weeks: counting says nothing, and
how much to smooth depends on the squadron. So the curve is a level, a shape of the day, how the
week-end differs from it and how each weekday does, each drawn to zero as strongly as the calls
themselves make most likely. Pure: arrays in, arrays out. A slot is half an hour, 0 Monday 00:00.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from scheduler.foresight.demand import MOMENTS, SURE
from scheduler.foresight.levels import FloatArray, IntArray
from scheduler.foresight.queueing import loads_within, seen_service
from scheduler.slots import SLOT_MIN, SLOTS, SLOTS_A_DAY

SLOT_H = SLOT_MIN / 60
DAY_WAVES, WEEKDAY_WAVES = 12, 6  # down to waves of two and of four hours
WEEKDAY_COLUMNS = 1 + 2 * WEEKDAY_WAVES
OF_WEEK = np.vstack((np.ones(7), np.repeat([-3.0 / 7.0, 15.0 / 14.0], [5, 2]), np.eye(7)))
"""What each weekday has of a shape: of all days, of the week-end (mean 0), of its own."""
LEVEL, DAY, WEEKEND, WEEKDAY = range(4)
FREE = 100.0  # variance of the level's logarithm: any level is as good
START = np.array([0.0, -2.0, -4.0, 0.2])
SPREAD = np.array([2.0, 2.0, 2.0, 0.7])  # of strengths from one brigade to another
STEP = np.array([1.5, 1.5, 1.5, 0.4])
TRIALS = 45
NEWTON, HALVINGS, CLOSE = 20, 12, 1e-3
MOST_LOG = 50.0  # no overflow on the way


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What calls tell of the coefficients of one curve's logarithm, each ÷ its prior deviation.

    coefficients: The most likely ones, shape (columns of `_waves`,). deviation: Prior ones, same
    shape. factor: Lower Cholesky factor of their precision. evidence: Logarithm of how likely the
    calls are with these deviations, up to a constant.
    """

    coefficients: FloatArray
    deviation: FloatArray
    factor: FloatArray
    evidence: float


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Calls an hour in each slot of the week, shape (336,), and what is known of their factors."""

    rate: FloatArray
    known: tuple[Known, ...]

    def times(self, other: "Rates") -> "Rates":
        """The product of two curves that are known apart: one of all, and one's own part in it."""
        return Rates(self.rate * other.rate, (*self.known, *other.known))


@dataclass(frozen=True, slots=True, eq=False)
class LoadCurve:
    """Units busy on average in each slot with a band that holds the truth nine times of ten.

    Shapes (336,).
    """

    load: FloatArray
    low: FloatArray
    high: FloatArray


@cache
def _of_day() -> tuple[FloatArray, FloatArray]:
    """A level and the waves of a day, shape (48, 25), and each one's wave number."""
    angle = 2.0 * np.pi * (np.arange(SLOTS_A_DAY) + 0.5) / SLOTS_A_DAY
    number = np.arange(1, DAY_WAVES + 1)
    waves = np.stack([wave(np.outer(angle, number)) for wave in (np.cos, np.sin)], axis=2)
    columns = np.hstack((np.ones((SLOTS_A_DAY, 1)), waves.reshape(SLOTS_A_DAY, -1)))
    return columns, np.concatenate(([0.0], np.repeat(number, 2)))


@cache
def _columns() -> tuple[IntArray, IntArray]:
    """Of each column of the curve's logarithm the row of `OF_WEEK` and the column of `_of_day`."""
    each = len(_of_day()[1])
    sizes = [each, each, *[WEEKDAY_COLUMNS] * 7]
    return np.repeat(np.arange(len(sizes)), sizes), np.concatenate([*map(np.arange, sizes)])


@cache
def _waves() -> tuple[FloatArray, IntArray, FloatArray]:
    """Columns of the curve's logarithm, shape (336, 141); part and wave number of each.

    A day like all others, how the week-end differs from it, and each weekday by itself.
    """
    (day, number), (row, column) = _of_day(), _columns()
    waves = (OF_WEEK[row][:, :, None] * day.T[column][:, None, :]).reshape(len(row), -1).T
    part = np.minimum(DAY + row, WEEKDAY)
    part[0] = LEVEL
    return np.ascontiguousarray(waves), part, number[column]


@cache
def _pairs() -> tuple[FloatArray, IntArray]:
    """What each day weighs in the product of two rows of `OF_WEEK`, and where pairs find theirs.

    The second is shape (141, 141): numbers in the first's rows × all pairs of a day's columns.
    """
    row, column = _columns()
    rows = (OF_WEEK[:, None] * OF_WEEK).reshape(-1, OF_WEEK.shape[1])
    told, at = np.unique(rows, axis=0, return_inverse=True)
    each = len(_of_day()[1])
    day = column[:, None] * each + column
    return told, at.reshape(len(OF_WEEK), -1)[row[:, None], row] * each**2 + day


def _gram(weight: FloatArray) -> FloatArray:
    """Products of all pairs of the columns of `_waves`, slots weighted, shape (141, 141).

    All that they need of a day are the products of its own few columns.
    """
    (day, _), (of_days, at) = _of_day(), _pairs()
    by_day = (day.T * weight.reshape(7, 1, -1)) @ day
    return np.asarray((of_days @ by_day.reshape(7, -1)).ravel()[at])


def _deviation(strength: FloatArray) -> FloatArray:
    """Prior deviation of each column: by its part, the less the faster its wave."""
    _, part, number = _waves()
    of_part = np.concatenate(([np.log(FREE)], strength[:3]))[part]
    decay = 2.0 * np.exp(np.clip(strength[3], -2.0, 2.0)) * np.log1p(number)
    return np.asarray(np.sqrt(np.exp(np.clip(of_part - decay, -20.0, 5.0))))


def rates_at(
    count: FloatArray, exposure: FloatArray, strength: FloatArray, start: FloatArray | None = None
) -> Rates:
    """The most likely curve with given strengths of its parts.

    Args:
        count: Calls in each slot, shape (336,).
        exposure: Hours over which they were counted, or calls expected; not all zero.
        strength: Logarithms of the parts' variances (day, week-end, weekday) and of the decay
            from wave to wave, shape (4,).
        start: Coefficients to begin at, each divided by its prior deviation; where they are
            farther off than a flat week, that is taken.
    Source:
        Laplace's approximation: Rasmussen & Williams (2006), section 3.4.
    """
    from scipy.linalg import cho_factor, cho_solve  # noqa: PLC0415 - as in `weekly_rates`

    waves, deviation = _waves()[0], _deviation(strength)
    flat = np.zeros(len(deviation))
    flat[0] = np.log((count.sum() + 0.5) / exposure.sum()) / np.sqrt(FREE)

    def curve(at: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """What it loses, the logarithms of its rates, and its coefficients."""
        log = np.minimum(waves @ (deviation * at), MOST_LOG)
        return float(exposure @ np.exp(log) - count @ log + 0.5 * at @ at), log, at

    starts = [flat] if start is None else [start, flat]
    now, log, at = min(map(curve, starts), key=lambda one: one[0])
    for _ in range(NEWTON):
        mean = exposure * np.exp(log)
        precision = _gram(mean) * np.outer(deviation, deviation)
        precision.flat[:: len(at) + 1] += 1.0  # the prior's own
        factor, _ = cho_factor(precision, lower=True, check_finite=False)
        uphill = deviation * ((mean - count) @ waves) + at
        move = cho_solve((factor, True), uphill, check_finite=False)
        for halving in range(HALVINGS):
            after, log, tried = curve(at - move / 2.0**halving)
            if after <= now:
                break
        gained, now, at = now - after, after, tried
        if gained < CLOSE:
            break
    evidence = -now - float(np.log(np.diagonal(factor)).sum())
    return Rates(np.exp(log), (Known(at, deviation, factor, evidence),))


def weekly_rates(count: FloatArray, exposure: FloatArray) -> Rates:
    """Calls an hour in each slot of a week, smoothed as much as the calls ask for.

    The strengths are those that make the calls most likely: what each call adds is how well the
    curve of the others foresaw it, so this is cross-validation in every order at once.

    Args:
        count: Calls in each slot, shape (336,).
        exposure: Hours over which each slot was counted, or calls expected in them, shape (336,);
            some positive.

    Raises:
        ValueError: The shapes differ, a value is negative, or no slot was counted.
    Source:
        Evidence: MacKay (1992); Rasmussen & Williams (2006), section 5.4.
    """
    if count.shape != (SLOTS,) or exposure.shape != (SLOTS,):
        msg = f"count {count.shape} and exposure {exposure.shape} are not ({SLOTS},)"
        raise ValueError(msg)
    if min(count.min(), exposure.min()) < 0 or exposure.sum() <= 0:
        msg = "counts and exposure are at least 0, and something was exposed"
        raise ValueError(msg)
    from scipy.optimize import minimize  # noqa: PLC0415 - who only asks of a week does not wait

    tried: list[tuple[float, Rates]] = []

    def lost(strength: FloatArray) -> float:
        """What the simplex goes down: the evidence, and how unusual such strengths are."""
        start = tried[-1][1].known[0].coefficients if tried else None
        found = rates_at(count, exposure, strength, start)
        usual = float(np.sum(((strength - START) / SPREAD) ** 2)) / 2.0
        tried.append((usual - found.known[0].evidence, found))
        return tried[-1][0]

    corners = np.vstack((START, START + np.diag(STEP)))
    minimize(
        lost, START, method="Nelder-Mead",
        options={"maxfev": TRIALS, "initial_simplex": corners, "xatol": 0.1, "fatol": 0.1},
    )  # fmt: skip
    return min(tried, key=lambda one: one[0])[1]


def load_curve(slot: IntArray, service_h: FloatArray, exposure_h: FloatArray) -> LoadCurve:
    """Units busy in each slot of a week, if none ever waited, from recorded calls.

    Args:
        slot: Half hour of the week in which each call came, 0–335, shape (calls,).
        service_h: How long each bound a unit, shape (calls,).
        exposure_h: Hours over which each slot was watched, shape (336,).

    Raises:
        ValueError: No call, or as `weekly_rates`.
    """
    if not slot.size:
        msg = "a load needs at least one call"
        raise ValueError(msg)
    count = np.bincount(slot, minlength=SLOTS).astype(np.float64)
    varied = float(service_h.std()) / max(float(service_h.mean()), 1e-12)
    rates = weekly_rates(count, exposure_h)
    by_rate = by_rate_of(seen_service(service_h))
    return load_of(rates, by_rate, varied / float(np.sqrt(slot.size)))


def by_rate_of(bound_h: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Load in each slot (rows) by an incident an hour in each (columns), shape (336, 336).

    Args:
        bound_h: As of `offered_load`.
    """
    of_one = loads_within(np.eye(1, SLOTS), bound_h, SLOT_H, MOMENTS).mean(axis=-1)[0]
    return np.asarray(of_one[(np.arange(SLOTS)[:, None] - np.arange(SLOTS)) % SLOTS])


def load_of(rates: Rates, by_rate: FloatArray, of_service: float) -> LoadCurve:
    """Units busy in each slot of a week, if none ever waited, from a curve of calls.

    Args:
        rates: Of the calls.
        by_rate: Of their services, as `by_rate_of` finds it.
        of_service: Standard deviation of the logarithm of the mean service.
    """
    from scipy.linalg import solve_triangular  # noqa: PLC0415 - as in `weekly_rates`

    load = by_rate @ rates.rate
    slope = ((by_rate * rates.rate) @ _waves()[0]).T
    square = np.zeros(SLOTS)
    for one in rates.known:
        scaled = one.deviation[:, None] * slope
        square += (solve_triangular(one.factor, scaled, lower=True) ** 2).sum(axis=0)
    sure = np.exp(SURE * np.hypot(np.sqrt(square) / np.maximum(load, 1e-12), of_service))
    return LoadCurve(load, load / sure, load * sure)
