"""Wakes the planner when the clock makes something due. What is due, the ledger knows.

A job lost, fired twice or too late changes nothing: so the jobs live in memory only.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from config.calendar import Calendar
from config.settings import Publication
from events.clock import Clock
from scheduler.due import next_due_ms

LONGEST_WAIT_MS = 600_000
"""The machine's clock may be set while we sleep: look at it again after so long."""
SHORTEST_WAIT_MS = 20
_JOB = "due"


class Timer:
    """Calls `wake` at each moment at which something could become due."""

    def __init__(
        self, clock: Clock, calendar: Calendar, rules: Publication, wake: Callable[[], None]
    ) -> None:
        """Be ready; `start` begins."""
        self._clock, self._calendar, self._rules, self._wake = clock, calendar, rules, wake
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def start(self) -> None:
        """Begin; anything may have become due while nobody was there."""
        self._scheduler.start()
        self.reset()

    def reset(self) -> None:
        """Wake once now, and wait for the next moment: at the start, and when the clock was set."""
        self._wake()
        self._scheduler.add_job(
            self._wake, _WhenDue(self.wait_ms), id=_JOB, replace_existing=True,
            misfire_grace_time=None,
        )  # fmt: skip

    def wait_ms(self) -> int:
        """Wall milliseconds until the next look."""
        due_ms = next_due_ms(self._clock.now_ms(), self._calendar, self._rules)
        wait_ms = self._clock.wall_until_ms(due_ms)
        return min(max(wait_ms, SHORTEST_WAIT_MS), LONGEST_WAIT_MS)

    def stop(self) -> None:
        """End the thread; may be called twice."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


class _WhenDue(BaseTrigger):  # type: ignore[misc]
    """There is always a next moment: so one job stays, and none is removed while we stop."""

    def __init__(self, wait_ms: Callable[[], int]) -> None:
        self._wait_ms = wait_ms

    def get_next_fire_time(self, _before: datetime | None, now: datetime) -> datetime:
        """The next look, as of now."""
        return now + timedelta(milliseconds=self._wait_ms())
