"""Commands that come at once wait for each other; nobody is told to kill anybody."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from conftest import ROOT
from districts import WEEK, small_district
from planned import week_of, write_week
from runs import wait_for
from typed import Typed, typed

from config.district import load
from config.words import LANGUAGES, catalogue
from events import in_turn
from events.connect import FileStopped, connect
from events.owners import command_of, is_stopped, run_file
from scheduler.readback import read_roster

__all__ = ["typed"]
HOLDER = (
    "import sys, time; from pathlib import Path; from events.sqlite import SqliteBus\n"
    "SqliteBus(Path(sys.argv[1])); print('held', flush=True); time.sleep(float(sys.argv[2]))"
)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return small_district(tmp_path / "d")


def holder(folder: Path, seconds: float) -> "subprocess.Popen[str]":
    """A process that holds the file for a while."""
    told = [sys.executable, "-c", HOLDER, str(folder / "duty.db"), str(seconds)]
    held = subprocess.Popen(told, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603
    assert held.stdout is not None
    assert held.stdout.readline() == "held\n"
    return held


@pytest.fixture(name="held")
def _held(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Somebody who holds the file for good."""
    with holder(folder, 600) as held:
        yield held
        held.kill()


def test_who_holds_the_file_is_waited_for_and_named(folder: Path, typed: Typed) -> None:
    """Said once, with the process and what it was started as."""
    with holder(folder, 4) as held:
        shown = typed("journal", "verify", folder)
    assert shown.code == 0
    [line] = shown.err.splitlines()
    assert line.startswith(f"waiting for process {held.pid}, ")


def test_whoever_holds_it_too_long_is_named_with_what_to_do(
    folder: Path, held: "subprocess.Popen[str]", typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that stays is no short command; it is nobody's to kill."""
    monkeypatch.setattr(in_turn, "PATIENCE_S", 0.0)
    shown = typed("journal", "verify", folder)
    assert shown.code == 1
    assert f"process {held.pid}, " in shown.err.splitlines()[-1]
    assert "try again when it has ended" in shown.err


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_holder_that_is_stopped_is_said_to_be_with_what_to_do(
    folder: Path, held: "subprocess.Popen[str]", typed: Typed, lang: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Ctrl-Z in another terminal: whoever waited was told to wait for what never ends."""
    monkeypatch.setattr(in_turn, "PATIENCE_S", 3.0)
    held.send_signal(signal.SIGSTOP)
    wait_for(lambda: is_stopped(held.pid))
    shown = typed("journal", "verify", folder, lang=lang)
    assert shown.code == 1
    waiting, left = shown.err.splitlines()
    assert all(f"kill -CONT {held.pid}" in line and "Ctrl-Z" in line for line in (waiting, left))


def test_a_stopped_run_is_not_spoken_to_through_its_door(folder: Path) -> None:
    """The system takes the connection for it, and nobody answers there."""
    with closing(socket.create_server(("127.0.0.1", 0))) as door, sleeping() as process:
        write_run(folder, process.pid, door)
        process.send_signal(signal.SIGSTOP)
        wait_for(lambda: is_stopped(process.pid))
        with pytest.raises(FileStopped) as refused:
            connect(None, folder)
    assert refused.value.fields["pid"] == process.pid


def test_a_stopped_run_is_asked_of_the_system_not_at_its_door(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at the door would wait there for the run to go on, and crowd out its visitors."""
    monkeypatch.setattr(in_turn, "PATIENCE_S", 2.0)
    with closing(socket.create_server(("127.0.0.1", 0))) as door, sleeping() as process:
        write_run(folder, process.pid, door)
        process.send_signal(signal.SIGSTOP)
        wait_for(lambda: is_stopped(process.pid))
        with pytest.raises(FileStopped):
            in_turn.open_in_turn(None, folder)
        assert visitors(door) <= 4


def visitors(door: socket.socket) -> int:
    """How many stand before a door that nobody opens."""
    door.setblocking(False)  # noqa: FBT003 - as sockets name it
    count = 0
    with suppress(BlockingIOError):
        while True:
            door.accept()[0].close()
            count += 1
    return count


def write_run(folder: Path, pid: int, door: socket.socket) -> None:
    """Say that a process runs the district and has this door."""
    run_file(folder).parent.mkdir(exist_ok=True)
    told = {"pid": pid, "url": f"http://127.0.0.1:{door.getsockname()[1]}"}
    run_file(folder).write_text(json.dumps(told), encoding="utf-8")


@contextmanager
def sleeping(*told: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A Python that does nothing, killed at the end."""
    code = "import time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, *told]) as process:  # noqa: S603
        try:
            yield process
        finally:
            process.kill()


def test_a_command_is_named_as_it_was_typed() -> None:
    """Not by its interpreter and the place of its file."""
    with sleeping("x/qinwu.py", "publish", "d") as process:
        wait_for(lambda: command_of(process.pid) == "qinwu publish d")
    assert command_of(0) == "?"


def test_two_absences_at_once_are_both_done(folder: Path, tmp_path: Path) -> None:
    """As when two phones of a squadron ring together; neither is lost."""
    district = load(folder)
    write_week(district, week_of(district, WEEK), tmp_path / "w")
    publish = [sys.executable, str(ROOT / "qinwu.py"), "publish", str(folder), "--week", WEEK]
    subprocess.run([*publish, "--from", str(tmp_path / "w")], check=True)  # noqa: S603 - our own
    told = [
        ["roster", "absent", str(folder), "o1", "2026-12-01"],
        ["roster", "absent", str(folder), "o2", "2026-12-02"],
    ]
    env = {**os.environ, "QINWU_LANG": "en"}
    running = [
        subprocess.Popen([sys.executable, str(ROOT / "qinwu.py"), *one], env=env, text=True,  # noqa: S603
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for one in told
    ]  # fmt: skip
    found = [process.communicate(timeout=120) for process in running]
    assert [(process.returncode, err) for process, (_, err) in zip(running, found, strict=True)
            if process.returncode] == []  # fmt: skip
    kept = read_roster(district, folder / "roster" / WEEK / "roster.csv").roster
    absent = {("o1", "2026-12-01"), ("o2", "2026-12-02")}
    assert not absent & {(one, d.date.isoformat()) for d in kept.duties for one in d.people}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_says_to_kill(lang: str) -> None:
    """A planner who kills a publication loses what was being written; going on is no killing."""
    texts = {key: text.replace("kill -CONT", "") for key, text in catalogue(lang).items()}
    assert [key for key, text in texts.items() if re.search(r"\bkill ", text)] == []
