"""Where somebody stands anyway: night checks, schools, rush hour posts. A visit there adds little.

The presence that is due already is no reason to send another unit; and visits to one point are
kept apart, so that nobody could make it while a check stands there.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np

from config.district import District
from config.durations import DAY_MIN
from scheduler.foresight.ground import nodes_of
from scheduler.foresight.levels import BoolArray, IntArray
from scheduler.foresight.must_arrive import FIRST_H, WINDOW_H, WINDOWS, MustArrive, Points
from scheduler.foresight.staffing import OWN_POST, duties_on

WINDOW_MIN = WINDOW_H * 60
STANDS = frozenset((*OWN_POST, "operation"))
"""Kinds of duties whose unit stays where it is sent."""

Stay = tuple[int, int, int]
"""Node, first and last minute since Monday 00:00; the week repeats."""


def present_at(
    district: District, dates: Sequence[date], points: Points,
    nights: Mapping[int, Sequence[MustArrive]],
) -> BoolArray:  # fmt: skip
    """Points and windows in which a unit stands as long as a visit lasts, shape (points, 84).

    Args:
        district: Its fixed duties, and how long a visit is.
        dates: The seven days.
        points: Where visits may be.
        nights: Points of each weekday's night check. Which unit is where when is not known yet:
            each counts for all its hours.
    """
    nodes = nodes_of(district, points.place)
    found = np.zeros((len(nodes), WINDOWS), dtype=bool)
    checks = _checks(nights, dict(zip(points.place, nodes.tolist(), strict=True)))
    for node, start_min, end_min in (*_posts(district, dates), *checks):
        long = _in_windows(start_min, end_min) >= district.settings.visits.dwell_min
        found |= np.outer(nodes == node, long)
    return found


def _posts(district: District, dates: Sequence[date]) -> Iterator[Stay]:
    for duty, start_min, end_min in duties_on(district, dates, STANDS):
        if (node := district.node_of_duty(duty)) is not None:
            yield node, start_min, end_min


def _checks(nights: Mapping[int, Sequence[MustArrive]], node: Mapping[str, int]) -> Iterator[Stay]:
    for weekday, points in nights.items():
        midnight = (weekday - 1) * DAY_MIN
        for point in points:
            yield node[point.place], midnight + point.start_min, midnight + point.end_min


def _in_windows(start_min: int, end_min: int) -> IntArray:
    """Minutes of a stay that lie in each window, shape (84,)."""
    first = np.arange(WINDOWS) * WINDOW_MIN + FIRST_H * 60
    found = np.zeros(WINDOWS, dtype=np.int64)
    for turn in (-7 * DAY_MIN, 0, 7 * DAY_MIN):
        start, end = np.maximum(first, start_min + turn), first + WINDOW_MIN
        found += np.maximum(np.minimum(end, end_min + turn) - start, 0)
    return found
