"""The solver as the commands want it: the one place that knows it.

`scheduler.solve` brings ortools: imported on use.
"""

import threading
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from scheduler.problem import Problem

if TYPE_CHECKING:
    from scheduler.solve.solved import Solved

    Settled = Callable[[Problem, Solved], Solved]

Report = Callable[[float | None, float | None], None]


def solver(
    time_s: int, seed: int, rounds: int | None, stop: threading.Event, progress: Report,
    searching: Callable[[], None] | None = None,
) -> "Callable[[Problem], Solved]":  # fmt: skip
    """A solver of weeks.

    Args:
        time_s: Seconds it may take.
        seed: Of its random choices.
        rounds: In place of seconds: the same input gives the same roster.
        stop: Set: give the best so far.
        progress: Told the best cost and the bound as they improve.
        searching: Told when all is prepared and the search begins.
    """

    def solve(problem: Problem) -> "Solved":
        engine: Any = import_module("scheduler.solve")
        found: Solved = engine.solve_in_child(
            problem, time_s=time_s, seed=seed, rounds=rounds, stop=stop, progress=progress,
            searching=searching,
        )  # fmt: skip
        if not any(person.ahead for person in problem.persons.values()):
            return found
        settled: Settled = import_module("scheduler.settled").settled
        return settled(problem, found)

    return solve
