"""What an inbox record is: accepted, duplicate or rejected, and with how many units due."""

from collections.abc import Mapping
from typing import NamedTuple

from config.durations import HOUR_MS
from config.ids import IncidentId
from dispatch.again import id_of
from dispatch.ground import Ground
from dispatch.opening import slots_of
from dispatch.state import State
from events.clock import FOUNDED_MS, Setting
from events.event import MOST_ID, moment_text
from events.facts import Accepted, Duplicate, Parked, Rejected, cut_of
from events.frame import order_named
from events.hints import NAME_TOO_LONG
from events.kinds import (
    ClockSet,
    CommandGiven,
    IncidentReported,
    PositionReported,
    SightingReported,
)
from events.schema import Envelope, Refused

PERIOD_MS = 6 * HOUR_MS
"""Dedupe keys are kept by the six hours in which they came, and dropped together."""
PERIODS = 9
"""48 hours and the period that is filling."""
CHUNK = 1024
"""Keys in one map at most: adding one copies no more than these."""
_INCIDENT = IncidentReported.type()
_NAMED = {_INCIDENT: "incident", SightingReported.type(): "sighting"}
"""What is named by its event's "source/id" where this field does not."""
_ELSEWHERE = frozenset((PositionReported.type(), ClockSet.type()))
CENTURY_MS = 36_525 * 24 * HOUR_MS


class Record(NamedTuple):
    """A parsed record of the inbox."""

    position: int
    read: Envelope | Refused
    stored_ms: int = 0


class ParkedRecord(NamedTuple):
    """A record on which `step` crashed twice."""

    position: int
    event: str | None
    error: str


def judged(
    state: State, record: Record | ParkedRecord, ground: Ground, now_ms: int, topic: str
) -> Accepted | Duplicate | Rejected | Parked:
    """The fact of a record."""
    position = record.position
    if isinstance(record, ParkedRecord):
        return Parked(
            topic=topic, partition=0, offset=position, error=record.error, event=record.event
        )
    told = record.read
    if isinstance(told, Refused):
        return _rejected(topic, record, told.code, told.kind)
    if known(state, told.key, told.event):
        return Duplicate(topic=topic, partition=0, offset=position, of=told.event)
    came_ms = _came_ms(record.stored_ms, ground, now_ms)
    at_ms = told.at_ms(came_ms)
    if reason := _refusal(told, ground, at_ms - now_ms, record.stored_ms):
        return _rejected(topic, record, reason, told.type)
    incident = slots = None
    if told.type == _INCIDENT:
        incident = IncidentId(told.fields.get("incident") or told.event)
        slots = slots_of(told.fields, state, ground)
    fact = told.accepted(topic, position, came_ms, incident, slots)
    if name := told.fields.get("order"):  # a device may say it as the log does
        fact.data = {**fact.data, "order": order_named(state.area, name)}
    if at_ms > now_ms and not ground.settings.simulation:  # a wrong clock moves no deadline
        fact.data, fact.ahead_ms = {**fact.data, "at": moment_text(now_ms)}, at_ms - now_ms
    if incident in state.incidents:
        fact.incident = id_of(fact, state, ground, now_ms)
    return fact


def _rejected(topic: str, record: Record, reason: str, kind: str | None) -> Rejected:
    told = record.read
    cut = told.source_chars if isinstance(told, Refused) else cut_of(told.source, told.event)
    return Rejected(
        topic=topic, partition=0, offset=record.position, reason=reason, event=record.read.event,
        kind=kind, source_chars=cut,
    )  # fmt: skip


def _came_ms(stored_ms: int, ground: Ground, now_ms: int) -> int:
    """When a record came that does not say so: as stored, unless the store's clock was wrong."""
    if stored_ms < FOUNDED_MS or ground.settings.simulation:
        return now_ms
    return min(stored_ms, now_ms)  # nothing is stored after it is read


def _refusal(told: Envelope, ground: Ground, ahead_ms: int, stored_ms: int) -> str | None:
    """Why a well-formed event, of a time so far ahead of now, is not taken.

    In a simulation senders may keep another clock than the engine, so only what no calendar
    holds is too far ahead there.
    """
    if told.type in _ELSEWHERE:
        clock = told.as_a(ClockSet)
        return "wrong_stream" if clock is None else _of_clock(clock, ground, stored_ms)
    named = _NAMED.get(told.type)
    if named is not None and not told.fields.get(named) and len(told.event) > MOST_ID:
        return NAME_TOO_LONG  # no command could ever name it
    settings = ground.settings
    limit_ms = settings.dispatch.late_h * HOUR_MS
    if -limit_ms <= ahead_ms <= 0:  # nearly all
        return None
    if ahead_ms < 0:
        command = told.as_a(CommandGiven)
        return None if command is not None and command.noted_offline else "late"
    most_ms = CENTURY_MS if settings.simulation else limit_ms
    return "from_the_future" if ahead_ms > most_ms else None


def _of_clock(told: ClockSet, ground: Ground, stored_ms: int) -> str | None:
    """Why the clock is not set: a district is live, or no calendar tells the time it would show."""
    if not ground.settings.simulation:
        return "not_simulated"
    setting = Setting(told.virtual_ms, told.wall_ms, told.speed)
    return None if setting.tellable(stored_ms or told.wall_ms) else "clock_beyond_calendar"


def known(state: State, key: str, event: str) -> bool:
    """Whether the event was taken in the last 48 hours; older journals have its name as key."""
    for _, keys in state.taken:  # noqa: SIM110 - asked of every record: half the time of any()
        if key in keys or event in keys:
            return True
    return False


def remembered(
    taken: tuple[tuple[int, Mapping[str, int]], ...], event: str, seq: int, now_ms: int
) -> tuple[tuple[int, Mapping[str, int]], ...]:
    """The dedupe keys with one more; old periods leave."""
    period = now_ms // PERIOD_MS
    if taken and taken[-1][0] >= period and len(taken[-1][1]) < CHUNK:
        return (*taken[:-1], (taken[-1][0], {**taken[-1][1], event: seq}))
    kept = tuple(one for one in taken if one[0] > period - PERIODS)
    return (*kept, (period, {event: seq}))
