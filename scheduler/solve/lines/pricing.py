"""The best lines of a group at given prices: exact, by the layered graph of its law.

Counters are taken into account only when a line has passed its most (most never do): in the
states of the table as far as it stays small, else in labels.
"""

import copy
import threading
from collections.abc import Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from scheduler.solve.lines import kernel
from scheduler.solve.lines.graph import Graph, graphs_of
from scheduler.solve.lines.labels import Labels, Watch
from scheduler.solve.lines.problem import FloatArray, IntArray, LineProblem
from scheduler.solve.lines.spread import spread

MOST_VALUES = 12_000_000
"""Of the table of one thread, 8 bytes each."""
MOST_EXACT = 3_000_000
"""Of a table without counters; where it is larger, only lines of even work are looked at."""
SLACK_SHARE = 0.02
"""How far these lines may be from even, as a share of the most work; and two long duties."""
SLACK_COUNTS = 2
"""A counter's price falls where more than this is left of its most."""
MOST_PASSES = 24
FIRST_PRICE, RISE = 2.0, 1.6
"""Of a counter that is passed where there is no room for it."""
MOST_COUNTERS = 40
"""States of the counters in the table."""


@dataclass(frozen=True, slots=True)
class Priced:
    """Lines of a group for some prices, best first.

    bound: No lawful line costs less. lines: shape (found, days).
    """

    group: int
    bound: float
    lines: IntArray


@dataclass
class _Own:
    """What is prepared for one group."""

    graph: Graph
    terminal: FloatArray
    floor: IntArray
    reach: IntArray
    banded: bool
    """Only lines of even work are looked at, since the table is too large for all."""
    allowed_cost: FloatArray
    counting: "Counting"
    """Replaced as a whole, since threads share it."""


@dataclass(frozen=True, slots=True)
class Counting:
    """Which counters are in the table's states (with their next values), and which in labels.

    prices: Of counters that only cost something; toll: the same, of each tally.
    """

    dense: tuple[int, ...]
    onward: IntArray
    watched: tuple[int, ...]
    prices: FloatArray
    toll: FloatArray


class Pricer:
    """Prices the lines of all groups of a problem, some at the same time."""

    def __init__(self, problem: LineProblem, workers: int = 1) -> None:
        """Make the graphs, equal laws once."""
        self.problem, self.workers = problem, workers
        graphs: dict[Hashable, list[Graph]] = {}
        for law in problem.laws:
            if law.key() not in graphs:
                graphs[law.key()] = graphs_of(law, problem.options, problem.unit_min)
        self.graphs = [graphs[law.key()] for law in problem.laws]
        self.shared = all(group.covers is None for group in problem.groups)
        self.own = [self._prepared(group) for group in range(len(problem.groups))]
        self.threads = ThreadPoolExecutor(workers) if workers > 1 else None
        self._local = threading.local()
        self._usual: dict[tuple[int, int], float] = {}

    def _prepared(self, number: int) -> _Own:
        group, options = self.problem.groups[number], self.problem.options
        graph, unit = self.graphs[group.law][group.entry], self.problem.unit_min
        least, most = self.problem.units_wanted(number)
        longest = np.zeros(options.days + 1, dtype=np.int64)
        own = np.where(group.allowed, options.minutes // unit, 0)
        np.maximum.at(longest, options.day + 1, own)
        reach = np.minimum(np.cumsum(longest), max(0, most))
        if group.caps_min is not None:
            caps = np.minimum.accumulate(np.array(group.caps_min)[::-1])[::-1] // unit
            reach[1:] = np.minimum(reach[1:], np.maximum(caps, 0))
        terminal = self.problem.ending(number, int(reach[-1]))
        floor = np.zeros_like(reach)
        banded = int(graph.nodes.sum()) * len(terminal) > MOST_EXACT
        if banded:
            floor, reach = _band(least, most, reach, int(own.max(initial=1)))
        tallies, counters = graph.gains.shape
        onward = np.zeros((tallies, 1), dtype=np.int64)
        counting = Counting((), onward, (), np.zeros(counters), np.zeros(tallies))
        return _Own(
            graph, terminal + group.constant, floor, reach, banded,
            np.where(group.allowed, group.cost, kernel.INFINITE), counting,
        )  # fmt: skip

    def _onward(self, own: _Own, dense: tuple[int, ...], most: tuple[int, ...]) -> IntArray:
        """Next counters by tally, shape (tallies, counters)."""
        sizes = [most[n] + 1 for n in dense]
        count = int(np.prod(sizes, dtype=np.int64))
        digits = np.zeros((count, len(sizes)), dtype=np.int64)
        rest = np.arange(count)
        for n in range(len(sizes) - 1, -1, -1):
            rest, digits[:, n] = np.divmod(rest, sizes[n])
        after = digits[None, :, :] + own.graph.gains[:, list(dense)][:, None, :]
        number = np.zeros(after.shape[:2], dtype=np.int64)
        for n, size in enumerate(sizes):
            number = number * size + after[:, :, n]
        passed = (after >= np.array(sizes, dtype=np.int64)).any(axis=2)
        return np.where(passed, -1, number)

    def _values(self, own: _Own, counters: int) -> int:
        return int(own.graph.nodes.sum()) * counters * len(own.terminal)

    def alone(self) -> "Pricer":
        """The same, for use within one of several threads."""
        made = copy.copy(self)
        made.threads = None
        return made

    def prices_of(self, rows: FloatArray, group: int) -> FloatArray:
        """What the rows pay a group for each option."""
        return self.problem.covers(group).paid(rows)

    def price(self, group: int, paid: FloatArray, many: int = 1) -> Priced:
        """The best lines of a group; none where none was found that keeps the counters.

        Args:
            group: Its number.
            paid: What the rows pay for each option, see `prices_of`.
            many: Most lines to find; the others leave the best one on different days.
        """
        own, most = self.own[group], self.problem.groups[group].most
        price, option = self.classes(own, paid)
        for _ in range(MOST_PASSES):
            counting = own.counting
            bound, paths = self._paths(own, counting, price, most, many)
            passed = self._passed(own, most, paths[0]) if paths else []
            if paths and not passed:
                kept = [path for path in paths if not self._passed(own, most, path)]
                own.counting = self._cheaper(own, counting, most, paths[0])
                return Priced(group, bound, option[own.graph.arcs[2][np.array(kept)]])
            if not passed:
                break
            own.counting = self._more(own, counting, passed[0], most)
        return Priced(group, bound, np.zeros((0, len(own.reach) - 1), dtype=np.int64))

    def _cheaper(
        self, own: _Own, counting: Counting, most: tuple[int, ...], path: IntArray
    ) -> Counting:
        """Take back some of the price of counters that the line leaves unused."""
        if not counting.prices.any():
            return counting
        counted = own.graph.gains[own.graph.arcs[3][path]].sum(axis=0)
        for counter in np.flatnonzero(counting.prices).tolist():
            self._usual[id(own.graph), counter] = float(counting.prices[counter])
        slack = np.array(most) - counted > SLACK_COUNTS
        prices = np.where(slack, counting.prices / RISE, counting.prices)
        toll = (own.graph.gains @ prices).astype(np.float64)
        return replace(counting, prices=prices, toll=toll)

    def classes(self, own: _Own, paid: FloatArray) -> tuple[FloatArray, IntArray]:
        """Cost and option of each class."""
        price = np.empty(len(own.graph.class_units))
        option = np.empty(len(price), dtype=np.int64)
        kernel.cheapest(own.allowed_cost - paid, own.graph.class_of, price, option)
        return price, option

    def _passed(self, own: _Own, most: tuple[int, ...], path: IntArray) -> list[int]:
        """Counters that a line of arcs passes, those with the lowest most first."""
        counted = own.graph.gains[own.graph.arcs[3][path]].sum(axis=0)
        return sorted(np.flatnonzero(counted > np.array(most)).tolist(), key=lambda n: most[n])

    def _more(self, own: _Own, counting: Counting, counter: int, most: tuple[int, ...]) -> Counting:
        """Take a counter in: into the table while that is small, else into the labels."""
        counters = counting.onward.shape[1] * (most[counter] + 1)
        if own.banded:
            prices = counting.prices.copy()
            usual = 0.0 if prices[counter] else self._usual.get((id(own.graph), counter), 0.0)
            prices[counter] = max(FIRST_PRICE, usual, RISE * prices[counter])
            toll = (own.graph.gains @ prices).astype(np.float64)
            return replace(counting, prices=prices, toll=toll)
        if counters > MOST_COUNTERS or self._values(own, counters) > MOST_VALUES:
            watched = (*counting.watched, counter)
            return replace(counting, watched=watched)
        dense = (*counting.dense, counter)
        return replace(counting, dense=dense, onward=self._onward(own, dense, most))

    def filled(self, own: _Own, counting: Counting, price: FloatArray) -> tuple:  # type: ignore[type-arg]
        """Fill the table; returns what the kernel's functions share."""
        graph, levels, counters = own.graph, len(own.terminal), counting.onward.shape[1]
        needed = self._values(own, counters)
        table = getattr(self._local, "table", None)
        if table is None or len(table) < needed:
            table = self._local.table = np.empty(needed)
        base = np.append(0, np.cumsum(graph.nodes[:-1] * counters * levels)).astype(np.int64)
        place = (graph.first, graph.node_base, graph.arcs, base, graph.class_units, price,
                 counting.toll, counting.onward)  # fmt: skip
        kernel.fill(*place, own.floor, own.reach, own.terminal, table)
        return (*place, levels, table)

    def _paths(self, own: _Own, counting: Counting, price: FloatArray, most: tuple[int, ...],
               many: int) -> tuple[float, list[IntArray]]:  # fmt: skip
        """A bound, and the arcs of the best lines."""
        walk = self.filled(own, counting, price)
        table, layer = walk[9], int(own.graph.nodes.max()) * counting.onward.shape[1] * walk[8]
        if counting.watched:
            which = list(counting.watched)
            watch = Watch(own.graph.gains[:, which], np.array([most[n] for n in which]))
            labels = getattr(self._local, "labels", None)
            if labels is None:
                labels = self._local.labels = Labels()
            found: tuple[float, list[IntArray]] = labels.best(walk, watch, layer, many)
            return found
        path = np.empty(len(own.reach) - 1, dtype=np.int64)
        kernel.follow(*walk, 0, np.zeros(3, dtype=np.int64), path)
        if (path < 0).any():
            return -np.inf, []
        turned = self._turned(walk, path, many - 1) if many > 1 else []
        return -np.inf if own.banded else float(table[0]), [path, *turned]

    def _turned(self, walk: tuple, path: IntArray, many: int) -> list[IntArray]:  # type: ignore[type-arg]
        """The best lines that leave the best one on some day."""
        days = len(path)
        value, turn = np.empty(days), np.empty(days, dtype=np.int64)
        state = np.empty((days, 3), dtype=np.int64)
        kernel.turnings(*walk, path, value, turn, state)
        lines = []
        for day in np.argsort(value, kind="stable")[:many]:
            if value[day] >= kernel.INFINITE:
                break
            line = path.copy()
            line[day] = turn[day]
            kernel.follow(*walk, int(day) + 1, state[day], line)
            lines.append(line)
        return lines

    @property
    def exact(self) -> bool:
        """Whether all lines are looked at, so that there is a bound."""
        return not any(own.banded for own in self.own)

    def all_within(self, group: int, paid: FloatArray, above: float, room: int) -> IntArray | None:
        """All lines that cost at most `above` more than the bound; None if more than `room`."""
        own, most = self.own[group], self.problem.groups[group].most
        limit = self.price(group, paid).bound + above
        graph, counting = own.graph, own.counting
        price, _ = self.classes(own, paid)
        walk = self.filled(own, counting, price)
        order = np.argsort(graph.class_of, kind="stable")
        labels = np.arange(len(graph.class_units) + 1)
        begins = np.searchsorted(graph.class_of[order], labels) + (labels > 0)
        found = np.empty((room, len(own.reach) - 1), dtype=np.int64)
        count = spread(
            *walk[:5], *walk[7:], own.allowed_cost - paid, begins, np.append(-1, order),
            graph.gains, np.array(most, dtype=np.int64), limit, found,
        )  # fmt: skip
        return None if count < 0 else found[:count]

    def price_all(self, groups: Iterable[int], rows: FloatArray, many: int = 1) -> list[Priced]:
        """The best lines of some groups, in their order."""
        shared = self.problem.options.covers.paid(rows) if self.shared else None

        def price(group: int) -> Priced:
            paid = self.prices_of(rows, group) if shared is None else shared
            return self.price(group, paid, many)

        return list(map(price, groups) if self.threads is None else self.threads.map(price, groups))


def _band(least: int, most: int, reach: IntArray, longest: int) -> tuple[IntArray, IntArray]:
    """Lowest and highest units of each layer for lines whose work is spread evenly."""
    share = np.arange(len(reach)) / max(1, len(reach) - 1)
    slack = 2 * longest + SLACK_SHARE * most
    low = np.maximum(0, np.floor(share * least - slack)).astype(np.int64)
    high = np.ceil(share * most + slack).astype(np.int64)
    low[-1] = 0
    return low, np.minimum(reach, high)
