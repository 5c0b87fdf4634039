"""What would close a hole: the cheapest changes, each tried on the whole roster beforehand."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from scheduler.advice.barriers import Smallest, Try
from scheduler.advice.holes import Hole, lacking
from scheduler.advice.remedies import Fix, exemption, remedies
from scheduler.costing import Costing, cost_of, order
from scheduler.problem import Problem
from scheduler.roster import Roster
from scheduler.rules import check
from scheduler.solve.options import Options

MOST_TRIED = 24
"""Changes that are tried on the whole roster at most, the most promising first."""


def fixes(
    problem: Problem, roster: Roster, hole: Hole, tries: Sequence[Try], options: Options,
    least: Smallest | None = None, most: int = 3,
) -> list[Fix]:  # fmt: skip
    """The cheapest changes that make a hole smaller, each tried on the whole roster.

    Those that keep all laws come first: no law is given up for points.

    Args:
        problem: The week.
        roster: With the hole.
        hole: Which.
        tries: One more duty of each team, see `barriers`.
        options: All duties that a team could have.
        least: The smallest set of laws in the way; setting it aside is a last resort.
        most: How many are wanted.
    """
    some: Iterable[Fix] = remedies(problem, roster, hole, tries, options)
    if least is not None and least.barriers:
        some = (*some, exemption(problem, roster, least))
    found = sorted(_promising(problem, roster, some), key=_order)
    laws, cost = Counter(check(problem, roster)), cost_of(problem, roster)
    before = lacking(problem, roster, hole)
    told: list[Fix] = []
    for fix in found[:MOST_TRIED]:
        week, after = fix.applied(problem, roster)
        left = lacking(week, after, hole)
        broken = Counter(check(week, after)) - laws
        if (
            left >= before
            or not {(b.rule, str(b.person or b.squadron)) for b in broken} <= fix.exempt
        ):
            continue
        now = cost_of(week, after)
        change = {key: now[key] - cost[key] for key in sorted({*now, *cost})}
        fix = replace(fix, change={k: n for k, n in change.items() if n}, left=left)  # noqa: PLW2901
        if fix.what == "moved" and order(fix.change) >= (0, 0, 0):
            continue  # the hole would only be elsewhere
        told.append(fix)
        if len(told) == most:
            break
    return sorted(told, key=_order)


def _order(fix: Fix) -> tuple[object, ...]:
    return fix.steps, order(fix.change), fix.left, fix.what, fix.new[0].id


def _promising(problem: Problem, roster: Roster, some: Iterable[Fix]) -> Iterator[Fix]:
    """The best of each kind and team, priced in its part of the week."""
    best: dict[tuple[str, str], Fix] = {}
    for fix in some:
        touched = [*fix.gone, *fix.new]
        if fix.lent is not None:
            touched.append(replace(fix.new[0], squadron=fix.lent))
        priced = replace(fix, change=Costing.of(problem, roster, touched).change(fix.gone, fix.new))
        key = fix.what, fix.new[0].team
        if key not in best or _order(priced) < _order(best[key]):
            best[key] = priced
    yield from best.values()
