"""A `P.plan` that ends before a roster that is out: no planner decides anew what units act on."""

import sqlite3
import time
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from planners import INBOX, PLAN, House, settle
from runs import now_text, run, this_week, wait_for
from typed import Typed, typed

from config.ids import AreaId
from events import ports
from events.clock import Clock
from events.connect import connect
from events.kafka import KafkaBus
from events.kafka_topics import create_topics
from events.plan_decisions import Published
from events.ports import Bus, Record
from events.schema import event, roster_hash
from events.sqlite import SqliteBus
from events.trouble import JournalBehind, PlanBehind
from scheduler.plan_log import PlanLog

__all__ = ["typed"]  # a fixture
CUT = {"cut back": 3, "made anew": 0}
"""How many frames are left."""
EMPTY = roster_hash([])


class Kept(House):
    """A house whose bus is a file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.file = self.district.folder / "duty.db"

    def open(self) -> SqliteBus:
        """The bus, to be closed."""
        self.bus = SqliteBus(self.file)  # type: ignore[assignment]
        return self.bus  # type: ignore[return-value]


@pytest.fixture
def house(tmp_path: Path) -> Kept:
    """Two weeks are published and their rosters sent."""
    house = Kept(tmp_path)
    with closing(house.open()):
        settle(house.planner())
    return house


def left(house: Kept, frames: int) -> None:
    """Of `P.plan` only its first frames are there."""
    with closing(sqlite3.connect(house.file)) as store, store:
        number = store.execute("SELECT number FROM streams WHERE name = ?", (PLAN,)).fetchone()[0]
        store.execute(f"DELETE FROM stream_{number} WHERE position >= ?", (frames,))  # noqa: S608
        store.execute("UPDATE streams SET next = ? WHERE name = ?", (frames, PLAN))


@pytest.mark.parametrize("frames", CUT.values(), ids=CUT)
def test_a_planner_whose_journal_lost_its_end_refuses(house: Kept, frames: int) -> None:
    """The frames were whole, so that no hash tells: the inbox holds what they published."""
    left(house, frames)
    with closing(house.open()), pytest.raises(JournalBehind, match="behind"):
        house.planner()


def test_a_planner_whose_topic_was_made_anew_refuses(kafka: str, tmp_path: Path) -> None:
    """On a real broker, whose other topics are as they were."""
    area = AreaId(f"b{uuid.uuid4().hex[:8]}")
    create_topics(kafka, area)
    house, topic = House(tmp_path, brigade=area), ports.plan(area)
    with closing(KafkaBus(kafka)) as bus:
        settle(house.planner(bus))
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:
        admin.delete_topics([topic])
        give_up_s = time.monotonic() + 10
        while topic in admin.list_topics() and time.monotonic() < give_up_s:
            time.sleep(0.05)
    create_topics(kafka, area)
    with closing(KafkaBus(kafka)) as bus, pytest.raises(JournalBehind, match="behind"):
        house.planner(bus)


def test_a_planner_whose_journal_is_whole_goes_on(house: Kept) -> None:
    """Its own rosters in the inbox are of frames that are there."""
    with closing(house.open()):
        before = house.frames()
        settle(house.planner())
        assert house.frames() == before


def test_a_record_with_a_number_that_no_frame_ever_had_stops_nobody(house: Kept) -> None:
    """Anybody may send, and only a planner numbers its events by its frames."""
    with closing(house.open()) as bus:
        told = {"week": "2026-W49", "version": 9, "duties": 0, "hash": "0" * 64}
        raw = event("roster_published", told, source="qinwu/plan/hz", id="my-9/1")
        bus.send("hz.inbox", [Record(raw)])
        planner = house.planner()
        settle(planner)
        assert planner.turn() is False


def claim(bus: Bus, seq: int, **roster: object) -> None:
    """An event as if frame `seq` of the plan had published a version of next week."""
    told = {"week": "2026-W49", "version": 1, "duties": 0, "hash": EMPTY} | roster
    raw = event("roster_published", told, source="qinwu/plan/hz", id=f"{seq}/0")
    bus.send(INBOX, [Record(raw)])


def carried(house: House, bus: Bus) -> None:
    """The events of a whole roster that another district with the same name published."""
    settle(house.planner())
    bus.send(INBOX, [Record(stored.value) for stored in house.bus.read(INBOX)])


@pytest.mark.parametrize("roster", [{}, {"duties": 1}, {"hash": "0" * 64}])
def test_a_roster_that_no_engine_takes_keeps_no_planner(
    tmp_path: Path, roster: dict[str, object]
) -> None:
    """Its duties are not in, or none are, or their hash is another: nobody acts on it."""
    house = House(tmp_path)
    claim(house.bus, 7, **roster)
    settle(house.planner())
    assert house.decided(Published)


def test_a_claimed_roster_is_no_echo_of_the_one_that_is_published(tmp_path: Path) -> None:
    """The units would never hear of it."""
    house = House(tmp_path)
    claim(house.bus, 7)
    settle(house.planner())
    assert [told.duties > 0 for told in house.rosters() if told.week == "2026-W49"] == [False, True]


def test_who_plans_on_is_asked_no_second_time(tmp_path: Path) -> None:
    """It stands in the plan, for every planner and command after."""
    house, new = House(tmp_path / "old"), House(tmp_path / "new")
    carried(house, new.bus)
    with pytest.raises(PlanBehind):
        new.planner()
    PlanLog(new.bus, AreaId("hz"), Clock(), "test", plan_on=True)
    new.planner()


def test_dispatch_goes_on_where_the_plan_is_behind(tmp_path: Path) -> None:
    """The planner alone is held; what is told is a way to go on that works."""
    folder = this_week(tmp_path / "d")
    house = House(tmp_path / "other")
    with closing(connect(None, folder)) as bus:
        carried(house, bus)
    with run(folder) as one:
        one.ready()
        wait_for(lambda: "or an event claims so" in one.out.read_text(encoding="utf-8"))
        incident = {"kind": "crash", "severity": "damage", "junction": "n11", "incident": "I1"}
        one.send(event("incident_reported", incident, source="t", id="1", time=now_text()))
        wait_for(lambda: one.state().get("incidents"))
    assert "--plan-on" in one.out.read_text(encoding="utf-8")
    with run(folder, "--plan-on") as one:
        one.ready()
        wait_for(lambda: one.rows("plan"))
    with closing(connect(None, folder)) as bus:
        PlanLog(bus, AreaId("hz"), Clock(), "test")


@pytest.mark.parametrize("frames", CUT.values(), ids=CUT)
def test_the_doctor_says_that_the_plan_lost_its_end(house: Kept, typed: Typed, frames: int) -> None:
    """With the frame whose roster is out, and what to do."""
    left(house, frames)
    told = typed("doctor", house.district.folder)
    assert told.code == 1
    assert f"hz.plan ends at frame {frames}" in told.out
