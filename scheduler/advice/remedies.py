"""Changes that might make a hole smaller, of each kind; none is tried here.

A duty that has room takes the task, a free team comes, within its contract or over it, a duty is
moved or lengthened, another squadron lends a team, laws are relaxed by up to three steps.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from config.ids import SquadronId
from config.people import Team
from scheduler.advice.barriers import Asking, Barrier, Smallest, Try
from scheduler.advice.holes import (
    Hole,
    Window,
    covered,
    days_of,
    given,
    task_of,
    unskilled,
)
from scheduler.costing import CostChange
from scheduler.problem import Problem, Task
from scheduler.reasons import Judge, crew_breaches, with_things
from scheduler.roster import Duty, Roster
from scheduler.rules import laws_of
from scheduler.solve.options import Options
from scheduler.solve.places import lawful_posts
from scheduler.things import at_once, dealt

What = Literal["tasked", "extra", "overtime", "moved", "lent", "relaxed", "exempt"]
MOST_MOVES, MOST_ASKED, MOST_LENT = 3, 20, 4
"""Lawful moves of one duty, hours that are looked at for them, and hours for a team lent."""
MOST_STEPS = 3
"""Steps by which laws are relaxed, all together."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that might make a hole smaller; it breaks no law but those in `exempt`.

    what: Of what kind. gone, new: Duties that it takes out and puts in. limits: What it relaxes:
    name of a limit in the settings and its value; steps: by how many steps, or how many laws are
    set aside. exempt: Laws that are set aside for somebody. lent: The squadron that lends the
    team. change: Of the whole roster's cost. left: What is lacking afterwards, see `lacking`.
    """

    what: What
    gone: tuple[Duty, ...] = ()
    new: tuple[Duty, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    steps: int = 0
    exempt: frozenset[Barrier] = frozenset()
    lent: SquadronId | None = None
    change: CostChange = field(default_factory=dict)
    left: int = 0

    def applied(self, problem: Problem, roster: Roster) -> tuple[Problem, Roster]:
        """The week and its roster with this done."""
        after = roster.replaced((duty.id for duty in self.gone), self.new)
        if self.limits:
            return problem.limited(**self.limits), after
        if self.lent is None:
            return problem, after
        (duty,) = self.new
        return lending(problem, duty), after


def lending(problem: Problem, duty: Duty) -> Problem:
    """The week with a duty's team in the duty's squadron on its day."""
    day = problem.day(duty.date)
    crews = list(problem.crews)
    crews[day] = {**crews[day], duty.team: replace(crews[day][duty.team], squadron=duty.squadron)}
    return replace(problem, crews=tuple(crews), _home={})


def remedies(
    problem: Problem, roster: Roster, hole: Hole, tries: Sequence[Try], options: Options
) -> Iterator[Fix]:
    """All changes that come into question for a hole, but for exemptions; see `fixes`."""
    yield from _tasked(problem, roster, hole)
    yield from _extra(problem, roster, tries)
    yield from _moved(problem, roster, hole, options)
    yield from _lent(problem, roster, hole, tries)
    yield from _relaxed(problem, tries)


# --- kinds of change -------------------------------------------------------------------------


def _tasked(problem: Problem, roster: Roster, hole: Hole) -> Iterator[Fix]:
    """A duty that is there and has room takes the task, or the role of the day."""
    task = task_of(problem, hole)
    tasks = {each.id: each for each in problem.tasks}
    for duty in roster.duties if task or hole.rule == "duty-leader" else ():
        if hole.squadron not in (None, duty.squadron):
            continue
        if task is not None:
            inside = duty.start_min <= task.start_min and task.end_min <= duty.end_min
            own = (tasks[name] for name in duty.tasks if name in tasks)
            free = inside and not any(_at_once(problem, hole, other) for other in own)
        else:
            day = int(str(hole.task).rpartition("/")[2])
            free = problem.day(duty.date) == day and duty.kind not in ("leader", "stand_by")
        new = given(problem, hole, duty)
        if free and not unskilled(problem, hole, new) and not crew_breaches(problem, new):
            yield Fix("tasked", (duty,), (new,))


def _extra(problem: Problem, roster: Roster, tries: Iterable[Try]) -> Iterator[Fix]:
    """A team that has nothing that day comes, and no law is in the way."""
    for one in tries:
        if not one.breaches:
            over = _minutes(roster, one.duty) > problem.contract_min(one.team)
            yield Fix("overtime" if over else "extra", (), (one.duty,))


def _minutes(roster: Roster, duty: Duty) -> int:
    """A team's minutes of the week with a duty more."""
    return duty.minutes + sum(other.minutes for other in roster.duties if other.team == duty.team)


def _moved(problem: Problem, roster: Roster, hole: Hole, options: Options) -> Iterator[Fix]:
    """A duty of the same day begins or ends elsewhen, with all of its crew and tasks."""
    tasks = {task.id: task for task in problem.tasks}
    days = days_of(problem, hole)
    near = [
        duty for duty in roster.duties
        if hole.squadron in (None, duty.squadron) and problem.day(duty.date) in days
    ]  # fmt: skip
    for duty in near if hole.rule != "duty-leader" else ():
        own = [tasks[name] for name in duty.tasks if name in tasks]
        part = options.on(problem.day(duty.date))
        spans = zip(options.start_min[part], options.end_min[part], strict=True)
        windows = [Window(problem.day(duty.date), int(a), int(b)) for a, b in spans]
        if hole.task and any(_at_once(problem, hole, task) for task in own):
            continue
        held = len(covered(problem, hole, Window(0, duty.start_min, duty.end_min)))
        task = task_of(problem, hole)
        more = [
            w for w in windows
            if (w.start_min, w.end_min) != (duty.start_min, duty.end_min)
            and all(w.start_min <= t.start_min and t.end_min <= w.end_min for t in own)
            and (
                w.start_min <= task.start_min and task.end_min <= w.end_min
                if task is not None
                else len(covered(problem, hole, w)) > held
            )
        ]  # fmt: skip
        more.sort(key=lambda w: abs(w.start_min - duty.start_min) + abs(w.end_min - duty.end_min))
        yield from _lawful_moves(problem, roster, hole, duty, more[:MOST_ASKED])


def _at_once(problem: Problem, hole: Hole, task: Task) -> bool:
    """Whether a task is to be done at the same time as a hole's."""
    own = task_of(problem, hole)
    return own is not None and task.start_min < own.end_min and own.start_min < task.end_min


def _lawful_moves(
    problem: Problem, roster: Roster, hole: Hole, duty: Duty, some: Iterable[Window]
) -> Iterator[Fix]:
    """The least moves of a duty that its people may make."""
    judge = Judge.of(problem, roster, duty.people, duty.id)
    count = 0
    for window in some:
        visits = tuple(
            visit for visit in duty.visits
            if window.start_min <= visit.arrive_min and visit.leave_min <= window.end_min
        )  # fmt: skip
        new = replace(duty, start_min=window.start_min, end_min=window.end_min, visits=visits)
        new = given(problem, hole, new)
        if judge.breaches(new) or unskilled(problem, hole, new) or crew_breaches(problem, new):
            continue
        equipped = with_things(problem, roster.replaced([duty.id]), new)
        if equipped is not None:
            yield Fix("moved", (duty,), (equipped,))
            count += 1
        if count == MOST_MOVES:
            return


def _lent(problem: Problem, roster: Roster, hole: Hole, tries: Sequence[Try]) -> Iterator[Fix]:
    """A team of another squadron stands in this one's name for a day, free or on duty there."""
    if hole.squadron is None:
        return
    for window in list(dict.fromkeys(one.window for one in tries))[:MOST_LENT]:
        crews = problem.crews[window.day].values()
        for crew in crews:
            if crew.squadron != hole.squadron:
                yield from _lent_free(problem, roster, hole, window, crew)
    yield from _lent_on_duty(problem, roster, hole, hole.squadron)


def _lent_on_duty(
    problem: Problem, roster: Roster, hole: Hole, squadron: SquadronId
) -> Iterator[Fix]:
    """A patrol of another squadron, at its own hours."""
    task = task_of(problem, hole)
    for duty in roster.duties if hole.rule != "duty-leader" else ():
        here = Window(problem.day(duty.date), duty.start_min, duty.end_min)
        inside = task is None or (here.start_min <= task.start_min and task.end_min <= here.end_min)
        if duty.squadron == squadron or duty.tasks or duty.kind != "patrol" or not inside:
            continue
        if here.day in days_of(problem, hole) and covered(problem, hole, here):
            new = replace(duty, squadron=squadron, post=None, visits=(), vehicle=None)
            new = given(problem, hole, new)
            post = next((post.id for post in lawful_posts(problem, new)), new.post)
            week = lending(problem, new)
            moved = with_things(week, roster.replaced([duty.id]), replace(new, post=post))
            if moved is None or crew_breaches(week, moved) or unskilled(week, hole, moved):
                continue
            yield Fix("lent", (duty,), (moved,), lent=duty.squadron)


def _lent_free(
    problem: Problem, roster: Roster, hole: Hole, window: Window, crew: Team
) -> Iterator[Fix]:
    """A free team of another squadron, if the laws let it."""
    if hole.squadron is None or any(
        duty.team == crew.id and problem.day(duty.date) == window.day for duty in roster.duties
    ):
        return
    guest = replace(crew, squadron=hole.squadron)
    crews = list(problem.crews)
    crews[window.day] = {**crews[window.day], crew.id: guest}
    week = replace(problem, crews=tuple(crews), _home={})
    asking = Asking(week, roster, hole)
    for one in asking.tries(window, guest) if asking.may_lead(window, guest) else ():
        if not one.breaches:
            yield Fix("lent", (), (one.duty,), lent=crew.squadron)


def _relaxed(problem: Problem, tries: Iterable[Try]) -> Iterator[Fix]:
    """A team comes that laws keep away by a step or a few."""
    steps = {
        rule.id: rule.limit for rule in laws_of(problem) if rule.limit and rule.limit.step
    }  # fmt: skip
    for one in tries:
        needed: dict[str, int] = {}
        for breach in one.breaches:
            step = steps[breach.rule].step if breach.rule in steps else 0
            count = -(-breach.amount // step) if step else MOST_STEPS + 1
            needed[breach.rule] = max(needed.get(breach.rule, 0), count)
        if 0 < sum(needed.values()) <= MOST_STEPS:
            limits = {
                limit.name: limit.relaxed(getattr(problem.limits, limit.name), needed[rule])
                for rule in sorted(needed) for limit in [steps[rule]]
            }  # fmt: skip
            yield Fix("relaxed", (), (one.duty,), limits=limits, steps=sum(needed.values()))


def exemption(problem: Problem, roster: Roster, found: Smallest) -> Fix:
    """The smallest set of laws set aside, for those whom they keep away."""
    new: list[Duty] = []
    for one in found.chosen:
        others = [other for other in (*roster.duties, *new) if at_once(other, one.duty)]
        new.append(dealt(problem, one.duty, others, cramped=True))
    return Fix("exempt", (), tuple(new), steps=len(found.barriers), exempt=found.barriers)
