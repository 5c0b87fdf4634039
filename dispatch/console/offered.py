"""Commands that a line offers: whoever reads copies them into a shell, ids of strangers included.

Every value is quoted for the shell. A value that a line cannot show as it is (invisible marks, a
backslash) would be another one when it is typed, so then no command is offered.
"""

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from config.words import Say
from dispatch.console.grammar import escaped

_COMMAND = ("qinwu", "command", "{folder}")
_BY_HAND = {"command": ("qinwu", "incident", "new", "{folder}", "--help")}
_AS_SENT = {"command": ("qinwu", "journal", "export", "{folder}", "--out", "OUT")}
COMMANDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "breaker": {"command": (*_COMMAND, "release-breaker", "--unit", "{unit}")},
    "welfare": {"command": (*_COMMAND, "welfare-ok", "--unit", "{unit}")},
    "maybe_duplicate": {
        "command": (*_COMMAND, "merge", "--incident", "{about}", "--into", "{of}"),
    },
    "closed_incident": _BY_HAND,
    "rejected.incident": _BY_HAND,
    "rejected.incident_unnamed": _BY_HAND,
    "rejected.event": _AS_SENT,
    "rejected.event_unnamed": _AS_SENT,
    "rejected.more": _AS_SENT,
    "rejected.more_unnamed": _AS_SENT,
    "edits": {
        "command": ("qinwu", "publish", "{folder}", "--week", "{week}", "--from", "FOLDER"),
    },
    "queued.not_located": {
        "command": (*_COMMAND, "locate", "--incident", "{about}", "--place", "NAME"),
    },
    "queued.appointed": {
        "command": (*_COMMAND, "assign", "--incident", "{about}", "--unit", "UNIT"),
    },
    "queued.no_roster": {
        "doctor": ("qinwu", "doctor", "{folder}"),
        "plan": ("qinwu", "plan", "{folder}", "--week", "{week}", "--out", "OUT"),
        "publish": ("qinwu", "publish", "{folder}", "--week", "{week}", "--from", "OUT"),
    },
    "watch.seen": {
        "command": (
            *_COMMAND, "verify-sighting", "--sighting", "{about}", "--verdict", "true/false",
        ),
    },
}  # fmt: skip
"""By the key of a line's text: what its text calls them, and their words."""


def offered(text: str, known: Mapping[str, Any], folder: str, say: Say) -> dict[str, str]:
    """The commands of a line, by the names that its text has for them.

    Args:
        text: Key of the line's text.
        known: What the line is about, by the names in `COMMANDS`.
        folder: The district's, quoted for the shell.
        say: Says that there is no command, where an id cannot be typed.
    """
    return {
        name: _typed(words, known, folder) or say("console.no_command", folder=folder)
        for name, words in COMMANDS.get(text, {}).items()
    }


def _typed(words: tuple[str, ...], known: Mapping[str, Any], folder: str) -> str | None:
    values = [str(known.get(word[1:-1]) or "") for word in words if word in _asked(words)]
    if not all(value and escaped(value, free=True) == value for value in values):
        return None
    return "".join(_joined(words, known, folder))


def _asked(words: tuple[str, ...]) -> list[str]:
    return [word for word in words if word.startswith("{") and word != "{folder}"]


def _joined(words: tuple[str, ...], known: Mapping[str, Any], folder: str) -> Iterator[str]:
    """The words with what stands between them; a value that looks like an option follows `=`."""
    yield words[0]
    for word in words[1:]:
        value = str(known[word[1:-1]]) if word in _asked(words) else None
        before = "=" if value is not None and value.startswith("-") else " "
        told = folder if word == "{folder}" else word
        yield before + (told if value is None else shlex.quote(value))
