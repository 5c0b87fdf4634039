"""A month looked back on and the next one ahead: what happened, what changed, what to act on now.

The forecast of a month is made anew from what was recorded before its first midnight, by the same
functions as a plan; what is ahead is made from everything up to the month's end.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor

import numpy as np

from config.calendar import week_of_day
from config.district import District
from config.durations import DAY_MS
from config.errors import Finding
from config.importers.silence import recorded_days
from scheduler.foresight.analysis import Analysis, analyse
from scheduler.foresight.colours import RED
from scheduler.foresight.ground import points_of
from scheduler.foresight.history import EPOCH, History, days_between, unrecorded
from scheduler.foresight.learnt import Learnt
from scheduler.foresight.levels import FloatArray, IntArray, hour_of_week, weighted
from scheduler.foresight.must_arrive import MustArrive, hours_of
from scheduler.foresight.staffing import by_squadron
from scheduler.hindsight.controls import Section, sections
from scheduler.months import Month, after, first_day, start_ms

FELL, ROSE = 0.9, 1.1
"""Of the risk before: below and above these a place's risk has changed."""
LOST = 2 / 3
"""Of the risk before: a post around which no more is left may have lost its reason."""
MOST_CHANGES = 12


@dataclass(frozen=True, slots=True)
class Came:
    """Incidents of one kind in one squadron: expected before the month with a 95 % range, came."""

    squadron: str
    kind: str
    expected: float
    low: float
    high: float
    came: int
    year_ago: int | None

    @property
    def outside(self) -> bool:
        """Whether chance alone would seldom do it."""
        return not floor(self.low) <= self.came <= ceil(self.high)


@dataclass(frozen=True, slots=True)
class Moved:
    """A place whose visits changed: a week's visits and expected incidents, before and now.

    why: A key of the words `month.why.…`.
    """

    place: str
    squadron: str
    visits: tuple[int, int]
    expected: tuple[float, float]
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that a monthly report tells. `before` is what was foreseen of the month, None: nothing.

    heat: Expected incidents an hour in the month ahead, shape (squadrons, 168).
    met: Incidents of the month in the windows of its must-arrive points, and how many were
        expected to be. silent: Days of the month of which nobody recorded the incidents.
    unrecorded: Feeds of which days are missing up to the month's end.
    recorded_to: Day of the last record.
    """

    month: Month
    district: District
    now: Analysis
    before: Analysis | None
    came: tuple[Came, ...]
    met: tuple[int, float] | None
    heat: FloatArray
    moved: tuple[Moved, ...]
    posts: tuple[Moved, ...]
    sections: tuple[Section, ...]
    recoloured: tuple[tuple[str, int, int], ...]
    silent: int
    unrecorded: tuple[Finding, ...]
    recorded_to: date


def report_of(district: District, history: History, month: Month, seed: int = 0) -> Report:
    """The report of a month.

    Args:
        district: Whose.
        history: What was recorded, also after the month: that is left out.
        month: The month looked back on.
        seed: Of the random audit slots.

    Raises:
        BadInput: No incident was recorded on a node before the month's end.
    """
    since_ms, end_ms = (start_ms(district.calendar, after(month, n)) for n in (0, 1))
    known, earlier = history.before(end_ms), history.before(since_ms)
    before, learnt = None, Learnt(district)
    if ((earlier.kind >= 0) & (earlier.place >= 0)).any():
        before = analyse(district, earlier, first_week(month), seed, learnt=learnt)
    now = analyse(district, known, first_week(after(month, 1)), seed, learnt=learnt)
    ahead = known.where(known.at_ms >= since_ms)
    return Report(
        month, district, now, before,
        tuple(_came(district, known, before, month)) if before else (),
        _met(district, ahead, before) if before else None,
        by_squadron(district, now.risk),
        tuple(_moved(district, before, now)) if before else (),
        tuple(_posts(district, before, now)) if before else (),
        tuple(sections(district, known, now)),
        tuple(_recoloured(before, now)) if before else (),
        len(_silent(district, known, month)),
        unrecorded(known, district.calendar, first_day(after(month, 1)) - timedelta(days=1)),
        district.calendar.local(int(known.at_ms[-1])).date(),
    )  # fmt: skip


def first_week(month: Month) -> str:
    """The first ISO week that begins in a month."""
    first = date(*month, 1)
    return week_of_day(first + timedelta(days=-first.weekday() % 7))


def last_month(district: District, history: History) -> Month | None:
    """The last month that was recorded to its end, or None without any record."""
    if not len(history):
        return None
    last = district.calendar.local(int(history.at_ms[-1])).date()
    tomorrow = last + timedelta(days=1)
    month = last.year, last.month
    return month if tomorrow.month != last.month else after(month, -1)


def _came(district: District, known: History, before: Analysis, month: Month) -> Iterable[Came]:
    """What came of each kind beside what was expected, by squadron."""
    first, end = first_day(month), first_day(after(month, 1))
    days = days_between(district.calendar, first, end)
    told = np.ones(len(days.weekday))
    told[_silent(district, known, month)] = 0.0
    hours = np.repeat(weighted(days.weekday, told, 7), 24)
    ago = (month[0] - 1, month[1])
    seen, old = (_counts(district, known, one) for one in (month, ago))
    recorded = len(known) and start_ms(district.calendar, ago) >= int(known.at_ms[0])
    for pattern in before.patterns.kinds:
        monthly = (pattern.rates() * hours).sum(axis=1) * pattern.month[month[1] - 1]
        expected = by_squadron(district, monthly)
        for row, squadron in enumerate(district.squadrons):
            mean = float(expected[row])
            low = max(mean**0.5 - 0.98, 0.0) ** 2
            high = ((mean + 0.75) ** 0.5 + 0.98) ** 2
            came = int(seen[pattern.kind][row]) if pattern.kind in seen else 0
            then = int(old[pattern.kind][row]) if pattern.kind in old else 0
            yield Came(squadron, pattern.kind, mean, low, high, came, then if recorded else None)


def _silent(district: District, known: History, month: Month) -> IntArray:
    """Days of the month, from 0, of which nobody recorded the incidents.

    A feed that was down, or a record that was cut off, is no quiet day.
    """
    day = np.asarray(district.calendar.local_ms(known.at_ms)) // DAY_MS
    first, end = ((first_day(one) - EPOCH).days for one in (month, after(month, 1)))
    recorded = recorded_days(day[known.kind >= 0], int(day.min()), end - 1)
    return np.setdiff1d(np.arange(first, end), recorded).astype(np.int64) - first


def _counts(district: District, known: History, month: Month) -> Mapping[str, IntArray]:
    """Incidents of a month by kind and squadron."""
    since_ms, until_ms = (start_ms(district.calendar, after(month, n)) for n in (0, 1))
    mask = (known.at_ms >= since_ms) & (known.at_ms < until_ms) & (known.place >= 0)
    found = {}
    for code, kind in enumerate(known.kinds):
        place = known.place[mask & (known.kind == code)]
        own = district.node_squadron[place].astype(np.int64)
        found[kind] = np.bincount(own, minlength=len(district.squadrons)).astype(np.int64)
    return found


def _met(district: District, ahead: History, before: Analysis) -> tuple[int, float]:
    """Incidents in the windows of the points, and how many a month were expected there."""
    points = points_of(district)
    rows = {name: row for row, name in enumerate(points.place)}
    usable = ahead.where((ahead.place >= 0) & (ahead.kind >= 0) & ahead.hour_known)
    local = district.calendar.local_ms(usable.at_ms)
    hour = hour_of_week(local)
    visited = np.zeros(before.risk.shape, dtype=bool)
    for point in before.must_arrive:
        if point.place not in rows:
            continue
        row = rows[point.place]
        near = points.covers.indices[points.covers.indptr[row] : points.covers.indptr[row + 1]]
        visited[np.ix_(near, hours_of(point))] = True
    days = np.unique(local // DAY_MS).size
    hits = int(visited[usable.place, hour].sum())
    return hits, float(before.risk[visited].sum()) * days / 7


def _moved(district: District, before: Analysis, now: Analysis) -> Iterable[Moved]:
    """Places that get other visits than last month, those with the largest change first."""
    points = points_of(district)
    worth = [np.asarray(points.covers @ one.risk.sum(axis=1)) for one in (before, now)]
    visits = [_visits(one.must_arrive) for one in (before, now)]
    found = []
    for row, place in enumerate(points.place):
        times = visits[0][place], visits[1][place]
        if times[0] == times[1]:
            continue
        risk = float(worth[0][row]), float(worth[1][row])
        squadron = district.squadrons[points.squadron[row]]
        found.append(Moved(place, squadron, times, risk, _why(times, risk)))
    found.sort(key=lambda one: (-abs(one.visits[1] - one.visits[0]), one.place))
    return found[:MOST_CHANGES]


def _visits(points: Iterable[MustArrive]) -> Counter[str]:
    """Visits of a week by place, without those left to chance."""
    found: Counter[str] = Counter()
    for point in points:
        if point.reason.kind != "audit":
            found[point.place] += point.visits
    return found


def _why(times: tuple[int, int], risk: tuple[float, float]) -> str:
    """What explains that a place is visited more or less."""
    if times[1] > times[0]:
        return "rose" if risk[1] >= ROSE * risk[0] else "room"
    return "fell" if risk[1] <= FELL * risk[0] else "passed"


def _posts(district: District, before: Analysis, now: Analysis) -> Iterable[Moved]:
    """Posts around which at least a third less is expected: they may have lost their reason."""
    roads = district.roads
    for post in district.posts.values():
        node = district.node_of_post(post.post)
        near = np.hypot(roads.x_m - roads.x_m[node], roads.y_m - roads.y_m[node]) <= 500.0
        risk = tuple(float(one.risk[near].sum()) for one in (before, now))
        if risk[1] <= LOST * risk[0]:
            squadron = district.squadron_of_post(post)
            yield Moved(str(post.post), squadron, (0, 0), (risk[0], risk[1]), "fell")


def _recoloured(before: Analysis, now: Analysis) -> Iterable[tuple[str, int, int]]:
    """Sections with other red bands than last month: name, red bands before and now."""
    if before.sections != now.sections:
        return
    reds = [(one.colours.colour == RED).sum(axis=1) for one in (before, now)]
    change = np.abs(reds[1] - reds[0])
    for row in np.argsort(-change, kind="stable")[:MOST_CHANGES]:
        if change[row]:
            yield now.sections[row], int(reds[0][row]), int(reds[1][row])
