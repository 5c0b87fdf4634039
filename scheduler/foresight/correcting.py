"""Must-correct violations of a plan: of its squadrons, by where patrols stood as the journal says.

What a night check finds is held against its own hours, and what patrols find against theirs.
"""

from dataclasses import replace

import numpy as np

from config.district import District
from config.durations import DAY_MS, HOUR_MS
from scheduler.foresight.colours import top
from scheduler.foresight.history import History
from scheduler.foresight.levels import IntArray
from scheduler.foresight.must_correct import (
    DAY_H,
    Correcting,
    Violations,
    recorded_violations,
    says_a_violation,
    standing,
)
from scheduler.foresight.watched import hours_of_days, keenness, looked_for, patrol_hours
from scheduler.months import month_numbers

PART_H = 6  # parts of the day: night, morning, afternoon, evening
PARTS = 24 // PART_H


def what_to_correct(district: District, history: History) -> dict[tuple[str, int], tuple[str, ...]]:
    """Top three violations of each squadron and part of the day, those pinned by people first."""
    seen = violations_of(district, history)
    shares = standing(seen, Correcting(band_h=PART_H))
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for row, name in enumerate(district.squadrons):
        for part in range(PARTS):
            pinned = [
                rule.violation
                for rule in district.must_correct_fixed
                if rule.squadron == name
                and rule.hour_from < (part + 1) * PART_H
                and rule.hour_to > part * PART_H
            ]
            found[name, part] = top(shares[row, part], seen.kinds, pinned)
    return found


def violations_of(district: District, history: History) -> Violations:
    """The recorded violations by squadron, with the hours of patrols where the journal has any."""
    named = np.array([*map(says_a_violation, history.violations), False])
    there = history.where((history.place >= 0) & history.hour_known & named[history.violation])
    squadron = district.node_squadron[there.place].astype(np.int64)
    local_ms = np.asarray(district.calendar.local_ms(there.at_ms))
    seen = recorded_violations(
        district.squadrons, squadron, history.violations, there.violation, local_ms
    )
    return with_patrols(seen, district, history, local_ms) if len(local_ms) else seen


def with_patrols(
    seen: Violations, district: District, history: History, local_ms: IntArray
) -> Violations:
    """The violations with how long each kind was looked for, if anybody knows of any day.

    Args:
        seen: Recorded violations.
        district: Whose.
        history: For who was out when.
        local_ms: Of each record, shape (records,).
    """
    hours = hours_of_days(history.watched, district.calendar, len(district.squadrons))
    if not len(hours.day):
        return seen
    kinds, day, hour = looked_for(seen.kinds), local_ms // DAY_MS, local_ms // HOUR_MS % DAY_H
    keen = np.array([
        keenness(hours, day[own], seen.area[own], hour[own], look)
        for look, own in enumerate(kinds[:, seen.kind], start=1)
    ])  # fmt: skip
    first, end = int(day.min()), max(int(day.max()), int(hours.day[-1])) + 1
    stood = patrol_hours(hours, kinds, keen, first, end)
    month = month_numbers(np.arange(first, end) * DAY_MS)
    starts = np.flatnonzero(np.diff(month, prepend=-1))
    return replace(seen, first_month=int(month[0]), patrol_h=np.add.reduceat(stood, starts, axis=0))
