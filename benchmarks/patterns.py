"""Patterns on the ten Barcelona files: time of the whole chain, and what the model finds.

    python benchmarks/patterns.py [FOLDER]

Bar: reading and patterns together within 10 s. Then a roll-forward over 2018–2019: the share of
each month's crashes that fall into the best place-hours, chosen with what was known before it,
for the empirical-Bayes model and three baselines on the same grid of 200 m.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from config.calendar import Calendar
from config.importers.choose import choose
from config.importers.history import mapped
from config.importers.make import settings_of
from config.importers.reader import sources
from scheduler.foresight.kernels import plane_kernel
from scheduler.foresight.levels import HOURS, FloatArray, IntArray
from scheduler.foresight.patterns import Days, Seen, fit

CELL_M = 200
BAR_S = 10.0
ZONE = "Europe/Madrid"
FIRST_YEAR, LAST_YEAR = 2010, 2019
BUDGETS = (0.005, 0.01, 0.02, 0.05, 0.10)
SLOTS_A_WEEK, WINDOW_H = 400, 2


@dataclass(frozen=True)
class Crashes:
    """Columns of all crashes: place, day since 1 Jan 2010, hour; and the places' metres."""

    seen: Seen
    x_m: FloatArray
    y_m: FloatArray
    dates: pd.DatetimeIndex

    def days(self, end: int) -> Days:
        """The days before day `end`."""
        dates = self.dates[:end]
        return Days(dates.day_of_week.to_numpy(np.int64), dates.month.to_numpy(np.int64) - 1)


def records(folder: Path) -> pd.DataFrame:
    """All rows of the folder through the importer's mapping of this city."""
    files = sources(folder)
    mapping = choose(files)
    assert mapping.district is not None  # noqa: S101 - the built-in mapping has one
    settings = settings_of(mapping, mapping.district)
    return mapped(files, mapping, settings.crs, settings.time_zone)[0].rows


def in_cells(rows: pd.DataFrame) -> Crashes:
    """The crashes in cells of 200 m, on a grid at multiples of the side."""
    rows = rows[rows["kind"] == "crash"]
    local = Calendar(ZoneInfo(ZONE), {}).local_ms(rows["at_ms"].to_numpy())
    at = pd.DatetimeIndex(local.astype("datetime64[ms]"))
    cell = (rows[["x_m", "y_m"]].to_numpy() // CELL_M).astype(np.int64)
    cells, place = np.unique(cell, axis=0, return_inverse=True)
    dates = pd.date_range(f"{FIRST_YEAR}-01-01", f"{LAST_YEAR}-12-31")
    day = (at.normalize() - dates[0]).days.to_numpy(np.int64)
    seen = Seen(place.ravel().astype(np.int64), day, at.hour.to_numpy(np.int64))
    x_m, y_m = ((cells + 0.5) * CELL_M).T
    return Crashes(seen, x_m, y_m, dates)


def scores(crashes: Crashes, first: int) -> dict[str, FloatArray]:
    """What each model, knowing only the days before `first`, expects in each place-hour."""
    seen, places = crashes.seen, len(crashes.x_m)
    days = crashes.days(first)
    before = seen.where(seen.day < first)
    kernel = plane_kernel(crashes.x_m, crashes.y_m, 2 * CELL_M)
    patterns = fit(tuple(map(str, range(places))), days, {"crash": before}, kernel)
    recent = before.where(before.day >= first - 365)
    counts = counted(recent, days.weekday, places)
    level, hours = counts.sum(axis=1), counts.sum(axis=0)
    return {
        "raw 12 months": counts,
        "fixed posts": np.repeat(level[:, None], HOURS, axis=1),
        "raw separable": level[:, None] * hours[None, :],
        "empirical Bayes": patterns.rates(),
    }


def counted(seen: Seen, weekday: IntArray, places: int) -> FloatArray:
    """Crashes in each place and hour of the week, shape (places, 168)."""
    counts = np.zeros((places, HOURS))
    np.add.at(counts, (seen.place, weekday[seen.day] * 24 + seen.hour), 1.0)
    return counts


def found(score: FloatArray, came: FloatArray, hours: FloatArray, share: float) -> float:
    """Crashes in the best `share` of place-hours; among equal scores the expected number."""
    worth, inverse = np.unique(score.ravel(), return_inverse=True)
    size = np.bincount(inverse, weights=np.broadcast_to(hours, score.shape).ravel())[::-1]
    hits = np.bincount(inverse, weights=came.ravel(), minlength=len(worth))[::-1]
    budget = share * size.sum()
    taken = np.clip(budget - (np.cumsum(size) - size), 0, size) / size
    return float(hits @ taken)


def met(score: FloatArray, came: FloatArray) -> float:
    """Crashes inside the best 400 weekly must-arrive slots (place, weekday, 2-h window)."""
    windows = (len(score), HOURS // WINDOW_H, WINDOW_H)
    share = SLOTS_A_WEEK / (windows[0] * windows[1])
    each = score.reshape(windows).sum(axis=2)
    return found(each, came.reshape(windows).sum(axis=2), np.ones_like(each), share)


def fit_of(crashes: Crashes, start: pd.Timestamp) -> tuple[FloatArray, FloatArray]:
    """Poisson deviance per crash and seen ÷ expected by tenth of the risk, over one month."""
    first = (start - crashes.dates[0]).days
    end = first + start.days_in_month
    kernel = plane_kernel(crashes.x_m, crashes.y_m, 2 * CELL_M)
    before = crashes.seen.where(crashes.seen.day < first)
    names = tuple(map(str, range(len(crashes.x_m))))
    pattern = fit(names, crashes.days(first), {"crash": before}, kernel).kinds[0]
    weekday = crashes.days(end).weekday
    month = crashes.seen.where((crashes.seen.day >= first) & (crashes.seen.day < end))
    came = counted(month, weekday, len(names))
    hours = (
        np.repeat(np.bincount(weekday[first:], minlength=7), 24) * pattern.month[start.month - 1]
    )
    sums, tenths = [], np.zeros((2, 10))
    for rates in (pattern.level[:, None] * pattern.profile[None, :], pattern.rates()):
        expected = 0.999 * rates * hours + 0.001 * (rates * hours).mean()
        log = np.log(np.where(came > 0, came, 1.0) / expected)
        sums.append(2 * (came * log - came + expected).sum())
        order = np.argsort(expected, axis=None)
        risk = np.cumsum(expected.ravel()[order])
        tenth = np.minimum((risk / risk[-1] * 10).astype(np.int64), 9)
        pair = (came, expected)
        tenths = np.stack([np.bincount(tenth, values.ravel()[order], 10) for values in pair])
    return np.array([*sums, came.sum()]), tenths


def roll_forward(crashes: Crashes, months: pd.DatetimeIndex) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hits of each model in each month: by budget, and in must-arrive slots."""
    rows, slots = [], []
    for start in months:
        first = (start - crashes.dates[0]).days
        end = first + start.days_in_month
        month = crashes.seen.where((crashes.seen.day >= first) & (crashes.seen.day < end))
        weekday = crashes.days(end).weekday
        came = counted(month, weekday, len(crashes.x_m))
        hours = np.repeat(np.bincount(weekday[first:], minlength=7), 24).astype(np.float64)
        for name, score in scores(crashes, first).items():
            rows += [
                (start, name, share, found(score, came, hours, share), came.sum())
                for share in BUDGETS
            ]
            slots.append((start, name, met(score, came)))
    return (
        pd.DataFrame(rows, columns=["month", "model", "share", "hits", "all"]),
        pd.DataFrame(slots, columns=["month", "model", "met"]),
    )


def paired(hits: pd.DataFrame, other: str) -> tuple[float, float, float]:
    """Ratio of empirical Bayes to another model with its 95 % interval over resampled months."""
    table = hits.pivot_table(index="month", columns="model", values="hits")
    pairs = table[["empirical Bayes", other]].to_numpy()
    rng = np.random.default_rng(1)
    draws = pairs[rng.integers(0, len(pairs), (2000, len(pairs)))].sum(axis=1)
    low, high = np.quantile(draws[:, 0] / draws[:, 1], [0.025, 0.975])
    return float(pairs[:, 0].sum() / pairs[:, 1].sum()), float(low), float(high)


def main(folder: Path) -> int:
    """Print the figures; 1 when the bar of time is missed."""
    if not folder.is_dir():
        print(f"SKIPPED: no real crashes at {folder}; give their folder as argument")
        return 0
    began = time.process_time()  # of this process: others may be busy, too
    rows = records(folder)
    crashes = in_cells(rows)
    read_s = time.process_time() - began
    kernel = plane_kernel(crashes.x_m, crashes.y_m, 2 * CELL_M)
    names = tuple(map(str, range(len(crashes.x_m))))
    rates = fit(names, crashes.days(len(crashes.dates)), {"crash": crashes.seen}, kernel).rates()
    whole_s = time.process_time() - began
    print(f"rows {crashes.seen.place.size}, places {len(names)}, rates {rates.shape}")
    print(f"reading {read_s:.2f} s, whole chain {whole_s:.2f} s, bar {BAR_S:.0f} s")
    months = pd.date_range("2018-01-01", "2019-12-01", freq="MS")
    hits, slots = roll_forward(crashes, months)
    table = hits.pivot_table(["hits", "all"], "model", "share", aggfunc="sum")
    rate = 100 * table["hits"] / table["all"]
    print("\nshare of crashes found, %, by share of place-hours, 2018–2019")
    print(rate.loc[rate[BUDGETS[1]].sort_values().index].round(2).to_string())
    at_one = hits[hits["share"] == BUDGETS[1]]
    for other in ("raw 12 months", "fixed posts", "raw separable"):
        ratio, low, high = paired(at_one, other)
        print(f"empirical Bayes ÷ {other} at 1 %: {ratio:.3f} (95 % {low:.3f}–{high:.3f})")
    fits = [fit_of(crashes, start) for start in months]
    plain, curved, count = np.sum([one for one, _ in fits], axis=0)
    came, expected = np.sum([tenths for _, tenths in fits], axis=0)
    print(f"\ndeviance per crash: {plain / count:.3f}, recalibrated {curved / count:.3f}")
    print(f"seen ÷ expected: {came.sum() / expected.sum():.3f}; by tenth of the risk:")
    print(" ".join(f"{ratio:.2f}" for ratio in came / expected))
    print("\ncrashes met a month in 400 must-arrive slots a week")
    print(slots.groupby("model")["met"].mean().sort_values().round(1).to_string())
    return 0 if whole_s <= BAR_S else 1


if __name__ == "__main__":
    beside = Path(__file__).resolve().parents[2] / "shared" / "data" / "barcelona"
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=beside)
    sys.exit(main(parser.parse_args().folder))
