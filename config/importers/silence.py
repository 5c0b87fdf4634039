"""Days of which a history has no record: nobody recorded; they were not days without incidents.

A month that was never exported would lower every rate, and one record with a wrong date, often
1970-01-01, would make all others rare. Pure: days in, as numbers since 1970-01-01.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from config.errors import Finding

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SILENCE_DAYS = 366
"""A feed that is silent for so long was not recorded, however seldom it has records."""
AROUND_DAYS = 91
"""Before and after a silence, by whose records it is judged: weekdays alike often."""
ABSURD = 30.0
"""Records that a silence lacks, in units of their chance: Poisson has none once in e^30."""
STRAY_SHARE = 0.01
"""Of all records, at most: more of them are an older part of the history."""
EPOCH = date(1970, 1, 1)
MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class Silence:
    """Days that nobody recorded, from the first to the last, and the records that they lack."""

    first: int
    last: int
    expected: float


def silences(day: IntArray, first: int, last: int) -> list[Silence]:
    """The stretches without a record of a feed that are no chance, oldest first.

    Judged by its own records of that weekday in the quarters before and after, the quieter of the
    two: a feed that begins slowly was not silent before. Records that come in batches leave long
    pauses; so what a pause lacks counts the less, the more days vary.

    Args:
        day: Of each record of the feed, in any order; none: then nothing is told.
        first: First day of the history, and
        last: the last, be it of another feed.
    Source:
        Variance ÷ mean of a quasi-Poisson feed: McCullagh and Nelder (1989), §6.2.
    """
    if not day.size:
        return []
    count = np.bincount(day - first, minlength=last - first + 1)
    came = np.flatnonzero(count)
    begin, end = np.append(0, came + 1), np.append(came, len(count))
    begin, end = begin[end > begin], end[end > begin]
    lacking = np.full(len(begin), np.inf)
    chances = np.full(len(begin), np.inf)
    known = _Counted(count)
    for since, until in (
        (np.clip(begin - AROUND_DAYS, came[0], begin), begin),
        (end, np.clip(end + AROUND_DAYS, end, came[-1] + 1)),
    ):
        there = until > since
        due, restless = known.due(begin[there], end[there], since[there], until[there])
        lacking[there] = np.minimum(lacking[there], due)
        chances[there] = np.minimum(chances[there], due / restless)
    silent = (chances > ABSURD) | (end - begin >= SILENCE_DAYS)
    rows = zip(begin[silent], end[silent], lacking[silent], strict=True)
    return [Silence(first + int(a), first + int(b) - 1, float(due)) for a, b, due in rows]


class _Counted:
    """Records and days by weekday up to each day, so that any span is a difference."""

    def __init__(self, count: IntArray) -> None:
        number = np.arange(len(count))
        days, records = np.zeros((2, 7, len(count) + 1))
        days[number % 7, number + 1] = 1.0
        records[number % 7, number + 1] = count
        self.days, self.records = days.cumsum(axis=1), records.cumsum(axis=1)
        self.squares = np.append(0.0, np.cumsum(count.astype(np.float64) ** 2))

    def due(self, begin: IntArray, end: IntArray, since: IntArray, until: IntArray
            ) -> tuple[FloatArray, FloatArray]:  # fmt: skip
        """What spans would have by others, and how restless these are, at least 1: (spans,)."""
        came = self.records[:, until] - self.records[:, since]
        rate = came / np.maximum(self.days[:, until] - self.days[:, since], 1.0)
        due = (rate * (self.days[:, end] - self.days[:, begin])).sum(axis=0)
        varied = self.squares[until] - self.squares[since] - (rate * came).sum(axis=0)
        return due, np.maximum(varied / np.maximum(came.sum(axis=0), 1.0), 1.0)


def recorded_days(day: IntArray, first: int, last: int) -> IntArray:
    """The days of a history on which a feed was recorded, rising; arguments as of `silences`."""
    there = np.ones(last - first + 1, dtype=bool)
    for one in silences(day, first, last):
        there[one.first - first : one.last - first + 1] = False
    return first + np.flatnonzero(there)


def strays(day: IntArray) -> BoolArray:
    """Which records lie alone, a year of silence from the others: their date is wrong."""
    if not day.size:
        return np.zeros(0, dtype=bool)
    seen = np.unique(day)
    parts = np.split(seen, np.flatnonzero(np.diff(seen) > SILENCE_DAYS) + 1)
    own = np.searchsorted([part[0] for part in parts], day, side="right") - 1
    few = np.bincount(own, minlength=len(parts)) <= max(1, STRAY_SHARE * len(day))
    return np.zeros(len(day), dtype=bool) if few.all() else few[own]


def silence_told(
    day: IntArray, feeds: Mapping[str, BoolArray], last: int | None = None
) -> list[Finding]:
    """A warning for each feed that was not recorded for a while, since it began.

    Args:
        day: Of each record, shape (records,).
        feeds: Which of them are of each feed, `incidents` or `violations`.
        last: The last day that should be recorded; None: that of the last record.
    """
    found: list[Finding] = []
    kept = ~strays(day)
    last = int(day[kept].max(initial=0)) if last is None else last
    for feed, own in feeds.items():
        seen = day[own & kept]
        silent = silences(seen, int(seen.min(initial=last)), last)
        if silent:
            told = {
                "days": sum(one.last - one.first + 1 for one in silent),
                "expected": f"{sum(one.expected for one in silent):.0f}",
                "spans": ", ".join([*map(_span, silent[-MOST_TOLD:]), "…"][: len(silent)]),
            }
            found.append(Finding("warning", "history", None, None, f"check.{feed}_silent", told))
    return found


def _span(one: Silence) -> str:
    """2026-09-01/2026-09-30."""
    first, last = ((EPOCH + timedelta(days=day)).isoformat() for day in (one.first, one.last))
    return first if first == last else f"{first}/{last}"
