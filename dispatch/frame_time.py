"""The time of the next frame: the clock's, held where a clock only jitters, or must be wrong.

A clock that was ahead and was set right must not be followed for as long as it was ahead: until
then every report would be late and every shift over. So time goes back with it, and says so.
"""

from dataclasses import dataclass

from config.durations import MINUTE_MS
from events.clock import FOUNDED_MS, Clock
from events.facts import Note

HELD_MS = 5 * MINUTE_MS
"""A clock that goes back by no more is waited for: two engines' clocks differ a little as well."""
AGAIN_MS = MINUTE_MS
"""Two engines of which one has a wrong clock take turns in going back; no oftener than this."""


@dataclass(slots=True)
class FrameTime:
    """What an engine takes for now. `simulated`: the clock is set by events, and is right."""

    clock: Clock
    simulated: bool
    corrected_ms: int | None = None

    def now_ms(self, last_ms: int) -> int:
        """The time of a frame that follows one of the time `last_ms`."""
        clock_ms = self.clock.now_ms()
        if self.simulated or self._is_right(clock_ms, last_ms):
            return clock_ms
        return max(clock_ms, last_ms)

    def correction(self, last_ms: int) -> Note | None:
        """What is told of a clock that was ahead: a frame of its own, so that all is due anew."""
        clock_ms = self.clock.now_ms()
        if self.simulated or not self._is_right(clock_ms, last_ms):
            return None
        if self.corrected_ms is not None and abs(clock_ms - self.corrected_ms) < AGAIN_MS:
            return None
        self.corrected_ms = clock_ms
        minutes = (last_ms - clock_ms) // MINUTE_MS
        return Note(key="run.clock_back", fields={"minutes": minutes})

    def _is_right(self, clock_ms: int, last_ms: int) -> bool:
        """Whether the clock went back because it had been ahead."""
        return last_ms - clock_ms > HELD_MS and clock_ms >= FOUNDED_MS
