"""Key figures of a month, counted from the engine's journal and from nothing else.

The formulas are the domain's; numerators and denominators are kept, so that figures can be added
up before they are divided. Pure: frames go in.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from config.settings import Visits
from events.event import moment_ms
from events.facts import Accepted
from events.frame import Frame
from events.incidents import Incidents
from events.kinds import CheckResult, HazardChanged
from events.promises import Promises, nine_of_ten

MINOR = frozenset(("damage", "none"))


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: `met` of `due`; or of `times`, seconds, the median and what 90 % stay under."""

    name: str
    met: int = 0
    due: int = 0
    times: tuple[float, ...] = ()

    @property
    def share(self) -> float | None:
        """`met` ÷ `due`, None where nothing was due."""
        return self.met / self.due if self.due else None

    @property
    def median_s(self) -> float | None:
        """The middle one."""
        return median(self.times) if self.times else None

    @property
    def p90_s(self) -> float | None:
        """What nine of ten do not exceed (nearest rank)."""
        return nine_of_ten(self.times)


@dataclass(slots=True)
class Counting:
    """Counts frame by frame; moments are those of the events, Unix ms."""

    since_ms: int
    until_ms: int
    promises: Promises
    _last_ms: int = 0
    _incidents: Incidents = field(default_factory=Incidents)
    _tests: list[tuple[int, int, int]] = field(default_factory=list)
    _hazards: dict[str, str] = field(default_factory=dict)

    def take(self, frame: Frame) -> None:
        """An accepted frame, in its order."""
        self._last_ms = frame.time_ms
        self._incidents.take(frame)
        self.promises.take(frame)
        for fact in frame.facts:
            if isinstance(fact, Accepted) and not (fact.reason or "").startswith("ignored:"):
                self._accepted(fact.kind, fact.data)

    def figures(self) -> tuple[Figure, ...]:
        """All figures of the stretch; those about nothing are left out."""
        calls = [c for c in self._incidents.were() if self._inside(c.reported_ms)]
        minor = [
            c for c in calls
            if c.told.get("kind") == "crash" and c.told.get("severity", "none") in MINOR
        ]  # fmt: skip
        video = sum(c.how == "video" for c in minor)
        found = [
            (c.reported_ms - moment_ms(str(c.told["occurred_at"]))) / 1000
            for c in calls if c.told.get("occurred_at")
        ]  # fmt: skip
        came = [c for c in calls if c.arrived_ms is not None]
        arrive = [((c.arrived_ms or 0) - c.reported_ms) / 1000 for c in came]
        resolve = [
            (c.left_ms - c.arrived_ms) / 1000
            for c in came if c.left_ms is not None and c.arrived_ms is not None
        ]  # fmt: skip
        duties = self.promises.duties(self.since_ms, self.until_ms)
        visits = self.promises.visits(self.since_ms, self.until_ms)
        tests = [test for test in self._tests if self._inside(test[0])]
        all_ = (
            Figure("implementation", duties.signed_in, duties.due),
            Figure("must_arrive", visits.made, visits.due),
            Figure("discover", times=tuple(max(t, 0.0) for t in found)),
            Figure("arrive", times=tuple(arrive)),
            Figure("resolve", times=tuple(resolve)),
            Figure("video", video, len(minor)),
            Figure("night_check", sum(p for _, _, p in tests), sum(n for _, n, _ in tests)),
            Figure(
                "rectified", sum(s == "verified" for s in self._hazards.values()),
                len(self._hazards),
            ),
        )  # fmt: skip
        return tuple(one for one in all_ if one.due or one.times)

    def _inside(self, at_ms: int) -> bool:
        return self.since_ms <= at_ms < min(self.until_ms, self._last_ms)

    def _accepted(self, kind: str, told: dict[str, Any]) -> None:
        if kind == CheckResult.type() and told["kind"] == "breath_test":
            positive = int(told.get("positives", 0)) or int(told["outcome"] == "positive")
            at_ms = moment_ms(str(told["at"]))
            self._tests.append((at_ms, int(told.get("tested", 1)), positive))
        elif kind == HazardChanged.type():
            self._hazards[str(told["hazard"])] = str(told["change"])


def figures(
    frames: Iterable[Frame], since_ms: int, until_ms: int, usual: Visits
) -> tuple[Figure, ...]:
    """The figures of [since, until) from an area's frames; what is still to come is left out."""
    counting = Counting(since_ms, until_ms, Promises(usual))
    for frame in frames:
        counting.take(frame)
    return counting.figures()
