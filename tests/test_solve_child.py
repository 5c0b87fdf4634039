"""The solving child: Ctrl-C, time and death never cost the best roster, nor leave a process."""

import os
import pickle
import signal
import subprocess  # - our own interpreter
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest
from rosters import load, problem

from scheduler.problem import Problem
from scheduler.rules import check
from scheduler.solve import parent, solve_in_child
from scheduler.solve.engine import solve

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.xdist_group("solver")


@pytest.fixture(name="week", scope="module")
def _week() -> Problem:
    return problem(squadrons=2, teams=8, needed=load(8), grid_min=60)


def test_a_stop_gives_the_best_so_far_at_once(week: Problem) -> None:
    """Long before the time is over."""
    stop = threading.Event()
    began_s = time.monotonic()
    solved = solve_in_child(
        week, time_s=300, stop=stop, progress=lambda cost, _: stop.set() if cost else None
    )
    assert check(week, solved.roster) == []
    assert time.monotonic() - began_s < 60


def test_the_time_is_kept(week: Problem) -> None:
    """A few seconds more at most, for the first roster and the last finish."""
    began_s = time.monotonic()
    solve_in_child(week, time_s=3)
    assert time.monotonic() - began_s < 30


def test_the_search_is_told_when_it_begins(monkeypatch: pytest.MonkeyPatch, week: Problem) -> None:
    """Once, and before anything is found: what is prepared before takes its time."""
    monkeypatch.setattr(parent, "TELL_S", 600)  # a busy machine prepares longer than it is silent
    told: list[str] = []
    solve_in_child(
        week, time_s=1, searching=lambda: told.append("searching"),
        progress=lambda *_: told.append("found"),
    )  # fmt: skip
    assert (told[0], told.count("searching"), "found" in told) == ("searching", 1, True)


DIES = """
import os, pickle, signal, sys
from scheduler.roster import Roster
from scheduler.solve.solved import Solved
pickle.dump(("better", Solved(Roster(()), 7.0, 0.0)), sys.stdout.buffer)
sys.stdout.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_search_that_dies_is_told_and_its_best_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As by a machine without memory: nobody must take it for a search that had all its time."""
    monkeypatch.setattr(parent, "TURN_S", 20.0)
    monkeypatch.setenv("QINWU_LANG", "en")
    told = [sys.executable, "-c", DIES]
    with subprocess.Popen(told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as child:  # noqa: S603
        nothing = parent._Told(parent._nothing, parent._nothing, parent._nothing)
        best = parent._listen(child, threading.Event(), float("inf"), nothing)
    assert best is not None
    assert best.cost == 7.0
    assert "the search ended before its time (SIGKILL)" in capsys.readouterr().err


def test_a_silent_child_is_told_of_again(monkeypatch: pytest.MonkeyPatch, week: Problem) -> None:
    """While nothing gets better, cost and bound are told again from time to time."""
    monkeypatch.setattr(parent, "TELL_S", 0.3)
    told: list[tuple[float | None, float | None]] = []
    solve_in_child(week, time_s=2, progress=lambda *now: told.append(now))
    assert any(now == before for before, now in pairwise(told))


def test_the_child_finds_what_the_engine_finds() -> None:
    """The same rounds, the same roster, over the pipe."""
    small = problem(teams=2, grid_min=240)
    shares: list[float] = []
    found = solve_in_child(small, rounds=1, seed=3, worked=shares.append)
    assert found.roster == solve(small, rounds=1, seed=3).roster
    assert shares == sorted(shares)
    assert shares[-1] == 1.0  # whoever waits sees the work go on, to its end


PARENT = """
import pickle, sys, threading, signal
from scheduler.solve import solve_in_child
week = pickle.load(open(sys.argv[1], "rb"))
stop = threading.Event()
signal.signal(signal.SIGINT, lambda *_: stop.set())
def told(cost, bound):
    print("told", cost, flush=True)
solved = solve_in_child(week, time_s=300, stop=stop, progress=told)
print("solved", len(solved.roster.duties), flush=True)
"""


@pytest.fixture(name="parent")
def _parent(week: Problem, tmp_path: Path) -> subprocess.Popen[str]:
    (tmp_path / "week").write_bytes(pickle.dumps(week))
    return subprocess.Popen(  # noqa: S603 - a list, no shell
        [sys.executable, "-c", PARENT, str(tmp_path / "week")],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True,
    )  # fmt: skip


def test_ctrl_c_in_the_terminal_reaches_the_parent_only(parent: subprocess.Popen[str]) -> None:
    """SIGINT to the whole group: the child hands in its best, the parent prints it."""
    assert parent.stdout is not None
    parent.stdout.readline()
    os.killpg(parent.pid, signal.SIGINT)
    out, _ = parent.communicate(timeout=60)
    assert out.splitlines()[-1].startswith("solved ")
    assert int(out.split()[-1]) > 0


def test_a_child_dies_with_its_parent(parent: subprocess.Popen[str]) -> None:
    """Even when the parent is killed without a word."""
    assert parent.stdout is not None
    parent.stdout.readline()
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    parent.kill()
    parent.wait()
    ends_s = time.monotonic() + 10
    while time.monotonic() < ends_s and any(_runs(child) for child in children):
        time.sleep(0.05)
    assert children
    assert not any(_runs(child) for child in children)


def _runs(pid: str) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
