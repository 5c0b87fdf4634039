"""Must-correct violations 必纠违法: which kinds each area acts on in each part of the day.

Violations are recorded where police stand, and a month holds a handful of each: the raw list of
last month is worse than one list for the whole city. So a kind's rate at an hour of an area is
the city's at that hour, times what the area has more or less of it, times what the hour of the
area has; each factor is what came ÷ what was due, drawn to 1 by some records' worth of doubt.
What is due grows with the hours that patrols stood there and looked for that kind, so where and
for what they stood is divided out: a night check finds drunk drivers, whatever else drives by.

Pure: arrays in, arrays out. A month is a number, 12 × year + month − 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.durations import HOUR_MS
from scheduler.foresight.levels import FloatArray, IntArray
from scheduler.months import month_numbers

DAY_H = 24
LEAST_EXPOSURE = 1e-3  # of the mean: an hour that nobody patrolled still divides nothing by zero
NONE = 1e-12
NO_VIOLATION = frozenset((
    "altres", "otros", "otras", "autres", "other", "others", "其他", "其它",
    "no determinada", "no determinado", "desconegut", "desconocido", "not determined",
    "undetermined", "unspecified", "unknown", "none", "n/a", "-1", "不详", "未确定", "无",
))  # fmt: skip
"""What sources write where no violation is known, or none that anybody could act on."""


@dataclass(frozen=True, slots=True)
class Correcting:
    """The choices: among those under which 2017 was likeliest, the one whose lists met most of it.

    band_h: Hours of a part of the day, a divisor of 24. most: Violations of a list.
    city_h, own_h: Widths over the hours of the day of the city's rates and of an area's own.
    city_records, area_records, own_records: Doubt of each factor, in records.
    hold: A violation stays on a list until another has so much more of all that is recorded.
    """

    band_h: int = 3
    most: int = 3
    half_life_months: float = 24.0
    city_h: float = 2.0
    own_h: float = 2.0
    city_records: float = 10.0
    area_records: float = 120.0
    own_records: float = 150.0
    hold: float = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Violations:
    """Recorded violations as columns of numbers, shape (records,), and the words for them.

    areas: The source's codes. kinds: The source's texts. month, area, hour, kind: Of each record.
    patrol_h: Hours that patrols stood and looked for each kind in each month from `first_month`
    on, area and hour of the day, shape (months, areas, 24, kinds); None where nobody knows: then
    every hour counts alike.
    """

    areas: tuple[str, ...]
    kinds: tuple[str, ...]
    month: IntArray
    area: IntArray
    hour: IntArray
    kind: IntArray
    first_month: int = 0
    patrol_h: FloatArray | None = None

    def seen(self, before: int, since: int, half_life_months: float) -> FloatArray:
        """Records by area, hour and kind, younger ones heavier, shape (areas, 24, kinds)."""
        shape = (len(self.areas), DAY_H, len(self.kinds))
        known = (self.month < before) & (self.month >= since)
        age = before - 1 - self.month[known]
        flat = np.ravel_multi_index((self.area[known], self.hour[known], self.kind[known]), shape)
        weight = 0.5 ** (age / half_life_months)
        size = int(np.prod(shape))
        return np.asarray(np.bincount(flat, weight, size).reshape(shape), np.float64)

    def exposure(self, before: int, since: int, half_life_months: float) -> FloatArray:
        """How long each kind was looked for, weighted alike, shape (areas, 24, kinds)."""
        months = np.arange(max(since, int(self.month.min())), before)
        weight = 0.5 ** ((before - 1 - months) / half_life_months)
        if self.patrol_h is None:
            return np.full((len(self.areas), DAY_H, len(self.kinds)), float(weight.sum()))
        row = months - self.first_month
        known = (row >= 0) & (row < len(self.patrol_h))
        return np.asarray(np.tensordot(weight[known], self.patrol_h[row[known]], 1))


def violation_rates(
    count: FloatArray, exposure: FloatArray, how: Correcting | None = None
) -> FloatArray:
    """Violations of each kind an hour of exposure, shape (areas, 24, kinds).

    Args:
        count: Records by area, hour of the day and kind, same shape.
        exposure: Hours that each kind was looked for (or any measure of it), same shape.
        how: The choices; the measured ones when None.
    Source:
        Indirect standardisation with gamma shrinkage: Clayton & Kaldor (1987), Biometrics 43.
    """
    chosen = how or Correcting()
    total = count.sum()
    if total <= 0:
        return np.zeros_like(count)
    exposed = np.maximum(exposure, max(LEAST_EXPOSURE * exposure.mean(), NONE))
    mean = count.sum(axis=(0, 1)) / exposed.sum(axis=(0, 1))
    wide = _window(chosen.city_h)
    due = (wide @ exposed.sum(axis=0)) * mean
    city = mean * _factor(wide @ count.sum(axis=0), due, chosen.city_records)
    due = np.einsum("ahk,hk->ak", exposed, city)
    of_area = _factor(count.sum(axis=1), due, chosen.area_records)
    own = of_area[:, None, :] * city[None, :, :]
    narrow = _window(chosen.own_h)
    seen = np.einsum("hg,agk->ahk", narrow, count)
    due = np.einsum("hg,agk->ahk", narrow, exposed * own)
    return np.asarray(own * _factor(seen, due, chosen.own_records))


def _factor(seen: FloatArray, due: FloatArray, records: float) -> FloatArray:
    """What came ÷ what was due by kind, after all kinds' level; drawn to 1 by some records."""
    level = seen.sum(axis=-1, keepdims=True) / np.maximum(due.sum(axis=-1, keepdims=True), NONE)
    doubt = records * due / np.maximum(due.sum(axis=-1, keepdims=True), NONE)
    return np.asarray((seen + doubt) / np.maximum(due * level + doubt, NONE))


def _window(width_h: float) -> FloatArray:
    """A bell over the hours of the day that goes round midnight, 1 at its middle."""
    apart = np.abs(np.arange(DAY_H)[:, None] - np.arange(DAY_H)[None, :])
    return np.asarray(np.exp(-0.5 * (np.minimum(apart, DAY_H - apart) / width_h) ** 2))


def band_shares(rates: FloatArray, band_h: int) -> FloatArray:
    """Share of each kind in each part of the day, shape (areas, 24 ÷ band_h, kinds).

    Raises:
        ValueError: The hours do not divide a day.
    """
    if band_h < 1 or DAY_H % band_h:
        msg = f"parts of {band_h} hours do not fill a day"
        raise ValueError(msg)
    areas, _, kinds = rates.shape
    of_band = rates.reshape(areas, DAY_H // band_h, band_h, kinds).sum(axis=2)
    return np.asarray(of_band / np.maximum(of_band.sum(axis=2, keepdims=True), NONE))


def listed(shares: FloatArray, most: int) -> NDArray[np.bool_]:
    """Whether each kind is on the list: the largest shares above zero, shape of `shares`."""
    best = np.argsort(-shares, axis=2, kind="stable")[:, :, :most]
    on_it = np.zeros(shares.shape, dtype=bool)
    np.put_along_axis(on_it, best, np.take_along_axis(shares, best, 2) > 0, 2)
    return on_it


def monthly(
    violations: Violations,
    last: int,
    memory_months: int | None = None,
    how: Correcting | None = None,
) -> Iterator[tuple[int, NDArray[np.bool_], FloatArray]]:
    """Month, lists and shares, from the second recorded month up to the last one asked for.

    Each is made from earlier months alone. A violation that was listed the month before has a
    small start, so lists change where the records do and not with every month's chance.

    Args:
        violations: What was recorded, and where patrols stood.
        last: Last month wanted.
        memory_months: How many of the last months count; None: all.
        how: The choices; the measured ones when None.
    """
    chosen = how or Correcting()
    if not violations.month.size:
        return
    before: NDArray[np.bool_] | None = None
    began = int(violations.month.min())
    for month in range(began + 1, last + 1):
        since = began if memory_months is None else month - memory_months
        count = violations.seen(month, since, chosen.half_life_months)
        exposure = violations.exposure(month, since, chosen.half_life_months)
        shares = band_shares(violation_rates(count, exposure, chosen), chosen.band_h)
        held = 0.0 if before is None else chosen.hold * (before & (shares > 0))
        before = listed(shares + held, chosen.most)
        yield month, before, shares


def standing(violations: Violations, how: Correcting | None = None) -> FloatArray:
    """Shares of what is on the lists after the last recorded month, 0 for what is not.

    Shape (areas, parts of the day, kinds).
    """
    chosen = how or Correcting()
    shape = (len(violations.areas), DAY_H // chosen.band_h, len(violations.kinds))
    found: FloatArray = np.zeros(shape)
    if violations.month.size:
        for _, on_it, shares in monthly(violations, int(violations.month.max()) + 1, how=chosen):
            found = np.where(on_it, shares, 0.0)
    return found


def recorded_violations(
    areas: tuple[str, ...],
    area: IntArray,
    texts: tuple[str, ...],
    text: IntArray,
    local_ms: IntArray,
) -> Violations:
    """Those of some records that name a violation, and the texts of these alone.

    Args:
        areas: Their names.
        area: Number of each record's, shape (records,).
        texts: What the source wrote of violations, in order.
        text: Number of each record's, −1 for none, same shape.
        local_ms: Local wall clock of each, known to the hour, same shape.
    """
    named = np.array([*map(says_a_violation, texts), False])  # the last: none
    kinds = tuple(one for one, says in zip(texts, named, strict=False) if says)
    number, mask = np.cumsum(named) - 1, named[text]
    local_ms = local_ms[mask]
    return Violations(
        areas, kinds, month_numbers(local_ms), area[mask], local_ms // HOUR_MS % DAY_H,
        number[text[mask]],
    )  # fmt: skip


def says_a_violation(text: str) -> bool:
    """Whether a source's text names something that somebody did."""
    known = text.strip().casefold()
    return known != "" and known not in NO_VIOLATION
