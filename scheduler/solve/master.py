"""The linear master: how often each class works each of its weeks, and what every rule is worth.

Its duals price slots and counted rows; the pricer answers with better weeks. With any prices the
Lagrangian gives a bound that no roster can beat, so every round improves a certificate.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from ortools.linear_solver import pywraplp

from scheduler.problem import IntArray
from scheduler.solve.hop import FloatArray
from scheduler.solve.model import Model

THREADS = 2
"""Of pricing: array operations run side by side."""


@dataclass(frozen=True, slots=True)
class Column:
    """A week of a class. cost: weighted, in itself."""

    group: int
    week: tuple[int, ...]
    cost: float
    units: IntArray
    """Slots covered, shape (slots,)."""
    served: IntArray
    """Counted rows served, shape (rows,)."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Duals: of slots (squadrons, slots) and of counted rows."""

    slots: FloatArray
    rows: FloatArray

    def towards(self, other: "Prices", share: float) -> "Prices":
        """A mix: `share` of this, the rest of the other."""
        return Prices(
            share * self.slots + (1 - share) * other.slots,
            share * self.rows + (1 - share) * other.rows,
        )


def column_of(model: Model, group: int, week: tuple[int, ...]) -> Column:
    """A week of a class with what it costs and gives."""
    return Column(
        group, week, model.own_cost(group, week), model.units_of(week), model.served(group, week)
    )


def bound(model: Model, prices: Prices, best: FloatArray) -> float:
    """What no roster can go below, for any prices.

    Args:
        model: The week.
        prices: Duals; those of rows not below 0.
        best: Best value of a week of each group at these prices, shape (groups,).
    """
    total = model.slots.bound(prices.slots)
    for row, counted in enumerate(model.counted):
        total += prices.rows[row] * counted.least
    for n, count in enumerate(model.counts):
        asked = sum(prices.rows[row] for row, c in enumerate(model.counted) if n in c.members)
        total += count.least * min(0.0, float(model.count_prices[n]) - asked)
    sizes = np.array([len(group.teams) for group in model.groups])
    return float(total - (sizes * best).sum())


class Master:
    """The restricted linear program, growing by columns."""

    def __init__(self, model: Model) -> None:
        """Rows for slots, counted rows and classes, with the prices of what is missing."""
        self.model = model
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.solver.SetSolverSpecificParametersAsString("use_preprocessing: false")
        self.known: dict[tuple[int, tuple[int, ...]], Column] = {}
        self.variables: list[pywraplp.Variable] = []
        self.columns: list[Column] = []
        self.group_duals = [0.0 for _ in model.groups]
        objective = self.solver.Objective()
        objective.SetMinimization()
        at, cost = model.slots.at, model.slots.cost
        self.slot_rows = []
        for squadron, slot in np.ndindex(*at.shape[1:]):
            row = self.solver.Constraint(0.0, 0.0)
            self.slot_rows.append(row)
            objective.SetOffset(objective.offset() + float(cost[0, squadron, slot]))
            for n in range(len(at) - 1):
                width = float(at[n + 1, squadron, slot] - at[n, squadron, slot])
                if width > 0:
                    rise = float(cost[n + 1, squadron, slot] - cost[n, squadron, slot])
                    part = self.solver.NumVar(0.0, width, "")
                    row.SetCoefficient(part, -1.0)
                    objective.SetCoefficient(part, rise / width)
        missing = []
        for count, each in zip(model.counts, model.count_prices, strict=True):
            part = self.solver.NumVar(0.0, float(count.least), "")
            objective.SetCoefficient(part, float(each))
            missing.append(part)
        self.count_rows = []
        for counted in model.counted:
            row = self.solver.Constraint(float(counted.least), self.solver.infinity())
            self.count_rows.append(row)
            for member in counted.members:
                row.SetCoefficient(missing[member], 1.0)
        self.group_rows = [
            self.solver.Constraint(float(len(g.teams)), float(len(g.teams))) for g in model.groups
        ]

    def add(self, columns: Iterable[Column]) -> int:
        """Add columns not known yet; returns how many were new."""
        new = 0
        objective = self.solver.Objective()
        for column in columns:
            key = (column.group, column.week)
            if key in self.known:
                continue
            self.known[key] = column
            new += 1
            part = self.solver.NumVar(0.0, self.solver.infinity(), "")
            objective.SetCoefficient(part, column.cost)
            squadron = self.model.groups[column.group].squadron
            base = squadron * self.model.problem.slots
            for slot in np.flatnonzero(column.units):
                self.slot_rows[base + int(slot)].SetCoefficient(part, float(column.units[slot]))
            for row in np.flatnonzero(column.served):
                self.count_rows[row].SetCoefficient(part, float(column.served[row]))
            self.group_rows[column.group].SetCoefficient(part, 1.0)
            self.variables.append(part)
            self.columns.append(column)
        return new

    def solve(self) -> tuple[float, Prices]:
        """Value of the linear program and its duals."""
        status = self.solver.Solve()
        if status != pywraplp.Solver.OPTIMAL:
            msg = f"the linear master ended with status {status}"
            raise RuntimeError(msg)
        shape = self.model.slots.at.shape[1:]
        slots = np.array([row.dual_value() for row in self.slot_rows]).reshape(shape)
        rows = np.array([row.dual_value() for row in self.count_rows])
        self.group_duals = [row.dual_value() for row in self.group_rows]
        return self.solver.Objective().Value(), Prices(slots, np.maximum(rows, 0.0))

    def shares(self) -> FloatArray:
        """How often each column is worked, shape (columns,)."""
        return np.array([part.solution_value() for part in self.variables])


def price(model: Model, prices: Prices, many: int) -> tuple[FloatArray, list[Column]]:
    """Best value of each group, and good new weeks; squadrons at the same time."""
    best = np.zeros(len(model.groups))
    columns: list[Column] = []
    rows = [row for row, own in enumerate(model.own) if len(own)]
    with ThreadPoolExecutor(THREADS) as threads:
        for row, (values, found) in zip(
            rows, threads.map(lambda row: _price(model, prices, row, many), rows), strict=True
        ):
            best[model.own[row]] = values
            columns += found
    return best, columns


def _price(
    model: Model, prices: Prices, squadron: int, many: int
) -> tuple[FloatArray, list[Column]]:
    """Best value of each group of a squadron, and good new weeks."""
    own = model.own[squadron]
    rewards = model.rewards(own, prices.slots[squadron], prices.rows)
    terminal = np.array([model.terminal(int(n)) for n in own])
    values, weeks = model.pricers[squadron].best(rewards, terminal, np.arange(len(own)), many)
    return values, [column_of(model, int(own[week.line]), week.options) for week in weeks]
