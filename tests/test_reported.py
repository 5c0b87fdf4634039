"""One district for all: what was reported counts in repairs, verdicts, answers and commands."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from districts import MONDAY, WEEK, set_settings, small_district
from planned import week_of, write_week
from test_plan_command import qinwu

from config.district import District, load
from config.made_tables import HistoryRow
from config.reading import write_rows
from events import ports
from events.clock import Clock
from events.facts import Accepted
from events.plan_decisions import Drafted, PublicationRefused
from events.ports import Record
from events.schema import event
from events.sqlite import SqliteBus
from scheduler.ask import Desk
from scheduler.changes.change_told import changed_lines
from scheduler.changes.reporting import Reports
from scheduler.commands import desk_on
from scheduler.due import Repair, asked
from scheduler.ledger import ABSENCE, Duty, Ledger, work_of
from scheduler.plan_log import PlanLog, PlanReader
from scheduler.publish import duties_of, parts_of
from scheduler.reported import reported
from scheduler.roster import Roster

TUESDAY, WEDNESDAY = (str(MONDAY + timedelta(n)) for n in (1, 2))


@pytest.fixture
def district(tmp_path: Path) -> District:
    """The small district: four teams, of each squadron two cars and two motorcycles."""
    return load(small_district(tmp_path / "d"))


@pytest.fixture
def bus(district: District) -> Iterator[SqliteBus]:
    """The district's own bus."""
    bus = SqliteBus(district.folder / "duty.db")
    yield bus
    bus.close()


@pytest.fixture
def desk(bus: SqliteBus, district: District) -> Desk:
    """A desk on it, before the week."""
    clock = Clock(wall=lambda: district.calendar.parse_iso("2026-11-28T10:00:00+08:00"))
    return replace(desk_on(bus, district), clock=clock)


def withdraw(bus: SqliteBus, day: str, *vehicles: str) -> None:
    """Report vehicles withdrawn for a day."""
    for n, vehicle in enumerate(vehicles):
        told = {"vehicle": vehicle, "since": day, "until": day}
        raw = event("vehicle_withdrawn", told, source=f"desk/{day}", id=f"{n}",
                    time="2026-11-28T10:00:00Z")  # fmt: skip
        bus.send(ports.inbox("hz"), [Record(raw)])


def lines(desk: Desk, person: str) -> list[str]:
    """What is told of somebody's absence on Wednesday."""
    found = Reports(desk).absent(person, date.fromisoformat(WEDNESDAY))
    return [line for one in found for line in changed_lines(one, desk.district, "en")]


def changes(desk: Desk) -> tuple[list[Duty], list[Duty]]:
    """Duties of the first version that the one in force has not, and the other way round."""
    held = PlanReader(desk.bus, desk.area).ledger.week(WEEK)
    old, new = (
        {work_of(duty): duty for duty in held.drafts[n].duties} for n in (1, held.held or 0)
    )
    return [old[key] for key in old.keys() - new.keys()], [
        new[key] for key in new.keys() - old.keys()
    ]


def test_a_visit_that_was_too_soon_before_keeps_nobody_from_stepping_in(desk: Desk) -> None:
    """Published under a shorter spacing: whoever takes the duty over makes that visit later."""
    desk.publish(WEEK, week_of(desk.district, WEEK))
    set_settings(desk.district.folder, visits={"spacing_min": 1320})
    told = lines(replace(desk, district=load(desk.district.folder)), "o1")
    assert told[:2] == [
        f"民警3 t3 {WEDNESDAY}: does t1@{WEDNESDAY}, which nobody else does (08:00–16:00)",
        "proven least change: 12 points of change",
    ]  # fmt: skip
    [was], [new] = ([visit["arrive"][11:16] for visit in duty["visits"]]
                    for [duty] in changes(desk))  # fmt: skip
    assert was == "09:01"
    assert new >= "09:15"  # 22 h after t3 left there on Tuesday


def test_who_steps_in_gets_another_vehicle_where_the_dutys_own_was_withdrawn(
    desk: Desk, bus: SqliteBus
) -> None:
    """It would be refused with the withdrawn one, and the sick officer stay in force."""
    desk.publish(WEEK, week_of(desk.district, WEEK))
    withdraw(bus, WEDNESDAY, "v1")
    assert lines(desk, "o1")[:2] == [
        f"民警3 t3 {WEDNESDAY}: does t1@{WEDNESDAY}, which nobody else does (08:00–16:00)",
        "proven least change: 12 points of change",
    ]
    _, new = changes(desk)
    assert [(duty["team"], duty["vehicle"]) for duty in new] == [("t3", "v3")]


def test_no_other_vehicle_makes_a_hole(desk: Desk, bus: SqliteBus) -> None:
    """The motorcycles that are left are too small for the crew."""
    desk.publish(WEEK, week_of(desk.district, WEEK))
    withdraw(bus, WEDNESDAY, "v1", "v3")
    told = lines(desk, "o1")
    assert told[0].startswith(f"nobody does t1@{WEDNESDAY}: Wed {WEDNESDAY} 08:00–16:00 ")
    assert [line.strip().partition(":")[0] for line in told[1:3]] == [
        "other teams of the squadron there", "those without one are kept away by",
    ]  # fmt: skip
    kept = [line.strip() for line in told if line.startswith("    2026-W49: ")]
    seatless = f"2026-W49: a seat for each in a free vehicle: t3@{WEDNESDAY}, 民警3 o3"
    assert any(line.startswith(seatless) for line in kept)
    told = [line for line in told if not line.startswith("    ")]
    assert told[3].startswith("visits that nobody makes any more: 1, at ")
    assert (
        "45 points of change, 0 of them for what changes, the rest for duties that nobody does: 1"
        in told[4]
    )
    gone, new = changes(desk)
    assert ([duty["duty"] for duty in gone], new) == ([f"t1@{WEDNESDAY}"], [])


def test_a_crew_without_any_vehicle_is_a_hole(desk: Desk, bus: SqliteBus) -> None:
    """A withdrawn car is repaired like an absence: nobody goes on in it."""
    file = week_of(desk.district, WEEK)
    bare = Roster(tuple(replace(duty, visits=()) for duty in file.roster.duties))
    desk.publish(WEEK, replace(file, roster=bare))
    withdraw(bus, WEDNESDAY, "v1", "v3", "v5", "v7")
    lines(desk, "a1")
    gone, new = changes(desk)
    assert f"t1@{WEDNESDAY}" in {duty["duty"] for duty in gone}
    assert new == []


def refuse(bus: SqliteBus, district: District) -> None:
    """Let the journal say that a repair of version 1 was refused, as an older planner may have."""
    told = {"person": "o1", "dates": [WEDNESDAY]}
    ill = Accepted(
        type="accepted", topic="hz.inbox", partition=0, offset=10_000, event="old/1",
        kind="qinwu.absence_reported.v1", data=told,
    )  # fmt: skip
    parts = parts_of(duties_of(district, week_of(district, WEEK), 2))
    breach = {"rule": "vehicles", "amount": 1, "duty": f"t3@{WEDNESDAY}", "person": "o3"}
    count = sum(len(part.duties) for part in parts)
    log = PlanLog(bus, desk_on(bus, district).area, Clock(), "old")
    log.append([
        *parts,
        Drafted(week=WEEK, version=2, parts=len(parts), duties=count, hash=parts[0].hash or "",
                cause=ABSENCE),
        PublicationRefused(week=WEEK, version=2, breaches=(breach,)),
    ], [ill])  # fmt: skip


def test_a_refused_repair_is_said_with_its_laws(desk: Desk, bus: SqliteBus) -> None:
    """Not that the person has no duty: they have."""
    desk.publish(WEEK, week_of(desk.district, WEEK))
    refuse(bus, desk.district)
    told = lines(desk, "o1")
    assert told[0].startswith("a vehicle and PDA of its own: ")
    assert f"t3@{WEDNESDAY}" in told[0]
    assert told[1].endswith("version 1 stays")


def test_a_refused_repair_exits_3(desk: Desk, bus: SqliteBus) -> None:
    """On stderr; nothing on stdout looks like success."""
    desk.publish(WEEK, week_of(desk.district, WEEK))
    refuse(bus, desk.district)
    bus.close()
    done = qinwu("roster", "absent", str(desk.district.folder), "o1", WEDNESDAY)
    assert (done.returncode, done.stdout) == (3, ""), done.stderr


def test_a_refused_repair_is_tried_again_once_more_is_known(desk: Desk, bus: SqliteBus) -> None:
    """Not before: the same reports would make the same repair."""
    desk.publish(WEEK, week_of(desk.district, WEEK))
    refuse(bus, desk.district)
    ledger = PlanReader(bus, desk.area).ledger
    assert repairs(ledger, desk) == []
    absences = {**ledger.absences, "o2": frozenset({TUESDAY})}
    more = replace(ledger, absences=absences, reports=ledger.reports + 1)
    assert repairs(more, desk) == [Repair(WEEK, 1, publish=True)]


def repairs(ledger: Ledger, desk: Desk) -> list[Repair]:
    """Repairs that are asked for."""
    found = asked(ledger, desk.clock.now_ms(), desk.district.calendar)
    return [one for one in found if isinstance(one, Repair)]


def test_a_refused_publication_names_the_laws_that_were_recorded(desk: Desk) -> None:
    """Those of the reported absence, which the bare files do not know."""
    Reports(desk).absent("o1", date.fromisoformat(WEDNESDAY))
    answer = desk.publish(WEEK, week_of(desk.district, WEEK))
    assert answer.refused
    found = {(told["rule"], told["duty"]) for told in answer.breaches}
    assert ("leave", f"t1@{WEDNESDAY}") in found


# --- commands that only look -----------------------------------------------------------------


@pytest.fixture
def told(desk: Desk, bus: SqliteBus) -> District:
    """A district with an absence and a withdrawn vehicle in its journal, and nobody on its bus."""
    withdraw(bus, TUESDAY, "v2")
    Reports(desk).absent("o1", date.fromisoformat(WEDNESDAY))
    bus.close()
    return desk.district


def test_check_knows_what_was_reported(told: District, tmp_path: Path) -> None:
    """A roster that the files allow breaks two laws by the journal."""
    write_week(told, week_of(told, WEEK), tmp_path)
    done = qinwu("roster", "check", str(told.folder), str(tmp_path / "roster.csv"))
    assert done.returncode == 1
    assert f"nobody works on leave: t1@{WEDNESDAY}" in done.stdout
    assert f"a vehicle and PDA of its own: t2@{TUESDAY}" in done.stdout


def test_a_plan_by_hand_knows_what_was_reported(told: District, tmp_path: Path) -> None:
    """Who was reported absent has no duty on that day."""
    rows = [
        HistoryRow.model_validate({
            "id": f"c{n}", "at": f"2026-11-{1 + n % 20:02d}T{n % 24:02d}:00:00+08:00",
            "kind": "crash", "node": f"n{n % 6}{n % 5}", "x_m": 0.0, "y_m": 0.0,
        })
        for n in range(200)
    ]  # fmt: skip
    (told.folder / "history").mkdir()
    write_rows(told.folder / "history" / "all.csv", rows)
    out = tmp_path / "out"
    done = qinwu("plan", str(told.folder), "--week", WEEK, "--out", str(out), "--time", "1")
    assert done.returncode == 0, done.stderr
    lines = (out / "roster.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) > 5
    assert not [line for line in lines if f"t1@{WEDNESDAY}" in line]


def test_looking_makes_no_bus(district: District) -> None:
    """A folder without a journal has no reports, and has none afterwards."""
    assert not reported(district, violations=True).absences
    assert not (district.folder / "duty.db").exists()


def test_a_bus_that_does_not_answer_is_said_and_gone_without(
    district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The roster is checked all the same."""
    monkeypatch.setenv("QINWU_URL", "http://127.0.0.1:9")
    write_week(district, week_of(district, WEEK), tmp_path)
    done = qinwu("roster", "check", str(district.folder), str(tmp_path / "roster.csv"))
    assert done.returncode == 0, done.stdout
    assert "could not be read" in done.stderr
