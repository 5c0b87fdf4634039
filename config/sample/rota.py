"""The current week's published roster: a simple lawful rota, as a clerk would write it.

Each team has one line: the same start on all its days, eight hours, days off together. So rest,
hours, days and nights in a row hold by construction; people on leave are left out day by day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from config import people
from config.calendar import week_of_day
from config.cells import DutyKind
from config.durations import HOUR_MS
from config.made_tables import RosterRow, VisitRow
from config.people import CREW_LAW_CLASSES, Team
from config.sample import names
from config.sample.duties import make_pinned
from config.sample.town import SPEED_KMH, Town
from config.sample.world import World
from config.tables import MustArriveRow, VehicleRow

HOURS = 8
LINES: tuple[tuple[int, tuple[int, ...]], ...] = (
    (8, (1, 2, 3, 4, 5)), (8, (1, 4, 5, 6, 7)), (15, (3, 4, 5, 6, 7)), (7, (1, 2, 3, 6, 7)),
    (22, (1, 2, 3, 6, 7)), (22, (1, 2, 5, 6, 7)), (22, (3, 4, 5, 7)), (19, (1, 2, 5, 6, 7)),
    (19, (1, 4, 5, 6)), (15, (1, 2, 5, 6, 7)), (15, (1, 2, 3, 4, 5)), (6, (3, 4, 5, 6, 7)),
    (6, (1, 2, 3, 6, 7)), (11, (1, 4, 5, 6, 7)), (11, (1, 2, 3, 4, 7)), (7, (1, 2, 3, 4, 5)),
    (7, (3, 4, 5, 6, 7)), (7, (1, 2, 5, 6, 7)),
)  # fmt: skip
"""Start hour and weekdays, by the team's rank in its squadron; then again from the last three."""
NIGHT_CHECK_START, NIGHT_CHECK_DAYS = 19, (5, 6)
LEADER_STARTS, STAND_BY_START = (7, 8), 15
VISIT_AFTER_MIN, VISIT_APART_MIN = 20, 75
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """A duty before it is printed."""

    team: Team
    day: date
    hour: int
    crew: tuple[str, ...]
    kind: DutyKind = "patrol"

    @property
    def id(self) -> str:
        """As the planner names duties."""
        return f"{self.team.id}@{self.day.isoformat()}"


@dataclass(slots=True)
class Pool:
    """Vehicles or PDAs of a squadron, and from when on each is free again."""

    free_ms: dict[str, int] = field(default_factory=dict)

    def take(self, start_ms: int, end_ms: int, usable: Iterable[str]) -> str | None:
        """The first that is free, or None."""
        for name in usable:
            if self.free_ms.get(name, start_ms) <= start_ms:
                self.free_ms[name] = end_ms
                return name
        return None


def make_rota(world: World) -> tuple[str, list[RosterRow], list[VisitRow]]:
    """The ISO week of `today`, the rows of its roster, and the visits to the pinned points."""
    monday = world.today - world.today.weekday() * ONE_DAY
    week = week_of_day(world.today)
    force = world.force
    staff = people.build(force.people, force.bonds, force.leave)
    shifts = [
        shift for squadron, _ in names.SQUADRONS
        for shift in _shifts(staff, squadron, [monday + n * ONE_DAY for n in range(7)])
    ]  # fmt: skip
    rows = _rows(world, week, _with_kinds(staff, shifts))
    return week, rows, _visits(world, rows)


def _shifts(staff: people.People, squadron: str, days: Sequence[date]) -> Iterable[Shift]:
    ids = [team for team, officer in staff.team_ids().items()
           if staff.persons[officer].squadron == squadron]  # fmt: skip
    for day in days:
        there = {team.id: team for team in staff.teams_on(day)}
        for rank, team_id in enumerate(ids):
            line = rank if rank < len(LINES) else len(LINES) - 3 + rank % 3
            hour, weekdays = LINES[line]
            team = there.get(team_id)
            if team is None or day.isoweekday() not in weekdays:
                continue
            over = hour + HOURS > 24  # it reaches into the next day, and so into leave from then
            gone = {p for p in team.people if over and staff.on_leave(p, day + ONE_DAY)}
            if team.officer not in gone:
                crew = tuple(str(person) for person in team.auxiliaries if person not in gone)
                yield Shift(team, day, hour, crew)


def _with_kinds(staff: people.People, shifts: Iterable[Shift]) -> list[Shift]:
    """A leader and a stand-by for each squadron and day, the night checks; the rest patrols."""
    given: set[tuple[str, date, DutyKind]] = set()
    found = []
    for shift in sorted(shifts, key=lambda one: (one.day, one.hour, one.team.id)):
        squadron, kind = shift.team.squadron, _kind(staff, shift)
        if kind in ("leader", "stand_by"):
            if (squadron, shift.day, kind) in given:
                kind = "patrol"
            given.add((squadron, shift.day, kind))
        found.append(Shift(shift.team, shift.day, shift.hour, shift.crew, kind))
    return found


def _kind(staff: people.People, shift: Shift) -> DutyKind:
    if shift.hour == NIGHT_CHECK_START and shift.day.isoweekday() in NIGHT_CHECK_DAYS:
        return "night_check" if len(shift.crew) > 1 else "patrol"
    if shift.hour in LEADER_STARTS and "leader" in staff.persons[shift.team.officer].skills:
        return "leader"
    return "stand_by" if shift.hour == STAND_BY_START else "patrol"


def node_classes(town: Town) -> dict[int, str]:
    """The highest class of the roads that meet at each node."""
    rank = {name: number for number, name in enumerate(SPEED_KMH)}
    found: dict[int, str] = {}
    for tail, head, road_class, _, _ in town.edges:
        for node in (tail, head):
            if rank[road_class] < rank.get(found.get(node, ""), len(rank)):
                found[node] = road_class
    return found


def _rows(world: World, week: str, shifts: Sequence[Shift]) -> list[RosterRow]:
    """Rows with post, vehicle and PDA; a duty without one is left out."""
    classes, turn = node_classes(world.town), 0
    cars, phones = Pool(), Pool()
    rows = []
    for shift in shifts:
        squadron = shift.team.squadron
        start_ms = world.calendar.at_ms(shift.day, time(shift.hour))
        end_ms = start_ms + HOURS * HOUR_MS
        own = (row.vehicle for row in world.force.vehicles
               if row.squadron == squadron and not _away(row, shift))  # fmt: skip
        vehicle = cars.take(start_ms, end_ms, own)
        held = (row.device for row in world.force.devices if row.squadron == squadron)
        device = phones.take(start_ms, end_ms, held)
        full = len(shift.crew) > 1
        posts = [row.post for row in world.places.posts if row.squadron == squadron
                 and (full or classes[int(row.node[1:])] not in CREW_LAW_CLASSES)]  # fmt: skip
        if vehicle is None or device is None:
            continue
        turn += 1
        at_station = shift.kind in ("leader", "stand_by")
        rows.append(RosterRow.model_validate({
            "week": week, "squadron": squadron, "team": shift.team.id, "duty": shift.id,
            "day": shift.day, "start": world.calendar.iso(start_ms),
            "end": world.calendar.iso(end_ms), "kind": shift.kind,
            "post": posts[0] if at_station else posts[turn % len(posts)],
            "officer": shift.team.officer, "auxiliaries": shift.crew,
            "vehicle": vehicle, "device": device,
        }))  # fmt: skip
    return rows


def _away(row: VehicleRow, shift: Shift) -> bool:
    """Whether a vehicle is withdrawn on a day that a shift touches."""
    if row.withdrawn_from is None or row.withdrawn_to is None:
        return False
    return row.withdrawn_from <= shift.day + ONE_DAY and shift.day <= row.withdrawn_to


def _visits(world: World, rows: Sequence[RosterRow]) -> list[VisitRow]:
    """One visit for each pinned point that a complete patrol of its squadron can make."""
    node = {row.place: int(row.node[1:]) for row in world.places.places}
    order = [name for name, _ in names.SQUADRONS]
    parse, iso = world.calendar.parse_iso, world.calendar.iso
    busy: dict[str, list[int]] = {}
    visits = []
    for point in make_pinned(world.places):
        squadron = order[int(world.places.squadron[node[point.place]])]
        for row in rows:
            if row.squadron != squadron or row.kind != "patrol" or len(row.auxiliaries) < 2:
                continue
            arrive = _arrival(world, row, point)
            taken = busy.setdefault(row.duty, [])
            fits = row.day.isoweekday() == point.weekday and parse(row.start) < arrive
            fits = fits and arrive + point.dwell_min * 60_000 < parse(row.end)
            if fits and all(abs(arrive - at) >= VISIT_APART_MIN * 60_000 for at in taken):
                taken.append(arrive)
                visits.append(VisitRow(
                    duty=row.duty, day=row.day, team=row.team, must_arrive=point.id,
                    arrive=iso(arrive), leave=iso(arrive + point.dwell_min * 60_000),
                ))  # fmt: skip
                break
    return visits


def _arrival(world: World, row: RosterRow, point: MustArriveRow) -> int:
    return world.calendar.at_ms(row.day, point.window_start) + VISIT_AFTER_MIN * 60_000
