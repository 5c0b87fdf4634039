"""How soon and how well the week of the sample district is rostered, with a certificate.

`python benchmarks/roster.py [--runs 3] [--time 60] [--plain 60] [--seed 7]` makes the sample
district, states its next week, and solves it: seconds to the first lawful roster, cost, bound and
certified gap at the end; medians over the runs, each with a seed of its own. The yardstick is the
plain Boolean model (CP-SAT, the same rules) on one squadron with starts every two hours, where it
can still be built; our engine gets the same week and time, and the ratio of costs is printed. The
last line is JSON. Exit 1 when the first roster takes longer than the bar of 5 s.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from config.calendar import week_of_day
from config.district import load
from config.sample.write import write_sample
from scheduler.problem import Layer, Problem
from scheduler.recorded import Recorded
from scheduler.rules import check
from scheduler.solve import Solved, solve
from scheduler.solve.boolean import Plain
from scheduler.week import analysed, problem_to_solve

TODAY = date(2026, 11, 27)
BAR_S = 5.0
COARSE_MIN = 120


@dataclass(frozen=True, slots=True)
class Run:
    """One run of our engine."""

    first_s: float
    cost: float
    bound: float

    @property
    def gap(self) -> float:
        """Share of the cost that is not proven necessary."""
        return (self.cost - self.bound) / self.cost if self.cost else 0.0


def sample(seed: int) -> Problem:
    """The next week of the sample district."""
    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder) / "district", seed, TODAY, [])
        district = load(Path(folder) / "district")
        week = week_of_day(TODAY + timedelta(days=7))
        return problem_to_solve(district, analysed(district, week, seed, Recorded()), None)


def ours(problem: Problem, time_s: float, seed: int) -> Run:
    """Solve once; stops the program if a law is broken."""
    began_s, first_s = time.perf_counter(), 0.0

    def better(found: Solved) -> None:
        nonlocal first_s
        first_s = first_s or time.perf_counter() - began_s
        if check(problem, found.roster):
            sys.exit("a roster breaks a law")

    solved = solve(problem, time_s=time_s, seed=seed, better=better)
    return Run(first_s, solved.cost, solved.bound)


def alone(problem: Problem, row: int) -> Problem:
    """One squadron's week, with starts every two hours."""
    squadron = problem.squadrons[row]
    return replace(
        problem, squadrons=(squadron,),
        teams={team: of for team, of in problem.teams.items() if of == squadron},
        crews=tuple(
            {team.id: team for team in day.values() if team.squadron == squadron}
            for day in problem.crews
        ),
        starts=tuple(tuple(at for at in day if at % COARSE_MIN == 0) for day in problem.starts),
        layers=tuple(Layer(one.units[row : row + 1], one.cost) for one in problem.layers),
        carried=problem.carried[row : row + 1],
        tasks=tuple(task for task in problem.tasks if task.squadron == squadron),
    )  # fmt: skip


def main() -> int:
    """Run and print; 1 below the bar."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--time", type=float, default=60)
    parser.add_argument("--plain", type=float, default=60, help="seconds; 0: no yardstick")
    parser.add_argument("--seed", type=int, default=7)
    told = parser.parse_args()
    problem = sample(told.seed)
    runs = [ours(problem, told.time, told.seed + n) for n in range(told.runs)]
    first_s = statistics.median(run.first_s for run in runs)
    gap = statistics.median(run.gap for run in runs)
    facts: dict[str, float | None] = {
        "first_s": first_s,
        "cost": statistics.median(run.cost for run in runs),
        "bound": statistics.median(run.bound for run in runs),
        "gap": gap,
    }
    print(f"{len(problem.teams)} teams, {len(problem.tasks)} fixed duties, {told.runs} runs")
    print(f"first lawful roster after {first_s:.1f} s, bar {BAR_S:.0f} s")
    print(
        f"after {told.time:.0f} s: cost {facts['cost']:.1f}, bound {facts['bound']:.1f}, "
        f"certified gap {100 * gap:.1f} %"
    )
    if told.plain:
        week = alone(problem, len(problem.squadrons) - 1)
        own = statistics.median(
            ours(week, told.plain, told.seed + n).cost for n in range(told.runs)
        )
        began_s = time.perf_counter()
        plain = Plain(week)
        built_s = time.perf_counter() - began_s
        found = plain.best(told.plain, told.seed)
        ratio = own / found.cost if found.lines and found.cost else None
        facts |= {"squadron_cost": own, "plain_cost": found.cost if found.lines else None}
        facts["ratio"] = ratio
        print(
            f"one squadron, {len(week.teams)} teams, {told.plain:.0f} s: ours {own:.1f}, plain "
            f"Booleans {found.cost:.1f} (bound {found.bound:.1f}, built in {built_s:.0f} s); "
            f"ratio {'none' if ratio is None else f'{ratio:.3f}'}"
        )
    print(json.dumps(facts))
    return 0 if first_s <= BAR_S else 1


if __name__ == "__main__":
    sys.exit(main())
