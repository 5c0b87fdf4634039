"""Red, yellow and green on Barcelona: how steady, how right, and how soon a doubled section is red.

    python benchmarks/colours.py [FOLDER] [--from 2018-01] [--to 2019-12]

First, cells of 200 m over the whole week, month by month: how much of the red 5 % stays from one
month to the next (Jaccard), and the share of next month's crashes that fall into it; the list by
risk, then all red that is shown, with the sections that rise. Beside them the same of last
month's counts and of the model without hysteresis.

Then sections of several sizes: in every second month some that are not red are doubled for two
months (every crash of theirs comes twice); told is how many are red at the end of the second
month, by how many crashes a month they have, and which share of all other sections is red in a
month without being of the red 5 % by risk. Exit 1 when a bar is missed.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.barcelona import CALENDAR, asked, backtest_of, came_in, crashes, months
from scheduler.foresight.colouring import held_since
from scheduler.foresight.colours import RED, Colouring, colours, held_over, rising
from scheduler.foresight.levels import BoolArray, FloatArray, IntArray
from scheduler.hindsight.backtest import Forecast
from scheduler.months import Month, after, month_of, start_ms

JACCARD, SHARE, FOUND, FALSE = 0.96, 0.245, 0.80, 0.01
HOLD = Colouring().hold
LATELY = 2
"""Months that are looked at for a rise."""
SIDES_M = (200.0, 400.0, 800.0)
PLANTED = 10
"""Sections doubled at once: so few of so many do not know of each other."""
CLASSES = (0.0, 1.0, 3.0, 6.0, 8.0, 1e9)
"""Crashes a month that a section has before it is doubled."""
SECTION_M, LEAST = 800.0, 8.0
"""The bar: sections as long as named ones, with crashes enough that a doubling is no chance."""


@dataclass(frozen=True)
class Shown:
    """The colours of a month: its cells, those red by risk, those red in all, crashes expected."""

    places: IntArray
    by_risk: BoolArray
    red: BoolArray
    expected: FloatArray

    def reds(self, *, all_: bool = False) -> set[int]:
        """The cells that are red."""
        return set(self.places[self.red if all_ else self.by_risk].tolist())


class Rolling:
    """Colours month by month on some rows; each month is forecast once."""

    def __init__(self, rows: pd.DataFrame, cell_m: float, hold: float = HOLD) -> None:
        """Nothing is forecast before it is asked."""
        self.rows, self.cell_m, self.hold = rows, cell_m, hold
        self.tested, self.cell = backtest_of(rows, cell_m)
        began = CALENDAR.local(int(rows["at_ms"].min()))
        self.first = after((began.year, began.month), 1)
        self._forecasts: dict[Month, Forecast] = {}
        self._came: dict[Month, IntArray] = {}

    def forecast(self, month: Month) -> Forecast:
        """The product's forecast of a month."""
        if month not in self._forecasts:
            self._forecasts[month] = self.tested.forecast(month)
        return self._forecasts[month]

    def came(self, month: Month) -> IntArray:
        """Crashes of a month in each cell of the grid."""
        if month not in self._came:
            everywhere = np.arange(len(self.tested.grid.cells))
            none = Forecast(month, everywhere, np.zeros((0, 168)), {})
            hourly, _ = came_in(self.tested, none)
            self._came[month] = hourly.sum(axis=1).astype(np.int64)
        return self._came[month]

    def shown(self, month: Month) -> Shown:
        """What the planner's colours say at the beginning of a month, of the whole week at once."""
        forecast = self.forecast(month)
        level = forecast.rates.sum(axis=1)
        ones, none = np.ones(len(level)), np.zeros(len(level), dtype=np.int64)
        rule = Colouring(hold=self.hold)
        held = held_over(self._levels(forecast), ones, none, rule) if self.hold else None
        found = colours(level[:, None], ones, none, held, rule, rising(*self._lately(forecast)))
        red, risen = found.colour[:, 0] == RED, found.risen[:, 0]
        return Shown(forecast.places, red & ~risen, red, level * 52 / 12)

    def _levels(self, forecast: Forecast) -> Iterator[FloatArray]:
        """What was expected of a forecast's places on the days that its colours are held to."""
        for day in held_since(date(*forecast.month, 1)):
            month = day.year, day.month
            if month < self.first:
                continue
            then, everywhere = self.forecast(month), np.zeros(len(self.tested.grid.cells))
            everywhere[then.places] = then.rates.sum(axis=1)
            yield everywhere[forecast.places, None]

    def _lately(self, forecast: Forecast) -> tuple[FloatArray, FloatArray]:
        """Crashes of the last months, and how many were expected before them, by place.

        Of a place that was not known then nothing was expected; it has no level to rise from.
        """
        last = [after(forecast.month, -n) for n in range(1, LATELY + 1)]
        recent = np.cumsum([self.came(month)[forecast.places] for month in last], axis=0)
        earlier = self.forecast(last[-1])
        expected = np.full(len(self.tested.grid.cells), np.inf)
        expected[earlier.places] = earlier.rates.sum(axis=1) * 52 / 12
        own = expected[forecast.places]
        return recent.astype(np.float64), np.array([own * n for n in range(1, LATELY + 1)])


def steady(rows: pd.DataFrame, first: Month, last: Month) -> pd.DataFrame:
    """Jaccard of following months and share of the month's crashes, by kind of list."""
    plain, held = Rolling(rows, SIDES_M[0], hold=0.0), Rolling(rows, SIDES_M[0])
    held._forecasts = plain._forecasts  # noqa: SLF001 - the same forecasts, cut in another way
    names = ("last month's counts", "no hysteresis", "top 5 % as shown", "with those that rise")
    lists: dict[str, list[set[int]]] = {name: [] for name in names}
    shares: dict[str, list[float]] = {name: [] for name in names}
    for month in months(first, last):
        now, came = held.shown(month), held.came(month)
        lists[names[0]].append(_top(held.came(after(month, -1)), int(now.by_risk.sum())))
        lists[names[1]].append(plain.shown(month).reds())
        lists[names[2]].append(now.reds())
        lists[names[3]].append(now.reds(all_=True))
        for name in names:
            shares[name].append(came[list(lists[name][-1])].sum() / came.sum())
    rows_ = [
        (name, np.mean([len(a & b) / len(a | b) for a, b in pairwise(lists[name])]),
         np.mean(shares[name]), np.mean([len(one) for one in lists[name]]))
        for name in names
    ]  # fmt: skip
    return pd.DataFrame(rows_, columns=["list", "jaccard", "share", "cells"]).set_index("list")


def _top(count: IntArray, cells: int) -> set[int]:
    return set(np.argsort(-count, kind="stable")[:cells].tolist())


def planted(rows: pd.DataFrame, side_m: float, starts: Sequence[Month]) -> pd.DataFrame:
    """Each doubled section: crashes a month before, whether found; and the false reds beside."""
    clean = Rolling(rows, side_m)
    rng = np.random.default_rng(1)
    found = []
    for start in starts:
        one = clean.shown(start)
        calm = np.flatnonzero(~one.red)
        size = np.digitize(one.expected[calm], CLASSES) - 1
        each = [calm[size == n] for n in range(len(CLASSES) - 1)]
        rows_of = np.concatenate([rng.permutation(few)[: PLANTED // 2] for few in each])
        cells = one.places[rows_of]
        twice = Rolling(_doubled(rows, clean, cells, start), side_m)
        alike = {month: one for month, one in clean._forecasts.items() if month <= start}  # noqa: SLF001
        twice._forecasts = alike  # noqa: SLF001 - made from records before the first is doubled
        seen = [twice.shown(after(start, n)) for n in (1, 2)]
        usual = [clean.shown(after(start, n)) for n in (1, 2)]
        false = np.mean(
            [
                len(now.reds(all_=True) - was.reds() - set(cells.tolist())) / len(now.places)
                for now, was in zip(seen, usual, strict=True)
            ]
        )
        red = set().union(*(now.reds(all_=True) for now in seen))
        found += [
            (side_m, one.expected[row], int(one.places[row]) in red, false) for row in rows_of
        ]
    return pd.DataFrame(found, columns=["side_m", "a_month", "found", "false"])


def _doubled(rows: pd.DataFrame, clean: Rolling, cells: IntArray, start: Month) -> pd.DataFrame:
    """The rows with those of some cells twice in two months."""
    since, until = (start_ms(clean.tested.calendar, after(start, n)) for n in (0, 2))
    at_ms = rows["at_ms"].to_numpy(np.int64)
    more = np.isin(clean.cell, cells) & (at_ms >= since) & (at_ms < until)
    return pd.concat([rows, rows[more]], ignore_index=True)


def main(folder: Path, first: str, last: str) -> int:
    """Print the figures; 1 when a bar is missed."""
    if not folder.is_dir():
        print(f"SKIPPED: no real crashes at {folder}; give their folder as argument")
        return 0
    rows, span = crashes(folder), (month_of(first), month_of(last))
    table = steady(rows, *span)
    print(f"cells of {SIDES_M[0]:.0f} m, red for the whole week, {first} to {last}")
    print(table.round({"jaccard": 3, "share": 3, "cells": 0}).to_string())
    jaccard, share = (float(table[name]["top 5 % as shown"]) for name in ("jaccard", "share"))
    bad = jaccard < JACCARD or share < SHARE
    print(f"bars: Jaccard {JACCARD}, share {SHARE}: {'MISSED' if bad else 'reached'}")
    starts = list(months(*span))[:-2:2]
    all_ = pd.concat([planted(rows, side_m, starts) for side_m in SIDES_M])
    labels = [f"{low:g}–{high:g}" for low, high in pairwise(CLASSES[:-1])] + [f"{CLASSES[-2]:g}+"]
    all_["crashes a month"] = pd.cut(all_["a_month"], list(CLASSES), labels=labels, right=False)
    by_class = all_.groupby(["side_m", "crashes a month"], observed=True)
    print("\na doubled section is red within two months; others red without cause, a month")
    print(by_class.agg(planted=("found", "size"), found=("found", "mean"), false=("false", "mean"))
          .round(4).to_string())  # fmt: skip
    named = all_[(all_["side_m"] == SECTION_M) & (all_["a_month"] >= LEAST)]
    power, false = named["found"].mean(), named["false"].mean()
    missed = bool(power < FOUND or false > FALSE)
    print(
        f"sections of {SECTION_M:.0f} m with {LEAST:g} crashes a month: found {power:.1%}, others "
        f"{false:.2%}; bars {FOUND:.0%}, {FALSE:.0%}: {'MISSED' if missed else 'reached'}"
    )
    return int(bad or missed)


if __name__ == "__main__":
    sys.exit(main(**asked(__doc__)))
