"""A store that is damaged in one place: nobody goes on as if what lies behind it never was."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from engines import AREA, Station, settle, sqlite_station
from typed import Typed, typed

from events import ports
from events.released import OUTPUTS
from events.sqlite import SqliteBus
from events.trouble import JournalBehind, JournalBroken

__all__ = ["typed"]  # a fixture
JOURNAL = ports.journal(AREA)
HEAD_BYTES = 130
"""Of a frame, up to behind `prev`."""


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district with a played morning in its file and no snapshot."""
    station = sqlite_station(tmp_path_factory.mktemp("day"))
    engine = station.engine(cached=False)
    station.staff()
    for n in range(24):
        station.incident(f"n{11 + n % 4}")
        settle(engine)
        station.now_ms += 60_000
    station.bus.close()
    return station.folder


@pytest.fixture
def folder(day: Path, tmp_path: Path) -> Path:
    """A copy of it to damage."""
    return shutil.copytree(day, tmp_path / "d")


def change(folder: Path, name: str, sql: str, *values: object) -> None:
    """Change the file behind everybody's back; `sql` is of the stream's table."""
    with closing(sqlite3.connect(folder / "duty.db")) as file, file:
        number = file.execute("SELECT number FROM streams WHERE name = ?", (name,)).fetchone()[0]
        file.execute(sql.format(table=f"stream_{number}"), values)


def values(folder: Path, name: str) -> list[bytes]:
    """What stands in a stream."""
    with closing(SqliteBus(folder / "duty.db")) as bus:
        return [one.value for one in bus.read(name, -1, 10_000)]


def flipped(raw: bytes, bit: int) -> bytes:
    """The same with one bit the other way."""
    at, place = divmod(bit, 8)
    return raw[:at] + bytes([raw[at] ^ 1 << place]) + raw[at + 1 :]


def flip(folder: Path, position: int, bit: int, name: str = JOURNAL) -> None:
    """Flip one bit of a frame."""
    raw = flipped(values(folder, name)[position], bit)
    change(folder, name, "UPDATE {table} SET value = ? WHERE position = ?", raw, position)


def sent(folder: Path) -> list[list[bytes]]:
    """All that was ever made known."""
    return [values(folder, ports.stream(AREA, suffix)) for suffix in OUTPUTS]


def begun(folder: Path) -> None:
    """An engine begins on what there is, without a snapshot, and turns once."""
    with closing(SqliteBus(folder / "duty.db")) as bus:
        Station(folder, bus).engine(cached=False).turn()


def test_one_flipped_bit_stops_the_engine_and_nothing_is_sent(folder: Path, tmp_path: Path) -> None:
    """Wherever it is: in each third frame but the last, which nothing follows."""
    draw, before = Random(1), sent(folder)  # noqa: S311 - a test's draw
    raws = values(folder, JOURNAL)
    went_on = []
    for position in range(0, len(raws) - 1, 3):
        for most in (HEAD_BYTES, len(raws[position])):
            bit = draw.randrange(8 * min(most, len(raws[position])))
            hurt = shutil.copytree(folder, tmp_path / f"{position}-{bit}")
            flip(hurt, position, bit)
            try:
                begun(hurt)
            except JournalBroken:
                if sent(hurt) == before:
                    continue
            went_on.append((position, bit))
    assert went_on == []


def test_a_last_frame_that_nobody_can_read_stops_the_engine(folder: Path) -> None:
    """On a store of its own nobody else wrote it."""
    change(folder, JOURNAL, "UPDATE {table} SET value = x'00' WHERE position ="
           " (SELECT max(position) FROM {table})")  # fmt: skip
    with pytest.raises(JournalBroken, match="damaged"):
        begun(folder)


def test_an_engine_does_not_decide_anew_what_others_act_on(folder: Path) -> None:
    """The journal lost its end, and the orders of it are out."""
    change(folder, JOURNAL, "DELETE FROM {table} WHERE position > 20")
    with pytest.raises(JournalBehind, match="behind"):
        begun(folder)


def test_a_flipped_bit_is_verified_as_damage(folder: Path, typed: Typed) -> None:
    """With the number of the frame, and what to do."""
    flip(folder, 10, 0)
    told = typed("journal", "verify", folder)
    assert told.code == 1
    assert "hz.journal 10: frame 11 is damaged or missing" in told.out
    assert "restore from a backup" in told.err


def test_a_damaged_store_is_no_sound_backup(folder: Path, tmp_path: Path, typed: Typed) -> None:
    """Its copy is as damaged as it is."""
    flip(folder, 10, 0)
    told = typed("backup", folder, tmp_path / "b.db")
    assert told.code == 1
    assert "hz.journal" in told.err


def test_the_doctor_finds_a_damaged_journal(folder: Path, typed: Typed) -> None:
    """And says what restores it."""
    flip(folder, 10, 0)
    told = typed("doctor", folder)
    assert told.code == 1
    assert "hz.journal 10: frame 11 is damaged or missing" in told.out


ROWS = {
    "a value that is text": "value = 'x'",
    "a value that is a number": "value = 7",
    "headers that are no JSON": "headers = '[[\"a\",'",
    "headers that are no pairs": "headers = '[1]'",
    "a header that is a number": "headers = '[[\"a\",1]]'",
    "a header of other letters": 'headers = \'[["a","勤"]]\'',
    "a time that is text": "stored_ms = 'x'",
    "a key that is text": "key = 'x'",
}


@pytest.mark.parametrize("change_to", ROWS.values(), ids=ROWS)
def test_a_damaged_row_is_said_to_be(change_to: str, folder: Path, typed: Typed) -> None:
    """Not taken for a fault of the program."""
    change(folder, JOURNAL, f"UPDATE {{table}} SET {change_to} WHERE position = 5")  # noqa: S608
    told = typed("journal", "verify", folder)
    assert (told.code, "hz.journal: record 5 is damaged" in told.err) == (1, True)


@pytest.mark.parametrize(
    "command", ["journal export DIR --out OUT", "backup DIR OUT", "doctor DIR"]
)
def test_every_command_that_looks_says_so(
    command: str, folder: Path, tmp_path: Path, typed: Typed
) -> None:
    """Also those that look at more than one thing."""
    change(folder, JOURNAL, "UPDATE {table} SET headers = '[1]' WHERE position = 5")
    places = {"DIR": folder, "OUT": tmp_path / "x"}
    told = typed(*(places.get(word, word) for word in command.split()))
    assert (told.code, "hz.journal: record 5 is damaged" in told.out + told.err) == (1, True)


def test_a_backup_of_a_damaged_row_is_kept_and_named(
    folder: Path, tmp_path: Path, typed: Typed
) -> None:
    """For whoever looks into it."""
    change(folder, JOURNAL, "UPDATE {table} SET value = 7 WHERE position = 5")
    told = typed("backup", folder, tmp_path / "b.db")
    [kept] = tmp_path.glob(".b.db.*.part")
    assert str(kept) in told.err
