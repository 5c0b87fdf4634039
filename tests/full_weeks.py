"""Random weeks for the finisher's tests: problems with everything in them, and lawful lines."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import hypot
from random import Random
from typing import Literal

import numpy as np
from rosters import DATES, problem, worked

from config.cells import DutyKind
from config.durations import DAY_MIN
from config.ids import MustArriveId, PersonId, PlaceId, PostId, SquadronId, TeamId
from config.people import Team
from scheduler.drives import Drives
from scheduler.problem import Due, Person, Post, Problem, Task, Vehicle
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import check
from scheduler.solve.options import Span

NODES = 40
CLASSES = ("primary", "secondary", "residential", "tertiary", None)
LAWS: tuple[Literal["all", "local", "by_class"], ...] = ("by_class", "by_class", "all", "local")
KINDS: tuple[DutyKind, ...] = ("fixed", "peak", "school", "desk", "operation")


def random_week(seed: int, *, teams: int = 6, due: int = 40) -> Problem:
    """Two squadrons with guests, leave, pasts, tasks, withdrawn vehicles, PDAs, points."""
    draw = Random(seed)  # noqa: S311 - no secret
    base = problem(squadrons=2, teams=teams, auxiliaries=draw.choice((1, 2, 3)), needed=2)
    persons = {p.id: _lived(p, draw) for p in base.persons.values()}
    base = replace(
        base, persons=persons, crews=_crews(base, persons, draw), crew_law=draw.choice(LAWS),
        posts=tuple(_posts(base, draw)), tasks=tuple(_tasks(base, draw)),
        vehicles=tuple(_vehicle(v, draw) for v in base.vehicles),
        devices={f"{s}d{n}": s for s in base.squadrons for n in range(teams - 1)},
        drives=random_drives(draw), spacing_min=draw.choice((60, 90, 120)), _home={},
    )  # fmt: skip
    return replace(base, due=(*_due(base, draw, due), *_night_points(draw)), _home={})


def random_drives(draw: Random) -> Drives:
    """Nodes on a plane; a way back may be a little longer than the way there."""
    at = [(draw.uniform(0, 12), draw.uniform(0, 12)) for _ in range(NODES)]
    minutes = [
        [0 if a == b else int(hypot(a[0] - b[0], a[1] - b[1])) + draw.choice((1, 1, 2))
         for b in at]
        for a in at
    ]  # fmt: skip
    return Drives({n: n for n in range(NODES)}, np.array(minutes, dtype=np.int64))


def _lived(person: Person, draw: Random) -> Person:
    """A person with some past, some skill, and now and then leave, of a day or of an evening."""
    past = worked(
        (day, *draw.choice((("07:00", "15:00"), ("21:00", "05:00"))))
        for day in (-6, -5, -3, -1) if draw.random() < 0.4
    )  # fmt: skip
    absent: tuple[tuple[int, int], ...] = ()
    if draw.random() < 0.2:
        day = draw.randrange(7)
        whole = draw.random() < 0.7
        absent = ((day * DAY_MIN + (0 if whole else 1200), (day + 1) * DAY_MIN),)
    skills = person.skills | ({"desk"} if draw.random() < 0.4 else set())
    return replace(person, past=past, absent=absent, skills=frozenset(skills))


def _crews(
    base: Problem, persons: Mapping[PersonId, Person], draw: Random
) -> tuple[Mapping[TeamId, Team], ...]:
    """Crews of each day: an absent officer's people are guests of another team that day."""
    days = []
    for day in range(7):
        noon = day * DAY_MIN + 720
        gone = {p.id for p in persons.values() if not p.is_free(noon, noon + 1)}
        here = {t: crew for t, crew in base.crews[day].items() if crew.officer not in gone}
        crew = {t: [p for p in c.auxiliaries if p not in gone] for t, c in here.items()}
        for team, absent in base.crews[day].items():
            hosts = [t for t in here if base.teams[t] == base.teams[team]]
            if team not in here and hosts and draw.random() < 0.8:
                crew[draw.choice(hosts)] += [p for p in absent.auxiliaries if p not in gone]
        days.append({t: replace(here[t], auxiliaries=tuple(own)) for t, own in crew.items()})
    return tuple(days)


def _posts(base: Problem, draw: Random) -> list[Post]:
    return [
        Post(PostId(f"{s}p{n}"), s, n == 0, draw.randrange(NODES), draw.choice(CLASSES))
        for s in base.squadrons for n in range(draw.randint(0, 4))
    ]  # fmt: skip


def _vehicle(vehicle: Vehicle, draw: Random) -> Vehicle:
    seats = draw.choice((2, 5, 5))
    if draw.random() < 0.2:
        day = draw.randrange(7)
        return replace(vehicle, seats=seats, withdrawn=((day * DAY_MIN, (day + 2) * DAY_MIN),))
    return replace(vehicle, seats=seats)


def _tasks(base: Problem, draw: Random) -> list[Task]:
    found = []
    for day in range(7):
        for s in base.squadrons:
            for n in range(draw.randint(0, 3)):
                kind, start = draw.choice(KINDS), day * DAY_MIN + 30 * draw.randrange(12, 40)
                place = draw.random() < 0.7
                found.append(Task(
                    f"{kind}{n}{s}@{DATES[day]}", kind, s, start, start + draw.choice((60, 240)),
                    draw.choice((1, 1, 2)), frozenset({"desk"} if kind == "desk" else ()),
                    on_road=kind != "desk", road_class=draw.choice(CLASSES),
                    node=draw.randrange(NODES) if place else None,
                ))  # fmt: skip
    for day in (4, 5):
        start = day * DAY_MIN + 1260
        found.append(Task(
            f"night_check@{DATES[day]}", "night_check", None, start, start + 360, 2, on_road=True,
            road_class="secondary",
        ))  # fmt: skip
    return found


def _due(base: Problem, draw: Random, count: int) -> list[Due]:
    found = []
    for n in range(count):
        start = draw.randrange(7) * DAY_MIN + 120 * draw.randrange(12)
        squadron: SquadronId = draw.choice(base.squadrons)
        node = draw.randrange(NODES // 2)
        found.append(Due(
            MustArriveId(f"m{n}"), PlaceId(f"x{node}"), squadron, node, start, start + 120,
            draw.choice((10, 12, 15)), draw.choice((1, 1, 1, 2, 3)), draw.choice(CLASSES),
        ))  # fmt: skip
    return found


def _night_points(draw: Random) -> list[Due]:
    return [
        Due(MustArriveId(f"n{day}{k}"), PlaceId(f"x{k}"), SquadronId("s0"), 20 + k,
            day * DAY_MIN + 1260, day * DAY_MIN + 1620, 360, 1, "secondary", check=True)
        for day in (4, 5) for k in range(draw.randint(1, 3))
    ]  # fmt: skip


def lawful_lines(week: Problem, seed: int, share: float = 0.75) -> dict[TeamId, tuple[Span, ...]]:
    """Random lines that keep the laws of lines, judged by `check` alone."""
    draw = Random(seed)  # noqa: S311 - no secret
    free = week.at_once()
    lines = {}
    bare = replace(week, vehicles=(), devices={}, tasks=(), due=(), _home={})
    for team, squadron in week.teams.items():
        crews = [day[team] for day in week.crews if team in day]
        own = {p for crew in crews for p in (crew.officer, *crew.auxiliaries)}
        alone = replace(bare, persons={p: week.persons[p] for p in sorted(own)})
        line: list[Span] = []
        duties: tuple[Duty, ...] = ()
        for day in range(7):
            for _ in range(3 if draw.random() < share else 0):
                start = draw.choice(_near(week, day, line))
                span = Span(day, start, start + 60 * draw.choice(week.limits.shift_lengths_h))
                slots = week.slots_of(span.start_min, span.end_min)
                row = free[week.squadrons.index(squadron), slots.start : slots.stop]
                if row.min() <= 0 or team not in week.crews[day]:
                    continue
                longer = (*duties, _alone(week, team, span))
                if not check(alone, Roster(longer)):
                    line.append(span)
                    duties = longer
                    row -= 1
                    break
        lines[team] = tuple(line)
    return lines


def _near(week: Problem, day: int, line: list[Span]) -> Sequence[int]:
    """Starts of a day that are likely to follow the line's last duty; any if there is none."""
    if not line:
        return week.starts[day]
    ahead = (day - line[-1].day) * DAY_MIN + line[-1].start_min
    near = [s for s in week.starts[day] if abs(s - ahead) <= 270 and s >= line[-1].end_min + 600]
    return near or week.starts[day]


def _alone(week: Problem, team: TeamId, span: Span) -> Duty:
    """A duty of the people whose line it is, at the first post that is lawful for them."""
    crew, day = week.crews[span.day][team], week.dates[span.day]
    sure = tuple(
        p for p in week.sure(team, span.day)
        if week.persons[p].is_free(span.start_min, span.end_min)
    )  # fmt: skip
    posts = [p for p in week.posts if p.squadron == crew.squadron]
    local = [p for p in posts if len(sure) >= 2 or not week.strict(p.road_class)]
    return Duty(
        duty_id(team, day), team, crew.squadron, day, span.start_min, span.end_min, "patrol",
        crew.officer, sure, local[0].id if local else None,
    )  # fmt: skip
