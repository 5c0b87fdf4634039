"""How decisions change the state. Pure; a recorded decision is applied, never decided again."""

from collections.abc import Mapping
from dataclasses import replace

from config.durations import HOUR_MS
from config.ids import IncidentId, UnitId
from dispatch import visits
from dispatch.ground import Ground
from dispatch.state import Held, Incident, Sighting, State, Unit, after, having, without
from events.decisions import (
    Decision,
    EndedShift,
    IncidentClosed,
    Order,
    OrderEnded,
    Queued,
    Remains,
    Warning,  # noqa: A004 - the format's word
)
from events.incidents import is_forgotten

WARNED_KEPT_MS = 24 * HOUR_MS
"""How long a warning is remembered."""
REFUSALS_KEPT_MS = 24 * HOUR_MS
"""The longest time in which a district may count them for a breaker."""
UNREACHED = ("refused", "lost")
UNWANTED = "unwanted"
"""Reason of an order that a person cancelled: its unit is not asked again for that incident."""
UNANSWERED = "unacknowledged"


def applied(state: State, decision: Decision, ground: Ground, time_ms: int) -> State:
    """The state after a decision of a frame of that time."""
    match decision:
        case Order():
            return visits.applied(_ordered(state, decision, ground, time_ms), decision)
        case OrderEnded():
            return _ended(visits.applied(state, decision), decision, time_ms)
        case IncidentClosed():
            return _closed(state, decision, time_ms)
        case Queued():
            incident = state.incidents[decision.incident]
            queued = having(incident.queued, decision.slot, decision.reason)
            return _with_incident(state, replace(incident, queued=queued))
        case Warning():
            return visits.applied(_warned(state, decision, time_ms), decision)
        case EndedShift():
            return _left_duty(state, decision)
    return state  # lines and effects tell, they change nothing


def _left_duty(state: State, ended: EndedShift) -> State:
    """A unit goes home, unless it is on its next duty already."""
    unit = state.units.get(ended.unit)
    if unit is None or unit.duty != ended.duty:
        return state
    return replace(
        state, units=without(state.units, unit.id), refusals=without(state.refusals, unit.id)
    )


def _with_incident(state: State, incident: Incident) -> State:
    return replace(state, incidents=having(state.incidents, incident.id, incident))


def _with_unit(state: State, unit: Unit) -> State:
    return replace(state, units=having(state.units, unit.id, unit))


def _ordered(state: State, order: Order, ground: Ground, time_ms: int) -> State:
    about = order.about
    target = ground.spot_of_node(0)
    if about.visit is not None:
        target = state.visits[about.visit].spot
    elif about.incident is not None:
        incident = state.incidents[about.incident]
        target = incident.spot or target
        state = _with_incident(
            state,
            replace(
                incident,
                orders=having(incident.orders, order.slot, order.id),
                done=incident.done - {order.slot},
                queued=without(incident.queued, order.slot),
            ),
        )
    held = Held(
        order.id, order.unit, about, order.slot, target, time_ms, order.due_ms, order.eta_ms,
        point=order.point,
    )  # fmt: skip
    state = replace(state, orders=having(state.orders, order.id, held))
    unit = state.units.get(order.unit)
    if unit is None:
        return state
    status = after(unit, "order_visit" if about.visit is not None else "order_incident")
    return _with_unit(state, replace(unit, order=order.id, status=status))


def _ended(state: State, ended: OrderEnded, time_ms: int) -> State:
    order = state.orders.get(ended.order)
    if order is None:
        return state
    state = replace(state, orders=without(state.orders, ended.order))
    if gave_up(ended):
        recent = [
            at for at in state.refusals.get(order.unit, ()) if at > time_ms - REFUSALS_KEPT_MS
        ]
        refusals = having(state.refusals, order.unit, (*recent, time_ms))
        state = replace(state, refusals=refusals)
    unit = state.units.get(order.unit)
    if unit is not None and unit.order == order.id:
        state = _with_unit(state, replace(unit, order=None, status=after(unit, "ended")))
    incident = state.incidents.get(order.about.incident or IncidentId(""))
    if incident is None:
        return state
    incident = replace(incident, orders=without(incident.orders, order.slot))
    if ended.how == "done":
        incident = replace(incident, done=incident.done | {order.slot})
    else:
        incident = replace(incident, before=having(incident.before, order.slot, order.id))
    if ended.how in UNREACHED or ended.reason == UNWANTED:
        incident = replace(incident, refused=incident.refused | {order.unit})
    return _with_incident(state, incident)


def gave_up(ended: OrderEnded) -> bool:
    """Whether an end counts for its unit's breaker: refused, or not answered in time."""
    return ended.how == "refused" or ended.reason == UNANSWERED


def _closed(state: State, closed: IncidentClosed, time_ms: int) -> State:
    incident = state.incidents[closed.incident]
    incident = replace(
        incident, closed=closed.how, closed_ms=time_ms, queued={}, into=closed.into
    )  # fmt: skip
    kept = {
        key: one for key, one in state.incidents.items()
        if not is_forgotten(one.closed_ms, time_ms)
    }  # fmt: skip
    into = kept.get(closed.into or IncidentId(""))
    if into is not None and into.closed is None and closed.remains is not None:
        kept[into.id] = _joined(into, incident, closed.remains, kept)
    return replace(state, incidents={**kept, incident.id: incident})


def _joined(
    into: Incident, second: Incident, remains: Remains, known: Mapping[IncidentId, Incident]
) -> Incident:
    """An incident after another report of it, as was decided then."""
    joined = replace(
        into, severity=remains.severity, slots=remains.slots, priority=remains.priority,
        due_ms=remains.due_ms, appointed_ms=remains.appointed_ms, hurt=into.hurt or second.hurt,
        text=into.text or second.text,
    )  # fmt: skip
    if remains.place_of is None:
        return joined
    there = known[remains.place_of]
    return replace(
        joined, spot=there.spot, point=there.point, place=there.place,
        road_class=there.road_class, squadron=joined.squadron or there.squadron,
    )  # fmt: skip


def key_of(warning: Warning) -> str:
    """What a warning is remembered by: its rule and what it is about."""
    about = warning.about
    told = about.incident or about.visit or about.sighting if about is not None else None
    fields = warning.fields or {}
    named = fields.get("duty") or fields.get("source") or ""
    subject = warning.order or told or warning.unit or named
    return f"{warning.rule}/{subject}"


def _warned(state: State, warning: Warning, time_ms: int) -> State:
    old_ms = time_ms - WARNED_KEPT_MS
    kept = {key: at for key, at in state.warned.items() if at > old_ms}
    state = replace(state, warned=having(kept, key_of(warning), time_ms))
    order = state.orders.get(warning.order) if warning.order else None
    unit = state.units.get(warning.unit) if warning.unit else None
    match warning.rule:
        case "unacknowledged" if order is not None:
            level = int((warning.fields or {}).get("level", order.level + 1))
            held = replace(order, level=level)
            state = replace(state, orders=having(state.orders, order.id, held))
        case "out_of_service" if unit is not None:
            state = _with_unit(state, replace(unit, status=after(unit, "out_of_service")))
        case "breaker" if unit is not None:
            state = replace(state, tripped=state.tripped | {UnitId(unit.id)})
        case "unverified" if warning.about is not None and warning.about.sighting is not None:
            state = _escalated(state, state.sightings[warning.about.sighting])
        case "more_due":
            state = replace(state, more_due_seq=state.seq + 1)
        case "rejected":
            told = str((warning.fields or {}).get("source"))
            state = replace(state, rejects=without(state.rejects, told))
    return state


def _escalated(state: State, sighting: Sighting) -> State:
    told = replace(sighting, escalated=True)
    return replace(state, sightings=having(state.sightings, told.id, told))
