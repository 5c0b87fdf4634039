"""Units for incidents: the open slots, the most urgent first, each to the first of its ranking."""

from collections.abc import Iterator
from typing import Any

from config.ids import IncidentId, UnitId
from dispatch.policy import Ranking, excluded_anywhere, ranking, reason
from dispatch.state import Incident
from dispatch.work import Work
from events.decisions import About, Line, Order, OrderEnded, Queued, Why


def assign_open(work: Work) -> None:
    """Give every open slot a unit, or say why it waits."""
    for incident_id, slot in work.while_room(_waiting(work)):
        _assign(work, work.state.incidents[incident_id], slot)


def _waiting(work: Work) -> Iterator[tuple[IncidentId, int]]:
    for incident_id in _by_urgency(work):
        for slot in work.state.incidents[incident_id].waiting:
            yield incident_id, slot


def _by_urgency(work: Work) -> list[IncidentId]:
    waiting = [one for one in work.state.incidents.values() if one.waiting]
    waiting.sort(key=lambda one: (one.priority, one.reported_ms, one.id))
    return [one.id for one in waiting]


def _assign(work: Work, incident: Incident, slot: int) -> None:
    if incident.spot is None:
        queue(work, incident, slot, "not_located")
    elif incident.held:
        taken_back = incident.queued.get(slot) == "by_command"
        queue(work, incident, slot, "by_command" if taken_back else "held")
    elif work.now_ms < incident.appointed_ms:
        queue(work, incident, slot, "appointed")
    elif not _goes_on_waiting(work, incident, slot):
        found = ranking(work.state, incident, work.ground, work.now_ms)
        if found.candidates:
            first = found.candidates[0]
            send(work, incident, slot, first.unit, found.why(), first.drive_ms)
        else:
            queue(work, incident, slot, reason(work.state, work.week), found)


def _goes_on_waiting(work: Work, incident: Incident, slot: int) -> bool:
    """Whether it is plain, without driving times, that nothing changes for a slot that waits.

    A long queue is looked at in every frame, and nearly always there is no unit for it.
    """
    if incident.queued.get(slot) != reason(work.state, work.week):
        return False
    return not any(
        excluded_anywhere(work.state, unit, incident, work.ground, work.now_ms) is None
        for unit in work.state.units.values()
    )


def queue(
    work: Work, incident: Incident, slot: int, why_not: str, found: Ranking | None = None
) -> None:
    """A slot waits; said once for each reason."""
    if incident.queued.get(slot) == why_not:
        return
    said = why_not in incident.queued.values()
    why = found.nobody() if found else None
    work.add(Queued(incident=incident.id, slot=slot, reason=why_not, why=why))
    if not said:
        told = _of_slots(incident, *incident.waiting)
        if why_not == "no_roster":
            told["week"] = work.week
        elif why_not == "appointed":
            then = work.ground.district.calendar.local(incident.appointed_ms)
            told["then"] = f"{then:%Y-%m-%d %H:%M}"
        line(work, "queued", incident, text=f"queued.{why_not}", why=why, **told)


def send(
    work: Work, incident: Incident, slot: int, unit_id: UnitId, why: Why, drive_ms: int
) -> None:
    """Order a unit to an incident; a visit that it was on is broken off."""
    unit = work.state.units[unit_id]
    if unit.order is not None:
        work.add(OrderEnded(order=unit.order, how="preempted", reason="incident"))
    before = incident.before.get(slot)
    order = Order(
        id=work.next_order_id(), unit=unit_id, about=About(incident=incident.id),
        incident=incident.id, slot=slot, replaces=before, why=why, due_ms=incident.due_ms,
        eta_ms=work.ground.eta_ms(work.now_ms, drive_ms), point=incident.point,
    )  # fmt: skip
    work.add(order)
    kind = "dispatch" if before is None else "reassign"
    told = _of_slots(incident, slot)
    line(work, kind, incident, order=order, unit=unit_id, why=why, **told)


def _of_slots(incident: Incident, *slots: int) -> dict[str, Any]:
    """Which of the incident's units a line speaks of, counted from 1; of a single one nothing."""
    if incident.slots < 2:
        return {}
    return {"numbers": [slot + 1 for slot in slots], "of": incident.slots}


def line(
    work: Work, kind: Any, incident: Incident, *, order: Order | None = None,  # noqa: ANN401 - a LineKind
    unit: UnitId | None = None, why: Why | None = None, text: str | None = None,
    arrived_ms: int | None = None, **fields: Any,  # noqa: ANN401 - any JSON
) -> None:  # fmt: skip
    """A console line about an incident."""
    own = work.state.units.get(unit) if unit else None
    work.add(
        Line(
            kind=kind, squadron=own.squadron if own else incident.squadron, unit=unit,
            order=order.id if order else None, about=About(incident=incident.id),
            place=incident.place, due_ms=incident.due_ms, eta_ms=order.eta_ms if order else None,
            arrived_ms=arrived_ms, why=why, text=text, fields=fields or None,
        )
    )  # fmt: skip
