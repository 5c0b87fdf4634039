"""The numbers under the patterns: empirical-Bayes levels, profiles, month index, calibration.

Pure array functions. Exposure is in hours, a rate in incidents per hour.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.durations import DAY_MS, HOUR_MS
from scheduler.shares import WEEKEND

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

HOURS = 168
"""Of a week; hour 0 is Monday 00:00."""
STEP_BITS = 44  # of a float's 64 that are left out where it is only put into steps
FLAT = 10.0  # incidents that "every hour is alike" is worth: no hour is ever impossible


def hour_of_week(local_ms: IntArray) -> IntArray:
    """Hour of the week of local wall clocks in ms, 0 Monday 00:00."""
    weekday = (local_ms // DAY_MS + 3) % 7  # 1 January 1970 was a Thursday
    return np.asarray(weekday * 24 + local_ms % DAY_MS // HOUR_MS, dtype=np.int64)


def weighted(code: IntArray, weight: FloatArray, size: int) -> FloatArray:
    """Sum of the weights by code, shape (size,)."""
    return np.bincount(code, weights=weight, minlength=size).astype(np.float64)


def eb_level(
    count: FloatArray,
    exposure: float | FloatArray,
    prior: FloatArray,
    prior_exposure: float | FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Posterior mean and standard deviation of each place's rate.

    A place with little exposure leans on its prior: one bad month must not buy a patrol for a
    year. λ = (c + K·prior)/(E + K), the mean of the gamma posterior; Hauer's weight of the
    prior is w = K/(E + K).

    Args:
        count: Incidents seen, weighted by recency, shape (places,).
        exposure: E, the time over which they were seen, weighted alike.
        prior: Expected rate, shape (places,).
        prior_exposure: K, how much exposure the prior is worth, same unit as `exposure`.
    Source:
        Hauer et al. (2002), Estimating Safety by the Empirical Bayes Method, TRR 1784.
    """
    shape = count + prior_exposure * prior
    seen = exposure + prior_exposure
    return shape / seen, np.sqrt(shape) / seen


@dataclass(frozen=True, slots=True)
class Profiling:
    """How an hour-of-week profile leans on what is known better; measured on 2010 to 2017.

    A width is that of one incident alone, in hours: with n of them it is n^(-1/5) of that, so
    95,000 crashes are smoothed over half an hour, and the 150 of one district and season over two.
    """

    alike_h: float = 5.0  # of all workdays together, and of the week-end
    own_h: float = 6.0  # of a weekday by itself
    own_share: float = 0.5  # most that a weekday's own shape has in its profile
    own_incidents: float = 1500.0  # of which half of that share is left
    level_incidents: float = 100.0  # that "every weekday has as many" is worth


def hour_profile(count: FloatArray, days: FloatArray, how: Profiling | None = None) -> FloatArray:
    """Hour-of-week profile with mean 1, shape (168,); hour 0 is Monday 00:00 local.

    A weekday has the shape of all workdays, or of the week-end, mixed with its own, and its own
    level; each is smoothed or shrunk the more, the fewer incidents it is known from.

    Args:
        count: Incidents by hour of the week, shape (168,).
        days: Exposure of each weekday in days, shape (7,).
        how: The widths and shares; the measured ones when None.

    Raises:
        ValueError: If the shapes differ from (168,) and (7,).
    Source:
        n^(-1/5): Silverman (1986), Density Estimation, chapter 3.
    """
    if count.shape != (HOURS,) or days.shape != (7,):
        msg = f"count {count.shape} and days {days.shape} are not (168,) and (7,)"
        raise ValueError(msg)
    if count.sum() <= 0:
        return np.ones(HOURS)
    chosen, total = how or Profiling(), float(count.sum())
    came, seen = count.reshape(7, 24), days > 0
    each = np.where(seen, days, 1.0)[:, None]
    alike = np.empty((7, 24))
    saturday = WEEKEND[0]
    for part in (slice(0, saturday), slice(saturday, 7)):  # their shapes differ
        hours = came[part].sum(axis=0) + FLAT / 24.0 * days[part].sum() / days.sum()
        alike[part] = _shape(_smooth(hours, chosen.alike_h, float(hours.sum())))
    own = (came + FLAT / 24.0 * days[:, None] / days.sum()) / each
    own = _shape(_smooth(own.ravel(), chosen.own_h, total / 7).reshape(7, 24))
    share = chosen.own_share * total / (total + chosen.own_incidents)
    mixed = np.where(seen[:, None], share * own + (1.0 - share) * alike, alike)
    prior = chosen.level_incidents * days / days.sum()
    level = (came.sum(axis=1) + prior) / each[:, 0]
    level[~seen] = level[seen].mean()  # a weekday never seen is like the others
    mixed = level[:, None] * mixed
    profile: FloatArray = (mixed / mixed.mean()).ravel()
    return profile


def _shape(hours: FloatArray) -> FloatArray:
    """The hours of each day as shares of that day."""
    return np.asarray(hours / np.maximum(hours.sum(axis=-1, keepdims=True), 1e-12))


def _smooth(hours: FloatArray, width_h: float, incidents: float) -> FloatArray:
    """Gaussian smoothing that goes round the end, as wide as so many incidents ask for."""
    width_h *= max(incidents, 1.0) ** -0.2
    reach = min(len(hours) // 2, int(np.ceil(4.0 * width_h)))
    lags = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (lags / width_h) ** 2)
    weights /= weights.sum()
    turned = np.concatenate((hours[len(hours) - reach :], hours, hours[:reach]))
    return np.convolve(turned, weights, "valid")


def month_index(count: FloatArray, days: FloatArray, prior_count: float = 200.0) -> FloatArray:
    """Month-of-year index, shrunken towards 1, exposure-weighted mean 1, shape (12,).

    Ones unless every month was seen: with less than a year a season cannot be told from a trend.

    Args:
        count: Incidents by calendar month, shape (12,).
        days: Days seen of each calendar month, shape (12,).
        prior_count: Incidents that the index 1 is worth in each month.
    """
    if count.sum() <= 0 or (days < 27).any():  # February has 28 days, one may be cut off
        return np.ones(12)
    expected = count.sum() * days / days.sum()
    shrunk = (count + prior_count) / (expected + prior_count)
    return np.asarray(shrunk * days.sum() / (shrunk @ days))


@dataclass(frozen=True, slots=True)
class Curve:
    """A monotone correction of rates: straight between its knots, proportional beyond the last."""

    x: FloatArray
    y: FloatArray

    def __call__(self, rate: FloatArray) -> FloatArray:
        """Corrected rates, same shape; order is kept."""
        if self.x.size == 0:
            return rate
        knots, values = np.append(0.0, self.x), np.append(0.0, self.y)
        over = rate * (self.y[-1] / self.x[-1])
        return np.asarray(np.where(rate > self.x[-1], over, np.interp(rate, knots, values)))


NO_CURVE = Curve(np.zeros(0), np.zeros(0))


def calibration(
    expected: FloatArray, exposure: FloatArray, seen: FloatArray, bins: int = 20, prior: float = 50
) -> Curve:
    """The monotone curve from predicted to seen rates over place-hours held back from the fit.

    Args:
        expected: Predicted incidents in each place-hour of the held-back time, any shape.
        exposure: Hours each of them was exposed, same shape, positive.
        seen: Incidents that came, same shape.
        bins: Groups of about equal expected incidents, made in the order of the predicted rate.
        prior: Incidents that "the prediction is right" is worth in each group.
    Source:
        Pool adjacent violators: Barlow et al. (1972).
    """
    from scipy.optimize import isotonic_regression  # noqa: PLC0415

    if expected.sum() <= 0:
        return NO_CURVE
    group = equal_parts((expected / exposure).ravel(), expected.ravel(), bins)
    sums = [
        weighted(group, values.ravel(), bins)
        for values in (expected, np.broadcast_to(exposure, expected.shape), seen)
    ]
    foreseen, hours, came = (values[sums[0] > 0] for values in sums)
    x = foreseen / hours
    y = x * (came + prior) / (foreseen + prior)
    blocks = isotonic_regression(y, weights=hours).blocks  # flat runs become one knot each
    first = blocks[:-1]
    centre = np.add.reduceat(x * hours, first) / np.add.reduceat(hours, first)
    value = np.add.reduceat(y * hours, first) / np.add.reduceat(hours, first)
    return Curve(centre, value)


def equal_parts(value: FloatArray, weight: FloatArray, parts: int) -> IntArray:
    """Number of each value's part where they are parted in rising order, about alike in weight.

    Values are put into steps of less than half a percent first: only those in steps between two
    parts need to be put in order one by one, a few of a hundred.

    Args:
        value: None below 0, shape (values,).
        weight: Of each, none below 0, some above it.
        parts: How many; equal values go by their place.
    """
    step = (value + 0.0).view(np.int64) >> STEP_BITS  # floats from zero up: in order of their bits
    step -= step.min()
    of_step = np.bincount(step, weights=weight)
    end = np.cumsum(of_step)
    begin = end - of_step
    first, last = ((at / end[-1] * parts).astype(np.int64) for at in (begin, end))
    part = first[step]
    between = np.flatnonzero((first < last)[step])
    order = between[np.argsort(value[between], kind="stable")]
    own, step = weight[order], step[order]
    before = np.cumsum(own) - own
    before += begin[step] - before[np.searchsorted(step, step)]
    part[order] = ((before + own / 2) / end[-1] * parts).astype(np.int64)
    return np.asarray(np.minimum(part, parts - 1))
