"""The loop closed: what units found in two months, and what the plan of the third does with it.

    python benchmarks/loop.py [--seeds 6] [--first-seed 11]

A sample district whose files end on 1 February; its hidden truth goes on, shifts (`loop_truth`),
and on 23 February the ring road opens. For two months of four weeks the product's own plan is
worked (`loop_world`), and a real engine writes the journal. Then the third month is planned three
times by the product's own chain: with the journal; with its incidents and violations alone
(without hours, tests, visits and what became of calls); with all of it withheld.
Prints how much of the plan differs, and what each plan meets of the third month's truth: expected
incidents by the must-arrive visits, committed violations by the must-correct lists, drunk drivers
among those tested at the night checks' points, violations that are committed around the visits
while a unit stands there. One town a seed; the interval is of paired differences over the seeds.
Exit 1 when the journal's plan does not meet more for certain.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from math import sqrt
from pathlib import Path

import numpy as np
from scipy.special import stdtrit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.loop_truth import FIRST, POINT_M, Truth, around, made
from benchmarks.loop_world import WEEKS, Played
from config.calendar import week_of_day
from config.district import District, load
from config.sample.offences import HALF_YEAR
from scheduler.foresight.analysis import Analysis, terms_of
from scheduler.foresight.choosing import unmet
from scheduler.foresight.correcting import PART_H
from scheduler.foresight.ground import points_of
from scheduler.foresight.levels import HOURS, FloatArray
from scheduler.recorded import Recorded
from scheduler.reported import read
from scheduler.week import analysed

MONTH = timedelta(weeks=WEEKS)
ARMS = ("with the journals", "without hours, tests, visits", "withheld")
MEETS = ("incidents", "violations", "drunk", "seen")


def plans_of(seed: int, folder: Path) -> tuple[District, Truth, dict[str, Analysis]]:
    """Work two months as planned; the plans of the third by what they know."""
    world = made(folder, seed)
    played = Played(folder, world, seed)
    try:
        for month in range(2):
            first = FIRST + month * MONTH
            plan = _plan(played.district, month, read(played.bus, played.district, violations=True))
            played.work(plan, first)
        told = read(played.bus, played.district, violations=True)
    finally:
        played.close()
    known = told, replace(told, watches=(), tests=(), outcomes=(), visits=()), Recorded()
    district = load(folder)
    plans = {name: _plan(district, 2, one) for name, one in zip(ARMS, known, strict=True)}
    return district, played.truth, plans


def _plan(district: District, month: int, told: Recorded) -> Analysis:
    """What the product asks for in a month, counted from 0."""
    return analysed(district, week_of_day(FIRST + month * MONTH), 0, told)


def met(district: District, truth: Truth, plan: Analysis) -> dict[str, float]:
    """Shares of the third month's truth that a plan meets."""
    first, days = FIRST + 2 * MONTH, 7 * WEEKS
    rates = truth.world.process.rates(first, days)
    true: FloatArray = rates.reshape(len(rates), WEEKS, 168).mean(axis=1)
    left = unmet(true, points_of(district), plan.must_arrive, terms_of(district))
    committed = truth.committed(first, days)
    kinds = tuple(HALF_YEAR)
    listed = sum(
        float(committed[row, PART_H * part : PART_H * (part + 1), kinds.index(kind)].sum())
        for row, squadron in enumerate(district.squadrons) for part in range(24 // PART_H)
        for kind in plan.must_correct[squadron, part] if kind in kinds
    )  # fmt: skip
    nodes = [district.node_of_place(one.place)
             for points in plan.night_checks.values() for one in points]  # fmt: skip
    drunk = float(np.mean([truth.drunk_share(node) for node in nodes]))
    seen = seen_by_visits(district, truth, plan) / float(committed.sum())
    shares = 1 - float(left.sum() / true.sum()), listed / float(committed.sum()), drunk, seen
    return dict(zip(MEETS, shares, strict=True))


def seen_by_visits(district: District, truth: Truth, plan: Analysis) -> float:
    """Violations that are committed around the third month's visits while a unit stands there."""
    start = 24 * truth.world.process.span.day(FIRST + 2 * MONTH)
    hours = slice(start, start + WEEKS * HOURS)
    week = [(where, when[hours].reshape(WEEKS, HOURS).sum(axis=0))
            for _, where, when in truth.parts]  # fmt: skip
    total = 0.0
    for point in plan.must_arrive:
        near = around(truth.world, district.node_of_place(point.place), POINT_M)
        hour = 24 * (point.weekday - 1) + point.start_min // 60
        stay_h = point.visits * point.dwell_min / 60
        total += stay_h * sum(float(near @ where) * float(when[hour]) for where, when in week)
    return total


def differs(one: Analysis, other: Analysis) -> str:
    """How much of two plans is not the same."""
    visits = [{(p.place, p.weekday, p.start_min) for p in plan.must_arrive}
              for plan in (one, other)]  # fmt: skip
    lists = sum(one.must_correct[key] != other.must_correct[key] for key in one.must_correct)
    slots = float((one.demand.units != other.demand.units).mean())
    stands = [{p.place for points in plan.night_checks.values() for p in points}
              for plan in (one, other)]  # fmt: skip
    return (
        f"must-arrive slots {len(visits[0] - visits[1])} of {len(visits[0])}; "
        f"must-correct lists {lists} of {len(one.must_correct)}; "
        f"half hours with other units {100 * slots:.0f} %; "
        f"places of night checks {len(stands[0] - stands[1])} of {len(stands[0])}"
    )


def interval(differences: FloatArray) -> tuple[float, float, float]:
    """Mean of paired differences and its 95 % interval by Student's t."""
    mean, count = float(differences.mean()), len(differences)
    half = float(stdtrit(count - 1, 0.975)) * float(differences.std(ddof=1)) / sqrt(count)
    return mean, mean - half, mean + half


def told(found: Mapping[str, list[dict[str, float]]]) -> bool:
    """Print what each arm meets; whether the journals' is surely better than withheld."""
    columns = {arm: {m: np.array([one[m] for one in rows]) for m in MEETS}
               for arm, rows in found.items()}  # fmt: skip
    sure = True
    for measure in MEETS:
        print(measure + ": " + "; ".join(
            f"{arm} {100 * columns[arm][measure].mean():.2f} %" for arm in ARMS
        ))  # fmt: skip
        for other in ARMS[1:]:
            gain = columns[ARMS[0]][measure] - columns[other][measure]
            mean, low, high = interval(gain)
            print(f"  more than {other}: {100 * mean:+.2f} ({100 * low:+.2f} to {100 * high:+.2f})")
            sure = sure and (other != ARMS[2] or low > 0)
    return sure


def main() -> int:
    """Print a line a seed, then the whole; 1 where more is not met for certain."""
    ask = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    ask.add_argument("--seeds", type=int, default=6)
    ask.add_argument("--first-seed", type=int, default=11)
    asked = ask.parse_args()
    found: dict[str, list[dict[str, float]]] = {arm: [] for arm in ARMS}
    for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
        began_s = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            district, truth, plans = plans_of(seed, Path(folder) / "district")
            for arm, plan in plans.items():
                found[arm].append(met(district, truth, plan))
        print(f"seed {seed}, {time.monotonic() - began_s:.0f} s: "
              f"{differs(plans[ARMS[0]], plans[ARMS[2]])}", flush=True)  # fmt: skip
        for arm, rows in found.items():
            print("  ", arm, {m: round(100 * v, 2) for m, v in rows[-1].items()}, flush=True)
    return 0 if told(found) else 1


if __name__ == "__main__":
    sys.exit(main())
