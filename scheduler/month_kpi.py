"""Key figures of a month, counted from the engine's journal and from nothing else.

The formulas are the domain's; numerators and denominators are kept, so that figures can be added
up before they are divided. Pure: frames go in.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from config.settings import Visits
from events.facts import Accepted
from events.frame import Frame
from events.incidents import Course, Incidents
from events.kinds import HazardChanged
from events.promises import Promises, nine_of_ten
from scheduler.on_duty import OnDuty

SquadronAt = Callable[[Mapping[str, Any]], str | None]
"""The squadron in whose part something lies, by the fields that say where; None: nobody knows."""
HOUR_MS = 3_600_000
MINOR = frozenset(("damage", "none"))


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: `met` of `due`; or of `times`, seconds, the median and what 90 % stay under.

    squadron: Whose; empty: of the whole brigade.
    """

    name: str
    met: int = 0
    due: int = 0
    times: tuple[float, ...] = ()
    squadron: str = ""

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
    squadron_at: SquadronAt = lambda _: None
    _last_ms: int = 0
    _incidents: Incidents = field(default_factory=Incidents)
    _on_duty: OnDuty = field(default_factory=OnDuty)
    _hazards: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    def take(self, frame: Frame) -> None:
        """An accepted frame, in its order."""
        self._last_ms = frame.time_ms
        self._incidents.take(frame)
        self.promises.take(frame)
        self._on_duty.take(frame)
        for fact in frame.facts:
            if isinstance(fact, Accepted) and not (fact.reason or "").startswith("ignored:"):
                self._accepted(fact.kind, fact.data)

    def figures(self, squadron: str | None = None) -> tuple[Figure, ...]:
        """All figures of the stretch, of a squadron or of all; those about nothing are left out."""
        calls = [
            c for c in self._incidents.were()
            if self._inside(c.reported_ms) and squadron in (None, self._of(c))
        ]  # fmt: skip
        minor = [
            c for c in calls
            if c.told.get("kind") == "crash" and c.told.get("severity", "none") in MINOR
        ]  # fmt: skip
        video = sum(c.how == "video" for c in minor)
        found = [
            (c.reported_ms - c.occurred_ms) / 1000 for c in calls if c.occurred_ms is not None
        ]  # fmt: skip
        came = [c for c in calls if c.arrived_ms is not None]
        arrive = [((c.arrived_ms or 0) - c.reported_ms) / 1000 for c in came]
        resolve = [
            (c.left_ms - c.arrived_ms) / 1000
            for c in came if c.left_ms is not None and c.arrived_ms is not None
        ]  # fmt: skip
        duties = self.promises.duties(self.since_ms, self.until_ms, squadron)
        visits = self.promises.visits(self.since_ms, self.until_ms, squadron)
        tested, positives = self._tested(squadron)
        whole, hours = self._formed(squadron)
        hazards = [how for how, whose in self._hazards.values() if squadron in (None, whose)]
        all_ = (
            Figure("implementation", duties.signed_in, duties.due),
            Figure("formation", whole, hours),
            Figure("must_arrive", visits.made, visits.due),
            Figure("discover", times=tuple(found)),
            Figure("arrive", times=tuple(arrive)),
            Figure("resolve", times=tuple(resolve)),
            Figure("video", video, len(minor)),
            Figure("night_check", positives, tested),
            Figure("rectified", hazards.count("verified"), len(hazards)),
        )  # fmt: skip
        return tuple(one for one in all_ if one.due or one.times)

    def _inside(self, at_ms: int) -> bool:
        return self.since_ms <= at_ms < min(self.until_ms, self._last_ms)

    def _of(self, course: Course) -> str | None:
        """The squadron of an incident: the one it was reported to, else where it lies."""
        told = course.told.get("squadron")
        return str(told) if told else self.squadron_at(course.where)

    def _tested(self, squadron: str | None) -> tuple[int, int]:
        """Breath tests and positives."""
        own = [
            one for one in self._on_duty.tests() if self._inside(one["at_ms"])
            and (squadron is None or self.squadron_at(one["where"]) == squadron)
        ]  # fmt: skip
        return sum(one["tested"] for one in own), sum(one["positives"] for one in own)

    def _formed(self, squadron: str | None) -> tuple[int, int]:
        """Whole hours on the road of complete units, and of all."""
        found = {True: 0, False: 0}
        for one in self._on_duty.watches():
            if squadron in (None, one["squadron"]):
                last_ms = min(one["end_ms"], self.until_ms)
                found[one["complete"]] += max(last_ms - max(one["start_ms"], self.since_ms), 0)
        return found[True] // HOUR_MS, sum(found.values()) // HOUR_MS

    def _accepted(self, kind: str, told: dict[str, Any]) -> None:
        if kind == HazardChanged.type():
            self._hazards[str(told["hazard"])] = str(told["change"]), self.squadron_at(told)


def figures(
    frames: Iterable[Frame], since_ms: int, until_ms: int, usual: Visits,
    squadrons: Iterable[str] = (), squadron_at: SquadronAt = lambda _: None,
) -> tuple[Figure, ...]:  # fmt: skip
    """The figures of [since, until) from an area's frames; what is still to come is left out.

    Args:
        frames: Accepted, in their order.
        since_ms: From, and
        until_ms: to, Unix ms.
        usual: What holds of visits whose plan says less.
        squadrons: Each has its own, after those of the whole brigade.
        squadron_at: Whose an incident, a test or a hazard is.
    """
    counting = Counting(since_ms, until_ms, Promises(usual), squadron_at)
    for frame in frames:
        counting.take(frame)
    own = (replace(one, squadron=str(each)) for each in squadrons for one in counting.figures(each))
    return (*counting.figures(), *own)
