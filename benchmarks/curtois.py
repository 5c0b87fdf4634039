"""Solves a Curtois–Qu instance: `python benchmarks/curtois.py FILE --seconds 60 --workers 2`.

Writes the roster (columns staff, day, shift; a day off is no row) to `--out` and prints, as the
last line, one JSON {cost, bound, proven, seconds, first_seconds}. Ctrl-C writes the best so far.
Exit 0; 1 when somebody's least minutes were not reached, which stderr says; 2 when the file
cannot be read.
"""

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.curtois_file import Cover, Instance, Person, read
from benchmarks.run_lines import command
from scheduler.solve.lines.laws import Counter, Law, OffRun, Succession, WorkRun
from scheduler.solve.lines.problem import FREE, OFF, Group, LineProblem, Options, Rows

if TYPE_CHECKING:
    from scheduler.solve.lines.search import Lines

LACK_PRICE = 10_000.0
"""At least, of each unit of minutes below the least: bought only where no line is lawful."""


def problem_of(instance: Instance) -> LineProblem:
    """The instance for the engine: an option for each day and type, a row for each cover."""
    names = list(instance.shifts)
    kinds, days = len(names), instance.days
    rows: dict[tuple[int, int], list[Cover]] = {}
    for cover in instance.covers:
        rows.setdefault((cover.day, names.index(cover.shift)), []).append(cover)
    keys = sorted(rows)
    number = {key: n for n, key in enumerate(keys)}
    own = [(day, kind) for day in range(days) for kind in range(kinds)]
    covered = [[number[key]] if key in number else [] for key in own]
    options = Options(
        days,
        np.array([day for day, _ in own]), np.array([kind for _, kind in own]),
        np.array([instance.shifts[names[kind]].minutes for _, kind in own]),
        np.append(0, np.cumsum([len(part) for part in covered])),
        np.array([row for part in covered for row in part], dtype=np.int64),
    )  # fmt: skip
    want = Rows(
        np.array([rows[key][0].want for key in keys]),
        np.array([rows[key][0].short for key in keys], dtype=np.float64),
        np.array([rows[key][0].over for key in keys], dtype=np.float64),
    )
    tight = [
        n for n, name in enumerate(names)
        if any(binds(person, instance, name) for person in instance.people.values())
    ]  # fmt: skip
    laws: dict[Law, int] = {}
    groups = []
    for person in instance.people.values():
        law = law_of(instance, person, tight)
        groups.append(group_of(instance, person, laws.setdefault(law, len(laws)), tight))
    return LineProblem(options, want, tuple(laws), tuple(groups), lack_price(instance))


def lack_price(instance: Instance) -> float:
    """More than any lawful line in place of another may cost, whatever the prices are."""
    wishes = [weight for person in instance.people.values()
              for own in (person.on, person.off) for weight in own.values()]  # fmt: skip
    a_day = 2 * max(wishes, default=0) + max(one.short + one.over for one in instance.covers)
    return max(LACK_PRICE, 1.0 + instance.days * a_day)


def binds(person: Person, instance: Instance, name: str) -> bool:
    """Whether somebody could work more of a type than allowed, and may work it at all."""
    most = person.most_of.get(name, 0)
    possible = min(instance.days, person.most_min // instance.shifts[name].minutes)
    return 0 < most < possible


def law_of(instance: Instance, person: Person, tight: list[int]) -> Law:
    """Successions and runs; week-ends and types are counted."""
    names = list(instance.shifts)
    after = tuple(
        tuple(other not in shift.bars for other in names) for shift in instance.shifts.values()
    )
    weekends = tuple(day // 7 if day % 7 >= 5 else -1 for day in range(instance.days))
    every = (True,) * len(names)
    counters = [Counter(every, weekends)]
    counters += [Counter(tuple(n == kind for n in range(len(names)))) for kind in tight]
    least_run, most_run, least_off = (
        min(run, instance.days) for run in (person.least_run, person.most_run, person.least_off)
    )
    terms = (Succession(after), WorkRun(least_run, most_run), OffRun(least_off))
    return Law(terms, tuple(counters))


def group_of(instance: Instance, person: Person, law: int, tight: list[int]) -> Group:
    """What one person may and would like to work."""
    names = list(instance.shifts)
    kinds = len(names)
    allowed = np.ones((instance.days, kinds), dtype=bool)
    cost = np.zeros((instance.days, kinds))
    allowed[sorted(person.days_off)] = False
    for kind, name in enumerate(names):
        allowed[:, kind] &= person.most_of.get(name, 0) > 0
    for (day, name), weight in person.on.items():
        cost[day, names.index(name)] -= weight
    for (day, name), weight in person.off.items():
        cost[day, names.index(name)] += weight
    weekends = person.most_weekends if 2 * person.most_weekends < instance.days else FREE
    most = [weekends]
    most += [
        person.most_of.get(names[kind], 0) if binds(person, instance, names[kind]) else FREE
        for kind in tight
    ]
    return Group(
        law, allowed.ravel(), cost.ravel(), person.least_min, person.most_min, tuple(most),
        float(sum(person.on.values())),
    )  # fmt: skip


def write(path: Path, instance: Instance, found: "Lines") -> None:
    """The roster as the file names people, days and shifts."""
    names = list(instance.shifts)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("staff", "day", "shift"))
        for person, own in zip(instance.people, found.lines, strict=True):
            for day, option in enumerate(own[0][0]):
                if option != OFF:
                    out.writerow((person, day, names[option % len(names)]))


def lacking(instance: Instance, found: "Lines") -> list[str]:
    """Who works less than the least minutes, a sentence each."""
    minutes = [shift.minutes for shift in instance.shifts.values()]
    said = []
    for person, own in zip(instance.people.values(), found.lines, strict=True):
        worked = sum(minutes[option % len(minutes)] for option in own[0][0] if option != OFF)
        if worked < person.least_min:
            said.append(
                f"{person.name} works {worked} minutes of at least {person.least_min}: "
                "no lawful line was found; mend the person's limits or give more --seconds"
            )
    return said


if __name__ == "__main__":
    sys.exit(command(__doc__, read, problem_of, write, lacking))
