"""Barcelona's crashes as the backtest has them: what several benchmarks roll forward over."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from benchmarks.patterns import records
from config.calendar import Calendar
from config.settings import Crs
from scheduler.foresight.history import from_rows
from scheduler.foresight.levels import HOURS, FloatArray, IntArray, hour_of_week
from scheduler.hindsight.backtest import Backtest, Forecast
from scheduler.hindsight.grid import gridded
from scheduler.months import Month, after, start_ms

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "barcelona"
CRS = Crs(lonlat="WGS-84", metric="utm", zone=31)
CALENDAR = Calendar(ZoneInfo("Europe/Madrid"), {})
CELL_M = 200.0


def asked(about: str) -> dict[str, Any]:
    """The arguments of a benchmark that rolls forward: folder, first and last month."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--from", dest="first", default="2018-01")
    parser.add_argument("--to", dest="last", default="2019-12")
    return vars(parser.parse_args())


def crashes(folder: Path) -> pd.DataFrame:
    """All crashes of the folder through the importer's mapping of this city."""
    rows = records(folder)
    return rows[rows["kind"] == "crash"]


def backtest_of(rows: pd.DataFrame, cell_m: float = CELL_M) -> tuple[Backtest, IntArray]:
    """The product's own backtest on such rows, and the cell of each."""
    grid, cell = gridded(rows, CRS, cell_m)
    names = [str(number) for number in range(len(grid.cells))]
    placed = rows.assign(node=[names[number] for number in cell.tolist()])
    return Backtest(from_rows(placed, names), grid, CALENDAR), cell


def came_in(tested: Backtest, forecast: Forecast) -> tuple[FloatArray, int]:
    """Crashes of a forecast's month by its places and hours of the week; and how many in all."""
    history, calendar = tested.history, tested.calendar
    first_ms, end_ms = (start_ms(calendar, after(forecast.month, n)) for n in (0, 1))
    now = history.where((history.at_ms >= first_ms) & (history.at_ms < end_ms))
    known = np.full(len(tested.grid.cells), -1)
    known[forecast.places] = np.arange(len(forecast.places))
    row = known[now.place]
    hour = hour_of_week(calendar.local_ms(now.at_ms))
    came = np.zeros((len(forecast.places), HOURS))
    np.add.at(came, (row[row >= 0], hour[row >= 0]), 1.0)
    return came, len(now)


def months(first: Month, last: Month) -> Iterator[Month]:
    """Each month from the first to the last."""
    while first <= last:
        yield first
        first = after(first, 1)
