"""One conformance suite for every adapter of the ports: memory, SQLite, a real Kafka.

What cannot happen on an adapter is said to be not applicable there, with the reason.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from houses import HOUSES, House, Weather, frame, records, write

from config.durations import DAY_MS
from config.errors import Impossible
from events import ports
from events.frame import Fold, Folded, Fork, Frame, Stale
from events.memory import MemoryJournal
from events.ports import (
    Appended,
    BusBusy,
    BusLost,
    Conflict,
    DataLost,
    Record,
    StreamGap,
    TooLarge,
    Unknown,
)
from events.rows import read_all


@pytest.fixture(params=HOUSES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """An empty area on each adapter."""
    address = request.getfixturevalue("kafka") if request.param == "kafka" else ""
    house = HOUSES[request.param](tmp_path, address)
    yield house
    house.close()


def test_send_gives_positions_in_order_that_every_reader_sees(house: House) -> None:
    """Positions of a send count up, and another reader finds the records under them."""
    first = house.bus.send(house.inbox, records(b"a", b"b"))
    second = house.bus.send(house.inbox, records(b"c"))
    seen = house.open().read(house.inbox)
    assert first + second == [0, 1, 2]
    assert [(r.position, r.value) for r in seen] == [(0, b"a"), (1, b"b"), (2, b"c")]


def test_read_begins_behind_a_position_and_keeps_the_limit(house: House) -> None:
    """Paging by the last position read gives every record once."""
    house.bus.send(house.inbox, [Record(b"%d" % n) for n in range(25)])
    found, after = [], -1
    while page := house.bus.read(house.inbox, after, limit=10):
        assert len(page) <= 10
        found += [int(r.value) for r in page]
        after = page[-1].position
    assert found == list(range(25))
    assert [int(r.value) for r in house.bus.read(house.inbox, 6, limit=2)] == [7, 8]


def test_an_empty_stream_has_nothing(house: House) -> None:
    """No record, no last, no tail, and no waiting when none was asked for."""
    assert house.bus.read(house.inbox) == []
    assert house.bus.last(house.inbox) is None
    assert house.bus.journal(house.journal).tail() == -1


def test_read_waits_for_the_first_record(house: House) -> None:
    """A waiting reader gets a record soon after another sends it, long before its time is up."""
    house.bus.read(house.inbox)
    sender = threading.Timer(0.3, house.open().send, (house.inbox, records(b"late")))
    started_s = time.monotonic()
    sender.start()
    found = house.bus.read(house.inbox, wait_ms=8000)
    sender.join()
    assert [r.value for r in found] == [b"late"]
    assert time.monotonic() - started_s < 4


def test_read_stops_waiting(house: House) -> None:
    """With nothing to come, a read ends when its wait is over."""
    house.bus.read(house.inbox)
    started_s = time.monotonic()
    assert house.bus.read(house.inbox, wait_ms=250) == []
    assert 0.2 < time.monotonic() - started_s < 3


def test_last_is_the_newest_record(house: House) -> None:
    """`last` follows each send."""
    for value in (b"a", b"b", b"c"):
        house.bus.send(house.inbox, records(value))
        last = house.bus.last(house.inbox)
        assert last is not None
        assert last.value == value


def test_records_come_back_as_sent(house: House) -> None:
    """Any bytes, keys and headers survive; the stamp is the bus's wall time."""
    sent = [
        Record(bytes(range(256)), b"\x00\xff", (("ce_id", b"\xff\x00"), ("x", b""), ("x", b"2"))),
        Record(b""),
        Record("中队".encode(), None, (("头", b"1"),)),
    ]
    before_ms = time.time() * 1000
    house.bus.send(house.inbox, sent)
    found = house.bus.read(house.inbox)
    assert [Record(r.value, r.key, r.headers) for r in found] == sent
    assert all(abs(r.stored_ms - before_ms) < 10_000 for r in found)


def test_a_large_record_is_stored_and_a_larger_refused(house: House) -> None:
    """The inbox takes 2 MiB and not a byte more; a refused call stores nothing."""
    most = os.urandom(ports.LARGEST_RECORD_BYTES)
    house.bus.send(house.inbox, records(most))
    with pytest.raises(TooLarge):
        house.bus.send(house.inbox, records(b"small", most + b"x"))
    assert [r.value for r in house.bus.read(house.inbox)] == [most]


def test_a_frame_has_a_limit(house: House) -> None:
    """512 KiB are stored; a byte more would fail for ever, so it is refused before sending."""
    journal = house.bus.journal(house.journal)
    most = os.urandom(ports.LARGEST_FRAME_BYTES)
    assert journal.append(most, 0) == Appended(0)
    with pytest.raises(TooLarge):
        journal.append(most + b"x", 1)
    assert journal.tail() == 0


def test_a_reader_beyond_the_stream_is_refused(house: House) -> None:
    """A position that the stream never gave means lost or recreated: no silent start over."""
    house.bus.send(house.inbox, records(b"a"))
    with pytest.raises(StreamGap):
        house.bus.read(house.inbox, 7)


def test_a_name_that_is_no_stream_is_refused(house: House) -> None:
    """A typo never makes a stream."""
    for name in ("inbox", "hz.inbux", "h z.inbox", f"{house.area}.inbox."):
        with pytest.raises(ValueError, match="no stream"):
            house.bus.send(name, records(b""))


def test_appending_in_a_row(house: House) -> None:
    """One writer's frames are accepted one after another and fold to the same history."""
    journal, fold = house.bus.journal(house.journal), Fold(house.area)
    for n in range(5):
        raw = frame(fold)
        assert journal.append(raw, fold.position + 1) == Appended(n)
        assert isinstance(fold.accept(n, raw), Folded)
    again, outcomes = house.read_back()
    assert again == fold
    assert all(isinstance(outcome, Folded) for outcome in outcomes)


def test_the_first_of_two_writers_wins(house: House) -> None:
    """The second hears of a conflict, folds up to it, and finds that its frame does not count."""
    mine, theirs = Fold(house.area), Fold(house.area)
    winning, losing = frame(mine, "first"), frame(theirs, "second")
    assert house.bus.journal(house.journal).append(winning, 0) == Appended(0)
    second = house.open().journal(house.journal)
    outcome = second.append(losing, 0)
    assert isinstance(outcome, Conflict)
    for record in second.read(limit=outcome.upto + 1):
        theirs.accept(record.position, record.value)
    assert theirs.position == outcome.upto
    assert theirs.seq == 1
    again, found = house.read_back()
    assert again.digest == theirs.digest
    assert [type(x) for x in found] == [Folded] + [Stale] * house.rivals


def test_a_conflict_although_accepted(house: House) -> None:
    """Junk landed just before: the writer hears of a conflict, yet its frame counts."""
    if not house.rivals:
        pytest.skip("not applicable: a conflict means that nothing was stored")
    journal, fold = house.bus.journal(house.journal), Fold(house.area)
    if isinstance(journal, MemoryJournal):
        journal.land_before_next(b"junk")
    else:
        house.open().send(house.journal, records(b"junk"))
    raw = frame(fold)
    assert journal.append(raw, 0) == Conflict(1)
    outcomes = [fold.accept(r.position, r.value) for r in journal.read()]
    assert outcomes == [Stale(None), Folded(Frame.read(raw))]


def test_an_unknown_frame_that_landed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is lost: the writer exits; the next finds the frame and goes on behind it."""
    if not house.unsure:
        pytest.skip("not applicable: the store answers or the process is gone")
    with Weather(house, monkeypatch) as weather:
        fold = weather.writer_with_one_frame()
        weather.lose_answers()
        assert isinstance(weather.journal.append(frame(fold), 1), Unknown)
        weather.clear_up()
    house.wait_for_tail(1)
    fold, outcomes = house.read_back()
    assert [type(outcome) for outcome in outcomes] == [Folded, Folded]
    write(house, fold)


def test_a_zombies_frame_comes_late(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A held frame of a dead writer lands after its successor's: every reader ignores it."""
    if not house.rivals:
        pytest.skip("not applicable: the store has one owner, and a dead one sends nothing")
    with Weather(house, monkeypatch) as weather:
        successor = weather.writer_with_one_frame()
        weather.hold_requests()
        assert isinstance(weather.journal.append(frame(successor, "zombie"), 1), Unknown)
        write(house, successor)
        weather.clear_up()
        house.wait_for_tail(2)
    fold, outcomes = house.read_back()
    assert [type(outcome) for outcome in outcomes] == [Folded, Folded, Stale]
    assert (fold.seq, fold.digest) == (successor.seq, successor.digest)
    from_snapshot = Fold(house.area, successor.position, successor.seq, successor.digest)
    for record in house.bus.read(house.journal, successor.position):
        from_snapshot.accept(record.position, record.value)
    assert from_snapshot == fold


def test_after_an_unknown_nothing_more_is_sent(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that does not know what became of its frame cannot send by mistake."""
    if not house.remote:
        pytest.skip("not applicable: there is no connection that could be unsure")
    with Weather(house, monkeypatch) as weather:
        fold = weather.writer_with_one_frame()
        weather.lose_answers()
        weather.journal.append(frame(fold), 1)
        weather.clear_up()
        with pytest.raises(BusLost):
            weather.bus.send(house.inbox, records(b"more"))
        assert isinstance(weather.journal.append(frame(fold), 1), Unknown)
    assert house.bus.read(house.inbox) == []


def test_a_fork_is_told_apart_from_a_zombie(house: House) -> None:
    """The right number on another history is an alarm, and does not count."""
    fold = Fold(house.area)
    write(house, fold)
    other = Fold(house.area, fold.position, fold.seq, "f" * 64)
    forked = frame(other)
    assert house.bus.journal(house.journal).append(forked, 1) == Appended(1)
    again, outcomes = house.read_back()
    assert outcomes[1] == Fork(2, "f" * 64)
    assert again.seq == 1


def test_a_shorter_journal_than_folded_is_data_lost(house: House) -> None:
    """A writer that has folded more than there is refuses to go on."""
    fold = Fold(house.area)
    write(house, fold)
    with pytest.raises(DataLost):
        house.bus.journal(house.journal).append(frame(fold), 5)


def test_all_is_there_after_opening_again(house: House) -> None:
    """Records, positions and the stream's identity outlive the connection."""
    house.bus.send(house.inbox, records(b"a", b"b"))
    identity = house.bus.identity(house.inbox)
    bus = house.reopen()
    assert bus.identity(house.inbox) == identity
    assert bus.send(house.inbox, records(b"c")) == [2]
    assert [r.value for r in bus.read(house.inbox)] == [b"a", b"b", b"c"]


def test_what_is_said_again_is_a_connection_of_its_own(house: House) -> None:
    """It sees the same store; where it is another object, losing it harms nobody else."""
    again = house.bus.again()
    assert again.address == house.bus.address
    house.bus.send(house.inbox, records(b"a"))
    assert [r.value for r in again.read(house.inbox)] == [b"a"]
    if again is not house.bus:
        again.close()
    assert [r.value for r in house.bus.read(house.inbox)] == [b"a"]


def test_an_exclusive_bus_has_one_owner(house: House) -> None:
    """What says so has no second connection beside it; what does not gives one away."""
    assert house.bus.exclusive != house.remote
    assert (house.bus.again() is house.bus) == house.bus.exclusive
    if house.copied:
        with pytest.raises(BusBusy):
            house.connect()


def test_erasing_spares_the_journals(house: House) -> None:
    """All that has had its time goes; brokers see to that themselves, and say 0."""
    house.ahead_ms = -40 * DAY_MS
    house.bus.send(house.inbox, records(b"a", b"b"))
    write(house, Fold(house.area))
    house.ahead_ms = 0
    house.bus.send(ports.orders(house.area), records(b"new"))
    assert house.bus.erase(house.now_ms()) == (0 if house.erases_by_itself else 2)
    assert house.bus.journal(house.journal).tail() == 0


def test_what_nobody_has_read_is_not_erased(house: House) -> None:
    """However old: a reader that comes late finds no gap."""
    house.ahead_ms = -40 * DAY_MS
    house.bus.send(house.inbox, records(b"read", b"unread"))
    house.ahead_ms = 0
    house.bus.send(ports.orders(house.area), records(b"new"))
    house.bus.erase(house.now_ms(), {house.inbox: 1})
    assert house.bus.read(house.inbox, 0)[0].value == b"unread"


def test_a_clock_that_jumps_ahead_erases_nothing(house: House) -> None:
    """Nothing was stored near the time that it tells."""
    house.bus.send(house.inbox, records(b"a"))
    assert house.bus.erase(house.now_ms() + 400 * DAY_MS) == 0
    assert [one.value for one in house.bus.read(house.inbox)] == [b"a"]


@pytest.mark.parametrize("wrong_ms", [-20_000 * DAY_MS, -40 * DAY_MS, 400 * DAY_MS])
def test_no_hole_is_erased_into_a_stream(house: House, wrong_ms: int) -> None:
    """What was stored while the clock stood wrong does not go before what stands in front."""
    for ahead_ms in (0, wrong_ms, 0):
        house.ahead_ms = ahead_ms
        house.bus.send(house.inbox, records(b"x"))
    assert house.bus.erase(house.now_ms()) == 0
    assert len(house.bus.read(house.inbox)) == 3


@pytest.mark.parametrize("wrong_ms", [-20_000 * DAY_MS, 400 * DAY_MS])
def test_a_stamp_of_a_wrong_clock_holds_nothing_back(house: House, wrong_ms: int) -> None:
    """It tells no age: what stands behind it does."""
    if house.erases_by_itself:
        pytest.skip("not applicable: brokers stamp and erase by themselves")
    for ahead_ms in (wrong_ms, -30 * DAY_MS, 0):
        house.ahead_ms = ahead_ms
        house.bus.send(house.inbox, records(b"x"))
    assert house.bus.erase(house.now_ms()) == 2


def test_a_backup_is_a_store_or_impossible(house: House, tmp_path: Path) -> None:
    """Whoever asks hears which; where it cannot be written, the bus is unharmed."""
    house.bus.send(house.inbox, records(b"a"))
    if not house.copied:
        with pytest.raises(Impossible):
            house.bus.backup(tmp_path / "copy.db")
        return
    with pytest.raises(OSError, match="unable"):
        house.bus.backup(tmp_path / "nowhere" / "copy.db")
    house.bus.backup(tmp_path / "copy.db")
    copy = house.copy(tmp_path / "copy.db")
    assert [r.value for r in copy.read(house.inbox)] == [b"a"]
    copy.close()


WRITER = """
import sys
from importlib import import_module
from pathlib import PosixPath
from events.ports import Record
module, kind, where, name = sys.argv[1:]
bus = getattr(import_module(module), kind)(eval(where))
n = 0
while True:
    bus.send(name, [Record(b"%d" % (n + k)) for k in range(3)])
    n += 3
    print(n, flush=True)
"""


def test_nothing_acknowledged_is_lost_by_kill_9(house: House) -> None:
    """A writer killed in the middle: all it was told is stored is there, once, in order."""
    if not house.outlives_process:
        pytest.skip("not applicable: memory does not outlive its process")
    house.close()
    bus = type(house.bus)
    told = (bus.__module__, bus.__name__, repr(house.where), house.inbox)
    writer = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", WRITER, *told],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )
    assert writer.stdout is not None
    count = [int(writer.stdout.readline()) for _ in range(40)][-1]
    writer.send_signal(signal.SIGKILL)
    count = max([count, *(int(line) for line in writer.stdout if line.endswith(b"\n"))])
    writer.wait()
    house.bus = house.open()
    found = [int(r.value) for r in house.bus.read(house.inbox, limit=100_000)]
    assert found == list(range(len(found)))
    assert len(found) >= count


def test_after_the_end_the_bus_is_useless(house: House) -> None:
    """A closed bus says so instead of half-working."""
    if not house.outlives_process:
        pytest.skip("not applicable: memory has nothing to let go of")
    house.bus.close()
    with pytest.raises(BusLost):
        house.bus.send(house.inbox, records(b"a"))
    with pytest.raises(BusLost):
        house.bus.read(house.inbox)


def test_all_partitions_are_read_once(house: House) -> None:
    """Fixes come back each once, per unit in order, whatever partitions there are."""
    name = ports.positions(house.area)
    cursors: dict[int, int] = {}
    sent = [(unit, n) for n in range(20) for unit in (b"P1", b"P2", b"P3", b"P4")]
    for part in (sent[:37], sent[37:]):
        house.bus.send(name, [Record(b"%d" % n, unit) for unit, n in part])
        found = []  # a read may give fewer than there are, never none while some are there
        while batch := read_all(house.bus, name, cursors):
            found += batch
        for unit in (b"P1", b"P2", b"P3", b"P4"):
            assert [int(r.value) for r in found if r.key == unit] == [
                n for sent_unit, n in part if sent_unit == unit
            ]
    assert read_all(house.bus, name, cursors) == []


@pytest.mark.parametrize("seed", range(3))
def test_any_mixture_of_calls_gives_what_a_list_gives(house: House, seed: int) -> None:
    """Random sends, reads from anywhere and lasts agree with a plain list."""
    draw = random.Random(seed)  # noqa: S311
    truth: list[bytes] = []
    for _ in range(40):
        what = draw.choice(("send", "read", "last"))
        if what == "send":
            values = [b"%d" % draw.randrange(1000) for _ in range(draw.randint(0, 5))]
            expected = list(range(len(truth), len(truth) + len(values)))
            assert house.bus.send(house.inbox, records(*values)) == expected
            truth += values
        elif what == "read":
            after, limit = draw.randint(-1, len(truth) - 1), draw.randint(1, 8)
            found = house.bus.read(house.inbox, after, limit)
            assert [(r.position, r.value) for r in found] == list(enumerate(truth))[
                after + 1 : after + 1 + limit
            ]
        else:
            last = house.bus.last(house.inbox)
            assert (last.value if last else None) == (truth[-1] if truth else None)
