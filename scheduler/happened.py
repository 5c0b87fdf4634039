"""What an area's journal says has happened: next month's history.

Incidents, violations, hazards, who was out on the road when, what breath tests found, what became
of calls and of visits.

Read as the journal grows. Only what the engine accepted counts, and each incident once: what was
merged into another or cancelled is no incident, a duplicate was never accepted.
"""

from dataclasses import InitVar, dataclass, field, replace
from typing import Any

from config.cells import LONGEST_SERVICE_S
from config.ids import AreaId
from config.settings import Visits
from events.event import moment_text
from events.facts import Accepted
from events.frame import Fold, Frame
from events.incidents import Course, Incidents
from events.journals import accepted
from events.kinds import HazardChanged, ViolationRecorded
from events.ports import Streams
from scheduler.hazards import Hazards
from scheduler.on_duty import OnDuty
from scheduler.recorded import Recorded
from scheduler.visiting import Visiting

NO_CALL = frozenset((None, "merged", "self_initiated"))
"""Ends of an incident that say nothing of how calls are answered; None: it goes on."""


@dataclass(slots=True)
class Happened:
    """A reader of an area's journal; nothing is read before it is asked."""

    bus: Streams
    area: AreaId
    usual: InitVar[Visits]
    _fold: Fold = field(init=False)
    _violations: list[dict[str, Any]] = field(default_factory=list)
    _incidents: Incidents = field(default_factory=Incidents)
    _on_duty: OnDuty = field(default_factory=OnDuty)
    _visiting: Visiting = field(init=False)
    _hazards: Hazards = field(default_factory=Hazards)

    def __post_init__(self, usual: Visits) -> None:
        """Begin at the journal's start; `usual`: what holds of visits whose plan says less."""
        self._visiting = Visiting(usual)
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
        return tuple(_told(course) for course in self._incidents.were())

    def outcomes(self) -> tuple[dict[str, Any], ...]:
        """Calls that are over: ended_ms, kind, severity, whether anything was, and was answered.

        Second reports are left out, and what a unit came upon itself: it is no call.
        """
        self._catch_up()
        courses = self._incidents.courses
        return tuple(_ended(course) for course in courses if course.how not in NO_CALL)

    def joined(self, recorded: Recorded) -> Recorded:
        """What was reported, with all that has happened until now."""
        return replace(
            recorded, violations=self.violations(), incidents=self.incidents(),
            watches=self._on_duty.watches(), tests=self._on_duty.tests(),
            checks=self._on_duty.checks(), outcomes=self.outcomes(), visits=self._visiting.visits(),
            hazards=self._hazards.told(),
        )  # fmt: skip

    def _catch_up(self) -> None:
        for frame in accepted(self.bus, self.area, self._fold):
            self._take(frame)

    def _take(self, frame: Frame) -> None:
        self._incidents.take(frame)
        self._on_duty.take(frame)
        self._visiting.take(frame)
        for fact in frame.facts:
            if isinstance(fact, Accepted) and fact.kind == ViolationRecorded.type():
                self._violations.append(fact.data)
            elif isinstance(fact, Accepted) and fact.kind == HazardChanged.type():
                self._hazards.take(fact.data)


def _told(course: Course) -> dict[str, Any]:
    """An incident as normal data. Seconds on scene are those of the first unit."""
    told, occurred_ms = course.told, course.occurred_ms
    return {
        "incident": course.id,
        "at": str(told["at"]) if occurred_ms is None else moment_text(occurred_ms),
        "kind": str(told["kind"]), "severity": course.severity,
        "service_s": _service_s(course), "where": course.where,
    }  # fmt: skip


def _ended(course: Course) -> dict[str, Any]:
    """What became of a call. A unit that says it is done was there, seen to arrive or not."""
    return {
        "ended_ms": course.ended_ms, "kind": str(course.told["kind"]),
        "severity": course.severity, "was": course.was,
        "answered": course.arrived_ms is not None or course.how == "done",
    }  # fmt: skip


def _service_s(course: Course) -> int | None:
    if course.arrived_ms is None or course.left_ms is None:
        return None
    stay_s = (course.left_ms - course.arrived_ms) // 1000
    return stay_s if 0 < stay_s <= LONGEST_SERVICE_S else None
