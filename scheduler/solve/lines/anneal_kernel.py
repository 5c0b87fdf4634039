"""The hot loop of annealing: small changes of lawful lines, each taken or not by what it costs."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler.solve.lines.compiled import compiled, within
from scheduler.solve.lines.kernel import INFINITE
from scheduler.solve.lines.moves import Costs
from scheduler.solve.lines.near import Near
from scheduler.solve.lines.problem import TOLERANCE, FloatArray, IntArray
from scheduler.solve.lines.proposals import copy, propose
from scheduler.solve.lines.shared import Shared, share

HOPELESS = 60.0
"""A change that costs a line in itself so many degrees is not looked at."""


class Lawful(NamedTuple):
    """Which lines are lawful and what they cost, by group.

    onward: next nodes, -1 for none: of a group from `base[group, day] + node * width[day]` on, by
    label (0: off). label, units, first: of each option. reach: most units up to each day. cost: of
    each option. ending: of all units. row_from, rows: what each option covers, shape (groups,
    options + 1), numbered through all groups: rows that stand alone, then from `row_served` on the
    others, by their place among these. service: the same number for options with the same others,
    0 for none.
    """

    onward: npt.NDArray[np.int16]
    base: IntArray
    width: IntArray
    label: IntArray
    units: IntArray
    first: IntArray
    reach: IntArray
    cost: FloatArray
    ending: FloatArray
    row_from: IntArray
    row_served: IntArray
    rows: IntArray
    service: IntArray


@compiled
def own_cost(lawful: Lawful, group: int, line: IntArray) -> float:
    """Cost of a line in itself, infinite if it is not lawful."""
    node, units, cost, begun = 0, 0, 0.0, False
    for day in range(len(line)):
        option, label = line[day], 0
        if option >= 0:
            option = option if begun else lawful.first[option]
            begun, label = True, lawful.label[option]
            cost += lawful.cost[group, option]
            units += lawful.units[option]
            if cost >= INFINITE or units > lawful.reach[group, day + 1]:
                return INFINITE
        node = lawful.onward[lawful.base[group, day] + node * lawful.width[day] + label]
        if node < 0:
            return INFINITE
    return float(cost + lawful.ending[group, units])


@within
def relay(
    lawful: Lawful, table: FloatArray, group: int, old: int, new: int, covered: IntArray
) -> float:
    """Cover the rows that stand alone by one option in place of another; what they cost more."""
    cost = 0.0
    if old >= 0:
        for at in range(lawful.row_from[group, old], lawful.row_served[group, old]):
            row = lawful.rows[at]
            cost += table[row, covered[row] - 1] - table[row, covered[row]]
            covered[row] -= 1
    if new >= 0:
        for at in range(lawful.row_from[group, new], lawful.row_served[group, new]):
            row = lawful.rows[at]
            cost += table[row, covered[row] + 1] - table[row, covered[row]]
            covered[row] += 1
    return cost


class Now(NamedTuple):
    """A roster in the making. groups: of each person. lines: later options only, by person.

    own: Cost of each line in itself. covered: How often rows that stand alone are covered, served:
    the others, by other people too. held: Cost of each cluster of the others; then: the same after
    a change; touched: clusters that a change touches, the first `touched[-1]` of them. lack,
    missing: Room to count in.
    """

    groups: IntArray
    lines: IntArray
    own: FloatArray
    covered: IntArray
    served: IntArray
    held: FloatArray
    then: FloatArray
    touched: IntArray
    lack: IntArray
    missing: IntArray


@within
def serve(lawful: Lawful, cluster: IntArray, now: Now, group: int, before: int, after: int) -> None:
    """Serve the other rows by one option in place of another, and note the clusters."""
    for option, by in ((before, -1), (after, 1)):
        if option < 0:
            continue
        for at in range(lawful.row_served[group, option], lawful.row_from[group, option + 1]):
            row = lawful.rows[at]
            now.served[row] += by
            count, known = now.touched[-1], False
            for n in range(count):
                known = known or now.touched[n] == cluster[row]
            if not known:
                now.touched[count] = cluster[row]
                now.touched[-1] = count + 1


@within
def exchange(lawful: Lawful, costs: Costs, now: Now, who: IntArray, lines: IntArray) -> float:
    """Trade people's lines for others; what rows that stand alone cost more by it.

    lines: Shape (changed people, days); filled with the lines before, so doing it again undoes it.
    """
    cost = 0.0
    for n in range(len(lines)):
        group, own = now.groups[who[n]], now.lines[who[n]]
        for day in range(len(own)):
            old, new = own[day], lines[n, day]
            if old == new:
                continue
            cost += relay(lawful, costs.table, group, old, new, now.covered)
            was = lawful.service[group, old] if old >= 0 else 0
            will = lawful.service[group, new] if new >= 0 else 0
            if was != will:
                serve(lawful, costs.shared.cluster, now, group, old, new)
            own[day], lines[n, day] = new, old
    return cost


@within
def recount(shared: Shared, now: Now) -> float:
    """What the touched clusters cost more."""
    cost = 0.0
    for n in range(now.touched[-1]):
        cluster = now.touched[n]
        now.then[cluster] = share(shared, cluster, now.served, now.lack, now.missing)
        cost += now.then[cluster] - now.held[cluster]
    return cost


@within
def settled(now: Now, best: IntArray, cost: float, below: float) -> float:
    """Take over what touched clusters cost after a change; the cost of the best lines.

    best: Written with the lines where these cost less than `below`.
    """
    for n in range(now.touched[-1]):
        now.held[now.touched[n]] = now.then[now.touched[n]]
    if cost < below - TOLERANCE:
        below = cost
        for n in range(len(best)):
            copy(now.lines[n], best[n])
    return below


@compiled
def anneal(
    lawful: Lawful, costs: Costs, near: Near, now: Now, best: IntArray, below: float,
    warmth: float, tries: int, rng: np.random.Generator,
) -> tuple[float, float]:  # fmt: skip
    """Try so many changes of lines.

    Args:
        lawful: Which lines are.
        costs: What rows cost.
        near: What is near each option.
        now: The roster, changed.
        best: The best lines, written when they cost less than `below`.
        below: Cost of the best lines, counted from the cost before.
        warmth: What a change may cost, about.
        tries: How many.
        rng: All chance.

    Returns:
        Cost of the lines, and of the best ones, both counted from the cost before.
    """
    who, two = np.zeros(2, dtype=np.int64), np.zeros((2, best.shape[1]), dtype=np.int64)
    cost, own, most = 0.0, np.zeros(2), HOPELESS * warmth
    for _ in range(tries):
        lines, change = two[: propose(near, now.lines, rng, who, two)], 0.0
        for n in range(len(lines)):
            own[n] = own_cost(lawful, now.groups[who[n]], lines[n])
            change += own[n] - now.own[who[n]]
        if len(lines) == 0 or change > most:
            continue
        now.touched[-1] = 0
        change += exchange(lawful, costs, now, who, lines)
        change += recount(costs.shared, now)
        if change > 0 and (change > most or rng.random() >= np.exp(-change / warmth)):
            exchange(lawful, costs, now, who, lines)
            continue
        cost += change
        for n in range(len(lines)):
            now.own[who[n]] = own[n]
        below = settled(now, best, cost, below)
    return cost, below
