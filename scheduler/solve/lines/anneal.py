"""Annealing: very many small changes of a roster, at first also for the worse, later hardly.

It needs no prices, so it is soon at work, and at last betters what whole lines are too large a step
for. What costs as much as twenty units that are missing, it hardly ever finds.
"""

from collections.abc import Callable, Sequence

import numpy as np

from scheduler.solve.lines.anneal_kernel import Lawful, Now, anneal, own_cost
from scheduler.solve.lines.kernel import INFINITE
from scheduler.solve.lines.moves import Moves
from scheduler.solve.lines.near import near
from scheduler.solve.lines.onward import onward
from scheduler.solve.lines.pool import Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import TOLERANCE, FloatArray, IntArray, LineProblem
from scheduler.solve.lines.shared import share

HOT, COLD = 0.8, 0.04
"""Warmth in the beginning and in the end, in prices of a unit that is missing."""
TRIES = 50_000
"""Changes between two looks at the clock."""


class Annealing:
    """Prepared for a problem; threads share it."""

    def __init__(self, pool: Pool, pricer: Pricer, moves: Moves) -> None:
        """Make tables of what the graphs and rows say."""
        self.pool, self.moves = pool, moves
        self.near = near(pool.problem.options, moves)
        self.lawful = _lawful(pool.problem, pricer, moves)
        self.unit = _unit_price(moves.costs.table)

    def run(
        self, start: Taken, groups: Sequence[int], rng: np.random.Generator,
        over: Callable[[int], float], hot: float = HOT, cold: float = COLD,
    ) -> Taken:  # fmt: skip
        """The best roster on the way.

        Args:
            start: A whole roster.
            groups: Whose lines change.
            rng: All chance.
            over: The share that is over after so many changes; the end is at 1.
            hot: Warmth in the beginning.
            cold: Warmth in the end.
        """
        now, done = self.now(start, groups), 0
        best, cost, least = now.lines.copy(), 0.0, 0.0
        while (spent := over(done)) < 1:
            warmth = self.unit * hot * (cold / hot) ** spent
            by, below = anneal(
                self.lawful, self.moves.costs, self.near, now, best, least - cost, warmth, TRIES,
                rng,
            )  # fmt: skip
            least, cost, done = cost + below, cost + by, done + TRIES
        return self.made(start, groups, best) if least < -TOLERANCE else start

    @property
    def frozen(self) -> float:
        """So cold that hardly anything is taken that costs a wish, which weigh least of all."""
        return min(COLD, (self.pool.problem.step or self.unit) / self.unit)

    def now(self, start: Taken, groups: Sequence[int]) -> Now:
        """The roster as the kernel wants it."""
        lines, alone = self._lines(start, groups), len(self.moves.costs.table)
        people = np.repeat(np.array(groups), self.pool.problem.sizes[list(groups)])
        own = np.array([
            own_cost(self.lawful, group, line) for group, line in zip(people, lines, strict=True)
        ])  # fmt: skip
        shared, covered = self.moves.costs.shared, start.covered.copy()
        lack, missing = np.zeros_like(shared.least), np.zeros_like(shared.most)
        held = np.array([
            share(shared, cluster, covered[alone:], lack, missing)
            for cluster in range(shared.clusters)
        ])  # fmt: skip
        return Now(
            people, lines, own, covered[:alone], covered[alone:], held, held.copy(),
            np.zeros(shared.clusters + 1, dtype=np.int64), lack, missing,
        )  # fmt: skip

    def _lines(self, taken: Taken, groups: Sequence[int]) -> IntArray:
        """Line of each person in later options, shape (people, days)."""
        lines = [
            column.line for group in groups
            for column, count in taken.columns[group].values() for _ in range(count)
        ]  # fmt: skip
        made = np.array(lines, dtype=np.int64)
        return np.where(made >= 0, self.moves.later[made], made)

    def made(self, start: Taken, groups: Sequence[int], lines: IntArray) -> Taken:
        """The roster with these lines."""
        made, rest = start.copy(), iter(lines)
        for group in groups:
            made.drop(group)
            while made.open[group] > 0:
                line = next(rest).copy()
                worked = np.flatnonzero(line >= 0)
                line[worked[:1]] = self.moves.first[line[worked[:1]]]
                made.take(self.pool[self.pool.add(group, line)])
        return made


def _unit_price(table: FloatArray) -> float:
    """What one more in a row saves where it saves anything, the usual case."""
    saved = table[:, :-1] - table[:, 1:]
    some = saved > 0
    return float(np.median(saved[some])) if some.any() else 1.0


def _lawful(problem: LineProblem, pricer: Pricer, moves: Moves) -> Lawful:
    """Tables of all groups, which have one law."""
    own, alone = pricer.own, len(moves.costs.table)
    graphs = list({id(one.graph): one.graph for one in own}.values())
    number = {id(graph): n for n, graph in enumerate(graphs)}
    steps = onward(problem.options, graphs)
    ending = np.full((len(own), max(len(one.terminal) for one in own)), INFINITE)
    for group, one in enumerate(own):
        ending[group, : len(one.terminal)] = one.terminal
    graph = graphs[0]
    return Lawful(
        steps.node, steps.base[[number[id(one.graph)] for one in own]], steps.width[0],
        steps.label[0], graph.class_units[graph.class_of], moves.first,
        np.array([one.reach for one in own]),
        np.array([one.allowed_cost for one in own]), ending, *_covers(problem, alone),
    )  # fmt: skip


def _covers(problem: LineProblem, alone: int) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Rows that options cover, see `Lawful`: those that stand alone first."""
    count, numbers = problem.options.count, {b"": 0}
    known: dict[int, tuple[IntArray, IntArray, IntArray]] = {}
    begins, middles, services, rows, end = [], [], [], list[IntArray](), 0
    for group in range(len(problem.groups)):
        covers = problem.covers(group)
        if id(covers) not in known:
            apart = covers.rows >= alone
            order = np.lexsort((covers.rows, apart, covers.owner))
            sorted_rows = covers.rows[order]
            served = np.bincount(covers.owner[apart], minlength=count)
            begin = covers.row_from + end
            middle = begin[1:] - served
            sorted_rows = np.where(sorted_rows >= alone, sorted_rows - alone, sorted_rows)
            keys = [
                sorted_rows[middle[n] - end : begin[n + 1] - end].tobytes() for n in range(count)
            ]
            service = np.array([numbers.setdefault(key, len(numbers)) for key in keys])
            known[id(covers)] = begin, middle, service
            rows.append(sorted_rows)
            end += len(sorted_rows)
        begin, middle, service = known[id(covers)]
        begins.append(begin)
        middles.append(middle)
        services.append(service)
    return np.array(begins), np.array(middles), np.concatenate(rows), np.array(services)
