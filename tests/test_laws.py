"""Every law finds the smallest change that breaks it, and no other law does: case by case.

A law has a case for each way in which it can be broken; one that has none fails here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from rosters import DATES, problem, span

from config.ids import (
    DutyId,
    MustArriveId,
    PersonId,
    PlaceId,
    PostId,
    SquadronId,
    TeamId,
    VehicleId,
)
from scheduler.problem import Due, Person, Problem, Task
from scheduler.roster import Duty, Roster, Visit, duty_id
from scheduler.rules import check, laws_of

S0, WEEK = SquadronId("s0"), problem(squadrons=2)
NIGHT, EARLY = ("22:00", "06:00"), ("05:00", "10:00")


@dataclass(frozen=True)
class Case:
    """A lawful roster, and the least that must change in it for the law to be broken."""

    law: str
    week: Problem
    kept: Sequence[Duty]
    broken: Sequence[Duty]


def on(day: int, start: str = "08:00", end: str = "16:00", team: int = 0, **more: object) -> Duty:
    """A duty of a team of squadron s0, whole, in its own car, at the post on a local road."""
    name, date = TeamId(f"s0t{team}"), DATES[day]
    duty = Duty(
        duty_id(name, date), name, S0, date, *span(day, start, end), "patrol", PersonId(f"{name}o"),
        (PersonId(f"{name}a0"), PersonId(f"{name}a1")), PostId("s0p"), VehicleId(f"s0v{team}"),
    )  # fmt: skip
    return replace(duty, **more)  # type: ignore[arg-type]


def at(*stays: tuple[str, str, str], team: int = 0) -> Duty:
    """Monday's duty with visits: point, arrival, leaving."""
    visits = (
        Visit(MustArriveId(name), PlaceId(name), *span(0, arrive, leave))
        for name, arrive, leave in stays
    )
    return on(0, team=team, visits=tuple(visits))


def with_people(*names: str, **traits: object) -> Problem:
    """The week in which some people are not as usual."""
    some: list[Person] = [
        replace(WEEK.persons[PersonId(name)], **traits)  # type: ignore[arg-type]
        for name in names
    ]
    persons = {**WEEK.persons, **{person.id: person for person in some}}
    return replace(WEEK, persons=persons, _home={})


def with_limits(**limits: int) -> Problem:
    """The week under other limits."""
    return WEEK.limited(**limits)


def with_points(*names: str, road_class: str = "residential") -> Problem:
    """The week with points to be visited on Monday from 09:00 to 12:00, each at its own node."""
    due = (
        Due(MustArriveId(name), PlaceId(name), S0, int(name), *span(0, "09:00", "12:00"),
            road_class=road_class)
        for name in names
    )  # fmt: skip
    return replace(WEEK, due=tuple(due), _home={})


def with_task(road_class: str) -> Problem:
    """The week with a fixed duty on a road."""
    task = Task("gate", "fixed", S0, *span(0, "09:00", "10:00"), on_road=True)
    return replace(WEEK, tasks=(replace(task, road_class=road_class),), _home={})


def with_withdrawn(vehicle: str) -> Problem:
    """The week in which a vehicle is withdrawn from Monday 16:00 on."""
    gone = (span(0, "16:00", "18:00"),)
    cars = (replace(v, withdrawn=gone) if v.id == vehicle else v for v in WEEK.vehicles)
    return replace(WEEK, vehicles=tuple(cars), _home={})


def with_devices(*owners: str) -> Problem:
    """The week with PDAs of these squadrons: pda0, pda1 …."""
    devices = {f"pda{n}": SquadronId(owner) for n, owner in enumerate(owners)}
    return replace(WEEK, devices=devices, _home={})


LAWS = [
    Case("one-duty-a-day", with_limits(start_drift_min=720), [on(0, *EARLY), on(1, *EARLY)],
         [on(0, *EARLY), on(0, "21:00", "01:30", id=DutyId("second"))]),
    # Leave of the officer, and of who comes along.
    Case("leave", with_people("s0t0o", absent=(span(0, "16:00", "24:00"),)), [on(0)],
         [on(0, "08:00", "16:01")]),
    Case("leave", with_people("s0t0a1", absent=(span(0, "16:00", "24:00"),)), [on(0)],
         [on(0, "08:00", "16:01")]),
    # A stranger comes along, or leads; the team is not there on that day.
    Case("bonds", WEEK, [on(0)], [on(0, auxiliaries=(PersonId("s0t0a0"), PersonId("s0t1a0")))]),
    Case("bonds", WEEK, [on(0)], [on(0, officer=PersonId("s0t1o"))]),
    Case("bonds", replace(WEEK, crews=(*WEEK.crews[:6], {})), [on(5)], [on(6)]),
    # Too small a crew at a post, at a task, at a task that is known by its kind, at a visit.
    Case("crew-law", problem(local=False), [on(0)], [on(0, auxiliaries=())]),
    Case("crew-law", with_task("primary"), [on(0, tasks=("gate",))],
         [on(0, tasks=("gate",), auxiliaries=())]),
    Case("crew-law", with_task("primary"), [on(0, kind="fixed")],
         [on(0, kind="fixed", auxiliaries=())]),
    Case("crew-law", with_points("1", road_class="primary"), [at(("1", "09:00", "09:12"))],
         [replace(at(("1", "09:00", "09:12")), auxiliaries=())]),
    # No car, another squadron's, one that is withdrawn, one car in two duties at once.
    Case("vehicles", WEEK, [on(0)], [on(0, vehicle=None)]),
    Case("vehicles", WEEK, [on(0)], [on(0, vehicle=VehicleId("s1v0"))]),
    Case("vehicles", with_withdrawn("s0v0"), [on(0)], [on(0, "08:00", "16:01")]),
    Case("vehicles", WEEK, [on(0), on(0, "16:00", "23:00", 1, vehicle=VehicleId("s0v0"))],
         [on(0), on(0, "15:59", "23:00", 1, vehicle=VehicleId("s0v0"))]),
    # One PDA in two duties at once, another squadron's, more units than PDAs.
    Case("vehicles", with_devices("s0", "s0"),
         [on(0, device="pda0"), on(0, "16:00", "23:00", 1, device="pda0")],
         [on(0, device="pda0"), on(0, "15:59", "23:00", 1, device="pda0")]),
    Case("vehicles", with_devices("s0", "s1"), [on(0, device="pda0")], [on(0, device="pda1")]),
    Case("vehicles", with_devices("s0"), [on(0), on(0, "16:00", "23:00", 1)],
         [on(0), on(0, "15:59", "23:00", 1)]),
    # Before the window, after it, too short a stay, no time for the drive.
    Case("visit-times", with_points("1"), [at(("1", "09:00", "09:12"))],
         [at(("1", "08:59", "09:12"))]),
    Case("visit-times", with_points("1"), [at(("1", "11:48", "12:00"))],
         [at(("1", "11:48", "12:01"))]),
    Case("visit-times", with_points("1"), [at(("1", "09:00", "09:12"))],
         [at(("1", "09:00", "09:11"))]),
    Case("visit-times", with_points("1", "2"),
         [at(("1", "09:00", "09:12"), ("2", "09:12", "09:24"))],
         [at(("1", "09:00", "09:12"), ("2", "09:11", "09:24"))]),
    Case("visits-apart", with_points("1"),
         [at(("1", "09:00", "09:12")), at(("1", "10:42", "10:54"), team=1)],
         [at(("1", "09:00", "09:12")), at(("1", "10:41", "10:54"), team=1)]),
    Case("rest-between-duties", WEEK, [on(0, "13:00", "22:00"), on(1, "09:00", "11:00")],
         [on(0, "13:00", "22:01"), on(1, "09:00", "11:00")]),
    Case("most-in-24-hours", WEEK, [on(0, "08:00", "20:00")], [on(0, "08:00", "20:01")]),
    Case("most-in-seven-days", WEEK, [on(day) for day in range(6)],
         [*(on(day) for day in range(5)), on(5, "08:00", "16:01")]),
    Case("most-in-month", with_people("s0t0a1", month_min=12_720 - 480), [on(0)],
         [on(0, "08:00", "16:01")]),
    Case("days-in-a-row", with_limits(days_in_a_row=3), [on(0), on(1), on(2), on(4)],
         [on(0), on(1), on(2), on(3)]),
    Case("nights-in-a-row", WEEK, [on(day, *NIGHT) for day in (0, 1, 2, 4)],
         [on(day, *NIGHT) for day in (0, 1, 2, 3)]),
    Case("off-after-nights", WEEK, [on(0, "22:00", "04:00"), on(2, "04:00", "09:00")],
         [on(0, "22:00", "04:00"), on(2, "03:59", "09:00")]),
    Case("two-days-off", with_limits(two_days_off_in_days=8), [on(0), on(2), on(4)],
         [on(0), on(2), on(4), on(6)]),
    Case("start-drift", WEEK, [on(0), on(1, "12:00", "18:00")], [on(0), on(1, "12:01", "18:00")]),
]  # fmt: skip


@pytest.mark.parametrize("case", LAWS, ids=lambda case: case.law)
def test_a_law_finds_the_least_change_that_breaks_it(case: Case) -> None:
    """The roster before is lawful; the one after breaks this law and no other."""
    assert check(case.week, Roster(tuple(case.kept))) == []
    assert {one.rule for one in check(case.week, Roster(tuple(case.broken)))} == {case.law}


def test_every_law_has_a_case() -> None:
    """What nobody has broken by hand may find nothing."""
    assert {case.law for case in LAWS} == {law.id for law in laws_of(WEEK)}
