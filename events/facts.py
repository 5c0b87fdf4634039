"""Facts: what a frame knew. One for each inbox record, and some that have no record."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass

from config.ids import EdgeId, IncidentId, UnitId

_PLAIN = frozenset((str, int, bool, type(None)))


def without_floats(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The JSON value itself; ValueError when a float, or no JSON at all, stands anywhere in it."""
    if isinstance(value, dict):
        for key in value:
            if type(key) is not str:
                msg = f"no JSON key: {key!r}"
                raise ValueError(msg)
        items: Any = value.values()
    elif isinstance(value, (list, tuple)):
        items = value
    else:
        items = (value,)
    for item in items:
        if type(item) in _PLAIN:  # nearly all are: no call for them, this is the hot path
            continue
        if not isinstance(item, (dict, list, tuple)):
            msg = f"not allowed in a frame: {item!r}"
            raise ValueError(msg)  # noqa: TRY004 - pydantic wants a ValueError
        without_floats(item)
    return value


Object = Annotated[dict[str, Any], AfterValidator(without_floats)]
DEEPEST = 32
"""Levels of an object that an event brings: parsers take 200 of a whole frame, then none of it."""


def not_deeper(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The JSON value itself; ValueError when it has more levels than `DEEPEST`."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            item for each in level if isinstance(each, (dict, list, tuple))
            for item in (each.values() if isinstance(each, dict) else each)
        ]  # fmt: skip
        if not level:
            return value
    msg = f"nested deeper than {DEEPEST}"
    raise ValueError(msg)


Shallow = Annotated[Object, AfterValidator(not_deeper)]


def left_out() -> Any:  # noqa: ANN401 - a field of any type
    """A field that is not written when None."""
    return Field(default=None, exclude_if=lambda value: value is None)


class Part(BaseModel):
    """A part of a frame. Unknown fields are refused: what is not understood is not folded."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)


class _OfRecord(Part):
    type: str  # stated here so that it is written first
    topic: str
    partition: int
    offset: int


def cut_of(source: str, event: str) -> int | None:
    """How long the source is in "source/id", told where it could be read in two ways."""
    return len(source) if event.count("/") > 1 else None


def dedupe_key(event: str, source_chars: int | None) -> str:
    """The pair of source and id as one text that no other pair has: no event holds a NUL."""
    return event if source_chars is None else f"{source_chars}\0{event}"


IGNORED = "ignored:"
"""So begins the reason of an event that was taken and changed nothing."""


@dataclass(slots=True, kw_only=True, config=ConfigDict(strict=True, extra="forbid"))
class Accepted:
    """An event was taken; `data` as `Envelope.normal` gives it, `slots` = units due.

    `reason`: what its sender should know, e.g. that it changed nothing, and why. `source_chars`:
    how long the source is in `event`, where that has more than one "/"; older journals have none.
    `ahead_ms`: by how much its `at` was later than the frame; `at` is then the frame's time.

    Most facts are these, so it has slots, and nobody changes it: frozen it would take more time.
    """

    type: Literal["accepted"] = "accepted"
    topic: str
    partition: int
    offset: int
    event: str
    kind: str
    data: Object
    incident: IncidentId | None = left_out()
    slots: int | None = left_out()
    reason: str | None = left_out()
    source_chars: int | None = left_out()
    ahead_ms: int | None = left_out()

    @property
    def key(self) -> str:
        """By which it is known again; of an older journal its `event`, whoever sent it."""
        return dedupe_key(self.event, self.source_chars)

    @property
    def second_name(self) -> str:
        """For what it reports, where the "source/id" names what another sender reported."""
        return f"{self.source}:{self.event[len(self.source) + 1 :]}"

    @property
    def source(self) -> str:
        """Who sent it."""
        cut = self.event.index("/") if self.source_chars is None else self.source_chars
        return self.event[:cut]

    @property
    def counts(self) -> bool:
        """Whether it changed anything: who counts calls or sign-ins passes others over."""
        return self.reason is None or not self.reason.startswith(IGNORED)

    def written(self) -> dict[str, Any]:
        """As a frame spells it, in less time than field by field."""
        told: dict[str, Any] = {
            "type": "accepted", "topic": self.topic, "partition": self.partition,
            "offset": self.offset, "event": self.event, "kind": self.kind, "data": self.data,
        }  # fmt: skip
        if self.incident is not None:
            told["incident"] = self.incident
        if self.slots is not None:
            told["slots"] = self.slots
        if self.reason is not None:
            told["reason"] = self.reason
        if self.source_chars is not None:
            told["source_chars"] = self.source_chars
        if self.ahead_ms is not None:
            told["ahead_ms"] = self.ahead_ms
        return told


class Duplicate(_OfRecord):
    """The event `of` (its "source/id") was taken before."""

    type: Literal["duplicate"] = "duplicate"
    of: str


class Rejected(_OfRecord):
    """The record is no event that can be taken; `reason` is a code of `schema.REASONS`.

    `kind` is the event's type, where it is one that the program knows, or its bytes name it.
    `source_chars`: as of `Accepted`.
    """

    type: Literal["rejected"] = "rejected"
    reason: str
    event: str | None = left_out()
    kind: str | None = left_out()
    source_chars: int | None = left_out()

    @property
    def source(self) -> str:
        """Who sent it; "" where nothing says so."""
        event = self.event or ""
        return event.rpartition("/")[0] if self.source_chars is None else event[: self.source_chars]


class Parked(_OfRecord):
    """`step` crashed twice on the record: set aside, alarmed."""

    type: Literal["parked"] = "parked"
    error: str
    event: str | None = left_out()


class EngineStarted(Part):
    """A writer began; content hashes of the district's files, identities of its streams."""

    type: Literal["engine_started"] = "engine_started"
    program: str
    files: dict[str, str]
    streams: dict[str, str] = Field(default_factory=dict)


class ConfigChanged(Part):
    """The district's files are others from here on."""

    type: Literal["config_changed"] = "config_changed"
    program: str
    files: dict[str, str]


class Deadline(Part):
    """The next deadline that the state had set has come."""

    type: Literal["deadline"] = "deadline"
    at_ms: int


class Position(Part):
    """A fix that changed a state or was used in a decision."""

    type: Literal["position"] = "position"
    unit: UnitId
    at_ms: int
    edge: EdgeId | None
    along_m: int
    change: str


class Note(Part):
    """Anything else worth recording, e.g. what the planner did; `key` of `config.words`."""

    type: Literal["note"] = "note"
    key: str
    fields: Object = Field(default_factory=dict)


Fact = Annotated[
    Accepted | Duplicate | Rejected | Parked | EngineStarted | ConfigChanged | Deadline
    | Position | Note,
    Field(discriminator="type"),
]  # fmt: skip
