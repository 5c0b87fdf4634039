"""A regular grid over a history: the places of a backtest, whatever city the records are of."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from config.coordinates import Frame
from config.settings import Crs
from scheduler.foresight.levels import FloatArray, IntArray

METRES_A_DEGREE = 111_320.0
"""Of longitude at the equator, and about of latitude everywhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Cells in which anything happened, numbered; half-open, at multiples of their sides.

    metric: Whether coordinates are metres of the district's frame, else degrees WGS-84.
    side_m: Of a cell, in metres. side: Its width and height in the coordinates.
    cells: Column and row of each cell, shape (cells, 2). x_m, y_m: their centres in metres.
    """

    metric: bool
    side_m: float
    side: tuple[float, float]
    cells: IntArray
    x_m: FloatArray
    y_m: FloatArray

    def corners(self) -> FloatArray:
        """x_min, y_min, x_max, y_max of each cell, shape (cells, 4)."""
        side = np.array(self.side)
        return np.hstack((self.cells * side, (self.cells + 1) * side))


def gridded(rows: pd.DataFrame, crs: Crs, cell_m: float) -> tuple[Grid, IntArray]:
    """The grid of some records, and the cell of each.

    A frame that a source declares is kept: its metres are the history's own coordinates. Where
    metres are only the district's local ones, the grid lies in degrees.

    Args:
        rows: Columns x_m, y_m, metres of the district's frame.
        crs: Of the district.
        cell_m: Side of a cell; in degrees it is so long at the history's middle.
    """
    x_m, y_m = (rows[name].to_numpy(np.float64) for name in ("x_m", "y_m"))
    metric = crs.metric != "local" or crs.lonlat is None
    if metric:
        east, north, side = x_m, y_m, (float(cell_m), float(cell_m))
    else:
        east, north = Frame(crs).to_lonlat(x_m, y_m)
        middle = float(np.median(north)) if len(north) else 0.0
        high = cell_m / METRES_A_DEGREE
        side = (high / float(np.cos(np.radians(middle))), high)
    at = np.column_stack((np.floor(east / side[0]), np.floor(north / side[1]))).astype(np.int64)
    cells, cell = np.unique(at, axis=0, return_inverse=True)
    centre = (cells + 0.5) * np.array(side)
    if not metric:
        centre = np.column_stack(Frame(crs).to_metric(centre[:, 0], centre[:, 1]))
    grid = Grid(metric, cell_m, side, cells, centre[:, 0].copy(), centre[:, 1].copy())
    return grid, cell.reshape(-1).astype(np.int64)
