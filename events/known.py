"""Objects made of fields that were validated before, without validating them again."""

from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

Made = TypeVar("Made", bound=BaseModel)
_new = object.__new__
_set_fields, _set_told, _set_extra, _set_private = (
    vars(BaseModel)[name].__set__  # by its own name each is half the time of object.__setattr__
    for name in (
        "__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__",
    )
)  # fmt: skip


@cache
def _names(kind: type[BaseModel]) -> set[str]:
    return set(kind.model_fields)


def known(kind: type[Made], fields: dict[str, Any]) -> Made:
    """What `kind(**fields)` would give, in a fifth of its time.

    Args:
        kind: A frozen model without private attributes or extra fields.
        fields: Each of its fields, defaults too, in its order, as a validator gave it. The object
            keeps this very dictionary.
    """
    made = _new(kind)
    _set_fields(made, fields)
    _set_told(made, _names(kind))  # shared: a frozen object never changes it
    _set_extra(made, None)
    _set_private(made, None)
    return made
