"""A finding of the doctor: what was looked at, whether it is right, and the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Self


@dataclass(frozen=True, slots=True)
class Found:
    """One line; `wrong` says how to mend it, `doubt` is lawful but hardly meant."""

    level: Literal["right", "doubt", "wrong"]
    key: str
    fields: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def right(cls, what: str, **fields: object) -> Self:
        """All is well."""
        return cls("right", f"doctor.right.{what}", fields)

    @classmethod
    def doubt(cls, what: str, **fields: object) -> Self:
        """Lawful, but somebody should look."""
        return cls("doubt", f"doctor.doubt.{what}", fields)

    @classmethod
    def wrong(cls, what: str, **fields: object) -> Self:
        """Something to mend."""
        return cls("wrong", f"doctor.wrong.{what}", fields)
