"""What is asked for on each section beside its points: lines to patrol, vehicles to stop, colours.

Must-patrol lines 必巡线 are the sections with the most risk that no visit meets 区域路网均衡管控;
must-check classes 必查车辆 are the vehicles that were found wanting there.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from config.district import District
from scheduler.foresight.analysis import Analysis, by_section, terms_of
from scheduler.foresight.checking import classes_at, lately
from scheduler.foresight.choosing import unmet
from scheduler.foresight.colours import GREEN, RED, YELLOW
from scheduler.foresight.ground import MEETS_M, points_of, sections_of
from scheduler.foresight.history import History
from scheduler.foresight.levels import IntArray

MOST_SECTIONS = 8
MOST_PASSES = 14
"""Of a must-patrol line, a week."""


@dataclass(frozen=True, slots=True)
class Section:
    """What is asked for on a section: expected incidents of a week, those that nobody meets.

    passes: Of a must-patrol line, 0 where it is none. classes: Vehicles to be stopped on sight.
    """

    name: str
    length_km: float
    expected: float
    uncovered: float
    passes: int
    classes: tuple[str, ...]


def sections(district: District, known: History, now: Analysis) -> Iterable[Section]:
    """The sections with the most risk that nobody meets, per km, those first; no stubs."""
    names, shares, length_km, _ = sections_of(district)
    if not names:
        return
    left = unmet(now.risk, points_of(district), now.must_arrive, terms_of(district))
    expected = np.asarray(shares @ now.risk.sum(axis=1))
    uncovered = np.asarray(shares @ left)
    order = np.argsort(-np.asarray(by_section(district) @ left), kind="stable")
    reds = (now.colours.colour == RED).sum(axis=1)
    recorded = lately(known)
    long = length_km[order] * 1000 >= MEETS_M  # a visit beside a stub meets all of it
    for row in order[long][:MOST_SECTIONS]:
        passes = min(int(reds[row]), MOST_PASSES)
        yield Section(
            names[row], float(length_km[row]), float(expected[row]), float(uncovered[row]),
            passes, classes_at(recorded, shares[[int(row)]].indices.astype(np.int64)),
        )  # fmt: skip


def part_colours(analysis: Analysis, parts: int = 4) -> IntArray:
    """Colour of each section in each part of the day over the week, shape (sections, parts).

    The mean of its bands beside the thresholds of a band, so that one red hour is not a red day.
    Yellow, too, where strict control makes it so in half of them.
    """
    found = analysis.colours
    strict = found.strict.reshape(len(found.strict), 7, parts, -1).mean(axis=(1, 3)) >= 0.5
    daily = found.per_km.reshape(len(found.per_km), 7, parts, -1).mean(axis=(1, 3))
    shade = np.where((daily >= found.yellow_from) | strict, YELLOW, GREEN)
    return np.where(daily >= found.red_from, RED, shade).astype(np.int64)
