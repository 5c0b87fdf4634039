"""Crash-only running: a supervisor that starts one worker again, and a worker that just exits.

The worker exits after any error of its bus; the supervisor waits a little longer each time and
starts it afresh, so that there is one way to begin: recover from the journal. A worker whose
supervisor is gone (kill −9 included) sees its pipe close and exits, so the file is free again.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

LOST = 75
"""Exit code of a worker that lost its bus or its state: start it again (EX_TEMPFAIL)."""
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
STEADY_S = 30.0
"""A worker that lived this long was healthy: the next pause is the shortest again."""
STOP_S = 10.0
WORKER_ENV = "QINWU_WORKER"


def is_worker() -> bool:
    """Whether this process was started by a supervisor."""
    return os.environ.get(WORKER_ENV) == "1"


def supervise(
    command: Sequence[str], tell: Callable[[int, float], None], *, pause: Callable[[float], None]
) -> int:
    """Run `command` as a worker until it ends well; its exit code, 130 after an interrupt.

    Args:
        command: The worker's program and arguments.
        tell: Called with (exit code, seconds until the next start) whenever a worker was lost.
        pause: Sleeps; given so that a test does not have to wait.
    """
    pause_s = FIRST_PAUSE_S
    while True:
        started_s = time.monotonic()
        code = _run_once(command)
        if code not in (LOST, -signal.SIGKILL, -signal.SIGSEGV, -signal.SIGABRT):
            return code
        if time.monotonic() - started_s > STEADY_S:
            pause_s = FIRST_PAUSE_S
        tell(code, pause_s)
        try:
            pause(pause_s)
        except KeyboardInterrupt:
            return 130
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _run_once(command: Sequence[str]) -> int:
    """Start the worker in its own session, so that Ctrl-C reaches the supervisor alone."""
    worker = subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdin=subprocess.PIPE,
        env={**os.environ, WORKER_ENV: "1"},
        start_new_session=True,
    )
    # A supervisor that is told to end does it the same way as by Ctrl-C.
    before = signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    try:
        return worker.wait()
    except KeyboardInterrupt:
        assert worker.stdin is not None  # noqa: S101 - PIPE above
        worker.stdin.close()  # the worker's sign to finish
        try:
            worker.wait(STOP_S)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
        return 130
    finally:
        signal.signal(signal.SIGTERM, before)


def when_orphaned(stop: Callable[[], None]) -> None:
    """In a worker: call `stop` from a thread once the supervisor closed the pipe or died."""

    def watch() -> None:
        while sys.stdin.buffer.read(4096):
            pass
        stop()

    threading.Thread(target=watch, name="supervisor", daemon=True).start()
