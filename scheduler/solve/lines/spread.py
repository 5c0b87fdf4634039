"""All lines of a group that cost little more than its best one."""

import numpy as np

from scheduler.solve.lines.compiled import compiled
from scheduler.solve.lines.kernel import INFINITE
from scheduler.solve.lines.laws import IntArray
from scheduler.solve.lines.problem import FloatArray
from scheduler.solve.lines.proposals import copy


@compiled
def spread(
    first: IntArray, node_base: IntArray, arcs: IntArray, base: IntArray, units: IntArray,
    onward: IntArray, levels: int, table: FloatArray, reduced: FloatArray, option_from: IntArray,
    options: IntArray, gains: IntArray, most: IntArray, limit: float, found: IntArray,
) -> int:  # fmt: skip
    """Fill `found` with the lines that cost at most `limit`; how many, or -1 if there is no room.

    reduced: Cost of each option. most: Of all counters. found: Shape (room, days).
    option_from: Where the options of each class begin in `options`; class 0 holds -1.
    gains: What each tally adds to all counters, shape (tallies, counters).
    """
    days, counters, count, day = len(base) - 1, onward.shape[1], 0, 0
    state = np.zeros((days + 1, 3), dtype=np.int64)  # node, counter, level
    at = np.zeros((days + 1, 2), dtype=np.int64)  # arc, option
    spent, line = np.zeros(days + 1), np.zeros(days, dtype=np.int64)
    counted = np.zeros((days + 1, len(most)), dtype=np.int64)
    at[0, 0] = first[0]
    while day >= 0:
        arc, node = at[day, 0], node_base[day] + state[day, 0]
        if arc >= first[node + 1]:
            day -= 1
            continue
        label = arcs[2, arc]
        if at[day, 1] >= option_from[label + 1] - option_from[label]:
            at[day, 0], at[day, 1] = arc + 1, 0
            continue
        option = options[option_from[label] + at[day, 1]]
        at[day, 1] += 1
        then, level = onward[arcs[3, arc], state[day, 1]], state[day, 2] + units[label]
        cost = spent[day] + (reduced[option] if option >= 0 else 0.0)
        if then < 0 or level >= levels or cost >= INFINITE:
            continue
        there = base[day + 1] + (arcs[1, arc] * counters + then) * levels + level
        good = cost + table[there] <= limit
        for n in range(len(most)):
            counted[day + 1, n] = counted[day, n] + gains[arcs[3, arc], n]
            good = good and counted[day + 1, n] <= most[n]
        if not good:
            continue
        line[day] = option
        if day == days - 1:
            if count == len(found):
                return -1
            copy(line, found[count])
            count += 1
            continue
        day += 1
        spent[day], state[day, 0], state[day, 1], state[day, 2] = cost, arcs[1, arc], then, level
        at[day, 0], at[day, 1] = first[node_base[day] + arcs[1, arc]], 0
    return count
