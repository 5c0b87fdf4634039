"""The planner's shell: what it writes to P.plan and sends, whatever happens to it."""

from dataclasses import replace
from pathlib import Path

import pytest
from districts import WEEK
from planned import week_of
from planners import PLAN, SATURDAY, House, settle

from events.facts import Note
from events.kinds import DutyRostered
from events.plan_decisions import DraftPart, PublicationRefused, Published, RequestRefused, Skipped
from events.schema import roster_hash
from events.trouble import BusLost
from scheduler import publish
from scheduler.readback import of_events, read_roster


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house on a Saturday evening."""
    return House(tmp_path)


def test_saturday_evening(house: House) -> None:
    """On Saturday at six the current week is planned from now on, the next is published."""
    settle(house.planner())
    weeks = [one.week for one in house.decided(Published)]  # type: ignore[attr-defined]
    assert weeks == ["2026-W48", "2026-W49"]
    assert [(o.week, o.from_ms) for o in house.solver.orders if not o.analysis_only] == [
        ("2026-W48", house.now_ms), ("2026-W49", None)
    ]  # fmt: skip


def test_events_of_a_version(house: House) -> None:
    """The inbox gets each duty once, and a roster whose count and hash are theirs."""
    settle(house.planner())
    duties = [t.data for t in house.inbox() if isinstance(t.data, DutyRostered)]
    of_week = [duty for duty in duties if duty.week == WEEK]
    told = next(one for one in house.rosters() if one.week == WEEK)
    assert (told.duties, told.hash, told.replaces) == (len(of_week), roster_hash(of_week), None)
    assert len({one.event for one in house.inbox()}) == len(house.inbox())


def test_kept_files(house: House) -> None:
    """A published week's files stand in the district, equal to what was planned."""
    settle(house.planner())
    kept = read_roster(house.district, house.district.folder / "roster" / WEEK / "roster.csv")
    assert kept.roster == week_of(house.district, WEEK).roster


def test_rest(house: House) -> None:
    """When all is done, more turns and a restart add no frame and send nothing."""
    settle(house.planner())
    before = (len(house.frames()), len(house.inbox()))
    settle(house.planner())
    assert (len(house.frames()), len(house.inbox())) == before


def test_two_planners(house: House) -> None:
    """Two planners racing publish each week once."""
    settle(house.planner(), house.planner())
    published = [(p.week, p.version) for p in house.decided(Published)]  # type: ignore[attr-defined]
    assert len({week for week, _ in published}) == len(published) == 2
    assert sorted(one.week for one in house.rosters()) == ["2026-W48", "2026-W49"]


def test_a_slower_planner_leaves_no_draft_of_a_week_that_is_published(house: House) -> None:
    """It would stand there open, another roster, for the next `qinwu publish`."""
    slow = house.planner()
    while not slow.busy:
        assert slow.turn()
    settle(house.planner())
    settle(slow)
    held = house.planner().ledger.weeks
    assert held
    assert {week: [*one.drafts] for week, one in held.items()} == {week: [1] for week in held}


def test_killed_between_frame_and_effects(house: House) -> None:
    """A planner that died after publishing, before sending, is finished by the next."""
    first = house.planner()
    while not house.decided(Published):
        first._read_inbox(0)
        first._collect()
        first._act()
    assert not house.rosters()
    settle(house.planner())
    assert sorted(one.week for one in house.rosters()) == ["2026-W48", "2026-W49"]


def test_three_saturdays_down(tmp_path: Path) -> None:
    """After three Saturdays: the past skipped, the current from now on, the next drafted."""
    house = House(tmp_path)
    settle(house.planner())
    house.now_ms = house.at("2027-01-01T05:00:00+08:00")  # Friday of 2026-W53
    house.solver.orders.clear()
    settle(house.planner())
    skipped = [(s.week, s.reason) for s in house.decided(Skipped)]  # type: ignore[attr-defined]
    assert skipped == [(f"2026-W{n}", "planner_down") for n in (50, 51, 52)]
    plans = [o for o in house.solver.orders if not o.analysis_only and o.month is None]
    asked = [(o.week, o.from_ms) for o in plans]
    assert asked == [("2026-W53", house.now_ms), ("2027-W01", None)]
    ledger = house.planner().ledger
    assert ledger.week("2026-W53").held == 1
    assert ledger.week("2027-W01").newest is not None
    assert ledger.week("2027-W01").held is None


def test_simulation_waits_for_its_clock(tmp_path: Path) -> None:
    """In a simulated district nothing is due until the clock was set."""
    house = House(tmp_path, simulation=True)
    planner = house.planner()
    settle(planner)
    assert not house.frames()
    house.send("clock_set", virtual_ms=house.at(SATURDAY), wall_ms=house.now_ms, speed=1.0)
    settle(planner)
    assert [p.week for p in house.decided(Published)] == ["2026-W48", "2026-W49"]  # type: ignore[attr-defined]


def test_failed_solver(house: House) -> None:
    """A solver that fails is said in P.plan once, and asked again later."""
    house.solver.code = 3
    settle(house.planner())
    notes = [f for frame in house.frames() for f in frame.facts if isinstance(f, Note)]
    assert {note.fields["what"] for note in notes} == {"2026-W48", "2026-W49", "2026-11"}
    assert not house.decided(Published)


@pytest.mark.parametrize("week", ["0001-W01", "9999-W52"])
def test_a_plan_of_a_week_that_no_calendar_has_is_refused_once(house: House, week: str) -> None:
    """With its reason; no solver is troubled, then or ten minutes later."""
    house.send("plan_requested", week=week)
    planner = house.planner(timed=False)
    for _ in range(3):
        settle(planner)
        house.now_ms += 700_000
        planner.wake()
    [refused] = house.decided(RequestRefused)
    assert isinstance(refused, RequestRefused)
    assert (refused.week, week in refused.reason) == (week, True)
    assert house.solver.orders == []


@pytest.mark.parametrize(("code", "orders"), [(2, 1), (70, 3)])
def test_a_plan_that_the_solver_refuses_is_not_tried_again(
    house: House, code: int, orders: int
) -> None:
    """Bad input stays bad until somebody asks again; a solver that was lost is started again."""
    house.solver.code = code
    house.send("plan_requested", week=WEEK)
    planner = house.planner(timed=False)
    for _ in range(3):
        settle(planner)
        house.now_ms += 700_000
        planner.wake()
    assert len(house.solver.orders) == orders
    told = [one.reason for one in house.decided(RequestRefused) if isinstance(one, RequestRefused)]
    assert told == (["exit 2"] if code == 2 else [])
    house.solver.code = 0
    house.send("plan_requested", week=WEEK)
    settle(planner)
    assert house.planner().ledger.week(WEEK).newest


def hand_in(house: House, version: int = 1, *, tired: bool = False) -> None:
    """Hand in a whole roster; in a tired one a team rests three hours."""
    file = week_of(house.district, WEEK)
    if tired:
        first = file.roster.duties[0]
        long = replace(
            first, start_min=first.start_min + 780, end_min=first.end_min + 780, visits=()
        )
        file = replace(file, roster=file.roster.replaced([first.id], [long]))
    for told in publish.handed_in(house.district, file, version):
        house.send("draft_edited", **told)


def test_handed_in_and_published(house: House) -> None:
    """A roster handed in by events is published on request, also of a week long past."""
    house.now_ms = house.at("2027-06-01T12:00:00+08:00")
    planner = house.planner(timed=False)
    hand_in(house)
    settle(planner)
    assert not house.decided(Published)
    house.send("plan_requested", week=WEEK, what="publish")
    settle(planner)
    assert [told.version for told in house.rosters()] == [1]


def test_unlawful(house: House) -> None:
    """A roster that breaks a law is refused, with the law and whom it would hurt."""
    planner = house.planner(timed=False)
    hand_in(house, tired=True)
    house.send("plan_requested", week=WEEK, what="publish")
    settle(planner)
    refused = house.decided(PublicationRefused)
    assert {b["rule"] for r in refused for b in r.breaches} >= {"rest-between-duties"}  # type: ignore[attr-defined]
    assert not house.rosters()


def test_absence(house: House) -> None:
    """An absence makes version 2 at once: one free team takes the duty, nobody else moves."""
    planner = house.planner(timed=False)
    hand_in(house)
    house.send("plan_requested", week=WEEK, what="publish")
    settle(planner)
    house.send("absence_reported", person="o1", dates=["2026-12-02"])
    settle(planner)
    held = planner.ledger.week(WEEK)
    before, after = (of_events(house.district, WEEK, held.drafts[n].duties).roster for n in (1, 2))
    gone, new = set(before.duties) - set(after.duties), set(after.duties) - set(before.duties)
    assert [duty.id for duty in gone] == ["t1@2026-12-02"]
    assert [duty.id for duty in new] == ["t3@2026-12-02"]
    assert [told.replaces for told in house.rosters()] == [None, 1]


def test_hole(house: House) -> None:
    """When no free team is lawful the duty is gone from version 2, and nothing else changes."""
    planner = house.planner(timed=False)
    hand_in(house)
    house.send("plan_requested", week=WEEK, what="publish")
    house.send("absence_reported", person="o1", dates=["2026-12-01"])
    settle(planner)
    drafts = planner.ledger.week(WEEK).drafts
    before, after = ({duty["duty"] for duty in drafts[n].duties} for n in (1, 2))
    assert (before - after, after - before) == ({"t1@2026-12-01"}, set())


def test_a_sick_call_during_a_duty_leaves_what_was_worked(house: House) -> None:
    """The rest is another team's; what was worked is asked of no law again, nor repaired again."""
    planner = house.planner(timed=False)
    hand_in(house)
    house.send("plan_requested", week=WEEK, what="publish")
    settle(planner)
    house.now_ms = house.at("2026-12-02T10:09:30+08:00")
    house.send("absence_reported", person="o1", dates=["2026-12-02"])
    settle(planner)
    held = planner.ledger.week(WEEK)
    assert held.published == (1, 2)
    day = [d for d in held.drafts[2].duties if d["date"] == "2026-12-02"]
    hours = {d["duty"]: (d["start"][11:16], d["end"][11:16]) for d in day}
    assert hours["t1@2026-12-02"] == ("08:00", "10:09")
    [heir] = [one for one in day if hours[one["duty"]] == ("10:09", "16:00")]
    moves = (held.drafts[2].change or {})["moves"]
    assert {(move["why"], move["team"], move["of"]) for move in moves} == {
        ("cut", "t1", "t1@2026-12-02"), ("hole", heir["team"], "t1@2026-12-02"),
    }  # fmt: skip
    house.now_ms = house.at("2026-12-02T12:00:00+08:00")
    house.send("absence_reported", person="o2", dates=["2026-12-03"])
    settle(planner)
    assert planner.ledger.week(WEEK).published == (1, 2, 3)


def test_absence_before_planning(house: House) -> None:
    """Who was reported absent before the week was planned has no duty on that day."""
    house.send("absence_reported", person="o2", dates=["2026-11-30"])
    settle(house.planner())
    assert house.planner().ledger.week(WEEK).published == (1,)
    assert all(
        o.recorded.absences == {"o2": frozenset({"2026-11-30"})} for o in house.solver.orders
    )


def test_many_frames(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft too large for one frame is written over several, by two planners at once too."""
    monkeypatch.setattr("scheduler.drafting.MOST_BYTES", 2000)
    settle(house.planner(), house.planner())
    parts = [f for f in house.frames() if any(isinstance(d, DraftPart) for d in f.decisions)]
    assert len(parts) > 6
    assert sorted(one.week for one in house.rosters()) == ["2026-W48", "2026-W49"]


def test_conflicts(house: House) -> None:
    """Stale frames of a zombie between ours change nothing."""
    planner = house.planner()
    for n in range(5):
        house.bus.journal(PLAN).land_before_next(f"stale {n}".encode())
        planner.turn()
    settle(planner)
    assert sorted(one.week for one in house.rosters()) == ["2026-W48", "2026-W49"]


def test_lost_answer(house: House) -> None:
    """A planner that does not know whether its frame stands exits; the next finishes once."""
    house.bus.journal(PLAN).lose_next_answer()
    with pytest.raises(BusLost):
        settle(house.planner())
    house.bus.journal(PLAN).land_held()
    settle(house.planner())
    assert sorted(one.week for one in house.rosters()) == ["2026-W48", "2026-W49"]
