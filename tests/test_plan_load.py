"""The load of a plan, from the functions that `analyse` calls, against weeks that are known."""

from dataclasses import replace

import numpy as np
import pytest
from districts import small_district
from scipy.sparse import eye_array

from benchmarks.staffing_week import BARS, SERVICE, WEEKS, a_day, truths
from config.district import District, load
from scheduler.foresight.demand import MOMENTS, response
from scheduler.foresight.history import History
from scheduler.foresight.patterns import Days, Seen, fit
from scheduler.foresight.queueing import loads_within
from scheduler.foresight.staffing import curves_of, streams, sure_of
from scheduler.slots import SLOTS

WEEK = np.arange(7)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """All of it one squadron's, without paperwork."""
    found = load(small_district(tmp_path_factory.mktemp("district")))
    settings = found.settings
    staffing = settings.staffing.model_copy(update={"paperwork_min": 0})
    return replace(
        found,
        settings=settings.model_copy(
            update={"staffing": staffing, "squadrons": settings.squadrons[:1]}
        ),
        node_squadron=np.zeros_like(found.node_squadron),
        posts={},
    )


def planned(district: District, slot: np.ndarray, stays_h: np.ndarray) -> tuple[np.ndarray, ...]:
    """Load of a mean week and how sure it is, from eight weeks of calls known to the hour."""
    count = len(slot)
    zeros = np.zeros(count, dtype=np.int64)
    week = np.random.default_rng(1).integers(0, WEEKS, count)
    seen = {"call": Seen(zeros, week * 7 + slot // 48, slot % 48 // 2)}
    days = Days(np.tile(WEEK, WEEKS), np.zeros(7 * WEEKS, dtype=np.int64))
    nodes = tuple(district.roads.node_ids)
    patterns = fit(nodes, days, seen, eye_array(len(nodes)).tocsr())
    history = History(
        nodes, ("call",), ("none",), (), zeros, zeros == 0, zeros, zeros, zeros, zeros - 1,
        stays_h * 3600,
    )  # fmt: skip
    ahead = Days(WEEK, np.zeros(7, dtype=np.int64))
    curves = curves_of(district, days, seen)
    calls = streams(district, history, patterns, curves, ahead)
    assert calls[0].rate.sum() * 0.5 * WEEKS == pytest.approx(
        patterns.kinds[0].rates().sum() * WEEKS
    )  # the level is the patterns'
    units = max(calls[0].units, 1)
    load_now = response(calls, 1, 0.2).load[0] / units
    return load_now, sure_of(history, curves, calls, ahead)[0]


@pytest.mark.parametrize(("calls", "bar"), BARS.items())
def test_a_plan_s_load_is_as_near_the_truth_as_the_bars_ask(
    district: District, calls: int, bar: float
) -> None:
    """The mean over the benchmark's weeks; the band of 90 % holds them four times of five."""
    errors, inside = [], []
    for shape in truths().values():
        rate = a_day(shape, calls)
        true = loads_within(rate, SERVICE.bound_h, 0.5, MOMENTS).mean(axis=1)
        for draw in range(3):
            rng = np.random.default_rng((1, calls, draw))
            slot = np.repeat(np.arange(SLOTS), rng.poisson(rate * 0.5 * WEEKS))
            stays_h = np.exp(SERVICE.sigma * rng.standard_normal(len(slot))) * SERVICE.median_h
            found, sure = planned(district, slot, stays_h)
            errors.append(np.abs(found - true).sum() / true.sum())
            inside.append(np.mean((found / sure <= true) & (true <= found * sure)))
    assert np.mean(errors) <= bar
    assert np.mean(inside) >= 0.8
