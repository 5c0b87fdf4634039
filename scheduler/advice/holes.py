"""Where a roster does not cover what is needed, and the duties that would.

A hole is a squadron's stretch of half hours of one day with too few units, a fixed duty or night
check with too few teams, or a day without its leader or stand-by.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

import numpy as np

from config.ids import SquadronId
from config.people import Team
from scheduler.problem import IntArray, Problem, Task
from scheduler.reasons import free_duty
from scheduler.roster import Duty, Roster
from scheduler.rules import shortfalls
from scheduler.rules.coverage import (
    LEADER,
    CoverDemand,
    DutyLeader,
    FixedDuties,
    on_duty,
    skills,
)
from scheduler.slots import DAYS, SLOT_MIN, SLOTS_A_DAY, lasting
from scheduler.solve.options import Options
from scheduler.solve.places import lawful_posts

MOST_OPTIONS = 16
"""Duties that are looked at for one hole, those that cover most of it."""


class Window(NamedTuple):
    """A duty that nobody has yet: the day it starts on, and its minutes."""

    day: int
    start_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class Hole:
    """Something that is not covered.

    rule: By which it is a shortfall. squadron: None: anybody's. slots: Of `cover-demand`, with
    the units missing in each. span: First and last minute. units: Most that are missing at once.
    cost: Points that it costs. task: Of a fixed duty; a leader's or stand-by's is `role/…`.
    """

    rule: str
    squadron: SquadronId | None
    span: tuple[int, int]
    units: int
    cost: int
    slots: tuple[tuple[int, int], ...] = ()
    task: str | None = None

    @property
    def unit_hours(self) -> float:
        """Unit hours missing; 0 of fixed duties and roles."""
        return sum(units for _, units in self.slots) * SLOT_MIN / 60


def holes(problem: Problem, roster: Roster) -> list[Hole]:
    """All holes of a roster, the dearest first; those of the hours after the week, too."""
    found = shortfalls(problem, roster)
    short = {
        (str(b.squadron), b.slot): (b.units, b.amount)
        for b in found if b.rule == CoverDemand.id and b.units and b.slot is not None
    }  # fmt: skip
    made = [*_stretches(problem, short)]
    tasks = {task.id: task for task in problem.tasks}
    for one in found:
        if one.rule == "fixed-duties" and one.task in tasks:
            task = tasks[str(one.task)]
            span = task.start_min, task.end_min
            made.append(Hole(one.rule, task.squadron, span, one.units, one.amount, task=task.id))
        elif one.rule == "duty-leader" and one.task:
            day = int(one.task.rpartition("/")[2])
            span = problem.slot_min[SLOTS_A_DAY * day], problem.slot_min[SLOTS_A_DAY * (day + 1)]
            made.append(Hole(one.rule, one.squadron, span, 1, one.amount, task=one.task))
    return sorted(made, key=lambda h: (-h.cost, h.span, h.squadron or "", h.task or ""))


def _stretches(problem: Problem, short: dict[tuple[str, int], tuple[int, int]]) -> Iterator[Hole]:
    """Half hours one after the other, of one squadron and day."""
    for squadron in problem.squadrons:
        own = sorted(slot for of, slot in short if of == squadron)
        runs = groupby(enumerate(own), key=lambda at: (at[1] - at[0], at[1] // SLOTS_A_DAY))
        for _, run in runs:
            slots = [slot for _, slot in run]
            yield Hole(
                "cover-demand", squadron,
                (problem.slot_min[slots[0]], problem.slot_min[slots[-1] + 1]),
                max(short[squadron, slot][0] for slot in slots),
                sum(short[squadron, slot][1] for slot in slots),
                tuple((slot, short[squadron, slot][0]) for slot in slots),
            )  # fmt: skip


def task_of(problem: Problem, hole: Hole) -> Task | None:
    """The fixed duty or night check that a hole is about."""
    return next((task for task in problem.tasks if task.id == hole.task), None)


def days_of(problem: Problem, hole: Hole) -> range:
    """Days of the week whose duties may reach into a hole: its own, and the one before."""
    midnights = problem.slot_min[: SLOTS_A_DAY * DAYS + 1 : SLOTS_A_DAY]
    day = min(DAYS - 1, max(0, bisect_right(midnights, hole.span[0]) - 1))
    return range(max(0, day - 1), day + 1)


def lacking(problem: Problem, roster: Roster, hole: Hole) -> int:
    """Unit half hours, teams or people that a roster still lacks where a hole was."""
    if hole.slots and hole.squadron is not None:
        row = problem.squadrons.index(hole.squadron)
        short = problem.needed[row] - on_duty(problem, roster)[row]
        return int(sum(max(0, short[slot]) for slot, _ in hole.slots))
    rules = (FixedDuties(), DutyLeader())
    return sum(
        one.units for rule in rules if rule.id == hole.rule
        for one in rule.check(problem, roster) if one.task == hole.task
    )  # fmt: skip


# --- what would cover it ---------------------------------------------------------------------


def windows(problem: Problem, roster: Roster, hole: Hole, options: Options) -> list[Window]:
    """Duties that would cover a hole or much of it, those that save most first."""
    gain = _gains(problem, roster, hole)
    inside = np.zeros_like(gain)
    for slot, _ in hole.slots:
        inside[slot] = gain[slot]
    task = task_of(problem, hole)
    if task is not None:
        fits = (options.start_min <= task.start_min) & (options.end_min >= task.end_min)
    elif hole.rule == "duty-leader":
        fits = options.day == int(str(hole.task).rpartition("/")[2])
    else:
        fits = _summed(inside, options) > 0
    saved, whole = _summed(inside, options), _summed(gain, options)
    best = sorted(np.flatnonzero(fits), key=lambda n: (-saved[n], -whole[n], n))
    kept = best[:MOST_OPTIONS]
    for slot, _ in hole.slots:  # none of it is out of reach for want of an option
        over = (n for n in best if options.first[n] <= slot < options.last[n])
        first = next(over, None)
        if first is not None and not any(options.first[n] <= slot < options.last[n] for n in kept):
            kept.append(first)
    return [
        Window(int(options.day[n]), int(options.start_min[n]), int(options.end_min[n]))
        for n in kept
    ]


def _gains(problem: Problem, roster: Roster, hole: Hole) -> IntArray:
    """Points that one more unit of the hole's squadron saves in each slot; below 0: it costs."""
    if hole.squadron not in problem.squadrons:
        return np.zeros(problem.slots, dtype=np.int64)
    row = problem.squadrons.index(hole.squadron)
    units = on_duty(problem, roster)[row]
    gain = -sum(price * (units >= above[row]) for above, price in problem.spare)
    below = np.zeros_like(units)
    for layer in problem.layers:
        lacking = (layer.units[row] > units) & (units >= below)
        gain = np.where(lacking, layer.cost, gain)
        below = layer.units[row]
    return np.where(lasting(problem.slot_min), gain, 0)


def _summed(gain: IntArray, options: Options) -> IntArray:
    run = np.concatenate(([0], np.cumsum(gain)))
    return np.asarray(run[options.last] - run[options.first], dtype=np.int64)


def covered(problem: Problem, hole: Hole, window: Window) -> list[int]:
    """Slots of a hole that a duty would cover; of others [0] where it would do."""
    if not hole.slots:
        return [0]
    own = problem.slots_of(window.start_min, window.end_min)
    return [slot for slot, _ in hole.slots if slot in own]


def covering(problem: Problem, hole: Hole, window: Window, crew: Team) -> Duty:
    """The duty by which a team would cover a hole."""
    duty = free_duty(problem, crew, window.day, (window.start_min, window.end_min))
    return given(problem, hole, duty)


def given(problem: Problem, hole: Hole, duty: Duty) -> Duty:
    """A duty with a hole's task or role in it, where the hole is about one."""
    task = task_of(problem, hole)
    if task is not None:
        duty = replace(duty, tasks=(*duty.tasks, task.id))
        if duty.kind == "patrol":
            duty = replace(duty, kind=task.kind)
        told = [post.id for post in lawful_posts(problem, duty) if post.id == task.post]
        return replace(duty, post=told[0]) if told else duty
    if hole.rule == "duty-leader":
        return replace(duty, kind="leader" if _leads(hole) else "stand_by")
    return duty


def unskilled(problem: Problem, hole: Hole, duty: Duty) -> frozenset[str]:
    """Skills that a hole asks for and a duty's people lack."""
    task = task_of(problem, hole)
    if task is not None:
        return task.skills - skills(problem, duty.people)
    wanted = {LEADER} if hole.rule == "duty-leader" and _leads(hole) else set()
    return frozenset(wanted - skills(problem, (duty.officer,)))


def crews_for(problem: Problem, hole: Hole) -> dict[int, list[Team]]:
    """Of each day the teams that could be asked."""
    return {
        day: [crew for crew in problem.crews[day].values()
              if hole.squadron in (None, crew.squadron)]
        for day in range(DAYS)
    }  # fmt: skip


def _leads(hole: Hole) -> bool:
    return str(hole.task).startswith("leader/")
