"""Coordinate systems: WGS-84, the Chinese GCJ-02 and BD-09, UTM, local metres.

Chinese map SDKs and PDAs give GCJ-02, 100 to 700 m away from WGS-84; some feeds give BD-09 on
top of it. A source declares its system; nothing here guesses one. All functions take and give
float64 arrays of any one shape (or single numbers).

Source:
    GCJ-02 as published by its reimplementations (eviltransform, `WGSTOGCJ02`); outside
    mainland China's bounding box it is the identity. BD-09 by its publisher's own conversion.
    Both ways back are solved by fixed-point iteration; the round trip is exact to millimetres.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from config.settings import Crs

if TYPE_CHECKING:
    from pyproj import Transformer


FloatArray = NDArray[np.float64]
Pair = tuple[FloatArray, FloatArray]

SYSTEMS = ("WGS-84", "GCJ-02", "BD-09")
_A, _EE = 6_378_245.0, 0.006_693_421_622_965_943_23  # Krasovsky 1940, as GCJ-02 uses it
_BD_PI = np.pi * 3000.0 / 180.0
_STEPS = 8  # each step of the way back shrinks the error about a thousandfold


def to_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str) -> Pair:
    """Longitudes and latitudes of a declared system as WGS-84 degrees.

    Raises:
        ValueError: `crs` is none of `SYSTEMS`.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if crs == "WGS-84":
        return lon, lat
    if crs == "GCJ-02":
        return _solve(_gcj_of_wgs, lon, lat)
    if crs == "BD-09":
        return _solve(_gcj_of_wgs, *_solve(_bd_of_gcj, lon, lat))
    msg = f"unknown coordinate system {crs!r}; one of {', '.join(SYSTEMS)}"
    raise ValueError(msg)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str) -> Pair:
    """WGS-84 degrees in another system; the way back of `to_wgs84`.

    Raises:
        ValueError: `crs` is none of `SYSTEMS`.
    """
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if crs == "WGS-84":
        return lon, lat
    if crs == "GCJ-02":
        return _gcj_of_wgs(lon, lat)
    if crs == "BD-09":
        return _bd_of_gcj(*_gcj_of_wgs(lon, lat))
    msg = f"unknown coordinate system {crs!r}; one of {', '.join(SYSTEMS)}"
    raise ValueError(msg)


def _solve(forward: Callable[[FloatArray, FloatArray], Pair], lon: FloatArray,
           lat: FloatArray) -> Pair:  # fmt: skip
    """The point that `forward` takes to (lon, lat)."""
    at_lon, at_lat = lon.copy(), lat.copy()
    for _ in range(_STEPS):
        got_lon, got_lat = forward(at_lon, at_lat)
        at_lon, at_lat = at_lon + (lon - got_lon), at_lat + (lat - got_lat)
    return at_lon, at_lat


def _waves(x: FloatArray) -> FloatArray:
    """The part of the GCJ-02 offset that both axes share."""
    return (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0


def _gcj_of_wgs(lon: FloatArray, lat: FloatArray) -> Pair:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + _waves(x)
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + _waves(x)
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    rad = np.radians(lat)
    magic = 1.0 - _EE * np.sin(rad) ** 2
    d_lat = np.degrees(north / (_A * (1.0 - _EE) / (magic * np.sqrt(magic))))
    d_lon = np.degrees(east / (_A / np.sqrt(magic) * np.cos(rad)))
    inside = (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)
    return np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)


def _bd_of_gcj(lon: FloatArray, lat: FloatArray) -> Pair:
    radius = np.hypot(lon, lat) + 0.000_02 * np.sin(lat * _BD_PI)
    angle = np.arctan2(lat, lon) + 0.000_003 * np.cos(lon * _BD_PI)
    return radius * np.cos(angle) + 0.006_5, radius * np.sin(angle) + 0.006


@dataclass(frozen=True, slots=True)
class Frame:
    """A district's metric frame: UTM, or metres from an origin (azimuthal equidistant)."""

    crs: Crs

    def to_metric(self, lon: ArrayLike, lat: ArrayLike) -> Pair:
        """WGS-84 degrees as metres east and north in this frame.

        Raises:
            ValueError: The frame lacks its zone or its origin.
        """
        x_m, y_m = _transformer(_proj(self.crs)).transform(
            np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
        )
        return np.asarray(x_m), np.asarray(y_m)

    def to_lonlat(self, x_m: ArrayLike, y_m: ArrayLike) -> Pair:
        """Metres of this frame as WGS-84 degrees; errors as `to_metric`."""
        lon, lat = _transformer(_proj(self.crs)).transform(
            np.asarray(x_m, dtype=np.float64), np.asarray(y_m, dtype=np.float64),
            direction="INVERSE",
        )  # fmt: skip
        return np.asarray(lon), np.asarray(lat)


_DATUM = {
    "WGS-84": "+datum=WGS84 +type=crs",
    "ED50": "+ellps=intl +towgs84=-87,-98,-121 +type=crs",  # EPSG:1133, mean of Europe, ± 10 m
}


def _proj(crs: Crs) -> str:
    if crs.metric == "utm" and crs.zone is not None:
        return f"+proj=utm +zone={crs.zone}{' +south' if crs.south else ''} {_DATUM[crs.datum]}"
    if crs.metric == "local" and crs.origin_lon is not None and crs.origin_lat is not None:
        origin = f"+lat_0={crs.origin_lat!r} +lon_0={crs.origin_lon!r}"
        return f"+proj=aeqd {origin} +datum=WGS84 +units=m +type=crs"
    missing = "zone" if crs.metric == "utm" else "origin_lon and origin_lat"
    msg = f"metric frame {crs.metric!r} needs {missing}"
    raise ValueError(msg)


@lru_cache(maxsize=16)
def _transformer(proj: str) -> "Transformer":
    from pyproj import Transformer  # noqa: PLC0415 - 0.2 s that `qinwu --help` need not pay

    return Transformer.from_crs("EPSG:4326", proj, always_xy=True)
