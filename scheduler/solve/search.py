"""The search for a week: greedy, best replies, column generation, integer master, shaking.

Anytime: each better choice is offered as soon as it is found, each better bound too.
"""

from collections.abc import Callable
from random import Random

import numpy as np

from scheduler.solve.budget import Budget
from scheduler.solve.chosen import Chosen
from scheduler.solve.greedy import EPSILON, greedy, settle, shake
from scheduler.solve.master import Column, Master, Prices, bound, price
from scheduler.solve.model import Model
from scheduler.solve.restricted import Restricted

Offer = Callable[[Chosen | None, float], None]
"""Told of a better choice, or of a better bound alone."""

GUESSES = (1.0, 2.0, 4.0)
"""Equal prices of a unit's half hour, to start from."""
NEW_SHARE = 0.3
"""How much of the duals goes into the next prices, the rest is the best so far: Wentges 1997."""
MANY = 3
"""Weeks that a class adds in a round."""
CLOSE = 1e-4
"""Between the linear program and its bound, as a share: then generation has converged."""
MOST_COLUMNS = 2500
"""Columns in an integer master."""


class Search:
    """A search at work."""

    def __init__(self, model: Model, budget: Budget, seed: int, offer: Offer) -> None:
        """Take the week, the time, the seed of random choices, and who is told."""
        self.model, self.budget, self.offer = model, budget, offer
        self.seed, self.random = seed, Random(seed)  # noqa: S311 - repeatable
        self.best = Chosen.empty(model)
        self.cost = self.best.cost
        self.bound = 0.0  # no cost is negative
        self.centre: Prices | None = None
        self.centre_bound = -np.inf
        self.duals: Prices | None = None
        self.master = Master(model)

    def run(self) -> Chosen:
        """Search until the budget is over or the best is proven."""
        rounds = self.budget.rounds
        self.master.add(self.best.columns)
        self._keep(greedy(self.model))
        self._guess()
        self._settle(self.best.copy(), self.budget.part(0.15))
        self._generate(self.budget.part(0.5), self._most_rounds())
        turns = 1 if rounds is not None else 10**9
        for turn in range(turns):
            if self._done():
                break
            self._choose(self.budget.part(0.5, most_s=20.0), turn)
            self._shake(self.budget.part(0.5, most_s=8.0))
        return self.best

    def _most_rounds(self) -> int | None:
        """Rounds of pricing where work is counted: few classes are priced fast, so more often."""
        if self.budget.rounds is None:
            return None
        return self.budget.rounds * max(4, min(60, 240 // max(1, len(self.model.groups))))

    def _done(self) -> bool:
        return self.budget.over() or self.cost <= self.bound + EPSILON

    def _keep(self, chosen: Chosen) -> None:
        """Keep a choice that is better, and its columns in any case."""
        self.master.add(chosen.columns)
        cost = chosen.cost
        if cost < self.cost - EPSILON:
            self.best, self.cost = chosen.copy(), cost
            self.offer(self.best, self.bound)

    def _settle(self, chosen: Chosen, budget: Budget) -> None:
        """Best replies until nobody gains."""
        places = list(range(len(chosen.columns)))
        self.random.shuffle(places)
        self.master.add(settle(chosen, places, budget.over))
        self._keep(chosen)

    def _guess(self) -> None:
        """A fair bound at once, whatever time is left: that of equal prices everywhere.

        With time, the best of a few: the smoothing starts there, since the first duals of a
        small pool are wild.
        """
        shape, rows = self.model.slots.at.shape[1:], len(self.model.counted)
        for guess in GUESSES:
            if self.bound > 0 and self.budget.over():
                return
            self._price(Prices(np.full(shape, guess), np.zeros(rows)))

    def _generate(self, budget: Budget, most: int | None) -> None:
        """Column generation with smoothed duals, until converged."""
        turn = 0
        while not budget.over() and not self._done() and (most is None or turn < most):
            turn += 1
            value, duals = self.master.solve()
            self.duals = duals
            if value - self.bound <= CLOSE * max(1.0, abs(value)):
                return
            new = 0 if self.centre is None else self._price(duals.towards(self.centre, NEW_SHARE))
            if not new and not self._price(duals):
                return

    def _price(self, prices: Prices) -> int:
        """A round of pricing: a bound, and how many weeks were new."""
        best, columns = price(self.model, prices, MANY)
        found = bound(self.model, prices, best)
        if found > self.centre_bound:
            self.centre_bound, self.centre = found, prices
        if found > self.bound:
            self.bound = found
            self.offer(None, self.bound)
        return self.master.add(columns)

    def _choose(self, budget: Budget, turn: int) -> None:
        """The integer master on the most promising columns, then best replies."""
        chosen = Restricted(self.model, self._promising(), self.best).solve(
            budget, self.seed + turn
        )
        if chosen is not None:
            self._settle(chosen, self.budget.part(0.3))

    def _promising(self) -> list[Column]:
        """Columns of least reduced cost, the best choice's among them."""
        if self.duals is None:
            near = self.master.columns[-MOST_COLUMNS:]
            return near + self._held(near)
        duals, least = self.duals, self.master.group_duals
        reduced = []
        for column in self.master.columns:
            squadron = self.model.groups[column.group].squadron
            worth = duals.slots[squadron] @ column.units + duals.rows @ column.served
            reduced.append(column.cost - float(worth) - least[column.group])
        order = np.argsort(np.array(reduced), kind="stable")[:MOST_COLUMNS]
        near = [self.master.columns[int(n)] for n in order]
        return near + self._held(near)

    def _held(self, among: list[Column]) -> list[Column]:
        """The best choice's columns that are not among some."""
        known = {(column.group, column.week) for column in among}
        held = {(c.group, c.week): c for c in self.best.columns}
        return [column for key, column in held.items() if key not in known]

    def _shake(self, budget: Budget) -> None:
        """A few teams at a time choose anew."""
        chosen = self.best.copy()
        turns = 10 * budget.rounds if budget.rounds is not None else 10**9
        for _ in range(turns):
            if budget.over() or self._done():
                break
            self.master.add(shake(chosen, self.random, budget.over))
            if chosen.cost < self.cost - EPSILON:
                self._keep(chosen)
