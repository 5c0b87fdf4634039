"""What stands in `duty.db` and how it is opened: the plain SQLite under `events.sqlite`."""

import json
import os
import sqlite3
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from threading import Lock
from typing import Any

from events.clock import FOUNDED_MS
from events.ports import BusBusy, BusLost, Stored
from events.trouble import RecordDamaged, cause_of

_new = tuple.__new__  # Stored(...) itself is Python's and takes twice the time
_value = itemgetter(1)
_ROWS = 64  # that are taken at once; each may have 256 KiB
_COPY_PAGES = 256  # that are copied in one step: a mebibyte, some milliseconds
_COPY_PAUSE_S = 0.001  # between two steps, in which those who wait wake up: no lock is fair
_OPEN_WAIT_S = 2.0  # a predecessor that was just killed may still be letting go of the file


class Table:
    """Where a stream stands in the file, and the offset its next record gets."""

    __slots__ = (
        "identity", "next", "sql_create", "sql_erase", "sql_insert", "sql_last", "sql_old",
        "sql_read", "sql_young", "table",
    )  # fmt: skip

    def __init__(self, number: int, identity: str, after: int) -> None:
        self.table = f"stream_{number}"
        self.identity = identity
        self.next = after
        self.sql_insert = f"INSERT INTO {self.table} VALUES (?, ?, ?, ?, ?)"  # noqa: S608
        self.sql_create = (
            f"CREATE TABLE {self.table} (position INTEGER PRIMARY KEY, value BLOB NOT NULL,"
            " headers TEXT, stored_ms INTEGER NOT NULL, key BLOB)"
        )
        select = f"SELECT position, value, headers, stored_ms, key FROM {self.table}"  # noqa: S608
        self.sql_read = f"{select} WHERE position > ? ORDER BY position LIMIT ?"
        self.sql_last = f"{select} ORDER BY position DESC LIMIT 1"
        place = f"SELECT position FROM {self.table} WHERE"  # noqa: S608
        self.sql_young = f"{place} stored_ms BETWEEN ? AND ? ORDER BY position LIMIT 1"
        self.sql_old = (
            f"{place} position < ? AND stored_ms >= ? AND stored_ms < ?"
            " ORDER BY position DESC LIMIT 1"
        )
        self.sql_erase = (
            f"DELETE FROM {self.table} WHERE position IN"  # noqa: S608
            f" ({place} position <= ? ORDER BY position LIMIT ?)"
        )


def opened(path: Path) -> sqlite3.Connection:
    """The one connection, with the file locked for this process; BusBusy when it is taken."""
    connection = None
    try:
        connection = sqlite3.connect(
            path, timeout=_OPEN_WAIT_S, isolation_level=None, check_same_thread=False
        )
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL",
                       "secure_delete=ON"):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS streams"
            " (name TEXT PRIMARY KEY, number INTEGER, identity TEXT, next INTEGER)"
        )
        connection.execute("COMMIT")
    except (sqlite3.Error, OSError) as error:
        if connection is not None:
            # It may share the file by now, and the error keeps it alive: two processes that try
            # again and again, each with such a left-over, would keep each other out for ever.
            connection.close()
        if "locked" in str(error):
            raise BusBusy(path=path) from error
        msg = f"{path}: {cause_of(error)}"
        raise BusLost(msg) from error
    return connection


def copied(
    connection: sqlite3.Connection, path: Path, lock: Lock, check: Callable[[], None]
) -> None:
    """Copy the whole store to a file that is not on the disk yet, see `to_disk`.

    What others write between two steps gets into the copy, too: it never begins anew, since they
    write through this same connection, and it ends however much they write.

    Args:
        connection: The one connection.
        path: The new file.
        lock: Of the connection, held; let go between two steps, and held again at the end.
        check: Raises what ends the copy if the connection is of no use any more.

    Raises:
        OSError: It cannot be written.
    """

    def take_turns(*_: int) -> None:
        lock.release()
        time.sleep(_COPY_PAUSE_S)
        lock.acquire()
        check()

    try:
        with closing(sqlite3.connect(path)) as copy:
            copy.execute("PRAGMA synchronous=OFF")  # else the last step waits for the disk
            connection.backup(copy, pages=_COPY_PAGES, progress=take_turns)
    except sqlite3.Error as error:
        raise OSError(str(error)) from error


def to_disk(path: Path) -> None:
    """What is in the file survives a loss of power."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def over(
    connection: sqlite3.Connection, table: Table, before_ms: int, now_ms: int, unread: int | None
) -> int:
    """The last position of those at a stream's beginning that have had their time; -1: none.

    A stamp of before all or after now is a wrong clock's: it makes a record neither old nor young.
    """
    young = connection.execute(table.sql_young, (before_ms, now_ms)).fetchone()
    end = min([table.next, *(young or ()), *([] if unread is None else [unread])])
    old = connection.execute(table.sql_old, (end, FOUNDED_MS, before_ms)).fetchone()
    return -1 if old is None else int(old[0])


def headers_text(headers: tuple[tuple[str, bytes], ...]) -> str | None:
    """Headers as JSON text, bytes as Latin-1; None for no headers."""
    if not headers:
        return None
    return json.dumps([[name, value.decode("latin-1")] for name, value in headers])


def stored(name: str, rows: sqlite3.Cursor, most_bytes: int) -> list[Stored]:
    """Records of a stream from their rows, up to the one with which they pass so many bytes.

    Raises:
        RecordDamaged: A row is none that `Table.sql_insert` wrote.
    """
    found = list[Stored]()
    size = 0
    while size <= most_bytes and (more := rows.fetchmany(_ROWS)):
        _check(name, more)
        sizes = tuple(accumulate(map(len, map(_value, more)), initial=size))
        if sizes[-1] > most_bytes:
            more = more[: bisect_right(sizes, most_bytes)]
        found += [
            _new(
                Stored,
                (position, value, _headers(name, position, text) if text else (), stored_ms, key),
            )
            for position, value, text, stored_ms, key in more
        ]
        size = sizes[-1]
    return found


def _check(name: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Refuse what was never written: SQLite itself takes any value in any column."""
    for position, value, headers, stored_ms, key in rows:  # a set of types takes five times as long
        if (
            type(value) is not bytes
            or type(stored_ms) is not int
            or not (headers is None or type(headers) is str)
            or not (key is None or type(key) is bytes)
        ):
            raise RecordDamaged(name=name, position=position)


def _headers(stream: str, position: int, text: str) -> tuple[tuple[str, bytes], ...]:
    try:
        return tuple((name, told.encode("latin-1")) for name, told in json.loads(text))
    except (AttributeError, TypeError, ValueError):
        raise RecordDamaged(name=stream, position=position) from None
