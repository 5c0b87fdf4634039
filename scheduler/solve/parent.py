"""Solving in a child process: Ctrl-C, a crash or too much memory never cost the best roster."""

import contextlib
import os
import pickle
import queue
import signal
import subprocess  # - our own module, with arguments as a list
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, NamedTuple

import typer

from config.words import words
from events.supervise import ended
from scheduler.problem import Problem
from scheduler.solve.solved import Progress, Solved
from scheduler.solve.worker import STOP

ROOT = Path(__file__).resolve().parent.parent.parent
GRACE_S = 10.0
"""Seconds a child has to hand in its last roster after it was told to stop."""
LATE_S = 5.0
"""Seconds beyond its time before it is told to stop: a first roster may need them."""
TURN_S = 0.1
TELL_S = 10.0
"""Seconds of silence after which the last cost and bound are told again: a sign of life."""
Messages = queue.SimpleQueue[tuple[str, Any]]


def solve_in_child(
    problem: Problem, *, time_s: float = 60, seed: int = 0, rounds: int | None = None,
    stop: threading.Event | None = None, progress: Progress | None = None,
    searching: Callable[[], None] | None = None, worked: Callable[[float], None] | None = None,
) -> Solved:  # fmt: skip
    """The best roster found in the time, by a child process.

    Args:
        problem: The week.
        time_s: Seconds it may take.
        seed: Of random choices.
        rounds: In place of seconds: the same input gives the same roster.
        stop: Set: give the best so far.
        progress: Told cost and bound as they get better, and at least every `TELL_S`.
        searching: Told when all is prepared and the search begins.
        worked: Told the share of the work that is done, where that is counted.

    Raises:
        RuntimeError: The child ended without any roster; its words are on stderr.
    """
    stop = stop or threading.Event()
    ends_s = float("inf") if rounds is not None else time.monotonic() + time_s + LATE_S
    with _child() as child:
        _tell(child, pickle.dumps((problem, {"time_s": time_s, "seed": seed, "rounds": rounds})))
        told = _Told(progress or _nothing, searching or _nothing, worked or _nothing)
        best = _listen(child, stop, ends_s, told)
    if best is None:
        msg = f"the solver ended ({ended(child.returncode)}) and gave no roster"
        raise RuntimeError(msg)
    return best


class _Told(NamedTuple):
    """Who is told what."""

    progress: Progress
    searching: Callable[[], None]
    worked: Callable[[float], None]

    def of_search(self, share: float | None) -> None:
        """That it begins, or which share of it is done."""
        if share is None:
            self.searching()
        else:
            self.worked(share)


def _listen(
    child: subprocess.Popen[bytes], stop: threading.Event, ends_s: float, who: _Told
) -> Solved | None:
    """The best roster that comes before the child ends, or before its grace is over."""
    messages: Messages = queue.SimpleQueue()
    threading.Thread(target=_read, args=(child.stdout, messages), daemon=True).start()
    best: Solved | None = None
    bound: float | None = None
    asked = False
    told_s, last = time.monotonic(), (None, None)
    while True:
        if not asked and (stop.is_set() or time.monotonic() > ends_s):
            _tell(child, STOP)
            asked, ends_s = True, time.monotonic() + GRACE_S
        if asked and best is not None and time.monotonic() > ends_s:
            break
        try:
            kind, told = messages.get(timeout=TURN_S)
        except queue.Empty:
            if time.monotonic() - told_s >= TELL_S:
                who.progress(*last)
                told_s = time.monotonic()
            continue
        match kind:
            case "done":
                return _solved(told)
            case "searching" | "worked":
                who.of_search(told)
            case "better":
                best = _solved(told)
            case "progress":
                bound = told[1] if told[1] is not None else bound
                told_s, last = time.monotonic(), told
                who.progress(*told)
            case _:
                _tell_death(child, None if asked else best)
                break
    return best if best is None or bound is None else replace(best, bound=bound)


def _tell_death(child: subprocess.Popen[bytes], best: Solved | None) -> None:
    """Say that a search ended by itself, where that is not all: its best is taken."""
    if best is None:
        return
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(TURN_S)
    typer.echo(words()("planner.search_ended", how=ended(child.poll() or 0)), err=True)


def _nothing(*_: object) -> None:
    """Nobody wants to know."""


def _solved(told: object) -> Solved:
    """What a child hands in.

    Raises:
        TypeError: It is something else.
    """
    if not isinstance(told, Solved):
        msg = f"not a roster: {type(told).__name__}"
        raise TypeError(msg)
    return told


def _read(out: IO[bytes], messages: Messages) -> None:
    """Put the child's messages in the queue, and `ended` when there are no more."""
    with contextlib.suppress(EOFError, pickle.UnpicklingError, ValueError):
        while True:
            messages.put(pickle.load(out))  # noqa: S301 - from our own child
    messages.put(("ended", None))


def _tell(child: subprocess.Popen[bytes], told: bytes) -> None:
    """Write to the child, if it is still there."""
    if child.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(told)
            child.stdin.flush()


@contextmanager
def _child() -> Iterator[subprocess.Popen[bytes]]:
    """A child that never sees what asks its parent to end, SIGINT or SIGTERM. Killed at the end."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    usual = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        child = subprocess.Popen(
            [sys.executable, "-c", "from scheduler.solve.worker import main; main()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, usual)
    try:
        yield child
    finally:
        child.kill()  # first: what is still to be written would wait for a child that is loading
        child.wait()
        if child.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                child.stdin.close()
