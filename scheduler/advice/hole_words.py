"""What is not covered, in words: how much in all, and each hole on a line; and the costs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from config.district import District
from config.ids import SquadronId
from config.words import Say, words
from scheduler.advice.explain import moment
from scheduler.advice.holes import Hole, task_of
from scheduler.certified import Certified
from scheduler.costing import by_tier, cost_of
from scheduler.names import Names
from scheduler.problem import Problem
from scheduler.roster import Roster
from scheduler.rules import Breach, Tier, shortfalls
from scheduler.rules.coverage import CoverDemand, Overtime, missing_hours
from scheduler.rules.must_arrive import MustArrivePoints
from scheduler.sheets import day_text, span_text
from scheduler.slots import SLOTS

SLIGHT = 0.5
"""Unit hours of a hole of one unit and one half hour."""


def summed(problem: Problem, roster: Roster, found: Sequence[Hole]) -> str:
    """How much of each kind is missing, and what the roster costs."""
    say = words()
    if not found:
        return say("answers.missing.nothing", week=problem.week)
    teams = sum(hole.units for hole in found if hole.rule == "fixed-duties")
    roles = sum(hole.units for hole in found if hole.rule == "duty-leader")
    needed = int(problem.needed[:, :SLOTS].sum()) / 2
    points = by_tier(cost_of(problem, roster))
    told = {tier.name.lower(): f"{cost}" for tier, cost in points.items()}
    lacks = shortfalls(problem, roster)
    return say(
        "answers.missing.sum", week=problem.week, count=len(found), teams=teams, roles=roles,
        hours=f"{missing_hours(lacks):g}", needed=f"{needed:g}",
        cost=say("answers.cost", **told), **cover_parts(lacks),
    )  # fmt: skip


def cover_parts(found: Iterable[Breach]) -> dict[str, int]:
    """Points of cover that are no hole's: visits, spare units, overtime; `holes`: the rest."""
    own = {Overtime.id: "overtime", MustArrivePoints.id: "visits"}
    told = dict.fromkeys(("holes", "spare", *own.values()), 0)
    for breach in found:
        if breach.tier is Tier.COVER:
            spare = breach.rule == CoverDemand.id and not breach.units
            told["spare" if spare else own.get(breach.rule, "holes")] += breach.amount
    return told


def hole_text(district: District, problem: Problem, hole: Hole) -> str:
    """A hole on a line: where, when, how much, and what it costs."""
    say, names = words(), Names(district)
    squadron = say("answers.missing.anybody")
    if hole.squadron is not None:
        squadron = names.squadron(hole.squadron) or hole.squadron
    told = {
        "squadron": squadron, "when": when_text(problem, hole.span, say), "units": hole.units,
        "hours": f"{hole.unit_hours:g}", "cost": hole.cost,
    }  # fmt: skip
    if hole.slots:
        return say("answers.missing.units", **told)
    task = task_of(problem, hole)
    if task is None:
        role = str(hole.task).partition("/")[0]
        return say("answers.missing.role", kind=say(f"code.kind.{role}"), **told)
    kind, name = say(f"code.kind.{task.kind}"), names.task(task.id)
    return say("answers.missing.task", kind=kind, task=name, **told)


def split(found: Sequence[Hole], most: int) -> tuple[list[Hole], list[Hole]]:
    """Holes that are told on a line each, and the slight ones: one unit less for a half hour.

    Args:
        found: All, the dearest first.
        most: So many of them have a line whatever they are.
    """
    told, rest = list(found[:most]), found[most:]
    slight = [hole for hole in rest if hole.unit_hours == SLIGHT]
    return [*told, *(hole for hole in rest if hole.unit_hours != SLIGHT)], slight


def half_hours(district: District, problem: Problem, slight: Iterable[Hole]) -> Iterator[str]:
    """The slight holes, a line for each squadron: its days, and when on each."""
    say, names = words(), Names(district)
    comma = say("planner.report.comma")
    by_squadron = dict[SquadronId | None, dict[str, list[str]]]()
    for hole in sorted(slight, key=lambda one: one.span):
        at = moment(problem, hole.span[0])
        day = day_text(date.fromisoformat(at[:10]), say)
        by_squadron.setdefault(hole.squadron, {}).setdefault(day, []).append(at[11:16])
    for squadron in problem.squadrons:
        if days := by_squadron.get(squadron):
            yield say(
                "answers.missing.half_hours", squadron=names.squadron(squadron) or squadron,
                count=sum(map(len, days.values())),
                times=comma.join(f"{day} {' '.join(times)}" for day, times in days.items()),
            )  # fmt: skip


def tiers_text(tiers: Iterable[Certified], say: Say) -> str:
    """What each tier costs, and what none goes below."""
    told = (
        say("planner.tier_cost", tier=say(f"planner.tier.{one.tier.name.lower()}"), cost=one.cost,
            least=least_text(one, say))
        for one in tiers
    )  # fmt: skip
    return say("planner.tiers_cost", tiers=say("planner.report.comma").join(told))


def least_text(one: Certified, say: Say) -> str:
    """What a tier of no roster goes below, as far as it is known."""
    if one.least is None:
        return say("planner.tier_unknown")
    if one.least == one.cost:
        return say("planner.tier_best")
    gap = f"{100 * (one.cost - one.least) / one.cost:.2f}"
    return say("planner.tier_least", least=one.least, gap=gap)


def when_text(problem: Problem, span: tuple[int, int], say: Say) -> str:
    """A span with its day: Fri 2026-12-04 20:00–23:30."""
    first, last = moment(problem, span[0]), moment(problem, span[1])
    return f"{day_text(date.fromisoformat(first[:10]), say)} {span_text(first, last, say)}"
