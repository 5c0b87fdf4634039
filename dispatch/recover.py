"""The engine's fold of its journal: recovered at start, followed while it runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

from config.ids import AreaId
from dispatch import snapshot
from dispatch.ground import Ground
from dispatch.snapshot import Snapshot
from dispatch.state import State
from events import ports
from events.frame import Decision, Fact, Fold, Folded, Frame
from events.ports import Bus, Stored, StreamGap
from events.trouble import DataLost, JournalBehind, JournalBroken

BATCH = 500
LOOK_MS = 500
PATIENCE = 20


class Outcome(Protocol):
    """What `step` gives: the parts of a frame, and the state that they make."""

    @property
    def facts(self) -> Sequence[Fact]:
        """One for each input, in order."""
        ...

    @property
    def decisions(self) -> Sequence[Decision]:
        """What was decided."""
        ...

    @property
    def state(self) -> State:
        """The state after them."""
        ...


class Core(Protocol):
    """The pure half of the engine, as the shell uses it: `dispatch.decide`."""

    def step(self, state: State, given: Sequence[Any], ground: Ground, now_ms: int) -> Outcome:
        """Facts and decisions of the next frame."""
        ...

    def fold(self, state: State, frame: Frame, ground: Ground) -> State:
        """The state after a recorded frame; nothing is decided anew."""
        ...

    def next_deadline_ms(self, state: State, ground: Ground) -> int | None:
        """When the state next wants to be looked at."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """A frame that was folded; `stored_ms` is the bus's wall time, Unix ms."""

    frame: Frame
    before: State
    after: State
    stored_ms: int


class Reader:
    """The fold of an area's journal into the engine's state."""

    def __init__(self, bus: Bus, ground: Ground, core: Core) -> None:
        """Begin before the first frame; `catch_up` folds what is there."""
        self.area = AreaId(ground.settings.brigade)
        self.fold = Fold(self.area)
        self.state = State(self.area)
        self.journal = bus.journal(ports.journal(self.area))
        self._bus, self._ground, self._core = bus, ground, core

    def begin_at(self, found: Snapshot, identity: str) -> None:
        """Go on from a snapshot.

        Raises:
            JournalBroken: It is a snapshot of another journal: this one was made anew.
        """
        if found.journal != identity:
            cause = f"{ports.journal(self.area)}: made anew since {snapshot.FILE}"
            raise JournalBroken(cause)
        self.fold, self.state = found.fold, found.state

    def catch_up(self, upto: int | None = None, took: Callable[[Step], None] | None = None) -> None:
        """Fold what others appended, up to a position or to the end.

        Raises:
            JournalBroken: The journal is not the one that was folded so far.
            DataLost: It ends before `upto`, which an answer had named.
        """
        patience = PATIENCE
        while upto is None or self.fold.position < upto:
            found = self._read(0 if upto is None else LOOK_MS)
            for stored in found:
                self._accept(stored, took)
            if found:
                continue
            if upto is None:
                return
            patience -= 1  # a new leader may not know at once how far its journal goes
            if patience == 0:
                name = ports.journal(self.area)
                raise DataLost(name=name, stored=self.fold.position, expected=upto)

    def reach(self, seq: int, took: Callable[[Step], None] | None = None) -> None:
        """Fold up to a frame that made something known.

        Raises:
            JournalBehind: It is not there: who went on would decide anew what others act on.
        """
        patience = 0 if self._bus.exclusive else PATIENCE  # as above: a leader may not know yet
        while self.fold.seq < seq:
            if patience == 0:
                raise JournalBehind(area=self.area, seq=self.fold.seq, told=seq)
            patience -= 1
            for stored in self._read(LOOK_MS):
                self._accept(stored, took)

    def own(self, position: int, raw: bytes, frame: Frame, state: State) -> Step:
        """Take over the frame that was just appended, with the state that `step` made of it."""
        self.fold.accept(position, raw, frame)
        before, self.state = self.state, _consumed(state, frame)
        return Step(frame, before, self.state, 0)

    def _read(self, wait_ms: int) -> list[Stored]:
        try:
            return self.journal.read(self.fold.position, BATCH, wait_ms)
        except StreamGap as gap:
            msg = f"{ports.journal(self.area)}: {dict(gap.fields)}"
            raise JournalBroken(msg) from gap

    def _accept(self, stored: Stored, took: Callable[[Step], None] | None) -> None:
        taken = self.fold.accept(
            stored.position, stored.value, one_writer=self._bus.one_writer
        )  # fmt: skip
        if not isinstance(taken, Folded):
            return
        before = self.state
        self.state = _consumed(self._core.fold(before, taken.frame, self._ground), taken.frame)
        if took is not None:
            took(Step(taken.frame, before, self.state, stored.stored_ms))


def _consumed(state: State, frame: Frame) -> State:
    """The state with the inbox position that the frame names.

    It may span records that are lost, and begins anew with a stream that was made anew.
    """
    inbox = ports.inbox(state.area)
    to = [one.to for one in frame.inputs if one.topic == inbox]
    return replace(state, inbox=to[-1]) if to and to[-1] != state.inbox else state


def recovered(
    bus: Bus, ground: Ground, core: Core, took: Callable[[Step], None], known: int,
    *, cached: bool = True,
) -> Reader:  # fmt: skip
    """The journal folded to its end, from the snapshot where there is a sound one.

    Args:
        bus: The area's bus.
        ground: The district.
        core: What folds.
        took: Called for each frame that is folded.
        known: `seq` of the last frame that made anything known.
        cached: Whether a snapshot may be used.

    Raises:
        JournalBroken: See `Reader`.
    """
    reader = Reader(bus, ground, core)
    district = ground.district
    found = None
    if cached:
        found = snapshot.load(district.folder, reader.area, district.hashes, bus.address)
    if found is not None:
        reader.begin_at(found, bus.identity(ports.journal(reader.area)))
    reader.catch_up(took=took)
    reader.reach(known, took)
    return reader


def snapshot_of(reader: Reader, bus: Bus, files: Mapping[str, str]) -> Snapshot:
    """What to save of a fold whose effects are all released."""
    identity = bus.identity(ports.journal(reader.area))
    return Snapshot(
        snapshot.program(), dict(files), bus.address, identity, reader.fold, reader.state
    )


class Lost(NamedTuple):
    """Inbox records that nobody consumed: those from `first` to `to`, both inclusive.

    In a stream that was made anew nothing counts any more: `to` is -1.
    """

    first: int
    to: int


def inbox_lost(bus: Bus, state: State, identity: str) -> Lost | None:
    """What of the inbox is gone since the state was made; None where reading simply goes on."""
    name = ports.inbox(state.area)
    known = state.streams.get(name)
    if state.inbox < 0 or known is None:
        return None
    if known != identity:
        return Lost(0, ports.before(0))
    # Asked from the beginning, since on Kafka a read from a position that is gone voids the bus.
    kept = bus.read(name, ports.before(0), 1)
    if kept and kept[0].position > state.inbox + 1:
        return Lost(state.inbox + 1, kept[0].position - 1)
    return None
