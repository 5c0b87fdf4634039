"""A staggered week against a flat roster, and load curves against known truth, by simulation.

    python benchmarks/staffing_week.py [--weeks 2000] [--truths 3] [--seed 1]

METHODS section 2 gives a week's totals, not its rates: this one is made to have them. With 102
calls a day, lognormal 45 min of cv 1 and at most 5 % waiting, a flat roster needs 12 units, 10
keep the target only on the weekly average, and units by the half hour come to 1,240 unit-hours
(1,242 there). Units come from `staffing.units_for`. Then every call is played: first come, first
served; a unit whose duty ends finishes its call. The target has to hold in every hour of the
week by both rosters. Then the load curves of eight weeks of calls are held against the loads
that they were drawn from.
"""

import argparse
import heapq
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.staffing import SLOT_H, units_for
from scheduler.foresight.demand import MOMENTS
from scheduler.foresight.levels import HOURS, FloatArray, IntArray
from scheduler.foresight.load_curve import load_curve
from scheduler.foresight.queueing import Service, erlang_c, loads_within
from scheduler.slots import SLOTS

TARGET, BAR = 0.05, 0.62
SERVICE = Service.lognormal(0.75, 1.0)
WEEKS = 8
BARS = {15: 0.12, 40: 0.08, 120: 0.06}
"""Calls a day: largest mean error of the load curve, as a share of the mean load."""
DOUBT = 3.3  # standard errors by which the worst of 168 hours lies off by chance

SLOT = np.arange(SLOTS)
HOUR, WEEKDAY = (SLOT + 0.5) * SLOT_H % 24, SLOT // 48


def hump(middle: float, width: float) -> FloatArray:
    """A bell over the hours of the day."""
    return np.asarray(np.exp(-0.5 * (((HOUR - middle + 12) % 24 - 12) / width) ** 2))


def truths() -> dict[str, FloatArray]:
    """Shapes of weeks, of which no smoother knows; only their proportions matter."""
    work = 0.3 + 1.6 * hump(8.2, 1.1) + hump(13, 2.5) + 1.9 * hump(18, 1.6)
    rest = 0.5 + 1.3 * hump(14, 4) + 0.9 * hump(23.5, 2)
    levels = np.array([1, 0.95, 0.95, 1, 1.15, 1.1, 0.9])[WEEKDAY]
    hourly = np.array([4, 3, 2, 2, 2, 4, 8, 16, 19, 14, 12, 12,
                       14, 13, 12, 13, 15, 19, 20, 16, 12, 9, 7, 5])  # fmt: skip
    return {
        "even": np.ones(SLOTS),
        "sinusoid": 6 + 4 * np.sin(2 * np.pi * HOUR / 24),
        "steps of an hour": hourly[HOUR.astype(int)] * levels,
        "two peaks, other week-ends": np.where(WEEKDAY < 5, work, rest) * levels,
    }


def a_day(shape: FloatArray, calls: float) -> FloatArray:
    """Calls an hour in each slot, so many a day on average."""
    return np.asarray(shape * calls / (24 * shape.mean()))


def week() -> FloatArray:
    """The week of METHODS section 2 as far as its totals tell it, calls an hour."""
    work = 0.25 + 1.4 * hump(8.5, 1.3) + hump(13, 2.5) + 1.8 * hump(18, 1.8)
    rest = 0.5 + 1.1 * hump(15, 4.5) + 0.7 * hump(23, 2.5)
    levels = np.array([0.98, 0.95, 0.95, 1, 1.05, 1.05, 0.92])[WEEKDAY]
    return a_day(np.asarray(np.where(WEEKDAY < 5, work, rest) * levels), 102)


def played(
    rate: FloatArray, units: IntArray, weeks: int, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Calls and those that waited by hour of the week, shapes (168,): every call is played."""
    count = rng.poisson(np.tile(rate * SLOT_H, weeks))
    slot = np.repeat(np.arange(len(count)), count)
    at_h = np.sort((slot + rng.random(len(slot))) * SLOT_H)
    stays = np.exp(SERVICE.sigma * rng.standard_normal(len(slot))) * SERVICE.median_h
    waited = np.zeros(len(slot), dtype=bool)
    ends: list[float] = []  # of the calls that bind a unit
    line: list[float] = []  # stays of those who wait, in order
    first = 0
    moments = [*zip(at_h.tolist(), stays.tolist(), range(len(slot)), strict=True)]
    on_duty = np.tile(units, weeks).tolist()
    now = 0
    for at, stay, number in moments:
        first, now = _until(at, ends, line, first, now, on_duty)
        if first < len(line) or len(ends) >= on_duty[now]:
            waited[number] = True
            line.append(stay)
        else:
            heapq.heappush(ends, at + stay)
    hour = at_h.astype(np.int64) % HOURS
    return np.bincount(hour, minlength=HOURS), np.bincount(hour[waited], minlength=HOURS)


def _until(
    at: float, ends: list[float], line: list[float], first: int, now: int, on_duty: list[int]
) -> tuple[int, int]:
    """Play calls' ends and duty changes up to a call; the head of the line and the slot then."""
    while True:
        change = (now + 1) * SLOT_H
        moment = min(ends[0] if ends else at, change, at)
        if moment == at:
            return first, now
        if moment == change:
            now += 1
        else:
            heapq.heappop(ends)
        while first < len(line) and len(ends) < on_duty[now]:
            heapq.heappush(ends, moment + line[first])
            first += 1


def staggered(weeks: int, seed: int) -> bool:
    """Print the two rosters and their waits; whether they keep the target and reach the bar.

    One unit fewer than the flat roster has must not keep it, or the flat one were too large.
    """
    rate = week()
    units = units_for(rate, SERVICE, TARGET)
    flat = np.full(SLOTS, int(units.max()))
    peak = float(loads_within(rate, SERVICE.bound_h, SLOT_H, MOMENTS).max())
    ratio = units.sum() / flat.sum()
    print(f"largest load {peak:.2f}: of {flat[0]} units {erlang_c(int(flat[0]), peak):.1%} wait")
    print(f"unit-hours {units.sum() * SLOT_H:,.1f} ÷ flat {flat.sum() * SLOT_H:,.0f} = {ratio:.3f}")
    good = bool(ratio <= BAR)
    for name, on_duty in (("by the hour", units), ("flat", flat), ("flat, one fewer", flat - 1)):
        calls, waits = played(rate, on_duty, weeks, np.random.default_rng(seed))
        share = waits / calls
        error = np.sqrt(TARGET * (1 - TARGET) / calls)
        over = int((share > TARGET + DOUBT * error).sum())
        print(
            f"{name:16} {waits.sum() / calls.sum():6.2%} wait; worst hour {share.max():.2%} "
            f"(± {error[share.argmax()]:.2%}); hours surely over {TARGET:.0%}: {over} of {HOURS}"
        )
        fewer = on_duty is not units and on_duty is not flat
        good &= (over > 0) if fewer else (over == 0)
    return good


def curves(seeds: int, seed: int) -> bool:
    """Print how far load curves of eight weeks are off; whether the means reach the bars."""
    good = True
    for calls, bar in BARS.items():
        errors, inside = [], []
        for name, shape in truths().items():
            rate = a_day(shape, calls)
            true = loads_within(rate, SERVICE.bound_h, SLOT_H, MOMENTS).mean(axis=1)
            own = []
            for draw in range(seeds):
                rng = np.random.default_rng((seed, calls, draw))
                count = rng.poisson(rate * SLOT_H * WEEKS)
                slot = np.repeat(SLOT, count)
                normal = rng.standard_normal(len(slot))
                stays = np.exp(SERVICE.sigma * normal) * SERVICE.median_h
                found = load_curve(slot, stays, np.full(SLOTS, SLOT_H * WEEKS))
                own.append(np.abs(found.load - true).sum() / true.sum())
                inside.append(np.mean((found.low <= true) & (true <= found.high)))
            print(f"{calls:4} calls a day, {name:27} off by {np.mean(own):.3f}", flush=True)
            errors.append(np.mean(own))
        reached = np.mean(errors) <= bar
        print(
            f"{calls:4} calls a day, mean {np.mean(errors):.3f}, bar {bar}: "
            f"{'reached' if reached else 'MISSED'}; band of 90 % holds {np.mean(inside):.0%}"
        )
        good &= bool(reached)
    return good


def main() -> int:
    """Print both parts; 1 below a bar."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--weeks", type=int, default=2000)
    parser.add_argument("--truths", type=int, default=3, help="draws of each truth")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    results = [staggered(given.weeks, given.seed), curves(given.truths, given.seed)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
