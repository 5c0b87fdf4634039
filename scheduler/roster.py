"""A roster: duties of bonded teams in one week. Values only; who may do what stands in rules/.

Minutes are elapsed minutes since the week's Monday 00:00 local time, so that a duty over a clock
change is as long as it is. A duty belongs to the date on which it starts.
"""

from collections.abc import Iterable, KeysView
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from config.cells import DutyKind
from config.ids import (
    DeviceId,
    DutyId,
    MustArriveId,
    PersonId,
    PlaceId,
    PostId,
    SquadronId,
    TeamId,
    VehicleId,
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A planned stay at a must-arrive point or a night-check point."""

    must_arrive: MustArriveId
    place: PlaceId
    arrive_min: int
    leave_min: int


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty of one team. `tasks` are the fixed duties and night checks done inside it."""

    id: DutyId
    team: TeamId
    squadron: SquadronId
    date: date
    start_min: int
    end_min: int
    kind: DutyKind
    officer: PersonId
    auxiliaries: tuple[PersonId, ...] = ()
    post: PostId | None = None
    vehicle: VehicleId | None = None
    device: DeviceId | None = None
    tasks: tuple[str, ...] = ()
    visits: tuple[Visit, ...] = ()

    @property
    def people(self) -> tuple[PersonId, ...]:
        """The officer, then the auxiliaries."""
        return (self.officer, *self.auxiliaries)

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.end_min - self.start_min


@dataclass(frozen=True, slots=True)
class Roster:
    """All duties of a week, in order of start, squadron and team."""

    duties: tuple[Duty, ...] = ()
    _by_person: dict[PersonId, tuple[Duty, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )
    kept: dict[PersonId, tuple[Any, Any, Any]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """What the rules have made of a person's duties, and of which past and later weeks."""

    def __post_init__(self) -> None:
        """Sort, and index by person."""
        ordered = sorted(self.duties, key=lambda d: (d.start_min, d.squadron, d.team, d.id))
        object.__setattr__(self, "duties", tuple(ordered))
        found: dict[PersonId, list[Duty]] = {}
        for duty in ordered:
            for person in duty.people:
                found.setdefault(person, []).append(duty)
        self._by_person.update({person: tuple(duties) for person, duties in found.items()})

    def duties_of(self, person: PersonId) -> tuple[Duty, ...]:
        """A person's duties in order of start."""
        return self._by_person.get(person, ())

    def people(self) -> KeysView[PersonId]:
        """Everybody who has a duty."""
        return self._by_person.keys()

    def duty(self, duty: DutyId) -> Duty | None:
        """The duty of that id."""
        return next((found for found in self.duties if found.id == duty), None)

    def replaced(self, gone: Iterable[DutyId], new: Iterable[Duty] = ()) -> "Roster":
        """A roster without some duties and with others."""
        without = set(gone)
        return Roster((*(d for d in self.duties if d.id not in without), *new))


def duty_id(team: TeamId, day: date) -> DutyId:
    """Id of a team's duty of a date: a team has one duty a day."""
    return DutyId(f"{team}@{day.isoformat()}")
