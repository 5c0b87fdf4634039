"""A roster version on its way in: taken when all its duties are there and their hash agrees."""

from dataclasses import replace
from typing import Any

from config.cells import DutyKind
from config.durations import DAY_MS, MINUTE_MS
from config.ids import DeviceId, DutyId, PersonId, SquadronId, UnitId, VehicleId
from dispatch.ground import Ground
from dispatch.happenings import Happening, Ignored, RosterTaken, Told
from dispatch.state import Duty, State, having
from dispatch.visits import visits_of
from events.duties import in_force
from events.event import moment_ms
from events.rosters import Arriving, Normal, after

ROVING: frozenset[DutyKind] = frozenset(("patrol", "stand_by", "leader"))
"""Work that leaves a unit free to go; any other task binds it, in a duty of whatever kind."""
UNBOUND = ROVING | {"desk"}
"""Duties that bind by none but their tasks; a desk is sent nowhere anyway."""
WAY_MS = 15 * MINUTE_MS
"""So long before a task its unit is on its way there."""
KEPT_MS = 2 * DAY_MS
"""How long a duty is remembered after its end."""


def take_duty(state: State, normal: Normal, ground: Ground) -> tuple[State, tuple[Happening, ...]]:
    """One more duty of a version is in."""
    key = (str(normal["week"]), int(normal["version"]))
    if key[1] <= state.held.get(key[0], 0):
        return state, ()
    arriving = state.arriving.get(key, Arriving())
    arriving = replace(arriving, duties=having(arriving.duties, str(normal["duty"]), normal))
    return _whole(replace(state, arriving=having(state.arriving, key, arriving)), key, ground)


def take_roster(
    state: State, normal: Normal, ground: Ground
) -> tuple[State, tuple[Happening, ...]]:
    """The version is said to be complete."""
    key = (str(normal["week"]), int(normal["version"]))
    held = state.held.get(key[0], 0)
    if key[1] <= held:
        told = {"week": key[0], "version": key[1], "held": held}
        return state, (Ignored("system", "roster.older", told),)
    arriving = state.arriving.get(key, Arriving()).published(normal)
    return _whole(replace(state, arriving=having(state.arriving, key, arriving)), key, ground)


def take_edited(state: State, normal: Normal) -> tuple[State, tuple[Happening, ...]]:
    """A draft was handed in, which is the planner's; single edits nobody carries out."""
    told = {"week": str(normal["week"]), "version": int(normal["version"])}
    return state, (Ignored("refused", "edits", told),) if normal.get("edits") else ()


def _whole(
    state: State, key: tuple[str, int], ground: Ground
) -> tuple[State, tuple[Happening, ...]]:
    week, version = key
    arriving = state.arriving[key]
    told, held = {"week": week, "version": version}, state.held.get(week)
    match arriving.standing(held):
        case "arriving":
            return state, ()
        case "hash":
            return state, (Ignored("refused", "roster.hash", told),)
        case "replaces":
            return state, (Ignored("refused", "roster.replaces", {**told, "held": held}),)
    state = _taken(state, week, tuple(arriving.duties.values()), ground)
    left = {k: v for k, v in state.arriving.items() if k[0] != week or k[1] > version}
    state = replace(state, held=having(state.held, week, version), arriving=left)
    taken = RosterTaken(week, version, len(arriving.duties))
    waiting = after(left, week, version)
    if waiting is None:
        return state, (taken,)
    state, more = _whole(state, waiting, ground)  # it came before what it replaces
    return state, (taken, *map(_only_told, more))


def _only_told(one: Happening) -> Happening:
    """What is said of a version that waited: the event that let it go on did what it says."""
    return Told(one.kind, one.text, one.fields) if isinstance(one, Ignored) and one.kind else one


def _taken(state: State, week: str, normals: tuple[Normal, ...], ground: Ground) -> State:
    """The week's duties are these; what has begun goes on as it is, or ends earlier."""
    begun = {unit.duty for unit in state.units.values()}
    begun |= {d.id for d in state.duties.values() if d.week == week and d.signed_ms is not None}
    over_ms = state.time_ms - KEPT_MS
    held = {key: duty for key, duty in state.duties.items() if duty.end_ms > over_ms}
    told = {one.id: (one, normal) for normal in normals for one in (duty_of(normal, ground),)}
    version = in_force(held, week, (one for one, _ in told.values()), begun)
    ends_ms = version.ends_ms
    units = {
        key: replace(unit, end_ms=min(unit.end_ms, ends_ms.get(unit.duty, unit.end_ms)))
        for key, unit in state.units.items()
    }
    visits = {
        key: visit for key, visit in state.visits.items()
        if visit.order is not None or (visit.window_end_ms > over_ms and (
            version.still_due(visit.duty, visit.arrive_ms) or visit.carried
            or visit.section is not None or visit.window_end_ms < state.time_ms
        ))
    }  # fmt: skip
    planned = {
        visit.id: visit for key, (duty, normal) in told.items() if key in version.fresh
        for visit in visits_of(duty, normal, ground)
    }  # fmt: skip
    return replace(state, duties=version.duties, units=units, visits={**planned, **visits})


def duty_of(normal: Normal, ground: Ground) -> Duty:
    """A duty from the normal data of its event."""
    person = ground.district.people.persons.get(PersonId(str(normal["officer"])))
    squadron = normal.get("squadron") or (person.squadron if person else None)
    if squadron not in ground.district.squadrons:
        squadron = ground.district.squadrons[0]
    return Duty(
        id=DutyId(str(normal["duty"])),
        week=str(normal["week"]),
        team=UnitId(str(normal["team"])),
        squadron=SquadronId(str(squadron)),
        kind=normal["kind"],
        start_ms=moment_ms(str(normal["start"])),
        end_ms=moment_ms(str(normal["end"])),
        post=ground.post_node(normal.get("post"), str(squadron)),
        officer=PersonId(str(normal["officer"])),
        auxiliaries=tuple(PersonId(one) for one in normal.get("auxiliaries", ())),
        vehicle=_optional(VehicleId, normal.get("vehicle")),
        device=_optional(DeviceId, normal.get("device")),
        bound=_bound(normal),
    )


def _bound(normal: Normal) -> tuple[tuple[int, int], ...]:
    """When a duty's tasks bind its unit; a duty for a task that is not told binds throughout."""
    told = [
        (moment_ms(str(task["start"])) - WAY_MS, moment_ms(str(task["end"])))
        for task in normal.get("tasks", ()) if task["kind"] not in ROVING
    ]  # fmt: skip
    if normal["kind"] in UNBOUND or normal.get("tasks"):
        return tuple(told)
    return ((moment_ms(str(normal["start"])), moment_ms(str(normal["end"]))),)


def _optional(kind: Any, text: object) -> Any:  # noqa: ANN401 - an id of that kind, or None
    return None if text is None else kind(str(text))
