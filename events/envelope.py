"""A CloudEvent that was taken, and how nearly all come to be: in one pass of the validator's core.

`schema.CloudEvent` says what an event is; its classes are validated field by field into objects,
with functions of Python for times and rules. `read` knows the same events as plain dictionaries
in their normal form, derived from those classes, whose every check but rules is done in the
validator's core: a third of the time. It takes nothing that the classes would not take. What it
does not take they look at again: they know a few times more, and why something is refused.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, NotRequired, TypeVar, Union, get_type_hints

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import SchemaValidator
from typing_extensions import TypedDict

from config.ids import IncidentId
from events.event import CertainMoment, Event, Moment, Ruled, moment_ms, moment_text
from events.facts import Accepted, cut_of, dedupe_key
from events.kinds import BY_TYPE, EVENTS
from events.known import known
from events.normal import E7, PER_UNIT, Fields, float_names, has_rows, is_a, row, told_fields

Attribute = Annotated[str, Field(min_length=1, max_length=1000)]
Kind = type[Event]
Told = TypeVar("Told", bound=Event)
KindOf = type[Told]
_STRICT = ConfigDict(strict=True, extra="ignore", allow_inf_nan=False)
_CERTAIN: Mapping[Any, Any] = {Moment: CertainMoment, Moment | None: CertainMoment | None}
_AS_ROW = AfterValidator(row)
_FLOATS = {name: float_names(kind) for name, kind in BY_TYPE.items()}
_WITH_ROWS = frozenset(name for name, kind in BY_TYPE.items() if has_rows(kind))
_RULES = {name: kind.lacks for name, kind in BY_TYPE.items() if issubclass(kind, Ruled)}
_new = object.__new__
_dictionary: Any = TypedDict  # by this name the type checker lets one be made at run time


@dataclass(slots=True)
class Envelope:
    """A CloudEvent that was taken. Nobody changes it: it is not frozen because that takes time.

    `fields` are those of its `data` in their normal form, in the order of their class.
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
            self._data = _object(self.type, self.fields)
        return self._data

    @property
    def event(self) -> str:
        """How frames and replies call it: "source/id"."""
        return f"{self.source}/{self.id}"

    @property
    def key(self) -> str:
        """By which it is known again: its source and its id, whatever stands in them."""
        return dedupe_key(self.event, cut_of(self.source, self.event))

    def known_in(self, keys: Container[str]) -> bool:
        """Whether it was taken before; older journals have its name as key."""
        return self.key in keys or self.event in keys

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
        """`data` as frames record it: its `fields`, `at` always there."""
        if "at" in self.fields:
            return self.fields
        return {**self.fields, "at": self.time or moment_text(stored_ms)}

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
        fact, fields = _new(Accepted), self.fields
        fact.type, fact.topic, fact.partition, fact.offset = "accepted", topic, 0, offset
        event = fact.event = f"{self.source}/{self.id}"
        fact.kind, fact.source_chars = self.type, cut_of(self.source, event)
        fact.data = fields if "at" in fields else self.normal(came_ms)
        fact.incident, fact.slots, fact.reason, fact.ahead_ms = incident, slots, None, None
        return fact


def _object(name: str, normal: Fields) -> Event:
    """The event of a type with these fields, which were all checked."""
    kind = BY_TYPE[name]
    if name in _WITH_ROWS:
        return kind.model_validate(told_fields(normal))  # which makes the parts of a row
    fields = _blank(kind) | normal
    for whole in _FLOATS[name]:
        if whole in normal:
            fields[whole.removesuffix(E7)] = fields.pop(whole) / PER_UNIT
    return known(kind, fields)


@cache
def _blank(kind: Kind) -> Fields:
    """Every field of an event in its order, with its default; None for one that has none."""
    return {
        name: None if field.is_required() else field.default
        for name, field in kind.model_fields.items()
    }


def read(values: Iterable[bytes]) -> list[Envelope | None]:
    """The events in structured values; None where the classes must look at it.

    Written as one loop without calls of its own: every event of every stream passes here.
    """
    validated = _core().validate_json
    found = list[Envelope | None]()
    for value in values:
        try:
            whole = validated(value)
        except ValidationError:
            found.append(None)
            continue
        kind, fields = whole["type"], whole["data"]
        if None in fields.values():
            fields = {name: one for name, one in fields.items() if one is not None}
        for name in _FLOATS[kind]:
            if name in fields:  # their own method takes half the time of round()
                fields[name] = (fields[name] * PER_UNIT).__round__()
        rule = _RULES.get(kind)
        if rule is not None and rule(fields) is not None:
            found.append(None)
            continue
        told = _new(Envelope)  # its own __init__ takes twice the time
        told.id, told.source, told.type = whole["id"], whole["source"], kind
        told.time, told.fields, told._data = whole.get("time"), fields, None  # noqa: SLF001 - made here
        found.append(told)
    return found


@cache
def _core() -> SchemaValidator:
    """The validator; made when first needed, which takes as long as some thousand events."""
    forms: Any = Annotated[Union[tuple(map(_form, EVENTS))], Field(discriminator="type")]  # noqa: UP007 - made at run time
    core = TypeAdapter(forms, config=ConfigDict(cache_strings="keys")).validator  # values vary
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
    return dict(_field(name, hints[name], told) for name, told in kind.model_fields.items())


def _field(name: str, hint: Any, told: FieldInfo) -> tuple[str, Any]:  # noqa: ANN401 - types
    """A field's name and type as its normal form has them."""
    checked = _type(hint, told)
    if is_a(float, told.annotation):
        name, checked = name + E7, Annotated[checked, Field(validation_alias=name)]
    elif is_a(tuple, told.annotation):
        checked = Annotated[checked, _AS_ROW]
    if told.is_required():
        return name, checked
    if told.default is not None:
        checked = Annotated[checked, Field(default=told.default, validate_default=True)]
    return name, NotRequired[checked]


def _type(hint: Any, told: FieldInfo) -> Any:  # noqa: ANN401 - types
    """A field's type as it is told, with the checks of its class."""
    if hint in _CERTAIN:
        return _CERTAIN[hint]
    checked: Any = told.annotation
    for check in told.metadata:
        checked = Annotated[checked, check]
    return checked
