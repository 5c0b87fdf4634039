"""From a district's settings and files to the arrays that `demand` works on, for one week."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from config.calendar import window_min
from config.district import District
from config.durations import DAY_MIN
from config.ids import SquadronId
from config.settings import Response as Plan
from config.tables import DutyRow
from config.travel import UNREACHABLE
from scheduler.demand import (
    SLOT_MIN,
    SLOTS,
    Demand,
    Response,
    Stream,
    busy_units,
    slots_between,
    with_band,
)
from scheduler.history import History
from scheduler.levels import WEEKEND, FloatArray, IntArray
from scheduler.must_arrive import MustArrive
from scheduler.patterns import Days, Patterns, Seen, week_of
from scheduler.queueing import Service

SIGMA = 0.6  # of a stay on scene, lognormal, where the history does not know better
LEAST_STAY_S = 1.0  # what is less was never measured: a clock that did not run
LEAST_TIMES = 30  # known stays from which on the history's own times are taken
OWN_POST: tuple[str, ...] = ("fixed", "peak", "school", "patrol")
OPERATION: tuple[str, ...] = ("operation", "night_check")
DESK: tuple[str, ...] = ("desk",)
ALIKE_H = 1  # hours to each side whose incidents tell of an hour
STAY_DOUBT = 1.43  # variance of a sum of stays ÷ that of their number, by SIGMA: exp(SIGMA²)


def by_squadron(district: District, rates: FloatArray) -> FloatArray:
    """Sum over each squadron's nodes, shape (squadrons, …), from (nodes, …)."""
    total = np.zeros((len(district.squadrons), *rates.shape[1:]))
    np.add.at(total, district.node_squadron, rates)
    return total


def streams(
    district: District,
    history: History,
    patterns: Patterns,
    weekday: IntArray,
    month: IntArray,
) -> list[Stream]:
    """The incidents of one week by kind and severity, as they are answered.

    Severities share a kind's pattern by their share in the history: where a fatal crash was is
    chance, where crashes are is not.
    """
    risk = patterns.rates().sum(axis=1)
    travel_h = mean_travel_h(district, risk)
    found = []
    for pattern in patterns.kinds:
        rate = by_squadron(district, week_of(pattern, weekday, month))
        mask = history.kind == history.kinds.index(pattern.kind)
        severities = history.severity[mask]
        for severity in np.unique(severities):
            name = history.severities[severity]
            plan = district.settings.response_to(pattern.kind, name)
            here = mask & (history.severity == severity)
            service = service_of(district, plan, history.service_s[here], travel_h)
            share = float(np.mean(severities == severity))
            found.append(Stream(rate * share, plan.units, plan.priority, service))
    return found


def told_apart(
    district: District, dates: Sequence[date], staffed: Demand, needed: Response,
    days: Days, incidents: Mapping[str, Seen],
) -> Demand:  # fmt: skip
    """A week's demand with its desks, and with the band that its history leaves open."""
    doubt = load_doubt(district, days, incidents)
    banded = with_band(staffed, needed, doubt, district.settings.staffing.wait_probability)
    return replace(banded, desk=duty_units(district, dates, DESK))


def load_doubt(district: District, days: Days, incidents: Mapping[str, Seen]) -> FloatArray:
    """Standard deviation of the logarithm of each load, shape (squadrons, 336).

    A squadron's level is known from its own incidents, the shape of its week from everybody's
    within an hour of it on days of its sort; neither better than their number allows.

    Args:
        district: Its nodes are the places.
        days: The days of the history.
        incidents: By kind, on those days.
    """
    place, day, hour = (
        np.concatenate([getattr(seen, name) for seen in incidents.values()])
        for name in ("place", "day", "hour")
    )
    own = np.bincount(district.node_squadron[place], minlength=len(district.squadrons))
    rest = days.weekday[day] >= WEEKEND
    doubt = np.empty((len(own), 7, 24))
    for weekday in range(7):
        at = hour[(rest == (weekday >= WEEKEND)) & (hour >= 0)]
        count = np.bincount(at, minlength=24).astype(np.float64)
        near = sum(np.roll(count, lag) for lag in range(-ALIKE_H, ALIKE_H + 1))
        doubt[:, weekday] = np.sqrt(STAY_DOUBT / (own[:, None] + 1.0) + 1.0 / (near + 1.0))
    return np.repeat(doubt.reshape(len(own), -1), SLOTS // (7 * 24), axis=1)


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
    return float(best[near] @ risk[near] / risk[near].sum()) / 3_600_000


def visits_due(points: Iterable[MustArrive], squadrons: Sequence[str]) -> FloatArray:
    """Visits due per hour in each slot, shape (squadrons, 336), spread over their windows."""
    due = np.zeros((len(squadrons), SLOTS))
    for point in points:
        start = (point.weekday - 1) * DAY_MIN + point.start_min
        length = point.end_min - point.start_min
        slots = slots_between(start, start + length)
        due[squadrons.index(point.squadron), slots] += point.visits / (slots.size * SLOT_MIN / 60)
    return due


def duty_units(district: District, dates: Sequence[date], kinds: Sequence[str]) -> IntArray:
    """Units that the duties of those kinds bind in a week, shape (squadrons, 336)."""
    order: Mapping[str, int] = {name: at for at, name in enumerate(district.squadrons)}
    spans = [
        (order[duty.squadron], *_minutes(duty, day), duty.teams)
        for duty in district.duties
        if duty.kind in kinds
        for day in dates
        if district.calendar.takes_place(duty, day)
    ]
    return busy_units(spans, len(order))


def _minutes(duty: DutyRow, day: date) -> tuple[int, int]:
    """Start and end in minutes since Monday 00:00 of that week."""
    midnight = (day.isoweekday() - 1) * DAY_MIN
    start, end = window_min(duty.start, duty.end)
    return midnight + start, midnight + end


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
