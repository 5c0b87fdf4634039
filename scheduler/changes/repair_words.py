"""A repair in words: each move with its reason, what is lost, and how much it changes in all."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from config.ids import TeamId
from config.words import words
from scheduler.breach_words import by_duty
from scheduler.changes.lost import Lost, LostTask
from scheduler.ledger import Duty
from scheduler.names import Names
from scheduler.sheets import day_text, span_text

UNDONE = "undone"
UNTOLD = frozenset(("gone",))
"""Of whose duty another line tells."""
MOST_LAWS = 5
"""Laws that are named for one duty, those that keep most teams away."""
MOST_KEPT = 12
"""Of those whom a law keeps away so many are named."""
MOST_POINTS = 10
"""Of the points that are not visited any more so many are named."""


def move_lines(
    told: Mapping[str, Any], names: Names, lang: str, but: Collection[str] = (),
    new: Iterable[Duty] = (),
) -> Iterator[str]:  # fmt: skip
    """Each move of a repair, as its draft tells of it, with its reason.

    Args:
        told: What the draft tells.
        names: Of the district.
        lang: Language.
        but: Duties that nobody does which other lines tell of.
        new: Duties as they are now, of whose hours the lines tell.
    """
    say, officers = words(lang), names.district.people.team_ids()
    at = {(str(duty["team"]), str(duty["date"])): duty for duty in new}
    for move in told.get("moves", ()):
        if move["why"] in UNTOLD or (move["why"] == UNDONE and move["of"] in but):
            continue
        team = str(move["team"])
        name = names.person(officers.get(TeamId(team), ""))
        line = say(
            f"repair.move.{move['why']}", team=f"{name} {team}" if name else team,
            day=move["date"], of=move["of"],
        )  # fmt: skip
        duty = at.get((team, str(move["date"]))) if move["why"] != UNDONE else None
        hours = span_text(str(duty["start"]), str(duty["end"]), say) if duty else ""
        yield say("repair.move.at", line=line, hours=hours) if hours else line


def lost_lines(
    found: Lost, names: Names, lang: str, told: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """What is lost: each duty that nobody does, each task, and the points where nobody comes.

    Args:
        found: What is lost.
        names: Of the district.
        lang: Language.
        told: What the draft tells of the repair: why nobody does them.
    """
    say, why = words(lang), (told or {}).get("nobody", {})
    for duty in found.duties:
        yield say("repair.lost.duty", duty=duty["duty"], what=_what(duty, names, lang))
        if (reason := why.get(duty["duty"])) is not None:
            yield from nobody_lines(reason, names, lang, str(duty["week"]))
    for task in found.tasks:
        yield _task_line(task, names, lang)
    some = [
        say("repair.lost.point", name=name, must_arrive=one.must_arrive, count=one.count)
        if (name := names.place(one.place)) else
        say("repair.lost.bare_point", must_arrive=one.must_arrive, count=one.count)
        for one in found.visits[:MOST_POINTS]
    ]  # fmt: skip
    if some:
        key = "repair.lost.more_visits" if len(found.visits) > MOST_POINTS else "repair.lost.visits"
        count = sum(one.count for one in found.visits)
        left = len(found.visits) - MOST_POINTS
        yield say(key, count=count, points=say("sheet.comma").join(some), left=left)


def _task_line(one: LostTask, names: Names, lang: str) -> str:
    """A fixed duty or night check that is left without a team, or with fewer."""
    say, task = words(lang), one.task
    first, last = str(task["start"]), str(task["end"])
    where = names.place(str(task.get("place"))) or names.post(task.get("post"))
    parts: Iterable[str | None] = (
        say(f"code.kind.{task['kind']}"), day_text(date.fromisoformat(first[:10]), say),
        span_text(first, last, say), where or task.get("place") or task.get("post"),
    )  # fmt: skip
    key = "repair.lost.task_less" if one.left else "repair.lost.task"
    what = " ".join(part for part in parts if part)
    return say(key, task=task["task"], what=what, left=one.left, had=one.had)


def nobody_lines(
    reason: Mapping[str, Any], names: Names, lang: str, week: str
) -> Iterator[str]:  # fmt: skip
    """Why nobody does a duty of a week: what keeps the other teams of its squadron away."""
    say = words(lang)
    comma = say("planner.report.comma")
    yield "  " + say("repair.nobody.there", teams=reason["teams"], busy=reason["busy"])
    laws = [
        say("answers.missing.law", rule=say(f"planner.rule.{rule}"), teams=teams)
        for rule, teams in list(reason["laws"].items())[:MOST_LAWS]
    ]
    if laws:
        yield "  " + say("repair.nobody.laws", laws=comma.join(laws))
        yield from _kept_lines(reason.get("kept", ()), names, lang, week)
    if reason["free"]:
        yield "  " + say("repair.nobody.free", teams=comma.join(reason["free"]))


def _kept_lines(
    kept: Sequence[Mapping[str, Any]], names: Names, lang: str, week: str
) -> Iterator[str]:  # fmt: skip
    """Who is kept away, in which week and by which law; versions before did not tell."""
    say, told = words(lang), by_duty(kept, names, lang)
    for one in told[:MOST_KEPT]:
        yield "    " + say("repair.nobody.one", week=week, told=one.text)
    if len(told) > MOST_KEPT:
        yield "    " + say("repair.nobody.more", count=len(told) - MOST_KEPT)


def _what(duty: Duty, names: Names, lang: str) -> str:
    """When it is, what, and where."""
    say, first, last = words(lang), str(duty["start"]), str(duty["end"])
    parts: Iterable[str | None] = (
        day_text(date.fromisoformat(first[:10]), say), span_text(first, last, say),
        say(f"code.kind.{duty['kind']}"), names.post(duty.get("post")) or duty.get("post"),
    )  # fmt: skip
    return " ".join(part for part in parts if part)


def least_line(told: Mapping[str, Any], lang: str) -> str:
    """How much a repair changes and leaves undone, and whether that is proven to be least."""
    key = "repair.least" if told["proven"] else "repair.not_least"
    undone, weight = len(told["undone"]), told["weight"]
    points = told.get("points", weight)  # versions of before 2026-12 tell the weight only
    return words(lang)(
        f"{key}_undone" if undone else key, points=points, weight=weight, undone=undone
    )
