"""Key figures of a stretch of time, counted from the journal and from nothing else.

The formulas are the domain's: numerators and denominators are kept, so that figures of several
stretches can be added up before they are divided.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from statistics import median

from config.settings import Visits
from dispatch.state import State
from events.frame import Frame
from events.incidents import Course, Incidents
from events.promises import Promises, nine_of_ten


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
    calls: tuple[Course, ...] = field(default=())
    """Incidents that asked for units; none that was merged or cancelled."""
    visits_proved: int = 0
    """Of those made: by a photo or a sign-in, no track tells of them."""

    @property
    def answered(self) -> list[float]:
        """Response times, seconds, in rising order."""
        return sorted(
            call.response_ms / 1000 for call in self.calls if call.response_ms is not None
        )  # fmt: skip

    @property
    def median_s(self) -> float | None:
        """Median response."""
        return median(self.answered) if self.answered else None

    @property
    def p90_s(self) -> float | None:
        """What nine of ten responses do not exceed (nearest rank)."""
        return nine_of_ten(self.answered)

    @property
    def off_s(self) -> float | None:
        """By what nine of ten arrivals at most missed the time told with their order."""
        return nine_of_ten(sorted(
            abs(call.arrived_ms - call.eta_ms) / 1000
            for call in self.calls if call.arrived_ms is not None and call.eta_ms is not None
        ))  # fmt: skip

    @property
    def late(self) -> int:
        """Calls whose first unit came, or is still to come, after the target time."""
        return sum(1 for call in self.calls if _late(call, self.until_ms))

    @property
    def waited(self) -> int:
        """Calls of which a slot had to wait."""
        return sum(1 for call in self.calls if call.waited)


def _late(call: Course, until_ms: int) -> bool:
    """Nobody is awaited any more where a call was ended before a unit came."""
    answered_ms = call.arrived_ms or call.ended_ms or until_ms
    return call.due_ms is not None and answered_ms > call.due_ms


def figures(
    frames: Iterable[Frame], state: State, since_ms: int, until_ms: int, usual: Visits
) -> Figures:
    """The figures of [since, until), from all frames up to then and the state after them."""
    incidents, promises = Incidents(), Promises(usual)
    for frame in frames:
        incidents.take(frame)
        promises.take(frame)
    calls = [c for c in incidents.were() if c.slots and since_ms <= c.reported_ms < until_ms]
    duties, visits = promises.duties(since_ms, until_ms), promises.visits(since_ms, until_ms)
    return Figures(
        since_ms, until_ms, duties.due, duties.signed_in,
        visits.due, visits.made, visits.missed, tuple(_due(call, state) for call in calls),
        visits.proved,
    )  # fmt: skip


def _due(call: Course, state: State) -> Course:
    """A call for which no unit was ordered yet has its target time in the state."""
    waiting = state.incidents.get(call.id)
    if call.due_ms is not None or waiting is None:
        return call
    return replace(call, due_ms=waiting.due_ms)
