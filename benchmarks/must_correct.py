"""Must-correct lists on the violation files of Barcelona, and on a planted patrol bias.

    python benchmarks/must_correct.py [FOLDER]

Share of each month's violation crashes of 2018-2019 that are on the list of their district and
hour, made from the months before; the choices were made on 2016-2017 alone. "Not determined" and
"others" are no violations. Beside it one list for the whole city and last month's list by six
hours. Stability is the Jaccard index of two months' lists. Then a planted bias: in each area
patrols stand twenty times as long at one hour of each part of the day, and look twenty times as
long for three kinds; of the true three most frequent violations, how many the list has. Exit 1
below a bar.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.patterns import ZONE, records
from config.calendar import Calendar
from scheduler.foresight.levels import FloatArray
from scheduler.foresight.must_correct import (
    DAY_H,
    Correcting,
    Violations,
    band_shares,
    listed,
    monthly,
    violation_rates,
)
from scheduler.hindsight.must_correct_files import violations_of
from scheduler.months import YEAR_MONTHS

FIRST, END = 2018 * YEAR_MONTHS, 2020 * YEAR_MONTHS
BAR, STABLE, RECOVERED, RAW = 0.545, 0.94, 0.90, 0.50
SIX_H, MOST = 6, 3
LONGER = 20.0
"""Times as long as elsewhere patrols stand where they like, and look for what they like."""

Lists = NDArray[np.bool_]


def counts(violations: Violations, first: int, end: int) -> FloatArray:
    """Records of some months by area, hour and kind."""
    shape = (len(violations.areas), DAY_H, len(violations.kinds))
    now = (violations.month >= first) & (violations.month < end)
    table = np.zeros(shape)
    np.add.at(table, (violations.area[now], violations.hour[now], violations.kind[now]), 1.0)
    return table


def met(violations: Violations, lists: Callable[[int], Lists], first: int, end: int) -> float:
    """Share of the months' records that are on their month's list by area and part of the day."""
    hits = total = 0.0
    for month in range(first, end):
        came, on_it = counts(violations, month, month + 1), lists(month)
        band_h = DAY_H // on_it.shape[1]
        hits += float((came * np.repeat(on_it, band_h, axis=1)).sum())
        total += float(came.sum())
    return hits / total


def jaccard(one: Lists, other: Lists) -> float:
    """Of two months' lists."""
    return float((one & other).sum() / (one | other).sum())


def on_crashes(folder: Path) -> bool:
    """Print the figures of the city; whether the bars are reached."""
    rows = records(folder)
    violations = violations_of(rows, Calendar(ZoneInfo(ZONE), {}))
    own = {month: lists for month, lists, _ in monthly(violations, END - 1)}
    shape = (len(violations.areas), DAY_H // SIX_H, len(violations.kinds))

    def last_month(month: int) -> Lists:
        return listed(band_shares(counts(violations, month - 1, month), SIX_H), MOST)

    def one_list(month: int) -> Lists:
        city = counts(violations, 0, month).sum(axis=(0, 1))
        return listed(np.broadcast_to(city, shape).copy(), MOST)

    print(f"{len(violations.month)} violations, {shape[0]} areas, {shape[2]} kinds")
    ours = met(violations, own.__getitem__, FIRST, END)
    for name, share in (
        ("empirical Bayes", ours),
        ("one list for the city", met(violations, one_list, FIRST, END)),
        ("last month", met(violations, last_month, FIRST, END)),
    ):
        print(f"{name:24} {share:.1%} of next month's violation crashes on the list")
    kept = float(np.mean([jaccard(own[n - 1], own[n]) for n in range(FIRST + 1, END)]))
    print(f"stability {kept:.3f}; bars {BAR:.1%} and {STABLE}")
    return ours >= BAR and kept >= STABLE


def planted(
    seed: int, areas: int = 10, kinds: int = 12, records_a_month: int = 6000
) -> tuple[Violations, Lists]:
    """A year of violations of a city whose patrols stand long where and for what they like."""
    rng = np.random.default_rng(seed)
    hour = np.arange(DAY_H)
    peak, width = rng.uniform(0, DAY_H, kinds), rng.uniform(2, 5, kinds)
    apart = np.abs(hour[:, None] - peak)
    wave = np.exp(-0.5 * (np.minimum(apart, DAY_H - apart) / width) ** 2)
    usual = rng.lognormal(0, 0.5, kinds) * (0.1 + wave)
    truth = usual[None] * rng.lognormal(0, 0.3, (areas, 1, kinds))
    patrol_h = np.ones((areas, DAY_H, kinds))
    for area in range(areas):
        for part in range(DAY_H // SIX_H):
            patrol_h[area, part * SIX_H + rng.integers(SIX_H)] *= LONGER
        patrol_h[area][:, rng.choice(kinds, MOST, replace=False)] *= LONGER
    expected = truth * patrol_h
    came = rng.poisson(expected / expected.sum() * records_a_month, (YEAR_MONTHS, *truth.shape))
    month, area, when, kind = np.repeat(np.argwhere(came), came[came > 0], axis=0).T
    names = [tuple(map(str, range(size))) for size in (areas, kinds)]
    known = np.broadcast_to(patrol_h, (YEAR_MONTHS, *truth.shape))
    found = Violations(names[0], names[1], month, area, when, kind, 0, known)
    return found, listed(band_shares(truth, SIX_H), MOST)


def on_planted(seeds: int = 10) -> bool:
    """Print how many of the true violations are found; whether the bars are reached."""
    how = Correcting(band_h=SIX_H)
    ours, raw = [], []
    for seed in range(seeds):
        violations, true = planted(seed)
        seen = violations.seen(YEAR_MONTHS, 0, how.half_life_months)
        exposure = violations.exposure(YEAR_MONTHS, 0, how.half_life_months)
        corrected = listed(band_shares(violation_rates(seen, exposure, how), SIX_H), MOST)
        counted = listed(band_shares(counts(violations, 0, YEAR_MONTHS), SIX_H), MOST)
        ours.append((corrected & true).sum() / true.sum())
        raw.append((counted & true).sum() / true.sum())
    print(
        f"planted patrol bias: of the true three {np.mean(ours):.1%} found, "
        f"by raw counts {np.mean(raw):.1%}; bars {RECOVERED:.0%} and at most {RAW:.0%}"
    )
    return bool(np.mean(ours) >= RECOVERED)


def main(folder: Path) -> int:
    """Print both parts."""
    good = on_planted()
    if not folder.is_dir():
        print(f"SKIPPED: no violation files at {folder}; give their folder as argument")
    else:
        good &= on_crashes(folder)
    return 0 if good else 1


if __name__ == "__main__":
    beside = Path(__file__).resolve().parents[2] / "shared" / "data" / "barcelona"
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=beside)
    sys.exit(main(parser.parse_args().folder))
