"""The doctor on the present: a clock that waits to be set, and a week without a roster."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from districts import WEEK, set_settings
from runs import now_text, run, this_week, wait_for
from typed import Typed, typed

from config.calendar import week_of_day
from config.ids import AreaId
from config.made_tables import LiveRow
from config.reading import write_rows
from config.words import LANGUAGES
from events.clock import wall_ms
from events.decisions import Decision
from events.doctor_week import failures, planned, week_findings
from events.facts import Note
from events.failed import Failed
from events.frame import Fold
from events.memory import MemoryBus
from events.plan_decisions import (
    Analysed,
    Cause,
    Drafted,
    MonthReported,
    PublicationRefused,
    Published,
)
from events.ports import Record
from events.schema import event
from events.sqlite import SqliteBus

__all__ = ["typed"]  # a fixture
AREA = AreaId("hz")
TRIAL = "for trials (simulation: true)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district in the present week."""
    return this_week(tmp_path / "d")


def found(folder: Path) -> dict[str, str]:
    """What each finding says of what."""
    told = week_findings(folder, AREA, None)
    return {one.key.rpartition(".")[2]: one.level for one in told}


def publish(bus: SqliteBus, week: str) -> None:
    """Record that a week's roster is published."""
    told = Published(week=week, version=1, replaces=None, duties=1, hash="x")
    frame = Fold(AREA).next_frame("planner/1", wall_ms(), decisions=(told,))
    bus.journal("hz.plan").append(frame.raw(), 0)


def test_a_week_without_a_roster_is_told_with_what_to_do(folder: Path, typed: Typed) -> None:
    """It is no fault of the installation: exit 0. Without records none can be planned."""
    told = typed("doctor", folder)
    week = week_of_day(datetime.now(UTC).astimezone().date())
    assert told.code == 0
    assert f"no roster is in force for {week}" in told.out
    assert f"put records into {folder}/history" in told.out
    assert f"qinwu plan {folder} --week {week}" in told.out
    assert not (folder / "duty.db").exists()


@pytest.mark.parametrize(("ahead_days", "level"), [(0, "right"), (7, "doubt")])
def test_the_roster_has_to_be_of_this_week(folder: Path, ahead_days: int, level: str) -> None:
    """Next week's does not put anybody on duty today."""
    (folder / "history").mkdir(exist_ok=True)
    (folder / "history" / "all.csv").touch()
    at = datetime.fromtimestamp(wall_ms() / 1000 + ahead_days * 86_400, UTC).astimezone()
    bus = SqliteBus(folder / "duty.db")
    publish(bus, week_of_day(at.date()))
    bus.close()
    assert found(folder) == {"roster": level}


@pytest.mark.parametrize(("cause", "told"), [("timer", {"own_refused": "doubt"}), ("edit", {})])
def test_a_roster_of_the_planner_that_broke_a_law_is_told(
    folder: Path, cause: Cause, told: dict[str, str]
) -> None:
    """It never happens; if it does, somebody hears of it. What a person wrote is the person's."""
    bus = SqliteBus(folder / "duty.db")
    drafted = Drafted(week="2026-W02", version=1, parts=0, duties=0, hash="x", cause=cause)
    refused = PublicationRefused(week="2026-W02", version=1, breaches=({"rule": "rest"},))
    frame = Fold(AREA).next_frame("planner/1", wall_ms(), decisions=(drafted, refused))
    bus.journal("hz.plan").append(frame.raw(), 0)
    bus.close()
    assert found(folder) == {"roster_no_history": "doubt", **told}


def noted(bus: SqliteBus | MemoryBus, *told: tuple[Sequence[Note], Sequence[Decision]]) -> None:
    """Frames of `P.plan`, each of facts and decisions."""
    journal, fold = bus.journal("hz.plan"), Fold(AREA)
    for facts, decisions in told:
        raw = fold.next_frame("planner/1", 1, (), tuple(facts), tuple(decisions)).raw()
        journal.append(raw, fold.position + 1)
        fold.accept(fold.position + 1, raw)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_week_that_could_not_be_planned_is_to_be_mended(
    folder: Path, typed: Typed, lang: str
) -> None:
    """With the reason and the log; of a week that is over nobody wants to know."""
    bus = SqliteBus(folder / "duty.db")
    failed = [Failed("week", week, f"because of {week}") for week in ("2026-W02", "2199-W02")]
    noted(bus, ([one.note() for one in failed], ()))
    bus.close()
    told = typed("doctor", folder, lang=lang)
    assert told.code == 1
    assert f"{folder}/.qinwu/failed/week-2199-W02.log" in told.out
    assert ("because of 2199-W02" in told.out, "2026-W02" in told.out) == (True, False)


DRAFTED = Drafted(week="2199-W02", version=1, parts=0, duties=0, hash="x", cause="timer")
FAILURES = {
    "planning_failed": (Failed("week", "2199-W02", "x"), DRAFTED),
    "analysis_failed": (Failed("analysis", "2026-12", "x"), Analysed(month="2026-12", hash="x")),
    "report_failed": (Failed("month", "2026-11", "x"), MonthReported(month="2026-11", hash="x")),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_was_made_since_has_not_failed_any_more(folder: Path, name: str) -> None:
    """Nor has what was made and failed again come to an end."""
    failed, made = FAILURES[name]
    for frames, expected in (
        ([((failed.note(),), ())], True),
        ([((failed.note(),), ()), ((), (made,))], False),
        ([((), (made,)), ((failed.note(),), ())], True),
    ):
        bus = MemoryBus()
        noted(bus, *frames)
        told = failures(folder, "2026-W49", "2026-12", planned(bus, AREA).failed)
        assert [one.key.rpartition(".")[2] for one in told] == [name] * expected


@pytest.mark.parametrize("month", ["2026-11", "2026-12", "2027-01"])
def test_an_analysis_is_told_while_somebody_tries_it_again(folder: Path, month: str) -> None:
    """In its own month: a planner makes none of another, so that nothing would end the line."""
    failed = Failed("analysis", "2026-12", "x")
    told = [one.key for one in failures(folder, "2026-W49", month, [failed])]
    assert len(told) == (month == "2026-12")


def test_the_present_month_is_that_of_the_district(folder: Path) -> None:
    """Of its clock and zone: in Shanghai the new month begins while UTC is in the old one."""
    bus = SqliteBus(folder / "duty.db")
    noted(bus, ([Failed("analysis", "2026-12", "x").note()], ()))
    at_ms = int(datetime(2026, 11, 30, 17, tzinfo=UTC).timestamp() * 1000)
    said = {"virtual_ms": at_ms, "wall_ms": wall_ms(), "speed": 1.0}
    bus.send("hz.inbox", [Record(event("clock_set", said, source="x", id="1", time=now_text()))])
    bus.close()
    set_settings(folder, simulation=True)
    assert found(folder)["analysis_failed"] == "doubt"


def test_a_frame_that_came_too_late_publishes_nothing() -> None:
    """Two planners were at it; nobody is on duty by what the slower one decided."""
    bus = MemoryBus()
    told = Published(week="2026-W02", version=1, replaces=None, duties=1, hash="x")
    faster = Fold(AREA).next_frame("planner/1", 1)
    slower = Fold(AREA).next_frame("planner/2", 1, decisions=(told,))
    bus.send("hz.plan", [Record(faster.raw()), Record(slower.raw())])
    assert not planned(bus, AREA).weeks


def test_a_simulated_district_waits_for_a_day_to_be_played(folder: Path) -> None:
    """And not any more once its clock is set; the week is then the clock's."""
    set_settings(folder, simulation=True)
    day_to_play(folder)
    assert found(folder)["simulation"] == "doubt"
    bus = SqliteBus(folder / "duty.db")
    publish(bus, "2026-W02")
    at_ms = int(datetime(2026, 1, 7, 4, tzinfo=UTC).timestamp() * 1000)
    said = {"virtual_ms": at_ms, "wall_ms": wall_ms(), "speed": 1.0}
    bus.send("hz.inbox", [Record(event("clock_set", said, source="x", id="1", time=now_text()))])
    bus.close()
    assert found(folder) == {"roster": "right"}


def day_to_play(folder: Path, *names: str) -> None:
    """Files of days, each without an incident."""
    for name in names or ("2026-12-01",):
        write_rows(folder / "live" / f"{name}.csv", [], LiveRow)


def test_the_day_to_be_played_is_one_that_is_there(folder: Path, typed: Typed) -> None:
    """With a roster if there is such a one; else what makes a day is told."""
    set_settings(folder, simulation=True)
    assert "holds none: qinwu init" in typed("doctor", folder).out
    day_to_play(folder, "2026-11-26", "2026-12-02", "2026-12-02.sightings", "notes")
    assert f"qinwu play {folder} {folder}/live/2026-11-26.csv." in typed("doctor", folder).out
    (folder / "roster" / WEEK).mkdir(parents=True)
    assert f"qinwu play {folder} {folder}/live/2026-12-02.csv." in typed("doctor", folder).out


@pytest.mark.parametrize("simulation", [True, False])
def test_a_roster_that_is_kept_and_not_yet_sent_is_not_to_be_planned(
    folder: Path, typed: Typed, *, simulation: bool
) -> None:
    """A fresh sample has one: planning it anew would be work for nothing."""
    set_settings(folder, simulation=simulation)
    day_to_play(folder, "2026-12-02")
    week = WEEK if simulation else week_of_day(datetime.now(UTC).astimezone().date())
    (folder / "roster" / week).mkdir(parents=True)
    (folder / "roster" / week / "roster.csv").touch()
    told = typed("doctor", folder).out
    assert f"{folder}/roster/{week} is published" in told
    assert ("the clock is set" in told, "qinwu plan" in told) == (simulation, False)


def test_a_day_that_is_not_there_is_answered_with_those_that_are(
    folder: Path, typed: Typed
) -> None:
    """Not with how to make one."""
    set_settings(folder, simulation=True)
    day_to_play(folder)
    told = typed("play", folder, folder / "live" / "2026-12-24.csv", "--bus", f"sqlite:{folder}/x")
    assert told.code == 1
    assert f"days that can be played: {folder}/live/2026-12-01.csv" in told.err


@pytest.mark.parametrize("simulation", [True, False])
def test_run_says_what_the_planner_of_a_simulated_district_waits_for(
    folder: Path, *, simulation: bool
) -> None:
    """Else nothing is planned for minutes and nobody knows why."""
    set_settings(folder, simulation=simulation)
    with run(folder) as one:
        one.ready()
        if simulation:
            wait_for(lambda: TRIAL in one.out.read_text(encoding="utf-8"))
    assert one.out.read_text(encoding="utf-8").count(TRIAL) == int(simulation)
