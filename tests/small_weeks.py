"""Small weeks for the engines: random pasts, leave, clock changes; bare rosters of lines."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import numpy as np
from rosters import MONDAY, problem

from config.durations import DAY_MIN
from config.ids import PersonId, SquadronId, TeamId
from config.settings import Limits
from scheduler.problem import Problem, Task, Worked
from scheduler.roster import Duty, Roster, duty_id
from scheduler.slots import DAYS, SLOT_MIN
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.model import Model
from scheduler.solve.options import Span

SUNDAY_0200 = 6 * 48 + 4
"""The slot at whose start clocks change."""


def bare(problem_: Problem, lines: Mapping[TeamId, Sequence[Span]]) -> Roster:
    """A roster of lines that can break no other laws: own vehicle, own people, a local post."""
    duties = []
    for number, (team, line) in enumerate(lines.items()):
        squadron = problem_.teams[team]
        post = next(p.id for p in problem_.posts if p.squadron == squadron)
        vehicle = problem_.vehicles[number].id if problem_.vehicles else None
        for day, start_min, end_min in line:
            crew = problem_.crews[day].get(team)
            there = tuple(
                p for p in (problem_.sure(team, day) if crew else ())
                if problem_.persons[p].is_free(start_min, end_min)
            )  # fmt: skip
            duties.append(Duty(
                duty_id(team, problem_.dates[day]), team, squadron, problem_.dates[day],
                start_min, end_min, "patrol", crew.officer if crew else PersonId(f"{team}o"), there,
                post, vehicle,
            ))  # fmt: skip
    return Roster(tuple(duties))


def changed_clocks(week: Problem, shift_min: int) -> Problem:
    """The week with clocks put forward (+60) or back (−60) on Sunday at 02:00."""
    moved = [
        at - (min(shift_min, SLOT_MIN * (n - SUNDAY_0200)) if n > SUNDAY_0200 else 0)
        if shift_min > 0
        else at - (shift_min if n > SUNDAY_0200 + 1 else 0)
        for n, at in enumerate(week.slot_min)
    ]
    starts = tuple(
        tuple(sorted({moved[at // SLOT_MIN] + at % SLOT_MIN for at in day})) for day in week.starts
    )
    return replace(week, slot_min=tuple(moved), starts=starts)


def past_of(random: Random) -> tuple[Worked, ...]:
    """Two weeks that somebody worked, some of them to the edge of a law."""
    found: list[Worked] = []
    for day in range(-14, 0):
        if random.random() < 0.75:
            start = day * DAY_MIN + random.choice((360, 480, 600, 780, 960, 1200, 1320, 1380))
            end = start + 60 * random.choice((6, 8, 10)) + random.choice((0, 0, 0, -1, 1))
            if not found or start - found[-1].end_min >= 600:
                found.append(Worked(MONDAY + timedelta(days=day), start, end))
    return tuple(found)


def between(seed: int) -> Problem:
    """An edgy week before another one that is published: with duties ahead."""
    random, week = Random(seed), edgy(seed)  # noqa: S311 - repeatable
    persons = {
        name: replace(person, ahead=ahead_of(random) if random.random() < 0.8 else ())
        for name, person in week.persons.items()
    }
    return replace(week, persons=persons)


def ahead_of(random: Random) -> tuple[Worked, ...]:
    """Two weeks that somebody is to work after the week, some of them from its first hour on."""
    early = past_of(random)
    later = timedelta(days=3 * DAYS)
    return tuple(
        Worked(one.date + later, one.start_min + 21 * DAY_MIN, one.end_min + 21 * DAY_MIN)
        for one in early
    )


def week_of(seed: int) -> Problem:
    """A random small week: one or two squadrons, up to three teams each, tasks, leave, a past."""
    random = Random(seed)  # noqa: S311 - repeatable
    squadrons, teams = random.randint(1, 2), random.randint(1, 3)
    people = [f"s{s}t{t}{p}" for s in range(squadrons) for t in range(teams) for p in "oa"]
    names = [name if name.endswith("o") else f"{name}0" for name in people]
    past = {name: past_of(random) for name in names if random.random() < 0.7}
    absent = {
        name: [(day * DAY_MIN, (day + 1) * DAY_MIN)]
        for name in names
        if random.random() < 0.3
        for day in [random.randrange(DAYS)]
    }
    tasks = [
        Task(f"task{n}", "fixed", random.choice((SquadronId("s0"), None)),
             at, at + random.choice((60, 240)), on_road=random.random() < 0.3, road_class="primary")
        for n in range(random.randint(0, 3))
        for at in [random.randrange(DAYS) * DAY_MIN + random.choice((420, 480, 1260))]
    ]  # fmt: skip
    limits = Limits(
        shift_lengths_h=random.choice(((6, 8, 10), (8,), (6, 10))),
        two_days_off_in_days=random.choice((14, 14, 9)),
        days_in_a_row=random.choice((6, 6, 5, 4)),
        nights_in_a_row=random.choice((3, 3, 2)),
    )
    week = problem(
        squadrons=squadrons, teams=teams, auxiliaries=random.choice((1, 2, 2)),
        needed=random.randint(1, 2), past=past, absent=absent, tasks=tasks, limits=limits,
        grid_min=random.choice((60, 120, 240)), local=random.random() < 0.6,
        vehicles=random.choice((None, 1)),
    )  # fmt: skip
    return changed_clocks(week, shift) if (shift := random.choice((0, 0, 60, -60))) else week


def with_starts(week: Problem, clocks_min: Sequence[int]) -> Problem:
    """The week with duties that may start at these clock times of each day only."""
    return replace(
        week, starts=tuple(tuple(d * DAY_MIN + at for at in clocks_min) for d in range(DAYS))
    )


PROVEN = (0, 1, 2, 3, 4, 6, 7, 8)
"""Seeds of tiny weeks whose best the second engine proves within seconds; of 5 it never does."""


def tiny(seed: int) -> Problem:
    """A week so small that its best roster can be proven by other means."""
    random = Random(seed)  # noqa: S311 - repeatable
    week = problem(
        squadrons=1, teams=random.randint(1, 2), needed=1, past={"s0t0o": past_of(random)},
        limits=Limits(shift_lengths_h=random.choice(((8,), (6, 10)))),
        tasks=[
            Task(f"task{n}", "fixed", SquadronId("s0"), day * DAY_MIN + 500, day * DAY_MIN + 600)
            for n, day in enumerate(random.sample(range(DAYS), 2) * 2)
        ],
    )  # fmt: skip
    return with_starts(week, random.choice(((420, 840), (360, 1320), (480, 960, 1380))))


def edgy(seed: int) -> Problem:
    """A week of one team whose duties can be 659, 660 or 661 minutes apart, with a past."""
    random = Random(seed)  # noqa: S311 - repeatable
    names = ("s0t0o", "s0t0a0", "s0t0a1")
    past = {name: past_of(random) for name in names if random.random() < 0.6}
    limits = Limits(
        two_days_off_in_days=random.choice((14, 9, 8)), days_in_a_row=random.choice((6, 5, 3)),
        nights_in_a_row=random.choice((3, 2, 1)), shift_lengths_h=(6, 8, 10),
        most_in_7_days_min=random.choice((2880, 2400)),
        most_in_month_min=random.choice((12_720, 11_000)),
        start_drift_min=random.choice((240, 600, 720)),
    )  # fmt: skip
    week = problem(teams=1, past=past, limits=limits)
    month = {
        name: replace(person, month_min=random.choice((0, 9000, 9600)))
        for name, person in week.persons.items()
    }
    week = with_starts(replace(week, persons=month), (299, 300, 301, 480, 1200, 1380))
    return changed_clocks(week, shift) if (shift := random.choice((0, 0, 60, -60))) else week


def lines_of(model: Model, seed: int, count: int) -> list[tuple[int, ...]]:
    """Random weeks, most of them just inside or outside a law."""
    random = Random(seed)  # noqa: S311 - repeatable
    options = model.options
    start, end, clock = (
        minutes.tolist() for minutes in (options.start_min, options.end_min, options.clock_min)
    )
    lines = []
    for _ in range(count):
        line: list[int] = []
        often = random.choice((0.4, 0.7, 0.9))
        for day in range(DAYS):
            part = range(options.of_day[day], options.of_day[day + 1])
            near = [
                n for n in part
                if not line or abs(start[n] - end[line[-1]] - 660) < 2
                or abs(clock[n] - clock[line[-1]]) <= 240
            ]  # fmt: skip
            if random.random() < often and part:
                line.append(random.choice(near if near and random.random() < 0.8 else part))
        lines.append(tuple(line))
    return lines


def allowed(model: Model, lines: list[tuple[int, ...]]) -> list[bool]:
    """Whether the pricing finds each line whole when nothing but its duties is worth anything."""
    pricer, found = free_hours(model), []
    for line in lines:
        worth = np.full(model.options.count, -1000.0)
        worth[list(line)] = 1.0
        best = pricer.price(0, worth[model.doubled.source])
        found.append(best.bound == -len(line))
        week = best.lines[0]
        if found[-1]:
            assert tuple(model.doubled.source[week[week >= 0]]) == line, "another week"
    return found


def free_hours(model: Model) -> Pricer:
    """The pricing of the first group, where neither hours nor duties cost anything."""
    group = model.lines.groups[0]
    free = replace(group, ending=np.zeros_like(group.ending), cost=np.zeros_like(group.cost))
    return Pricer(replace(model.lines, groups=(free,)))
