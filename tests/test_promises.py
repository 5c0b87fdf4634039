"""What rosters promise and what was kept of it: both sets of key figures count it alike."""

import pytest
from brigades import MINUTE_MS, NOW_MS, VISIT, Brigade, at, shift

from config.ids import UnitId
from dispatch.kpi import Figures
from dispatch.kpi import figures as of_day
from events.facts import Position
from events.frame import Frame
from events.promises import Promises, nine_of_ten
from scheduler.month_kpi import figures as of_month

LATER = {
    "visit": "v2", "must_arrive": "m2", "place": "p3", "arrive": at(60), "leave": at(72),
}  # fmt: skip
"""No window is said: it is open from one to three, and due for the last time at 14:48."""
SINCE_MS = NOW_MS - 24 * 60 * MINUTE_MS


@pytest.fixture
def day(brigade: Brigade) -> Brigade:
    """Noon: t1, to make two visits, and t3 are on duty, one in time, one late; t5 did not come."""
    brigade.now_ms -= 60 * MINUTE_MS
    brigade.roster(shift("t1", visits=(VISIT, LATER)), shift("t3"), shift("t5"))
    brigade.sign_in("t1", duty="d-t1")
    brigade.wait(20)
    brigade.sign_in("t3", duty="d-t3")
    brigade.wait(40)
    return brigade


def counted(brigade: Brigade, until_ms: int = NOW_MS + 600 * MINUTE_MS) -> Figures:
    """The day's figures, of which the month's say the same."""
    frames, usual = list(map(Frame.read, brigade.journal)), brigade.ground.settings.visits
    found = of_day(frames, brigade.state, SINCE_MS, until_ms, usual)
    month = {one.name: one for one in of_month(frames, SINCE_MS, until_ms, usual)}
    duties, visits = month["implementation"], month.get("must_arrive")
    assert found.duties == duties.due
    assert found.signed_in >= duties.met
    told = (visits.met, visits.due) if visits else (0, 0)
    assert (found.visits_made, found.visits_due) == told
    return found


def of_the_month(brigade: Brigade) -> dict[str, tuple[int, int]]:
    """Each key figure of the month: met and due."""
    frames, until_ms = list(map(Frame.read, brigade.journal)), NOW_MS + 600 * MINUTE_MS
    told = of_month(frames, SINCE_MS, until_ms, brigade.ground.settings.visits)
    return {one.name: (one.met, one.due) for one in told}


def visits(brigade: Brigade) -> tuple[int, int, int]:
    """Due, made, missed."""
    found = counted(brigade)
    return found.visits_due, found.visits_made, found.visits_missed


def stay(brigade: Brigade, minutes: int) -> None:
    """t1 goes where its order sends it, and is seen there from then on."""
    there = brigade.ground.edge_of_spot(brigade.order_of("t1").target)
    for change in ("arrived", *(("fix",) * minutes)):
        brigade.turn(
            Position(unit=UnitId("t1"), at_ms=brigade.now_ms, edge=there[0], along_m=there[1],
                     change=change)
        )  # fmt: skip
        brigade.wait(1)


def test_a_duty_is_kept_by_a_sign_in_at_most_15_minutes_late(day: Brigade) -> None:
    """One of three that began; nobody has to be there yet for one that is to come."""
    day.roster(shift("t1", week="2026-W50", duty="later", start=900, end=1200), week="2026-W50")
    found = counted(day)
    assert (found.duties, found.signed_in) == (3, 1)


@pytest.mark.parametrize(("minutes", "held"), [(200, 0), (410, 1)])
def test_a_duty_is_held_until_15_minutes_before_its_end(
    day: Brigade, minutes: int, held: int
) -> None:
    """t1, who signed in in time, goes home hours before the end, or ten minutes."""
    day.wait(minutes)
    day.tell("status_reported", unit="t1", status="off_duty")
    day.wait(30)
    assert of_the_month(day)["implementation"] == (held, 3)


def test_minutes_at_a_point_count_although_they_were_too_few(day: Brigade) -> None:
    """Nine of twelve, then away; of the visit that nobody made twelve more were due."""
    day.wait(30)
    there = day.ground.edge_of_spot(day.order_of("t1").target)
    for change in ("arrived", "outside"):
        day.turn(Position(unit=UnitId("t1"), at_ms=day.now_ms, edge=there[0], along_m=there[1],
                          change=change))  # fmt: skip
        day.wait(9)
    day.wait(200)
    told = of_the_month(day)
    assert (told["must_arrive"], told["match"]) == ((0, 2), (9, 24))


def test_who_has_not_come_is_not_there_because_the_figures_end(day: Brigade) -> None:
    """Nobody signed in to t5's duty, which began five minutes before the end of the stretch."""
    found = counted(day, NOW_MS - 55 * MINUTE_MS)
    assert (found.duties, found.signed_in) == (3, 1)


def test_a_visit_is_due_once_its_dwell_does_not_fit_any_more(day: Brigade) -> None:
    """Planned for 12:30, it may be made until 13:28; what may still be made is not due."""
    day.wait(85)
    assert visits(day) == (0, 0, 0)
    day.wait(20)
    assert visits(day) == (1, 0, 1)
    day.wait(120)
    assert visits(day) == (2, 0, 2)


def test_a_visit_is_made_by_its_full_dwell(day: Brigade) -> None:
    """The other one is missed."""
    day.wait(30)
    stay(day, 14)
    day.wait(200)
    assert visits(day) == (2, 1, 1)


def test_a_visit_that_a_late_proof_makes_is_made(day: Brigade) -> None:
    """Of t1 nothing was heard until its window had closed; the next analysis hears of it, too."""
    day.wait(105)
    assert visits(day) == (1, 0, 1)
    day.tell("visit_proof", unit="t1", kind="photo", visit="v1", at=at(35))
    day.wait(20)
    assert visits(day) == (1, 1, 0)
    told = of_the_month(day)
    assert (told["must_arrive"], told["by_proof"], told["match"]) == ((1, 1), (1, 1), (12, 12))
    promises = Promises(day.ground.settings.visits)
    for raw in day.journal:
        promises.take(Frame.read(raw))
    assert [(one.visit, one.made) for one in promises.over()] == [("v1", True)]


def test_a_visit_that_a_person_cancelled_is_not_due(day: Brigade) -> None:
    """It is left out of both numbers."""
    day.wait(30)
    day.tell("command_given", command="cancel", order=day.order_of("t1").id, by="o1")
    day.wait(200)
    assert visits(day) == (1, 0, 1)


def test_a_version_that_never_became_whole_changes_nothing(day: Brigade) -> None:
    """One duty of a second version, and nobody says that this is all."""
    day.tell("duty_rostered", **shift("t1", version=2))
    day.wait(200)
    found = counted(day)
    assert (found.duties, found.visits_due) == (3, 2)


def test_a_version_of_anothers_turn_changes_nothing(day: Brigade) -> None:
    """It replaces what was never in force."""
    day.roster(shift("t1", version=3), version=3, replaces=2)
    assert counted(day).duties == 3


def test_a_newer_version_takes_the_place_of_the_older_one(day: Brigade) -> None:
    """Nobody owes t5's duty any more; those that have begun go on, with their visits."""
    day.roster(shift("t7", version=2), version=2, replaces=1)
    day.wait(200)
    found = counted(day)
    assert (found.duties, found.visits_due) == (3, 2)
    assert {str(duty) for duty in day.state.duties} == {"d-t1", "d-t3", "d-t7"}


@pytest.mark.parametrize(("version", "replaces"), [(1, None), (2, 1)])
def test_the_engine_knows_as_many_visits(day: Brigade, version: int, replaces: int | None) -> None:
    """Its state and the count agree on all that became of them, after any version."""
    if replaces is not None:
        day.roster(shift("t7", version=version), version=version, replaces=replaces)
    day.wait(30)
    stay(day, 14)
    day.wait(200)
    own = [visit.status for visit in day.state.visits.values() if not visit.carried]
    gone = sum(status in ("missed", "carried") for status in own)
    assert visits(day) == (len(own), own.count("done"), gone)


@pytest.mark.parametrize(("count", "rank"), [(1, 1), (10, 9), (11, 10), (0, None)])
def test_nine_of_ten_is_one_of_the_times(count: int, rank: int | None) -> None:
    """In whatever order they come."""
    assert nine_of_ten(range(count, 0, -1)) == rank
