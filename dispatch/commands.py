"""What a person commands: their word goes before the rules, but not before the law."""

from collections.abc import Mapping, Sequence
from typing import Any

from config.ids import IncidentId, OrderId, SightingId, UnitId, VisitId
from dispatch.apply import UNWANTED
from dispatch.assign import line, queue, send
from dispatch.happenings import Commanded, Happening
from dispatch.incidents import close
from dispatch.policy import unavailable
from dispatch.respond import sign_off
from dispatch.state import Incident
from dispatch.twins import would_be_left
from dispatch.work import Work
from events.decisions import (
    About,
    Line,
    OrderEnded,
    Warning,  # noqa: A004 - the format's word
    Why,
)

Normal = Mapping[str, Any]
CLOSINGS = frozenset(
    ("done", "video", "cancelled", "scheduled", "self_initiated", "no_unit_needed")
)


def obey(work: Work, happened: Sequence[Happening]) -> None:
    """Carry out the commands of this frame, or say why not."""
    for one in happened:
        if isinstance(one, Commanded):
            refused = _obey(work, one.data, changed=one.changed)
            if refused is not None:
                _refuse(work, one.data, refused)


def _refuse(work: Work, told: Normal, reason: str) -> None:
    incident = work.state.incidents.get(IncidentId(str(told.get("incident"))))
    work.add(
        Line(
            kind="refused", squadron=incident.squadron if incident else None,
            about=About(incident=incident.id) if incident else None,
            text=f"command.{reason}",
            fields={"command": told["command"], "by": told.get("by") or "-"},
        )
    )  # fmt: skip


def _obey(work: Work, told: Normal, *, changed: bool) -> str | None:
    """Carry out one command; why it cannot be, if it cannot.

    `changed`: a fact that it states was taken in already; without that it states nothing new.
    """
    command = told["command"]
    if command in ("locate", "hold", "resume", "close", "merge", "assign", "queue"):
        incident = work.state.incidents.get(IncidentId(str(told.get("incident"))))
        if incident is None or incident.closed is not None:
            return "no_incident"
        if command == "locate" and not changed:
            return "no_place"
        return _about_incident(work, incident, told)
    match command:
        case "cancel" | "cancel_visit":
            return _cancel(work, told)
        case "verify_sighting":
            return _verified(work, told, changed=changed)
        case "release_breaker" if not changed:
            return "not_tripped"
        case "end_shift":
            unit = UnitId(str(told.get("unit")))
            if unit not in work.state.units:
                return "no_unit"
            sign_off(work, unit, "signed_off.by_command")
            return None
    _say(work, told, f"command.{command}_done")
    return None


def _say(work: Work, told: Normal, text: str, incident: Incident | None = None) -> None:
    fields = {
        "by": told.get("by") or "-", "reason": told.get("reason") or "-",
        "unit": told.get("unit") or "-",
    }  # fmt: skip
    about = About(incident=incident.id) if incident else None
    work.add(Line(kind="system", unit=told.get("unit"), about=about, text=text, fields=fields))


def _about_incident(work: Work, incident: Incident, told: Normal) -> str | None:
    by = told.get("by") or "-"
    match told["command"]:
        case "locate":
            line(work, "system", incident, text="command.located", by=by)
            _redirect(work, incident)
        case "hold" | "resume":
            _say(work, {**told, "unit": None}, f"command.{told['command']}_done", incident)
        case "merge":
            into = work.state.incidents.get(IncidentId(str(told.get("into"))))
            if into is None or into.closed is not None or into.id == incident.id:
                return "no_other"
            if would_be_left(incident, into):
                return "other_held"
            close(work, incident, "merged", into=into.id)
        case "close":
            how: Any = told.get("how") or "done"
            if how not in CLOSINGS:
                return "no_ending"
            close(work, incident, how)
        case "queue":
            return _requeue(work, incident, told)
        case "assign":
            return _assign(work, incident, told)
    return None


def _redirect(work: Work, incident: Incident) -> None:
    """Units that were sent elsewhere are not coming; the slot is given anew, perhaps to them."""
    spot, ground = incident.spot, work.ground
    if spot is None:
        return
    there = ground.where(spot, incident.point)
    for _, name in sorted(incident.orders.items()):
        order = work.state.orders[name]
        if ground.off_m(*there, order.target, order.point) > ground.radius_m(spot):
            work.add(OrderEnded(order=order.id, how="replaced", reason="located"))


def _requeue(work: Work, incident: Incident, told: Normal) -> str | None:
    """Take the unit of a slot off; the slot waits for a person."""
    slot = incident.open_slot(told.get("slot"))
    if slot is None:
        return "no_slot"
    if slot in incident.orders:
        work.add(OrderEnded(order=incident.orders[slot], how="cancelled", reason="taken_back"))
    queue(work, work.state.incidents[incident.id], slot, "by_command")
    return None


def _assign(work: Work, incident: Incident, told: Normal) -> str | None:
    """The unit that a person chose, in place of the slot's present one."""
    unit = work.state.units.get(UnitId(str(told.get("unit"))))
    if unit is None:
        return "no_unit"
    if incident.spot is None:
        return "no_place"
    slot = int(told.get("slot", next(iter(incident.waiting), 0)))
    if slot >= incident.slots:
        return "no_slot"
    not_free = unavailable(unit)
    if not_free is not None:
        return f"unit_{not_free}"
    if not work.ground.lawful(unit.crew, incident.road_class):
        return "crew_law"
    drive_ms = work.ground.drive_ms([unit.spot], incident.spot)[0]
    if slot in incident.orders:
        work.add(OrderEnded(order=incident.orders[slot], how="replaced", reason="command"))
        incident = work.state.incidents[incident.id]
    why = Why(rule="by_person", chosen=unit.id, by=told.get("by"))
    send(work, incident, slot, unit.id, why, drive_ms)
    return None


def _cancel(work: Work, told: Normal) -> str | None:
    """An order or a visit is no longer wanted, or a whole incident."""
    if told.get("incident") and not told.get("order"):
        incident = work.state.incidents.get(IncidentId(str(told["incident"])))
        if incident is None or incident.closed is not None:
            return "no_incident"
        close(work, incident, "cancelled")
        return None
    visit = work.state.visits.get(VisitId(str(told.get("visit"))))
    name = visit.order if visit is not None else OrderId(str(told.get("order")))
    order = work.state.orders.get(name) if name else None
    if order is None and visit is None:
        return "no_order"
    if order is not None:
        work.add(OrderEnded(order=order.id, how="cancelled", reason=UNWANTED))
    cancelled = visit.id if visit is not None else order.about.visit if order else None
    if cancelled is not None:  # else it would be ordered again while there is time
        work.add(Warning(rule="visit_cancelled", about=About(visit=cancelled)))
    _say(work, {**told, "unit": order.unit if order else None}, "command.cancel_done")
    return None


def _verified(work: Work, told: Normal, *, changed: bool) -> str | None:
    sighting = work.state.sightings.get(SightingId(str(told.get("sighting"))))
    if sighting is None:
        return "no_sighting"
    if not changed:
        return "no_verdict" if sighting.verdict is None else "verified_before"
    fields = {"entry": sighting.entry, "by": told.get("by") or "-"}
    work.add(
        Line(
            kind="watch", squadron=sighting.squadron, about=About(sighting=sighting.id),
            place=sighting.gate, text=f"watch.verified_{sighting.verdict}", fields=fields,
        )
    )  # fmt: skip
    return None
