"""How fast events go through the embedded bus, durably, beside bare SQLite.

`python benchmarks/sqlite_rate.py [--runs 5] [--events 20000]` reads events in batches of 100 from
the inbox of a `duty.db`, validates each, and appends one frame per batch, durable before the
next read. The yardstick reads the same rows and stores blobs of the same size with nothing but
`sqlite3`, same settings; a second one is plain pydantic, which parses the same rows into a model
with a free-form `data` and does nothing else: it says how fast the machine is. Runs interleave;
medians and their ratios are printed. Exit 1 below the bar of 50,000 validated events a second.
"""

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from config.ids import AreaId
from events.frame import Accepted, Fold, Input
from events.ports import Appended, Record
from events.schema import Envelope, event, parse
from events.sqlite import SqliteBus

AREA = AreaId("bench")
INBOX, JOURNAL = "bench.inbox", "bench.journal"
BATCH = 100
BAR = 50_000


def inputs(count: int) -> list[bytes]:
    """Incidents, fixes and statuses, interleaved, about 250–300 bytes each."""
    at = "2026-12-03T07:42:12.207+08:00"
    point = {"lon": 120.1551, "lat": 30.2741, "crs": "WGS-84"}
    made = []
    for n in range(count):
        name, told = (
            ("incident_reported", {"at": at, "kind": "crash", "severity": "injury", **point}),
            ("status_reported", {"at": at, "unit": f"P{n % 200:03}", "status": "on_scene"}),
            ("position_reported", {"at": at, "unit": f"P{n % 200:03}", "device": "D1", **point}),
        )[n % 3]
        made.append(event(name, told, source="bench", id=f"{n:08}", time=at))
    return made


def through_the_bus(bus: SqliteBus) -> float:
    """Events a second: read, validate, one frame per batch, appended durably."""
    journal, fold = bus.journal(JOURNAL), Fold(AREA)
    after, count = -1, 0
    started_s = time.perf_counter()
    while batch := bus.read(INBOX, after, BATCH):
        facts = []
        for record in batch:
            envelope = parse(record.value, record.headers)
            if not isinstance(envelope, Envelope):
                raise SystemExit(envelope.code)
            facts.append(
                Accepted(
                    topic=INBOX,
                    partition=0,
                    offset=record.position,
                    event=envelope.event,
                    kind=envelope.type,
                    data=envelope.normal(record.stored_ms),
                )
            )
        first, after = batch[0].position, batch[-1].position
        consumed = Input(topic=INBOX, partition=0, first=first, to=after)
        frame = fold.next_frame("bench", batch[-1].stored_ms, (consumed,), tuple(facts))
        raw = frame.raw()
        if not isinstance(journal.append(raw, fold.position + 1), Appended):
            return 0.0  # nothing else writes here: the figure would mean nothing
        fold.accept(fold.position + 1, raw, frame)
        count += len(batch)
    return count / (time.perf_counter() - started_s)


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


def main() -> int:
    """Run and print; 1 below the bar."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--events", type=int, default=20_000)
    options = parser.parse_args()
    raws = inputs(options.events)
    ours, yardstick, parsed, frame_bytes = [], [], [], 0
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory() as folder:
            bus = SqliteBus(Path(folder) / "duty.db")
            bus.send(INBOX, [Record(raw) for raw in raws])
            ours.append(through_the_bus(bus))
            last = bus.last(JOURNAL)
            frame_bytes = len(last.value) if last else 0
            bus.close()
            yardstick.append(bare(Path(folder) / "bare.db", raws, frame_bytes))
            parsed.append(plain(raws))
    rate, most = statistics.median(ours), statistics.median(yardstick)
    loose = statistics.median(parsed)
    size = sum(map(len, raws)) // len(raws)
    print(f"{options.events} events of {size} bytes, batches of {BATCH}, {frame_bytes} B a frame")
    print(
        f"validated, framed, durable: {rate:,.0f} events/s (runs {min(ours):,.0f}-{max(ours):,.0f})"
    )
    print(f"bare sqlite3, no validation: {most:,.0f} events/s; ratio {rate / most:.2f}")
    print(f"plain pydantic, nothing else: {loose:,.0f} events/s; ratio {rate / loose:.2f}")
    print(f"bar {BAR:,} events/s: {'met' if rate >= BAR else 'MISSED'}")
    return 0 if rate >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
