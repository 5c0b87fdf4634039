"""A folder's files, all or none: a roster without its visits must not be taken for a week.

They are written into a folder beside them and moved when all are there. Whoever is cut off while
writing leaves the files as they were; while moving, a folder `.placing` that readers refuse.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WRITING, PLACING = ".writing", ".placing"


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """A folder to write into; its files stand in `out` when the block ends well.

    Raises:
        OSError: No room, or no right; `out` holds what it held.
    """
    out.mkdir(parents=True, exist_ok=True)
    writing, placing = out / WRITING, out / PLACING
    shutil.rmtree(writing, ignore_errors=True)
    writing.mkdir()
    try:
        yield writing
        for path in writing.iterdir():
            _to_disk(path)
        shutil.rmtree(placing, ignore_errors=True)  # of somebody who was cut off: replaced now
        writing.rename(placing)
    except BaseException:
        shutil.rmtree(writing, ignore_errors=True)
        raise
    for path in sorted(placing.iterdir()):
        path.replace(out / path.name)
    placing.rmdir()


def unfinished(folder: Path) -> bool:
    """Whether its files are just being moved, or somebody was cut off at that."""
    return (folder / PLACING).exists()


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
