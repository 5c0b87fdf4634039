"""What duties cost, all from the rules: differences of what they find with and without.

So every number adds up to the roster's own cost.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from config.ids import MustArriveId, SquadronId
from scheduler.problem import Layer, Problem
from scheduler.roster import Duty, Roster
from scheduler.rules import Tier, shortfalls

CostChange = Mapping[tuple[Tier, str], int]
"""Points of cost by tier and rule; none is 0."""
COSTS = (Tier.CONTRACT, Tier.COVER, Tier.WISH)


def cost_of(problem: Problem, roster: Roster) -> Counter[tuple[Tier, str]]:
    """Points of a roster by tier and rule."""
    found: Counter[tuple[Tier, str]] = Counter()
    for breach in shortfalls(problem, roster):
        found[breach.tier, breach.rule] += breach.amount
    return found


def by_tier(change: CostChange) -> dict[Tier, int]:
    """Points of each tier above the laws."""
    return {tier: sum(n for (of, _), n in change.items() if of is tier) for tier in COSTS}


def order(change: CostChange) -> tuple[int, ...]:
    """To sort by: a higher tier is never given up for a lower one."""
    return tuple(by_tier(change).values())


def worth(problem: Problem, roster: Roster, duty: Duty) -> CostChange:
    """How the cost would change without a duty; what it saves is above 0."""
    return Costing.of(problem, roster, [duty]).change([duty])


@dataclass(frozen=True, slots=True)
class Costing:
    """A part of a week in which changes are priced: some squadrons, and some tasks.

    What lies outside costs the same before and after, as long as no other duties change.
    """

    problem: Problem
    roster: Roster
    before: Counter[tuple[Tier, str]]

    @staticmethod
    def of(problem: Problem, roster: Roster, touched: Iterable[Duty]) -> "Costing":
        """The part that changes of some duties can touch, those that are there or may come."""
        duties = tuple(touched)
        names = {duty.squadron for duty in duties}
        tasks = {task for duty in duties for task in duty.tasks}
        points = {visit.must_arrive for duty in duties for visit in duty.visits}
        small = _part(problem, names, tasks, points)
        own = Roster(tuple(
            d for d in roster.duties if d.squadron in names or not tasks.isdisjoint(d.tasks)
            or any(visit.must_arrive in points for visit in d.visits)
        ))  # fmt: skip
        return Costing(small, own, cost_of(small, own))

    def change(self, gone: Iterable[Duty], new: Iterable[Duty] = ()) -> CostChange:
        """How the cost changes without some duties and with others."""
        after = cost_of(self.problem, self.roster.replaced((d.id for d in gone), new))
        both = {key: after[key] - self.before[key] for key in sorted({*after, *self.before})}
        return {key: points for key, points in both.items() if points}


def _part(
    problem: Problem, names: Iterable[SquadronId], tasks: Collection[str],
    points: Collection[MustArriveId],
) -> Problem:  # fmt: skip
    """Some squadrons of a week, and some of its tasks and points."""
    rows = [n for n, name in enumerate(problem.squadrons) if name in set(names)]
    kept = tuple(problem.squadrons[n] for n in rows)
    return replace(
        problem, squadrons=kept, vehicles=(), devices={},
        due=tuple(due for due in problem.due if due.id in points),
        tasks=tuple(task for task in problem.tasks if task.id in tasks),
        teams={team: of for team, of in problem.teams.items() if of in kept},
        layers=tuple(Layer(layer.units[rows], layer.cost) for layer in problem.layers),
        carried=problem.carried[rows], _home={},
    )  # fmt: skip
