"""Must-check vehicles 必查车辆: classes that were found wanting on a section, to stop on sight."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from config.district import District
from config.durations import DAY_MS
from scheduler.foresight.ground import nodes_of, sections_of
from scheduler.foresight.history import History
from scheduler.foresight.levels import IntArray
from scheduler.foresight.must_arrive import MustArrive
from scheduler.foresight.watched import ON_SIGHT

LEAST_RECORDS, CLASS_DAYS = 3, 365
MOST_CLASSES = 3


def lately(history: History) -> History:
    """The violations of the last year of a history."""
    if not len(history):
        return history
    since_ms = int(history.at_ms[-1]) - CLASS_DAYS * DAY_MS
    return history.where((history.at_ms >= since_ms) & (history.violation >= 0))


def classes_at(recorded: History, nodes: IntArray) -> tuple[str, ...]:
    """Violations of vehicle classes recorded at some nodes, the most frequent first, up to three.

    Args:
        recorded: Violations of the time that counts.
        nodes: Their numbers.
    """
    names = recorded.violations
    named = [n for n, name in enumerate(names) if any(c in name.casefold() for c in ON_SIGHT)]
    own = recorded.violation[np.isin(recorded.place, nodes)]
    count = np.bincount(own, minlength=len(names))
    most = sorted((n for n in named if count[n] >= LEAST_RECORDS), key=lambda n: -count[n])
    return tuple(names[n] for n in most[:MOST_CLASSES])


def with_classes(
    district: District, history: History, chosen: Iterable[MustArrive]
) -> tuple[MustArrive, ...]:
    """The points, each with what to stop on sight on its sections.

    What people pinned is theirs.
    """
    points, recorded = tuple(chosen), lately(history)
    _, shares, _, _ = sections_of(district)
    places = tuple(dict.fromkeys(point.place for point in points))
    classes: dict[str, tuple[str, ...]] = {}
    for place, node in zip(places, nodes_of(district, places), strict=True):
        sections = np.flatnonzero(shares[:, [int(node)]].toarray().ravel())
        on_them = np.unique(shares[sections].indices) if len(sections) else sections
        classes[place] = classes_at(recorded, on_them.astype(np.int64))
    return tuple(
        point if point.reason.kind == "pinned" else replace(point, must_check=classes[point.place])
        for point in points
    )  # fmt: skip
