"""Which duty does which task, and who leads each day: at the least cost by the rules of cover.

Tasks go to duties that contain them, by skills and crew law; a duty has one at a time. As a
small integer program it is exact; it is solved in milliseconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from config.cells import DutyKind
from config.ids import DutyId
from config.people import crew_is_lawful
from scheduler.problem import Problem, Task
from scheduler.roster import Duty
from scheduler.rules.coverage import LEADER, skills, task_cost
from scheduler.solve.places import may_stand

_DESK_ONLY = 1000.0  # a crew that may stand nowhere is of use at a desk only
_OF_KIND = 0.5
"""A duty that bears the name of a task's kind was made for it; a leader may lead."""
_CLAIMED, _CLAIMED_MOST = 0.3, 0.4
"""Per visit that has a claim on the duty in the task's time; and for all of them."""
_SPARE = 1e-4  # of equals: the duty that is made for the task, and not a night before it


Claims = Mapping[DutyId, Sequence[tuple[int, int, float]]]
"""Of duties the windows in which a visit asks for them that nobody has time for, and how much."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A task that a duty could do."""

    task: int
    duty: int
    worth: float


def tasked(problem: Problem, duties: Sequence[Duty], claims: Claims | None = None) -> list[Duty]:
    """Duties with their tasks, roles and kinds; without those that may neither stand nor sit.

    Args:
        problem: The week.
        duties: With their people.
        claims: Of two duties that could do a task as well, the one does it that fewer ask for.
    """
    busy = [replace(duty, tasks=(), kind="patrol") for duty in duties]
    for n, tasks in _done(problem, busy, claims or {}).items():
        busy[n] = replace(busy[n], tasks=tuple(t.id for t in tasks))
        busy[n] = replace(busy[n], kind=_kind(problem, busy[n], tasks))
    lawful = [duty for duty in busy if duty.kind == "desk" or may_stand(problem, duty)]
    return _with_roles(problem, lawful)


def with_tasks(problem: Problem, duties: Sequence[Duty]) -> list[Duty]:
    """Duties of a roster that does not name its tasks, with tasks that suit their kinds."""
    done = _done(problem, duties, {})
    return [
        replace(duty, tasks=tuple(task.id for task in done.get(n, ())))
        for n, duty in enumerate(duties)
    ]


def _done(problem: Problem, duties: Sequence[Duty], claims: Claims) -> dict[int, list[Task]]:
    """Tasks by the number of the duty that does them, in order of time."""
    done: dict[int, list[Task]] = {}
    for pair in _chosen(problem, _pairs(problem, duties, claims)):
        done.setdefault(pair.duty, []).append(problem.tasks[pair.task])
    return {n: sorted(tasks, key=lambda task: task.start_min) for n, tasks in done.items()}


def _kind(problem: Problem, duty: Duty, tasks: Sequence[Task]) -> DutyKind:
    """The kind of the longest task; where a road is worked on it is no desk duty.

    A night that ends with a shorter task by day is a patrol with a task: nobody who reads
    `school post` comes at half past midnight.
    """
    first = max(tasks, key=lambda task: (task.on_road, task.end_min - task.start_min))
    by_day = first.on_road and not problem.night_min(first.start_min, first.end_min)
    night_min = problem.night_min(duty.start_min, duty.end_min)
    return "patrol" if by_day and night_min > first.end_min - first.start_min else first.kind


def _pairs(problem: Problem, duties: Sequence[Duty], claims: Claims) -> list[_Pair]:
    found = []
    stands = [may_stand(problem, duty) for duty in duties]
    for n, task in enumerate(problem.tasks):
        cost, length = task_cost(problem, task), task.end_min - task.start_min
        for k, duty in enumerate(duties):
            inside = duty.start_min <= task.start_min and task.end_min <= duty.end_min
            if not inside or not _able(problem, task, duty):
                continue
            if stands[k] or task.kind == "desk":
                night_min = problem.night_min(duty.start_min, duty.end_min)
                other = night_min - problem.night_min(task.start_min, task.end_min)
                spare = _SPARE * (duty.minutes - length + other + 10 * len(duty.auxiliaries))
                suits = duty.kind == task.kind or (task.kind == "leader" and _leads(problem, duty))
                of_kind = _OF_KIND if suits else 0.0
                claimed = _claimed(claims.get(duty.id, ()), task)
                desk = 0.0 if stands[k] else _DESK_ONLY
                found.append(_Pair(n, k, cost - spare + of_kind - claimed + desk))
    return found


def _claimed(claims: Sequence[tuple[int, int, float]], task: Task) -> float:
    """What the visits would lose that ask for a duty while a task lasts."""
    visits = sum(
        share * max(0, min(end, task.end_min) - max(start, task.start_min)) / (end - start)
        for start, end, share in claims
    )
    return min(_CLAIMED_MOST, _CLAIMED * visits)


def _able(problem: Problem, task: Task, duty: Duty) -> bool:
    """Whether a crew may and can do a task, whatever its hours."""
    crew = 1, len(duty.auxiliaries)
    lawful = not task.on_road or crew_is_lawful(*crew, task.road_class, problem.crew_law)
    own = task.squadron in (None, duty.squadron)
    return own and lawful and task.skills <= skills(problem, duty.people)


def _chosen(problem: Problem, pairs: Sequence[_Pair]) -> list[_Pair]:
    """The pairs of most worth: a task has no more teams than it asks for, a duty one at a time."""
    if not pairs:
        return []
    rows: dict[tuple[str, int, int], tuple[float, list[int]]] = {}
    by_duty: dict[int, list[int]] = {}
    for n, pair in enumerate(pairs):
        most = float(problem.tasks[pair.task].teams)
        rows.setdefault(("task", pair.task, 0), (most, []))[1].append(n)
        by_duty.setdefault(pair.duty, []).append(n)
    for duty, own in by_duty.items():
        for n in own:
            start = problem.tasks[pairs[n].task].start_min
            at_once = [k for k in own if _runs(problem.tasks[pairs[k].task], start)]
            if len(at_once) > 1:
                rows["moment", duty, start] = (1.0, at_once)
    entries = [(row, n) for row, (_, members) in enumerate(rows.values()) for n in members]
    row, column = np.array(entries).T
    matrix = coo_array((np.ones(len(entries)), (row, column)), shape=(len(rows), len(pairs)))
    found = milp(
        -np.array([pair.worth for pair in pairs]), integrality=np.ones(len(pairs), dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix.tocsr(), ub=[most for most, _ in rows.values()]),
    )  # fmt: skip
    taken = np.zeros(len(pairs)) if found.x is None else found.x
    return [pair for pair, share in zip(pairs, taken, strict=True) if share > 0.5]


def _runs(task: Task, at_min: int) -> bool:
    return task.start_min <= at_min < task.end_min


def _with_roles(problem: Problem, duties: Sequence[Duty]) -> list[Duty]:
    """A duty leader and a stand-by for each squadron and date, two duties, if there are such."""
    found = list(duties)
    by_day: dict[tuple[str, int], list[int]] = {}
    for n, duty in enumerate(duties):
        if may_stand(problem, duty):
            by_day.setdefault((duty.squadron, problem.day(duty.date)), []).append(n)
    kinds = {task.id: task.kind for task in problem.tasks}
    for own in by_day.values():
        first: int | None = None
        for role in ("leader", "stand_by"):
            may = [n for n in own if n != first and (role != "leader" or _leads(problem, found[n]))]
            first = min(may, key=lambda n: _order(kinds, found[n], role), default=None)
            if first is not None:
                found[first] = replace(found[first], kind=role)
    return found


def _order(
    kinds: Mapping[str, DutyKind], duty: Duty, role: Literal["leader", "stand_by"]
) -> tuple[bool, bool, int, int, int, str]:
    """Who takes a role first: whose task it is, who has not the other's, who has least else."""
    held = [kinds[task] for task in duty.tasks]
    other = "leader" if role == "stand_by" else "stand_by"
    return (
        role not in held, other in held, len(held), -duty.minutes, duty.start_min, duty.id,
    )  # fmt: skip


def _leads(problem: Problem, duty: Duty) -> bool:
    """Whether its officer may lead a squadron's day."""
    return LEADER in skills(problem, (duty.officer,))
