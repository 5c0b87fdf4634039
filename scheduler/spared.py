"""Who has two days off together this week, so that the next week is not short of people.

A week by itself is cheapest if hardly anybody has them; then everybody must have them at once
early in the next. On the sample district every second week lacked five times as much.
"""

from math import ceil

from config.ids import TeamId
from scheduler.problem import Person, Problem
from scheduler.slots import DAYS


def spared(problem: Problem) -> frozenset[TeamId]:
    """In each squadron as many teams as the law asks for in a week, those first that must soonest.

    Teams with duties of a later week are left out: those say already when they are off.
    """
    within = problem.limits.two_days_off_in_days
    found: set[TeamId] = set()
    for squadron in problem.squadrons:
        own = [team for team, of in problem.teams.items() if of == squadron]
        soonest = sorted((_begin_by(problem, team, within), team) for team in own)
        turn = soonest[: ceil(len(own) * DAYS / within)]
        found |= {team for _, team in turn if not any(p.ahead for p in _people(problem, team))}
    return frozenset(found)


def _people(problem: Problem, team: TeamId) -> list[Person]:
    """Its officer and the auxiliaries at home in it, on whichever day."""
    there = (crews[team].officer for crews in problem.crews if team in crews)
    sure = (person for day in range(DAYS) for person in problem.sure(team, day))
    return [problem.persons[person] for person in {*there, *sure}]


def _begin_by(problem: Problem, team: TeamId, within: int) -> int:
    """Last day, 0 the week's first, on which two days off of all of a team's people may begin."""
    last = within * DAYS
    for person in _people(problem, team):
        days = {problem.day(worked.date) for worked in person.past}
        off = (n for n in range(-1, -within - 2, -1) if not {n, n - 1} & days)
        last = min(last, next(off, -within - 1) + within - 2)
    return last
