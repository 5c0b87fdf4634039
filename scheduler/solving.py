"""The solver as the commands want it: the one place that knows it.

`scheduler.solve` brings ortools: imported on use.
"""

import threading
from collections.abc import Callable
from functools import partial
from importlib import import_module
from itertools import count
from typing import TYPE_CHECKING, Any

from scheduler.problem import Problem

if TYPE_CHECKING:
    from scheduler.solve.solved import Solved

    Fit = Callable[[Problem, Callable[[Problem], Solved], int, threading.Event], Solved]

Report = Callable[[float | None, float | None], None]
SEARCHES = 3
"""Into so many the time is shared out where later weeks are published: see `scheduler.settled`."""


def solver(
    time_s: int, seed: int, rounds: int | None, stop: threading.Event, progress: Report,
    searching: Callable[[], None] | None = None, worked: Callable[[float], None] | None = None,
) -> "Callable[[Problem], Solved]":  # fmt: skip
    """A solver of weeks.

    Args:
        time_s: Seconds it may take.
        seed: Of its random choices.
        rounds: In place of seconds: the same input gives the same roster.
        stop: Set: give the best so far.
        progress: Told the best cost and the bound as they improve.
        searching: Told when all is prepared and the search begins.
        worked: Told the share of the work that is done, where that is counted.
    """

    def solve(problem: Problem) -> "Solved":
        engine: Any = import_module("scheduler.solve")
        ahead = any(person.ahead for person in problem.persons.values())
        parts, done = SEARCHES if ahead else 1, count()

        def search(week: Problem) -> "Solved":
            found: Solved = engine.solve_in_child(
                week, time_s=time_s / parts, seed=seed,
                rounds=None if rounds is None else -(-rounds // parts), stop=stop,
                progress=progress, searching=searching,
                worked=None if worked is None else partial(_share, worked, next(done), parts),
            )  # fmt: skip
            return found

        if not ahead:
            return search(problem)
        fit: Fit = import_module("scheduler.settled").fit
        return fit(problem, search, SEARCHES, stop)

    return solve


def _share(worked: Callable[[float], None], done: int, parts: int, share: float) -> None:
    """Of all searches, where so many are done and one is under way."""
    worked((done + share) / parts)
