"""How soon three sick calls are put right, and how soon that is proven to be the least change.

`python benchmarks/repair.py [--file Instance11.txt] [--seconds 10] [--time 20] [--seeds 5]`: the
week of the sample district as planned in `--time` seconds; with `--file` a Curtois–Qu instance
too, as solved in `--seconds`, three people away for three days of its second week. Each seed draws
others. For each: seconds to the first lawful roster, then to the least change, whether proven; the
medians. The last line is JSON. Exit 1 when a law is broken, or the medians of the instance miss
0.5 s and 3 s.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from threading import Event

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.curtois_mend import Month, solved
from config.calendar import week_of_day
from config.district import District, load
from config.sample.write import write_sample
from scheduler.absence import problem_to_mend
from scheduler.readback import RosterFile
from scheduler.reasons import completed
from scheduler.recorded import Recorded
from scheduler.repair import first, mender_of, repair
from scheduler.rules import check
from scheduler.solve.mend_offers import Stays
from scheduler.solving import solver
from scheduler.week import plan_week

TODAY = date(2026, 11, 27)
SICK = 3
FIRST_S, PROVEN_S = 0.5, 3.0
LONGEST_S = 30.0


@dataclass(frozen=True, slots=True)
class Run:
    """One repair."""

    first_s: float
    all_s: float
    weight: int
    proven: bool
    undone: int


def sample(folder: Path, time_s: int) -> tuple[District, RosterFile]:
    """The next week of the sample district, planned."""
    write_sample(folder / "district", 7, TODAY, [])
    district = load(folder / "district")
    week = week_of_day(TODAY + timedelta(days=7))
    planned = plan_week(
        district, week, solve=solver(time_s, 7, None, Event(), lambda *_: None), seed=7
    )
    return district, RosterFile(week, planned.roster, planned.points)


def week_runs(district: District, file: RosterFile, seeds: int) -> Iterator[Run]:
    """Three officers of any squadrons, each sick for one day with a duty."""
    for seed in range(1, seeds + 1):
        ill = Random(seed).sample(list(file.roster.duties), SICK)  # noqa: S311 - repeatable
        gone = {str(duty.officer): frozenset({duty.date.isoformat()}) for duty in ill}
        problem = problem_to_mend(Recorded(gone).onto(district), file)
        was = completed(problem, file.roster)
        names = {duty.id for duty in ill}
        holes = [duty for duty in was.duties if duty.id in names]
        roster = was.replaced(names)
        stays = Stays(spared=frozenset(duty.officer for duty in ill))
        began_s = time.perf_counter()
        for squadron in {hole.squadron for hole in holes}:
            own = [hole for hole in holes if hole.squadron == squadron]
            mender, laws = mender_of(problem, roster, own, squadron, stays)
            first(laws, mender)
        first_s = time.perf_counter() - began_s
        began_s = time.perf_counter()
        found = repair(problem, roster, holes, stays, LONGEST_S, was=was)
        all_s = time.perf_counter() - began_s
        if found is None:
            sys.exit("no roster")
        if Counter(check(problem, found.roster)) - Counter(check(problem, roster)):
            sys.exit("a roster breaks a law")
        yield Run(first_s, all_s, found.weight, found.proven, len(found.undone))


def month_runs(path: Path, seconds: float, seeds: int) -> Iterator[Run]:
    """Three people of an instance, away for three days."""
    instance, roster = solved(path, seconds)
    for seed in range(1, seeds + 1):
        began_s = time.perf_counter()
        month = Month.of(instance, roster, Random(seed), SICK)  # noqa: S311 - repeatable
        mender = month.mender()
        quick = month.first(mender)
        first_s = time.perf_counter() - began_s
        found = mender.best(quick, LONGEST_S)
        all_s = time.perf_counter() - began_s
        if found is None or month.broken(found.picks) or month.broken(quick):
            sys.exit("a roster breaks a law")
        yield Run(first_s, all_s, found.weight, found.proven, len(found.undone))


def told(name: str, runs: Sequence[Run]) -> dict[str, object]:
    """Print the runs; their medians."""
    for run in runs:
        print(
            f"{name}: first {run.first_s:.2f} s, least {run.all_s:.2f} s, {run.weight} points, "
            f"{'proven' if run.proven else 'not proven'}, {run.undone} undone"
        )
    return {
        "first_seconds": round(statistics.median(run.first_s for run in runs), 3),
        "seconds": round(statistics.median(run.all_s for run in runs), 3),
        "proven": sum(run.proven for run in runs), "of": len(runs),
    }  # fmt: skip


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--file", type=Path, help="a Curtois–Qu instance")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--time", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    result: dict[str, dict[str, object]] = {}
    if asked.file is not None:
        result["instance"] = told("instance", list(month_runs(asked.file, asked.seconds,
                                                               asked.seeds)))  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        district, file = sample(Path(folder), asked.time)
        result["sample"] = told("sample", list(week_runs(district, file, asked.seeds)))
    print(json.dumps(result))
    if asked.file is None:
        return 0
    month = result["instance"]
    soon = float(str(month["first_seconds"])) <= FIRST_S
    proven = float(str(month["seconds"])) <= PROVEN_S and month["proven"] == month["of"]
    return 0 if soon and proven else 1


if __name__ == "__main__":
    sys.exit(main())
