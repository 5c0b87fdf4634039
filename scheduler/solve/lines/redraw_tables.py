"""What redrawing knows and changes, laid out for compiled code."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler.solve.lines.problem import FloatArray, IntArray


class Laws(NamedTuple):
    """Which lines are lawful, by graph.

    onward, tally: next nodes (-1: none) and tallies: of a graph from `base[graph, day] + node *
    width[graph, day]` on, by label (0: off). label: of each option, shape (graphs, options). gains:
    shape (graphs, tallies, counters).
    """

    onward: npt.NDArray[np.int16]
    tally: npt.NDArray[np.int16]
    base: IntArray
    width: IntArray
    label: IntArray
    gains: IntArray


class People(NamedTuple):
    """What each may and would like to work.

    graph: of the law. cost: of each option, shape (people, options). most: of each counter, shape
    (people, counters). units: most of a line. ending: cost of all units, shape (people, units).
    """

    graph: IntArray
    cost: FloatArray
    most: IntArray
    units: IntArray
    ending: FloatArray


class Prices(NamedTuple):
    """Rows of options, and what they cost.

    of_day: where each day's options begin. units: of each option. row_from, rows: as of `Covers`.
    want, short, over: of each row.
    """

    of_day: IntArray
    units: IntArray
    row_from: IntArray
    rows: IntArray
    want: IntArray
    short: FloatArray
    over: FloatArray


class Roster(NamedTuple):
    """A roster in the making.

    lines: shape (people, days). nodes: before each day and after the last. counts: of counters.
    worked: units of each. covered: of each row. stale: whose lines changed since the best.
    """

    lines: IntArray
    nodes: IntArray
    counts: IntArray
    worked: IntArray
    covered: IntArray
    stale: npt.NDArray[np.bool_]


class Room(NamedTuple):
    """Room to work in.

    likely: of nodes by day of the stretch, shape (days + 1, nodes). weight: of labels, shape (days,
    labels). own: of options by day, shape (days, options of a day). more: what each costs. drawn:
    two stretches. gained: counters.
    """

    likely: FloatArray
    weight: FloatArray
    own: FloatArray
    more: FloatArray
    drawn: IntArray
    gained: IntArray
