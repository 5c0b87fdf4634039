"""Which unit can make a visit: pure, integers only."""

from typing import NamedTuple

from config.cells import DutyKind
from config.ids import UnitId
from dispatch.ground import Ground
from dispatch.policy import bars
from dispatch.state import State, Unit, Visit
from dispatch.visits import drive_ms, refusal
from events.decisions import Excluded, Why

PATROLS: frozenset[DutyKind] = frozenset(("patrol",))
"""Duties whose units may be given a visit that was not planned for them."""


class Choice(NamedTuple):
    """A unit that can make a visit, and how far away it is; the nearest sorts first."""

    drive_ms: int
    unit: UnitId


class Choices(NamedTuple):
    """Who can make a visit, the nearest first; who cannot, and by which rule."""

    units: tuple[Choice, ...]
    excluded: tuple[Excluded, ...]

    def why(self, rule: str) -> Why:
        """Why the nearest is chosen."""
        first, second = self.units[0], next(iter(self.units[1:]), None)
        return Why(
            rule=rule,
            chosen=first.unit,
            runner_up=None if second is None else second.unit,
            difference_s=None if second is None else (second.drive_ms - first.drive_ms) // 1000,
            excluded=self.excluded,
        )


def keeps_from(
    state: State, unit: Unit, visit: Visit, ground: Ground, now_ms: int, drive: int
) -> str | None:
    """The rule that keeps a unit, `drive` ms away, from making a visit now; None: it can."""
    if unit.order is not None:
        return "busy"
    if unit.status != "free" or unit.leaving:
        return "not_available"
    road_class = ground.road_class(visit.spot)
    rule = bars(state, unit, ground, road_class, refused=refusal(unit.id) in visit.said)
    if rule is not None:
        return rule
    there_ms = now_ms + drive
    if there_ms > visit.due_ms:
        return "too_late"
    leave_ms = max(there_ms, visit.window_start_ms) + visit.dwell_ms
    return "shift_over" if leave_ms > unit.end_ms else None


def choices(
    state: State, visit: Visit, ground: Ground, now_ms: int, but: UnitId | None
) -> Choices:  # fmt: skip
    """The patrols of the visit's squadron that could make it now, without the one named."""
    found: list[Choice] = []
    excluded: list[Excluded] = []
    for unit in state.units.values():
        if unit.squadron != visit.squadron or unit.id == but or unit.kind not in PATROLS:
            continue
        drive = drive_ms(visit, unit.spot, ground)
        rule = keeps_from(state, unit, visit, ground, now_ms, drive)
        if rule is None:
            found.append(Choice(drive, unit.id))
        else:
            excluded.append(Excluded(unit=unit.id, rule=rule))
    return Choices(tuple(sorted(found)), tuple(sorted(excluded, key=lambda out: out.unit)))
