"""Days that nobody recorded: found by what a feed itself has, told, and no part of any rate."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from districts import found as errors
from districts import small_district
from small_import import small_source

from config.calendar import Calendar
from config.district import load
from config.importers.make import import_district
from config.importers.silence import IntArray, recorded_days, silences
from config.made_tables import HistoryRow
from config.reading import write_rows
from config.words import words
from scheduler.foresight.ground import kernel_of
from scheduler.foresight.history import History, incidents_by_kind, read_history, unrecorded
from scheduler.foresight.patterns import fit
from scheduler.hindsight.month import report_of

LAST = 399
CHANCE = np.random.default_rng(3)
Spans = list[tuple[int, int]]


def poisson(days: IntArray, mean: float) -> IntArray:
    """The day of each record of a feed with so many a day."""
    found: IntArray = np.repeat(days, CHANCE.poisson(mean, len(days)))
    return found


def found(day: IntArray, last: int = LAST) -> Spans:
    """First and last day of each silence of a history that begins on day 0."""
    return [(one.first, one.last) for one in silences(day, 0, last)]


def without(first: int, last: int) -> IntArray:
    """All days but those between."""
    return np.delete(np.arange(LAST + 1), np.arange(first, last + 1))


def test_a_silence_is_told_with_what_it_lacks() -> None:
    """A month of a feed with twelve a day; a week of one with two is chance."""
    (one,) = silences(poisson(without(200, 229), 12.0), 0, LAST)
    assert (one.first, one.last) == (200, 229)
    assert one.expected == pytest.approx(360, rel=0.1)
    assert found(poisson(without(200, 206), 2.0)) == []


@pytest.mark.parametrize("mean", [0.02, 0.3, 5.0, 80.0])
def test_a_feed_without_a_hole_has_none(mean: float) -> None:
    """However seldom or often it has records."""
    assert found(np.r_[0, poisson(np.arange(LAST + 1), mean), LAST]) == []


def test_a_feed_that_is_closed_on_sundays_is_not_silent_on_them() -> None:
    """A hall that opens on six days; a closed week is told with its Sundays."""
    open_days = np.array([day for day in range(LAST + 1) if day % 7 != 6])
    assert found(poisson(open_days, 60.0), int(open_days[-1])) == []
    closed = open_days[(open_days < 210) | (open_days > 216)]
    assert found(poisson(closed, 60.0), int(open_days[-1])) == [(209, 216)]


def test_records_that_come_in_batches_leave_no_silence() -> None:
    """Tickets that are typed in on the first of each month: no month is silent."""
    assert found(np.repeat(np.arange(0, LAST, 30), 400)) == []


@pytest.mark.parametrize(
    ("day", "spans"),
    [
        (poisson(np.r_[300 : LAST + 1], 12.0), [(0, 299)]),
        (poisson(np.r_[0:300], 12.0), [(300, LAST)]),
        (np.r_[np.arange(0, 100, 7), poisson(np.r_[104 : LAST + 1], 90.0)], []),
    ],
    ids=["begins", "ends", "begins slowly"],
)
def test_before_a_feed_begins_and_after_it_ends_nobody_records(day: IntArray, spans: Spans) -> None:
    """Where another feed has records; a pilot with one a week was not silent between these."""
    assert found(day) == spans
    silent = {day for first, last in spans for day in range(first, last + 1)}
    assert set(recorded_days(day, 0, LAST).tolist()) == set(range(LAST + 1)) - silent


# --- a district whose September is missing -------------------------------------------------------

BEGIN, DAYS = date(2026, 5, 1), 209
SEPTEMBER = [date(2026, 9, 1) + timedelta(days=n) for n in range(30)]
Made = Callable[..., Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A district with twelve crashes and five violations a day, but for some days."""

    def build(*, crashes: bool = True, violations: bool = True) -> Path:
        folder = small_district(tmp_path / f"{crashes}-{violations}")
        days = [BEGIN + timedelta(days=n) for n in range(DAYS)]
        rows = [
            HistoryRow.model_validate({
                "id": f"{day}-{n}", "at": f"{day}T{n + 4:02d}:15:00+08:00", "x_m": 0, "y_m": 0,
                "node": f"n{n % 3}{n % 2}", "service_s": 900,
                **({"kind": "crash"} if n < 12 else
                   {"category": "violation", "violation": "overload"}),
            })
            for day in days for n in range(17)
            if (crashes if n < 12 else violations) or day not in SEPTEMBER
        ]  # fmt: skip
        write_rows(folder / HistoryRow.file, rows)
        return folder

    return build


def expected(folder: Path) -> float:
    """Incidents that the planner expects in an hour of the whole district."""
    district = load(folder)
    days, seen = incidents_by_kind(read_history(district), district.calendar)
    patterns = fit(tuple(district.roads.node_ids), days, seen, kernel_of(district))
    return float(sum(kind.level.sum() for kind in patterns.kinds))


def keys(folder: Path) -> list[str]:
    """What `check` says of days that are missing."""
    return [one[3] for one in errors(folder, "warning") if one[3].endswith("_silent")]


def told(history: History, calendar: Calendar) -> list[str]:
    """The same as a plan tells it."""
    return [one.key.removeprefix("check.") for one in unrecorded(history, calendar)]


@pytest.mark.parametrize("missing", [["incidents"], ["incidents", "violations"]])
def test_a_month_that_nobody_recorded_lowers_no_rate_and_is_told(
    made: Made, missing: list[str]
) -> None:
    """Whether violations of that month are there or not: `check` and every plan say what is not."""
    whole, holed = made(), made(crashes=False, violations="violations" not in missing)
    assert expected(holed) == pytest.approx(expected(whole), rel=0.01)
    district = load(holed)
    wanted = [f"{feed}_silent" for feed in missing]
    assert keys(holed) == wanted == told(read_history(district), district.calendar)
    assert keys(whole) == []
    (one, *_) = unrecorded(read_history(district), district.calendar)
    assert one.fields == {"days": 30, "expected": "360", "spans": "2026-09-01/2026-09-30"}


def test_the_report_on_a_month_that_nobody_recorded_expects_nothing_and_says_so(made: Made) -> None:
    """It was told as a month of no incidents where hundreds were expected, and no alarm."""
    district = load(made(crashes=False, violations=False))
    report = report_of(district, read_history(district), (2026, 9))
    assert report.silent == 30
    assert sum(one.expected for one in report.came) == 0
    assert [one.key for one in report.unrecorded] == [
        "check.incidents_silent", "check.violations_silent",
    ]  # fmt: skip


def test_an_import_says_which_days_its_source_lacks(tmp_path: Path) -> None:
    """In its report, while the source is still at hand."""
    source = small_source(tmp_path / "src")
    path = source / "crashes.csv"
    with path.open(encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        for day in range(1, 29):
            for n, (_, _, *rest) in enumerate(rows if not 10 <= day < 20 else []):
                writer.writerow([f"{day}-{n}", f"10/{day:02d}/2017", *rest])
    report = import_district(source, tmp_path / "out", tmp_path / "small.yaml")
    (line,) = [line for line in report.lines(words("en")) if "2017-10-10/2017-10-19" in line]
    assert "10 days" in line
    assert '"key": "check.incidents_silent"' in (tmp_path / "out" / "quality.json").read_text()
