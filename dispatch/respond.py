"""Answers to what happened: lines of the console, orders that end, incidents that close."""

from collections.abc import Sequence
from typing import Any, Literal

from config.durations import DAY_MS, MINUTE_MS
from config.ids import IncidentId, SquadronId, UnitId
from config.kinds import UNIT_ENDS
from dispatch.apply import UNANSWERED, gave_up
from dispatch.assign import line
from dispatch.happenings import (
    Answered,
    Arrived,
    ClockAhead,
    Finished,
    Happening,
    Ignored,
    Reported,
    RosterTaken,
    Seen,
    SignedOff,
    SignedOn,
    Silent,
    Told,
)
from dispatch.incidents import take_up
from dispatch.rejects import told_apart
from dispatch.state import Held, Unit
from dispatch.twins import Twins
from dispatch.work import Work
from events.decisions import (
    About,
    EndedShift,
    IncidentClosed,
    Line,
    OrderEnd,
    OrderEnded,
    Warning,  # noqa: A004 - the format's word
    Why,
)

MOST_SILENT = 3
"""Units of a squadron without an order whose fixes stop, or come again, with a line each; more
share one.
"""


def respond(work: Work, happened: Sequence[Happening]) -> None:
    """Answer what happened, in its order."""
    twins: Twins | None = None
    silent = _together(work, happened)
    for one in happened:
        match one:
            case Reported():
                twins = twins or Twins(work.state.incidents, work.ground)
                take_up(work, one, twins)
            case SignedOn():
                _signed_on(work, one)
            case SignedOff():
                _signed_off(work, one)
            case Arrived():
                _arrived(work, one)
            case Finished():
                _finished(work, one)
            case Answered():
                _answered(work, one)
            case Silent():
                _silent(work, one, silent)
            case _:
                _told(work, one)


def _told(work: Work, one: Happening) -> None:
    match one:
        case ClockAhead():
            _clock_ahead(work, one)
        case RosterTaken(week, version, duties):
            fields = {"week": week, "version": version, "duties": duties}
            work.add(Line(kind="roster", text="roster.taken", fields=fields))
        case Seen(sighting):
            seen = work.state.sightings[sighting]
            work.add(
                Line(
                    kind="watch", squadron=seen.squadron, about=About(sighting=sighting),
                    place=seen.gate, text="watch.seen", fields={"entry": seen.entry},
                )
            )  # fmt: skip
        case Told() | Ignored() if one.kind is not None:
            told: Any = one.kind
            about = About(incident=one.incident) if one.incident else None
            own = work.state.units.get(one.unit) if one.unit else None
            squadron = own.squadron if own else None
            if known := work.state.incidents.get(one.incident or IncidentId("")):
                squadron = known.squadron
            work.add(
                Line(
                    kind=told, squadron=squadron, unit=one.unit, about=about, text=one.text,
                    fields=one.fields or None,
                )
            )  # fmt: skip


def _clock_ahead(work: Work, one: ClockAhead) -> None:
    """Said once a day of each sender, however much it sends; of a flood of senders, of all."""
    day_ago_ms, rule = work.now_ms - DAY_MS, "clock_ahead"
    said = {
        key.removeprefix(f"{rule}/") for key, at_ms in work.state.warned.items()
        if at_ms > day_ago_ms and key.startswith(f"{rule}/")
    }  # fmt: skip
    source = told_apart(one.source, said)
    if source in said:
        return
    work.add(Warning(rule=rule, fields={"source": source}))
    fields = {"source": one.source, "minutes": one.ahead_ms // MINUTE_MS}
    text = "clock_ahead" if source else "clock_ahead_many"
    work.add(Line(kind="system", text=text, fields=fields))


# --- incidents -----------------------------------------------------------------------------------


def _finished(work: Work, one: Finished) -> None:
    """A unit is free again: done when it had reached the place, else another one is needed."""
    order = work.state.orders.get(one.order)
    if order is None:
        return
    if one.how == "out_of_service":
        _give_up(work, order, "lost", one.how)
        work.add(Warning(rule="out_of_service", unit=one.unit))
        return
    incident = work.state.incidents.get(order.about.incident or IncidentId(""))
    if incident is None:  # a visit that the crew left: its time tells whether it was made
        work.add(OrderEnded(order=order.id, how="cancelled", reason="freed"))
    elif one.reached or one.how in UNIT_ENDS:
        work.add(OrderEnded(order=order.id, how="done", reason=one.how))
        _close_if_over(work, incident.id, one)
    else:
        _give_up(work, order, "lost", "freed")


def _close_if_over(work: Work, incident_id: IncidentId, one: Finished) -> None:
    incident = work.state.incidents[incident_id]
    how: Any = one.how if one.how in UNIT_ENDS else "done"
    if incident.orders or (how == "done" and len(incident.done) < incident.slots):
        return
    work.add(IncidentClosed(incident=incident_id, how=how))
    line(work, "clear", incident, unit=one.unit, text=f"closed.{how}", into="-")


# --- orders --------------------------------------------------------------------------------------


def _arrived(work: Work, one: Arrived) -> None:
    order = work.state.orders.get(one.order)
    incident = work.state.incidents.get((order and order.about.incident) or IncidentId(""))
    if order is None or incident is None:
        return  # visits have lines of their own
    work.add(
        Line(
            kind="arrived", squadron=work.state.units[one.unit].squadron, unit=one.unit,
            order=one.order, about=order.about, place=incident.place, due_ms=incident.due_ms,
            arrived_ms=one.at_ms,
        )
    )  # fmt: skip


def _answered(work: Work, one: Answered) -> None:
    order = work.state.orders.get(one.order)
    if one.accepted or order is None:
        return
    _give_up(work, order, "refused", one.reason)


def _give_up(work: Work, order: Held, how: OrderEnd, reason: str | None) -> None:
    """An order that its unit does not carry out; several within a time trip its breaker."""
    incident = work.state.incidents.get(order.about.incident or IncidentId(""))
    ended = OrderEnded(order=order.id, how=how, reason=reason)
    work.add(ended)
    unit = work.state.units.get(order.unit)
    work.add(
        Line(
            kind="refused", squadron=unit.squadron if unit else None, unit=order.unit,
            order=order.id, about=order.about, place=incident.place if incident else None,
            text=f"gave_up.{how}", fields={"reason": reason or "-"},
        )
    )  # fmt: skip
    if unit is not None and gave_up(ended):
        _trip(work, unit)


def _trip(work: Work, unit: Unit) -> None:
    """The unit's breaker, if it gave up as many orders as the district allows in that time."""
    rules = work.ground.settings.dispatch
    since_ms = work.now_ms - rules.breaker_min * MINUTE_MS
    count = sum(at_ms > since_ms for at_ms in work.state.refusals.get(unit.id, ()))
    if count >= rules.breaker_orders and unit.id not in work.state.tripped:
        work.add(Warning(rule="breaker", unit=unit.id))
        work.add(Line(kind="system", squadron=unit.squadron, unit=unit.id, text="breaker",
                      fields={"count": count, "minutes": rules.breaker_min}))  # fmt: skip


def unanswered(work: Work, order: Held) -> None:
    """An order that was not answered in time is lost."""
    _give_up(work, order, "lost", UNANSWERED)


# --- units ---------------------------------------------------------------------------------------


def _signed_on(work: Work, one: SignedOn) -> None:
    unit, duty = work.state.units[one.unit], work.state.duties[one.duty]
    if one.ended is not None:  # it went from duty to duty without signing off
        work.add(EndedShift(unit=unit.id, duty=one.ended, at_ms=unit.signed_in_ms))
    text = "signed_in.again" if one.again else "signed_in.first"
    text = "signed_in.other_vehicle" if one.other_vehicle else text
    text = "signed_in.others" if one.others else text
    text = text if unit.officers else "signed_in.unmanned"
    fields = {
        "officers": unit.officers, "auxiliaries": unit.auxiliaries, "vehicle": unit.vehicle or "-",
        "kind": unit.kind,
    }  # fmt: skip
    work.add(
        Line(
            kind="sign_in", squadron=unit.squadron, unit=unit.id,
            place=work.ground.name_at(unit.spot), due_ms=duty.start_ms,
            arrived_ms=unit.signed_in_ms, text=text, fields=fields,
        )
    )  # fmt: skip
    for who, other in one.twice:
        twice = {"who": who, "other": other}
        work.add(
            Line(
                kind="system", squadron=unit.squadron, unit=unit.id, text="signed_in.twice",
                fields=twice,
            )
        )  # fmt: skip
    order = work.state.orders.get(unit.order) if unit.order else None
    if order is not None and not _lawful(work, unit, order):
        _give_up(work, order, "lost", "crew_law")


def _lawful(work: Work, unit: Unit, order: Held) -> bool:
    """Whether the crew that is there now may work where it was ordered to."""
    return work.ground.lawful(unit.crew, work.ground.road_class(order.target))


def _signed_off(work: Work, one: SignedOff) -> None:
    unit = work.state.units.get(one.unit)
    if unit is not None and unit.leaving:  # else it has signed in again meanwhile
        sign_off(work, unit.id)


def sign_off(work: Work, unit_id: UnitId, text: str = "signed_off.said") -> None:
    """A unit's duty is over; what it had to do goes to others."""
    unit = work.state.units.get(unit_id)
    if unit is None:
        return
    if unit.order is not None:
        _give_up(work, work.state.orders[unit.order], "lost", "off_duty")
    work.add(EndedShift(unit=unit.id, duty=unit.duty, at_ms=work.now_ms))
    work.add(Line(kind="sign_in", squadron=unit.squadron, unit=unit.id, text=text))


_Silences = dict[tuple[SquadronId | None, bool], list[UnitId]]


def _together(work: Work, happened: Sequence[Happening]) -> _Silences:
    """The units without an order that fell silent, or came back, in this frame, by squadron."""
    found: _Silences = {}
    for one in happened:
        unit = work.state.units.get(one.unit) if isinstance(one, Silent) else None
        if isinstance(one, Silent) and unit is not None and unit.order is None:
            found.setdefault((unit.squadron, one.back), []).append(unit.id)
    return found


def _silent(work: Work, one: Silent, silent: _Silences) -> None:
    """A line of its own, or with the first of many the one for all of them.

    Who is on the way has its own however many they are: somebody waits for it.
    """
    unit = work.state.units.get(one.unit)
    if unit is None:
        return
    kind: Literal["back", "stale"] = "back" if one.back else "stale"
    why = None if one.back else Why(rule="stale")
    same = silent.get((unit.squadron, one.back), [])
    if unit.order is None and len(same) > MOST_SILENT:
        if unit.id == same[0]:
            fields = {"count": len(same), "units": same}
            text = f"fix.{kind}_many"
            work.add(Line(kind=kind, squadron=unit.squadron, why=why, text=text, fields=fields))
        return
    work.add(
        Line(
            kind=kind, squadron=unit.squadron, unit=unit.id, order=unit.order,
            place=work.ground.name_at(unit.spot), why=why, text=f"fix.{kind}",
        )
    )  # fmt: skip
