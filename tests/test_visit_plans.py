"""Visit plans, judged by a checker that shares no code with the planner.

Driving times are recomputed from edges.csv by a Dijkstra of the test's own.
"""

import csv
import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from districts import WEEK, small_district
from full_weeks import lawful_lines, random_week
from sample_truth import NEXT_WEEK, folder_of

from config.district import District, load
from scheduler.drives import Drives
from scheduler.foresight.demand import Demand
from scheduler.foresight.must_arrive import MustArrive, Reason
from scheduler.intake import problem_of
from scheduler.problem import Due, Problem
from scheduler.roster import Duty, Visit
from scheduler.rules import check
from scheduler.slots import SLOTS
from scheduler.solve.finish import Finished, finish
from scheduler.week import nodes_of

Minutes = Callable[[int, int], float]
ARTERIAL = ("motorway", "trunk", "primary", "secondary")


@dataclass(frozen=True)
class Leg:
    """A stay at a node."""

    start: int
    end: int
    node: int | None
    visit: bool = False


def faults(week: Problem, made: Finished, minutes: Minutes) -> Iterator[str]:
    """What is wrong with the plan of all visits."""
    points = {due.id: due for due in week.due}
    stays: dict[int, list[tuple[int, int]]] = {}
    count: Counter[str] = Counter()
    for duty in made.roster.duties:
        yield from faults_of_way(week, duty, minutes)
        for visit in duty.visits:
            due = points[visit.must_arrive]
            count[due.id] += 1
            yield from faults_of_visit(week, duty, due, visit)
            if not due.check:
                stays.setdefault(due.node, []).append((visit.arrive_min, visit.leave_min))
    for node, spans in stays.items():
        ordered = sorted(spans)
        for (_, left), (arrived, _) in pairwise(ordered):
            if arrived - left < week.spacing_min:
                yield f"two visits at {node} only {arrived - left} min apart"
    for due in week.due:
        enough = count[due.id] >= due.visits
        if enough == (due.id in made.missed):
            yield f"{due.id}: {count[due.id]} of {due.visits} visits, yet {made.missed.get(due.id)}"
        if count[due.id] > due.visits and not due.check:
            yield f"{due.id}: too many visits"


def faults_of_visit(week: Problem, duty: Duty, due: Due, visit: Visit) -> Iterator[str]:
    """Place, window, length, crew, and what else the unit has to do in these minutes."""
    name = f"{duty.id}/{due.id}"
    if visit.place != due.place or (duty.squadron != due.squadron and not due.check):
        yield f"{name}: not its place or squadron"
    if visit.arrive_min < due.start_min or visit.leave_min > due.end_min:
        yield f"{name}: outside its window"
    if not due.check and visit.leave_min - visit.arrive_min != due.dwell_min:
        yield f"{name}: too short or too long"
    strict = week.crew_law == "all" or (
        week.crew_law == "by_class" and (due.road_class is None or due.road_class in ARTERIAL)
    )
    if strict and len(duty.auxiliaries) < 2:
        yield f"{name}: too small a crew"
    checks = False
    for task in week.tasks:
        if task.id in duty.tasks:
            inside = task.start_min <= visit.arrive_min and visit.leave_min <= task.end_min
            over = visit.arrive_min < task.end_min and task.start_min < visit.leave_min
            night = task.kind == "night_check"
            checks |= inside and night
            if over and not (night and due.check):
                yield f"{name}: during {task.id}"
    if due.check and not checks:
        yield f"{name}: by a unit that has no night check"


def faults_of_way(week: Problem, duty: Duty, minutes: Minutes) -> Iterator[str]:
    """From the post through tasks and visits and back, every leg next to a visit."""
    post = next((p.node for p in week.posts if p.id == duty.post), None)
    nodes = {due.id: due.node for due in week.due}
    legs = [
        Leg(task.start_min, task.end_min, post if task.node is None else task.node)
        for task in week.tasks if task.id in duty.tasks and task.kind != "night_check"
    ]  # fmt: skip
    legs += [Leg(v.arrive_min, v.leave_min, nodes[v.must_arrive], visit=True) for v in duty.visits]
    legs.sort(key=lambda leg: (leg.start, leg.end))
    way = [Leg(duty.start_min, duty.start_min, post), *legs, Leg(duty.end_min, duty.end_min, post)]
    for before, after in pairwise(way):
        free = after.start - before.end
        anywhere = before.node is None or after.node is None
        need = 0.0 if anywhere else minutes(before.node or 0, after.node or 0)
        if (before.visit or after.visit) and free < need:
            yield f"{duty.id}: {need} min of driving in {free} min before {after.start}"


def dijkstra(folder: Path, district: District) -> Minutes:
    """Driving on patrol between nodes, from the file of edges."""
    ahead: dict[int, list[tuple[int, float]]] = {}
    number = {str(name): at for name, at in district.roads.index.items()}
    with (folder / "edges.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            ends = number[row["from"]], number[row["to"]]
            seconds = float(row["patrol_seconds"])
            ahead.setdefault(ends[0], []).append((ends[1], seconds))
            if row["oneway"] == "0":
                ahead.setdefault(ends[1], []).append((ends[0], seconds))
    known: dict[int, dict[int, float]] = {}

    def minutes(origin: int, target: int) -> float:
        if origin not in known:
            best, queue = {origin: 0.0}, [(0.0, origin)]
            while queue:
                at_s, node = heapq.heappop(queue)
                for other, seconds in ahead.get(node, ()):
                    if at_s <= best[node] and at_s + seconds < best.get(other, math.inf):
                        best[other] = at_s + seconds
                        heapq.heappush(queue, (best[other], other))
            known[origin] = best
        return known[origin].get(target, math.inf) / 60

    return minutes


def points_of(district: District, seed: int, count: int) -> list[MustArrive]:
    """Random points of a district, the night checks' among them."""
    draw = Random(seed)  # noqa: S311 - no secret
    found = []
    for n in range(count):
        place = draw.choice(list(district.places))
        squadron = district.squadron_of_node(district.node_of_place(place))
        start = 120 * draw.randrange(12)
        found.append(MustArrive(
            f"m{n}", str(place), squadron, draw.randint(1, 7), start, start + 120, 12,
            draw.choice((1, 1, 2)), Reason("risk", 1.0, n),
        ))  # fmt: skip
    for day in (5, 6):
        for place in draw.sample(list(district.places), 2):
            squadron = district.squadron_of_node(district.node_of_place(place))
            why = Reason("night_check", 1.0, 1)
            found.append(
                MustArrive(f"n{day}{place}", str(place), squadron, day, 1260, 1620, 360, 1, why)
            )
    return found


def week_of(district: District, week: str, points: list[MustArrive]) -> Problem:
    """A week without demand."""
    none = np.zeros((len(district.squadrons), SLOTS), dtype=np.int64)
    held = problem_of(district, week, Demand(none, none, none, none, none, none), points)
    return replace(held, drives=Drives.between(district.travel, nodes_of(held)))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample district."""
    return folder_of(tmp_path_factory.mktemp("sample") / "district")


@pytest.mark.parametrize("seed", range(6))
def test_plans_of_the_small_district_hold(tmp_path: Path, seed: int) -> None:
    """Windows, dwell, spacing, crews and driving times over one-way streets."""
    district = load(small_district(tmp_path))
    week = week_of(district, WEEK, points_of(district, seed, 60))
    made = finish(week, lawful_lines(week, seed))
    assert list(faults(week, made, dijkstra(tmp_path, district))) == []
    assert sum(len(duty.visits) for duty in made.roster.duties) > 10


@pytest.mark.parametrize(("monday", "week"), [
    (date(2026, 3, 23), "2026-W13"), (date(2026, 10, 19), "2026-W43"),
])  # fmt: skip
def test_plans_hold_over_clock_changes(tmp_path: Path, monday: date, week: str) -> None:
    """Sunday night is an hour shorter in March, an hour longer in October."""
    folder = small_district(tmp_path, monday=monday, time_zone="Europe/Madrid")
    district = load(folder)
    held = week_of(district, week, points_of(district, 4, 60))
    made = finish(held, lawful_lines(held, 4))
    assert check(held, made.roster) == []
    assert list(faults(held, made, dijkstra(folder, district))) == []
    assert any(duty.end_min > held.slot_min[6 * 48 + 6] for duty in made.roster.duties)


def test_plans_of_the_sample_district_hold(sample: Path) -> None:
    """With twice the visits that its weeks have."""
    district = load(sample)
    week = week_of(district, NEXT_WEEK, points_of(district, 1, 250))
    made = finish(week, lawful_lines(week, 1))
    assert list(faults(week, made, dijkstra(sample, district))) == []
    assert sum(len(duty.visits) for duty in made.roster.duties) > 150


@pytest.mark.parametrize("ten", range(4))
def test_plans_of_random_weeks_hold(ten: int) -> None:
    """Made-up driving times, crew laws, tasks at places, short windows."""
    for seed in range(1000 + 10 * ten, 1010 + 10 * ten):
        week = random_week(seed, teams=4, due=60)
        made = finish(week, lawful_lines(week, seed, 0.9))
        assert list(faults(week, made, week.drives)) == [], seed
