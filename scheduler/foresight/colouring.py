"""The colours of a district's sections: those of a week, and those that it is held to.

Whoever shows colours, a plan or a report, starts from the same days before: nobody has to keep
what was shown last, and two who look at one week see the same.
"""

from collections.abc import Iterator, Mapping
from datetime import date, time

import numpy as np

from config.district import District
from scheduler.foresight.colours import Colours, band_rates, colours, held_over, rising
from scheduler.foresight.ground import sections_of, strict_of
from scheduler.foresight.history import History
from scheduler.foresight.learnt import Learnt
from scheduler.foresight.levels import BoolArray, FloatArray, IntArray
from scheduler.foresight.must_arrive import WINDOW_H, WINDOWS
from scheduler.foresight.patterns import Days, Patterns, Seen

LATELY_DAYS, LEAST_DAYS = 61, 180  # in which a section may rise; against so many at least
HELD_YEARS, HALVES = 2, (1, 7)
"""Colours are held since January so many years before, from the starts of these months.

Days that move on with the week hold nothing: the last six month starts leave as many reds from
month to month as no hysteresis at all, for what was red by chance at the first drops out with it.
"""
BANDS = [range(w * WINDOW_H, (w + 1) * WINDOW_H) for w in range(WINDOWS)]


def colours_before(
    district: District, history: History, week: str, learnt: Learnt | None = None
) -> IntArray | None:
    """The colours that a week is held to, shape (sections, 84); None where nothing is known.

    Those of some days up to the start of its month, each from what was recorded before it, for
    a week without holidays. Hazards are those of now: what opens or is mended counts at once.

    Args:
        district: Its sections.
        history: Of this district; what was recorded later is left out.
        week: ISO week.
        learnt: What was learnt of this history; more comes to it.
    """
    _, shares, length_km, hazards = sections_of(district)
    starts = held_since(district.calendar.dates(week)[0])
    risks = _risks(history, starts, learnt or Learnt(district))
    expected = (band_rates(risk, shares, BANDS) for risk in risks)
    return held_over(expected, length_km, hazards)


def held_since(day: date) -> list[date]:
    """The days whose colours a day's are held to, one to the next: the last starts its month."""
    years = range(day.year - HELD_YEARS, day.year + 1)
    own = day.replace(day=1)
    return [*(one for year in years for m in HALVES if (one := date(year, m, 1)) < own), own]


def _risks(history: History, starts: list[date], learnt: Learnt) -> Iterator[FloatArray]:
    """What was expected at each of these days of a usual week, shape (nodes, 168)."""
    for first in starts:
        known = history.before(learnt.district.calendar.at_ms(first, time(0)))
        if ((known.kind >= 0) & (known.place >= 0)).any():
            yield learnt.of(known).week(np.arange(7), np.full(7, first.month - 1))


def risen_of(
    district: District, patterns: Patterns, days: Days, incidents: Mapping[str, Seen]
) -> BoolArray | None:
    """Sections that had far more incidents lately than they are known for, shape (sections,)."""
    since = len(days.weekday) - LATELY_DAYS
    if since < LEAST_DAYS:
        return None
    spans = [len(days.weekday) - LATELY_DAYS // 2, since]
    recent, expected = (np.zeros((len(spans), len(patterns.places))) for _ in range(2))
    mean = [pattern.rates().mean(axis=1) for pattern in patterns.kinds]
    for row, first in enumerate(spans):
        for seen in incidents.values():
            lately = seen.place[seen.day >= first]
            recent[row] += np.bincount(lately, minlength=len(patterns.places))
        for pattern, usual in zip(patterns.kinds, mean, strict=True):
            days_worth = 24.0 * float(pattern.month[days.month[first:]].sum())
            expected[row] += usual * days_worth
    _, shares, _, _ = sections_of(district)
    return rising((shares @ recent.T).T, (shares @ expected.T).T)


def colours_of(
    district: District, risk: FloatArray, before: IntArray | None, risen: BoolArray | None = None
) -> tuple[tuple[str, ...], Colours]:
    """Names of the sections, and their colours in each 2-h band of the week."""
    names, shares, length_km, hazards = sections_of(district)
    expected = band_rates(risk, shares, BANDS)
    strict = strict_of(district, names)
    return names, colours(expected, length_km, hazards, before, None, risen, strict)
