"""Frames: what a journal is made of, its exact bytes, and the rule by which readers fold it.

A frame is one record: the inputs consumed, the facts used, the decisions taken. It is stored as
canonical JSON (keys in the order of the classes below, no spaces, non-ASCII kept, no floats),
so that anybody can make its bytes and its digest again from the parsed object. Fields that the
format marks optional are left out when None; all others are always written.

The types here are frozen and strict: a float, a typo or a wrong id type fails where it is made.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

import orjson
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from config.ids import AreaId, OrderId
from events.decisions import (
    About,
    Decision,
    Effect,
    EndedShift,
    Excluded,
    IncidentClosed,
    IncidentEnd,
    Line,
    LineKind,
    LonLat,
    Order,
    OrderEnd,
    OrderEnded,
    Queued,
    Remains,
    Warning,  # noqa: A004 - the format's word
    Why,
)
from events.facts import (
    Accepted,
    ConfigChanged,
    Deadline,
    Duplicate,
    EngineStarted,
    Fact,
    Note,
    Parked,
    Part,
    Position,
    Rejected,
)
from events.known import known
from events.trouble import JournalBroken, JournalDamaged

FIRST_PREV = "0" * 64
"""`prev` of the first frame of a journal."""


def digest(raw: bytes) -> str:
    """Lower-case hex SHA-256 of a frame's stored bytes."""
    return hashlib.sha256(raw).hexdigest()


def order_id(area: AreaId, seq: int, n: int) -> OrderId:
    """Id of the decision number `n` (from 0) of a frame."""
    return OrderId(f"{area}/{seq}/{n}")


def order_named(area: AreaId, name: str) -> OrderId:
    """The id of an order that is named by it, or as people of the area say it: D1042.0."""
    short = re.fullmatch(r"D?([0-9]{1,15})\.([0-9]{1,9})", name)
    return order_id(area, int(short[1]), int(short[2])) if short else OrderId(name)


class Input(Part):
    """Records consumed, both ends inclusive; may span offsets without a record."""

    topic: str
    partition: int
    first: int = Field(validation_alias=AliasChoices("from", "first"), serialization_alias="from")
    to: int


class Frame(Part):
    """One record of a journal."""

    v: Literal[1] = 1
    area: AreaId
    seq: int = Field(ge=1)
    prev: str = Field(pattern=r"^[0-9a-f]{64}$")
    writer: str
    time_ms: int
    inputs: tuple[Input, ...] = ()
    facts: tuple[Fact, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def raw(self) -> bytes:
        """The canonical bytes: what is stored and digested; a ValueError where there are none."""
        facts = [one.written() if isinstance(one, Accepted) else one for one in self.facts]
        whole = {**self.__dict__, "facts": facts}
        try:
            return orjson.dumps(whole, default=_spelled)
        except orjson.JSONEncodeError:  # a number of more than 64 bits; or no JSON, as that tells
            return to_json(whole, by_alias=True)

    @classmethod
    def read(cls, raw: bytes) -> "Frame":
        """Parse stored bytes; pydantic's ValidationError (a ValueError) when they are no frame."""
        return cls.model_validate_json(raw)


def _spelled(part: BaseModel) -> orjson.Fragment:
    """A part as its own class writes it: aliases, and what is left out."""
    return orjson.Fragment(_bytes_of(part))


def _bytes_of(part: BaseModel) -> bytes:
    return part.__pydantic_serializer__.to_json(part, by_alias=True)


def size_of(decision: Decision) -> int:
    """How many bytes of a frame a decision takes."""
    return len(_bytes_of(decision))


# --- the rule by which every reader folds (METHODS §4) ---------------------------------------


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

    def accept(
        self, position: int, raw: bytes, made: Frame | None = None, *, one_writer: bool = False
    ) -> Folded | Stale | Fork:
        """Take the record at `position` if it is the next frame on this very history.

        A writer that folds its own frame hands it over as `made`: `raw` is not parsed again.
        Where a store has `one_writer` a record that does not count was changed by nobody's will.

        Raises:
            JournalBroken: `position` is not the next (markers, compaction, a recreated topic),
                or the frame counts but this program cannot read it.
            JournalDamaged: A frame before is gone: whoever wrote this one had folded it.
        """
        taken = self._taken(position, raw, made)
        if one_writer and not isinstance(taken, Folded):
            raise JournalDamaged(area=self.area, seq=self.seq + 1, position=position)
        return taken

    def _taken(self, position: int, raw: bytes, made: Frame | None) -> Folded | Stale | Fork:
        if position != self.position + 1:
            msg = f"journal of {self.area}: position {position} after {self.position}"
            raise JournalBroken(msg)
        self.position = position
        try:
            head = made or _Head.model_validate_json(raw)
        except ValidationError:
            return Stale(None)
        if head.area != self.area or head.seq <= self.seq:
            return Stale(head.seq)
        if head.seq > self.seq + 1:  # no writer comes to a number whose frame before it never was
            raise JournalDamaged(area=self.area, seq=self.seq + 1, position=position)
        if head.prev != self.digest:
            return Fork(head.seq, head.prev)
        try:
            frame = made or Frame.read(raw)
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
        return known(Frame, {  # its parts were checked when they were made
            "v": 1, "area": self.area, "seq": self.seq + 1, "prev": self.digest, "writer": writer,
            "time_ms": time_ms, "inputs": inputs, "facts": facts, "decisions": decisions,
        })  # fmt: skip


__all__ = [
    "FIRST_PREV",
    "About",
    "Accepted",
    "ConfigChanged",
    "Deadline",
    "Decision",
    "Duplicate",
    "Effect",
    "EndedShift",
    "EngineStarted",
    "Excluded",
    "Fact",
    "Fold",
    "Folded",
    "Fork",
    "Frame",
    "IncidentClosed",
    "IncidentEnd",
    "Input",
    "JournalBroken",
    "JournalDamaged",
    "Line",
    "LineKind",
    "LonLat",
    "Note",
    "Order",
    "OrderEnd",
    "OrderEnded",
    "Parked",
    "Part",
    "Position",
    "Queued",
    "Rejected",
    "Remains",
    "Stale",
    "Warning",
    "Why",
    "digest",
    "order_id",
    "size_of",
]
