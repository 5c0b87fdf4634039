"""Numbers behind a person's day, all from the rules: what a duty is worth, what forbids one.

Costs are differences of what the rules find in the roster with and without a duty, so that they
add up to the roster's own cost.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from config.ids import DutyId, PersonId, SquadronId
from config.people import Team
from scheduler.problem import Layer, Problem
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import Breach, Tier, check, shortfalls
from scheduler.rules.base import stints
from scheduler.rules.coverage import on_duty
from scheduler.solve.places import lawful_posts
from scheduler.solve.tasking import with_tasks

Change = Mapping[tuple[Tier, str], int]
"""Points of cost by tier and rule."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a person has worked by the end of a day, in the terms of the laws.

    week_min: In the seven dates that end with it. month_min: In its month so far.
    days, nights: In a row.
    """

    week_min: int
    month_min: int
    days: int
    nights: int


@dataclass(frozen=True, slots=True)
class Chance:
    """What a free team could have done on a day.

    forbidden: How many of `tried` duties each law forbids, the most first. best: The lawful duty
    that would cost least, with the change of cost by tier; None where none is lawful.
    """

    tried: int
    forbidden: tuple[tuple[str, int], ...]
    best: tuple[Duty, Mapping[Tier, int]] | None


def completed(problem: Problem, roster: Roster) -> Roster:
    """A roster with its tasks; one that names none, as a hand-made file may, is given them."""
    if any(duty.tasks for duty in roster.duties):
        return roster
    return Roster(tuple(with_tasks(problem, roster.duties)))


def cost_of(problem: Problem, roster: Roster) -> Counter[tuple[Tier, str]]:
    """Points of a roster by tier and rule."""
    found: Counter[tuple[Tier, str]] = Counter()
    for breach in shortfalls(problem, roster):
        found[breach.tier, breach.rule] += breach.amount
    return found


def worth(problem: Problem, roster: Roster, duty: Duty) -> Change:
    """How the cost would change without a duty; what it saves is above 0."""
    before, after = cost_of(problem, roster), cost_of(problem, roster.replaced([duty.id]))
    both = {key: after[key] - before[key] for key in sorted({*before, *after})}
    return {key: change for key, change in both.items() if change}


def units(problem: Problem, roster: Roster, duty: Duty) -> Iterator[tuple[int, int, int]]:
    """Minute from which so many units are had and needed while a duty lasts."""
    row = problem.squadrons.index(duty.squadron)
    have, need = on_duty(problem, roster)[row], problem.needed[row]
    last = (-1, -1)
    for slot in problem.slots_of(duty.start_min, duty.end_min):
        now = int(have[slot]), int(need[slot])
        if now != last and problem.slot_min[slot] < problem.slot_min[slot + 1]:
            yield problem.slot_min[slot], *now
            last = now


def load(problem: Problem, roster: Roster, duty: Duty, person: PersonId) -> Load:
    """What a person has worked when a duty is over."""
    line = [s for s in stints(problem, roster, person) if s.date <= duty.date]
    first = duty.date - timedelta(days=6)
    days = {s.date for s in line}
    nights = {s.date for s in line if problem.is_night(s.start_min, s.end_min)}
    month = problem.persons[person].month_min if duty.date.month == problem.dates[0].month else 0
    own = [d for d in roster.duties_of(person) if d.date <= duty.date]
    return Load(
        sum(s.end_min - s.start_min for s in line if s.date >= first),
        month + sum(d.minutes for d in own if d.date.month == duty.date.month),
        next(n for n in range(len(days) + 1) if duty.date - timedelta(days=n) not in days),
        next(n for n in range(len(nights) + 1) if duty.date - timedelta(days=n) not in nights),
    )


@dataclass(frozen=True, slots=True)
class Judge:
    """Some people's week by the laws, apart from everybody else's.

    before: What their roster breaks as it is; `without`: a duty that is not counted.
    """

    problem: Problem
    line: tuple[Duty, ...]
    before: Counter[Breach]

    @staticmethod
    def of(
        problem: Problem, roster: Roster, people: Iterable[PersonId], without: DutyId
    ) -> "Judge":
        """A judge of some people."""
        persons = {p: problem.persons[p] for p in people}
        own = {d.id: d for p in persons for d in roster.duties_of(p) if d.id != without}
        line = tuple(replace(d, tasks=(), visits=()) for d in own.values())
        alone = replace(
            problem, persons=persons, vehicles=(), devices={}, tasks=(), due=(), _home={}
        )
        return Judge(alone, line, Counter(check(alone, Roster(line))))

    def broken(self, duty: Duty) -> list[str]:
        """Laws that they would break by one more duty, as rule ids."""
        after = Counter(check(self.problem, Roster((*self.line, duty))))
        new = after - self.before
        return sorted({breach.rule for breach in new if breach.person in self.problem.persons})


def chance(problem: Problem, roster: Roster, team: Team, day: int) -> Chance:
    """What a team without a duty on a day could have done, over all starts and lengths."""
    forbidden: Counter[str] = Counter()
    judges: dict[tuple[PersonId, ...], Judge] = {}
    lawful, tried = [], 0
    for start_min in problem.starts[day]:
        for hours in problem.limits.shift_lengths_h:
            duty = _free_duty(problem, team, day, start_min, start_min + 60 * hours)
            tried += 1
            if duty.people not in judges:
                judges[duty.people] = Judge.of(problem, roster, duty.people, duty.id)
            broken = judges[duty.people].broken(duty)
            broken += [] if broken or _has_things(problem, roster, duty) else ["vehicles"]
            forbidden.update(broken)
            lawful += [] if broken else [duty]
    small, own = _of_squadron(problem, roster, team.squadron)
    before = cost_of(small, own)
    best: tuple[Duty, Mapping[Tier, int]] | None = None
    for duty in lawful:
        change = _by_tier(cost_of(small, own.replaced((), [duty])), before)
        if best is None or list(change.values()) < list(best[1].values()):
            best = duty, change
    return Chance(tried, tuple(forbidden.most_common()), best)


def _by_tier(
    after: Counter[tuple[Tier, str]], before: Counter[tuple[Tier, str]]
) -> dict[Tier, int]:
    change: dict[Tier, int] = {tier: 0 for tier in Tier if tier is not Tier.LAW}
    for tier, rule in {*after, *before}:
        change[tier] += after[tier, rule] - before[tier, rule]
    return change


def _free_duty(problem: Problem, team: Team, day: int, start_min: int, end_min: int) -> Duty:
    """A patrol of the people whose line the team's is, at a lawful post if there is one."""
    sure = tuple(
        p for p in problem.sure(team.id, day) if problem.persons[p].is_free(start_min, end_min)
    )
    on = problem.dates[day]
    duty = Duty(
        duty_id(team.id, on), team.id, team.squadron, on, start_min, end_min, "patrol",
        team.officer, sure,
    )  # fmt: skip
    posts = lawful_posts(problem, duty)
    return replace(duty, post=posts[0].id) if posts else duty


def _has_things(problem: Problem, roster: Roster, duty: Duty) -> bool:
    """Whether a vehicle and a PDA are left for a duty."""
    span = duty.start_min, duty.end_min
    at_once = [
        other for other in roster.duties
        if other.squadron == duty.squadron and other.start_min < span[1] and span[0] < other.end_min
    ]  # fmt: skip
    taken = {other.vehicle for other in at_once}
    cars = [v.id for v in problem.vehicles if v.squadron == duty.squadron and v.is_free(*span)]
    held = [name for name, owner in problem.devices.items() if owner == duty.squadron]
    used = {other.device for other in at_once}
    car = not problem.vehicles or any(name not in taken for name in cars)
    return car and (not problem.devices or any(name not in used for name in held))


def _of_squadron(problem: Problem, roster: Roster, squadron: SquadronId) -> tuple[Problem, Roster]:
    """One squadron's part of a week, without its tasks: what one more patrol changes."""
    row = problem.squadrons.index(squadron)
    cut = slice(row, row + 1)
    small = replace(
        problem, squadrons=(squadron,), tasks=(), due=(), vehicles=(), devices={},
        teams={team: of for team, of in problem.teams.items() if of == squadron},
        layers=tuple(Layer(layer.units[cut], layer.cost) for layer in problem.layers),
        carried=problem.carried[cut], _home={},
    )  # fmt: skip
    return small, Roster(tuple(d for d in roster.duties if d.squadron == squadron))
