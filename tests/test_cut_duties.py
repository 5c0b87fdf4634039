"""Duties that a sick call cuts: after midnight, in the last minutes, by the next date."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from districts import MONDAY, WEEK, small_district
from planned import week_of
from test_absence import Held, folder, held

from config.district import load
from config.made_tables import MustArriveOutRow
from config.reading import write_rows
from config.words import words
from events.clock import Clock
from events.sqlite import SqliteBus
from scheduler.absence import LEAST_REST_MIN, repaired
from scheduler.ask import Desk
from scheduler.changes.reporting import Reports
from scheduler.commands import desk_on
from scheduler.export import Printer, write_roster
from scheduler.handed import draft_faults
from scheduler.intake import Week
from scheduler.ledger import work_of
from scheduler.plan_log import PlanReader
from scheduler.publish import duties_of, normal
from scheduler.readback import RosterFile, read_roster
from scheduler.recorded import Recorded
from scheduler.roster import Duty
from scheduler.solve.mend_offers import MOST_MOVE_MIN

__all__ = ["folder", "held"]

pytestmark = pytest.mark.xdist_group("absence")


def cut(held: Held, duty: Duty, now_min: int, day: str) -> RosterFile:
    """The version after the duty's officer was told absent on a day, some seconds into a minute."""
    ill = Recorded({duty.officer: frozenset({day})}).onto(held.district)
    now_ms = Week(held.district.calendar, held.file.week).at_ms(now_min) + 30_000
    return repaired(ill, held.file, [(duty.officer, day)], now_ms)


def new_in(held: Held, after: RosterFile) -> list[Duty]:
    """Duties that the version before had not."""
    return [duty for duty in after.roster.duties if held.file.roster.duty(duty.id) is None]


def nights(held: Held) -> list[tuple[Duty, int]]:
    """Duties over midnight, and the minute of that midnight."""
    of = Week(held.district.calendar, held.file.week)
    found = [(duty, of.local(duty.date, 1440)) for duty in held.file.roster.duties]
    return [(duty, midnight) for duty, midnight in found if duty.end_min > midnight + 120]


@pytest.mark.parametrize("after_midnight_min", [-30, 0, 1, 60])
def test_a_night_duty_cut_after_midnight_is_read_back(
    held: Held, tmp_path: Path, after_midnight_min: int
) -> None:
    """Its rest starts on the next day under the date of the whole, in a file and in a draft."""
    printer, filled = Printer(held.district, held.file.week), 0
    for n, (duty, midnight) in enumerate(nights(held)[::40]):
        after = cut(held, duty, midnight + after_midnight_min, duty.date.isoformat())
        filled += len(new_in(held, after))
        out = tmp_path / str(n)
        out.mkdir()
        rows = printer.point_rows(after.points.values(), words())
        write_rows(out / MustArriveOutRow.file, rows, MustArriveOutRow, bom=True)
        write_roster(out, printer, after.roster, 2, after.points)
        assert read_roster(held.district, out / "roster.csv").roster == after.roster
        told = normal(duties_of(held.district, after, 2))
        assert draft_faults(held.district, held.file.week, told) == ()
    assert filled > 0


@pytest.mark.parametrize("left_min", [1, LEAST_REST_MIN - 1])
def test_nobody_is_called_out_for_the_last_minutes(held: Held, left_min: int) -> None:
    """What is left is a hole: the duty ends, and no other one stands in its place."""
    for duty in held.file.roster.duties[::120]:
        after = cut(held, duty, duty.end_min - left_min, duty.date.isoformat())
        worked = after.roster.duty(duty.id)
        assert worked is not None
        assert worked.end_min == duty.end_min - left_min
        assert new_in(held, after) == []


def test_a_rest_that_is_long_enough_is_taken_over(held: Held) -> None:
    """From the least length on; whoever moves for it does what somebody had, or theirs later."""
    before, taken = held.file.roster.duties, 0
    had = {(duty.start_min, duty.end_min, duty.visits) for duty in before}
    own = {duty.id: duty for duty in before}
    for duty in before[::120]:
        cut_min = duty.end_min - LEAST_REST_MIN
        after = cut(held, duty, cut_min, duty.date.isoformat())
        new = [one for one in after.roster.duties if one not in before and one.id != duty.id]
        rests = [one for one in new if (one.start_min, one.end_min) == (cut_min, duty.end_min)]
        assert len(rests) <= 1
        taken += len(rests)
        for one in (one for one in new if one not in rests):
            by_min = abs(one.start_min - own[one.id].start_min) if one.id in own else None
            moved = by_min is not None and by_min <= MOST_MOVE_MIN
            assert moved or (one.start_min, one.end_min, one.visits) in had
    assert taken > 0


def test_an_absence_of_the_next_day_concerns_the_night_before(held: Held) -> None:
    """Under way, it ends at midnight, or now where that is later; not begun, another team's."""
    filled = 0
    for duty, midnight in nights(held)[::50]:
        day = (duty.date + timedelta(1)).isoformat()
        for now_min, end_min in ((midnight - 30, midnight), (midnight + 60, midnight + 60)):
            after = cut(held, duty, now_min, day)
            worked = after.roster.duty(duty.id)
            assert worked == replace(
                duty, end_min=end_min, visits=worked.visits if worked else (),
                tasks=worked.tasks if worked else (),
            )  # fmt: skip
            rest = [(new.start_min, new.end_min) for new in new_in(held, after)]
            assert rest in ([], [(end_min, duty.end_min)])
            filled += len(rest)
        before = cut(held, duty, duty.start_min - 60, day)
        assert before.roster.duty(duty.id) is None
    assert filled > 0


def test_an_absence_of_another_day_concerns_no_duty_of_the_night(held: Held) -> None:
    """Two days later nobody is on it any more."""
    duty, _ = nights(held)[0]
    day = (duty.date + timedelta(2)).isoformat()
    after = cut(held, duty, duty.start_min + 30, day)
    assert after.roster.duty(duty.id) == duty


def test_what_was_cut_is_not_cut_again_when_the_clock_is_set_back(tmp_path: Path) -> None:
    """Its rest stands beside it: earlier than now, it would be worked by two or by nobody."""
    district = load(small_district(tmp_path / "d"))
    wednesday = (MONDAY + timedelta(2)).isoformat()
    bus = SqliteBus(district.folder / "duty.db")

    def desk(clock: str) -> Desk:
        now_ms = district.calendar.parse_iso(f"{wednesday}T{clock}:00+08:00")
        return replace(desk_on(bus, district), clock=Clock(wall=lambda: now_ms))

    desk("06:00").publish(WEEK, week_of(district, WEEK))

    def after(clock: str, person: str) -> set[tuple[object, ...]]:
        (found,) = Reports(desk(clock)).absent(person, date.fromisoformat(wednesday))
        held = PlanReader(bus, desk(clock).area).ledger.week(WEEK)
        assert found.version == held.held
        return {work_of(duty) for duty in held.drafts[held.held or 0].duties}

    before = {work_of(duty) for duty in normal(duties_of(district, week_of(district, WEEK), 1))}
    cut_at_ten = after("10:00", "o1")
    new = cut_at_ten - before
    assert len(new) == 2
    told_at_nine = after("09:00", "o2")
    bus.close()
    assert new <= told_at_nine
    assert {officer for _, _, _, officer, _ in cut_at_ten - told_at_nine} == {"o2"}
