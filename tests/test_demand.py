"""Demand: exact queueing values and the parts of a squadron's units."""

from dataclasses import replace

import numpy as np
import pytest

from scheduler.foresight.demand import (
    Stream,
    busy_units,
    demand,
    response,
    visit_units,
    waits,
    with_band,
)
from scheduler.foresight.levels import HOURS
from scheduler.foresight.queueing import (
    Service,
    cobham,
    erlang_b,
    erlang_c,
    least_units,
    offered_load,
    wait_probability,
)
from scheduler.slots import SLOTS

ONE = np.array([[1.0]])
PUBLISHED = [
    (2, 1, 1 / 5, 1 / 3),
    (5, 4, 0.199067, 0.554113),
    (10, 8, 0.121661, 0.409180),
    (14, 10, 0.056819, 0.174132),
    (25, 20, 0.050222, 0.209103),
    (100, 90, 0.026957, 0.216940),
]


@pytest.mark.parametrize(("units", "load", "blocked", "waiting"), PUBLISHED)
def test_erlang_b_and_c_give_the_published_values(
    units: int, load: float, blocked: float, waiting: float
) -> None:
    """Both formulas to six decimals."""
    assert erlang_b(units, load) == pytest.approx(blocked, abs=1e-6)
    assert erlang_c(units, load) == pytest.approx(waiting, abs=1e-6)


@pytest.mark.parametrize(("units", "load"), [(c, a) for c, a, _, _ in PUBLISHED] + [(900, 850)])
def test_batches_of_one_are_erlang_c(units: int, load: float) -> None:
    """The batch formula with one unit each is Erlang C, also where powers would overflow."""
    found = wait_probability(units, np.array([float(load)]), ONE)[0]
    assert found == pytest.approx(erlang_c(units, load), abs=1e-9)


def by_balance(units: int, load: float, plan: list[float]) -> float:
    """Share that waits, from the balance equations of the whole chain cut at 600 incidents."""
    most, size = len(plan), 600
    rate = load / sum(p * (k + 1) for k, p in enumerate(plan))
    flow = np.zeros((size, size))
    for n in range(size):
        for k, share in enumerate(plan):
            if n + k + 1 < size:
                flow[n, n + k + 1] += rate * share
        if n:
            flow[n, n - 1] += min(n, units)
    balance = flow.T - np.diag(flow.sum(axis=1))
    balance[-1] = 1.0
    chance = np.linalg.solve(balance, np.eye(size)[-1])
    return float(sum(plan[k] * chance[max(units - k, 0) :].sum() for k in range(most)))


@pytest.mark.parametrize(
    ("units", "load", "plan"),
    [(3, 1.2, [0.5, 0.5]), (6, 4.0, [0.7, 0.3]), (5, 3.0, [0.0, 1.0]), (8, 5.0, [0.5, 0.3, 0.2])],
)
def test_response_plans_of_several_units_wait_as_the_chain_says(
    units: int, load: float, plan: list[float]
) -> None:
    """The recursion equals the solved balance equations of the batch queue."""
    found = wait_probability(units, np.array([load]), np.array([plan]))[0]
    assert found == pytest.approx(by_balance(units, load, plan), abs=1e-9)


@pytest.mark.parametrize("load", [0.05, 0.9, 3.0, 7.44, 55.5])
def test_least_units_is_the_first_that_keeps_the_target(load: float) -> None:
    """One unit fewer lets more wait than allowed."""
    units = int(least_units(np.array([load]), ONE, 0.2)[0])
    assert erlang_c(units, load) <= 0.2 < erlang_c(units - 1, load)


def test_no_load_needs_no_unit_and_a_pair_needs_two() -> None:
    """A response plan of two is never complete with one unit, however rare it is."""
    plan = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert least_units(np.array([0.0, 1e-6]), plan, 0.2).tolist() == [0, 2]


def test_cobham_gives_the_published_waits() -> None:
    """Five units, load 4, a quarter urgent: waits in mean service times."""
    assert cobham(5, 4, np.array([0.25, 0.75])) == pytest.approx([0.138528, 0.692641], abs=1e-6)


def test_offered_load_of_a_sinusoid_lags_as_published() -> None:
    """λ = 6 + 4 sin(2πt/24) an hour, exponential 0.75 h: mean, maximum and minimum of m(t)."""
    steps = 8640
    middle = (np.arange(steps) + 0.5) * 24 / steps
    rate = 6 + 4 * np.sin(2 * np.pi * middle / 24)
    load = offered_load(rate, lambda u: 0.75 * (1 - np.exp(-u / 0.75)), 24 / steps)
    found = [load.mean(), load.max(), load.min()]
    assert found == pytest.approx([4.5, 7.443790, 1.556210], abs=1e-6)


def test_offered_load_is_rate_times_mean_service_when_nothing_changes() -> None:
    """A service longer than the period is folded into it, not cut off."""
    service = Service(travel_h=0.2, median_h=20.0, sigma=1.2)
    load = offered_load(np.full(48, 0.5), service.bound_h, 0.5)
    assert load == pytest.approx(np.full(48, 0.5 * service.mean_h()), rel=1e-6)


def test_the_bound_time_of_a_service_is_its_tail_s_integral() -> None:
    """∫₀ᵘ P(S > v) dv equals the mean of min(S, u) over drawn services."""
    service = Service(travel_h=0.1, median_h=0.5, sigma=0.6)
    drawn = 0.1 + 0.5 * np.exp(0.6 * np.random.default_rng(1).standard_normal(400_000))
    for until in (0.05, 0.4, 1.0, 3.0):
        found = service.bound_h(np.array([until]))[0]
        assert found == pytest.approx(np.minimum(drawn, until).mean(), rel=3e-3)


def stream(
    rate: float | np.ndarray, units: int = 1, priority: int = 1, hours: float = 0.5
) -> Stream:
    """Incidents of one squadron with a fixed service time."""
    slots = np.repeat(np.broadcast_to(rate, (1, HOURS)) * 1.0, SLOTS // HOURS, axis=1)
    return Stream(slots, units, priority, Service(0, hours, 0))


def test_response_of_a_steady_stream_is_erlang_c_s_answer() -> None:
    """Eight an hour for half an hour each is a load of 4: seven units at 20 % waiting."""
    needed = response([stream(8.0)], 1, 0.2)
    assert needed.load == pytest.approx(np.full((1, SLOTS), 4.0))
    assert set(needed.units.ravel()) == {int(least_units(np.array([4.0]), ONE, 0.2)[0])}


def test_units_follow_the_load_after_the_peak() -> None:
    """Long services keep units busy in the hour after the calls have stopped."""
    rate = np.zeros(HOURS)
    rate[30] = 6.0
    needed = response([stream(rate, hours=2.0)], 1, 0.2)
    assert needed.units[0, 2 * 32] > 0 == needed.units[0, 2 * 34]


def test_sunday_night_spills_into_monday() -> None:
    """The week repeats: what is open at its end is busy at its start."""
    rate = np.zeros(HOURS)
    rate[167] = 4.0
    assert response([stream(rate, hours=1.0)], 1, 0.2).units[0, 0] > 0


def test_an_injury_crash_binds_two_units() -> None:
    """A plan of two units doubles the load and is answered whole."""
    single, double = response([stream(0.4)], 1, 0.2), response([stream(0.4, units=2)], 1, 0.2)
    assert double.load == pytest.approx(2 * single.load)
    assert double.units.min() >= 2


def test_staggering_needs_fewer_unit_hours_than_a_flat_roster() -> None:
    """On a day with a peak, following the load takes at least a fifth off the flat roster."""
    rate = 6 + 4 * np.sin(2 * np.pi * (np.arange(HOURS) - 12) / 24)
    units = response([stream(rate, hours=0.75)], 1, 0.2).units
    assert units.sum() <= 0.8 * units.max() * SLOTS


def test_urgent_incidents_wait_less() -> None:
    """Cobham's waits by priority, in minutes, on the units of the response."""
    streams = [stream(2.0, priority=1), stream(6.0, priority=2)]
    needed = response(streams, 1, 0.5)
    units = np.full((1, SLOTS), 5)
    found = waits(needed, units, streams)
    expected = cobham(5, 4, np.array([0.25, 0.75])) * 30
    assert found[:, 0, 100] == pytest.approx(expected, abs=1e-6)


def test_with_nobody_on_duty_everyone_waits_for_ever() -> None:
    """No unit is an infinite wait, not a missing number."""
    streams = [stream(2.0)]
    found = waits(response(streams, 1, 0.5), np.zeros((1, SLOTS), dtype=np.int64), streams)
    assert np.isinf(found).all()


def test_visits_are_made_by_waiting_units() -> None:
    """Twelve minutes there and eight between: three visits an hour and unit."""
    due = np.zeros((1, SLOTS))
    due[0, :3] = [3.0, 3.1, 0.0]
    assert visit_units(due, 12, 8)[0, :3].tolist() == [1, 2, 0]


def test_a_post_over_midnight_at_the_week_s_end_comes_back_at_its_start() -> None:
    """Sunday 22:00 to 02:00 binds the last four and the first four half hours."""
    sunday = 6 * 24 * 60
    busy = busy_units([(0, sunday + 22 * 60, sunday + 2 * 60, 2)], 1)
    assert np.flatnonzero(busy[0]).tolist() == [0, 1, 2, 3, 332, 333, 334, 335]


def test_units_are_the_largest_part_plus_operations() -> None:
    """The formula of the domain, in every slot."""
    needed = response([stream(8.0)], 1, 0.2)
    ones = np.ones((1, SLOTS), dtype=np.int64)
    found = demand(needed, 2 * ones, 1, 3 * ones, 2 * ones)
    assert (found.units == np.maximum(needed.units, 3) + 2).all()


def test_every_part_is_reported_for_every_slot() -> None:
    """staffing.csv has one row per squadron and slot with all parts."""
    needed = response([stream(8.0)], 1, 0.2)
    zeros = np.zeros((1, SLOTS), dtype=np.int64)
    rows = list(demand(needed, zeros, 1, zeros, zeros).rows(["second"]))
    assert len(rows) == SLOTS
    assert list(rows[7]) == [
        "squadron", "slot", "units", "response", "visits", "statutory", "fixed", "operations",
        "desk", "total",
    ]  # fmt: skip


def test_the_parts_of_a_demand_add_up_to_its_total() -> None:
    """max(response, visits, statutory, fixed) + operations, and the desks beside."""
    needed = response([stream(6.0)], 1, 0.2)
    one = np.ones((1, SLOTS), dtype=np.int64)
    staffed = replace(demand(needed, 2 * one, 1, 3 * one, 4 * one), desk=5 * one)
    for told in staffed.rows(["s1"]):
        row = {name: float(value) for name, value in told.items() if name != "squadron"}
        street = max(row["response"], row["visits"], row["statutory"], row["fixed"])
        assert row["units"] == street + row["operations"]
        assert row["total"] == row["units"] + row["desk"]


def test_a_band_is_wider_where_less_is_known() -> None:
    """It holds the units themselves, and the response plan is kept at both ends."""
    needed = response([stream(6.0, units=2)], 1, 0.2)
    none = np.zeros((1, SLOTS), dtype=np.int64)
    staffed = demand(needed, none, 0, none, none)
    sure = np.where(np.arange(SLOTS) < 48, 1.1, 2.0)[None]
    found = with_band(staffed, needed, sure, 0.2).band
    assert found is not None
    assert (found.units_low <= staffed.units).all()
    assert (staffed.units <= found.units_high).all()
    width = found.units_high - found.units_low
    assert width[0, 0] < width[0, 100]
    assert found.units_low.min() >= 2
