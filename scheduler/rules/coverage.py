"""What must be staffed: demand by squadron and slot, fixed duties, leaders; and contract hours.

These are costs, not laws: what is missing is reported with its amount.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from config.durations import DAY_MIN
from config.ids import PersonId, TeamId
from config.people import LAWFUL_AUXILIARIES
from scheduler.problem import IntArray, Problem, Task
from scheduler.roster import Roster
from scheduler.rules.base import Asks, Breach, Limit, Tier
from scheduler.slots import DAYS, SLOT_MIN, SLOTS, lasting
from scheduler.terms import Count, Cover, Prefer, Term

LEADER = "leader"


def on_duty(problem: Problem, roster: Roster) -> IntArray:
    """Units on duty, shape (squadrons, slots), with those still there from the week before."""
    units = problem.carried.copy()
    for duty in roster.duties:
        if duty.squadron in problem.squadrons:
            slots = problem.slots_of(duty.start_min, duty.end_min)
            units[problem.squadrons.index(duty.squadron), slots.start : slots.stop] += 1
    return units


def missing_hours(found: Iterable[Breach]) -> float:
    """Unit hours of the week that are needed and missing; of its last night not the next day's.

    Args:
        found: What a roster of a week lacks.
    """
    units = sum(one.units for one in found if one.rule == CoverDemand.id and is_within(one))
    return units * SLOT_MIN / 60


def is_within(breach: Breach) -> bool:
    """Whether it is of a half hour of the week itself, or of none.

    The hours after it are priced, since the last duties reach into them, but they are the next
    week's to fill.
    """
    return breach.slot is None or breach.slot < SLOTS


@dataclass(frozen=True, slots=True)
class CoverDemand:
    """Each squadron has the units that each half hour needs, the most urgent needs first."""

    id: ClassVar[str] = "cover-demand"
    tier: ClassVar[Tier] = Tier.COVER
    asks: ClassVar[Asks] = "things"
    limit: ClassVar[Limit | None] = None

    def terms(self, problem: Problem) -> Iterator[Term]:
        """One convex cost per squadron and slot."""
        steps = tuple((layer.units, layer.cost) for layer in problem.layers)
        yield Cover(steps, problem.spare, problem.carried)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Slots with too few or too many units."""
        units = on_duty(problem, roster)
        cost, below = np.zeros_like(units), np.zeros_like(units)
        for layer in problem.layers:
            cost += layer.cost * np.maximum(layer.units - np.maximum(units, below), 0)
            below = layer.units
        for above, price in problem.spare:
            cost += price * np.maximum(units - above, 0)
        at = np.nonzero((cost > 0) & lasting(problem.slot_min))
        lacks = np.maximum(problem.needed[at] - units[at], 0)
        found = (*(part.tolist() for part in at), cost[at].tolist(), lacks.tolist())
        for row, slot, amount, lack in zip(*found, strict=True):
            yield Breach(
                self.id, self.tier, amount, squadron=problem.squadrons[row], slot=slot, units=lack
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FixedDuties:
    """Fixed duties, operations and night checks have their teams, during the whole of them."""

    id: ClassVar[str] = "fixed-duties"
    tier: ClassVar[Tier] = Tier.COVER
    asks: ClassVar[Asks] = "things"
    limit: ClassVar[Limit | None] = None

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A count per task."""
        sure = {
            (team, day): problem.sure(team, day)
            for day, crews in enumerate(problem.crews) for team in crews
        }  # fmt: skip
        for task in problem.tasks:
            able = _able(problem, task, sure)
            yield Count(
                task.id, task.teams, task_cost(problem, task), able,
                span=(task.start_min, task.end_min), away=_too_small(problem, task, able, sure),
            )  # fmt: skip

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Teams missing at each task."""
        for task in problem.tasks:
            teams = [
                duty for duty in roster.duties
                if task.id in duty.tasks and task.squadron in (None, duty.squadron)
                and duty.start_min <= task.start_min and task.end_min <= duty.end_min
                and task.skills <= skills(problem, duty.people)
            ]  # fmt: skip
            short = task.teams - len(teams)
            if short > 0:
                cost = short * task_cost(problem, task)
                yield Breach(
                    self.id, self.tier, cost, squadron=task.squadron, task=task.id, units=short
                )


def task_cost(problem: Problem, task: Task) -> int:
    """What a team missing at a task costs."""
    return problem.costs.check if task.kind == "night_check" else problem.costs.task


def skills(problem: Problem, people: tuple[PersonId, ...]) -> frozenset[str]:
    """Skills of some people together."""
    return frozenset().union(*(problem.persons[p].skills for p in people if p in problem.persons))


Sure = Mapping[tuple[TeamId, int], tuple[PersonId, ...]]
"""Auxiliaries who surely belong to a team's crew, see `Problem.sure`, by team and day."""


def _able(problem: Problem, task: Task, sure: Sure) -> frozenset[TeamId]:
    """Teams of its squadron whose sure people have its skills on some day."""
    return frozenset(
        team for team, squadron in problem.teams.items()
        if task.squadron in (None, squadron)
        and (
            not task.skills
            or any(task.skills <= _sure_skills(problem, team, day, sure) for day in range(DAYS))
        )
    )  # fmt: skip


def _sure_skills(problem: Problem, team: TeamId, day: int, sure: Sure) -> frozenset[str]:
    crew = problem.crews[day].get(team)
    return skills(problem, (crew.officer, *sure[team, day])) if crew else frozenset()


def _too_small(
    problem: Problem, task: Task, able: Iterable[TeamId], sure: Sure
) -> frozenset[tuple[int, TeamId]]:
    """Days on which a team's crew is too small for the task's road, or lacks its skills.

    Only days on which a duty may begin that goes on through the task.
    """
    on = task.start_min // DAY_MIN
    days = range(max(0, on - 1), min(DAYS, on + 2))  # one more: some days are longer than others
    strict = task.on_road and problem.strict(task.road_class)
    span = task.start_min, task.end_min
    away = set()
    for team in able:
        for day in days:
            small = (
                strict
                and sum(problem.persons[p].is_free(*span) for p in sure.get((team, day), ()))
                < LAWFUL_AUXILIARIES
            )
            lacks = task.skills and not task.skills <= _sure_skills(problem, team, day, sure)
            if small or lacks:
                away.add((day, team))
    return frozenset(away)


@dataclass(frozen=True, slots=True)
class DutyLeader:
    """Each squadron has a duty leader 带班领导 and a stand-by 备勤 on every day, two duties."""

    id: ClassVar[str] = "duty-leader"
    tier: ClassVar[Tier] = Tier.COVER
    asks: ClassVar[Asks] = "things"
    limit: ClassVar[Limit | None] = None

    def terms(self, problem: Problem) -> Iterator[Term]:
        """Two counts per squadron and day; one duty has one role."""
        for squadron in problem.squadrons:
            own = frozenset(team for team, of in problem.teams.items() if of == squadron)
            for day, crews in enumerate(problem.crews):
                leaders = frozenset(
                    team.id for team in crews.values()
                    if team.squadron == squadron and LEADER in problem.persons[team.officer].skills
                )  # fmt: skip
                cost = problem.costs.leader
                yield Count(f"leader/{squadron}/{day}", 1, cost, leaders, day=day)
                yield Count(f"stand_by/{squadron}/{day}", 1, cost, own, day=day)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Days of a squadron without a leader or a stand-by."""
        roles: Counter[tuple[str, object, str]] = Counter()
        for duty in roster.duties:
            able = duty.kind != "leader" or LEADER in skills(problem, (duty.officer,))
            if duty.kind in ("leader", "stand_by") and able:
                roles[duty.squadron, duty.date, duty.kind] += 1
        for squadron in problem.squadrons:
            for day, on in enumerate(problem.dates):
                for role in ("leader", "stand_by"):
                    if not roles[squadron, on, role]:
                        yield Breach(
                            self.id, self.tier, problem.costs.leader, squadron=squadron,
                            task=f"{role}/{squadron}/{day}", units=1,
                        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ContractHours:
    """A team works at least the hours of its contract; each half hour short counts."""

    id: ClassVar[str] = "contract-hours"
    tier: ClassVar[Tier] = Tier.CONTRACT
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = None

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A least number of minutes per team."""
        for team in problem.teams:
            yield Prefer(team, problem.contract_min(team), short=1, over=0)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Half hours short of the contract."""
        for team, minutes in _worked(problem, roster).items():
            short = -(-(problem.contract_min(team) - minutes) // SLOT_MIN)
            if short > 0:
                yield Breach(self.id, self.tier, short, team=team, units=short)


@dataclass(frozen=True, slots=True)
class Overtime:
    """Hours above the contract are used only where they cover something worth it."""

    id: ClassVar[str] = "overtime"
    tier: ClassVar[Tier] = Tier.COVER
    asks: ClassVar[Asks] = "person"
    limit: ClassVar[Limit | None] = None

    def terms(self, problem: Problem) -> Iterator[Term]:
        """A price of minutes above the contract."""
        for team in problem.teams:
            yield Prefer(team, problem.contract_min(team), short=0, over=problem.costs.overtime)

    def check(self, problem: Problem, roster: Roster) -> Iterator[Breach]:
        """Half hours above the contract."""
        for team, minutes in _worked(problem, roster).items():
            over = -(-(minutes - problem.contract_min(team)) // SLOT_MIN)
            if over > 0 and problem.costs.overtime:
                yield Breach(
                    self.id, self.tier, over * problem.costs.overtime, team=team, units=over
                )


def _worked(problem: Problem, roster: Roster) -> dict[TeamId, int]:
    """Minutes of each team of the week."""
    minutes = dict.fromkeys(problem.teams, 0)
    for duty in roster.duties:
        if duty.team in minutes:
            minutes[duty.team] += duty.minutes
    return minutes
