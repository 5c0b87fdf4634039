"""How facts change the state. Pure: the same fact on the same state gives the same state."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from config.durations import HOUR_MS, MINUTE_MS
from config.ids import IncidentId, SightingId, UnitId
from dispatch import rosters, units
from dispatch.again import reported
from dispatch.ground import Ground
from dispatch.happenings import ClockAhead, Commanded, Happening, Located, Seen, Told
from dispatch.judge import remembered
from dispatch.opening import opened
from dispatch.presence import take_positions
from dispatch.rejects import rejected
from dispatch.state import Incident, Sighting, State, having, without
from events.clock import Setting
from events.event import moment_ms
from events.facts import Accepted, ConfigChanged, EngineStarted, Fact, Note, Position, Rejected
from events.kinds import (
    ClockSet,
    CommandGiven,
    DraftEdited,
    DutyRostered,
    IncidentReported,
    OrderAnswered,
    RosterPublished,
    SightingReported,
    SignedIn,
    StatusReported,
    VisitProof,
    WatchlistChanged,
)

Normal = Mapping[str, Any]
Taken = tuple[State, tuple[Happening, ...]]
SIGHTING_KEPT_MS = 48 * HOUR_MS


def all_taken(state: State, facts: Iterable[Fact], ground: Ground, time_ms: int) -> Taken:
    """The state after facts in their order; fixes that follow each other are taken together."""
    happened: list[Happening] = []
    for are_fixes, run in groupby(facts, key=lambda fact: isinstance(fact, Position)):
        if are_fixes:
            fixes = [fact for fact in run if isinstance(fact, Position)]
            state, more = take_positions(state, fixes, ground)
            happened += more
            continue
        for fact in run:
            state, more = taken(state, fact, ground, time_ms)
            happened += more
    return state, tuple(happened)


def taken(state: State, fact: Fact, ground: Ground, time_ms: int) -> Taken:
    """The state after a fact, and what it made happen.

    Args:
        state: Before.
        fact: Of the frame that is made or folded.
        ground: The district.
        time_ms: The frame's time.
    """
    match fact:
        case Accepted():
            keys = remembered(state.taken, fact.key, state.seq + 1, time_ms)
            state = replace(state, inbox=max(state.inbox, fact.offset), taken=keys)
            state, happened = _accepted(state, fact, ground, time_ms)
            if state.since_ms is None and state.held:
                state = replace(state, since_ms=time_ms)
            if (fact.ahead_ms or 0) >= MINUTE_MS:
                happened = (*happened, ClockAhead(fact.source, fact.ahead_ms or 0))
            return state, happened
        case Position():
            return take_positions(state, (fact,), ground)
        case EngineStarted() | ConfigChanged():
            state = replace(state, program=fact.program, files=fact.files)
            if isinstance(fact, EngineStarted):
                state = replace(state, streams=fact.streams)
            return state, ()
        case Note():
            return state, (Told("system", fact.key, dict(fact.fields)),)
    offset = getattr(fact, "offset", -1)  # duplicate, rejected, parked; a deadline has none
    state = replace(state, inbox=max(state.inbox, offset))
    if not isinstance(fact, Rejected):
        return state, ()
    rejects, happened = rejected(state.rejects, fact, time_ms)
    return replace(state, rejects=rejects), happened


def _accepted(state: State, fact: Accepted, ground: Ground, time_ms: int) -> Taken:
    if (whole := _WHOLE.get(fact.kind)) is not None:
        return whole(state, fact, ground, time_ms)
    if (there := _ON_GROUND.get(fact.kind)) is not None:
        return there(state, fact.data, ground)
    change = _PLAIN.get(fact.kind)  # what only the planner acts on is recorded
    return (state, ()) if change is None else change(state, fact.data)


def _incident(state: State, fact: Accepted, ground: Ground, _: int) -> Taken:
    state, happened = reported(state, fact, opened(fact, state, ground), ground)
    return state, (happened,)


# --- sightings -----------------------------------------------------------------------------------


def _sighting(state: State, fact: Accepted, ground: Ground, time_ms: int) -> Taken:
    normal = fact.data
    at_ms = moment_ms(str(normal["at"]))
    entry = _entry(state, str(normal["plate_hash"]), at_ms, ground)
    sighting = SightingId(str(normal.get("sighting") or fact.event))
    if sighting in state.sightings and not normal.get("sighting"):
        sighting = SightingId(fact.second_name)  # of another sender: its own are told once
    if entry is None or sighting in state.sightings:
        return state, ()  # not on the list, or no longer; or told again
    spot = ground.spot_of({"place": normal["gate"]}) or ground.spot_of(normal)
    seen = Sighting(
        sighting, entry, str(normal["gate"]), at_ms,
        None if spot is None else ground.squadron_at(spot),
    )  # fmt: skip
    kept = {
        key: one for key, one in state.sightings.items() if one.at_ms > time_ms - SIGHTING_KEPT_MS
    }  # fmt: skip
    return replace(state, sightings={**kept, sighting: seen}), (Seen(sighting),)


def _entry(state: State, plate_hash: str, at_ms: int, ground: Ground) -> str | None:
    """The watch-list entry of a plate: as changed by events, else as the district lists it."""
    day = ground.district.calendar.local(at_ms).date()
    for entry, changed in state.watched.items():
        if changed is not None and changed["plate_hash"] == plate_hash:
            since, until = changed.get("since"), changed.get("until")
            if (since or "") <= day.isoformat() <= (until or "9999"):
                return entry
    listed = ground.listed(plate_hash, day)
    return next((row.entry for row in listed if row.entry not in state.watched), None)


def _watchlist(state: State, normal: Normal) -> Taken:
    entry = str(normal["entry"])
    if normal["change"] == "removed":
        return replace(state, watched=having(state.watched, entry, None)), ()
    if "plate_hash" in normal:
        return replace(state, watched=having(state.watched, entry, normal)), ()
    return replace(state, watched=without(state.watched, entry)), ()  # as the district lists it


def _clock(state: State, normal: Normal) -> Taken:
    speed = normal["speed_e7"] / 1e7
    setting = Setting(int(normal["virtual_ms"]), int(normal["wall_ms"]), speed)
    return replace(state, clock=setting), ()


# --- commands that state a fact; those that need a decision are answered by `commands` ------------


def _command(state: State, fact: Accepted, ground: Ground, _: int) -> Taken:
    change = _COMMANDS.get(str(fact.data["command"]))
    changed = state if change is None else change(state, fact.data, ground)
    commanded = Commanded(dict(fact.data), changed is not state)
    before = _open(state, fact.data)
    if change is not _locate or changed is state or before is None:
        return changed, (commanded,)
    return changed, (commanded, Located(before.id, before.spot))


def _locate(state: State, normal: Normal, ground: Ground) -> State:
    incident, spot = _open(state, normal), ground.spot_of(normal)
    if incident is None or spot is None:
        return state
    place = normal.get("place")
    located = replace(
        incident, spot=spot, point=ground.point_of(normal, spot),
        squadron=incident.squadron or ground.squadron_at(spot),
        road_class=ground.road_class(spot),
        place=place if place in ground.district.places else ground.name_at(spot),
    )  # fmt: skip
    return _with_incident(state, located)


def _hold(state: State, normal: Normal, _: Ground) -> State:
    incident = _open(state, normal)
    return state if incident is None else _with_incident(state, replace(incident, held=True))


def _queue(state: State, normal: Normal, ground: Ground) -> State:
    incident = _open(state, normal)
    if incident is None or incident.open_slot(normal.get("slot")) is None:
        return state
    return _hold(state, normal, ground)


def _resume(state: State, normal: Normal, _: Ground) -> State:
    incident = _open(state, normal)
    return state if incident is None else _with_incident(state, replace(incident, held=False))


def _verify(state: State, normal: Normal, _: Ground) -> State:
    sighting = state.sightings.get(SightingId(str(normal.get("sighting"))))
    if sighting is None or sighting.verdict is not None or "verdict" not in normal:
        return state
    verified = replace(sighting, verdict=normal["verdict"])
    return replace(state, sightings=having(state.sightings, verified.id, verified))


def _release(state: State, normal: Normal, _: Ground) -> State:
    unit = UnitId(str(normal.get("unit")))
    if unit not in state.tripped:
        return state
    refusals = without(state.refusals, unit)
    return replace(state, tripped=state.tripped - {unit}, refusals=refusals)


def _open(state: State, normal: Normal) -> Incident | None:
    incident = state.incidents.get(IncidentId(str(normal.get("incident"))))
    return None if incident is None or incident.closed is not None else incident


def _with_incident(state: State, incident: Incident) -> State:
    return replace(state, incidents=having(state.incidents, incident.id, incident))


_COMMANDS: Mapping[str, Callable[[State, Normal, Ground], State]] = {
    "locate": _locate,
    "hold": _hold,
    "queue": _queue,
    "resume": _resume,
    "verify_sighting": _verify,
    "release_breaker": _release,
}
"""What a command changes at once; the others only ask for a decision."""


# --- which event does what; keyed by class, so that no name can be misspelt ----------------------

_WHOLE: Mapping[str, Callable[[State, Accepted, Ground, int], Taken]] = {
    IncidentReported.type(): _incident,
    SightingReported.type(): _sighting,
    CommandGiven.type(): _command,
}
_ON_GROUND: Mapping[str, Callable[[State, Normal, Ground], Taken]] = {
    SignedIn.type(): units.sign_in,
    VisitProof.type(): units.proof,
    DutyRostered.type(): rosters.take_duty,
    RosterPublished.type(): rosters.take_roster,
}
_PLAIN: Mapping[str, Callable[[State, Normal], Taken]] = {
    StatusReported.type(): units.status,
    DraftEdited.type(): rosters.take_edited,
    OrderAnswered.type(): units.answer,
    WatchlistChanged.type(): _watchlist,
    ClockSet.type(): _clock,
}
