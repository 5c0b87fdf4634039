"""Reading a file of a district as bytes: a plain file, never a pipe that nobody writes to."""

import errno
import stat
from pathlib import Path


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
