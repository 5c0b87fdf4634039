"""How good forecasts were: hits within a budget, deviance, calibration, paired intervals. Pure."""

from dataclasses import dataclass

import numpy as np

from scheduler.foresight.levels import FloatArray, weighted

TENTHS = 10
DRAWS, SEED = 2000, 1
LEAST_MONTHS = 6
"""Drawn from fewer months, an interval is narrower than what is known."""
FLOOR = 0.001
"""Share of the mean that every place-hour is given, so that no event was impossible."""


def hits(score: FloatArray, came: FloatArray, hours: FloatArray, share: float) -> float:
    """Incidents in the best `share` of place-hours; among equal scores the expected number.

    Args:
        score: Higher is better, shape (places, 168).
        came: Incidents, same shape.
        hours: Clock hours of each hour of the week, shape (168,).
        share: Of all place-hours.
    """
    worth, inverse = np.unique(score.ravel(), return_inverse=True)
    each = np.broadcast_to(hours, score.shape).ravel()
    size = weighted(inverse.ravel(), each, len(worth))[::-1]
    found = weighted(inverse.ravel(), came.ravel(), len(worth))[::-1]
    budget = share * size.sum()
    taken = np.clip(budget - (np.cumsum(size) - size), 0, size) / np.maximum(size, 1e-12)
    return float(found @ taken)


def hits_ordered(
    score: FloatArray, tie: FloatArray, came: FloatArray, hours: FloatArray, share: float
) -> float:
    """The same where equal scores are taken in the order of `tie`, highest first."""
    order = np.lexsort((-tie.ravel(), -score.ravel()))
    size = np.broadcast_to(hours, score.shape).ravel()[order]
    budget = share * size.sum()
    taken = np.clip(budget - (np.cumsum(size) - size), 0, size) / np.maximum(size, 1e-12)
    return float(came.ravel()[order] @ taken)


def floored(expected: FloatArray) -> FloatArray:
    """Expected incidents, each raised a little, of the same sum."""
    return np.asarray((1.0 - FLOOR) * expected + FLOOR * expected.mean())


def deviance(expected: FloatArray, came: FloatArray) -> float:
    """Poisson deviance of incidents against what was expected, both of any one shape."""
    mean = floored(expected)
    log = np.log(np.where(came > 0, came, 1.0) / mean)
    return float(2.0 * (came * log - came + mean).sum())


def tenths(expected: FloatArray, came: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Incidents and expectation by tenth of the risk, from the lowest, shape (10,) each."""
    order = np.argsort(expected, axis=None)
    mean, seen = expected.ravel()[order], came.ravel()[order]
    risk = np.cumsum(mean)
    part = np.minimum((risk / max(risk[-1], 1e-12) * TENTHS).astype(np.int64), TENTHS - 1)
    return weighted(part, seen, TENTHS), weighted(part, mean, TENTHS)


@dataclass(frozen=True, slots=True)
class Paired:
    """Ours against another over the same months.

    gain: Share of all incidents that ours meets more, with its 95 % interval. ratio: Ours ÷ the
    other, with its interval. months: How many there are.
    """

    gain: float
    gain_low: float
    gain_high: float
    ratio: float
    ratio_low: float
    ratio_high: float
    months: int

    @property
    def enough(self) -> bool:
        """Whether there are months enough to prove anything."""
        return self.months >= LEAST_MONTHS

    @property
    def proven(self) -> bool:
        """Whether months as different as these could not have given no gain by chance."""
        return self.enough and self.gain_low > 0.0


def paired(ours: FloatArray, other: FloatArray, came: FloatArray) -> Paired:
    """Ours against another, by drawing months with replacement.

    Args:
        ours: Hits of each month, shape (months,).
        other: Hits of the other model in the same months.
        came: All incidents of each month.
    """
    rng = np.random.default_rng(SEED)
    drawn = rng.integers(0, len(ours), (DRAWS, len(ours)))
    mine, others, every = (values[drawn].sum(axis=1) for values in (ours, other, came))
    gain = (mine - others) / np.maximum(every, 1e-12)
    ratio = mine / np.maximum(others, 1e-12)
    gains, ratios = (np.quantile(values, [0.025, 0.975]) for values in (gain, ratio))
    return Paired(
        gain=float((ours.sum() - other.sum()) / max(came.sum(), 1e-12)),
        gain_low=float(gains[0]), gain_high=float(gains[1]),
        ratio=float(ours.sum() / max(other.sum(), 1e-12)),
        ratio_low=float(ratios[0]), ratio_high=float(ratios[1]),
        months=len(ours),
    )  # fmt: skip
