"""How a command finds its bus, and what it says when it cannot."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from districts import small_district

from config.errors import BadInput, NotFound
from events.connect import FileHeld, FileTaken, address_of, area_of, connect
from events.door import Door
from events.kafka import KafkaBus
from events.kafka_topics import create_topics
from events.owners import owner_of, run_file, running
from events.ports import BusBusy, NoStream
from events.sqlite import SqliteBus
from events.trouble import BrokerAbsent, DoorAbsent

NOBODY = "127.0.0.1:9"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A district nobody runs."""
    monkeypatch.delenv("QINWU_URL", raising=False)
    return small_district(tmp_path / "d")


def leave(folder: Path, pid: int, url: str) -> None:
    """Somebody's run.json."""
    run_file(folder).parent.mkdir(exist_ok=True)
    run_file(folder).write_text(json.dumps({"pid": pid, "url": url}))


def test_the_option_comes_before_the_variable_before_the_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FORMATS: `--bus`, else `QINWU_URL`, else `run.json`, else the file."""
    assert address_of(None, folder) == f"sqlite:{folder / 'duty.db'}"
    monkeypatch.setenv("QINWU_URL", "kafka://a:1")
    assert address_of(None, folder) == "kafka://a:1"
    assert address_of("http://127.0.0.1:1", folder) == "http://127.0.0.1:1"


def test_a_folder_alone_is_opened_itself(folder: Path) -> None:
    """Nobody runs it: its own file."""
    bus = connect(None, folder)
    assert isinstance(bus, SqliteBus)
    assert bus.path == folder / "duty.db"
    bus.close()


def test_a_stale_run_json_is_passed_over(folder: Path) -> None:
    """Of a process that is gone, of another program that has its number, or no JSON at all."""
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    leave(folder, dead.pid, "http://127.0.0.1:9")
    assert running(folder) is None
    leave(folder, os.getpid(), "http://127.0.0.1:9")
    assert running(folder) is None
    for text in ("", "{", "[]", '{"pid": "x", "url": 1}', '{"pid": -1, "url": "http://x:y"}'):
        run_file(folder).write_text(text)
        assert running(folder) is None
    connect(None, folder).close()


def test_a_file_that_another_process_owns_names_its_door(folder: Path) -> None:
    """The next thing to try stands in the message."""
    owner = SqliteBus(folder / "duty.db")
    with pytest.raises(BusBusy) as busy:
        connect(f"sqlite:{folder / 'duty.db'}", folder)
    assert busy.value.key == "bus.busy"  # no door is known
    door = Door(owner, area_of(folder), folder)
    url = door.start()
    with pytest.raises(FileTaken) as taken:
        connect(f"sqlite:{folder / 'duty.db'}", None)
    assert taken.value.fields["url"] == url
    door.stop()
    owner.close()


def test_a_file_that_is_held_without_a_door_names_its_holder(folder: Path) -> None:
    """Not a run.json that is missing: the process, and what to do about it."""
    program = "import sys; from pathlib import Path; from events.sqlite import SqliteBus\n"
    program += "SqliteBus(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program, str(folder / "duty.db")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
    ) as holder:  # fmt: skip
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(FileHeld) as held:
            connect(None, folder)
        assert held.value.fields["pid"] == holder.pid
        holder.kill()


def test_a_system_that_does_not_tell_of_locks_names_nobody(folder: Path) -> None:
    """Elsewhere than on Linux there is no such list."""
    (folder / "duty.db").touch()
    assert owner_of(folder / "duty.db", folder / "nothing") is None


def test_a_worker_never_takes_a_door(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would wait for itself."""
    leave(folder, os.getpid(), "http://127.0.0.1:9")
    assert address_of(None, folder, "worker") == f"sqlite:{folder / 'duty.db'}"
    monkeypatch.setenv("QINWU_URL", "http://127.0.0.1:9")
    with pytest.raises(BadInput):
        connect(None, folder, role="worker")


@pytest.mark.parametrize(
    "target", ["x", "ftp://h:1", "kafka:", "kafka://", "sqlite:", "https://h:1", "kafka://h:x"]
)
def test_what_is_no_address_is_refused(target: str, folder: Path) -> None:
    """With the three kinds that there are."""
    with pytest.raises(BadInput) as refused:
        connect(target, folder)
    assert refused.value.key == "door.no_address"


def test_nothing_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No folder, no option, no variable; or a folder that is not there."""
    monkeypatch.delenv("QINWU_URL", raising=False)
    with pytest.raises(BadInput) as refused:
        connect(None, None)
    assert refused.value.key == "door.nowhere"
    with pytest.raises(NotFound):
        connect(None, tmp_path / "nothing")
    with pytest.raises(NotFound):
        area_of(tmp_path / "nothing")


def test_nobody_answers(folder: Path) -> None:
    """Broker and door absent."""
    with pytest.raises(BrokerAbsent):
        connect(f"kafka://{NOBODY}", folder)
    with pytest.raises(DoorAbsent):
        connect(f"http://{NOBODY}", folder)


def test_missing_topics_are_said_at_once(kafka: str, folder: Path) -> None:
    """With the command that makes them, not at the first event."""
    settings = folder / "settings.yaml"
    area = f"c{os.getpid()}"
    settings.write_text(settings.read_text().replace(f"brigade: {area_of(folder)}",
                                                     f"brigade: {area}"))  # fmt: skip
    with pytest.raises(NoStream):
        connect(f"kafka://{kafka}", folder)
    create_topics(kafka, area_of(folder))
    bus = connect(f"kafka://{NOBODY},{kafka}", folder)
    assert isinstance(bus, KafkaBus)
    bus.close()


def test_connecting_to_a_file_loads_no_other_client() -> None:
    """`qinwu` starts fast."""
    code = "import sys, events.connect; sys.exit(bool({'kafka', 'httpx'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0  # noqa: S603
