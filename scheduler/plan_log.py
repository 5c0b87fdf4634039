"""The planner's hand on `P.plan`: fold what stands there, append what was decided."""

from collections.abc import Sequence

from config.ids import AreaId
from events import ports
from events.clock import Clock
from events.facts import Fact, Note
from events.frame import Fold, Folded, Frame, Input
from events.plan_decisions import PlanDecision
from events.ports import LARGEST_FRAME_BYTES, Appended, Bus, Conflict, Stored, Streams
from events.released import last_published
from events.trouble import BusLost, PlanBehind
from scheduler.ledger import Ledger, apply
from scheduler.week_ledger import WENT_ON

MOST_BYTES = LARGEST_FRAME_BYTES * 3 // 4
"""Of the parts of one frame as text; what is left is for keys and inputs."""

LOOK_MS, PATIENCE = 500, 20
"""A broker's new leader may not know at once how far a journal goes."""


class PlanReader:
    """The fold of an area's `P.plan`, for whoever only looks on."""

    def __init__(self, bus: Streams, area: AreaId) -> None:
        """Fold what is there."""
        self.ledger = Ledger()
        self._bus, self._name, self._area = bus, ports.plan(area), area
        self._fold = Fold(area)
        self.catch_up()

    def catch_up(self) -> None:
        """Fold what others appended."""
        while self._fold_some(None) is not None:
            pass

    def _read(self, after: int) -> list[Stored]:
        return self._bus.read(self._name, after)

    def _fold_some(self, upto: int | None, own: bytes = b"") -> bool | None:
        """Fold a batch up to a position; whether `own` was in it, None when nothing was there."""
        found = [s for s in self._read(self._fold.position) if upto is None or s.position <= upto]
        mine = False
        for stored in found:
            taken = self._fold.accept(
                stored.position, stored.value, one_writer=self._bus.one_writer
            )
            if isinstance(taken, Folded):
                self.ledger = apply(self.ledger, taken.frame)
                mine |= stored.value == own
        return mine if found else None


class PlanLog(PlanReader):
    """The writer of an area's `P.plan`."""

    def __init__(
        self, bus: Bus, area: AreaId, clock: Clock, writer: str, *, plan_on: bool = False
    ) -> None:
        """Fold what is there.

        Args:
            bus: The area's.
            area: Whose.
            clock: What tells the time of frames.
            writer: Who writes them.
            plan_on: A person wants to plan on where frames are gone, and knows what that means.

        Raises:
            PlanBehind: A roster is out that no frame published: who went on would decide anew.
        """
        self._journal = bus.journal(ports.plan(area))
        self._clock, self._writer = clock, writer
        super().__init__(bus, area)
        told = last_published(bus, area, max(self.ledger.inbox_position, self.ledger.went_on))
        try:
            self._reach(told, patience=0 if bus.exclusive else PATIENCE)
        except PlanBehind:
            newest = bus.last(ports.inbox(area))
            if not plan_on or newest is None:
                raise
            fields = {"frame": told, "position": newest.position}
            self.append([], [Note(key=WENT_ON, fields=fields)])

    def _read(self, after: int) -> list[Stored]:
        return self._journal.read(after)

    def _reach(self, seq: int, patience: int) -> None:
        while self._fold.seq < seq:
            if patience == 0:
                raise PlanBehind(name=self._name, seq=self._fold.seq, told=seq)
            patience -= 1
            self._journal.read(self._fold.position, wait_ms=LOOK_MS)
            self.catch_up()

    def append(
        self, decisions: Sequence[PlanDecision], facts: Sequence[Fact] = (), upto: int | None = None
    ) -> bool:
        """Append a frame and fold it; False: others were faster, reconsider.

        Args:
            decisions: What was decided.
            facts: What it was decided on.
            upto: The last inbox position that is consumed with it.

        Raises:
            BusLost: The outcome is not known: exit, refold.
        """
        first = self.ledger.inbox_position + 1
        inputs: tuple[Input, ...] = ()
        if upto is not None and upto >= first:
            inputs = (Input(topic=ports.inbox(self._area), partition=0, first=first, to=upto),)
        frame: Frame = self._fold.next_frame(
            self._writer, self._clock.now_ms(), inputs, tuple(facts), tuple(decisions)
        )
        raw = frame.raw()
        result = self._journal.append(raw, self._fold.position + 1)
        match result:
            case Appended(position):
                self._fold.accept(position, raw, frame)
                self.ledger = apply(self.ledger, frame)
                return True
            case Conflict(upto=last):
                mine = False
                for _ in range(PATIENCE):
                    mine |= bool(self._fold_some(last, raw))
                    if self._fold.position >= last:
                        return mine
                    self._journal.read(self._fold.position, wait_ms=LOOK_MS)
                msg = f"{self._name}: frame {last} is told of and not given"
                raise BusLost(msg)
        raise BusLost(result.cause)


def size_of(decision: PlanDecision) -> int:
    """Bytes of a decision as text."""
    return len(decision.model_dump_json().encode())
