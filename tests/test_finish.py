"""From lines to a roster: lawful whatever the week, and at the least cost by the rules of cover."""

from dataclasses import replace

import pytest
from full_weeks import lawful_lines, random_week
from rosters import DATES, problem, span

from config.ids import DeviceId, PersonId, PostId, SquadronId, TeamId, VehicleId
from scheduler.problem import Post, Problem, Task, Vehicle
from scheduler.roster import Duty
from scheduler.rules import check, shortfalls
from scheduler.rules.coverage import skills
from scheduler.solve.finish import finish
from scheduler.solve.options import Span

T0, T1, T2 = (TeamId(f"s0t{n}") for n in range(3))


def line(*duties: tuple[int, str, str]) -> tuple[Span, ...]:
    """Spans from (day, start, end)."""
    return tuple(Span(day, *span(day, start, end)) for day, start, end in duties)


def only(week: Problem, **lines: tuple[Span, ...]) -> list[Duty]:
    """The finished duties of some teams' lines, after `check`."""
    roster = finish(week, {TeamId(team): own for team, own in lines.items()}).roster
    assert check(week, roster) == []
    return list(roster.duties)


@pytest.mark.parametrize("fifty", range(4))
def test_a_finished_roster_breaks_no_law(fifty: int) -> None:
    """200 random weeks with guests, leave, tasks, too few vehicles, small crews."""
    for seed in range(50 * fifty, 50 * fifty + 50):
        week = random_week(seed, teams=3 + seed % 3, due=20)
        roster = finish(week, lawful_lines(week, seed)).roster
        assert check(week, roster) == [], seed


def test_duties_are_kept_where_they_can_be() -> None:
    """Lawful by leaving everything out would be too easy."""
    kept = asked = 0
    for seed in range(300, 330):
        week = random_week(seed, teams=3)
        lines = lawful_lines(week, seed)
        asked += sum(len(own) for own in lines.values())
        kept += len(finish(week, lines).roster.duties)
    assert kept >= 0.99 * asked  # a vehicle withdrawn in the midst of a duty is all that may lack


def test_the_same_lines_give_the_same_roster() -> None:
    """No order of a set, no clock, no chance."""
    week = random_week(5)
    lines = lawful_lines(week, 5)
    turned = dict(reversed(lines.items()))
    assert finish(week, lines) == finish(week, turned)


# --- tasks and roles -------------------------------------------------------------------------


def fewest_missing(week: Problem, duties: list[Duty]) -> int:
    """Least cost of missing teams, by trying everything."""
    wanted = [task for task in week.tasks for _ in range(task.teams)]
    law = week.crew_law == "all"

    def able(task: Task, duty: Duty) -> bool:
        strict = law or (week.crew_law == "by_class" and week.strict(task.road_class))
        small = task.on_road and strict and len(duty.auxiliaries) < 2
        inside = duty.start_min <= task.start_min and task.end_min <= duty.end_min
        own = task.squadron in (None, duty.squadron)
        return own and inside and not small and task.skills <= skills(week, duty.people)

    def cost(n: int, held: tuple[tuple[Task, int], ...]) -> int:
        if n == len(wanted):
            return 0
        task = wanted[n]
        price = 400 if task.kind == "night_check" else 200
        best = price + cost(n + 1, held)
        for k, duty in enumerate(duties):
            free = all(
                j != k or other.end_min <= task.start_min or task.end_min <= other.start_min
                for other, j in held
            )
            if free and able(task, duty):
                best = min(best, cost(n + 1, (*held, (task, k))))
        return best

    return cost(0, ())


def test_tasks_are_given_out_at_the_least_cost() -> None:
    """Against all ways of giving them out, day by day of small weeks."""
    seen = 0
    for seed in range(400, 430):
        week = random_week(seed, teams=3)
        lines = lawful_lines(week, seed, 0.9)
        for day in range(7):
            first = day * 1440
            own = [t for t in week.tasks if first <= t.start_min < first + 1440]
            one = replace(week, tasks=tuple(own[:5]), _home={})
            roster = finish(one, {t: tuple(s for s in ln if s.day == day)
                                  for t, ln in lines.items()}).roster  # fmt: skip
            found = sum(b.amount for b in shortfalls(one, roster) if b.rule == "fixed-duties")
            assert found == fewest_missing(one, list(roster.duties)), (seed, day)
            seen += sum(len(duty.tasks) for duty in roster.duties)
    assert seen > 50


def test_a_duty_holds_tasks_that_follow_each_other() -> None:
    """School in the morning, desk before noon; the kind is that of the work on the road."""
    tasks = (
        Task("school", "school", SquadronId("s0"), *span(0, "07:00", "08:00"), on_road=True,
             road_class="residential"),
        Task("desk", "desk", SquadronId("s0"), *span(0, "09:00", "12:00")),
    )  # fmt: skip
    (duty,) = only(problem(teams=1, tasks=tasks), s0t0=line((0, "06:00", "14:00")))
    assert duty.tasks == ("school", "desk")


def school(name: str = "school") -> Task:
    """A school post of Tuesday morning."""
    hours = span(1, "07:10", "08:20")
    return Task(name, "school", SquadronId("s0"), *hours, on_road=True, road_class="residential")


@pytest.mark.parametrize(
    ("day", "start", "end", "kind"),
    [(1, "06:00", "14:00", "school"), (1, "04:30", "12:30", "school"),
     (1, "00:30", "08:30", "patrol"), (0, "22:30", "08:30", "patrol")],
)  # fmt: skip
def test_a_night_that_ends_with_a_school_post_is_a_patrol(
    day: int, start: str, end: str, kind: str
) -> None:
    """The label says what most of it is; the task is named all the same."""
    others = line((day, "08:30", "16:30"))  # who leads and stands by; they come after the post
    duties = only(
        problem(teams=3, tasks=(school(),)),
        s0t0=others, s0t1=line((day, start, end)), s0t2=others,
    )  # fmt: skip
    found = next(duty for duty in duties if duty.team == T1)
    assert (found.tasks, found.kind) == (("school",), kind)


def test_a_school_post_goes_to_a_day_rather_than_to_the_end_of_a_night() -> None:
    """Of two duties that hold it."""
    duties = only(
        problem(teams=2, tasks=(school(),)),
        s0t0=line((1, "00:30", "08:30")), s0t1=line((1, "06:00", "14:00")),
    )  # fmt: skip
    assert {duty.team: duty.tasks for duty in duties} == {T0: (), T1: ("school",)}


def test_each_day_has_a_leader_and_a_stand_by() -> None:
    """Only s0t0 may lead; whoever else is there stands by."""
    duties = only(
        problem(teams=3), s0t0=line((0, "08:00", "16:00"), (1, "08:00", "16:00")),
        s0t1=line((0, "08:00", "16:00")), s0t2=line((1, "08:00", "16:00"), (2, "08:00", "16:00")),
    )  # fmt: skip
    kinds = {(duty.team, (duty.date - DATES[0]).days): duty.kind for duty in duties}
    assert kinds == {
        (T0, 0): "leader", (T1, 0): "stand_by", (T0, 1): "leader", (T2, 1): "stand_by",
        (T2, 2): "stand_by",
    }  # fmt: skip


# --- people ----------------------------------------------------------------------------------


def with_guest(day: int) -> Problem:
    """A week in which s0t1's auxiliary a0 is bonded to s0t0 on one day."""
    week = problem(teams=2, auxiliaries=2)
    crews = [dict(of_day) for of_day in week.crews]
    guest = PersonId("s0t1a0")
    own, other = crews[day][T0], crews[day][T1]
    crews[day][T0] = replace(own, auxiliaries=(*own.auxiliaries, guest))
    crews[day][T1] = replace(other, auxiliaries=(PersonId("s0t1a1"),))
    return replace(week, crews=tuple(crews), _home={})


@pytest.mark.parametrize(("start", "end", "aboard"), [
    ("10:00", "18:00", True),  # 12 h after the duty at home
    ("08:00", "16:00", False),  # 10 h after it: too little rest
])  # fmt: skip
def test_a_guest_is_aboard_where_the_laws_allow_it(start: str, end: str, aboard: bool) -> None:  # noqa: FBT001 - a case
    """The guest worked at home until 22:00 on the evening before."""
    duties = only(with_guest(1), s0t0=line((1, start, end)), s0t1=line((0, "14:00", "22:00")))
    assert ("s0t1a0" in duties[-1].auxiliaries) == aboard


def test_who_goes_on_leave_at_midnight_is_not_aboard_a_duty_over_it() -> None:
    """The others go."""
    absent = {"s0t0a0": [(2 * 1440, 3 * 1440)]}
    (duty,) = only(problem(teams=1, absent=absent), s0t0=line((1, "20:00", "02:00")))
    assert duty.auxiliaries == ("s0t0a1",)


# --- posts, vehicles, PDAs -------------------------------------------------------------------


def test_a_small_crew_stands_on_a_local_road() -> None:
    """And a full one may stand anywhere, so that posts are shared out."""
    posts = tuple(
        Post(PostId(name), SquadronId("s0"), road_class=road)
        for name, road in (("main", "primary"), ("side", "residential"))
    )
    small = replace(problem(teams=2, auxiliaries=1), posts=posts)
    lines = {"s0t0": line((0, "08:00", "16:00")), "s0t1": line((0, "08:00", "16:00"))}
    assert {duty.post for duty in only(small, **lines)} == {"side"}
    full = replace(problem(teams=2, auxiliaries=2), posts=posts)
    assert {duty.post for duty in only(full, **lines)} == {"main", "side"}


def test_a_crew_that_may_stand_nowhere_is_left_out() -> None:
    """A law allows the empty roster."""
    week = problem(teams=1, auxiliaries=1, local=False)
    assert only(week, s0t0=line((0, "08:00", "16:00"))) == []


def test_a_withdrawn_vehicle_stays_and_the_next_goes() -> None:
    """v0 is away on Tuesday; the team has it again on Wednesday, or keeps the other."""
    vehicles = (
        Vehicle(VehicleId("v0"), SquadronId("s0"), withdrawn=((1440, 2880),)),
        Vehicle(VehicleId("v1"), SquadronId("s0")),
    )
    week = replace(problem(teams=1), vehicles=vehicles)
    days = [(day, "08:00", "16:00") for day in range(3)]
    assert [duty.vehicle for duty in only(week, s0t0=line(*days))][1] == "v1"


def test_all_get_vehicles_though_one_is_withdrawn_in_the_midst() -> None:
    """In order of start the first takes the smaller, the only one that lasts for the second."""
    vehicles = (
        Vehicle(VehicleId("a"), SquadronId("s0"), seats=2),
        Vehicle(VehicleId("b"), SquadronId("s0"), withdrawn=(span(0, "15:00", "23:00"),)),
    )
    week = replace(problem(teams=2, auxiliaries=1), vehicles=vehicles)
    lines = {"s0t0": line((0, "08:00", "14:00")), "s0t1": line((0, "09:00", "17:00"))}
    assert {duty.team: duty.vehicle for duty in only(week, **lines)} == {T0: "b", T1: "a"}


def test_a_crew_has_a_seat_each_if_it_can_be() -> None:
    """Of three on duty, those in the small vehicle are two."""
    vehicles = tuple(
        Vehicle(VehicleId(f"v{n}"), SquadronId("s0"), seats) for n, seats in enumerate((2, 5))
    )
    week = problem(teams=2)
    persons = dict(week.persons)
    ill = PersonId("s0t1a0")
    persons[ill] = replace(persons[ill], absent=((1440, 2880),))
    week = replace(week, persons=persons, vehicles=vehicles, _home={})
    duties = only(week, s0t0=line((0, "19:00", "01:00")), s0t1=line((0, "18:30", "00:30")))
    assert {duty.team: duty.vehicle for duty in duties} == {T0: "v1", T1: "v0"}


def test_pdas_are_nobody_elses_meanwhile() -> None:
    """Two PDAs, three duties of which two are at once."""
    held = {"d0": SquadronId("s0"), "d1": SquadronId("s0")}
    week = replace(problem(teams=3), devices=held)
    duties = only(
        week, s0t0=line((0, "06:00", "14:00")), s0t1=line((0, "08:00", "16:00")),
        s0t2=line((0, "14:00", "22:00")),
    )  # fmt: skip
    assert {duty.device for duty in duties} == {DeviceId("d0"), DeviceId("d1")}
