"""Reading a file of a district as bytes: a plain file, never a pipe that nobody writes to."""

import errno
import stat
from pathlib import Path

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How a file of a spreadsheet program's own kind begins, whatever it is called."""


def content(path: Path) -> bytes:
    """All bytes of a file.

    Raises:
        OSError: It is absent, not readable, or no regular file: a pipe would be waited for, a
            device read without end.
    """
    kind = path.stat().st_mode
    if not stat.S_ISREG(kind):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return path.read_bytes()


def mistaken(path: Path) -> str | None:
    """The name of what somebody seems to have saved in the place of an absent file, if anything.

    As people.xlsx, People.csv or people.csv.csv beside where people.csv should be.
    """
    wanted = path.name.casefold()
    try:
        names = sorted(one.name for one in path.parent.iterdir())
    except OSError:
        return None
    alike = (name for name in names if name.casefold().startswith((wanted, f"{path.stem}.")))
    ends = (".csv", ".xlsx", ".xlsm", ".xls", ".et", ".ods", ".txt", ".tsv")
    return next((name for name in alike if name.casefold().endswith(ends)), None)
