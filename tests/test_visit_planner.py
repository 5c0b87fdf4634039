"""The planner of visits: how many are made, when, by whom; and why others are not."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from full_weeks import lawful_lines, random_drives, random_week
from rosters import DATES, problem, span
from test_visit_plans import faults

from config.cells import DutyKind
from config.durations import DAY_MIN
from config.ids import DutyId, MustArriveId, PersonId, PlaceId, PostId, SquadronId, TeamId
from scheduler.problem import Due, Post, Problem, Task
from scheduler.roster import Duty, Roster
from scheduler.solve.finish import Finished, finish
from scheduler.solve.pack import packed
from scheduler.solve.tour import Tour
from scheduler.solve.visit_plan import Plan
from scheduler.solve.visits import visited, wanted_of

S0 = SquadronId("s0")


def due(name: str, node: int, start: str, end: str, **more: object) -> Due:
    """A point of Monday on a local road."""
    told = {"road_class": "residential"} | more
    return replace(Due(MustArriveId(name), PlaceId(f"x{node}"), S0, node, *span(0, start, end)),
                   **told)  # type: ignore[arg-type]  # fmt: skip


def duty_of(start: str, end: str, number: int = 0, **more: object) -> Duty:
    """A Monday duty with two auxiliaries at the station, node 0."""
    name = f"s0t{number}"
    duty = Duty(
        DutyId(name), TeamId(name), S0, DATES[0], *span(0, start, end), "patrol",
        PersonId(f"{name}o"), (PersonId(f"{name}a0"), PersonId(f"{name}a1")), PostId("s0p"),
    )  # fmt: skip
    return replace(duty, **more)  # type: ignore[arg-type]


def week_of(*points: Due, seed: int = 0, tasks: tuple[Task, ...] = ()) -> Problem:
    """A week with these points and made-up driving times."""
    return replace(
        problem(teams=4), due=points, tasks=tasks, drives=random_drives(Random(seed)),  # noqa: S311 - no secret
        posts=(Post(PostId("s0p"), S0, station=True, road_class="residential"),), _home={},
    )  # fmt: skip


def most_visits(week: Problem, duty: Duty) -> int:
    """How many of its points one duty can visit, by trying all orders."""
    best = 0

    def go(at_min: int, node: int, left: tuple[Due, ...], count: int) -> None:
        nonlocal best
        best = max(best, count)
        for one in left if count + len(left) > best else ():
            arrive = max(at_min + week.drives(node, one.node), one.start_min)
            leave = arrive + one.dwell_min
            if leave <= min(one.end_min, duty.end_min - week.drives(one.node, 0)):
                go(leave, one.node, tuple(o for o in left if o is not one), count + 1)

    go(duty.start_min, 0, week.due, 0)
    return best


@pytest.mark.parametrize("kind", ["leader", "desk"])
def test_who_leads_the_duty_or_sits_at_the_desk_is_sent_nowhere(kind: DutyKind) -> None:
    """Though nobody else is there: the visit is missed, and a patrol would make it."""
    week = week_of(due("m1", 1, "08:00", "10:00"))
    (duty,), missed = visited(week, [duty_of("06:00", "14:00", kind=kind)])
    assert (duty.visits, set(missed)) == ((), {MustArriveId("m1")})
    (patrol,), none = visited(week, [duty_of("06:00", "14:00")])
    assert (len(patrol.visits), dict(none)) == (1, {})


def test_nearly_as_many_visits_as_can_be() -> None:
    """One unit, six narrow windows that overlap: against all orders, 100 times."""
    most = made = 0
    for seed in range(100):
        draw = Random(seed)  # noqa: S311 - no secret
        points = []
        for node in draw.sample(range(1, 40), 6):
            start = 480 + draw.randrange(90)
            point = due(f"m{node}", node, "08:00", "09:00")
            points.append(
                replace(point, start_min=start, end_min=start + draw.choice((20, 40, 60)))
            )
        week, duty = week_of(*points, seed=seed), duty_of("08:00", "14:00")
        (planned,), missed = visited(week, [duty])
        assert len(planned.visits) + len(missed) == 6
        most += most_visits(week, duty)
        made += len(planned.visits)
    assert most * 0.99 <= made <= most


def test_the_minute_cannot_be_told_from_the_window() -> None:
    """Each quarter of the windows has its share of arrivals; other weeks have other minutes."""
    points = [due(f"m{n}", 1 + n % 30, "08:00", "10:00", dwell_min=12) for n in range(30)]
    quarters: Counter[int] = Counter()
    minutes = []
    for number in range(10):
        week = replace(week_of(*points), week=f"2026-W{number + 30}")
        duties, _ = visited(week, [duty_of("06:00", "14:00", n) for n in range(12)])
        arrivals = [visit.arrive_min - 480 for duty in duties for visit in duty.visits]
        quarters.update(min(at // 27, 3) for at in arrivals)
        minutes.append(sorted(arrivals))
    assert min(quarters[n] for n in range(4)) > 0.15 * quarters.total()
    assert all(a != b for a, b in pairwise(minutes))


def after_school(week: str) -> list[int]:
    """Minutes after 08:20 at which a crew that stands at a school until then comes to a place.

    On five days, to be there between 07:00 and 09:00.
    """
    days = [DAY_MIN * n for n in range(5)]
    first = due("m0", 3, "07:00", "09:00")
    points = (
        replace(first, id=MustArriveId(f"m{n}"), start_min=first.start_min + day,
                end_min=first.end_min + day)
        for n, day in enumerate(days)
    )  # fmt: skip
    tasks = tuple(
        Task(f"school{n}", "school", S0, day + 400, day + 500) for n, day in enumerate(days)
    )
    own = [
        duty_of("06:00", "14:00", id=DutyId(f"d{n}"), date=DATES[n], start_min=day + 360,
                end_min=day + 840, tasks=(f"school{n}",))
        for n, day in enumerate(days)
    ]  # fmt: skip
    problem_ = replace(week_of(*points, tasks=tasks), week=week, _home={})
    duties, missed = visited(problem_, own)
    assert missed == {}
    return [duty.visits[0].arrive_min - day - 500 for duty, day in zip(duties, days, strict=True)]


def test_who_comes_from_a_task_does_not_come_at_once_each_day() -> None:
    """Of the minutes that are left of the window after school each is as likely as the others."""
    weeks = [after_school(f"2026-W{n:02}") for n in range(1, 41)]
    drive_min, last_min = week_of().drives(0, 3), 28  # 08:48: twelve minutes before nine
    seen = [at_min for week in weeks for at_min in week]
    assert (min(seen), max(seen)) == (drive_min, last_min)
    assert Counter(seen).most_common(1)[0][1] < 3 * len(seen) / (last_min - drive_min + 1)
    assert all(max(week) - min(week) >= 5 for week in weeks)


def test_units_share_the_visits() -> None:
    """Eight visits, four units with the same hours: two each."""
    points = [due(f"m{n}", 1 + n, "08:00", "14:00") for n in range(8)]
    duties, missed = visited(week_of(*points), [duty_of("06:00", "15:00", n) for n in range(4)])
    assert missed == {}
    assert max(len(duty.visits) for duty in duties) <= 3


def test_whoever_stands_by_is_sent_last() -> None:
    """A patrol that has the time goes first."""
    duties, _ = visited(
        week_of(due("m", 3, "08:00", "10:00")),
        [duty_of("06:00", "14:00", 0, kind="stand_by"), duty_of("06:00", "14:00", 1)],
    )
    assert [len(duty.visits) for duty in duties] == [0, 1]


def test_no_visit_falls_into_a_task_at_another_place() -> None:
    """A school post from 08:00 to 09:30 leaves the last half hour of the window."""
    task = Task("school", "school", S0, *span(0, "08:00", "09:30"), on_road=True, node=5)
    week = week_of(due("m", 3, "08:00", "10:00"), tasks=(task,))
    (duty,), missed = visited(week, [duty_of("07:00", "14:00", tasks=("school",))])
    assert missed == {}
    assert duty.visits[0].arrive_min >= span(0, "09:30", "10:00")[0] + week.drives(5, 3)


def test_a_night_check_closes_its_hours_even_without_points() -> None:
    """Its units are not patrols meanwhile."""
    task = Task("check", "night_check", None, *span(0, "21:00", "03:00"), 2, on_road=True)
    week = week_of(due("m", 3, "22:00", "23:59"), tasks=(task,))
    _, missed = visited(week, [duty_of("20:00", "04:00", tasks=("check",))])
    assert missed == {"m": "no_time"}


def test_room_made_in_a_tour_keeps_apart_from_others_visits() -> None:
    """Another unit is at the place from 08:00: 90 minutes later is the first possible moment."""
    week = week_of(due("m0", 1, "08:00", "10:00"), due("m1", 1, "08:00", "10:00"))
    tours = [Tour.of(week, duty_of("07:00", "14:00", n)) for n in range(2)]
    wanted, _ = wanted_of(week)
    plan = Plan(week, tours, wanted, [-1, -1], [0, 0], [[0, 1], [0, 1]])
    plan.put(0, 0, 480)
    stops = packed(plan, 1, 1)
    assert stops is not None
    assert [stop.arrive_min for stop in stops if stop.visit == 1] == [480 + 12 + 90]


@pytest.mark.parametrize(("points", "hours", "crew", "why"), [
    ([due("m", 3, "18:00", "20:00")], ("08:00", "16:00"), 2, "no_unit"),
    ([due("m", 3, "08:00", "10:00", road_class="primary")], ("08:00", "16:00"), 1, "no_crew"),
    ([due("m", 3, "08:00", "08:12")], ("08:00", "16:00"), 2, "no_time"),
    ([due("m", 3, "08:00", "10:00", visits=3)], ("08:00", "16:00"), 2, "spacing"),
    ([due("m", 3, "08:00", "10:00", check=True)], ("08:00", "16:00"), 2, "no_check"),
])  # fmt: skip
def test_what_nobody_visits_has_a_reason(
    points: list[Due], hours: tuple[str, str], crew: int, why: str
) -> None:
    """Nobody there; too small a crew; no time to drive; too many in the window; no night check."""
    duty = duty_of(*hours)
    _, missed = visited(week_of(*points), [replace(duty, auxiliaries=duty.auxiliaries[:crew])])
    assert missed == {"m": why}


def night(points: int, units: int) -> tuple[list[Duty], dict[MustArriveId, str]]:
    """A Monday night check with so many points and units."""
    task = Task("check", "night_check", None, *span(0, "21:00", "03:00"), 2, on_road=True)
    stands = [due(f"n{k}", 1 + k, "21:00", "03:00", check=True, dwell_min=360)
              for k in range(points)]  # fmt: skip
    week = week_of(*stands, tasks=(task,))
    duties = [duty_of("20:00", "04:00", n, tasks=("check",)) for n in range(units)]
    return visited(week, duties)


@pytest.mark.parametrize(("points", "units"), [(1, 2), (2, 2), (3, 2), (3, 3), (2, 4), (3, 1)])
def test_a_night_check_has_somebody_at_every_point(points: int, units: int) -> None:
    """Units spread over the points, take turns where they are fewer, and are nowhere idle."""
    duties, missed = night(points, units)
    stays = [visit for duty in duties for visit in duty.visits]
    assert missed == {}
    assert {visit.must_arrive for visit in stays} == {f"n{k}" for k in range(points)}
    for duty in duties:
        stood = sum(visit.leave_min - visit.arrive_min for visit in duty.visits)
        assert stood >= 360 - 20 * len(duty.visits)


@pytest.mark.parametrize(("spoiled", "fault"), [
    ("early", "outside its window"), ("short", "too short"), ("teleport", "min of driving"),
    ("twice", "min apart"), ("alone", "too small a crew"), ("silent", "of "),
])  # fmt: skip
def test_the_checker_of_plans_finds_what_is_spoiled(spoiled: str, fault: str) -> None:
    """A judge that finds nothing in a bad plan proves nothing about a good one."""
    points = [due("m0", 1, "08:00", "10:00", road_class="primary"), due("m1", 2, "08:00", "10:00")]
    week = week_of(*points)
    (duty,), missed = visited(week, [duty_of("07:00", "14:00")])
    first, second = duty.visits
    match spoiled:
        case "early":
            duty = replace(duty, visits=(replace(first, arrive_min=470, leave_min=482), second))
        case "short":
            duty = replace(duty, visits=(replace(first, leave_min=first.leave_min - 1), second))
        case "teleport":
            near = replace(second, arrive_min=first.leave_min, leave_min=first.leave_min + 12)
            duty = replace(duty, visits=(first, near))
        case "twice":
            again = replace(first, arrive_min=first.arrive_min + 30,
                            leave_min=first.leave_min + 30)  # fmt: skip
            duty = replace(duty, visits=(first, again))
        case "alone":
            duty = replace(duty, auxiliaries=duty.auxiliaries[:1])
        case _:
            duty = replace(duty, visits=(second,))
    made = Finished(Roster((duty,)), missed)
    assert any(fault in told for told in faults(week, made, week.drives))


def test_a_week_without_driving_times_has_no_visits() -> None:
    """Where it is not known how long the way is, none is promised."""
    week = replace(random_week(1, teams=3), drives=problem().drives)
    made = finish(week, lawful_lines(week, 1))
    ordinary = {point.id for point in week.due if not point.check}
    assert all(v.must_arrive not in ordinary or d.post is None
               for d in made.roster.duties for v in d.visits)  # fmt: skip
