"""The integer master: CP-SAT chooses among whole lines, so many people for each."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from scheduler.solve.budget import Budget
from scheduler.solve.cp import WORKERS, solved
from scheduler.solve.lines.pool import Column, Pool, Taken
from scheduler.solve.lines.problem import FloatArray


def promising(pool: Pool, groups: Iterable[int], prices: FloatArray, most: int) -> list[Column]:
    """The known lines of some groups that cost least more than the best of their group."""
    known = [column for group in groups for column in pool.of_group[group]]
    value = np.array([pool.reduced(column, prices) for column in known])
    least = np.full(len(pool.problem.groups), np.inf)
    group = np.array([column.group for column in known])
    np.minimum.at(least, group, value)
    order = np.argsort(value - least[group], kind="stable")[:most]
    return sorted((known[n] for n in order), key=lambda column: column.number)


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
        self.scale = round(1 / problem.step) if problem.step else FINE
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
        rows, there = problem.rows, self._touched(by_row)
        self.constant = fixed.own + rows.cost(np.where(there, rows.want, fixed.covered))
        terms += self._rows(by_row, np.flatnonzero(there).tolist())
        variables = [variable for variable, _ in terms]
        self.cp.minimize(
            cp_model.LinearExpr.weighted_sum(variables, [round(c * self.scale) for _, c in terms])
        )

    def _touched(self, covering: Iterable[int]) -> npt.NDArray[np.bool_]:
        """Rows that columns cover, and those that share slacks with them."""
        rows = self.fixed.problem.rows
        slacks, there = rows.slacks, np.zeros(len(rows.want), dtype=bool)
        there[list(covering)] = True
        while True:
            shared = np.zeros(len(slacks.price), dtype=bool)
            shared[slacks.of[there[slacks.row]]] = True
            wider = there.copy()
            wider[slacks.row[shared[slacks.of]]] = True
            if (wider == there).all():
                return there
            there = wider

    def _rows(self, by_row: dict[int, list[tuple[cp_model.IntVar, int]]], there: list[int]
              ) -> list[tuple[cp_model.IntVar, float]]:  # fmt: skip
        """The rows, and the price of their slacks."""
        rows, people = self.fixed.problem.rows, int(self.fixed.open.sum())
        filled: dict[int, list[tuple[int, int]]] = {row: [] for row in there}
        slacks = rows.slacks
        for row, of, times in zip(slacks.row, slacks.of, slacks.times, strict=True):
            if int(row) in filled:
                filled[int(row)].append((int(of), int(times)))
        made: dict[int, cp_model.IntVar] = {}
        for row, parts in filled.items():
            lack = int(rows.want[row] - self.fixed.covered[row])
            covering = by_row.get(row, [])
            most = people * max((times for _, times in covering), default=0) + max(-lack, 0)
            for of, times in parts:
                if of not in made:
                    free = max(lack, 0) if times > 0 else most
                    known = slacks.most[of]
                    made[of] = self.cp.new_int_var(
                        0, int(known) if math.isfinite(known) else free, ""
                    )
            both = covering + [(made[of], times) for of, times in parts]
            self.cp.add(
                cp_model.LinearExpr.weighted_sum([v for v, _ in both], [n for _, n in both]) == lack
            )
        return [(part, float(slacks.price[of])) for of, part in made.items()]

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
