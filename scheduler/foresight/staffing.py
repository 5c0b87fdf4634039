"""From a district's settings and files to the arrays that `demand` works on, for one week."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from config.calendar import window_min
from config.district import District
from config.durations import DAY_MIN, HOUR_MS
from config.ids import SquadronId
from config.settings import Response as Plan
from config.tables import DutyRow
from config.travel import UNREACHABLE
from scheduler.foresight.demand import Demand, Response, Stream, busy_units, with_band
from scheduler.foresight.history import History
from scheduler.foresight.levels import HOURS, FloatArray, IntArray, weighted
from scheduler.foresight.load_curve import Rates, by_rate_of, load_of, weekly_rates
from scheduler.foresight.must_arrive import MustArrive, parts_of
from scheduler.foresight.patterns import Days, Model, Patterns, Seen, recency_of
from scheduler.foresight.queueing import Service
from scheduler.slots import SLOT_MIN, SLOTS, SLOTS_A_DAY

SIGMA = 0.6  # of a stay on scene, lognormal, where the history does not know better
LEAST_STAY_S = 1.0  # what is less was never measured: a clock that did not run
LEAST_TIMES = 30  # known stays from which on the history's own times are taken
MEDIAN_DOUBT = np.pi / 2  # variance of a median of logarithms ÷ that of their mean
OWN_POST: tuple[str, ...] = ("fixed", "peak", "school", "patrol")
OPERATION: tuple[str, ...] = ("operation", "night_check")
DESK: tuple[str, ...] = ("desk",)


def by_squadron(district: District, rates: FloatArray) -> FloatArray:
    """Sum over each squadron's nodes, shape (squadrons, …), from (nodes, …)."""
    total = np.zeros((len(district.squadrons), *rates.shape[1:]))
    np.add.at(total, district.node_squadron, rates)
    return total


def curves_of(district: District, days: Days, incidents: Mapping[str, Seen]) -> list[Rates]:
    """When each squadron's incidents come in a week, smoothed as much as they ask for.

    Together they tell the curve of all, and each squadron's own tell how it differs from that;
    old incidents count for less, as in the patterns. An hour's go to its two halves alike.

    Args:
        district: Its nodes are the places.
        days: The days of the history.
        incidents: By kind, on those days; whose hour is not known are left out.
    """
    place, day, hour = (
        np.concatenate([getattr(seen, name) for seen in incidents.values()])
        for name in ("place", "day", "hour")
    )
    known, recency = hour >= 0, recency_of(days, Model())
    squadron, at = district.node_squadron[place[known]], days.weekday[day[known]] * 24 + hour[known]
    count = np.zeros((len(district.squadrons), HOURS))
    np.add.at(count, (squadron, at), recency[day[known]])
    count = np.repeat(count, SLOTS // HOURS, axis=1) / (SLOTS // HOURS)
    watched_h = SLOT_MIN / 60 * np.repeat(weighted(days.weekday, recency, 7), SLOTS_A_DAY)
    together = weekly_rates(count.sum(axis=0), watched_h)
    if len(count) == 1:
        return [together]
    expected = watched_h * together.rate
    return [together.times(weekly_rates(own, expected)) for own in count]


def streams(
    district: District,
    history: History,
    patterns: Patterns,
    curves: Sequence[Rates],
    ahead: Days,
) -> list[Stream]:
    """The incidents of one week by kind and severity, as they are answered.

    How many come in a mean week is the patterns', when they come the curves'; which kinds an
    hour brings, months and holidays are the patterns'. Severities share a kind's pattern by their
    share in the history: where a fatal crash was is chance, where crashes are is not. Calls that
    the journal says took no unit are taken off.

    Args:
        district: The district.
        history: Whose severities and stays count.
        patterns: Of its kinds.
        curves: Of each squadron, as `curves_of` finds them.
        ahead: The week's seven days.
    """
    risk = patterns.rates().sum(axis=1)
    travel_h = mean_travel_h(district, risk)
    week = {one.kind: _by_slot(by_squadron(district, one.rates())) for one in patterns.kinds}
    shaped = _shaped(sum(week.values(), np.zeros((len(curves), SLOTS))), curves)
    slots = slots_of(ahead)
    found = []
    for pattern in patterns.kinds:
        rate = (week[pattern.kind] * shaped)[:, slots]
        rate *= np.repeat(pattern.month[ahead.month], SLOTS_A_DAY)
        mask = history.kind == history.kinds.index(pattern.kind)
        severities = history.severity[mask]
        for severity in np.unique(severities):
            name = history.severities[severity]
            plan = district.settings.response_to(pattern.kind, name)
            here = mask & (history.severity == severity)
            service = service_of(district, plan, history.service_s[here], travel_h)
            share = float(np.mean(severities == severity))
            share *= history.outcomes.weight(pattern.kind, name)
            found.append(Stream(rate * share, plan.units, plan.priority, service))
    return found


def _by_slot(hourly: FloatArray) -> FloatArray:
    """From rates in each hour of the week to each half hour, shape (squadrons, 336)."""
    return np.repeat(hourly, SLOTS // HOURS, axis=1)


def _shaped(rate: FloatArray, curves: Sequence[Rates]) -> FloatArray:
    """What makes rates the curves' in shape and leaves each squadron's mean, shape of `rate`."""
    shape = np.stack([one.rate for one in curves])
    shape *= rate.mean(axis=1, keepdims=True) / shape.mean(axis=1, keepdims=True)
    return np.where(rate > 0, shape / np.where(rate > 0, rate, 1.0), 1.0)


def slots_of(ahead: Days) -> IntArray:
    """Slot of the mean week that each slot of a week follows, shape (336,): holidays differ."""
    a_day = SLOTS_A_DAY
    return np.asarray((ahead.weekday[:, None] * a_day + np.arange(a_day)).ravel())


def sure_of(
    history: History, curves: Sequence[Rates], calls: Sequence[Stream], ahead: Days
) -> FloatArray:
    """How sure each load is, shape (squadrons, 336): nine times of ten within × and ÷ so much.

    Stays that nobody recorded are as doubtful as if they were known from `LEAST_TIMES`.

    Args:
        history: Whose stays count.
        curves: As of `streams`.
        calls: What it found.
        ahead: As of `streams`.
    """
    often = np.array([float(one.rate.sum()) for one in calls])
    if not sum(one.units * one.rate.sum() for one in calls):
        return np.ones((len(curves), SLOTS))
    often /= often.sum()
    bound = often * [one.units for one in calls]
    mean_h = float(bound @ [one.service.mean_h() for one in calls])
    square = float(bound * [one.units for one in calls] @ [one.service.square() for one in calls])
    times = max(int((history.service_s >= LEAST_STAY_S).sum()), LEAST_TIMES)
    varied = np.sqrt(MEDIAN_DOUBT * max(square / max(mean_h, 1e-12) ** 2 - 1.0, 0.0) / times)

    def bound_h(until_h: FloatArray) -> FloatArray:
        """Of a mean incident, all its units together."""
        parts = [w * one.service.bound_h(until_h) for w, one in zip(bound, calls, strict=True) if w]
        return np.asarray(sum(parts, np.zeros_like(until_h)))

    by_rate = by_rate_of(bound_h)
    found = [load_of(rates, by_rate, float(varied)) for rates in curves]
    return np.stack([one.high / one.load for one in found])[:, slots_of(ahead)]


def told_apart(
    district: District, dates: Sequence[date], staffed: Demand, needed: Response, sure: FloatArray
) -> Demand:
    """A week's demand with its desks, and with the band that its history leaves open."""
    banded = with_band(staffed, needed, sure, district.settings.staffing.wait_probability)
    return replace(banded, desk=duty_units(district, dates, DESK))


def service_of(district: District, plan: Plan, known_s: FloatArray, travel_h: float) -> Service:
    """Time that an incident binds a unit: way, stay on scene and paperwork.

    Args:
        district: For its minutes of paperwork.
        plan: Of the settings: usual (median) minutes on scene and of paperwork.
        known_s: Seconds on scene in the history, nan where unknown, shape (incidents,).
        travel_h: Mean way there.
    """
    own = district.settings.staffing.paperwork_min
    paperwork_min = own if plan.paperwork_min is None else plan.paperwork_min
    stays = np.log(known_s[known_s >= LEAST_STAY_S])
    enough = stays.size >= LEAST_TIMES
    scene_min = float(np.exp(np.median(stays))) / 60 if enough else plan.scene_min
    sigma = float(np.std(stays)) if enough else SIGMA
    return Service(travel_h, max(scene_min + paperwork_min, 1.0) / 60, sigma)


def mean_travel_h(district: District, risk: FloatArray) -> float:
    """Mean way to an incident from the nearest post of its squadron, weighted by risk, hours."""
    best = np.full(len(risk), float(UNREACHABLE))
    for post in district.posts.values():
        own = district.squadrons.index(district.squadron_of_post(post))
        time_ms = district.travel.from_ms(district.node_of_post(post.post))
        best = np.where(district.node_squadron == own, np.minimum(best, time_ms), best)
    near = best < UNREACHABLE
    if not near.any() or risk[near].sum() <= 0:
        return 0.0
    return float(best[near] @ risk[near] / risk[near].sum()) / HOUR_MS


def visits_due(points: Iterable[MustArrive], squadrons: Sequence[str]) -> FloatArray:
    """Visits due per hour in each slot, shape (squadrons, 336), spread over their windows."""
    due = np.zeros((len(squadrons), SLOTS))
    for point in points:
        slots = parts_of(point, SLOT_MIN)
        due[squadrons.index(point.squadron), slots] += point.visits / (slots.size * SLOT_MIN / 60)
    return due


def duty_units(district: District, dates: Sequence[date], kinds: Sequence[str]) -> IntArray:
    """Units that the duties of those kinds bind in a week, shape (squadrons, 336)."""
    order: Mapping[str, int] = {name: at for at, name in enumerate(district.squadrons)}
    spans = [
        (order[duty.squadron], start_min, end_min, duty.teams)
        for duty, start_min, end_min in duties_on(district, dates, kinds)
    ]
    return busy_units(spans, len(order))


def duties_on(
    district: District, dates: Sequence[date], kinds: Container[str]
) -> Iterator[tuple[DutyRow, int, int]]:
    """Fixed duties of those kinds on a week's days, each with its start and end.

    In minutes since Monday 00:00, as the clocks say.
    """
    for duty in district.duties:
        start, end = window_min(duty.start, duty.end)
        for day in dates if duty.kind in kinds else ():
            if district.calendar.takes_place(duty, day):
                midnight = (day.isoweekday() - 1) * DAY_MIN
                yield duty, midnight + start, midnight + end


def night_check_units(district: District, nights: Mapping[int, Sequence[MustArrive]]) -> IntArray:
    """Units of the night checks by squadron and slot, shape (squadrons, 336).

    Args:
        district: For the units of a check.
        nights: Points of each weekday's check, the riskiest first; the units are given out to
            their squadrons in turn, so that several stand in the same hours.
    """
    spans = []
    for weekday, points in nights.items():
        midnight = (weekday - 1) * DAY_MIN
        for unit in range(district.settings.night_check.least_units if points else 0):
            point = points[unit % len(points)]
            squadron = district.squadrons.index(SquadronId(point.squadron))
            spans.append((squadron, midnight + point.start_min, midnight + point.end_min, 1))
    return busy_units(spans, len(district.squadrons))
