"""Machine code is compiled by one test process; the others wait for it and read it from disk.

On a fresh checkout each would else compile the same functions at the same time.
"""

import fcntl
from pathlib import Path
from typing import Any

from numba.core.compiler_lock import global_compiler_lock
from numba.core.dispatcher import Dispatcher

from scheduler.solve.lines import compiled


def compile_in_turn() -> None:
    """From now on this process compiles while no other of those that call this does."""
    compiles, within = Dispatcher.compile, 0

    def in_turn(self: Any, sig: Any) -> Any:  # noqa: ANN401 - numba's own
        nonlocal within
        with global_compiler_lock:  # this process's own; may be taken again for what is called
            if within:
                return compiles(self, sig)
            with Path(compiled.__file__).open() as turn:
                fcntl.flock(turn, fcntl.LOCK_EX)
                within = 1
                try:
                    return compiles(self, sig)
                finally:
                    within = 0

    Dispatcher.compile = in_turn  # type: ignore[method-assign]
