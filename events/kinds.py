"""All events, by class and by CloudEvents type."""

from events.event import Event, Part, moment_ms, moment_text
from events.live import (
    CheckResult,
    CommandGiven,
    HazardChanged,
    IncidentReported,
    OrderAnswered,
    PositionReported,
    SightingReported,
    SignedIn,
    StatusReported,
    ViolationRecorded,
    VisitProof,
    WatchlistChanged,
)
from events.planning import (
    AbsenceReported,
    ClockSet,
    DraftApproved,
    DraftEdited,
    DraftWithdrawn,
    DutyRostered,
    Edit,
    PlanRequested,
    RosterPublished,
    VehicleWithdrawn,
    Visit,
)

EVENTS: tuple[type[Event], ...] = (
    IncidentReported, SightingReported, PositionReported, StatusReported, SignedIn, OrderAnswered,
    CheckResult, ViolationRecorded, VisitProof, AbsenceReported, VehicleWithdrawn, CommandGiven,
    WatchlistChanged, HazardChanged, PlanRequested, DraftEdited, DraftApproved, DraftWithdrawn,
    RosterPublished, DutyRostered, ClockSet,
)  # fmt: skip
BY_TYPE: dict[str, type[Event]] = {event.type(): event for event in EVENTS}
PLANNERS = frozenset(event.type() for event in (
    AbsenceReported, VehicleWithdrawn, PlanRequested, DraftEdited, DraftApproved, DraftWithdrawn,
))  # fmt: skip
"""Types on which the planner alone acts, however late: that the engine takes none so late tells
nobody anything."""

__all__ = [
    "BY_TYPE",
    "EVENTS",
    "PLANNERS",
    "AbsenceReported",
    "CheckResult",
    "ClockSet",
    "CommandGiven",
    "DraftApproved",
    "DraftEdited",
    "DraftWithdrawn",
    "DutyRostered",
    "Edit",
    "Event",
    "HazardChanged",
    "IncidentReported",
    "OrderAnswered",
    "Part",
    "PlanRequested",
    "PositionReported",
    "RosterPublished",
    "SightingReported",
    "SignedIn",
    "StatusReported",
    "VehicleWithdrawn",
    "ViolationRecorded",
    "Visit",
    "VisitProof",
    "WatchlistChanged",
    "moment_ms",
    "moment_text",
]
