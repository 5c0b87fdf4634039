"""Forecasts of past months: what they know, how they are scored, and the files of them."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pytest
from districts import set_settings, small_district

import qinwu
from config.calendar import Calendar
from config.errors import BadInput
from config.settings import Crs
from scheduler.foresight.history import from_rows
from scheduler.hindsight.backtest import OURS, Backtest
from scheduler.hindsight.backtest_files import Predictions
from scheduler.hindsight.grid import gridded
from scheduler.months import after, month_of, named

FIRST, MONTHS = date(2016, 1, 1), 30
ZONE = Calendar(ZoneInfo("Asia/Shanghai"), {})
UTM = Crs(lonlat="WGS-84", metric="utm", zone=50)


def crashes(seed: int = 3) -> pd.DataFrame:
    """Two and a half years of crashes: a corner in the morning, and anywhere at any time."""
    rng = np.random.default_rng(seed)
    rows = []
    for n in range(MONTHS * 30):
        day = FIRST + timedelta(days=n)
        for east, north, rate, hours in ((100, 100, 0.5, (7, 10)), (2000, 2000, 0.7, (0, 24))):
            for _ in range(rng.poisson(rate)):
                spread = 0 if rate == 0.5 else 1600
                hour = rng.uniform(*hours)
                rows.append({
                    "at": f"{day}T{int(hour):02}:{int(hour % 1 * 60):02}:00+08:00",
                    "x_m": 500_000 + east + rng.uniform(-spread, spread),
                    "y_m": 3_300_000 + north + rng.uniform(-spread, spread),
                    "kind": "crash", "severity": "damage", "area": str(1 + (east > 1000)),
                })  # fmt: skip
    frame = pd.DataFrame(rows)
    frame.insert(0, "id", [f"c{n}" for n in range(len(frame))])
    return frame


def rolled(rows: pd.DataFrame, **options: int) -> Backtest:
    """A backtest of such rows in cells of 200 m."""
    at = pd.to_datetime(rows["at"], utc=True) - pd.Timestamp(0, tz="UTC")
    at_ms = (at // pd.Timedelta(milliseconds=1)).astype(np.int64)
    rows = rows.assign(at_ms=at_ms, resolution_min=1, violation="", service_s=np.nan)
    grid, cell = gridded(rows, UTM, 200)
    names = [str(n) for n in range(len(grid.cells))]
    rows = rows.assign(node=[names[n] for n in cell.tolist()])
    return Backtest(from_rows(rows, names), grid, ZONE, **options)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """The crashes."""
    return crashes()


@pytest.fixture(scope="module")
def forecasts(rows: pd.DataFrame) -> Backtest:
    """The backtest on them."""
    return rolled(rows)


def test_what_comes_after_a_month_began_changes_no_forecast_of_it(rows: pd.DataFrame) -> None:
    """Poisoned later months, the same bytes."""
    month = (2018, 2)
    later = rows["at"] >= "2018-02-01"
    poisoned = pd.concat([rows[~later], *[rows[later].assign(x_m=500_100.0)] * 3])
    clean, other = rolled(rows).forecast(month), rolled(poisoned).forecast(month)
    assert clean.rates.tobytes() == other.rates.tobytes()
    for name, score in clean.others.items():
        assert score.tobytes() == other.others[name].tobytes()


def test_only_the_last_months_count_where_asked(rows: pd.DataFrame) -> None:
    """What lies before them changes neither rates nor counts; its places are known all the same."""
    month, old = (2018, 2), rows["at"] < "2017-11-01"
    twice = pd.concat([rows, rows[old]])
    short, other = (rolled(each, memory_months=3).forecast(month) for each in (rows, twice))
    assert short.rates.tobytes() == other.rates.tobytes()
    assert len(short.places) == len(rolled(rows).forecast(month).places)
    assert rolled(twice).forecast(month).rates.tobytes() != other.rates.tobytes()


def test_a_month_is_scored_by_what_came_in_it(forecasts: Backtest, rows: pd.DataFrame) -> None:
    """All crashes of the month are there, those in new cells as missed; chance meets its share."""
    scored = forecasts.score(forecasts.forecast((2018, 2)))
    assert scored.came == rows["at"].str.startswith("2018-02").sum()
    assert 0 < scored.missed < scored.came / 2
    inside = scored.came - scored.missed
    assert scored.hits["uniform"][-1] == pytest.approx(0.1 * inside)
    assert scored.hits[OURS][1] > 5 * scored.hits["uniform"][1]


def test_the_corner_in_the_morning_is_the_riskiest_place_hour(forecasts: Backtest) -> None:
    """The forecast finds what the rows were drawn from, about as often as it is."""
    forecast = forecasts.forecast((2018, 2))
    place, hour = np.unravel_index(np.argmax(forecast.rates), forecast.rates.shape)
    west, south, east, north = forecasts.grid.corners()[forecast.places[int(place)]]
    assert west <= 500_100 < east
    assert south <= 3_300_100 < north
    assert int(hour) % 24 in {7, 8, 9}
    assert forecast.rates[int(place)].sum() / 7 == pytest.approx(0.5, rel=0.2)


def test_months_follow_each_other_over_the_year() -> None:
    """December is followed by January."""
    assert [named(after((2017, 12), n)) for n in (-12, 0, 1, 13)] == [
        "2016-12", "2017-12", "2018-01", "2019-01",
    ]  # fmt: skip
    assert month_of("2018-02") == (2018, 2)


def test_a_grid_without_declared_metres_lies_in_degrees() -> None:
    """Cells of 200 m, in degrees; each record lies in its half-open cell."""
    crs = Crs(lonlat="WGS-84", metric="local", origin_lon=121.5, origin_lat=31.2)
    spots = pd.DataFrame({"x_m": [0.0, 150.0, 900.0], "y_m": [0.0, 20.0, -700.0]})
    grid, cell = gridded(spots, crs, 200)
    assert not grid.metric
    west, south, east, north = grid.corners()[cell[0]]
    assert west <= 121.5 < east
    assert south <= 31.2 < north
    across = np.hypot(grid.x_m[cell[0]] - grid.x_m[cell[2]], grid.y_m[cell[0]] - grid.y_m[cell[2]])
    assert across == pytest.approx(np.hypot(900, 700), abs=290)


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory, rows: pd.DataFrame) -> Path:
    """A district folder with these rows as its history."""
    folder = small_district(tmp_path_factory.mktemp("past") / "d")
    set_settings(folder, crs={"lonlat": "WGS-84", "metric": "utm", "zone": 50})
    (folder / "history").mkdir(exist_ok=True)
    rows.to_csv(folder / "history" / "incidents.csv", index=False)
    (folder / "quality.json").write_text(json.dumps({"columns": {"Codi": "area"}}))
    return folder


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *told: object
        ) -> tuple[int, str, str]:  # fmt: skip
    """Exit code and output of `qinwu backtest`."""
    monkeypatch.setattr("sys.argv", ["qinwu", "backtest", *map(str, told)])
    code = qinwu._outcome()
    out = capsys.readouterr()
    return code, out.out, out.err


def test_forecasts_are_written_for_others_to_score(
    district: Path, forecasts: Backtest, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """One row a place, hour and month; the places are cells at multiples of their side."""
    out = tmp_path / "pred"
    span = ("--from", "2018-01", "--to", "2018-02", "--out", out)
    code, _, progress = run(capsys, monkeypatch, district, *span)
    assert code == 0
    assert "2018-01" in progress
    table = duckdb.read_parquet(str(out / "predictions.parquet")).df()
    assert list(table.columns) == ["place", "hour_of_week", "month", "rate"]
    assert not table.duplicated(["place", "hour_of_week", "month"]).any()
    assert set(table["month"]) == {"2018-01", "2018-02"}
    assert set(table["hour_of_week"]) == set(range(168))
    forecast = forecasts.forecast((2018, 2))
    february = table[table["month"] == "2018-02"]
    assert february["rate"].sum() == pytest.approx(forecast.rates.sum(), rel=1e-9)
    places = pd.read_csv(out / "places.csv").set_index("place")
    assert set(table["place"]) <= set(places.index)
    assert ((places["x_max"] - places["x_min"]) == 200).all()
    assert (places["x_min"] % 200 == 0).all()
    assert sorted(path.name for path in out.iterdir()) == ["places.csv", "predictions.parquet"]


def test_records_are_chosen_by_our_column_or_the_sources(
    district: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The district code by either name; both leave the same crashes."""
    found = []
    for name in ("area", "Codi"):
        span = ("--from", "2018-01", "--to", "2018-01", "--filter", f"{name}=1", "--json")
        found.append(json.loads(run(capsys, monkeypatch, district, *span)[1]))
    assert found[0] == found[1]
    assert 0 < found[0]["incidents"] < 40


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (("--from", "2018-13", "--to", "2018-12"), "2018-13"),
        (("--from", "2018-02", "--to", "2018-01"), "before the first"),
        (("--from", "2018-01", "--to", "2018-01", "--filter", "aera=1"), "area"),
        (("--from", "2018-01", "--to", "2018-01", "--filter", "area=77"), "no record"),
        (("--from", "2012-01", "--to", "2012-01"), "before 2012-01"),
        (("--from", "0001-01", "--to", "2018-01"), "0001-01"),
        (("--from", "2030-01", "--to", "9999-12"), "9999-12"),
        (("--from", "2030-01", "--to", "2030-02"), "last whole month is 2018-05"),
    ],
)
def test_what_cannot_be_tested_is_said_with_its_remedy(
    district: Path, told: tuple[str, ...], said: str,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """An error names what was asked, never a traceback."""
    monkeypatch.setenv("QINWU_LANG", "en")
    code, _, error = run(capsys, monkeypatch, district, *told)
    assert code in {1, 2}
    assert said in error


def test_a_folder_that_holds_files_is_not_written_to(
    district: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies there stays."""
    span = ("--from", "2018-01", "--to", "2018-01", "--out", district)
    before = sorted(path.name for path in district.iterdir())
    assert run(capsys, monkeypatch, district, *span)[0] == 2
    assert sorted(path.name for path in district.iterdir()) == before


def test_months_that_have_not_been_are_not_scored(forecasts: Backtest, rows: pd.DataFrame) -> None:
    """The rows end on 18 June 2018: May is the last whole month, and a record a month is no end."""
    assert [scored.month for _, scored in forecasts.months((2018, 5), (2030, 1))] == [(2018, 5)]
    few = rows.iloc[::200]
    assert named(rolled(few).last_whole()) == few["at"].iloc[-1][:7]


def test_a_disk_that_is_full_leaves_nothing_half_written(
    forecasts: Backtest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the writer is told with its cause, and the folder can be used again."""
    files = Predictions(tmp_path / "pred", forecasts.grid)
    files.add(forecasts.forecast((2018, 2)))

    def full(*_: object, **__: object) -> None:
        msg = "No space left on device"
        raise duckdb.IOException(msg)

    monkeypatch.setattr("duckdb.read_parquet", full)
    with pytest.raises(BadInput) as told:
        files.finish()
    assert "No space" in str(told.value.fields["because"])
    assert not list((tmp_path / "pred").iterdir())
    Predictions(tmp_path / "pred", forecasts.grid).finish()


def test_a_history_of_ten_incidents_gets_an_honest_answer(rows: pd.DataFrame) -> None:
    """No crash, and nothing claimed."""
    few = rolled(rows.iloc[:: len(rows) // 10][:10])
    month = (2018, 1)
    scored = few.score(replace(few.forecast(month), month=month))
    assert scored.came <= 10
