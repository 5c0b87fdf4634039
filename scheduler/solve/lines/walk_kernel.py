"""The hot loop of walks: one whole line after another is drawn anew at mixed, noisy prices."""

from typing import NamedTuple

import numpy as np

from scheduler.solve.lines.anneal_kernel import Lawful, Now, exchange, own_cost, recount, settled
from scheduler.solve.lines.cheap import Paths
from scheduler.solve.lines.compiled import compiled, within
from scheduler.solve.lines.kernel import INFINITE, fill, follow
from scheduler.solve.lines.moves import Costs
from scheduler.solve.lines.problem import FloatArray, IntArray
from scheduler.solve.lines.proposals import below
from scheduler.solve.lines.shared import worth_of

BARRED = -1e6
"""Price of a row that may not have one more."""
LEAST = 1e-300
"""So that noise is finite."""


class Mood(NamedTuple):
    """How lines are drawn.

    warmth: Of the noise, in cost. heed: Share that what rows want just now has in their prices; the
    rest is their average so far. memory: Share of each moment in that average.
    """

    warmth: float
    heed: float
    memory: float


class Room(NamedTuple):
    """Room to work in.

    table: values of states. price, option: of each class. path: arcs of a line. worth: of rows that
    share their parts. paid: of all rows. toll, onward: nothing, for every tally.
    """

    table: FloatArray
    price: FloatArray
    option: IntArray
    path: IntArray
    worth: FloatArray
    paid: FloatArray
    toll: FloatArray
    onward: IntArray


@within
def heeded(
    costs: Costs, now: Now, rows: IntArray, average: FloatArray, mood: Mood, room: Room
) -> None:  # fmt: skip
    """Fill what is paid for one more in each row, and go on with the average."""
    alone = len(costs.table)
    for row in range(len(room.worth)):
        room.worth[row] = 0.0
    worth_of(costs.shared, costs.shared.least > now.served, room.worth)
    for row in rows:
        if row < alone:
            count = now.covered[row]
            more = costs.table[row, count] - costs.table[row, count + 1]
        else:
            more = room.worth[row - alone]
        if more < BARRED:
            room.paid[row] = BARRED
            continue
        average[row] += mood.memory * (more - average[row])
        room.paid[row] = mood.heed * more + (1.0 - mood.heed) * average[row]


@within
def cheapest(
    lawful: Lawful, paths: Paths, place: int, group: int, alone: int, warmth: float, room: Room,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """Fill the cheapest option of each class and its cost, less what is paid, with noise.

    Noise of Gumbel makes the cheapest as likely as if each were drawn by its weight.
    """
    base = paths.class_from[place]
    for label in range(paths.class_from[place + 1] - base):
        room.price[label] = INFINITE
    room.price[0], room.option[0] = 0.0, -1
    for option in range(paths.class_of.shape[1]):
        label = paths.class_of[place, option]
        cost = lawful.cost[group, option]
        if cost >= INFINITE or not paths.used[base + label]:
            continue
        cost += warmth * np.log(LEAST - np.log(1.0 - rng.random()))
        for at in range(lawful.row_from[group, option], lawful.row_served[group, option]):
            cost -= room.paid[lawful.rows[at]]
        for at in range(lawful.row_served[group, option], lawful.row_from[group, option + 1]):
            cost -= room.paid[alone + lawful.rows[at]]
        if cost < room.price[label]:
            room.price[label], room.option[label] = cost, option


@within
def draw(paths: Paths, place: int, later: IntArray, room: Room, line: IntArray) -> None:
    """Write the best line at the classes' prices, in later options; where none is left, nothing."""
    nodes, levels = paths.node_base[place], paths.ending.shape[1]
    first = paths.first[paths.first_from[place] : paths.first_from[place + 1]]
    arcs = paths.arcs[:, paths.arc_from[place] : paths.arc_from[place + 1]]
    units = paths.units[paths.class_from[place] : paths.class_from[place + 1]]
    base = paths.table_base[place]
    fill(
        first, nodes, arcs, base, units, room.price, room.toll, room.onward, paths.floor[place],
        paths.reach[place], paths.ending[place], room.table,
    )  # fmt: skip
    if room.table[0] >= INFINITE:
        return
    follow(
        first, nodes, arcs, base, units, room.price, room.toll, room.onward, levels, room.table, 0,
        np.zeros(3, dtype=np.int64), room.path,
    )  # fmt: skip
    for day in range(len(line)):
        option = room.option[arcs[2, room.path[day]]]
        line[day] = later[option] if option >= 0 else -1


@compiled
def walk(
    lawful: Lawful, costs: Costs, paths: Paths, places: IntArray, later: IntArray, now: Now,
    rows: IntArray, average: FloatArray, room: Room, best: IntArray, margin: float, mood: Mood,
    draws: int, rng: np.random.Generator,
) -> tuple[float, float]:  # fmt: skip
    """Draw so many lines.

    Args:
        lawful: Which lines are, and what they cover.
        costs: What rows cost.
        paths: Where cheap lines lie.
        places: Of each person in `paths`.
        later: The option that stands for the same as another than the first of a line.
        now: The roster, changed.
        rows: Rows that these people can cover.
        average: Of their prices, changed; shape (all rows,).
        room: To work in.
        best: The best lines, written when they cost less than `margin`.
        margin: Cost of the best lines, counted from the cost before.
        mood: How lines are drawn.
        draws: How many.
        rng: All chance.

    Returns:
        Cost of the lines, and of the best ones, both counted from the cost before.
    """
    who, line = np.zeros(1, dtype=np.int64), np.zeros((1, best.shape[1]), dtype=np.int64)
    cost, alone = 0.0, len(costs.table)
    for _ in range(draws):
        who[0] = below(rng, len(now.lines))
        group, place = now.groups[who[0]], places[who[0]]
        now.touched[-1] = 0
        for day in range(line.shape[1]):
            line[0, day] = -1
        cost += exchange(lawful, costs, now, who, line)  # which leaves in `line` the one before
        heeded(costs, now, rows, average, mood, room)
        cheapest(lawful, paths, place, group, alone, mood.warmth, room, rng)
        draw(paths, place, later, room, line[0])
        cost += exchange(lawful, costs, now, who, line) + recount(costs.shared, now)
        own = own_cost(lawful, group, now.lines[who[0]])
        cost += own - now.own[who[0]]
        now.own[who[0]] = own
        margin = settled(now, best, cost, margin)
    return cost, margin
