"""A sick call on a whole roster: one team steps in, with vehicle and visits, or a few move."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from full_weeks import lawful_lines
from sample_truth import NEXT_WEEK, folder_of
from test_visit_plans import dijkstra, faults_of_way, points_of, week_of

from config.district import District, load
from config.ids import PostId
from config.people import crew_is_lawful
from scheduler.absence import repaired
from scheduler.intake import Week
from scheduler.problem import Problem
from scheduler.publish import duties_of, normal
from scheduler.readback import RosterFile, of_events
from scheduler.recorded import Recorded
from scheduler.roster import Duty, Roster
from scheduler.rules import check
from scheduler.solve.finish import finish

pytestmark = pytest.mark.xdist_group("absence")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample district."""
    return folder_of(tmp_path_factory.mktemp("absent") / "district")


@dataclass(frozen=True)
class Held:
    """A published version, as the planner reads it from its journal; `made`: with its tasks."""

    district: District
    week: Problem
    file: RosterFile
    made: Roster


@pytest.fixture(scope="session")
def held(folder: Path) -> Held:
    """The version."""
    district = load(folder)
    points = points_of(district, 3, 200)
    week = week_of(district, NEXT_WEEK, points)
    made = finish(week, lawful_lines(week, 3, 0.7))
    file = RosterFile(NEXT_WEEK, made.roster, {point.id: point for point in points})
    read = of_events(district, NEXT_WEEK, normal(duties_of(district, file, 1)))
    return Held(district, week, read, made.roster)


def absent(district: District, file: RosterFile, duty: Duty, person: str) -> Roster:
    """The next version."""
    day = duty.date.isoformat()
    ill = Recorded({person: frozenset({day})}).onto(district)
    return repaired(ill, file, [(person, day)]).roster


def reaches_into(other: Duty, duty: Duty) -> bool:
    """Whether another duty goes on after the midnight at which a duty's date begins."""
    midnight_min = (duty.date - other.date).days * 1440 + other.start_min // 1440 * 1440
    return other.date < duty.date and other.end_min > midnight_min


def visits_more(before: Duty | None, now: Duty) -> bool:
    """Whether a duty is as it was but for more visits, which the absent one's made before."""
    return before is not None and {*before.visits} < {*now.visits} and (
        (before.people, before.start_min, before.end_min, before.vehicle, before.post)
        == (now.people, now.start_min, now.end_min, now.vehicle, now.post)
    )  # fmt: skip


def test_nobody_moves_who_need_not(held: Held, folder: Path) -> None:
    """One team steps in with vehicle and visits, or nobody can; else several change places.

    Others go to what would be visited by nobody; their hours, crews and vehicles stay.
    """
    district, week, file = held.district, held.week, held.file
    minutes = dijkstra(folder, district)
    filled = stated = went_on = chained = 0
    duties = {duty.id: duty for duty in file.roster.duties}
    for duty in file.roster.duties[::40]:
        for person in duty.people[:2]:
            if any(
                reaches_into(other, duty) for other in file.roster.duties_of(person)
            ):  # fmt: skip
                continue  # the night before is of that day, too
            roster = absent(district, file, duty, person)
            after = {new.id: new for new in roster.duties}
            changed = [after[name] for name in after if after[name] != duties.get(name)]
            for other in changed:
                assert list(faults_of_way(week, other, minutes)) == []
            new = [other for other in changed if not visits_more(duties.get(other.id), other)]
            gone = [name for name in duties if name not in after]
            assert all(person not in other.people for other in new)
            if len(new) + len(gone) > 2:
                chained += 1
                assert len(after) == len(duties)  # whoever moves, all is done
                continue
            went_on += not gone
            filled += bool(gone and new)
            stated += not new
            for other in new:
                assert (other.start_min, other.end_min, other.visits, other.vehicle) == (
                    duty.start_min, duty.end_min, duty.visits, duty.vehicle
                )  # fmt: skip
    assert min(filled, chained, went_on) > 0, (filled, chained, went_on, stated)


def test_the_next_version_breaks_no_law(held: Held) -> None:
    """Judged on the district in which the absent are on leave."""
    district, week, file = held.district, held.week, held.file
    assert check(week, file.roster) == []
    for duty in file.roster.duties[::60]:
        day = duty.date.isoformat()
        ill = Recorded({duty.officer: frozenset({day})}).onto(district)
        roster = absent(district, file, duty, duty.officer)
        problem = week_of(ill, NEXT_WEEK, list(file.points.values()))
        before = {(b.rule, b.duty) for b in check(problem, file.roster)}
        new = {(b.rule, b.duty) for b in check(problem, roster)} - before
        assert new == set(), duty.id


def test_who_steps_in_at_a_task_on_an_arterial_has_the_crew_for_it(
    held: Held,
) -> None:
    """Whatever the duty, and whoever is free."""
    district, week, file = held.district, held.week, held.file
    tasks = {task.id: task for task in week.tasks}
    seen = 0
    for duty in held.made.duties:
        strict = [t for t in duty.tasks if week.strict(tasks[t].road_class) and tasks[t].on_road]
        if not strict or seen >= 6:
            continue
        seen += 1
        roster = absent(district, file, duty, duty.officer)
        known = set(file.roster.duties)
        for new in (one for one in roster.duties if one not in known):
            crew = 1, len(new.auxiliaries)
            lawful = [crew_is_lawful(*crew, tasks[t].road_class, week.crew_law) for t in new.tasks
                      if tasks[t].on_road]  # fmt: skip
            assert all(lawful), new.id
    assert seen > 3


def test_a_sick_call_during_a_duty_leaves_what_was_worked(held: Held, folder: Path) -> None:
    """The rest is another team's, or nobody's; the law of rest is asked of the true hours.

    Whoever takes it over sets out from its post: what cannot be reached from there is lost.
    """
    district, file, minutes = held.district, held.file, dijkstra(folder, held.district)
    nodes = {due.id: due.node for due in held.week.due}
    posts = {post.id: post.node for post in held.week.posts}
    filled = 0
    for duty in file.roster.duties[::23]:
        day, person = duty.date.isoformat(), duty.officer
        ill = Recorded({person: frozenset({day})}).onto(district)
        now_min = duty.start_min + 249
        now_ms = Week(district.calendar, NEXT_WEEK).at_ms(now_min) + 30_000
        roster = repaired(ill, file, [(person, day)], now_ms).roster
        worked = roster.duty(duty.id)
        assert worked is not None
        assert (worked.start_min, worked.end_min, worked.people) == (
            duty.start_min, now_min, duty.people,
        )  # fmt: skip
        rest = [
            other for other in roster.duties
            if (other.start_min, other.end_min) == (now_min, duty.end_min)
        ]  # fmt: skip
        for other in rest:
            assert person not in other.people
            assert list(faults_of_way(held.week, other, minutes)) == []
            for visit in {*duty.visits} - {*worked.visits, *other.visits}:
                post, there = posts[duty.post or PostId("")], nodes[visit.must_arrive]
                assert minutes(post or 0, there) > visit.arrive_min - now_min - 1
        filled += bool(rest)
        begun = {d for d in file.roster.duties if d.start_min < now_min and d.id != duty.id}
        assert begun <= set(roster.duties)  # only the future moves
    assert filled > 0


def test_a_duty_that_is_over_is_left_alone(held: Held) -> None:
    """A report that comes late changes no past."""
    district, file = held.district, held.file
    duty = file.roster.duties[0]
    day = duty.date.isoformat()
    ill = Recorded({duty.officer: frozenset({day})}).onto(district)
    now_ms = Week(district.calendar, NEXT_WEEK).at_ms(duty.end_min)
    assert repaired(ill, file, [(duty.officer, day)], now_ms).roster == file.roster
