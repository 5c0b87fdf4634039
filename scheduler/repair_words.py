"""A repair in words: each move with its reason, and how much it changes in all."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.words import words

UNTOLD = frozenset(("gone",))
"""Of whose duty another line tells."""
OTHERS = frozenset(("chain", "moved", "freed"))
"""Why somebody moves who was not asked to, nor steps in."""


def move_lines(told: Mapping[str, Any], lang: str) -> Iterator[str]:
    """Each move of a repair, as its draft tells of it, with its reason."""
    say = words(lang)
    for move in told.get("moves", ()):
        if move["why"] not in UNTOLD:
            yield say(
                f"repair.move.{move['why']}", team=move["team"], day=move["date"], of=move["of"]
            )


def least_line(told: Mapping[str, Any], lang: str) -> str:
    """How much a repair changes, and whether that is proven to be least."""
    key = "repair.least" if told["proven"] else "repair.not_least"
    undone = len(told["undone"])
    return words(lang)(f"{key}_undone" if undone else key, weight=told["weight"], undone=undone)


def moves_others(told: Mapping[str, Any]) -> bool:
    """Whether somebody moves who neither steps in nor was asked to."""
    return any(move["why"] in OTHERS for move in told.get("moves", ()))
