"""The hot loop of redrawing: stretches of lines drawn anew, and traded between two people."""

import numpy as np

from scheduler.solve.lines.anneal_kernel import HOPELESS
from scheduler.solve.lines.compiled import compiled, within
from scheduler.solve.lines.kernel import INFINITE
from scheduler.solve.lines.problem import TOLERANCE, IntArray
from scheduler.solve.lines.proposals import below
from scheduler.solve.lines.redraw_draw import draw, spread, weigh
from scheduler.solve.lines.redraw_tables import Laws, People, Prices, Room, Roster


@within
def cover(prices: Prices, covered: IntArray, option: int, by: int) -> None:
    """Cover the rows of an option once more or less."""
    if option >= 0:
        for at in range(prices.row_from[option], prices.row_from[option + 1]):
            covered[prices.rows[at]] += by


@within
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


@within
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


@within
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


@within
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
