"""What visits to must-arrive points came to, and what a visit there is worth by it.

A visit is worth the incidents that it meets; a part of that is what it finds there, and a visit
that is planned and never made meets nothing. Where nobody was nothing is learnt: the audits that
are drawn by chance see to it that every place is looked at. Pure: columns in, arrays out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.calendar import Calendar
from config.durations import DAY_MS, HOUR_MS
from config.ids import NIGHT_POINT
from scheduler.foresight.levels import FloatArray, IntArray, hour_of_week, weighted

FOUND_SHARE = 0.25
"""Of a visit's worth what it finds counts so much, the incidents that it meets the rest."""
DOUBT_FOUND = 8.0  # finds: whether a place yields other than its risk says
DOUBT_DUE = 6.0  # visits: whether those to a place are made less often than all
HALF_LIFE_DAYS = 90.0  # after which a visit says half as much


def _none() -> IntArray:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class PastVisits:
    """Visits that are over, as columns of shape (visits,).

    place: Where. hour: Of the local week, 0–167, at which the stay began. end_ms: Of it, Unix ms.
    made: Whether it was made. stood_h: How long somebody was there. found: How often.
    """

    place: tuple[str, ...] = ()
    hour: IntArray = field(default_factory=_none)
    end_ms: IntArray = field(default_factory=_none)
    made: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    stood_h: FloatArray = field(default_factory=lambda: np.zeros(0))
    found: IntArray = field(default_factory=_none)

    def before(self, at_ms: int) -> "PastVisits":
        """What was over before a moment."""
        known = np.flatnonzero(self.end_ms < at_ms)
        columns = ("hour", "end_ms", "made", "stood_h", "found")
        return replace(
            self, place=tuple(self.place[n] for n in known),
            **{name: getattr(self, name)[known] for name in columns},
        )  # fmt: skip


def past_visits_of(told: Iterable[Mapping[str, Any]], calendar: Calendar) -> PastVisits:
    """What `scheduler.visiting` tells, as columns; no night checks: they look for drink."""
    rows = [one for one in told if not NIGHT_POINT.match(one["must_arrive"])]
    at_ms, end_ms, stood_ms, found = np.array(
        [(one["at_ms"], one["end_ms"], one["stood_ms"], one["found"]) for one in rows],
        dtype=np.int64,
    ).reshape(-1, 4).T  # fmt: skip
    local_ms = np.asarray(calendar.local_ms(at_ms))
    made = np.array([one["made"] for one in rows], dtype=np.bool_)
    places = tuple(str(one["place"]) for one in rows)
    return PastVisits(places, hour_of_week(local_ms), end_ms, made, stood_ms / HOUR_MS, found)


def worth(visited: PastVisits, places: Sequence[str], risk: FloatArray) -> FloatArray:
    """How much more a visit to each place is worth than its risk says, shape (places,).

    1 where nobody was. Where the risk is high more is found anyway: that is no news.

    Args:
        visited: What visits came to.
        places: Where to stand.
        risk: Met by a visit to each in each hour of the week, in any measure, (places, 168).
    """
    row = {name: number for number, name in enumerate(places)}
    known = np.array([name in row for name in visited.place], dtype=np.bool_)
    at = np.array([row[name] for name in visited.place if name in row], dtype=np.int64)
    age_ms = visited.end_ms.max(initial=0) - visited.end_ms[known]
    recency = 0.5 ** (age_ms / (HALF_LIFE_DAYS * DAY_MS))
    expected = visited.stood_h[known] * risk[at, visited.hour[known]]
    seen, due, done, asked = (
        weighted(at, recency * column, len(row))
        for column in (visited.found[known], expected, visited.made[known], np.ones(len(at)))
    )
    due *= seen.sum() / due.sum() if due.sum() > 0 else 0.0
    keen = (seen + DOUBT_FOUND) / (due + DOUBT_FOUND)
    all_due = asked * (done.sum() / asked.sum()) if asked.sum() > 0 else asked
    sure = (done + DOUBT_DUE) / (all_due + DOUBT_DUE)
    return np.asarray(sure * (1.0 - FOUND_SHARE + FOUND_SHARE * keen))
