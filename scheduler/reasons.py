"""Numbers behind a person's day, all from the rules: what was worked, what forbids a duty."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from config.ids import DutyId, PersonId
from config.people import Team
from scheduler.costing import Change, Costing, order
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import Breach, Tier, rules_of
from scheduler.rules.base import Stint, stints
from scheduler.rules.coverage import on_duty
from scheduler.rules.crews import Bonds, CrewLaw, Vehicles
from scheduler.solve.places import lawful_posts

TOGETHER = (Bonds, CrewLaw, Vehicles)
"""Laws that ask who works with whom, and with what; all others ask about each person alone."""


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
    that would cost least, with the change of cost; None where none is lawful.
    """

    tried: int
    forbidden: tuple[tuple[str, int], ...]
    best: tuple[Duty, Change] | None


def completed(problem: Problem, roster: Roster) -> Roster:
    """A roster with its tasks; one that names none, as a hand-made file may, is given them."""
    if any(duty.tasks for duty in roster.duties):
        return roster
    from scheduler.solve.tasking import with_tasks  # noqa: PLC0415 - brings scipy

    return Roster(tuple(with_tasks(problem, roster.duties)))


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
class Obstacle:
    """A law in the way of a duty.

    because: What else its person has, earlier weeks included, without any one of which the law
    would be kept; empty where no single duty is to blame.
    """

    breach: Breach
    because: tuple[Stint, ...] = ()


@dataclass(frozen=True, slots=True)
class Judge:
    """Some people's week by the laws, apart from everybody else's.

    before: What their roster breaks as it is; `without`: duties that are not counted.
    """

    problem: Problem
    line: tuple[Duty, ...]
    before: Counter[Breach]

    @staticmethod
    def of(
        problem: Problem, roster: Roster, people: Iterable[PersonId], *without: DutyId
    ) -> "Judge":
        """A judge of some people."""
        persons = {p: problem.persons[p] for p in people}
        own = {d.id: d for p in persons for d in roster.duties_of(p) if d.id not in without}
        line = tuple(_of_people(duty, persons) for duty in own.values())
        alone = replace(
            problem, persons=persons, vehicles=(), devices={}, tasks=(), due=(), _home={}
        )
        return Judge(alone, line, Counter(_apart(alone, line)))

    def breaches(self, duty: Duty) -> list[Breach]:
        """Laws that they would break by one more duty, and by how much."""
        more = _of_people(duty, self.problem.persons)
        return list(Counter(_apart(self.problem, (*self.line, more))) - self.before)

    def broken(self, duty: Duty) -> list[str]:
        """Laws that they would break by one more duty, as rule ids."""
        return sorted({breach.rule for breach in self.breaches(duty)})

    def obstacles(self, duty: Duty) -> list[Obstacle]:
        """The same with what else stands against it, the worst of each law and person."""
        worst: dict[tuple[str, PersonId | None], Breach] = {}
        for one in self.breaches(duty):
            held = worst.get((one.rule, one.person))
            if held is None or held.amount < one.amount:
                worst[one.rule, one.person] = one
        return [Obstacle(one, tuple(self._because(duty, one))) for one in worst.values()]

    def _because(self, duty: Duty, breach: Breach) -> Iterator[Stint]:
        """Stints of the breach's person each of which is one too many."""
        person = breach.person
        if person is None:
            return
        rule = next(rule for rule in rules_of(self.problem) if rule.id == breach.rule)
        own = self.problem.persons[person]
        for stint in stints(self.problem, Roster(self.line), person):
            line = tuple(d for d in self.line if stint.duty is None or d.id != stint.duty.id)
            past = tuple(
                worked for worked in own.past
                if stint.duty or (worked.date, worked.start_min) != (stint.date, stint.start_min)
            )  # fmt: skip
            if stint.duty is None and len(past) == len(own.past):
                continue
            less = replace(self.problem, persons={person: replace(own, past=past)}, _home={})
            line = tuple(_of_people(d, less.persons) for d in line if person in d.people)
            more = _of_people(duty, less.persons)
            if not any(rule.check(less, Roster((*line, more)))):
                yield stint


def _of_people(duty: Duty, persons: Container[PersonId]) -> Duty:
    """A duty as the laws of working time see it: only whose they are asked about."""
    own = [person for person in duty.people if person in persons]
    return replace(duty, officer=own[0], auxiliaries=tuple(own[1:]), tasks=(), visits=())


def _apart(problem: Problem, line: Iterable[Duty]) -> list[Breach]:
    """Breaches of the laws that ask about each person alone."""
    roster = Roster(tuple(line))
    laws = (rule for rule in rules_of(problem) if rule.tier is Tier.LAW)
    return [
        one for rule in laws if not isinstance(rule, TOGETHER)
        for one in rule.check(problem, roster)
    ]  # fmt: skip


def crew_breaches(problem: Problem, duty: Duty) -> list[Breach]:
    """Laws of who works with whom and where that a duty breaks, whatever else there is."""
    return [
        one for rule in (Bonds(), CrewLaw()) for one in rule.check(problem, Roster((duty,)))
    ]  # fmt: skip


def chance(problem: Problem, roster: Roster, team: Team, day: int) -> Chance:
    """What a team without a duty on a day could have done, over all starts and lengths."""
    forbidden: Counter[str] = Counter()
    judges: dict[tuple[PersonId, ...], Judge] = {}
    lawful, tried = [], 0
    for start_min in problem.starts[day]:
        for hours in problem.limits.shift_lengths_h:
            duty = free_duty(problem, team, day, (start_min, start_min + 60 * hours))
            tried += 1
            if duty.people not in judges:
                judges[duty.people] = Judge.of(problem, roster, duty.people, duty.id)
            broken = judges[duty.people].broken(duty)
            broken += sorted({breach.rule for breach in crew_breaches(problem, duty)})
            broken += [] if broken or has_things(problem, roster, duty) else ["vehicles"]
            forbidden.update(broken)
            lawful += [] if broken else [duty]
    best: tuple[Duty, Change] | None = None
    costing = Costing.of(problem, roster, lawful[:1])
    for duty in lawful:
        change = costing.change((), [duty])
        if best is None or order(change) < order(best[1]):
            best = duty, change
    return Chance(tried, tuple(forbidden.most_common()), best)


def free_duty(problem: Problem, team: Team, day: int, span: tuple[int, int]) -> Duty:
    """A patrol of the people whose line the team's is, at a lawful post if there is one.

    Args:
        problem: The week.
        team: Its crew of the day.
        day: 0 to 6.
        span: First and last minute.
    """
    sure = tuple(p for p in problem.sure(team.id, day) if problem.persons[p].is_free(*span))
    on = problem.dates[day]
    duty = Duty(
        duty_id(team.id, on), team.id, team.squadron, on, *span, "patrol", team.officer, sure,
    )  # fmt: skip
    posts = lawful_posts(problem, duty)
    return replace(duty, post=posts[0].id) if posts else duty


def has_things(problem: Problem, roster: Roster, duty: Duty) -> bool:
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
