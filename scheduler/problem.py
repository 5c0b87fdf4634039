"""The problem of a week's roster, as values: who, what they bring, what is needed, what limits.

Minutes are elapsed minutes since the week's Monday 00:00 local time. Slots are the half hours of
the local week, 336 of them, and a tail into the next Monday, so that Sunday's nights are worth
staffing; a half hour that the zone skips is a slot of no length. Made by `scheduler.intake`.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from config.cells import DutyKind
from config.durations import DAY_MIN
from config.ids import MustArriveId, PersonId, PlaceId, PostId, SquadronId, TeamId, VehicleId
from config.people import Team, crew_law_holds
from config.settings import Fairness, Limits
from scheduler.drives import Drives
from scheduler.shares import Over
from scheduler.slots import SLOT_MIN

IntArray = NDArray[np.int64]
CrewLaw = Literal["all", "local", "by_class"]

NO_LIMIT = 2**31
SPARE_STEPS = 6
"""So often a unit more than needed gets dearer, up to three and a half times the need."""


@dataclass(frozen=True, slots=True)
class Worked:
    """A duty of another week; of an earlier one the minutes are below 0, at its end perhaps not."""

    date: date
    start_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class Person:
    """A person, with what they bring from the weeks before and what awaits them after.

    past: Duties of the last 14 days and more, in order. month_min: Minutes worked before this
        week in the month of its Monday. absent: Leave, as spans of minutes that no duty touches.
    over: What they bore above their share, in the weeks that fairness looks back on.
    ahead: Duties of later weeks that are published already, in order; they stay as they are.
    """

    id: PersonId
    squadron: SquadronId
    role: Literal["officer", "auxiliary"] = "officer"
    skills: frozenset[str] = frozenset()
    past: tuple[Worked, ...] = ()
    month_min: int = 0
    absent: tuple[tuple[int, int], ...] = ()
    over: Over = field(default_factory=Over)
    ahead: tuple[Worked, ...] = ()

    def is_free(self, start_min: int, end_min: int) -> bool:
        """Whether no leave touches the span."""
        return all(end_min <= first or last <= start_min for first, last in self.absent)


@dataclass(frozen=True, slots=True)
class Task:
    """What must be staffed whatever the demand: a fixed duty, a night check.

    Done by teams whose duty contains the whole span, of any squadron if `squadron` is None.
    """

    id: str
    kind: DutyKind
    squadron: SquadronId | None
    start_min: int
    end_min: int
    teams: int = 1
    skills: frozenset[str] = frozenset()
    post: PostId | None = None
    place: PlaceId | None = None
    on_road: bool = False
    road_class: str | None = None
    node: int | None = None
    """Where it is done; None: at the duty's post, or at the points of a night check."""


@dataclass(frozen=True, slots=True)
class Post:
    """Where units wait; `node` is its number in the road network."""

    id: PostId
    squadron: SquadronId | None
    station: bool = False
    node: int = 0
    road_class: str | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle and when it is withdrawn, as a span of minutes."""

    id: VehicleId
    squadron: SquadronId
    seats: int = 5
    withdrawn: tuple[tuple[int, int], ...] = ()

    def is_free(self, start_min: int, end_min: int) -> bool:
        """Whether it is there during the whole span."""
        return all(end_min <= first or last <= start_min for first, last in self.withdrawn)


@dataclass(frozen=True, slots=True)
class Due:
    """A must-arrive point of the week: visits due in its window."""

    id: MustArriveId
    place: PlaceId
    squadron: SquadronId | None
    node: int
    start_min: int
    end_min: int
    dwell_min: int = 12
    visits: int = 1
    road_class: str | None = None
    check: bool = False
    """Made by the units of the night check, not by patrols."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What is worth what inside the tiers COVER and WISH; whole numbers.

    A missing unit costs its layer's price per half hour. `over`: a unit more than needed, per
    half hour, and again with each half of the need beyond: hours that nobody needs go to where
    most is done. `overtime`: a team's half hour above its contract; `task`, `check`, `leader`: a
    team missing at a fixed duty, a night check, as a squadron's leader or stand-by of a day;
    `visit`: a visit to a must-arrive point that nobody makes, about half an hour of a unit.
    """

    statutory: int = 30
    response: int = 10
    other: int = 6
    over: int = 1
    overtime: int = 2
    task: int = 200
    check: int = 400
    leader: int = 100
    visit: int = 10


@dataclass(frozen=True, slots=True)
class Layer:
    """Units needed up to this layer, shape (squadrons, slots), and the price of lacking one."""

    units: IntArray
    cost: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A week to be rostered. Arrays have shape (squadrons, slots)."""

    week: str
    dates: tuple[date, ...]
    squadrons: tuple[SquadronId, ...]
    persons: Mapping[PersonId, Person]
    teams: Mapping[TeamId, SquadronId]
    """Every team of the week, in the district's order."""
    crews: tuple[Mapping[TeamId, Team], ...]
    """Of each of the seven days: the teams that are there, by id."""
    slot_min: tuple[int, ...]
    """First minute of each slot, and the end of the last: slots + 1 numbers that never fall."""
    starts: tuple[tuple[int, ...], ...]
    """Of each day: minutes at which a duty may start."""
    night_spans: tuple[tuple[int, int], ...]
    """The hours that make a duty a night, from two weeks before to two weeks after."""
    layers: tuple[Layer, ...]
    """From the most to the least dear; `units` rises from layer to layer."""
    carried: IntArray
    """Units still on duty from the week before."""
    tasks: tuple[Task, ...] = ()
    posts: tuple[Post, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
    devices: Mapping[str, SquadronId] = field(default_factory=dict)
    due: tuple[Due, ...] = ()
    limits: Limits = field(default_factory=Limits)
    crew_law: CrewLaw = "by_class"
    costs: Costs = field(default_factory=Costs)
    fairness: Fairness = field(default_factory=Fairness)
    holidays: tuple[int, ...] = ()
    """Days of the week that are holidays by the calendar."""
    spared: frozenset[TeamId] = frozenset()
    """Teams that a plan gives two days off together; no rule of any roster."""
    spacing_min: int = 90
    """Least minutes from the end of a visit to the next one at the same place."""
    drives: Drives = field(default_factory=Drives)
    _home: dict[PersonId, TeamId] = field(default_factory=dict, repr=False, compare=False)

    def limited(self, **limits: int) -> "Problem":
        """The same week under other limits."""
        return replace(self, limits=self.limits.model_copy(update=limits), _home={})

    @property
    def slots(self) -> int:
        """How many slots there are, the tail included."""
        return len(self.slot_min) - 1

    @property
    def needed(self) -> IntArray:
        """Units needed in all."""
        return self.layers[-1].units

    @property
    def spare(self) -> tuple[tuple[IntArray, int], ...]:
        """Units beyond which each one more costs, and what more than the one before."""
        need, price = self.needed, self.costs.over
        return tuple((need + n * ((need + 1) // 2), price) for n in range(SPARE_STEPS))

    def clock_min(self, at_min: int) -> int:
        """Local time of day of a minute of the week, 0 to 1439."""
        slot = min(bisect_right(self.slot_min, at_min) - 1, self.slots - 1)
        past = at_min - self.slot_min[slot]
        if slot < self.slots and past >= SLOT_MIN and at_min < self.slot_min[slot + 1]:
            past -= 60  # the hour that comes twice in autumn
        return (slot * SLOT_MIN + past) % DAY_MIN

    def night_min(self, start_min: int, end_min: int) -> int:
        """Minutes of a span that are night; the night spans rise and do not overlap."""
        found, begun = 0, bisect_right(self.night_spans, (start_min,))
        for at in range(max(begun - 1, 0), len(self.night_spans)):
            first, last = self.night_spans[at]
            if first >= end_min:
                break
            found += max(min(end_min, last) - max(start_min, first), 0)
        return found

    def is_night(self, start_min: int, end_min: int) -> bool:
        """Whether a duty over that span is a night: `night_least_min` of it are."""
        return self.night_min(start_min, end_min) >= self.limits.night_least_min

    def slots_of(self, start_min: int, end_min: int) -> range:
        """Slots that lie wholly inside a span."""
        first = bisect_left(self.slot_min, start_min)
        return range(first, max(first, bisect_right(self.slot_min, end_min) - 1))

    def day(self, of: date) -> int:
        """Day of the week 0–6; below 0 before it, above 6 after it."""
        return (of - self.dates[0]).days

    def contract_min(self, team: TeamId) -> int:
        """Minutes that a team's contract asks of the week: a fifth less for each day away."""
        away = sum(1 for day in self.crews if team not in day)
        return max(0, self.limits.contract_week_min * (5 - away) // 5)

    def at_once(self) -> IntArray:
        """Most units on duty at once for want of vehicles or PDAs, shape (squadrons, slots).

        A district that lists no vehicles at all does not limit by them; so for PDAs.
        """
        most = np.full((len(self.squadrons), self.slots), NO_LIMIT, dtype=np.int64)
        for row, squadron in enumerate(self.squadrons):
            if self.devices:
                most[row] = sum(1 for owner in self.devices.values() if owner == squadron)
            own = [vehicle for vehicle in self.vehicles if vehicle.squadron == squadron]
            some = [vehicle for vehicle in own if vehicle.withdrawn]
            for slot in range(self.slots if self.vehicles else 0):
                span = self.slot_min[slot], self.slot_min[slot + 1]
                cars = len(own) - sum(not vehicle.is_free(*span) for vehicle in some)
                most[row, slot] = min(most[row, slot], cars)
        return most

    def strict(self, road_class: str | None) -> bool:
        """Whether the crew law holds at a place of work on a road of that class."""
        return crew_law_holds(road_class, self.crew_law)

    def home(self, auxiliary: PersonId) -> TeamId | None:
        """The team with which an auxiliary is on most days of the week, the first of equals."""
        return self._homes().get(auxiliary)

    def sure(self, team: TeamId, day: int) -> tuple[PersonId, ...]:
        """Auxiliaries of a team's crew of a day whose home it is; a guest may not be lawful."""
        crew = self.crews[day].get(team)
        own = crew.auxiliaries if crew else ()
        return tuple(person for person in own if self.home(person) == team)

    def _homes(self) -> dict[PersonId, TeamId]:
        if not self._home:
            days: Counter[tuple[PersonId, TeamId]] = Counter()
            for crews in self.crews:
                days.update((p, crew.id) for crew in crews.values() for p in crew.auxiliaries)
            for (person, team), _ in days.most_common():
                self._home.setdefault(person, team)
        return self._home
