"""When a running district erases what has had its time: hourly, by a clock that keeps step."""

import time
from dataclasses import dataclass, field

from config.durations import HOUR_MS, MINUTE_MS
from dispatch.state import State
from events import ports
from events.clock import Clock
from events.ports import Bus

SET_MS = MINUTE_MS
"""A clock that an hour moves by more than an hour and this was set meanwhile: wait another."""


@dataclass(slots=True)
class Eraser:
    """Asks the bus to erase. What it erases is gone: a clock is believed after an hour only."""

    bus: Bus
    clock: Clock
    _seen: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        """Begin the hour."""
        self._seen = self._looked()

    def turn(self, state: State) -> int:
        """Erase when an hour is over; how many records went.

        Args:
            state: The engine's: what it has not taken of the inbox stays.
        """
        wall_ms, ran_ms = self._looked()
        passed_ms = ran_ms - self._seen[1]
        if passed_ms < HOUR_MS:
            return 0
        was_set = abs(wall_ms - self._seen[0] - passed_ms) > SET_MS
        self._seen = wall_ms, ran_ms
        if was_set:
            return 0
        return self.bus.erase(wall_ms, {ports.inbox(state.area): state.inbox + 1})

    def _looked(self) -> tuple[int, int]:
        """Wall time, and the time that nobody sets, ms."""
        return self.clock.wall(), time.monotonic_ns() // 1_000_000
