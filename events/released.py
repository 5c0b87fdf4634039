"""The effects of frames as any reader of their streams knows them: their ids, how many.

The id (area, seq, n) of an engine's effect stands in a header; n is the number of the decision
(orders, console) or of the fact (replies, rejected) in its frame. What an effect says is the
engine's. A planner's effects are events in the inbox: its frame and n are their id.
"""

from collections.abc import Iterator
from dataclasses import replace

from config.ids import AreaId
from events.decisions import Effect, Line, Order, OrderEnded
from events.facts import Accepted, Duplicate, Parked, Rejected
from events.frame import Frame
from events.planning import DutyRostered, RosterPublished
from events.ports import Record, Stored, Streams, before, inbox
from events.rosters import Arriving
from events.rows import rows
from events.schema import Envelope, parse

HEADER = "effect"
OUTPUTS = ("orders", "console", "replies", "rejected")
"""The streams of an engine's effects, by their suffix."""
LONGEST_SEQ = 18
"""Digits; no journal holds more frames."""


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


def plan_source(area: AreaId) -> str:
    """The `source` of a planner's events; their `id` is "seq/n" of the frame that published."""
    return f"qinwu/plan/{area}"


def last_published(bus: Streams, area: AreaId, after: int) -> int:
    """`seq` of the last frame of `P.plan` whose roster is in the inbox; 0 for none.

    Only a roster that units may act on counts: whole, as the engine takes it, and of some duties.

    Args:
        bus: The area's bus.
        area: Whose.
        after: The inbox position up to which the planner's frames consumed it: a roster is sent
            after its frame, so that one of a frame that is gone lies behind.
    """
    name, source = inbox(area), plan_source(area)
    # Asked from the beginning, since on Kafka a read from a position that is gone voids the bus.
    kept = bus.read(name, before(0), 1)
    start = max(after, kept[0].position - 1) if kept else after
    arriving: dict[tuple[int, str, int], Arriving] = {}
    for stored in rows(bus, name, start):
        if not any(kind.name.encode() in stored.value for kind in (DutyRostered, RosterPublished)):
            continue
        told = parse(stored.value, stored.headers)
        if not isinstance(told, Envelope) or told.source != source:
            continue
        seq, _, n = told.id.partition("/")
        if not (seq.isdecimal() and n.isdecimal() and len(seq) <= LONGEST_SEQ):
            continue
        if isinstance(told.data, DutyRostered | RosterPublished):
            key = int(seq), told.data.week, told.data.version
            arriving[key] = _with(arriving.get(key, Arriving()), told, stored.stored_ms)
    whole = (
        seq for (seq, _, _), one in arriving.items()
        if one.duties and one.standing(None) == "whole"
    )  # fmt: skip
    return max(whole, default=0)


def _with(arriving: Arriving, told: Envelope, stored_ms: int) -> Arriving:
    """A roster on its way with one more of its events."""
    known = told.normal(stored_ms)
    if isinstance(told.data, DutyRostered):
        return replace(arriving, duties={**arriving.duties, told.data.duty: known})
    return arriving.published(known)
