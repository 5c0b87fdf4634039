"""The hot loops of pricing: values of all states of a line, and the best lines along them.

A state is (day, node, counters, units of minutes). Counters that may not pass a most are one
mixed-radix number; `onward[tally, counters]` says the next or -1. The table of values is flat:
`base[day] + (node × counters + counter) × levels + level` holds the least cost to the end.

Arguments that all share: first: first arc of every node, nodes numbered through all days, shape
(nodes + 1,); node_base: number of each layer's first node; arcs: source, target, label, tally,
shape (4, arcs); base: of each layer in the table; units, price: of each class of options; toll:
price of each tally.
"""

from scheduler.solve.lines.compiled import compiled
from scheduler.solve.lines.laws import IntArray
from scheduler.solve.lines.problem import FloatArray

INFINITE = 1e300


@compiled
def cheapest(reduced: FloatArray, class_of: IntArray, best: FloatArray, option: IntArray) -> None:
    """Fill the cheapest cost and option of each class; class 0 is off and costs nothing."""
    for label in range(len(best)):
        best[label] = INFINITE
        option[label] = -1
    best[0] = 0.0
    for o in range(len(reduced)):
        if reduced[o] < best[class_of[o]]:
            best[class_of[o]] = reduced[o]
            option[class_of[o]] = o


@compiled
def fill(
    first: IntArray, node_base: IntArray, arcs: IntArray, base: IntArray, units: IntArray,
    price: FloatArray, toll: FloatArray, onward: IntArray, floor: IntArray, reach: IntArray,
    terminal: FloatArray, table: FloatArray,
) -> None:  # fmt: skip
    """Fill the table backwards.

    floor, reach: Lowest and highest level of each layer, shape (days + 1,).
    terminal: Cost of ending in each level, shape (levels,).
    table: Where the values go.
    """
    days, levels, counters = len(base) - 1, len(terminal), onward.shape[1]
    for counter in range(counters):  # the last layer has one node
        for level in range(levels):
            table[base[days] + counter * levels + level] = terminal[level]
    for day in range(days - 1, -1, -1):
        for place in range(base[day], base[day + 1]):
            table[place] = INFINITE
        for arc in range(first[node_base[day]], first[node_base[day + 1]]):
            cost, more = price[arcs[2, arc]] + toll[arcs[3, arc]], units[arcs[2, arc]]
            if cost >= INFINITE:
                continue
            most = min(reach[day], levels - 1 - more)
            for counter in range(counters):
                then = onward[arcs[3, arc], counter]
                if then < 0:
                    continue
                here = base[day] + (arcs[0, arc] * counters + counter) * levels
                there = base[day + 1] + (arcs[1, arc] * counters + then) * levels + more
                for level in range(floor[day], most + 1):
                    value = cost + table[there + level]
                    held = table[here + level]
                    table[here + level] = value if value < held else held  # noqa: FURB136 - vectorised


@compiled
def follow(
    first: IntArray, node_base: IntArray, arcs: IntArray, base: IntArray, units: IntArray,
    price: FloatArray, toll: FloatArray, onward: IntArray, levels: int, table: FloatArray, day: int,
    state: IntArray, path: IntArray,
) -> None:  # fmt: skip
    """Write the arcs of the best line from a state (node, counter, level) on into `path`."""
    counters = onward.shape[1]
    node, counter, level = state[0], state[1], state[2]
    for at in range(day, len(base) - 1):
        best, chosen = INFINITE, -1
        for arc in range(first[node_base[at] + node], first[node_base[at] + node + 1]):
            then, more = onward[arcs[3, arc], counter], units[arcs[2, arc]]
            if then < 0 or level + more >= levels or price[arcs[2, arc]] >= INFINITE:
                continue
            there = base[at + 1] + (arcs[1, arc] * counters + then) * levels + level + more
            value = price[arcs[2, arc]] + toll[arcs[3, arc]] + table[there]
            if value < best:
                best, chosen = value, arc
        path[at] = chosen
        if chosen < 0:
            return
        node, counter = arcs[1, chosen], onward[arcs[3, chosen], counter]
        level += units[arcs[2, chosen]]


@compiled
def turnings(
    first: IntArray, node_base: IntArray, arcs: IntArray, base: IntArray, units: IntArray,
    price: FloatArray, toll: FloatArray, onward: IntArray, levels: int, table: FloatArray,
    path: IntArray, value: FloatArray, turn: IntArray, state: IntArray,
) -> None:  # fmt: skip
    """For each day, the cheapest line that leaves the best line there.

    path: The best line's arcs, shape (days,).
    value: Filled: the whole cost of the turned line, shape (days,).
    turn: Filled: the arc taken at the turning, shape (days,).
    state: Filled: the state behind the turning, shape (days, 3).
    """
    counters = onward.shape[1]
    node, counter, level, spent = 0, 0, 0, 0.0
    for day in range(len(path)):
        value[day] = INFINITE
        for arc in range(first[node_base[day] + node], first[node_base[day] + node + 1]):
            then, more = onward[arcs[3, arc], counter], units[arcs[2, arc]]
            if arc == path[day] or then < 0 or level + more >= levels:
                continue
            if price[arcs[2, arc]] >= INFINITE:
                continue
            there = base[day + 1] + (arcs[1, arc] * counters + then) * levels + level + more
            whole = spent + price[arcs[2, arc]] + toll[arcs[3, arc]] + table[there]
            if whole < value[day]:
                value[day], turn[day] = whole, arc
                state[day, 0], state[day, 1], state[day, 2] = arcs[1, arc], then, level + more
        spent += price[arcs[2, path[day]]] + toll[arcs[3, path[day]]]
        node, counter = arcs[1, path[day]], onward[arcs[3, path[day]], counter]
        level += units[arcs[2, path[day]]]


@compiled
def widen(
    first: IntArray, node_base: IntArray, arcs: IntArray, base: IntArray, units: IntArray,
    price: FloatArray, toll: FloatArray, onward: IntArray, levels: int, table: FloatArray, day: int,
    watched: IntArray, most: IntArray, limit: float, low: int, high: int, places: IntArray,
    costs: FloatArray, counts: IntArray, heads: IntArray,
) -> int:  # fmt: skip
    """Labels of the next layer out of those low … high - 1; returns the end of the new ones.

    day: Of the layer that is widened.
    watched: Counters kept in the labels: what each tally adds, shape (tallies, watched).
    most: Of each watched counter.
    limit: No label goes on from which the end costs more.
    places: Of each label: place in its layer, parent, arc, next label of the same place.
    costs: Of each label so far.
    counts: Watched counters of each label, shape (labels, watched).
    heads: Last label of each place, -1 in all places; left so.
    """
    counters, end = onward.shape[1], high
    for label in range(low, high):
        place = places[label, 0]
        level = place % levels
        counter = place // levels % counters
        node = node_base[day] + place // levels // counters
        for arc in range(first[node], first[node + 1]):
            then, more = onward[arcs[3, arc], counter], units[arcs[2, arc]]
            cost = costs[label] + price[arcs[2, arc]] + toll[arcs[3, arc]]
            if then < 0 or level + more >= levels or cost >= INFINITE:
                continue
            there = (arcs[1, arc] * counters + then) * levels + level + more
            if cost + table[base[day + 1] + there] > limit:
                continue
            good = True
            for n in range(len(most)):
                counts[end, n] = counts[label, n] + watched[arcs[3, arc], n]
                good = good and counts[end, n] <= most[n]
            other = heads[there]
            while good and other >= 0:  # is it dominated?
                worse = costs[other] <= cost
                for n in range(len(most)):
                    worse = worse and counts[other, n] <= counts[end, n]
                good = not worse
                other = places[other, 3]
            if good and end < len(costs) - 1:
                places[end, 0], places[end, 1] = there, label
                places[end, 2], places[end, 3] = arc, heads[there]
                costs[end], heads[there] = cost, end
                end += 1
    for label in range(high, end):
        heads[places[label, 0]] = -1
    return end
