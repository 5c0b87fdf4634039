"""Places of a source's rows: numbers as they are written, swapped, shifted, in what system."""

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from config.cells import FRAME_M
from config.coordinates import Frame, to_wgs84
from config.crossings import Crossings, Located
from config.importers.columns import Bounds, Reading, Table
from config.importers.mapping import Mapping
from config.importers.quality import FileQuality
from config.settings import Crs

FloatArray = NDArray[np.float64]
Pair = tuple[float, float]
REACH_M = 300.0
"""A record farther from every node lies nowhere."""
Texts = NDArray[np.object_]


def number(cells: Texts, decimal: str) -> FloatArray:
    """Numbers of cells written with a decimal mark; nan where a cell is none."""
    at, told = pd.factorize(cells)  # most numbers come again
    texts = pd.Series(told, dtype=object)
    if decimal == ",":
        texts = texts.str.replace(".", "x", regex=False).str.replace(",", ".", regex=False)
    numbers = np.asarray(pd.to_numeric(texts, errors="coerce"), dtype=np.float64)
    return np.asarray(numbers[at])


def _repaired(east: FloatArray, north: FloatArray, table: Table, cells: MappingOf[str, Texts],
              names: Sequence[str], shift: Pair, quality: FileQuality
              ) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Places written with the other decimal mark, where the bounds say that they are right."""
    if table.bounds is None or not (np.isnan(east) | np.isnan(north)).any():
        return east, north
    values = []
    for now, name in zip((east, north), names, strict=True):
        points = np.array([str(cell).replace(",", ".") for cell in cells[name]], dtype=object)
        values.append(np.where(np.isnan(now), number(points, "."), now))
    right = _inside(table.bounds, values[0] + shift[0], values[1] + shift[1])
    changed = (np.isnan(east) | np.isnan(north)) & right
    if changed.any():
        quality.repaired["decimal"] += int(changed.sum())
    return np.where(changed, values[0], east), np.where(changed, values[1], north)


def _inside(box: Bounds, east: FloatArray, north: FloatArray) -> NDArray[np.bool_]:
    inside = (box.east[0] <= east) & (east <= box.east[1])
    return inside & (box.north[0] <= north) & (north <= box.north[1])


def place(table: Table, cells: MappingOf[str, Texts], reading: Reading, mapping: Mapping,
          why: Texts, quality: FileQuality, crossings: Crossings | None
          ) -> tuple[FloatArray, FloatArray, Texts]:  # fmt: skip
    """Metres of the mapping's frame; rows whose place is unknown or nonsense get a reason.

    And how each row's place was found, "" for numbers.
    """
    if crossings is not None and table.place.column is not None:
        return _told(cells[table.place.column], table, crossings, why, quality)
    how = np.full(len(why), "", dtype=object)
    names = table.place.names()
    if reading.swap_xy:
        names = (names[1], names[0])
    unknown = np.zeros(len(why), dtype=bool)
    values = []
    for name in names:
        unknown |= np.isin(cells[name], ["", *table.unknown])
        values.append(number(cells[name], reading.decimal or "."))
    shift = reading.shift_m or (0.0, 0.0)
    east, north = _repaired(values[0], values[1], table, cells, names, shift, quality)
    odd = ~((np.abs(east) <= FRAME_M) & (np.abs(north) <= FRAME_M))  # nan, too
    east, north = east + shift[0], north + shift[1]
    none = np.zeros(len(why), dtype=bool)
    outside, exchanged = none.copy(), none.copy()
    if table.bounds is not None:
        outside = ~_inside(table.bounds, east, north)
        exchanged = outside & _inside(table.bounds, north, east)
    beyond = none if table.place.metric else (np.abs(east) > 180) | (np.abs(north) > 90)
    exchanged |= beyond & (np.abs(north) <= 180) & (np.abs(east) <= 90)
    told = {"no_place": unknown, "bad_number": odd, "exchanged": exchanged,
            "outside_bounds": outside, "no_degrees": beyond}  # fmt: skip
    for reason, mask in told.items():
        why[mask & (why == "")] = reason
    if table.place.metric:
        return east, north, how
    odd |= beyond
    lonlat = to_wgs84(np.where(odd, 0, east), np.where(odd, 0, north), str(mapping.crs.lonlat))
    return (*Frame(mapping.crs).to_metric(*lonlat), how)


def _told(texts: Texts, table: Table, crossings: Crossings, why: Texts, quality: FileQuality
          ) -> tuple[FloatArray, FloatArray, Texts]:  # fmt: skip
    """Metres of the crossings and km posts that texts name, and which; else a reason."""
    at, told = pd.factorize(texts)
    silent = {"", *table.unknown}
    met = [Located(None, "no_place") if text in silent else crossings.locate(text)
           for text in told]  # fmt: skip
    how = np.array([each.how for each in met], dtype=object)[at]
    known = np.array([each.node is not None for each in met], dtype=bool)[at]
    quality.posts |= {text: each.known for text, each in zip(told, met, strict=True) if each.known}
    mute = ~known & (why == "")
    why[mute] = how[mute]
    nodes = [None if each.node is None else crossings.nodes[each.node] for each in met]
    metres = np.array([(node.x_m, node.y_m) if node else (np.nan, np.nan) for node in nodes])
    east, north = metres.reshape(-1, 2)[at].T
    return east, north, how


def to_frame(rows: pd.DataFrame, given: Crs, wanted: Crs) -> None:
    """Bring x_m and y_m from the mapping's metric frame into the district's, in place."""
    metric = ("metric", "zone", "south", "datum", "origin_lon", "origin_lat")
    if all(getattr(given, name) == getattr(wanted, name) for name in metric) or rows.empty:
        return
    lonlat = Frame(given).to_lonlat(rows["x_m"].to_numpy(float), rows["y_m"].to_numpy(float))
    rows["x_m"], rows["y_m"] = Frame(wanted).to_metric(*lonlat)
