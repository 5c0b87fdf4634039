"""The one clock of a process: wall time, or the time that a `clock_set` event set.

In a simulated district now = virtual + speed × (wall − wall_ms) for everybody who has read the
same event: engine, planner and the players of the outside world, also after a restart.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from config.durations import FIRST_MS, HOUR_MS, LAST_MS

__all__ = ["FIRST_MS", "FOUNDED_MS", "LAST_MS", "Clock", "Setting", "wall_ms"]

FOUNDED_MS = 1_767_225_600_000
"""2026: a machine's clock that reads less has lost its battery, and tells nothing."""


def wall_ms() -> int:
    """Unix milliseconds of this machine."""
    return time.time_ns() // 1_000_000


class Setting(NamedTuple):
    """What a `clock_set` event says: at wall time `wall_ms` it was `virtual_ms`."""

    virtual_ms: int
    wall_ms: int
    speed: float

    def at_ms(self, wall_ms: int) -> int:
        """The district's time at a wall time; at either end of all calendars it stands still."""
        return min(max(self._shown_ms(wall_ms), FIRST_MS), LAST_MS)

    def tellable(self, wall_ms: int) -> bool:
        """Whether it shows a time of a calendar when it is set, at that wall time."""
        return all(
            FIRST_MS <= at_ms < LAST_MS for at_ms in (self.virtual_ms, self._shown_ms(wall_ms))
        )

    def _shown_ms(self, wall_ms: int) -> int:
        return self.virtual_ms + round(self.speed * (wall_ms - self.wall_ms))


@dataclass(slots=True)
class Clock:
    """Gives the time; whoever folds the inbox sets it."""

    setting: Setting | None = None
    wall: Callable[[], int] = field(default=wall_ms)

    def now_ms(self) -> int:
        """Unix milliseconds: the district's now."""
        if self.setting is None:
            return self.wall()
        return self.setting.at_ms(self.wall())

    def wall_until_ms(self, at_ms: int) -> int:
        """How long to wait, in wall milliseconds, until the clock shows `at_ms`; 0 when past."""
        ahead_ms = at_ms - self.now_ms()
        speed = 1.0 if self.setting is None else self.setting.speed
        return max(0, round(ahead_ms / speed)) if speed > 0 else HOUR_MS
