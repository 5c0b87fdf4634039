"""A stretch of days of one line, drawn as likely as it is cheap.

What a stretch may be is a path through the graph of the law; all paths are weighed at once, day
by day, so a draw is lawful but for what is counted.
"""

import numpy as np

from scheduler.solve.lines.compiled import within
from scheduler.solve.lines.kernel import INFINITE
from scheduler.solve.lines.problem import FloatArray, IntArray
from scheduler.solve.lines.redraw_tables import Laws, People, Prices, Room, Roster

NEVER = 40.0
"""An option that costs so many degrees more than another of its day is not drawn."""


@within
def one_more(prices: Prices, covered: IntArray, option: int) -> float:
    """What the rows of an option cost more when they are covered once more."""
    cost = 0.0
    for at in range(prices.row_from[option], prices.row_from[option + 1]):
        row = prices.rows[at]
        cost += prices.over[row] if covered[row] >= prices.want[row] else -prices.short[row]
    return cost


@within
def weigh(
    laws: Laws, people: People, prices: Prices, roster: Roster, room: Room, who: int, begin: int,
    end: int, warmth: float,
) -> None:  # fmt: skip
    """Fill what each option of a stretch, which nobody covers for this person, costs and weighs."""
    graph = people.graph[who]
    for day in range(begin, end):
        here, first = day - begin, prices.of_day[day]
        count, least = prices.of_day[day + 1] - first, 0.0
        for n in range(count):
            more = people.cost[who, first + n]
            if more < INFINITE:
                more += one_more(prices, roster.covered, first + n)
                least = min(least, more)
            room.more[here, n] = more
        for label in range(laws.width[graph, day]):
            room.weight[here, label] = 0.0
        room.weight[here, 0] = np.exp(least / warmth)
        for n in range(count):
            worse = (room.more[here, n] - least) / warmth
            own = np.exp(-worse) if worse < NEVER else 0.0
            room.own[here, n] = own
            room.weight[here, laws.label[graph, first + n]] += own


@within
def spread(laws: Laws, roster: Roster, room: Room, graph: int, who: int, begin: int, end: int
           ) -> None:  # fmt: skip
    """Fill how likely each node is, from the one before the stretch on."""
    nodes = room.likely.shape[1]
    for node in range(nodes):
        room.likely[0, node] = 0.0
    room.likely[0, roster.nodes[who, begin]] = 1.0
    for day in range(begin, end):
        here, width, base = day - begin, laws.width[graph, day], laws.base[graph, day]
        for node in range(nodes):
            room.likely[here + 1, node] = 0.0
        for node in range(nodes):
            likely = room.likely[here, node]
            if likely > 0.0:
                for label in range(width):
                    weight = room.weight[here, label]
                    if weight > 0.0:
                        then = laws.onward[base + node * width + label]
                        if then >= 0:
                            room.likely[here + 1, then] += likely * weight


@within
def goes_on(laws: Laws, roster: Roster, graph: int, who: int, node: int, day: int) -> bool:
    """Whether the rest of a line is lawful from another node on."""
    line = roster.lines[who]
    while day < len(line) and node >= 0 and node != roster.nodes[who, day]:
        label = laws.label[graph, line[day]] if line[day] >= 0 else 0
        node = laws.onward[laws.base[graph, day] + node * laws.width[graph, day] + label]
        day += 1
    return node >= 0


@within
def chosen(weights: FloatArray, rng: np.random.Generator) -> int:
    """A place, as likely as it weighs; -1 where nothing weighs anything."""
    total, found = 0.0, -1
    for weight in weights:
        total += weight
    rest = rng.random() * total
    for n in range(len(weights)):
        if weights[n] > 0.0:
            found = n
            rest -= weights[n]
            if rest < 0.0:
                break
    return found


@within
def came_from(
    laws: Laws, room: Room, graph: int, day: int, here: int, node: int, rng: np.random.Generator
) -> tuple[int, int]:
    """A node before a day and the label that led from there, as likely as they are."""
    base, width = laws.base[graph, day], laws.width[graph, day]
    rest, source, label = rng.random() * room.likely[here + 1, node], -1, 0
    for before in range(room.likely.shape[1]):
        likely = room.likely[here, before]
        if likely > 0.0:
            for n in range(width):
                weight = room.weight[here, n]
                if weight > 0.0 and laws.onward[base + before * width + n] == node:
                    source, label = before, n
                    rest -= likely * weight
                    if rest < 0.0:
                        return source, label
    return source, label


@within
def draw(
    laws: Laws, prices: Prices, roster: Roster, room: Room, graph: int, who: int, begin: int,
    end: int, rng: np.random.Generator,
) -> bool:  # fmt: skip
    """Write a stretch into `room.drawn[0]`; whether there is one."""
    last = room.likely[end - begin]
    for node in range(len(last)):
        if last[node] > 0.0 and not goes_on(laws, roster, graph, who, node, end):
            last[node] = 0.0
    node = chosen(last, rng)
    if node < 0:
        return False
    for day in range(end - 1, begin - 1, -1):
        here, first = day - begin, prices.of_day[day]
        node, label = came_from(laws, room, graph, day, here, node, rng)
        room.drawn[0, here] = -1
        if label > 0:
            own = room.own[here, : prices.of_day[day + 1] - first]
            for n in range(len(own)):
                if laws.label[graph, first + n] != label:
                    own[n] = 0.0
            room.drawn[0, here] = first + chosen(own, rng)
    return True
