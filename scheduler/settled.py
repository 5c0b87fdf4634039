"""A week that was searched for as if nothing came after it, put right for what is published there.

The search knows which single duties no later week allows, not all that several do together. What
they break is taken out, and done by others with the least change; the bound holds as before, since
a week that must fit another can only be dearer.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.problem import Problem
from scheduler.repair import repair
from scheduler.roster import Duty, Roster
from scheduler.rules import Breach, check
from scheduler.solve.engine import cost_of
from scheduler.solve.mend_offers import Stays
from scheduler.solve.visits import visited

if TYPE_CHECKING:
    from scheduler.solve.solved import Solved

SQUADRON_S = 10.0
"""For putting one squadron right, on a quiet core."""


def settled(problem: Problem, found: "Solved") -> "Solved":
    """A solution that breaks no law with duties of later weeks; as it is where it breaks none."""
    roster, holes = _opened(problem, found.roster)
    if roster == found.roster:
        return found
    done = repair(problem, roster, holes, Stays(), SQUADRON_S * len(problem.squadrons))
    bare = [replace(duty, visits=()) for duty in (done.roster if done else roster).duties]
    duties, missed = visited(problem, bare)
    whole = Roster(tuple(duties))
    return replace(found, roster=whole, cost=cost_of(problem, whole), missed=missed)


def _opened(problem: Problem, roster: Roster) -> tuple[Roster, list[Duty]]:
    """The roster without what breaks a law with later weeks, and the duties taken out."""
    holes: list[Duty] = []
    while broken := [one for one in check(problem, roster, "person") if one.later is not None]:
        for duty in {one.duty: one for one in broken}:
            held = duty and roster.duty(duty)
            if not held:
                continue
            gone = {one.person for one in broken if one.duty == duty}
            smaller = replace(held, auxiliaries=tuple(p for p in held.auxiliaries if p not in gone))
            if held.officer in gone or _crew(problem, smaller) - _crew(problem, held):
                roster = roster.replaced([held.id])
                holes.append(held)
            else:
                roster = roster.replaced([held.id], [smaller])
    return roster, holes


def _crew(problem: Problem, duty: Duty) -> set[Breach]:
    """What a duty breaks by who is on it."""
    return set(check(problem, Roster((duty,)), "crew"))
