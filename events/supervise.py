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

from config.heard import until

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
    command: Sequence[str], tell: Callable[[int, float], None], *, pause_s: float = FIRST_PAUSE_S
) -> int:
    """Run `command` as a worker until it ends well; its exit code.

    130 after an interrupt, 0 after SIGTERM, which is how a service is told to end.

    Args:
        command: The worker's program and arguments.
        tell: Called with (exit code, seconds until the next start) whenever a worker was lost.
        pause_s: The first pause; those after it are longer and longer.
    """
    first_s = pause_s
    with _told() as ends:
        while True:
            started_s = time.monotonic()
            code = _run_once(command, ends)
            if ends:
                return ends[0]
            if code != LOST and code >= 0:  # below 0: a signal ended it, whichever
                return code
            if time.monotonic() - started_s > STEADY_S:
                pause_s = first_s
            tell(code, pause_s)
            if until(lambda: bool(ends), pause_s):
                return ends[0]
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


@contextmanager
def _told() -> Iterator[list[int]]:
    """The exit codes of all that has told this process to end, Ctrl-C or SIGTERM, as they come.

    Nothing is raised: a worker that was only half started would be left behind.
    """
    ends: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        del frame
        ends.append(130 if number == signal.SIGINT else 0)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ends
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run_once(command: Sequence[str], ends: Sequence[int]) -> int:
    """Start the worker in its own session, so that Ctrl-C reaches the supervisor alone.

    Returns:
        Its exit code, once it has ended, by itself or since this process was told to end.
    """
    worker = subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdin=subprocess.PIPE,
        env={**os.environ, WORKER_ENV: "1"},
        start_new_session=True,
    )
    assert worker.stdin is not None  # noqa: S101 - PIPE above
    until(lambda: worker.poll() is not None or bool(ends))
    worker.stdin.close()  # the worker's sign to finish
    until(lambda: worker.poll() is not None or len(ends) > 1, STOP_S)  # told once more: at once
    worker.kill()  # nothing may leave it behind
    return worker.wait()


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
