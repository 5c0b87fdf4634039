"""The whole search against all rosters of small random problems."""

import itertools
import threading

import line_cases
import numpy as np
import pytest

from scheduler.solve.lines.problem import LineProblem
from scheduler.solve.lines.search import Lines, Search


def optimum(case: line_cases.Case) -> float:
    """Least cost of all rosters."""
    problem = case.problem
    each = [list(case.lines(group)) for group in range(len(problem.groups))]
    best = float("inf")
    for lines in itertools.product(*each):
        rows = np.concatenate([problem.options.covers.of(line) for line in lines])
        covered = np.bincount(rows, minlength=len(problem.rows.want))
        own = sum(problem.own_cost(group, line) for group, line in enumerate(lines))
        best = min(best, own + problem.rows.cost(covered))
    return best


def recount(problem: LineProblem, found: Lines) -> float:
    """Cost of an answer, added up anew."""
    covered, cost = np.zeros(len(problem.rows.want), dtype=np.int64), 0.0
    for group, own in enumerate(found.lines):
        assert sum(count for _, count in own) == problem.groups[group].count
        for line, count in own:
            np.add.at(covered, problem.options.covers.of(line), count)
            cost += count * problem.own_cost(group, line)
    return cost + problem.rows.cost(covered)


@pytest.mark.parametrize("seed", range(12))
def test_small_problems_are_solved_to_the_optimum(seed: int) -> None:
    """Cost and bound are what trying everything gives."""
    rng = np.random.default_rng(1000 + seed)
    case = line_cases.drawn(rng, 4, 2, most_kinds=2)
    found = Search(case.problem, workers=1).run(20.0)
    assert found.cost == recount(case.problem, found) == optimum(case)
    assert found.bound == found.cost


def test_the_bound_is_never_above_the_optimum_wherever_it_stops() -> None:
    """Stopped after any number of rounds."""
    for seed in range(20):
        case = line_cases.drawn(np.random.default_rng(2000 + seed), 4, 2, most_kinds=2)
        best = optimum(case)
        told: list[float] = []
        found = Search(case.problem, workers=1, bounded=told.append).run(0.05)
        assert max([found.bound, *told]) <= best <= found.cost


def test_rounds_repeat() -> None:
    """With counted rounds and one worker the answer depends on the seed alone."""
    case = line_cases.drawn(np.random.default_rng(5), 7, 4)
    first, second = (Search(case.problem, seed=3, workers=1).run(0, rounds=5) for _ in range(2))
    assert first.cost == second.cost
    assert all((a[0][0] == b[0][0]).all() for a, b in zip(first.lines, second.lines, strict=True))


def test_a_stopped_search_keeps_a_lawful_roster() -> None:
    """Even when it is stopped before it begins."""
    case = line_cases.drawn(np.random.default_rng(6), 7, 3)
    stop = threading.Event()
    stop.set()
    found = Search(case.problem, workers=1).run(60, stop=stop)
    for group, ((line, _),) in enumerate(found.lines):
        kinds = case.problem.options.count // 7
        assert case.limits[group].lawful(tuple(int(o) % kinds if o >= 0 else -1 for o in line))
