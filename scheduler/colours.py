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
BoolArray = np.typing.NDArray[np.bool_]
SHORTEST_KM = 0.2  # a junction's worth of road: shorter sections would be red by division


@dataclass(frozen=True, slots=True)
class Colouring:
    """How the colours are cut; shares are of all section × band cells."""

    red_share: float = 0.05
    yellow_share: float = 0.15  # the next ones after red
    hold: float = 0.10  # a newcomer takes a place only when its risk is higher by so much
    hazard_weight: float = 0.10  # an open hazard raises its section's risk by this share
    rise_least: float = 14.0  # incidents expected in two months: of fewer a doubling may be chance
    rise_evidence: tuple[float, float] = (1.0, 0.0)
    """Log-likelihood ratio of a doubling against no change, of the last month and of two."""


@dataclass(frozen=True, slots=True)
class Colours:
    """Colours of section × band, shapes (sections, bands), with the fields of their reason.

    per_km: Expected incidents per km in the band, raised by open hazards. rank: 1 the highest.
    held: Kept by hysteresis, would be lower by today's risk alone.
    risen: Red because the section's last weeks are far above what was expected of them.
    red_from, yellow_from: `per_km` of the last red and of the last yellow by risk alone.
    """

    colour: IntArray
    per_km: FloatArray
    rank: IntArray
    held: BoolArray
    risen: BoolArray
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


def rising(recent: FloatArray, expected: FloatArray, rule: Colouring | None = None) -> BoolArray:
    """Which sections had about twice the incidents lately that were expected, shape (sections,).

    Expectations lean on years, so that one bad month buys no patrol; a section whose level has
    really changed would wait as long for its colour. Here it is red as soon as a doubling explains
    its last weeks better than chance does. What rises everywhere is the season or the feed.

    Args:
        recent: Incidents of the last month, and of the last two, shape (2, sections).
        expected: In the same weeks by what was known before; inf where nothing was known.
        rule: How much has to be expected, and how much better it must be explained.
    Source:
        Log-likelihood ratio of two Poisson means: Lucas (1985), Counted Data CUSUM's.
    """
    cut, found = rule or Colouring(), np.zeros(recent.shape[1], dtype=bool)
    for came, foreseen, least in zip(recent, expected, cut.rise_evidence, strict=True):
        known = np.isfinite(foreseen)
        total = float(foreseen[known].sum())
        usual = foreseen * (float(came[known].sum()) / total if total > 0 else 1.0)
        found |= came * np.log(2.0) - np.where(known, usual, np.inf) >= least
    return np.asarray(found & np.isfinite(expected[1]) & (expected[1] >= cut.rise_least))


def colours(
    expected: FloatArray,
    length_km: FloatArray,
    hazards: IntArray,
    before: IntArray | None = None,
    rule: Colouring | None = None,
    risen: BoolArray | None = None,
) -> Colours:
    """Red, yellow and green with hysteresis: always the same number by risk, few of them new.

    Args:
        expected: Incidents in each section and band, shape (sections, bands).
        length_km: Of each section, shape (sections,).
        hazards: Open hazards on each section, shape (sections,).
        before: The colours until now, shape (sections, bands); none when new.
        rule: Where the colours are cut.
        risen: Sections that are red beside them, shape (sections,): see `rising`. They are so in
            their yellow bands, or in their riskiest one.
    """
    cut = rule or Colouring()
    raised = 1.0 + cut.hazard_weight * hazards
    per_km = expected * (raised / np.maximum(length_km, SHORTEST_KM))[:, None]
    ordered = -np.sort(-per_km, axis=None)
    reds = round(cut.red_share * ordered.size)
    marked = min(reds + round(cut.yellow_share * ordered.size), ordered.size)
    rank = np.searchsorted(-ordered, -per_km.ravel()).reshape(per_km.shape) + 1
    known = np.zeros(per_km.shape, dtype=np.int64) if before is None else before
    now = np.where(_best(per_km, reds), RED, np.where(_best(per_km, marked), YELLOW, GREEN))
    kept = _best(per_km * np.where(known >= YELLOW, 1 + cut.hold, 1), marked)
    colour: IntArray = kept.astype(np.int64)  # yellow, or green
    colour[_best(per_km * np.where(known >= RED, 1 + cut.hold, 1), reds)] = RED
    held = colour > now
    up: BoolArray = np.zeros(per_km.shape, dtype=bool)
    if risen is not None and per_km.size:
        riskiest = np.zeros(per_km.shape, dtype=bool)
        riskiest[np.arange(len(per_km)), per_km.argmax(axis=1)] = True
        yellow = colour == YELLOW
        none = np.asarray((colour < YELLOW).all(axis=1))
        here = yellow | (riskiest & none[:, None])
        up = np.asarray(risen[:, None] & here & (per_km > 0), dtype=bool)
        colour[up] = RED
    return Colours(
        colour.astype(np.int64), per_km, rank.astype(np.int64), held, up,
        float(ordered[reds - 1]) if reds else np.inf,
        float(ordered[marked - 1]) if marked else np.inf,
    )  # fmt: skip


def held_over(
    expected: Iterable[FloatArray],
    length_km: FloatArray,
    hazards: IntArray,
    rule: Colouring | None = None,
) -> IntArray | None:
    """The colours by risk after some moments, each held to those of the one before.

    Sections that rise are red beside these and for their own reason: none is held by it.

    Args:
        expected: Of each moment, the oldest first; shapes as for `colours`.
        length_km: Of each section.
        hazards: Open hazards on each section.
        rule: Where the colours are cut.
    """
    found = None
    for one in expected:
        found = colours(one, length_km, hazards, found, rule).colour
    return found


def _best(score: FloatArray, count: int) -> BoolArray:
    """The so many highest that are above zero, same shape; the first of equals."""
    found = np.zeros(score.size, dtype=bool)
    found[np.argsort(-score, axis=None, kind="stable")[:count]] = True
    return np.asarray(found.reshape(score.shape) & (score > 0))


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
