"""Small rosters for tests: problems without a district, drawn from the rules' own edges."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from config.durations import DAY_MIN
from config.ids import PersonId, PostId, SquadronId, TeamId, VehicleId
from config.people import Team
from config.settings import Limits
from scheduler.intake import layered
from scheduler.problem import (
    Costs,
    IntArray,
    Person,
    Post,
    Problem,
    Task,
    Vehicle,
    Worked,
)
from scheduler.slots import ASKED_SLOTS, SLOT_MIN, TAIL_SLOTS
from scheduler.slots import SLOTS as WEEK_SLOTS

MONDAY = date(2026, 11, 30)
DATES = tuple(MONDAY + timedelta(days=n) for n in range(7))
SLOTS = WEEK_SLOTS + TAIL_SLOTS
HOURLY = (
    2, 1.6, 1.2, 1, 1, 1.5, 3, 6, 8, 7, 6, 6,
    6.5, 6, 6, 7, 8.5, 9.5, 9, 7, 5.5, 4.5, 3.5, 2.5,
)  # fmt: skip


def problem(
    *,
    squadrons: int = 1,
    teams: int = 2,
    auxiliaries: int = 2,
    needed: IntArray | int = 1,
    past: Mapping[str, Sequence[Worked]] | None = None,
    absent: Mapping[str, Sequence[tuple[int, int]]] | None = None,
    crews: Sequence[Mapping[TeamId, Team]] | None = None,
    tasks: Sequence[Task] = (),
    limits: Limits | None = None,
    costs: Costs | None = None,
    vehicles: int | None = None,
    grid_min: int | None = None,
    local: bool = True,
) -> Problem:
    """A problem of `teams` teams in each squadron, ids s0t0, s0t0a0 …; officers are s0t0o."""
    names = [SquadronId(f"s{n}") for n in range(squadrons)]
    limit = limits or Limits()
    grid = grid_min or limit.start_grid_min
    ids = {TeamId(f"{s}t{n}"): s for s in names for n in range(teams)}
    standing = _standing(ids, teams, auxiliaries)
    persons = {
        each.id: each
        for team in standing.values() for each in _people(team, past or {}, absent or {})
    }  # fmt: skip
    return Problem(
        week="2026-W49", dates=DATES, squadrons=tuple(names), persons=persons, teams=ids,
        crews=tuple(crews or [standing] * 7),
        slot_min=tuple(SLOT_MIN * n for n in range(SLOTS + 1)),
        starts=tuple(tuple(range(d * DAY_MIN, (d + 1) * DAY_MIN, grid)) for d in range(7)),
        night_spans=tuple((n * DAY_MIN - 60, n * DAY_MIN + 300) for n in range(-15, 22)),
        layers=layers_of(needed, squadrons, costs or Costs()),
        carried=np.zeros((squadrons, SLOTS), dtype=np.int64), tasks=tuple(tasks),
        posts=tuple(
            Post(PostId(f"{s}p"), s, station=True, road_class="residential" if local else "primary")
            for s in names
        ),
        vehicles=tuple(
            Vehicle(VehicleId(f"{s}v{n}"), s) for s in names for n in range(vehicles or teams)
        ),
        limits=limit, costs=costs or Costs(),
    )  # fmt: skip


def _standing(ids: Mapping[TeamId, SquadronId], teams: int, auxiliaries: int) -> dict[TeamId, Team]:
    """The teams; every fourth of a squadron has a leader."""
    standing = {}
    for n, (team, squadron) in enumerate(ids.items()):
        crew = tuple(PersonId(f"{team}a{k}") for k in range(auxiliaries))
        skills = frozenset({"leader"} if n % teams % 4 == 0 else ())
        standing[team] = Team(team, squadron, PersonId(f"{team}o"), crew, skills)
    return standing


def _people(
    team: Team,
    past: Mapping[str, Sequence[Worked]],
    absent: Mapping[str, Sequence[tuple[int, int]]],
) -> Iterator[Person]:
    """The officer, who has what the team can do, and the auxiliaries."""
    for person in (team.officer, *team.auxiliaries):
        leads = person == team.officer
        yield Person(
            person, team.squadron, "officer" if leads else "auxiliary",
            team.skills if leads else frozenset(),
            tuple(past.get(person, ())), absent=tuple(absent.get(person, ())),
        )  # fmt: skip


def layers_of(needed: IntArray | int, squadrons: int, costs: Costs):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """One statutory unit at any time, the rest is response."""
    units = np.broadcast_to(np.asarray(needed, dtype=np.int64), (squadrons, SLOTS))
    asked = np.where(np.arange(SLOTS) < WEEK_SLOTS + ASKED_SLOTS, units, 0)
    parts = (np.minimum(asked, 1), costs.statutory), (asked, costs.response), (units, 0)
    return layered(parts)


def load(teams: int, share: float = 0.97, contract_h: int = 40) -> IntArray:
    """Units needed per slot with a day's shape and two busy nights: a share of the force."""
    shape = np.array(
        [
            HOURLY[hour] * (1.0 if day < 5 else 0.8)
            + (4.5 if (day in (4, 5) and hour >= 20) or (day in (5, 6) and hour < 4) else 0)
            for day in range(7)
            for hour in range(24)
        ]
    )
    scaled = np.rint(shape * teams * contract_h * share / shape.sum()).astype(np.int64)
    week = np.repeat(scaled, 2)
    return np.concatenate([week, week[:TAIL_SLOTS]])


def span(day: int, start: str, end: str) -> tuple[int, int]:
    """Minutes of a window on a day, in local clocks; end ≤ start: the next day."""
    first, last = (day * DAY_MIN + int(t[:2]) * 60 + int(t[3:]) for t in (start, end))
    return first, last if last > first else last + DAY_MIN


def worked(days: Iterable[tuple[int, str, str]]) -> tuple[Worked, ...]:
    """Earlier duties from (day below 0, start, end)."""
    return tuple(
        Worked(MONDAY + timedelta(days=day), *span(day, start, end)) for day, start, end in days
    )
