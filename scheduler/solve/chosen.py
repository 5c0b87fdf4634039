"""A week for every team, as columns: what they cover together, and what that costs."""

from collections.abc import Sequence
from random import Random

import numpy as np

from config.ids import TeamId
from scheduler.solve.master import Column, column_of
from scheduler.solve.model import Model
from scheduler.solve.options import Span

Weeks = tuple[tuple[int, ...], ...]


class Chosen:
    """One column per place; a place is a seat of a class, so every team has one."""

    def __init__(self, model: Model, columns: Sequence[Column]) -> None:
        """Add up what the columns cover.

        Args:
            model: The week.
            columns: One per place, in the order of `places_of`.
        """
        self.model = model
        self.columns = list(columns)
        self.units = np.zeros(model.slots.at.shape[1:], dtype=np.int64)
        self.served = np.zeros(len(model.counted), dtype=np.int64)
        for column in columns:
            self._add(column, 1)

    @staticmethod
    def empty(model: Model) -> "Chosen":
        """Nobody works: lawful, and dear."""
        return Chosen(model, [column_of(model, group, ()) for group in places_of(model)])

    def copy(self) -> "Chosen":
        """The same choice, to be changed."""
        return Chosen(self.model, self.columns)

    def put(self, place: int, column: Column) -> None:
        """Give a place another week."""
        self._add(self.columns[place], -1)
        self.columns[place] = column
        self._add(column, 1)

    def clear(self, place: int) -> None:
        """Give a place a week without duties."""
        self.put(place, column_of(self.model, self.columns[place].group, ()))

    def _add(self, column: Column, sign: int) -> None:
        squadron = self.model.groups[column.group].squadron
        self.units[squadron] += sign * column.units
        self.served += sign * column.served

    @property
    def cost(self) -> float:
        """Weighted cost of all tiers; infinite where too many are on duty at once."""
        own = sum(column.cost for column in self.columns)
        return self.model.slots.total(self.units) + self.model.lacking.total(self.served) + own

    def reply(self, place: int) -> Column:
        """The best week of a place against all others' weeks, as far as rewards can tell.

        Exact for slots and hours; what a row of counts is worth is an estimate.
        """
        model, old = self.model, self.columns[place]
        squadron = model.groups[old.group].squadron
        gains = model.slots.gains(self.units, old.units, squadron)
        worth = model.lacking.worth(self.served - old.served)
        rewards = model.rewards([old.group], gains, worth)
        row = np.flatnonzero(model.own[squadron] == old.group)
        terminal = model.terminal(old.group)[None, :]
        _, weeks = model.pricers[squadron].best(rewards, terminal, row, 1)
        return column_of(model, old.group, weeks[0].options)

    def lines(self, seed: int) -> dict[TeamId, tuple[Span, ...]]:
        """Name the teams: the weeks of a class go to its teams, shuffled by the seed.

        The teams of a class have equal wishes, so whoever gets which week costs the same.
        """
        options, random = self.model.options, Random(seed)  # noqa: S311 - repeatable
        lines = {}
        for group, members in enumerate(self.model.groups):
            weeks = [column.week for column in self.columns if column.group == group]
            random.shuffle(weeks)
            for team, week in zip(members.teams, weeks, strict=True):
                lines[team] = tuple(
                    Span(int(options.day[n]), int(options.start_min[n]), int(options.end_min[n]))
                    for n in week
                )
        return {team: lines[team] for team in self.model.problem.teams}


def places_of(model: Model) -> list[int]:
    """The class of each place."""
    return [number for number, group in enumerate(model.groups) for _ in group.teams]
