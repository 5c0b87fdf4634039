"""What a journal says of each incident: reported, where, who was first, when that unit left, ended.

Read from facts and decisions alone: console lines tell what was decided, they are no data. Pure:
frames go in, in their order, courses come out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.durations import DAY_MS
from config.ids import IncidentId, OrderId, UnitId
from config.where import NAMES
from events.decisions import (
    Decision,
    IncidentClosed,
    IncidentEnd,
    Order,
    OrderEnded,
    Queued,
    Remains,
)
from events.event import moment_ms
from events.facts import Accepted, Position
from events.frame import Frame
from events.kinds import CommandGiven, IncidentReported, SignedIn, StatusReported

NEVER_WERE = frozenset(("merged", "cancelled"))
"""Ends of an incident that make it none."""
CLOSED_KEPT_MS = DAY_MS
"""So long after its close an incident is known by its id, can be merged into or reported again;
then the id is a new incident's."""
MOST_LATE_MS = 31 * DAY_MS
"""So long after it happened an incident is reported at most: a time farther off was mistyped, or
is what a machine sends that knows none (year 1). One such would begin the history with it."""
MOST_AHEAD_MS = 31 * DAY_MS
"""So long before its appointed time an incident is reported at most."""
APPOINTED = "appointed"
"""Why a slot waits, as a frame has it, of what was put off: not for want of a unit."""
GONE = frozenset(("free", "out_of_service"))
"""What a unit says of itself when it has no order any more."""
HURT = frozenset(("injury", "fatal"))


def is_forgotten(closed_ms: int | None, time_ms: int) -> bool:
    """Whether the id of an incident is free again; None: it is open."""
    return closed_ms is not None and closed_ms <= time_ms - CLOSED_KEPT_MS


def somebody_hurt(told: Mapping[str, Any]) -> bool:
    """Whether a report, by its fields, tells of people who are hurt: then units go, and now."""
    return told.get("severity") in HURT or bool(told.get("injured"))


def appointed_ms(told: Mapping[str, Any]) -> int:
    """Until when a report, in normal form, puts its units off; 0: it does not.

    Nobody waits who is hurt, and a time that is past or far off was mistyped.
    """
    text = told.get("scheduled_at")
    if text is None or somebody_hurt(told):
        return 0
    at_ms, then_ms = moment_ms(str(told["at"])), moment_ms(str(text))
    return then_ms if at_ms < then_ms <= at_ms + MOST_AHEAD_MS else 0


@dataclass(slots=True)
class Course:
    """One incident as far as the journal tells it; moments in Unix ms, None: not yet.

    told: Normal data of its report; of several, the greatest severity. where: The fields that say
    where; empty: nobody knows. slots: Units due. due_ms: When the first of them has to be there,
    once one was ordered.
    waited: A slot had to wait for a unit. unit, order: Which was first on scene; eta_ms: when its
    order said that it would be. since_ms: From when its response counts: from its report, from
    the time appointed in it, or from the report that made it urgent before.
    """

    id: IncidentId
    told: Mapping[str, Any]
    reported_ms: int
    slots: int = 0
    where: dict[str, Any] = field(default_factory=dict)
    due_ms: int | None = None
    waited: bool = False
    unit: UnitId | None = None
    order: OrderId | None = None
    eta_ms: int | None = None
    arrived_ms: int | None = None
    left_ms: int | None = None
    how: IncidentEnd | None = None
    ended_ms: int | None = None
    since_ms: int = 0

    def __post_init__(self) -> None:
        """Of its report alone."""
        self.since_ms = self.since_ms or max(self.reported_ms, appointed_ms(self.told))

    @property
    def was(self) -> bool:
        """Whether there was such an incident: no second report of another, no false alarm."""
        return self.how not in NEVER_WERE

    @property
    def severity(self) -> str:
        """The greatest that was told of it."""
        return str(self.told.get("severity", "none"))

    @property
    def response_ms(self) -> int | None:
        """From the report, or the time until which it was put off, until a unit was there.

        None: none was.
        """
        return None if self.arrived_ms is None else max(0, self.arrived_ms - self.since_ms)

    @property
    def occurred_ms(self) -> int | None:
        """When it happened as its report says, at the latest then; None: that says nothing."""
        text = self.told.get("occurred_at")
        at_ms = None if text is None else moment_ms(str(text))
        if at_ms is None or abs(self.reported_ms - at_ms) > MOST_LATE_MS:
            return None
        return min(at_ms, self.reported_ms)


@dataclass(slots=True)
class Incidents:
    """The courses of all incidents that the frames taken so far tell of."""

    courses: list[Course] = field(default_factory=list)
    """In the order of their reports."""
    known: dict[IncidentId, Course] = field(default_factory=dict)
    """Of an id that was used again the newest."""
    _held: dict[UnitId, Order] = field(default_factory=dict)
    """The order of each unit that is sent to an incident."""
    _first: dict[OrderId, Course] = field(default_factory=dict)
    """By the order of the unit that was first on scene, while it is there."""
    _seen: dict[UnitId, dict[str, Any]] = field(default_factory=dict)
    """Where each unit was last."""

    def were(self) -> tuple[Course, ...]:
        """Those that were, in the order of their reports."""
        return tuple(one for one in self.courses if one.was)

    def take(self, frame: Frame) -> None:
        """An accepted frame: facts first, then what was decided on them."""
        for fact in frame.facts:
            if isinstance(fact, Position):
                self._seen[fact.unit] = {"edge": fact.edge, "along_m": fact.along_m}
                if fact.change == "arrived":
                    self._arrived(fact.unit, fact.at_ms)
            elif isinstance(fact, Accepted) and fact.counts:
                self._accepted(fact, frame.time_ms)
        for decision in frame.decisions:
            self._decided(decision, frame)

    def _accepted(self, fact: Accepted, time_ms: int) -> None:
        told = fact.data
        unit = UnitId(str(told.get("unit")))
        if fact.kind == IncidentReported.type():
            self._reported(fact, time_ms)
        elif fact.kind == SignedIn.type() and (where := _where(told)):
            self._seen[unit] = where
        elif fact.kind == StatusReported.type() and told["status"] == "on_scene":
            self._arrived(unit, moment_ms(str(told["at"])))
        elif fact.kind == StatusReported.type() and told["status"] in GONE:
            self._held.pop(unit, None)
        elif fact.kind == CommandGiven.type() and told["command"] == "locate":
            course = self.known.get(IncidentId(str(told.get("incident"))))
            if course is not None and course.how is None:
                course.where = _where(told)

    def _reported(self, fact: Accepted, time_ms: int) -> None:
        told, known = fact.data, self.known.get(fact.incident or IncidentId(""))
        is_known = known is not None and not is_forgotten(known.ended_ms, time_ms)
        if fact.incident is None or is_known:
            return
        course = self.known[fact.incident] = Course(
            fact.incident, told, moment_ms(str(told["at"])), fact.slots or 0,
            _where(told) or dict(self._seen.get(UnitId(str(told.get("unit"))), {})),
        )  # fmt: skip
        self.courses.append(course)

    def _arrived(self, unit: UnitId, at_ms: int) -> None:
        order = self._held.get(unit)
        course = self._course(order)
        if order is not None and course is not None and course.arrived_ms is None:
            course.unit, course.order, course.arrived_ms = unit, order.id, at_ms
            course.eta_ms = order.eta_ms
            self._first[order.id] = course

    def _decided(self, decision: Decision, frame: Frame) -> None:
        match decision:
            case Order() if (course := self._course(decision)) is not None:
                self._held[decision.unit] = decision
                course.due_ms = course.due_ms or decision.due_ms
            case OrderEnded():
                self._ended(decision, frame)
            case Queued() if decision.incident in self.known and decision.reason != APPOINTED:
                self.known[decision.incident].waited = True
            case IncidentClosed() if decision.incident in self.known:
                course = self.known[decision.incident]
                course.how, course.ended_ms = decision.how, frame.time_ms
                into = self.known.get(decision.into or IncidentId(""))
                if into is not None and into.how is None and decision.remains is not None:
                    _join(into, course, decision.remains)
                    if decision.remains.place_of is not None:
                        into.where = self.known[decision.remains.place_of].where

    def _ended(self, ended: OrderEnded, frame: Frame) -> None:
        """The first unit is done: when it said so, or a person closed the incident."""
        self._held = {unit: one for unit, one in self._held.items() if one.id != ended.order}
        course = self._first.pop(ended.order, None)
        if course is not None and ended.how == "done":
            course.left_ms = max(_said_ms(frame, course), default=frame.time_ms)

    def _course(self, order: Order | None) -> Course | None:
        """The incident that an order is about; None for a visit's."""
        incident = None if order is None else order.about.incident
        return None if incident is None else self.known.get(incident)


def _join(into: Course, second: Course, remains: Remains) -> None:
    """What remains of two reports of one incident is as grave as the graver of them.

    What was put off and is no longer counts from the report that says so.
    """
    into.told, into.slots = {**into.told, "severity": remains.severity}, remains.slots
    into.since_ms = min(into.since_ms, max(second.since_ms, remains.appointed_ms))


def _where(told: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of normal data that say where."""
    return {name: told[name] for name in NAMES if told.get(name) is not None}


def _said_ms(frame: Frame, course: Course) -> Iterator[int]:
    """Times of what the unit, or a person about the incident, said in a frame."""
    for fact in frame.facts:
        if isinstance(fact, Accepted) and "at" in fact.data:
            own = course.unit is not None and fact.data.get("unit") == course.unit
            if own or fact.data.get("incident") == course.id:
                yield moment_ms(str(fact.data["at"]))
