"""The benchmark of the loop: a hidden truth that shifts, worked for a week by a real engine."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from benchmarks import loop, loop_world
from benchmarks.loop_truth import DRUNK, FIRST, TODAY, Truth, made, shifted
from config.district import load
from config.made_tables import HistoryRow
from config.sample.world import World, make_world
from scheduler.recorded import Recorded
from scheduler.reported import read

SEED = 5


@pytest.fixture(scope="module", name="world")
def _world() -> World:
    """The sample as it is."""
    return make_world(SEED, TODAY)


def test_the_truth_is_the_samples_until_the_files_end(world: World) -> None:
    """And as many calls afterwards, elsewhere."""
    other = shifted(world)
    before, after = (
        [one.process.rates(FIRST + timedelta(days), 14) for one in (world, other)]
        for days in (-28, 28)
    )
    assert np.allclose(before[0], before[1])
    assert np.isclose(after[0].sum(), after[1].sum())
    assert np.abs(after[0] - after[1]).sum() > 0.1 * after[0].sum()


def test_half_of_the_drinking_goes_on_elsewhere(world: World) -> None:
    """As many are drunk; the places differ."""
    rates = [one.offences.rates(DRUNK) for one in (world, shifted(world))]
    assert np.isclose(rates[0].sum(), rates[1].sum())
    assert not np.allclose(rates[0].sum(axis=1), rates[1].sum(axis=1))


def test_what_is_committed_is_counted_whoever_looks(world: World) -> None:
    """By squadron, hour and kind, twice as much in twice the days."""
    truth = Truth(shifted(world))
    one, two = (truth.committed(FIRST, days).sum() for days in (28, 56))
    assert 1.5 < two / one < 2.5


def test_the_interval_is_of_paired_differences() -> None:
    """By Student's t of four towns."""
    mean, low, high = loop.interval(np.array([1.0, 2.0, 3.0, 2.0]))
    assert (mean, round(low, 3), round(high, 3)) == (2.0, 0.701, 3.299)


def test_a_week_is_worked_as_planned_and_told_to_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sign-ins, visits, violations, tests, calls and their ends: the next plan reads them all."""
    monkeypatch.setattr(loop_world, "WEEKS", 1)
    folder = tmp_path / "d"
    truth = made(folder, SEED)
    last = max((folder / HistoryRow.file).read_text("utf-8").splitlines()[1:], key=_at)
    assert _at(last) < FIRST.isoformat()
    plan = loop._plan(load(folder), 0, Recorded())
    played = loop_world.Played(folder, truth, SEED)
    try:
        played.work(plan, FIRST)
        told = read(played.bus, played.district, violations=True)
    finally:
        played.close()
    assert len(told.incidents) > 200
    assert len(told.violations) > 100
    assert {one["look"] for one in told.watches} == {"all", "night_check"}
    assert sum(one["tested"] for one in told.tests) > 100
    assert sum(one["made"] for one in told.visits) > 60
    assert any(one["found"] for one in told.visits)
    crashes = [one["answered"] for one in told.outcomes if one["severity"] == "damage"]
    assert 0.25 < sum(crashes) / len(crashes) < 0.55


def _at(line: str) -> str:
    """When a record of the history happened."""
    return line.split(",")[1]
