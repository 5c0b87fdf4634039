"""Must-correct lists: pooled, steady, corrected for where patrols stood, without look-ahead."""

import csv
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from districts import set_settings, small_district

import qinwu
from benchmarks.must_correct import jaccard, planted
from config.calendar import Calendar
from config.errors import BadInput
from scheduler.foresight.must_correct import (
    Correcting,
    Violations,
    band_shares,
    listed,
    monthly,
    recorded_violations,
    violation_rates,
)
from scheduler.hindsight.must_correct_files import (
    rows_between,
    violations_of,
    with_patrols,
    write,
)

KINDS = ("phone", "red light", "speed", "tired", "turn")
ZONE = Calendar(ZoneInfo("Europe/Madrid"), {})
YEAR = 2018 * 12


def drawn(months: int = 24, seed: int = 1) -> Violations:
    """Two areas; speed at night, phones by day; the second area has few records."""
    rng = np.random.default_rng(seed)
    size = months * 120
    hour = rng.integers(0, 24, size)
    by_day = np.array([0.4, 0.3, 0.05, 0.05, 0.2])
    kind = np.array([rng.choice(5, p=by_day if 6 <= h < 20 else by_day[::-1]) for h in hour])
    area = (rng.random(size) < 0.05).astype(np.int64)
    month = np.sort(rng.integers(YEAR, YEAR + months, size))
    return Violations(("north", "south"), KINDS, month, area, hour, kind)


def every_hour(count: np.ndarray, hours: float = 1.0) -> np.ndarray:
    """Exposure that is the same everywhere."""
    return np.full(count.shape, hours)


def test_an_area_of_few_records_follows_the_city() -> None:
    """One odd record does not make a list."""
    count = np.zeros((2, 24, 3))
    count[0, :, :] = [100, 60, 1]
    count[1, 8, 2] = 1
    shares = band_shares(violation_rates(count, every_hour(count)), 6)
    assert shares[1, 1].argsort()[::-1].tolist() == [0, 1, 2]


def test_an_area_of_many_records_has_its_own_list() -> None:
    """And each part of its day, too."""
    count = np.zeros((2, 24, 3))
    count[0, :, :] = [500, 60, 5]
    count[1, :12, :] = [5, 60, 500]
    count[1, 12:, :] = [60, 500, 5]
    shares = band_shares(violation_rates(count, every_hour(count)), 6)
    assert shares.argmax(axis=2).tolist() == [[0, 0, 0, 0], [2, 2, 1, 1]]


def test_the_unit_of_exposure_does_not_matter() -> None:
    """Hours or months: shares are the same."""
    violations = drawn()
    count = violations.seen(YEAR + 24, 0, 24.0)
    one, other = (violation_rates(count, every_hour(count, hours)) for hours in (1.0, 720.0))
    assert band_shares(one, 3) == pytest.approx(band_shares(other, 3))


def test_what_patrols_looked_for_is_divided_out() -> None:
    """Where the truth is known, its lists are found again; raw counts show the patrols."""
    ours, raw = [], []
    for seed in range(3):
        violations, true = planted(seed)
        count = violations.seen(12, 0, 24.0)
        rates = violation_rates(count, violations.exposure(12, 0, 24.0))
        ours.append((listed(band_shares(rates, 6), 3) & true).sum() / true.sum())
        raw.append((listed(band_shares(count, 6), 3) & true).sum() / true.sum())
    assert np.mean(ours) > 0.85
    assert np.mean(raw) < 0.5


def test_lists_are_held_until_another_violation_is_clearly_ahead() -> None:
    """The Jaccard index of two months is higher than without a hold."""

    def kept(how: Correcting) -> float:
        lists = [on_it for _, on_it, _ in monthly(drawn(), YEAR + 24, how=how)]
        return float(np.mean([jaccard(a, b) for a, b in pairwise(lists)]))

    assert kept(Correcting()) > kept(Correcting(hold=0.0))


def test_what_comes_after_a_month_changes_nothing_of_its_list(tmp_path: Path) -> None:
    """Byte-equal, with the later months poisoned."""
    violations = drawn()
    later = violations.month >= YEAR + 12
    poisoned = replace(violations, kind=np.where(later, 4, violations.kind))
    for name, each in (("a", violations), ("b", poisoned)):
        write(tmp_path / name, each, (2018, 7), (2019, 1))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    own = list(rows_between(violations, (2019, 6), (2019, 6)))
    assert own != list(rows_between(poisoned, (2019, 6), (2019, 6)))


def test_a_first_month_further_back_changes_no_later_list() -> None:
    """The hold does not depend on where the file begins."""
    early = [row for row in rows_between(drawn(), (2018, 3), (2019, 3)) if row[0] == "2019-03"]
    assert early == list(rows_between(drawn(), (2019, 3), (2019, 3)))


def test_no_more_than_three_violations_an_hour_and_never_one_that_was_not_seen() -> None:
    """The schema of the file."""
    violations = replace(drawn(), kinds=(*KINDS, "never seen"))
    rows = pd.DataFrame(
        rows_between(violations, (2018, 2), (2018, 12)),
        columns=["month", "area", "from", "to", "violation"],
    )
    assert rows.groupby(["month", "area", "from"]).size().max() == 3
    assert set(rows["violation"]) <= set(KINDS)
    assert rows.drop_duplicates(["from", "to"])[["from", "to"]].to_numpy().tolist() == [
        [hour, hour + 3] for hour in range(0, 24, 3)
    ]
    assert (rows["month"].min(), rows["month"].max()) == ("2018-02", "2018-12")


def test_a_short_memory_forgets() -> None:
    """With three months of memory what was long ago counts for nothing."""
    month = np.repeat([YEAR, YEAR + 6], 10)
    kind = np.repeat([0, 1], 10)
    zero = np.zeros(20, dtype=np.int64)
    violations = Violations(("a",), ("old", "new"), month, zero, zero, kind)
    for memory, kinds in ((None, {"old", "new"}), (3, {"new"})):
        rows = rows_between(violations, (2018, 8), (2018, 8), memory)
        assert {row[4] for row in rows} == kinds


def rows(**columns: list[object]) -> pd.DataFrame:
    """Rows of a history."""
    return pd.DataFrame({"resolution_min": "60", "area": "1", **columns})


def test_what_is_no_violation_and_what_has_no_area_or_hour_is_left_out() -> None:
    """Local hours and months; the source's own texts."""
    read = violations_of(
        rows(
            at_ms=[1_514_761_200_000] * 6,  # 2018-01-01 00:00 in Madrid, still 2017 in UTC
            violation=["Speed", "", "No determinada", "Altres", "Turn", "Turn"],
            area=["1", "1", "1", "1", "", "1"],
            resolution_min=["60", "60", "60", "60", "60", "1440"],
        ),
        ZONE,
    )
    assert (read.kinds, read.areas) == (("Speed",), ("1",))
    assert (read.month.tolist(), read.hour.tolist()) == ([YEAR], [0])


def test_an_empty_text_and_what_says_nothing_are_no_violations() -> None:
    """The plan's records and those of the lists are told apart by one rule, kinds and all."""
    texts, text = ("", " Unknown ", "speed", "turn"), np.array([0, 1, 2, 3, 3, -1])
    local_ms = np.arange(6, dtype=np.int64) * 3_600_000
    found = recorded_violations(("a",), np.zeros(6, dtype=np.int64), texts, text, local_ms)
    assert found.kinds == ("speed", "turn")
    assert (found.kind.tolist(), found.hour.tolist()) == ([0, 1, 1], [2, 3, 4])
    assert set(found.month.tolist()) == {1970 * 12}


def test_patrol_hours_are_read_by_area_hour_and_kind(tmp_path: Path) -> None:
    """A check that looks for one kind alone counts for it alone."""
    file = tmp_path / "patrols.csv"
    file.write_text(
        "month,area,hour,patrol_hours,violation\n"
        "2018-01,north,8,2,\n2018-02,north,8,5,speed\n2018-01,nowhere,8,9,\n", "utf-8",
    )  # fmt: skip
    read = with_patrols(drawn(), file)
    assert read.first_month == YEAR
    assert read.patrol_h is not None
    assert read.patrol_h[0, 0, 8].tolist() == [2] * 5
    assert read.patrol_h[1, 0, 8].tolist() == [0, 0, 5, 0, 0]
    assert read.patrol_h.sum() == 15


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("month,area,hour\n", "backtest.patrol_columns"),
        ("month,area,hour,patrol_hours\n2018-13,north,8,2\n", "backtest.patrol_row"),
        ("month,area,hour,patrol_hours\n2018-01,north,24,2\n", "backtest.patrol_row"),
        ("month,area,hour,patrol_hours\n2018-01,north,8\n", "backtest.patrol_row"),
    ],
)
def test_a_bad_file_of_patrols_is_refused(text: str, key: str, tmp_path: Path) -> None:
    """With its line."""
    (tmp_path / "p.csv").write_text(text, "utf-8")
    with pytest.raises(BadInput) as refused:
        with_patrols(drawn(), tmp_path / "p.csv")
    assert refused.value.key == key


def test_the_backtest_writes_the_lists_beside_its_forecasts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From any history whose rows name a violation and an area."""
    folder = small_district(tmp_path / "d")
    set_settings(folder, crs={"lonlat": "WGS-84", "metric": "utm", "zone": 50})
    rng = np.random.default_rng(4)
    days = pd.date_range("2025-01-01", "2025-08-31", freq="8h", tz="Asia/Shanghai")
    table = pd.DataFrame({
        "id": [f"c{n}" for n in range(len(days))], "at": [day.isoformat() for day in days],
        "x_m": 500_000 + rng.integers(0, 900, len(days)), "y_m": 3_300_000,
        "kind": "crash", "severity": "damage", "violation": rng.choice(KINDS, len(days)),
        "area": rng.choice(["7", "8"], len(days)),
    })  # fmt: skip
    for file in (folder / "history").glob("*"):
        file.unlink()
    (folder / "history").mkdir(exist_ok=True)
    table.to_csv(folder / "history" / "c.csv", index=False)
    out = tmp_path / "out"
    words = ["backtest", str(folder), "--from", "2025-06", "--to", "2025-07", "--out", str(out)]
    monkeypatch.setattr("sys.argv", ["qinwu", *words, "--json"])
    assert qinwu._outcome() == 0
    assert json.loads(capsys.readouterr().out)
    with (out / "must_correct.csv").open(encoding="utf-8") as lines:
        read = list(csv.DictReader(lines))
    assert {row["month"] for row in read} == {"2025-06", "2025-07"}
    assert {row["area"] for row in read} == {"7", "8"}
    assert list(read[0]) == ["month", "area", "hour_from", "hour_to", "violation"]
