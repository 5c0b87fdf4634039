"""What is wrong with a value: pydantic's errors as keys of the word lists, and nearest names."""

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_LONGEST_SHOWN = 60
_MANY = 500
_FEW = 8

_KEYS: Mapping[str, str] = {
    "missing": "empty",
    "extra_forbidden": "unknown_key",
    "string_pattern_mismatch": "pattern",
    "string_too_long": "too_long",
    "string_too_short": "empty",
    "string_type": "text",
    "bool_parsing": "yes_no",
    "bool_type": "yes_no",
    "finite_number": "number",
    "date_written": "date",
    "clock_written": "clock",
    "int_from_float": "whole_number",
    "too_short": "too_few",
    "model_type": "part",
    "model_attributes_type": "part",
    "tuple_type": "list",
}
_PREFIXES: tuple[tuple[str, str], ...] = (
    ("int_", "whole_number"), ("float_", "number"), ("date_", "date"), ("time_", "clock"),
    ("greater_than", "range"), ("less_than", "range"), ("literal_", "choice"),
)  # fmt: skip
_SIGNS = (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))


def fault(error: "ErrorDetails") -> tuple[str, dict[str, Any]]:
    """Key (under `check.`) and fields of a validation error."""
    kind, context = error["type"], error.get("ctx", {})
    key = _KEYS.get(kind) or next(
        (to for start, to in _PREFIXES if kind.startswith(start)), "value"
    )
    fields: dict[str, Any] = (
        {"value": shown(error["input"]), "because": error["msg"]}
        if key == "value"
        else {"value": shown(error["input"])}
    )
    for name, sign in _SIGNS:
        if name in context:
            fields["bound"] = f"{sign} {str(context[name]).removesuffix('.0')}"
    if key == "choice":
        choices = [
            part.strip("'") for part in str(context["expected"]).replace(" or ", ", ").split(", ")
        ]
        fields |= of_choices(str(error["input"]), choices)
    if key == "too_long":
        fields["most"] = context["max_length"]
    return key, fields


def of_choices(value: str, choices: Iterable[str]) -> dict[str, str]:
    """The fields of `check.choice`: all that there are, and the one that seems to be meant."""
    names = list(choices)
    return {"choices": ", ".join(names), "near": meant(value, names) or near(value, names)}


def called(column: str, headers: Iterable[str]) -> str:
    """The header that stands for a column: one most like it, or one that people call it by."""
    names = list(headers)
    return near(column, names) or next((name for name in names if meant(name, [column])), "")


def meant(value: str, choices: Iterable[str]) -> str:
    """The choice that people call so in one of the languages, or "" where none is.

    Chinese has no blanks between words: 追尾事故 is called by what it holds.
    """
    from config.words import LANGUAGES, catalogue  # noqa: PLC0415 - for what is wrong only

    told, spelled = value.casefold(), dict[str, str]()
    for choice in choices:
        keys = (f"check.spelled.{choice}", f"code.kind.{choice}", f"code.incident.{choice}")
        texts = (catalogue(lang).get(key, "") for lang in LANGUAGES for key in keys)
        for word in " ".join(texts).casefold().split():
            spelled.setdefault(word, choice)
    held = (word for word in spelled if not word.isascii() and len(word) > 1 and word in told)
    return spelled.get(told) or spelled.get(max(held, key=len, default=""), "")


def shown(value: object) -> str:
    """A value as a message shows it: one line, not too long."""
    text = value if isinstance(value, str) else repr(value)
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def near(value: str, choices: Iterable[str]) -> str:
    """The choice most like a value, or "" when none is. Fast with many thousand choices."""
    names = list(choices)
    folded = value.casefold()
    if len(names) > _MANY:  # difflib takes 10 µs a name: look only where it can find something
        names = [
            name for name in names
            if abs(len(name) - len(value)) <= 2
            and (name[:2] == value[:2] or name[-2:] == value[-2:])
        ][:_MANY]  # fmt: skip
    for name in names:
        if name.casefold() == folded:
            return name
    found = difflib.get_close_matches(value[:200], names, n=1, cutoff=0.6)
    return found[0] if found else ""


def near_or_all(value: str, choices: Iterable[str]) -> str:
    """The choice most like a value; where none is like it, all of them if they are few.

    Short ids are like none: s9 has half of s1.
    """
    names = list(choices)
    found = near(value, names)
    return found or (", ".join(sorted(names)) if len(names) <= _FEW else "")
