"""A `P.plan` that ends before a roster that is out: no planner decides anew what units act on."""

import sqlite3
import time
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from planners import PLAN, House, settle
from typed import Typed, typed

from config.ids import AreaId
from events import ports
from events.kafka import KafkaBus
from events.kafka_topics import create_topics
from events.ports import Record
from events.schema import event
from events.sqlite import SqliteBus
from events.trouble import JournalBehind

__all__ = ["typed"]  # a fixture
CUT = {"cut back": 3, "made anew": 0}
"""How many frames are left."""


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
        settle(house.planner())


def test_a_record_with_a_number_that_no_frame_ever_had_stops_nobody(house: Kept) -> None:
    """Anybody may send, and only a planner numbers its events by its frames."""
    with closing(house.open()) as bus:
        told = {"week": "2026-W49", "version": 9, "duties": 0, "hash": "0" * 64}
        raw = event("roster_published", told, source="qinwu/plan/hz", id="my-9/1")
        bus.send("hz.inbox", [Record(raw)])
        settle(house.planner())


@pytest.mark.parametrize("frames", CUT.values(), ids=CUT)
def test_the_doctor_says_that_the_plan_lost_its_end(house: Kept, typed: Typed, frames: int) -> None:
    """With the frame whose roster is out, and what to do."""
    left(house, frames)
    told = typed("doctor", house.district.folder)
    assert told.code == 1
    assert f"hz.plan ends at frame {frames}" in told.out
