"""Walks: lines drawn anew at prices, and that only cheap lines are looked at."""

import numpy as np
import pytest
from rosters import load, problem
from small_weeks import PROVEN, tiny, week_of
from test_lines_anneal import Trial, until

from scheduler.solve.boolean import Plain
from scheduler.solve.lines import walk
from scheduler.solve.lines.anneal_kernel import own_cost
from scheduler.solve.lines.block import blocks_of
from scheduler.solve.lines.cheap import paths_of
from scheduler.solve.lines.pool import Taken
from scheduler.solve.lines.problem import TOLERANCE, FloatArray
from scheduler.solve.lines.walk import DRAWS, Walking

ROOM = 200_000
"""Lines that are near enough to the best to be looked at one by one, at most."""


def guessed(trial: Trial) -> FloatArray:
    """Prices to begin with, where no linear master was solved."""
    return trial.model.lines.guesses[0]


def walked(trial: Trial, seed: int, draws: int = 20 * DRAWS) -> Taken:
    """All blocks of the start, one after another."""
    made = trial.start
    for block in blocks_of(trial.model.lines):
        walking = Walking(trial.annealing, trial.pricer, block, guessed(trial))
        made = walking.run(made, np.random.default_rng(seed), until(draws))
    return made


@pytest.mark.parametrize("seed", range(6))
def test_every_line_is_lawful_and_the_cost_on_the_way_adds_up(seed: int) -> None:
    """The roster that was best on the way is better than the start by what it was said to be."""
    trial = Trial(week_of(seed), seed)
    made = walked(trial, seed)
    assert made.whole
    assert made.cost <= trial.start.cost
    for column, count in made.items():
        assert count > 0
        worked = np.where(column.line >= 0, trial.moves.later[column.line], column.line)
        cost = own_cost(trial.annealing.lawful, column.group, worked)
        assert cost == pytest.approx(column.cost)


@pytest.mark.parametrize("seed", PROVEN[:6])
def test_no_roster_is_below_the_best_possible_and_small_ones_come_near_it(seed: int) -> None:
    """The second engine proves what is best; the prices are only a guess."""
    week = tiny(seed)
    best = Plain(week).best(30, workers=2)
    found = min(walked(Trial(week), n).cost for n in range(3))
    assert found >= best.bound - TOLERANCE
    assert found <= 1.1 * best.cost + 1


def test_the_same_chance_gives_the_same_roster() -> None:
    """Line by line."""
    one, two = (walked(Trial(week_of(5), 5), 9) for _ in range(2))
    assert [c.line.tolist() for c, _ in one.items()] == [c.line.tolist() for c, _ in two.items()]


def test_without_noise_and_heed_everybody_gets_the_line_that_is_best_at_the_prices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is the pricing's line, found among the cheap ones."""
    trial = Trial(problem(squadrons=2, teams=4, needed=np.stack([load(4)] * 2), grid_min=120))
    for name, value in (("HOT", 1e-9), ("COLD", 1e-9), ("HEED", 1e-12), ("HEED_END", 1e-12)):
        monkeypatch.setattr(walk, name, value)
    monkeypatch.setattr(walk, "MEMORY", 0.0)
    prices, drawn = guessed(trial), dict[int, float]()
    for block in blocks_of(trial.model.lines):
        walking = Walking(trial.annealing, trial.pricer, block, prices)
        nobody = trial.start.copy()
        for group in block.groups:
            nobody.drop(group)
            empty = trial.pool[trial.pool.add(group, trial.model.lines.empty)]
            nobody.take(empty, int(trial.model.lines.sizes[group]))
        made = walking.run(nobody, np.random.default_rng(1), until(DRAWS * 5))
        drawn |= {
            column.group: trial.pool.reduced(column, prices)
            for group in block.groups for column, _ in made.columns[group].values()
        }  # fmt: skip
    best = trial.pricer.price_all(list(drawn), prices)
    assert list(drawn.values()) == pytest.approx([one.bound for one in best])


@pytest.mark.parametrize("above", [0.0, 3.0])
def test_what_is_left_is_what_lines_near_the_best_work(above: float) -> None:
    """No class of options too few, none too many, no hours but theirs."""
    trial = Trial(tiny(4))
    groups = range(len(trial.model.lines.groups))
    paths = paths_of(trial.pricer, groups, guessed(trial), above + TOLERANCE)
    minutes = trial.model.lines.options.minutes // trial.model.lines.unit_min
    for group in groups:
        paid = trial.pricer.prices_of(guessed(trial), group)
        lines = trial.pricer.all_within(group, paid, above + TOLERANCE, ROOM)
        assert lines is not None
        assert len(lines) > 0
        worked = np.unique(lines[lines >= 0])
        of = trial.pricer.own[group].graph.class_of
        used = paths.used[paths.class_from[group] : paths.class_from[group + 1]]
        assert set(np.flatnonzero(used[1:]) + 1) == set(of[worked])
        units = np.cumsum(np.where(lines >= 0, minutes[lines], 0), axis=1)
        assert (paths.floor[group][1:] == units.min(axis=0)).all()
        assert (paths.reach[group][1:] == units.max(axis=0)).all()
