"""Photos and sign-ins at a visit's point: they make the visits of which no fix tells, no others."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from patrolled import Morning, duty, visit

from dispatch.intake import hangs_on_positions
from events.decisions import (
    OrderEnded,
    Warning,  # noqa: A004 - the format's word
)
from events.event import moment_text
from events.facts import Accepted

P3 = visit("p3", "07:00", "09:00", "07:30")
STATION = (-450.0, -300.0)
"""76 s away from p3."""
AWAY = (-150.0, 250.0)
"""Some 260 m from p3."""
MADE, MISSED = ("done", "visit.proven"), ("missed", "visit.missed")


@pytest.fixture
def day(tmp_path: Path) -> Morning:
    """Team t1 on patrol with one visit; nothing is heard of its device yet."""
    day = Morning(tmp_path)
    day.roster(duty("d1", "t1", visits=[P3]))
    day.sign_in("t1", "06:00")
    return day


def proves(
    day: Morning, at: str, kind: str = "photo", unit: str = "t1", told: str = "",
    **where: Any,  # noqa: ANN401 - any field
) -> list[Accepted]:  # fmt: skip
    """A unit proves its visit to p3, as of then; told at once, or later. The fact of it."""
    day.run(told or at)
    seen = day.tracker.seen(day.state) if told else ()  # as the shell, where a proof makes a visit
    proof = {"unit": unit, "kind": kind, "visit": "p3/d1", "at": moment_text(day.at(at))}
    day.tell("visit_proof", proof | where, seen)
    return [fact for fact in day.frames[-1].facts if isinstance(fact, Accepted)]


def point(day: Morning, place: tuple[float, float]) -> dict[str, Any]:
    """A place, in metres, as a camera writes it."""
    frame = day.ground.district.frame
    lon, lat = frame.to_lonlat(*(np.array([metres]) for metres in place))
    return {"lon": float(lon[0]), "lat": float(lat[0]), "crs": "WGS-84"}


def patrols(day: Morning, places: Iterable[tuple[str, str, tuple[float, float] | str]]) -> None:
    """Fixes every minute of these stretches."""
    for first, last, place in places:
        day.stand("t1", place, first, last)


def became(day: Morning) -> tuple[str, str]:
    """Of the visit: its status, and the last thing that was told of it by its rules."""
    day.run("10:30")
    told = [line.text for line in day.lines if line.text in
            ("visit.done", "visit.proven", "visit.missed")]  # fmt: skip
    assert len(told) == 1
    return day.visit("p3/d1").status, told[0] or ""


@pytest.mark.parametrize("kind", ["photo", "sign_in"])
def test_a_proof_makes_the_visit_of_a_unit_without_fixes(day: Morning, kind: str) -> None:
    """A dwell later, and the line says by what; nothing is missed, overdue or carried over."""
    proves(day, "07:33", kind)
    day.run("07:44:59")
    assert day.visit("p3/d1").status == "ordered"
    assert became(day) == MADE
    assert day.kinds() == ["dispatch", "system visit.proof", "clear visit.proven"]
    assert [one.reason for _, one in day.decisions if isinstance(one, OrderEnded)] == ["proof"]
    assert day.unit("t1").status == "free"


def test_a_proof_near_the_windows_end_counts_at_its_end(day: Morning) -> None:
    """How long its unit had been there already nobody knows."""
    proves(day, "08:55")
    day.run("09:00")
    assert day.visit("p3/d1").status == "done"


@pytest.mark.parametrize(("kind", "unit", "at"), [
    ("track", "t1", "07:33"), ("photo", "t3", "07:33"), ("photo", "t1", "06:59:59"),
])  # fmt: skip
def test_what_is_no_proof_makes_no_visit(day: Morning, kind: str, unit: str, at: str) -> None:
    """A track is looked at as it comes; t3 was not sent; the window opens at seven."""
    day.sign_in("t3", "06:01")
    proves(day, at, kind, unit, "07:34")
    assert became(day) == MISSED


def test_a_proof_of_a_unit_that_there_is_not_makes_no_line(day: Morning) -> None:
    """Wherever it was given: its sender alone is told."""
    (fact,) = proves(day, "07:33", unit="ghost", **point(day, AWAY))
    assert fact.reason == "ignored:not_on_duty"
    assert not [kind for kind in day.kinds() if "proof" in kind]


@pytest.mark.parametrize(("where", "expected"), [
    ({"lon": 0.0, "lat": 0.0, "crs": "WGS-84"}, MISSED), (AWAY, MISSED), ((-140.0, 30.0), MADE),
    ((-95.0, 55.0), MADE), ({"must_arrive": "another"}, MISSED),
])  # fmt: skip
def test_a_proof_that_says_it_was_given_elsewhere_makes_no_visit(
    day: Morning, where: dict[str, Any] | tuple[float, float], expected: tuple[str, str]
) -> None:
    """Off the map, 260 m away, or at another point; 32 m off, or 78, are still in the radius of 80.

    Its sender is told, and so is whoever reads the log.
    """
    facts = proves(day, "07:33", **(where if isinstance(where, dict) else point(day, where)))
    counts = expected == MADE
    assert [fact.reason for fact in facts] == [None if counts else "ignored:proof_elsewhere"]
    assert day.kinds()[-1] == f"system visit.proof{'' if counts else '_elsewhere'}"
    assert became(day) == expected


@pytest.mark.parametrize(("fixes", "at", "expected"), [
    ([("07:10", "09:10", STATION)], "07:33", MISSED),  # it never went
    ([("07:20", "07:30", STATION)], "07:33", MADE),  # it may have gone since
    ([("07:20", "07:32", STATION)], "07:33", MISSED),  # it cannot be there yet
    ([("07:30", "07:39", "p3"), ("07:40", "08:10", AWAY)], "07:33", MISSED),  # nine of twelve
    ([("07:30", "07:33", "p3")], "07:33", MADE),  # fixes stopped where it stood
    ([("07:40", "07:41", AWAY)], "07:33", MISSED),  # gone before the dwell was over
    ([("07:46", "08:00", AWAY)], "07:33", MADE),  # gone when it was
    ([("07:30", "07:42", "p3")], "07:33", ("done", "visit.done")),  # the track says all
    ([("08:50", "09:04", "p3")], "08:52", MISSED),  # seen to come too late
])  # fmt: skip
def test_a_proof_counts_as_long_as_no_fix_says_otherwise(
    day: Morning, fixes: list[tuple[str, str, tuple[float, float] | str]], at: str,
    expected: tuple[str, str],
) -> None:  # fmt: skip
    """Whoever is elsewhere, leaves too soon or comes too late by its fixes has made no visit."""
    patrols(day, fixes)
    proves(day, at)
    assert became(day) == expected


def test_driving_through_with_a_photo_is_no_visit(day: Morning) -> None:
    """In the radius for seconds."""
    for clock, place in (("07:29:40", AWAY), ("07:30:00", "p3"), ("07:30:20", AWAY)):
        day.fix("t1", clock, place, speed=12)
    proves(day, "07:30:10")
    assert became(day) == MISSED


def test_a_photo_by_a_phone_that_lies_still_is_no_visit(day: Morning) -> None:
    """Nobody takes a step over the whole dwell."""
    day.stand("t1", "p3", "07:30", "07:50", steps=[100] * 21)
    proves(day, "07:33")
    assert became(day) == MISSED


def test_a_proof_that_comes_when_fixes_show_its_unit_elsewhere_comes_too_late(day: Morning) -> None:
    """Of a quarter of an hour ago; it has been at its station all the time."""
    patrols(day, [("07:10", "09:10", STATION)])
    proves(day, "07:33", told="07:49")
    assert became(day) == MISSED


def test_who_is_called_away_before_the_dwell_is_over_has_made_no_visit(day: Morning) -> None:
    """Seven minutes after its photo."""
    proves(day, "07:33")
    day.run("07:40")
    day.tell("incident_reported", {"incident": "i1", "kind": "crash", "severity": "damage",
                                   "place": "p2"})  # fmt: skip
    order = day.held("t1").id
    day.tell("order_answered", {"order": order, "unit": "t1", "answer": "accepted"})
    day.run("07:50")
    assert day.visit("p3/d1").status == "planned"


def test_positions_of_today_are_looked_at_before_a_proof_counts(day: Morning) -> None:
    """As before somebody is sent."""
    proves(day, "07:33")
    day.run("08:00")
    assert [hangs_on_positions(one) for _, one in day.decisions if isinstance(one, OrderEnded)] == [
        True
    ]


# --- a proof that comes when the visit was told as missed ---------------------------------------


def late(day: Morning, at: str = "07:33", unit: str = "t1", **where: Any) -> list[str]:  # noqa: ANN401 - any field
    """What is told of the visit when its proof comes at a quarter past nine."""
    day.run("09:10")
    assert day.visit("p3/d1").status in ("missed", "carried")
    told = len(day.kinds())
    proves(day, at, unit=unit, told="09:15", **where)
    return day.kinds()[told:]


@pytest.mark.parametrize("fixes", [
    [],  # nothing was ever heard of it
    [("07:20", "07:30", STATION)],  # it may have gone since
    [("07:30", "07:36", "p3")],  # it fell silent where it stood
    [("07:20", "07:30", STATION), ("09:12", "09:14", AWAY)],  # back, and elsewhere by now
])  # fmt: skip
def test_a_proof_from_a_device_that_was_offline_makes_a_missed_visit(
    day: Morning, fixes: list[tuple[str, str, tuple[float, float] | str]]
) -> None:
    """No order is given, ended or changed by it; it is not told twice."""
    patrols(day, fixes)
    day.run("09:10")
    orders, ends = day.orders(), day.ends()
    assert late(day) == ["system visit.proof", "clear visit.proven_late"]
    assert day.visit("p3/d1").status == "done"
    proves(day, "07:34", told="09:20")
    assert day.kinds()[-1] == "system visit.proof"
    assert (day.orders(), day.ends()) == (orders, ends)


@pytest.mark.parametrize(("fixes", "at", "unit", "where"), [
    ([("07:10", "09:15", STATION)], "07:33", "t1", {}),  # followed, and elsewhere
    ([("07:20", "07:32", STATION)], "07:33", "t1", {}),  # it could not be there yet
    ([("07:20", "07:50", AWAY)], "07:33", "t1", {}),  # seen elsewhere since
    ([], "06:59", "t1", {}), ([], "09:01", "t1", {}),  # not in the window
    ([], "07:33", "t3", {}),  # not its visit
    ([], "07:33", "t1", {"kind": "track"}),
])  # fmt: skip
def test_another_late_proof_is_told_and_changes_nothing(
    day: Morning, fixes: list[tuple[str, str, tuple[float, float] | str]], at: str, unit: str,
    where: dict[str, Any],
) -> None:  # fmt: skip
    """As one in time would have made no visit."""
    day.roster(duty("d1", "t1", visits=[P3]), duty("d3", "t3"))
    day.sign_in("t3", "06:01")
    patrols(day, fixes)
    assert late(day, at, unit, **where) == ["system visit.proof"]
    assert day.visit("p3/d1").status == "missed"


def test_a_late_proof_for_another_point_is_told_as_that(day: Morning) -> None:
    """It makes no more than one in time."""
    assert late(day, must_arrive="another") == ["system visit.proof_elsewhere"]
    assert day.visit("p3/d1").status == "missed"


def test_what_was_made_after_all_is_not_to_be_made_once_more(day: Morning) -> None:
    """Tomorrow's turn is taken back; nobody was sent to it yet."""
    day.roster(
        duty("d1", "t1", visits=[P3]), duty("d2", "t2", "06:00", "14:00", day=1, squadron="s1")
    )
    assert late(day)[-1] == "clear visit.not_again"
    assert [day.visit(name).status for name in ("p3/d1", "p3/d1+1")] == ["done", "cancelled"]


def test_a_proof_of_a_crew_that_has_gone_home_counts_too(day: Morning) -> None:
    """Its device was first heard of at the station."""
    day.run("09:05")
    day.tell("status_reported", {"unit": "t1", "status": "off_duty"})
    assert late(day)[-1] == "clear visit.proven_late"


def test_whether_a_unit_was_heard_of_is_looked_at_before_its_visit_is_missed(day: Morning) -> None:
    """Frames know few of the fixes of a unit that stays where it is."""
    day.run("09:10")
    missed = [one for _, one in day.decisions if isinstance(one, Warning)
              and one.rule == "visit_missed"]  # fmt: skip
    assert list(map(hangs_on_positions, missed)) == [True]
