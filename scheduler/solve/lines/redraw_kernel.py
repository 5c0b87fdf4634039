"""The hot loop of redrawing: a stretch of days of one line anew, as likely as it is cheap.

What a stretch may be is a path through the graph of the law; all paths are weighed at once, day
by day, so a draw is lawful but for what is counted. Two people may also trade a stretch.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler.solve.lines.compiled import compiled
from scheduler.solve.lines.kernel import INFINITE
from scheduler.solve.lines.problem import TOLERANCE, FloatArray, IntArray

NEVER = 40.0
"""An option that costs so many degrees more than another of its day is not drawn."""
HOPELESS = 60.0
"""A trade that costs so many degrees more is not looked at further."""


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


@compiled
def below(rng: np.random.Generator, count: int) -> int:
    """A number from 0 on below that one."""
    return int(rng.random() * count)


@compiled
def one_more(prices: Prices, covered: IntArray, option: int) -> float:
    """What the rows of an option cost more when they are covered once more."""
    cost = 0.0
    for at in range(prices.row_from[option], prices.row_from[option + 1]):
        row = prices.rows[at]
        cost += prices.over[row] if covered[row] >= prices.want[row] else -prices.short[row]
    return cost


@compiled
def cover(prices: Prices, covered: IntArray, option: int, by: int) -> None:
    """Cover the rows of an option once more or less."""
    if option >= 0:
        for at in range(prices.row_from[option], prices.row_from[option + 1]):
            covered[prices.rows[at]] += by


@compiled
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


@compiled
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


@compiled
def goes_on(laws: Laws, roster: Roster, graph: int, who: int, node: int, day: int) -> bool:
    """Whether the rest of a line is lawful from another node on."""
    line = roster.lines[who]
    while day < len(line) and node >= 0 and node != roster.nodes[who, day]:
        label = laws.label[graph, line[day]] if line[day] >= 0 else 0
        node = laws.onward[laws.base[graph, day] + node * laws.width[graph, day] + label]
        day += 1
    return node >= 0


@compiled
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


@compiled
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


@compiled
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


@compiled
def keeps(
    laws: Laws, people: People, prices: Prices, roster: Roster, who: int, begin: int, end: int,
    drawn: IntArray, gained: IntArray,
) -> float:  # fmt: skip
    """What another stretch costs more in the end, infinite where it breaks the law.

    Fills `gained`: what the counters would be.
    """
    graph, line = people.graph[who], roster.lines[who]
    node, day, units = roster.nodes[who, begin], begin, 0
    for counter in range(len(gained)):
        gained[counter] = roster.counts[who, counter]
    while day < len(line) and (day < end or node != roster.nodes[who, day]):
        base, width = laws.base[graph, day], laws.width[graph, day]
        old = line[day]
        new = drawn[day - begin] if day < end else old
        at = base + node * width + (laws.label[graph, new] if new >= 0 else 0)
        was = base + roster.nodes[who, day] * width + (laws.label[graph, old] if old >= 0 else 0)
        node = laws.onward[at]
        if node < 0:
            return INFINITE
        if laws.tally[at] != laws.tally[was]:
            for counter in range(len(gained)):
                gained[counter] += (
                    laws.gains[graph, laws.tally[at], counter]
                    - laws.gains[graph, laws.tally[was], counter]
                )
        units += prices.units[new] if new >= 0 else 0
        units -= prices.units[old] if old >= 0 else 0
        day += 1
    for counter in range(len(gained)):
        if gained[counter] > people.most[who, counter]:
            return INFINITE
    worked = roster.worked[who] + units
    if worked > people.units[who]:
        return INFINITE
    return float(people.ending[who, worked] - people.ending[who, roster.worked[who]])


@compiled
def settle(
    laws: Laws, people: People, prices: Prices, roster: Roster, who: int, begin: int, end: int,
    drawn: IntArray, gained: IntArray,
) -> None:  # fmt: skip
    """Make a stretch that keeps the law part of the line; the caller covers its rows."""
    graph, line = people.graph[who], roster.lines[who]
    node, day = roster.nodes[who, begin], begin
    for counter in range(len(gained)):
        roster.counts[who, counter] = gained[counter]
    roster.stale[who] = True
    while day < len(line) and (day < end or node != roster.nodes[who, day]):
        roster.nodes[who, day] = node
        if day < end:
            old, new = line[day], drawn[day - begin]
            roster.worked[who] += prices.units[new] if new >= 0 else 0
            roster.worked[who] -= prices.units[old] if old >= 0 else 0
            line[day] = new
        label = laws.label[graph, line[day]] if line[day] >= 0 else 0
        node = laws.onward[laws.base[graph, day] + node * laws.width[graph, day] + label]
        day += 1
    roster.nodes[who, day] = node


@compiled
def redraw(
    laws: Laws, people: People, prices: Prices, roster: Roster, room: Room, who: int, begin: int,
    end: int, warmth: float, rng: np.random.Generator,
) -> float:  # fmt: skip
    """Draw a stretch of somebody's line anew; what the roster costs more."""
    graph, line, change = people.graph[who], roster.lines[who], 0.0
    for day in range(begin, end):
        cover(prices, roster.covered, line[day], -1)
    weigh(laws, people, prices, roster, room, who, begin, end, warmth)
    spread(laws, roster, room, graph, who, begin, end)
    taken = draw(laws, prices, roster, room, graph, who, begin, end, rng)
    if taken:
        ending = keeps(laws, people, prices, roster, who, begin, end, room.drawn[0], room.gained[0])
        taken = ending <= 0 or (ending < INFINITE and rng.random() < np.exp(-ending / warmth))
        if taken:
            change = ending
            for day in range(begin, end):
                here, first = day - begin, prices.of_day[day]
                old, new = line[day], room.drawn[0, here]
                change += room.more[here, new - first] if new >= 0 else 0.0
                change -= room.more[here, old - first] if old >= 0 else 0.0
            settle(laws, people, prices, roster, who, begin, end, room.drawn[0], room.gained[0])
    for day in range(begin, end):
        cover(prices, roster.covered, line[day], 1)
    return float(change)


@compiled
def trade(
    laws: Laws, people: People, prices: Prices, roster: Roster, room: Room, one: int, two: int,
    begin: int, end: int, warmth: float, rng: np.random.Generator,
) -> float:  # fmt: skip
    """Let two people trade a stretch; what the roster costs more."""
    change, differ = 0.0, False
    for day in range(begin, end):
        mine, theirs = roster.lines[one, day], roster.lines[two, day]
        room.drawn[0, day - begin], room.drawn[1, day - begin] = theirs, mine
        differ = differ or mine != theirs
        if mine >= 0:
            change += people.cost[two, mine] - people.cost[one, mine]
        if theirs >= 0:
            change += people.cost[one, theirs] - people.cost[two, theirs]
        if change > HOPELESS * warmth:
            return 0.0
    if not differ:
        return 0.0
    change += keeps(laws, people, prices, roster, one, begin, end, room.drawn[0], room.gained[0])
    if change > HOPELESS * warmth:
        return 0.0
    change += keeps(laws, people, prices, roster, two, begin, end, room.drawn[1], room.gained[1])
    if change > HOPELESS * warmth or (change > 0 and rng.random() >= np.exp(-change / warmth)):
        return 0.0
    settle(laws, people, prices, roster, one, begin, end, room.drawn[0], room.gained[0])
    settle(laws, people, prices, roster, two, begin, end, room.drawn[1], room.gained[1])
    return float(change)


@compiled
def redraw_all(
    laws: Laws, people: People, prices: Prices, roster: Roster, room: Room, best: IntArray,
    margin: float, warmth: float, tries: int, traded: float, rng: np.random.Generator,
) -> tuple[float, float]:  # fmt: skip
    """So many changes.

    best: The best lines; written when the roster costs less than them by more than `margin`.

    Returns:
        Cost, and cost of the best, both counted from the cost before.
    """
    count, days, longest = roster.lines.shape[0], roster.lines.shape[1], len(room.weight)
    cost = 0.0
    for _ in range(tries):
        size = min(days, 1 + below(rng, longest))
        begin = below(rng, days - size + 1)
        who = below(rng, count)
        if rng.random() < traded:
            two = below(rng, count)
            if two != who:
                cost += trade(
                    laws, people, prices, roster, room, who, two, begin, begin + size, warmth, rng
                )
        else:
            cost += redraw(
                laws, people, prices, roster, room, who, begin, begin + size, warmth, rng
            )
        if cost < margin - TOLERANCE:
            margin = cost
            for n in range(count):
                if roster.stale[n]:
                    for day in range(days):
                        best[n, day] = roster.lines[n, day]
                    roster.stale[n] = False
    return cost, margin
