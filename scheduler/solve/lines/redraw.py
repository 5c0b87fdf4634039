"""Redrawing: annealing by stretches of days, for long lines whose rows lie in one day each."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from scheduler.solve.lines.graph import Graph
from scheduler.solve.lines.held import Held
from scheduler.solve.lines.kernel import INFINITE
from scheduler.solve.lines.onward import onward
from scheduler.solve.lines.pool import Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import TOLERANCE, FloatArray, IntArray, LineProblem
from scheduler.solve.lines.redraw_kernel import redraw_all
from scheduler.solve.lines.redraw_tables import (
    Laws,
    People,
    Prices,
    Room,
    Roster,
)
from scheduler.solve.lines.rows import Rows

HOT, WARM, COLD = 0.3, 0.06, 0.01
"""Warmth in the beginning, in the beginning of later turns, and in the end, in prices of a unit
that is missing."""
LONGEST = 8
"""Days of a stretch."""
TRADED = 0.5
"""Share of changes that are trades."""
TRIES = 5_000
"""Changes between two looks at the clock."""
OFFERED_S = 2.0
"""Between two better rosters that are offered."""


def redraws(problem: LineProblem) -> bool:
    """Whether stretches can be drawn anew: the rows of every option are its own day's."""
    plain = isinstance(problem.rows, Rows) and not problem.hard
    alike = all(group.covers is None and group.caps_min is None for group in problem.groups)
    if not plain or not alike or problem.moves is not None:
        return False
    covers, day = problem.options.covers, problem.options.day
    of_row = np.full(len(problem.rows.want), -1)
    of_row[covers.rows] = day[covers.owner]
    return bool((of_row[covers.rows] == day[covers.owner]).all())


class Redrawing:
    """Prepared for a problem; threads share it."""

    def __init__(self, pool: Pool, pricer: Pricer) -> None:
        """Make tables of what the graphs and rows say."""
        problem = self.problem = pool.problem
        self.pool = pool
        graphs = list({id(own.graph): own.graph for own in pricer.own}.values())
        number = {id(graph): n for n, graph in enumerate(graphs)}
        self.groups = np.repeat(np.arange(len(problem.groups)), problem.sizes)
        self.laws, self.nodes = _laws(problem, graphs)
        own = np.array([number[id(one.graph)] for one in pricer.own])
        self.people = _people(problem, own, self.groups)
        assert isinstance(problem.rows, Rows)  # noqa: S101 - asked before
        rows, options = problem.rows, problem.options
        self.prices = Prices(
            options.of_day, options.minutes // problem.unit_min, options.covers.row_from,
            options.covers.rows, rows.want, rows.short, rows.over,
        )  # fmt: skip
        self.unit = float(np.median(rows.short)) if len(rows.short) else 1.0

    def run(
        self, held: Held, rng: np.random.Generator, course: Callable[[int], float], hot: float
    ) -> None:
        """Change what is held, and offer what is better on the way.

        Args:
            held: The best roster; it takes better ones.
            rng: All chance.
            course: The share that is over after so many changes; the end is at 1.
            hot: Warmth in the beginning.
        """
        assert held.best is not None  # noqa: S101 - the greedy roster at least
        roster, room, done = self._roster(held.best), self._room(), 0
        best, cost, least = roster.lines.copy(), 0.0, 0.0
        offered, again_s = 0.0, time.monotonic() + OFFERED_S
        while (spent := course(done)) < 1 and not held.proven:
            warmth = self.unit * hot * (COLD / hot) ** spent
            by, below = redraw_all(
                self.laws, self.people, self.prices, roster, room, best, least - cost, warmth,
                TRIES, TRADED, rng,
            )  # fmt: skip
            least, cost, done = cost + below, cost + by, done + TRIES
            if least < offered - TOLERANCE and time.monotonic() >= again_s:
                held.offer(self._made(best))
                offered, again_s = least, time.monotonic() + OFFERED_S
        if least < offered - TOLERANCE:
            held.offer(self._made(best))

    def _roster(self, start: Taken) -> Roster:
        """A roster as the kernel wants it."""
        lines = np.array([
            column.line for own in start.columns for column, count in own.values()
            for _ in range(count)
        ], dtype=np.int64)  # fmt: skip
        count, days = lines.shape
        nodes = np.zeros((count, days + 1), dtype=np.int64)
        counts = np.zeros((count, self.laws.gains.shape[2]), dtype=np.int64)
        for who, line in enumerate(lines):
            graph, node = self.people.graph[who], 0
            for day, option in enumerate(line):
                label = self.laws.label[graph, option] if option >= 0 else 0
                at = self.laws.base[graph, day] + node * self.laws.width[graph, day] + label
                node = nodes[who, day + 1] = self.laws.onward[at]
                counts[who] += self.laws.gains[graph, self.laws.tally[at]]
        units = np.append(self.prices.units, 0)
        return Roster(
            lines, nodes, counts, units[lines].sum(axis=1), start.covered.copy(),
            np.zeros(count, dtype=bool),
        )  # fmt: skip

    def _room(self) -> Room:
        days = min(LONGEST, self.problem.options.days)
        wide = int(np.diff(self.prices.of_day).max(initial=1))
        labels = int(self.laws.width.max(initial=1))
        counters = self.laws.gains.shape[2]
        return Room(
            np.zeros((days + 1, self.nodes)), np.zeros((days, labels)), np.zeros((days, wide)),
            np.zeros((days, wide)), np.zeros((2, days), dtype=np.int64),
            np.zeros((2, counters), dtype=np.int64),
        )  # fmt: skip

    def _made(self, lines: IntArray) -> Taken:
        """The roster of these lines."""
        made = Taken(self.problem)
        for group, line in zip(self.groups.tolist(), lines, strict=True):
            made.take(self.pool[self.pool.add(group, line)])
        return made


def _laws(problem: LineProblem, graphs: Sequence[Graph]) -> tuple[Laws, int]:
    """Tables of all graphs, and the most nodes of a layer."""
    gains = np.zeros((len(graphs), max(len(g.gains) for g in graphs), graphs[0].gains.shape[1]),
                     dtype=np.int64)  # fmt: skip
    for n, graph in enumerate(graphs):
        gains[n, : len(graph.gains)] = graph.gains
    nodes = max(int(graph.nodes.max()) for graph in graphs)
    return Laws(*onward(problem.options, graphs), gains), nodes


def _people(problem: LineProblem, graph: IntArray, groups: IntArray) -> People:
    """Tables of all people."""
    units = np.array([problem.units_wanted(n)[1] for n in range(len(problem.groups))])
    ending: FloatArray = np.zeros((len(problem.groups), int(units.max()) + 1))
    for n in range(len(problem.groups)):
        ending[n, : units[n] + 1] = problem.ending(n, int(units[n]))
    cost = np.array([np.where(g.allowed, g.cost, INFINITE) for g in problem.groups])
    most = np.array([g.most for g in problem.groups], dtype=np.int64)
    return People(graph[groups], cost[groups], most[groups], units[groups], ending[groups])
