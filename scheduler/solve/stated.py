"""What the rules ask of the engines, and the refusal of what an engine would not keep.

A term that is passed over or misread makes rosters that `check` rejects, or costs that nobody
sees. So both engines begin here, and what they cannot honour is an error at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from config.durations import DAY_MIN
from scheduler.problem import Problem
from scheduler.rules import Rule, Tier
from scheduler.slots import DAYS
from scheduler.terms import CostTerm, Cover, DaysOff, LawTerm, MinGap, Run, Window

LEAST_MONTH_MIN = DAYS * 12 * 60
"""What a week may hold: two months of one week are counted as one by the pricing."""


class Misstated(ValueError):
    """A rule asks for something that an engine does not keep; the message names the rule."""

    def __init__(self, rule: Rule, term: object, because: str) -> None:
        """Say which rule, which term and why."""
        super().__init__(f"rule {rule.id!r} ({rule.tier.name}), {type(term).__name__}: {because}")


@dataclass(frozen=True, slots=True)
class Stated:
    """All terms of a week: laws with the rule that says so, costs with their tier."""

    laws: tuple[tuple[Rule, LawTerm], ...]
    costs: tuple[tuple[Tier, CostTerm], ...]

    def refuse_gaps_beyond(self, minutes: int) -> None:
        """Refuse a gap longer than an engine can tell.

        Raises:
            Misstated: There is one.
        """
        for rule, term in self.laws:
            if isinstance(term, MinGap) and term.minutes > minutes:
                raise Misstated(rule, term, f"{term.minutes} min, at most {minutes} are kept")


def stated(problem: Problem, rules: Iterable[Rule]) -> Stated:
    """The terms of some rules.

    Raises:
        Misstated: A term is none of the vocabulary, a law is wished for, a cost is a law, a
            number is beyond what the engines keep, or a second rule prices cover.
    """
    laws: list[tuple[Rule, LawTerm]] = []
    costs: list[tuple[Tier, CostTerm]] = []
    for rule in rules:
        for term in rule.terms(problem):
            if isinstance(term, LawTerm):
                if rule.tier is not Tier.LAW:
                    raise Misstated(rule, term, "it has no price, so it can only be a law")
                if because := _beyond(term):
                    raise Misstated(rule, term, because)
                laws.append((rule, term))
            elif isinstance(term, CostTerm):
                if rule.tier is Tier.LAW:
                    raise Misstated(rule, term, "it is a price, so it cannot be a law")
                if isinstance(term, Cover) and any(isinstance(of, Cover) for _, of in costs):
                    raise Misstated(rule, term, "there is another; put its steps into that one")
                costs.append((rule.tier, term))
            else:
                raise Misstated(rule, term, "no term of scheduler/terms.py")
    return Stated(tuple(laws), tuple(costs))


def _beyond(term: LawTerm) -> str:
    """Which number of a term the engines do not keep; nothing when they keep them all."""
    match term:
        case Run(most) if most < 1:
            return "a run of none is said by Forbid"
        case Window(_, "span", length) if not 0 < length <= DAY_MIN:
            return f"a span of {length} min, 1 to {DAY_MIN} are kept"
        case Window(_, "dates", length) if length < DAYS:
            return f"{length} dates, {DAYS} or more are kept"
        case Window(most, "month") if most < LEAST_MONTH_MIN:
            return f"{most} min in a month, {LEAST_MONTH_MIN} or more are kept"
        case DaysOff(within) if within <= DAYS:
            return f"within {within} dates, {DAYS + 1} or more are kept"
    return ""
