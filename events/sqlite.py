"""The embedded bus: one file `duty.db`, owned by one process.

One connection, because SQLite 3.7.0 to 3.51.2 can lose data when two connections reset the WAL
at once, and exclusive, so that a second process gets a clear error instead of a half-open file.
Every write is durable before its call returns (WAL, `synchronous=FULL`). Calls may come from
several threads: they take turns on the connection, and whoever commits takes along all writes
that wait (group commit), so many clients of the door cost one sync, not one each.
"""

import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from events import ports, refusals
from events.clock import wall_ms
from events.ports import Appended, BusLost, Conflict, DataLost, Record, Stored, Unknown
from events.sqlite_file import Table, copied, headers_text, opened, over, stored, to_disk
from events.trouble import cause_of

_READ_BYTES = 16 * 1024 * 1024  # a read stops at the record that passes this
_ERASE_ROWS = 5_000  # per commit, so that erasing never holds up an order for long


@dataclass(slots=True, eq=False)
class _Write:
    """A write that waits for its commit."""

    work: Callable[[], Any]
    is_one_statement: bool
    done: bool = False
    result: Any = None
    failure: BaseException | None = None


class SqliteBus:
    """All streams and journals of a district in one file."""

    exclusive = one_writer = True

    def __init__(self, path: Path, now_ms: Callable[[], int] = wall_ms) -> None:
        """Open or make the file and own it.

        Raises:
            BusBusy: Another process owns it.
            BusLost: It cannot be opened, or is no such file.
        """
        self.path = path
        self.address = f"sqlite:{path.name}"  # a folder that was moved is still the same bus
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._news = threading.Condition()
        self._commits = 0
        self._waiting: list[_Write] = []
        self._tables: dict[str, Table] = {}
        self._lost: str | None = None
        self._connection = opened(path)
        with self._crash_only():
            known = self._connection.execute("SELECT name, number, identity, next FROM streams")
            for name, number, identity, after in known:
                self._tables[name] = self._table(number, identity, after)

    def send(self, name: str, records: Sequence[Record]) -> list[int]:
        """As the port."""
        refusals.check_size(name, (record.value for record in records))

        def work() -> list[int]:
            return self._insert(self._stream(name), records)

        is_alone = len(records) == 1 and name in self._tables
        places: list[int] = self._committed(work, is_one_statement=is_alone)
        return places

    def read(self, name: str, after: int = -1, limit: int = 500, wait_ms: int = 0) -> list[Stored]:
        """As the port."""
        with self._news:
            seen = self._commits
        found = self._read(name, after, limit)
        deadline_s = time.monotonic() + wait_ms / 1000
        while not found and (left_s := deadline_s - time.monotonic()) > 0:
            with self._news:
                self._news.wait_for(lambda: self._commits != seen, left_s)  # noqa: B023
                seen = self._commits
            found = self._read(name, after, limit)
        return found

    def last(self, name: str, partition: int = 0) -> Stored | None:
        """As the port."""
        del partition
        with self._lock, self._crash_only():
            table = self._tables.get(name)
            if table is None:
                return None
            found = stored(name, self._connection.execute(table.sql_last), _READ_BYTES)
        return found[0] if found else None

    def partitions(self, name: str) -> int:
        """Always 1."""
        ports.kind_of(name)
        return 1

    def identity(self, name: str) -> str:
        """As the port."""
        ports.kind_of(name)
        identity: str = self._committed(lambda: self._stream(name).identity)
        return identity

    def journal(self, name: str) -> "SqliteJournal":
        """As the port."""
        ports.kind_of(name)
        return SqliteJournal(self, name)

    def erase(self, now_ms: int, unread: Mapping[str, int] = {}) -> int:
        """As the port, from the WAL too."""
        newest = [one.stored_ms for name in tuple(self._tables) if (one := self.last(name))]
        if not any(now_ms - ports.ALIVE_MS <= one <= now_ms for one in newest):
            return 0
        erased = 0
        for name in tuple(self._tables):
            kept_ms = ports.kind_of(name).kept_ms
            if kept_ms is None:
                continue
            work = partial(self._erase, name, now_ms - kept_ms, now_ms, unread.get(name))
            while count := self._committed(work):
                erased += count
        if erased:
            with self._lock, self._crash_only():
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return erased

    def backup(self, path: Path) -> None:
        """As the port; between its steps others have their turn."""
        with self._lock:
            self._alive()
            copied(self._connection, path, self._lock, self._alive)
        to_disk(path)

    def again(self) -> Self:
        """As the port: itself, since the file has one connection and threads take turns."""
        return self

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()
            self._lost = "closed"

    def append(self, name: str, raw: bytes, expected: int) -> Appended | Conflict | Unknown:
        """As `Journal.append`; here a conflict does mean that nothing was stored."""
        refusals.check_size(name, [raw])

        def work() -> Appended | Conflict | DataLost:
            table = self._stream(name)
            if expected > table.next:
                return DataLost(name=name, stored=table.next, expected=expected)
            if expected < table.next:
                return Conflict(table.next - 1)
            return Appended(self._insert(table, [Record(raw)])[0])

        try:
            outcome: Appended | Conflict | DataLost
            outcome = self._committed(work, is_one_statement=name in self._tables)
        except BusLost as lost:
            return Unknown(cause_of(lost))
        if isinstance(outcome, DataLost):
            raise outcome
        return outcome

    def tail(self, name: str) -> int:
        """As `Journal.tail`."""
        table = self._tables.get(name)
        return -1 if table is None else table.next - 1

    # --- on the connection; callers hold the lock ---------------------------------------------

    def _committed(self, work: Callable[[], Any], *, is_one_statement: bool = False) -> Any:  # noqa: ANN401 - what `work` gives
        mine = _Write(work, is_one_statement)
        with self._news:
            self._waiting.append(mine)
        with self._lock:
            if not mine.done:  # nobody took it along while this thread waited for its turn
                with self._news:
                    group, self._waiting = self._waiting, []
                self._commit(group)
        if mine.failure is not None:
            raise BusLost(cause_of(mine.failure)) from mine.failure
        return mine.result

    def _commit(self, group: list[_Write]) -> None:
        try:
            with self._crash_only():
                if len(group) == 1 and group[0].is_one_statement:  # a transaction by itself
                    group[0].result = group[0].work()  # lets other threads run once: at the disk
                else:
                    self._connection.execute("BEGIN IMMEDIATE")
                    for write in group:
                        write.result = write.work()
                    self._connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - every waiting thread must hear of it
            self._lost = self._lost or cause_of(error)
            for write in group:
                write.failure = error
        for write in group:
            write.done = True
        with self._news:
            self._commits += 1
            self._news.notify_all()

    def _alive(self) -> None:
        if self._lost is not None:
            msg = f"{self.path}: {self._lost}"
            raise BusLost(msg)

    @contextmanager
    def _crash_only(self) -> Iterator[None]:
        self._alive()
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            self._lost = cause_of(error)
            msg = f"{self.path}: {self._lost}"
            raise BusLost(msg) from error

    def _stream(self, name: str) -> Table:
        table = self._tables.get(name)
        if table is None:
            number, identity = len(self._tables), uuid.uuid4().hex
            self._connection.execute(
                "INSERT INTO streams VALUES (?, ?, ?, 0)", (name, number, identity)
            )
            table = self._tables[name] = Table(number, identity, 0)
            self._connection.execute(table.sql_create)
        return table

    def _table(self, number: int, identity: str, after: int) -> Table:
        newest = self._connection.execute(
            f"SELECT max(position) FROM stream_{number}"  # noqa: S608
        ).fetchone()[0]
        return Table(number, identity, max(after, -1 if newest is None else newest + 1, 0))

    def _insert(self, table: Table, records: Sequence[Record]) -> list[int]:
        first, now_ms = table.next, self._now_ms()
        rows = [
            (first + n, record.value, headers_text(record.headers), now_ms, record.key)
            for n, record in enumerate(records)
        ]
        self._connection.executemany(table.sql_insert, rows)
        table.next = first + len(rows)
        return list(range(first, table.next))

    def _read(self, name: str, after: int, limit: int) -> list[Stored]:
        ports.kind_of(name)
        with self._lock, self._crash_only():
            table = self._tables.get(name)
            if table is None:
                refusals.check_reader(name, after, 0, 0)
                return []
            rows = self._connection.execute(table.sql_read, (after, limit))
            found = stored(name, rows, _READ_BYTES)
            end = table.next
        first = found[0].position if found else end
        if after != -1:
            refusals.check_reader(name, after, first, end)
        return found

    def _erase(self, name: str, before_ms: int, now_ms: int, unread: int | None) -> int:
        table = self._tables[name]
        self._connection.execute(
            "UPDATE streams SET next = ? WHERE name = ?", (table.next, name)
        )  # offsets are never given twice, also when the newest record goes
        upto = over(self._connection, table, before_ms, now_ms, unread), _ERASE_ROWS
        return self._connection.execute(table.sql_erase, upto).rowcount


class SqliteJournal:
    """A journal in the file."""

    def __init__(self, bus: SqliteBus, name: str) -> None:
        """Use `SqliteBus.journal`."""
        self._bus, self._name = bus, name

    def tail(self) -> int:
        """As the port."""
        return self._bus.tail(self._name)

    def read(self, after: int = -1, limit: int = 500, wait_ms: int = 0) -> list[Stored]:
        """As the port."""
        return self._bus.read(self._name, after, limit, wait_ms)

    def append(self, raw: bytes, expected: int) -> Appended | Conflict | Unknown:
        """As the port."""
        return self._bus.append(self._name, raw, expected)
