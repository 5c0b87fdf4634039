"""Events, files and disks that nobody means: the planner refuses, says why, and goes on."""

import copy
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from districts import WEEK, small_district
from planned import week_of
from planners import House, settle
from runs import wait_for

from config.district import load
from config.errors import BadInput
from dispatch.run import Worker
from dispatch.supervisor import Options
from events.facts import Parked
from events.kinds import DutyRostered
from events.memory import MemoryBus
from events.plan_decisions import PublicationRefused, Published
from events.ports import BusLost
from events.schema import roster_hash
from scheduler import publish
from scheduler.breach_words import told_text

Duties = list[dict[str, Any]]
VISIT = {"must_arrive": "zz", "arrive": "2026-11-30T09:00:00+08:00",
         "leave": "2026-11-30T09:12:00+08:00"}  # fmt: skip
DUTIES: dict[str, dict[str, Any]] = {
    "ends before it starts": {"end": "2026-11-30T07:00:00+08:00"},
    "of the year 1": {"date": "0001-01-01"},
    "starts in the year 1": {"start": "0001-01-01T00:00:00+08:00"},
    "lasts three years": {"end": "2029-11-30T16:00:00+08:00"},
    "starts three weeks after its date": {
        "start": "2026-12-20T08:00:00+08:00", "end": "2026-12-20T16:00:00+08:00"
    },
    "starts within a minute": {"start": "2026-11-30T08:00:00.5+08:00"},
    "at an unknown post": {"post": "nowhere"},
    "of an officer whom nobody knows": {"officer": "stranger"},
    "with an id that no file can hold": {"device": "a b"},
    "visits an unknown place": {"visits": [VISIT]},
    "visits in the year 1": {"visits": [{**VISIT, "arrive": "0001-01-01T00:00:00+00:00"}]},
    "of another week": {"week": "2026-W50"},
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house on a Saturday evening."""
    return House(tmp_path)


def usual(house: House) -> Duties:
    """The duties of the usual lawful week, as events carry them."""
    parts = publish.handed_in(house.district, week_of(house.district, WEEK), 1)
    return copy.deepcopy([duty for part in parts for duty in part["duties"]])


def hand_in(house: House, duties: Duties, week: str = WEEK) -> None:
    """Hand duties in as a draft, with the hash that they have, and ask to publish it."""
    tuples = ("auxiliaries", "visits", "tasks")
    known = [{**duty, **{name: tuple(duty.get(name, ())) for name in tuples}} for duty in duties]
    told = roster_hash(DutyRostered.model_validate(duty) for duty in known)
    house.send("draft_edited", week=week, version=1, duties=duties, parts=1, hash=told)
    house.send("plan_requested", week=week, what="publish")


def refusals(house: House) -> list[dict[str, Any]]:
    """Breaches of all refusals."""
    found = house.decided(PublicationRefused)
    return [breach for one in found if isinstance(one, PublicationRefused)
            for breach in one.breaches]  # fmt: skip


def take(house: House) -> None:
    """Hand in an absence, too, and let a planner do all that there is."""
    house.send("absence_reported", person="o1", dates=["2026-11-30"])
    settle(house.planner(timed=False))


@pytest.mark.parametrize("change", DUTIES.values(), ids=DUTIES)
def test_a_draft_is_refused_for_what_a_roster_file_would_be(
    house: House, change: dict[str, Any]
) -> None:
    """Whichever way it comes in; and what was asked after it is done."""
    duties = usual(house)
    duties[0] |= change
    hand_in(house, duties)
    take(house)
    assert {breach["rule"] for breach in refusals(house)} == {"handed-in"}
    assert not house.decided(Published)
    assert house.planner().ledger.absences


@pytest.mark.parametrize("week", ["0001-W01", "9999-W52"])
def test_a_draft_of_a_week_that_no_calendar_has_is_refused(house: House, week: str) -> None:
    """The events allow any ISO week."""
    duties = usual(house)
    hand_in(house, [{**duty, "week": week} for duty in duties], week)
    take(house)
    assert {breach["rule"] for breach in refusals(house)} == {"handed-in", "more"}
    assert house.planner().ledger.absences


def test_two_duties_of_one_id_are_refused(house: House) -> None:
    """The engine would keep one of them."""
    duties = usual(house)
    saturday = {"date": "2026-12-05", "start": "2026-12-05T08:00:00+08:00",
                "end": "2026-12-05T16:00:00+08:00", "visits": []}  # fmt: skip
    hand_in(house, [*duties, {**duties[0], **saturday}])
    take(house)
    assert [breach["key"] for breach in refusals(house)] == ["check.roster.duty_twice"]
    assert not house.decided(Published)


def test_a_person_with_duties_without_end_costs_no_time(house: House) -> None:
    """To look at the laws of 300 duties at one time would take minutes."""
    duties = usual(house)
    more = [{**duties[0], "duty": f"d{n}", "visits": []} for n in range(300)]
    hand_in(house, [*duties, *more])
    take(house)
    assert "check.roster.too_often" in {breach.get("key") for breach in refusals(house)}


def test_a_refusal_names_the_first_faults_and_counts_the_others(house: House) -> None:
    """A frame must take it, and a person read it."""
    duties = usual(house)
    hand_in(house, [{**duty, "post": f"x{n}", "vehicle": f"y{n}", "device": f"z{n}"}
                    for n, duty in enumerate(duties * 2)])  # fmt: skip
    take(house)
    found = refusals(house)
    assert len(found) == 51
    assert found[-1]["rule"] == "more"
    assert found[-1]["amount"] > 50


def test_single_edits_of_a_draft_change_nothing(house: House) -> None:
    """The engine says that nobody carries them out."""
    hand_in(house, usual(house))
    edits = [{"duty": "t1@2026-11-30", "remove": True}]
    house.send("draft_edited", week=WEEK, version=2, edits=edits)
    take(house)
    assert house.planner().ledger.week(WEEK).published[0] == 1
    assert not refusals(house)


def test_an_event_on_which_the_planner_crashes_is_set_aside(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else every next planner would crash on it, too."""

    def crash(*_: object) -> None:
        raise KeyError("unforeseen")

    monkeypatch.setattr("scheduler.planner.draft_faults", crash)
    hand_in(house, usual(house))
    take(house)
    facts = [fact for frame in house.frames() for fact in frame.facts]
    [error] = [fact.error for fact in facts if isinstance(fact, Parked)]
    assert error.startswith("KeyError 'unforeseen' at test_hostile_planner.py:")
    assert [(one.of, one.why) for one in house.told] == [("event", error)]
    assert house.planner().ledger.absences


def test_a_verdict_that_crashes_is_a_refusal_that_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked is answered; where it crashed stands in the journal."""

    def crash(*_: object) -> None:
        raise KeyError("unforeseen")

    monkeypatch.setattr("scheduler.publish.check", crash)
    hand_in(house, usual(house))
    take(house)
    first = refusals(house)[0]
    assert first["rule"] == "fault"
    assert "test_hostile_planner.py" in told_text(first, "en")


def damage(folder: Path, week: str) -> Path:
    """A kept roster that is cut off in the middle of a line."""
    path = folder / "roster" / week / "roster.csv"
    path.parent.mkdir(parents=True)
    path.write_text("week,version,squadron,team,duty,date,start,end,officer\n2026-W47,1,s1\n")
    return path


def test_a_damaged_file_of_an_earlier_week_is_named_in_the_refusal(house: House) -> None:
    """Nobody can say whether the week is lawful; the planner goes on."""
    duties = usual(house)
    path = damage(house.district.folder, "2026-W47")
    hand_in(house, duties)
    take(house)
    first = refusals(house)[0]
    assert first["rule"] == "unread"
    assert f"{path}:2:1" in told_text(first, "en")
    assert house.planner().ledger.absences


def test_an_absence_that_could_not_be_repaired_is_tried_again_when_it_is_told_again(
    house: House,
) -> None:
    """The file was mended meanwhile."""
    planner = house.planner(timed=False)
    hand_in(house, usual(house))
    settle(planner)
    path = damage(house.district.folder, "2026-W47")
    house.send("absence_reported", person="o1", dates=["2026-12-02"])
    settle(planner)
    assert planner.ledger.week(WEEK).published == (1,)
    path.unlink()
    house.send("absence_reported", person="o1", dates=["2026-12-02"])
    settle(planner)
    held = planner.ledger.week(WEEK)
    assert held.published == (1, 3)
    assert "o1" not in {d["officer"] for d in held.drafts[3].duties if d["date"] == "2026-12-02"}


class Failing:
    """A planner that cannot work."""

    def __init__(self, error: Exception) -> None:
        """Fail with this."""
        self.error, self.turns = error, 0

    def turn(self, wait_ms: int = 0) -> bool:
        """Fail."""
        del wait_ms
        self.turns += 1
        raise self.error

    def close(self) -> None:
        """Nothing to let go of."""


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """A worker with a bus that is ready to let a planner turn."""
    folder = small_district(tmp_path / "d")
    (folder / ".qinwu").mkdir()
    monkeypatch.setattr("dispatch.run.PLANNER_PAUSE_S", 0.01)
    with ExitStack() as stack:
        one = Worker(Options(folder), threading.Event(), stack)
        one.district = load(folder)
        yield one
        one.stop.set()


@pytest.mark.parametrize(
    "error",
    [BadInput(key="planner.time", value="W"), OSError(28, "No space left", "x"), KeyError("k")],
    ids=["file", "machine", "fault"],
)
def test_dispatch_goes_on_whatever_keeps_the_planner_from_its_work(
    worker: Worker, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said, and planning is tried again."""
    planner = Failing(error)
    worker._plan(MemoryBus(), lambda *_: planner)
    wait_for(lambda: planner.turns > 2)
    assert (worker.failures, worker.stop.is_set()) == ([], False)
    assert "dispatch goes on" in capsys.readouterr().err


def test_a_planner_without_a_bus_ends_the_worker(worker: Worker) -> None:
    """It begins again with a new connection."""
    worker._plan(MemoryBus(), lambda *_: Failing(BusLost("gone")))
    assert worker.stop.wait(10)
    assert [type(one) for one in worker.failures] == [BusLost]
