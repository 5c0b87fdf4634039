"""The linear master: how often each group works each of its lines, and what every row pays.

What lines leave open in the rows is filled by slacks at their price.
"""

import math
import time

import numpy as np
from ortools.linear_solver import pywraplp

from scheduler.solve.lines.pool import Column, Pool
from scheduler.solve.lines.problem import FloatArray, IntArray

PRIMAL = "use_preprocessing: false use_dual_simplex: false"
"""After new columns the last solution is still one."""
DUAL = "use_preprocessing: false use_dual_simplex: true"
"""After moved bounds the last prices still hold."""


SAFE = "use_preprocessing: true use_dual_simplex: false"
"""From the beginning, where the others lost their numbers."""
UNFINISHED = {
    pywraplp.Solver.NOT_SOLVED, pywraplp.Solver.FEASIBLE, pywraplp.Solver.ABNORMAL,
}  # fmt: skip
LONGEST_S = 1e6


class OutOfTime(Exception):
    """The linear program was not solved within its time, or its numbers were lost."""


class Master:
    """The restricted linear program over some groups, growing by columns."""

    def __init__(self, pool: Pool, want: IntArray, sizes: IntArray, constant: float = 0.0,
                 rows: IntArray | None = None) -> None:  # fmt: skip
        """Rows with their prices, groups with their people.

        Args:
            pool: Where the columns come from.
            want: What is wanted in each row, shape (rows,); below 0 where there is too much.
            sizes: People of each group, shape (groups,).
            constant: Cost of what is settled besides.
            rows: The only ones that the groups with people can cover; None: all.
        """
        self.pool = pool
        slacks = pool.problem.rows.slacks
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.constant, self._dual = constant + pool.problem.rows.constant, False
        self.objective = self.solver.Objective()
        self.objective.SetMinimization()
        self.columns: list[Column] = []
        self.variables: list[pywraplp.Variable] = []
        self._at: dict[int, int] = {}
        self._fresh, self._until_s = False, math.inf
        self.here = np.arange(len(want)) if rows is None else rows
        self.count = len(want)
        self.rows = {
            number: self.solver.Constraint(float(want[number]), float(want[number]))
            for number in self.here.tolist()
        }
        inside = np.isin(slacks.row, self.here)
        parts: dict[int, pywraplp.Variable] = {}
        for of in np.unique(slacks.of[inside]).tolist():
            parts[of] = self.solver.NumVar(0.0, float(slacks.most[of]), "")
            self.objective.SetCoefficient(parts[of], float(slacks.price[of]))
        entries = (part[inside].tolist() for part in (slacks.row, slacks.of, slacks.times))
        for number, of, times in zip(*entries, strict=True):
            self.rows[number].SetCoefficient(parts[of], times)
        self.groups = [self.solver.Constraint(float(n), float(n)) for n in sizes]
        if pool.problem.hard:  # so that there is a solution, whatever others do
            for group in np.flatnonzero(sizes > 0).tolist():
                self.add(pool[pool.add(group, pool.problem.empty)])

    def add(self, column: Column) -> bool:
        """Add a column; whether it was new."""
        if column.number in self._at:
            return False
        self._at[column.number] = len(self.columns)
        part = self.solver.NumVar(0.0, self.solver.infinity(), "")
        self.objective.SetCoefficient(part, column.cost)
        for row, times in zip(column.rows.tolist(), column.times.tolist(), strict=True):
            self.rows[row].SetCoefficient(part, times)
        self.groups[column.group].SetCoefficient(part, 1.0)
        self.columns.append(column)
        self.variables.append(part)
        self._fresh = False
        return True

    def at_least(self, column: Column, count: float) -> None:
        """Work this column at least so often."""
        self._fresh, self._dual = False, True
        self.variables[self._at[column.number]].SetLb(count)

    def solve(self, time_s: float = math.inf) -> tuple[float, FloatArray, FloatArray]:
        """Value, duals of rows and duals of groups.

        Raises:
            OutOfTime: If the time does not do.
            RuntimeError: If there is no solution; every group must have a column.
        """
        self._until_s = time.monotonic() + time_s
        self.solver.set_time_limit(max(1, round(1000 * min(time_s, LONGEST_S))))
        methods = (DUAL, PRIMAL, SAFE) if self._dual else (PRIMAL, DUAL, SAFE)
        self._dual = False
        for method in methods:
            self.solver.SetSolverSpecificParametersAsString(method)
            status = self.solver.Solve()
            if status != pywraplp.Solver.ABNORMAL:
                break
        if status in UNFINISHED:
            raise OutOfTime
        if status != pywraplp.Solver.OPTIMAL:
            msg = f"the linear master ended with status {status}"
            raise RuntimeError(msg)
        rows = np.zeros(self.count)
        rows[self.here] = [row.dual_value() for row in self.rows.values()]
        groups = np.array([row.dual_value() for row in self.groups])
        self._fresh = True
        return self.constant + self.objective.Value(), rows, groups

    def shares(self) -> FloatArray:
        """How often each column is worked, shape (columns,)."""
        if not self._fresh:
            self.solve(self._until_s - time.monotonic())
        return np.array([part.solution_value() for part in self.variables])
