"""Forecasts of past months from what was known before them, scored beside simpler ones.

Each month is forecast from records before its first midnight and from nothing else; a place is a
cell in which something had happened by then. What happens elsewhere counts as missed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from config.calendar import Calendar
from config.durations import DAY_MS
from config.errors import NotFound
from scheduler.foresight.history import History, incidents_by_kind
from scheduler.foresight.kernels import plane_kernel
from scheduler.foresight.levels import HOURS, FloatArray, IntArray, hour_of_week, weighted
from scheduler.foresight.patterns import Patterns, fit
from scheduler.hindsight.grid import Grid
from scheduler.hindsight.scoring import deviance, hits, hits_ordered, tenths
from scheduler.months import Month, after, first_day, named, start_ms

BUDGETS = (0.005, 0.01, 0.02, 0.05, 0.10)
OURS = "empirical_bayes"
RAW = ("last_month", "twelve_months")
"""Counts of place-hours, in which most scores are equal."""
OTHERS = ("uniform", *RAW, "fixed_posts", "separable")
REDS = 0.05
"""Share of places whose change from month to month is looked at."""

CUT_GAPS = 10
"""No record for so many mean gaps: by chance once in 20,000 times."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was expected of a month before it began.

    places: Numbers of the grid's cells, shape (places,). rates: Incidents per hour of the week
    and place, shape (places, 168). others: Scores of the simpler models, same shape.
    """

    month: Month
    places: IntArray
    rates: FloatArray
    others: Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Scored:
    """How a month came out.

    came: All incidents of the month with a known hour. missed: Those outside all places.
    hourless: Those whose hour nobody knows; they are left out. hits: By model and budget.
    ties: Hits of the raw models by (model, how ties are broken), by budget.
    deviance: Of each model. tenths: Seen and expected by tenth of the risk, shape (2, 10).
    best: Grid cells of the highest level, by model.
    """

    month: Month
    came: int
    missed: int
    hourless: int
    hits: Mapping[str, FloatArray]
    ties: Mapping[tuple[str, str], FloatArray]
    deviance: Mapping[str, float]
    tenths: FloatArray
    best: Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Backtest:
    """What is rolled forward over.

    history: Its places are the grid's cells. memory_months: How many of the last months before a
    forecast count; None: all of them.
    """

    history: History
    grid: Grid
    calendar: Calendar
    memory_months: int | None = None
    seed: int = 0

    def months(self, first: Month, last: Month) -> Iterator[tuple[Forecast, Scored]]:
        """Each month from the first to the last, in order.

        Months that the history does not reach to the end of are left out: `last_whole`.

        Raises:
            NotFound: Nothing was recorded before the first month, or none is whole.
        """
        whole = self.last_whole()
        if whole < first:
            raise NotFound("backtest.nothing_then", month=named(first), last=named(whole))
        month = first
        while month <= min(last, whole):
            forecast = self.forecast(month)
            yield forecast, self.score(forecast)
            month = after(month, 1)

    def last_whole(self) -> Month:
        """The last month whose incidents were recorded to its end."""
        return last_whole(self.history.where(_usable(self.history)), self.calendar)

    def forecast(self, month: Month) -> Forecast:
        """The forecast of a month.

        Raises:
            NotFound: Nothing was recorded before it.
        """
        start_ms = self._start_ms(month)
        before = self.history.before(start_ms)
        places = np.unique(before.place[_usable(before)])
        known = before if self.memory_months is None else before.where(
            before.at_ms >= self._start_ms(after(month, -self.memory_months))
        )  # fmt: skip
        if not _usable(known).any():
            raise NotFound("backtest.nothing_before", month=named(month))
        days, incidents = incidents_by_kind(_narrowed(known, places), self.calendar)
        x_m, y_m = self.grid.x_m[places], self.grid.y_m[places]
        kernel = plane_kernel(x_m, y_m, 2.0 * self.grid.side_m)
        names = tuple(map(str, places.tolist()))
        patterns = fit(names, days, incidents, kernel)
        return Forecast(
            month, places, of_month(patterns, month), self._others(known, month, places)
        )

    def score(self, forecast: Forecast) -> Scored:
        """How a forecast did."""
        month = forecast.month
        now = self.history.before(self._start_ms(after(month, 1)))
        now = now.where((now.at_ms >= self._start_ms(month)) & _usable(now))
        timed = now.where(now.hour_known)
        number = np.searchsorted(forecast.places, timed.place)
        inside = number < len(forecast.places)
        inside[inside] = forecast.places[number[inside]] == timed.place[inside]
        came = np.zeros((len(forecast.places), HOURS))
        np.add.at(came, (number[inside], self._hour(timed)[inside]), 1.0)
        hours = self._hours(month)
        models = {**forecast.others, OURS: forecast.rates}
        expected = {name: _scaled(score * hours, forecast, hours) for name, score in models.items()}
        return Scored(
            month, len(timed), int((~inside).sum()), len(now) - len(timed),
            {name: _by_budget(score, came, hours) for name, score in models.items()},
            {
                (name, how): np.array([
                    hits_ordered(models[name], tie, came, hours, share) for share in BUDGETS
                ])
                for name in RAW for how, tie in self._ties(models[name], month).items()
            },
            {name: deviance(each, came) for name, each in expected.items()},
            np.stack(tenths(expected[OURS], came)),
            {name: _best(score, forecast.places) for name, score in models.items()},
        )  # fmt: skip

    def _others(self, known: History, month: Month, places: IntArray) -> dict[str, FloatArray]:
        """Scores of the simpler models: counts of the last months, as they are."""
        year = self._counted(known, month, 12, places)
        level, hours = year.sum(axis=1), year.sum(axis=0)
        return {
            "uniform": np.ones((len(places), HOURS)),
            "last_month": self._counted(known, month, 1, places),
            "twelve_months": year,
            "fixed_posts": np.repeat(level[:, None], HOURS, axis=1),
            "separable": level[:, None] * hours[None, :],
        }

    def _counted(self, known: History, month: Month, months: int, places: IntArray) -> FloatArray:
        """Incidents of the last months in each place-hour, shape (places, 168)."""
        since_ms = self._start_ms(after(month, -months))
        last = known.where((known.at_ms >= since_ms) & _usable(known) & known.hour_known)
        counts = np.zeros((len(places), HOURS))
        np.add.at(counts, (np.searchsorted(places, last.place), self._hour(last)), 1.0)
        return counts

    def _ties(self, score: FloatArray, month: Month) -> dict[str, FloatArray]:
        """How equal scores may be told apart: by chance, or by the place's total."""
        year, number = month
        rng = np.random.default_rng((self.seed, year, number))
        total = np.repeat(score.sum(axis=1)[:, None], HOURS, axis=1)
        return {"random": rng.random(score.shape), "total": total}

    def _hour(self, history: History) -> IntArray:
        """Hour of the week of each record, 0 Monday 00:00 local."""
        return hour_of_week(self.calendar.local_ms(history.at_ms))

    def _hours(self, month: Month) -> FloatArray:
        """Clock hours of the month by hour of the week, shape (168,)."""
        first, end = first_day(month), first_day(after(month, 1))
        weekday = (first.weekday() + np.arange((end - first).days)) % 7
        return np.repeat(weighted(weekday, np.ones(len(weekday)), 7), 24)

    def _start_ms(self, month: Month) -> int:
        return start_ms(self.calendar, month)


def last_whole(history: History, calendar: Calendar) -> Month:
    """The last month that was recorded to its end, as far as the records' own pace tells.

    A history whose last record lies many times its mean gap before a month's end was cut there;
    one of a record a month was not.

    Raises:
        NotFound: Nothing is recorded.
    """
    at_ms = history.at_ms
    if not len(at_ms):
        raise NotFound("backtest.no_incidents")
    last = calendar.local(int(at_ms[-1])).date()
    month = last.year, last.month
    gap_ms = (int(at_ms[-1]) - int(at_ms[0])) / len(at_ms)
    quiet_ms = start_ms(calendar, after(month, 1)) - int(at_ms[-1])
    return after(month, -1) if quiet_ms > DAY_MS + CUT_GAPS * gap_ms else month


def of_month(patterns: Patterns, month: Month) -> FloatArray:
    """Expected incidents an hour in the hours of a month's weeks, all kinds, unweighted."""
    total = np.zeros((len(patterns.places), HOURS))
    for pattern in patterns.kinds:
        total += pattern.rates() * pattern.month[month[1] - 1]
    return total


def _usable(history: History) -> np.typing.NDArray[np.bool_]:
    """Incidents that lie somewhere; violations tell where the police stood."""
    return (history.place >= 0) & (history.kind >= 0)


def _narrowed(history: History, places: IntArray) -> History:
    """The same with places numbered within some, in rising order."""
    usable = history.where(_usable(history))
    names = tuple(history.places[n] for n in places.tolist())
    return replace(usable, places=names, place=np.searchsorted(places, usable.place))


def _by_budget(score: FloatArray, came: FloatArray, hours: FloatArray) -> FloatArray:
    return np.array([hits(score, came, hours, share) for share in BUDGETS])


def _scaled(expected: FloatArray, forecast: Forecast, hours: FloatArray) -> FloatArray:
    """An expectation of as many incidents as ours, so that only its shape is judged."""
    total = float((forecast.rates * hours).sum())
    return np.asarray(expected * (total / max(float(expected.sum()), 1e-12)))


def _best(score: FloatArray, places: IntArray) -> frozenset[int]:
    """The cells of the highest level."""
    count = max(1, round(REDS * len(places)))
    order = np.argsort(-score.sum(axis=1), kind="stable")[:count]
    return frozenset(places[order].tolist())
