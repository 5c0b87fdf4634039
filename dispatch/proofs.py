"""Proof of a visit beside its track: a photo or a sign-in, where no fix tells of the unit.

Where its fixes come, they alone say where a unit was. A proof stands in for those that do not: it
counts while none shows that the unit was elsewhere, or gone before the dwell was over. One that
lay in a device without a network makes its visit even when that was told as missed.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from config.ids import UnitId
from config.roads import Spot
from dispatch.ground import Ground
from dispatch.state import State, Unit, Visit, having

MISSED = frozenset(("missed", "carried"))
"""Statuses of a visit whose window closed without it."""


def proved(state: State, unit: Unit, visit: Visit, at_ms: int, ground: Ground) -> State:
    """The state with a proof of a moment, of the unit that is sent to the visit.

    It comes too late where fixes have come since that moment and show the unit elsewhere: of what
    lies between nobody knows any more.
    """
    is_sent = visit.order is not None and visit.order == unit.order
    is_due = visit.window_start_ms <= at_ms <= visit.window_end_ms
    if not is_sent or not is_due or visit.proved_ms is not None:
        return state
    visit = replace(visit, proved_ms=at_ms)
    if unit.fix_ms is not None and _was_elsewhere(visit, unit.spot, unit.fix_ms, ground):
        return state
    return replace(state, visits=having(state.visits, visit.id, visit))


def unheard(unit: Unit | None) -> Unit | None:
    """The unit, if nothing is heard of its device: what that may still send is no later word."""
    return unit if unit is not None and (unit.stale or unit.fix_ms is None) else None


def is_proven_late(visit: Visit, unit: UnitId, at_ms: int, ground: Ground) -> bool:
    """Whether a unit's proof of a moment makes a visit that was told as missed.

    It lay in a device of which nothing was heard then. Its moment has to lie in the window as that
    of any, and the last fix before the silence must leave the time to be there.
    """
    was = visit.unheard
    if was is None or was.id != unit or visit.status not in MISSED:
        return False
    if not visit.window_start_ms <= at_ms <= visit.window_end_ms:
        return False
    proved = replace(visit, proved_ms=at_ms)
    return was.fix_ms is None or not _was_elsewhere(proved, was.spot, was.fix_ms, ground)


def is_elsewhere(told: Mapping[str, Any], visit: Visit, ground: Ground) -> bool:
    """Whether a proof, by its normal data, says itself that it was given away from the point."""
    if told.get("must_arrive") not in (None, visit.must_arrive):
        return True
    if "lon_e7" not in told:
        return False
    spot = ground.spot_of(told)
    if spot is None:  # far from every road
        return True
    x_m, y_m = ground.where(spot, ground.point_of(told, spot))  # its own, as a fix's
    return ground.off_m(x_m, y_m, visit.spot) > ground.radius_m(visit.spot)


def doubted(visit: Visit, spot: Spot, fix_ms: int, ground: Ground) -> Visit:
    """The visit, without its proof if a fix shows its unit elsewhere before the dwell is over."""
    over_ms = 0 if visit.proved_ms is None else visit.proved_ms + visit.dwell_ms
    if fix_ms < over_ms and _was_elsewhere(visit, spot, fix_ms, ground):
        return replace(visit, proved_ms=None)
    return visit


def _was_elsewhere(visit: Visit, spot: Spot, fix_ms: int, ground: Ground) -> bool:
    """Whether a fix lies away from the point, and too late to be there by the proof's moment."""
    if visit.proved_ms is None or visit.inside_ms is not None:
        return False
    is_away = ground.metres(spot, visit.spot) > ground.radius_m(visit.spot)
    return is_away and fix_ms + ground.way_ms(spot, visit.spot, "patrol") > visit.proved_ms


def proven_ms(visit: Visit) -> int | None:
    """When the proof makes the visit if no fix says otherwise before; None: it never does.

    How long its unit had been there already when it gave the proof nobody knows, so the dwell may
    reach beyond the window's end; not where its fixes showed how it came.
    """
    if visit.proved_ms is None:
        return None
    if visit.inside_ms is None or visit.inside_ms > visit.proved_ms:
        return min(visit.proved_ms + visit.dwell_ms, visit.window_end_ms)
    end_ms = max(visit.inside_ms, visit.window_start_ms) + visit.dwell_ms
    return end_ms if end_ms <= visit.window_end_ms else None


def is_proven(visit: Visit, unit: Unit, now_ms: int) -> bool:
    """Whether the proof makes the visit by now; of whom fixes tell all the time, they decide."""
    made_ms = proven_ms(visit)
    if made_ms is None or visit.proved_ms is None or now_ms < made_ms:
        return False
    is_followed = visit.inside_ms is not None and visit.inside_ms <= visit.proved_ms
    return unit.stale or not is_followed
