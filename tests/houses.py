"""An area on any adapter, and bad weather before it: what the conformance suite lives in."""

import time
import uuid
from pathlib import Path
from typing import ClassVar, Self

import pytest
from kafka_proxy import Proxy

from config.ids import AreaId
from events import ports
from events.clock import wall_ms
from events.frame import Fold
from events.kafka import PRODUCER, KafkaBus
from events.kafka_reader import COMMON
from events.kafka_topics import create_topics
from events.memory import MemoryBus, MemoryJournal
from events.ports import (
    Appended,
    Bus,
    Record,
)
from events.sqlite import SqliteBus


class House:
    """An area on one kind of bus, and ways to come at it; what a kind cannot is said by it."""

    outlives_process: ClassVar[bool] = True
    """Its records are there after the process that sent them is gone."""
    rivals: ClassVar[bool] = True
    """Others may store beside a writer, so that its frame may stand behind theirs, stale."""
    unsure: ClassVar[bool] = True
    """An answer can be lost on the way: a writer may not know what became of its frame."""
    remote: ClassVar[bool] = False
    """Connections are many, each over a network, and one that is unsure is of no use any more."""
    erases_by_itself: ClassVar[bool] = False
    """The store's own clock stamps and erases."""
    copied: ClassVar[bool] = False
    """There is a backup, and a file that nobody else may open meanwhile."""

    def __init__(self, folder: Path, address: str) -> None:
        """Make an empty area."""
        self.address, self.path = address, folder / "duty.db"
        self.area = AreaId(f"t{uuid.uuid4().hex[:10]}")
        self.opened: list[Bus] = []
        self.ahead_ms = 0
        self.prepare()
        self.bus = self.open()
        self.inbox, self.journal = ports.inbox(self.area), ports.journal(self.area)

    def prepare(self) -> None:
        """Whatever must be there before the first connection."""

    def connect(self) -> Bus:
        """A connection; where there is one for all, the first."""
        raise NotImplementedError

    def copy(self, path: Path) -> Bus:
        """What a backup was made into, opened; of a house that is copied."""
        raise NotImplementedError

    def through(self, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Bus:
        """A connection of a remote house by way of a proxy, which gives up after a second."""
        raise NotImplementedError

    @property
    def where(self) -> Path | str:
        """What the bus's class is told to connect from another process."""
        return self.path

    def open(self) -> Bus:
        """Connect; where there is one connection for all, that one."""
        if self.opened and not self.remote:
            return self.bus
        self.opened.append(self.connect())
        return self.opened[-1]

    def now_ms(self) -> int:
        """What the machine's clock says: a test may set it; a broker keeps its own."""
        return wall_ms() + self.ahead_ms

    def reopen(self) -> Bus:
        """Let go and connect again."""
        if not self.outlives_process:
            pytest.skip("not applicable: memory does not outlive its process")
        self.close()
        self.bus = self.open()
        return self.bus

    def close(self) -> None:
        """Let go of all connections."""
        for bus in self.opened:
            bus.close()
        self.opened = []

    def wait_for_tail(self, position: int) -> None:
        """Wait up to 5 s until the journal reaches a position."""
        journal, give_up_s = self.open().journal(self.journal), time.monotonic() + 5
        while journal.tail() < position and time.monotonic() < give_up_s:
            time.sleep(0.02)

    def read_back(self) -> tuple[Fold, list[object]]:
        """The journal folded from its beginning by a new reader, and what each record was."""
        fold = Fold(self.area)
        stored = self.open().journal(self.journal).read(limit=1000)
        return fold, [fold.accept(record.position, record.value) for record in stored]


class InMemory(House):
    """One process, one object."""

    outlives_process: ClassVar[bool] = False

    def connect(self) -> Bus:
        """All that there is."""
        return MemoryBus(self.now_ms)


class InFile(House):
    """A file with one owner: it answers, or its process is gone."""

    rivals: ClassVar[bool] = False
    unsure: ClassVar[bool] = False
    copied: ClassVar[bool] = True

    def connect(self) -> Bus:
        """The file's owner."""
        return SqliteBus(self.path, self.now_ms)

    def copy(self, path: Path) -> Bus:
        """A file like the first."""
        return SqliteBus(path)


class OnBroker(House):
    """A broker, with topics of the area's own."""

    remote: ClassVar[bool] = True
    erases_by_itself: ClassVar[bool] = True

    def prepare(self) -> None:
        """Its topics."""
        create_topics(self.address, self.area, positions_partitions=3)

    def connect(self) -> Bus:
        """One more client."""
        return KafkaBus(self.address)

    def through(self, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Bus:
        """One more client, of another broker as far as it knows."""
        monkeypatch.setattr("events.kafka.DELIVERY_MS", 1_000)
        monkeypatch.setitem(PRODUCER, "delivery_timeout_ms", 1_000)
        monkeypatch.setitem(COMMON, "request_timeout_ms", 900)
        return KafkaBus(proxy.address)

    @property
    def where(self) -> str:
        """The broker."""
        return self.address


HOUSES = {"memory": InMemory, "sqlite": InFile, "kafka": OnBroker}


def records(*values: bytes) -> list[Record]:
    """Plain records."""
    return [Record(value) for value in values]


def frame(fold: Fold, writer: str = "w") -> bytes:
    """The next frame of a history."""
    return fold.next_frame(writer, 1_764_720_000_000).raw()


def write(house: House, fold: Fold) -> None:
    """Append the next frame of a history and fold it."""
    raw = frame(fold)
    place = fold.position + 1
    assert house.open().journal(house.journal).append(raw, place) == Appended(place)
    fold.accept(place, raw)


class Weather:
    """A writer behind a network that can lose answers and hold requests."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put a proxy before a remote house."""
        self.proxy = Proxy(house.address) if house.remote else None
        self.bus: Bus = house.through(self.proxy, monkeypatch) if self.proxy else house.bus
        self.house, self.journal = house, self.bus.journal(house.journal)

    def __enter__(self) -> Self:
        """Begin in good weather."""
        return self

    def __exit__(self, *_: object) -> None:
        """Cut what is left of the network."""
        if self.proxy:
            self.bus.close()
            self.proxy.close()

    def writer_with_one_frame(self) -> Fold:
        """The writer is connected and well: its first frame was accepted."""
        fold = Fold(self.house.area)
        raw = frame(fold)
        assert self.journal.append(raw, 0) == Appended(0)
        fold.accept(0, raw)
        return fold

    def lose_answers(self) -> None:
        """The bus hears the writer, the writer does not hear the bus."""
        if self.proxy:
            self.proxy.hold_answers()
        else:
            self.hold_requests()

    def hold_requests(self) -> None:
        """What the writer sends stays under way."""
        if self.proxy:
            self.proxy.hold_requests()
        else:
            self.scripted().lose_next_answer()

    def clear_up(self) -> None:
        """What was under way arrives."""
        if self.proxy:
            self.proxy.release()
        else:
            self.scripted().land_held()

    def scripted(self) -> MemoryJournal:
        """The journal in memory, which can be told to misbehave."""
        assert isinstance(self.journal, MemoryJournal)
        return self.journal
