"""What the planner cannot make: everybody who should hear of it does, once, with the reason."""

from functools import partial
from pathlib import Path

import pytest
from districts import WEEK
from planners import House, settle

from config.telling import LOGGED_ENV, tell_fault
from events.failed import Failed, log_of
from events.plan_decisions import MonthReported, RequestRefused
from scheduler.failing import tell
from scheduler.jobs import last_words
from scheduler.planner import Planner
from scheduler.retries import RETRY_MS

LOG = "Traceback:\na fault of the program: ZeroDivisionError: modulo by zero\n"
WHY = "a fault of the program: ZeroDivisionError: modulo by zero"
LATER = "2026-W49"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A planner's children crash, whatever they are to make."""
    house = House(tmp_path)
    house.solver.code, house.solver.words = 70, LOG
    return house


def noted(house: House) -> list[Failed]:
    """What `P.plan` notes as failed."""
    facts = (fact for frame in house.frames() for fact in frame.facts)
    return [failed for fact in facts if (failed := Failed.noted(fact))]


def tick(house: House, planner: Planner, times: int = 1) -> None:
    """The timer looks again, ten minutes later."""
    for _ in range(times):
        house.now_ms += RETRY_MS
        planner.wake()
        settle(planner)


def test_a_week_that_cannot_be_planned_is_told_once_with_the_reason(house: House) -> None:
    """It is tried again every ten minutes; neither people nor `P.plan` hear the same each time."""
    planner = house.planner()
    settle(planner)
    tick(house, planner, 3)
    weeks = [one for one in house.told if one.of == "week"]
    assert {one.why for one in weeks} == {WHY}
    assert len({one.what for one in weeks}) == len(weeks) > 1
    assert [one for one in noted(house) if one.of == "week"] == weeks
    assert sum(not order.analysis_only for order in house.solver.orders) > len(weeks)


def test_another_reason_is_told_again(house: House) -> None:
    """The first one was mended, and there is a second."""
    planner = house.planner()
    settle(planner)
    house.solver.code, house.solver.words = 2, "people.csv:3: no such person\n"
    tick(house, planner)
    whys = [one.why for one in house.told if (one.of, one.what) == ("week", WEEK)]
    assert whys == [WHY, "people.csv:3: no such person"]


def test_all_that_was_said_is_kept_until_the_week_is_planned(house: House) -> None:
    """The job's folder is removed when the next begins."""
    planner = house.planner()
    settle(planner)
    log = log_of(house.district.folder, "week", WEEK)
    assert log.read_text(encoding="utf-8") == LOG
    house.solver.code = 0
    tick(house, planner)
    assert not log.exists()


def test_a_kept_roster_that_is_damaged_is_named_with_its_line(house: House) -> None:
    """And noted once: the planner comes to rest."""
    kept = house.district.folder / "roster" / WEEK / "roster.csv"
    kept.parent.mkdir(parents=True)
    kept.write_text("week,version,squadron,team,duty,date,start,end,officer\n2026-W49,1,s1\n")
    settle(house.planner())
    [why] = [one.why for one in noted(house) if one.what == WEEK]
    assert why.startswith(f"{kept}:2:1: ")


def test_what_is_refused_is_told_beside_the_journal(house: House) -> None:
    """Whoever asked, and whoever waits for a month's report."""
    house.solver.code = 0
    settle(house.planner())
    house.solver.code, house.solver.words = 2, "no records\n"
    house.now_ms = house.at("2026-12-01T03:00:00+08:00")
    planner = house.planner()
    house.send("plan_requested", week="2026-W50")
    settle(planner)
    assert house.decided(RequestRefused)
    assert house.decided(MonthReported)
    assert Failed("month", "2026-11", "no records") in house.told
    asked = Failed("asked", "2026-W50", "no records")
    assert house.told.count(asked) == 1
    house.send("plan_requested", week="2026-W50")
    settle(planner)
    assert house.told.count(asked) == 2


def test_of_a_child_that_was_killed_its_last_words_are_not_the_reason(tmp_path: Path) -> None:
    """They are of a search that went well until then."""
    (tmp_path / "plan.log").write_text("60 of 60 s  best 12.0\n", encoding="utf-8")
    assert "SIGKILL" in last_words(tmp_path, -9)
    assert "memory" in last_words(tmp_path, -9)
    assert last_words(tmp_path, 70) == "60 of 60 s  best 12.0"


def test_a_child_that_crashes_says_where_in_its_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And last of all what it was, in words; a file of its own would be one more at each try."""
    monkeypatch.setenv(LOGGED_ENV, "1")
    monkeypatch.setenv("QINWU_LANG", "en")
    try:
        len(5)  # type: ignore[arg-type]
    except TypeError as bug:
        tell_fault(bug)
    said = capsys.readouterr().err.splitlines()
    assert any("test_failing.py" in line for line in said)
    assert said[-1] == "a fault of the program: TypeError: object of type 'int' has no len()"


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
def test_what_to_try_next_can_be_copied(
    lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the folder is called."""
    monkeypatch.setenv("QINWU_LANG", lang)
    say = partial(tell, Path("my town"))
    say(Failed("week", LATER, WHY), Path("kept.log"))
    say(Failed("month", "2026-11", WHY), None)
    week, log, month = capsys.readouterr().err.splitlines()
    assert f"qinwu plan 'my town' --week {LATER} --out OUT" in week
    assert (WHY in week, WHY in month) == (True, True)
    assert log.endswith("kept.log")
    assert "qinwu report month 'my town' --month 2026-11" in month
