"""What `GET /state` tells: units with their EIDO status, open incidents, active orders."""

from typing import Any

from dispatch.console.row import short_order
from dispatch.ground import Ground
from dispatch.state import State, Unit
from dispatch.statuses import EIDO


def told(state: State, ground: Ground, now_ms: int) -> dict[str, Any]:
    """The state as plain data; times are ISO 8601 with the district's offset."""
    iso = ground.district.calendar.iso
    pending_ms = 60_000 * ground.settings.dispatch.shift_pending_min
    units = []
    for unit in state.units.values():
        lon, lat = ground.lonlat(unit.spot)
        primary, secondary = _eido(unit, now_ms, pending_ms)
        units.append({
            "unit": unit.id, "squadron": unit.squadron, "status": unit.status,
            "primary": primary, "secondary": secondary, "order": short_order(unit.order),
            "lon": lon, "lat": lat, "stale": unit.stale, "until": iso(unit.end_ms),
        })  # fmt: skip
    incidents = [
        {
            "incident": one.id, "kind": one.kind, "severity": one.severity,
            "squadron": one.squadron, "place": one.place, "reported": iso(one.reported_ms),
            "due": iso(one.due_ms), "slots": one.slots, "held": one.held,
            "orders": {str(slot): order for slot, order in one.orders.items()},
            "queued": {str(slot): reason for slot, reason in one.queued.items()},
        }
        for one in state.incidents.values() if one.closed is None
    ]  # fmt: skip
    orders = [
        {
            "order": one.id, "unit": one.unit, "slot": one.slot, "made": iso(one.made_ms),
            "due": None if one.due_ms is None else iso(one.due_ms),
            "eta": None if one.eta_ms is None else iso(one.eta_ms),
            "arrived": None if one.arrived_ms is None else iso(one.arrived_ms),
            **one.about.model_dump(exclude_none=True),
        }
        for one in state.orders.values()
    ]  # fmt: skip
    return {
        "area": state.area, "seq": state.seq, "at": iso(now_ms), "frame": iso(state.time_ms),
        "units": units, "incidents": incidents, "orders": orders,
    }  # fmt: skip


def _eido(unit: Unit, now_ms: int, pending_ms: int) -> tuple[str, str | None]:
    """EIDO status; a free unit in the last `pending_ms` of its shift is ShiftPending."""
    if unit.status == "free" and unit.end_ms - now_ms <= pending_ms:
        return EIDO["shift_pending"]
    return EIDO[unit.status]
