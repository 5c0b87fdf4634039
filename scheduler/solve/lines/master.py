"""The linear master: how often each group works each of its lines, and what every row pays.

What lines leave open in the rows is filled by slacks at their price. A row that goes on from
another (the next half hour) is stated as the difference of both: a duty of eight hours is then two
numbers in its column and not sixteen, and the linear program is solved twice as fast.
"""

import math
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from ortools.linear_solver.pywraplp import Solver, Variable

from scheduler.solve.lines.pool import Column, Pool
from scheduler.solve.lines.problem import FloatArray, IntArray

PRIMAL = "use_preprocessing: false use_dual_simplex: false"
"""After new columns the last solution is still one."""
DUAL = "use_preprocessing: false use_dual_simplex: true"
"""After moved bounds the last prices still hold."""


SAFE = "use_preprocessing: true use_dual_simplex: false"
"""From the beginning, where the others lost their numbers."""
UNFINISHED = {
    Solver.NOT_SOLVED, Solver.FEASIBLE, Solver.ABNORMAL,
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
        self.solver = Solver.CreateSolver("GLOP")
        self.constant, self._dual = constant + pool.problem.rows.constant, False
        self.objective = self.solver.Objective()
        self.objective.SetMinimization()
        self.columns: list[Column] = []
        self.variables: list[Variable] = []
        self._at: dict[int, int] = {}
        self._fresh, self._until_s = False, math.inf
        self.here = np.arange(len(want)) if rows is None else rows
        self.count = len(want)
        self._next = _next(pool.problem.rows.after, self.here, self.count)
        self.rows = {number: self.solver.Constraint(0.0, 0.0) for number in self.here.tolist()}
        for row, more in self._changes(self.here, want[self.here]):
            self.rows[row].SetBounds(more, more)
        inside = np.isin(slacks.row, self.here)
        for of in np.unique(slacks.of[inside]).tolist():
            part = self.solver.NumVar(0.0, float(slacks.most[of]), "")
            self.objective.SetCoefficient(part, float(slacks.price[of]))
            own = inside & (slacks.of == of)
            self._fill(part, slacks.row[own], slacks.times[own])
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
        self._fill(part, column.rows, column.times)
        self.groups[column.group].SetCoefficient(part, 1.0)
        self.columns.append(column)
        self.variables.append(part)
        self._fresh = False
        return True

    def _fill(self, part: Variable, rows: IntArray, times: npt.NDArray[Any]) -> None:
        """What a variable adds to rows."""
        for row, more in self._changes(rows, times):
            self.rows[row].SetCoefficient(part, more)

    def _changes(self, rows: IntArray, values: npt.NDArray[Any]) -> Iterator[tuple[int, float]]:
        """Rows with what each has more than the row that it goes on from, where that is not 0."""
        after = self._next[rows]
        goes_on = after >= 0
        both, where = np.unique(np.append(rows, after[goes_on]), return_inverse=True)
        more = np.bincount(where, np.append(values, -values[goes_on]), minlength=len(both))
        return zip(both[more != 0].tolist(), more[more != 0].tolist(), strict=True)

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
            if status != Solver.ABNORMAL:
                break
        if status in UNFINISHED:
            raise OutOfTime
        if status != Solver.OPTIMAL:
            msg = f"the linear master ended with status {status}"
            raise RuntimeError(msg)
        rows = np.zeros(self.count + 1)  # the last: after a row from which none goes on
        rows[self.here] = [row.dual_value() for row in self.rows.values()]
        rows = rows[:-1] - rows[self._next]
        groups = np.array([row.dual_value() for row in self.groups])
        self._fresh = True
        return self.constant + self.objective.Value(), rows, groups

    def shares(self) -> FloatArray:
        """How often each column is worked, shape (columns,)."""
        if not self._fresh:
            self.solve(self._until_s - time.monotonic())
        return np.array([part.solution_value() for part in self.variables])


def _next(after: IntArray | None, here: IntArray, count: int) -> IntArray:
    """The row that goes on from each row, -1 for none or none of those that are here."""
    found = np.full(count, -1, dtype=np.int64)
    if after is not None:
        there = np.zeros(count, dtype=bool)
        there[here] = True
        on = here[(after[here] >= 0) & there[after[here]]]
        found[after[on]] = on
    return found
