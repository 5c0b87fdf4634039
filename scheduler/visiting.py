"""What a journal says of planned visits: made or not, and what the unit found while it was there.

Whether a visit was made is counted as for the key figures. Pure: frames go in.
"""

from dataclasses import InitVar, dataclass, field
from typing import Any

from config.durations import MINUTE_MS
from config.ids import UnitId
from config.settings import Visits
from events.event import moment_ms
from events.facts import Accepted
from events.frame import Frame
from events.kinds import CheckResult, ViolationRecorded
from events.promises import Over, Promises, Stay

AFTER_MS = 5 * MINUTE_MS
"""So long after it left a unit still enters what it found there."""
FINDS = frozenset(("stop", "vehicle", "licence", "breath_test", "other"))
"""Checks of drivers and vehicles: a spot check is of one's own people."""
FOUND = frozenset(("positive", "stopped"))


@dataclass(slots=True)
class Visiting:
    """Of all frames taken so far."""

    usual: InitVar[Visits]
    _promises: Promises = field(init=False)
    _violations: dict[UnitId, list[int]] = field(default_factory=dict)
    """When each unit recorded one, Unix ms."""
    _checks: dict[UnitId, list[tuple[int, int]]] = field(default_factory=dict)
    """When each unit checked, and how often it found something."""

    def __post_init__(self, usual: Visits) -> None:
        """`usual`: what holds of visits whose plan says less."""
        self._promises = Promises(usual)

    def take(self, frame: Frame) -> None:
        """An accepted frame, in its order."""
        self._promises.take(frame)
        for fact in frame.facts:
            if isinstance(fact, Accepted) and fact.counts and fact.data.get("unit"):
                self._accepted(fact.kind, fact.data, UnitId(str(fact.data["unit"])))

    def visits(self) -> tuple[dict[str, Any], ...]:
        """Visits that are over: must_arrive, place, at_ms and end_ms (of the stay, Unix ms), made.

        `stood_ms`: how long the unit was there. `found`: violations that it recorded meanwhile,
        or what its checks found, whichever is more: who finds one in a check records both.
        """
        return tuple(self._told(one) for one in self._promises.over() if one.place is not None)

    def _accepted(self, kind: str, told: dict[str, Any], unit: UnitId) -> None:
        at_ms = moment_ms(str(told["at"]))
        if kind == ViolationRecorded.type():
            self._violations.setdefault(unit, []).append(at_ms)
        elif kind == CheckResult.type() and told["kind"] in FINDS:
            found = max(int(told.get("positives", 0)), int(told["outcome"] in FOUND))
            self._checks.setdefault(unit, []).append((at_ms, found))

    def _told(self, over: Over) -> dict[str, Any]:
        stays = over.stays
        found = sum(self._found(one) for one in stays)
        return {
            "must_arrive": over.must_arrive, "place": over.place,
            "at_ms": min((one.start_ms for one in stays), default=over.window.start_ms),
            "end_ms": max((one.end_ms for one in stays), default=over.window.end_ms),
            "made": over.made, "found": found,
            "stood_ms": sum(one.end_ms - one.start_ms for one in stays),
        }  # fmt: skip

    def _found(self, stay: Stay) -> int:
        last_ms = stay.end_ms + AFTER_MS
        seen = self._violations.get(stay.unit, ())
        checks = self._checks.get(stay.unit, ())
        return max(
            sum(stay.start_ms <= at_ms < last_ms for at_ms in seen),
            sum(found for at_ms, found in checks if stay.start_ms <= at_ms < last_ms),
        )
