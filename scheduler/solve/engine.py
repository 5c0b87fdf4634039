"""A week solved in this process: search, finish, price by the rules."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from scheduler.problem import Problem
from scheduler.roster import Roster
from scheduler.rules import Tier, cost_by_tier
from scheduler.solve.finish import finish
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import TOLERANCE, FloatArray
from scheduler.solve.lines.search import Lines, Search
from scheduler.solve.model import Model, Weeks, model_of
from scheduler.solve.solved import Progress, Solved
from scheduler.solve.turns import turned
from scheduler.solve.weights import CONTRACT_WEIGHT, weighted

WORKERS = 2
"""Threads of a search; where work is counted there is one, so that it repeats."""
LATEST = 6
"""Choices that are finished in the end, if better ones lose by it."""
FINISHING = 6
"""Seconds of search for each second of finishing what was found on the way."""


def cost_of(problem: Problem, roster: Roster) -> float:
    """Weighted cost of a roster, as the rules find it."""
    return sum(weighted(tier, cost) for tier, cost in cost_by_tier(problem, roster).items())


def solve(
    problem: Problem, *, time_s: float = 60, seed: int = 0, rounds: int | None = None,
    stop: threading.Event | None = None, progress: Progress | None = None,
    better: Callable[[Solved], None] | None = None, searching: Callable[[], None] | None = None,
    worked: Callable[[float], None] | None = None,
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
        searching: Told when all is prepared and the search begins.
        worked: Told the share of the work that is done, where that is counted.
    """
    began_s = time.monotonic()
    model = model_of(problem)
    keeper = Keeper(model, seed, progress, better, counted=rounds is not None)
    search = Search(
        model.lines, seed=seed, workers=1 if rounds is not None else WORKERS,
        better=keeper.offer, bounded=keeper.tell, worked=worked,
    )  # fmt: skip
    if searching is not None:
        searching()
    left_s = max(0.0, time_s - (time.monotonic() - began_s))
    solved = keeper.last(search.run(left_s, rounds, stop))
    return replace(
        solved, prices=_of_slots(model, search.prices),
        contract_least=_contract_least(problem, solved, search.pricer),
    )  # fmt: skip


def _contract_least(problem: Problem, solved: Solved, pricer: Pricer) -> int | None:
    """What contracts cost in any roster: each line alone, with nothing to cover.

    A line of its own costs a whole number of contract points, and less than one of them besides.
    """
    if not cost_by_tier(problem, solved.roster)[Tier.CONTRACT]:
        return 0
    if not pricer.exact:
        return None
    groups = pricer.problem.groups
    alone = pricer.price_all(range(len(groups)), np.zeros(len(pricer.problem.rows.want)))
    return sum(groups[one.group].count * int(one.bound // CONTRACT_WEIGHT) for one in alone)


def _of_slots(model: Model, prices: FloatArray | None) -> FloatArray | None:
    """Prices of the half hours out of those of all rows."""
    if prices is None:
        return None
    return prices[: model.rows.squares].reshape(model.rows.slots.at.shape[1:])


class Keeper:
    """Finishes the better choices, as often as time allows, and keeps the best roster."""

    def __init__(
        self, model: Model, seed: int, progress: Progress | None,
        better: Callable[[Solved], None] | None, *, counted: bool,
    ) -> None:  # fmt: skip
        """Take the week, the seed of names, and who is told; counted: work, not seconds."""
        self.model, self.seed, self.counted = model, seed, counted
        self.progress, self.better = progress, better
        self.solved: Solved | None = None
        self.weeks: Weeks = {}
        self.bound = 0.0  # no cost is negative
        self.again_s, self.offers = 0.0, 0
        self.latest: deque[Lines] = deque(maxlen=LATEST)

    def offer(self, lines: Lines) -> None:
        """Take better lines."""
        self.offers += 1
        self.latest.append(lines)
        if self._is_time():
            began_s = time.monotonic()
            self._finish(lines)
            self.again_s = time.monotonic() + FINISHING * (time.monotonic() - began_s)
        self._told()

    def tell(self, bound: float) -> None:
        """Take a better bound."""
        self.bound = max(self.bound, bound)
        self._told()

    def last(self, best: Lines) -> Solved:
        """The best roster of all, with the last bound.

        What lines promise of fixed duties is a little more than can be kept at times: then some
        that are hardly worse are finished, too. Duties change hands once, where wishes gain by it.
        """
        for lines in (best, *reversed(self.latest)):
            if self.solved is None or lines.cost < self.solved.cost - TOLERANCE:
                self._finish(lines)
        if self.solved is None:
            msg = "no roster was finished"
            raise RuntimeError(msg)
        if (exchanged := turned(self.model, self.weeks)) != self.weeks:
            self.take(exchanged)
        self._told()
        return replace(self.solved, bound=self.bound)

    def _is_time(self) -> bool:
        """Whether better lines are finished now: where work is counted, less and less often."""
        if self.counted:
            return self.offers & (self.offers - 1) == 0
        return time.monotonic() >= self.again_s

    def _told(self) -> None:
        if self.progress is not None:
            self.progress(self.solved.cost if self.solved else None, self.bound)

    def _finish(self, lines: Lines) -> None:
        """Make the whole roster of some lines."""
        self.take(self.model.named(lines.lines, self.seed))

    def take(self, weeks: Weeks) -> None:
        """Make the whole roster; keep it if it costs less by the rules."""
        problem = self.model.problem
        finished = finish(problem, weeks)
        cost = cost_of(problem, finished.roster)
        if self.solved is None or cost < self.solved.cost:
            self.solved = Solved(finished.roster, cost, self.bound, finished.missed)
            self.weeks = weeks
            if self.better is not None:
                self.better(self.solved)
