"""The integer master: CP-SAT chooses whole weeks of the pool, every team one."""

from collections.abc import Sequence

import numpy as np
from ortools.sat.python import cp_model

from scheduler.solve.budget import Budget
from scheduler.solve.chosen import Chosen, places_of
from scheduler.solve.cp import solved
from scheduler.solve.master import Column
from scheduler.solve.model import Model
from scheduler.solve.weights import SCALE


class Restricted:
    """The choice among some columns, as a model of CP-SAT."""

    def __init__(self, model: Model, columns: Sequence[Column], start: Chosen) -> None:
        """Add the rows of slots, counts and classes.

        Args:
            model: The week.
            columns: The pool, the start's columns among them.
            start: A choice to begin from.
        """
        self.model, self.columns = model, list(columns)
        self.cp = cp_model.CpModel()
        sizes = [len(group.teams) for group in model.groups]
        self.taken = [self.cp.new_int_var(0, sizes[c.group], "") for c in self.columns]
        by_group: list[list[cp_model.IntVar]] = [[] for _ in sizes]
        for column, taken in zip(self.columns, self.taken, strict=True):
            by_group[column.group].append(taken)
        for size, own in zip(sizes, by_group, strict=True):
            self.cp.add(cp_model.LinearExpr.sum(own) == size)
        self.costs = [
            (taken, round(column.cost * SCALE))
            for column, taken in zip(self.columns, self.taken, strict=True)
        ]
        self._add_slots()
        self._add_counts()
        variables, prices = zip(*self.costs, strict=True)
        self.cp.minimize(cp_model.LinearExpr.weighted_sum(list(variables), list(prices)))
        self._hint(start)

    def _add_slots(self) -> None:
        """Units on duty are a sum of steps, the first the most worth."""
        at, cost = self.model.slots.at, self.model.slots.cost
        covering: list[list[list[tuple[cp_model.IntVar, int]]]] = [
            [[] for _ in range(at.shape[2])] for _ in range(at.shape[1])
        ]
        for column, taken in zip(self.columns, self.taken, strict=True):
            squadron = self.model.groups[column.group].squadron
            for slot in np.flatnonzero(column.units):
                covering[squadron][slot].append((taken, int(column.units[slot])))
        for squadron, slot in np.ndindex(*at.shape[1:]):
            steps = []
            for n in range(len(at) - 1):
                width = int(at[n + 1, squadron, slot] - at[n, squadron, slot])
                if width > 0:
                    rise = float(cost[n + 1, squadron, slot] - cost[n, squadron, slot]) / width
                    steps.append(self.cp.new_int_var(0, width, ""))
                    self.costs.append((steps[-1], round(rise * SCALE)))
            units = cp_model.LinearExpr.weighted_sum(
                [taken for taken, _ in covering[squadron][slot]],
                [count for _, count in covering[squadron][slot]],
            )
            self.cp.add(units == cp_model.LinearExpr.sum(steps))

    def _add_counts(self) -> None:
        """What counts lack is paid for."""
        lacking = [self.cp.new_int_var(0, count.least, "") for count in self.model.counts]
        self.costs += [
            (part, round(float(price) * SCALE))
            for part, price in zip(lacking, self.model.count_prices, strict=True)
        ]
        serving: list[list[tuple[cp_model.IntVar, int]]] = [[] for _ in self.model.counted]
        for column, taken in zip(self.columns, self.taken, strict=True):
            for row in np.flatnonzero(column.served):
                serving[row].append((taken, int(column.served[row])))
        for counted, served in zip(self.model.counted, serving, strict=True):
            have = cp_model.LinearExpr.weighted_sum([v for v, _ in served], [n for _, n in served])
            lack = cp_model.LinearExpr.sum([lacking[n] for n in counted.members])
            self.cp.add(have + lack >= counted.least)

    def _hint(self, start: Chosen) -> None:
        """Begin from the start."""
        times: dict[tuple[int, tuple[int, ...]], int] = {}
        for column in start.columns:
            key = column.group, column.week
            times[key] = times.get(key, 0) + 1
        for column, taken in zip(self.columns, self.taken, strict=True):
            self.cp.add_hint(taken, times.get((column.group, column.week), 0))

    def solve(self, budget: Budget, seed: int) -> Chosen | None:
        """The best choice found, or None."""
        solver, status = solved(self.cp, budget, seed)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return None
        return self._chosen([solver.value(taken) for taken in self.taken])

    def _chosen(self, times: Sequence[int]) -> Chosen:
        by_group: dict[int, list[Column]] = {}
        for column, count in zip(self.columns, times, strict=True):
            by_group.setdefault(column.group, []).extend([column] * count)
        return Chosen(self.model, [by_group[group].pop() for group in places_of(self.model)])
