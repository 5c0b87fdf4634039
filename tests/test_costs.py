"""Every rule that costs something charges the smallest change that it is about, and its price.

The counterpart of test_laws.py: a rule has a case for each way in which it charges; one that has
none fails here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from rosters import span
from test_laws import WEEK, at, on, with_people, with_points

from config.cells import DutyKind
from scheduler.problem import Problem, Task
from scheduler.roster import Duty, Roster
from scheduler.rules import rules_of, shortfalls
from scheduler.rules.base import Tier
from scheduler.shares import Over
from scheduler.terms import Dislike, Prefer


@dataclass(frozen=True)
class Case:
    """Two rosters, and how much more the rule charges for the other."""

    rule: str
    week: Problem
    kept: Sequence[Duty]
    broken: Sequence[Duty]
    price: int


def with_task(kind: DutyKind = "fixed", skills: frozenset[str] = frozenset()) -> Problem:
    """The week with something fixed on Monday from 09:00 to 10:00."""
    task = Task("gate", kind, WEEK.squadrons[0], *span(0, "09:00", "10:00"), skills=skills)
    return replace(WEEK, tasks=(task,), _home={})


def borne(**over: float) -> Problem:
    """The week in which an auxiliary of the first team bore more than their share."""
    return with_people("s0t0a1", over=Over(**over))


FIVE = [on(day) for day in range(5)]
LEADER, STAND_BY = on(0, kind="leader"), on(0, kind="stand_by", team=1)
COSTS = [
    # Half an hour with a unit more than is needed, or without the only one.
    Case("cover-demand", WEEK, [on(0), on(0, "16:00", "20:00", 1)],
         [on(0), on(0, "15:30", "20:00", 1)], 1),
    Case("cover-demand", WEEK, [on(0, "08:00", "16:00")], [on(0, "08:00", "15:30")], 30),
    # A team that is short of a task: none does it, one begins too late, or lacks what it needs.
    Case("fixed-duties", with_task(), [on(0, tasks=("gate",))], [on(0)], 200),
    Case("fixed-duties", with_task(), [on(0, tasks=("gate",))],
         [on(0, "09:01", "16:00", tasks=("gate",))], 200),
    Case("fixed-duties", with_task("night_check"), [on(0, tasks=("gate",))], [on(0)], 400),
    Case("fixed-duties", with_task(skills=frozenset({"leader"})),
         [on(0, tasks=("gate",))], [on(0, team=1, tasks=("gate",))], 200),
    # A squadron's leader, or its stand-by, of a day; who may not lead is none.
    Case("duty-leader", WEEK, [LEADER, STAND_BY], [on(0), STAND_BY], 100),
    Case("duty-leader", WEEK, [LEADER, STAND_BY], [LEADER, on(0, team=1)], 100),
    Case("duty-leader", WEEK, [LEADER], [on(0, kind="leader", team=1)], 100),
    Case("must-arrive", with_points("1"), [at(("1", "09:00", "09:12"))], [on(0)], 10),
    # Half an hour that is begun, short of the contract and above it.
    Case("contract-hours", WEEK, FIVE, [*FIVE[:4], on(4, "08:00", "15:59")], 1),
    Case("overtime", WEEK, FIVE, [*FIVE[:4], on(4, "08:00", "16:01")], 2),
    # In proportion to what whoever comes along bore above their share.
    Case("nights-in-turn", borne(nights=2.0), [on(0, "14:00", "22:00")],
         [on(0, "22:00", "06:00")], 8),
    Case("weekends-in-turn", borne(weekends=1.5), [on(4)], [on(5)], 6),
    Case("holidays-in-turn", replace(borne(holidays=1.0), holidays=(2,), _home={}), [on(1)],
         [on(2)], 8),
    Case("overtime-in-turn", borne(hours=16.0), FIVE, [*FIVE[:4], on(4, "08:00", "16:01")],
         2),
]  # fmt: skip


def charged(case: Case, duties: Sequence[Duty]) -> int:
    """What the rule charges for some duties."""
    found = shortfalls(case.week, Roster(tuple(duties)))
    return sum(one.amount for one in found if one.rule == case.rule)


@pytest.mark.parametrize("case", COSTS, ids=lambda case: case.rule)
def test_a_rule_charges_its_price_for_the_least_change(case: Case) -> None:
    """No more and no less than for the roster before."""
    assert charged(case, case.broken) - charged(case, case.kept) == case.price


@pytest.mark.parametrize(
    "case", [case for case in COSTS if case.rule.endswith("in-turn")], ids=lambda case: case.rule
)
def test_engines_are_told_the_same_price_of_a_wish(case: Case) -> None:
    """A dislike that is stated otherwise makes other rosters than the ones that are counted."""
    (rule,) = (rule for rule in rules_of(case.week) if rule.id == case.rule)
    (term,) = rule.terms(case.week)
    assert isinstance(term, Dislike | Prefer)
    assert (term.team, term.cost if isinstance(term, Dislike) else term.over) == (
        "s0t0",
        case.price,
    )


def test_every_rule_that_costs_has_a_case() -> None:
    """What nobody has charged by hand may cost nothing."""
    costs = {rule.id for rule in rules_of(WEEK) if rule.tier is not Tier.LAW}
    assert {case.rule for case in COSTS} == costs
