"""However much is due at one moment, each frame is small and nothing is left out."""

from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from brigades import MINUTE_MS, VISIT, Brigade, at, lines, shift, texts
from engines import Station, settle

from config.ids import UnitId
from dispatch.decide import Outcome, next_deadline_ms
from dispatch.state import State
from events.decisions import Decision
from events.facts import Accepted, Deadline, Position
from events.ports import LARGEST_FRAME_BYTES

MANY = 2200


def flooded(brigade: Brigade, **more: Any) -> None:  # noqa: ANN401 - any field
    """As many crashes at the school as no frame could speak of."""
    for first in range(0, MANY, 100):
        brigade.turn(*(
            brigade.record("incident_reported", incident=f"i{n}", kind="crash", place="p2", **more)
            for n in range(first, first + 100)
        ))  # fmt: skip


def gone_on(brigade: Brigade, first: Outcome) -> tuple[list[Decision], int]:
    """What a frame and those that go on with it decided, and how many these were."""
    decided = list(first.decisions)
    for frames in count(1):
        due_ms = next_deadline_ms(brigade.state, brigade.ground)
        if due_ms is None or due_ms > brigade.now_ms + 1:
            return decided, frames
        brigade.now_ms = due_ms
        decided += brigade.turn(Deadline(at_ms=due_ms)).decisions
    raise AssertionError


def largest(brigade: Brigade) -> int:
    """Bytes of the largest frame."""
    return max(map(len, brigade.journal))


@pytest.mark.parametrize(("more", "text"), [
    ({"scheduled_at": at(60)}, "queued.no_roster"), ({}, "incident.late"),
])  # fmt: skip
def test_many_at_one_moment_fit_into_a_frame(
    brigade: Brigade, more: dict[str, Any], text: str
) -> None:
    """What a frame has no room for comes in the next; each incident is told of once."""
    flooded(brigade, **more)
    decided = brigade.wait(70)
    assert largest(brigade) <= LARGEST_FRAME_BYTES
    told = [str(one.about.incident) for one in lines(decided) if one.text == text and one.about]
    assert sorted(told) == sorted(brigade.state.incidents)


def test_a_record_that_changes_why_many_wait_is_taken_at_once(brigade: Brigade) -> None:
    """It is not its fault that so many wait; the frames behind it say so of each."""
    flooded(brigade)
    decided, frames = gone_on(brigade, brigade.roster(shift("t1")))
    assert largest(brigade) <= LARGEST_FRAME_BYTES
    assert frames > 1
    assert texts(decided, "queued").count("queued.no_unit_on_duty") == MANY
    assert texts(decided, "roster") == ["roster.taken"]


def test_the_most_urgent_of_many_go_first(brigade: Brigade) -> None:
    """The unit that signs in gets the one where somebody died, whatever is still to be told."""
    flooded(brigade)
    brigade.tell("incident_reported", incident="fatal", kind="crash", severity="fatal", place="p2")
    brigade.roster(shift("t1"))
    brigade.sign_in("t1")
    assert brigade.sent_to("fatal") == ["t1"]


def test_a_roster_carries_all_visits_that_were_missed(brigade: Brigade) -> None:
    """As many as fit into its frame, and those that are left in the next."""
    visits = [VISIT | {"visit": f"v{n}", "must_arrive": f"m{n}"} for n in range(400)]
    brigade.roster(shift("t1", visits=visits))
    assert texts(brigade.wait(200), "missed") == ["visit.missed"] * 400
    brigade.turn()
    tomorrow = shift("t1", start=1380, end=1860, duty="d-next", date="2026-12-01", version=2)
    told = brigade.roster(shift("t1", version=2), tomorrow, version=2, replaces=1)
    decided, frames = gone_on(brigade, told)
    assert largest(brigade) <= LARGEST_FRAME_BYTES
    assert frames > 1
    assert texts(decided, "missed") == ["visit.carried"] * 400


@dataclass
class Moves:
    """Fixes that all count, told once: as of a large brigade whose engine was away."""

    told: list[Position]

    def back_ms(self, _: State) -> int:
        """None."""
        return 0

    def restore(self, *_: object) -> list[Position]:
        """None."""
        return []

    def fixes(self, *_: object) -> list[Position]:
        """None."""
        return []

    def timers(self, *_: object) -> list[Position]:
        """All of them."""
        told, self.told = self.told, []
        return told

    def seen(self, _: State) -> list[Position]:
        """None."""
        return []


def test_an_engine_outlives_more_fixes_than_fit_into_a_frame(tmp_path: Path) -> None:
    """They have no record that could be parked; those that are left come in the next, in order."""
    station = Station(tmp_path / "d")
    first = Position(
        unit=UnitId("t1"), at_ms=station.now_ms, edge=None, along_m=0, change="fix"
    )  # fmt: skip
    told = [first.model_copy(update={"at_ms": first.at_ms + n}) for n in range(8000)]
    engine = station.engine(tracks=Moves(list(told)))
    station.incident()
    settle(engine)
    frames = station.frames()
    assert [one for frame in frames for one in frame.facts if isinstance(one, Position)] == told
    assert max(len(frame.raw()) for frame in frames) <= LARGEST_FRAME_BYTES
    assert engine.state.incidents


def test_an_engine_outlives_what_is_due_at_once(tmp_path: Path) -> None:
    """It ended for good: each next engine made the same frame, and it was too large again."""
    station = Station(tmp_path / "d")
    engine = station.engine()
    settle(engine)
    for _ in range(MANY):
        station.incident()
    settle(engine)
    station.now_ms += 70 * MINUTE_MS
    last = station.incident()
    settle(engine)
    frames = station.frames()
    accepted = [
        fact.event for frame in frames for fact in frame.facts if isinstance(fact, Accepted)
    ]
    assert accepted[-1] == last
    assert max(len(frame.raw()) for frame in frames) <= LARGEST_FRAME_BYTES
