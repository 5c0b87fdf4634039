"""What a field of a refused event should have been: data for programs, words at the edge.

The reason code of a refusal is for switching on and stays as it is. A hint says more, for the
person who writes the sender: the values that there are, the bound, the rule.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from config.words import Say
from events.event import MOST_ID
from events.kinds import BY_TYPE

Hint = Mapping[str, Any]
"""One of `expected` (the values there are), `at_most`, `written` (a pattern), `rule` and so on."""
NAME_TOO_LONG = "name_too_long"
"""The reason of an incident or sighting whose name, made of its event's source and id, is so."""
_BOUNDS = {"le": "at_most", "ge": "at_least", "lt": "below", "gt": "above"}
_LENGTHS = {"max_length": "most_characters", "min_length": "least_characters"}
_QUOTED = re.compile(r"'([^']*)'")


def hint_of(code: str, value: bytes, headers: Iterable[tuple[str, bytes]] = ()) -> Hint | None:
    """What would have been right in place of what a refusal with this code refused.

    Args:
        code: Of the refusal, e.g. `invalid:data.kind:literal_error`.
        value: The event as it came.
        headers: As they came; in binary mode they hold the type.

    Returns:
        None where the code says all, or the event is not at hand.
    """
    if code == NAME_TOO_LONG:
        return {"most_characters": MOST_ID}
    reason, _, rest = code.partition(":")
    if reason != "invalid":
        return None
    where, _, problem = rest.rpartition(":")
    for error in _errors(value, dict(headers)):
        steps = ".".join(str(step) for step in error["loc"])
        if (steps, error["type"]) == (where.removeprefix("data").removeprefix("."), problem):
            return _hint(error)
    return None


def _errors(value: bytes, headers: Mapping[str, bytes]) -> list[Any]:
    """The faults of an event's data, as the validator tells them."""
    try:
        whole = json.loads(value)
        structured = isinstance(whole, dict) and "specversion" in whole
        kind = whole.get("type") if structured else headers.get("ce_type", b"").decode()
        event = BY_TYPE.get(kind) if isinstance(kind, str) else None
        if event is not None:
            event.model_validate_json(json.dumps(whole.get("data") if structured else whole))
    except ValidationError as error:
        return error.errors(include_url=False, include_input=False)
    except (ValueError, RecursionError):  # no JSON, no UTF-8: the code says so
        pass
    return []


def _hint(error: Mapping[str, Any]) -> Hint | None:
    told = error.get("ctx", {})
    if "expected" in told:
        return {"expected": _QUOTED.findall(str(told["expected"]))}
    if "error" in told:
        return {"rule": str(told["error"])}
    if "pattern" in told:
        return {"written": told["pattern"]}
    return next(
        ({name: told[key]} for key, name in {**_BOUNDS, **_LENGTHS}.items() if key in told), None
    )


def hint_text(hint: Hint, say: Say) -> str:
    """A hint in words; as it came where it is of another program's kind."""
    name, told = next(iter(hint.items()))
    try:
        return say(f"hint.{name}", value=", ".join(told) if isinstance(told, list) else told)
    except (KeyError, TypeError):
        return json.dumps(hint, ensure_ascii=False)
