"""What an edited duty needs besides its hours: a free vehicle and PDA, and visits that fit."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from config.ids import DutyId
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster
from scheduler.things import at_once, dealt


@dataclass(frozen=True, slots=True)
class Equipped:
    """A duty as it was stated and as it goes out, where that is not the same."""

    stated: Duty
    duty: Duty

    @property
    def lost_visits(self) -> int:
        """Visits that do not lie in its hours any more."""
        return len(self.stated.visits) - len(self.duty.visits)

    @property
    def lost_tasks(self) -> tuple[str, ...]:
        """Fixed duties that do not lie in its hours any more."""
        return tuple(task for task in self.stated.tasks if task not in self.duty.tasks)


def equipped(
    problem: Problem, before: Roster, after: Roster, changed: Iterable[DutyId]
) -> tuple[Roster, list[Equipped]]:
    """The roster with vehicles, PDAs, visits and fixed duties of the changed duties put right.

    A vehicle that somebody wrote stays; one that came with the duty is changed when another unit
    has it meanwhile or it is withdrawn, for the smallest free one of the squadron. Fixed duties
    that lie in its hours stay; those of its kind that nobody does are taken up.
    """
    found: list[Equipped] = []
    roster = after
    for name in sorted(changed):
        duty = roster.duty(name)
        if duty is None:
            continue
        was = before.duty(name)
        others = [other for other in roster.duties
                  if other.id != name and at_once(other, duty)]  # fmt: skip
        kept = was is None or was.vehicle == duty.vehicle
        things = dealt(problem, duty, others, cramped=True)
        new = replace(
            things,
            vehicle=things.vehicle if kept else duty.vehicle,
            visits=tuple(v for v in duty.visits
                         if duty.start_min <= v.arrive_min and v.leave_min <= duty.end_min),
            tasks=_tasks(problem, duty, [o for o in roster.duties if o.id != name]),
        )  # fmt: skip
        if new != duty:
            found.append(Equipped(duty, new))
            roster = roster.replaced([name], [new])
    return roster, found


def _tasks(problem: Problem, duty: Duty, others: Iterable[Duty]) -> tuple[str, ...]:
    """The fixed duties done in a duty: its own as far as they fit, and open ones of its kind."""
    done = Counter(task for other in others for task in other.tasks)
    inside = [task for task in problem.tasks
              if duty.start_min <= task.start_min and task.end_min <= duty.end_min]  # fmt: skip
    taken = [task for task in inside if task.id in duty.tasks]
    for task in inside:
        is_open = done[task.id] < task.teams and task.squadron in (None, duty.squadron)
        is_free = all(task.end_min <= t.start_min or t.end_min <= task.start_min for t in taken)
        if is_open and is_free and task.kind == duty.kind:
            taken.append(task)
    return tuple(task.id for task in sorted(taken, key=lambda task: task.start_min))
