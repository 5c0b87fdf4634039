"""Key figures of a month, counted from the engine's journal and from nothing else.

The formulas are the domain's; numerators and denominators are kept, so that figures can be added
up before they are divided. Pure: frames go in.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from config.durations import DAY_MS, HOUR_MS, MINUTE_MS
from config.settings import Visits
from events.event import moment_ms
from events.facts import Accepted
from events.frame import Frame
from events.incidents import Course, Incidents
from events.kinds import CommandGiven, HazardChanged, SightingReported
from events.promises import Promises, nine_of_ten
from scheduler.hazards import Hazards
from scheduler.on_duty import OnDuty

SquadronAt = Callable[[Mapping[str, Any]], str | None]
"""The squadron in whose part something lies, by the fields that say where; None: nobody knows."""
FASTS = ("discover", "arrive", "resolve")
"""The three clocks of an incident."""
QUARTER_MONTHS, DAYS_A_MONTH = 3, 30
MINOR = frozenset(("damage", "none"))


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: `met` of `due`; or of `times`, seconds, the median and what 90 % stay under.

    squadron: Whose; empty: of the whole brigade. kind: Of this kind of incident; empty: of all.
    """

    name: str
    met: int = 0
    due: int = 0
    times: tuple[float, ...] = ()
    squadron: str = ""
    kind: str = ""

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
    hazards: Hazards = field(default_factory=Hazards)
    _last_ms: int = 0
    _incidents: Incidents = field(default_factory=Incidents)
    _on_duty: OnDuty = field(default_factory=OnDuty)
    _sightings: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    _verified: set[str] = field(default_factory=set)

    def take(self, frame: Frame) -> None:
        """An accepted frame, in its order."""
        self._last_ms = frame.time_ms
        self._incidents.take(frame)
        self.promises.take(frame)
        self._on_duty.take(frame)
        for fact in frame.facts:
            if isinstance(fact, Accepted) and fact.counts:
                self._accepted(fact.kind, fact.data, fact.event)

    def figures(self, squadron: str | None = None) -> tuple[Figure, ...]:
        """All figures of the stretch, of a squadron or of all; those about nothing are left out."""
        calls = self._calls(squadron)
        minor = [
            c for c in calls
            if c.told.get("kind") == "crash" and c.told.get("severity", "none") in MINOR
        ]  # fmt: skip
        duties = self.promises.duties(self.since_ms, self.until_ms, squadron)
        visits = self.promises.visits(self.since_ms, self.until_ms, squadron)
        tested, positives = self._tested(squadron)
        whole, hours = self._formed(squadron)
        verified = [ended_ms is not None for _, ended_ms in self._found(squadron)]
        seen = [
            name for name, (at_ms, whose) in self._sightings.items()
            if self._inside(at_ms) and squadron in (None, whose)
        ]  # fmt: skip
        all_ = (
            Figure("implementation", duties.held, duties.due),
            Figure("formation", whole, hours),
            Figure("must_arrive", visits.made, visits.due),
            Figure("by_proof", visits.proved, visits.made if visits.proved else 0),
            Figure("match", visits.stood_ms // MINUTE_MS, visits.due_ms // MINUTE_MS),
            *fasts(calls),
            Figure("video", sum(c.how == "video" for c in minor), len(minor)),
            Figure("verified", len(self._verified.intersection(seen)), len(seen)),
            Figure("night_check", positives, tested),
            Figure("rectified", sum(verified), len(verified)),
            *self._cleared(squadron),
        )
        return tuple(one for one in all_ if one.due or one.times)

    def of_kinds(self) -> Iterator[Figure]:
        """The three fasts of each kind of incident, the most frequent first."""
        calls = self._calls(None)
        for kind, _ in Counter(str(c.told.get("kind")) for c in calls).most_common():
            for one in fasts([c for c in calls if c.told.get("kind") == kind]):
                if one.times:
                    yield replace(one, kind=kind)

    def _calls(self, squadron: str | None) -> list[Course]:
        return [
            c for c in self._incidents.were()
            if self._inside(c.reported_ms) and squadron in (None, self._of(c))
        ]  # fmt: skip

    def _cleared(self, squadron: str | None) -> Iterator[Figure]:
        """Incidents and hazards that were closed by the end of their day, their month, the quarter.

        Days are counted from the month's first midnight; the quarter is the month and the two
        before it. What is opened and whose day is not over yet is not of the first.
        """
        end_ms = min(self.until_ms, self._last_ms)
        opened = [
            (c.reported_ms, c.ended_ms) for c in self._incidents.were()
            if squadron in (None, self._of(c))
        ]  # fmt: skip
        opened += self._found(squadron)
        quarter_ms = self.since_ms - (QUARTER_MONTHS - 1) * DAYS_A_MONTH * DAY_MS
        month = [(at, closed) for at, closed in opened if self.since_ms <= at < end_ms]
        quarter = [(at, closed) for at, closed in opened if quarter_ms <= at < end_ms]
        days = [
            (closed, self.since_ms + ((at - self.since_ms) // DAY_MS + 1) * DAY_MS)
            for at, closed in month
        ]  # fmt: skip
        over = [(closed, day_ms) for closed, day_ms in days if day_ms <= end_ms]
        for name, items in (
            ("clear_day", over), ("clear_month", [(closed, end_ms) for _, closed in month]),
            ("clear_quarter", [(closed, end_ms) for _, closed in quarter]),
        ):  # fmt: skip
            done = sum(closed is not None and closed <= by_ms for closed, by_ms in items)
            yield Figure(name, done, len(items))

    def _found(self, squadron: str | None) -> list[tuple[int, int | None]]:
        """Hazards found before the stretch ended: when, and when they were verified by then."""
        found = [
            (moment_ms(str(one["found"])),
             moment_ms(str(one["at"])) if one["change"] == "verified" else None)
            for one in self.hazards.told() if squadron in (None, self.squadron_at(one))
        ]  # fmt: skip
        return [
            (at_ms, ended_ms if ended_ms is not None and ended_ms < self.until_ms else None)
            for at_ms, ended_ms in found if at_ms < self.until_ms
        ]  # fmt: skip

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

    def _accepted(self, kind: str, told: dict[str, Any], event: str) -> None:
        at_ms = moment_ms(str(told["at"]))
        if kind == HazardChanged.type():
            self.hazards.take(told)
        elif kind == SightingReported.type():
            whose = self.squadron_at({"place": told["gate"]})
            self._sightings[str(told.get("sighting") or event)] = at_ms, whose
        elif kind == CommandGiven.type() and told["command"] == "verify_sighting":
            self._verified.add(str(told.get("sighting")))


def fasts(calls: Sequence[Course]) -> tuple[Figure, ...]:
    """The three clocks of incidents: discover, arrive, resolve."""
    found = [(c.reported_ms - c.occurred_ms) / 1000 for c in calls if c.occurred_ms is not None]
    arrive = [c.response_ms / 1000 for c in calls if c.response_ms is not None]
    resolve = [
        (c.left_ms - c.arrived_ms) / 1000 for c in calls
        if c.arrived_ms is not None and c.left_ms is not None
    ]  # fmt: skip
    times = (found, arrive, resolve)
    return tuple(Figure(name, times=tuple(one)) for name, one in zip(FASTS, times, strict=True))


def figures(
    frames: Iterable[Frame], since_ms: int, until_ms: int, usual: Visits,
    squadrons: Iterable[str] = (), squadron_at: SquadronAt = lambda _: None,
    hazards: Hazards | None = None,
) -> tuple[Figure, ...]:  # fmt: skip
    """The figures of [since, until) from an area's frames; what is still to come is left out.

    Args:
        frames: Accepted, in their order.
        since_ms: From, and
        until_ms: to, Unix ms.
        usual: What holds of visits whose plan says less.
        squadrons: Each has its own, after those of the whole brigade and of its kinds of incidents.
        squadron_at: Whose an incident, a test or a hazard is.
        hazards: Known without the journal, from `hazards.csv`; what it says comes to them.
    """
    counting = Counting(since_ms, until_ms, Promises(usual), squadron_at, hazards or Hazards())
    for frame in frames:
        counting.take(frame)
    own = (replace(one, squadron=str(each)) for each in squadrons for one in counting.figures(each))
    return (*counting.figures(), *counting.of_kinds(), *own)
