"""What people are shown of the risk: red/yellow/green 红黄绿 and must-correct violations 必纠违法.

From empirical-Bayes rates, never from one month's counts: those change three of four reds from
month to month. Pure: arrays in, arrays out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from scheduler.levels import FloatArray, IntArray

GREEN, YELLOW, RED = 0, 1, 2
SHORTEST_KM = 0.2  # a junction's worth of road: shorter sections would be red by division


@dataclass(frozen=True, slots=True)
class Colouring:
    """How the colours are cut; shares are of all section × band cells."""

    red_share: float = 0.05
    yellow_share: float = 0.15  # the next ones after red
    hold: float = 0.10  # a colour is kept until the risk is this much below its threshold
    hazard_weight: float = 0.10  # an open hazard raises its section's risk by this share


@dataclass(frozen=True, slots=True)
class Colours:
    """Colours of section × band, shapes (sections, bands), with the fields of their reason.

    per_km: Expected incidents per km in the band, raised by open hazards. rank: 1 the highest.
    held: Kept by hysteresis, would be lower by today's risk alone.
    red_from, yellow_from: Thresholds of `per_km`.
    """

    colour: IntArray
    per_km: FloatArray
    rank: IntArray
    held: np.typing.NDArray[np.bool_]
    red_from: float
    yellow_from: float


def band_rates(
    rates: FloatArray, sections: csr_array, bands: Sequence[Sequence[int]]
) -> FloatArray:
    """Expected incidents of each section in each band of a week, shape (sections, bands).

    Args:
        rates: Per hour, shape (places, 168).
        sections: Share of each place that belongs to a section, shape (sections, places).
        bands: Hours of the week in each band.
    """
    hourly = sections @ rates
    return np.column_stack([hourly[:, list(band)].sum(axis=1) for band in bands])


def colours(
    expected: FloatArray,
    length_km: FloatArray,
    hazards: IntArray,
    before: IntArray | None = None,
    rule: Colouring | None = None,
) -> Colours:
    """Red, yellow and green with hysteresis.

    Args:
        expected: Incidents in each section and band, shape (sections, bands).
        length_km: Of each section, shape (sections,).
        hazards: Open hazards on each section, shape (sections,).
        before: The colours until now, shape (sections, bands); none when new.
        rule: Where the colours are cut.
    """
    cut = rule or Colouring()
    raised = 1.0 + cut.hazard_weight * hazards
    per_km = expected * (raised / np.maximum(length_km, SHORTEST_KM))[:, None]
    ordered = -np.sort(-per_km, axis=None)
    cells = ordered.size
    reds = round(cut.red_share * cells)
    marked = min(reds + round(cut.yellow_share * cells), cells)
    red_from = float(ordered[reds - 1]) if reds else np.inf
    yellow_from = float(ordered[marked - 1]) if marked else np.inf
    now = np.where(per_km >= yellow_from, YELLOW, GREEN)
    now = np.where(per_km >= red_from, RED, now)
    now = np.where(per_km > 0, now, GREEN)
    colour = now.copy()
    if before is not None:
        for shade, threshold in ((YELLOW, yellow_from), (RED, red_from)):
            keeps = (before >= shade) & (per_km >= threshold * (1.0 - cut.hold)) & (per_km > 0)
            colour = np.where(keeps, np.maximum(colour, shade), colour)
    rank = np.searchsorted(-ordered, -per_km.ravel()).reshape(per_km.shape) + 1
    return Colours(
        colour.astype(np.int64), per_km, rank.astype(np.int64), colour > now, red_from, yellow_from
    )


def must_correct(
    squadron: IntArray,
    part: IntArray,
    violation: IntArray,
    shape: tuple[int, int, int],
    prior_count: float = 50.0,
) -> FloatArray:
    """Share of each violation within a squadron's part of the day, shape `shape`.

    Violations are recorded where police stand. Within one squadron and part of the day all
    kinds share that exposure, so their shares are free of it. Each share leans on the part of
    the day's over all squadrons. Violations not determined are left out by the caller.

    Args:
        squadron: Number of each record's squadron, shape (records,).
        part: Number of its part of the day, shape (records,).
        violation: Number of its violation, shape (records,).
        shape: (squadrons, parts of the day, violations).
        prior_count: Records that the whole brigade's share is worth.
    """
    flat = np.ravel_multi_index((squadron, part, violation), shape)
    count = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)
    everywhere = count.sum(axis=(0, 1)) + 1e-9
    of_part = count.sum(axis=0) + prior_count * everywhere / everywhere.sum()
    prior = of_part / of_part.sum(axis=1, keepdims=True)
    shares: FloatArray = (count + prior_count * prior) / (
        count.sum(axis=2, keepdims=True) + prior_count
    )
    return shares


def top(
    shares: FloatArray, names: Sequence[str], pinned: Iterable[str] = (), most: int = 3
) -> tuple[str, ...]:
    """The violations to act on: those pinned by people, then the largest shares, `most` in all.

    Args:
        shares: Of each violation, shape (violations,).
        names: Their ids.
        pinned: Those that come first.
        most: How many in all, unless more are pinned.
    """
    first = tuple(pinned)
    ranked = [names[k] for k in np.argsort(-shares, kind="stable") if shares[k] > 0]
    return tuple(dict.fromkeys((*first, *ranked)))[: max(most, len(first))]
