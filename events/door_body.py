"""What goes over the door's counter: requests into records, records into JSON. No server here.

The door takes what is a CloudEvent by its envelope and stores it byte for byte, in whatever state
its `data` is: the engine refuses that with a reply. What is no CloudEvent at all has no id to
reply to, so it is refused on the spot and nothing of its request is stored.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, NoReturn
from urllib.parse import unquote

from events import schema
from events.hints import Hint, hint_of
from events.kinds import PositionReported
from events.ports import Record, Stored

MOST_BYTES = 1024 * 1024
"""Largest request that a door takes."""
MOST_WAIT_S = 30
PLAIN = "application/json"
EVENT = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
_NO_EVENT = frozenset({"encoding", "not_json", "not_an_event", "specversion"})
_BLANK = re.compile(r"[ \t\n\r]*")


class Refusal(Exception):
    """A request that is not served; `key` and `fields` for the words."""

    def __init__(self, status: int, key: str, **fields: object) -> None:
        """Say why."""
        super().__init__(key)
        self.status, self.key, self.fields = status, key, fields


class Incoming(NamedTuple):
    """An event on its way in: where it goes, its dedupe key, what the engine will say of it."""

    record: Record
    stream: str
    event: str | None
    problem: str | None
    hint: Hint | None = None


def incoming(body: bytes, media: str, headers: Mapping[str, str]) -> list[Incoming]:
    """The events of a request, in order.

    Raises:
        Refusal: One of them is no CloudEvent, or the media type is another.
    """
    if "ce-specversion" in headers:
        if media != PLAIN:
            raise Refusal(415, "door.media", media=media)
        said = tuple(
            (name.replace("ce-", "ce_", 1), unquote(text).encode())
            for name, text in headers.items()
            if name.startswith("ce-")
        )
        return [_event(Record(body, headers=said + _trace(headers)), 0)]
    if media not in (PLAIN, EVENT, BATCH):
        raise Refusal(415, "door.media", media=media)
    trace = _trace(headers)
    values = [body] if media == EVENT else _parts(body)
    return [_event(Record(value, headers=trace), n) for n, value in enumerate(values)]


def _trace(headers: Mapping[str, str]) -> tuple[tuple[str, bytes], ...]:
    told = headers.get("traceparent")
    return (("traceparent", told.encode("latin-1")),) if told else ()


def _event(record: Record, n: int) -> Incoming:
    read = schema.parse(record.value, record.headers)
    if isinstance(read, schema.Refused):
        if read.reason in _NO_EVENT or (read.event is None and not _is_event(record)):
            raise Refusal(400, "door.no_event", n=n, reason=read.code)
        hint = hint_of(read.code, record.value, record.headers)
        return Incoming(record, "inbox", read.event, read.code, hint)
    if fix := read.as_a(PositionReported):  # fixes of a unit stay in one partition
        return Incoming(replace(record, key=fix.unit.encode()), "positions", read.event, None)
    return Incoming(record, "inbox", read.event, None)


def _is_event(record: Record) -> bool:
    """Whether a value that the parser did not look into is a CloudEvent by its envelope."""
    value = parsed(record.value)
    if any(name == "ce_specversion" for name, _ in record.headers):
        return value is not None
    return isinstance(value, dict) and "specversion" in value


def _parts(body: bytes) -> list[bytes]:
    """The elements of a JSON array, each as its own bytes; a body that is no array is one."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Refusal(400, "door.no_event", n=0, reason="encoding") from None
    if not text.lstrip().startswith("["):
        return [body]
    try:
        parts = list(_elements(text))
    except (ValueError, RecursionError):
        raise Refusal(400, "door.no_event", n=0, reason="not_json") from None
    if not parts:
        raise Refusal(400, "door.no_event", n=0, reason="not_an_event")
    return parts


def _elements(text: str) -> Iterator[bytes]:
    decoder = json.JSONDecoder()
    at = _skip(text, text.index("[") + 1)
    while text[at : at + 1] != "]":
        _, end = decoder.raw_decode(text, at)
        yield text[at:end].encode()
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
            if text[at : at + 1] != "]":
                continue
        elif text[at : at + 1] == "]":
            continue
        msg = "no array"
        raise ValueError(msg)
    if _skip(text, at + 1) != len(text):
        msg = "more behind the array"
        raise ValueError(msg)


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return at if blank is None else blank.end()


def row(stored: Stored) -> dict[str, Any]:
    """A record as the door tells it: bytes in base64, and the value parsed where it is JSON."""

    def told(raw: bytes) -> str:
        return base64.b64encode(raw).decode()

    return {
        "position": stored.position,
        "stored_ms": stored.stored_ms,
        "key": None if stored.key is None else told(stored.key),
        "headers": [[name, told(value)] for name, value in stored.headers],
        "value": told(stored.value),
        "json": parsed(stored.value),
    }


def parsed(raw: bytes) -> Any:  # noqa: ANN401 - any JSON
    """A value as JSON; None where it is none, or is not what JSON allows (NaN)."""
    try:
        return json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)
