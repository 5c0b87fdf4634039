"""What people are shown of the risk: red/yellow/green 红黄绿 and must-correct violations 必纠违法.

From empirical-Bayes rates, never from one month's counts: those change three of four reds from
month to month. Pure: arrays in, arrays out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from scheduler.foresight.levels import BoolArray, FloatArray, IntArray

GREEN, YELLOW, RED = 0, 1, 2
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
    strict: Yellow because the section is a strict-control road 严管路.
    red_from, yellow_from: `per_km` of the last red and of the last yellow by risk alone.
    """

    colour: IntArray
    per_km: FloatArray
    rank: IntArray
    held: BoolArray
    risen: BoolArray
    strict: BoolArray
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
    strict: BoolArray | None = None,
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
        strict: Sections that are at least yellow in the bands with their own mean risk and more,
            shape (sections,).
    """
    cut = rule or Colouring()
    per_km = _per_km(expected, length_km, hazards, cut)
    reds, marked = _counts(per_km.size, cut)
    rank, ordered = _ranks(per_km)
    colour = _by_risk(per_km, before, cut)
    held = np.zeros(per_km.shape, dtype=bool)
    if before is not None:
        held = colour > _by_risk(per_km, None, cut)
    none = np.zeros(len(per_km), dtype=bool)
    up = _risen(per_km, colour, none if risen is None else risen)
    colour[up] = RED
    kept = _strict(per_km, colour, none if strict is None else strict)
    colour[kept] = YELLOW
    return Colours(
        colour, per_km, rank, held, up, kept,
        float(ordered[reds - 1]) if reds else np.inf,
        float(ordered[marked - 1]) if marked else np.inf,
    )  # fmt: skip


def _risen(per_km: FloatArray, colour: IntArray, risen: BoolArray) -> BoolArray:
    """Where sections that rise become red: their yellow bands, or their riskiest one."""
    if not risen.any():
        return np.zeros(per_km.shape, dtype=bool)
    riskiest = np.zeros(per_km.shape, dtype=bool)
    riskiest[np.arange(len(per_km)), per_km.argmax(axis=1)] = True
    none = np.asarray((colour < YELLOW).all(axis=1))
    here = (colour == YELLOW) | (riskiest & none[:, None])
    return np.asarray(risen[:, None] & here & (per_km > 0))


def _strict(per_km: FloatArray, colour: IntArray, strict: BoolArray) -> BoolArray:
    """Where strict-control roads become yellow: green bands with their own mean risk and more."""
    if not strict.any():
        return np.zeros(per_km.shape, dtype=bool)
    busy = (per_km > 0) & (per_km >= per_km.mean(axis=1)[:, None])
    return np.asarray(strict[:, None] & busy & (colour == GREEN))


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
    cut, found = rule or Colouring(), None
    for one in expected:
        found = _by_risk(_per_km(one, length_km, hazards, cut), found, cut)
    return found


def _per_km(
    expected: FloatArray, length_km: FloatArray, hazards: IntArray, cut: Colouring
) -> FloatArray:
    """Expected incidents per km, raised by open hazards, shape (sections, bands)."""
    raised = 1.0 + cut.hazard_weight * hazards
    return np.asarray(expected * (raised / np.maximum(length_km, SHORTEST_KM))[:, None])


def _counts(cells: int, cut: Colouring) -> tuple[int, int]:
    """How many cells are red by risk, and how many are red or yellow."""
    reds = round(cut.red_share * cells)
    return reds, min(reds + round(cut.yellow_share * cells), cells)


def _by_risk(per_km: FloatArray, before: IntArray | None, cut: Colouring) -> IntArray:
    """The colours by risk alone, held to those before where there are any, same shape."""
    reds, marked = _counts(per_km.size, cut)
    raised = [per_km, per_km]
    if before is not None:
        raised = [per_km * np.where(before >= at, 1 + cut.hold, 1) for at in (YELLOW, RED)]
    colour = np.where(_best(raised[0], marked), YELLOW, GREEN).astype(np.int64)
    colour[_best(raised[1], reds)] = RED
    return colour


def _ranks(per_km: FloatArray) -> tuple[IntArray, FloatArray]:
    """Place of each cell among all, equals alike, 1 the highest; and all values, highest first."""
    order = np.argsort(-per_km, axis=None)
    ordered = per_km.ravel()[order]
    first = np.append(True, ordered[1:] != ordered[:-1])[: ordered.size]
    rank = np.empty(ordered.size, dtype=np.int64)
    rank[order] = np.maximum.accumulate(np.where(first, np.arange(ordered.size), 0)) + 1
    return rank.reshape(per_km.shape), ordered


def _best(score: FloatArray, count: int) -> BoolArray:
    """The so many highest that are above zero, same shape; the first of equals."""
    if not 0 < count < score.size:
        return np.asarray((score > 0) & (count > 0))
    flat = score.ravel()
    least = -np.partition(-flat, count - 1)[count - 1]  # only where to cut, not all their order
    found = flat > least
    found[np.flatnonzero(flat == least)[: count - np.count_nonzero(found)]] = True
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
