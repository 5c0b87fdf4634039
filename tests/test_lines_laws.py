"""Each term of a law, over all lines of a tiny horizon, against its sentence in plain Python."""

import itertools

import numpy as np
import pytest

from scheduler.solve.lines.graph import graphs_of
from scheduler.solve.lines.laws import KindRun, Law, OffRun, OffTogether, Succession, Term, WorkRun
from scheduler.solve.lines.problem import Options

DAYS, KINDS = 6, 2


def options() -> Options:
    """Two kinds a day."""
    count = DAYS * KINDS
    return Options(
        DAYS, np.repeat(np.arange(DAYS), KINDS), np.tile(np.arange(KINDS), DAYS),
        np.full(count, 60), np.arange(count + 1), np.arange(count),
    )  # fmt: skip


def accepted(term: Term) -> set[tuple[int, ...]]:
    """All lines of kinds that are paths of the term's graph."""
    graph = graphs_of(Law((term,)), options(), 60)[0]
    found = set()
    for line in itertools.product(range(-1, KINDS), repeat=DAYS):
        node = 0
        for day, kind in enumerate(line):
            at = graph.node_base[day] + node
            label = 0 if kind < 0 else graph.class_of[day * KINDS + kind]
            own = range(graph.first[at], graph.first[at + 1])
            node = next((int(graph.arcs[1, n]) for n in own if graph.arcs[2, n] == label), -1)
            if node < 0:
                break
        else:
            found.add(line)
    return found


def runs(line: tuple[int, ...], *, of: set[int]) -> list[tuple[int, bool]]:
    """Length, and whether it touches an edge, of each run of days with one of these kinds."""
    found, begin = [], 0
    for inside, part in itertools.groupby(kind in of for kind in line):
        length = len(list(part))
        if inside:
            found.append((length, begin == 0 or begin + length == len(line)))
        begin += length
    return found


EVERY = list(itertools.product(range(-1, KINDS), repeat=DAYS))


@pytest.mark.parametrize(("least", "most"), [(1, 1), (1, 3), (2, 3), (3, 3), (2, 6)])
def test_days_worked_in_a_row(least: int, most: int) -> None:
    """No run is longer than the most, none inside shorter than the least."""
    assert accepted(WorkRun(least, most)) == {
        line for line in EVERY
        if all(n <= most and (n >= least or edge) for n, edge in runs(line, of={0, 1}))
    }  # fmt: skip


@pytest.mark.parametrize("least", [1, 2, 3])
def test_days_off_in_a_row(least: int) -> None:
    """No run of days off inside is shorter than the least."""
    assert accepted(OffRun(least)) == {
        line for line in EVERY if all(n >= least or edge for n, edge in runs(line, of={-1}))
    }


def test_successions() -> None:
    """A kind follows another on the next day only where that is allowed."""
    allowed = ((True, False), (True, True))
    assert accepted(Succession(allowed)) == {
        line for line in EVERY
        if all(a < 0 or b < 0 or allowed[a][b] for a, b in itertools.pairwise(line))
    }  # fmt: skip


@pytest.mark.parametrize("most", [0, 1, 2])
def test_nights_in_a_row(most: int) -> None:
    """No run of one kind is longer than the most."""
    assert accepted(KindRun((False, True), most)) == {
        line for line in EVERY if all(n <= most for n, _ in runs(line, of={1}))
    }


@pytest.mark.parametrize(("together", "within"), [(1, 2), (1, 4), (2, 3), (2, 5), (3, 6)])
def test_days_off_together(together: int, within: int) -> None:
    """Every window of so many days has so many days off in a row."""

    def rests(line: tuple[int, ...]) -> bool:
        return any(n >= together for n, _ in runs(line, of={-1}))

    assert accepted(OffTogether(together, within)) == {
        line for line in EVERY
        if all(rests(line[n : n + within]) for n in range(DAYS - within + 1))
    }  # fmt: skip
