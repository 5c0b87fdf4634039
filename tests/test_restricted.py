"""The integer master of a week: of the lines in a pool it takes the best that all can work."""

from collections import Counter
from collections.abc import Iterable
from itertools import product
from random import Random

import numpy as np
import pytest
from rosters import load, problem
from small_weeks import past_of, week_of

from scheduler.problem import Problem
from scheduler.solve.budget import Budget
from scheduler.solve.lines.choose import Choice
from scheduler.solve.lines.greedy import greedy, improved
from scheduler.solve.lines.pool import Column, Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import TOLERANCE, LineProblem
from scheduler.solve.lines.search import Search
from scheduler.solve.model import Model, model_of

ROUNDS = 4
"""Of deterministic work: far more than such a pool needs."""


def pool_of(model: Model, seed: int, each: int = 6) -> list[Column]:
    """Some lawful weeks of every class, at random prices, and the one without duties."""
    rng, problem_ = np.random.default_rng(seed), model.lines
    pool, pricer = Pool(problem_), Pricer(problem_)
    groups = range(len(problem_.groups))
    for group in groups:
        pool.add(group, np.full(problem_.options.days, -1))
    for _ in range(4):
        scale = np.where(np.arange(len(model.rows.want)) < model.rows.squares, 4.0, 50.0)
        for priced in pricer.price_all(groups, rng.gamma(0.5, scale), 3):
            for line in priced.lines:
                pool.add(priced.group, line)
    return [column for group in groups for column in pool.of_group[group][: 1 + each]]


def taken(problem_: LineProblem, columns: Iterable[Column]) -> Taken:
    """A roster of some lines."""
    made = Taken(problem_)
    for column in columns:
        made.take(column)
    return made


def by_trying(model: Model, pool: list[Column]) -> float:
    """The least cost of all choices of one week of the pool for each team."""
    places = [n for n, group in enumerate(model.groups) for _ in group.teams]
    options = [[column for column in pool if column.group == group] for group in places]
    return min(taken(model.lines, columns).cost for columns in product(*options))


@pytest.mark.parametrize("seed", range(8))
def test_the_best_choice_of_a_pool_is_found(seed: int) -> None:
    """Equal to trying all of them: slots, counted tasks, classes, squadrons."""
    week = week_of(seed)
    model = model_of(week)
    pool = pool_of(model, seed, each=5 if len(week.teams) <= 3 else 2)
    found, final = Choice(Taken(model.lines), pool).solve(Budget.of(0, ROUNDS), seed)
    assert found is not None
    assert final
    assert found.cost == pytest.approx(by_trying(model, pool)), f"seed {seed}"


def test_a_choice_names_a_week_of_the_pool_for_every_team() -> None:
    """As many as a class has teams, each of its own class."""
    model = model_of(problem(squadrons=2, teams=3))
    pool = pool_of(model, 1)
    found, _ = Choice(Taken(model.lines), pool).solve(Budget.of(0, ROUNDS), 1)
    assert found is not None
    assert found.whole
    worked = Counter[int]()
    for column, times in found.items():
        worked[column.group] += times
    assert worked == {n: len(group.teams) for n, group in enumerate(model.groups)}


def tangled(seed: int) -> Problem:
    """A week of three teams with pasts of their own."""
    random = Random(seed)  # noqa: S311 - repeatable
    past = {f"s0t{n}o": past_of(random) for n in range(3)}
    return problem(squadrons=1, teams=3, needed=load(3)[None, :], grid_min=240, past=past)


def test_a_week_where_each_team_does_its_best_alone_needs_the_master() -> None:
    """No team gains by another week of its own, all together do: to the proven best."""
    week = model_of(tangled(3)).lines
    search, budget = Search(week, seed=3, workers=1), Budget.of(0, 1)
    rng = np.random.default_rng(3)
    first = greedy(search.pool, search.pricer, Taken(week), rng)
    alone = improved(search.pool, search.pricer, first, rng, budget)
    search.held.offer(alone)
    root = search._root(alone, budget)
    assert root is not None
    search._finish(root, budget, workers=1)  # without the polish, which might do as well
    assert search.held.cost < alone.cost - TOLERANCE
    assert search.held.cost == pytest.approx(search.held.bound, rel=1e-4)
