"""Wakes the planner when the clock makes something due. What is due, the ledger knows.

A job lost, fired twice or too late changes nothing: so the jobs live in memory only.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

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
        """Wake once now, since anything may have become due while nobody was there."""
        self._scheduler.start()
        self.fire()

    def reset(self) -> None:
        """The clock was set: wait for the next moment anew."""
        self._scheduler.add_job(
            self.fire, "date", run_date=datetime.now(UTC) + timedelta(milliseconds=self.wait_ms()),
            id=_JOB, replace_existing=True, misfire_grace_time=None,
        )  # fmt: skip

    def wait_ms(self) -> int:
        """Wall milliseconds until the next look."""
        due_ms = next_due_ms(self._clock.now_ms(), self._calendar, self._rules)
        wait_ms = self._clock.wall_until_ms(due_ms)
        return min(max(wait_ms, SHORTEST_WAIT_MS), LONGEST_WAIT_MS)

    def fire(self) -> None:
        """Wake the planner and wait for the next moment."""
        self._wake()
        self.reset()

    def stop(self) -> None:
        """End the thread; may be called twice."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
