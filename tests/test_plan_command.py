"""The planner's commands: what they write, print and answer with."""

import errno
import os
import re
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from districts import MONDAY, WEEK, small_district
from planned import Found, week_of, write_week
from typed import within

from config.district import District, load
from config.errors import NotFound
from config.made_tables import HistoryRow
from config.reading import write_rows
from config.words import LANGUAGES, words
from events.clock import Clock
from events.memory import MemoryBus
from events.sqlite import SqliteBus
from scheduler import commands
from scheduler.ask import _fate
from scheduler.changes.change_told import changed_lines
from scheduler.changes.reporting import Reports
from scheduler.child import ChildSolver
from scheduler.commands import PlanJob, check_lines, desk_on, is_early, plan_to
from scheduler.due import Analyse
from scheduler.jobs import LATER, REFUSED, Order
from scheduler.plan_log import PlanReader
from scheduler.planner import Planner
from scheduler.problem import Problem
from scheduler.progress import Progress
from scheduler.publish import handed_in
from scheduler.readback import kept_folder, read_roster
from scheduler.recorded import Recorded
from scheduler.roster import Roster
from scheduler.week import Solve

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def district(tmp_path: Path) -> District:
    """The hand-made district with a short history."""
    folder = small_district(tmp_path / "d")
    moments = [datetime(2026, 9, 1, tzinfo=UTC) + timedelta(hours=7 * n) for n in range(200)]
    rows = [
        HistoryRow.model_validate(
            {
                "id": f"c{n}",
                "at": at.isoformat(),
                "kind": "crash",
                "node": f"n{n % 6}{n % 5}",
                "x_m": 0.0,
                "y_m": 0.0,
            }
        )
        for n, at in enumerate(moments)
    ]
    (folder / "history").mkdir()
    write_rows(folder / "history" / "all.csv", rows)
    return load(folder)


@pytest.fixture
def by_hand(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver that gives the hand-made week."""

    def solver(*_: object) -> Solve:
        def solve(problem: Problem) -> Found:
            roster = week_of(district, problem.week).roster
            bare = Roster(tuple(replace(duty, visits=()) for duty in roster.duties))
            missed = {due.id: "no_unit" for due in problem.due if not due.check}
            return Found(bare, missed=missed)

        return solve

    monkeypatch.setattr(commands, "solver", solver)


def job(out: Path, lang: str = "en") -> PlanJob:
    """An order for the week."""
    return PlanJob(WEEK, out, 1, 7, 1, None, None, lang)


@pytest.mark.usefixtures("by_hand")
def test_files(district: District, tmp_path: Path) -> None:
    """Planning writes its files; the roster reads back as it was."""
    assert plan_to(district, job(tmp_path / "out")) is False
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [
        "colours.geojson", "must_arrive.csv", "must_arrive.geojson", "report.html", "roster.csv",
        "staffing.csv", "visits.csv",
    ]  # fmt: skip
    found = read_roster(district, tmp_path / "out" / "roster.csv").roster
    assert [d.id for d in found.duties] == [d.id for d in week_of(district, WEEK).roster.duties]


def test_a_roster_that_finds_no_room_is_kept_elsewhere(
    district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a search of an hour, say; who goes on with the folder that he named is stopped."""
    out, kept = tmp_path / "out", tmp_path / "kept"
    kept.mkdir()

    def solver(*_: object) -> Solve:
        out.write_text("no folder any more")
        return lambda _: Found(Roster(()))

    monkeypatch.setattr(commands, "solver", solver)
    monkeypatch.setattr("tempfile.tempdir", str(kept))
    with pytest.raises(typer.Exit):
        plan_to(district, job(out))
    assert len(list(kept.glob("*/roster.csv"))) == 1


@pytest.mark.usefixtures("by_hand")
@pytest.mark.parametrize("more", [(), ("--analysis-only",)], ids=["plan", "analysis"])
def test_the_planners_child_is_tried_again_where_it_finds_no_room(
    district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    """A full disk is no refusal: who asked would ask in vain, an analysis would wait for a day."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "out"))

    monkeypatch.setattr(commands, "write_needs", full)
    Recorded().write(tmp_path / "recorded.json")
    told = ["--out", str(tmp_path / "out"), "--recorded", str(tmp_path / "recorded.json"), *more]
    done = qinwu("plan", str(district.folder), "--week", WEEK, *told)
    assert done.returncode == LATER
    assert LATER not in REFUSED
    assert "No space left on device" in done.stderr.splitlines()[-1]


@pytest.mark.usefixtures("by_hand")
def test_the_next_step_is_told(
    district: District, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line is the command that publishes what was planned; the last one says what is better."""
    plan_to(district, job(tmp_path))
    told, last = capsys.readouterr().out.splitlines()[-2:]
    assert told.endswith(f"qinwu publish {district.folder} --week {WEEK} --from {tmp_path}")
    assert "plan again" in last


@pytest.mark.parametrize(
    ("cost", "bound", "early"),
    [(200.0, 0.0, True), (200.0, 24.6, True), (200.0, 196.5, False), (0.0, 0.0, False)],
    ids=["no bound", "far from its bound", "good", "none is better"],
)
def test_a_plan_is_early_without_a_bound_or_far_from_it(
    cost: float, bound: float, *, early: bool
) -> None:
    """However soon its first roster came."""
    assert is_early(Found(Roster(()), cost=cost, bound=bound)) is early


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_plan_that_stopped_early_ends_with_the_command_that_gives_it_more(
    district: District, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, lang: str,
) -> None:  # fmt: skip
    """What is published of it would be worse than it need be."""

    def solver(*_: object) -> Solve:
        return lambda problem: Found(week_of(district, problem.week).roster, bound=0.0)

    monkeypatch.setattr(commands, "solver", solver)
    plan_to(district, replace(job(tmp_path, lang), rounds=None, time_s=5))
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.endswith(
        f"qinwu plan {district.folder} --week {WEEK} --out {tmp_path} --time 20 --seed 7"
    )


def test_without_a_history_nothing_is_planned(tmp_path: Path) -> None:
    """Exit 2, with what to do; nothing is written."""
    folder = small_district(tmp_path / "d")
    done = qinwu("plan", str(folder), "--week", WEEK, "--out", str(tmp_path / "out"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "put records into history/ (docs/import.md)" in done.stderr
    assert list((tmp_path / "out").glob("*")) == []


@pytest.mark.usefixtures("by_hand")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_report(district: District, tmp_path: Path, lang: str) -> None:
    """The report asks nothing of a network and shows 168 hours of each squadron, gap, reasons."""
    plan_to(district, job(tmp_path, lang))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|src=|@import|url\(", page)
    assert page.count("<rect ") == 2 * 168
    assert "25.00 %" in page
    windows = re.findall(r"<td>([^<]*)\d\d:\d\d–\d\d:\d\d</td>", page)
    monday, friday = {"en": ("Mon", "Fri"), "zh-CN": ("周一", "周五")}[lang]
    assert set(windows) >= {f"{monday} 2026-11-30 ", f"{friday} 2026-12-04 "}
    assert {"en": "no unit is on duty", "zh-CN": "没有当班单元"}[lang] in page


def test_check_lawful(district: District, tmp_path: Path) -> None:
    """A lawful hand-made roster has no findings."""
    write_week(district, week_of(district, WEEK), tmp_path)
    file = read_roster(district, tmp_path / "roster.csv")
    assert check_lines(district, file, "roster.csv", "en") == []


def qinwu(*told: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return within("--lang", "en", *told)


def test_check_breach(district: District, tmp_path: Path) -> None:
    """A roster that breaks a law: exit 1, the line of the duty and the law in words."""
    file = week_of(district, WEEK)
    first = file.roster.duties[0]
    late = replace(first, start_min=first.start_min + 780, end_min=first.end_min + 780, visits=())
    bad = replace(file, roster=file.roster.replaced([first.id], [late]))
    write_week(district, bad, tmp_path)
    done = qinwu("roster", "check", str(district.folder), str(tmp_path / "roster.csv"))
    assert done.returncode == 1, done.stderr
    line = next(n for n, d in enumerate(bad.roster.duties, 2) if d.id == "t1@2026-12-01")
    assert f"roster.csv:{line}:" in done.stdout
    assert "rest between duties" in done.stdout


def test_check_bad_file(district: District, tmp_path: Path) -> None:
    """A roster with a name that is not the district's: exit 2, its cell."""
    write_week(district, week_of(district, WEEK), tmp_path)
    path = tmp_path / "roster.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",o1,", ",ox,", 1), encoding="utf-8")
    done = qinwu("roster", "check", str(district.folder), str(path))
    assert done.returncode == 2
    assert "ox is not known" in done.stderr


def test_publish_and_absence_alone(district: District, tmp_path: Path) -> None:
    """On a file of its own the command plans itself: publishes, then repairs an absence."""
    bus = SqliteBus(tmp_path / "duty.db")
    try:
        desk = desk_on(bus, district)
        answer = desk.publish(WEEK, week_of(district, WEEK))
        assert (answer.version, answer.refused) == (1, False)
        day = (MONDAY + timedelta(2)).isoformat()
        (told,) = Reports(desk).absent("o1", date.fromisoformat(day))
        first, least, _, last = changed_lines(told, district, "en")
        assert first == f"民警3 t3 {day}: does t1@{day}, which nobody else does (08:00–16:00)"
        assert least == "proven least change: 12 points of change"
        assert last.startswith("to be told: ")
    finally:
        bus.close()
    kept = read_roster(district, district.folder / "roster" / WEEK / "roster.csv")
    assert f"t3@{day}" in {duty.id for duty in kept.roster.duties}


def test_unlawful_is_refused(district: District, tmp_path: Path) -> None:
    """A roster handed in that breaks a law comes back with its breaches, unpublished."""
    file = week_of(district, WEEK)
    first = file.roster.duties[0]
    late = replace(first, start_min=first.start_min + 780, end_min=first.end_min + 780, visits=())
    bad = replace(file, roster=file.roster.replaced([first.id], [late]))
    bus = SqliteBus(tmp_path / "duty.db")
    try:
        answer = desk_on(bus, district).publish(WEEK, bad)
    finally:
        bus.close()
    assert answer.refused
    assert "rest-between-duties" in {told["rule"] for told in answer.breaches}
    assert not (district.folder / "roster" / WEEK).exists()


def test_interrupted(district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C asks the solver to stop; its best roster is written all the same."""

    def solver(*told: Any) -> Solve:  # noqa: ANN401 - as commands.solver
        def solve(problem: Problem) -> Found:
            os.kill(os.getpid(), signal.SIGINT)
            assert told[3].wait(5)
            return Found(week_of(district, problem.week).roster)

        return solve

    monkeypatch.setattr(commands, "solver", solver)
    usual = signal.getsignal(signal.SIGINT)
    assert plan_to(district, job(tmp_path)) is True
    assert (tmp_path / "roster.csv").exists()
    assert signal.getsignal(signal.SIGINT) is usual


def test_progress(capsys: pytest.CaptureFixture[str]) -> None:
    """Best, bound and gap go to stderr, at most one line a second."""
    tell = Progress("en")
    for bound in (50.0, 60.0, 70.0):
        tell(100.0, bound)
    assert capsys.readouterr().err == "0 s  best 100.0  bound 50.0  gap 50.00 %\n"


def test_progress_says_of_how_much(capsys: pytest.CaptureFixture[str]) -> None:
    """Seconds of those that were asked for, or the share of counted work."""
    Progress("en", 60)(100.0, 50.0)
    assert capsys.readouterr().err.startswith("0 of 60 s  best 100.0  bound 50.0")
    counted = Progress("en")
    counted.now = 100.0, 50.0
    counted.worked(0.25)
    assert capsys.readouterr().err.startswith("0 s, 25 % of the work  best 100.0")


def test_the_last_progress_is_told_however_soon(capsys: pytest.CaptureFixture[str]) -> None:
    """Cost, bound and gap of what is written, also within the same second."""
    progress = Progress("en")
    progress(10.0, 9.0)
    progress.end(9.5, 9.405)
    assert "best 9.5  bound 9.4  gap 1.00 %" in capsys.readouterr().err.splitlines()[-1]


def test_what_is_done_is_told_before_it_is_done(
    district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """A large district says nothing else for the better part of a minute."""

    def solver(*_: Any) -> Solve:  # noqa: ANN401 - as commands.solver
        def solve(problem: Problem) -> Found:
            told = capsys.readouterr().err.splitlines()
            steps = ("records", "history", "needs", "laws")
            assert told[:4] == [words("en")(f"planner.step.{name}") for name in steps]
            assert told[4].startswith(f"{len(problem.teams)} teams")
            return Found(week_of(district, problem.week).roster)

        return solve

    monkeypatch.setattr(commands, "solver", solver)
    plan_to(district, job(tmp_path))
    assert words("en")("planner.step.writing") in capsys.readouterr().err


@pytest.mark.usefixtures("by_hand")
def test_what_was_found_is_written_before_anything_is_said_of_it(
    district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in a line of text must not cost the roster."""

    def fault(*_: object) -> str:
        raise KeyError("text")

    monkeypatch.setattr(commands, "tiers_text", fault)
    with pytest.raises(KeyError):
        plan_to(district, job(tmp_path / "out"))
    assert (tmp_path / "out" / "roster.csv").is_file()


def test_nothing_is_told_twice(capsys: pytest.CaptureFixture[str]) -> None:
    """The end is often what was told last."""
    progress = Progress("en")
    progress(10.0, 9.0)
    progress.end(10.0, 9.0)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_absence_in_a_week_without_a_roster_is_told_as_that(district: District) -> None:
    """That somebody has no duty would say that a roster was looked at."""
    done = qinwu("roster", "absent", str(district.folder), "o1", "2026-11-20")
    assert "there is no roster of 2026-W47 yet" in done.stdout


def test_an_absence_on_a_day_off_is_told_as_that(district: District) -> None:
    """The week is looked at; nothing of it changes."""
    write_week(district, week_of(district, WEEK), kept_folder(district, WEEK))
    done = qinwu("roster", "absent", str(district.folder), "o1", str(MONDAY + timedelta(6)))
    assert done.stdout.startswith("o1 has no duty on 2026-12-06")


@pytest.mark.parametrize("bound", [None, 0.0])
def test_progress_without_a_bound(capsys: pytest.CaptureFixture[str], bound: float | None) -> None:
    """A bound of 0 says nothing, so it is no gap of 100 %."""
    Progress("en")(100.0, bound)
    assert capsys.readouterr().err == "0 s  best 100.0  no bound found yet\n"


def test_child_analyses(district: District) -> None:
    """The planner's child process makes a month's points and staffing without a bus."""
    start = district.calendar.parse_iso("2026-12-02T12:00:00+08:00")
    bus = MemoryBus()
    solve = ChildSolver(district)
    planner = Planner(bus, district, Clock(wall=lambda: start), "test", solve)
    planner._job = Analyse("2026-12"), solve(Order(WEEK, analysis_only=True))
    deadline = time.monotonic() + 60
    while "2026-12" not in planner.ledger.analysed and time.monotonic() < deadline:
        planner._collect()
        time.sleep(0.05)
    planner.close()
    kept = district.folder / ".qinwu" / "analysis" / "2026-12"
    assert (kept / "must_arrive.csv").stat().st_size > 100
    assert len((kept / "staffing.csv").read_text(encoding="utf-8").splitlines()) == 1 + 2 * 336


def test_two_commands_race(district: District) -> None:
    """Two commands that hand in rosters at once: each is published, as two versions."""
    bus = MemoryBus()
    file = week_of(district, WEEK)
    fewer = replace(file, roster=Roster(file.roster.duties[:-1]))
    with ThreadPoolExecutor(2) as pool:
        told = [pool.submit(desk_on(bus, district).publish, WEEK, one) for one in (file, fewer)]
        answers = [one.result(timeout=30) for one in told]
    assert sorted(answer.version for answer in answers) == [1, 2]
    count = len(file.roster.duties)
    assert [answer.duties for answer in answers] == [count, count - 1]


def test_overtaken(district: District) -> None:
    """A draft that a newer version overtook is said not to be in force, not waited for."""
    bus = MemoryBus()
    desk = desk_on(bus, district)
    file = week_of(district, WEEK)
    for version in (1, 2):
        for part in handed_in(district, file, version):
            desk.send("draft_edited", part)
    desk.send("plan_requested", {"week": WEEK, "what": "publish"})
    Planner(bus, district, Clock(), "test", timed=False).turn()
    reader = PlanReader(bus, desk.area)
    assert reader.ledger.week(WEEK).published == (2,)
    assert _fate(reader.ledger, WEEK, 1) == reader.ledger.week(WEEK).drafts[1]


def test_nothing_to_publish(district: District) -> None:
    """Without a draft the command says so and sends nothing."""
    bus = MemoryBus()
    with pytest.raises(NotFound, match="no_draft"):
        desk_on(bus, district).publish(WEEK)
    assert bus.read("hz.inbox") == []


def test_why_needs_a_roster(district: District) -> None:
    """Asked about a week that was never published, the command says what to do; exit 1."""
    done = qinwu("roster", "why", str(district.folder), "o1", "2026-11-30")
    assert done.returncode == 1
    assert f"qinwu publish {district.folder} --week 2026-W49" in done.stderr


@pytest.mark.parametrize(
    ("told", "code", "said"),
    [
        (("plan", "--week", "2026-W60", "--out", "x"), 2, "no ISO week"),
        (("plan", "--week", WEEK, "--out", "x", "--since", "noon"), 2, "no time with offset"),
        (("roster", "absent", "nobody", "2026-11-30"), 1, "people.csv has no nobody"),
        (("roster", "absent", "o1", "30.11."), 2, "no date"),
        (("publish", "--week", WEEK, "--from", "x"), 1, "no roster of"),
    ],
)
def test_wrong_arguments(district: District, told: tuple[str, ...], code: int, said: str) -> None:
    """A wrong argument is said in words with its exit code; nothing is written."""
    at = 2 if told[0] == "roster" else 1
    done = qinwu(*told[:at], str(district.folder), *told[at:])
    assert done.returncode == code, done.stderr
    assert said in done.stderr


def test_calendar_warning(district: District) -> None:
    """A week that the calendar does not cover is warned about, in the user's language."""
    done = qinwu("publish", str(district.folder), "--week", "2027-W20", "--from", "x")
    assert "the calendar does not cover 2027-W20" in done.stderr
