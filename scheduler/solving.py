"""The solver as the commands want it: the one place that knows it.

`scheduler.solve` brings ortools: imported on use.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from config.calendar import week_of_day
from scheduler.problem import Problem

if TYPE_CHECKING:
    from scheduler.solve.solved import Solved

Report = Callable[[float | None, float | None], None]
SEARCHES = 3
"""Among so many the time is shared out where later weeks are published: see `scheduler.settled`."""


def solver(
    time_s: int, seed: int, rounds: int | None, stop: threading.Event, progress: Report,
    step: Callable[..., None] | None = None, worked: Callable[[float], None] | None = None,
) -> "Callable[[Problem], Solved]":  # fmt: skip
    """A solver of weeks.

    Args:
        time_s: Seconds it may take.
        seed: Of its random choices.
        rounds: In place of seconds: the same input gives the same roster.
        stop: Set: give the best so far.
        progress: Told the best cost and the bound as they improve.
        step: Told what begins, by its name and fields: `search`; `again` and `fitted` where later
            weeks are published.
        worked: Told the share of the work that is done, where that is counted.
    """
    asked = _Asked(time_s, seed, rounds, stop, progress, step or _nothing, worked or _nothing)

    def solve(problem: Problem) -> "Solved":
        later = {week_of_day(one.date) for who in problem.persons.values() for one in who.ahead}
        searches = _Searches(asked, ", ".join(sorted(later)), SEARCHES if later else 1)
        if not later:
            return searches.search(problem)
        fit: Any = import_module("scheduler.settled").fit
        found: Solved = fit(problem, searches.search, searches.again, searches.fitted)
        return found

    return solve


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a solver was asked for; see `solver`."""

    time_s: int
    seed: int
    rounds: int | None
    stop: threading.Event
    progress: Report
    step: Callable[..., None]
    worked: Callable[[float], None]


class _Searches:
    """The searches for one week, so many at most: each has its share of the time that is left."""

    def __init__(self, asked: _Asked, weeks: str, most: int) -> None:
        """Begin; `weeks`: those that are published already."""
        self._asked, self._weeks, self._most = asked, weeks, most
        self._done = 0
        self._began_s: float | None = None

    def search(self, week: Problem) -> "Solved":
        """The next one; that it begins is told of the first."""
        asked, engine = self._asked, import_module("scheduler.solve")
        found: Solved = engine.solve_in_child(
            week, time_s=self._left_s() / (self._most - self._done), seed=asked.seed,
            rounds=None if asked.rounds is None else -(-asked.rounds // self._most),
            stop=asked.stop, progress=asked.progress, worked=self._worked,
            searching=None if self._done else partial(asked.step, "search"),
        )  # fmt: skip
        self._done += 1
        return found

    def again(self) -> bool:
        """Whether there is another: then it is told why. None is begun when the time is over."""
        over = self._asked.rounds is None and not self._left_s()
        if over or self._done == self._most or self._asked.stop.is_set():
            return False
        self._asked.step("again", weeks=self._weeks, number=self._done + 1, most=self._most)
        return True

    def fitted(self, count: int) -> None:
        """So many duties break a law with the later weeks in the best that was found."""
        self._asked.step("fitted", weeks=self._weeks, count=count)

    def _left_s(self) -> float:
        """Of the time that was asked for, which runs from when this is asked first."""
        now_s = time.monotonic()
        if self._began_s is None:
            self._began_s = now_s
        return max(0.0, self._asked.time_s - (now_s - self._began_s))

    def _worked(self, share: float) -> None:
        """Of all searches, where some are done and one is under way."""
        self._asked.worked((self._done + share) / self._most)


def _nothing(*_: object, **__: object) -> None:
    """Nobody wants to know."""
