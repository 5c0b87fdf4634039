"""Journals as people look at them: folded by the rule of every reader, each record's fate told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from config.ids import AreaId
from config.words import Say
from events import ports
from events.event import moment_text
from events.frame import FIRST_PREV, Accepted, Fold, Folded, Fork, Frame, digest
from events.kinds import BY_TYPE
from events.ports import Streams
from events.rows import rows
from events.trouble import JournalBroken, JournalDamaged

Fate = Literal["accepted", "stale", "fork", "gap", "damaged", "unreadable"]


class Walked(NamedTuple):
    """A record of a journal, and what a reader makes of it; `frame` where it counts."""

    position: int
    raw: bytes
    fate: Fate
    seq: int | None
    frame: Frame | None = None


def walk(bus: Streams, area: AreaId, name: str, fold: Fold | None = None) -> Iterator[Walked]:
    """Fold a journal from its first record; ends behind a gap, damage, or an unreadable frame.

    Nobody knows what those that follow would mean, so nothing is said of them.

    Args:
        bus: Where it is.
        area: Whose.
        name: Of the journal.
        fold: Go on from there.
    """
    fold = fold or Fold(area)
    for record in rows(bus, name, fold.position):
        position, raw = record.position, record.value
        if position != fold.position + 1:
            yield Walked(position, raw, "gap", None)
            return
        try:
            taken = fold.accept(position, raw)
        except JournalDamaged:
            yield Walked(position, raw, "damaged", fold.seq + 1)
            return
        except JournalBroken:
            yield Walked(position, raw, "unreadable", fold.seq + 1)
            return
        if isinstance(taken, Folded):
            yield Walked(position, raw, "accepted", taken.frame.seq, taken.frame)
        elif isinstance(taken, Fork):
            yield Walked(position, raw, "fork", taken.seq)
        elif bus.one_writer:
            yield Walked(position, raw, "damaged", fold.seq + 1)
            return
        else:
            yield Walked(position, raw, "stale", taken.seq)


def accepted(bus: Streams, area: AreaId, fold: Fold | None = None) -> Iterator[Frame]:
    """The frames of an area's journal that count, in order: what happened, to any reader.

    Args:
        bus: Where it is.
        area: Whose.
        fold: Go on from there; it comes along.

    Raises:
        JournalBroken: One that counts cannot be read, or has no place among those before.
        JournalDamaged: A frame before is gone.
    """
    fold = fold or Fold(area)
    for record in rows(bus, ports.journal(area), fold.position):
        taken = fold.accept(record.position, record.value)
        if isinstance(taken, Folded):
            yield taken.frame


def near_end(bus: Streams, area: AreaId, name: str, records: int) -> Fold:
    """A fold that goes on at most so many records before the end: of a long journal, the last.

    A writer that was overtaken comes after the one that was faster: so whichever frame has a
    higher number than another before it counts.
    """
    newest = bus.last(name)
    first = 0 if newest is None else newest.position + 1 - records
    least: int | None = None
    for record in rows(bus, name, first - 1) if first > 0 else ():
        try:
            frame = Frame.read(record.value)
        except ValueError:  # somebody else's record, or a newer program's: `verify` says
            continue
        if frame.area != area:
            continue
        if least is not None and frame.seq > least:
            return Fold(area, record.position - 1, frame.seq - 1, frame.prev)
        least = frame.seq if least is None else least
    return Fold(area)


@dataclass(slots=True)
class Tally:
    """What a verification found in a journal."""

    name: str
    accepted: int = 0
    seq: int = 0
    digest: str = FIRST_PREV
    troubles: list[Walked] = field(default_factory=list)
    """All but the accepted, in order."""

    @classmethod
    def of(cls, bus: Streams, area: AreaId, name: str) -> "Tally":
        """Fold the journal `name` of a bus."""
        tally = cls(name)
        for one in walk(bus, area, name):
            if one.frame is None:
                tally.troubles.append(one)
                continue
            tally.accepted += 1
            tally.seq, tally.digest = one.frame.seq, digest(one.raw)
        return tally

    def count(self, fate: Fate) -> int:
        """How many records met this fate."""
        return sum(one.fate == fate for one in self.troubles)

    @property
    def sound(self) -> bool:
        """Stale frames are normal: a writer that was overtaken. All else is not."""
        return all(one.fate == "stale" for one in self.troubles)

    def worst(self, say: Say) -> str | None:
        """The first trouble that is not normal, in words."""
        return next((self._told(one, say) for one in self.troubles if one.fate != "stale"), None)

    def lines(self, say: Say) -> Iterator[str]:
        """The verdict in words, and where the trouble is."""
        yield say(
            "journal.verified", name=self.name, accepted=self.accepted, seq=self.seq,
            stale=self.count("stale"), forks=self.count("fork"), digest=self.digest[:12],
        )  # fmt: skip
        yield from (self._told(one, say) for one in self.troubles)

    def _told(self, one: Walked, say: Say) -> str:
        seq = "-" if one.seq is None else one.seq
        return say(f"journal.at.{one.fate}", name=self.name, position=one.position, seq=seq)


# --- a frame, readable -----------------------------------------------------------------------


def frame_lines(frame: Frame, position: int, say: Say) -> Iterator[str]:
    """A frame in words: a line of its own, then one for each fact and decision."""
    yield say(
        "journal.frame", seq=frame.seq, position=position, at=moment_text(frame.time_ms),
        writer=frame.writer, facts=len(frame.facts), decisions=len(frame.decisions),
    )  # fmt: skip
    for told in frame.inputs:
        yield say(
            "journal.input", topic=told.topic, partition=told.partition, first=told.first,
            last=told.to,
        )  # fmt: skip
    for fact in frame.facts:
        yield say("journal.fact", what=say(f"journal.part.{fact.type}"), fields=_fields(fact))
    for n, decision in enumerate(frame.decisions):
        what = say(f"journal.part.{decision.type}")
        name = f"D{frame.seq}.{n}"
        yield say("journal.decision", name=name, what=what, fields=_fields(decision))


_LEFT_OUT = frozenset({"type", "topic", "partition"})


def _fields(part: Accepted | BaseModel) -> str:
    """The fields that say something, in the order of the format; times as ISO 8601."""
    told = part.written() if isinstance(part, Accepted) else part.model_dump(exclude_none=True)
    return _pairs({name: value for name, value in told.items() if name not in _LEFT_OUT})


def _pairs(told: Mapping[str, Any]) -> str:
    return " ".join(
        f"{_name(name)}={_value(name, value)}"
        for name, value in told.items()
        if value not in ((), [], {})
    )


def _name(name: str) -> str:
    return name.removesuffix("_ms")


def _value(name: str, value: Any) -> str:  # noqa: ANN401 - a field of any type
    if name.endswith("_ms") and isinstance(value, int):
        return moment_text(value)
    if isinstance(value, Mapping):
        return f"({_pairs(value)})"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(name, one) for one in value) + "]"
    if name == "kind" and value in BY_TYPE:
        return BY_TYPE[value].name
    return str(value)
