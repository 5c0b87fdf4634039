"""How long a search may go on: until a moment, or for a number of rounds, or until told to stop."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds on a clock, or (`rounds` given) counted work, which repeats to the byte.

    ends_s: On the monotonic clock; no limit where rounds are counted.
    """

    ends_s: float
    rounds: int | None = None
    stop: threading.Event = field(default_factory=threading.Event)

    @staticmethod
    def of(time_s: float, rounds: int | None, stop: threading.Event | None = None) -> "Budget":
        """From now on."""
        ends_s = float("inf") if rounds is not None else time.monotonic() + time_s
        return Budget(ends_s, rounds, stop or threading.Event())

    @property
    def left_s(self) -> float:
        """Seconds that are left."""
        return max(0.0, self.ends_s - time.monotonic())

    def over(self) -> bool:
        """Whether it is used up."""
        return self.stop.is_set() or time.monotonic() >= self.ends_s

    def part(self, share: float, most_s: float = float("inf")) -> "Budget":
        """A share of what is left, at most so many seconds."""
        if self.rounds is not None:
            return self
        return Budget(time.monotonic() + min(most_s, share * self.left_s), None, self.stop)

    def course(self, changes: int) -> Callable[[int], float]:
        """Says from now on which share is over after so many changes; the end is at 1.

        Args:
            changes: As many for each round, where work is counted.
        """
        began_s, all_s = time.monotonic(), max(self.left_s, 1e-9)
        most = changes * (self.rounds or 0)

        def spent(done: int) -> float:
            if self.over():
                return 1.0
            return done / most if most else (time.monotonic() - began_s) / all_s

        return spent
