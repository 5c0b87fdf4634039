"""How a person stands by every rule, in words."""

from collections.abc import Iterator
from itertools import groupby

from config.ids import PersonId
from config.words import Say, words
from scheduler.advice.standing import State, much, standing, teams_of
from scheduler.names import Called
from scheduler.problem import Problem
from scheduler.roster import Roster
from scheduler.sheets import day_text
from scheduler.slots import DAYS, NOON, SLOTS_A_DAY


def rule_lines(
    problem: Problem, roster: Roster, person: PersonId, called: Called
) -> Iterator[str]:  # fmt: skip
    """A person's teams, leave and duties of the week, then a line a rule."""
    say = words()
    yield say("answers.rules.head", person=called.person(person), week=problem.week,
              duties=len(roster.duties_of(person)))  # fmt: skip
    for team, some in groupby(teams_of(problem, person), key=lambda one: one[1]):
        days = [on for on, _ in some]
        key = "answers.rules.team" if team else "answers.rules.no_team"
        yield "  " + say(key, team=called.team(team or ""), first=day_text(days[0], say),
                         last=day_text(days[-1], say))  # fmt: skip
    away = [
        day_text(problem.dates[day], say) for day in range(DAYS)
        for noon in [problem.slot_min[SLOTS_A_DAY * day + NOON]]
        if not problem.persons[person].is_free(noon, noon + 1)
    ]  # fmt: skip
    if away:
        yield "  " + say("answers.rules.leave", days=say("planner.report.comma").join(away))
    for state in standing(problem, roster, person):
        yield "  " + _state(state, say)


def _state(state: State, say: Say) -> str:
    """A rule on a line."""
    bite, of = state.bite, {"rule": say(f"planner.rule.{state.rule}")}
    of["unit"] = say(f"answers.rules.unit.{state.unit}")
    of["at"] = say("answers.rules.at", day=day_text(state.at, say)) if state.at else ""
    of |= {"used": much(state.unit, state.used), "left": much(state.unit, state.left)}
    of["limit"] = much(state.unit, state.limit)
    if state.limit is None:
        told = say("answers.rules.kept" if state.used is None else "answers.rules.amount", **of)
    elif state.used is None:
        told = say("answers.rules.nothing", **of)
    elif state.unit == "times":
        told = say("answers.rules.broken", **of)
    else:
        told = say("answers.rules.most" if state.most else "answers.rules.least", **of)
    if bite is None:
        return told
    return told + say("answers.rules.bites", day=day_text(bite.on, say), forbidden=bite.forbidden,
                      tried=bite.tried)  # fmt: skip
