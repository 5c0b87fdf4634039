"""CP-SAT within a budget: stops when told to, and repeats where work is counted."""

import threading
from typing import Any

from ortools.sat.python import cp_model

from scheduler.solve.budget import Budget

WORKERS = 8
"""Fewer leave out the workers by linear programs and cores, even on two processors."""


def solved(
    model: cp_model.CpModel, budget: Budget, seed: int, workers: int = WORKERS
) -> tuple[cp_model.CpSolver, Any]:
    """The solver after its search, and its status.

    With a budget of rounds one worker counts its own work, so that the answer repeats.
    """
    solver = cp_model.CpSolver()
    solver.parameters.catch_sigint_signal = False
    solver.parameters.random_seed = seed
    if budget.rounds is None:
        solver.parameters.max_time_in_seconds = budget.left_s
        solver.parameters.num_workers = workers
    else:
        solver.parameters.max_deterministic_time = 0.5 * budget.rounds
        solver.parameters.num_workers = 1
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            if budget.stop.is_set():
                solver.stop_search()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    status = solver.solve(model)
    ended.set()
    watcher.join()
    return solver, status
