"""A day of the source kept out of the history, to be played: live/DATE.csv."""

from datetime import date

import numpy as np
import pandas as pd

from config.calendar import Calendar
from config.coordinates import Frame, from_wgs84
from config.durations import DAY_MS
from config.made_tables import LiveRow
from config.settings import Settings

MEDIAN_S, SIGMA, SEED = 1800.0, 0.6, 7
"""Service times are lognormal where the source has none: median 30 min."""


def on_day(rows: pd.DataFrame, day: date, calendar: Calendar) -> "pd.Series[bool]":
    """Which rows fell on a local date."""
    local = calendar.local_ms(rows["at_ms"].to_numpy(np.int64))
    wanted = (day - date(1970, 1, 1)).days
    return pd.Series(local // DAY_MS == wanted, index=rows.index)


def live_rows(rows: pd.DataFrame, settings: Settings, calendar: Calendar, seed: int = SEED
              ) -> list[LiveRow]:  # fmt: skip
    """Incidents to be played, in order of time.

    A time known only to the hour is spread over it, evenly at random, so that an hour's incidents
    do not all come at its first second. All is drawn from the seed.
    """
    random = np.random.default_rng(seed)
    incidents = rows[rows["category"] == "incident"]
    drawn_s = np.exp(np.log(MEDIAN_S) + SIGMA * random.standard_normal(len(incidents)))
    spread = random.random(len(incidents))
    known_s = incidents["service_s"].to_numpy(float)
    service_s = np.where(np.isnan(known_s), drawn_s, known_s)
    coarse = incidents["resolution_min"].to_numpy(float)
    late_ms = np.where(coarse > 1, np.floor(spread * coarse * 60) * 1000, 0).astype(np.int64)
    at_ms = incidents["at_ms"].to_numpy(np.int64) + late_ms
    lon, lat = Frame(settings.crs).to_lonlat(incidents["x_m"], incidents["y_m"])
    if settings.crs.lonlat is not None:
        lon, lat = from_wgs84(lon, lat, settings.crs.lonlat)
    made = []
    columns = (at_ms, incidents["kind"], incidents["severity"], lon, lat, service_s)
    for moment, kind, severity, east, north, seconds in zip(*columns, strict=True):
        made.append((int(moment), LiveRow(
            at=calendar.iso(int(moment)), kind=kind, severity=severity,
            lon=round(float(east), 7), lat=round(float(north), 7),
            service_s=round(float(seconds), 1),
            priority=settings.response_to(kind, severity).priority,
        )))  # fmt: skip
    return [row for _, row in sorted(made, key=lambda pair: pair[0])]
