"""Key figures of a month, counted from the engine's journal and from nothing else.

The formulas are the domain's; numerators and denominators are kept, so that figures can be added
up before they are divided. Pure: frames go in.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from config.ids import OrderId
from events.decisions import Order, OrderEnded
from events.event import moment_ms
from events.facts import Accepted
from events.frame import Frame
from events.incidents import Incidents
from events.kinds import CheckResult, DutyRostered, HazardChanged, SignedIn

GRACE_MS = 15 * 60_000
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
        times = sorted(self.times)
        return times[-(-9 * len(times) // 10) - 1] if times else None


@dataclass(slots=True)
class _Week:
    """What a roster version asks for: when each duty starts, when each visit is due."""

    version: int
    duties: dict[str, int] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Counting:
    """Counts frame by frame; moments are those of the events, Unix ms."""

    since_ms: int
    until_ms: int
    _last_ms: int = 0
    _incidents: Incidents = field(default_factory=Incidents)
    _weeks: dict[str, "_Week"] = field(default_factory=dict)
    _signed: dict[str, int] = field(default_factory=dict)
    _made: set[str] = field(default_factory=set)
    _orders: dict[OrderId, str] = field(default_factory=dict)
    _tests: list[tuple[int, int, int]] = field(default_factory=list)
    _hazards: dict[str, str] = field(default_factory=dict)

    def take(self, frame: Frame) -> None:
        """An accepted frame, in its order."""
        self._last_ms = frame.time_ms
        self._incidents.take(frame)
        for fact in frame.facts:
            if isinstance(fact, Accepted) and not (fact.reason or "").startswith("ignored:"):
                self._accepted(fact.kind, fact.data)
        for decision in frame.decisions:
            if isinstance(decision, Order) and decision.about.visit is not None:
                self._orders[decision.id] = decision.about.visit
            elif isinstance(decision, OrderEnded) and decision.how == "done":
                self._made.add(self._orders.get(decision.order, ""))

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
        weeks = self._weeks.values()
        duties = {n: t for week in weeks for n, t in week.duties.items() if self._inside(t)}
        held = [n for n, t in duties.items() if self._signed.get(n, 1 << 62) <= t + GRACE_MS]
        visits = {n for week in weeks for n, t in week.visits.items() if self._inside(t)}
        tests = [test for test in self._tests if self._inside(test[0])]
        all_ = (
            Figure("implementation", len(held), len(duties)),
            Figure("must_arrive", len(visits & self._made), len(visits)),
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

    def _rostered(self, told: dict[str, Any]) -> None:
        """A duty; the first of a newer version takes the place of all of an older one."""
        week, version = str(told["week"]), int(told["version"])
        held = self._weeks.get(week)
        if held is None or held.version < version:
            held = self._weeks[week] = _Week(version)
        if held.version == version:
            held.duties[str(told["duty"])] = moment_ms(str(told["start"]))
            for visit in told.get("visits", ()):
                if visit.get("visit"):
                    held.visits[str(visit["visit"])] = moment_ms(str(visit["arrive"]))

    def _inside(self, at_ms: int) -> bool:
        return self.since_ms <= at_ms < min(self.until_ms, self._last_ms)

    def _accepted(self, kind: str, told: dict[str, Any]) -> None:
        if kind == DutyRostered.type():
            self._rostered(told)
        elif kind == SignedIn.type() and "duty" in told:
            self._signed.setdefault(str(told["duty"]), moment_ms(str(told["at"])))
        elif kind == CheckResult.type() and told["kind"] == "breath_test":
            positive = int(told.get("positives", 0)) or int(told["outcome"] == "positive")
            at_ms = moment_ms(str(told["at"]))
            self._tests.append((at_ms, int(told.get("tested", 1)), positive))
        elif kind == HazardChanged.type():
            self._hazards[str(told["hazard"])] = str(told["change"])


def figures(frames: Iterable[Frame], since_ms: int, until_ms: int) -> tuple[Figure, ...]:
    """The figures of [since, until) from an area's frames; what is still to come is left out."""
    counting = Counting(since_ms, until_ms)
    for frame in frames:
        counting.take(frame)
    return counting.figures()
