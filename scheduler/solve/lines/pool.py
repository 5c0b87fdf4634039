"""All lines that were found, with cost and rows covered; and rosters made of them."""

import threading
from dataclasses import dataclass

import numpy as np

from scheduler.solve.lines.problem import FloatArray, IntArray, LineProblem


@dataclass(frozen=True, slots=True)
class Column:
    """A whole line of a group. line: option of each day or OFF. cost: in itself.

    rows, times: Which rows it covers, and how often each.
    """

    number: int
    group: int
    line: IntArray
    cost: float
    rows: IntArray
    times: IntArray


class Pool:
    """Lines without repeats, by number."""

    def __init__(self, problem: LineProblem) -> None:
        """Empty."""
        self.problem = problem
        self.columns: list[Column] = []
        self.of_group: list[list[Column]] = [[] for _ in problem.groups]
        self._known: dict[tuple[int, bytes], int] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many lines."""
        return len(self.columns)

    def __getitem__(self, number: int) -> Column:
        """The line of a number."""
        return self.columns[number]

    def add(self, group: int, line: IntArray) -> int:
        """Number of the line, new or known."""
        key = (group, line.astype(np.int32).tobytes())
        with self._lock:
            found = self._known.get(key)
            if found is None:
                found = self._known[key] = len(self.columns)
                rows, times = np.unique(self.problem.covers(group).of(line), return_counts=True)
                cost = self.problem.own_cost(group, line)
                made = Column(found, group, line, cost, rows, times.astype(np.int64))
                self.columns.append(made)
                self.of_group[group].append(made)
        return found

    def reduced(self, column: Column, rows: FloatArray) -> float:
        """Cost less what the rows pay."""
        return float(column.cost - rows[column.rows] @ column.times)


class Taken:
    """A roster in the making: how many people of each group work which lines."""

    def __init__(self, problem: LineProblem) -> None:
        """Nobody works yet."""
        self.problem = problem
        self.columns: list[dict[int, tuple[Column, int]]] = [{} for _ in problem.groups]
        self.covered = np.zeros(len(problem.rows.want), dtype=np.int64)
        self.open = problem.sizes.copy()
        """People of each group without a line."""
        self.own = 0.0

    def copy(self) -> "Taken":
        """An independent copy."""
        made = Taken(self.problem)
        made.columns = [dict(own) for own in self.columns]
        made.covered, made.open, made.own = self.covered.copy(), self.open.copy(), self.own
        return made

    def take(self, column: Column, count: int = 1) -> None:
        """So many people more (or fewer) work this line."""
        own = self.columns[column.group]
        held = own.get(column.number, (column, 0))[1] + count
        if held:
            own[column.number] = (column, held)
        else:
            own.pop(column.number, None)
        self.covered[column.rows] += count * column.times
        self.open[column.group] -= count
        self.own += count * column.cost

    def has_room(self, column: Column) -> bool:
        """Whether all rows of a line may have one more."""
        if not self.problem.hard:
            return True
        more = self.problem.rows.next_price(self.covered)[column.rows]
        return not np.isneginf(more).any()

    def drop(self, group: int) -> None:
        """Nobody of the group has a line any more."""
        for column, count in list(self.columns[group].values()):
            self.take(column, -count)

    def items(self) -> list[tuple[Column, int]]:
        """Lines and how many work them."""
        return [pair for own in self.columns for pair in own.values()]

    @property
    def cost(self) -> float:
        """Cost of everything."""
        return self.own + self.problem.rows.cost(self.covered)

    @property
    def whole(self) -> bool:
        """Whether everybody has a line."""
        return not self.open.any()
