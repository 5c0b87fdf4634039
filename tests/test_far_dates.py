"""Dates at the ends of every calendar, and changes that ask for nothing: told, never a fault."""

from pathlib import Path

import pytest
from districts import WEEK, edit, small_district
from planned import week_of
from typed import Typed, typed

from config.district import load
from config.errors import BadInput
from config.ids import DutyId, TeamId, VehicleId
from config.tables import VehicleRow
from scheduler.absence import problem_to_mend
from scheduler.changes.change_args import moment
from scheduler.recorded import Recorded
from scheduler.wanted import Edited, carried_out

__all__ = ["typed"]
FAR = ("0001-01-01", "9999-12-31")
DUTY = DutyId("t1@2026-12-01")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small district's folder."""
    return small_district(tmp_path / "d")


@pytest.mark.parametrize("day", FAR)
@pytest.mark.parametrize(
    "told",
    [
        ("edit", "DIR", "--week", WEEK, "--duty", DUTY, "--start", "DAYT07:00"),
        ("edit", "DIR", "--week", WEEK, "--duty", DUTY, "--end", "DAYT07:00"),
        ("extra", "DIR", "--squadron", "s1", "--from", "DAYT07:00", "--to", "DAYT09:00"),
        ("extra", "DIR", "--squadron", "s1", "--from", "DAYT07:00Z", "--to", "DAYT09:00Z"),
        ("absent", "DIR", "o1", "DAY"),
        ("why", "DIR", "o1", "DAY"),
        ("withdraw-vehicle", "DIR", "v1", "--since", "DAY"),
    ],
    ids=lambda told: told[0],
)
def test_a_date_that_no_calendar_surrounds_is_refused(
    told: tuple[str, ...], day: str, folder: Path, typed: Typed
) -> None:
    """They ended as a fault of the program, and a withdrawal stayed in the journal for good."""
    words = [one.replace("DAY", day) if one != "DIR" else str(folder) for one in told]
    shown = typed("roster", *words)
    assert (shown.code, day in shown.err, "2199" in shown.err) == (2, True, True)


@pytest.mark.parametrize("since", ["2026-12-07T00:00:00+08:00", "9999-12-31T00:00:00+08:00"])
def test_a_week_of_which_nothing_is_left_is_not_planned(
    since: str, folder: Path, tmp_path: Path, typed: Typed
) -> None:
    """The solver ended without a roster, as a fault of the program."""
    shown = typed("plan", folder, "--week", WEEK, "--out", tmp_path / "x", "--since", since)
    assert (shown.code, f"is after {WEEK}" in shown.err) == (2, True)
    assert not (tmp_path / "x").exists()


def test_a_time_of_a_year_that_is_planned_is_taken(folder: Path) -> None:
    """The first and the last of them."""
    district = load(folder)
    for text in ("1970-01-01T00:00", "2199-12-31T23:59"):
        assert moment(district, text)


@pytest.mark.parametrize(("since", "until"), [FAR, ("0001-01-01", "2026-12-02")])
def test_a_vehicle_withdrawn_for_ever_does_not_stop_a_plan(
    since: str, until: str, folder: Path
) -> None:
    """By its file, and as an event of whatever program: no check stands before that."""
    edit(folder, VehicleRow, 0, withdrawn_from=since, withdrawn_to=until)
    told = [{"vehicle": "v2", "since": since, "until": until}]
    district = Recorded(vehicles=tuple(told)).onto(load(folder))
    problem = problem_to_mend(district, week_of(district, WEEK))
    noon = 12 * 60
    gone = [one.id for one in problem.vehicles if not one.is_free(noon, noon + 60)]
    assert gone == [VehicleId("v1"), VehicleId("v2")]


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        (Edited(DUTY), "repair.nothing"),
        (Edited(DUTY, team=TeamId("t1")), "repair.as_it_is"),
        (Edited(DUTY, end_ms=4_000_000_000_000), "repair.no_move"),
    ],
)
def test_an_edit_that_changes_nothing_or_the_impossible_is_refused(
    wanted: Edited, key: str, folder: Path
) -> None:
    """It made a draft in which nothing is changed, or one that ends in the year 2096."""
    district = load(folder)
    file = week_of(district, WEEK)
    with pytest.raises(BadInput) as refused:
        carried_out(district, file, wanted, None)
    assert refused.value.key == key


def test_versions_begin_with_one(folder: Path, typed: Typed) -> None:
    """Version 0 was taken for none named, and the week in force was edited."""
    shown = typed(
        "roster", "edit", folder, "--week", WEEK, "--duty", DUTY, "--remove", "--version", "0"
    )
    assert (shown.code, "--version" in shown.err) == (2, True)
