"""Killed in the middle of everything, dispatch loses nothing; the long form is a benchmark."""

import json
import random
from pathlib import Path

import pytest
from engines import AREA, Station, settle
from fault_check import check, folded
from runs import this_week
from trials import Trial, measure

from config.ids import AreaId
from events import ports
from events.frame import Frame
from events.kafka_topics import create_topics
from events.memory import MemoryBus
from events.ports import Stored


@pytest.mark.parametrize("kills", [2, 4], ids=["random", "named"])
def test_kills_lose_nothing_on_sqlite(tmp_path: Path, kills: int) -> None:
    """Journal, orders and inbox account for each other after the worker was killed."""
    folder = this_week(tmp_path / "d")
    trial = Trial(folder, None, random.Random(kills), least_open=5)  # noqa: S311 - a trial
    found = measure(trial, kills)
    assert found["findings"] == []
    assert found["orders_open_least"] >= 5


def test_kills_lose_nothing_on_kafka(tmp_path: Path, kafka: str) -> None:
    """As on a file."""
    folder = this_week(tmp_path / "d", brigade="faults")
    create_topics(kafka, AreaId("faults"))
    trial = Trial(folder, f"kafka://{kafka}", random.Random(1), least_open=5)  # noqa: S311
    assert measure(trial, 2)["findings"] == []


# --- the account itself can fail ---------------------------------------------------------------


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """Incidents with their orders on a bus in memory, nothing amiss."""
    one = Station(tmp_path / "d")
    engine = one.engine()
    one.staff()
    for junction in ("n11", "n33", "n00"):
        one.incident(junction)
    settle(engine)
    assert check(one.bus, AREA, {f"desk/{n + 1}" for n in range(one.sent)})["findings"] == []
    return one


def rows_of(station: Station, suffix: str) -> list[Stored]:
    """A stream's records, to be tampered with."""
    assert isinstance(station.bus, MemoryBus)
    return station.bus._rows[ports.stream(AREA, suffix), 0]


def test_an_event_that_no_frame_has_is_found(station: Station) -> None:
    """It was acknowledged and is nowhere."""
    assert check(station.bus, AREA, {"desk/999"})["findings"] == ["desk/999 was lost"]


def test_an_order_that_was_never_told_is_found(station: Station) -> None:
    """Decided, accepted, and no unit heard of it."""
    rows = rows_of(station, "orders")
    rows[1] = rows[1]._replace(value=b"{}", headers=())
    [finding] = check(station.bus, AREA, set())["findings"]
    assert finding.startswith("order ")
    assert finding.endswith("was never told")


def test_a_repeat_with_other_bytes_is_found(station: Station) -> None:
    """The same id must say the same."""
    rows = rows_of(station, "orders")
    rows.append(rows[0]._replace(position=len(rows), value=rows[1].value))
    assert any("told in two ways" in one for one in check(station.bus, AREA, set())["findings"])


def test_a_slot_with_neither_order_nor_queue_is_found(station: Station) -> None:
    """An accepted incident that nobody works on and nobody waits for."""
    rows = rows_of(station, "journal")
    frame = Frame.read(rows[-1].value)
    bare = tuple(one for one in frame.decisions if one.type != "order")
    rows[-1] = rows[-1]._replace(value=frame.model_copy(update={"decisions": bare}).raw())
    found = check(station.bus, AREA, set())["findings"]
    assert len([one for one in found if "0 of order, queued, done" in one]) == 3


def test_a_record_without_a_fact_is_found(station: Station) -> None:
    """It lies in the inbox and no frame consumed it."""
    station.incident("n44")
    assert check(station.bus, AREA, set())["findings"] == ["1 records have no fact"]


def test_a_valid_event_that_is_refused_is_found(station: Station) -> None:
    """Whoever was told that it is stored did not ask for a refusal."""
    rows = rows_of(station, "journal")
    frame = json.loads(rows[-1].value)
    taken = [fact for fact in frame["facts"] if fact["type"] == "accepted"]
    taken[-1] |= {"type": "rejected", "reason": "tired"}
    rows[-1] = rows[-1]._replace(value=json.dumps(frame).encode())
    found = check(station.bus, AREA, {taken[-1]["event"]})["findings"]
    assert f"{taken[-1]['event']} was rejected: tired" in found


def test_a_frame_on_another_history_does_not_count(station: Station) -> None:
    """The account folds by number and digest, by itself: a zombie's frame changes nothing."""
    rows = rows_of(station, "journal")
    raws = [one.value for one in rows]
    frame = json.loads(raws[-1])
    zombie = json.dumps(frame | {"seq": frame["seq"] + 1, "prev": "f" * 64}).encode()
    again = json.dumps(frame | {"writer": "other"}).encode()
    counted = folded(AREA, raws)
    assert len(counted) == frame["seq"]
    assert folded(AREA, [*raws, zombie, again, b"\xff", b"1"]) == counted
