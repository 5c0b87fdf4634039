"""All rules of a roster, and what they find in one."""

from scheduler.problem import Problem
from scheduler.roster import Roster
from scheduler.rules.base import Asks, Breach, Rule, Tier
from scheduler.rules.coverage import (
    ContractHours,
    CoverDemand,
    DutyLeader,
    FixedDuties,
    Overtime,
)
from scheduler.rules.crews import Bonds, CrewLaw, Leave, Vehicles
from scheduler.rules.days import DaysInARow, NightsInARow, OffAfterNights, TwoDaysOff
from scheduler.rules.fairness import (
    HolidaysInTurn,
    NightsInTurn,
    OvertimeInTurn,
    WeekendsInTurn,
)
from scheduler.rules.limits import (
    MostIn24Hours,
    MostInMonth,
    MostInSevenDays,
    OneDutyADay,
    RestBetweenDuties,
    StartDrift,
)
from scheduler.rules.must_arrive import MustArrivePoints, VisitsApart, VisitTimes


def rules_of(problem: Problem) -> tuple[Rule, ...]:
    """The rules of a problem, with the district's numbers."""
    limits, fair = problem.limits, problem.fairness
    return (
        OneDutyADay(), Leave(), Bonds(), CrewLaw(), Vehicles(), VisitTimes(), VisitsApart(),
        RestBetweenDuties(limits.rest_min), MostIn24Hours(limits.most_in_24h_min),
        MostInSevenDays(limits.most_in_7_days_min), MostInMonth(limits.most_in_month_min),
        DaysInARow(limits.days_in_a_row), NightsInARow(limits.nights_in_a_row),
        OffAfterNights(limits.off_after_nights_min), TwoDaysOff(limits.two_days_off_in_days),
        StartDrift(limits.start_drift_min), ContractHours(), CoverDemand(), FixedDuties(),
        DutyLeader(), MustArrivePoints(), Overtime(), NightsInTurn(fair.night),
        WeekendsInTurn(fair.weekend), HolidaysInTurn(fair.holiday), OvertimeInTurn(fair.overtime),
    )  # fmt: skip


def laws_of(problem: Problem, *asks: Asks) -> tuple[Rule, ...]:
    """The laws, or those of them that ask so."""
    return tuple(
        rule for rule in rules_of(problem)
        if rule.tier is Tier.LAW and (not asks or rule.asks in asks)
    )  # fmt: skip


def check(problem: Problem, roster: Roster, *asks: Asks) -> list[Breach]:
    """Every law that a roster breaks, or of those that ask so; empty: it may be published."""
    laws = laws_of(problem, *asks)
    return [breach for rule in laws for breach in rule.check(problem, roster)]


def shortfalls(problem: Problem, roster: Roster) -> list[Breach]:
    """What a roster costs, place by place: contract, cover and wishes."""
    costs = (rule for rule in rules_of(problem) if rule.tier is not Tier.LAW)
    return [breach for rule in costs for breach in rule.check(problem, roster)]


def cost_by_tier(problem: Problem, roster: Roster) -> dict[Tier, int]:
    """What a roster costs in each tier above the laws."""
    cost: dict[Tier, int] = {tier: 0 for tier in Tier if tier is not Tier.LAW}
    for breach in shortfalls(problem, roster):
        cost[breach.tier] += breach.amount
    return cost


__all__ = [
    "Breach", "Rule", "Tier", "check", "cost_by_tier", "laws_of", "rules_of", "shortfalls",
]  # fmt: skip
