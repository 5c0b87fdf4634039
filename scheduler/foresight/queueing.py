"""How many units wait for how many incidents: offered load, exact waiting probabilities, waits.

Pure: numbers in, numbers out. A load is in units busy on average (erlangs), a time in hours.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TAIL = 1e-12  # parts of a service that later than this share reaches are left out


def erlang_b(units: int, load: float) -> float:
    """Share of incidents lost when no one waits; the stable recursion, exact.

    Args:
        units: Units on duty, at least 0.
        load: Offered load in erlangs, at least 0.
    Source:
        Erlang (1917); check values in tests/test_demand.py.
    """
    blocked = 1.0
    for c in range(1, units + 1):
        blocked = load * blocked / (c + load * blocked)
    return blocked


def erlang_c(units: int, load: float) -> float:
    """Share of incidents that find every unit busy; 1 when the load is not less than the units."""
    if load >= units:
        return 1.0
    blocked = erlang_b(units, load)
    return units * blocked / (units - load * (1.0 - blocked))


def wait_probability(units: int, load: FloatArray, plan: FloatArray) -> FloatArray:
    """Share of incidents of which at least one unit has to wait, shape of `load`.

    Incidents need several units at once (a response plan), so arrivals come in batches:
    M^[X]/M/c. The flow over the cut below n is λ Σ_j p_j P(X ≥ n−j) = min(n, c) μ p_n, which
    gives every p_n from those below without subtraction; the total follows from the mean
    number of busy units being the load. One unit each gives Erlang C exactly.

    Args:
        units: Units on duty, at least 0.
        load: Offered load of all units together in erlangs, shape (n,).
        plan: plan[i, k] is the share of incidents that need k + 1 units, shape (n, most).
    Source:
        Chaudhry & Templeton, A First Course in Bulk Queues (1983), §5.
    """
    most = plan.shape[1]
    waits = np.ones_like(load)
    stable = (load < units) & (load > 0)
    waits[load <= 0] = 0.0 if units > 0 else 1.0
    if units == 0 or not stable.any():
        return waits
    busy, share = load[stable], plan[stable]
    at_least = np.cumsum(share[:, ::-1], axis=1)[:, ::-1]  # P(X ≥ k + 1)
    rate = busy / (share @ np.arange(1.0, most + 1))  # λ/μ
    q = np.zeros((units, len(busy)))  # p_n / p_0, scaled as it goes
    q[0] = 1.0
    for n in range(1, units):
        reach = min(n, most)
        q[n] = rate * sum(q[n - k] * at_least[:, k - 1] for k in range(1, reach + 1)) / n
        large = q[n] > 1e250
        q[: n + 1, large] *= 1e-250
    idle = (units - np.arange(units)) @ q
    below = np.cumsum(q, axis=0) * (units - busy) / idle  # P(N ≤ n)
    served = np.zeros_like(busy)
    for k in range(1, min(most, units) + 1):
        served += share[:, k - 1] * below[units - k]
    waits[stable] = 1.0 - served
    return waits


def least_units(load: FloatArray, plan: FloatArray, most_waiting: float) -> IntArray:
    """Fewest units with which at most `most_waiting` of the incidents wait, shape (n,).

    Exact, not by the square-root rule, which under-staffs by one. No load needs no unit; any
    other needs at least the largest response plan that occurs, since fewer never complete it.

    Args:
        load: Offered load in erlangs, finite, shape (n,); or at several moments of equal weight
            in each row, shape (n, moments), of which the mean share counts.
        plan: Shares of incidents that need 1, 2, … units, shape (n, most); rows sum to 1.
        most_waiting: Allowed share that waits, between 0 and 1, both excluded.
    """
    if not 0.0 < most_waiting < 1.0:
        msg = f"most_waiting is {most_waiting}, not between 0 and 1"
        raise ValueError(msg)
    at = load.reshape(len(plan), -1)
    mean, moments = at.mean(axis=1), at.shape[1]
    if plan.shape[1] == 1:
        return _least_one_each(at, most_waiting)
    needed = np.where(plan > 0, np.arange(1, plan.shape[1] + 1), 0).max(axis=1, initial=0)
    units = np.where(mean > 0, np.maximum(needed, np.floor(mean).astype(np.int64) + 1), 0)
    for c in range(int(units.min(initial=0)), 1_000_000):
        here = np.flatnonzero(units == c)
        if c > 0 and here.size:
            plans = np.repeat(plan[here], moments, axis=0)
            waits = wait_probability(c, at[here].ravel(), plans).reshape(-1, moments)
            units[here[waits.mean(axis=1) > most_waiting]] = c + 1
        if c >= units.max(initial=0):
            break
    return units.astype(np.int64)


def _least_one_each(at: FloatArray, most_waiting: float) -> IntArray:
    """`least_units` where every incident needs one: Erlang's recursion goes up once for all."""
    mean = at.mean(axis=1)
    missing = mean > 0
    units = np.where(missing, np.floor(mean).astype(np.int64) + 1, 0)
    blocked = np.ones_like(at)
    for c in range(1, 1_000_000):
        if not missing.any():
            break
        blocked = at * blocked / (c + at * blocked)
        with np.errstate(divide="ignore", invalid="ignore"):  # only where the load is above c
            waits = np.where(at < c, c * blocked / (c - at * (1.0 - blocked)), 1.0)
        units[missing & (mean < c)] = c
        missing &= (mean >= c) | (waits.mean(axis=1) > most_waiting)
    return units.astype(np.int64)


def _waiting(units: IntArray, load: FloatArray) -> FloatArray:
    """`erlang_c` of many at once, shape of both."""
    blocked = np.ones_like(load)
    found = blocked.copy()
    for c in range(1, int(units.max(initial=0)) + 1):
        blocked = load * blocked / (c + load * blocked)
        found = np.where(units == c, blocked, found)
    with np.errstate(divide="ignore", invalid="ignore"):  # only where the load is not less
        return np.where(load < units, units * found / (units - load * (1.0 - found)), 1.0)


def cobham(units: int | IntArray, load: float | FloatArray, shares: FloatArray) -> FloatArray:
    """Mean wait by priority, in mean service times, shape of `shares`; infinite when overloaded.

    Not pre-emptive: a unit finishes what it is at. Class 0 goes first.

    Args:
        units: On duty, at least 1, of one queue or of many.
        load: Offered to each, in erlangs, shape of `units`.
        shares: Of the incidents in each class, shape (classes, *shape of `units`).
    Source:
        Cobham (1954), Operations Research 2(1).
    """
    busy, there = np.asarray(load, dtype=np.float64), np.asarray(units)
    summed = np.cumsum(shares, axis=0)
    filled = np.concatenate((np.zeros_like(summed[:1]), summed)) * busy / there
    before, after = 1.0 - filled[:-1], 1.0 - filled[1:]
    start = np.where(busy < there, _waiting(there, busy), busy) / there
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(after > 0, start / (before * np.maximum(after, 0.0)), np.inf)


@dataclass(frozen=True, slots=True)
class Service:
    """Time a unit is bound: a fixed way there and a lognormal stay with its long tail.

    A crash costs about six traffic stops; the tail is why load lags behind the calls.
    """

    travel_h: float
    median_h: float
    sigma: float

    @classmethod
    def lognormal(cls, mean_h: float, cv: float) -> "Service":
        """Without a way there, known by its mean and its standard deviation ÷ mean."""
        median_h = mean_h / float(np.sqrt(1.0 + cv * cv))
        return cls(0.0, median_h, float(np.sqrt(np.log1p(cv * cv))))

    def mean_h(self) -> float:
        """Mean of the whole, hours."""
        return self.travel_h + self.median_h * float(np.exp(self.sigma**2 / 2))

    def square(self) -> float:
        """Mean square of the whole, hours²."""
        spread = self.median_h**2 * float(np.exp(2 * self.sigma**2) - np.exp(self.sigma**2))
        return self.mean_h() ** 2 + spread

    def bound_h(self, until_h: FloatArray) -> FloatArray:
        """Hours of the service that fall before `until_h` after the call: ∫₀ᵘ P(S > v) dv."""
        from scipy.special import ndtr  # noqa: PLC0415 - who only asks of a week does not wait

        stay = np.maximum(until_h - self.travel_h, 0.0)
        way = np.minimum(until_h, self.travel_h)
        if self.sigma == 0:
            return np.asarray(way + np.minimum(stay, self.median_h))
        with np.errstate(divide="ignore"):
            z = (np.log(stay) - np.log(self.median_h)) / self.sigma
        ended = self.median_h * np.exp(self.sigma**2 / 2) * ndtr(z - self.sigma)
        return np.asarray(way + ended + stay * ndtr(-z))


def seen_service(service_h: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """∫₀ᵘ P(S > v) dv of services as they were recorded, whatever their distribution.

    Args:
        service_h: Of each incident, at least one, none negative, shape (incidents,).
    """
    ordered = np.sort(service_h)
    ended = np.concatenate(([0.0], np.cumsum(ordered)))

    def bound_h(until_h: FloatArray) -> FloatArray:
        done = np.searchsorted(ordered, until_h)
        return np.asarray((ended[done] + (len(ordered) - done) * until_h) / len(ordered))

    return bound_h


def offered_load(
    rate: FloatArray, bound_h: Callable[[FloatArray], FloatArray], step_h: float
) -> FloatArray:
    """Units busy on average at the end of each step of a repeating period, if none ever waited.

    m(t) = ∫ λ(t−u) P(S > u) du. Exact for rates that are constant within a step.

    Args:
        rate: Incidents per hour in each step, shape (..., steps); the period repeats.
        bound_h: Hours of a service before u hours after the call: ∫₀ᵘ P(S > v) dv.
        step_h: Length of a step in hours.
    Source:
        Jennings, Mandelbaum, Massey & Whitt (1996), Management Science 42(10).
    """
    steps = rate.shape[-1]
    reach = 1
    end = bound_h(np.array([1e9]))[0]
    while end - bound_h(np.array([reach * step_h]))[0] > TAIL * end and reach < 1_000_000:
        reach *= 2
    weight = np.diff(bound_h(np.arange(reach + 1, dtype=np.float64) * step_h))
    folded = np.bincount(np.arange(reach) % steps, weights=weight, minlength=steps)
    lags = 1 + int(np.flatnonzero(folded > 0).max(initial=0))
    folded = np.maximum(folded[:lags], 0.0)
    turned = np.concatenate((rate[..., steps - lags + 1 :], rate), axis=-1)
    rows = (np.convolve(row, folded, "valid") for row in turned.reshape(-1, turned.shape[-1]))
    return np.array([*rows], dtype=np.float64).reshape(rate.shape)


def loads_within(
    rate: FloatArray, bound_h: Callable[[FloatArray], FloatArray], step_h: float, moments: int
) -> FloatArray:
    """Offered load at moments spread evenly within each step, shape (..., steps, moments).

    Where the load climbs by a third within half an hour, neither end speaks for the step.

    Args:
        rate: Incidents per hour in each step, shape (..., steps); the period repeats.
        bound_h: As of `offered_load`.
        step_h: Length of a step in hours.
        moments: How many; they are the middles of as many parts of the step.
    """
    fine = offered_load(np.repeat(rate, 2 * moments, axis=-1), bound_h, step_h / (2 * moments))
    return fine.reshape(*rate.shape, moments, 2)[..., 0]
