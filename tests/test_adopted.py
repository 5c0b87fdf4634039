"""A week that was published before the planner's journal began: taken over, or said why not."""

import subprocess
from pathlib import Path

import pytest
from districts import WEEK, small_district
from planned import week_of, write_week
from typed import within

from config.district import load
from config.ids import AreaId
from config.reading import write_rows
from config.tables import LeaveRow
from events.sqlite import SqliteBus
from scheduler.plan_log import PlanReader
from scheduler.readback import kept_folder
from scheduler.week_ledger import WeekLedger

ROOT = Path(__file__).resolve().parent.parent
WEDNESDAY = "2026-12-02"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district with a kept week, and no journal."""
    folder = small_district(tmp_path / "d")
    district = load(folder)
    kept = kept_folder(district, WEEK)
    kept.mkdir(parents=True)
    write_week(district, week_of(district, WEEK), kept)
    return folder


def on_leave(folder: Path) -> None:
    """Somebody of the kept week is on leave since: it breaks a law."""
    row = {"person": "o2", "from": WEDNESDAY, "to": WEDNESDAY}
    write_rows(folder / LeaveRow.file, [LeaveRow.model_validate(row)])


def qinwu(*told: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return within("--lang", "en", "roster", *told)


def held(folder: Path) -> tuple[WeekLedger, int]:
    """What the journal says of the week, and how many reports."""
    bus = SqliteBus(folder / "duty.db")
    try:
        area = AreaId(load(folder).settings.brigade)
        ledger = PlanReader(bus, area).ledger
        return ledger.week(WEEK), ledger.reports
    finally:
        bus.close()


def test_a_sick_call_in_a_kept_week_changes_it(folder: Path) -> None:
    """The kept week is the first version, as handed in; the next is without the absent."""
    done = qinwu("absent", str(folder), "o1", WEDNESDAY)
    assert done.returncode == 0, done.stderr
    week, _ = held(folder)
    assert (week.published, [one.cause for one in week.drafts.values()]) == (
        (1, 2), ["edit", "absence"]
    )  # fmt: skip


@pytest.mark.parametrize(
    "told",
    [
        ("absent", "o1", WEDNESDAY),
        ("withdraw-vehicle", "v1", "--since", WEDNESDAY),
        ("swap", f"t1@{WEDNESDAY}", f"t2@{WEDNESDAY}"),
    ],
)
def test_nothing_is_noted_of_a_kept_week_that_breaks_a_law(
    folder: Path, told: tuple[str, ...]
) -> None:
    """Its breaches are said and nothing looks like success; said twice it leaves no more."""
    on_leave(folder)
    name, *rest = told
    for _ in range(2):
        done = qinwu(name, str(folder), *rest)
        assert (done.returncode, done.stdout) == (3, ""), done.stderr
        assert "o2" in done.stderr
        assert f"{WEEK} as it is kept" in done.stderr
    week, reports = held(folder)
    assert (dict(week.drafts), reports) == ({}, 0)
