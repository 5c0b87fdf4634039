"""How fast events go through the embedded bus, durably, beside bare SQLite.

`python benchmarks/sqlite_rate.py [--runs 5] [--events 20000]` takes events in batches of 100 from
the inbox of a `duty.db` as the engine does, with its own code: `Intake` reads and validates them,
each becomes a fact, one frame per batch is appended, durable before the next read. What is decided
on them is the matter of `step.py`; a second figure has the first part of it, `judged`: known
already? too late? how many units?

The yardstick reads the same rows and stores blobs of the same size with nothing but `sqlite3`,
same settings; a second one is plain pydantic, which parses the same rows into a model with a
free-form `data` and does nothing else: it says how fast the machine is. Runs interleave; medians
and their ratios are printed, and how much of an event's time is the processor's (of both threads:
a batch is parsed while the frame before it is stored) and how much is waiting, for the disk or for
a processor that others use. Exit 1 below the bar of 50,000 validated events a second.
"""

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config.district import load
from config.ids import AreaId
from config.sample.write import write_sample
from dispatch.ground import Ground
from dispatch.intake import Intake
from dispatch.judge import Record, judged
from dispatch.state import State
from events import ports
from events.event import moment_ms
from events.frame import Accepted, Fact, Fold, Input
from events.ports import Appended
from events.schema import Envelope, event
from events.sqlite import SqliteBus

AREA = AreaId("bench")
NOW_MS = moment_ms("2026-12-03T12:00:00+08:00")
BATCH = 100
BAR = 50_000


def inputs(count: int) -> list[bytes]:
    """Incidents, statuses and proofs of visits, interleaved, about 250-300 bytes each."""
    point = {"lon": 120.1551, "lat": 30.2741, "crs": "WGS-84"}
    made = []
    for n in range(count):
        second, tenth = divmod(n, 10)
        at = f"2026-12-03T{7 + second // 3600 % 16:02}:{second // 60 % 60:02}:{second % 60:02}"
        at += f".{tenth}07+08:00"
        name, told = (
            ("incident_reported", {"at": at, "kind": "crash", "severity": "injury", **point}),
            ("status_reported", {"at": at, "unit": f"P{n % 200:03}", "status": "on_scene"}),
            ("visit_proof", {"at": at, "unit": f"P{n % 200:03}", "kind": "sign_in", **point}),
        )[n % 3]
        made.append(event(name, told, source="bench", id=f"{n:08}", time=at))
    return made


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast a run was; times per event: of the processor, and waiting for it or the disk."""

    events_per_s: float
    processor_us: float
    waited_us: float


class _Engine:
    """Reads, validates and stores as `dispatch.service` does; with a `ground` it judges as well."""

    def __init__(self, bus: SqliteBus, ground: Ground | None) -> None:
        self._ground = ground
        self._inbox, self._journal = ports.inbox(AREA), bus.journal(ports.journal(AREA))
        self._intake, self._fold = Intake(bus, AREA, None, BATCH), Fold(AREA)
        self._state = State(AREA)

    def turn(self) -> int:
        """One batch, one frame, appended durably; how many events it had."""
        self._intake.read(self._state, 0)
        batch = self._intake.batch(-1)
        if not batch:
            return 0
        first, to = self._state.inbox + 1, batch[-1].position
        consumed = Input(topic=self._inbox, partition=0, first=first, to=to)
        frame = self._fold.next_frame("bench", NOW_MS, (consumed,), self._facts(batch))
        raw = frame.raw()
        self._intake.read_ahead(to)
        if not isinstance(self._journal.append(raw, self._fold.position + 1), Appended):
            sys.exit("not appended")  # nothing else writes here
        self._fold.accept(self._fold.position + 1, raw, frame)
        self._state = replace(self._state, inbox=to)
        self._intake.consumed(to)
        return len(batch)

    def _facts(self, batch: list[Record]) -> tuple[Fact, ...]:
        """The facts of records; without a `ground` each is accepted that is valid."""
        facts: tuple[Fact, ...]
        if self._ground is None:
            facts = tuple([
                told.accepted(self._inbox, position, NOW_MS)
                for position, told, _ in batch if isinstance(told, Envelope)
            ])  # fmt: skip
        else:
            state, ground, inbox = self._state, self._ground, self._inbox
            judgements = [judged(state, record, ground, NOW_MS, inbox) for record in batch]
            facts = tuple([one for one in judgements if isinstance(one, Accepted)])
        if len(facts) < len(batch):
            sys.exit("not accepted")  # the figure would mean nothing
        return facts


def through_the_bus(bus: SqliteBus, ground: Ground | None) -> Rate:
    """How fast an engine takes all that is in the inbox."""
    engine, count = _Engine(bus, ground), 0
    own_s, started_s = time.process_time(), time.perf_counter()
    while taken := engine.turn():
        count += taken
    took_s, own_s = time.perf_counter() - started_s, time.process_time() - own_s
    return Rate(count / took_s, 1e6 * own_s / count, 1e6 * (took_s - own_s) / count)


def bare(path: Path, raws: list[bytes], frame_bytes: int) -> float:
    """Events a second of the yardstick: the same reads, one blob per batch, plain `sqlite3`."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    for table in ("inbox", "journal"):
        connection.execute(f"CREATE TABLE {table} (position INTEGER PRIMARY KEY, value BLOB)")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO inbox VALUES (?, ?)", enumerate(raws))
    connection.execute("COMMIT")
    blob, after, count = bytes(frame_bytes), -1, 0
    started_s = time.perf_counter()
    read = "SELECT position, value FROM inbox WHERE position > ? ORDER BY position LIMIT ?"
    while batch := connection.execute(read, (after, BATCH)).fetchall():
        connection.execute("INSERT INTO journal (value) VALUES (?)", (blob,))
        after = batch[-1][0]
        count += len(batch)
    rate = count / (time.perf_counter() - started_s)
    connection.close()
    return rate


class _Plain(BaseModel):
    """An event as loosely as pydantic can read it."""

    specversion: str
    id: str
    source: str
    type: str
    data: dict[str, Any]


def plain(raws: list[bytes]) -> float:
    """Events a second that plain pydantic parses, and nothing else."""
    started_s = time.perf_counter()
    for raw in raws:
        _Plain.model_validate_json(raw)
    return len(raws) / (time.perf_counter() - started_s)


def told(name: str, runs: list[Rate]) -> float:
    """Print the figures of a way; its median rate, events a second."""
    rates = [one.events_per_s for one in runs]
    rate, span = statistics.median(rates), f"runs {min(rates):,.0f}-{max(rates):,.0f}"
    own_us = statistics.median(one.processor_us for one in runs)
    waited_us = statistics.median(one.waited_us for one in runs)
    print(
        f"{name}: {rate:,.0f} events/s ({span});"
        f" an event takes the processor {own_us:.1f} us and waits {waited_us:.1f} us"
    )
    return rate


def main() -> int:
    """Run and print; 1 below the bar."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, help="A district; else the sample is made.")
    options = parser.parse_args()
    raws = inputs(options.events)
    ours, checked, yardstick, parsed = list[Rate](), list[Rate](), list[float](), list[float]()
    frame_bytes = 0
    with tempfile.TemporaryDirectory() as folder:
        district = options.folder or Path(folder) / "sample"
        if options.folder is None:
            write_sample(district, 7, date(2026, 11, 30))
        ground = Ground(load(district))
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory() as folder:
            for figures, judge in ((ours, None), (checked, ground)):
                bus = SqliteBus(Path(folder) / f"duty-{judge is None}.db")
                bus.send(ports.inbox(AREA), [ports.Record(raw) for raw in raws])
                figures.append(through_the_bus(bus, judge))
                last = bus.last(ports.journal(AREA))
                frame_bytes = len(last.value) if last else 0
                bus.close()
            yardstick.append(bare(Path(folder) / "bare.db", raws, frame_bytes))
            parsed.append(plain(raws))
    size = sum(map(len, raws)) // len(raws)
    print(f"{len(raws)} events of {size} bytes, batches of {BATCH}, {frame_bytes} B a frame")
    rate = told("validated, framed, durable", ours)
    told("and judged", checked)
    most, loose = statistics.median(yardstick), statistics.median(parsed)
    print(f"bare sqlite3, no validation: {most:,.0f} events/s; ratio {rate / most:.2f}")
    print(f"plain pydantic, nothing else: {loose:,.0f} events/s; ratio {rate / loose:.2f}")
    print(f"bar {BAR:,} events/s: {'met' if rate >= BAR else 'MISSED'}")
    return 0 if rate >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
