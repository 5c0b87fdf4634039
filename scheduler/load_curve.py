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

from scheduler.demand import MOMENTS, SLOT_MIN, SLOTS, SURE
from scheduler.levels import FloatArray, IntArray
from scheduler.queueing import loads_within, seen_service

SLOT_H = SLOT_MIN / 60
DAY_WAVES, WEEKDAY_WAVES = 12, 6  # down to waves of two and of four hours
LEVEL, DAY, WEEKEND, WEEKDAY = range(4)
FREE = 100.0  # variance of the level's logarithm: any level is as good
START = np.array([0.0, -2.0, -4.0, 0.2])
SPREAD = np.array([2.0, 2.0, 2.0, 0.7])  # of strengths from one brigade to another
STEP = np.array([1.5, 1.5, 1.5, 0.4])
TRIALS = 45
NEWTON, HALVINGS, CLOSE = 20, 12, 1e-3
MOST_LOG = 50.0  # no overflow on the way


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Calls an hour in each slot of the week, and the posterior they were read from.

    rate: Shape (336,). slope: Derivative of its logarithm by each coefficient, shape
    (336, coefficients). precision: Inverse covariance of the coefficients.
    coefficients: The most likely ones. evidence: Logarithm of how likely the calls are with
    these strengths of the parts, up to a constant.
    """

    rate: FloatArray
    slope: FloatArray
    precision: FloatArray
    coefficients: FloatArray
    evidence: float

    def times(self, other: "Rates") -> "Rates":
        """The product of two curves that are known apart: one of all, and one's own part in it."""
        blank = np.zeros((len(self.coefficients), len(other.coefficients)))
        return Rates(
            self.rate * other.rate,
            np.hstack((self.slope, other.slope)),
            np.block([[self.precision, blank], [blank.T, other.precision]]),
            np.concatenate((self.coefficients, other.coefficients)),
            self.evidence + other.evidence,
        )


@dataclass(frozen=True, slots=True, eq=False)
class LoadCurve:
    """Units busy on average in each slot with a band that holds the truth nine times of ten.

    Shapes (336,).
    """

    load: FloatArray
    low: FloatArray
    high: FloatArray


@cache
def _waves() -> tuple[FloatArray, IntArray, FloatArray]:
    """Columns of the curve's logarithm, shape (336, columns); part and wave number of each."""
    hour = (np.arange(SLOTS) + 0.5) * SLOT_H
    angle = 2.0 * np.pi * hour / 24.0
    weekday = (hour // 24).astype(np.int64)
    columns, parts, numbers = [np.ones(SLOTS)], [LEVEL], [0.0]

    def add(part: int, within: FloatArray, waves: int, *, level: bool) -> None:
        if level:
            columns.append(within)
            parts.append(part)
            numbers.append(0.0)
        for number in range(1, waves + 1):
            for wave in (np.cos, np.sin):
                columns.append(within * wave(number * angle))
                parts.append(part)
                numbers.append(float(number))

    add(DAY, np.ones(SLOTS), DAY_WAVES, level=False)
    add(
        WEEKEND, np.where(weekday >= 5, 15.0 / 14.0, -3.0 / 7.0), DAY_WAVES, level=True
    )  # mean 0 over a week
    for day in range(7):
        add(WEEKDAY, np.where(weekday == day, 1.0, 0.0), WEEKDAY_WAVES, level=True)
    return np.column_stack(columns), np.array(parts), np.array(numbers)


def _variance(strength: FloatArray) -> FloatArray:
    """Prior variance of each column: by its part, the less the faster its wave."""
    _, part, number = _waves()
    of_part = np.concatenate(([np.log(FREE)], strength[:3]))[part]
    decay = 2.0 * np.exp(np.clip(strength[3], -2.0, 2.0)) * np.log1p(number)
    return np.asarray(np.exp(np.clip(of_part - decay, -20.0, 5.0)))


def rates_at(
    count: FloatArray, exposure: FloatArray, strength: FloatArray, start: FloatArray | None = None
) -> Rates:
    """The most likely curve with given strengths of its parts.

    Args:
        count: Calls in each slot, shape (336,).
        exposure: Hours over which they were counted, or calls expected; not all zero.
        strength: Logarithms of the parts' variances (day, week-end, weekday) and of the decay
            from wave to wave, shape (4,).
        start: Coefficients to begin at, each divided by its prior deviation.
    Source:
        Laplace's approximation: Rasmussen & Williams (2006), section 3.4.
    """
    slope = _waves()[0] * np.sqrt(_variance(strength))
    at = np.zeros(slope.shape[1]) if start is None else start
    if start is None:
        at[0] = np.log((count.sum() + 0.5) / exposure.sum()) / np.sqrt(FREE)

    def loss(log: FloatArray, at: FloatArray) -> float:
        return float(exposure @ np.exp(log) - count @ log + 0.5 * at @ at)

    log = slope @ at
    now = loss(log, at)
    for _ in range(NEWTON):
        mean = exposure * np.exp(log)
        precision = (slope * mean[:, None]).T @ slope + np.eye(len(at))
        move = np.linalg.solve(precision, slope.T @ (mean - count) + at)
        for halving in range(HALVINGS):
            tried = at - move / 2.0**halving
            log = np.minimum(slope @ tried, MOST_LOG)
            after = loss(log, tried)
            if after <= now:
                break
        gained, now, at = now - after, after, tried
        if gained < CLOSE:
            break
    evidence = -now - 0.5 * float(np.linalg.slogdet(precision)[1])
    return Rates(np.exp(log), slope, precision, at, evidence)


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
        start = tried[-1][1].coefficients if tried else None
        found = rates_at(count, exposure, strength, start)
        usual = float(np.sum(((strength - START) / SPREAD) ** 2)) / 2.0
        tried.append((usual - found.evidence, found))
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
    load = by_rate @ rates.rate
    slope = by_rate @ (rates.rate[:, None] * rates.slope)
    spread = np.sqrt(np.sum(slope.T * np.linalg.solve(rates.precision, slope.T), axis=0))
    sure = np.exp(SURE * np.hypot(spread / np.maximum(load, 1e-12), of_service))
    return LoadCurve(load, load / sure, load * sure)
