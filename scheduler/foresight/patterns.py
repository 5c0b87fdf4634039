"""Where and when incidents come: empirical-Bayes level of a place × hour of the week × month.

λ(place, hour) = level(place) × profile(hour) × month index, per kind of incident, with one
monotone recalibration on the last months. Counting each place and hour by itself is worse than
ignoring the hour: a place-hour sees less than one incident a year.

Pure: arrays in, arrays out. Local time comes in as day and hour numbers from config.calendar.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from scheduler.foresight.levels import (
    HOURS,
    NO_CURVE,
    Curve,
    FloatArray,
    IntArray,
    Profiling,
    calibration,
    eb_level,
    hour_profile,
    month_index,
    weighted,
)
from scheduler.foresight.moved import known_since, since_days

DAYS_A_MONTH = 30.4375
SUNDAY, MID_WEEK = 6, 2  # a holiday is like a Sunday, an in-lieu working day like a Wednesday
FULL_YEAR = 12  # months


@dataclass(frozen=True, slots=True)
class Model:
    """The choices of the model; the defaults are the ones that were measured."""

    half_life_months: float = 24.0
    prior_months: float = 6.0
    young_months: float = 3.0  # a prior made from so many months is worth half
    profiling: Profiling = field(default_factory=Profiling)
    held_back_months: int = 6
    least_incidents: int = 200


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a history, oldest first, without those that nobody recorded.

    weekday: Weekday whose profile the day follows, 0 Monday to 6 Sunday, shape (days,).
    month: Calendar month, 0 January to 11 December, shape (days,).
    date: Days since 1970-01-01, shape (days,), or none where it is all the same.
    """

    weekday: IntArray
    month: IntArray
    date: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def from_day(self, first: int, end: int) -> "Days":
        """The days from `first` up to but without `end`."""
        return Days(self.weekday[first:end], self.month[first:end], self.date[first:end])


@dataclass(frozen=True, slots=True)
class Seen:
    """Incidents as columns: place, day (number in `Days`), hour of that day or −1 when unknown."""

    place: IntArray
    day: IntArray
    hour: IntArray

    def where(self, mask: NDArray[np.bool_], first_day: int = 0) -> "Seen":
        """Those of the mask, with days counted from `first_day`."""
        return Seen(self.place[mask], self.day[mask] - first_day, self.hour[mask])


@dataclass(frozen=True, slots=True)
class KindPattern:
    """The pattern of one kind of incident. Rates are incidents per hour.

    level: Mean of each place over the week, shape (places,).
    profile: Hour of the week, mean 1, shape (168,). month: Index, mean 1, shape (12,).
    """

    kind: str
    incidents: int
    level: FloatArray
    profile: FloatArray
    month: FloatArray
    curve: Curve = NO_CURVE

    def rates(self) -> FloatArray:
        """Expected incidents per hour in a mean month, shape (places, 168)."""
        return self.curve(self.level[:, None] * self.profile[None, :])


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns of a district: one per kind, and how much each kind counts as risk."""

    places: tuple[str, ...]
    kinds: tuple[KindPattern, ...]
    weights: tuple[float, ...]

    def rates(self) -> FloatArray:
        """Risk, the weighted sum over kinds, in a mean month, shape (places, 168)."""
        total = np.zeros((len(self.places), HOURS))
        for pattern, weight in zip(self.kinds, self.weights, strict=True):
            if weight:
                total += weight * pattern.rates()
        return total

    def week(self, weekday: IntArray, month: IntArray) -> FloatArray:
        """Risk in the hours of one week, shape (places, 168).

        Args:
            weekday: Weekday whose profile each of the seven days follows, 0–6, shape (7,).
            month: Calendar month of each day, 0–11, shape (7,).
        """
        total = np.zeros((len(self.places), HOURS))
        for pattern, weight in zip(self.kinds, self.weights, strict=True):
            if weight:
                total += weight * week_of(pattern, weekday, month)
        return total


def week_of(pattern: KindPattern, weekday: IntArray, month: IntArray) -> FloatArray:
    """Expected incidents per hour of one kind in the hours of one week, shape (places, 168)."""
    hours = (np.asarray(weekday)[:, None] * 24 + np.arange(24)).ravel()
    rates: FloatArray = pattern.rates()[:, hours] * np.repeat(pattern.month[month], 24)
    return rates


def profile_weekday(weekday: int, kind: str) -> int:
    """The weekday, 0–6, whose profile a day follows.

    Args:
        weekday: Real weekday, 1 Monday to 7 Sunday.
        kind: workday, rest, holiday or in_lieu, as the calendar has it.
    """
    if kind == "holiday":
        return SUNDAY
    if kind == "in_lieu":
        return MID_WEEK
    return weekday - 1


def fit(
    places: tuple[str, ...],
    days: Days,
    incidents: Mapping[str, Seen],
    kernel: csr_array,
    weights: Mapping[str, float] | None = None,
    model: Model | None = None,
) -> Patterns:
    """Patterns of every kind; a kind with few incidents borrows the pattern of all together.

    Args:
        places: Their ids; `Seen.place` counts in this order.
        days: Every day of the history up to now.
        incidents: By kind; kinds are taken in the order of their names.
        kernel: Smoothing of places, columns sum to 1, shape (places, places).
        weights: What one incident of a kind counts as risk; 1 when not named.
        model: The choices; the defaults when None.

    Raises:
        ValueError: If the days are none or an incident lies on none of them.
    """
    chosen = model or Model()
    if not len(days.weekday):
        msg = "a history needs at least one day"
        raise ValueError(msg)
    for kind, seen in incidents.items():
        if seen.day.size and not 0 <= seen.day.min() <= seen.day.max() < len(days.weekday):
            msg = f"incidents of kind {kind} lie outside the history's days"
            raise ValueError(msg)
    kinds = sorted(kind for kind in incidents if incidents[kind].place.size)
    together = _together(incidents.values())
    since = since_days(together.place, together.day, len(days.weekday), kernel)
    pooled = _calibrated("", days, together, kernel, chosen, since)
    patterns = []
    for kind in kinds:
        seen = incidents[kind]
        if len(kinds) == 1:
            patterns.append(replace(pooled, kind=kind))
        elif seen.place.size >= chosen.least_incidents:
            patterns.append(_calibrated(kind, days, seen, kernel, chosen, since))
        else:
            patterns.append(_borrowed(kind, days, seen, pooled, chosen, since))
    given = weights or {}
    return Patterns(places, tuple(patterns), tuple(float(given.get(kind, 1.0)) for kind in kinds))


def _together(incidents: Iterable[Seen]) -> Seen:
    """All kinds as one."""
    parts = list(incidents)
    empty = np.zeros(0, dtype=np.int64)
    return Seen(
        *(
            np.concatenate([empty, *(getattr(seen, name) for seen in parts)])
            for name in ("place", "day", "hour")
        )
    )


def _calibrated(
    kind: str, days: Days, seen: Seen, kernel: csr_array, model: Model, since: IntArray
) -> KindPattern:
    """The pattern on all days, corrected by how the pattern without the last months did on them."""
    first = int(seen.day.min()) if seen.day.size else 0  # recording of this kind may start late
    days, seen = (
        days.from_day(first, len(days.weekday)),
        seen.where(np.ones(seen.day.size, dtype=bool), first),
    )
    since = np.maximum(since - first, 0)
    whole = fit_kind(kind, days, seen, kernel, model, since)
    total = len(days.weekday)
    cut = total - round(model.held_back_months * DAYS_A_MONTH)
    held = seen.day >= cut
    enough = cut >= FULL_YEAR * DAYS_A_MONTH / 2 and held.sum() >= model.least_incidents
    if not model.held_back_months or not enough:
        return whole
    then = np.where(since < cut, since, 0)
    earlier = fit_kind(kind, days.from_day(0, cut), seen.where(~held), kernel, model, then)
    later = days.from_day(cut, total)
    hours = weighted(later.weekday, earlier.month[later.month], 7)
    exposure = np.maximum(np.repeat(hours, 24), 1e-9)
    known = held & (seen.hour >= 0)
    at = later.weekday[seen.day[known] - cut] * 24 + seen.hour[known]
    flat, ones = seen.place[known] * HOURS + at, np.ones(int(known.sum()))
    came = weighted(flat, ones, len(whole.level) * HOURS).reshape(-1, HOURS)
    curve = calibration(earlier.rates() * exposure, exposure[None, :], came)
    return replace(whole, curve=curve)


def fit_kind(
    kind: str, days: Days, seen: Seen, kernel: csr_array, model: Model, since: IntArray
) -> KindPattern:
    """The separable model of one kind, not yet recalibrated; old incidents count for less.

    Those from before the day since which a place's level holds count for nothing there.
    """
    recency = recency_of(days, model)
    weight = recency[seen.day]
    month_days = np.bincount(days.month, minlength=12).astype(np.float64)
    in_month = np.bincount(days.month[seen.day], minlength=12).astype(np.float64)
    month = month_index(in_month, month_days)
    known = seen.hour >= 0
    at = days.weekday[seen.day[known]] * 24 + seen.hour[known]
    profile = hour_profile(
        weighted(at, weight[known], HOURS),
        weighted(days.weekday, recency, 7),
        model.profiling,
    )
    count, exposure_h = known_since(since, seen.place, seen.day, recency, month[days.month])
    prior = np.asarray(kernel @ (count / exposure_h))
    prior_h = _prior_h(exposure_h, model)
    level, _ = eb_level(count, exposure_h, prior, prior_h)
    return KindPattern(kind, int(seen.place.size), level, profile, month)


def _borrowed(
    kind: str, days: Days, seen: Seen, pooled: KindPattern, model: Model, since: IntArray
) -> KindPattern:
    """A rare kind: its own level leans on its share of all incidents, the rest is of all."""
    recency = recency_of(days, model)
    season = pooled.month[days.month]
    count, exposure_h = known_since(since, seen.place, seen.day, recency, season)
    share = float(recency[seen.day].sum()) / exposure_h.max() / pooled.level.sum()
    prior = pooled.level * share
    prior_h = _prior_h(exposure_h, model)
    level, _ = eb_level(count, exposure_h, prior, prior_h)
    return KindPattern(kind, int(seen.place.size), level, pooled.profile, pooled.month)


def _prior_h(exposure_h: FloatArray, model: Model) -> FloatArray:
    """Hours of exposure that a prior is worth: less when it was made from little itself."""
    young_h = model.young_months * DAYS_A_MONTH * 24.0
    return model.prior_months * DAYS_A_MONTH * 24.0 * exposure_h / (exposure_h + young_h)


def recency_of(days: Days, model: Model) -> FloatArray:
    """Weight of each day, 1 for the last, half of it after each half-life, shape (days,)."""
    total = len(days.weekday)
    age_months = (total - 1 - np.arange(total)) / DAYS_A_MONTH
    return np.asarray(0.5 ** (age_months / model.half_life_months))
