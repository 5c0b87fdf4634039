"""Fewest people who cover a demand fully: classic checks, and the hours of Barcelona's crashes.

    python benchmarks/cover.py [FOLDER] [--seconds 20] [--seed 1]

Cyclic day (optimum 55), Burtonville (900), and the hour-of-week curve of the crashes of 2018–19,
scaled to 7,760 officer-hours, covered by people who work five days of 8 h with 11 h of rest, at
any hour of each day (bar: 231; three fixed shifts need 267.3 by their linear program). With
lengths of 6 to 10 h and 40 h a week: reported. The week goes round: Sunday's late duties end on
Monday. Each is solved by the roster-line engine; beside it stand the linear bound of plain covers
(no rest, no days) and, for the checks, HiGHS on the same. Exit 1 where a bar is missed.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import LinearConstraint, milp

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.barcelona import CALENDAR, FOLDER, crashes
from scheduler.solve.lines.laws import Law, Succession
from scheduler.solve.lines.problem import FloatArray, Group, LineProblem, Options, Rows
from scheduler.solve.lines.search import Lines, Search

CYCLIC = (6, 6, 6, 6, 6, 8, 9, 12, 18, 22, 25, 21, 21, 20, 18, 21, 21, 24, 24, 18, 18, 18, 12, 8)
BURTONVILLE = (100, 250, 400, 500, 200, 150)
OFFICER_HOURS, BAR = 7_760, 231
WEEK_DAYS, DAY_H, REST_H, WORK_H = 7, 24, 11, 40
FIXED = (7, 15, 23)
MISSING = 2.0
"""Price of an hour without cover: whoever covers a single one is worth it."""


@dataclass(frozen=True)
class Duties:
    """What a person may work. lengths: in slots. starts: slots of the day at which duties begin.

    slots: of a day. slot_h: hours of each. rest: slots between two duties. worked: slots of all.
    """

    days: int
    slots: int
    lengths: tuple[int, ...]
    starts: tuple[int, ...]
    rest: int
    worked: int
    slot_h: int = 1

    @property
    def kinds(self) -> list[tuple[int, int]]:
        """Start and length of each kind of duty."""
        return [(start, length) for start in self.starts for length in self.lengths]

    def rows(self, day: int, start: int, length: int) -> list[int]:
        """Slots of the horizon that a duty covers; the horizon goes round."""
        first = day * self.slots + start
        return [(first + n) % (self.days * self.slots) for n in range(length)]


def problem_of(demand: Sequence[int], duties: Duties, people: int) -> LineProblem:
    """Everybody costs 1 if they work at all, and then as much as is to be worked."""
    kinds, count = duties.kinds, len(duties.kinds)
    rows = [duties.rows(day, *kind) for day in range(duties.days) for kind in kinds]
    options = Options(
        duties.days, np.repeat(np.arange(duties.days), count),
        np.tile(np.arange(count), duties.days),
        np.tile([length * duties.slot_h * 60 for _, length in kinds], duties.days),
        np.append(0, np.cumsum([len(part) for part in rows])),
        np.array([row for part in rows for row in part]),
    )  # fmt: skip
    follows = tuple(
        tuple(then + duties.slots - start - length >= duties.rest for then, _ in kinds)
        for start, length in kinds
    )
    unit = int(np.gcd.reduce(options.minutes))
    most_min = duties.worked * duties.slot_h * 60
    group = Group(
        0, np.ones(options.count, dtype=bool), np.zeros(options.count), 0, most_min, (),
        count=people, ending=np.append(0.0, np.ones(most_min // unit)),
    )  # fmt: skip
    want = np.array(demand, dtype=np.int64)
    wanted = Rows(want, np.full(len(want), MISSING), np.zeros(len(want)))
    return LineProblem(options, wanted, (Law((Succession(follows),)),), (group,), 0.0)


def least_covers(demand: Sequence[float], duties: Duties, *, whole: bool) -> float:
    """Fewest duties × days that cover a demand, without rest and days, by HiGHS; or its bound."""
    columns = [(day, *kind) for day in range(duties.days) for kind in duties.kinds]
    matrix = np.zeros((len(demand), len(columns)))
    for n, column in enumerate(columns):
        matrix[duties.rows(*column), n] = 1.0
    price = np.array([length for _, _, length in columns]) / duties.worked
    found = milp(
        price, constraints=LinearConstraint(matrix, lb=np.array(demand)),
        integrality=np.full(len(columns), int(whole)),
    )  # fmt: skip
    assert found.fun is not None  # noqa: S101 - a cover of duties always exists
    return float(found.fun)


def curve(folder: Path) -> FloatArray:
    """Officers wanted in each hour of the week, not yet whole, shape (168,)."""
    rows = crashes(folder)
    local = pd.DatetimeIndex(CALENDAR.local_ms(rows["at_ms"].to_numpy()).astype("datetime64[ms]"))
    local = local[(local.year >= 2018) & (local.year <= 2019)]
    hours = np.bincount(local.day_of_week * DAY_H + local.hour, minlength=WEEK_DAYS * DAY_H)
    wanted: FloatArray = hours * (OFFICER_HOURS / hours.sum())
    return wanted


def solved(name: str, demand: Sequence[int], duties: Duties, options: argparse.Namespace
           ) -> Lines:  # fmt: skip
    """Print what the engine finds, beside the bound of plain covers."""
    hours = sum(demand) * duties.slot_h
    people = 2 * -(-sum(demand) // duties.worked) + max(demand)
    began_s = time.perf_counter()
    found = Search(problem_of(demand, duties, people), seed=options.seed).run(options.seconds)
    spent_s = time.perf_counter() - began_s
    proven = "proven" if found.proven else f"bound {found.bound:.1f}"
    print(
        f"{name}: {found.cost:.0f} people ({proven}), {hours} h wanted, {spent_s:.1f} s; "
        f"bound of plain covers {least_covers(demand, duties, whole=False):.1f}",
        flush=True,
    )
    return found


def main() -> int:
    """Run and print; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    day = Duties(1, DAY_H, (8,), tuple(range(DAY_H)), 0, 8)
    block = Duties(1, 6, (2,), tuple(range(6)), 0, 2, slot_h=4)
    missed = []
    for name, demand, duties, best in (
        ("cyclic day", CYCLIC, day, 55), ("Burtonville", BURTONVILLE, block, 900),
    ):  # fmt: skip
        found = solved(name, demand, duties, options)
        print(f"  HiGHS: {least_covers(demand, duties, whole=True):.0f}")
        missed += [name] * (found.cost != best)
    if not options.folder.is_dir():
        print(f"SKIPPED: no history in {options.folder}; give its folder as argument")
        return int(bool(missed))
    wanted, any_hour = curve(options.folder), tuple(range(DAY_H))
    fixed, free = (
        least_covers(
            wanted.tolist(), Duties(WEEK_DAYS, DAY_H, (8,), starts, 0, WORK_H), whole=False
        )
        for starts in (FIXED, any_hour)
    )  # fmt: skip
    print(f"linear bounds: three fixed shifts {fixed:.1f}, any hour {free:.1f}")
    week = np.ceil(wanted - 1e-9).astype(int).tolist()
    eight = Duties(WEEK_DAYS, DAY_H, (8,), any_hour, REST_H, WORK_H)
    found = solved("staggered, 8 h", week, eight, options)
    missed += ["staggered"] * (found.cost > BAR)
    varied = Duties(WEEK_DAYS, DAY_H, (6, 7, 8, 9, 10), any_hour, REST_H, WORK_H)
    solved("staggered, 6-10 h", week, varied, options)
    print(f"bars: {', '.join(missed) + ' MISSED' if missed else 'all met'}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
