"""What can go wrong in a way that a user can mend: each has an exit code and a key of the words.

`qinwu.py` renders these in the user's language; no traceback of them reaches anybody.
"""

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar


class Key(str):
    """A field of a finding that is itself a key of the words: told in its reader's language."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found wrong in a file: where, and a key with fields that `config.words` renders.

    `key` is e.g. "check.column_missing"; `key + "_try"` says what to try, where it exists.
    """

    level: str  # "error" or "warning"
    file: str
    line: int | None
    column: int | None
    key: str
    fields: Mapping[str, object] = field(default_factory=dict)


class QinwuError(Exception):
    """Trouble that a user can mend. `key` and `fields` are rendered by `config.words`."""

    exit_code: ClassVar[int] = 1

    def __init__(self, key: str, **fields: object) -> None:
        """Say what happened."""
        super().__init__(f"{key} {fields}" if fields else key)
        self.key = key
        self.fields = fields


class NotFound(QinwuError):
    """What was asked for is not there."""

    exit_code = 1


class BadInput(QinwuError):
    """Input that cannot be taken; `findings` say where and why."""

    exit_code = 2

    def __init__(self, findings: Sequence[Finding] = (), key: str = "check.bad_input",
                 **fields: object) -> None:  # fmt: skip
        """Carry the findings, or a key of its own where there is no file."""
        self.findings = tuple(findings)
        super().__init__(key, **fields)

    def __str__(self) -> str:
        """The findings, one a line; for logs and tests."""
        lines = [f"{f.file}:{f.line}:{f.column}: {f.key} {dict(f.fields)}" for f in self.findings]
        return "\n".join(lines) or super().__str__()


class Impossible(QinwuError):
    """Well-formed, but it cannot be done as asked."""

    exit_code = 3


_OF_THE_MACHINE = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE,
    errno.ENFILE,
}  # fmt: skip


class MachineRefuses(QinwuError):
    """No room, no right, too many open files: the machine's trouble, not the program's."""

    @classmethod
    def of(cls, error: BaseException) -> "MachineRefuses | None":
        """The error as trouble that a user can mend; None where it is of another kind."""
        if not isinstance(error, OSError) or error.errno not in _OF_THE_MACHINE:
            return None
        told = {"file": error.filename or "–", "cause": error.strerror, "errno": error.errno}
        return cls("help.machine", **told)
