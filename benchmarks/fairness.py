"""How evenly burdens go round over eight weeks in a row, with what is owed looked at and without.

`python benchmarks/fairness.py [--weeks 8] [--time 8 | --rounds N] [--seed 7]` plans the coming
weeks of the sample district one after the other, keeps each as files as publication does, so that
the next week reads it, and does so twice: with the district's `fairness` and with all its prices
0. What a week needs is the same in both. Printed are, of the weeks planned, the most that anybody
bore above their share of nights, of duties on week-ends and on holidays, and of all three
together, which is the debt. The last line is JSON with the ratio of the two debts; exit 1 above
the bar of 0.6. Wishes weigh so little beside cover that the ratio says something only where the
search comes near to its bound: eight seconds of a busy core are too few.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from config.calendar import week_of_day
from config.district import District, load
from config.sample.write import write_sample
from config.settings import Fairness
from scheduler.advice.burdens import Span, burdens
from scheduler.export import Printer, write_roster
from scheduler.foresight.analysis import Analysis
from scheduler.readback import kept_folder
from scheduler.recorded import Recorded
from scheduler.rules import check, cost_by_tier
from scheduler.shares import Burden, Kind
from scheduler.solve import solve
from scheduler.week import analysed, problem_to_solve

TODAY = date(2026, 11, 27)
BAR = 0.6
OFF = Fairness(night=0, weekend=0, holiday=0, overtime=0)
COUNTED: tuple[Kind, ...] = ("nights", "weekends", "holidays")


def needs(weeks: Sequence[date], seed: int) -> Iterator[Analysis]:
    """What each week needs."""
    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder) / "district", seed, TODAY, [])
        district = load(Path(folder) / "district")
        for monday in weeks:
            yield analysed(district, week_of_day(monday), seed, Recorded())


def planned(
    folder: Path, needed: Sequence[Analysis], told: argparse.Namespace, fairness: Fairness | None
) -> District:
    """The district with all weeks planned and kept; stops the program if a law is broken."""
    write_sample(folder, told.seed, TODAY, [])
    for analysis in needed:
        district = load(folder)
        settings = district.settings.model_copy(update={"fairness": fairness or Fairness()})
        district = replace(district, settings=settings)
        began_s = time.monotonic()
        problem = problem_to_solve(district, analysis, None)
        solved = solve(problem, time_s=told.time, seed=told.seed, rounds=told.rounds)
        if check(problem, solved.roster):
            sys.exit(f"{analysis.week}: a roster breaks a law")
        out = kept_folder(district, analysis.week)
        write_roster(out, Printer(district, analysis.week), solved.roster, 1)
        costs = {tier.name.lower(): n for tier, n in cost_by_tier(problem, solved.roster).items()}
        print(f"{analysis.week}: {costs}, {time.monotonic() - began_s:.0f} s", flush=True)
    return load(folder)


def worst(found: Sequence[Burden]) -> dict[str, float]:
    """The most that anybody bore above their share, of each kind and of all together."""
    most: dict[str, float] = {kind: max(one.over(kind) for one in found) for kind in COUNTED}
    most["debt"] = max(sum(one.over(kind) for kind in COUNTED) for one in found)
    return {kind: round(value, 3) for kind, value in most.items()}


def main() -> int:
    """Both, and their ratio; 1 above the bar."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--time", type=float, default=8, help="seconds for each week")
    parser.add_argument("--rounds", type=int, help="in place of seconds: repeats exactly")
    parser.add_argument("--seed", type=int, default=7)
    told = parser.parse_args()
    first = TODAY + timedelta(days=7 - TODAY.weekday())
    mondays = [first + timedelta(weeks=n) for n in range(told.weeks)]
    needed = list(needs(mondays, told.seed))
    facts: dict[str, dict[str, float]] = {}
    for name, fairness in (("off", OFF), ("on", None)):
        with tempfile.TemporaryDirectory() as folder:
            district = planned(Path(folder) / "district", needed, told, fairness)
            facts[name] = worst(burdens(district, Span(first))[1])
        print(f"fairness {name}: most above the share {facts[name]}", flush=True)
    ratio = facts["on"]["debt"] / facts["off"]["debt"] if facts["off"]["debt"] else 0.0
    print(json.dumps({**facts, "ratio": round(ratio, 3), "bar": BAR}))
    return 0 if ratio <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
