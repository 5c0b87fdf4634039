"""How many units each squadron needs in each half hour of a week, part by part.

units = max(response, visits, statutory, fixed) + operations. Staggering pays by moving
unit-hours between hours, so the demand follows the load and not the day's mean.

Pure: arrays in, arrays out. A slot is 30 min; slot 0 is Monday 00:00 local. The week repeats:
what runs over its end comes back at its start.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scheduler.foresight.levels import FloatArray, IntArray
from scheduler.foresight.queueing import Service, cobham, least_units, loads_within
from scheduler.slots import SLOT_MIN, SLOTS

MOMENTS = 3  # of a slot at which its load is taken
SURE = 1.645  # standard deviations to each side of a band of 90 %
PARTS = ("units", "response", "visits", "statutory", "fixed", "operations")
"""Parts of a demand: units = max(response, visits, statutory, fixed) + operations."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Incidents that are answered alike: same response plan, same priority, same service.

    rate: Incidents per hour in each slot of the week, shape (squadrons, 336).
    units: Units of the response plan, all needed at once; priority: 1 is the most urgent.
    """

    rate: FloatArray
    units: int
    priority: int
    service: Service


@dataclass(frozen=True, slots=True)
class Response:
    """What answering incidents takes, shapes (squadrons, 336).

    load: Units busy on average; units: fewest that keep the share of waiting incidents.
    plan: Shares of incidents that need 1, 2, … units, shape (squadrons, 336, most).
    """

    load: FloatArray
    units: IntArray
    plan: FloatArray


@dataclass(frozen=True, slots=True)
class Band:
    """How sure a demand is, shapes (squadrons, 336): it is so with a probability of 90 %.

    load, load_low, load_high: Units busy on average with incidents.
    units_low, units_high: Units needed at these loads, every other part alike.
    """

    load: FloatArray
    load_low: FloatArray
    load_high: FloatArray
    units_low: IntArray
    units_high: IntArray

    def at(self, squadron: int, slot: int) -> dict[str, int | float]:
        """One slot's columns of staffing.csv."""
        loads = ("load", "load_low", "load_high")
        return {
            **{name: round(float(getattr(self, name)[squadron, slot]), 3) for name in loads},
            "units_low": int(self.units_low[squadron, slot]),
            "units_high": int(self.units_high[squadron, slot]),
        }


@dataclass(frozen=True, slots=True)
class Demand:
    """Units needed by squadron and slot, shapes (squadrons, 336); `units` is what to roster.

    desk: Teams behind a counter, beside all others: who sits there is not sent anywhere.
    """

    units: IntArray
    response: IntArray
    visits: IntArray
    statutory: IntArray
    fixed: IntArray
    operations: IntArray
    desk: IntArray | None = None
    band: Band | None = None

    def rows(self, squadrons: Sequence[str]) -> Iterable[dict[str, str | int | float]]:
        """The rows of staffing.csv with `slot` in place of the local time `start`."""
        for row, squadron in enumerate(squadrons):
            for slot in range(SLOTS):
                parts: dict[str, int | float] = {
                    part: int(getattr(self, part)[row, slot]) for part in PARTS
                }
                desk = 0 if self.desk is None else int(self.desk[row, slot])
                parts |= {"desk": desk, "total": parts["units"] + desk}
                if self.band is not None:
                    parts |= self.band.at(row, slot)
                yield {"squadron": squadron, "slot": slot, **parts}


def response(streams: Sequence[Stream], squadrons: int, most_waiting: float) -> Response:
    """Fewest units per slot so that at most `most_waiting` of the incidents wait for a unit.

    A slot is staffed for the mean share that waits at three moments within it; the load lags
    behind the calls by the service, so a peak needs units after it too.

    Args:
        streams: Incidents by response; none needs nobody.
        squadrons: Rows of every `Stream.rate`.
        most_waiting: Allowed share of incidents of which a unit has to wait.
    Source:
        Modified offered load: Jennings et al. (1996); exact batch Erlang C in `queueing`.
    """
    most = max((stream.units for stream in streams), default=1)
    load = np.zeros((squadrons, SLOTS, MOMENTS))
    plan = np.zeros((squadrons, SLOTS, max(most, 1)))
    for stream in streams:
        if stream.rate.shape != (squadrons, SLOTS):
            msg = f"a rate has shape {stream.rate.shape}, not ({squadrons}, {SLOTS})"
            raise ValueError(msg)
        if stream.units == 0:
            continue
        bound_h = stream.service.bound_h
        load += stream.units * loads_within(stream.rate, bound_h, SLOT_MIN / 60, MOMENTS)
        plan[:, :, stream.units - 1] += stream.rate
    load = load.round(9)
    total = plan.sum(axis=2, keepdims=True)
    alone = np.zeros_like(plan)
    alone[:, :, 0] = 1.0  # no incident in this slot: what is left of earlier ones, one by one
    plan = np.where(total > 0, plan / np.where(total > 0, total, 1.0), alone)
    units = least_units(load.reshape(-1, MOMENTS), plan.reshape(-1, plan.shape[2]), most_waiting)
    return Response(load.mean(axis=2), units.reshape(squadrons, SLOTS), plan)


def waits(needed: Response, on_duty: IntArray, streams: Sequence[Stream]) -> FloatArray:
    """Mean wait by priority in minutes, shape (priorities, squadrons, 336); nan: no incident.

    Args:
        needed: What `response` found, for its load.
        on_duty: Units on duty, shape (squadrons, 336).
        streams: The same streams; their priorities in rising order are the rows.
    Source:
        Cobham (1954), not pre-emptive, with Erlang C for several units.
    """
    levels = sorted({stream.priority for stream in streams})
    shape = (len(levels), *needed.load.shape)
    rate, work = np.zeros(shape), np.zeros(shape)
    for stream in streams:
        row = levels.index(stream.priority)
        rate[row] += stream.rate * stream.units
        work[row] += stream.rate * stream.units * stream.service.mean_h()
    calls, busy = rate.sum(axis=0), work.sum(axis=0)
    some = (calls > 0) & (busy > 0)
    mean_min = 60.0 * busy / np.where(some, calls, 1.0)
    shares = rate / np.where(some, calls, 1.0)
    wait = cobham(np.maximum(on_duty, 1), needed.load, shares) * mean_min
    return np.where(some & (rate > 0), np.where(on_duty > 0, wait, np.inf), np.nan)


def visit_units(due: FloatArray, dwell_min: float, between_min: float) -> IntArray:
    """Units that make the visits due, shape of `due`.

    Args:
        due: Visits due per hour in each slot, shape (squadrons, 336).
        dwell_min: Presence at the point.
        between_min: Mean drive from one point to the next.
    """
    a_unit_hour = 60.0 / (dwell_min + between_min)
    return np.ceil((due / a_unit_hour).round(9)).astype(np.int64)


def slots_between(start_min: int, end_min: int) -> IntArray:
    """Slots that a time of the week touches; end ≤ start means the next day, the week repeats.

    Args:
        start_min: Minutes since Monday 00:00.
        end_min: The same.
    """
    if end_min <= start_min:
        end_min += 24 * 60
    first, last = start_min // SLOT_MIN, -(-end_min // SLOT_MIN)
    return np.arange(first, last) % SLOTS


def busy_units(spans: Iterable[tuple[int, int, int, int]], squadrons: int) -> IntArray:
    """Units bound by fixed posts or operations, shape (squadrons, 336).

    Args:
        spans: (squadron, start_min, end_min, units), minutes since Monday 00:00.
        squadrons: How many there are.
    """
    units = np.zeros((squadrons, SLOTS), dtype=np.int64)
    for squadron, start_min, end_min, count in spans:
        units[squadron, slots_between(start_min, end_min)] += count
    return units


def demand(
    needed: Response,
    visits: IntArray,
    statutory: IntArray | int,
    fixed: IntArray,
    operations: IntArray,
) -> Demand:
    """All parts together: units = max(response, visits, statutory, fixed) + operations.

    Waiting units make the visits and man the posts; an operation takes its units away whole.
    """
    least = np.broadcast_to(np.asarray(statutory, dtype=np.int64), needed.units.shape)
    standing = np.maximum.reduce((needed.units, visits, least, fixed))
    return Demand(standing + operations, needed.units, visits, least, fixed, operations)


def with_band(staffed: Demand, needed: Response, sure: FloatArray, most_waiting: float) -> Demand:
    """The demand with the band that what is not known of the load leaves open.

    Args:
        staffed: All parts together.
        needed: What `response` found.
        sure: The load lies between itself ÷ so much and × so much with a probability of 90 %,
            shape (squadrons, 336).
        most_waiting: As of `response`.
    """
    plan = needed.plan.reshape(-1, needed.plan.shape[2])
    loads = [needed.load / sure, needed.load * sure]
    found = []
    for load in loads:
        response = least_units(load.ravel(), plan, most_waiting).reshape(load.shape)
        parts = (response, staffed.visits, staffed.statutory, staffed.fixed)
        found.append(np.maximum.reduce(parts) + staffed.operations)
    low = np.minimum(
        found[0], staffed.units
    )  # by moments a slot may need one more than by its mean
    high = np.maximum(found[1], staffed.units)
    return replace(staffed, band=Band(needed.load, loads[0], loads[1], low, high))
