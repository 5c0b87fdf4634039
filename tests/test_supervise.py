"""The supervisor: a worker that a signal ended comes again, and none is left behind."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from events.supervise import LOST, supervise


def worker(tmp_path: Path, how: str) -> list[str]:
    """A worker that ends that way at first, and well from the second time on."""
    mark = tmp_path / "ran"
    script = f"""
        import os, pathlib, signal, sys
        mark = pathlib.Path({str(mark)!r})
        if mark.exists():
            sys.exit(0)
        mark.touch()
        {how}
    """
    return [sys.executable, "-c", textwrap.dedent(script)]


@pytest.mark.parametrize("name", ["SIGBUS", "SIGILL", "SIGHUP", "SIGQUIT", "SIGTERM", "SIGKILL"])
def test_whatever_signal_ends_a_worker_it_is_started_again(name: str, tmp_path: Path) -> None:
    """A full disk may end it by SIGBUS; the service goes on."""
    lost: list[int] = []
    how = f"signal.signal(signal.{name}, signal.SIG_DFL); "
    how = how * (name != "SIGKILL") + f"os.kill(os.getpid(), signal.{name}); signal.pause()"
    code = supervise(worker(tmp_path, how), lambda code, _: lost.append(code), pause_s=0)
    assert (code, lost) == (0, [-getattr(signal, name)])


def test_a_worker_that_refuses_is_not_started_again(tmp_path: Path) -> None:
    """Its exit code is the program's."""
    lost: list[int] = []
    done = supervise(worker(tmp_path, "sys.exit(2)"), lambda *_: lost.append(1), pause_s=0)
    assert (done, lost) == (2, [])
    assert done != LOST


FULL = Path("/dev/full")
"""A file that takes nothing, as one on a full disk."""


def with_full_stderr(script: str) -> int:
    """The exit code of a program whose stderr no line goes into, buffered as it is by default."""
    buffered = {name: told for name, told in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with FULL.open("w") as stderr:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", textwrap.dedent(script)], stderr=stderr, env=buffered,
            check=False, timeout=60,
        )  # fmt: skip
    return done.returncode


def test_a_supervisor_that_cannot_say_so_starts_its_worker_again(tmp_path: Path) -> None:
    """Where its words are kept there is no room: dispatch goes on all the same."""
    script = f"""
        import sys
        from pathlib import Path
        from dispatch.supervisor import Options, run
        sys.exit(run(Options(Path({str(tmp_path)!r})), {worker(tmp_path, f"sys.exit({LOST})")!r}))
    """
    assert with_full_stderr(script) == 0
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("error", ["OSError(28, 'full')", "BusLost('full')", "ZeroDivisionError()"])
def test_a_worker_that_cannot_say_why_it_ends_is_started_again(error: str, tmp_path: Path) -> None:
    """By its exit code: another one would end the service."""
    script = f"""
        import sys
        from pathlib import Path
        from dispatch import run
        from dispatch.supervisor import Options
        from events.trouble import BusLost
        def fail(worker): raise {error}
        run.Worker.run = fail
        sys.exit(run.work(Options(Path({str(tmp_path)!r}))))
    """
    assert with_full_stderr(script) == LOST


def soon(true: Callable[[], bool], most_s: float = 20) -> bool:
    """Whether it becomes true in time."""
    ends_s = time.monotonic() + most_s
    while not (found := true()) and time.monotonic() < ends_s:
        time.sleep(0.02)
    return found


def test_told_twice_it_leaves_no_worker_behind(tmp_path: Path) -> None:
    """A stopped worker does not hear that it should end; it would hold the file for ever."""
    number = tmp_path / "pid"
    stuck = f"import os, pathlib, time; pathlib.Path({str(number)!r}).write_text(str(os.getpid()));"
    stuck += "time.sleep(600)"
    script = f"""
        import sys
        from events.supervise import supervise
        sys.exit(supervise([sys.executable, "-c", {stuck!r}], print))
    """
    supervisor = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", textwrap.dedent(script)]
    )
    assert soon(lambda: number.exists() and number.read_text() != "")
    supervisor.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert supervisor.poll() is None  # it waits for its worker
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(20) == 0
    assert not Path(f"/proc/{number.read_text()}").exists()
