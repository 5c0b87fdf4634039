"""The linear master: rows stated as differences are the same linear program."""

from dataclasses import replace

import numpy as np
import pytest
from small_weeks import week_of

from scheduler.solve.lines.block import Block
from scheduler.solve.lines.greedy import greedy
from scheduler.solve.lines.pool import Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import LineProblem
from scheduler.solve.lines.ways import master_of
from scheduler.solve.model import model_of
from scheduler.solve.wanted import WeekRows


class Apart(WeekRows):
    """The same rows, none of which goes on from another."""

    after = None  # type: ignore[assignment]


def solved(problem: LineProblem, seed: int) -> tuple[float, np.ndarray, np.ndarray]:
    """The linear master of a few greedy rosters."""
    pool, pricer = Pool(problem), Pricer(problem)
    rng = np.random.default_rng(seed)
    for _ in range(5):
        greedy(pool, pricer, Taken(problem), rng)
    block = Block(problem, tuple(range(len(problem.groups))))
    return master_of(pool, block, Taken(problem)).solve()


@pytest.mark.parametrize("seed", range(6))
def test_differences_have_the_same_value_and_prices_that_prove_it(seed: int) -> None:
    """Prices of differences, put together again, are prices of the rows."""
    lines = model_of(week_of(seed)).lines
    assert isinstance(lines.rows, WeekRows)
    apart = replace(lines, rows=Apart(lines.rows.slots, lines.rows.lacking))
    value, prices, duals = solved(lines, seed)
    other, _, _ = solved(apart, seed)
    assert value == pytest.approx(other)
    at = np.clip(prices, *lines.limits)
    rows = float(lines.rows.want @ at) + lines.rows.slacks.bound(at) + lines.rows.constant
    assert rows + float(duals @ lines.sizes) == pytest.approx(value)
