"""From lines to a whole roster: people, tasks, posts, vehicles, visits. Deterministic.

Always lawful where the lines keep the laws of lines: what cannot be lawful is left out. Where
visits find no crew with time, tasks are given out once more, to others than these visits ask for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from config.ids import MustArriveId, TeamId
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster
from scheduler.rules import cost_by_tier
from scheduler.solve.crew import crewed
from scheduler.solve.options import Span
from scheduler.solve.places import equipped, posted
from scheduler.solve.tasking import Claims, tasked
from scheduler.solve.visits import claims_of, visited


@dataclass(frozen=True, slots=True)
class Finished:
    """A roster, and the points that nobody visits as often as is due, with the reason.

    missed: Keys below `planner.missed.` of the words.
    """

    roster: Roster
    missed: Mapping[MustArriveId, str] = field(default_factory=dict)


def finish(problem: Problem, lines: Mapping[TeamId, tuple[Span, ...]]) -> Finished:
    """The roster of some lines.

    Args:
        problem: The week.
        lines: Of each team its duties, at most one a day, by the laws of lines.
    """
    duties = equipped(problem, crewed(problem, lines))
    first = _sent(problem, duties, {})
    claims = claims_of(problem, first.roster.duties, first.missed)
    if not claims:
        return first
    return min(first, _sent(problem, duties, claims), key=lambda one: _order(problem, one))


def _sent(problem: Problem, duties: Sequence[Duty], claims: Claims) -> Finished:
    """Tasks, posts, then visits."""
    made, missed = visited(problem, posted(problem, tasked(problem, duties, claims)))
    return Finished(Roster(tuple(made)), missed)


def _order(problem: Problem, one: Finished) -> list[int]:
    """What a roster costs, tier by tier."""
    return list(cost_by_tier(problem, one.roster).values())
