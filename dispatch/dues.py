"""What is due by the clock: answers that did not come, sign-ins, ends of shifts, midnight."""

from collections.abc import Iterator, Mapping
from datetime import time, timedelta

from config.durations import HOUR_MS, MINUTE_MS
from config.ids import DutyId, IncidentId
from dispatch.assign import line
from dispatch.rejects import of_hour
from dispatch.respond import sign_off, unanswered
from dispatch.state import Duty, Held, State
from dispatch.work import Work
from events.decisions import (
    About,
    Line,
    Warning,  # noqa: A004 - the format's word
)
from events.promises import GRACE_MS

OLD_MS = 60 * MINUTE_MS
"""What should have been said so long ago is not said any more."""
LAST_LEVEL = 3


def settle(work: Work) -> None:
    """Do all that is due at the frame's time, as far as the frame has room for it."""
    _unanswered(work)
    _sign_ins(work)
    _shift_ends(work)
    _sightings(work)
    _late(work)
    _welfare(work)
    _rejects(work)


def next_ms(work: Work) -> int | None:
    """The next moment at which something is due by the clock, after the work's now."""
    return min((at for at in _moments(work) if at > work.now_ms), default=None)


def _moments(work: Work) -> Iterator[int]:
    state, rules = work.state, work.ground.settings.dispatch
    yield _next_midnight(work)
    for order in state.orders.values():
        yield from (at for _, at in _levels(work, order))
        if order.arrived_ms is not None and order.about.incident is not None:
            yield order.arrived_ms + _welfare_ms(work, order.arrived_ms)
    for duty in state.duties.values():
        if duty.signed_ms is None:
            yield duty.start_ms + GRACE_MS
    for unit in state.units.values():
        yield unit.end_ms + GRACE_MS
    for sighting in state.sightings.values():
        if sighting.verdict is None and not sighting.escalated:
            yield sighting.at_ms + 1000 * rules.sighting_verify_s
    for incident in state.incidents.values():
        if incident.closed is None:
            yield from (incident.appointed_ms, incident.due_ms + 1)
    yield from _untold(state).values()
    yield from _task_ends(work)


def _task_ends(work: Work) -> Iterator[int]:
    """When units are no longer bound to their posts, while an incident waits for one."""
    if any(incident.waiting for incident in work.state.incidents.values()):
        for unit in work.state.units.values():
            end_ms = unit.bound_until(work.now_ms)
            if end_ms is not None:
                yield end_ms


# --- the day -------------------------------------------------------------------------------------


def open_day(work: Work) -> None:
    """Say the date before anything else that is said on it."""
    calendar = work.ground.district.calendar
    today = calendar.local(work.now_ms).date()
    if work.state.seq == 0 or calendar.local(work.state.time_ms).date() != today:
        work.add(Line(kind="system", text="system.date", fields={"date": today.isoformat()}))


def _next_midnight(work: Work) -> int:
    calendar = work.ground.district.calendar
    tomorrow = calendar.local(work.now_ms).date() + timedelta(days=1)
    return calendar.at_ms(tomorrow, time(0, 0))


# --- orders --------------------------------------------------------------------------------------


def _levels(work: Work, order: Held) -> list[tuple[int, int]]:
    """The steps of escalation that an unanswered order still has before it, with their times."""
    if order.about.incident is None or order.accepted_ms or order.left_ms or order.arrived_ms:
        return []
    rules = work.ground.settings.dispatch
    steps_s = (rules.acknowledge_s, rules.escalate_leader_s, rules.escalate_brigade_s)
    at_ms, found = order.made_ms, []
    for level, step_s in enumerate(steps_s, start=1):
        at_ms += 1000 * step_s
        if level > order.level:
            found.append((level, at_ms))
    return found


def _unanswered(work: Work) -> None:
    """Unit → squadron's duty leader → brigade's duty officer → another unit."""
    for order in work.while_room(list(work.state.orders.values())):
        for level, at_ms in _levels(work, order):
            if at_ms > work.now_ms:
                break
            if level == LAST_LEVEL:
                unanswered(work, order)
            else:
                _escalate(work, order, level)


def _escalate(work: Work, order: Held, level: int) -> None:
    unit = work.state.units.get(order.unit)
    leader = _leader(work, unit.squadron if unit else None) if level == 1 else None
    to = leader or work.ground.settings.duty_officer or "-"
    told = {"level": level, "to": to}
    work.add(Warning(rule="unacknowledged", order=order.id, unit=order.unit, fields=told))
    incident = work.state.incidents.get(order.about.incident or IncidentId(""))
    work.add(
        Line(
            kind="escalate", squadron=unit.squadron if unit else None, unit=order.unit,
            order=order.id, about=order.about, place=incident.place if incident else None,
            text="escalate.unacknowledged", fields=told,
        )
    )  # fmt: skip


def _leader(work: Work, squadron: str | None) -> str | None:
    """The officer who leads the squadron's duty now, signed in or not."""
    on = [
        duty for duty in work.state.duties.values()
        if duty.kind == "leader" and duty.squadron == squadron
        and duty.start_ms <= work.now_ms < duty.end_ms
    ]  # fmt: skip
    return min(on, key=lambda duty: duty.id).officer if on else None


def _late(work: Work) -> None:
    """An incident whose target time has passed without anybody there."""
    for incident in work.while_room(list(work.state.incidents.values())):
        if incident.closed is not None or incident.done or work.now_ms <= incident.due_ms:
            continue
        reached = any(work.state.orders[o].arrived_ms for o in incident.orders.values())
        if reached or f"late/{incident.id}" in work.state.warned or not incident.slots:
            continue
        about = About(incident=incident.id)
        work.add(Warning(rule="late", about=about, due_ms=incident.due_ms))
        unit = next((work.state.orders[o].unit for o in incident.orders.values()), None)
        line(work, "overdue", incident, unit=unit, text="incident.late")


def _welfare_ms(work: Work, at_ms: int) -> int:
    settings = work.ground.settings
    clock = work.ground.district.calendar.local(at_ms).time()
    first, last = settings.limits.night_from, settings.limits.night_to
    night = first <= clock or clock < last if first > last else first <= clock < last
    rules = settings.dispatch
    return MINUTE_MS * (rules.welfare_night_min if night else rules.welfare_min)


def _welfare(work: Work) -> None:
    """A unit that has been on scene for long is asked whether all is well, once an order."""
    for order in work.while_room(list(work.state.orders.values())):
        if order.arrived_ms is None or order.about.incident is None:
            continue
        limit_ms = _welfare_ms(work, order.arrived_ms)
        if work.now_ms < order.arrived_ms + limit_ms or f"welfare/{order.id}" in work.state.warned:
            continue
        work.add(Warning(rule="welfare", order=order.id, unit=order.unit))
        unit = work.state.units.get(order.unit)
        incident = work.state.incidents.get(order.about.incident)
        work.add(
            Line(
                kind="due_soon", squadron=unit.squadron if unit else None, unit=order.unit,
                order=order.id, about=order.about, text="welfare",
                place=incident.place if incident else None,
                fields={"minutes": limit_ms // MINUTE_MS},
            )
        )  # fmt: skip


# --- duties --------------------------------------------------------------------------------------


def _sign_ins(work: Work) -> None:
    """A duty that nobody signed in to is told to the squadron's leader."""
    for duty in work.while_room(list(work.state.duties.values())):
        due_ms = duty.start_ms + GRACE_MS
        told = f"no_sign_in/{duty.id}" in work.state.warned
        if duty.signed_ms is None and due_ms <= work.now_ms < due_ms + OLD_MS and not told:
            _no_sign_in(work, duty)


def _no_sign_in(work: Work, duty: Duty) -> None:
    work.add(Warning(rule="no_sign_in", unit=None, fields={"duty": DutyId(duty.id)}))
    to = _leader(work, duty.squadron) or work.ground.settings.duty_officer or "-"
    work.add(
        Line(
            kind="escalate", squadron=duty.squadron, unit=duty.team, due_ms=duty.start_ms,
            text="escalate.no_sign_in", fields={"to": to, "kind": duty.kind},
        )
    )  # fmt: skip


def _shift_ends(work: Work) -> None:
    """A unit that has nothing to do any more and forgot to sign off."""
    for unit in work.while_room(list(work.state.units.values())):
        if unit.order is None and work.now_ms >= unit.end_ms + GRACE_MS:
            sign_off(work, unit.id, "signed_off.by_clock")


def _sightings(work: Work) -> None:
    limit_ms = 1000 * work.ground.settings.dispatch.sighting_verify_s
    for sighting in work.while_room(list(work.state.sightings.values())):
        waiting = sighting.verdict is None and not sighting.escalated
        if waiting and work.now_ms >= sighting.at_ms + limit_ms:
            about = About(sighting=sighting.id)
            work.add(Warning(rule="unverified", about=about))
            to = _leader(work, sighting.squadron) or work.ground.settings.duty_officer or "-"
            work.add(
                Line(
                    kind="escalate", squadron=sighting.squadron, about=about,
                    place=sighting.gate, text="escalate.unverified",
                    fields={"to": to, "entry": sighting.entry},
                )
            )  # fmt: skip


# --- what could not be taken ---------------------------------------------------------------------


def _untold(state: State) -> Mapping[str, int]:
    """Sources with incidents that had no line of their own, and when the hour of each is over."""
    return {
        source: known.since_ms + HOUR_MS
        for source, known in state.rejects.items() if known.incidents
    }  # fmt: skip


def _rejects(work: Work) -> None:
    """Say how many these incidents were."""
    for source, over_ms in work.while_room(_untold(work.state).items()):
        if work.now_ms >= over_ms:
            known = work.state.rejects[source]
            work.add(Warning(rule="rejected", fields={"source": source}))
            told = of_hour(source, known)
            work.add(Line(kind="refused", text=told.text, fields=told.fields))
