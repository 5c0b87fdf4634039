"""A lawful roster at once: one line after another, each the best for what is still missing."""

from collections.abc import Sequence

import numpy as np

from scheduler.solve.budget import Budget
from scheduler.solve.lines.pool import Pool, Taken
from scheduler.solve.lines.pricing import Pricer

PORTIONS = 16
"""A group of interchangeable people is handed out in so many parts."""
MANY = 50
"""Where there are so many groups, some get their lines at the same time."""


def greedy(pool: Pool, pricer: Pricer, start: Taken, rng: np.random.Generator) -> Taken:
    """Give everybody in `start` without a line one; people in a drawn order."""
    problem, made = pool.problem, start.copy()
    while not made.whole:
        order = rng.permutation(np.flatnonzero(made.open)).tolist()
        side_by_side = pricer.workers if len(order) >= MANY else 1
        for at in range(0, len(order), side_by_side):
            groups = order[at : at + side_by_side]
            rows = problem.rows.next_price(made.covered)
            for group, found in zip(groups, pricer.price_all(groups, rows), strict=True):
                portion = -(-int(problem.sizes[group]) // PORTIONS)
                line = found.lines[0] if len(found.lines) else problem.empty
                made.take(pool[pool.add(group, line)], min(portion, int(made.open[group])))
    return made


def best_line(pool: Pool, pricer: Pricer, made: Taken, group: int) -> int:
    """Number of the line of the group that costs least beside what is there already."""
    rows = pool.problem.rows
    found = pricer.price(group, pricer.prices_of(rows.next_price(made.covered), group))
    line = found.lines[0] if len(found.lines) else pool.problem.empty
    return pool.add(group, line)


def improved(pool: Pool, pricer: Pricer, taken: Taken, rng: np.random.Generator,
             budget: Budget, some: Sequence[int] | None = None) -> Taken:  # fmt: skip
    """Give single people better lines until nobody has one, each exactly the best one."""
    made, since = taken.copy(), 0
    groups = rng.permutation(len(pool.problem.groups) if some is None else list(some)).tolist()
    while since < len(groups) and not budget.over():
        for group in groups:
            before = made.cost
            since += 1
            for column, _ in list(made.columns[group].values()):
                made.take(column, -1)
                better = pool[best_line(pool, pricer, made, group)]
                made.take(better)
                if made.cost >= before:  # the same person might cover a row twice
                    made.take(better, -1)
                    made.take(column)
                else:
                    before, since = made.cost, 0
            if since >= len(groups) or budget.over():
                break
    return made
