"""A CloudEvent that was taken, and how nearly all come to be: in one pass of the validator's core.

`schema.CloudEvent` says what an event is; its classes are validated field by field into objects,
with functions of Python for times and rules. `read` knows the same events as plain dictionaries,
derived from those classes, whose every check is done in the validator's core: a third of the time.
It takes nothing that the classes would not take. What it does not take they look at again: they
know a few times more, and why something is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, NotRequired, TypeVar, Union, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import SchemaValidator
from typing_extensions import TypedDict

from config.ids import IncidentId
from events.event import CertainMoment, Event, Moment, Ruled, moment_ms, moment_text
from events.facts import Accepted
from events.kinds import BY_TYPE, EVENTS
from events.known import known

Attribute = Annotated[str, Field(min_length=1, max_length=1000)]
Fields = dict[str, Any]
Kind = type[Event]
Told = TypeVar("Told", bound=Event)
KindOf = type[Told]
_STRICT = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)
_CERTAIN: Mapping[Any, Any] = {Moment: CertainMoment, Moment | None: CertainMoment | None}
_RULES = {name: kind.lacks for name, kind in BY_TYPE.items() if issubclass(kind, Ruled)}
_dictionary: Any = TypedDict  # by this name the type checker lets one be made at run time


@dataclass(slots=True)
class Envelope:
    """A CloudEvent that was taken. Nobody changes it: it is not frozen because that takes time.

    `fields` are those of its `data` in the order of their class: as told, and defaults but None.
    """

    id: str
    source: str
    type: str
    time: str | None
    fields: Fields
    _data: Event | None = field(default=None, compare=False, repr=False)

    @property
    def data(self) -> Event:
        """The event as one of `kinds.EVENTS`, made when it is first asked for."""
        if self._data is None:
            kind = BY_TYPE[self.type]
            self._data = known(kind, _blank(kind) | self.fields)
        return self._data

    @property
    def event(self) -> str:
        """The dedupe key and the event's id in frames: "source/id"."""
        return f"{self.source}/{self.id}"

    def as_a(self, kind: KindOf[Told]) -> Told | None:
        """Its `data` if that is such an event; else None, and it is not made for the question."""
        if BY_TYPE[self.type] is not kind:
            return None
        data = self.data
        assert isinstance(data, kind)  # noqa: S101 - the type says so
        return data

    def at_ms(self, stored_ms: int) -> int:
        """When it happened: its own `at`, else the envelope's time, else when it was stored."""
        told = self.fields.get("at") or self.time
        return stored_ms if told is None else moment_ms(told)

    def normal(self, stored_ms: int) -> Fields:
        """`data` as frames record it: known fields only, no floats, `at` always there.

        A float field `x` becomes the integer `x_e7` = x × 10⁷; `schema.restored` turns it back.
        """
        whole = _whole(self.fields)
        if "at" not in whole:
            whole["at"] = self.time or moment_text(stored_ms)
        return whole

    def accepted(
        self, topic: str, offset: int, came_ms: int,
        incident: IncidentId | None = None, slots: int | None = None,
    ) -> Accepted:  # fmt: skip
        """The fact that it was taken; nothing is validated again, `read` has done so.

        Args:
            topic: The stream in which it came, of one partition.
            offset: Its place there.
            came_ms: When it came, Unix ms.
            incident: The incident that it reports, if it does.
            slots: How many units that one is due.
        """
        return known(Accepted, {
            "type": "accepted", "topic": topic, "partition": 0, "offset": offset,
            "event": self.event, "kind": self.type, "data": self.normal(came_ms),
            "incident": incident, "slots": slots, "reason": None,
        })  # fmt: skip


def told_of(event: Event) -> Fields:
    """The `Envelope.fields` of an event."""
    told = event.model_fields_set
    return {n: value for n, value in event.__dict__.items() if value is not None or n in told}


def whole_numbers(part: BaseModel) -> Fields:
    """The fields of a part as frames keep them: no floats, nothing that is None."""
    return _whole(part.__dict__)


def _whole(fields: Fields) -> Fields:
    whole: Fields = {}
    for name, value in fields.items():  # a third of the time of model_dump()
        kind = type(value)
        if kind is str:  # as nearly all are
            whole[name] = value
        elif kind is float:
            whole[name + "_e7"] = round(value * 10_000_000)
        elif kind is tuple:
            whole[name] = [whole_numbers(v) if isinstance(v, BaseModel) else v for v in value]
        elif value is not None:
            whole[name] = value
    return whole


@cache
def _blank(kind: Kind) -> Fields:
    """Every field of an event in its order, with its default; None for one that has none."""
    return {
        name: None if field.is_required() else field.default
        for name, field in kind.model_fields.items()
    }


def read(value: bytes) -> Envelope | None:
    """The event in a structured value; None: the classes must look at it."""
    try:
        told = _core().validate_json(value)
    except ValidationError:
        return None
    kind, fields = told["type"], told["data"]
    lacks = _RULES.get(kind)
    if lacks is not None and lacks(fields) is not None:
        return None
    return Envelope(told["id"], told["source"], kind, told.get("time"), fields)


@cache
def _core() -> SchemaValidator:
    """The validator; made when first needed, which takes as long as some thousand events."""
    forms: Any = Annotated[Union[tuple(map(_form, EVENTS))], Field(discriminator="type")]  # noqa: UP007 - made at run time
    core = TypeAdapter(forms).validator
    assert isinstance(core, SchemaValidator)  # noqa: S101 - nothing is deferred, no plug-in
    return core


def _form(kind: Kind) -> Any:  # noqa: ANN401 - a type
    """An event's envelope as a dictionary."""
    return _strict(f"{kind.__name__}Told", {
        "specversion": Literal["1.0"],
        "id": Attribute,
        "source": Attribute,
        "type": Literal[kind.type()],
        "time": NotRequired[CertainMoment | None],
        "data": _strict(kind.__name__, _fields(kind)),
    })  # fmt: skip


def _strict(name: str, fields: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a type
    made = _dictionary(name, fields)
    made.__pydantic_config__ = _STRICT
    return made


def _fields(kind: Kind) -> dict[str, Any]:
    """The types of an event's fields; what is None by default is left out when not told."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: _type(hints[name], field) for name, field in kind.model_fields.items()}


def _type(hint: Any, told: FieldInfo) -> Any:  # noqa: ANN401 - types
    if hint in _CERTAIN:
        checked = _CERTAIN[hint]
    else:
        checked = told.annotation
        for check in told.metadata:
            checked = Annotated[checked, check]
    if told.is_required():
        return checked
    if told.default is not None:
        checked = Annotated[checked, Field(default=told.default)]
    return NotRequired[checked]
