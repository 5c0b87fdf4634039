"""What it is worth to move unit-hours between hours: Barcelona, month by month.

    python benchmarks/units.py [FOLDER] [--from 2018-01] [--to 2019-12]

N units, each in a block of 400 m in each of its hours, meet the crashes of that block in that
hour. Fixed posts: the N blocks with most crashes in the last 12 months, all hours of the week.
Hours free: as many unit-hours a week (168 N), each where and when the product's own backtest
expects most, at most 3 N units in an hour. Posts free: N in every hour, each hour the best blocks
by the same forecast. Both bring out how much comes from the hours and how much from the places.
There is nothing to choose here, so nothing was tuned. Exit 1 when a bar is missed.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.barcelona import asked, backtest_of, came_in, crashes, months
from scheduler.foresight.levels import HOURS, FloatArray
from scheduler.hindsight.scoring import paired
from scheduler.months import month_of

BLOCK_M = 400.0
MOST = 3
"""Times N units that may be out in one hour."""
BARS = {5: 1.45, 10: 1.35, 20: 1.28}
BY = ("fixed posts", "posts free", "hours free")

BoolArray = NDArray[np.bool_]


def fixed(level: FloatArray, units: int) -> BoolArray:
    """The best blocks in all hours, shape (blocks, 168)."""
    best = np.argsort(-level, kind="stable")[:units]
    out = np.zeros((len(level), HOURS), dtype=bool)
    out[best] = True
    return out


def hours_free(rates: FloatArray, units: int, most: int = MOST) -> BoolArray:
    """The best 168 × `units` block-hours, at most `most` × `units` in an hour, shape of `rates`."""
    order = np.argsort(-rates, axis=0, kind="stable")[: most * units]
    worth = np.take_along_axis(rates, order, axis=0)
    chosen = np.zeros(worth.size, dtype=bool)
    chosen[np.argsort(-worth, axis=None, kind="stable")[: HOURS * units]] = True
    out = np.zeros(rates.shape, dtype=bool)
    np.put_along_axis(out, order, chosen.reshape(worth.shape), axis=0)
    return out


def figures(rows: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """Crashes met in each month, by units and how they are placed."""
    tested, _ = backtest_of(rows, BLOCK_M)
    found = []
    for month in months(month_of(first), month_of(last)):
        forecast = tested.forecast(month)
        came, _ = came_in(tested, forecast)
        posts = forecast.others["fixed_posts"][:, 0]
        found.append({
            f"{units} {how}": float(came[out].sum())
            for units in BARS
            for how, out in zip(BY, (
                fixed(posts, units),
                hours_free(forecast.rates, units, 1),
                hours_free(forecast.rates, units),
            ), strict=True)
        })  # fmt: skip
    return pd.DataFrame(found)


def main(folder: Path, first: str, last: str) -> int:
    """Print the figures; 1 when a bar is missed."""
    if not folder.is_dir():
        print(f"SKIPPED: no real crashes at {folder}; give their folder as argument")
        return 0
    met = figures(crashes(folder), first, last)
    print(f"crashes met a month by units in blocks of {BLOCK_M:.0f} m, {first} to {last}")
    print(met.mean().round(1).to_string())
    missed = False
    for units, bar in BARS.items():
        one, other = (met[f"{units} {how}"].to_numpy(np.float64) for how in (BY[2], BY[0]))
        ours = paired(one, other, one)
        alone = met[f"{units} {BY[1]}"].sum() / met[f"{units} {BY[0]}"].sum()
        span = f"95 % {ours.ratio_low:.2f}–{ours.ratio_high:.2f}"
        word = "reached" if ours.ratio >= bar else "MISSED"
        missed |= ours.ratio < bar
        print(
            f"{units} units: hours free ÷ fixed posts {ours.ratio:.3f} ({span}), bar {bar}: {word}"
        )
        print(f"  posts free ÷ fixed posts {alone:.3f}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(**asked(__doc__)))
