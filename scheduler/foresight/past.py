"""What the records hold of a must-arrive point: incidents within reach in its window's hours.

Records are counted by place and hour once, so that a point looks at its neighbours' and not at
all of them: a large city has thousands of points and a million records.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from scheduler.foresight.levels import HOURS, IntArray
from scheduler.foresight.must_arrive import MustArrive, Past, Points, hours_of
from scheduler.foresight.patterns import Days, Seen

DAY_H = 24
MOST_KINDS = 3  # of past incidents that a reason names


class Records:
    """How many incidents were recorded at each place; whose hour is not known are left out.

    kinds: Their names in order. of_day: By hour of the day and kind, shape (places, 24, kinds).
    of_week: By hour of the week, shape (places, 168).
    """

    def __init__(self, days: Days, incidents: Mapping[str, Seen], places: int) -> None:
        """Count them."""
        self.kinds = sorted(incidents)
        self.of_day = np.zeros((places, DAY_H, len(self.kinds)), dtype=np.int32)
        self.of_week = np.zeros((places, HOURS), dtype=np.int32)
        for number, kind in enumerate(self.kinds):
            known = incidents[kind].hour >= 0
            place, day, hour = (
                getattr(incidents[kind], column)[known] for column in ("place", "day", "hour")
            )
            self.of_day[:, :, number] = _counted(place, hour, places, DAY_H)
            self.of_week += _counted(place, days.weekday[day] * DAY_H + hour, places, HOURS)


def _counted(place: IntArray, hour: IntArray, places: int, hours: int) -> IntArray:
    """How many of each place and hour, shape (places, hours)."""
    flat = np.bincount(place * hours + hour, minlength=places * hours)
    return flat.reshape(places, hours).astype(np.int32)


def with_past(
    chosen: tuple[MustArrive, ...], points: Points, days: Days, incidents: Mapping[str, Seen]
) -> tuple[MustArrive, ...]:
    """Points chosen from the records, with what these hold within reach in a window's hours."""
    records = Records(days, incidents, points.covers.shape[1])
    rows = {name: row for row, name in enumerate(points.place)}
    begins, reached = points.covers.indptr, points.covers.indices.astype(np.int64)
    found, windows = [], {}
    for point in chosen:
        if point.reason.kind == "pinned":
            found.append(point)
            continue
        row = rows[point.place]
        near = reached[begins[row] : begins[row + 1]]
        window = point.weekday, point.start_min, point.end_min  # most points share theirs
        if window not in windows:
            hours = hours_of(point)
            windows[window] = np.unique(hours % DAY_H), np.unique(hours)
        past = _past(records, near, *windows[window], len(days.weekday) // 7)
        found.append(replace(point, reason=replace(point.reason, past=past)))
    return tuple(found)


def _past(
    records: Records, near: IntArray, of_day: IntArray, of_week: IntArray, weeks: int
) -> Past:
    """What the records hold at some places in some hours of the day, and of the week."""
    times = records.of_day[near[:, None], of_day].sum(axis=(0, 1))
    same = int(records.of_week[near[:, None], of_week].sum())
    most = [n for n in np.argsort(-times, kind="stable")[:MOST_KINDS] if times[n]]
    told = tuple((records.kinds[n], int(times[n])) for n in most)
    return Past(weeks, int(times.sum()), same, told)
