"""CloudEvents 1.0 in and out: `parse`, `event`, and the normal form that frames record.

A value that is a JSON object with `specversion` is structured, whatever its headers; else it is
binary when a header `ce_specversion` exists; else it is refused. What cannot be taken comes back
as `Refused` with a reason code; nothing here raises on any bytes.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Annotated, Any, ClassVar, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model

from events import envelope
from events.envelope import Attribute, Envelope
from events.event import Event, Moment
from events.facts import cut_of
from events.kinds import BY_TYPE, EVENTS, IncidentReported
from events.normal import told_fields, whole_numbers
from events.planning import DutyRostered
from events.ports import LARGEST_EVENT_BYTES, Stored

__all__ = [
    "REASONS", "CloudEvent", "Envelope", "Refused", "by_classes", "event", "json_schemas", "parse",
    "parsed", "restored", "roster_hash", "type_of", "whole_numbers",
]  # fmt: skip
type_of = {event.name: kind for kind, event in BY_TYPE.items()}
REASONS = (
    "oversize",  # above 256 KiB
    "encoding",  # not UTF-8, or half a character in an id
    "nul",  # a NUL character in a string
    "nan",  # NaN or Infinity
    "not_json",  # structured or binary data that is no JSON
    "not_an_event",  # neither a JSON object with specversion nor a header ce_specversion
    "specversion",  # another version than 1.0
    "unknown_type",  # no event of this program
    "invalid",  # a field is missing or wrong: where and problem say which
)
Headers = Sequence[tuple[str, bytes]]
_INCIDENT = IncidentReported.type()
_INCIDENT_SPELLED = tuple(map(_INCIDENT.encode, ("utf-8", "utf-16-le", "utf-16-be")))


@dataclass(frozen=True, slots=True)
class Refused:
    """Why bytes are no event. `problem` is the validator's code, never a sentence."""

    type: ClassVar = None  # beside an envelope's
    reason: str
    where: str = ""
    problem: str = ""
    event: str | None = None
    kind: str | None = None
    source_chars: int | None = None

    @property
    def code(self) -> str:
        """All of it as one machine-readable word, e.g. `invalid:data.lon:less_than_equal`."""
        return ":".join(part for part in (self.reason, self.where, self.problem) if part)


class CloudEvent(BaseModel):
    """A CloudEvent as its classes say it. `data` is one of `kinds.EVENTS`, told apart by `type`."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", allow_inf_nan=False)
    specversion: Literal["1.0"]
    id: Attribute
    source: Attribute
    type: str
    time: Moment | None = None
    data: Event


def restored(kind: str, normal: Mapping[str, Any]) -> Event:
    """The event behind an accepted fact's `kind` and `data`; KeyError for an unknown kind."""
    return BY_TYPE[kind].model_validate(told_fields(normal))


def _cloud_event(event: type[Event]) -> type[CloudEvent]:
    fields: dict[str, Any] = {"type": (Literal[event.type()], ...), "data": (event, ...)}
    return create_model(event.__name__, __base__=CloudEvent, __doc__=event.__doc__, **fields)


@cache
def _classes() -> Mapping[str, type[CloudEvent]]:
    """By type; made when first needed, since most commands never ask them."""
    return {event.type(): _cloud_event(event) for event in EVENTS}


@cache
def _any() -> TypeAdapter[CloudEvent]:
    union: Any = Union[tuple(_classes().values())]  # noqa: UP007 - made at run time
    one: Any = Annotated[union, Field(discriminator="type")]
    return TypeAdapter(one)


def parse(value: bytes, headers: Headers = ()) -> Envelope | Refused:
    """The event in a record's value and headers, or why there is none."""
    if len(value) > LARGEST_EVENT_BYTES:
        return _named(Refused("oversize"), value, headers)
    if _may_be_odd(value) and (odd := _odd(value)):
        return _named(odd, value, headers)
    return envelope.read((value,))[0] or _looked_at(value, headers)


def parsed(found: Sequence[Stored]) -> list[Envelope | Refused]:
    """`parse` of each record, in less time than one by one."""
    values = [stored.value for stored in found]
    if _may_be_odd(b"".join(values)) or max(map(len, values), default=0) > LARGEST_EVENT_BYTES:
        return [parse(stored.value, stored.headers) for stored in found]
    return [
        told or _looked_at(one.value, one.headers)
        for told, one in zip(envelope.read(values), found, strict=True)
    ]


def _looked_at(value: bytes, headers: Headers) -> Envelope | Refused:
    """What is not read in one pass."""
    try:
        return by_classes(value)
    except ValidationError as error:
        return _named(_second_look(value, dict(headers), error), value, headers)


def _named(told: Envelope | Refused, value: bytes, headers: Headers) -> Envelope | Refused:
    """Bytes that nobody can read, but that name an incident, are a report of one."""
    if not isinstance(told, Refused) or told.kind is not None:
        return told
    texts = (value, *(text for _, text in headers))
    named = any(spelled in text for spelled in _INCIDENT_SPELLED for text in texts)
    return replace(told, kind=_INCIDENT) if named else told


def by_classes(value: bytes) -> Envelope:
    """The event in a structured value; pydantic's ValidationError when there is none.

    What `envelope.read` takes quickly, and a little more.
    """
    return _envelope(_any().validate_json(value))


def _envelope(told: CloudEvent) -> Envelope:
    return Envelope(told.id, told.source, told.type, told.time, whole_numbers(told.data))


def _may_be_odd(text: bytes) -> bool:
    """Whether `_odd` has to look; a single byte is found in a fraction of the time of a word."""
    return (
        (0x5C in text and b"\\u0000" in text)
        or (0x4E in text and b"NaN" in text)
        or (0x49 in text and b"Infinity" in text)
    )


def _odd(value: bytes) -> Refused | None:
    """An escaped NUL or NaN anywhere in a JSON value, in fields that are ignored too."""
    if b"\0" in value:
        return Refused("nul")
    found: list[str] = []
    try:
        whole = json.loads(value, parse_constant=lambda _: found.append("nan"))
        has_nul = "\\u0000" in json.dumps(whole).replace("\\\\", "")  # escaped backslashes out
    except (ValueError, RecursionError):
        return None  # no JSON: said by the parser proper
    if found:
        return Refused("nan")
    return Refused("nul") if has_nul else None


def _second_look(
    value: bytes, headers: Mapping[str, bytes], error: ValidationError
) -> Envelope | Refused:
    """Binary mode, or the reason in words of this module; off the fast path."""
    if b"\0" in value:  # no JSON holds one
        return Refused("nul")
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return Refused("encoding")
    try:
        whole = json.loads(text)
        is_json = True
    except (ValueError, RecursionError):
        whole, is_json = None, False
    if isinstance(whole, dict) and "specversion" in whole:
        return _refused(error, whole)
    if "ce_specversion" not in headers:
        return Refused("not_an_event" if is_json else "not_json")
    return _binary(value, headers) if is_json else Refused("not_json")


def _binary(value: bytes, headers: Mapping[str, bytes]) -> Envelope | Refused:
    """Attributes from the headers, data from the value."""
    try:
        told = {name[3:]: text.decode() for name, text in headers.items() if name.startswith("ce_")}
    except UnicodeDecodeError:
        return Refused("encoding")
    if any("\0" in text for text in told.values()):
        return Refused("nul")
    kind = told.get("type", "")
    if kind not in BY_TYPE:
        return _refused(None, told)
    try:
        data = BY_TYPE[kind].model_validate_json(value)
        return _envelope(_classes()[kind].model_validate({**told, "data": data}))
    except ValidationError as error:
        return _refused(error, told)


def _encodes(text: str) -> bool:
    """Whether a text is whole characters: JSON may escape half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refused(error: ValidationError | None, told: Mapping[str, Any]) -> Refused:
    key = (told.get("source"), told.get("id"))
    event = f"{key[0]}/{key[1]}" if all(isinstance(k, str) and k for k in key) else None
    if event is not None and not _encodes(event):  # no frame and no reply could name it
        return Refused("encoding")
    cut = None if event is None else cut_of(str(key[0]), event)
    if told.get("specversion") != "1.0":
        return Refused("specversion", event=event, source_chars=cut)
    kind = told.get("type")  # whatever JSON has: a list cannot even be looked up
    if error is None or not isinstance(kind, str) or kind not in BY_TYPE:
        return Refused("unknown_type", event=event, source_chars=cut)
    refused = partial(Refused, event=event, kind=kind, source_chars=cut)
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":  # lone surrogates, too deep, too long a number
        return refused("not_json")
    where = [str(step) for step in first["loc"] if step not in BY_TYPE]
    return refused("invalid", ".".join(where), first["type"])


def event(
    name: str,
    data: Event | Mapping[str, Any],
    *,
    source: str,
    id: str,  # noqa: A002 - CloudEvents' word
    time: str | None = None,
) -> bytes:
    """A structured CloudEvent as bytes, e.g. `event("incident_reported", {...}, …)`.

    Raises:
        ValueError: No such event, or `data` does not make one.
    """
    kind = type_of.get(name, name)
    if kind not in BY_TYPE:
        msg = f"no event {name!r}; there are: {', '.join(type_of)}"
        raise ValueError(msg)
    fields = data.model_dump(exclude_none=True) if isinstance(data, Event) else data
    told = {"specversion": "1.0", "id": id, "source": source, "type": kind}
    if time is not None:
        told["time"] = time
    whole = {**told, "datacontenttype": "application/json", "data": fields}
    raw = json.dumps(whole, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    checked = parse(raw)
    if isinstance(checked, Refused):
        msg = f"{name}: {checked.code}"
        raise ValueError(msg)  # noqa: TRY004 - bad content, not a bad type
    return raw


def json_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema of the structured CloudEvent of each event, by its name."""
    return {event.name: _classes()[event.type()].model_json_schema() for event in EVENTS}


def roster_hash(duties: Iterable[DutyRostered]) -> str:
    """The hash that `roster_published` carries: of all its duties, in whatever order they come.

    SHA-256, lower-case hex, over the normal form of each duty (without `at`) as compact JSON with
    sorted keys, one line each, sorted by duty id.
    """
    lines = []
    for duty in sorted(duties, key=lambda one: one.duty):
        known = whole_numbers(duty)
        known.pop("at", None)
        lines.append(json.dumps(known, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
