"""What the records hold of a must-arrive point: incidents within reach in its window's hours.

Records are sorted by place once, so that a point looks at its neighbours' and not at all of them:
a large city has thousands of points and a million records.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from scheduler.levels import IntArray
from scheduler.must_arrive import MustArrive, Past, Points, hours_of
from scheduler.patterns import Days, Seen

MOST_KINDS = 3  # of past incidents that a reason names


class Records:
    """All incidents by place.

    kinds: Their names in order. first: Where each place's records begin in the columns, shape
    (places + 1,). day, hour, kind: Of each record, hour −1 when unknown, shape (records,).
    """

    def __init__(self, incidents: Mapping[str, Seen], places: int) -> None:
        """Sort the records."""
        self.kinds = sorted(incidents)
        place, day, hour = (
            np.concatenate([getattr(incidents[kind], column) for kind in self.kinds])
            for column in ("place", "day", "hour")
        )
        sizes = [incidents[kind].place.size for kind in self.kinds]
        kind = np.repeat(np.arange(len(self.kinds)), sizes)
        order = np.argsort(place, kind="stable")
        self.day, self.hour, self.kind = day[order], hour[order], kind[order]
        self.first = np.searchsorted(place[order], np.arange(places + 1))

    def near(self, places: IntArray) -> IntArray:
        """Numbers of the records at some places."""
        spans = [np.arange(self.first[p], self.first[p + 1]) for p in places.tolist()]
        return np.concatenate(spans) if spans else np.zeros(0, dtype=np.int64)


def with_past(
    chosen: tuple[MustArrive, ...], points: Points, days: Days, incidents: Mapping[str, Seen]
) -> tuple[MustArrive, ...]:
    """Points chosen from the records, with what these hold within reach in a window's hours."""
    records = Records(incidents, points.covers.shape[1])
    rows = {name: row for row, name in enumerate(points.place)}
    begins, reached = points.covers.indptr, points.covers.indices.astype(np.int64)
    found = []
    for point in chosen:
        if point.reason.kind == "pinned":
            found.append(point)
            continue
        row = rows[point.place]
        near = records.near(reached[begins[row] : begins[row + 1]])
        past = _past(records, near, point, days)
        found.append(replace(point, reason=replace(point.reason, past=past)))
    return tuple(found)


def _past(records: Records, near: IntArray, point: MustArrive, days: Days) -> Past:
    """What the records near a point hold in its hours."""
    hours = hours_of(point)
    near = near[np.isin(records.hour[near], hours % 24)]
    of_week = days.weekday[records.day[near]] * 24 + records.hour[near]
    same = int(np.isin(of_week, hours).sum())
    times = np.bincount(records.kind[near], minlength=len(records.kinds))
    most = [n for n in np.argsort(-times, kind="stable")[:MOST_KINDS] if times[n]]
    told = tuple((records.kinds[n], int(times[n])) for n in most)
    return Past(len(days.weekday) // 7, len(near), same, told)
