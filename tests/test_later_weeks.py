"""A week before one that is published: what it may not do to that one, and who says so."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest
from desks import at
from districts import MONDAY, WEEK, small_district
from planned import week_of
from rosters import problem
from small_weeks import ahead_of, bare, edgy, lines_of

from config.district import load
from config.durations import DAY_MIN
from config.ids import DutyId, PersonId, SquadronId, TeamId
from config.words import words
from events.sqlite import SqliteBus
from scheduler import solving
from scheduler.ask import Desk
from scheduler.changes.changing import Changes
from scheduler.commands import desk_on, refused_lines
from scheduler.problem import Person, Problem, Worked
from scheduler.publish import breaches
from scheduler.readback import RosterFile, kept_folder, read_roster
from scheduler.roster import Roster, duty_id
from scheduler.rules import Breach, check
from scheduler.settled import fit
from scheduler.slots import DAYS
from scheduler.solve.engine import cost_of, solve
from scheduler.solve.model import Model, model_of
from scheduler.solve.options import Span
from scheduler.solve.solved import Solved
from scheduler.wanted import Extra

BEFORE, SUNDAY = "2026-W48", "2026-11-29"
TEAM = TeamId("s0t0")


def duties_of(week: Problem, model: Model, line: Sequence[int]) -> Roster:
    """The team's duties of a line."""
    options = model.options
    spans = [
        Span(int(options.day[n]), int(options.start_min[n]), int(options.end_min[n])) for n in line
    ]
    return bare(week, {TEAM: spans})


def seen(roster: Roster, days: int) -> tuple[Worked, ...]:
    """Duties so many days on, as those of another week."""
    return tuple(
        Worked(d.date + timedelta(days), d.start_min + days * DAY_MIN, d.end_min + days * DAY_MIN)
        for d in roster.duties
    )


def broken(week: Problem, person: Person, roster: Roster) -> list[Breach]:
    """The laws that somebody's week breaks."""
    alone = replace(week, persons={person.id: person})
    return [one for one in check(alone, roster, "person") if one.person == person.id]


@pytest.mark.parametrize("seed", range(30))
def test_a_later_week_is_broken_alike_from_either_side(seed: int) -> None:
    """What this week breaks with a lawful later one, the later one breaks with this one."""
    free, officer = edgy(seed), PersonId(f"{TEAM}o")
    one = replace(free.persons[officer], past=(), month_min=0)
    model = model_of(replace(free, persons={**free.persons, officer: one}))
    lines = lines_of(model, seed, 40)
    for first, second in zip(lines[:20], lines[20:], strict=True):
        this, later = (duties_of(free, model, line) for line in (first, second))
        if broken(free, one, later):
            continue
        told = broken(free, replace(one, ahead=seen(later, DAYS)), this)
        past = seen(this, -DAYS)
        month_min = sum(w.end_min - w.start_min for w in past if w.date.month == MONDAY.month)
        both = broken(free, replace(one, past=past, month_min=month_min), later)
        ours = {breach.rule for breach in told if breach.later is not None}
        assert ours == {breach.rule for breach in both}, (seed, first, second)


@pytest.mark.parametrize("seed", range(3))
def test_a_week_that_is_planned_fits_a_later_one(seed: int) -> None:
    """What the search finds is put right; the bound holds, and it costs what the rules say."""
    random = Random(seed)  # noqa: S311 - repeatable
    week = problem(teams=6, needed=2, grid_min=240)
    persons = {name: replace(one, ahead=ahead_of(random)) for name, one in week.persons.items()}
    week = replace(week, persons=persons)
    made: list[Solved] = []

    def search(one: Problem) -> Solved:
        made.append(solve(one, rounds=1))
        return made[-1]

    told: list[int] = []
    done = fit(week, search, lambda: len(made) < 2, told.append)
    assert check(week, made[0].roster)
    assert len(made) == 2
    assert len(told) == bool([one for one in check(week, made[1].roster) if one.later])
    assert check(week, done.roster) == []
    assert done.cost == cost_of(week, done.roster) >= done.bound == made[0].bound


@pytest.mark.parametrize(("takes_s", "shares_s"), [
    (20.0, [20.0, 20.0, 20.0]), (26.0, [20.0, 17.0, 8.0]), (70.0, [20.0]),
])  # fmt: skip
def test_the_time_is_shared_among_the_searches_and_each_is_explained(
    takes_s: float, shares_s: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one takes more the others have less, and none begins when the time is over."""
    clock, given, steps = [0.0], [], []
    monkeypatch.setattr("time.monotonic", lambda: clock[0])

    def search(week: Problem, **told: Any) -> Problem:  # noqa: ANN401 - as scheduler.solve
        given.append(told["time_s"])
        clock[0] += takes_s
        if told["searching"]:
            told["searching"]()
        return week

    def fit(week: Problem, search: Any, again: Any, fitted: Any) -> None:  # noqa: ANN401
        search(week)
        while again():
            search(week)
        fitted(4)

    monkeypatch.setattr("scheduler.solve.solve_in_child", search, raising=False)
    monkeypatch.setattr("scheduler.settled.fit", fit)
    week = problem(teams=1, needed=1, grid_min=240)
    ahead = (Worked(MONDAY + timedelta(DAYS), DAYS * DAY_MIN, DAYS * DAY_MIN + 480),)
    week = replace(week, persons={n: replace(p, ahead=ahead) for n, p in week.persons.items()})

    def told(name: str, **fields: object) -> None:
        steps.append(words("en")(f"planner.step.{name}", **fields))

    solving.solver(60, 7, None, Event(), lambda *_: None, told)(week)
    assert given == shares_s
    assert steps[0].startswith("looking for a first roster")
    again = [f" stays lawful ({n} of 3)" for n in range(2, len(shares_s) + 1)]
    assert [line[-22:] for line in steps[1:-1]] == again
    assert steps[-1].startswith("4 duties do not fit what is published of 2026-W50")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk on the Saturday before the week, of which the first version is in force."""
    bus = SqliteBus(tmp_path / "duty.db")
    district = load(small_district(tmp_path / "d"))
    found = at(desk_on(bus, district), "2026-11-28T12:00:00+08:00")
    found.publish(WEEK, week_of(district, WEEK))
    yield found
    bus.close()


def late_sunday(desk: Desk) -> RosterFile:
    """The week before, in which t1 is on duty on Sunday until ten hours before its Monday."""
    file = week_of(desk.district, BEFORE)
    friday = next(duty for duty in file.roster.duties if duty.team == "t1")
    sunday, start_min = MONDAY - timedelta(1), 6 * DAY_MIN + 840
    late = replace(
        friday, id=duty_id(friday.team, sunday), date=sunday, start_min=start_min,
        end_min=start_min + 480, visits=(),
    )  # fmt: skip
    return replace(file, roster=Roster((*file.roster.duties, late)))


def test_a_week_that_breaks_a_later_one_is_not_published(desk: Desk) -> None:
    """Whoever is short of rest on that Monday is named, with the week that is published."""
    answer = desk.publish(BEFORE, late_sunday(desk))
    assert answer.refused
    lines = refused_lines(desk.district, BEFORE, answer, "en")
    assert any("o1" in line and WEEK in line and "Mon 2026-11-30" in line for line in lines), lines


def test_a_week_that_fits_a_later_one_is_published(desk: Desk) -> None:
    """Without that Sunday nothing is in the way."""
    assert not desk.publish(BEFORE, week_of(desk.district, BEFORE)).refused


def test_a_duty_more_on_sunday_goes_to_whom_it_leaves_lawful_on_monday(desk: Desk) -> None:
    """The week that is published stays lawful: who is off on Monday does it, not the first."""
    free = week_of(desk.district, WEEK)
    off = free.roster.replaced([DutyId(f"t3@{MONDAY + timedelta(n)}") for n in (0, 1)])
    desk.publish(WEEK, replace(free, roster=off), over=True)
    desk.publish(BEFORE, week_of(desk.district, BEFORE))
    parse = desk.district.calendar.parse_iso
    wanted = Extra(SquadronId("s1"), parse(f"{SUNDAY}T14:00+08:00"), parse(f"{SUNDAY}T22:00+08:00"))
    done = Changes(desk).wanted(BEFORE, wanted, "o1", publish_it=True)
    after = read_roster(desk.district, kept_folder(desk.district, WEEK) / "roster.csv", WEEK)
    assert [move["team"] for move in (done.change or {})["moves"]] == ["t3"]
    assert (done.published, breaches(desk.district, after)) == (True, [])
