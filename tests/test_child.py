"""The planner's solving child: it ends with its planner, and no two write into one folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from districts import WEEK, small_district

from config.district import load
from events.owners import alive
from scheduler.child import ChildSolver
from scheduler.jobs import Order

PLANNER = """
import sys, time
from pathlib import Path
from config.district import load
from scheduler.child import ChildSolver
from scheduler.jobs import Order
child = ChildSolver(load(Path(sys.argv[1])))(Order(sys.argv[2], time_s=60, seed=1))
print(child.process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district."""
    return small_district(tmp_path / "d")


@pytest.fixture
def planner(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process with a solver at work, whose number it prints."""
    told = [sys.executable, "-c", PLANNER, str(folder), WEEK]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(told, stdout=subprocess.PIPE, text=True, env=env) as process:  # noqa: S603
        yield process
        process.kill()


def works(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_no_solver_outlives_its_planner(planner: "subprocess.Popen[str]") -> None:
    """Killed without a word; the machine is needed for the next one."""
    assert planner.stdout is not None
    solver = int(planner.stdout.readline())
    os.kill(solver, signal.SIGSTOP)  # it must not end by itself before
    assert works(solver)
    planner.kill()
    planner.wait()
    os.kill(solver, signal.SIGCONT)
    ends_s = time.monotonic() + 60
    while works(solver) and time.monotonic() < ends_s:
        time.sleep(0.1)
    log = next((Path(planner.args[3]) / ".qinwu" / "solving").glob("*/plan.log"))  # type: ignore[index, arg-type]
    assert (works(solver), log.read_text()) == (False, "")


def test_each_job_has_a_folder_of_its_own(folder: Path) -> None:
    """What older ones left is removed, but not what another planner is filling."""
    solving = folder / ".qinwu" / "solving"
    other, gone = solving / f"{os.getppid()}-other", solving / "999999999-gone"
    assert alive(os.getppid())
    for one in (other, gone):
        one.mkdir(parents=True)
    solver = ChildSolver(load(folder))
    outs = []
    for _ in range(2):
        child = solver(Order(WEEK))
        outs.append(child.out)
        child.kill()
    assert outs[0] != outs[1]
    assert {one.name for one in solving.iterdir()} == {other.name, outs[1].name}
