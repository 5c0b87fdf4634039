"""From lines to a whole roster: people, tasks, posts, vehicles, visits. Deterministic.

Always lawful where the lines keep the laws of lines: what cannot be lawful is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from config.ids import MustArriveId, TeamId
from scheduler.problem import Problem
from scheduler.roster import Roster
from scheduler.solve.crew import crewed
from scheduler.solve.options import Span
from scheduler.solve.places import equipped, posted
from scheduler.solve.tasking import tasked
from scheduler.solve.visits import visited


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
    duties, missed = visited(problem, posted(problem, tasked(problem, duties)))
    return Finished(Roster(tuple(duties)), missed)
