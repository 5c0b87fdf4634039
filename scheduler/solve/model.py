"""A week's problem as the engine sees it: options, lines by class, and what they are to cover.

Made from terms only: no rule is known here. A class is a set of teams with equal lines (same
squadron, days there, carried state, wishes, ability for tasks). Costs of all tiers are added up
with the weights of `weights.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import assert_never

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from config.ids import TeamId
from scheduler.problem import IntArray, Problem
from scheduler.rules import Rule, Tier, rules_of
from scheduler.slots import DAYS, SLOT_MIN, lasting
from scheduler.solve.counted import Lacking, Service, rows_of
from scheduler.solve.law import Law, Line, line_of
from scheduler.solve.lines.moves import Moves
from scheduler.solve.lines.problem import Covers, FloatArray, LineProblem
from scheduler.solve.lines.problem import Group as LineGroup
from scheduler.solve.lines.problem import Options as LineOptions
from scheduler.solve.memory import Doubled, automata_of
from scheduler.solve.options import Options, Span, options_of
from scheduler.solve.stated import Stated, stated
from scheduler.solve.wanted import GRAIN, Slots, WeekRows
from scheduler.solve.weights import weighted
from scheduler.terms import AtOnce, Count, Cover, Dislike, Forbid, Prefer

SEEN_DATES = 3
"""How many dates back a duty's end is seen at most, of the week before."""
GUESSES = (1.0, 2.0, 4.0)
"""Equal prices of a unit's half hour, to start from."""
Weeks = dict[TeamId, tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class Group:
    """A class of interchangeable teams. `counts`: (options, counted rows) that it serves."""

    squadron: int
    line: Line
    teams: tuple[TeamId, ...]
    counts: csr_array


@dataclass(frozen=True, slots=True)
class Model:
    """What the engine works on. lines: The same for the engine of lines, over doubled options."""

    problem: Problem
    options: Options
    groups: tuple[Group, ...]
    doubled: Doubled
    rows: WeekRows
    lines: LineProblem

    def named(self, lines: Sequence[Sequence[tuple[IntArray, int]]], seed: int) -> Weeks:
        """Name the teams: the weeks of a class go to its teams, shuffled by the seed.

        The teams of a class have equal wishes, so whoever gets which week costs the same.

        Args:
            lines: Of each group its lines, and how many work each.
            seed: Of the shuffling.
        """
        options, random = self.options, Random(seed)  # noqa: S311 - repeatable
        found: dict[TeamId, tuple[Span, ...]] = {}
        for group, own in zip(self.groups, lines, strict=True):
            weeks = [self.doubled.source[line[line >= 0]] for line, n in own for _ in range(n)]
            random.shuffle(weeks)
            for team, week in zip(group.teams, weeks, strict=True):
                found[team] = tuple(
                    Span(int(options.day[n]), int(options.start_min[n]), int(options.end_min[n]))
                    for n in week
                )
        return {team: found[team] for team in self.problem.teams}


def model_of(problem: Problem, rules: Sequence[Rule] | None = None) -> Model:
    """The model of a problem.

    Args:
        problem: The week.
        rules: In place of the problem's own.

    Raises:
        Misstated: A rule asks for what this engine does not keep.
    """
    asked = stated(problem, rules_of(problem) if rules is None else rules)
    options = options_of(problem)
    asked.refuse_gaps_beyond(options.least_gap_min(SEEN_DATES + 1))
    law = Law.of(term for _, term in asked.laws)
    counts = [(tier, term) for tier, term in asked.costs if isinstance(term, Count)]
    terms = tuple(term for _, term in counts)
    prices = np.array([weighted(tier, term.cost) for tier, term in counts], dtype=np.float64)
    counted = rows_of(terms)
    groups = _groups(problem, options, law, asked, Service(options, terms, counted))
    rows = WeekRows(_slots(problem, asked), Lacking(terms, prices, counted))
    doubled = Doubled.of(options)
    lines = _lines(options, law, doubled, groups, rows, problem.limits.start_grid_min)
    return Model(problem, options, groups, doubled, rows, lines)


def _lines(
    options: Options,
    law: Law,
    doubled: Doubled,
    groups: Sequence[Group],
    rows: WeekRows,
    grid_min: int,
) -> LineProblem:
    """The week for the engine of lines."""
    automata, entries = automata_of(law, options, doubled, [group.line for group in groups])
    source, nothing = doubled.source, np.zeros(0, dtype=np.int64)
    every = LineOptions(
        DAYS, options.day[source], np.arange(len(source)), options.minutes[source],
        np.zeros(len(source) + 1, dtype=np.int64), nothing,
    )  # fmt: skip
    unit_min = int(np.gcd.reduce(every.minutes)) if every.count else 1
    longest = [int(options.minutes[options.on(d)].max(initial=0)) for d in range(DAYS)]
    levels = np.arange(sum(longest) // unit_min + 1)
    covers: dict[tuple[int, bytes, bytes], Covers] = {}
    made = []
    for group, entry in zip(groups, entries, strict=True):
        line, counts = group.line, group.counts
        key = group.squadron, counts.indices.tobytes(), counts.indptr.tobytes()
        if key not in covers:
            covers[key] = _covers(options, source, group, rows)
        allowed = line.allowed[source] & (~doubled.first | line.first[source])
        made.append(LineGroup(
            0, allowed, line.cost[source], 0, sum(longest), (), count=len(group.teams),
            entry=entry, caps_min=tuple(line.cap_min.tolist()),
            ending=hours_cost(line, levels * unit_min), covers=covers[key],
        ))  # fmt: skip
    guesses = tuple(rows.guess(unit) for unit in GUESSES)
    blocks = tuple(group.squadron for group in groups)
    day_first = np.array([options.first[options.on(day)].min(initial=0) for day in range(DAYS)])
    start_min = SLOT_MIN * (options.first - day_first[options.day])[source]
    moves = Moves(start_min, grid_min, doubled.as_first, doubled.as_later, rows.costs)
    return LineProblem(every, rows, (automata,), tuple(made), 0.0, GRAIN, guesses, blocks, moves)


def _covers(options: Options, source: IntArray, group: Group, rows: WeekRows) -> Covers:
    """Slots of a group's squadron, and the counted rows it serves, of each doubled option."""
    counts, base = group.counts, group.squadron * rows.slots.at.shape[2]
    slots, served = (options.last - options.first)[source], np.diff(counts.indptr)[source]
    begins = np.append(0, np.cumsum(slots + served)).astype(np.int64)
    flat = np.empty(begins[-1], dtype=np.int64)
    flat[_spans(begins[:-1], slots)] = base + _spans(options.first[source], slots)
    flat[_spans(begins[:-1] + slots, served)] = (
        rows.squares + counts.indices[_spans(counts.indptr[source], served)]
    )
    return Covers(begins, flat)


def _spans(first: npt.NDArray[np.integer], length: npt.NDArray[np.integer]) -> IntArray:
    """The numbers of all spans, one span after another."""
    begins = np.cumsum(length) - length
    found: IntArray = np.arange(length.sum()) + np.repeat(first - begins, length)
    return found


def hours_cost(line: Line, minutes: IntArray) -> FloatArray:
    """Weighted cost of minutes worked in the week."""
    cost = np.zeros(np.shape(minutes))
    for tier, wanted, short, over in line.prices:
        below = -((minutes - wanted) // SLOT_MIN)
        above = -((wanted - minutes) // SLOT_MIN)
        cost += weighted(tier, short) * np.maximum(below, 0)
        cost += weighted(tier, over) * np.maximum(above, 0)
    return cost


def _slots(problem: Problem, asked: Stated) -> Slots:
    """Points and costs of the convex cost per slot."""
    shape = (len(problem.squadrons), problem.slots)
    lasts = lasting(problem.slot_min)
    most = np.zeros(shape, dtype=np.int64)
    for row, squadron in enumerate(problem.squadrons):
        most[row] = sum(1 for of in problem.teams.values() if of == squadron)
    for _, law in asked.laws:
        if isinstance(law, AtOnce):
            most = np.minimum(most, law.most)
    steps, spare = list[tuple[IntArray, float]](), list[tuple[IntArray, float]]()
    carried = np.zeros(shape, dtype=np.int64)
    for tier, term in asked.costs:
        if isinstance(term, Cover):  # there is one at most
            steps = [(units, weighted(tier, price)) for units, price in term.steps]
            spare = [(units, weighted(tier, price)) for units, price in term.over]
            carried = term.carried
    most = np.maximum(most - carried, 0)
    at = [np.zeros(shape, dtype=np.int64)]
    at += [np.clip(units - carried, 0, most) for units, _ in (*steps, *spare)]
    at.append(most)

    def cost(units: IntArray) -> FloatArray:
        total, below = np.zeros(shape), np.zeros(shape, dtype=np.int64)
        for needed, price in steps:
            total += price * np.maximum(needed - np.maximum(units, below), 0)
            below = needed
        for above, price in spare:
            total += price * np.maximum(units - above, 0)
        return np.asarray(total * lasts)

    return Slots(np.stack(at), np.stack([cost(units + carried) for units in at]), len(steps))


def _groups(
    problem: Problem, options: Options, law: Law, asked: Stated, service: Service
) -> tuple[Group, ...]:
    """Teams by equal lines and equal service."""
    forbids: dict[TeamId, list[Forbid]] = {team: [] for team in problem.teams}
    costs: dict[TeamId, list[tuple[Tier, Prefer | Dislike]]] = {team: [] for team in problem.teams}
    for _, law_term in asked.laws:
        if isinstance(law_term, Forbid):
            forbids[law_term.team].append(law_term)
    for tier, term in asked.costs:
        match term:
            case Prefer() | Dislike():
                costs[term.team].append((tier, term))
            case Cover() | Count():
                pass  # of all teams together
            case _:
                assert_never(term)
    found: dict[tuple[object, ...], list[tuple[TeamId, Line, csr_array]]] = {}
    for team in problem.teams:
        line = line_of(problem, law, options, team, forbids[team], costs[team])
        serves = service.of(team)
        key = (*line.key(), serves.indices.tobytes(), serves.indptr.tobytes())
        found.setdefault(key, []).append((team, line, serves))
    return tuple(
        Group(
            problem.squadrons.index(same[0][1].squadron), same[0][1],
            tuple(team for team, _, _ in same), same[0][2],
        )
        for same in found.values()
    )  # fmt: skip
