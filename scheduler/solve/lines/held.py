"""The best roster and the best bound so far, shared by all threads of a search."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from scheduler.solve.lines.pool import Taken
from scheduler.solve.lines.problem import TOLERANCE, LineProblem
from scheduler.solve.lines.rounds import rounded_up


@dataclass
class Held:
    """What is known. better, bounded: called with every better roster and bound."""

    problem: LineProblem
    better: Callable[[Taken], None]
    bounded: Callable[[float], None]
    best: Taken | None = None
    bound: float = -math.inf
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def cost(self) -> float:
        """Cost of the best roster."""
        return math.inf if self.best is None else self.best.cost

    @property
    def proven(self) -> bool:
        """Whether no roster can cost less."""
        return self.bound >= self.cost - TOLERANCE

    def offer(self, found: Taken | None) -> bool:
        """Take a roster that is better than the best; whether it was."""
        if found is None or not found.whole:
            return False
        with self._lock:
            if found.cost >= self.cost - TOLERANCE:
                return False
            self.best = found.copy()
            self.better(self.best)
        return True

    def move(self, lines: Taken, groups: list[int]) -> bool:
        """Give these groups the lines that they have there, unless that costs more."""
        with self._lock:
            if self.best is None:
                return False
            made = self.best.copy()
            for group in groups:
                made.drop(group)
                for column, count in lines.columns[group].values():
                    made.take(column, count)
            if made.cost < self.best.cost - TOLERANCE:
                self.best = made
                self.better(made)
                return True
            if made.cost <= self.best.cost + TOLERANCE:
                self.best = made
        return False

    def tell(self, bound: float) -> None:
        """A bound that is not rounded."""
        with self._lock:
            whole = rounded_up(self.problem, bound)
            if whole > self.bound:
                self.bound = min(whole, self.cost)
                self.bounded(self.bound)
