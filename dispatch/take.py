"""How facts change the state. Pure: the same fact on the same state gives the same state."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from config.ids import IncidentId, SightingId, SquadronId, UnitId
from config.roads import Spot
from dispatch import rosters, units
from dispatch.ground import Ground
from dispatch.happenings import Commanded, Happening, Reported, Seen, Told
from dispatch.judge import ends_by_itself, remembered
from dispatch.presence import take_position
from dispatch.state import Incident, Sighting, State, having
from events.clock import Setting
from events.event import moment_ms
from events.facts import Accepted, ConfigChanged, EngineStarted, Fact, Note, Position
from events.kinds import IncidentReported
from events.schema import restored

Normal = Mapping[str, Any]
Taken = tuple[State, tuple[Happening, ...]]
PREFIX, SUFFIX = len("qinwu."), len(".v1")


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
            keys = remembered(state.taken, fact.event, state.seq + 1, time_ms)
            state = replace(state, inbox=max(state.inbox, fact.offset), taken=keys)
            return _accepted(state, fact, ground)
        case Position():
            return take_position(state, fact, ground)
        case EngineStarted() | ConfigChanged():
            state = replace(state, program=fact.program, files=fact.files)
            if isinstance(fact, EngineStarted):
                state = replace(state, streams=fact.streams)
            return state, ()
        case Note():
            return state, (Told("system", fact.key, dict(fact.fields)),)
    offset = getattr(fact, "offset", -1)  # duplicate, rejected, parked; a deadline has none
    return replace(state, inbox=max(state.inbox, offset)), ()


def _accepted(state: State, fact: Accepted, ground: Ground) -> Taken:
    name, normal = fact.kind[PREFIX:-SUFFIX], fact.data
    match name:
        case "incident_reported":
            return _incident(state, fact, ground)
        case "signed_in":
            return units.sign_in(state, normal, ground)
        case "duty_rostered":
            return rosters.take_duty(state, normal, ground)
        case "roster_published":
            return rosters.take_roster(state, normal, ground)
        case "sighting_reported":
            return _sighting(state, fact, ground)
        case "command_given":
            return _command(state, fact, ground)
    plain: Mapping[str, Callable[[State, Normal], Taken]] = {
        "status_reported": units.status,
        "order_answered": units.answer,
        "visit_proof": units.proof,
        "watchlist_changed": _watchlist,
        "clock_set": _clock,
    }
    change = plain.get(name)  # what only the planner acts on is recorded
    return (state, ()) if change is None else change(state, normal)


def _incident(state: State, fact: Accepted, ground: Ground) -> Taken:
    told = restored(fact.kind, fact.data)
    assert isinstance(told, IncidentReported)  # noqa: S101 - the kind says so
    incident = IncidentId(str(fact.incident))
    if incident in state.incidents:
        return state, (Told("system", "same_incident", {"event": fact.event}, None, incident),)
    unit = state.units.get(UnitId(told.unit)) if told.unit else None
    spot = ground.spot_of(fact.data) or (unit.spot if unit else None)
    response = ground.settings.response_to(told.kind, told.severity)
    squadron = told.squadron if told.squadron in ground.district.squadrons else None
    if squadron is None and spot is not None:
        squadron = ground.squadron_at(spot)
    opened = Incident(
        id=incident, kind=told.kind, severity=told.severity,
        squadron=None if squadron is None else SquadronId(squadron), spot=spot,
        place=_place(told, spot, ground), road_class=_road_class(spot, ground),
        priority=told.priority or response.priority, slots=fact.slots or 0,
        reported_ms=told.at_ms, due_ms=told.at_ms + 1000 * response.target_s,
        machine=told.machine, plan_end=ends_by_itself(told),
    )  # fmt: skip
    state = replace(state, incidents=having(state.incidents, incident, opened))
    return state, (Reported(incident),)


def _place(told: IncidentReported, spot: Spot | None, ground: Ground) -> str | None:
    if told.place is not None and spot is not None and told.place in ground.district.places:
        return told.place
    if told.section is not None and told.km is not None:
        return f"{told.section} K{told.km:g}"
    if spot is not None:
        return ground.name_at(spot)
    return told.text or told.place or told.junction


def _road_class(spot: Spot | None, ground: Ground) -> str | None:
    return None if spot is None else ground.road_class(spot)


# --- sightings -----------------------------------------------------------------------------------


def _sighting(state: State, fact: Accepted, ground: Ground) -> Taken:
    normal = fact.data
    at_ms = moment_ms(str(normal["at"]))
    entry = _entry(state, str(normal["plate_hash"]), at_ms, ground)
    if entry is None:
        return state, ()  # not on the list, or no longer
    sighting = SightingId(str(normal.get("sighting") or fact.event))
    spot = ground.spot_of({"place": normal["gate"]}) or ground.spot_of(normal)
    seen = Sighting(
        sighting, entry, str(normal["gate"]), at_ms,
        None if spot is None else ground.squadron_at(spot),
    )  # fmt: skip
    state = replace(state, sightings=having(state.sightings, sighting, seen))
    return state, (Seen(sighting),)


def _entry(state: State, plate_hash: str, at_ms: int, ground: Ground) -> str | None:
    """The watch-list entry of a plate: as changed by events, else as the district lists it."""
    day = ground.district.calendar.local(at_ms).date()
    for entry, changed in state.watched.items():
        if changed is not None and changed.get("plate_hash") == plate_hash:
            since, until = changed.get("since"), changed.get("until")
            if (since or "") <= day.isoformat() <= (until or "9999"):
                return entry
    row = ground.listed(plate_hash, day)
    if row is None or state.watched.get(row.entry, row) is None:
        return None
    return row.entry


def _watchlist(state: State, normal: Normal) -> Taken:
    changed = normal if normal["change"] == "added" else None
    return replace(state, watched=having(state.watched, str(normal["entry"]), changed)), ()


def _clock(state: State, normal: Normal) -> Taken:
    speed = normal["speed_e7"] / 1e7
    setting = Setting(int(normal["virtual_ms"]), int(normal["wall_ms"]), speed)
    return replace(state, clock=setting), ()


# --- commands that state a fact; those that need a decision are answered by `commands` ------------


def _command(state: State, fact: Accepted, ground: Ground) -> Taken:
    normal = fact.data
    incident = state.incidents.get(IncidentId(str(normal.get("incident"))))
    match normal["command"]:
        case "locate" if incident is not None and incident.closed is None:
            spot = ground.spot_of(normal)
            if spot is not None:
                squadron = incident.squadron or ground.squadron_at(spot)
                incident = replace(
                    incident, spot=spot, squadron=squadron, road_class=ground.road_class(spot),
                    place=normal.get("place") or ground.name_at(spot),
                )  # fmt: skip
                state = _with_incident(state, incident)
        case "hold" | "queue" if incident is not None:
            state = _with_incident(state, replace(incident, held=True))
        case "resume" if incident is not None:
            state = _with_incident(state, replace(incident, held=False))
        case "verify_sighting":
            sighting = state.sightings.get(SightingId(str(normal.get("sighting"))))
            if sighting is not None and sighting.verdict is None and "verdict" in normal:
                told = replace(sighting, verdict=normal["verdict"])
                state = replace(state, sightings=having(state.sightings, told.id, told))
        case "release_breaker":
            unit = UnitId(str(normal.get("unit")))
            refusals = {k: v for k, v in state.refusals.items() if k != unit}
            state = replace(state, tripped=state.tripped - {unit}, refusals=refusals)
    return state, (Commanded(dict(normal), fact.event),)


def _with_incident(state: State, incident: Incident) -> State:
    return replace(state, incidents=having(state.incidents, incident.id, incident))
