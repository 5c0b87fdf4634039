"""From one day's options to a later day's in one step: the best allowed predecessor of each.

Allowed predecessors are few runs of neighbours (starts that are near enough and late enough), so
a table of maxima over powers of two answers every option with two look-ups per run.
"""

import numpy as np
from numpy.typing import NDArray

from scheduler.solve.options import BoolArray

FloatArray = NDArray[np.float64]
NONE = -np.inf


class Hop:
    """Maxima over the allowed predecessors, for any law."""

    def __init__(self, allowed: BoolArray) -> None:
        """Take which predecessor (row) may be followed by which option (column)."""
        self.allowed = allowed
        before, self.after = allowed.shape
        self.possible = bool(allowed.any())
        if not self.possible:
            return
        kinds: dict[bytes, int] = {}
        kind = np.array([kinds.setdefault(row.tobytes(), len(kinds)) for row in allowed])
        self.order = np.argsort(kind, kind="stable")
        self.merges = len(kinds) < before
        self.heads = np.searchsorted(kind[self.order], np.arange(len(kinds)))
        merged = allowed[self.order][self.heads]
        self.count = len(kinds)
        self.queries = self._runs(merged)

    def _runs(self, merged: BoolArray) -> list[tuple[int, NDArray[np.intp], NDArray[np.intp]]]:
        """(level, options, first row): the maxima to look up, two for each run."""
        padded = np.zeros((merged.shape[0] + 2, merged.shape[1]), dtype=np.int8)
        padded[1:-1] = merged
        steps = np.diff(padded, axis=0)
        column, low = np.nonzero((steps == 1).T)
        high = np.nonzero((steps == -1).T)[1]
        level = np.floor(np.log2(high - low)).astype(np.int64)
        nth = np.arange(len(column)) - np.searchsorted(column, column)
        queries = []
        for turn in range(int(nth.max()) + 1 if len(nth) else 0):
            for power in np.unique(level[nth == turn]):
                here = (nth == turn) & (level == power)
                queries.append((int(power), column[here], low[here]))
                longer = here & (high - low > 1 << power)
                if longer.any():
                    queries.append((int(power), column[longer], high[longer] - (1 << int(power))))
        return queries

    def best(self, values: FloatArray) -> FloatArray:
        """Best predecessor's value for each option.

        Args:
            values: Shape (lines, predecessors, rest).

        Returns:
            Shape (lines, options, rest); minus infinity where nothing may come before.
        """
        found = np.full((values.shape[0], self.after, values.shape[2]), NONE)
        if not self.possible:
            return found
        if self.merges:
            values = np.maximum.reduceat(values[:, self.order], self.heads, axis=1)
        level, table = 0, values
        for power, options, rows in sorted(self.queries, key=lambda query: query[0]):
            while level < power:
                half = 1 << level
                table = np.maximum(table[:, :-half], table[:, half:])
                level += 1
            found[:, options] = np.maximum(found[:, options], table[:, rows])
        return found
