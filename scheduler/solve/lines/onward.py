"""Where each label leads, graph by graph: tables for compiled code that changes lines."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler.solve.lines.graph import Graph
from scheduler.solve.lines.problem import IntArray, Options


class Onward(NamedTuple):
    """Next nodes of all graphs.

    node, tally: next nodes (-1: none) and tallies: of a graph from `base[graph, day] + node *
    width[graph, day]` on, by label (0: off). label: of each option, shape (graphs, options).
    """

    node: npt.NDArray[np.int16]
    tally: npt.NDArray[np.int16]
    base: IntArray
    width: IntArray
    label: IntArray


MOST = np.iinfo(np.int16).max
"""Nodes of a layer that the tables can tell apart: short numbers keep them in the cache."""


def onward(options: Options, graphs: Sequence[Graph]) -> Onward:
    """Tables of all graphs; days that are alike share theirs.

    Raises:
        ValueError: A graph has more than `MOST` nodes in a layer, or as many tallies.
    """
    largest = max(max(int(graph.nodes.max()), len(graph.gains)) for graph in graphs)
    if largest > MOST:
        told = f"{largest} nodes or tallies in a layer, more than {MOST}"
        raise ValueError(told)
    of_day, days = options.of_day, options.days
    label = np.zeros((len(graphs), options.count), dtype=np.int64)
    base, width = (np.zeros((len(graphs), days), dtype=np.int64) for _ in range(2))
    nodes, tallies, end = [], [], 0
    known: dict[bytes, int] = {}
    for n, graph in enumerate(graphs):
        for day in range(days):
            own = slice(of_day[day], of_day[day + 1])
            low = int(graph.class_of[own].min(initial=1 << 30))
            label[n, own] = graph.class_of[own] - low + 1
            width[n, day] = int(label[n, own].max(initial=0)) + 1
            size = int(graph.nodes[day]) * int(width[n, day])
            then, counted = (np.full(size, fill, dtype=np.int16) for fill in (-1, 0))
            here = graph.first[graph.node_base[day] : graph.node_base[day + 1] + 1]
            source, target, of, gain = graph.arcs[:, here[0] : here[-1]]
            at = source * width[n, day] + np.where(of > 0, of - low + 1, 0)
            then[at], counted[at] = target, gain
            key = then.tobytes() + counted.tobytes()
            if key not in known:
                known[key] = end
                nodes.append(then)
                tallies.append(counted)
                end += size
            base[n, day] = known[key]
    return Onward(np.concatenate(nodes), np.concatenate(tallies), base, width, label)
