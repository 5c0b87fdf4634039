"""Weeks, local clocks and clock changes, in zones that have them and in one that has none."""

import ast
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from sources import files, nodes, together

from config.calendar import Calendar, monday_of, week_of_day, window_min
from config.settings import NightCheck
from config.tables import CalendarRow, DutyRow

ZONES = ("Asia/Shanghai", "Europe/Madrid", "America/New_York")
HOUR_MS = 3_600_000
MOMENTS = st.integers(1_262_304_000_000, 1_893_456_000_000)  # 2010 to 2029


def calendar(zone: str = "Asia/Shanghai", *days: CalendarRow) -> Calendar:
    """A calendar of a zone with some days of calendar.csv."""
    return Calendar(ZoneInfo(zone), {row.day: row for row in days})


@together
def test_time_zones_are_known_to_the_calendar_alone() -> None:
    """The settings are held against the zones' names."""
    knows = {
        str(file.relative_to(ROOT)) for file in files() for node in nodes(file)
        if isinstance(node, ast.ImportFrom) and node.module == "zoneinfo"
    }  # fmt: skip
    assert knows == {"config/calendar.py", "config/settings_checks.py"}


@pytest.mark.parametrize(
    ("zone", "week", "hours"),
    [
        ("Europe/Madrid", "2026-W13", 167), ("Europe/Madrid", "2026-W43", 169),
        ("America/New_York", "2026-W10", 167), ("America/New_York", "2026-W44", 169),
        ("Asia/Shanghai", "2026-W13", 168), ("Asia/Shanghai", "2026-W44", 168),
    ],
)  # fmt: skip
def test_a_week_with_a_clock_change_has_an_hour_more_or_less(
    zone: str, week: str, hours: int
) -> None:
    """Clocks change on 29 March and 25 October in Madrid, 8 March and 1 November in New York."""
    found = calendar(zone)
    assert found.week_start_ms(found.next_week(week)) - found.week_start_ms(week) == hours * HOUR_MS


@pytest.mark.parametrize(
    ("zone", "day", "clock", "utc"),
    [
        ("Europe/Madrid", date(2026, 3, 29), time(2, 30), "2026-03-29T01:30"),  # missing: is 03:30
        ("Europe/Madrid", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),  # twice: the first
        ("America/New_York", date(2026, 3, 8), time(2, 0), "2026-03-08T07:00"),
        ("America/New_York", date(2026, 11, 1), time(1, 59), "2026-11-01T05:59"),
        ("Asia/Shanghai", date(2026, 12, 1), time(0, 0), "2026-11-30T16:00"),
    ],
)
def test_a_missing_clock_time_moves_forward_and_a_double_one_is_the_first(
    zone: str, day: date, clock: time, utc: str
) -> None:
    """At the very hours of the change."""
    expected = int(datetime.fromisoformat(utc).replace(tzinfo=UTC).timestamp()) * 1000
    assert calendar(zone).at_ms(day, clock) == expected


@pytest.mark.parametrize("zone", ZONES)
@given(at_ms=MOMENTS)
def test_local_clocks_equal_the_standard_library_and_come_back(zone: str, at_ms: int) -> None:
    """Wall clock, ISO text and back, at any moment of twenty years."""
    found = calendar(zone)
    moment = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    assert found.local(at_ms) == moment
    wall = np.datetime64(int(found.local_ms(at_ms)), "ms")
    assert wall == np.datetime64(found.local(at_ms).replace(tzinfo=None), "ms")
    assert found.parse_iso(found.iso(at_ms)) == at_ms


@pytest.mark.parametrize("zone", ZONES)
def test_an_array_equals_its_moments_one_by_one(zone: str) -> None:
    """Every half hour of the two weeks with a change, and the year between."""
    found = calendar(zone)
    start = found.week_start_ms("2026-W09")
    moments = start + np.arange(0, 60 * 336, 7, dtype=np.int64) * HOUR_MS // 2
    walls = [found.local(int(at)).replace(tzinfo=None) for at in moments]
    assert found.local_ms(moments).astype("datetime64[ms]").tolist() == walls
    assert np.array_equal(found.local_ms(moments.reshape(2, -1)).ravel(), found.local_ms(moments))


@pytest.mark.parametrize("zone", ZONES)
def test_wall_clocks_turn_back_into_moments(zone: str) -> None:
    """Except in the hour that comes twice, where the first is taken."""
    found = calendar(zone)
    moments = found.week_start_ms("2026-W09") + np.arange(336 * 120, dtype=np.int64) * 1_500_000
    back = found.of_local_ms(found.local_ms(moments))
    second = [at for at in moments.tolist() if found.local(at).fold]
    assert moments[moments != back].tolist() == second
    assert set(np.unique(moments - back)) == ({0, HOUR_MS} if second else {0})


@pytest.mark.parametrize("zone", ZONES)
@given(week_number=st.integers(0, 1040))
def test_weeks_follow_each_other_without_gap(zone: str, week_number: int) -> None:
    """A week ends where the next begins, holds its seven dates, and its moments name it."""
    found = calendar(zone)
    day = date(2010, 1, 4) + timedelta(days=7 * week_number)
    week = found.week_of(found.at_ms(day, time(12)))
    assert found.dates(week)[0] == day == monday_of(week)
    assert len(found.dates(week)) == 7
    after_ms = found.week_start_ms(found.next_week(week))
    assert found.week_of(found.week_start_ms(week)) == week
    assert found.week_of(after_ms - 1) == week
    assert found.week_of(after_ms) == week_of_day(day + timedelta(days=7))


def test_the_week_over_new_year_has_the_iso_name() -> None:
    """31 December 2026 and 1 January 2027 lie in 2026-W53, the next week is 2027-W01."""
    found = calendar()
    assert found.week_of(found.at_ms(date(2027, 1, 1), time(8))) == "2026-W53"
    assert found.next_week("2026-W53") == "2027-W01"


@pytest.mark.parametrize(
    "week", ["2026-W54", "2025-W53", "2026-W00", "2026-W9", "2026W49", "", "x"]
)
def test_a_week_that_is_none_is_refused(week: str) -> None:
    """Also a week 53 of a year that has 52."""
    with pytest.raises(ValueError, match="2026-W49"):
        calendar().week_start_ms(week)


@pytest.mark.parametrize(
    "text", ["2026-11-30T07:30:00", "2026-11-30", "yesterday", "", "2026-13-01T00:00+08:00"]
)
def test_a_time_without_offset_is_refused(text: str) -> None:
    """A naive time says nothing."""
    with pytest.raises(ValueError):  # noqa: PT011 - the standard library words some of them
        calendar().parse_iso(text)


def test_iso_shows_the_offset_of_the_day() -> None:
    """Summer and winter in Madrid; milliseconds only where there are some."""
    found = calendar("Europe/Madrid")
    assert found.iso(found.at_ms(date(2026, 7, 1), time(7, 30))) == "2026-07-01T07:30:00+02:00"
    assert (
        found.iso(found.at_ms(date(2026, 12, 1), time(7, 30)) + 5)
        == "2026-12-01T07:30:00.005+01:00"
    )


def test_a_window_over_midnight_ends_on_the_next_day() -> None:
    """21:00 to 03:00 is six hours, 08:00 to 08:00 a whole day; a clock change takes one away."""
    found = calendar("Europe/Madrid")
    friday, saturday = date(2026, 11, 27), date(2026, 3, 28)
    for day, start, end, hours in (
        (friday, time(21), time(3), 6), (friday, time(8), time(8), 24),
        (friday, time(8), time(9), 1), (saturday, time(21), time(5), 7),
    ):  # fmt: skip
        first, last = found.span_ms(day, start, end)
        assert last - first == hours * HOUR_MS


@pytest.mark.parametrize(("start", "end"), [
    (time(21), time(3)), (time(8), time(8)), (time(8), time(9)), (time(23, 59), time(0)),
    (time(0), time(23, 59)), (time(0), time(0)),
])  # fmt: skip
def test_a_window_is_as_long_in_minutes_as_in_moments(start: time, end: time) -> None:
    """Where no clock changes; from midnight to midnight is a whole day."""
    found, day = calendar(), date(2026, 11, 27)
    since_min, until_min = window_min(start, end)
    midnight_ms = found.at_ms(day, time(0))
    span_ms = tuple(midnight_ms + minute * 60_000 for minute in (since_min, until_min))
    assert found.span_ms(day, start, end) == span_ms


def test_a_duty_takes_place_on_its_weekdays_or_its_one_day_and_on_school_days() -> None:
    """`on` goes before the weekdays; the calendar's schools go before both."""
    in_lieu = CalendarRow(day=date(2026, 12, 5), kind="in_lieu", school="1")
    friday, saturday, next_saturday = in_lieu.day - timedelta(1), in_lieu.day, date(2026, 12, 12)
    cells = {"duty": "x", "squadron": "s1", "kind": "school", "start": "07:00", "end": "09:00"}
    for told, days in (
        ({"weekdays": "6"}, [False, True, True]), ({"weekdays": "5;6"}, [True, True, True]),
        ({"weekdays": "6", "school_days": "1"}, [False, True, False]),
        ({"weekdays": "5;6", "date": "2026-12-12"}, [False, False, True]), ({}, [False] * 3),
    ):  # fmt: skip
        duty = DutyRow.model_validate(cells | told)
        found = calendar("Asia/Shanghai", in_lieu)
        ours = [found.takes_place(duty, day) for day in (friday, saturday, next_saturday)]
        assert ours == days, told


def test_a_night_check_begins_on_its_weekdays() -> None:
    """Friday and Saturday where the settings do not say otherwise."""
    days = [date(2026, 11, 30) + timedelta(days=n) for n in range(7)]
    assert [day.isoweekday() for day in days if NightCheck().holds_on(day)] == [5, 6]


def test_days_of_the_file_come_before_what_their_weekday_says() -> None:
    """National Day is a holiday, the Saturday in lieu a working day with school."""
    holiday = CalendarRow(day=date(2026, 10, 1), kind="holiday", name="国庆节")
    in_lieu = CalendarRow(day=date(2026, 10, 10), kind="in_lieu", school="1")
    found = calendar("Asia/Shanghai", holiday, in_lieu)
    assert (found.day_type(holiday.day), found.works(holiday.day), found.school(holiday.day)) == (
        "holiday",
        False,
        False,
    )
    assert (found.day_type(in_lieu.day), found.works(in_lieu.day), found.school(in_lieu.day)) == (
        "in_lieu",
        True,
        True,
    )
    friday, sunday = date(2026, 10, 9), date(2026, 10, 11)
    assert (found.day_type(friday), found.school(friday)) == ("workday", True)
    assert (found.day_type(sunday), found.school(sunday)) == ("rest", False)


def test_a_week_is_covered_when_the_file_reaches_over_all_of_it() -> None:
    """From the first to the last day of calendar.csv; without days nothing is covered."""
    ends = [
        CalendarRow(day=date(2026, 11, 30), kind="workday"),
        CalendarRow(day=date(2026, 12, 12), kind="rest"),
    ]
    found = calendar("Asia/Shanghai", *ends)
    assert found.covers("2026-W49")
    assert not found.covers("2026-W50")  # its Sunday is the 13th
    assert not found.covers("2026-W48")
    assert not calendar().covers("2026-W49")
