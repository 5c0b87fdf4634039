"""What in a history itself has changed: its level has drifted, or its recording was redefined.

A feed that jumps from 35 to 260 stops a week is a new definition, not a crime wave. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from scheduler.foresight.levels import FloatArray, IntArray, weighted

WATCHED = 26  # weeks looked at for a drift, against those before
LEAST_BEFORE = 26
BUSY = 10.0  # records a day from which on a day without any was not recorded


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
    if len(weekly) < 2 * window:
        return None
    medians = np.median(sliding_window_view(weekly, window), axis=1) + 0.5
    for week in range(window, len(weekly) - window + 1):
        before, after = weekly[week - window : week], weekly[week : week + window]
        low, high = medians[week - window], medians[week]
        change = abs(np.log(high / low))
        middle = np.sqrt(low * high)
        apart = ((before > middle) != (after > middle)).all() and len(set(before > middle)) == 1
        if apart and change >= sharpest:
            sharpest = change
            found = Break(week, float(np.median(before)), float(np.median(after)))
    return found


def recorded(feeds: Mapping[str, IntArray], days: int) -> FloatArray:
    """1 for each day with any record, 0 for one that nobody recorded, shape (days,).

    Between what a file holds and what the journal goes on with there may be days that are in
    neither: they are no drift of anything. Where there are few records an empty day may be chance.

    Args:
        feeds: Day of each record, by feed.
        days: Of the history.
    """
    came = np.zeros(days)
    for day in feeds.values():
        came += np.bincount(day, minlength=days)
    there = came > 0
    busy = there.any() and came[there].mean() >= BUSY
    return there.astype(np.float64) if busy else np.ones(days)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that people should look at: a feed's weekly level, expected and since a week.

    weeks_ago: 1 is the last whole week of the history.
    """

    kind: Literal["drift", "redefined"]
    feed: str
    weeks_ago: int
    before: float
    since: float


def alarms(feeds: Mapping[str, IntArray], season: Mapping[str, FloatArray]) -> tuple[Alarm, ...]:
    """Alarms of every feed, by name; the history is cut into weeks from its end.

    A drift is looked for in the last half year against the level before it, free of the season
    and of the feed's own restlessness (weeks of a quasi-Poisson feed vary more than by chance).

    Args:
        feeds: Day of each record, 0 the first of the history, by feed.
        season: Relative weight of each day of the history, shape (days,), by feed.
    """
    found = []
    for feed in sorted(feeds):
        weight = season[feed]
        weeks = len(weight) // 7
        ago = (len(weight) - 1 - np.arange(len(weight))) // 7
        share = weighted(ago, weight, weeks)[:weeks][::-1]
        weekly = np.bincount(ago[feeds[feed]], minlength=weeks)[:weeks][::-1].astype(np.float64)
        jump = redefinition(weekly)
        if jump is not None:
            found.append(Alarm("redefined", feed, weeks - jump.week, jump.before, jump.after))
            continue
        earlier, late = weekly[:-WATCHED], weekly[-WATCHED:]
        if len(earlier) < LEAST_BEFORE or not earlier.any():
            continue
        foreseen = share * earlier.sum() / share[:-WATCHED].sum()
        spread = (earlier - foreseen[:-WATCHED]) ** 2 / np.maximum(foreseen[:-WATCHED], 1e-9)
        restless = max(1.0, float(spread.mean()))
        week = drift(late / restless, foreseen[-WATCHED:] / restless)
        if week is not None:
            since = float(late[week:].mean())
            expected = float(foreseen[-WATCHED:][week:].mean())
            found.append(Alarm("drift", feed, WATCHED - week, expected, since))
    return tuple(found)
