"""Solving in a child process: it has no bus, and the planner's turn never waits for it.

A child ends with its planner, however that ends: it holds the other end of a pipe. Each has a
folder of its own, so that no two ever write into one.
"""

import contextlib
import os
import shutil
import signal
import subprocess  # - our own command, with arguments as a list
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from config.district import District
from config.telling import LOGGED_ENV
from events.owners import alive
from events.supervise import WORKER_ENV
from scheduler.jobs import FIGURES, LOG, PAGE, Order, write_figures

COMMAND = Path(__file__).resolve().parent.parent / "qinwu.py"


@dataclass(slots=True)
class Child:
    """A `qinwu plan` at work."""

    out: Path
    process: subprocess.Popen[bytes]

    def poll(self) -> int | None:
        """Exit code, or None while it works."""
        code = self.process.poll()
        if code is not None:
            self._let_go()
        return code

    def kill(self) -> None:
        """End it with all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._let_go()

    def _let_go(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()


@dataclass(frozen=True, slots=True)
class ChildSolver:
    """Starts children for a district, one at a time."""

    district: District

    def __call__(self, order: Order) -> Child:
        """Start one; its words go to `LOG` in the folder that it fills."""
        out = self._folder()
        order.recorded.write(out / "recorded.json")
        told = self._report(order, out) if order.month else self._plan(order, out)
        with (out / LOG).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - a list, no shell
                told, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, WORKER_ENV: "1", LOGGED_ENV: "1"},
            )  # fmt: skip
        return Child(out, process)

    def _report(self, order: Order, out: Path) -> list[str]:
        write_figures(order.figures, out / FIGURES)
        return [
            sys.executable, str(COMMAND), "report", "month", str(self.district.folder),
            "--month", str(order.month), "--out", str(out / PAGE),
            "--recorded", str(out / "recorded.json"),
        ]  # fmt: skip

    def _plan(self, order: Order, out: Path) -> list[str]:
        told = [
            sys.executable, str(COMMAND), "plan", str(self.district.folder), "--week", order.week,
            "--time", str(order.time_s), "--seed", str(order.seed), "--out", str(out),
            "--recorded", str(out / "recorded.json"),
        ]  # fmt: skip
        if order.from_ms is not None:
            told += ["--since", self.district.calendar.iso(order.from_ms)]
        if order.analysis_only:
            told += ["--analysis-only"]
        return told

    def _folder(self) -> Path:
        """A new folder; those of jobs that are over, and of planners that are gone, are removed."""
        solving = self.district.folder / ".qinwu" / "solving"
        for old in solving.iterdir() if solving.is_dir() else ():
            owner = old.name.partition("-")[0]
            if not owner.isdecimal() or int(owner) == os.getpid() or not alive(int(owner)):
                shutil.rmtree(old, ignore_errors=True)
        out = solving / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        out.mkdir(parents=True)
        return out
