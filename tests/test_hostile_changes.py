"""Changes of a week by hostile hands: twins at once, contradictions, edges of the week."""

import json
from datetime import date
from pathlib import Path

import pytest
from districts import WEEK, edit, small_district
from planned import week_of
from typed import Typed, typed

from config.district import District, load
from config.tables import VehicleRow
from events.hints import hint_of
from events.schema import Envelope, Refused, parse
from scheduler.absence import problem_to_mend
from scheduler.intake import Week
from scheduler.recorded import Recorded

__all__ = ["typed"]
SUNDAY = "2026-11-29T12:00:00+08:00"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small district's folder."""
    return small_district(tmp_path / "d")


@pytest.fixture
def district(folder: Path) -> District:
    """That folder, loaded."""
    return load(folder)


# --- a vehicle ---------------------------------------------------------------------------------


def withdrawn(*spans: tuple[str, str | None]) -> Recorded:
    """Reports of v1, each with its first and last day."""
    told = [{"vehicle": "v1", "since": first, "until": last, "at": SUNDAY} for first, last in spans]
    return Recorded(vehicles=tuple(told))


def is_free(by_now: Recorded, district: District, day: int) -> bool:
    """Whether the laws let v1 out on a day of December, from 08:00 to 16:00."""
    problem = problem_to_mend(by_now.onto(district), week_of(district, WEEK))
    [car] = [one for one in problem.vehicles if one.id == "v1"]
    of = Week(district.calendar, WEEK)
    return car.is_free(*(of.local(date(2026, 12, day), at_min) for at_min in (480, 960)))


def is_grounded(by_now: Recorded, district: District, day: int) -> bool:
    """Whether the planner repairs a duty with v1 on that day at those hours."""
    start, end = (f"2026-12-{day:02}T{hour:02}:00:00+08:00" for hour in (8, 16))
    return by_now.grounded({"vehicle": "v1", "start": start, "end": end}, district.calendar)


def test_a_vehicle_withdrawn_a_second_time_stays_withdrawn_the_first(district: District) -> None:
    """Two days in the garage, a day of driving, another one: nothing took the first back."""
    by_now = withdrawn(("2026-12-01", "2026-12-02"), ("2026-12-04", "2026-12-04"))
    days = range(1, 6)
    assert [is_free(by_now, district, day) for day in days] == [False, False, True, False, True]
    assert [is_grounded(by_now, district, day) for day in days] == [True, True, False, True, False]


def test_a_report_does_not_bring_back_a_vehicle_that_its_file_withdraws(folder: Path) -> None:
    """vehicles.csv says all of December; that it is away next year changes nothing now."""
    edit(folder, VehicleRow, 0, withdrawn_from="2026-12-01", withdrawn_to="2026-12-31")
    assert not is_free(withdrawn(("2027-01-05", "2027-01-06")), load(folder), 1)


def test_a_report_of_the_same_first_day_corrects_the_one_before(district: District) -> None:
    """Away since Tuesday, who knows how long; then: it is back on Thursday."""
    by_now = withdrawn(("2026-12-01", None), ("2026-12-01", "2026-12-02"))
    assert [is_free(by_now, district, day) for day in (2, 3)] == [False, True]
    assert [is_grounded(by_now, district, day) for day in (2, 3)] == [True, False]


def test_a_vehicle_withdrawn_until_before_it_begins_is_refused(folder: Path, typed: Typed) -> None:
    """It said "noted as withdrawn" and withdrew nothing."""
    days = ("--since", "2026-12-05", "--until", "2026-12-04")
    shown = typed("roster", "withdraw-vehicle", folder, "v1", *days)
    assert shown.code == 2
    assert "2026-12-05 is after 2026-12-04" in shown.err


@pytest.mark.parametrize(("until", "taken"), [("2026-12-05", True), ("2026-12-04", False)])
def test_an_event_of_a_withdrawal_that_ends_before_it_begins_is_none(
    until: str,
    taken: bool,  # noqa: FBT001
) -> None:
    """From whatever program it comes."""
    told = {
        "specversion": "1.0", "id": "1", "source": "depot", "type": "qinwu.vehicle_withdrawn.v1",
        "time": SUNDAY, "data": {"vehicle": "v1", "since": "2026-12-05", "until": until},
    }  # fmt: skip
    found = parse(json.dumps(told).encode())
    assert isinstance(found, Envelope) == taken
    if isinstance(found, Refused):
        rule = hint_of(found.code, json.dumps(told).encode())
        assert rule == {"rule": "until is not before since"}
