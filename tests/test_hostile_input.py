"""Input that was made to break the engine: it is refused, and dispatch goes on."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engines import AREA, Station, settle

from dispatch import crash, decide
from dispatch.decide import Outcome
from dispatch.ground import Ground
from dispatch.service import StepCrashed
from dispatch.state import State
from events.clock import FIRST_MS, LAST_MS, Clock, Setting
from events.door_body import Refusal, incoming
from events.facts import Note, Rejected
from events.kinds import IncidentReported
from events.schema import Envelope, Refused, event, parse
from scheduler.requests import concerns

HALF = "\ud83d"
"""The first half of an emoji: JSON may escape it, UTF-8 has no bytes for it."""


def told(**attributes: Any) -> bytes:  # noqa: ANN401 - any JSON
    """An event that a stranger made, its data in any state."""
    plain = {
        "specversion": "1.0", "id": "x", "source": "gw", "type": "qinwu.incident_reported.v1",
        "data": {"kind": "nope"},
    }  # fmt: skip
    return json.dumps(plain | attributes).encode()


HALVES = [
    told(id=HALF), told(source=HALF), told(id=HALF, type="nobody.knows"),
    told(id=HALF, specversion="0.3"), told(id=HALF, data={"kind": "crash"}),
    told(type=HALF), told(data={"kind": "crash", HALF: 1, "junction": "n11"}),
]  # fmt: skip


@pytest.mark.parametrize("value", HALVES)
def test_half_a_character_does_not_stop_dispatch(tmp_path: Path, value: bytes) -> None:
    """It is refused, and the incident behind it is taken."""
    station = Station(tmp_path)
    engine = station.engine()
    station.put(value)
    incident = station.incident()
    settle(engine)
    assert list(engine.state.incidents) == [incident]


@pytest.mark.parametrize("value", HALVES[:5])
def test_half_a_character_in_an_id_is_refused_without_the_id(value: bytes) -> None:
    """Neither a frame nor a reply could name it."""
    told = parse(value)
    assert isinstance(told, Refused)
    named = IncidentReported.type()
    kind = named if named.encode() in value else None
    assert told == Refused("encoding", kind=kind)


def test_the_door_stores_nothing_that_it_cannot_answer() -> None:
    """The sender learns so at once, and nothing of the request is kept."""
    with pytest.raises(Refusal) as refused:
        incoming(HALVES[0], "application/cloudevents+json", {})
    assert refused.value.status == 400


class Unwritable:
    """The real core with a fault: what it notes of an event has no bytes."""

    def step(self, state: State, given: Sequence[Any], ground: Ground, now_ms: int) -> Outcome:
        """As `decide.step`, and a note that no frame can hold."""
        outcome = decide.step(state, given, ground, now_ms)
        if any(isinstance(one, decide.Record) for one in given):
            note = Note(key="run.started", fields={"program": HALF})
            return replace(outcome, facts=(*outcome.facts, note))
        return outcome

    def fold(self, state: State, frame: Any, ground: Ground) -> State:  # noqa: ANN401 - a frame
        """As `decide.fold`."""
        return decide.fold(state, frame, ground)

    def next_deadline_ms(self, state: State, ground: Ground) -> int | None:
        """As `decide.next_deadline_ms`."""
        return decide.next_deadline_ms(state, ground)


def test_what_cannot_be_written_down_is_set_aside(tmp_path: Path) -> None:
    """Like an input on which the core crashes: the third engine goes on behind it."""
    station = Station(tmp_path)
    settle(station.engine())
    station.incident()
    for n in range(2):
        engine = station.engine(Unwritable(), writer=f"w{n}")
        with pytest.raises(StepCrashed):
            settle(engine)
    assert list(crash.Crashes.read(tmp_path, AREA, "memory:").parked) == [0]
    settle(station.engine(Unwritable(), writer="w3"))


def test_a_crash_on_no_record_names_none(tmp_path: Path) -> None:
    """Records -1 to -1 would send people looking for them."""

    class Always(Unwritable):
        """Fails on whatever is given."""

        def step(self, state: State, given: Sequence[Any], ground: Ground, now_ms: int) -> Outcome:
            """Raise."""
            raise ZeroDivisionError(state, given, ground, now_ms)

    with pytest.raises(StepCrashed) as crashed:
        settle(Station(tmp_path).engine(Always()))
    assert (crashed.value.key, "first" in crashed.value.fields) == ("run.step_crashed_alone", False)


BEYOND = [
    {"virtual_ms": 2**53, "wall_ms": 0, "speed": 0.0},
    {"virtual_ms": 0, "wall_ms": 0, "speed": 1e6},
    {"virtual_ms": 0, "wall_ms": 2**53, "speed": 1e6},
    {"virtual_ms": LAST_MS, "wall_ms": 0, "speed": 0.0},
]


@pytest.mark.parametrize("data", BEYOND)
def test_a_clock_beyond_every_calendar_is_not_set(tmp_path: Path, data: dict[str, Any]) -> None:
    """Else no time could be shown any more, and no restart would help."""
    station = Station(tmp_path, settings={"simulation": True})
    engine = station.engine()
    station.send("clock_set", **data)
    settle(engine)
    reasons = [f.reason for one in station.frames() for f in one.facts if isinstance(f, Rejected)]
    assert (reasons, engine.state.clock) == (["clock_beyond_calendar"], None)


@pytest.mark.parametrize("data", BEYOND)
def test_the_planner_does_not_take_such_a_clock_either(data: dict[str, Any]) -> None:
    """Engine and planner keep one time."""
    read = parse(event("clock_set", data, source="desk", id="1"))
    assert isinstance(read, Envelope)
    assert not concerns(read, AREA, 1_800_000_000_000, simulation=True)


@pytest.mark.parametrize("data", BEYOND)
def test_a_clock_of_an_old_journal_still_shows_a_time(data: dict[str, Any]) -> None:
    """It stands still at the end of the calendars instead of raising."""
    shown_ms = Clock(Setting(**data), wall=lambda: 1_800_000_000_000).now_ms()
    assert FIRST_MS <= shown_ms <= LAST_MS
