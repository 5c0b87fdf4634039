"""Who was out on the road when, and what breath tests found, as columns of numbers.

Violations are recorded where police stand, so what is due grows with the hours they stood there.
Of days without a journal nobody knows: then every hour counts alike, as much as one of the days
that are known does on average. Pure: columns in, arrays out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from config.calendar import Calendar
from config.durations import HOUR_MS
from config.ids import NIGHT_CHECK
from scheduler.foresight.levels import BoolArray, FloatArray, IntArray, weighted

if TYPE_CHECKING:
    from scipy.sparse import csr_array

DAY_H = 24
ON_SIGHT = (
    "渣土车", "搅拌车", "超载", "逾期未检", "报废",
    "muck", "mixer", "overload", "overdue", "scrap",
)  # fmt: skip
"""What a violation's name holds that concerns a class of vehicles to be stopped on sight."""
LOOKED_FOR: Mapping[str, tuple[str, ...]] = {
    NIGHT_CHECK: ("酒驾", "醉驾", "酒后", "饮酒", "drink", "drunk", "alcohol", "intoxicat"),
    "vehicle": (*ON_SIGHT, "改装", "非标", "modified vehicle", "non-standard"),
    "licence": ("无证", "驾驶证", "准驾", "licence", "license"),
}  # fmt: skip
"""What a violation's name holds that a check of its kind looks for, and nothing else."""
LOOKS = 1 + len(LOOKED_FOR)  # on everything, and of each kind of check
CHECKED_AN_HOUR = 20.0  # vehicles or drivers, by one crew; `keenness` sees to it if it is not so
KEEN_RECORDS = 5.0  # of doubt whether an hour of a check finds more than one of a patrol
YIELD_POSITIVES = 4.0  # of doubt whether a place's drivers are other than all


def _none() -> IntArray:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """Stretches on the road and breath tests; Unix ms.

    squadron, start_ms, end_ms, check: Of each stretch, shape (stretches,); `check`: only what a
        night check looks for was looked for.
    test_ms, node, tested, positives: Of each test, shape (tests,); node −1: nobody knows where.
    look_ms, look_squadron, look, looked: Of each check of vehicles or licences: when, whose, the
        number of its kind in `LOOKED_FOR`, from 1, and how many were looked at, shape (checks,).
    """

    squadron: IntArray = field(default_factory=_none)
    start_ms: IntArray = field(default_factory=_none)
    end_ms: IntArray = field(default_factory=_none)
    check: IntArray = field(default_factory=_none)
    test_ms: IntArray = field(default_factory=_none)
    node: IntArray = field(default_factory=_none)
    tested: IntArray = field(default_factory=_none)
    positives: IntArray = field(default_factory=_none)
    look_ms: IntArray = field(default_factory=_none)
    look_squadron: IntArray = field(default_factory=_none)
    look: IntArray = field(default_factory=_none)
    looked: IntArray = field(default_factory=_none)

    def before(self, at_ms: int) -> "Watched":
        """What was known before a moment; a stretch that goes on is cut."""
        begun, made, over = (at < at_ms for at in (self.start_ms, self.test_ms, self.look_ms))
        return replace(
            self, squadron=self.squadron[begun], start_ms=self.start_ms[begun],
            end_ms=np.minimum(self.end_ms[begun], at_ms), check=self.check[begun],
            test_ms=self.test_ms[made], node=self.node[made], tested=self.tested[made],
            positives=self.positives[made], look_ms=self.look_ms[over],
            look_squadron=self.look_squadron[over], look=self.look[over], looked=self.looked[over],
        )  # fmt: skip


def watched_of(
    squadrons: Sequence[str],
    watches: Iterable[Mapping[str, Any]],
    tests: Iterable[Mapping[str, Any]],
    nodes: Iterable[int],
    checks: Iterable[Mapping[str, Any]] = (),
) -> Watched:
    """What `scheduler.on_duty` tells, as columns; squadrons that the district lacks are left out.

    Args:
        squadrons: The district's, in its order.
        watches: Stretches.
        tests: Breath tests.
        nodes: Of each test, −1 when nobody knows.
        checks: Of vehicles and licences.
    """
    order = {name: number for number, name in enumerate(squadrons)}
    rows = [
        (order[one["squadron"]], one["start_ms"], one["end_ms"], one["look"] == NIGHT_CHECK)
        for one in watches if one["squadron"] in order
    ]  # fmt: skip
    told = [(one["at_ms"], one["tested"], one["positives"]) for one in tests]
    squadron, start_ms, end_ms, check = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    test_ms, tested, positives = np.array(told, dtype=np.int64).reshape(-1, 3).T
    node = np.array([*nodes], dtype=np.int64)
    looks = [
        (one["at_ms"], order[one["squadron"]], [*LOOKED_FOR].index(one["look"]) + 1, one["checked"])
        for one in checks if one["squadron"] in order
    ]  # fmt: skip
    looked = np.array(looks, dtype=np.int64).reshape(-1, 4).T
    return Watched(squadron, start_ms, end_ms, check, test_ms, node, tested, positives, *looked)


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """Hours on the road of each day that anybody signed in on.

    day: Local day since 1970-01-01, rising, shape (days,). stood: By squadron, hour of the day
    and what was looked for (everything, what each of `LOOKED_FOR` says), shape (days, squadrons,
    24, looks).
    """

    day: IntArray
    stood: FloatArray


def hours_of_days(watched: Watched, calendar: Calendar, squadrons: int) -> Hours:
    """The stretches as hours of local days, what was checked in them as hours of checks."""
    start, end = (np.asarray(calendar.local_ms(at)) for at in (watched.start_ms, watched.end_ms))
    first = start // HOUR_MS
    most = int(((end - 1) // HOUR_MS - first).max(initial=-1)) + 1
    day = np.unique(np.concatenate([(first + n) // DAY_H for n in range(most)] or [_none()]))
    stood = np.zeros((len(day), squadrons, DAY_H, LOOKS))
    for n in range(most):
        begin_ms = (first + n) * HOUR_MS
        part = np.minimum(end, begin_ms + HOUR_MS) - np.maximum(start, begin_ms)
        at = np.searchsorted(day, (first + n) // DAY_H), watched.squadron, (first + n) % DAY_H
        np.add.at(stood, (*at, watched.check), np.maximum(part, 0) / HOUR_MS)
    hour = np.asarray(calendar.local_ms(watched.look_ms)) // HOUR_MS
    told = np.isin(hour // DAY_H, day)  # of a day that nobody signed in on nothing is known
    row, whose, look = np.searchsorted(day, hour // DAY_H), watched.look_squadron, watched.look
    checked = watched.looked[told] / CHECKED_AN_HOUR
    np.add.at(stood, (row[told], whose[told], hour[told] % DAY_H, look[told]), checked)
    known = stood.any(axis=(1, 2, 3))
    return Hours(day[known], stood[known])


def looked_for(kinds: Sequence[str]) -> BoolArray:
    """Whether each of `LOOKED_FOR` looks for each kind of violation, shape (checks, kinds)."""
    return np.array([
        [any(part in kind.casefold() for part in parts) for kind in kinds]
        for parts in LOOKED_FOR.values()
    ], dtype=bool)  # fmt: skip


def keenness(hours: Hours, day: IntArray, area: IntArray, hour: IntArray, look: int = 1) -> float:
    """How much more an hour of a check finds of what it looks for than one of a patrol.

    Judged by days without a check, in the same hours of the same area; drawn to 1.

    Args:
        hours: Who stood where.
        day: Of records of what checks look for, shape (records,).
        area: Number of their squadron.
        hour: Of the day.
        look: Which check, by its number in `LOOKED_FOR`, from 1.
    """
    row = np.searchsorted(hours.day, day)
    known = row < len(hours.day)
    known[known] = hours.day[row[known]] == day[known]
    found = np.zeros(hours.stood.shape[:3])
    np.add.at(found, (row[known], area[known], hour[known]), 1.0)
    patrol, check = hours.stood[..., 0], hours.stood[..., look]
    checked = check > 0
    alone = np.where(checked, 0.0, patrol).sum(axis=0)
    rate = np.where(checked, 0.0, found).sum(axis=0) / np.maximum(alone, 1.0)
    more = float((np.where(checked, found - rate * patrol, 0.0)).sum())
    due = float((rate * check.sum(axis=0)).sum())
    return max((more + KEEN_RECORDS) / (due + KEEN_RECORDS), 1.0)


def patrol_hours(hours: Hours, kinds: BoolArray, keen: FloatArray, first: int, end: int
                 ) -> FloatArray:  # fmt: skip
    """Hours in which each kind was looked for, by day, shape (days, squadrons, 24, kinds).

    Args:
        hours: Of the known days.
        kinds: Whether each check looks for each, shape (checks, kinds).
        keen: What an hour of each check is worth, shape (checks,).
        first: First day wanted, and
        end: the day after the last.
    """
    known = hours.stood[..., :1] + hours.stood[..., 1:] @ (keen[:, None] * kinds)
    mean = known.mean(axis=(0, 1, 2))
    found = np.broadcast_to(mean, (end - first, *known.shape[1:])).copy()
    inside = (hours.day >= first) & (hours.day < end)
    found[hours.day[inside] - first] = known[inside]
    return found


def yields(watched: Watched, covers: "csr_array", risk: FloatArray) -> FloatArray:
    """How much more of those tested near each point were drunk than the risk says: (points,).

    1 where none were tested. Where the risk is high more are drunk anyway: that is no news. What
    a test found is held against the risk where it was made, not that of a neighbour.

    Args:
        watched: With the tests.
        covers: How near each node is to each point, 1 to 0, shape (points, nodes).
        risk: Of drink-driving at each point, in any measure.
    """
    reached = covers.T @ np.ones(len(risk))
    there = (covers.T @ risk) / np.where(reached > 0, reached, 1.0)
    placed = (watched.node >= 0) & (reached[watched.node] > 0)
    node = watched.node[placed]
    tested, positives = (
        weighted(node, column[placed].astype(np.float64), covers.shape[1])
        for column in (watched.tested, watched.positives)
    )
    usual = tested * there
    usual *= positives.sum() / usual.sum() if usual.sum() > 0 else 0.0
    return np.asarray((covers @ positives + YIELD_POSITIVES) / (covers @ usual + YIELD_POSITIVES))
