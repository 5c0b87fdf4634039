"""What was typed, written or left without room in ways that nobody means: told, not crashed."""

import csv
import errno
import os
import signal
from pathlib import Path

import pytest
from districts import WEEK, small_district
from typed import Typed, typed

from config.calendar import monday_of
from config.reading import public_csv, read_table, write_rows
from config.tables import PlaceRow
from dispatch import run
from dispatch.run import work
from dispatch.supervisor import Options
from events import ports
from events.ports import Appended, BusLost, Record, Unknown
from events.sqlite import SqliteBus
from events.supervise import LOST

__all__ = ["typed"]
FORMULAS = ["=1+1", "+1", "-2+3", "@SUM(A1)", "'=1+1", "''-1"]


@pytest.mark.parametrize("name", FORMULAS)
def test_no_text_for_planners_is_a_formula(tmp_path: Path, name: str) -> None:
    """A spreadsheet program would reckon it on the desk's machine."""
    row = PlaceRow(place="p", kind="station", node="n", name=name)
    write_rows(tmp_path / "x.csv", [row], bom=True)
    cell = next(csv.DictReader((tmp_path / "x.csv").open(encoding="utf-8-sig")))["name"]
    assert cell == f"'{name}"


@pytest.mark.parametrize("bom", [True, False])
@pytest.mark.parametrize("name", [*FORMULAS, "O'Hare", "'t Hooft", "a=b"])
def test_a_text_comes_back_as_it_was(tmp_path: Path, name: str, bom: bool) -> None:  # noqa: FBT001
    """Written for people or for the program, and kept by its hash."""
    row = PlaceRow(place="p", kind="station", node="n", name=name)
    write_rows(tmp_path / "x.csv", [row], bom=bom)
    table = read_table(tmp_path / "x.csv", PlaceRow)
    (tmp_path / "kept.csv").write_bytes(public_csv(table))
    kept = read_table(tmp_path / "kept.csv", PlaceRow)
    assert [one.name for one in (*table.rows, *kept.rows)] == [name, name]


def test_a_full_disk_is_told_once_and_with_what_helps(tmp_path: Path) -> None:
    """Not as one message inside the text of another, inside a third."""
    bus = SqliteBus(tmp_path / "d.db")
    bus._connection.execute("PRAGMA max_page_count=1")
    with pytest.raises(BusLost) as caught:
        bus.send(ports.inbox("hz"), [Record(b"x" * 5000)] * 50)
    told = str(caught.value.fields["cause"])
    assert (told.count("d.db"), "{" in told, "make room" in told) == (1, False, True)


def test_a_frame_without_room_is_told_the_same_way(tmp_path: Path) -> None:
    """The engine hands on what the journal says."""
    bus = SqliteBus(tmp_path / "d.db")
    bus._connection.execute("PRAGMA max_page_count=1")
    journal, outcome = bus.journal(ports.journal("hz")), None
    for n in range(50):
        outcome = journal.append(b"x" * 5000, n)
        if not isinstance(outcome, Appended):
            break
    assert isinstance(outcome, Unknown)
    assert "{" not in outcome.cause
    assert "make room" in outcome.cause


@pytest.mark.parametrize(
    "args",
    [
        ("incident", "new", "DIR", "--kind", "crash", "--text", "x\udcff"),
        ("command", "DIR", "note", "--reason", "x\udcff"),
        ("plan", "DIR", "--week", "9999-W52", "--out", "DIR/out"),
        ("plan", "DIR", "--week", "0001-W01", "--out", "DIR/out"),
        ("plan", "DIR", "--week", WEEK, "--out", "/proc/x"),
        ("plan", "DIR", "--week", WEEK, "--out", "DIR/settings.yaml"),
        ("plan", "DIR", "--week", WEEK, "--out", "DIR/settings.yaml/p"),
    ],
)
def test_what_cannot_be_is_bad_input(tmp_path: Path, typed: Typed, args: tuple[str, ...]) -> None:
    """Before anything is solved or sent; never a fault of the program."""
    small_district(tmp_path / "d")
    code, _, told = typed(*(one.replace("DIR", str(tmp_path / "d")) for one in args))
    assert (code, len(told.splitlines())) == (2, 1)


@pytest.mark.parametrize("week", ["0001-W01", "1969-W52", "2200-W01", "9999-W52"])
def test_weeks_have_neighbours(week: str) -> None:
    """The week before is looked at in every plan."""
    with pytest.raises(ValueError, match="no ISO week"):
        monday_of(week)


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A district on a machine that has no room when the worker begins."""

    def refuse(_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path / ".qinwu/x"))

    small_district(tmp_path)
    monkeypatch.setattr(run.Worker, "run", refuse)
    monkeypatch.setattr(run, "when_orphaned", lambda _: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return tmp_path


def test_a_machine_without_room_is_no_fault_of_the_program(
    full: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The number and the file are what whoever runs the machine needs; it is tried again."""
    code = work(Options(full))
    told = capsys.readouterr().err
    assert (code, f"errno {errno.ENOSPC}" in told, ".qinwu/x" in told) == (LOST, True, True)
    assert not (full / ".qinwu" / "fault.txt").exists()


def test_a_fault_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    """Else the message would point to an empty file."""
    try:
        int("x")
    except ValueError:
        assert str(run._fault(tmp_path / "nowhere")).startswith("ValueError: invalid literal")
