"""What a position fact does to the state: who left, arrived, went out, fell silent.

Each fact is a fix that mattered, or a timer about the newest one; `tracks` says which. Arrival
and dwell are machine evidence: they come from here and from nowhere else.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from dispatch.ground import Ground
from dispatch.happenings import Arrived, Happening, Left, Silent, Told, WentOut
from dispatch.proofs import doubted
from dispatch.state import Held, State, Unit, Visit, after, having
from dispatch.statuses import Cause
from dispatch.visits import stood_ms
from events.facts import Position

Taken = tuple[State, tuple[Happening, ...]]


def take_position(state: State, fact: Position, ground: Ground) -> Taken:
    """As `take_positions`, for one."""
    return take_positions(state, (fact,), ground)


def take_positions(state: State, facts: Iterable[Position], ground: Ground) -> Taken:
    """Put units where their fixes say, one after the other, and say what that made happen.

    `change` is one of left, arrived, outside, still, stale, back, parked, fix. A unit that is
    not on duty changes nothing. Most fixes only move a unit: they share one new map of units.
    """
    units, happened = dict(state.units), list[Happening]()
    for fact in facts:
        unit = units.get(fact.unit)
        if unit is None:
            continue
        units[unit.id] = replace(
            unit,
            spot=ground.spot_of_edge(fact.edge, fact.along_m),
            fix_ms=fact.at_ms if unit.fix_ms is None else max(fact.at_ms, unit.fix_ms),
        )
        change = _CHANGES.get(fact.change)
        if change is not None:
            state, more = change(replace(state, units=units), unit, fact, ground)
            units = dict(state.units)
            happened += more
        state = _doubting(state, units[unit.id], fact, ground)
    return replace(state, units=units), tuple(happened)


def _doubting(state: State, unit: Unit, fact: Position, ground: Ground) -> State:
    """The state without the proof of the unit's visit, if this fix speaks against it."""
    visit = visit_of(state, order_of(state, unit))
    if visit is None or visit.proved_ms is None:
        return state
    visit = doubted(visit, unit.spot, fact.at_ms, ground)
    return replace(state, visits=having(state.visits, visit.id, visit))


def parked_key(unit: str) -> str:
    """Key in `State.warned` of the last time that a unit's phone was found parked."""
    return f"parked/{unit}"


def order_of(state: State, unit: Unit) -> Held | None:
    """The unit's active order."""
    return None if unit.order is None else state.orders.get(unit.order)


def visit_of(state: State, held: Held | None) -> Visit | None:
    """The visit that an order is about."""
    if held is None or held.about.visit is None:
        return None
    return state.visits.get(held.about.visit)


def _put(
    state: State, unit: Unit, held: Held | None = None, visit: Visit | None = None
) -> State:  # fmt: skip
    """The state with this unit, order and visit."""
    return replace(
        state,
        units=having(state.units, unit.id, unit),
        orders=state.orders if held is None else having(state.orders, held.id, held),
        visits=state.visits if visit is None else having(state.visits, visit.id, visit),
    )


def _moved(state: State, fact: Position, cause: Cause) -> Unit:
    unit = state.units[fact.unit]
    return replace(unit, status=after(unit, cause))


def _left(state: State, before: Unit, fact: Position, _: Ground) -> Taken:
    held = order_of(state, before)
    if held is None or held.left_ms is not None:
        return state, ()
    held = replace(held, left_ms=fact.at_ms)
    return _put(state, _moved(state, fact, "left"), held), (Left(before.id, held.id, fact.at_ms),)


def _arrived(state: State, before: Unit, fact: Position, _: Ground) -> Taken:
    held = order_of(state, before)
    if held is None or held.arrived_ms is not None:
        return state, ()
    held = replace(held, arrived_ms=fact.at_ms)
    visit = visit_of(state, held)
    if visit is not None:
        visit = replace(visit, status="arrived", inside_ms=fact.at_ms)
    state = _put(state, _moved(state, fact, "arrived"), held, visit)
    return state, (Arrived(before.id, held.id, fact.at_ms),)


def _outside(state: State, before: Unit, fact: Position, ground: Ground) -> Taken:
    held = order_of(state, before)
    visit = visit_of(state, held)
    if held is None or visit is None or visit.inside_ms is None:
        return state, ()
    stood = stood_ms(visit, _inside_until_ms(visit, before, fact, ground))
    state = _no_presence(state, fact, held, visit)
    return state, (WentOut(before.id, visit.id, fact.at_ms, stood),)


def _inside_until_ms(visit: Visit, before: Unit, fact: Position, ground: Ground) -> int:
    """Until when the unit was surely inside: its last fix there, or the time it had to leave.

    A unit seen outside set out no later than the drive there takes. That is believed only over
    the time for which its fixes may be silent, else a phone left behind would prove a dwell.
    """
    last_ms = before.fix_ms or 0
    if fact.at_ms - last_ms > ground.settings.dispatch.stale_parked_s * 1000:
        return last_ms
    here = ground.spot_of_edge(fact.edge, fact.along_m)
    return max(last_ms, fact.at_ms - ground.drive_ms([visit.spot], here, "patrol")[0])


def _no_presence(state: State, fact: Position, held: Held, visit: Visit) -> State:
    """The unit does not stand at its visit's point (any more): the order goes on."""
    held = replace(held, arrived_ms=None)
    visit = replace(visit, status="ordered", inside_ms=None, proved_ms=None)
    return _put(state, _moved(state, fact, "left"), held, visit)


def _stale(state: State, before: Unit, fact: Position, _: Ground) -> Taken:
    if before.stale:
        return state, ()
    state = _put(state, replace(state.units[before.id], stale=True))
    return state, (Silent(before.id, back=False, at_ms=fact.at_ms),)


def _back(state: State, before: Unit, fact: Position, _: Ground) -> Taken:
    """Fixes came again. Time that nobody saw is no dwell: the presence moves on by it."""
    if not before.stale:
        return state, ()
    visit = visit_of(state, order_of(state, before))
    if visit is not None and visit.inside_ms is not None:
        unseen_ms = max(0, fact.at_ms - (before.fix_ms or fact.at_ms))
        visit = replace(visit, inside_ms=visit.inside_ms + unseen_ms)
    state = _put(state, replace(state.units[before.id], stale=False), None, visit)
    return state, (Silent(before.id, back=True, at_ms=fact.at_ms),)


def _parked(state: State, before: Unit, fact: Position, _: Ground) -> Taken:
    """The phone lies somewhere: no presence, until its crew is seen to carry it again."""
    held = order_of(state, before)
    visit = visit_of(state, held)
    if held is not None and visit is not None and visit.inside_ms is not None:
        state = _no_presence(state, fact, held, visit)
    state = replace(state, warned=having(state.warned, parked_key(before.id), fact.at_ms))
    return state, (Told("stale", "visit.parked", {"unit": str(before.id)}, before.id),)


_CHANGES: Mapping[str, Callable[[State, Unit, Position, Ground], Taken]] = {
    "left": _left,
    "arrived": _arrived,
    "outside": _outside,
    "stale": _stale,
    "back": _back,
    "parked": _parked,
}
