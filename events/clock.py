"""The one clock of a process: wall time, or the time that a `clock_set` event set.

In a simulated district now = virtual + speed × (wall − wall_ms) for everybody who has read the
same event: engine, planner and the players of the outside world, also after a restart.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple


def wall_ms() -> int:
    """Unix milliseconds of this machine."""
    return time.time_ns() // 1_000_000


class Setting(NamedTuple):
    """What a `clock_set` event says: at wall time `wall_ms` it was `virtual_ms`."""

    virtual_ms: int
    wall_ms: int
    speed: float


@dataclass(slots=True)
class Clock:
    """Gives the time; whoever folds the inbox sets it."""

    setting: Setting | None = None
    wall: Callable[[], int] = field(default=wall_ms)

    def now_ms(self) -> int:
        """Unix milliseconds: the district's now."""
        if self.setting is None:
            return self.wall()
        virtual_ms, wall_then_ms, speed = self.setting
        return virtual_ms + round(speed * (self.wall() - wall_then_ms))

    def wall_until_ms(self, at_ms: int) -> int:
        """How long to wait, in wall milliseconds, until the clock shows `at_ms`; 0 when past."""
        ahead_ms = at_ms - self.now_ms()
        speed = 1.0 if self.setting is None else self.setting.speed
        return max(0, round(ahead_ms / speed)) if speed > 0 else 3_600_000
