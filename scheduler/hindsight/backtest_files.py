"""Forecasts as files that others can score: predictions.parquet and places.csv.

A row of predictions.parquet: place (a number), hour_of_week 0–167 (0 is Monday 00:00 local),
month "2018-01", rate (expected incidents an hour there and then); a missing row is a rate of 0.
A row of places.csv: place, x_min, y_min, x_max, y_max, half-open.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from config.errors import BadInput
from scheduler.foresight.levels import HOURS
from scheduler.hindsight.backtest import Forecast
from scheduler.hindsight.grid import Grid
from scheduler.months import named

PREDICTIONS, PLACES = "predictions.parquet", "places.csv"
PARTS = ".months"


class Predictions:
    """A folder that is filled month by month, so that no two months are held at once."""

    def __init__(self, folder: Path, grid: Grid) -> None:
        """Make the folder.

        Raises:
            BadInput: It cannot be made, or holds something already.
        """
        self.folder, self.grid = folder, grid
        self._used: set[int] = set()
        self._parts: list[Path] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise BadInput(key="backtest.out_full", folder=folder)
            (folder / PARTS).mkdir()
        except OSError as error:
            because = error.strerror or str(error)
            raise BadInput(key="planner.no_out", folder=folder, because=because) from error

    def add(self, forecast: Forecast) -> None:
        """Write a month."""
        count = len(forecast.places)
        rows = pd.DataFrame({
            "place": np.repeat(forecast.places, HOURS),
            "hour_of_week": np.tile(np.arange(HOURS, dtype=np.int64), count),
            "month": named(forecast.month),
            "rate": forecast.rates.ravel(),
        })  # fmt: skip
        part = self.folder / PARTS / f"{named(forecast.month)}.parquet"
        with self._written():
            duckdb.from_df(rows[rows["rate"] > 0]).write_parquet(str(part), compression="zstd")
        self._parts.append(part)
        self._used.update(forecast.places.tolist())

    def finish(self) -> None:
        """Put the months together, and say where the places are."""
        with self._written():
            if self._parts:
                months = duckdb.read_parquet([str(part) for part in self._parts])
                months.write_parquet(str(self.folder / PREDICTIONS), compression="zstd")
            _places(self.grid, sorted(self._used)).to_csv(self.folder / PLACES, index=False)
        shutil.rmtree(self.folder / PARTS)

    @contextmanager
    def _written(self) -> Iterator[None]:
        """What cannot be written, on a full disk above all, leaves nothing half behind."""
        try:
            yield
        except (OSError, duckdb.Error) as error:
            shutil.rmtree(self.folder / PARTS, ignore_errors=True)
            for name in (PREDICTIONS, PLACES):
                (self.folder / name).unlink(missing_ok=True)
            because = " ".join(str(error).split())
            raise BadInput(
                key="backtest.not_written", folder=self.folder, because=because
            ) from error


def _places(grid: Grid, used: Sequence[int]) -> pd.DataFrame:
    corners = grid.corners()[list(used)]
    table = pd.DataFrame(corners, columns=["x_min", "y_min", "x_max", "y_max"])
    table.insert(0, "place", list(used))
    return table
