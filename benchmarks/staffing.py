"""Staffing from files, or the check tables of METHODS section 2 when no file is given.

    python benchmarks/staffing.py [--out FILE]
      --pairs FILE     c,a                    -> c,a,erlang_b,erlang_c
      --arrivals FILE  slot,rate_per_hour     -> slot,units    --mean 45 [--cv 1] [--target 0.2]
      --calls FILE     start,service_minutes  -> slot,load

Slots 0-335 are half hours from Monday 00:00; the week repeats. `--mean` is minutes; `0.75h` and
`45min` are understood, and a bare number of 5 or less is hours (said on stderr). `units` are the
fewest with which at most `--target` of the calls wait (exact Erlang C of the modified offered
load, lognormal service); `load` is units busy on average. `start` is local time in ISO form,
without an offset; the days from the first call's to the last one's, 600 weeks at most, are those
that were watched. CSV goes to stdout or to `--out`. Exit 0; 1 when a check value is
missed; 2 when a file or an option cannot be read.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads only wait

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.staffing_file import BadFile, Row, each, local_time, number, refuse, rows_of
from scheduler.foresight.demand import MOMENTS
from scheduler.foresight.levels import FloatArray, IntArray
from scheduler.foresight.load_curve import load_curve
from scheduler.foresight.queueing import (
    Service,
    cobham,
    erlang_b,
    erlang_c,
    least_units,
    loads_within,
    offered_load,
)
from scheduler.slots import SLOT_MIN, SLOTS

DAYS, SLOT_H = 7, SLOT_MIN / 60
HOURS_UP_TO = 5.0  # a bare --mean: nobody is bound for 5 h or for less than 5 min on average
MOST_UNITS, MOST_LOAD = 100_000, 1e6
MOST_BUSY = 5_000  # units at once with the calls of a slot, if they came at its rate for ever
MOST_WEEKS = 600
LEAST_MIN = 1e-6
CLOSE = 1e-6
PAIRS = (
    (2, 1, 1 / 5, 1 / 3), (5, 4, 0.199067, 0.554113), (10, 8, 0.121661, 0.409180),
    (14, 10, 0.056819, 0.174132), (25, 20, 0.050222, 0.209103), (100, 90, 0.026957, 0.216940),
)  # fmt: skip
"""c, a, Erlang B, Erlang C."""


def of_pairs(path: Path) -> list[tuple[object, ...]]:
    """c, a, erlang_b, erlang_c of each pair; whoever comes to an overloaded post waits."""
    rows = rows_of(path, ("c", "a"))
    pairs = each(path, rows, lambda row: (
        number(row["c"], 0, MOST_UNITS, whole=True), number(row["a"], 0, MOST_LOAD),
    ))  # fmt: skip
    return [
        (row["c"], row["a"], erlang_b(int(units), load), erlang_c(int(units), load))
        for (_, row), (units, load) in zip(rows, pairs, strict=True)
    ]


def of_arrivals(path: Path, service: Service, target: float) -> list[tuple[object, ...]]:
    """slot, units for a week of known rates."""
    rows = rows_of(path, ("slot", "rate_per_hour"))
    seen: dict[int, int] = {}
    faults = []
    rate = np.zeros(SLOTS)
    read = each(path, rows, lambda row: (
        number(row["slot"], 0, SLOTS - 1, whole=True), number(row["rate_per_hour"], 0, MOST_LOAD),
    ))  # fmt: skip
    for (line, _), (slot, value) in zip(rows, read, strict=True):
        if slot in seen:
            faults.append(f"{path}:{line}: slot {slot:g} stands in line {seen[int(slot)]} already")
        if (busy := value * service.mean_h()) > MOST_BUSY:
            faults.append(
                f"{path}:{line}: {value:g} calls an hour of {service.mean_h():g} h each keep "
                f"{busy:g} units busy; rate times mean is at most {MOST_BUSY}"
            )
        seen[int(slot)] = line
        rate[int(slot)] = value
    if missing := sorted(set(range(SLOTS)) - set(seen)):
        faults.append(
            f"{path}:{rows[-1][0]}: {len(missing)} slots are missing, the first is {missing[0]}; "
            f"write a row for each of 0 to {SLOTS - 1}, with 0 where nobody calls"
        )
    refuse(faults)
    return list(enumerate(units_for(rate, service, target).tolist()))


def units_for(rate: FloatArray, service: Service, target: float) -> IntArray:
    """Fewest units in each slot so that at most `target` of its calls wait, shape (336,).

    Args:
        rate: Calls an hour in each slot, shape (336,).
        service: How long a call binds a unit.
        target: Between 0 and 1.
    """
    load = loads_within(rate, service.bound_h, SLOT_H, MOMENTS).round(9)
    return least_units(load, np.ones((SLOTS, 1)), target)


def of_calls(path: Path) -> list[tuple[object, ...]]:
    """slot, load from recorded calls."""

    def read(row: Row) -> tuple[float, ...]:
        minutes = number(row["service_minutes"], LEAST_MIN, 60 * 24 * DAYS)
        at = local_time(row["start"])
        return at.toordinal(), (at.hour * 60 + at.minute) // SLOT_MIN, minutes

    rows = rows_of(path, ("start", "service_minutes"))
    calls = np.array(each(path, rows, read))
    first, last = int(calls[:, 0].argmin()), int(calls[:, 0].argmax())
    if calls[last, 0] - calls[first, 0] >= MOST_WEEKS * DAYS:
        msg = (
            f"{path}:{rows[last][0]}: {rows[last][1]['start']} lies more than {MOST_WEEKS} weeks "
            f"after {rows[first][1]['start']} (line {rows[first][0]}); mend the one that is wrong"
        )
        raise BadFile(msg)
    day = calls[:, 0].astype(np.int64) - 1  # day 1 of the calendar was a Monday
    slot = day % DAYS * (SLOTS // DAYS) + calls[:, 1].astype(np.int64)
    watched = np.bincount(np.arange(day.min(), day.max() + 1) % DAYS, minlength=DAYS)
    exposure_h = np.repeat(watched * SLOT_H, SLOTS // DAYS)
    print(
        f"{len(calls)} calls on {watched.sum()} days ({watched.sum() / DAYS:.1f} weeks), "
        f"mean service {calls[:, 2].mean():.1f} min", file=sys.stderr,
    )  # fmt: skip
    found = load_curve(slot, calls[:, 2] / 60, exposure_h)
    return list(enumerate(found.load.tolist()))


def checks() -> int:
    """Print the check tables of METHODS section 2; 1 when one is missed by more than 1e-6."""
    lines = [
        (f"Erlang {name} c={c} a={a}", formula(c, a), value)
        for c, a, blocked, waits in PAIRS
        for name, formula, value in (("B", erlang_b, blocked), ("C", erlang_c, waits))
    ]
    urgent, other = cobham(5, 4, np.array([0.25, 0.75]))
    lines += [("Cobham W1, in E[S]", urgent, 0.138528), ("Cobham W2, in E[S]", other, 0.692641)]
    steps = 8640  # of ten seconds
    middle = (np.arange(steps) + 0.5) * 24 / steps
    rate = 6 + 4 * np.sin(2 * np.pi * middle / 24)
    load = offered_load(rate, lambda u: 0.75 * (1 - np.exp(-u / 0.75)), 24 / steps)
    lines += [
        ("sinusoid, load mean", float(load.mean()), 4.5),
        ("sinusoid, load most", float(load.max()), 7.443790),
        ("sinusoid, load least", float(load.min()), 1.556210),
    ]
    missed = 0
    for name, found, value in lines:
        good = abs(found - value) <= CLOSE
        missed += not good
        print(f"{name:22} {found:.9f}  table {value:.6f}  {'ok' if good else 'MISSED'}")
    return int(missed > 0)


def mean_h(text: str) -> float:
    """--mean in hours: `45`, `45min`, `0.75h`; a bare number of 5 or less is hours."""
    for unit, hours in (("min", 1 / 60), ("h", 1.0)):
        if text.endswith(unit):
            return number(text.removesuffix(unit), 1e-6, 10_000) * hours
    value = number(text, 1e-6, 10_000)
    if value > HOURS_UP_TO:
        return value / 60
    print(f"--mean {text} is read as hours; write {text}min for minutes", file=sys.stderr)
    return value


def main(words: Sequence[str] | None = None) -> int:
    """Answer one file; without one, the check tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group()
    for name in ("--pairs", "--arrivals", "--calls"):
        which.add_argument(name, type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, metavar="FILE")
    parser.add_argument("--target", default="0.2", help="share of calls that may wait")
    parser.add_argument("--mean", help="mean service: minutes, 45min or 0.75h")
    parser.add_argument("--cv", default="1", help="standard deviation of the service ÷ its mean")
    given = parser.parse_args(words)
    try:
        if given.pairs:
            head, rows = "c,a,erlang_b,erlang_c", of_pairs(given.pairs)
        elif given.calls:
            head, rows = "slot,load", of_calls(given.calls)
        elif given.arrivals:
            if given.mean is None:
                parser.error("--arrivals needs --mean, the mean service in minutes")
            service = Service.lognormal(mean_h(given.mean), number(given.cv, 0, 20))
            target = number(given.target, 1e-9, 1 - 1e-9)
            head, rows = "slot,units", of_arrivals(given.arrivals, service, target)
        else:
            return checks()
        text = "".join(f"{','.join(map(str, row))}\n" for row in [(head,), *rows])
        if given.out is None:
            print(text, end="")
        else:
            given.out.write_text(text, encoding="utf-8")
    except (BadFile, ValueError, OSError) as trouble:
        print(trouble, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
