"""Two senders whose "source/id" reads alike: each event is taken, and none of them twice."""

from dataclasses import replace
from pathlib import Path

import pytest
from brigades import Brigade
from engines import AREA, Station, settle
from planners import INBOX, House
from planners import settle as rest

from dispatch import decide
from dispatch.replay import differences
from dispatch.state import State
from events import ports
from events.event import moment_text
from events.facts import Accepted
from events.frame import Frame
from events.ports import Record
from events.schema import event, parse

SENDERS = (("cam", "1/2"), ("cam/1", "2"))


def report(station: Station, source: str, name: str, junction: str = "n11") -> None:
    """An incident in the words of one sender."""
    told = {"kind": "crash", "severity": "damage", "junction": junction}
    time = moment_text(station.now_ms)
    station.put(event("incident_reported", told, source=source, id=name, time=time))


def outcomes(station: Station) -> list[str]:
    """What the senders were told."""
    return [row["outcome"] for row in station.rows("replies")]


def as_before(frames: list[Frame]) -> list[Frame]:
    """The frames as they were written when the name alone was the key."""
    return [
        frame.model_copy(update={"facts": tuple(
            replace(fact, source_chars=None) if isinstance(fact, Accepted) else fact
            for fact in frame.facts
        )})
        for frame in frames
    ]  # fmt: skip


def test_what_reads_alike_of_two_senders_is_two_incidents(tmp_path: Path) -> None:
    """They happened in two places; the first keeps the usual name."""
    station = Station(tmp_path / "d")
    engine = station.engine()
    for (source, name), junction in zip(SENDERS, ("n11", "n54"), strict=True):
        report(station, source, name, junction)
        settle(engine)
    assert outcomes(station) == ["accepted", "accepted"]
    assert list(engine.state.incidents) == ["cam/1/2", "cam/1:2"]


@pytest.mark.parametrize("sender", SENDERS)
def test_the_same_of_one_sender_counts_once(tmp_path: Path, sender: tuple[str, str]) -> None:
    """Sent again, in whatever place its name could be cut."""
    station = Station(tmp_path / "d")
    engine = station.engine()
    for _ in range(2):
        report(station, *sender)
        settle(engine)
    assert outcomes(station) == ["accepted", "duplicate"]


def test_sightings_that_read_alike_are_two(brigade: Brigade) -> None:
    """Each waits for its own verdict."""
    for source, name in SENDERS:
        told = {"gate": "p4", "plate_hash": "ab" * 32, "at": moment_text(brigade.now_ms)}
        raw = event("sighting_reported", told, source=source, id=name)
        brigade.turn(decide.Record(brigade.position + 1, parse(raw), brigade.now_ms))
        brigade.position += 1
    assert list(brigade.state.sightings) == ["cam/1/2", "cam/1:2"]


@pytest.mark.parametrize("sender", SENDERS)
def test_what_an_older_journal_names_is_not_taken_again(
    tmp_path: Path, sender: tuple[str, str]
) -> None:
    """It holds the name alone, which either of the two may have been."""
    station = Station(tmp_path / "d")
    engine = station.engine()
    report(station, *SENDERS[0])
    settle(engine)
    state = State(AREA)
    for frame in as_before(station.frames()):
        state = decide.fold(state, frame, engine.ground)
    source, name = sender
    told = {"kind": "crash", "severity": "damage", "junction": "n11"}
    raw = event("incident_reported", told, source=source, id=name)
    again = decide.Record(9, parse(raw))
    outcome = decide.step(state, [again], engine.ground, station.now_ms)
    assert [fact.type for fact in outcome.facts] == ["duplicate"]


def test_an_older_journal_is_decided_anew_to_the_same_bytes(tmp_path: Path) -> None:
    """Though whoever judges its records today would write down where a name is cut."""
    station = Station(tmp_path / "d")
    engine = station.engine()
    for sender in (SENDERS[0], SENDERS[0], ("desk", "1")):
        report(station, *sender)
        settle(engine)
    inbox = {one.position: one for one in station.bus.read(ports.inbox(AREA))}
    assert list(differences(as_before(station.frames()), engine.ground, inbox)) == []


def test_the_planner_tells_two_senders_apart(tmp_path: Path) -> None:
    """Two requests that read alike are two; each of them counts once."""
    house = House(tmp_path)
    told = {"what": "analysis", "week": "2026-W50", "by": "o1"}
    raws = [
        event("plan_requested", told, source=source, id=name, time="2026-11-28T10:00:00Z")
        for source, name in SENDERS
    ]
    house.bus.send(INBOX, [Record(raw) for raw in (*raws, *raws)])
    rest(house.planner(timed=False))
    taken = [fact for frame in house.frames() for fact in frame.facts if isinstance(fact, Accepted)]
    assert [fact.source_chars for fact in taken] == [3, 5]
