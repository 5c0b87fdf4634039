"""Solving in a child process: it has no bus, and the planner's turn never waits for it."""

import contextlib
import os
import shutil
import signal
import subprocess  # - our own command, with arguments as a list
import sys
from dataclasses import dataclass
from pathlib import Path

from config.district import District
from scheduler.jobs import Order

COMMAND = Path(__file__).resolve().parent.parent / "qinwu.py"


@dataclass(slots=True)
class Child:
    """A `qinwu plan` at work."""

    out: Path
    process: subprocess.Popen[bytes]

    def poll(self) -> int | None:
        """Exit code, or None while it works."""
        return self.process.poll()

    def kill(self) -> None:
        """End it with all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass(frozen=True, slots=True)
class ChildSolver:
    """Starts children for a district."""

    district: District

    def __call__(self, order: Order) -> Child:
        """Start one; its words go to `plan.log` in the folder that it fills."""
        out = self.district.folder / ".qinwu" / "solving"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        order.recorded.write(out / "recorded.json")
        told = [
            sys.executable, str(COMMAND), "plan", str(self.district.folder), "--week", order.week,
            "--time", str(order.time_s), "--seed", str(order.seed), "--out", str(out),
            "--recorded", str(out / "recorded.json"),
        ]  # fmt: skip
        if order.from_ms is not None:
            told += ["--since", self.district.calendar.iso(order.from_ms)]
        if order.analysis_only:
            told += ["--analysis-only"]
        with (out / "plan.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - a list, no shell
                told, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        return Child(out, process)
