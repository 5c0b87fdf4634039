"""Breaches that are no rule's: what is handed in is no roster, or nobody could look at the laws.

As data for `publication_refused`: `key` and `fields` are words of the catalogues, `about` says
where.
"""

import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config.errors import BadInput, QinwuError
from config.faults import shown
from config.words import words

MOST_BREACHES = 500
"""Of one refusal; a frame must take them."""


def breach_of(key: str, fields: Mapping[str, object], **about: str) -> dict[str, Any]:
    """A fault as a breach of the rule that what is handed in must be a roster of the district."""
    return {"rule": "handed-in", "amount": 1, **about, "key": key, "fields": _texts(fields)}


def unjudged(error: Exception) -> dict[str, Any]:
    """Why a draft could not be judged: a file that cannot be read, else a fault of the program."""
    if isinstance(error, BadInput) and error.findings:
        first, count = error.findings[0], len(error.findings)
        place = ":".join(str(part) for part in (first.file, first.line, first.column) if part)
        return _because("unread", first.key, first.fields, count, place)
    if isinstance(error, QinwuError):
        return _because("unread", error.key, error.fields)
    if isinstance(error, OSError):
        named = {"file": error.filename or "–", "cause": error.strerror or error}
        return _because("unread", "planner.machine", {**named, "errno": error.errno})
    frames = traceback.extract_tb(error.__traceback__)
    at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "–"
    told = shown(f"{type(error).__name__} {error}")
    return _because("fault", "planner.fault", {"error": told, "at": at})


def in_words(error: Exception) -> str:
    """The same in a line: where, and what."""
    why = unjudged(error)
    text = words()(why["key"], **why["fields"])
    return f"{why['place']}: {text}" if "place" in why else text


def cut_short(breaches: Sequence[Mapping[str, Any]], most: int) -> tuple[dict[str, Any], ...]:
    """The first breaches, and how many more there are."""
    more = len(breaches) - most
    told = [dict(breach) for breach in breaches[:most]]
    return (*told, *([{"rule": "more", "amount": more}] if more > 0 else []))


def _because(
    rule: str, key: str, fields: Mapping[str, object], amount: int = 1, place: str = ""
) -> dict[str, Any]:
    told = {"rule": rule, "amount": amount, "key": key, "fields": _texts(fields)}
    return told | ({"place": place} if place else {})


def _texts(fields: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in fields.items()}
