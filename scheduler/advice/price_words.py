"""What laws cost and more units are worth, in words and as data."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.words import Say, words
from scheduler.advice.answers import cost_text
from scheduler.advice.asked import Asked
from scheduler.advice.hole_words import when_text
from scheduler.advice.prices import Change, Price, Prices
from scheduler.advice.relaxing import Extra, Step
from scheduler.certified import certified
from scheduler.costing import by_tier
from scheduler.names import Called
from scheduler.problem import Problem
from scheduler.rules import cost_by_tier, shortfalls
from scheduler.rules.coverage import missing_hours

MOST_WHERE = 2
"""Parts of days that are named for one price."""


def price_lines(week: Asked, found: Prices) -> Iterator[str]:
    """A line for what the week costs, each span and each law; the dearest first."""
    say, known, called = words(), found.known, Called(week.district)
    yield _head(found, say)
    yield say("answers.prices.spans" if found.spans else "answers.prices.no_spans")
    tried = {one.of: one for one in found.tried}
    for n, span in enumerate(found.spans, start=1):
        what = change_text(known.problem, span, called, say)
        yield say("answers.prices.span", n=n, what=what, price=_worth(span, say))
        if span in tried:
            yield f"   {_price(tried[span], known.problem, called, say)}"
    laws = [one for one in found.tried if isinstance(one.of, Step)]
    if laws:
        yield say("answers.prices.laws")
    for one in sorted(laws, key=lambda each: (-each.low, -each.by_rosters, -each.high)):
        what = change_text(known.problem, one.of, called, say)
        price = _price(one, known.problem, called, say)
        yield say("answers.prices.law", what=what, price=price)
    if found.untried:
        comma = say("planner.report.comma")
        what = comma.join(change_text(known.problem, o, called, say) for o in found.untried)
        yield say("answers.prices.untried", what=what)


def change_text(problem: Problem, change: Change, called: Called, say: Say) -> str:
    """What is changed."""
    if isinstance(change, Extra):
        span = problem.slot_min[change.first], problem.slot_min[change.last]
        squadron = called.squadron(change.squadron)
        return say("answers.prices.extra", squadron=squadron, when=when_text(problem, span, say))
    both = (n / 60 if change.unit == "min" else n for n in (change.before, change.after))
    before, after = (say(f"answers.prices.{change.unit}", n=f"{n:g}") for n in both)
    return say(
        "answers.prices.step", rule=say(f"planner.rule.{change.rule}"), before=before, after=after
    )


def _head(found: Prices, say: Say) -> str:
    """What the week costs as it is, and how sure that is."""
    known = found.known
    points = cost_by_tier(known.problem, known.roster)
    cost = say("answers.cost", **{tier.name.lower(): f"{n}" for tier, n in points.items()})
    hours = missing_hours(shortfalls(known.problem, known.roster))
    key = "answers.prices.head" if known.bound > 0 or known.cost == 0 else "answers.prices.unbound"
    return say(key, week=known.problem.week, cost=cost, hours=f"{hours:g}", gap=f"{known.gap:.1f}")


def _worth(span: Extra, say: Say) -> str:
    return say("answers.prices.worth", points=f"{span.points:.0f}", hours=f"{span.hours:g}")


def _price(one: Price, problem: Problem, called: Called, say: Say) -> str:
    """What a change saves: for sure, perhaps, or nothing."""
    told = {
        "low": f"{one.low:.0f}", "high": f"{one.high:.0f}", "found": f"{one.by_rosters:.0f}",
        "bounds": f"{one.by_bounds:.0f}",
    }  # fmt: skip
    if one.nothing:
        return say("answers.prices.nothing")
    if not one.certain:
        return say("answers.prices.unclear", **told)
    text = say("answers.prices.saves", hours=f"{one.hours:g}", cost=cost_text(one.change, say),
               **told)  # fmt: skip
    where = [
        say("answers.prices.part", squadron=called.squadron(part.squadron),
            when=when_text(problem, part.span, say), hours=f"{part.hours:g}")
        for part in one.where[:MOST_WHERE]
    ]  # fmt: skip
    if isinstance(one.of, Extra) or not where:
        return text
    return text + say("answers.prices.where", where=say("planner.report.comma").join(where))


# --- data ------------------------------------------------------------------------------------


def as_data(week: Asked, found: Prices) -> Mapping[str, Any]:
    """The same as data, with ids: points of cover, unit hours, minutes of the week."""
    known = found.known
    tried = {one.of: one for one in found.tried}
    return {
        "week": week.week,
        "cost": known.cost,
        "bound": known.bound,
        "tiers": {
            one.tier.name.lower(): {"cost": one.cost, "least": one.least}
            for one in certified(known.problem, known)
        },
        "missing_hours": missing_hours(shortfalls(known.problem, known.roster)),
        "spans": [
            {**_change(span, known.problem), "at_most": round(span.points, 1),
             "price": _data(tried[span]) if span in tried else None}
            for span in found.spans
        ],
        "laws": [
            {**_change(one.of, known.problem), **_data(one)}
            for one in found.tried if isinstance(one.of, Step)
        ],
        "untried": [_change(one, known.problem) for one in found.untried],
    }  # fmt: skip


def _change(change: Change, problem: Problem) -> dict[str, Any]:
    if isinstance(change, Extra):
        first, last = problem.slot_min[change.first], problem.slot_min[change.last]
        return {"squadron": change.squadron, "from_min": first, "to_min": last}
    return {
        "rule": change.rule, "limit": change.name, "before": change.before, "after": change.after
    }  # fmt: skip


def _data(one: Price) -> dict[str, Any]:
    return {
        "low": round(one.low, 3), "high": round(one.high, 3),
        "by_rosters": round(one.by_rosters, 3), "by_bounds": round(one.by_bounds, 3),
        "hours": one.hours,
        "tiers": {tier.name.lower(): n for tier, n in by_tier(one.change).items()},
        "where": [
            {"squadron": part.squadron, "from_min": part.span[0], "to_min": part.span[1],
             "hours": part.hours} for part in one.where
        ],
    }  # fmt: skip
