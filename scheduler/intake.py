"""The problem of a week from a district, its demand, its points and the rosters before.

The only place of the planner that turns local dates and clocks into minutes of the week.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from config.durations import DAY_MIN, MINUTE_MS
from config.ids import (
    NIGHT_CHECK,
    MustArriveId,
    NodeId,
    PersonId,
    PlaceId,
    PostId,
    SquadronId,
    TeamId,
    VehicleId,
)
from config.people import crew_law_holds, team_id
from scheduler.around import carried, worked_by
from scheduler.fixed import task_id
from scheduler.foresight.demand import Demand
from scheduler.foresight.must_arrive import MustArrive
from scheduler.problem import (
    Costs,
    Due,
    IntArray,
    Layer,
    Person,
    Post,
    Problem,
    Task,
    Vehicle,
)
from scheduler.shares import Earlier, Over, borne_before
from scheduler.slots import ASKED_SLOTS, SLOT_MIN, SLOTS, TAIL_SLOTS, lasting

if TYPE_CHECKING:
    from config.calendar import Calendar
    from config.district import District

_DAY = timedelta(days=1)
_LOOK_DAYS = 15
_PAST = timedelta(weeks=6)  # a month and the fortnight before it: further back no law looks
_STANDING_DAYS = 400  # a withdrawal without an end


@dataclass(frozen=True, slots=True)
class Week:
    """Local dates and clocks of one week as elapsed minutes since its Monday 00:00."""

    calendar: "Calendar"
    name: str

    @property
    def dates(self) -> tuple[date, ...]:
        """Its seven dates."""
        return self.calendar.dates(self.name)

    def of_ms(self, at_ms: int) -> int:
        """Minute of a moment, below 0 before the week."""
        return (at_ms - self.calendar.week_start_ms(self.name)) // MINUTE_MS

    def minute(self, day: date, clock: time = time(0)) -> int:
        """Minute of a local date and clock."""
        return self.of_ms(self.calendar.at_ms(day, clock))

    def local(self, day: date, after_min: int) -> int:
        """Minute of a local time given as minutes after midnight, which may be past 24:00."""
        later, at = divmod(after_min, DAY_MIN)
        return self.minute(day + later * _DAY, time(at // 60, at % 60))

    def at_ms(self, minute: int) -> int:
        """The moment of a minute."""
        return self.calendar.week_start_ms(self.name) + minute * MINUTE_MS

    def span(self, day: date, start: time, end: time) -> tuple[int, int]:
        """Minutes of a window that starts on `day`, as `Calendar.span_ms`."""
        first_ms, last_ms = self.calendar.span_ms(day, start, end)
        return self.of_ms(first_ms), self.of_ms(last_ms)

    def slot_min(self) -> tuple[int, ...]:
        """First minutes of the week's half hours and of the tail's, and the end of the last."""
        days = [*self.dates, self.dates[-1] + _DAY]
        found = [
            self.minute(day, time(at // 60, at % 60))
            for day in days for at in range(0, DAY_MIN, SLOT_MIN)
        ]  # fmt: skip
        bounds = np.array(found[: SLOTS + TAIL_SLOTS + 1])
        level = np.minimum.accumulate(bounds[::-1])[::-1]  # a skipped half hour has no length
        return tuple(int(at) for at in level)

    def starts(self, grid_min: int) -> tuple[tuple[int, ...], ...]:
        """Of each day, minutes at which duties may start."""
        clocks = [time(at // 60, at % 60) for at in range(0, DAY_MIN, grid_min)]
        return tuple(
            tuple(sorted({self.minute(day, clock) for clock in clocks})) for day in self.dates
        )


def problem_of(
    district: "District",
    week: str,
    demand: Demand,
    points: Sequence[MustArrive] = (),
    others: Iterable[Earlier] = (),
    costs: Costs | None = None,
) -> Problem:
    """The problem of a week.

    Args:
        district: Its people, posts, vehicles, fixed duties, limits and calendar.
        week: ISO week such as "2026-W49".
        demand: Units per squadron and half hour, in the order of `district.squadrons`.
        points: Must-arrive points of the week; those with reason "night_check" are the checks'.
        others: Duties of the published rosters before and after, as far as any rule looks.
        costs: Prices inside the tiers.
    """
    of = Week(district.calendar, week)
    price = costs or Costs()
    others = list(others)
    before = [duty for duty in others if duty.start_ms < of.at_ms(0)]
    after = [duty for duty in others if duty.date > of.dates[-1]]
    limits = district.settings.limits
    nights = [
        of.span(of.dates[0] + n * _DAY, limits.night_from, limits.night_to)
        for n in range(-_LOOK_DAYS, 7 + _LOOK_DAYS)
    ]
    due = _due(district, of, points)
    return Problem(
        week=week, dates=of.dates, squadrons=tuple(district.squadrons),
        persons=_persons(district, of, before, after), teams=_teams(district),
        crews=tuple(
            {team.id: team for team in district.people.teams_on(day)} for day in of.dates
        ),
        slot_min=of.slot_min(), starts=of.starts(limits.start_grid_min),
        night_spans=tuple(nights), layers=_layers(of, demand, price),
        carried=carried(of.of_ms, of.slot_min(), tuple(district.squadrons), before),
        tasks=(*_fixed(district, of), *_night_checks(district, of, due)),
        posts=_posts(district), vehicles=_vehicles(district, of),
        devices={row.device: SquadronId(row.squadron) for row in district.devices},
        due=due, limits=limits, crew_law=district.settings.crew_law, costs=price,
        spacing_min=district.settings.visits.spacing_min, fairness=district.settings.fairness,
        holidays=tuple(
            n for n, day in enumerate(of.dates) if district.calendar.day_type(day) == "holiday"
        ),
    )  # fmt: skip


def _teams(district: "District") -> dict[TeamId, SquadronId]:
    rows = (row for row in district.people.persons.values() if row.role == "officer")
    return {team_id(row): SquadronId(row.squadron) for row in rows}


def _persons(
    district: "District", of: Week, earlier: list[Earlier], later: list[Earlier]
) -> dict[PersonId, Person]:
    month = (of.dates[0].year, of.dates[0].month)
    over = {one.person: one.overs() for one in borne_before(district, of.dates[0], earlier)}
    past = worked_by(of.of_ms, (duty for duty in earlier if duty.date >= of.dates[0] - _PAST))
    ahead = worked_by(of.of_ms, later)
    found = {}
    for person, row in district.people.persons.items():
        own = past.get(person, ())
        in_month = [w for w in own if (w.date.year, w.date.month) == month]
        found[person] = Person(
            person, SquadronId(row.squadron), row.role, frozenset(row.skills), own,
            sum(w.end_min - w.start_min for w in in_month), _absent(district, of, person),
            over.get(person, Over()), ahead.get(person, ()),
        )  # fmt: skip
    return found


def _absent(district: "District", of: Week, person: PersonId) -> tuple[tuple[int, int], ...]:
    """Leave of a person, day by day, from the week's first day to the day after its last."""
    days = [*of.dates, of.dates[-1] + _DAY]
    gone = [day for day in days if district.people.on_leave(person, day)]
    return tuple((of.minute(day), of.minute(day + _DAY)) for day in gone)


def _layers(of: Week, demand: Demand, costs: Costs) -> tuple[Layer, ...]:
    """Statutory units and operations first, then response, then visits and fixed posts.

    Last, for nothing, whoever is of use when the next week's people are asked.
    """
    lasts = lasting(of.slot_min())
    asked = lasts & (np.arange(len(lasts)) < SLOTS + ASKED_SLOTS)

    def stretched(units: IntArray, there: npt.NDArray[np.bool_]) -> IntArray:
        whole = np.concatenate([units, units[:, :TAIL_SLOTS]], axis=1)
        return np.where(there, whole, 0).astype(np.int64)

    must = demand.statutory + demand.operations
    response = np.maximum(must, demand.response + demand.operations)
    return layered(
        (
            (stretched(must, asked), costs.statutory),
            (stretched(response, asked), costs.response),
            (stretched(demand.units, asked), costs.other),
            (stretched(demand.units, lasts), 0),
        )
    )


def layered(parts: Sequence[tuple[IntArray, int]]) -> tuple[Layer, ...]:
    """Layers from the units that each part asks for, dearest first: each tops the ones before."""
    layers: list[Layer] = []
    top: IntArray | None = None
    for units, cost in parts:
        top = units.copy() if top is None else np.maximum(top, units)
        layers.append(Layer(top, cost))
    return tuple(layers)


def _fixed(district: "District", of: Week) -> Iterable[Task]:
    """Fixed duties of the week, one task per date."""
    for row in district.duties:
        for day in of.dates:
            if district.calendar.takes_place(row, day):
                start_min, end_min = of.span(day, row.start, row.end)
                node = district.node_of_duty(row)
                yield Task(
                    task_id(row.duty, day), row.kind, SquadronId(row.squadron),
                    start_min, end_min, row.teams, frozenset(row.skills),
                    PostId(row.post) if row.post else None,
                    PlaceId(row.place) if row.place else None,
                    on_road=node is not None and row.kind != "desk",
                    road_class=None if node is None else district.roads.road_class_at(node),
                    node=node,
                )  # fmt: skip


def _night_checks(district: "District", of: Week, due: tuple[Due, ...]) -> Iterable[Task]:
    """Night checks of the week: several units, the same hours, anybody's."""
    rule = district.settings.night_check
    for day in of.dates:
        if rule.holds_on(day) and rule.least_units:
            start_min, end_min = of.span(day, rule.start, rule.end)
            points = [p for p in due if p.check and start_min <= p.start_min < end_min]
            classes = [p.road_class for p in points]
            main = [c for c in classes if crew_law_holds(c, district.settings.crew_law)]
            yield Task(
                task_id(NIGHT_CHECK, day), "night_check", None, start_min, end_min,
                rule.least_units, on_road=True, road_class=next(iter(main or classes), None),
            )  # fmt: skip


def _posts(district: "District") -> tuple[Post, ...]:
    found = []
    for row in district.posts.values():
        node = district.roads.index[NodeId(row.node)]
        squadron = SquadronId(row.squadron) if row.squadron else district.squadron_of_node(node)
        road_class = district.roads.road_class_at(node)
        found.append(Post(PostId(row.post), squadron, row.station == "1", node, road_class))
    return tuple(found)


def _vehicles(district: "District", of: Week) -> tuple[Vehicle, ...]:
    found, near = [], _STANDING_DAYS * _DAY
    earliest, latest = of.dates[0] - near, of.dates[0] + near  # no calendar has a day before year 1
    for row in district.vehicles:
        vehicle = VehicleId(row.vehicle)
        told: list[tuple[date | None, date | None]] = [*district.withdrawn.get(vehicle, ())]
        if row.withdrawn_from or row.withdrawn_to:
            told.append((row.withdrawn_from, row.withdrawn_to))
        gone = []
        for since, until in told:
            first, last = max(since or earliest, earliest), min(until or latest, latest)
            gone.append((of.minute(first), of.minute(last + _DAY)))
        found.append(Vehicle(vehicle, SquadronId(row.squadron), row.seats, tuple(sorted(gone))))
    return tuple(found)


def _due(district: "District", of: Week, points: Sequence[MustArrive]) -> tuple[Due, ...]:
    found = []
    for point in points:
        node = district.node_of_place(point.place)
        day = of.dates[point.weekday - 1]
        found.append(Due(
            MustArriveId(point.id), PlaceId(point.place), SquadronId(point.squadron), node,
            of.local(day, point.start_min), of.local(day, point.end_min), point.dwell_min,
            point.visits, district.roads.road_class_at(node),
            check=point.reason.kind == "night_check",
        ))  # fmt: skip
    return tuple(found)
