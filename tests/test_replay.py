"""A recorded journal decided anew gives the same bytes, or says where not."""

from pathlib import Path

import pytest
from engines import AREA, Station, settle

from config.errors import Impossible
from dispatch import decide
from dispatch.replay import differences
from dispatch.state import State
from events import ports
from events.frame import Frame, Order


@pytest.fixture
def station(tmp_path: Path) -> Station:
    """An hour of a busy brigade."""
    one = Station(tmp_path / "d")
    engine = one.engine()
    one.staff()
    one.put(b"junk")
    for n, junction in enumerate(("n11", "n33", "n00", "n54", "n22", "n41", "n13", "n30", "n02")):
        one.incident(junction, incident=f"I{n}")
        settle(engine)
        one.now_ms += 30_000
        settle(engine)
    one.incident("n11", incident="I1")
    one.send("command_given", command="close", by="o1", incident="I3", how="done")
    one.now_ms += 5 * 60_000
    settle(engine)
    return one


def test_a_journal_decided_anew_is_the_same(station: Station) -> None:
    """From the raw records, and from the recorded facts alone."""
    frames, ground = station.frames(), station.engine(writer="reader").ground
    inbox = {one.position: one for one in station.bus.read(ports.inbox(AREA))}
    assert len([d for frame in frames for d in frame.decisions if isinstance(d, Order)]) > 8
    assert list(differences(frames, ground, inbox)) == []
    assert list(differences(frames, ground)) == []


def test_a_decision_that_was_changed_is_found(station: Station) -> None:
    """The unit of one order is another: that frame is told."""
    frames = station.frames()
    at = next(n for n, f in enumerate(frames) if any(isinstance(d, Order) for d in f.decisions))
    forged = [
        d.model_copy(update={"slot": 7}) if isinstance(d, Order) else d
        for d in frames[at].decisions
    ]
    told = [*frames[:at], frames[at].model_copy(update={"decisions": tuple(forged)})]
    found = list(differences(told, station.engine(writer="reader").ground))
    assert [one.seq for one in found] == [frames[at].seq]


def test_other_files_are_refused(station: Station, tmp_path: Path) -> None:
    """Decisions of another district cannot be judged."""
    frames: list[Frame] = station.frames()
    other = Station(tmp_path / "other", settings={"name": "别的大队"})
    with pytest.raises(Impossible, match=r"settings\.yaml"):
        list(differences(frames, other.engine().ground))


def test_the_fold_of_each_frame_is_the_state_of_its_step(station: Station) -> None:
    """What the writer went on with is what every reader has."""
    ground = station.engine(writer="reader").ground
    state = State(AREA)
    for frame in station.frames():
        outcome = decide.step(state, frame.facts, ground, frame.time_ms)
        folded = decide.fold(state, frame, ground)
        assert outcome.state == folded
        state = folded
