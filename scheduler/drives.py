"""Driving times between the few places that matter to a week's plan, in whole minutes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from config.durations import MINUTE_MS
from config.travel import UNREACHABLE, Travel

NO_WAY = 2**31
"""Minutes where there is no way."""


@dataclass(frozen=True, slots=True)
class Drives:
    """Minutes from node to node as on patrol, rounded up: shape (nodes, nodes).

    row: Which row and column of `minutes` a node of the road network has.
    """

    row: Mapping[int, int] = field(default_factory=dict)
    minutes: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))

    @staticmethod
    def between(travel: Travel, nodes: Iterable[int]) -> "Drives":
        """The times of a district between some nodes."""
        some = sorted(set(nodes))
        times = travel.matrix_ms(some, some, "patrol")
        whole = np.where(times >= UNREACHABLE, NO_WAY, -(-times // MINUTE_MS))
        return Drives({node: row for row, node in enumerate(some)}, whole.astype(np.int64))

    def __call__(self, origin: int | None, target: int | None) -> int:
        """Minutes from a node to another; 0 where one of them is anywhere (None)."""
        if origin is None or target is None or origin == target:
            return 0
        if origin not in self.row or target not in self.row:
            return NO_WAY
        return int(self.minutes[self.row[origin], self.row[target]])
