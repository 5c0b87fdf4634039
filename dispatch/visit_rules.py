"""Rules of visits: when a unit is sent, when it was there, when to warn, when it is missed.

Two calls a frame: `close_visits` first, so that no later decision of the frame breaks off a
visit that was made already; `decide_visits` after incidents had their units. Each decision is
applied before the next is taken, the earliest due first, so no unit is sent to two points.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from config.durations import MINUTE_MS
from config.ids import UnitId, VisitId
from dispatch import asking
from dispatch.carrying import carry, carry_missed, made_after_all
from dispatch.happenings import Arrived, Happening, Proven, RosterTaken, WentOut
from dispatch.proofs import is_proven
from dispatch.state import State, Unit, Visit
from dispatch.visit_choice import choices, keeps_from
from dispatch.visits import (
    OPEN,
    drive_ms,
    home,
    is_made,
    looked_at,
    over_ms,
    soon_ms,
    start_ms,
    stood_ms,
    unit_of,
)
from dispatch.work import Work
from events.decisions import (
    BY_PROOF,
    About,
    Line,
    LineKind,
    Order,
    OrderEnded,
    Warning,  # noqa: A004 - the format's word
    Why,
)

OLD_MS = 60 * MINUTE_MS
"""A window that closed so long ago, before its duty was signed in to, is history: not told."""


def close_visits(work: Work, happened: Sequence[Happening]) -> None:
    """Say who arrived, and end the visits that the track proves.

    Other proof, a photo or a sign-in, is told and kept beside it; it makes the visits of which no
    track tells, and their lines say so.
    """
    for one in happened:
        match one:
            case Arrived(unit=unit, order=order, at_ms=at_ms):
                held = work.state.orders.get(order)
                visit = None if held is None else _visit(work.state, held.about.visit)
                if visit is not None:
                    _line(work, visit, "arrived", unit=unit, arrived_ms=at_ms)
            case WentOut():
                _went_out(work, one)
            case Proven(unit=unit, visit=name, kind=kind):
                visit = _visit(work.state, name)
                if visit is not None:
                    text = "visit.proof_elsewhere" if one.elsewhere else "visit.proof"
                    _line(work, visit, "system", unit=unit, text=text, fields={"proof": kind})
                    made_after_all(work, visit, one)
    for visit in work.while_room(list(work.state.visits.values())):
        may_be_made = visit.status == "arrived" or visit.proved_ms is not None
        there = unit_of(work.state, visit) if may_be_made else None
        if there is not None and is_made(visit, there):
            _done(work, visit, stood_ms(visit, there.fix_ms or 0))
        elif there is not None and is_proven(visit, there, work.now_ms):
            _proven(work, visit, there)


def decide_visits(work: Work, happened: Sequence[Happening]) -> None:
    """Send units to visits, warn of what is due, give up what is over."""
    asking.ask(work, happened)
    for name in work.while_room(_to_look_at(work)):
        visit = work.state.visits[name]
        (_decide if visit.section is None else _decide_asked)(work, visit)
    if work.goes_on or any(isinstance(one, RosterTaken) for one in happened):
        carry_missed(work)


def _visit(state: State, name: VisitId | None) -> Visit | None:
    return None if name is None else state.visits.get(name)


def _to_look_at(work: Work) -> list[VisitId]:
    """Open visits whose time comes, the earliest due first."""
    near = [
        visit for visit in work.state.visits.values()
        if visit.status in OPEN and looked_at(visit, work.ground, work.now_ms)
        and not _is_history(work, visit)
    ]  # fmt: skip
    near.sort(key=lambda visit: (visit.due_ms, visit.id))
    return [visit.id for visit in near]


def _is_history(work: Work, visit: Visit) -> bool:
    """Of a roster that was published after the fact; of before the first, or before a set clock."""
    over, clock = over_ms(visit, work.ground), work.state.clock
    if visit.order is not None:
        return False
    if over <= (work.state.since_ms or 0 if clock is None else clock.virtual_ms):
        return True
    if work.now_ms < over + OLD_MS:
        return False
    duty = work.state.duties.get(visit.duty)
    return duty is None or duty.signed_ms is None or duty.signed_ms > visit.window_end_ms


# --- presence ------------------------------------------------------------------------------------


def _went_out(work: Work, one: WentOut) -> None:
    """A unit left the point: with its dwell full the visit is made, else the order goes on."""
    visit = _visit(work.state, one.visit)
    if visit is None or visit.order is None:
        return
    if one.stood_ms >= visit.dwell_ms:
        _done(work, visit, one.stood_ms)
        return
    told = {"stood_min": one.stood_ms // MINUTE_MS, "dwell_min": visit.dwell_ms // MINUTE_MS}
    _line(work, visit, "due_soon", unit=one.unit, text="visit.went_out", fields=told)


def _done(work: Work, visit: Visit, stood: int) -> None:
    unit = unit_of(work.state, visit)
    order = visit.order
    if order is None:
        return
    work.add(OrderEnded(order=order, how="done"))
    who = visit.team if unit is None else unit.id
    told = {"stood_min": stood // MINUTE_MS}
    _line(work, visit, "clear", unit=who, text="visit.done", fields=told)


def _proven(work: Work, visit: Visit, unit: Unit) -> None:
    """Made by a photo or a sign-in alone: a leader can look."""
    if visit.order is not None:
        work.add(OrderEnded(order=visit.order, how="done", reason=BY_PROOF))
        _line(work, visit, "clear", unit=unit.id, text="visit.proven")


# --- sending, warning, giving up -----------------------------------------------------------------


def _decide(work: Work, visit: Visit) -> None:
    if work.now_ms >= over_ms(visit, work.ground):
        _missed(work, visit)
        return
    if visit.inside_ms is not None or visit.proved_ms is not None:
        return
    unit = unit_of(work.state, visit)
    if work.now_ms > visit.due_ms:  # nobody can make it any more, however near
        _warn(work, visit, "overdue", unit)
        return
    drive = drive_ms(visit, home(work.state, visit, work.ground), work.ground)
    rule = "not_on_duty"
    if unit is not None and visit.order is None:
        rule = keeps_from(work.state, unit, visit, work.ground, work.now_ms, drive) or ""
        if not rule and work.now_ms >= start_ms(visit, drive, work.ground):
            _send(work, visit, unit.id, drive, Why(rule="visit_due", chosen=unit.id))
            return
    if work.now_ms < soon_ms(work.state, visit, drive, work.ground) or _goes_well(
        work, visit, unit, drive
    ):
        return
    if visit.order is None and rule in ("not_on_duty", "refused", "crew_law", "shift_over"):
        found = choices(work.state, visit, work.ground, work.now_ms, visit.team)
        if found.units:
            first = found.units[0]
            _send(work, visit, first.unit, first.drive_ms, found.why("visit_taken_over"))
            return
    if visit.order is not None or rule:
        _warn(work, visit, "due_soon", unit)


def _decide_asked(work: Work, visit: Visit) -> None:
    """Of a visit that its section asks for: the first patrol that is near enough by now goes."""
    if work.now_ms >= over_ms(visit, work.ground):
        if visit.order is not None:
            work.add(OrderEnded(order=visit.order, how="lost", reason="window_over"))
        if work.state.visits[visit.id].status != "done":
            asking.lapse(work, work.state.visits[visit.id])
    elif visit.order is None and (found := asking.wanted(work, visit)) is not None:
        first = found.units[0]
        _send(work, visit, first.unit, first.drive_ms, found.why("visit_asked"))


def _goes_well(work: Work, visit: Visit, unit: Unit | None, drive: int) -> bool:
    """Whether the unit with the order is under way and in time, or still has time to set out."""
    held = None if visit.order is None else work.state.orders.get(visit.order)
    if held is None or unit is None or unit.stale:
        return False
    must_leave_ms = held.made_ms + work.ground.turn_out_ms
    sets_out = held.left_ms is not None or work.now_ms <= must_leave_ms
    return sets_out and work.now_ms + drive <= visit.due_ms


def _send(work: Work, visit: Visit, unit: UnitId, drive: int, why: Why) -> None:
    order = Order(
        id=work.next_order_id(),
        unit=unit,
        about=About(visit=visit.id),
        why=why,
        due_ms=visit.due_ms,
        eta_ms=work.ground.eta_ms(work.now_ms, drive),
    )
    work.add(order)
    sent = work.state.visits[visit.id]
    _line(work, sent, "dispatch", unit=unit, eta_ms=order.eta_ms, why=why)


def _warn(work: Work, visit: Visit, word: str, unit: Unit | None) -> None:
    """Warn once, with who else could make it."""
    if word in visit.said:
        return
    who = visit.team if unit is None else unit.id
    work.add(
        Warning(
            rule=f"visit_{word}",
            squadron=visit.squadron,
            unit=who,
            order=visit.order,
            about=About(visit=visit.id),
            due_ms=visit.due_ms,
        )
    )
    kind: LineKind = "overdue" if word == "overdue" else "due_soon"
    # Who comes now makes no full dwell any more, yet is there before the window closes.
    sought = replace(visit, due_ms=visit.window_end_ms) if word == "overdue" else visit
    found = choices(work.state, sought, work.ground, work.now_ms, who)
    if not found.units:
        _line(work, visit, kind, unit=who, text=f"visit.{word}_alone")
        return
    first = found.units[0]
    eta_ms = work.ground.eta_ms(work.now_ms, first.drive_ms)
    clock = work.ground.district.calendar.local(eta_ms).strftime("%H:%M")
    _line(
        work, visit, kind, unit=who, text=f"visit.{word}", fields={"next": first.unit, "eta": clock}
    )


def _missed(work: Work, visit: Visit) -> None:
    """The window is over without the dwell: said, and carried over once."""
    unit = unit_of(work.state, visit)
    who = visit.team if unit is None else unit.id
    if visit.order is not None:
        work.add(OrderEnded(order=visit.order, how="lost", reason="window_over"))
        if work.state.visits[visit.id].status == "done":  # its last fix proves it after all
            return
    work.add(
        Warning(
            rule="visit_missed",
            squadron=visit.squadron,
            unit=who,
            about=About(visit=visit.id),
            due_ms=visit.due_ms,
        )
    )
    text = "visit.daily_zero" if visit.carried else "visit.missed"
    _line(work, visit, "missed", unit=who, text=text)
    carry(work, work.state.visits[visit.id])


def _line(
    work: Work,
    visit: Visit,
    kind: LineKind,
    *,
    unit: UnitId,
    text: str | None = None,
    eta_ms: int | None = None,
    arrived_ms: int | None = None,
    why: Why | None = None,
    fields: dict[str, Any] | None = None,
) -> None:
    """A console line about a visit."""
    work.add(
        Line(
            kind=kind,
            squadron=visit.squadron,
            unit=unit,
            order=visit.order,
            about=About(visit=visit.id),
            place=visit.place or work.ground.name_at(visit.spot),
            due_ms=visit.due_ms,
            eta_ms=eta_ms,
            arrived_ms=arrived_ms,
            why=why,
            text=text,
            fields=fields,
        )
    )
