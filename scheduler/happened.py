"""What an area's journal says has happened: incidents and violations, next month's history.

Read as the journal grows. Only what the engine accepted counts, and each incident once: what was
merged into another or cancelled is no incident, a duplicate was never accepted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from config.cells import LONGEST_SERVICE_S
from config.ids import AreaId, IncidentId, OrderId, UnitId
from config.where import NAMES
from events import ports
from events.decisions import IncidentClosed, Line, OrderEnded
from events.event import moment_ms
from events.facts import Accepted, Position
from events.frame import Fold, Folded, Frame
from events.kinds import CommandGiven, IncidentReported, SignedIn, ViolationRecorded
from events.ports import Streams
from scheduler.recorded import Recorded

NEVER_WERE = frozenset(("merged", "cancelled"))
"""Ends of an incident that make it none."""


@dataclass(slots=True)
class _Incident:
    """One incident as far as the journal tells it. unit, arrived_ms: which was first on scene."""

    id: IncidentId
    at: str
    kind: str
    severity: str
    where: dict[str, Any]
    unit: UnitId | None = None
    arrived_ms: int | None = None
    service_s: int | None = None

    def told(self) -> dict[str, Any]:
        """As normal data. Seconds on scene are those of the first unit."""
        return {
            "incident": self.id, "at": self.at, "kind": self.kind, "severity": self.severity,
            "service_s": self.service_s, "where": self.where,
        }  # fmt: skip


@dataclass(slots=True)
class Happened:
    """A reader of an area's journal; nothing is read before it is asked."""

    bus: Streams
    area: AreaId
    _fold: Fold = field(init=False)
    _violations: list[dict[str, Any]] = field(default_factory=list)
    _incidents: dict[IncidentId, _Incident] = field(default_factory=dict)
    _first: dict[OrderId, _Incident] = field(default_factory=dict)
    """By the order of the unit that was first on scene, while it is there."""
    _never: set[IncidentId] = field(default_factory=set)
    _seen: dict[UnitId, dict[str, Any]] = field(default_factory=dict)
    """Where each unit was last."""

    def __post_init__(self) -> None:
        """Begin at the journal's start."""
        self._fold = Fold(self.area)

    def violations(self) -> tuple[dict[str, Any], ...]:
        """All violations, as normal data of their events."""
        self._catch_up()
        return tuple(self._violations)

    def incidents(self) -> tuple[dict[str, Any], ...]:
        """All incidents: id, time, kind, severity, seconds on scene (or None), and where.

        `where` is empty for one that nobody has located.
        """
        self._catch_up()
        return tuple(one.told() for key, one in self._incidents.items() if key not in self._never)

    def joined(self, recorded: Recorded) -> Recorded:
        """What was reported, with all that has happened until now."""
        return replace(recorded, violations=self.violations(), incidents=self.incidents())

    def _catch_up(self) -> None:
        journal = ports.journal(self.area)
        while found := self.bus.read(journal, self._fold.position):
            for stored in found:
                taken = self._fold.accept(stored.position, stored.value)
                if isinstance(taken, Folded):
                    self._take(taken.frame)

    def _take(self, frame: Frame) -> None:
        """Facts first, then what was decided on them."""
        for fact in frame.facts:
            if isinstance(fact, Position):
                self._seen[fact.unit] = {"edge": fact.edge, "along_m": fact.along_m}
            elif isinstance(fact, Accepted):
                self._fact(fact, frame)
        for decision in frame.decisions:
            match decision:
                case Line(kind="arrived", about=about) if about is not None and about.incident:
                    self._arrived(about.incident, decision)
                case OrderEnded(how="done"):
                    self._left(decision.order, frame)
                case IncidentClosed() if decision.how in NEVER_WERE:
                    self._never.add(decision.incident)

    def _fact(self, fact: Accepted, frame: Frame) -> None:
        if fact.kind == ViolationRecorded.type():
            self._violations.append(fact.data)
        elif fact.kind == IncidentReported.type():
            self._reported(fact)
        elif fact.kind == SignedIn.type() and (where := _where(fact.data)):
            self._seen[UnitId(str(fact.data["unit"]))] = where
        elif fact.kind == CommandGiven.type() and fact.data.get("incident") in _located(frame):
            known = self._incidents.get(IncidentId(str(fact.data["incident"])))
            if known is not None and fact.data["command"] == "locate":
                known.where = _where(fact.data)

    def _reported(self, fact: Accepted) -> None:
        told = fact.data
        if fact.incident is None or fact.incident in self._incidents:
            return
        where = _where(told) or dict(self._seen.get(UnitId(str(told.get("unit"))), {}))
        self._incidents[fact.incident] = _Incident(
            fact.incident, str(told.get("occurred_at") or told["at"]), str(told["kind"]),
            str(told.get("severity", "none")), where,
        )  # fmt: skip

    def _arrived(self, incident: IncidentId, line: Line) -> None:
        known = self._incidents.get(incident)
        if known is None or known.arrived_ms is not None or line.order is None:
            return
        known.unit, known.arrived_ms = line.unit, line.arrived_ms
        self._first[line.order] = known

    def _left(self, order: OrderId, frame: Frame) -> None:
        """The first unit is done: when it said so, or a person closed the incident."""
        known = self._first.pop(order, None)
        if known is not None and known.arrived_ms is not None:
            ended_ms = max(_said_ms(frame, known), default=frame.time_ms)
            stay_s = (ended_ms - known.arrived_ms) // 1000
            known.service_s = stay_s if 0 < stay_s <= LONGEST_SERVICE_S else None


def _where(told: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of normal data that say where."""
    return {name: told[name] for name in NAMES if told.get(name) is not None}


def _said_ms(frame: Frame, known: _Incident) -> Iterator[int]:
    """Times of what the unit, or a person about the incident, said in a frame."""
    for fact in frame.facts:
        if isinstance(fact, Accepted) and "at" in fact.data:
            own = known.unit is not None and fact.data.get("unit") == known.unit
            if own or fact.data.get("incident") == known.id:
                yield moment_ms(str(fact.data["at"]))


def _located(frame: Frame) -> set[IncidentId | None]:
    """Incidents of which a person found out where they are, and the engine took it."""
    lines = (one for one in frame.decisions if isinstance(one, Line))
    return {one.about.incident for one in lines if one.about and one.text == "command.located"}
