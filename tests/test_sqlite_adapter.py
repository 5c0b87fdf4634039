"""What only the file can do: one owner, group commit, erasing, a copy while it runs."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.durations import DAY_MS
from events.ports import Appended, BusBusy, BusLost, Record, StreamGap, Unknown
from events.sqlite import SqliteBus
from events.sqlite_file import opened

INBOX, POSITIONS, JOURNAL = "hz.inbox", "hz.positions", "hz.journal"
ROOT = Path(__file__).parent.parent


class Clock:
    """A wall clock that a test moves."""

    now_ms = 1_796_254_932_207

    def __call__(self) -> int:
        """Unix ms."""
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    """The time at which records are stored."""
    return Clock()


@pytest.fixture
def bus(tmp_path: Path, clock: Clock) -> Iterator[SqliteBus]:
    """A new file."""
    bus = SqliteBus(tmp_path / "duty.db", clock)
    yield bus
    bus.close()


def a_month_later(bus: SqliteBus, clock: Clock) -> None:
    """The district runs on: a frame is written."""
    clock.now_ms += 31 * DAY_MS
    bus.send(JOURNAL, [Record(b"frame")])


def test_a_second_process_is_told_who_owns_the_file(bus: SqliteBus) -> None:
    """It gets a clear error and the remedy, not a half-open file."""
    code = (
        "from pathlib import Path; from events.sqlite import SqliteBus;"
        f"SqliteBus(Path({str(bus.path)!r}))"
    )
    second = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert second.returncode == 1
    assert "BusBusy: bus.busy" in second.stderr


def test_a_refused_opening_leaves_no_share_of_the_file(tmp_path: Path, clock: Clock) -> None:
    """Two that wait for each other while their errors live would keep each other out for ever."""
    path = tmp_path / "duty.db"
    SqliteBus(path, clock).close()
    first, second = (sqlite3.connect(path, isolation_level=None) for _ in range(2))
    first.execute("SELECT * FROM streams").fetchall()  # shares the file, as one does who opens it
    with pytest.raises(BusBusy) as held:
        opened(path)
    first.close()
    second.execute("PRAGMA locking_mode=EXCLUSIVE")
    second.execute("BEGIN EXCLUSIVE")
    second.close()
    assert held.value.fields["path"] == path


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"x" * 99])
def test_a_file_that_is_no_bus_is_refused(tmp_path: Path, content: bytes) -> None:
    """A clear error, and the file is left as it was."""
    path = tmp_path / "duty.db"
    path.write_bytes(content)
    with pytest.raises(BusLost, match=r"duty\.db"):
        SqliteBus(path)
    assert path.read_bytes() == content


def test_the_file_is_durable_and_exclusive(bus: SqliteBus) -> None:
    """The settings that the design rests on are in force, asked of the connection."""
    asked = {
        name: bus._connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "locking_mode", "secure_delete")
    }
    assert asked == {
        "journal_mode": "wal", "synchronous": 2, "locking_mode": "exclusive", "secure_delete": 1,
    }  # fmt: skip


def test_threads_that_wait_are_committed_together(bus: SqliteBus) -> None:
    """Writes that arrive during a commit share the next one, and each gets its own positions."""
    commits: list[int] = []
    commit = bus._commit
    entered, go_on = threading.Event(), threading.Event()

    def slow_commit(group: list[object]) -> None:
        commits.append(len(group))
        entered.set()
        go_on.wait(5)
        commit(group)  # type: ignore[arg-type]

    bus._commit = slow_commit  # type: ignore[method-assign, assignment]
    places: dict[bytes, list[int]] = {}

    def send(value: bytes) -> None:
        places[value] = bus.send(INBOX, [Record(value)])

    threads = [threading.Thread(target=send, args=(b"%d" % n,)) for n in range(9)]
    threads[0].start()
    entered.wait(5)
    for thread in threads[1:]:
        thread.start()
    while len(bus._waiting) < 8:
        pass
    go_on.set()
    for thread in threads:
        thread.join()
    assert commits == [1, 8]
    assert {r.value: [r.position] for r in bus.read(INBOX)} == places


def test_one_failed_write_fails_all_that_waited_with_it(bus: SqliteBus) -> None:
    """Crash-only: after an error of the file nobody is told that something is stored."""
    bus.send(INBOX, [Record(b"a")])
    bus._connection.execute("DROP TABLE stream_0")
    with pytest.raises(BusLost):
        bus.send(INBOX, [Record(b"b")])
    assert isinstance(bus.journal(JOURNAL).append(b"frame", 0), Unknown)
    with pytest.raises(BusLost):
        bus.read(INBOX)


def test_erasing_keeps_to_each_streams_time(bus: SqliteBus, clock: Clock) -> None:
    """Fixes go after 30 days, inbox records after 7, frames never."""
    for name in (INBOX, POSITIONS, JOURNAL):
        bus.send(name, [Record(b"old")])
    clock.now_ms += 8 * DAY_MS
    bus.send(INBOX, [Record(b"new")])
    assert bus.erase(clock.now_ms) == 1
    assert [r.value for r in bus.read(INBOX)] == [b"new"]
    assert [r.value for r in bus.read(POSITIONS)] == [b"old"]
    clock.now_ms += 23 * DAY_MS
    bus.send(JOURNAL, [Record(b"new")])
    assert bus.erase(clock.now_ms) == 2
    assert bus.read(POSITIONS) == []
    assert [r.value for r in bus.read(JOURNAL)] == [b"old", b"new"]


def test_a_position_is_never_given_twice(bus: SqliteBus, clock: Clock, tmp_path: Path) -> None:
    """Also when all records went, and over opening again; a reader left behind is refused."""
    bus.send(POSITIONS, [Record(b"1"), Record(b"2")])
    a_month_later(bus, clock)
    bus.erase(clock.now_ms)
    bus.close()
    again = SqliteBus(tmp_path / "duty.db", clock)
    assert again.send(POSITIONS, [Record(b"3")]) == [2]
    assert [r.value for r in again.read(POSITIONS, 1)] == [b"3"]
    with pytest.raises(StreamGap):
        again.read(POSITIONS, 0)
    again.close()


def test_erased_fixes_are_gone_from_the_disk(bus: SqliteBus, clock: Clock, tmp_path: Path) -> None:
    """Erasing is not only forgetting: the bytes stand in no file afterwards."""
    secret = b"P012 was at 120.1551, 30.2741 " * 10
    bus.send(POSITIONS, [Record(secret)] * 50)
    assert any(secret in path.read_bytes() for path in tmp_path.iterdir())
    a_month_later(bus, clock)
    bus.erase(clock.now_ms)
    assert not any(secret in path.read_bytes() for path in tmp_path.iterdir())


def test_a_copy_is_whole_while_the_bus_runs(bus: SqliteBus, tmp_path: Path, clock: Clock) -> None:
    """The copy opens as a bus with everything that was stored, and is no part of the first."""
    bus.send(INBOX, [Record(b"a")])
    assert bus.journal(JOURNAL).append(b"frame", 0) == Appended(0)
    bus.backup(tmp_path / "copy.db")
    bus.send(INBOX, [Record(b"later")])
    copy = SqliteBus(tmp_path / "copy.db", clock)
    assert [r.value for r in copy.read(INBOX)] == [b"a"]
    assert copy.journal(JOURNAL).tail() == 0
    copy.close()


def test_a_copy_that_cannot_be_written_does_not_harm_the_bus(
    bus: SqliteBus, tmp_path: Path
) -> None:
    """A wrong path is the caller's trouble; dispatch goes on."""
    with pytest.raises((OSError, sqlite3.Error)):
        bus.backup(tmp_path / "nowhere" / "copy.db")
    assert bus.send(INBOX, [Record(b"a")]) == [0]


def test_a_closed_file_can_be_opened_by_another_process(tmp_path: Path) -> None:
    """Letting go is complete."""
    bus = SqliteBus(tmp_path / "duty.db")
    bus.send(INBOX, [Record(b"a")])
    bus.close()
    code = (
        "from pathlib import Path; from events.sqlite import SqliteBus;"
        f"print(SqliteBus(Path({str(bus.path)!r})).read('{INBOX}')[0].value)"
    )
    second = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert second.stdout.strip() == "b'a'"
