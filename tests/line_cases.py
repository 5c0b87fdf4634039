"""Small random problems of roster lines, and their answers by trying everything."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scheduler.solve.lines.laws import Counter, Law, OffRun, Succession, WorkRun
from scheduler.solve.lines.problem import Group, IntArray, LineProblem, Options, Rows

BLOCKS = (-1, 0, 0, -1, 1, 1, -1)


@dataclass(frozen=True)
class Limits:
    """A law in plain words, for `lawful`."""

    follows: tuple[tuple[bool, ...], ...]
    run: tuple[int, int]
    off: int
    blocks: tuple[int, ...]
    most: tuple[int, ...]
    """Of blocks, then of each kind."""

    def law(self) -> Law:
        """As the engine has it."""
        kinds = len(self.follows)
        counters = [Counter((True,) * kinds, self.blocks)]
        counters += [Counter(tuple(k == n for k in range(kinds))) for n in range(kinds)]
        terms = (Succession(self.follows), WorkRun(*self.run), OffRun(self.off))
        return Law(terms, tuple(counters))

    def lawful(self, line: tuple[int, ...]) -> bool:
        """Whether a line of kinds (-1: off) keeps everything; written without automata."""
        if any(a >= 0 <= b and not self.follows[a][b] for a, b in itertools.pairwise(line)):
            return False
        begin = 0
        for works, part in itertools.groupby(kind >= 0 for kind in line):
            length = len(list(part))
            edge = begin == 0 or begin + length == len(line)
            least = self.run[0] if works else self.off
            if (works and length > self.run[1]) or (length < least and not edge):
                return False
            begin += length
        worked = {self.blocks[d] for d, kind in enumerate(line) if kind >= 0 <= self.blocks[d]}
        counts = [line.count(kind) <= most for kind, most in enumerate(self.most[1:])]
        return len(worked) <= self.most[0] and all(counts)


@dataclass(frozen=True)
class Case:
    """A problem and the limits of each group."""

    problem: LineProblem
    limits: tuple[Limits, ...]

    def lines(self, group: int) -> Iterator[IntArray]:
        """All lawful lines of a group."""
        own, options = self.problem.groups[group], self.problem.options
        kinds = options.count // options.days
        allowed, minutes = own.allowed.tolist(), options.minutes.tolist()  # far faster one by one
        for line in itertools.product(range(-1, kinds), repeat=options.days):
            made = [day * kinds + k if k >= 0 else -1 for day, k in enumerate(line)]
            worked = [option for option in made if option >= 0]
            if (
                all(allowed[option] for option in worked)
                and sum(minutes[option] for option in worked) <= own.most_min
                and self.limits[group].lawful(line)
            ):
                yield np.array(made)


def drawn(rng: np.random.Generator, days: int, groups: int, most_kinds: int = 3) -> Case:
    """A random problem with one row a day and kind."""
    kinds = int(rng.integers(1, most_kinds + 1))
    minutes = rng.choice([480, 600], kinds)
    count = days * kinds
    options = Options(
        days, np.repeat(np.arange(days), kinds), np.tile(np.arange(kinds), days),
        np.tile(minutes, days), np.arange(count + 1), np.arange(count),
    )  # fmt: skip
    limits, made = [], []
    for number in range(groups):
        run = int(rng.integers(1, 5))
        follows = tuple(tuple(bool(rng.random() < 0.7) for _ in range(kinds)) for _ in range(kinds))
        most = (int(rng.integers(0, 3)), *(int(rng.integers(0, 5)) for _ in range(kinds)))
        limits.append(
            Limits(follows, (int(rng.integers(1, run + 1)), run), int(rng.integers(1, 4)),
                   BLOCKS[:days], most)
        )  # fmt: skip
        least = int(rng.integers(0, 3)) * 480
        made.append(
            Group(
                number, rng.random(count) < 0.8, rng.integers(-5, 6, count).astype(float),
                least, least + int(rng.integers(0, 3)) * 480, most, 7.0,
            )
        )  # fmt: skip
    rows = Rows(rng.integers(0, 3, count), np.full(count, 20.0), np.full(count, 1.0))
    laws = tuple(one.law() for one in limits)
    return Case(LineProblem(options, rows, laws, tuple(made), 1000.0), tuple(limits))
