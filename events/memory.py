"""A bus in memory, for simulation and for tests: it behaves like Kafka, mishaps included.

Two mishaps of a real broker can be scripted on a journal, because engines must live with them:
a **conflict although accepted** (stale frames of another writer land just before ours; ours
still counts) and an **unknown that appears later** (the answer is lost, the frame lands after).
"""

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, Self

from config.errors import Impossible
from events import ports, refusals
from events.clock import FOUNDED_MS, wall_ms
from events.ports import Appended, Conflict, DataLost, Record, Stored, Unknown


class MemoryBus:
    """Streams and journals in lists. Safe for several threads."""

    exclusive = True
    one_writer = False  # tests let others write

    def __init__(self, now_ms: Callable[[], int] = wall_ms, positions_partitions: int = 1) -> None:
        """Begin empty; `now_ms` stamps records, so a simulation may give its own clock."""
        self.address = "memory:"
        self._now_ms = now_ms
        self._positions_partitions = positions_partitions
        self._rows: dict[tuple[str, int], list[Stored]] = {}
        self._erased: dict[tuple[str, int], int] = {}
        self._ids: dict[str, str] = {}
        self._news = threading.Condition()
        self._journals: dict[str, MemoryJournal] = {}

    def send(self, name: str, records: Sequence[Record]) -> list[int]:
        """As the port; the key chooses the partition."""
        refusals.check_size(name, (record.value for record in records))
        with self._news:
            places = [self._store(name, record) for record in records]
            self._news.notify_all()
        return places

    def read(self, name: str, after: int = -1, limit: int = 500, wait_ms: int = 0) -> list[Stored]:
        """As the port."""
        key = (name, ports.split(after)[0])
        with self._news:
            found = self._after(key, after)
            if not found and wait_ms > 0:
                self._news.wait_for(lambda: self._after(key, after), wait_ms / 1000)
                found = self._after(key, after)
            return found[:limit]

    def last(self, name: str, partition: int = 0) -> Stored | None:
        """As the port."""
        with self._news:
            rows = self._rows.get((name, partition), [])
            return rows[-1] if rows else None

    def partitions(self, name: str) -> int:
        """As the port."""
        return self._positions_partitions if ports.kind_of(name).suffix == "positions" else 1

    def identity(self, name: str) -> str:
        """As the port."""
        ports.kind_of(name)
        return self._ids.setdefault(name, uuid.uuid4().hex)

    def journal(self, name: str) -> "MemoryJournal":
        """As the port: the one journal of that name."""
        ports.kind_of(name)
        return self._journals.setdefault(name, MemoryJournal(self, name))

    def close(self) -> None:
        """Nothing to let go of."""

    def again(self) -> Self:
        """As the port: itself."""
        return self

    def backup(self, path: Path) -> NoReturn:
        """As the port: never."""
        del path
        raise Impossible("door.no_file")

    def erase(self, now_ms: int, unread: Mapping[str, int] = {}) -> int:
        """As the port."""
        erased = 0
        with self._news:
            newest = [rows[-1].stored_ms for rows in self._rows.values() if rows]
            if not any(now_ms - ports.ALIVE_MS <= one <= now_ms for one in newest):
                return 0
            for key, rows in self._rows.items():
                kept_ms = ports.kind_of(key[0]).kept_ms
                if kept_ms is None:
                    continue
                over = _over(rows, now_ms - kept_ms, now_ms, unread.get(key[0]))
                erased += over
                self._erased[key] = self._erased.get(key, 0) + over
                self._rows[key] = rows[over:]
        return erased

    def _store(self, name: str, record: Record) -> int:
        count = self.partitions(name)
        partition = sum(record.key or b"") % count
        key = (name, partition)
        rows = self._rows.setdefault(key, [])
        place = ports.position(partition, self._erased.get(key, 0) + len(rows))
        rows.append(Stored(place, record.value, record.headers, self._now_ms(), record.key))
        return place

    def _after(self, key: tuple[str, int], after: int) -> list[Stored]:
        rows = self._rows.get(key, [])
        first = self._erased.get(key, 0)
        refusals.check_reader(key[0], after, first, first + len(rows))
        offset = ports.split(after)[1]
        return rows[max(0, offset + 1 - first) :]


def _over(rows: Sequence[Stored], before_ms: int, now_ms: int, unread: int | None) -> int:
    """How many records at the beginning have had their time.

    A stamp of before all or after now is a wrong clock's: it makes a record neither old nor young.
    """
    count = 0
    for n, row in enumerate(rows, 1):
        if before_ms <= row.stored_ms <= now_ms or row.position == unread:
            break
        if FOUNDED_MS <= row.stored_ms < before_ms:
            count = n
    return count


class MemoryJournal:
    """A journal in memory, with the two mishaps of a broker to be scripted."""

    def __init__(self, bus: MemoryBus, name: str) -> None:
        """Belong to a bus; use `MemoryBus.journal`."""
        self._bus, self._name = bus, name
        self._before_next: list[bytes] = []
        self._losing = False
        self._held: list[bytes] = []

    def land_before_next(self, *raws: bytes) -> None:
        """Script: these land just before the next append, which then reports a conflict."""
        self._before_next += raws

    def lose_next_answer(self) -> None:
        """Script: the next append reports Unknown; `land_held` or `drop_held` says its fate."""
        self._losing = True

    def land_held(self) -> int:
        """The held frames arrive after all; position of the last."""
        held, self._held = self._held, []
        return self._bus.send(self._name, [Record(raw) for raw in held])[-1]

    def drop_held(self) -> None:
        """The held frames never arrive."""
        self._held = []

    def tail(self) -> int:
        """As the port."""
        last = self._bus.last(self._name)
        return -1 if last is None else last.position

    def read(self, after: int = -1, limit: int = 500, wait_ms: int = 0) -> list[Stored]:
        """As the port."""
        return self._bus.read(self._name, after, limit, wait_ms)

    def append(self, raw: bytes, expected: int) -> Appended | Conflict | Unknown:
        """As the port."""
        refusals.check_size(self._name, [raw])
        if self._losing:
            self._losing = False
            self._held.append(raw)
            return Unknown("scripted")
        before, self._before_next = self._before_next, []
        if before:
            self._bus.send(self._name, [Record(other) for other in before])
        place = self._bus.send(self._name, [Record(raw)])[0]
        if place < expected:
            raise DataLost(name=self._name, stored=place, expected=expected)
        return Appended(place) if place == expected else Conflict(place)
