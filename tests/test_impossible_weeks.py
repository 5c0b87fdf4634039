"""Ten weeks that cannot be covered: the roster that is possible, what is missing, and why.

Never a traceback, never the word that solvers have for it.
"""

import csv
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from districts import MONDAY, WEEK, set_settings, small_district
from typed import Outcome, Typed, typed

from config.made_tables import HistoryRow
from config.reading import write_rows
from config.tables import BondRow, DutyRow, LeaveRow, PersonRow, VehicleRow
from scheduler import commands
from scheduler.problem import Problem
from scheduler.solve import solve
from scheduler.week import Solution, Solve

__all__ = ["typed"]
SUNDAY = MONDAY + timedelta(6)


@pytest.fixture(autouse=True)
def first_roster(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's first roster, in this process: how good the rest is does not matter here."""

    def solver(
        time_s: int, seed: int, rounds: int | None, stop: threading.Event, *told: object
    ) -> Solve:
        del time_s, rounds, stop, told
        at_once = threading.Event()
        at_once.set()

        def once(problem: Problem) -> Solution:
            return solve(problem, time_s=5, seed=seed, stop=at_once)

        return once

    monkeypatch.setattr(commands, "solver", solver)


@dataclass(frozen=True)
class Town:
    """The small district with a short history, to be made impossible."""

    folder: Path

    def leave(self, *people: str) -> None:
        """Nobody of these is there, all week and the Monday after."""
        rows = [LeaveRow(person=p, since=MONDAY - timedelta(9), until=SUNDAY + timedelta(9))
                for p in people]  # fmt: skip
        write_rows(self.folder / LeaveRow.file, rows)

    def duties(self, *cells: dict[str, str]) -> None:
        """The only fixed duties."""
        write_rows(self.folder / DutyRow.file, [DutyRow.model_validate(row) for row in cells])

    def empty(self, *names: str) -> None:
        """Tables with a header alone."""
        for name in names:
            path = self.folder / name
            head = path.read_text(encoding="utf-8-sig").splitlines()[0]
            path.write_text(head + "\n", encoding="utf-8")


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """With 200 crashes of the months before."""
    folder = small_district(tmp_path / "d", visits={"per_week": 0})
    moments = [datetime(2026, 9, 1, tzinfo=UTC) + timedelta(hours=7 * n) for n in range(200)]
    rows = [
        HistoryRow.model_validate({
            "id": f"c{n}", "at": at.isoformat(), "kind": "crash", "node": f"n{n % 6}{n % 5}",
            "x_m": 0.0, "y_m": 0.0,
        })
        for n, at in enumerate(moments)
    ]  # fmt: skip
    write_rows(folder / "history" / "crashes.csv", rows)
    return Town(folder)


OFFICERS = tuple(f"o{n}" for n in range(1, 9))
SCHOOL = {"kind": "school", "weekdays": "1;2;3;4;5", "start": "07:00", "end": "09:00"}


def nobody(town: Town) -> None:
    """No people at all."""
    town.empty(PersonRow.file, BondRow.file, LeaveRow.file)
    set_settings(town.folder, duty_officer=None)


def no_vehicles(town: Town) -> None:
    """All are being repaired."""
    path = town.folder / VehicleRow.file
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [VehicleRow.model_validate({k: v or None for k, v in row.items()})
                for row in csv.DictReader(file)]  # fmt: skip
    gone = {"withdrawn_from": MONDAY - timedelta(9), "withdrawn_to": SUNDAY + timedelta(9)}
    write_rows(path, [row.model_copy(update=gone) for row in rows])


def above_the_force(town: Town) -> None:
    """Fifty teams on Friday night."""
    town.duties({"duty": "fair", "squadron": "s1", "kind": "operation", "weekdays": "5",
                 "start": "18:00", "end": "23:00", "post": "w1", "teams": "50"})  # fmt: skip


def contradictory(town: Town) -> None:
    """Only o1, o3 lead in s1: three leaders are wanted at once in three places."""
    town.duties(*(
        {"duty": f"talk{n}", "squadron": "s1", "kind": "fixed", "weekdays": "2",
         "start": "10:00", "end": "12:00", "post": "w1", "skills": "leader"}
        for n in range(3)
    ))  # fmt: skip


def all_on_leave(town: Town) -> None:
    """Officers and auxiliaries."""
    town.leave(*OFFICERS, *(f"a{n}" for n in range(1, 13)))


def bonded_to_the_absent(town: Town) -> None:
    """The officers of s1 are away, their auxiliaries are not."""
    town.leave("o1", "o3", "o5", "o7")


def unskilled(town: Town) -> None:
    """Nobody speaks it."""
    town.duties({"duty": "guide", "squadron": "s2", "kind": "desk", "weekdays": "3",
                 "start": "09:00", "end": "12:00", "place": "p8", "skills": "russian"})  # fmt: skip


def last_week_missing(town: Town) -> None:
    """No roster was ever published: nobody has a past."""
    assert not (town.folder / "roster").exists()


def two_schools_at_once(town: Town) -> None:
    """One team of s1 is there, and two schools open at the same time."""
    town.leave("o3", "o5", "o7")
    town.duties({**SCHOOL, "duty": "school1", "squadron": "s1", "place": "p2"},
                {**SCHOOL, "duty": "school2", "squadron": "s1", "place": "p1"})  # fmt: skip


def one_team_for_a_night_check(town: Town) -> None:
    """The night check asks for two."""
    town.leave(*OFFICERS[1:])
    town.duties({**SCHOOL, "duty": "school1", "squadron": "s1", "place": "p2"})


WEEKS: dict[str, tuple[Callable[[Town], None], tuple[str, ...]]] = {
    "nobody there": (nobody, ("no team of the squadron is there",)),
    "no vehicles": (no_vehicles, ("a vehicle and PDA of its own",)),
    "demand above the whole force": (
        above_the_force,
        ("teams missing: 4", "wanted at once: 50; the whole force there: 4"),
    ),
    "contradictory fixed duties": (contradictory, ("teams missing: 1", "talk")),
    "all on leave": (all_on_leave, ("no team of the squadron is there", "(4 away)")),
    "a bond to somebody on leave": (bonded_to_the_absent, ("(4 away)",)),
    "a task that nobody has the skills for": (unskilled, ("nobody has the skills", "russian")),
    "last week's roster missing": (last_week_missing, ("holes: ",)),
    "school duty at two places at once": (two_schools_at_once, ("teams missing: 1", "school")),
    "one team for a night check of two": (one_team_for_a_night_check, ("night check",)),
}


def asked(typed: Typed, town: Town, lang: str = "en") -> tuple[Outcome, Outcome]:
    """Plan it, and ask what is missing."""
    out = town.folder.parent / "out"
    planned = typed("plan", town.folder, "--week", WEEK, "--out", out, "--time", 1, lang=lang)
    why = typed("roster", "missing", town.folder, "--week", WEEK, "--from", out, "--most", 6,
                lang=lang)  # fmt: skip
    return planned, why


@pytest.mark.parametrize("name", WEEKS)
def test_the_possible_is_planned_and_the_rest_explained(
    name: str, town: Town, typed: Typed
) -> None:
    """Exit 0, a lawful roster, and the reason in words."""
    spoil, reasons = WEEKS[name]
    spoil(town)
    planned, why = asked(typed, town)
    for told in (planned, why):
        assert told.code == 0, told.err
        shown = (told.out + told.err).lower()
        assert "traceback" not in shown
        assert "infeasible" not in shown
    assert "holes: " in planned.out
    assert "qinwu roster missing" in planned.out
    for reason in reasons:
        assert reason in why.out, why.out
    roster = town.folder.parent / "out" / "roster.csv"
    if len(roster.read_text(encoding="utf-8-sig").splitlines()) > 1:
        assert typed("roster", "check", town.folder, roster).code == 0
