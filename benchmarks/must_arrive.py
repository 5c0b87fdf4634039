"""Must-arrive points on Barcelona: crashes met by 400 slots a week, month by month.

    python benchmarks/must_arrive.py [FOLDER] [--from 2018-01] [--to 2019-12]

A slot is a cell of 200 m, a weekday and two hours; it meets the crashes of the month in that cell
in those hours. Ranking alone: the 400 best by what the planner expects, beside the 400 best by
counts of last month and of 12 months (the expected number among equals) in the same windows. The
published list: what `scheduler.foresight.choosing` would tell the squadrons, one for each district,
with its random slots, spacing, capacity and way there; a slot that is to be visited twice counts
once. The windows and shares were chosen on 2010 to 2017. Exit 1 when a bar is missed.
"""

import sys
from datetime import date, time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, eye_array

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.barcelona import asked, backtest_of, came_in, crashes, months
from scheduler.foresight.choosing import budget, choose
from scheduler.foresight.levels import FloatArray, IntArray, weighted
from scheduler.foresight.must_arrive import WINDOWS, Points, window_rates
from scheduler.hindsight.backtest import Backtest, Forecast
from scheduler.hindsight.scoring import hits, paired
from scheduler.months import Month, month_of

SLOTS_A_WEEK = 400
UNITS = 3
"""On duty in each district at any time: as many as a staggered roster of its size keeps."""
SPEED_M_MIN = 25_000 / 60
DETOUR = 1.3
BARS = {
    "ranking ÷ last month's list": 3.4,
    "ranking ÷ 12 months' list": 2.15,
    "published ÷ last month's list": 2.8,
}


def best(score: FloatArray, came: FloatArray) -> float:
    """Crashes in the 400 best slots; among equals the expected number."""
    worth, seen = window_rates(score), window_rates(came)
    return hits(worth, seen, np.ones(WINDOWS), SLOTS_A_WEEK / worth.size)


def points_of(tested: Backtest, forecast: Forecast, district: IntArray) -> Points:
    """The cells as points; the way from the middle of a district's risk."""
    x_m, y_m = tested.grid.x_m[forecast.places], tested.grid.y_m[forecast.places]
    own, level = district[forecast.places], forecast.rates.sum(axis=1)
    drive_min = np.zeros(len(own))
    for number in np.unique(own):
        here = own == number
        middle = [np.average(at[here], weights=level[here] + 1e-9) for at in (x_m, y_m)]
        far_m = np.hypot(x_m[here] - middle[0], y_m[here] - middle[1])
        drive_min[here] = DETOUR * far_m / SPEED_M_MIN
    covers = csr_array(eye_array(len(own)))
    return Points(tuple(map(str, range(len(own)))), own, covers, drive_min)


def published(tested: Backtest, forecast: Forecast, district: IntArray, came: FloatArray) -> float:
    """Crashes in the windows of the list that the squadrons are given."""
    points = points_of(tested, forecast, district)
    squadrons = [str(number) for number in range(int(district.max()) + 1)]
    share = weighted(points.squadron, forecast.rates.sum(axis=1), len(squadrons))
    able = budget(share, np.full((len(squadrons), 336), UNITS), SLOTS_A_WEEK)
    seed = forecast.month[0] * 12 + forecast.month[1]
    sections = csr_array(eye_array(len(points.place)))
    chosen = choose(forecast.rates, points, squadrons, able, seed=seed, sections=sections)
    seen = np.hstack((came, came[:, :1]))  # Sunday's last window ends on Monday
    return float(sum(
        seen[int(point.place), (point.weekday - 1) * 24 + point.start_min // 60 :][:2].sum()
        for point in chosen
    ))  # fmt: skip


def districts(rows: pd.DataFrame, cell: IntArray, cells: int) -> IntArray:
    """The district of each cell: the one that most of its crashes name, shape (cells,)."""
    _, number = np.unique(rows["area"].to_numpy(str), return_inverse=True)
    votes = np.zeros((cells, int(number.max()) + 1))
    np.add.at(votes, (cell, number), 1.0)
    votes[:, 0] *= 0.5  # the first name is that of crashes without a district
    return np.asarray(votes.argmax(axis=1), dtype=np.int64)


def figures(rows: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """Crashes met in each month by each list."""
    tested, cell = backtest_of(rows)
    district = districts(rows, cell, len(tested.grid.cells))
    found = []
    for month in months(month_of(first), month_of(last)):
        forecast = tested.forecast(month)
        came, _ = came_in(tested, forecast)
        found.append({
            "last month's list": best(forecast.others["last_month"], came),
            "12 months' list": best(forecast.others["twelve_months"], came),
            "fixed posts": best(forecast.others["fixed_posts"], came),
            "raw separable": best(forecast.others["separable"], came),
            "ranking": best(forecast.rates, came),
            "published": published(tested, forecast, district, came),
        })  # fmt: skip
    return pd.DataFrame(found)


def looks_ahead(rows: pd.DataFrame, month: Month) -> bool:
    """Whether a forecast changes, by one byte, when all that came after it is poisoned.

    The poison: every later crash three times, each where and when some earlier one was.
    """
    tested, _ = backtest_of(rows)
    start_ms = tested.calendar.at_ms(date(*month, 1), time(0))
    later = rows["at_ms"].to_numpy(np.int64) >= start_ms
    known, wrong = rows[~later], pd.concat([rows[later]] * 3)
    where = np.random.default_rng(1).integers(0, len(known), len(wrong))
    moved = wrong.assign(**{name: known[name].to_numpy()[where] for name in ("x_m", "y_m")})
    poisoned, _ = backtest_of(pd.concat([known, moved], ignore_index=True))
    one, other = tested.forecast(month), poisoned.forecast(month)
    same = [one.rates.tobytes() == other.rates.tobytes()]
    same += [score.tobytes() == other.others[name].tobytes() for name, score in one.others.items()]
    return not all(same)


def main(folder: Path, first: str, last: str) -> int:
    """Print the figures; 1 when a bar is missed."""
    if not folder.is_dir():
        print(f"SKIPPED: no real crashes at {folder}; give their folder as argument")
        return 0
    rows = crashes(folder)
    met = figures(rows, first, last)
    print(f"crashes met a month in {SLOTS_A_WEEK} slots a week, {first} to {last}")
    print(met.mean().round(2).to_string())
    missed = False
    for name, bar in BARS.items():
        ours, _, other = name.partition(" ÷ ")
        one = met[ours].to_numpy(np.float64)
        found = paired(one, met[other].to_numpy(np.float64), one)
        word = "reached" if found.ratio >= bar else "MISSED"
        missed |= found.ratio < bar
        span = f"95 % {found.ratio_low:.2f}–{found.ratio_high:.2f}"
        print(f"{name}: {found.ratio:.2f} ({span}), bar {bar}: {word}")
    ahead = looks_ahead(rows, month_of(last))
    print(
        f"later months poisoned, the forecast of {last} {'CHANGES' if ahead else 'is byte-equal'}"
    )
    return int(missed or ahead)


if __name__ == "__main__":
    sys.exit(main(**asked(__doc__)))
