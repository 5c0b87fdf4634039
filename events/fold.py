"""The acceptance rule that every reader of a journal applies.

Source:
    METHODS §4. `seq` alone is not enough: it would accept frames decided on another history.
"""

from dataclasses import dataclass
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from config.ids import AreaId
from events.frame import FIRST_PREV, Decision, Fact, Frame, Input, digest
from events.ports import BusLost


class JournalBroken(BusLost):
    """The journal cannot be what this reader has folded: refuse to go on, alarm a person."""


class Folded(NamedTuple):
    """The frame counts."""

    frame: Frame


class Stale(NamedTuple):
    """A frame of a writer that was overtaken (a zombie), or no frame at all: normal, ignored."""

    seq: int | None


class Fork(NamedTuple):
    """The right number on another history: data lost or a pipelining writer. Ignored, alarmed."""

    seq: int
    prev: str


class _Head(BaseModel):
    """The part of a frame that the rule looks at, so that a newer frame is never taken for junk."""

    model_config = ConfigDict(strict=True, extra="ignore")
    area: str
    seq: int
    prev: str


@dataclass(slots=True)
class Fold:
    """How far a journal is folded. Four plain values, so a snapshot can keep them."""

    area: AreaId
    position: int = -1
    seq: int = 0
    digest: str = FIRST_PREV

    def accept(self, position: int, raw: bytes) -> Folded | Stale | Fork:
        """Take the record at `position` if it is the next frame on this very history.

        Raises:
            JournalBroken: `position` is not the next (markers, compaction, a recreated topic),
                or the frame counts but this program cannot read it.
        """
        if position != self.position + 1:
            msg = f"journal of {self.area}: position {position} after {self.position}"
            raise JournalBroken(msg)
        self.position = position
        try:
            head = _Head.model_validate_json(raw)
        except ValidationError:
            return Stale(None)
        if head.area != self.area or head.seq != self.seq + 1:
            return Stale(head.seq)
        if head.prev != self.digest:
            return Fork(head.seq, head.prev)
        try:
            frame = Frame.read(raw)
        except ValidationError as error:
            msg = f"journal of {self.area}: frame {head.seq} is not readable: {error}"
            raise JournalBroken(msg) from error
        self.seq = frame.seq
        self.digest = digest(raw)
        return Folded(frame)

    def next_frame(
        self,
        writer: str,
        time_ms: int,
        inputs: tuple[Input, ...] = (),
        facts: tuple[Fact, ...] = (),
        decisions: tuple[Decision, ...] = (),
    ) -> Frame:
        """The frame that continues this history; append its `raw()` at `position + 1`."""
        return Frame(
            area=self.area,
            seq=self.seq + 1,
            prev=self.digest,
            writer=writer,
            time_ms=time_ms,
            inputs=inputs,
            facts=facts,
            decisions=decisions,
        )
