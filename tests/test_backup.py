"""Backups that are made at once, cut off, or hindered: each is whole or is not there."""

import threading
from collections.abc import Iterator
from contextlib import closing
from os import SEEK_END
from pathlib import Path

import pytest
from districts import small_district
from engines import AREA, Station, settle, sqlite_station

from config.errors import BadInput, NotFound, QinwuError
from config.words import LANGUAGES, words
from events import ports
from events.backup import Made, Unsound, back_up
from events.door import Door
from events.owners import run_file
from events.ports import Record
from events.sqlite import SqliteBus


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    """A district with a store of some megabytes, whose worker has its door open."""
    station = sqlite_station(tmp_path)
    engine = station.engine(cached=False)
    station.staff()
    settle(engine)
    for _ in range(20):
        station.bus.send(ports.positions(AREA), [Record(bytes(250_000))])
    door = Door(station.bus, AREA, station.folder)
    door.start()
    yield station
    door.stop()
    station.bus.close()


def at_once(folder: Path, files: list[Path]) -> list[Made | QinwuError]:
    """What became of backups that begin in the same moment."""
    ready, became = threading.Barrier(len(files)), list[Made | QinwuError]()

    def one(file: Path) -> None:
        ready.wait()
        try:
            became.append(back_up(folder, file))
        except QinwuError as trouble:
            became.append(trouble)

    threads = [threading.Thread(target=one, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return became


def test_without_a_store_the_folder_that_was_typed_is_to_be_run(tmp_path: Path) -> None:
    """Not one called DIR."""
    folder = small_district(tmp_path / "luandong")
    with pytest.raises(NotFound) as none:
        back_up(folder, tmp_path / "copy.db")
    for lang in LANGUAGES:
        assert f"qinwu run {folder}" in words(lang)(none.value.key, **none.value.fields)


@pytest.mark.parametrize("go", range(3))
def test_of_two_backups_to_one_name_the_first_stays(
    go: int, station: Station, tmp_path: Path
) -> None:
    """It is whole, and the other says that the name is taken."""
    file = tmp_path / f"{go}.db"
    became = at_once(station.folder, [file, file])
    assert sorted(type(one).__name__ for one in became) == ["BadInput", "Made"]
    with closing(SqliteBus(file)) as copy:
        assert copy.last(ports.journal(AREA)) == station.bus.last(ports.journal(AREA))


def test_a_file_that_comes_meanwhile_is_not_overwritten(station: Station, tmp_path: Path) -> None:
    """Whoever made it did so while the copy was being verified."""
    file = tmp_path / "b.db"
    stop = threading.Event()

    def put() -> None:
        while not stop.is_set() and not list(tmp_path.glob(".b.db*")):
            pass
        file.write_bytes(b"precious")

    meanwhile = threading.Thread(target=put)
    meanwhile.start()
    with pytest.raises(BadInput):
        back_up(station.folder, file)
    stop.set()
    meanwhile.join()
    assert file.read_bytes() == b"precious"


def test_an_interrupted_backup_leaves_nothing_to_the_next(station: Station, tmp_path: Path) -> None:
    """The copy of a process that is gone is taken away."""
    (tmp_path / ".b.db.4194999.x.part").write_bytes(b"half")
    back_up(station.folder, tmp_path / "b.db")
    assert [one.name for one in tmp_path.glob("*b.db*")] == ["b.db"]


def test_nobody_waits_for_a_whole_backup(tmp_path: Path) -> None:
    """Orders and replies go on; what is sent meanwhile stands in the copy, and it ends."""
    with closing(SqliteBus(tmp_path / "duty.db")) as bus:
        for _ in range(40):
            bus.send(ports.positions(AREA), [Record(bytes(250_000))] * 4)
        backing = threading.Thread(target=bus.backup, args=(tmp_path / "b.db",))
        backing.start()
        sent = 0
        while backing.is_alive():
            bus.send(ports.inbox(AREA), [Record(str(sent).encode())])
            sent += 1
    with closing(SqliteBus(tmp_path / "b.db")) as copy:
        told = [int(one.value) for one in copy.read(ports.inbox(AREA), limit=100_000)]
    assert told == [*range(len(told))]
    assert len(told) > 10  # in forty steps; it was one step, which those who sent waited for


class Forgetful(SqliteBus):
    """A store whose copies are empty."""

    def backup(self, path: Path) -> None:
        """Copy nothing."""
        path.unlink(missing_ok=True)
        SqliteBus(path).close()


def unsound(store: type[SqliteBus], folder: Path) -> Unsound:
    """What is told of a copy that the door of such a store made."""
    station = Station(small_district(folder / "d"))
    with closing(store(station.folder / "duty.db")) as station.bus:
        settle(station.engine(cached=False))
        door = Door(station.bus, AREA, station.folder)
        door.start()
        with pytest.raises(Unsound) as caught:
            back_up(station.folder, folder / "b.db")
        door.stop()
    return caught.value


def test_a_copy_that_ends_before_the_store_is_unsound(tmp_path: Path) -> None:
    """However well its pages fit together."""
    assert unsound(Forgetful, tmp_path)


class Decaying(SqliteBus):
    """A store whose copies have one page more, to which nothing leads."""

    def backup(self, path: Path) -> None:
        """Copy everything, then lose a page: every record can still be read."""
        super().backup(path)
        with path.open("r+b") as file:
            head = file.read(100)
            page, count = (int.from_bytes(head[at:to]) for at, to in ((16, 18), (28, 32)))
            file.seek(28)
            file.write((count + 1).to_bytes(4))
            file.seek(0, SEEK_END)
            file.write(bytes(page))


def test_a_copy_with_a_damaged_page_is_unsound(tmp_path: Path) -> None:
    """Though its journals fold up to their ends; the cause is the store's own."""
    assert "never used" in str(unsound(Decaying, tmp_path).fields["cause"])


def test_a_copy_that_a_dead_door_was_sending_is_taken_away(tmp_path: Path) -> None:
    """It holds where people were, and nobody would erase it."""
    hidden = run_file(tmp_path).parent
    hidden.mkdir()
    (hidden / "tmpx1.backup").write_bytes(b"half")
    with closing(SqliteBus(tmp_path / "duty.db")) as bus:
        door = Door(bus, AREA, tmp_path)
        door.start()
        door.stop()
    assert list(hidden.iterdir()) == []


def test_a_door_that_cannot_announce_itself_leaves_nothing(tmp_path: Path) -> None:
    """Each restart of a worker would leave one more."""
    run_file(tmp_path).mkdir(parents=True)
    with closing(SqliteBus(tmp_path / "duty.db")) as bus:
        door = Door(bus, AREA, tmp_path)
        with pytest.raises(OSError, match="run"):
            door.start()
        door.stop()
    assert [one.name for one in run_file(tmp_path).parent.iterdir()] == ["run.json"]
