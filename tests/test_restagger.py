"""A demand that changes in mid-week: a draft for a person to approve, never in force by itself."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from planned import Done, Instantly
from planners import House, settle

from config.district import District
from config.made_tables import StaffingRow
from config.reading import write_rows
from events.plan_decisions import Drafted, Published
from scheduler.intake import Week
from scheduler.jobs import Order
from scheduler.readback import kept_folder

WEEK = "2026-W49"
TUESDAY = "2026-12-01T12:00:00+08:00"


def staffing(district: District, path: Path, from_hour: int) -> None:
    """Two units of each squadron for eight hours of every day, as a staffing.csv."""
    of = Week(district.calendar, WEEK)
    rows = [
        StaffingRow.model_validate({
            "squadron": squadron, "start": district.calendar.iso(of.at_ms(slot * 30)),
            "units": 2 * (from_hour <= slot // 2 % 24 < from_hour + 8), "response": 0, "visits": 0,
            "statutory": 0, "fixed": 0, "operations": 0,
        })
        for squadron in district.squadrons for slot in range(336)
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rows(path, rows, StaffingRow, bom=True)


@dataclass
class Analysing(Instantly):
    """Also makes the staffing of an analysis, from an hour on."""

    from_hour: int = 9

    def __call__(self, order: Order) -> Done:
        """Write it."""
        done = super().__call__(order)
        if order.analysis_only:
            staffing(self.district, done.out / "staffing.csv", self.from_hour)
        return done


def told_on_tuesday(folder: Path, from_hour: int) -> House:
    """A house in whose published week, made for 08:00 on, an analysis was asked for."""
    house = House(folder)
    house.solver = Analysing(house.district, folder / "out", from_hour=from_hour)
    planner = house.planner()
    settle(planner)
    staffing(house.district, kept_folder(house.district, WEEK) / "staffing.csv", 8)
    house.now_ms = house.at(TUESDAY)
    house.send("plan_requested", week=WEEK, what="analysis")
    settle(planner)
    return house


def test_a_changed_demand_is_proposed_and_no_more(tmp_path: Path) -> None:
    """Of what is to come the hours move; the version in force stays until a person publishes."""
    house = told_on_tuesday(tmp_path, 10)
    last = house.decided(Drafted)[-1]
    assert isinstance(last, Drafted)
    assert last.cause == "demand"
    ledger = house.planner().ledger.week(WEEK)
    assert ledger.held != last.version
    assert not [p for p in house.decided(Published) if getattr(p, "version", 0) == last.version]
    now, draft = (
        {str(d["duty"]): (str(d["start"]), d["officer"]) for d in ledger.drafts[n].duties}
        for n in (ledger.held or 0, last.version)
    )
    moved = {name for name in now if now[name] != draft.get(name)}
    assert moved
    assert now.keys() == draft.keys()
    assert all(now[name][0] > TUESDAY for name in moved)
    assert all(now[name][1] == draft[name][1] for name in moved)


def test_the_draft_is_in_force_once_a_person_says_so(tmp_path: Path) -> None:
    """And then lawful, as every version."""
    house = told_on_tuesday(tmp_path, 10)
    house.send("plan_requested", week=WEEK, what="publish", by="o1")
    planner = house.planner()
    settle(planner)
    week = planner.ledger.week(WEEK)
    assert week.drafts[week.held or 0].cause == "demand"
    assert week.acts[-1].by == "o1"


@pytest.mark.parametrize("from_hour", [8])
def test_the_same_demand_proposes_nothing(tmp_path: Path, from_hour: int) -> None:
    """An analysis that says what was known makes no draft."""
    house = told_on_tuesday(tmp_path, from_hour)
    assert "demand" not in {d.cause for d in house.decided(Drafted) if isinstance(d, Drafted)}
