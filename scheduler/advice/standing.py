"""How a person stands by every rule in a week: the limit, how much of it is used, what is left.

What is used is the tightest limit that the week still keeps, found with the rule's own check; so
less than nothing is left exactly where the rule is broken.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from config.durations import DAY_MIN
from config.ids import DutyId, PersonId, TeamId
from scheduler.costing import cost_of
from scheduler.problem import Problem
from scheduler.reasons import Judge
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import Breach, Rule, Tier, laws_of, rules_of
from scheduler.rules.base import Limit, Unit
from scheduler.slots import DAYS
from scheduler.terms import Prefer

_MOST = {"min": 31 * DAY_MIN, "days": 62, "nights": 62}
"""No most is ever reached beyond it."""
_LEAST = {"min": 14 * DAY_MIN, "days": 14, "nights": 14}
"""As far back as a least is looked for."""


@dataclass(frozen=True, slots=True)
class Bite:
    """The first date on which a law keeps a person from some duty, and from how many of all."""

    on: date
    forbidden: int
    tried: int


@dataclass(frozen=True, slots=True)
class State:
    """A rule for a person.

    used: The tightest limit that is kept; of a law without a number how often it is broken; None:
    there is nothing to count. limit: None: the rule has no number. most: Whether the limit is a
    most, else a least. at: Where it is tightest.
    """

    rule: str
    tier: Tier
    unit: Unit | Literal["times", "points"]
    used: int | None = None
    limit: int | None = None
    most: bool = True
    at: date | None = None
    bite: Bite | None = None

    @property
    def left(self) -> int | None:
        """What is left; below 0 where the rule is broken."""
        if self.used is None or self.limit is None:
            return None
        return self.limit - self.used if self.most else self.used - self.limit


def standing(problem: Problem, roster: Roster, person: PersonId) -> list[State]:
    """Every rule for a person, laws first, in the order of the rules."""
    judge = Judge.of(problem, roster, [person])
    bites = _bites(problem, judge, roster, person)
    found = []
    for rule in laws_of(problem):
        state = (
            _counted(rule, _broken(problem, judge, roster, rule, person)) if rule.limit is None
            else _law(judge, rule.id, rule.limit)
        )  # fmt: skip
        found.append(replace(state, bite=bites.get(rule.id)))
    return [*found, *_costs(problem, roster, person)]


def used_by(problem: Problem, roster: Roster, duty: Duty, person: PersonId) -> list[State]:
    """How much of each most a person has used when a duty is over, in the order of the laws.

    What comes after it, in this week or in a published one, is not counted.
    """
    own = replace(problem.persons[person], ahead=())
    over = Roster(tuple(one for one in roster.duties_of(person) if one.date <= duty.date))
    judge = Judge.of(replace(problem, persons={person: own}, _home={}), over, [person])
    return [
        _law(judge, rule.id, rule.limit, duty.id)
        for rule in laws_of(problem)
        if rule.limit is not None and rule.limit.most
    ]


def much(unit: str, number: int | None) -> str:
    """A number in its unit; minutes as hours."""
    if number is None:
        return ""
    return f"{number / 60 if unit == 'min' else number:g}"


def _broken(
    problem: Problem, judge: Judge, roster: Roster, rule: Rule, person: PersonId
) -> list[Breach]:
    """Where a person, or a duty that they are on, breaks a law."""
    if rule.asks == "person":
        return [one for one in judge.before.elements() if one.rule == rule.id]
    own = {duty.id for duty in roster.duties_of(person)}
    return [one for one in rule.check(problem, roster) if one.duty in own or one.person == person]


def _counted(rule: Rule, broken: Sequence[Breach]) -> State:
    """A law without a number: how often it is broken, which is never allowed."""
    if not broken:
        return State(rule.id, Tier.LAW, "times")
    return State(rule.id, Tier.LAW, "times", used=len(broken), limit=0)


def _law(judge: Judge, rule: str, law: Limit, duty: DutyId | None = None) -> State:
    """A law with a number: how far that could be tightened, for a duty alone where one is given."""
    limit = int(getattr(judge.problem.limits, law.name))
    state = State(rule, Tier.LAW, law.unit, limit=limit, most=law.most)
    tight, loose = (
        (law.smallest, _MOST[law.unit]) if law.most else (_LEAST[law.unit], law.smallest)
    )  # fmt: skip
    if not _blamed(judge, rule, law, tight, duty):
        return replace(state, used=tight) if law.most else state
    while abs(tight - loose) > 1:
        middle = (tight + loose) // 2
        if _blamed(judge, rule, law, middle, duty):
            tight = middle
        else:
            loose = middle
    blamed = _blamed(judge, rule, law, tight, duty)
    at = next((one.date for one in judge.line if blamed and one.id == blamed.duty), None)
    return replace(state, used=loose, at=at)


def _blamed(judge: Judge, rule: str, law: Limit, number: int, duty: DutyId | None) -> Breach | None:
    """The first breach of a law, at a duty where one is given, if its number were another."""
    laws = laws_of(judge.problem.limited(**{law.name: number}))
    made = next(one for one in laws if one.id == rule)
    found = made.check(judge.problem, Roster(judge.line))
    return next((one for one in found if duty in (None, one.duty)), None)


def _bites(problem: Problem, judge: Judge, roster: Roster, person: PersonId) -> dict[str, Bite]:
    """Of each law the first day without a duty on which it forbids something."""
    found: dict[str, Bite] = {}
    busy = {duty.date for duty in roster.duties_of(person)}
    for day in range(DAYS):
        on = problem.dates[day]
        if on in busy:
            continue
        tries = [
            _alone(problem, person, day, (start, start + 60 * hours))
            for start in problem.starts[day] for hours in problem.limits.shift_lengths_h
        ]  # fmt: skip
        forbidden = Counter(rule for duty in tries for rule in judge.broken(duty))
        for rule, count in forbidden.items():
            found.setdefault(rule, Bite(on, count, len(tries)))
    return found


def _alone(problem: Problem, person: PersonId, day: int, span: tuple[int, int]) -> Duty:
    """A duty of a person, whoever else may be there."""
    on, team = problem.dates[day], TeamId("")
    squadron = problem.persons[person].squadron
    return Duty(duty_id(team, on), team, squadron, on, *span, "patrol", person)


def _costs(problem: Problem, roster: Roster, person: PersonId) -> Iterator[State]:
    """What a person's line costs; of an auxiliary the hours of the team at home."""
    team = next(
        (crew.id for crews in problem.crews for crew in crews.values() if crew.officer == person),
        None,
    ) or problem.home(person)
    worked = sum(duty.minutes for duty in roster.duties if duty.team == team)
    own = Roster(roster.duties_of(person))
    cost = cost_of(replace(problem, persons={person: problem.persons[person]}, _home={}), own)
    for rule in rules_of(problem):
        if rule.tier is Tier.LAW or rule.asks != "person":
            continue
        if rule.tier is Tier.WISH:
            yield State(rule.id, rule.tier, "points", used=cost[rule.tier, rule.id])
            continue
        hours = [term for term in rule.terms(problem) if isinstance(term, Prefer)]
        for term in hours:
            if term.team == team and term.short:
                yield State(rule.id, rule.tier, "min", worked, term.minutes, most=False)
            elif term.team == team:
                yield State(rule.id, rule.tier, "min", max(0, worked - term.minutes))
        if not hours:
            yield State(rule.id, rule.tier, "points", used=cost[rule.tier, rule.id])


def teams_of(problem: Problem, person: PersonId) -> Sequence[tuple[date, TeamId | None]]:
    """With which team a person is on each day of the week; None: with none."""
    return [
        (on, next((c.id for c in problem.crews[day].values() if person in c.people), None))
        for day, on in enumerate(problem.dates)
    ]
