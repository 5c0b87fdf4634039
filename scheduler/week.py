"""The planning of a week, from its history to a checked roster, in one readable function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from config.district import District
from config.errors import Impossible
from config.ids import MustArriveId
from scheduler.drives import Drives
from scheduler.foresight.must_arrive import MustArrive
from scheduler.intake import Week, problem_of
from scheduler.problem import Layer, Problem
from scheduler.readback import RosterFile, duties_around
from scheduler.recorded import Recorded
from scheduler.roster import Roster
from scheduler.rules import check
from scheduler.slots import DAYS, SLOTS_A_DAY
from scheduler.spared import spared

if TYPE_CHECKING:
    from scheduler.foresight.analysis import Analysis


class Solution(Protocol):
    """What a solver gives: the roster with its visits, and what is known about its quality."""

    @property
    def roster(self) -> Roster:
        """A roster that breaks no law."""
        ...

    @property
    def cost(self) -> float:
        """Its weighted cost."""
        ...

    @property
    def bound(self) -> float:
        """What no roster goes below."""
        ...

    @property
    def contract_least(self) -> int | None:
        """What the contract tier of no roster goes below; None: not known."""
        ...

    @property
    def missed(self) -> Mapping[MustArriveId, str]:
        """Visits that nobody makes, and why (a word of the catalogue)."""
        ...


Solve = Callable[[Problem], Solution]
Step = Callable[[str], None]
"""Told the name of each part of the work as it begins: `planner.step.<name>` of the words."""


@dataclass(frozen=True, slots=True)
class SolvedWeek:
    """A week's roster, and the problem that it answers."""

    week: str
    district: District
    problem: Problem
    solution: Solution
    points: Mapping[str, MustArrive] = field(default_factory=dict)

    @property
    def roster(self) -> Roster:
        """The roster."""
        return self.solution.roster

    @property
    def file(self) -> RosterFile:
        """The roster with its points, as it goes into files and events."""
        return RosterFile(self.week, self.roster, self.points)

    @property
    def gap(self) -> float:
        """How far the roster may be from the best possible, as a share of its cost."""
        cost = self.solution.cost
        return (cost - self.solution.bound) / cost if cost > 0 else 0.0


@dataclass(frozen=True, slots=True)
class PlannedWeek(SolvedWeek):
    """A week's plan and all that it came from."""

    analysis: "Analysis" = field(kw_only=True)


def plan_week(
    district: District, week: str, *, solve: Solve, seed: int = 0, since_ms: int | None = None,
    recorded: Recorded | None = None, step: Step = lambda _: None,
) -> PlannedWeek:  # fmt: skip
    """Plan a week: history, patterns, demand and points, problem, roster, visits, check.

    Args:
        district: The district, its history folder and its published rosters.
        week: ISO week such as "2026-W49".
        solve: The solver.
        seed: Of everything random.
        since_ms: Plan from this moment on: what would begin before is left out.
        recorded: What was reported since the files were written.
        step: Told what begins.

    Raises:
        BadInput: The history or an earlier roster cannot be read.
        Impossible: The solver's roster breaks a law: a fault of this program.
    """
    told = recorded or Recorded()
    district = told.onto(district)
    analysis = analysed(district, week, seed, told, step)
    step("laws")
    problem = problem_to_solve(district, analysis, since_ms)
    solution = solve(problem)
    if found := check(problem, solution.roster):
        raise Impossible("planner.broken", rule=found[0].rule, count=len(found))
    points = {point.id: point for point in points_of(analysis)}
    return PlannedWeek(week, district, problem, solution, points, analysis=analysis)


def analysed(
    district: District, week: str, seed: int, recorded: Recorded, step: Step = lambda _: None
) -> "Analysis":
    """What the week needs, from the files and from what the journals recorded."""
    from scheduler.foresight.analysis import analyse  # noqa: PLC0415 - pandas; only who plans anew needs it
    from scheduler.foresight.history import all_recorded  # noqa: PLC0415

    step("history")
    history = all_recorded(district, recorded)
    step("needs")
    return analyse(district, history, week, seed)


def points_of(analysis: "Analysis") -> tuple[MustArrive, ...]:
    """All points of the week, those of the night checks last."""
    night = (point for points in analysis.night_checks.values() for point in points)
    return (*analysis.must_arrive, *night)


def problem_to_solve(district: District, analysis: "Analysis", since_ms: int | None) -> Problem:
    """The week's problem; with `since_ms` only what begins from then on."""
    week = analysis.week
    others = duties_around(district, week)
    problem = problem_of(district, week, analysis.demand, points_of(analysis), others)
    problem = replace(
        problem, drives=Drives.between(district.travel, nodes_of(problem)), spared=spared(problem)
    )
    if since_ms is None:
        return problem
    return remaining(problem, Week(district.calendar, week).of_ms(since_ms))


def nodes_of(problem: Problem) -> set[int]:
    """Where anybody has to be in the week: posts, points, fixed duties."""
    tasks = {task.node for task in problem.tasks if task.node is not None}
    return tasks | {post.node for post in problem.posts} | {due.node for due in problem.due}


def remaining(problem: Problem, since_min: int) -> Problem:
    """A problem without what begins before a minute of the week.

    Days that are over have no teams, so the contract asks for the days that are left.
    """
    over = [problem.slot_min[(day + 1) * SLOTS_A_DAY] <= since_min for day in range(DAYS)]
    begun = np.array(problem.slot_min[:-1]) < since_min
    return replace(
        problem,
        crews=tuple({} if over[day] else crews for day, crews in enumerate(problem.crews)),
        starts=tuple(tuple(s for s in day if s >= since_min) for day in problem.starts),
        layers=tuple(Layer(np.where(begun, 0, one.units), one.cost) for one in problem.layers),
        tasks=tuple(task for task in problem.tasks if task.start_min >= since_min),
        due=tuple(
            replace(one, start_min=max(one.start_min, since_min))
            for one in problem.due if one.end_min - one.dwell_min > since_min
        ),
        _home={},
    )  # fmt: skip
