"""The compiled pricing against trying every line of small random cases."""

import line_cases
import numpy as np
import pytest

from scheduler.solve.lines import pricing
from scheduler.solve.lines.pricing import Pricer


def check(seed: int) -> None:
    """The best line, its bound, and all lines near it, of one random case."""
    rng = np.random.default_rng(seed)
    case = line_cases.drawn(rng, int(rng.integers(3, 7)), 1)
    rows = rng.uniform(-1, 10, len(case.problem.rows.want))
    pricer = Pricer(case.problem)
    paid = pricer.prices_of(rows, 0)
    lines = list(case.lines(0))
    costs = np.array([case.problem.own_cost(0, x) - paid[x[x >= 0]].sum() for x in lines])
    found = pricer.price(0, paid, 4)
    known = {tuple(line): cost for line, cost in zip(lines, costs, strict=True)}
    assert found.bound == pytest.approx(costs.min()), seed
    assert known[tuple(found.lines[0])] == pytest.approx(costs.min()), seed
    assert all(tuple(line) in known for line in found.lines), seed
    near = pricer.all_within(0, paid, 5.0, len(lines))
    assert near is not None
    assert len({tuple(line) for line in near}) == len(near), seed
    assert len(near) == np.count_nonzero(costs <= costs.min() + 5.0), seed


def test_the_best_line_is_the_best_of_all() -> None:
    """Counters in the states of the table."""
    for seed in range(250):
        check(seed)


def test_the_best_line_is_the_best_of_all_with_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counters in labels."""
    monkeypatch.setattr(pricing, "MOST_COUNTERS", 1)
    for seed in range(250, 500):
        check(seed)


def test_too_many_lines_are_not_listed() -> None:
    """Where there is no room for all lines there is no list."""
    case = line_cases.drawn(np.random.default_rng(3), 5, 1)
    pricer = Pricer(case.problem)
    paid = pricer.prices_of(np.zeros(len(case.problem.rows.want)), 0)
    assert len(list(case.lines(0))) > 1
    assert pricer.all_within(0, paid, 1e12, 1) is None
