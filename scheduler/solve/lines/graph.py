"""A law as a layered graph: nodes between days, arcs that are worked or off.

The automata of all terms are run together day by day, then nodes with the same future are made
one, last day first. Options of a day that no node tells apart (and of the same minutes) are one
class; the pricing looks at the cheapest of each.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scheduler.solve.lines.laws import IntArray, Law
from scheduler.solve.lines.problem import OFF, Options

if TYPE_CHECKING:
    from collections.abc import Hashable

LARGEST = 20_000_000
"""Numbers up to this are found by marking them in a table, larger ones by sorting."""


@dataclass(frozen=True)
class Graph:
    """Arcs of all days, by day and source.

    nodes: of each layer, shape (days + 1,). node_base: number of each layer's first node.
    first: first arc of every node, shape (all nodes + 1,). arcs: source, target (numbers within
    their layers), label (class of options, 0 is off), tally (which of `gains` is added to the
    counters), shape (4, arcs). gains: shape (tallies, counters). class_of: of each option.
    class_units: units of minutes of each class.
    """

    nodes: IntArray
    node_base: IntArray
    first: IntArray
    arcs: IntArray
    gains: IntArray
    class_of: IntArray
    class_units: IntArray


@dataclass(frozen=True)
class _Layer:
    """What leads from the states of a day to those of the next, shapes (states, kinds)."""

    kinds: IntArray
    next: IntArray
    gain: IntArray
    """Gains packed in one number."""


def graphs_of(law: Law, options: Options, unit_min: int) -> list[Graph]:
    """The graph of each entry of a law."""
    whole, entries = _whole(law, options, unit_min)
    if len(law.begins) == 1:
        return [whole]
    made = {node: _from(whole, node) for node in set(entries.tolist())}
    return [made[node] for node in entries.tolist()]


def _from(graph: Graph, node: int) -> Graph:
    """What can be reached from a node of the first layer."""
    base, days = graph.node_base, len(graph.nodes) - 1
    there = np.zeros(int(base[-1]), dtype=bool)
    there[node] = True
    kept = []
    for day in range(days):
        arcs = np.arange(graph.first[base[day]], graph.first[base[day + 1]])
        arcs = arcs[there[base[day] + graph.arcs[0, arcs]]]
        there[base[day + 1] + graph.arcs[1, arcs]] = True
        kept.append(arcs)
    number = np.cumsum(there) - 1
    before = np.append(0, np.cumsum(there))[base]  # of each layer
    parts = []
    for day, arcs in enumerate(kept):
        part = graph.arcs[:, arcs].copy()
        part[0] = number[base[day] + part[0]] - before[day]
        part[1] = number[base[day + 1] + part[1]] - before[day + 1]
        parts.append(part)
    sources = np.concatenate([part[0] + before[day] for day, part in enumerate(parts)])
    first = np.searchsorted(sources, np.arange(int(before[-1]) + 1)).astype(np.int64)
    return Graph(
        np.diff(before), before, first, np.ascontiguousarray(np.concatenate(parts, axis=1)),
        graph.gains, graph.class_of, graph.class_units,
    )  # fmt: skip


def _whole(law: Law, options: Options, unit_min: int) -> tuple[Graph, IntArray]:
    """The graph of all entries, and the node of each entry."""
    layers = _explored(law, options)
    tallies = np.zeros(1, dtype=np.int64)
    if law.counters:
        tallies = np.unique(np.concatenate([tallies, *(layer.gain.ravel() for layer in layers)]))
    counters = len(law.counters)
    gains = (tallies[:, None] >> np.arange(counters)) & 1
    class_of = np.zeros(options.count, dtype=np.int64)
    class_min = [np.zeros(1, dtype=np.int64)]
    classes = 1
    nodes = [1]
    merged = np.zeros(int(layers[-1].next.max()) + 1, dtype=np.int64)
    arcs: list[tuple[IntArray, ...]] = []
    known: dict[Hashable, tuple[IntArray, IntArray]] = {}
    for day in range(options.days - 1, -1, -1):
        layer = layers[day]
        key = (id(layer), merged.tobytes())
        if key not in known:
            known[key] = _merged(layer, merged, tallies)
        rows, merged = known[key]
        own = slice(options.of_day[day], options.of_day[day + 1])
        column = np.searchsorted(layer.kinds, options.kind[own])
        first, label, minutes = _classes(rows, column, options.minutes[own])
        class_of[own] = classes + label
        class_min.append(minutes)
        arcs.append(_arcs(rows, np.append(0, first), classes, len(tallies)))
        classes += len(minutes)
        nodes.append(len(rows))
    nodes.reverse()
    arcs.reverse()
    node_base = np.append(0, np.cumsum(nodes)).astype(np.int64)
    whole = np.concatenate([np.vstack(part) for part in arcs], axis=1)
    sources = np.concatenate([part[0] + node_base[day] for day, part in enumerate(arcs)])
    made = Graph(
        np.array(nodes, dtype=np.int64), node_base,
        np.searchsorted(sources, np.arange(int(node_base[-1]) + 1)).astype(np.int64),
        np.ascontiguousarray(whole), gains.astype(np.int64), class_of,
        np.concatenate(class_min) // unit_min,
    )  # fmt: skip
    return made, merged


def _merged(layer: _Layer, merged: IntArray, tallies: IntArray) -> tuple[IntArray, IntArray]:
    """What leads from each node that has a future of its own, and the node of each state."""
    alive = (layer.next >= 0) & (merged[layer.next] >= 0)
    tally = np.searchsorted(tallies, layer.gain)
    code = np.where(alive, merged[layer.next] * len(tallies) + tally, -1)
    lives = alive.any(axis=1)
    first, number = distinct_rows(code[lives])
    node = np.full(len(code), -1, dtype=np.int64)
    node[lives] = number
    return code[lives][first], node


def _explored(law: Law, options: Options) -> list[_Layer]:
    """All states that can be reached, day by day; days that are alike share a layer."""
    terms = (*law.terms, *law.counters)
    codes = np.array(law.begins, dtype=np.int64).reshape(-1, len(terms))
    layers: list[_Layer] = []
    known: dict[Hashable, tuple[_Layer, IntArray]] = {}
    for day in range(options.days):
        own = options.kind[options.of_day[day] : options.of_day[day + 1]]
        kinds = np.unique(np.append(own, OFF))
        phases = tuple(counter.phase(day) for counter in law.counters)
        key = (codes.tobytes(), kinds.tobytes(), phases)
        if key not in known:
            known[key] = _layer(law, day, codes, kinds)
        layer, codes = known[key]
        layers.append(layer)
    return layers


def _layer(law: Law, day: int, codes: IntArray, kinds: IntArray) -> tuple[_Layer, IntArray]:
    """What leads on from some states, and the states it leads to, both shape (states, terms)."""
    terms = (*law.terms, *law.counters)
    mixed = np.zeros((len(codes), len(kinds)), dtype=np.int64)
    gain, dead = np.zeros_like(mixed), np.zeros(mixed.shape, dtype=bool)
    for n, term in enumerate(terms):
        after = term.step(day, codes[:, n], kinds)
        dead |= after < 0
        mixed = mixed * term.size + after
        if n >= len(law.terms):
            bit = n - len(law.terms)
            gain += law.counters[bit].gain(day, codes[:, n], kinds) << bit
    mixed[dead] = -1
    found, where = distinct(mixed)
    layer = _Layer(kinds, where, np.where(dead, 0, gain))
    codes = np.zeros((len(found), len(terms)), dtype=np.int64)
    for n in range(len(terms) - 1, -1, -1):
        found, codes[:, n] = np.divmod(found, terms[n].size)
    return layer, codes


def _classes(
    rows: IntArray, column: IntArray, minutes: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Columns of the classes, the class of each option, and the minutes of each class."""
    if not len(column):
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty
    first, label = distinct_rows(np.vstack([rows[:, column], minutes]).T)
    return column[first], label, minutes[first]


def _arcs(rows: IntArray, columns: IntArray, classes: int, tallies: int) -> tuple[IntArray, ...]:
    """Source, target, label and tally of a day's arcs; column 0 is off."""
    part = rows[:, columns]
    source, at = np.nonzero(part >= 0)
    code = part[source, at]
    label = np.where(at == 0, 0, classes + at - 1)
    return source.astype(np.int64), code // tallies, label.astype(np.int64), code % tallies


def distinct(codes: IntArray) -> tuple[IntArray, IntArray]:
    """The numbers from 0 on in an array, sorted, and the place of each among them; -1 stays -1."""
    if int(codes.max(initial=-1)) > LARGEST:
        sorted_, place = np.unique(codes, return_inverse=True)
        dead = int(sorted_[0] < 0)
        return sorted_[dead:], place.reshape(codes.shape) - dead
    found = np.zeros(int(codes.max(initial=-1)) + 2, dtype=bool)
    found[codes] = True
    found[-1] = False  # where -1 left its mark
    place = np.cumsum(found) - 1
    place[-1] = -1
    return np.flatnonzero(found), place[codes].astype(np.int64)


def distinct_rows(rows: IntArray) -> tuple[IntArray, IntArray]:
    """One of each kind of row, by number, and the kind of each row.

    Rows are told apart by one random number each, which is much faster than sorting them whole;
    should two kinds ever share one, they are sorted after all.
    """
    chance = np.random.default_rng(1).integers(-(1 << 62), 1 << 62, rows.shape[1])
    _, first, kind = np.unique((rows * chance).sum(axis=1), return_index=True, return_inverse=True)
    if not (rows[first][kind] == rows).all():
        _, first, kind = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return first, kind.reshape(-1).astype(np.int64)
