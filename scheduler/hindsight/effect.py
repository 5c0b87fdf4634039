"""Whether visits work: slots worked or left by lot, and before–after by empirical Bayes.

By lot: every slot is worked in one of two weeks that follow each other, a coin decides in which. A
slot's own level and the season are then the same on both sides, so all that is left between them
is the visits and chance. Before–after answers for visits that nobody drew: places are chosen
because much had happened there, so less happens there afterwards whatever is done (regression to
the mean); what would have happened is expected from all places together.

Pure: arrays in, numbers out; the seed is given.
"""

from dataclasses import dataclass
from math import ceil, exp, log, sqrt
from statistics import NormalDist

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

from scheduler.foresight.levels import BoolArray, FloatArray

SURE = 1.959963984540054  # standard deviations of 95 %
POWER_Z = NormalDist().inv_cdf(0.8)
NONE = 1e-12
WIDEST = (-8.0, 5.0)  # of the logarithm of k
STEP = 0.05  # in a logarithm, for slopes
LEAST = 0.5  # incidents that a side without any counts as


@dataclass(frozen=True, slots=True)
class Effect:
    """Incidents with visits ÷ without, its 95 % interval; 0.85 is 15 % fewer.

    came: Incidents with visits. due: What they are compared with, at the same exposure.
    """

    ratio: float
    low: float
    high: float
    came: float
    due: float


def draw(slots: int, weeks: int, seed: int) -> BoolArray:
    """In which weeks each slot is worked: one of each two, by lot, shape (slots, weeks).

    Raises:
        ValueError: The weeks are not pairs.
    """
    if weeks < 1 or weeks % 2:
        msg = f"{weeks} weeks are not pairs of weeks"
        raise ValueError(msg)
    first = np.random.default_rng(seed).random((slots, weeks // 2)) < 0.5
    return np.stack((first, ~first), axis=2).reshape(slots, weeks)


def on_off(came: FloatArray, worked: BoolArray) -> Effect:
    """The effect of slots worked by lot.

    Of the incidents of a slot's two weeks each falls into the worked one with the same chance
    r ÷ (1 + r): the interval is Wilson's of that chance, wider where weeks differ by more.

    Args:
        came: Incidents of each slot and week, shape (slots, weeks).
        worked: As `draw` has it, same shape.
    """
    there = (came * worked).reshape(len(came), -1, 2).sum(axis=2)
    both = came.reshape(len(came), -1, 2).sum(axis=2)
    total, hit = float(both.sum()), float(there.sum())
    if total < 1:
        return Effect(1.0, 0.0, float("inf"), hit, total - hit)
    share = (hit + LEAST) / (total + 2 * LEAST)
    spread = float(((there - share * both) ** 2).sum()) / (total * share * (1 - share))
    size = total / max(1.0, spread)
    middle = (hit / total + SURE**2 / 2 / size) / (1 + SURE**2 / size)
    half = hit / total * (1 - hit / total) / size + SURE**2 / 4 / size**2
    half = SURE * sqrt(half) / (1 + SURE**2 / size)
    low, high = middle - half, middle + half
    ratio = hit / max(total - hit, LEAST)
    return Effect(ratio, low / (1 - low), high / max(1 - high, NONE), hit, total - hit)


def power(incidents: float, ratio: float) -> float:
    """How likely an effect is found (95 % interval apart from 1), from 0 to 1.

    Args:
        incidents: Expected in all slots and weeks if nobody worked them.
        ratio: The effect that visits have.
    """
    apart = abs(log(ratio)) / sqrt(2 / max(incidents, NONE) * (1 + 1 / ratio))
    return NormalDist().cdf(apart - SURE)


def weeks_needed(weekly: float, ratio: float) -> int:
    """Weeks, in pairs, until an effect is found four times of five."""
    incidents = 2 * (1 + 1 / ratio) * ((SURE + POWER_Z) / log(ratio)) ** 2
    return 2 * ceil(incidents / max(weekly, NONE) / 2)


@dataclass(frozen=True, slots=True)
class Sites:
    """All places: incidents before and after, and where visits began; columns (places,)."""

    before: FloatArray
    after: FloatArray
    visited: BoolArray


def before_after(sites: Sites) -> Effect:
    """The effect at visited places beside what was to be expected of them without visits.

    A place's expectation is N = w·μ + (1 − w)·n, w = 1 ÷ (1 + k·μ), from all places before. The
    other places, from their own N, tell how the level of all changed.

    Source:
        Hauer (1997), Observational Before–After Studies in Road Safety, ch. 11.
    """
    here, other = sites.visited, ~sites.visited
    if not here.any() or not other.any():
        return Effect(1.0, 0.0, float("inf"), float(sites.after[here].sum()), 0.0)
    mean = max(float(sites.before.mean()), NONE)
    k, unsure_k = dispersion(sites.before)
    expected, weight = _expected(sites.before, mean, k)
    later = max(float(sites.after[other].sum()), LEAST)
    due = later / float(expected[other].sum()) * float(expected[here].sum())
    came = float(sites.after[here].sum())
    unsure_mean = 1 / max(float(sites.before.sum()), LEAST) + k / len(sites.before)
    unsure = 1 / later + _slope(sites, mean, k, (STEP, 0)) ** 2 * unsure_mean
    unsure += _slope(sites, mean, k, (0, STEP)) ** 2 * unsure_k
    unsure += sum((1 - weight) / float(expected[side].sum()) for side in (here, other))
    ratio = max(came, LEAST) / due / (1 + unsure)
    spread = SURE * sqrt(1 / max(came, LEAST) + unsure)
    return Effect(ratio, ratio * exp(-spread), ratio * exp(spread), came, due)


def _expected(before: FloatArray, mean: float, k: float) -> tuple[FloatArray, float]:
    """N of each place, and the weight of the mean in it."""
    weight = 1 / (1 + k * mean)
    return weight * mean + (1 - weight) * before, weight


def _slope(sites: Sites, mean: float, k: float, by: tuple[float, float]) -> float:
    """How the logarithm of (N of the visited ÷ of the others) moves with that of μ or of k."""
    ends = []
    for sign in (1, -1):
        expected, _ = _expected(sites.before, mean * exp(sign * by[0]), k * exp(sign * by[1]))
        ends.append(float(expected[sites.visited].sum() / expected[~sites.visited].sum()))
    return log(ends[0] / ends[1]) / (2 * sum(by))


def dispersion(count: FloatArray) -> tuple[float, float]:
    """How much places differ: k of a negative binomial with variance μ + k·μ², by likelihood.

    Returns:
        k, and the variance of its logarithm.
    """
    mean, total = max(float(count.mean()), NONE), len(count)

    def unlikely(log_k: float) -> float:
        size = exp(-log_k)
        known = gammaln(count + size).sum() - total * gammaln(size)
        chance = count.sum() * log(mean / (mean + size)) + total * size * log(size / (mean + size))
        return -float(known + chance)

    best = float(minimize_scalar(unlikely, bounds=WIDEST, method="bounded").x)
    ends = unlikely(best - STEP) + unlikely(best + STEP)
    bend = (ends - 2 * unlikely(best)) / STEP**2
    return exp(best), 1 / max(bend, 1.0)
