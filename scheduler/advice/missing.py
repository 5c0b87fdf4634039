"""What a roster does not cover, why nobody covers it, and what would: in the user's words."""

from collections.abc import Iterable, Iterator

from config.words import Say, words
from scheduler.advice.answers import cost_text
from scheduler.advice.asked import Asked
from scheduler.advice.barriers import SKILLS, Barrier, Barriers, Smallest, barriers, smallest
from scheduler.advice.fixes import fixes
from scheduler.advice.hole_words import half_hours, hole_text, split, summed, when_text
from scheduler.advice.holes import Hole, holes, task_of, windows
from scheduler.advice.remedies import Fix
from scheduler.names import Called
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster
from scheduler.rules import laws_of
from scheduler.solve.options import Options, options_of

MOST_LAWS = 5
"""Laws that are named for one hole, those that keep most teams away."""


def missing(week: Asked, most: int) -> Iterator[str]:
    """What is not covered, a line each; of the dearest why, and what would close it.

    Args:
        week: With its needs.
        most: Of how many holes the reasons are told.
    """
    say, problem, roster = words(), week.problem, week.roster
    found = holes(problem, roster)
    yield summed(problem, roster, found)
    options = options_of(problem)
    told, slight = split(found, most)
    for n, hole in enumerate(told, start=1):
        yield f"{n}. {hole_text(week.district, problem, hole)}"
        if n <= most:
            for line in reasons(problem, roster, hole, options, Called(week.district)):
                yield f"   {line}"
    yield from half_hours(week.district, problem, slight)
    if len(found) > most:
        yield say("answers.missing.untold", count=len(found) - most, most=most)


# --- why, and what would help ----------------------------------------------------------------


def reasons(
    problem: Problem, roster: Roster, hole: Hole, options: Options, called: Called
) -> Iterator[str]:
    """Who was there, what forbids them, the smallest set in the way, and what would help."""
    say = words()
    some = windows(problem, roster, hole, options)
    if not some:
        yield say("answers.missing.too_long", hours=f"{(hole.span[1] - hole.span[0]) / 60:g}")
        return
    found = barriers(problem, roster, hole, some)
    yield from _there(problem, hole, found, say)
    least = smallest(problem, hole, found.tries) if found.tries else None
    if least is not None:
        yield from _in_the_way(problem, least, say, called)
    told = fixes(problem, roster, hole, found.tries, options, least)
    for n, fix in enumerate(told):
        yield say("answers.missing.fix", letter="abc"[n], what=_fix(problem, fix, say, called),
                  cost=cost_text(fix.change, say), left=_left(hole, fix, say))  # fmt: skip
    if not told:
        yield say("answers.missing.no_fix")


def _there(problem: Problem, hole: Hole, found: Barriers, say: Say) -> Iterator[str]:
    """Teams by what they do meanwhile, and what keeps the free ones away."""
    there = len(found.on_duty) + len(found.other) + len(found.free)
    if not there:
        yield say("answers.missing.nobody", away=len(found.away))
        return
    yield say(
        "answers.missing.there", teams=there, on_duty=len(found.on_duty), other=len(found.other),
        free=len(found.free), lawful=len(found.lawful), away=len(found.away),
    )  # fmt: skip
    comma = say("planner.report.comma")
    task = task_of(problem, hole)
    wanted = task.teams if task else _wanted(problem, hole)
    if wanted > there:
        yield say("answers.missing.force", wanted=wanted, teams=there)
    laws = list(found.forbidden.items())[:MOST_LAWS]
    if laws:
        told = (say("answers.missing.law", rule=_rule(rule, say), teams=n) for rule, n in laws)
        yield say("answers.missing.forbidden", laws=comma.join(told))
    skilled = task and any(
        task.skills <= person.skills for person in problem.persons.values()
        if hole.squadron in (None, person.squadron)
    )  # fmt: skip
    if task and task.skills and not skilled:
        yield say("answers.missing.no_skill", skills=comma.join(sorted(task.skills)))


def _wanted(problem: Problem, hole: Hole) -> int:
    """Most units that are needed at once in a hole of cover."""
    if hole.squadron is None:
        return hole.units
    row = problem.squadrons.index(hole.squadron)
    return max((int(problem.needed[row, slot]) for slot, _ in hole.slots), default=hole.units)


def _in_the_way(problem: Problem, found: Smallest, say: Say, called: Called) -> Iterator[str]:
    """The smallest set of laws in the way, and who would then come."""
    comma = say("planner.report.comma")
    duties = comma.join(_hours(problem, one.duty, say, called) for one in found.chosen)
    if not found.chosen:
        return
    if found.barriers:
        walls = _walls(found.barriers, say, called)
        key = "answers.missing.smallest" if found.proven else "answers.missing.small"
        yield say(key, count=len(found.barriers), walls=walls, duties=duties)
    else:
        yield say("answers.missing.no_law", duties=duties)
    if found.open_slots:
        yield say("answers.missing.still_open", open=found.open_slots)


def _walls(some: Iterable[Barrier], say: Say, called: Called) -> str:
    """Laws with whom they keep away, a law once."""
    by_rule: dict[str, list[str]] = {}
    for rule, who in some:
        by_rule.setdefault(rule, []).append(called.anybody(who))
    comma = say("planner.report.comma")
    told = (
        say("answers.missing.wall", rule=_rule(rule, say), who=comma.join(sorted(who)))
        for rule, who in by_rule.items()
    )
    return say("answers.missing.walls_between").join(sorted(told))


def _rule(rule: str, say: Say) -> str:
    return say("answers.missing.skills") if rule == SKILLS else say(f"planner.rule.{rule}")


def _hours(problem: Problem, duty: Duty, say: Say, called: Called) -> str:
    """A team and its hours."""
    return say("answers.missing.duty", team=called.team(duty.team),
               when=when_text(problem, (duty.start_min, duty.end_min), say))  # fmt: skip


def _fix(problem: Problem, fix: Fix, say: Say, called: Called) -> str:
    """A change in words."""
    rules = {rule.limit.name: rule.id for rule in laws_of(problem) if rule.limit is not None}
    new = fix.new[0]
    before = fix.gone[0] if fix.gone else new
    limits = (
        say("answers.missing.limit", rule=_rule(rules[name], say), name=name, value=f"{value:g}",
            before=f"{getattr(problem.limits, name):g}")
        for name, value in fix.limits.items()
    )  # fmt: skip
    return say(
        f"answers.missing.{fix.what}", team=called.team(new.team), duty=new.id,
        lent=called.squadron(fix.lent) if fix.lent else "",
        before=when_text(problem, (before.start_min, before.end_min), say),
        after=when_text(problem, (new.start_min, new.end_min), say),
        limits=say("planner.report.comma").join(limits), duties=say("planner.report.comma").join(
            _hours(problem, each, say, called) for each in fix.new
        ),
    )  # fmt: skip


def _left(hole: Hole, fix: Fix, say: Say) -> str:
    """What of the hole is left."""
    if not fix.left:
        return say("answers.missing.closed")
    key = "answers.missing.left_hours" if hole.slots else "answers.missing.left_teams"
    return say(key, left=f"{fix.left / 2 if hole.slots else fix.left:g}")
