"""How a person stands by every rule in a week: the limit, how much of it is used, what is left.

What is used is the tightest limit that the week still keeps, found with the rule's own check; so
less than nothing is left exactly where the rule is broken.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from config.ids import PersonId, TeamId
from scheduler.costing import cost_of
from scheduler.problem import DAYS, Problem
from scheduler.reasons import Judge
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import Rule, Tier, rules_of
from scheduler.rules.days import DaysInARow, NightsInARow, OffAfterNights, TwoDaysOff
from scheduler.rules.limits import (
    MostIn24Hours,
    MostInMonth,
    MostInSevenDays,
    RestBetweenDuties,
    StartDrift,
)

Unit = Literal["min", "days", "nights", "points"]


@dataclass(frozen=True, slots=True)
class _Limit:
    """A law with a number: the rule under another number, its unit, and the tightest to try.

    most: Whether the number is a most; else a least.
    """

    made: Callable[[int], Rule]
    unit: Unit
    tightest: int
    loosest: int
    most: bool = True


_LIMITS: Mapping[str, tuple[str, _Limit]] = {
    RestBetweenDuties.id: (
        "rest_min", _Limit(RestBetweenDuties, "min", 20_160, 0, most=False)),
    MostIn24Hours.id: ("most_in_24h_min", _Limit(MostIn24Hours, "min", 0, 1440)),
    MostInSevenDays.id: ("most_in_7_days_min", _Limit(MostInSevenDays, "min", 0, 10_080)),
    MostInMonth.id: ("most_in_month_min", _Limit(MostInMonth, "min", 0, 44_640)),
    DaysInARow.id: ("days_in_a_row", _Limit(DaysInARow, "days", 0, 62)),
    NightsInARow.id: ("nights_in_a_row", _Limit(NightsInARow, "nights", 0, 62)),
    OffAfterNights.id: (
        "off_after_nights_min", _Limit(OffAfterNights, "min", 20_160, 0, most=False)),
    TwoDaysOff.id: ("two_days_off_in_days", _Limit(TwoDaysOff, "days", 2, 62)),
    StartDrift.id: ("start_drift_min", _Limit(StartDrift, "min", 0, 720)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bite:
    """The first date on which a law keeps a person from some duty, and from how many of all."""

    on: date
    forbidden: int
    tried: int


@dataclass(frozen=True, slots=True)
class State:
    """A rule for a person.

    used: The tightest limit that is kept; None: there is nothing to count. limit: None: the rule
    has no number. most: Whether the limit is a most, else a least. at: Where it is tightest.
    """

    rule: str
    tier: Tier
    unit: Unit
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
    for rule in rules_of(problem):
        if rule.tier is Tier.LAW:
            state = _law(judge, rule.id)
            found.append(replace(state, bite=bites.get(rule.id)))
    return [*found, *_costs(problem, roster, person)]


def _law(judge: Judge, rule: str) -> State:
    """A law: how far its number could be tightened."""
    if rule not in _LIMITS:
        broken = sum(one.rule == rule for one in judge.before)
        return State(rule, Tier.LAW, "days", used=broken or None, limit=0 if broken else None)
    name, law = _LIMITS[rule]
    limit = int(getattr(judge.problem.limits, name))
    state = State(rule, Tier.LAW, law.unit, limit=limit, most=law.most)
    if _kept(judge, law, law.tightest):
        return replace(state, used=law.tightest) if law.most else state
    tight, loose = law.tightest, law.loosest
    while abs(tight - loose) > 1:
        middle = (tight + loose) // 2
        if _kept(judge, law, middle):
            loose = middle
        else:
            tight = middle
    blamed = next(iter(law.made(tight).check(judge.problem, Roster(judge.line))))
    at = next((duty.date for duty in judge.line if duty.id == blamed.duty), None)
    return replace(state, used=loose, at=at)


def _kept(judge: Judge, law: _Limit, number: int) -> bool:
    return not any(law.made(number).check(judge.problem, Roster(judge.line)))


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
    """Contract and fairness; of an auxiliary the contract of the team at home."""
    team = next(
        (crew.id for crews in problem.crews for crew in crews.values() if crew.officer == person),
        None,
    ) or problem.home(person)
    if team is not None:
        worked = sum(duty.minutes for duty in roster.duties if duty.team == team)
        contract = problem.contract_min(team)
        yield State("contract-hours", Tier.CONTRACT, "min", worked, contract, most=False)
        yield State("overtime", Tier.COVER, "min", max(0, worked - contract))
    own = Roster(roster.duties_of(person))
    cost = cost_of(replace(problem, persons={person: problem.persons[person]}, _home={}), own)
    for rule in ("weekends-in-a-row", "nights-in-turn"):
        yield State(rule, Tier.WISH, "points", used=cost[Tier.WISH, rule])


def teams_of(problem: Problem, person: PersonId) -> Sequence[tuple[date, TeamId | None]]:
    """With which team a person is on each day of the week; None: with none."""
    return [
        (on, next((c.id for c in problem.crews[day].values() if person in c.people), None))
        for day, on in enumerate(problem.dates)
    ]
