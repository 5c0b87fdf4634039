"""Changes of a week by hostile hands: twins at once, contradictions, edges of the week."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from districts import WEEK, edit, small_district
from planned import week_of, write_week
from typed import Typed, typed

from config.district import District, load
from config.errors import Impossible
from config.ids import DeviceId, DutyId, VehicleId
from config.tables import VehicleRow
from events.clock import Clock, wall_ms
from events.hints import hint_of
from events.ports import Record, inbox
from events.schema import Envelope, Refused, event, parse
from events.sqlite import SqliteBus
from scheduler import again
from scheduler.absence import problem_to_mend
from scheduler.again import Again
from scheduler.ask import Desk
from scheduler.changes.changing import Changes
from scheduler.commands import desk_on
from scheduler.intake import Week
from scheduler.ledger import Draft, Ledger
from scheduler.plan_log import PlanReader
from scheduler.publish import handed_in
from scheduler.readback import RosterFile, kept_folder
from scheduler.recorded import Recorded
from scheduler.roster import Roster, duty_id
from scheduler.wanted import Swap

__all__ = ["typed"]
SUNDAY = "2026-11-29T12:00:00+08:00"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small district's folder."""
    return small_district(tmp_path / "d")


@pytest.fixture
def district(folder: Path) -> District:
    """That folder, loaded."""
    return load(folder)


# --- a vehicle ---------------------------------------------------------------------------------


def withdrawn(*spans: tuple[str, str | None]) -> Recorded:
    """Reports of v1, each with its first and last day."""
    told = [{"vehicle": "v1", "since": first, "until": last, "at": SUNDAY} for first, last in spans]
    return Recorded(vehicles=tuple(told))


def is_free(by_now: Recorded, district: District, day: int) -> bool:
    """Whether the laws let v1 out on a day of December, from 08:00 to 16:00."""
    problem = problem_to_mend(by_now.onto(district), week_of(district, WEEK))
    [car] = [one for one in problem.vehicles if one.id == "v1"]
    of = Week(district.calendar, WEEK)
    return car.is_free(*(of.local(date(2026, 12, day), at_min) for at_min in (480, 960)))


def is_grounded(by_now: Recorded, district: District, day: int) -> bool:
    """Whether the planner repairs a duty with v1 on that day at those hours."""
    start, end = (f"2026-12-{day:02}T{hour:02}:00:00+08:00" for hour in (8, 16))
    return by_now.grounded({"vehicle": "v1", "start": start, "end": end}, district.calendar)


def test_a_vehicle_withdrawn_a_second_time_stays_withdrawn_the_first(district: District) -> None:
    """Two days in the garage, a day of driving, another one: nothing took the first back."""
    by_now = withdrawn(("2026-12-01", "2026-12-02"), ("2026-12-04", "2026-12-04"))
    days = range(1, 6)
    assert [is_free(by_now, district, day) for day in days] == [False, False, True, False, True]
    assert [is_grounded(by_now, district, day) for day in days] == [True, True, False, True, False]


def test_a_report_does_not_bring_back_a_vehicle_that_its_file_withdraws(folder: Path) -> None:
    """vehicles.csv says all of December; that it is away next year changes nothing now."""
    edit(folder, VehicleRow, 0, withdrawn_from="2026-12-01", withdrawn_to="2026-12-31")
    assert not is_free(withdrawn(("2027-01-05", "2027-01-06")), load(folder), 1)


def test_a_report_of_the_same_first_day_corrects_the_one_before(district: District) -> None:
    """Away since Tuesday, who knows how long; then: it is back on Thursday."""
    by_now = withdrawn(("2026-12-01", None), ("2026-12-01", "2026-12-02"))
    assert [is_free(by_now, district, day) for day in (2, 3)] == [False, True]
    assert [is_grounded(by_now, district, day) for day in (2, 3)] == [True, False]


def test_a_vehicle_withdrawn_until_before_it_begins_is_refused(folder: Path, typed: Typed) -> None:
    """It said "noted as withdrawn" and withdrew nothing."""
    days = ("--since", "2026-12-05", "--until", "2026-12-04")
    shown = typed("roster", "withdraw-vehicle", folder, "v1", *days)
    assert shown.code == 2
    assert "2026-12-05 is after 2026-12-04" in shown.err


@pytest.mark.parametrize(("until", "taken"), [("2026-12-05", True), ("2026-12-04", False)])
def test_an_event_of_a_withdrawal_that_ends_before_it_begins_is_none(
    until: str,
    taken: bool,  # noqa: FBT001
) -> None:
    """From whatever program it comes."""
    told = {
        "specversion": "1.0", "id": "1", "source": "depot", "type": "qinwu.vehicle_withdrawn.v1",
        "time": SUNDAY, "data": {"vehicle": "v1", "since": "2026-12-05", "until": until},
    }  # fmt: skip
    found = parse(json.dumps(told).encode())
    assert isinstance(found, Envelope) == taken
    if isinstance(found, Refused):
        rule = hint_of(found.code, json.dumps(told).encode())
        assert rule == {"rule": "until is not before since"}


# --- two at once -------------------------------------------------------------------------------


@pytest.fixture
def desk(district: District, tmp_path: Path) -> Iterator[Desk]:
    """A command's connection to a bus of its own, on the Sunday before the week."""
    bus = SqliteBus(tmp_path / "duty.db")
    desk = desk_on(bus, district)
    now_ms = district.calendar.parse_iso(SUNDAY)
    desk.clock = Clock(wall=lambda: now_ms)
    yield desk
    bus.close()


@pytest.mark.parametrize("how", ["interleaved", "doubled"])
def test_the_same_roster_handed_in_twice_at_once_is_one_draft(
    desk: Desk, district: District, how: str
) -> None:
    """Two people publish the same folder over the door: their parts mix, and it is in force."""
    parts = list(handed_in(district, week_of(district, WEEK), 1))
    assert len(parts) > 1
    for part in [p for p in parts for _ in "ab"] if how == "interleaved" else [parts[0], *parts]:
        desk.send("draft_edited", part)
    reader = PlanReader(desk.bus, desk.area)

    def whole(ledger: Ledger) -> Draft | None:
        draft = ledger.week(WEEK).drafts.get(1)
        return draft if draft and draft.whole else None

    draft = desk.until(reader, whole)
    assert (draft.breaches, draft.hash, len(draft.duties)) == ((), parts[0]["hash"], 17)


class InStep(Desk):
    """Two people's desks: whatever one sends, the other sends, too, at the same moment."""

    def send(self, name: str, data: Mapping[str, Any]) -> None:
        """Send it, and the other's."""
        super().send(name, data)
        told = event(name, data, source="another", id=f"twin/{self._sent}", time=SUNDAY)
        self.bus.send(inbox(self.area), [Record(told, b"")])


def test_a_swap_that_two_make_at_once_is_one_version(desk: Desk, district: District) -> None:
    """It never ended: both made it anew, in step, and the journal grew."""
    desk.publish(WEEK, week_of(district, WEEK))
    both = InStep(desk.bus, district, desk.clock, alone=True)
    wanted = Swap(DutyId("t1@2026-12-01"), DutyId("t3@2026-12-01"))
    done = Changes(both).wanted(WEEK, wanted, None, publish_it=True)
    held = PlanReader(desk.bus, desk.area).ledger.week(WEEK)
    assert (done.version, done.published) == (2, True)
    assert (held.published, sorted(held.drafts)) == ((1, 2), [1, 2])


def test_a_roster_that_two_publish_at_once_is_one_version(desk: Desk, district: District) -> None:
    """Nobody waits for the other."""
    both = InStep(desk.bus, district, desk.clock, alone=True)
    assert both.publish(WEEK, week_of(district, WEEK)).version == 1
    assert PlanReader(desk.bus, desk.area).ledger.week(WEEK).published == (1,)


def test_a_change_is_not_tried_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is always overtaken is told."""
    monkeypatch.setattr(again, "PAUSE_S", 0)
    attempts = Again(PlanReader(desk.bus, desk.area), WEEK)
    for _ in range(again.MOST):
        attempts.held()
    with pytest.raises(Impossible, match=r"planner\.crowded"):
        attempts.held()


# --- what nobody may do ------------------------------------------------------------------------


def test_an_extra_duty_that_nobody_may_do_is_exit_3(
    folder: Path, district: District, typed: Typed
) -> None:
    """As its help says; a script takes 0 for done."""
    out = folder.parent / "w49"
    write_week(district, week_of(district, WEEK), out)
    assert typed("publish", folder, "--week", WEEK, "--from", out).code == 0
    times = ("--from", "2026-12-03T10:00", "--to", "2026-12-03T14:00")
    shown = typed("roster", "extra", folder, "--squadron", "s1", *times)
    assert (shown.code, "is not changed" in shown.err) == (3, True)


OF_ITS_WEEK = "2026-W49: rest between duties: t3@2026-12-03, 民警3 o3 (150 min short)"
OF_THE_NEXT = (
    "2026-W49: rest between duties: t1@2026-12-06, 民警1 o1 (150 min short),"
    " with the duties up to Mon 2026-12-07 of 2026-W50"
)


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2026-12-02T20:00", "2026-12-02T23:30", OF_ITS_WEEK),
        ("2026-12-06T20:00", "2026-12-06T23:30", OF_THE_NEXT),
    ],
    ids=["its week", "the next week"],
)
def test_a_refused_extra_duty_says_who_is_kept_away_in_which_week_by_which_law(
    folder: Path, district: District, typed: Typed, start: str, end: str, told: str
) -> None:
    """Each of them, so that somebody can be asked; not only how many each law keeps away."""
    for week in (WEEK, "2026-W50"):
        out = folder.parent / week
        write_week(district, week_of(district, week), out)
        assert typed("publish", folder, "--week", week, "--from", out).code == 0
    times = ("--from", start, "--to", end)
    shown = typed("roster", "extra", folder, "--squadron", "s1", *times)
    assert told in shown.err


# --- the edge of the week ----------------------------------------------------------------------


def with_sunday_night(district: District) -> RosterFile:
    """The week, and t5 on duty from Sunday 22:00 to Monday 06:00."""
    week = week_of(district, WEEK)
    of = Week(district.calendar, WEEK)
    sunday = of.dates[6]
    crew = next(one for one in district.people.teams_on(sunday) if one.id == "t5")
    start = of.local(sunday, 22 * 60)
    model = next(one for one in week.roster.duties if one.team == "t1")
    night = replace(
        model, id=duty_id(crew.id, sunday), team=crew.id, date=sunday, start_min=start,
        end_min=start + 480, officer=crew.officer, auxiliaries=crew.auxiliaries,
        vehicle=VehicleId("v5"), device=DeviceId("pda5"), visits=(),
    )  # fmt: skip
    return replace(week, roster=Roster((*week.roster.duties, night)))


@pytest.mark.parametrize("journal", ["with", "before"])
def test_an_absence_on_monday_is_told_of_the_night_that_began_on_sunday(
    folder: Path, district: District, typed: Typed, journal: str
) -> None:
    """Of the week before, also where that was kept before the journal began."""
    out = folder.parent / "w49"
    write_week(district, with_sunday_night(district), out)
    assert typed("publish", folder, "--week", WEEK, "--from", out).code == 0
    if journal == "before":
        for path in folder.glob("duty.db*"):
            path.unlink()
    shown = typed("roster", "absent", folder, "o5", "2026-12-07")
    kept = (kept_folder(district, WEEK) / "roster.csv").read_text(encoding="utf-8-sig")
    assert (shown.code, "t5@2026-12-06" in shown.out) == (0, True)
    assert "no roster" not in shown.out
    assert "t5@2026-12-06" not in kept


# --- two terminals -----------------------------------------------------------------------------


def test_a_swap_that_waited_for_the_same_swap_is_refused(tmp_path: Path) -> None:
    """Its turn came when the first was done: it swapped back, and both thought it was done."""
    folder = small_district(tmp_path / "t", simulation=True)
    bus, district = SqliteBus(folder / "duty.db"), load(folder)
    desk = desk_on(bus, district)
    began_ms = wall_ms()
    sunday = {"virtual_ms": district.calendar.parse_iso(SUNDAY), "wall_ms": began_ms, "speed": 1.0}
    desk.send("clock_set", sunday)
    desk.publish(WEEK, week_of(district, WEEK))
    duties = DutyId("t1@2026-12-01"), DutyId("t3@2026-12-01")
    told = [sys.executable, str(ROOT / "qinwu.py"), "--lang", "en", "roster", "swap", str(folder)]
    with subprocess.Popen(  # noqa: S603 - our own command
        [*told, *duties], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as second:
        assert second.stderr is not None
        assert "waiting for process" in second.stderr.readline()
        assert Changes(desk).wanted(WEEK, Swap(*duties), None, publish_it=True).published
        held = PlanReader(bus, desk.area).ledger.week(WEEK).published
        bus.close()
        _, trouble = second.communicate(timeout=60)
    assert (second.returncode, held) == (3, (1, 2)), trouble
    assert "version 2 came into force after this was asked for of version 1" in trouble
