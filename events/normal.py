"""The normal form of an event's fields: as frames record them, and back.

Known fields only, nothing that is None, no floats: a float field `x` is the integer
`x_e7` = x × 10⁷, and a row of things is a list.
"""

from collections.abc import Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

Fields = dict[str, Any]
E7 = "_e7"
PER_UNIT = 1e7


def whole_numbers(part: BaseModel) -> Fields:
    """The fields of a part in their normal form, in the order of its class."""
    whole: Fields = {}
    for name, value in part.__dict__.items():
        if isinstance(value, float):
            whole[name + E7] = round(value * PER_UNIT)
        elif isinstance(value, tuple):
            whole[name] = row(value)
        elif value is not None:
            whole[name] = value
    return whole


def row(values: tuple[Any, ...] | None) -> list[Any] | None:
    """A row of parts, or of plain values, in its normal form."""
    if values is None:
        return None
    return [whole_numbers(one) if isinstance(one, BaseModel) else one for one in values]


def told_fields(normal: Mapping[str, Any]) -> Fields:
    """The fields that have this normal form, to 10⁻⁷; parts are dictionaries."""
    told: Fields = {}
    for name, value in normal.items():
        if name.endswith(E7):
            told[name[: -len(E7)]] = value / PER_UNIT
        elif isinstance(value, (list, tuple)):
            told[name] = tuple([told_fields(v) if isinstance(v, dict) else v for v in value])
        else:
            told[name] = value
    return told


def float_names(kind: type[BaseModel]) -> tuple[str, ...]:
    """The names that the normal form has for the floats of a part."""
    fields = kind.model_fields.items()
    return tuple(name + E7 for name, field in fields if is_a(float, field.annotation))


def has_rows(kind: type[BaseModel]) -> bool:
    """Whether a part has a row of something."""
    return any(is_a(tuple, field.annotation) for field in kind.model_fields.values())


def is_a(kind: type, annotation: Any) -> bool:  # noqa: ANN401 - a type
    """Whether what is so annotated is of a kind, or that or None."""
    if get_origin(annotation) in (Union, UnionType):
        return any(is_a(kind, one) for one in get_args(annotation))
    return kind in (annotation, getattr(annotation, "__origin__", None))
