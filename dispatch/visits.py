"""Visits to must-arrive points 必到点: how a duty's plan becomes visits, and what becomes of them.

A visit is planned → ordered → arrived → done; or missed when its window closes without the full
dwell, and then carried, once, to a later duty of its squadron. Which decision is taken when
stands in `visit_rules`; here is only what each decision does to a visit, and when the rules have
to look again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from config.durations import MINUTE_MS
from config.ids import DutyId, IncidentId, MustArriveId, PlaceId, UnitId, VisitId
from config.roads import Spot
from dispatch.ground import Ground
from dispatch.proofs import proven_ms, unheard
from dispatch.state import Duty, State, Unit, Visit, having
from events.decisions import (
    About,
    Decision,
    Order,
    OrderEnded,
    Warning,  # noqa: A004 - the format's word
)
from events.event import moment_ms
from events.rosters import visit_id, window_of

OPEN = frozenset(("planned", "ordered", "arrived"))
"""Statuses in which a visit may still be made."""
LOOK_AHEAD_MS = 2 * 60 * MINUTE_MS
"""The rules look at a visit only from so long before its planned arrival on."""


# --- from the roster -----------------------------------------------------------------------------


def visits_of(duty: Duty, normal: Mapping[str, Any], ground: Ground) -> tuple[Visit, ...]:
    """The visits of a duty from the normal data of its `duty_rostered`.

    A visit whose place nobody named is left out: nobody could be seen to arrive.
    """
    found = (_visit(duty, told, ground) for told in normal.get("visits", ()))
    return tuple(visit for visit in found if visit is not None)


def _visit(duty: Duty, told: Mapping[str, Any], ground: Ground) -> Visit | None:
    place = _place(told, ground)
    spot = ground.spot_of({**told, "place": place})
    if spot is None:
        return None
    window = window_of(told, duty.end_ms, ground.settings.visits)
    return Visit(
        id=visit_id(told, duty.id),
        must_arrive=MustArriveId(told["must_arrive"]),
        duty=duty.id,
        team=duty.team,
        squadron=duty.squadron,
        place=place,
        spot=spot,
        window_start_ms=window.start_ms,
        window_end_ms=window.end_ms,
        arrive_ms=moment_ms(told["arrive"]),
        dwell_ms=window.dwell_ms,
        due_ms=window.due_ms,
    )


def _place(told: Mapping[str, Any], ground: Ground) -> PlaceId | None:
    """The place that a visit names, else that of its point as people pinned it."""
    places = ground.district.places
    if PlaceId(told.get("place") or "") in places:
        return PlaceId(told["place"])
    pinned = {row.id: row.place for row in ground.district.must_arrive_fixed}
    for name in (pinned.get(told["must_arrive"]), told["must_arrive"]):
        if "lon_e7" not in told and name is not None and PlaceId(name) in places:
            return PlaceId(name)
    return None


# --- what a decision does to a visit -------------------------------------------------------------


def applied(state: State, decision: Decision) -> State:
    """The state with what an order, its end or a warning does to the visit it is about.

    Units and orders are not touched; a decision that is about no visit changes nothing. May be
    called before or after the order itself was folded.
    """
    match decision:
        case Order(about=About(visit=str(about)), id=order) if about in state.visits:
            visit = state.visits[VisitId(about)]
            return _with(state, replace(visit, status="ordered", order=order, inside_ms=None))
        case OrderEnded(order=order):
            ended = next((v for v in state.visits.values() if v.order == order), None)
            return state if ended is None else _with(state, _ended(state, ended, decision))
        case Warning(rule="visit_asked", about=About(visit=str(about))):
            return _asked(state, VisitId(about), decision)
        case Warning(about=About(visit=str(about))) if about in state.visits:
            return _warned(state, state.visits[VisitId(about)], decision)
    return state


def _asked(state: State, name: VisitId, warning: Warning) -> State:
    """A visit that a section asks for; one that is asked for again has its time anew."""
    told, end_ms = warning.fields or {}, warning.due_ms or 0
    since_ms, dwell_ms = int(told["since_ms"]), int(told["dwell_ms"])
    due_ms, held = end_ms - dwell_ms, state.visits.get(name)
    if held is not None:
        again = replace(held, window_start_ms=since_ms, window_end_ms=end_ms, due_ms=due_ms)
        return _with(state, again if held.inside_ms is None else held)
    spot = state.incidents[IncidentId(told["incident"])].spot
    if spot is None or warning.squadron is None:
        return state
    return _with(state, Visit(
        id=name, must_arrive=MustArriveId(f"asked/{told['section']}"), duty=DutyId(""),
        team=UnitId(""), squadron=warning.squadron, place=None,
        spot=spot, window_start_ms=since_ms, window_end_ms=end_ms, arrive_ms=since_ms,
        dwell_ms=dwell_ms, due_ms=due_ms, section=str(told["section"]),
    ))  # fmt: skip


def _with(state: State, visit: Visit) -> State:
    return replace(state, visits=having(state.visits, visit.id, visit))


def _ended(state: State, visit: Visit, ended: OrderEnded) -> Visit:
    """A visit whose order ended: made if the track says so, else planned again.

    Who refused it, lost it or was taken off it is not asked again; who was called away to an
    incident is.
    """
    held = state.orders.get(ended.order)
    unit = state.units.get(visit.team if held is None else held.unit)
    made = unit is not None and is_made(visit, unit)
    visit = replace(visit, order=None, inside_ms=None, proved_ms=None)
    if made or ended.how == "done":
        return replace(visit, status="done")
    said = visit.said
    if ended.how != "preempted":
        said = said | {refusal(visit.team if held is None else held.unit)}
    return replace(visit, status="planned", said=said)


def _warned(state: State, visit: Visit, warning: Warning) -> State:
    match warning.rule:
        case "visit_due_soon" | "visit_overdue":
            said = visit.said | {warning.rule.removeprefix("visit_")}
            return _with(state, replace(visit, said=said))
        case "visit_missed":
            silent = unheard(state.units.get(warning.unit or visit.team))
            missed = replace(visit, status="missed", order=None, inside_ms=None, unheard=silent)
            return _with(state, missed)
        case "visit_proven_late":
            return _with(state, replace(visit, status="done"))
        case "visit_cancelled":
            return _with(state, replace(visit, status="cancelled", order=None, inside_ms=None))
        case "visit_carried":
            state = _with(state, replace(visit, status="carried"))
            return _with(state, _carried(visit, warning.fields or {}))
    return state


def _carried(visit: Visit, fields: Mapping[str, Any]) -> Visit:
    """The visit once more, in the duty and at the times that the warning's fields say."""
    return replace(
        visit,
        id=VisitId(fields["visit"]),
        duty=fields["duty"],
        team=fields["team"],
        window_start_ms=fields["window_start_ms"],
        window_end_ms=fields["window_end_ms"],
        arrive_ms=fields["arrive_ms"],
        due_ms=fields["window_end_ms"] - visit.dwell_ms,
        status="planned",
        order=None,
        inside_ms=None,
        said=frozenset(),
        carried=True,
        unheard=None,
    )


def refusal(unit: UnitId) -> str:
    """The word in a visit's `said` for a unit that is not asked again."""
    return f"refused/{unit}"


# --- times ---------------------------------------------------------------------------------------


def stood_ms(visit: Visit, until_ms: int) -> int:
    """How long its unit has stood inside the radius and the window up to a moment."""
    if visit.inside_ms is None:
        return 0
    since_ms = max(visit.inside_ms, visit.window_start_ms)
    return max(0, min(until_ms, visit.window_end_ms) - since_ms)


def is_made(visit: Visit, unit: Unit) -> bool:
    """Whether the unit's fixes so far prove the full dwell inside radius and window."""
    return unit.fix_ms is not None and stood_ms(visit, unit.fix_ms) >= visit.dwell_ms


def drive_ms(visit: Visit, spot: Spot, ground: Ground) -> int:
    """Time from a spot to the visit's point, as on patrol."""
    return ground.way_ms(spot, visit.spot, "patrol")


def unit_of(state: State, visit: Visit) -> Unit | None:
    """The unit that is to make the visit: who has its order, else its team if on duty."""
    held = None if visit.order is None else state.orders.get(visit.order)
    return state.units.get(visit.team if held is None else held.unit)


def start_ms(visit: Visit, drive: int, ground: Ground) -> int:
    """When a unit that is `drive` ms away is ordered, so that it arrives as planned."""
    return visit.arrive_ms - drive - ground.turn_out_ms


def soon_ms(state: State, visit: Visit, drive: int, ground: Ground) -> int:
    """When to warn: drive time and `due_soon_min` before the last useful departure."""
    last_departure_ms = useful_ms(state, visit) - drive
    return last_departure_ms - drive - ground.settings.visits.due_soon_min * MINUTE_MS


def looked_at(visit: Visit, ground: Ground, now_ms: int) -> bool:
    """Whether the rules may decide something already; most visits are told by their plan alone."""
    if now_ms >= visit.arrive_ms or now_ms < visit.arrive_ms - LOOK_AHEAD_MS:
        return now_ms >= visit.arrive_ms
    return look_ms(visit, ground) <= now_ms


def look_ms(visit: Visit, ground: Ground) -> int:
    """From when on the rules may decide something, wherever the unit is: nothing to do before."""
    longest = ground.longest_ms(visit.spot, "patrol")
    start = start_ms(visit, longest, ground)
    soon = min(visit.arrive_ms, visit.due_ms) - 2 * longest
    soon -= ground.settings.visits.due_soon_min * MINUTE_MS
    return max(visit.arrive_ms - LOOK_AHEAD_MS, min(start, soon))


def useful_ms(state: State, visit: Visit) -> int:
    """The last arrival that leaves the dwell inside the window and inside the visit's duty."""
    duty = state.duties.get(visit.duty)
    if duty is None:
        return visit.due_ms
    return min(visit.due_ms, max(visit.arrive_ms, duty.end_ms - visit.dwell_ms))


def over_ms(visit: Visit, ground: Ground) -> int:
    """When the visit is missed: its window closes, or the last fix that could prove it is late."""
    if visit.inside_ms is not None and visit.inside_ms <= visit.due_ms:
        return visit.window_end_ms + ground.settings.dispatch.stale_parked_s * 1000
    return visit.window_end_ms


def home(state: State, visit: Visit, ground: Ground) -> Spot:
    """Where the visit's unit is, or would wait: its duty's post, else its squadron's station."""
    unit = unit_of(state, visit)
    if unit is not None:
        return unit.spot
    duty = state.duties.get(visit.duty)
    node = ground.post_node(None, visit.squadron) if duty is None else duty.post
    return ground.spot_of_node(node)


def next_ms(state: State, ground: Ground, now_ms: int) -> int | None:
    """The next moment after now at which the rules of visits may decide something, or None."""
    moments = (
        moment
        for visit in state.visits.values()
        if visit.status in OPEN
        for moment in _moments(state, visit, ground, now_ms)
    )
    return min((moment for moment in moments if moment > now_ms), default=None)


def _moments(state: State, visit: Visit, ground: Ground, now_ms: int) -> Iterator[int]:
    """When the rules look at a visit: to look closer, to order, to warn, to give it up."""
    first_ms = look_ms(visit, ground)
    if first_ms > now_ms:
        yield first_ms
        return
    end_ms = over_ms(visit, ground)
    if end_ms <= now_ms:
        return  # spares the way of what is past
    yield end_ms
    if (made_ms := proven_ms(visit)) is not None:
        yield made_ms
    if visit.inside_ms is not None or now_ms > visit.due_ms:
        return
    drive = drive_ms(visit, home(state, visit, ground), ground)
    yield start_ms(visit, drive, ground)
    yield soon_ms(state, visit, drive, ground)
    yield visit.due_ms + 1
    held = None if visit.order is None else state.orders.get(visit.order)
    if held is not None:
        yield held.made_ms + ground.turn_out_ms + 1
