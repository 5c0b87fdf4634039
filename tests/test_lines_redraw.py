"""Redrawing: stretches of lines anew, lawful and at the cost that they are said to have."""

from dataclasses import replace

import line_cases
import numpy as np
import pytest
from test_lines_search import optimum

from scheduler.solve.lines.greedy import greedy
from scheduler.solve.lines.held import Held
from scheduler.solve.lines.onward import MOST, onward
from scheduler.solve.lines.pool import Pool, Taken
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import LineProblem
from scheduler.solve.lines.redraw import HOT, TRADED, TRIES, Redrawing, redraws
from scheduler.solve.lines.redraw_kernel import redraw_all


class Trial:
    """A random problem with a greedy roster."""

    def __init__(self, seed: int, days: int, groups: int) -> None:
        rng = np.random.default_rng(seed)
        self.case = line_cases.drawn(rng, days, groups)
        self.pool = Pool(self.case.problem)
        pricer = Pricer(self.case.problem)
        self.redrawing = Redrawing(self.pool, pricer)
        self.start = greedy(self.pool, pricer, Taken(self.case.problem), rng)

    def changed(self, warmth: float, seed: int) -> tuple[Taken, float, np.ndarray]:
        """The roster after thousands of changes, what they were said to cost, rows covered."""
        own = self.redrawing
        roster, room = own._roster(self.start), own._room()
        cost, _ = redraw_all(
            own.laws, own.people, own.prices, roster, room, roster.lines.copy(), 0.0, warmth,
            TRIES, TRADED, np.random.default_rng(seed),
        )  # fmt: skip
        return own._made(roster.lines), cost, roster.covered

    def held(self, seed: int) -> Held:
        """The best of the way from warm to cold."""
        held = Held(self.case.problem, lambda _: None, lambda _: None)
        held.offer(self.start)
        rng = np.random.default_rng(seed)
        self.redrawing.run(held, rng, lambda done: done / (4 * TRIES), HOT)
        return held


@pytest.mark.parametrize("seed", range(30))
def test_every_line_is_lawful_and_changes_add_up(seed: int) -> None:
    """By rules written without automata, in the heat; and a recount of the whole agrees."""
    trial = Trial(seed, days=7, groups=5)
    made, cost, covered = trial.changed(warmth=15.0, seed=seed)
    options = trial.case.problem.options
    for group, limits in enumerate(trial.case.limits):
        [(column, _)] = made.columns[group].values()
        worked = column.line[column.line >= 0]
        kinds = np.where(column.line >= 0, options.kind[column.line], -1)
        own = trial.case.problem.groups[group]
        assert limits.lawful(tuple(kinds.tolist()))
        assert own.allowed[worked].all()
        assert options.minutes[worked].sum() <= own.most_min
    assert made.cost == pytest.approx(trial.start.cost + cost)
    assert (made.covered == covered).all()


def test_thousands_of_changes_change_something() -> None:
    """Else the test before this one would say nothing."""
    moved = [
        Trial(seed, 7, 5).changed(15.0, seed)[0].covered.tolist()
        != Trial(seed, 7, 5).start.covered.tolist()
        for seed in range(10)
    ]
    assert sum(moved) >= 8


@pytest.mark.parametrize("seed", range(8))
def test_small_problems_end_at_the_optimum(seed: int) -> None:
    """Found by trying every line of everybody."""
    trial = Trial(seed, days=4, groups=2)
    best = optimum(trial.case)
    found = min(trial.held(n).cost for n in range(3))
    assert found >= best - 1e-6
    assert found == pytest.approx(best)


def test_the_same_chance_gives_the_same_roster() -> None:
    """Line by line."""
    one, two = (Trial(5, 7, 5).held(9).best for _ in range(2))
    assert one is not None
    assert two is not None
    assert [c.line.tolist() for c, _ in one.items()] == [c.line.tolist() for c, _ in two.items()]


def changed_options(problem: LineProblem, rows: list[int]) -> LineProblem:
    """The problem with other rows of its options, one each."""
    return replace(problem, options=replace(problem.options, rows=np.array(rows)))


def test_rows_of_several_days_are_not_for_it() -> None:
    """Days of a stretch could not be weighed one by one."""
    problem = line_cases.drawn(np.random.default_rng(0), 4, 2).problem
    assert redraws(problem)
    rows = problem.options.rows.tolist()
    assert not redraws(changed_options(problem, [*rows[:-1], rows[0]]))


def test_limits_up_to_a_day_are_not_for_it() -> None:
    """They could be broken by what comes later."""
    problem = line_cases.drawn(np.random.default_rng(0), 4, 2).problem
    capped = replace(problem.groups[0], caps_min=(600,) * 4)
    assert not redraws(replace(problem, groups=(capped, problem.groups[1])))


def test_a_graph_too_large_for_short_numbers_is_refused() -> None:
    """They would begin again at the least one without a word, and lines would break the law."""
    problem = Trial(0, days=3, groups=2).case.problem
    graph = Pricer(problem).own[0].graph
    with pytest.raises(ValueError, match=str(MOST)):
        onward(problem.options, [graph, replace(graph, nodes=graph.nodes + MOST)])
