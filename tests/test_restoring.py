"""An absence that is taken back, and changes that are only said: what is in force then."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from desks import at, held
from districts import MONDAY, WEEK, small_district
from planned import week_of
from test_plan_command import qinwu

from config.district import District, load
from config.errors import NotFound
from config.ids import DutyId
from events.clock import wall_ms
from events.planning import AbsenceReported
from events.ports import inbox
from events.schema import Envelope, parse
from events.sqlite import SqliteBus
from scheduler.ask import Desk
from scheduler.changes.change_told import changed_lines, left_lines
from scheduler.changes.changing import Changes
from scheduler.changes.reporting import Reports
from scheduler.changes.version_list import fingerprint
from scheduler.commands import desk_on
from scheduler.plan_log import PlanReader
from scheduler.planner import Planner
from scheduler.readback import kept_folder
from scheduler.wanted import Edited, Swap

FAR = ("0001-01-01", "9999-12-31")
SUNDAY = "2026-11-29T12:00:00+08:00"
TUESDAY, WEDNESDAY = (MONDAY + timedelta(n) for n in (1, 2))


@pytest.fixture
def district(tmp_path: Path) -> District:
    """The hand-made district; t3 is free on Wednesday."""
    return load(small_district(tmp_path / "d"))


@pytest.fixture
def bus(district: District) -> Iterator[SqliteBus]:
    """The district's own file."""
    found = SqliteBus(district.folder / "duty.db")
    yield found
    found.close()


@pytest.fixture
def desk(district: District, bus: SqliteBus) -> Desk:
    """A desk on the day before the week; its first version is in force."""
    found = at(desk_on(bus, district), SUNDAY)
    found.publish(WEEK, week_of(district, WEEK))
    return found


def prints(desk: Desk) -> list[str]:
    """The fingerprint of each version that was published, oldest first."""
    week = held(desk)
    return [fingerprint(week.drafts[version]) for version in week.published]


def test_the_week_is_as_it_was_byte_for_byte(desk: Desk, district: District) -> None:
    """In the journal and in the file, but for the number of its version."""
    path = kept_folder(district, WEEK) / "roster.csv"
    text = path.read_bytes()
    Reports(desk).absent("o1", WEDNESDAY)
    (back,) = Reports(desk).back("o1", WEDNESDAY, "o2")
    first, second, third = prints(desk)
    assert first == third != second
    assert path.read_bytes().replace(f"{WEEK},3,".encode(), f"{WEEK},1,".encode()) == text
    assert back.left == ()
    assert back.changed is not None
    moves = {(m["team"], m["why"], m["of"]) for m in (back.changed.change or {})["moves"]}
    assert moves == {
        ("t1", "back", f"t1@{WEDNESDAY}"), ("t3", "freed", f"t1@{WEDNESDAY}"),
    }  # fmt: skip
    assert {act.by for act in held(desk).acts if act.version == 3} == {"o2"}


def test_it_is_an_event_of_the_journal_and_counts_for_later_plans(desk: Desk) -> None:
    """Who said so stands in it; nobody is on leave because of it any more."""
    Reports(desk).absent("o1", WEDNESDAY, "o3")
    Reports(desk).back("o1", WEDNESDAY, "o2")
    told = (parse(stored.value) for stored in desk.bus.read(inbox(desk.area)))
    found = [
        (one.data.by, one.data.back) for one in told
        if isinstance(one, Envelope) and isinstance(one.data, AbsenceReported)
    ]  # fmt: skip
    assert found == [("o3", False), ("o2", True)]
    recorded = PlanReader(desk.bus, desk.area).ledger.recorded
    assert recorded.onto(desk.district).people == desk.district.people


def test_nobody_comes_back_who_was_not_reported(desk: Desk) -> None:
    """Nothing is sent."""
    with pytest.raises(NotFound, match="not_absent"):
        Reports(desk).back("o1", WEDNESDAY)
    assert held(desk).published == (1,)


def test_the_event_of_another_program_puts_the_week_back_once(desk: Desk) -> None:
    """The planner does it, whoever sends: two of them and a restart make one version."""
    Reports(desk).absent("o1", WEDNESDAY)
    desk.send("absence_reported", {"person": "o1", "dates": [str(WEDNESDAY)], "back": True})
    for writer in ("one", "other", "one again"):
        planner = Planner(desk.bus, desk.district, desk.clock, writer, timed=False)
        while planner.turn():
            pass
    first, second, third = prints(desk)
    assert first == third != second
    assert held(desk).drafts[3].cause == "undo"


def reported(desk: Desk, *said: tuple[str, str], back: bool = False) -> None:
    """Another program says who is not there on which day, or is after all; each by one event."""
    for person, days in said:
        desk.send("absence_reported", {"person": person, "dates": days.split(), "back": back})


def turned(desk: Desk) -> None:
    """The planner has done all that was to be done."""
    planner = Planner(desk.bus, desk.district, desk.clock, "w", timed=False)
    while planner.turn():
        pass


def returns(desk: Desk) -> dict[str, tuple[int | None, tuple[object, ...]]]:
    """Of each absence that was taken back: since which version, and what stays."""
    backs = PlanReader(desk.bus, desk.area).ledger.backs
    return {
        f"{gone.person} {gone.date}": (done.version, done.left)
        for gone, done in backs.items() if done is not None
    }  # fmt: skip


def test_told_twice_in_one_batch_the_week_is_put_back_once(desk: Desk) -> None:
    """The second took the first for done, and nothing came back."""
    Reports(desk).absent("o1", WEDNESDAY)
    reported(desk, ("o1", str(WEDNESDAY)), ("o1", str(WEDNESDAY)), back=True)
    turned(desk)
    first, second, third = prints(desk)
    assert first == third != second
    reported(desk, ("o1", str(WEDNESDAY)), back=True)
    turned(desk)
    assert held(desk).published == (1, 2, 3)
    assert returns(desk) == {f"o1 {WEDNESDAY}": (3, ())}


BOTH = f"{TUESDAY} {WEDNESDAY}"


@pytest.mark.parametrize(
    ("gone", "steps", "versions"),
    [
        ([("o1", BOTH)], [[("o1", BOTH)]], (3, 3)),
        ([("o1", BOTH)], [[("o1", str(TUESDAY))], [("o1", str(WEDNESDAY))]], (3, 4)),
        (
            [("o1", str(TUESDAY)), ("o2", str(WEDNESDAY))],
            [[("o1", str(TUESDAY)), ("o2", str(WEDNESDAY))]], (3, 3),
        ),
    ],
    ids=["two days at once", "one day after the other", "two people"],
)  # fmt: skip
def test_what_came_back_with_another_absence_of_the_repair_is_not_told_as_changed(
    gone: list[tuple[str, str]], steps: list[list[tuple[str, str]]], versions: tuple[int, int],
    desk: Desk,
) -> None:  # fmt: skip
    """It stood as changed since, though the week was as before the absences."""
    reported(desk, *gone)
    turned(desk)
    for back in steps:
        reported(desk, *back, back=True)
        turned(desk)
    assert held(desk).published == tuple(range(1, max(versions) + 1))
    assert prints(desk)[0] == prints(desk)[-1]
    assert list(returns(desk).values()) == [(version, ()) for version in versions]


@pytest.mark.parametrize("day", FAR)
def test_a_day_that_no_calendar_tells_hinders_no_other_day(day: str, desk: Desk) -> None:
    """Its event was put aside, and the absence stayed for good."""
    reported(desk, ("o1", f"{day} {WEDNESDAY}"))
    turned(desk)
    reported(desk, ("o1", f"{day} {WEDNESDAY}"), back=True)
    turned(desk)
    assert held(desk).published == (1, 2, 3)
    assert not any(PlanReader(desk.bus, desk.area).ledger.absences.values())


def test_an_absence_that_is_told_again_at_once_is_not_put_back(desk: Desk) -> None:
    """Only the last word counts, and of it only one version is made."""
    Reports(desk).absent("o1", WEDNESDAY)
    told = {"person": "o1", "dates": [str(WEDNESDAY)]}
    desk.send("absence_reported", told | {"back": True})
    desk.send("absence_reported", told)
    Reports(desk).absent("o2", TUESDAY)
    week = held(desk)
    assert "undo" not in {draft.cause for draft in week.drafts.values()}


def test_what_has_begun_stays(desk: Desk, district: District) -> None:
    """Who took over is under way."""
    Reports(desk).absent("o1", WEDNESDAY)
    at(desk, f"{WEDNESDAY}T09:00:00+08:00")
    (back,) = Reports(desk).back("o1", WEDNESDAY)
    assert back.changed is None
    (line,) = left_lines(back.left, district, "en")
    assert line.endswith(f"{WEDNESDAY} stays as it is: some of it has begun")
    assert held(desk).published == (1, 2)


def test_what_somebody_changed_since_stays(desk: Desk, district: District) -> None:
    """It would undo what came between."""
    Reports(desk).absent("o1", WEDNESDAY)
    taken = Edited(DutyId(f"t3@{WEDNESDAY}"), remove=True)
    Changes(desk).wanted(WEEK, taken, None, publish_it=True)
    (back,) = Reports(desk).back("o1", WEDNESDAY)
    assert back.changed is None
    (line,) = left_lines(back.left, district, "en")
    assert "was changed again since" in line
    assert held(desk).published == (1, 2, 3)


def test_what_was_changed_elsewhere_since_is_kept(desk: Desk) -> None:
    """Tuesday's duty stays out; Wednesday's is as before."""
    Reports(desk).absent("o1", WEDNESDAY)
    Changes(desk).wanted(
        WEEK, Edited(DutyId(f"t2@{TUESDAY}"), remove=True), None, publish_it=True
    )  # fmt: skip
    Reports(desk).back("o1", WEDNESDAY)
    week = held(desk)
    names = {str(duty["duty"]) for duty in week.drafts[week.held or 0].duties}
    assert f"t1@{WEDNESDAY}" in names
    assert not {f"t3@{WEDNESDAY}", f"t2@{TUESDAY}"} & names


def test_what_would_break_a_law_by_now_stays(desk: Desk, district: District) -> None:
    """Of the two of a crew the other is still ill; their part of the week has its reason."""
    Reports(desk).absent("o1", TUESDAY)
    Reports(desk).absent("a1", TUESDAY)
    (back,) = Reports(desk).back("o1", TUESDAY)
    assert back.changed is None
    first, *laws = left_lines(back.left, district, "en")
    assert first.endswith("it would break these laws by now")
    assert any("a1" in line for line in laws)


def test_of_two_absences_of_a_week_one_comes_back(desk: Desk) -> None:
    """The other stays as it is."""
    Reports(desk).absent("o1", WEDNESDAY)
    Reports(desk).absent("o2", TUESDAY)
    Reports(desk).back("o1", WEDNESDAY)
    week = held(desk)
    officers = {(d["officer"], d["date"]) for d in week.drafts[week.held or 0].duties}
    assert ("o1", str(WEDNESDAY)) in officers
    assert ("o2", str(TUESDAY)) not in officers


def test_the_commands_say_what_takes_back_and_what_came_back(tmp_path: Path) -> None:
    """The last line of one is the other, to be typed as it stands."""
    district = load(small_district(tmp_path / "t", simulation=True))
    folder, bus = str(district.folder), SqliteBus(district.folder / "duty.db")
    sunday_ms = district.calendar.parse_iso(SUNDAY)
    stands_still = {"virtual_ms": sunday_ms, "wall_ms": wall_ms(), "speed": 0.0}
    desk_on(bus, district).send("clock_set", stands_still)
    desk_on(bus, district).publish(WEEK, week_of(district, WEEK))
    bus.close()
    shown = qinwu("roster", "absent", folder, "o1", str(WEDNESDAY))
    told = shown.stdout.splitlines()
    assert told[-1] == f"to take it back: qinwu roster absent {folder} o1 {WEDNESDAY} --back"
    back = qinwu(*told[-1].partition("qinwu ")[2].split())
    assert back.returncode == 0, back.stderr
    assert f"as before the absence: t1@{WEDNESDAY}" in back.stdout
    assert f"{WEEK} version 3 is in force" in back.stdout
    again = qinwu("roster", "absent", folder, "o1", str(WEDNESDAY), "--back")
    assert again.returncode == 1
    assert "is not reported absent" in again.stderr


# --- what would be -----------------------------------------------------------------------------


def sent(desk: Desk) -> int:
    """How many events were sent to the planner or by it."""
    return len(desk.bus.read(inbox(desk.area), limit=10_000))


def test_what_an_absence_would_change_is_what_it_changes(desk: Desk) -> None:
    """Said before, with who would be told; nobody hears of it."""
    before = sent(desk)
    (said,) = Reports(desk, dry=True).absent("o1", TUESDAY)
    assert (sent(desk), held(desk).published) == (before, (1,))
    (done,) = Reports(desk).absent("o1", TUESDAY)
    assert said == replace(done, published=False, dry=True)
    assert done.lost.duties


def test_who_goes_home_sick_amid_a_duty_breaks_no_law_by_what_they_worked(desk: Desk) -> None:
    """The planner puts it in force, and so it is said before."""
    amid = at(desk, f"{TUESDAY}T10:00:20+08:00")
    (said,) = Reports(amid, dry=True).absent("o1", TUESDAY)
    (done,) = Reports(amid).absent("o1", TUESDAY)
    assert (said.breaches, done.published) == ((), True)
    assert said == replace(done, published=False, dry=True)


def test_what_would_come_back_is_what_comes_back(desk: Desk) -> None:
    """The report stands meanwhile."""
    Reports(desk).absent("o1", WEDNESDAY)
    before = sent(desk)
    (said,) = Reports(desk, dry=True).back("o1", WEDNESDAY)
    assert (sent(desk), held(desk).published) == (before, (1, 2))
    (done,) = Reports(desk).back("o1", WEDNESDAY)
    assert said.changed is not None
    assert done.changed == replace(said.changed, published=True, dry=False)


def test_what_a_vehicle_a_swap_and_an_undo_would_change_is_only_said(desk: Desk) -> None:
    """Each as it would be, with nothing sent."""
    swap = Swap(DutyId(f"t1@{TUESDAY}"), DutyId(f"t3@{TUESDAY}"))
    Changes(desk).wanted(WEEK, swap, None, publish_it=True)
    before = sent(desk)
    changes = Changes(desk, dry=True)
    undo = changes.undo(WEEK, None)
    again = changes.wanted(WEEK, swap, None, publish_it=True)
    (car,) = Reports(desk, dry=True).vehicle("v1", WEDNESDAY, WEDNESDAY, None)
    assert (sent(desk), held(desk).published) == (before, (1, 2))
    for said in (undo, again, car):
        assert said.dry
        assert said.version == 3
        assert said.told
        assert "nothing is done" in "".join(changed_lines(said, desk.district, "en"))
