"""The benchmarks of points and colours: what they measure, and that no forecast looks ahead."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_backtest import crashes

from benchmarks import barcelona, colours, must_arrive, units
from scheduler.foresight import choosing
from scheduler.foresight.must_arrive import MustArrive
from scheduler.hindsight.backtest import Backtest

MONTH = (2018, 2)


def rows_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Made-up crashes as the importer gives rows."""
    at = pd.to_datetime(frame["at"], utc=True) - pd.Timestamp(0, tz="UTC")
    at_ms = (at // pd.Timedelta(milliseconds=1)).astype(np.int64)
    return frame.assign(at_ms=at_ms, resolution_min=1, violation="", service_s=np.nan)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Two and a half years of crashes: a corner in the morning, and anywhere at any time."""
    return rows_of(crashes())


@pytest.fixture(scope="module")
def poisoned(rows: pd.DataFrame) -> pd.DataFrame:
    """The same with all crashes from the month on three times, at one other corner."""
    later = rows["at"] >= "2018-02-01"
    return pd.concat([rows[~later], *[rows[later].assign(x_m=500_900.0)] * 3], ignore_index=True)


def listed(rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> list[MustArrive]:
    """The list that the squadrons are given at the beginning of the month."""
    found: list[MustArrive] = []
    own = choosing.choose

    def choose(*told: object, **more: object) -> tuple[MustArrive, ...]:
        chosen = own(*told, **more)  # type: ignore[arg-type]
        found.extend(chosen)
        return chosen

    tested, cell = barcelona.backtest_of(rows)
    district = must_arrive.districts(rows, cell, len(tested.grid.cells))
    forecast = tested.forecast(MONTH)
    came, _ = barcelona.came_in(tested, forecast)
    monkeypatch.setattr(must_arrive, "choose", choose)
    must_arrive.published(tested, forecast, district, came)
    return found


def test_no_crash_after_a_month_began_changes_its_list(
    rows: pd.DataFrame, poisoned: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Poisoned later months, the same points with the same reasons, to the last byte."""
    known = rows[rows["at"] < "2018-02-01"]
    assert repr(listed(known, monkeypatch)) == repr(
        listed(poisoned_in(known, poisoned), monkeypatch)
    )


def poisoned_in(known: pd.DataFrame, poisoned: pd.DataFrame) -> pd.DataFrame:
    """The poison in cells that were known: a new one would only number the others anew."""
    later = poisoned[poisoned["at"] >= "2018-02-01"]
    place = known.iloc[len(known) // 2]
    return pd.concat([known, later.assign(x_m=place.x_m, y_m=place.y_m)], ignore_index=True)


def test_no_crash_after_a_month_began_changes_its_colours(
    rows: pd.DataFrame, poisoned: pd.DataFrame
) -> None:
    """The same cells are red, by risk and in all."""
    known = rows[rows["at"] < "2018-02-01"]
    one, other = (
        colours.Rolling(each, 400.0).shown(MONTH) for each in (known, poisoned_in(known, poisoned))
    )
    assert one.red.tobytes() == other.red.tobytes()
    assert one.expected.tobytes() == other.expected.tobytes()


def test_the_list_meets_the_corner_in_the_morning(rows: pd.DataFrame) -> None:
    """Ranking meets more than last month's counts, and every list less than all crashes."""
    met = must_arrive.figures(rows, "2018-02", "2018-04")
    assert met["ranking"].sum() >= met["last month's list"].sum() > 0
    tested, _ = barcelona.backtest_of(rows)
    for month, row in zip([(2018, 2), (2018, 3), (2018, 4)], met.to_numpy(), strict=True):
        _, all_ = barcelona.came_in(tested, tested.forecast(month))
        assert row.max() <= all_


def test_a_doubled_section_has_its_crashes_twice_and_no_other(rows: pd.DataFrame) -> None:
    """In the two months alone."""
    clean = colours.Rolling(rows, 800.0)
    busiest = int(np.argmax(np.bincount(clean.cell)))
    twice = colours.Rolling(colours._doubled(rows, clean, np.array([busiest]), MONTH), 800.0)
    for month, times in (((2018, 1), 1), ((2018, 2), 2), ((2018, 3), 2), ((2018, 4), 1)):
        own, other = clean.came(month), twice.came(month)
        assert other[busiest] == times * own[busiest]
        assert np.delete(other, busiest).tolist() == np.delete(own, busiest).tolist()


def test_a_month_s_crashes_in_unknown_cells_are_counted_among_all(rows: pd.DataFrame) -> None:
    """What happens where nothing was known is missed by every list."""
    tested, _ = barcelona.backtest_of(rows)
    forecast = tested.forecast(MONTH)
    few = replace(forecast, places=forecast.places[:1], rates=forecast.rates[:1])
    came, all_ = barcelona.came_in(tested, few)
    assert came.sum() < all_ == rows["at"].str.startswith("2018-02").sum()


def test_a_forecast_that_knows_the_future_would_be_found_out(
    rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The product's does not look ahead; one made from all records does."""
    assert not must_arrive.looks_ahead(rows, MONTH)
    honest = Backtest.forecast
    monkeypatch.setattr(Backtest, "forecast", lambda self, _: honest(self, (2018, 6)))
    assert must_arrive.looks_ahead(rows, MONTH)


def test_free_hours_cost_as_many_unit_hours_as_fixed_posts() -> None:
    """In no hour more than three times as many are out, and each stands where more is expected."""
    rates = np.random.default_rng(1).gamma(0.5, size=(40, 168)) * np.linspace(0, 2, 168)
    out = units.hours_free(rates, 4)
    assert out.sum() == units.fixed(rates.sum(axis=1), 4).sum() == 4 * 168
    assert out.sum(axis=0).max() <= 12
    free = out.sum(axis=0) < 12
    assert rates[out].min() >= rates[:, free][~out[:, free]].max()


def test_a_unit_meets_more_where_its_hours_follow_the_crashes(
    rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A corner has its crashes in the morning, another at night: a post meets those of one."""
    monkeypatch.setattr(units, "BARS", {1: 1.0})
    corner = rows[rows["area"] == "1"]
    other = corner.assign(x_m=corner["x_m"] + 1200.0, at_ms=corner["at_ms"] + 12 * 3_600_000)
    met = units.figures(pd.concat([rows, other], ignore_index=True), "2018-02", "2018-04").sum()
    assert met["1 hours free"] > 1.5 * met["1 fixed posts"] > 0
