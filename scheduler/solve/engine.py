"""A week solved in this process: search, finish, price by the rules."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from config.ids import MustArriveId
from scheduler.problem import Problem
from scheduler.roster import Roster
from scheduler.rules import cost_by_tier
from scheduler.solve.budget import Budget
from scheduler.solve.chosen import Chosen
from scheduler.solve.finish import finish
from scheduler.solve.model import model_of
from scheduler.solve.search import Search
from scheduler.solve.weights import weighted

Progress = Callable[[float | None, float | None], None]
FINISHING = 6
"""Seconds of search for each second of finishing what was found on the way."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A lawful roster.

    cost: By the rules, weighted by tier. bound: What no roster of these options goes below.
    missed: Points that nobody visits as often as is due, and why.
    """

    roster: Roster
    cost: float
    bound: float
    missed: Mapping[MustArriveId, str] = field(default_factory=dict)


def cost_of(problem: Problem, roster: Roster) -> float:
    """Weighted cost of a roster, as the rules find it."""
    return sum(weighted(tier, cost) for tier, cost in cost_by_tier(problem, roster).items())


def solve(
    problem: Problem, *, time_s: float = 60, seed: int = 0, rounds: int | None = None,
    stop: threading.Event | None = None, progress: Progress | None = None,
    better: Callable[[Solved], None] | None = None,
) -> Solved:  # fmt: skip
    """The best roster found in the time.

    Args:
        problem: The week.
        time_s: Seconds it may take; the first roster is made in any case.
        seed: Of random choices.
        rounds: In place of seconds: the same input gives the same roster.
        stop: Set: give the best so far.
        progress: Told cost and bound whenever one of them gets better.
        better: Given each better roster that is finished on the way.
    """
    budget = Budget.of(time_s, rounds, stop)
    keeper = Keeper(problem, seed, progress, better)
    model = model_of(problem)
    search = Search(model, budget, seed, keeper.offer)
    best = search.run()
    return keeper.last(best, search.bound)


class Keeper:
    """Finishes the better choices, as often as time allows, and keeps the best roster."""

    def __init__(
        self, problem: Problem, seed: int, progress: Progress | None,
        better: Callable[[Solved], None] | None,
    ) -> None:  # fmt: skip
        """Take the week, the seed of names, and who is told."""
        self.problem, self.seed = problem, seed
        self.progress, self.better = progress, better
        self.solved: Solved | None = None
        self.again_s = 0.0

    def offer(self, chosen: Chosen | None, bound: float) -> None:
        """Take a better choice or a better bound."""
        if chosen is not None and time.monotonic() >= self.again_s:
            began_s = time.monotonic()
            self._finish(chosen, bound)
            self.again_s = time.monotonic() + FINISHING * (time.monotonic() - began_s)
        if self.progress is not None:
            self.progress(self.solved.cost if self.solved else None, bound)

    def last(self, best: Chosen, bound: float) -> Solved:
        """The best roster of all, with the last bound."""
        self._finish(best, bound)
        if self.solved is None:
            msg = "no roster was finished"
            raise RuntimeError(msg)
        found = self.solved
        solved = replace(found, bound=bound)
        if self.progress is not None:
            self.progress(solved.cost, solved.bound)
        return solved

    def _finish(self, chosen: Chosen, bound: float) -> None:
        """Make the whole roster; keep it if it costs less by the rules."""
        finished = finish(self.problem, chosen.lines(self.seed))
        cost = cost_of(self.problem, finished.roster)
        if self.solved is None or cost < self.solved.cost:
            self.solved = Solved(finished.roster, cost, bound, finished.missed)
            if self.better is not None:
                self.better(self.solved)
