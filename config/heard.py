"""Waits of the main thread in which no signal is missed.

Python runs a signal's handler in the main thread, between two of its instructions. One that comes
while that thread is on its way into a wait is run when the wait is over: never, if that has no end.
So these waits are made of short ones. None holds a lock which the handler could want: what a
handler sets is looked at, never waited for (`Event.wait` and `Event.set` take the same lock).
"""

import math
import time
from collections.abc import Callable

HEARD_S = 0.2
"""After so long at most a signal is heard, and what is waited for is seen."""


def until(over: Callable[[], bool], most_s: float = math.inf) -> bool:
    """Wait until it is over, or for so long; whether it is over."""
    ends_s = time.monotonic() + most_s
    while not over():
        left_s = ends_s - time.monotonic()
        if left_s <= 0:
            return False
        time.sleep(min(left_s, HEARD_S))
    return True
