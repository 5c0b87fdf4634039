"""The effects of frames as any reader of the output streams knows them: their ids, how many.

An effect's id (area, seq, n) stands in a header; n is the number of the decision (orders,
console) or of the fact (replies, rejected) in its frame. What an effect says is the engine's.
"""

from collections.abc import Iterator

from events.decisions import Effect, Line, Order, OrderEnded
from events.facts import Accepted, Duplicate, Parked, Rejected
from events.frame import Frame
from events.ports import Record, Stored

HEADER = "effect"


def effect_id(record: Record | Stored) -> tuple[str, int, int] | None:
    """Area, seq and n of an effect in an output stream; None for somebody else's record."""
    told = dict(record.headers).get(HEADER, b"").decode("utf-8", "replace").rsplit("/", 2)
    if len(told) != 3 or not (told[1].isdecimal() and told[2].isdecimal()):
        return None
    return told[0], int(told[1]), int(told[2])


def effects_due(frame: Frame) -> Iterator[tuple[str, int]]:
    """The stream's suffix and n of each effect that the frame is to have, in order."""
    for n, fact in enumerate(frame.facts):
        if isinstance(fact, Accepted | Duplicate):
            yield "replies", n
        elif isinstance(fact, Rejected | Parked):
            if fact.event is not None:
                yield "replies", n
            yield "rejected", n
    for n, decision in enumerate(frame.decisions):
        match decision:
            case Order() | OrderEnded():
                yield "orders", n
            case Line():
                yield "console", n
            case Effect(stream=suffix):
                yield suffix, n
