"""The integer master: CP-SAT chooses among whole lines, so many people for each."""

import math
from collections.abc import Sequence

from ortools.sat.python import cp_model

from scheduler.solve.budget import Budget
from scheduler.solve.cp import WORKERS, solved
from scheduler.solve.lines.pool import Column, Taken

FINE = 4096
"""Costs times this are taken for whole numbers, where they are not."""


class Choice:
    """Which of some columns are worked, beside lines that are fixed."""

    def __init__(self, fixed: Taken, columns: Sequence[Column]) -> None:
        """Add rows and groups.

        Args:
            fixed: Lines that stay; people without one choose.
            columns: Of the groups with people to choose.
        """
        self.fixed, self.columns = fixed, list(columns)
        problem = fixed.problem
        self.scale = 1 if problem.whole else FINE
        self.cp = cp_model.CpModel()
        self.taken = [
            self.cp.new_int_var(0, int(fixed.open[column.group]), "") for column in self.columns
        ]
        by_group: dict[int, list[cp_model.IntVar]] = {}
        by_row: dict[int, list[tuple[cp_model.IntVar, int]]] = {}
        terms: list[tuple[cp_model.IntVar, float]] = []
        for column, taken in zip(self.columns, self.taken, strict=True):
            by_group.setdefault(column.group, []).append(taken)
            terms.append((taken, column.cost))
            for row, times in zip(column.rows.tolist(), column.times.tolist(), strict=True):
                by_row.setdefault(row, []).append((taken, times))
        for group, own in by_group.items():
            self.cp.add(cp_model.LinearExpr.sum(own) == int(fixed.open[group]))
        constant = fixed.cost
        for row, covering in by_row.items():
            terms += self._row(row, covering)
            lack = int(problem.rows.want[row] - fixed.covered[row])
            constant -= max(lack, 0) * problem.rows.short[row]
            constant -= max(-lack, 0) * problem.rows.over[row]
        self.constant = constant
        variables = [variable for variable, _ in terms]
        self.cp.minimize(
            cp_model.LinearExpr.weighted_sum(variables, [round(c * self.scale) for _, c in terms])
        )

    def _row(
        self, row: int, covering: list[tuple[cp_model.IntVar, int]]
    ) -> list[tuple[cp_model.IntVar, float]]:
        """What is short and over in a row."""
        rows = self.fixed.problem.rows
        lack = int(rows.want[row] - self.fixed.covered[row])
        short = self.cp.new_int_var(0, max(lack, 0), "")
        most = sum(times * int(self.fixed.open.sum()) for _, times in covering[:1]) + max(-lack, 0)
        over = self.cp.new_int_var(0, max(most, 0) + 1000, "")
        units = cp_model.LinearExpr.weighted_sum([v for v, _ in covering], [n for _, n in covering])
        self.cp.add(units + short - over == lack)
        return [(short, float(rows.short[row])), (over, float(rows.over[row]))]

    def hint(self, start: Taken) -> None:
        """Begin from this roster."""
        times = {column.number: count for column, count in start.items()}
        for column, taken in zip(self.columns, self.taken, strict=True):
            self.cp.add_hint(taken, times.get(column.number, 0))

    def solve(self, budget: Budget, seed: int, workers: int = WORKERS, below: float = math.inf
              ) -> tuple[Taken | None, bool]:  # fmt: skip
        """A roster that costs less than `below`, and whether that answer is final."""
        if below < math.inf:
            objective = self.cp.proto.objective
            most = math.ceil((below - self.constant) * self.scale - 0.5) - 1
            expression = cp_model.LinearExpr.weighted_sum(
                [self.cp.get_int_var_from_proto_index(n) for n in objective.vars],
                list(objective.coeffs),
            )
            self.cp.add(expression <= most)
        solver, status = solved(self.cp, budget, seed, workers)
        final = status in {cp_model.OPTIMAL, cp_model.INFEASIBLE}
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return None, final
        made = self.fixed.copy()
        for column, taken in zip(self.columns, self.taken, strict=True):
            count = solver.value(taken)
            if count:
                made.take(column, count)
        return made, final
