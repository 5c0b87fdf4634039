"""Backing up the embedded store: a copy that is consistent in itself, and verified."""

import glob
import os
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from config.errors import BadInput, NotFound, QinwuError
from config.ids import AreaId
from config.words import words
from events import ports
from events.connect import FILE, address_of, area_of, embedded, embedded_file
from events.in_turn import open_in_turn
from events.journals import Tally
from events.owners import alive
from events.ports import Bus, BusLost, Streams


class Made(NamedTuple):
    """A sound copy: its size in bytes and the last frames of its journals."""

    size: int
    journal: int
    plan: int


class Unsound(QinwuError):
    """The copy is damaged. Fields: file, cause."""


def back_up(folder: Path, file: Path, target: str | None = None) -> Made:
    """Copy a district's store to `file`, through the door while a worker owns it.

    Raises:
        BadInput: `file` exists, or cannot be written.
        Impossible: The bus is no file.
        NotFound: There is no store yet, or no folder for the copy.
        Unsound: The copy is damaged or not whole; it stays for whoever looks into it.
    """
    area = area_of(folder)
    if file.exists():
        raise _taken(file)
    if not file.parent.is_dir():
        raise NotFound("backup.no_folder", folder=file.parent)
    address = address_of(target, folder)
    store = embedded_file(address)
    if store is not None and not store.exists():
        raise NotFound("backup.no_store", file=folder / FILE, folder=folder)
    part = _part(file)
    with _bus(address, folder) as bus:
        least = _ends(bus, area)
        _copy(bus, part)
    made = _verified(part, area, least)
    _name(part, file)
    return made


def _taken(file: Path) -> BadInput:
    return BadInput(key="backup.exists", file=file)


def _part(file: Path) -> Path:
    """A name of this backup's own for the copy in the making; those of dead processes go."""
    for left in file.parent.glob(f".{glob.escape(file.name)}.*.part"):
        pid = left.name.removeprefix(f".{file.name}.").partition(".")[0]
        if pid.isdecimal() and not alive(int(pid)):
            left.unlink(missing_ok=True)
    return file.with_name(f".{file.name}.{os.getpid()}.{uuid.uuid4().hex}.part")


def _name(part: Path, file: Path) -> None:
    """Give the copy its name, unless somebody has it by now."""
    try:
        file.open("xb").close()  # a link would do, but not on every stick
    except FileExistsError:
        part.unlink()
        raise _taken(file) from None
    part.replace(file)


def _ends(bus: Streams, area: AreaId) -> Mapping[str, int]:
    """The position of the last frame of each journal."""
    newest = {name: bus.last(name) for name in (ports.journal(area), ports.plan(area))}
    return {name: -1 if one is None else one.position for name, one in newest.items()}


@contextmanager
def _bus(address: str, folder: Path) -> Iterator[Bus]:
    bus = open_in_turn(address, folder)
    try:
        yield bus
    finally:
        bus.close()


def _copy(bus: Bus, part: Path) -> None:
    try:
        bus.backup(part)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadInput(key="backup.not_written", cause=str(error)) from error


def _verified(part: Path, area: AreaId, least: Mapping[str, int]) -> Made:
    """Check the pages of the copy, then fold its journals.

    Raises:
        Unsound: A page is damaged, or a journal does not fold or ends before `least`.
    """
    try:
        with closing(sqlite3.connect(f"{part.absolute().as_uri()}?mode=rw", uri=True)) as copy:
            told = str(copy.execute("PRAGMA integrity_check").fetchone()[0])
        if told != "ok":
            raise Unsound("backup.unsound", cause=told, file=part)
        bus = embedded(part)
        try:
            tallies = [Tally.of(bus, area, name) for name in least]
            ends = _ends(bus, area)
        finally:
            bus.close()
    except (sqlite3.Error, OSError) as error:
        raise Unsound("backup.unsound", cause=str(error), file=part) from error
    except BusLost as lost:
        cause = words()(lost.key, **lost.fields)
        raise Unsound("backup.unsound", cause=cause, file=part) from lost
    for tally in tallies:
        if not tally.sound or ends[tally.name] < least[tally.name]:
            raise Unsound("backup.unsound", cause=tally.name, file=part)
    return Made(part.stat().st_size, tallies[0].seq, tallies[1].seq)
