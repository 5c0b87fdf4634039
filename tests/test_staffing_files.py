"""`benchmarks/staffing.py`: what it answers to files, and how it refuses them."""

import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks.staffing import main, units_for
from benchmarks.staffing_week import SERVICE, a_day, played, truths
from scheduler.foresight.load_curve import load_curve, weekly_rates
from scheduler.foresight.queueing import Service, erlang_b, erlang_c, least_units, loads_within

SLOTS = 336
CALLS = "start,service_minutes\n"
BUSY = "".join(f"{slot},{6700 if slot == 1 else 1}\n" for slot in range(1, SLOTS))


def lines(path: Path) -> list[list[str]]:
    """Rows of a CSV file."""
    return [line.split(",") for line in path.read_text("utf-8").splitlines()]


def week_file(folder: Path, rates: np.ndarray) -> Path:
    """An arrivals file."""
    rows = "".join(f"{slot},{rate}\n" for slot, rate in enumerate(rates))
    (folder / "arrivals.csv").write_text(f"slot,rate_per_hour\n{rows}", "utf-8")
    return folder / "arrivals.csv"


def test_without_a_file_the_check_tables_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """Seventeen values of METHODS section 2, each within 1e-6."""
    assert main([]) == 0
    told = capsys.readouterr().out.splitlines()
    assert (len(told), sum("MISSED" in line for line in told)) == (17, 0)


def test_pairs_are_answered_in_order_and_in_full(tmp_path: Path) -> None:
    """Columns of the issue; more digits than the check needs."""
    (tmp_path / "pairs.csv").write_text("a,c\n8,10\n12,5\n", "utf-8")
    assert main(["--pairs", str(tmp_path / "pairs.csv"), "--out", str(tmp_path / "o.csv")]) == 0
    head, first, second = lines(tmp_path / "o.csv")
    assert head == ["c", "a", "erlang_b", "erlang_c"]
    assert first[:2] == ["10", "8"]
    assert [float(cell) for cell in first[2:]] == [erlang_b(10, 8), erlang_c(10, 8)]
    assert float(second[3]) == 1.0  # overloaded: everybody waits


@pytest.mark.parametrize("mean", ["45", "45min", "0.75h", "0.75"])
def test_a_steady_week_needs_erlang_s_units_in_every_slot(tmp_path: Path, mean: str) -> None:
    """Eight an hour for 45 min are a load of 6, however the mean is written."""
    given = ["--arrivals", str(week_file(tmp_path, np.full(SLOTS, 8.0)))]
    out = tmp_path / "o.csv"
    assert main([*given, "--mean", mean, "--cv", "1.3", "--target", "0.1", "--out", str(out)]) == 0
    head, *rows = lines(out)
    assert head == ["slot", "units"]
    assert [int(slot) for slot, _ in rows] == list(range(SLOTS))
    units = {int(units) for _, units in rows}
    assert erlang_c(min(units), 6.0) <= 0.1 < erlang_c(min(units) - 1, 6.0)
    assert len(units) == 1


@pytest.mark.parametrize("target", [0.01, 0.2, 0.9])
def test_one_unit_each_is_counted_as_batches_are(target: float) -> None:
    """Erlang's recursion against the batches' equations with a plan of two that never occurs."""
    rng = np.random.default_rng(1)
    load = rng.uniform(0, 60, (80, 3)) * (rng.random((80, 3)) > 0.2)
    load[:5] = 0
    never = np.tile([1.0, 0.0], (80, 1))
    found = least_units(load, np.ones((80, 1)), target)
    assert found.tolist() == least_units(load, never, target).tolist()


def test_five_thousand_busy_units_are_soon_counted(tmp_path: Path) -> None:
    """Rates that differ from slot to slot, up to the bound."""
    began_s = time.monotonic()
    given = ["--arrivals", str(week_file(tmp_path, np.linspace(1.0, 6666.0, SLOTS)))]
    assert main([*given, "--mean", "45", "--out", str(tmp_path / "o.csv")]) == 0
    assert int(lines(tmp_path / "o.csv")[-1][1]) > 4900
    assert time.monotonic() - began_s < 30


def test_units_come_after_the_calls_and_go_round_the_week() -> None:
    """Calls of Sunday's last hour bind units on Monday."""
    rate = np.zeros(SLOTS)
    rate[334:] = 6.0
    units = units_for(rate, Service.lognormal(1.0, 0.5), 0.2)
    assert units[0] > 0 == units[300]


def test_units_by_the_slot_keep_the_target_in_every_hour() -> None:
    """Every call of 300 weeks is played; no hour lies surely over the target."""
    rate = a_day(truths()["two peaks, other week-ends"], 100)
    units = units_for(rate, SERVICE, 0.1)
    calls, waits = played(rate, units, 300, np.random.default_rng(3))
    error = np.sqrt(0.1 * 0.9 / calls)
    assert (waits / calls < 0.1 + 3.5 * error).all()
    fewer, missed = played(rate, np.maximum(units - 1, 1), 300, np.random.default_rng(3))
    assert (missed / fewer > 0.1 + 3.5 * error).any()


def test_weeks_are_counted_from_the_dates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two weeks of one call an hour for half an hour are half a unit at any time."""
    hours = [f"2026-03-{day:02} {hour:02}:10,30" for day in range(2, 16) for hour in range(24)]
    (tmp_path / "calls.csv").write_text("\n".join(["start,service_minutes", *hours]), "utf-8")
    assert main(["--calls", str(tmp_path / "calls.csv"), "--out", str(tmp_path / "o.csv")]) == 0
    load = np.array([float(cell) for _, cell in lines(tmp_path / "o.csv")[1:]])
    assert load == pytest.approx(np.full(SLOTS, 0.5), rel=0.05)
    assert "2.0 weeks" in capsys.readouterr().err


@pytest.mark.parametrize(("calls", "most"), [(15, 0.15), (120, 0.07)])
def test_a_load_curve_is_near_the_truth_and_its_band_holds_it(calls: int, most: float) -> None:
    """Eight weeks drawn from a week with steps from hour to hour."""
    rate = a_day(truths()["steps of an hour"], calls)
    true = loads_within(rate, SERVICE.bound_h, 0.5, 3).mean(axis=1)
    rng = np.random.default_rng(2)
    slot = np.repeat(np.arange(SLOTS), rng.poisson(rate * 4))
    stays = SERVICE.median_h * np.exp(SERVICE.sigma * rng.standard_normal(len(slot)))
    found = load_curve(slot, stays, np.full(SLOTS, 4.0))
    assert np.abs(found.load - true).sum() / true.sum() < most
    assert np.mean((found.low <= true) & (true <= found.high)) > 0.7


@pytest.mark.parametrize(("calls", "weeks"), [(30, 20.0), (3000, 20.0), (3, 1000.0)])
def test_nights_without_any_call_are_told_from_busy_days(calls: int, weeks: float) -> None:
    """However many calls the days have: the search goes on where one of its steps led astray."""
    hour = np.arange(SLOTS) / 2
    busy = hour % 24 > 6
    true = np.where(busy, np.exp(np.sin(2 * np.pi * (hour - 9) / 24) + 0.3 * (hour > 120)), 0.0)
    count = np.random.default_rng(0).poisson(true * calls).astype(np.float64)
    found = weekly_rates(count, np.full(SLOTS, weeks)).rate
    assert np.isfinite(found).all()
    assert found[~busy].mean() < 0.05 * found[busy].mean()
    assert found[busy].sum() == pytest.approx(count.sum() / weeks, rel=0.02)


def test_weekdays_that_nobody_watched_lean_on_the_others() -> None:
    """Calls of workdays only: the week-end is not taken for quiet."""
    slot = np.repeat(np.arange(240), 3)
    exposure = np.where(np.arange(SLOTS) < 240, 2.0, 0.0)
    found = load_curve(slot, np.full(len(slot), 0.5), exposure)
    assert found.load[250:].min() > 0.3
    assert (found.high / found.low)[280] > (found.high / found.low)[100]


@pytest.mark.parametrize(
    ("option", "text", "told"),
    [
        ("--pairs", "c,a\n2,1\n2.5,1\n", ":3: '2.5' is no whole number from 0"),
        ("--pairs", "c,a\n2,nan\n", ":2: 'nan' is no number from 0"),
        ("--pairs", "c;a\n2;1\n", ":1: no column c, a"),
        ("--pairs", "c,a\n2,\n", ":2: a is empty"),
        ("--pairs", "c,a\n", ":2: no row"),
        ("--arrivals", "slot,rate_per_hour\n0,1\n336,1\n", ":3: '336' is no whole number"),
        ("--arrivals", "slot,rate_per_hour\n0,1\n0,2\n", ":3: slot 0 stands in line 2 already"),
        ("--arrivals", "slot,rate_per_hour\n0,1\n", ":2: 335 slots are missing, the first is 1"),
        ("--arrivals", "slot,rate_per_hour\n0,-1\n", ":2: '-1' is no number from 0"),
        ("--calls", "start,service_minutes\nMonday,3\n", ":2: 'Monday' is no local time"),
        ("--calls", f"{CALLS}2026-03-02 08:00,-1\n", ":2: '-1' is no number"),
        ("--calls", f"{CALLS}2026-03-02 08:00,5\n2026-03-02 09:00,0\n", ":3: '0' is no number"),
        ("--calls", f"{CALLS}2026-03-02 08:00Z,5\n", ":2: '2026-03-02 08:00Z' has an offset"),
        ("--calls", f"{CALLS}2026-03-02T08:00+08:00,5\n", "08:00+08:00' has an offset"),
        ("--calls", f"{CALLS}2026-03-02,5\n", ":2: '2026-03-02' has no time"),
        (
            "--calls",
            f"{CALLS}9999-12-31 08:00,5\n0001-01-01 08:00,5\n",
            ":2: 9999-12-31 08:00 lies",
        ),
        ("--calls", f"start,{CALLS}x,2026-03-02 08:00,5\n", ":1: column start stands there twice"),
        ("--pairs", f"c,a\n2,1\n2,{'1' * 140_000}\n", ":3: no CSV (field larger than"),
        ("--pairs", f"c,{'a' * 140_000}\n2,1\n", ":1: no CSV (field larger than"),
        ("--arrivals", f"slot,rate_per_hour\n0,1\n{BUSY}", ":3: 6700 calls an hour of 0.75 h each"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(
    option: str, text: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, and stderr says where and what."""
    (tmp_path / "f.csv").write_text(text, "utf-8")
    assert main([option, str(tmp_path / "f.csv"), "--mean", "45"]) == 2
    assert told in capsys.readouterr().err


def test_a_missing_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, too."""
    assert main(["--pairs", str(tmp_path / "none.csv")]) == 2
    assert "none.csv:1: cannot be read" in capsys.readouterr().err
