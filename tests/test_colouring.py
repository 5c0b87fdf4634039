"""What colours are held to: the same months before, for a plan and for a report."""

from datetime import date, time

import numpy as np
import pytest
from districts import small_district
from test_analysis import past
from test_month import at_corner

from config.district import District, load
from scheduler.foresight.analysis import analyse
from scheduler.foresight.colouring import colours_before, held_since
from scheduler.foresight.colours import GREEN, RED, YELLOW, colours
from scheduler.foresight.history import History, joined
from scheduler.hindsight.month import report_of

WEEK = "2026-W45"  # begins on 2 November


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> District:
    """The hand-made district."""
    return load(small_district(tmp_path_factory.mktemp("colouring")))


@pytest.fixture(scope="module")
def history(district: District) -> History:
    """Crashes at a corner and drink-driving at the bars, to the end of November 2026."""
    return past(district)


def until(district: District, day: date) -> int:
    """The first moment of a day."""
    return district.calendar.at_ms(day, time(0))


def test_a_plan_and_a_report_of_one_week_show_the_same_colours(
    district: District, history: History
) -> None:
    """Both hold what the months before showed, which is not what the week alone would show."""
    known = history.before(until(district, date(2026, 11, 1)))
    plan = analyse(district, known, WEEK).colours
    report = report_of(district, history, (2026, 10)).now.colours
    alone = analyse(district, known, WEEK, before=np.zeros_like(plan.colour)).colours
    assert report.colour.tobytes() == plan.colour.tobytes() != alone.colour.tobytes()


def test_a_report_shows_its_month_as_a_plan_of_it_did(district: District, history: History) -> None:
    """What was foreseen of October has the colours of October's first plan."""
    foreseen = report_of(district, history, (2026, 10)).before
    plan = analyse(district, history.before(until(district, date(2026, 10, 1))), "2026-W41")
    assert foreseen is not None
    assert foreseen.colours.colour.tobytes() == plan.colours.colour.tobytes()


def test_what_a_week_is_held_to_knows_nothing_of_its_month(
    district: District, history: History
) -> None:
    """Ten crashes a day at the corner from 1 November on change nothing of it."""
    poisoned = joined(history, at_corner(district, date(2026, 11, 1), 28, 10))
    one, other = (colours_before(district, each, "2026-W48") for each in (history, poisoned))
    assert one is not None
    assert other is not None
    assert one.tobytes() == other.tobytes()
    assert {RED, YELLOW} <= set(one.ravel().tolist())


def test_weeks_of_one_month_are_held_to_the_same(district: District, history: History) -> None:
    """The first and the last of November; the next month's is another's."""
    first, last = (colours_before(district, history, week) for week in (WEEK, "2026-W48"))
    assert first is not None
    assert last is not None
    assert first.tobytes() == last.tobytes()


def test_without_records_before_it_a_week_is_held_to_nothing(
    district: District, history: History
) -> None:
    """The first record is of late October 2025."""
    assert colours_before(district, history, "2025-W40") is None


@pytest.mark.parametrize(("month", "own"), [(1, 1), (2, 2), (7, 7)])
def test_a_day_is_held_since_the_january_two_years_before(month: int, own: int) -> None:
    """By half-years, and its own month once and last."""
    found = [(day.year, day.month) for day in held_since(date(2027, month, 15))]
    halves = [(2025, 1), (2025, 7), (2026, 1), (2026, 7), (2027, 1)]
    assert found == [*(half for half in halves if half < (2027, own)), (2027, own)]


def test_a_strict_control_road_is_never_green_when_it_is_busy() -> None:
    """Yellow from its own mean on, red where its risk is; another as quiet stays green."""
    rate = np.ones((40, 4))
    rate[[0, 1]] = [0.1, 0.1, 0.2, 0.2]
    rate[2] = [9.0, 0.0, 0.0, 9.0]
    found = colours(rate, np.ones(40), np.zeros(40, dtype=np.int64), strict=np.arange(40) % 2 == 0)
    assert found.colour[0].tolist() == [GREEN, GREEN, YELLOW, YELLOW]
    assert found.strict[0].tolist() == [False, False, True, True]
    assert found.colour[1].tolist() == [GREEN] * 4
    assert found.colour[2].tolist() == [RED, GREEN, GREEN, RED]
    assert not found.strict[2].any()
