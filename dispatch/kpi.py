"""Key figures of a stretch of time, counted from the journal and from nothing else.

The formulas are the domain's: numerators and denominators are kept, so that figures of several
stretches can be added up before they are divided.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median

from config.ids import DutyId, IncidentId
from dispatch.dues import GRACE_MS
from dispatch.state import State
from events.decisions import IncidentClosed, Line, Queued
from events.event import moment_ms
from events.facts import Accepted
from events.frame import Frame
from events.kinds import SignedIn


@dataclass(slots=True)
class Call:
    """One incident that asked for units, on its way through the three clocks."""

    incident: IncidentId
    kind: str
    reported_ms: int
    due_ms: int | None = None
    arrived_ms: int | None = None
    closed_ms: int | None = None
    waited: bool = False
    """A slot of it had to wait for a unit."""

    @property
    def response_s(self) -> float | None:
        """Reported to arrived, seconds; None when nobody has arrived."""
        return None if self.arrived_ms is None else (self.arrived_ms - self.reported_ms) / 1000

    def late(self, until_ms: int) -> bool:
        """Whether the first unit came, or is still to come, after the target time."""
        return self.due_ms is not None and (self.arrived_ms or until_ms) > self.due_ms


@dataclass(frozen=True, slots=True)
class Figures:
    """What was planned and what became of it, between two moments."""

    since_ms: int
    until_ms: int
    duties: int
    signed_in: int
    """Of them: signed in at most 15 min after their start."""
    visits_due: int
    visits_made: int
    visits_missed: int
    calls: tuple[Call, ...] = field(default=())

    @property
    def answered(self) -> list[float]:
        """Response times, seconds, in rising order."""
        return sorted(s for call in self.calls if (s := call.response_s) is not None)

    @property
    def median_s(self) -> float | None:
        """Median response."""
        return median(self.answered) if self.answered else None

    @property
    def p90_s(self) -> float | None:
        """What nine of ten responses do not exceed (nearest rank)."""
        times = self.answered
        return times[-(-9 * len(times) // 10) - 1] if times else None

    @property
    def late(self) -> int:
        """Calls answered after their target time."""
        return sum(1 for call in self.calls if call.late(self.until_ms))

    @property
    def waited(self) -> int:
        """Calls of which a slot had to wait."""
        return sum(1 for call in self.calls if call.waited)


def figures(frames: Iterable[Frame], state: State, since_ms: int, until_ms: int) -> Figures:
    """The figures of [since, until), from all frames up to then and the state after them."""
    calls: dict[IncidentId, Call] = {}
    signed: dict[DutyId, int] = {}
    for frame in frames:
        _facts(frame, calls, signed)
        _decisions(frame, calls)
    duties = [d for d in state.duties.values() if since_ms <= d.start_ms < until_ms]
    visits = [v for v in state.visits.values() if since_ms <= v.due_ms < until_ms and not v.carried]
    return Figures(
        since_ms, until_ms, len(duties),
        sum(1 for d in duties if signed.get(d.id, until_ms) <= d.start_ms + GRACE_MS),
        sum(1 for v in visits if v.status != "cancelled"),
        sum(1 for v in visits if v.status == "done"),
        sum(1 for v in visits if v.status in ("missed", "carried")),
        tuple(c for c in calls.values() if since_ms <= c.reported_ms < until_ms),
    )  # fmt: skip


def _facts(frame: Frame, calls: dict[IncidentId, Call], signed: dict[DutyId, int]) -> None:
    for fact in _accepted(frame):
        at_ms = moment_ms(str(fact.data["at"]))
        if fact.incident is not None and fact.slots:
            calls.setdefault(fact.incident, Call(fact.incident, str(fact.data.get("kind")), at_ms))
        elif fact.kind == SignedIn.type() and "duty" in fact.data:
            signed.setdefault(DutyId(str(fact.data["duty"])), at_ms)


def _accepted(frame: Frame) -> Iterator[Accepted]:
    return (fact for fact in frame.facts if isinstance(fact, Accepted))


def _decisions(frame: Frame, calls: dict[IncidentId, Call]) -> None:
    for decision in frame.decisions:
        match decision:
            case Line(about=about) if about is not None and about.incident in calls:
                call = calls[about.incident]
                call.due_ms = call.due_ms or decision.due_ms
                if decision.kind == "arrived" and call.arrived_ms is None:
                    call.arrived_ms = decision.arrived_ms
            case Queued() if decision.incident in calls:
                calls[decision.incident].waited = True
            case IncidentClosed() if decision.incident in calls:
                calls[decision.incident].closed_ms = frame.time_ms
