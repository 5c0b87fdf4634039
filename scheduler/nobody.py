"""Why nobody does a duty that a repair leaves undone: who is there, and what keeps them away."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scheduler.advice.candidates import ONE_A_DAY, candidate
from scheduler.problem import Problem
from scheduler.publish import breach_data
from scheduler.repair import Repaired
from scheduler.roster import Duty, Roster
from scheduler.slots import DAYS

MOST_ASKED = 8
"""Of so many undone duties the reasons are looked for: somebody waits."""
MOST_KEPT = 40
"""Breaches that a version tells of one of them; a frame must take them."""


def with_reasons(problem: Problem, found: Repaired) -> Repaired:
    """A repair that says of its undone duties why nobody does them.

    Args:
        problem: With absences as leave and withdrawn vehicles withdrawn.
        found: The repair.
    """
    some = found.undone[:MOST_ASKED]
    return replace(found, nobody={duty.id: nobody(problem, found.roster, duty) for duty in some})


def nobody(problem: Problem, roster: Roster, duty: Duty) -> Mapping[str, Any]:
    """What keeps the other teams of a squadron from a duty, as a version tells of it.

    Args:
        problem: The week.
        roster: In which nobody does it.
        duty: Which.

    Returns:
        `teams`: how many others are there that day; `busy`: of these with a duty of that day;
        `laws`: of the rest, how many each law keeps away, and `kept`: whom, each with the law, the
        duty as they would do it and, where it is one of a later week that is in the way, its date;
        `free`: those that none does, by id.
    """
    day = problem.day(duty.date)
    crews = [
        crew for crew in (problem.crews[day].values() if 0 <= day < DAYS else ())
        if crew.squadron == duty.squadron and crew.id != duty.team
    ]  # fmt: skip
    busy, laws, free, kept = 0, Counter[str](), list[str](), list[dict[str, Any]]()
    for crew in crews:
        one = candidate(problem, roster, duty, crew)
        told = [breach_data(breach) for breach in one.broken]
        broken = {str(breach["rule"]) for breach in told}
        if ONE_A_DAY in broken:
            busy += 1
        elif broken:
            laws.update(broken)
            kept += told
        else:
            free.append(str(crew.id))
    counts = dict(sorted(laws.items(), key=lambda one: (-one[1], one[0])))
    return {
        "teams": len(crews), "busy": busy, "laws": counts, "kept": kept[:MOST_KEPT],
        "free": sorted(free),
    }  # fmt: skip
