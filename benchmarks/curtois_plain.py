"""The yardstick: a Curtois–Qu instance as a plain linear model, by CP-SAT or HiGHS.

`python benchmarks/curtois_plain.py FILE --seconds 60 [--solver sat|highs] [--workers 8]`: one
Boolean for each person, day and type, all laws as rows, nothing clever. Prints, as its last line,
one JSON {cost, bound, seconds}; cost is null where nothing lawful was found.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ortools.linear_solver.python import model_builder as builder

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.curtois_file import Instance, Person, read
from benchmarks.run_lines import BadFile

FOUND = (builder.SolveStatus.OPTIMAL, builder.SolveStatus.FEASIBLE)


def total(parts: Iterable[Any]) -> builder.LinearExpr:
    """The sum, as an expression even of nothing."""
    found: builder.LinearExpr = builder.LinearExpr.sum(list(parts))
    return found


@dataclass
class Plain:
    """The model of an instance."""

    instance: Instance
    model: builder.Model

    @staticmethod
    def of(instance: Instance) -> "Plain":
        """All people, then what is covered."""
        made = Plain(instance, builder.Model())  # type: ignore[no-untyped-call]
        lines = {name: made.line(person) for name, person in instance.people.items()}
        costs: list[builder.LinearExpr] = []
        for name, person in instance.people.items():
            costs += [weight - weight * lines[name][day][shift]
                      for (day, shift), weight in person.on.items()]  # fmt: skip
            costs += [weight * lines[name][day][shift]
                      for (day, shift), weight in person.off.items()]  # fmt: skip
        for cover in instance.covers:
            short, over = (made.model.new_int_var(0, len(lines), "") for _ in range(2))
            there = total(line[cover.day][cover.shift] for line in lines.values())
            made.model.add(there + short - over == cover.want)
            costs += [cover.short * short, cover.over * over]
        made.model.minimize(total(costs))
        return made

    def line(self, person: Person) -> list[dict[str, builder.Variable]]:
        """A Boolean for each day and type, and the laws of them."""
        model, shifts = self.model, self.instance.shifts
        days = [{name: model.new_bool_var("") for name in shifts}
                for _ in range(self.instance.days)]  # fmt: skip
        on = [total(day.values()) for day in days]
        for number, day in enumerate(days):
            model.add(on[number] <= int(number not in person.days_off))
            for name, shift in shifts.items():
                if shift.bars and number + 1 < len(days):
                    later = days[number + 1]
                    for bar in shift.bars:
                        model.add(day[name] + later[bar] <= 1)
        for name, most in person.most_of.items():
            model.add(total(day[name] for day in days) <= most)
        minutes = total(shifts[name].minutes * one for day in days for name, one in day.items())
        model.add(minutes <= person.most_min)
        model.add(minutes >= person.least_min)
        self.runs(person, on)
        return days

    def runs(self, person: Person, on: Sequence[builder.LinearExpr]) -> None:
        """Most and least days in a row, and week-ends."""
        model, days = self.model, len(on)
        for first in range(days - person.most_run):
            model.add(total(on[first : first + person.most_run + 1]) <= person.most_run)
        for length in range(1, person.least_run):
            for first in range(1, days - length):
                inner = total(on[first : first + length])
                model.add(inner - on[first - 1] - on[first + length] <= length - 1)
        for length in range(1, person.least_off):
            for first in range(1, days - length):
                inner = total(on[first : first + length])
                model.add(on[first - 1] + on[first + length] - inner <= 1)
        busy = []
        for saturday in range(5, days, 7):
            busy.append(model.new_bool_var(""))
            for day in on[saturday : saturday + 2]:
                model.add(day <= busy[-1])
        model.add(total(busy) <= person.most_weekends)

    def solved(self, solver_name: str, seconds: float, workers: int) -> dict[str, float | None]:
        """Cost and bound."""
        solver = builder.Solver(solver_name)
        solver.set_time_limit_in_seconds(seconds)
        if solver_name == "sat":
            solver.set_solver_specific_parameters(f"num_workers:{workers}")
        status = solver.solve(self.model)
        cost = round(solver.objective_value) if status in FOUND else None
        return {"cost": cost, "bound": round(solver.best_objective_bound, 2)}


def main() -> int:
    """Solve and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--solver", choices=("sat", "highs"), default="sat")
    asked = parser.parse_args()
    if asked.file is None:
        print("SKIPPED: no instance; give its file as argument")
        return 0
    began_s = time.perf_counter()
    try:
        plain = Plain.of(read(asked.file))
    except BadFile as trouble:
        print(trouble, file=sys.stderr)
        return 2
    left_s = asked.seconds - (time.perf_counter() - began_s)
    found = plain.solved(asked.solver, max(1.0, left_s), asked.workers)
    print(json.dumps(found | {"seconds": round(time.perf_counter() - began_s, 2)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
