"""The child that solves: the problem comes in by its input, rosters go out by its output.

It blocks SIGINT from its first moment (the parent does so before starting it), dies when its
input closes, and stops with its best when told to.
"""

import os
import pickle
import resource
import sys
import threading
from typing import IO, Any

MOST_BYTES = 8 * 2**30
"""Of address space; beyond it the child fails and the parent keeps the best roster so far."""
STOP = b"s"


def main() -> None:
    """Read the problem and its options, solve, tell what is found."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between our messages
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > MOST_BYTES:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, hard))
    from scheduler.solve.engine import solve  # noqa: PLC0415 - while the parent still prepares

    told = sys.stdin.buffer
    try:
        problem, options = pickle.load(told)  # noqa: S301 - from our own parent
    except (EOFError, pickle.UnpicklingError):  # who was interrupted while it told us
        os._exit(1)
    stop = threading.Event()
    threading.Thread(target=obey, args=(told, stop), daemon=True).start()
    solved = solve(
        problem, stop=stop, **options,
        progress=lambda cost, bound: tell(out, ("progress", (cost, bound))),
        better=lambda found: tell(out, ("better", found)),
        searching=lambda: tell(out, ("searching", None)),
        worked=lambda share: tell(out, ("worked", share)),
    )  # fmt: skip
    tell(out, ("done", solved))


def tell(out: IO[bytes], message: tuple[str, Any]) -> None:
    """Send a message."""
    try:
        pickle.dump(message, out)
        out.flush()
    except BrokenPipeError:  # the parent is gone, and nobody wants to know
        os._exit(1)


def obey(told: IO[bytes], stop: threading.Event) -> None:
    """Stop when told to; die with the parent."""
    while word := told.read(1):
        if word == STOP:
            stop.set()
    os._exit(1)
