"""What units say of themselves: sign-in, statuses, answers. Facts only; rules answer later."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from config.ids import DeviceId, OrderId, PersonId, UnitId, VehicleId, VisitId
from config.roads import Spot
from dispatch.ground import Ground
from dispatch.happenings import (
    Answered,
    Arrived,
    Finished,
    Happening,
    Ignored,
    Left,
    Proven,
    SignedOff,
    SignedOn,
)
from dispatch.proofs import is_elsewhere, is_proven_late, proved
from dispatch.state import State, Unit, after, having
from dispatch.statuses import Cause
from events.duties import signed_in_to
from events.event import moment_ms

Normal = Mapping[str, Any]
Taken = tuple[State, tuple[Happening, ...]]
RESTS: frozenset[str] = frozenset(("meal", "break", "out_of_service"))


def sign_in(state: State, normal: Normal, ground: Ground) -> Taken:
    """A team began its duty: it is a unit from now on."""
    name, at_ms = UnitId(str(normal["unit"])), moment_ms(str(normal["at"]))
    duty = signed_in_to(state.duties.values(), name, normal.get("duty"), at_ms)
    if duty is None:
        return state, (Ignored("refused", "not_rostered", {"unit": name}, name),)
    people = frozenset(map(PersonId, (normal["officer"], *normal.get("auxiliaries", ()))))
    officers, auxiliaries = _crew(people, ground)
    post = ground.post_node(str(normal["post"]), duty.squadron) if "post" in normal else duty.post
    unit = Unit(
        id=name, squadron=duty.squadron, duty=duty.id, kind=duty.kind,
        officers=officers, auxiliaries=auxiliaries, post=post,
        spot=ground.spot_of(normal) or Spot(node=post),
        end_ms=duty.end_ms, signed_in_ms=at_ms, status="free" if officers else "unmanned",
        device=DeviceId(str(normal["device"])) if "device" in normal else duty.device,
        bound=duty.bound, people=people,
        vehicle=VehicleId(str(normal["vehicle"])) if "vehicle" in normal else duty.vehicle,
    )  # fmt: skip
    before = state.units.get(name)
    if before is not None:
        unit = _going_on(unit, before, moved="lon_e7" in normal)
    state = replace(
        state,
        units=having(state.units, name, unit),
        duties=having(state.duties, duty.id, replace(duty, signed_ms=duty.signed_ms or at_ms)),
    )
    ended = before.duty if before is not None and before.duty != duty.id else None
    signed = SignedOn(
        name, duty.id, again=before is not None and ended is None, ended=ended,
        others=people != {duty.officer, *duty.auxiliaries},
        other_vehicle=duty.vehicle not in (None, unit.vehicle),
        twice=_twice(state, unit, max(at_ms, duty.start_ms)),
    )  # fmt: skip
    return state, (signed,)


def _twice(state: State, unit: Unit, from_ms: int) -> tuple[tuple[str, UnitId], ...]:
    """Who and what of a unit is with another one, too; a PDA may be handed on when a duty ends."""
    found: list[tuple[str, UnitId]] = []
    for other in state.units.values():
        if other.id != unit.id and not other.leaving and other.end_ms > from_ms:
            found += ((one, other.id) for one in sorted(unit.people & other.people))
            if unit.device is not None and unit.device == other.device:
                found.append((unit.device, other.id))
    return tuple(found)


def _crew(people: frozenset[PersonId], ground: Ground) -> tuple[int, int]:
    """Officers and auxiliaries among people; whom the district does not know does not count."""
    rows = [ground.district.people.persons.get(one) for one in people]
    roles = [row.role for row in rows if row is not None]
    return roles.count("officer"), roles.count("auxiliary")


def _going_on(unit: Unit, before: Unit, *, moved: bool) -> Unit:
    """A unit that was on duty keeps its order, its rest and what its track told."""
    seen = before.spot if not moved and before.fix_ms is not None else unit.spot
    unit = replace(unit, spot=seen, fix_ms=before.fix_ms, stale=before.stale)
    if before.order is not None:
        return replace(unit, status=before.status, order=before.order)
    resting = before.status in RESTS and before.duty == unit.duty and unit.status == "free"
    return replace(unit, status=before.status) if resting else unit


def status(state: State, normal: Normal) -> Taken:
    """A unit says what it is doing."""
    name, told = UnitId(str(normal["unit"])), str(normal["status"])
    unit = state.units.get(name)
    if unit is None and told == "off_duty":
        return state, ()  # the clock was faster
    if unit is None:
        return state, (Ignored("refused", "not_on_duty", {"unit": name}, name),)
    at_ms = moment_ms(str(normal["at"]))
    if normal.get("order") is not None and normal["order"] != unit.order:
        return state, (_of_another(state, name, str(normal["order"])),)
    match told:
        case "off_duty":
            leaving = replace(unit, leaving=True)
            return replace(state, units=having(state.units, name, leaving)), (SignedOff(name),)
        case "acknowledged":
            return _answer(state, unit, accepted=True, reason=None, at_ms=at_ms)
        case "en_route":
            return _moved(state, unit, "left", at_ms)
        case "on_scene":
            return _moved(state, unit, "arrived", at_ms)
        case "clearing":
            return _with(state, unit, "clearing"), ()
    return _freed_or_resting(state, unit, told, normal.get("how"))


def _freed_or_resting(state: State, unit: Unit, told: str, how: str | None) -> Taken:
    """Free, or out for a while: with an order that ends it, or is not possible."""
    if told not in RESTS | {"free"}:
        return state, ()  # what the track tells better
    if unit.order is None:
        return _with(state, unit, told), ()  # type: ignore[arg-type] # these are causes
    if told == "free":
        reached = state.orders[unit.order].arrived_ms is not None
        return state, (Finished(unit.id, unit.order, how, reached),)
    if told == "out_of_service":
        return state, (Finished(unit.id, unit.order, told, reached=False),)
    return state, (Ignored("refused", "busy", {"unit": unit.id, "status": told}, unit.id),)


def _with(state: State, unit: Unit, cause: Cause) -> State:
    changed = replace(unit, status=after(unit, cause))
    return replace(state, units=having(state.units, unit.id, changed))


def _moved(state: State, unit: Unit, cause: Cause, at_ms: int) -> Taken:
    """Left or arrived by the unit's own word; the track may have told it before."""
    order = state.orders.get(unit.order) if unit.order else None
    if order is None or order.about.visit is not None:  # presence at visits is machine evidence
        return state, ()
    happened: Happening
    if cause == "left" and order.left_ms is None and order.arrived_ms is None:
        order, happened = replace(order, left_ms=at_ms), Left(unit.id, order.id, at_ms)
    elif cause == "arrived" and order.arrived_ms is None:
        order, happened = replace(order, arrived_ms=at_ms), Arrived(unit.id, order.id, at_ms)
    else:
        return state, ()
    state = replace(state, orders=having(state.orders, order.id, order))
    return _with(state, unit, cause), (happened,)


def answer(state: State, normal: Normal) -> Taken:
    """A unit accepted or refused an order."""
    name = UnitId(str(normal["unit"]))
    unit = state.units.get(name)
    if unit is None:
        return state, (Ignored("refused", "not_on_duty", {"unit": name}, name),)
    if unit.order != OrderId(str(normal["order"])):
        return state, (_of_another(state, name, str(normal["order"])),)
    accepted = normal["answer"] == "accepted"
    at_ms = moment_ms(str(normal["at"]))
    return _answer(state, unit, accepted=accepted, reason=normal.get("reason"), at_ms=at_ms)


def _of_another(state: State, unit: UnitId, order: str) -> Ignored:
    """Why a unit's word about an order that it does not have is not taken."""
    held = state.orders.get(OrderId(order))
    if held is not None:
        told = {"unit": unit, "order": order, "other": held.unit}
        return Ignored("refused", "order_of_other", told, unit)
    if _was_given(state, order):
        return Ignored(None, "order_over", {})  # it was called back while the unit spoke
    return Ignored("refused", "order_unknown", {"unit": unit, "order": order}, unit)


def _was_given(state: State, order: str) -> bool:
    """Whether it can be the id of an order that is over, of which nothing is kept."""
    given = re.fullmatch(r"(.+)/([0-9]{1,15})/[0-9]{1,9}", order)
    return given is not None and given[1] == state.area and int(given[2]) <= state.seq


def _answer(state: State, unit: Unit, *, accepted: bool, reason: str | None, at_ms: int) -> Taken:
    order = state.orders.get(unit.order) if unit.order else None
    if order is None:
        return state, (Ignored(None, "no_order", {}),)
    if accepted:
        held = replace(order, accepted_ms=order.accepted_ms or at_ms)
        state = _with(replace(state, orders=having(state.orders, order.id, held)), unit, "accepted")
    return state, (Answered(unit.id, order.id, accepted, reason),)


def proof(state: State, normal: Normal, ground: Ground) -> Taken:
    """Proof of a visit beside the track; the track itself is looked at as it comes."""
    name, at_ms = UnitId(str(normal["unit"])), moment_ms(str(normal["at"]))
    unit, visit = state.units.get(name), state.visits.get(VisitId(str(normal.get("visit"))))
    told = Proven(name, None if visit is None else visit.id, str(normal["kind"]))
    missed_by = None if visit is None or visit.unheard is None else visit.unheard.id
    is_known = unit is not None or name == missed_by  # who invents units makes no lines
    if visit is not None and is_known and is_elsewhere(normal, visit, ground):
        return state, (told._replace(elsewhere=True),)
    if visit is not None and normal["kind"] != "track":
        if is_proven_late(visit, name, at_ms, ground):
            return state, (told._replace(late_ms=at_ms),)
        state = state if unit is None else proved(state, unit, visit, at_ms, ground)
    return state, (told if unit is not None else Ignored(None, "not_on_duty", {}),)
