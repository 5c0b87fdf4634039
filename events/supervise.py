"""Crash-only running: a supervisor that starts one worker again, and a worker that just exits.

The worker exits after any error of its bus; the supervisor waits a little longer each time and
starts it afresh, so that there is one way to begin: recover from the journal. A worker whose
supervisor is gone (kill −9 included) sees its pipe close and exits, so the file is free again.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

LOST = 75
"""Exit code of a worker that lost its bus or its state: start it again (EX_TEMPFAIL)."""
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
STEADY_S = 30.0
"""A worker that lived this long was healthy: the next pause is the shortest again."""
STOP_S = 10.0
WORKER_ENV = "QINWU_WORKER"


def is_worker() -> bool:
    """Whether this process was started by another of ours, which holds the pipe of its stdin."""
    return os.environ.get(WORKER_ENV) == "1"


def ended(code: int) -> str:
    """How a process ended, for people: its exit code, or the name of the signal that ended it."""
    return next((one.name for one in signal.Signals if one == -code), str(code))


def supervise(
    command: Sequence[str], tell: Callable[[int, float], None], *, pause: Callable[[float], None]
) -> int:
    """Run `command` as a worker until it ends well; its exit code.

    130 after an interrupt, 0 after SIGTERM, which is how a service is told to end.

    Args:
        command: The worker's program and arguments.
        tell: Called with (exit code, seconds until the next start) whenever a worker was lost.
        pause: Sleeps; given so that a test does not have to wait.
    """
    try:
        with _terminable():
            return _kept_running(command, tell, pause)
    except _Ended as ended:
        return ended.code


def _kept_running(
    command: Sequence[str], tell: Callable[[int, float], None], pause: Callable[[float], None]
) -> int:
    pause_s = FIRST_PAUSE_S
    while True:
        started_s = time.monotonic()
        code = _run_once(command)
        if code != LOST and code >= 0:  # below 0: a signal ended it, whichever
            return code
        if time.monotonic() - started_s > STEADY_S:
            pause_s = FIRST_PAUSE_S
        tell(code, pause_s)
        pause(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


class _Ended(Exception):
    """Told to end, by Ctrl-C or by SIGTERM."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


@contextmanager
def _terminable() -> Iterator[None]:
    """Raise `_Ended` in the main thread when this process is told to end."""

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        raise _Ended(130 if number == signal.SIGINT else 0)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run_once(command: Sequence[str]) -> int:
    """Start the worker in its own session, so that Ctrl-C reaches the supervisor alone."""
    worker = subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdin=subprocess.PIPE,
        env={**os.environ, WORKER_ENV: "1"},
        start_new_session=True,
    )
    try:
        return worker.wait()
    except _Ended:
        assert worker.stdin is not None  # noqa: S101 - PIPE above
        worker.stdin.close()  # the worker's sign to finish
        try:
            worker.wait(STOP_S)
        except (subprocess.TimeoutExpired, _Ended):  # told once more: at once
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # nothing may leave it behind
            worker.kill()
            worker.wait()
        raise


def end_at_once() -> None:
    """End this process, and all that it started where it leads them."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(LOST)


def when_orphaned(stop: Callable[[], None]) -> None:
    """In a worker: call `stop` from a thread once the supervisor closed the pipe or died."""

    def watch() -> None:
        # Not by sys.stdin: its lock, held here, would abort the interpreter when it ends.
        while os.read(0, 4096):
            pass
        stop()

    threading.Thread(target=watch, name="supervisor", daemon=True).start()
