"""The integer master: of the weeks in a pool it takes the best that all teams can work together."""

from itertools import product
from random import Random

import numpy as np
import pytest
from rosters import load, problem
from small_weeks import past_of, week_of

from scheduler.problem import Problem
from scheduler.solve.budget import Budget
from scheduler.solve.chosen import Chosen, places_of
from scheduler.solve.greedy import EPSILON
from scheduler.solve.master import Column, Prices, column_of, price
from scheduler.solve.model import Model, model_of
from scheduler.solve.restricted import Restricted
from scheduler.solve.search import CLOSE, Search

ROUNDS = 4
"""Of deterministic work: far more than such a pool needs."""


def pool_of(model: Model, seed: int, each: int = 6) -> list[Column]:
    """Some lawful weeks of every class, at random prices, and the one without duties."""
    rng = np.random.default_rng(seed)
    found: dict[tuple[int, tuple[int, ...]], Column] = {}
    for _ in range(4):
        prices = Prices(
            rng.gamma(0.5, 4.0, model.slots.at.shape[1:]),
            rng.gamma(0.5, 50.0, len(model.counted)),
        )
        for column in price(model, prices, 3)[1]:
            found[column.group, column.week] = column
    pool = [column_of(model, group, ()) for group in range(len(model.groups))]
    for group in range(len(model.groups)):
        own = [column for column in found.values() if column.group == group]
        pool += own[:each]
    return pool


def by_trying(model: Model, pool: list[Column]) -> float:
    """The least cost of all choices of one week of the pool for each team."""
    options = [[c for c in pool if c.group == group] for group in places_of(model)]
    return min(Chosen(model, columns).cost for columns in product(*options))


@pytest.mark.parametrize("seed", range(8))
def test_the_best_choice_of_a_pool_is_found(seed: int) -> None:
    """Equal to trying all of them: slots, counted tasks, classes, squadrons."""
    week = week_of(seed)
    model = model_of(week)
    pool = pool_of(model, seed, each=6 if len(week.teams) <= 3 else 3)
    found = Restricted(model, pool, Chosen.empty(model)).solve(Budget.of(0, ROUNDS), seed)
    assert found is not None
    assert found.cost == pytest.approx(by_trying(model, pool)), f"seed {seed}"


def test_a_choice_names_a_week_of_the_pool_for_every_team() -> None:
    """As many as a class has teams, each of its own class."""
    model = model_of(problem(squadrons=2, teams=3))
    pool = pool_of(model, 1)
    found = Restricted(model, pool, Chosen.empty(model)).solve(Budget.of(0, ROUNDS), 1)
    assert found is not None
    assert [column.group for column in found.columns] == places_of(model)
    known = {(column.group, column.week) for column in pool}
    assert {(column.group, column.week) for column in found.columns} <= known


class WithoutShaking(Search):
    """A search that tells what it had before the master, and whom chance cannot rescue."""

    before = np.inf

    def _generate(self, budget: Budget, most: int | None) -> None:
        super()._generate(budget, most)
        self.before = self.cost

    def _shake(self, budget: Budget) -> None:
        """Nothing."""


def tangled(seed: int) -> Problem:
    """A week of three teams with pasts of their own."""
    random = Random(seed)  # noqa: S311 - repeatable
    past = {f"s0t{n}o": past_of(random) for n in range(3)}
    return problem(squadrons=1, teams=3, needed=load(3)[None, :], grid_min=240, past=past)


def test_a_week_where_each_team_does_its_best_alone_needs_the_master() -> None:
    """No team gains by another week of its own, all together do: to the proven best."""
    search = WithoutShaking(model_of(tangled(3)), Budget.of(0, 1), 3, lambda *_: None)
    search.run()
    assert search.cost < search.before - EPSILON
    assert search.cost == pytest.approx(search.bound, rel=CLOSE)
