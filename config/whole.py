"""A folder's files, all or none: a roster without its visits must not be taken for a week.

Nor a district without its history, or with that of another.

They are written into a folder beside them and moved when all are there. Whoever is cut off while
writing leaves the files as they were; while moving, a folder `.placing` that readers refuse. It
holds all that has not moved yet, so that whoever comes next ends the move: nothing is lost, nor
what somebody edited in between.

Several may write one folder at once: each into a folder of its own, and they move one after the
other. The locks are on the folders themselves, so that they leave no file and end with their
process; where a file system knows none, one writer is as safe as before.
"""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import typer

from config.errors import BadInput
from config.words import words

WRITING, PLACING = ".writing", ".placing"
FORMER = ".former"
"""In a folder that is being placed: what the files were that it replaces, or that are to go."""
EDITED = ".edited"
"""Behind the name of a file that somebody wrote while the move was cut off."""


@contextmanager
def whole(out: Path, make_room: Callable[[], Collection[str]] | None = None) -> Iterator[Path]:
    """A folder to write into; its files stand in `out` when the block ends well.

    Args:
        out: Where they go; made if it is not there.
        make_room: Called when all is written, while nobody else moves anything: it gives the
            names of the files that they replace, or raises where somebody came first.

    Raises:
        BadInput: What looks like the rest of a move in `out` is none.
        OSError: No room, or no right; `out` holds what it held.
    """
    out.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        _sweep(out)
        _move(out)
        writing = Path(tempfile.mkdtemp(prefix=WRITING, dir=out))
        mine = os.open(writing, os.O_RDONLY)
        _lock(mine, fcntl.LOCK_EX)
    try:
        yield writing
        for path in _files(writing):
            _to_disk(path)
        with _alone(out):
            _move(out)
            _place(writing, out, make_room() if make_room is not None else ())
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(out)  # a full disk does not say where
        raise
    finally:
        os.close(mine)
        shutil.rmtree(writing, ignore_errors=True)


def finish(out: Path) -> bool:
    """Put the rest of what somebody was cut off at into its place; whether there was any.

    Raises:
        BadInput: What looks like that is none.
    """
    if not unfinished(out):
        return False
    with _alone(out):
        return _move(out)


def cut_off(folder: Path) -> list[Path]:
    """Folders within one that are unfinished."""
    return sorted(path.parent for path in folder.glob(f"*/{PLACING}"))


def unfinished(folder: Path) -> bool:
    """Whether its files are just being moved, or somebody was cut off at that."""
    return os.path.lexists(folder / PLACING)


def contents(folder: Path) -> list[Path]:
    """What stands in a folder, but for what is just being written."""
    return [path for path in folder.iterdir() if not path.name.startswith(WRITING)]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _place(writing: Path, out: Path, former: Collection[str]) -> None:
    """From the moment that the folder has its new name on, anybody may end the move."""
    new = {path.relative_to(writing).as_posix() for path in _files(writing)}
    told = {
        "replaced": {name: _digest(out / name) for name in sorted(new)},
        "gone": {name: _digest(out / name) for name in sorted({*former} - new)},
    }
    (writing / FORMER).write_text(json.dumps(told), encoding="utf-8")
    _to_disk(writing / FORMER)
    writing.rename(out / PLACING)
    _to_disk(out)
    _move(out)


def _move(out: Path) -> bool:
    """Put what is left into its place, and what was edited meanwhile aside; whether was any."""
    placing = out / PLACING
    if not unfinished(out):
        return False
    if placing.is_dir() and not _files(placing):  # cut off when all was moved
        shutil.rmtree(placing)
        return True
    replaced, gone = _former(placing)
    touched = {out}
    for name, digest in gone.items():
        if digest is not None and _digest(out / name) == digest:
            (out / name).unlink()
    for path in _files(placing):
        name = path.relative_to(placing).as_posix()
        if name != FORMER:
            target = out / name
            if _digest(target) not in (None, replaced.get(name), _digest(path)):
                _keep(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
            touched.add(target.parent)
    for folder in sorted(touched):
        _to_disk(folder)  # before the list of what is to be done goes
    shutil.rmtree(placing)
    return True


def _former(placing: Path) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """SHA-256 by name of what is replaced, and of what is to go; None: it was not there."""
    try:
        told = json.loads((placing / FORMER).read_text(encoding="utf-8"))
        return dict(told["replaced"]), dict(told["gone"])
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError) as wrong:
        raise BadInput(key="check.not_cut_off", path=placing) from wrong


def _keep(target: Path) -> None:
    """Give a file another name, one that nobody has, and tell it."""
    names = (target.with_name(f"{target.name}{EDITED}{n or ''}") for n in count())
    aside = next(path for path in names if not path.exists())
    target.replace(aside)
    typer.echo(words()("check.kept_aside", file=target, aside=aside), err=True)


def _digest(path: Path) -> str | None:
    """SHA-256 of a file; None where none is."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sweep(out: Path) -> None:
    """Remove what those left who were cut off while writing: nobody holds its lock any more."""
    for left in out.glob(f"{WRITING}*"):
        with suppress(OSError):
            held = os.open(left, os.O_RDONLY)
            try:
                if _lock(held, fcntl.LOCK_EX | fcntl.LOCK_NB):
                    shutil.rmtree(left, ignore_errors=True)
            finally:
                os.close(held)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While the block runs, no other writer of the folder is in such a block."""
    held = os.open(folder, os.O_RDONLY)
    try:
        _lock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _lock(held: int, how: int) -> bool:
    """Lock an open folder; whether that went: not so where it is held, or there are no locks."""
    try:
        fcntl.flock(held, how)
    except OSError:
        return False
    return True


def _to_disk(path: Path) -> None:
    """Of a file what is in it, of a folder which names are."""
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
