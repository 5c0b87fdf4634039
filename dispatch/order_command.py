"""What `qinwu order why` does: finds an order in the journal and renders its why."""

from collections.abc import Iterator
from pathlib import Path

import typer

from config.controls import visible
from config.errors import NotFound
from config.faults import shown
from config.named import unknown
from config.words import Say, words
from dispatch.console.log import names_of
from dispatch.console.row import Names, coded, said_text, short_order, slots_text
from dispatch.console.why import left_out, next_text
from events.connect import area_of
from events.decisions import Line, Order, OrderEnded, Why
from events.facts import Accepted
from events.frame import Frame, order_named
from events.in_turn import open_in_turn
from events.journals import accepted
from events.kinds import IncidentReported


def tell_why(folder: Path, name: str, target: str | None) -> None:
    """Print why an order was given and what became of it.

    Raises:
        NotFound: The journal has no such order; of an incident it says the orders.
    """
    area, say = area_of(folder), words()
    wanted = order_named(area, name)
    names = names_of(folder)
    bus = open_in_turn(target, folder)
    told, orders = False, dict[str, str]()
    incident, of_incident = False, list[str]()
    said = dict[str | None, str]()
    try:
        for frame in accepted(bus, area):
            said |= _said(frame)
            for decision in frame.decisions:
                if isinstance(decision, Order):
                    orders[decision.id] = short_order(decision.id) or ""
                if isinstance(decision, (Line, Order)) and _is_about(decision, name):
                    incident = True
                    if isinstance(decision, Order):
                        of_incident.append(orders[decision.id])
                if isinstance(decision, Order) and decision.id == wanted:
                    told = True
                    words_of = said.get(decision.about.incident)
                    typer.echo(visible("\n".join(_given(decision, frame, words_of, names, say))))
                elif isinstance(decision, OrderEnded) and decision.order == wanted:
                    at = names.calendar.iso(frame.time_ms)
                    typer.echo(visible(_ended(decision, at, say)))
                    return
    finally:
        bus.close()
    if incident and not told:
        key = "order_why.incident" if of_incident else "order_why.incident_bare"
        raise NotFound(key, incident=shown(name), orders=", ".join(of_incident), folder=folder)
    if not told:
        like = {short: short for short in orders.values()}
        raise unknown("order_why.no_order", name, like, area=area)
    typer.echo(say("order_why.active"))


def _is_about(decision: Line | Order, incident: str) -> bool:
    return decision.about is not None and decision.about.incident == incident


def _said(frame: Frame) -> dict[str | None, str]:
    """Where the incidents that a frame opens are, in their callers' words."""
    return {
        fact.incident: fact.data["text"] for fact in frame.facts
        if isinstance(fact, Accepted) and fact.kind == IncidentReported.type() and fact.counts
        and fact.data.get("text")
    }  # fmt: skip


def _given(order: Order, frame: Frame, said: str | None, names: Names, say: Say) -> Iterator[str]:
    iso = names.calendar.iso
    about = order.about.incident or order.about.visit or order.about.sighting
    line = next((d for d in frame.decisions if d.type == "line" and d.order == order.id), None)
    place = names.place(line.place) if line is not None and line.place else ""
    yield say(
        "order_why.given", order=short_order(order.id), unit=order.unit, about=about, place=place,
        at=iso(frame.time_ms),
    )  # fmt: skip
    if line is not None:
        yield from slots_text(line.fields or {}, say)
        if said not in (None, line.place, place):
            yield said_text(said, say)
    if order.due_ms is not None:
        yield say("order_why.due", due=iso(order.due_ms))
    if order.eta_ms is not None:
        yield say("order_why.eta", eta=iso(order.eta_ms))
    if order.replaces is not None:
        yield say("order_why.replaces", order=short_order(order.replaces))
    yield from reasons(order.why, say)


def _ended(ended: OrderEnded, at: str, say: Say) -> str:
    """How an order ended, and why where that says more; the reason of a refusal is a person's."""
    how = say(f"order_why.how.{ended.how}")
    if ended.reason in (None, ended.how):
        return say("order_why.ended", at=at, how=how)
    reason = coded("reason", ended.reason, say)
    return say("order_why.ended_because", at=at, how=how, reason=reason)


def reasons(why: Why, say: Say) -> Iterator[str]:
    """All that a why holds, one line each: nothing is cut short here."""
    rule = say(f"why.{why.rule}", by=why.by or "-", chosen=why.chosen or "-")
    yield say("order_why.rule", rule=rule)
    if why.chosen is not None:
        yield say("order_why.chosen", unit=why.chosen)
    if why.runner_up is not None:
        yield next_text(why, say, "order_why.next")
    elif why.chosen is not None:
        yield say("order_why.only")
    if why.by is not None:
        yield say("order_why.by", person=why.by)
    for name, units in left_out(why).items():
        told = say(f"excluded.{name}")
        yield say("order_why.out", rule=told, count=len(units), units=" ".join(units))
