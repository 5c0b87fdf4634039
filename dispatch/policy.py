"""Which unit goes: the lawful one that is there first. Pure, integers only.

Cost is driving time in ms, plus what it costs to break off a visit: more, the longer the unit
has stood there. Units come in ranks: patrols with time left first, then the reserve (stand-by,
the last minutes of a shift), then the duty leader, then units bound to a fixed duty in its hours,
for urgent calls only.

The reserve is kept back for what may come, but not from a call to which it would be in time and
the patrol that goes first would not: such a call is what it is kept for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from config.ids import UnitId
from config.travel import UNREACHABLE
from dispatch.ground import Ground
from dispatch.state import Incident, State, Unit
from events.decisions import Excluded, Why

IN_TIME, PATROL, RESERVE, LEADING, BOUND = range(5)
"""Ranks, in the order in which they go."""
RANKS = {
    None: PATROL, "stand_by": RESERVE, "shift_pending": RESERVE, "leader": LEADING, "bound": BOUND,
}  # fmt: skip
"""By the rule that keeps a unit back."""
NEVER = frozenset(("desk",))
URGENT = 1
ASSIGNABLE = frozenset(("free", "to_must_arrive", "at_must_arrive"))
BUSY = frozenset(("dispatched", "acknowledged", "en_route", "on_scene", "clearing"))
RULES = ("nearest_lawful", "nearest_not_kept", "reserve", "reserve_in_time", "leader", "bound")
MOST_EXCLUDED = 8


class Candidate(NamedTuple):
    """A unit that may go: rank, cost, then its id, so that the order is total.

    `kept` is the rule that keeps it back from what lower ranks can do; None of a patrol.
    """

    rank: int
    cost_ms: int
    unit: UnitId
    drive_ms: int
    kept: str | None


class Barred(NamedTuple):
    """A unit that does not go, and the rule; sorted by how near it is."""

    drive_ms: int
    unit: UnitId
    rule: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """Who may go, best first; who may not, and why, with the way that they would have."""

    candidates: tuple[Candidate, ...]
    excluded: tuple[Barred, ...]

    def why(self) -> Why:
        """The first candidate's why: the runner-up, and who nearer was kept back or left out.

        A runner-up who is nearer is told as kept back first, so that it is never one too many.
        """
        first = self.candidates[0]
        second = self.candidates[1] if len(self.candidates) > 1 else None
        kept = [
            Barred(one.drive_ms, one.unit, _kept_back(one, first))
            for one in self.candidates if one.drive_ms < first.drive_ms
        ]  # fmt: skip
        kept.sort(key=lambda out: (second is None or out.unit != second.unit, out))
        nearer = [out for out in self.excluded if out.drive_ms < first.drive_ms]
        return Why(
            rule=self._rule(first, nearest=not kept),
            chosen=first.unit,
            runner_up=second.unit if second else None,
            difference_s=None if second is None else _behind_ms(first, second) // 1000,
            excluded=_told(kept + nearer),
        )

    def _rule(self, first: Candidate, *, nearest: bool) -> str:
        if first.kept is None:
            return "nearest_lawful" if nearest else "nearest_not_kept"
        if first.rank in (LEADING, BOUND):
            return first.kept
        return "reserve_in_time" if first.rank == IN_TIME else "reserve"

    def nobody(self) -> Why:
        """Why there is no candidate."""
        return Why(rule="nobody", excluded=_told(self.excluded))


def _behind_ms(first: Candidate, second: Candidate) -> int:
    """By how much the runner-up costs more; of a later rank by how much it is there later."""
    if second.rank == first.rank:
        return second.cost_ms - first.cost_ms
    return second.drive_ms - first.drive_ms


def _kept_back(nearer: Candidate, first: Candidate) -> str:
    """Why a nearer unit does not go: it is of a later rank, else its visit would be broken off."""
    return nearer.kept if nearer.kept and nearer.rank > first.rank else "visit"


def _told(barred: Sequence[Barred]) -> tuple[Excluded, ...]:
    return tuple(Excluded(unit=out.unit, rule=out.rule) for out in barred[:MOST_EXCLUDED])


def reason(state: State, week: str) -> str:
    """In one word why a slot waits, in this ISO week, that no unit may go to."""
    if not state.units:
        return "no_unit_on_duty" if week in state.held else "no_roster"
    busy = any(unit.status in BUSY for unit in state.units.values())
    return "all_busy" if busy else "none_lawful"


def ranking(state: State, incident: Incident, ground: Ground, now_ms: int) -> Ranking:
    """All units on duty, for an incident with a known place."""
    assert incident.spot is not None  # noqa: S101 - the caller queues those without
    units = list(state.units.values())
    drives = ground.drive_ms([unit.spot for unit in units], incident.spot)
    candidates, excluded = [], []
    for unit, drive_ms in zip(units, drives, strict=True):
        rule = _excluded_by(state, unit, incident, ground, now_ms, drive_ms)
        if rule is not None:
            excluded.append(Barred(drive_ms, unit.id, rule))
            continue
        cost_ms = drive_ms + break_cost_ms(state, unit, ground, now_ms)
        kept = _kept_by(unit, ground, now_ms)
        candidates.append(Candidate(RANKS[kept], cost_ms, unit.id, drive_ms, kept))
    best = min(candidates, default=None)
    if best is not None and best.rank == PATROL:
        most_ms = incident.due_ms - ground.eta_ms(now_ms, 0)
        if best.drive_ms > most_ms:
            candidates = [_released(one, most_ms) for one in candidates]
    return Ranking(tuple(sorted(candidates)), tuple(sorted(excluded)))


def unavailable(unit: Unit) -> str | None:
    """The rule for which a unit cannot be sent to an incident at all, whatever a person says."""
    if unit.status in BUSY:
        return "busy"
    return None if unit.status in ASSIGNABLE else "not_available"


def bars(
    state: State, unit: Unit, ground: Ground, road_class: str | None, *, refused: bool
) -> str | None:
    """The rule that keeps an available unit from any work, incident or visit.

    Args:
        state: For the breakers that have tripped.
        unit: The unit.
        ground: For the crew law.
        road_class: Of the road on which the work is.
        refused: Whether the unit has refused this work.
    """
    if refused:
        return "refused"
    if unit.id in state.tripped:
        return "breaker"
    if unit.stale:
        return "stale"
    return None if ground.lawful(unit.crew, road_class) else "crew_law"


def excluded_anywhere(
    state: State, unit: Unit, incident: Incident, ground: Ground, now_ms: int
) -> str | None:
    """The rule that keeps a unit from an incident, wherever the unit is."""
    rule = unavailable(unit) or bars(
        state, unit, ground, incident.road_class, refused=unit.id in incident.refused
    )
    if rule is not None:
        return rule
    if unit.kind in NEVER:
        return unit.kind
    if incident.priority > URGENT and unit.bound_until(now_ms) is not None:
        return "bound"
    return None


def _excluded_by(
    state: State, unit: Unit, incident: Incident, ground: Ground, now_ms: int, drive_ms: int
) -> str | None:
    """The rule that keeps a unit from an incident."""
    rule = excluded_anywhere(state, unit, incident, ground, now_ms)
    if rule is not None:
        return rule
    if drive_ms >= UNREACHABLE:
        return "unreachable"
    return "shift_over" if now_ms + drive_ms >= unit.end_ms else None


def _released(one: Candidate, most_ms: int) -> Candidate:
    """One of the reserve goes first if it is there within so long a drive."""
    in_time = one.rank == RESERVE and one.drive_ms <= most_ms
    return one._replace(rank=IN_TIME) if in_time else one


def _kept_by(unit: Unit, ground: Ground, now_ms: int) -> str | None:
    """The rule that keeps a unit back for something else; None of a patrol with time left."""
    if unit.bound_until(now_ms) is not None:
        return "bound"
    if unit.kind == "leader":
        return "leader"
    if unit.kind == "stand_by":
        return "stand_by"
    pending_ms = ground.settings.dispatch.shift_pending_min * 60_000
    return "shift_pending" if unit.end_ms - now_ms <= pending_ms else None


def break_cost_ms(state: State, unit: Unit, ground: Ground, now_ms: int) -> int:
    """What breaking off a unit's visit costs: its full price at the end of the dwell."""
    order = state.orders.get(unit.order) if unit.order else None
    visit = state.visits.get(order.about.visit) if order and order.about.visit else None
    if visit is None or visit.inside_ms is None:
        return 0
    stood_ms = min(max(0, now_ms - visit.inside_ms), visit.dwell_ms)
    price_ms = 1000 * ground.settings.dispatch.break_dwell_cost_s
    return price_ms * stood_ms // max(1, visit.dwell_ms)
