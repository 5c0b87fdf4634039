"""Objects made of fields that were validated before, without validating them again."""

from typing import Any, TypeVar

from pydantic import BaseModel

Made = TypeVar("Made", bound=BaseModel)
_set = object.__setattr__


def known(kind: type[Made], fields: dict[str, Any]) -> Made:
    """What `kind(**fields)` would give, in a fifth of its time.

    Args:
        kind: A frozen model without aliases, private attributes or extra fields.
        fields: Each of its fields, defaults too, in its order, as a validator gave it. The object
            keeps this very dictionary.
    """
    made = kind.__new__(kind)
    _set(made, "__dict__", fields)
    _set(made, "__pydantic_fields_set__", set(fields))
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made
