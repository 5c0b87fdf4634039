"""A repair in words: each move with its reason, what is lost, and how much it changes in all."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from config.ids import TeamId
from config.words import words
from scheduler.ledger import Duty
from scheduler.lost import Lost
from scheduler.names import Names
from scheduler.sheets import day_text, span_text

UNDONE = "undone"
UNTOLD = frozenset(("gone",))
"""Of whose duty another line tells."""
MOST_POINTS = 10
"""Of the points that are not visited any more so many are named."""


def move_lines(
    told: Mapping[str, Any], names: Names, lang: str, but: Collection[str] = ()
) -> Iterator[str]:
    """Each move of a repair, as its draft tells of it, with its reason.

    Args:
        told: What the draft tells.
        names: Of the district.
        lang: Language.
        but: Duties that nobody does which other lines tell of.
    """
    say, officers = words(lang), names.district.people.team_ids()
    for move in told.get("moves", ()):
        if move["why"] in UNTOLD or (move["why"] == UNDONE and move["of"] in but):
            continue
        team = str(move["team"])
        name = names.person(officers.get(TeamId(team), ""))
        yield say(
            f"repair.move.{move['why']}", team=f"{name} {team}" if name else team,
            day=move["date"], of=move["of"],
        )  # fmt: skip


def lost_lines(found: Lost, names: Names, lang: str) -> Iterator[str]:
    """What is lost: each duty that nobody does, and the points where nobody comes any more."""
    say = words(lang)
    for duty in found.duties:
        yield say("repair.lost.duty", duty=duty["duty"], what=_what(duty, names, lang))
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
