"""What is open after a frame, folded from the frames alone: no engine is asked.

So it can be compared with what the engine says.
"""

from dataclasses import dataclass, field
from typing import Any

from config.ids import AreaId, IncidentId, OrderId
from events.decisions import IncidentClosed, Order, OrderEnded, Queued
from events.facts import Accepted
from events.frame import Frame
from events.incidents import is_forgotten
from events.kinds import IncidentReported


@dataclass(slots=True)
class _Incident:
    slots: int = 0
    queued: set[int] = field(default_factory=set)
    done: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Open:
    """Orders without an end and incidents without a close, after the last frame."""

    area: AreaId
    seq: int = 0
    orders: dict[OrderId, Order] = field(default_factory=dict)
    incidents: dict[IncidentId, _Incident] = field(default_factory=dict)
    closed: dict[IncidentId, int] = field(default_factory=dict)
    """When each was; what is reported under its id later than a day after that is a new one."""

    def apply(self, frame: Frame) -> None:
        """Take an accepted frame."""
        self.seq = frame.seq
        for fact in frame.facts:
            if isinstance(fact, Accepted):
                self._accepted(fact, frame.time_ms)
        for decision in frame.decisions:
            match decision:
                case Order():
                    self.orders[decision.id] = decision
                    incident = self._of(decision.about.incident)
                    incident.queued.discard(decision.slot)
                    incident.done.discard(decision.slot)
                case OrderEnded():
                    self._ended(decision)
                case Queued():
                    self._of(decision.incident).queued.add(decision.slot)
                case IncidentClosed():
                    self.incidents.pop(decision.incident, None)
                    self.closed[decision.incident] = frame.time_ms
                    if decision.remains is not None:
                        self._of(decision.into).slots = decision.remains.slots

    def _of(self, name: IncidentId | None) -> _Incident:
        """The open incident of that name; one that nobody keeps where there is none."""
        found = None if name is None else self.incidents.get(name)
        return found or _Incident()

    def _ended(self, ended: OrderEnded) -> None:
        order = self.orders.pop(ended.order, None)
        if order is not None and ended.how == "done":
            self._of(order.about.incident).done.add(order.slot)

    def _accepted(self, fact: Accepted, time_ms: int) -> None:
        """An incident is opened by its report; other events may change how many units are due."""
        if fact.incident is None or not fact.counts:
            return
        closed_ms = self.closed.get(fact.incident)
        if closed_ms is not None and not is_forgotten(closed_ms, time_ms):
            return
        if fact.kind == IncidentReported.type():
            self.incidents.setdefault(fact.incident, _Incident())
        if fact.slots is not None and fact.incident in self.incidents:
            self.incidents[fact.incident].slots = fact.slots

    def row(self) -> dict[str, Any]:
        """As `snapshot.jsonl` has it."""
        return {
            "area": self.area,
            "seq": self.seq,
            "open_orders": list(self.orders),
            "open_incidents": [
                {
                    "incident": name,
                    "slots": one.slots,
                    "queued": sorted(one.queued),
                    "done": sorted(one.done),
                }
                for name, one in self.incidents.items()
            ],
        }
