"""What a person wants changed in a week: a swap, an extra duty, one moved, given away, taken out.

All else of the week moves only as far as the laws then ask for, with the least change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from config.cells import DutyKind
from config.district import District
from config.durations import DAY_MIN
from config.errors import BadInput, NotFound
from config.faults import shown
from config.ids import DutyId, PostId, SquadronId, TeamId
from scheduler.absence import as_filed, pinned_days, problem_to_mend
from scheduler.intake import Week
from scheduler.nobody import with_reasons
from scheduler.problem import Problem
from scheduler.publish import breach_data
from scheduler.readback import RosterFile
from scheduler.reasons import completed
from scheduler.repair import TIME_S, Repaired, naive_breaches, repair
from scheduler.revisiting import revisited
from scheduler.roster import Duty, Roster, duty_id
from scheduler.slots import DAYS
from scheduler.solve.mend_offers import Day, Stays, reached

EXTRA = TeamId("+")
"""Whose an extra duty is before it is anybody's."""


@dataclass(frozen=True, slots=True)
class Swap:
    """Two teams do each other's duty."""

    duty: DutyId
    other: DutyId


@dataclass(frozen=True, slots=True)
class Extra:
    """One more duty, by whoever is best for it. start_ms, end_ms: Unix time."""

    squadron: SquadronId
    start_ms: int
    end_ms: int
    post: PostId | None = None
    kind: DutyKind = "patrol"


@dataclass(frozen=True, slots=True)
class Edited:
    """A duty moved, given to another team, or taken out; None: as it is."""

    duty: DutyId
    team: TeamId | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    remove: bool = False


Wanted = Swap | Extra | Edited


def named(wanted: Wanted) -> tuple[DutyId, ...]:
    """The duties that it is about."""
    match wanted:
        case Swap(duty, other):
            return duty, other
        case Edited(duty):
            return (duty,)
        case Extra():
            return ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a wish. `breaches`: laws for which it cannot be, as data."""

    file: RosterFile
    found: Repaired | None
    breaches: tuple[Mapping[str, object], ...] = ()


def carried_out(
    district: District, file: RosterFile, wanted: Wanted, now_ms: int | None,
    time_s: float = TIME_S,
) -> Outcome:  # fmt: skip
    """The week with what is wanted, and the least change that it brings about.

    Args:
        district: With all that was reported.
        file: The version that is changed.
        wanted: What shall be.
        now_ms: What has begun stays; None: nothing has.
        time_s: For finding the least change.

    Raises:
        NotFound: There is no such duty, team or squadron.
        BadInput: It is too late, or it cannot be meant.
    """
    problem = problem_to_mend(district, file)
    was = completed(problem, file.roster)
    of = Week(district.calendar, file.week)
    now_min = None if now_ms is None else of.of_ms(now_ms)
    asking = _Asking(problem, was, of, now_min)
    match wanted:
        case Swap():
            asking.swap(wanted)
        case Extra():
            asking.one_more(wanted)
        case Edited():
            asking.edit(wanted)
    pinned = pinned_days(district, file.week) - asking.forced.keys()
    stays = Stays(now_min, pinned, asking.forced)
    roster = was.replaced(duty.id for duty in asking.holes)
    found = repair(problem, roster, asking.holes, stays, time_s, was=was)
    if found is None:
        told = naive_breaches(problem, roster, asking.holes, stays)
        return Outcome(file, None, tuple(breach_data(breach) for breach in told))
    found = with_reasons(problem, revisited(problem, was, found, stays))
    return Outcome(as_filed(file, was, found.roster), found)


class _Asking:
    """Turns a wish into days of teams that shall be so, and duties that somebody must do."""

    def __init__(self, problem: Problem, roster: Roster, of: Week, now_min: int | None) -> None:
        self.problem, self.roster, self.of, self.now_min = problem, roster, of, now_min
        self.forced: dict[Day, Duty | None] = {}
        self.holes: list[Duty] = []

    def duty(self, name: DutyId) -> Duty:
        """A duty that can still be changed."""
        found = self.roster.duty(name)
        if found is None:
            raise NotFound("repair.no_duty", duty=name, week=self.of.name)
        if self.now_min is not None and found.start_min < self.now_min:
            raise BadInput(key="repair.begun", duty=name)
        return found

    def swap(self, wanted: Swap) -> None:
        """Each does the other's."""
        one, other = self.duty(wanted.duty), self.duty(wanted.other)
        if one.team == other.team:
            raise BadInput(key="repair.same_team", duty=one.id, other=other.id, team=one.team)
        if one.squadron != other.squadron:
            raise BadInput(key="repair.other_squadron", duty=one.id, other=other.id)
        self.forced[one.team, one.date] = None
        self.forced[other.team, other.date] = None
        self._give(one, other.team, (one, other))
        self._give(other, one.team, (one, other))

    def one_more(self, wanted: Extra) -> None:
        """A hole that nobody left."""
        if wanted.squadron not in self.problem.squadrons:
            raise NotFound("repair.no_squadron", squadron=wanted.squadron)
        posts = {post.id for post in self.problem.posts}
        if wanted.post is not None and wanted.post not in posts:
            raise NotFound("repair.no_post", post=shown(wanted.post))
        start_min, end_min = self.of.of_ms(wanted.start_ms), self.of.of_ms(wanted.end_ms)
        on = self.of.calendar.local(wanted.start_ms).date()
        most_min = self.problem.limits.most_in_24h_min
        if on not in self.problem.dates or not 0 < end_min - start_min <= most_min:
            raise BadInput(key="repair.no_span", week=self.of.name, hours=most_min // 60)
        if self.now_min is not None and start_min < self.now_min:
            raise BadInput(key="repair.begun", duty=f"{EXTRA}@{on}")
        nobody = next(iter(self.problem.persons))
        self.holes.append(Duty(
            duty_id(EXTRA, on), EXTRA, wanted.squadron, on, start_min, end_min, wanted.kind,
            nobody, post=wanted.post,
        ))  # fmt: skip

    def edit(self, wanted: Edited) -> None:
        """The duty as it shall be, with its team or another."""
        if wanted == Edited(wanted.duty):
            raise BadInput(key="repair.nothing", duty=wanted.duty)
        duty = self.duty(wanted.duty)
        if wanted.team is not None and wanted.team not in self.problem.teams:
            raise NotFound("repair.no_team", team=wanted.team)
        self.forced[duty.team, duty.date] = None
        if wanted.remove:
            return
        start_min = duty.start_min
        if wanted.start_ms is not None:
            start_min = self.of.of_ms(wanted.start_ms)
        end_min = start_min + duty.minutes
        if wanted.end_ms is not None:
            end_min = self.of.of_ms(wanted.end_ms)
        on = self.of.calendar.local(self.of.at_ms(start_min)).date()
        if on != duty.date or not 0 < end_min - start_min <= DAY_MIN:
            raise BadInput(key="repair.no_move", duty=duty.id, day=duty.date)
        if self.now_min is not None and start_min < self.now_min:
            raise BadInput(key="repair.begun", duty=duty.id)
        if (wanted.team or duty.team, start_min, end_min) == (
            duty.team, duty.start_min, duty.end_min,
        ):  # fmt: skip
            raise BadInput(key="repair.as_it_is", duty=duty.id)
        tasks = {task.id: task for task in self.problem.tasks}
        moved = replace(
            duty, start_min=start_min, end_min=end_min,
            tasks=tuple(
                name for name in duty.tasks if name not in tasks
                or (start_min <= tasks[name].start_min and tasks[name].end_min <= end_min)
            ),
        )  # fmt: skip
        moved = reached(self.problem, moved, duty)
        self._give(moved, wanted.team or duty.team, (duty,))

    def _give(self, duty: Duty, team: TeamId, but: Iterable[Duty]) -> None:
        """A team does a duty; what it would do that day must be done by somebody else."""
        day = self.problem.day(duty.date)
        crew = self.problem.crews[day].get(team) if 0 <= day < DAYS else None
        if crew is None or crew.squadron != duty.squadron:
            raise BadInput(key="repair.not_there", team=team, day=duty.date)
        span = duty.start_min, duty.end_min
        there = tuple(p for p in crew.auxiliaries if self.problem.persons[p].is_free(*span))
        if team == duty.team:
            there = tuple(p for p in duty.auxiliaries if p in there)
        self.forced[team, duty.date] = replace(
            duty, id=duty_id(team, duty.date), team=team, officer=crew.officer, auxiliaries=there
        )
        spared = {one.id for one in but}
        self.holes += [
            other for other in self.roster.duties
            if other.team == team and other.date == duty.date and other.id not in spared
        ]  # fmt: skip


Cause = Literal["edit", "swap", "extra"]
CAUSES: Mapping[type, Cause] = {Swap: "swap", Extra: "extra", Edited: "edit"}
