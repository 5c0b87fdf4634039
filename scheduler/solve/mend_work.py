"""What a repair may take: work is counted, not seconds, so that the same is found again.

What `--dry-run` tells is then what is done, on a machine that is busier by then, too.
"""

import time
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

WORKERS = 1  # one with strong linear programs proves sooner than several, and is the same again
WORK_PER_S = 0.35
"""What the solver counts of its work in a second of a quiet core."""
LEAST_WORK = 0.02
"""Of one model: to make it takes its time, too."""
SLOWEST = 5
"""On a busy machine it may take so many times as long; then it is cut, and may be another."""


@dataclass(slots=True)
class Work:
    """The work left. time_s: For all of it, on a quiet core; slowest: times that at most."""

    time_s: float
    slowest: int = SLOWEST
    left: float = field(init=False)
    _ends_s: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin."""
        self.left = self.time_s * WORK_PER_S
        self._ends_s = time.monotonic() + self.slowest * self.time_s

    @property
    def over(self) -> bool:
        """Whether nothing is left."""
        return self.left <= 0 or time.monotonic() >= self._ends_s

    def solved(self, cp: cp_model.CpModel) -> tuple[cp_model.CpSolver, cp_model.CpSolverStatus]:
        """A model, solved as far as there is something left."""
        solver = cp_model.CpSolver()
        solver.parameters.max_deterministic_time = max(LEAST_WORK, self.left)
        solver.parameters.max_time_in_seconds = max(0.01, self._ends_s - time.monotonic())
        solver.parameters.num_workers = WORKERS
        solver.parameters.linearization_level = 2
        solver.parameters.catch_sigint_signal = False
        status = solver.solve(cp)
        self.left -= LEAST_WORK + solver.response_proto.deterministic_time
        return solver, status
