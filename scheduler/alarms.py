"""What in a history itself has changed: its level has drifted, or its recording was redefined.

A feed that jumps from 35 to 260 stops a week is a new definition, not a crime wave. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scheduler.levels import FloatArray, IntArray

WATCHED = 26  # weeks looked at for a drift, against those before
LEAST_BEFORE = 26


@dataclass(frozen=True, slots=True)
class Break:
    """A week from which on a feed counts something else: its level before and after it."""

    week: int
    before: float
    after: float


def drift(
    count: FloatArray, expected: FloatArray, ratio: float = 1.25, limit: float = 8.0
) -> int | None:
    """First period in which the level has drifted up or down for long enough, or None.

    Two Poisson CUSUMs, tuned to a change by `ratio` up or down, alarm above `limit`.

    Args:
        count: Incidents of each period, shape (periods,).
        expected: As foreseen, same shape.
        ratio: Change that should be found, above 1.
        limit: Log-likelihood ratio of the alarm.
    Source:
        Lucas (1985), Counted Data CUSUM's, Technometrics 27(2).
    """
    up = down = 0.0
    for period, (seen, foreseen) in enumerate(zip(count, expected, strict=True)):
        up = max(0.0, up + seen * np.log(ratio) - foreseen * (ratio - 1.0))
        down = max(0.0, down - seen * np.log(ratio) + foreseen * (1.0 - 1.0 / ratio))
        if max(up, down) > limit:
            return period
    return None


def redefinition(weekly: FloatArray, factor: float = 3.0, window: int = 4) -> Break | None:
    """The sharpest break in a feed where its level changes by `factor` at once and stays.

    Args:
        weekly: Records of each week, shape (weeks,).
        factor: Least change of the median.
        window: Weeks looked at on either side; all of them must lie on their own side of the
            middle between the levels.
    """
    found: Break | None = None
    sharpest = np.log(factor)
    for week in range(window, len(weekly) - window + 1):
        before, after = weekly[week - window : week], weekly[week : week + window]
        low, high = np.median(before) + 0.5, np.median(after) + 0.5
        change = abs(np.log(high / low))
        middle = np.sqrt(low * high)
        apart = ((before > middle) != (after > middle)).all() and len(set(before > middle)) == 1
        if apart and change >= sharpest:
            sharpest = change
            found = Break(week, float(np.median(before)), float(np.median(after)))
    return found


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that people should look at: a feed's weekly level before and since a week.

    weeks_ago: 1 is the last whole week of the history.
    """

    kind: Literal["drift", "redefined"]
    feed: str
    weeks_ago: int
    before: float
    since: float


def alarms(days: int, feeds: Mapping[str, IntArray]) -> tuple[Alarm, ...]:
    """Alarms of every feed, by name; the history is cut into weeks from its end.

    Args:
        days: Length of the history in days.
        feeds: Day of each record, 0 the first of the history, by feed.
    """
    found = []
    for feed in sorted(feeds):
        ago = (days - 1 - feeds[feed]) // 7
        weekly = np.bincount(ago, minlength=days // 7)[: days // 7][::-1].astype(np.float64)
        jump = redefinition(weekly)
        if jump is not None:
            ago_weeks = len(weekly) - jump.week
            found.append(Alarm("redefined", feed, ago_weeks, jump.before, jump.after))
        elif len(weekly) >= LEAST_BEFORE + WATCHED:
            earlier, late = weekly[:-WATCHED], weekly[-WATCHED:]
            level = float(earlier.mean())
            week = drift(late, np.full(WATCHED, level)) if level > 0 else None
            if week is not None:
                since = float(late[week:].mean())
                found.append(Alarm("drift", feed, WATCHED - week, level, since))
    return tuple(found)
