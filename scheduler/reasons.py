"""Numbers behind a person's day, all from the rules: what was worked, what forbids a duty."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from config.ids import DutyId, PersonId
from config.people import Team
from scheduler.costing import CostChange, Costing, order
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import Breach, Tier, check, laws_of
from scheduler.rules.base import Stint
from scheduler.rules.coverage import on_duty
from scheduler.rules.crews import Vehicles
from scheduler.slots import lasting
from scheduler.solve.places import lawful_posts
from scheduler.terms import MinGap
from scheduler.things import SEATS, at_once, dealt, lacks

BLAMED = timedelta(days=14)
"""How far back a duty is looked for that a law is broken because of."""


@dataclass(frozen=True, slots=True)
class Chance:
    """What a free team could have done on a day.

    forbidden: How many of `tried` duties each law forbids, the most first. best: The lawful duty
    that would cost least, with the change of cost; None where none is lawful.
    """

    tried: int
    forbidden: tuple[tuple[str, int], ...]
    best: tuple[Duty, CostChange] | None


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
    last, lasts = (-1, -1), lasting(problem.slot_min)
    for slot in problem.slots_of(duty.start_min, duty.end_min):
        now = int(have[slot]), int(need[slot])
        if now != last and lasts[slot]:
            yield problem.slot_min[slot], *now
            last = now


def gaps_min(problem: Problem) -> tuple[int, int]:
    """Least minutes to the next duty that the laws leave after a duty, and after a night."""
    terms = (term for law in laws_of(problem, "person") for term in law.terms(problem))
    gaps = [term for term in terms if isinstance(term, MinGap)]
    rest_min = max((gap.minutes for gap in gaps if gap.after == "duty"), default=0)
    return rest_min, max((gap.minutes for gap in gaps), default=0)


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
        return Judge(alone, line, Counter(check(alone, Roster(line), "person")))

    def breaches(self, duty: Duty) -> list[Breach]:
        """Laws that they would break by one more duty, and by how much."""
        more = _of_people(duty, self.problem.persons)
        after = Counter(check(self.problem, Roster((*self.line, more)), "person"))
        return list(after - self.before)

    def broken(self, duty: Duty) -> list[str]:
        """Laws that they would break by one more duty, as rule ids."""
        return sorted({breach.rule for breach in self.breaches(duty)})

    def worst(self, duty: Duty) -> list[Breach]:
        """The same, one of each law and person: the worst."""
        found: dict[tuple[str, PersonId | None], Breach] = {}
        for one in self.breaches(duty):
            held = found.get((one.rule, one.person))
            if held is None or held.amount < one.amount:
                found[one.rule, one.person] = one
        return list(found.values())

    def because(self, duty: Duty, breach: Breach) -> Iterator[Stint]:
        """What else its person has without any one of which a law would be kept.

        Duties of the week, of the fortnight before and of published weeks after; nothing where no
        single one is to blame.
        """
        person = breach.person
        if person is None:
            return
        rule = next(rule for rule in laws_of(self.problem) if rule.id == breach.rule)
        own = self.problem.persons[person]
        alone = replace(self.problem, persons={person: own}, _home={})
        line = [_of_people(d, alone.persons) for d in (*self.line, duty) if person in d.people]
        for held in line[:-1]:
            if not any(rule.check(alone, Roster(tuple(d for d in line if d is not held)))):
                yield Stint(held.date, held.start_min, held.end_min, held)
        since = duty.date - BLAMED
        for worked in own.past:
            if worked.date >= since:
                less = tuple(one for one in own.past if one is not worked)
                without = replace(alone, persons={person: replace(own, past=less)}, _home={})
                if not any(rule.check(without, Roster(tuple(line)))):
                    yield Stint(worked.date, worked.start_min, worked.end_min)
        for worked in own.ahead if breach.later else ():
            less = tuple(one for one in own.ahead if one is not worked)
            without = replace(alone, persons={person: replace(own, ahead=less)}, _home={})
            if not any(rule.check(without, Roster(tuple(line)))):
                yield Stint(worked.date, worked.start_min, worked.end_min)


def _of_people(duty: Duty, persons: Container[PersonId]) -> Duty:
    """A duty as the laws of working time see it: only whose they are asked about."""
    own = [person for person in duty.people if person in persons]
    return replace(duty, officer=own[0], auxiliaries=tuple(own[1:]), tasks=(), visits=())


def crew_breaches(problem: Problem, duty: Duty) -> list[Breach]:
    """Laws of who works with whom and where that a duty breaks, whatever else there is."""
    return check(problem, Roster((duty,)), "crew")


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
            if not broken and with_things(problem, roster, duty) is None:
                broken.append(without_things(problem, roster, duty).rule)
            forbidden.update(broken)
            lawful += [] if broken else [duty]
    best: tuple[Duty, CostChange] | None = None
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


def with_things(problem: Problem, roster: Roster, duty: Duty) -> Duty | None:
    """A duty with a vehicle and a PDA that nobody else has; None where there is none.

    Where a district lists no vehicles at all, a duty needs none; so for PDAs.
    """
    others = [other for other in roster.duties if at_once(other, duty)]
    found = dealt(problem, duty, others, cramped=False)
    return None if lacks(problem, found) else found


def without_things(problem: Problem, roster: Roster, duty: Duty) -> Breach:
    """What keeps a duty from its things: none is free, or none that is free seats its people."""
    others = [other for other in roster.duties if at_once(other, duty)]
    found = dealt(problem, duty, others, cramped=True)
    rule, amount = Vehicles.id, 1
    if not lacks(problem, found):
        seats = next(vehicle.seats for vehicle in problem.vehicles if vehicle.id == found.vehicle)
        rule, amount = SEATS, len(duty.people) - seats
    return Breach(rule, Tier.LAW, amount, duty.officer, duty.id, squadron=duty.squadron)
