"""Which duties are in force, and which of them a sign-in is to: one rule for all who ask.

Pure. The engine takes duties and sign-ins by it, whoever counts from its journal counts by it,
and the command that signs units in offers what it takes.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from config.ids import DutyId, UnitId
from events.event import moment_ms
from events.kinds import SignedIn
from events.rosters import EARLY_MS, Normal, Rosters


class Span(Protocol):
    """From when to when a duty is."""

    @property
    def start_ms(self) -> int:
        """Its first moment, Unix ms."""

    @property
    def end_ms(self) -> int:
        """Its last, Unix ms."""


class OfTeam(Span, Protocol):
    """A duty of a week's roster and the team that has it; a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> DutyId:
        """As its roster names it."""

    @property
    def week(self) -> str:
        """Whose roster it is of, e.g. 2026-W49."""

    @property
    def team(self) -> UnitId:
        """Who has it."""


D = TypeVar("D", bound=OfTeam)


def is_open(duty: Span, at_ms: int, early_ms: int = EARLY_MS) -> bool:
    """Whether it runs at a moment or begins at most so long after it: it can be signed in to."""
    return duty.start_ms - early_ms <= at_ms <= duty.end_ms


def signed_in_to(duties: Iterable[D], unit: str, named: object, at_ms: int) -> D | None:
    """The duty that a unit's sign-in is to: the one named, else the nearest of its own."""
    own = [duty for duty in duties if duty.team == unit and is_open(duty, at_ms)]
    if named is not None:
        return next((duty for duty in own if duty.id == str(named)), None)
    return min(own, key=lambda duty: (abs(duty.start_ms - at_ms), duty.id), default=None)


class InForce(NamedTuple, Generic[D]):
    """Duties after a version: all; those that it brought; those that it lets end earlier."""

    duties: dict[DutyId, D]
    fresh: frozenset[DutyId]
    ends_ms: Mapping[DutyId, int]

    def still_due(self, duty: DutyId, arrive_ms: int) -> bool:
        """Whether a visit is its duty's as before: after an earlier end it is another's now."""
        goes_on = duty in self.duties and duty not in self.fresh
        return goes_on and arrive_ms < self.ends_ms.get(duty, arrive_ms + 1)


def in_force(
    held: Mapping[DutyId, D], week: str, told: Iterable[D], begun: Container[DutyId]
) -> InForce[D]:
    """The week's duties are these; one that has begun goes on as it is, or ends earlier."""
    kept = {name: one for name, one in held.items() if one.week != week or name in begun}
    version = {one.id: one for one in told}
    ends_ms = {
        name: one.end_ms for name, one in version.items()
        if name in kept and one.end_ms < kept[name].end_ms
    }  # fmt: skip
    kept |= {name: replace(kept[name], end_ms=end_ms) for name, end_ms in ends_ms.items()}
    fresh = {name: one for name, one in version.items() if name not in kept}
    return InForce(kept | fresh, frozenset(fresh), ends_ms)


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty as a roster's event told it; `end_ms` is earlier if a later version says so."""

    id: DutyId
    week: str
    team: UnitId
    start_ms: int
    end_ms: int
    told: Normal

    @classmethod
    def of(cls, told: Normal) -> "Duty":
        """From the normal data of its event."""
        return cls(
            DutyId(str(told["duty"])), str(told["week"]), UnitId(str(told["team"])),
            moment_ms(told["start"]), moment_ms(told["end"]), told,
        )  # fmt: skip

    @property
    def squadron(self) -> str | None:
        """Whose it is, if told."""
        return self.told.get("squadron")


@dataclass(slots=True)
class Duties:
    """The duties in force and who signed in, by the accepted events taken so far, in order."""

    held: dict[DutyId, Duty] = field(default_factory=dict)
    signed_ms: dict[DutyId, int] = field(default_factory=dict)
    """When each was first signed in to, Unix ms."""
    _rosters: Rosters = field(default_factory=Rosters)
    _of_team: dict[str, list[DutyId]] = field(default_factory=dict)

    def versions(self, kind: str, told: Normal) -> Iterator[InForce[Duty]]:
        """Each version that the event lets come into force."""
        for week, normals in self._rosters.take(kind, told):
            version = in_force(self.held, week, map(Duty.of, normals), self.signed_ms)
            self.held = version.duties
            for name in version.fresh:
                self._of_team.setdefault(self.held[name].team, []).append(name)
            yield version

    def signed_in(self, kind: str, told: Normal) -> Duty | None:
        """The duty that the event is a sign-in to, if it is one."""
        if kind != SignedIn.type():
            return None
        unit, at_ms = str(told["unit"]), moment_ms(str(told["at"]))
        own = (self.held[name] for name in self._of_team.get(unit, ()) if name in self.held)
        duty = signed_in_to(own, unit, told.get("duty"), at_ms)
        if duty is not None:
            self.signed_ms.setdefault(duty.id, at_ms)
        return duty
