"""Betters a roster part by part: some people anew, all others as they are.

A part is solved nearly exactly by its own column generation, which also says when nothing better
is there; parts of equal cost are taken too, since they open ways. Threads work side by side.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from scheduler.solve.budget import Budget
from scheduler.solve.lines.choose import Choice
from scheduler.solve.lines.dive import Dive
from scheduler.solve.lines.greedy import best_line
from scheduler.solve.lines.held import Held
from scheduler.solve.lines.master import Master, OutOfTime
from scheduler.solve.lines.pool import Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import TOLERANCE, FloatArray
from scheduler.solve.lines.rounds import Generation, rounded_up

SEEDS, SEEDS_WIDE = 12, 80
"""Known lines of each person that a part begins with."""
RECENT = 800
"""Lines of each person, the latest, among which these are looked for."""
LEAST, MOST = 3, 16
WIDE = 0.5
"""Share of tries that take more people than MOST, and only dive."""
ANEW = 0.2
"""Share of tries that make some people's lines anew one after another, which is quick."""
LARGEST_ANEW = 6
CHOICE_S = 2.0


@dataclass
class Polish:
    """Improves what is held.

    prices: Of the rows, from the whole problem, tell good lines; None: parts are only made anew
    one person after another.
    """

    pool: Pool
    pricer: Pricer
    held: Held
    prices: FloatArray | None
    seed: int
    size: float = 5.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, budget: Budget, workers: int) -> None:
        """Until the budget ends or the roster is proven best."""
        if workers == 1:
            self._work(budget, 0)
            return
        with ThreadPoolExecutor(workers) as threads:
            list(threads.map(lambda n: self._work(budget, n), range(workers)))

    def _work(self, budget: Budget, number: int) -> None:
        rng = np.random.default_rng((self.seed, number))
        pricer, tries = self.pricer.alone(), 0
        while not budget.over() and not self.held.proven:
            if budget.rounds is not None and tries >= budget.rounds:
                return
            tries += 1
            self._once(rng, pricer, budget)

    def _once(self, rng: np.random.Generator, pricer: Pricer, budget: Budget) -> None:
        assert self.held.best is not None  # noqa: S101 - a polish begins with a roster
        start = self.held.best.copy()
        amiss = self.pool.problem.rows.amiss(start.covered)
        groups = self._drawn(rng, start, amiss)
        part = start.copy()
        for group in groups:
            part.drop(group)
        if self.prices is None or rng.random() < ANEW:
            made = anew(self.pool, pricer, part, groups[:LARGEST_ANEW], start, rng)
            self.held.move(made, groups[:LARGEST_ANEW])
            return
        wide = len(groups) > MOST
        try:
            found, closed = self._solved(part, start, groups, rng, pricer, budget)
        except OutOfTime:
            return
        if found is not None:
            self.held.move(found, groups)
        if wide:
            return
        with self._lock:
            if closed:
                self.size = min(self.size + 0.05, MOST)
            else:
                self.size = max(self.size - 0.2, LEAST)

    def _drawn(self, rng: np.random.Generator, start: Taken, amiss: FloatArray) -> list[int]:
        """Some people; half the time those that have to do with a row that costs."""
        people = len(self.pool.problem.groups)
        count = min(round(self.size), people)
        if people > MOST and rng.random() < WIDE:
            count = int(rng.integers(MOST, people + 1))
        dear = np.abs(amiss)
        weight = rng.random(people)
        if dear.any() and rng.random() < 0.5:
            row = rng.choice(len(dear), p=dear / dear.sum())
            serves = [
                any(row in column.rows for column, _ in start.columns[group].values())
                for group in range(people)
            ]
            weight += 0.3 * (np.array(serves) == (amiss[row] < 0))
        return [int(n) for n in np.argsort(-weight)[:count]]

    def _seeds(self, group: int, marginal: FloatArray, many: int) -> list[int]:
        """The most promising known lines, by what is paid in general and just here."""
        general = marginal if self.prices is None else self.prices
        own = self.pool.of_group[group][-RECENT:]
        value = np.array([
            min(self.pool.reduced(c, general), self.pool.reduced(c, marginal)) for c in own
        ])  # fmt: skip
        return [own[n].number for n in np.argsort(value, kind="stable")[:many]]

    def _solved(
        self, part: Taken, start: Taken, groups: list[int], rng: np.random.Generator,
        pricer: Pricer, budget: Budget,
    ) -> tuple[Taken | None, bool]:  # fmt: skip
        """A roster of the part that costs at most the start's, and whether it is the best."""
        problem = self.pool.problem
        want = problem.rows.want - part.covered
        master = Master(self.pool, want, part.open, part.own)
        wide = len(groups) > MOST
        marginal = problem.rows.next_price(part.covered)
        for group in groups:
            for column, _ in start.columns[group].values():
                master.add(column)
            for number in self._seeds(group, marginal, SEEDS_WIDE if wide else SEEDS):
                master.add(self.pool[number])
        generation = Generation(self.pool, pricer, master, want, part.open, many=3,
                                settled=part.own)  # fmt: skip
        cost = start.cost
        centre = self.prices if wide else None
        found = generation.run(budget, 20 if wide else 40, centre, enough=cost)
        if rounded_up(problem, found.bound) >= cost - TOLERANCE:
            return None, True
        noise = float(rng.random()) * 0.2
        dive = Dive(master, pricer, part, rng, noise=noise)
        made = dive.run(budget, lambda: cost, found.prices)
        if wide or (made is not None and made.cost < cost - TOLERANCE):
            return made, True
        choice = Choice(part, master.columns)
        better, final = choice.solve(budget.part(1.0, CHOICE_S), self.seed, 1, cost)
        return (better if better is not None else made), final


def anew(
    pool: Pool, pricer: Pricer, part: Taken, groups: list[int], start: Taken,
    rng: np.random.Generator,
) -> Taken:  # fmt: skip
    """Some people's lines one after another, each the best beside the others.

    part: The roster without some people, of whom `groups` are made anew; start: with all.
    """
    made = part.copy()
    for group in np.flatnonzero(made.open).tolist():
        if group not in groups:
            for column, count in start.columns[group].values():
                made.take(column, count)
    for group in rng.permutation(groups).tolist():
        while made.open[group]:
            made.take(pool[best_line(pool, pricer, made, group)])
    return made
