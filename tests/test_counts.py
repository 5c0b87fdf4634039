"""Visits and unit hours of a week are counted one way: by the plan, its report, a publication."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from districts import WEEK, small_district
from planned import Found, week_of

from config.district import District, load
from config.made_tables import HistoryRow
from config.reading import write_rows
from scheduler import commands
from scheduler.advice.lacks import lacks
from scheduler.commands import PlanJob, plan_to
from scheduler.problem import Problem
from scheduler.readback import read_roster
from scheduler.roster import Roster, Visit
from scheduler.rules import shortfalls
from scheduler.slots import SLOTS
from scheduler.week import Solve


@pytest.fixture
def district(tmp_path: Path) -> District:
    """The hand-made district with a short history."""
    folder = small_district(tmp_path / "d")
    first = datetime(2026, 9, 1, tzinfo=UTC)
    rows = [
        HistoryRow(id=f"c{n}", at=(first + timedelta(hours=7 * n)).isoformat(), kind="crash",
                   node=f"n{n % 6}{n % 5}", x_m=0.0, y_m=0.0)
        for n in range(200)
    ]  # fmt: skip
    (folder / "history").mkdir()
    write_rows(folder / "history" / "all.csv", rows)
    return load(folder)


def visited(problem: Problem, roster: Roster) -> Roster:
    """With one point visited once more than it is due, another once, all others never."""
    duties, points = [replace(duty, visits=()) for duty in roster.duties], list(problem.due)
    for more in (1, 0):
        due, n, at_min = next(
            (due, n, at_min) for due in points for n, duty in enumerate(duties)
            if not duty.visits and (at_min := max(duty.start_min, due.start_min)) + due.dwell_min
            + (due.visits + more - 1) * (due.dwell_min + problem.spacing_min)
            <= min(duty.end_min, due.end_min)
        )  # fmt: skip
        points = [point for point in points if point.node != due.node]
        step_min = due.dwell_min + problem.spacing_min
        begins = (at_min + k * step_min for k in range(due.visits + more))
        stays = (Visit(due.id, due.place, at, at + due.dwell_min) for at in begins)
        duties[n] = replace(duties[n], visits=tuple(stays))
    return Roster(tuple(duties))


def test_the_same_visits_and_hours_are_told_everywhere(
    district: District, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """The plan counted stays, its report left the night checks out, hours were the tail's, too."""
    monkeypatch.setenv("QINWU_LANG", "en")
    week: list[tuple[Problem, Roster]] = []

    def solver(*_: object) -> Solve:
        def solve(problem: Problem) -> Found:
            week.append((problem, visited(problem, week_of(district, problem.week).roster)))
            return Found(week[0][1])

        return solve

    monkeypatch.setattr(commands, "solver", solver)
    out = tmp_path / "out"
    plan_to(district, PlanJob(WEEK, out, 1, 7, 1, None, None, "en"))
    told = capsys.readouterr().out
    page = (out / "report.html").read_text(encoding="utf-8")
    [(problem, _)] = week
    due = sum(one.visits for one in problem.due)
    met = problem.due[0].visits + 1
    assert f"that are planned: {met} of {due}\n" in told
    assert f"<b>{met} / {due}</b>" in page
    lines = "\n".join(lacks(district, read_roster(district, out / "roster.csv"), out, "en"))
    assert f"{due - met} of {due} visits due are made by nobody" in lines
    short, needed = re.findall(r"missing are unit hours: ([\d.]+) of ([\d.]+)", told)[0]
    assert f"({float(needed) - float(short):g} of {needed})" in page
    assert f"<td>{short} unit hours missing" in page
    assert f"{short} of {needed} unit hours needed are missing" in lines
    after = [one for one in shortfalls(*week[0]) if one.units and (one.slot or 0) >= SLOTS]
    assert after  # else nothing could be counted that is the next week's
