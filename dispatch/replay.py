"""Deciding a recorded journal anew: the same facts must give the same decisions, byte for byte.

It shows that the core is pure, and what a change of the program would have decided otherwise.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from config.errors import Impossible
from dispatch import decide
from dispatch.decide import Given, Record
from dispatch.ground import Ground
from dispatch.state import State
from events import ports
from events.facts import Accepted, ConfigChanged, Duplicate, EngineStarted, Fact, Rejected
from events.frame import Frame
from events.ports import Stored
from events.schema import parse


@dataclass(frozen=True, slots=True)
class Difference:
    """A frame in which the program as it is now would write something else; both as JSON."""

    seq: int
    recorded: str
    decided: str


def differences(
    frames: Iterable[Frame], ground: Ground, inbox: Mapping[int, Stored] | None = None
) -> Iterator[Difference]:
    """Decide each frame again on the state that was folded up to it.

    Args:
        frames: The accepted frames of one journal from the first on.
        ground: The district, the same as it was then.
        inbox: Records by position, as far as they are still kept: these are judged again too.

    Raises:
        Impossible: The journal was decided on other district files.
    """
    state: State | None = None
    for frame in frames:
        before = State(frame.area) if state is None else state
        for fact in frame.facts:
            if isinstance(fact, (EngineStarted, ConfigChanged)):
                _refuse_other_files(frame, fact.files, ground)
        given = [_given(fact, inbox or {}) for fact in frame.facts]
        outcome = decide.step(before, given, ground, frame.time_ms)
        facts = tuple(map(_as_recorded, outcome.facts, frame.facts))
        again = frame.model_copy(update={"facts": facts, "decisions": tuple(outcome.decisions)})
        if again.raw() != frame.raw():
            yield Difference(frame.seq, frame.raw().decode(), again.raw().decode())
        state = decide.fold(before, frame, ground)


def _as_recorded(fact: Fact, recorded: Fact) -> Fact:
    """Without the place where an event's name is cut, if the journal is older than that."""
    if isinstance(fact, Accepted) and getattr(recorded, "source_chars", None) is None:
        return replace(fact, source_chars=None)
    if isinstance(fact, Rejected) and getattr(recorded, "source_chars", None) is None:
        return fact.model_copy(update={"source_chars": None})
    return fact


def _given(fact: Fact, inbox: Mapping[int, Stored]) -> Given:
    if isinstance(fact, (Accepted, Duplicate, Rejected)):
        stored = inbox.get(ports.position(fact.partition, fact.offset))
        if stored is not None:
            return Record(stored.position, parse(stored.value, stored.headers), stored.stored_ms)
    return fact


def _refuse_other_files(frame: Frame, files: Mapping[str, str], ground: Ground) -> None:
    here = ground.district.hashes
    if dict(files) != dict(here):
        names = sorted(k for k in files.keys() | here.keys() if files.get(k) != here.get(k))
        raise Impossible("run.other_files", seq=frame.seq, files=", ".join(names))
