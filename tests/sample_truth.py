"""The hidden truth behind the sample district, for tests and benchmarks; never for the planner.

    world = truth()                      # the district of `folder_of()`
    world.process.rates(day, 7)          # true calls an hour, shape (nodes, 168); nodes as in
    world.offences.rates("超速")          # nodes.csv

It is made again from the seed and the day; the district's folder does not hold it.
"""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from config.sample.days import HISTORY_DAYS
from config.sample.world import World, make_world
from config.sample.write import write_sample

FloatArray = NDArray[np.float64]

SEED, TODAY = 7, date(2026, 11, 24)
"""A Tuesday; its week is 2026-W48, the week to be planned 2026-W49."""
NEXT_WEEK = "2026-W49"


@cache
def truth(seed: int = SEED, today: date = TODAY) -> World:
    """The sample with its hidden process."""
    return make_world(seed, today)


def folder_of(folder: Path, seed: int = SEED, today: date = TODAY) -> Path:
    """Write the sample district of that truth."""
    for name, (content, mode) in _files(seed, today).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)  # the key of the plates is its owner's only
    return folder


@cache
def _files(seed: int, today: date) -> dict[str, tuple[bytes, int]]:
    """What `init` writes and with which rights, by the name in the folder; once a process."""
    with TemporaryDirectory() as made:
        folder = Path(made) / "district"
        write_sample(folder, seed, today)
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {
            path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mode)
            for path in files
        }


def history_hours(world: World) -> FloatArray:
    """True expected calls of the whole history, shape (nodes, hours)."""
    return world.process.rates(world.process.span.first, HISTORY_DAYS)


def mean_week(world: World, first: date, weeks: int) -> FloatArray:
    """True calls an hour in the mean of some weeks from a Monday on, shape (nodes, 168)."""
    rates = world.process.rates(first, 7 * weeks)
    return np.asarray(rates.reshape(len(rates), weeks, 168).mean(axis=1), dtype=np.float64)


def monday(day: date) -> date:
    """Monday of a day's week."""
    return day - timedelta(days=day.weekday())
