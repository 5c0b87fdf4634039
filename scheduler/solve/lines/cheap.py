"""The part of the law's graphs in which cheap lines lie: whatever else there is costs too much.

A line that costs much more than the best one at the linear master's prices is hardly ever one of a
good roster's. With the arcs of the others alone a table is filled five times as fast.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler.solve.lines.compiled import compiled
from scheduler.solve.lines.kernel import INFINITE
from scheduler.solve.lines.pricing import Pricer
from scheduler.solve.lines.problem import FloatArray, IntArray


class Paths(NamedTuple):
    """Some groups' graphs with the arcs of cheap lines, one after another, for compiled code.

    first, arcs: as of `Graph`, those of group g from `first_from[g]` and `arc_from[g]` on. units,
    used: of each class and whether an arc is left, from `class_from[g]` on. class_of: shape
    (groups, options). node_base, table_base: of each layer, shape (groups, layers). floor, reach:
    lowest and highest units, shape (groups, layers). ending: cost of all units, shape (groups,
    levels).
    """

    first: IntArray
    first_from: IntArray
    arcs: IntArray
    arc_from: IntArray
    units: IntArray
    used: npt.NDArray[np.bool_]
    class_from: IntArray
    class_of: IntArray
    node_base: IntArray
    table_base: IntArray
    floor: IntArray
    reach: IntArray
    ending: FloatArray


def paths_of(pricer: Pricer, groups: Sequence[int], prices: FloatArray, within: float) -> Paths:
    """Lay out what is cheap at these prices.

    Args:
        pricer: Of the problem; no law of it may count anything.
        groups: Whose lines are sought.
        prices: Of the rows.
        within: What a line may cost more than its group's best one.
    """
    parts = [_cheap(pricer, group, prices, within) for group in groups]
    own = [pricer.own[group] for group in groups]
    levels = max(len(one.terminal) for one in own)
    bases = np.array([one.graph.node_base for one in own])
    units = [one.graph.class_units for one in own]
    return Paths(
        np.concatenate([part.first for part in parts]), _begins([part.first for part in parts]),
        np.concatenate([part.arcs for part in parts], axis=1),
        _begins([part.arcs[0] for part in parts]), np.concatenate(units),
        np.concatenate([part.used for part in parts]), _begins(units),
        np.array([one.graph.class_of for one in own]), bases,
        np.ascontiguousarray(bases[:, :-1]) * levels, np.array([part.floor for part in parts]),
        np.array([part.reach for part in parts]),
        np.array([np.append(one.terminal, np.full(levels - len(one.terminal), INFINITE))
                  for one in own]),
    )  # fmt: skip


def _begins(parts: Sequence[npt.NDArray[Any]]) -> IntArray:
    """Where each part begins in all of them joined."""
    return np.append(0, np.cumsum([len(part) for part in parts])).astype(np.int64)


class _Part(NamedTuple):
    """What `Paths` holds of one group."""

    first: IntArray
    arcs: IntArray
    used: npt.NDArray[np.bool_]
    floor: IntArray
    reach: IntArray


def _cheap(pricer: Pricer, group: int, prices: FloatArray, within: float) -> _Part:
    """What is cheap of a group's graph."""
    own = pricer.own[group]
    graph, layers = own.graph, len(own.reach)
    price, _ = pricer.classes(own, pricer.prices_of(prices, group))
    walk = pricer.filled(own, own.counting, price)
    kept = np.zeros(graph.arcs.shape[1], dtype=np.bool_)
    floor, reach = np.full(layers, len(own.terminal)), np.zeros(layers, dtype=np.int64)
    floor[0] = 0
    through(*walk[:6], *walk[8:], float(walk[9][0]) + within, kept, floor, reach)
    arcs = graph.arcs[:, kept]
    used = np.isin(np.arange(len(graph.class_units)), arcs[2])
    return _Part(np.append(0, np.cumsum(kept))[graph.first], arcs, used, floor, reach)


@compiled
def through(
    first: IntArray, node_base: IntArray, arcs: IntArray, base: IntArray, units: IntArray,
    price: FloatArray, levels: int, table: FloatArray, most: float,
    kept: npt.NDArray[np.bool_], floor: IntArray, reach: IntArray,
) -> None:  # fmt: skip
    """Mark the arcs of lines that cost no more than `most`, and the levels that these have.

    table: What is least from each state on, see `kernel`. kept: Of each arc, filled. floor, reach:
    lowest and highest level of each layer, narrowed.
    """
    so_far = np.full(len(table), INFINITE)
    so_far[base[0]] = 0.0
    for day in range(len(base) - 1):
        for arc in range(first[node_base[day]], first[node_base[day + 1]]):
            own, more = price[arcs[2, arc]], units[arcs[2, arc]]
            if own >= INFINITE:
                continue
            here = base[day] + arcs[0, arc] * levels
            there = base[day + 1] + arcs[1, arc] * levels + more
            for level in range(levels - more):
                cost = so_far[here + level] + own
                if cost + table[there + level] <= most:
                    so_far[there + level] = min(so_far[there + level], cost)
                    kept[arc] = True
                    floor[day + 1] = min(floor[day + 1], level + more)
                    reach[day + 1] = max(reach[day + 1], level + more)
