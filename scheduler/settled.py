"""A week that must fit published later weeks, found by a search that does not look at them.

The search knows which single duties no later week allows, not all that several do together. So it
is asked again without the days on which teams broke a law with later weeks, which leaves those
days to others; what still breaks one is taken out, and done by others with the least change. The
first bound holds: a week that must fit another can only be dearer.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler.problem import Problem
from scheduler.repair import repair
from scheduler.roster import Duty, Roster
from scheduler.rules import Breach, check
from scheduler.slots import SLOTS_A_DAY
from scheduler.solve.engine import cost_of
from scheduler.solve.mend_offers import Stays
from scheduler.solve.visits import visited

if TYPE_CHECKING:
    from scheduler.solve.solved import Solved

EARLY = 16
"""Half hours from midnight to 08:00: a night of the day before ends by then."""
SQUADRON_S = 4.0
"""For putting one squadron right, on a quiet core."""


def fit(
    problem: Problem, search: Callable[[Problem], "Solved"], again: Callable[[], bool],
    fitted: Callable[[int], None],
) -> "Solved":  # fmt: skip
    """The best of some searches that fits the later weeks, made to fit where none does.

    Args:
        problem: The week, with duties ahead.
        search: Finds a roster of a week that is lawful by itself.
        again: Asked whether to search once more.
        fitted: Told how many duties do not fit, before others are looked for to do them.
    """
    best = first = search(problem)
    week, least = problem, len(holes := _opened(problem, first.roster)[1])
    while holes and again():
        week = _without(week, holes)
        found = search(week)
        holes = _opened(problem, found.roster)[1]
        if len(holes) <= least:
            best, least = found, len(holes)
    if least:
        fitted(least)
    return settled(problem, replace(
        best, bound=first.bound, contract_least=first.contract_least, prices=first.prices
    ))  # fmt: skip


def _without(week: Problem, holes: Iterable[Duty]) -> Problem:
    """The week in which the officers of some duties are away on the days of these."""
    persons = dict(week.persons)
    for duty in holes:
        day = week.day(duty.date)
        midnight = SLOTS_A_DAY * day
        early_min, end_min = week.slot_min[midnight + EARLY], week.slot_min[midnight + SLOTS_A_DAY]
        own = persons[duty.officer]
        persons[own.id] = replace(own, absent=(*own.absent, (early_min, end_min)))
    return replace(week, persons=persons, _home={})


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
