"""Annealing: small changes of a roster, and that what they cost is what they cost."""

from collections.abc import Callable

import numpy as np
import pytest
from rosters import load, problem
from small_weeks import PROVEN, tiny, week_of

from scheduler.problem import Problem
from scheduler.solve.boolean import Plain
from scheduler.solve.lines.anneal import TRIES, Annealing
from scheduler.solve.lines.anneal_kernel import own_cost
from scheduler.solve.lines.greedy import greedy
from scheduler.solve.lines.kernel import INFINITE
from scheduler.solve.lines.near import SHIFTS, near
from scheduler.solve.lines.pool import Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import TOLERANCE
from scheduler.solve.model import Model, model_of


class Trial:
    """A week with a greedy roster."""

    def __init__(self, week: Problem, seed: int = 0) -> None:
        self.model: Model = model_of(week)
        lines = self.model.lines
        assert lines.moves is not None
        self.pool, self.pricer, self.moves = Pool(lines), Pricer(lines), lines.moves
        self.annealing = Annealing(self.pool, self.pricer, self.moves)
        rng = np.random.default_rng(seed)
        self.start = greedy(self.pool, self.pricer, Taken(lines), rng)

    def annealed(self, seed: int, rounds: int = 4) -> Taken:
        """The start with all lines changed."""
        return self.annealing.run(
            self.start, range(len(self.model.lines.groups)), np.random.default_rng(seed),
            until(rounds * TRIES),
        )  # fmt: skip


def until(most: int) -> Callable[[int], float]:
    """So many changes."""
    return lambda done: done / most


@pytest.mark.parametrize("seed", range(12))
def test_every_line_is_lawful_and_the_cost_is_what_the_rows_say(seed: int) -> None:
    """Whatever people bring: pricing knows each line at its cost, and a recount agrees."""
    trial = Trial(week_of(seed), seed)
    made = trial.annealed(seed)
    assert made.whole
    assert made.cost <= trial.start.cost
    again = Taken(trial.model.lines)
    for column, count in made.items():
        again.take(column, count)
        lawful = trial.annealing.lawful
        worked = np.where(column.line >= 0, trial.moves.later[column.line], column.line)
        assert own_cost(lawful, column.group, worked) == pytest.approx(column.cost)
    assert again.cost == pytest.approx(made.cost)
    assert (again.covered == made.covered).all()


@pytest.mark.parametrize("seed", PROVEN[:6])
def test_no_roster_is_below_the_best_possible_and_small_ones_come_near_it(seed: int) -> None:
    """The second engine proves what is best."""
    week = tiny(seed)
    best = Plain(week).best(30, workers=2)
    found = min(Trial(week).annealed(n).cost for n in range(3))
    assert found >= best.bound - TOLERANCE
    assert found <= 1.05 * best.cost + 1


def test_the_cost_on_the_way_adds_up() -> None:
    """What thousands of changes were said to cost, shared counts included, is the difference."""
    trial = Trial(week_of(3), 3)
    groups = range(len(trial.model.lines.groups))
    now = trial.annealing.now(trial.start, groups)
    covered = np.concatenate([now.covered, now.served])
    assert (covered == trial.start.covered).all()
    rows = trial.model.lines.rows
    assert now.held.sum() == pytest.approx(trial.model.rows.lacking.total(now.served))
    made = trial.annealed(1)
    alone = len(trial.moves.costs.table)
    total = sum(
        trial.moves.costs.table[row, units] for row, units in enumerate(made.covered[:alone])
    )
    total += trial.model.rows.lacking.total(made.covered[alone:]) + made.own
    assert made.cost == pytest.approx(total)
    assert rows.cost(made.covered) + made.own == pytest.approx(total)


def test_the_same_chance_gives_the_same_roster() -> None:
    """Line by line."""
    one, two = (Trial(week_of(5), 5).annealed(9) for _ in range(2))
    assert [c.line.tolist() for c, _ in one.items()] == [c.line.tolist() for c, _ in two.items()]


def test_a_line_that_breaks_a_law_costs_without_end() -> None:
    """Two duties with less than the rest between them."""
    trial = Trial(problem(squadrons=1, teams=5, needed=load(5)[None, :], grid_min=120))
    options = trial.model.options
    late, early = options.find(0, 22 * 60, 30 * 60), options.find(1, 24 * 60, 32 * 60)
    assert late is not None
    assert early is not None
    later = np.flatnonzero(~trial.model.doubled.first)
    at = {int(trial.model.doubled.source[n]): int(n) for n in later}
    line = np.full(7, -1, dtype=np.int64)
    line[0] = at[late]
    assert own_cost(trial.annealing.lawful, 0, line) < INFINITE
    line[1] = at[early]
    assert own_cost(trial.annealing.lawful, 0, line) >= INFINITE


def test_what_is_near_differs_in_one_thing() -> None:
    """Earlier or later of the same day and length; longer, shorter, on other days."""
    model = model_of(problem(squadrons=1, teams=5, needed=load(5)[None, :], grid_min=30))
    moves, options = model.lines.moves, model.lines.options
    assert moves is not None
    found, some = near(options, moves), 0
    for n in np.flatnonzero(moves.later == np.arange(options.count)).tolist():
        for by, other in zip(SHIFTS, found.shifted[n], strict=True):
            if other >= 0:
                some += 1
                assert options.day[other] == options.day[n]
                assert options.minutes[other] == options.minutes[n]
                assert moves.start_min[other] == moves.start_min[n] + 30 * by
        assert all(options.minutes[o] > options.minutes[n] for o in found.longer[n] if o >= 0)
        assert all(options.minutes[o] < options.minutes[n] for o in found.shorter[n] if o >= 0)
        assert found.on_day[n, options.day[n]] == n
    assert some > 1000
