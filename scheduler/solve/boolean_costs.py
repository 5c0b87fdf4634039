"""Costs as Booleans: cover, counts, hours and wishes, each term once."""

from collections.abc import Iterator, Sequence
from typing import assert_never

import numpy as np
from ortools.sat.python import cp_model

from config.ids import TeamId
from scheduler.problem import Problem
from scheduler.rules import Tier
from scheduler.slots import SLOT_MIN, lasting
from scheduler.solve.options import Options
from scheduler.solve.weights import whole
from scheduler.terms import CostTerm, Count, Cover, Dislike, Prefer

Bits = list[cp_model.IntVar]
Taken = dict[TeamId, Bits]
Cost = tuple[cp_model.IntVar, int]


def add_cost(
    cp: cp_model.CpModel, problem: Problem, options: Options, taken: Taken, tier: Tier,
    term: CostTerm,
) -> list[Cost]:  # fmt: skip
    """State a term's cost; what each variable of it costs, weighted and as whole numbers."""
    match term:
        case Cover():
            found = list(_cover(cp, problem, options, taken, term))
        case Prefer():
            found = list(_hours(cp, options, taken[term.team], term))
        case Dislike(team, days, nights, cost):
            liked = ~(np.isin(options.day, days) | (nights & options.night))
            found = [(taken[team][n], cost) for n in np.flatnonzero(~liked)]
        case Count():
            found = []  # all counts together: `add_counts`
        case _:
            assert_never(term)
    return [(part, whole(tier, cost)) for part, cost in found]


def _cover(
    cp: cp_model.CpModel, problem: Problem, options: Options, taken: Taken, term: Cover
) -> Iterator[Cost]:
    """Units missing in each layer, and units too many, in each slot."""
    for row, squadron in enumerate(problem.squadrons):
        own = [bits for team, bits in taken.items() if problem.teams[team] == squadron]
        for slot in np.flatnonzero(lasting(problem.slot_min)).tolist():
            on = np.flatnonzero((options.first <= slot) & (slot < options.last))
            units = sum(bits[n] for bits in own for n in on) + int(term.carried[row, slot])
            below, missing = 0, []
            for needed, price in term.steps:
                top = int(needed[row, slot])
                missing.append(cp.new_int_var(0, max(0, top - below), ""))
                cp.add(sum(missing) >= top - units)
                below = max(below, top)
                yield missing[-1], price
            for spare, price in term.over:
                above = cp.new_int_var(0, len(own) + int(term.carried[row, slot]), "")
                cp.add(above >= units - int(spare[row, slot]))
                yield above, price


def add_counts(
    cp: cp_model.CpModel, options: Options, taken: Taken, counts: Sequence[tuple[Tier, Count]]
) -> list[Cost]:
    """State all counts together: a duty does one of those that overlap or are roles of a day."""
    costs, by_team = [], dict[TeamId, list[tuple[Count, cp_model.IntVar]]]()
    for tier, term in counts:
        doing = []
        for team in sorted(term.teams & taken.keys()):
            does = cp.new_bool_var("")
            cp.add(does <= sum(taken[team][n] for n in _serving(options, team, term)))
            for other, also in by_team.setdefault(team, []):
                if _both(term, other):
                    cp.add_at_most_one(does, also)
            by_team[team].append((term, does))
            doing.append(does)
        missing = cp.new_int_var(0, term.least, "")
        cp.add(sum(doing) + missing >= term.least)
        costs.append((missing, whole(tier, term.cost)))
    return costs


def _serving(options: Options, team: TeamId, term: Count) -> list[int]:
    """Options of a team that contain the span, on days on which it may be counted."""
    return [
        n for n in range(options.count)
        if (term.span is None or options.start_min[n] <= term.span[0])
        and (term.span is None or term.span[1] <= options.end_min[n])
        and term.day in (None, int(options.day[n]))
        and (int(options.day[n]), team) not in term.away
    ]  # fmt: skip


def _both(a: Count, b: Count) -> bool:
    """Whether one duty would have to be in two places, or in two roles."""
    if a.span is not None and b.span is not None:
        return max(a.span[0], b.span[0]) < min(a.span[1], b.span[1])
    return a.span is b.span and a.day == b.day


def _hours(cp: cp_model.CpModel, options: Options, bits: Bits, term: Prefer) -> Iterator[Cost]:
    """Steps of half an hour below and above the minutes preferred."""
    lengths = [int(n) for n in options.minutes]
    minutes = cp_model.LinearExpr.weighted_sum(bits, lengths)
    most = -(-max(sum(lengths), term.minutes) // SLOT_MIN)
    beyond = (term.short, term.minutes - minutes), (term.over, minutes - term.minutes)
    for price, off in beyond:
        if price:
            steps = cp.new_int_var(0, most, "")
            cp.add(SLOT_MIN * steps >= off)
            yield steps, price
