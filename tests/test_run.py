"""`qinwu run` in processes of its own: it ends well, is killed, loses its broker, goes on."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from broker import Broker
from conftest import ROOT
from districts import small_district
from runs import Run, now_text, run, this_week, wait_for

from config.ids import AreaId
from events.kafka_topics import create_topics
from events.owners import alive, running
from events.schema import event
from events.sqlite import SqliteBus

AREA = AreaId("hz")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A district nobody runs."""
    return this_week(tmp_path / "d")


def incident(name: str, **more: object) -> bytes:
    """A report of this moment."""
    told = {"kind": "crash", "severity": "damage", "junction": "n11", "incident": name} | more
    return event("incident_reported", told, source="test", id=name, time=now_text())


def reported(one: Run, name: str) -> bool:
    """Whether the engine knows the incident."""
    return name in [known["incident"] for known in one.state().get("incidents", [])]


def test_an_event_to_the_door_is_decided_on_and_logged(folder: Path) -> None:
    """While `run` owns the file; Ctrl-C ends it with 130 and the file is free again."""
    with run(folder, "--no-planner") as one:
        one.ready()
        one.send(incident("I1"))
        wait_for(lambda: reported(one, "I1"))
        told = one.state()
        assert one.end(signal.SIGINT) == 130
    assert told["incidents"][0]["queued"] == {"0": told["incidents"][0]["queued"]["0"]}
    assert told["area"] == "hz"
    [log] = (folder / "log").glob("*.log")
    lines = log.read_text(encoding="utf-8").splitlines()
    assert "SYSTEM" in lines[0]
    assert "date=" in lines[0]
    assert any("QUEUED" in line and "I1" in line for line in lines)
    said = one.out.read_text(encoding="utf-8").splitlines()
    assert said[0].startswith("starting ")  # before the engine is loaded
    assert said[1].startswith("http://127.0.0.1:")
    assert running(folder) is None
    SqliteBus(folder / "duty.db").close()


def test_the_door_opens_at_the_port_that_is_asked_for(folder: Path) -> None:
    """For clients that cannot look it up; a port that is taken is said."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with run(folder, "--no-planner", "--port", str(port)) as one:
        one.ready()
        found = running(folder)
        assert found is not None
        assert found.url == f"http://127.0.0.1:{port}"


def test_a_folder_that_is_no_district_is_not_run(tmp_path: Path) -> None:
    """It is said, once, and not that it starts."""
    told = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, str(ROOT / "qinwu.py"), "run", str(tmp_path / "nowhere")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert told.returncode == 1
    assert told.stderr == f"{tmp_path / 'nowhere'} is not a folder\n"


def test_a_log_that_cannot_be_written_does_not_end_dispatch(folder: Path) -> None:
    """The lines are written later."""
    (folder / "log").write_text("not a folder", encoding="utf-8")
    with run(folder, "--no-planner") as one:
        one.ready()
        one.send(incident("I1"))
        wait_for(lambda: reported(one, "I1"))
        (folder / "log").unlink()
        wait_for(lambda: (folder / "log").is_dir() and any((folder / "log").iterdir()))
    assert one.out.read_text(encoding="utf-8").count("the log cannot be written") == 1


def test_sigterm_ends_it_well(folder: Path) -> None:
    """A service manager's way."""
    with run(folder) as one:
        one.ready()
        assert one.end(signal.SIGTERM) == 0


def test_the_supervisor_is_killed_and_the_next_run_goes_on(folder: Path) -> None:
    """The worker sees its pipe close and lets go of the file."""
    with run(folder, "--no-planner") as one:
        worker = one.ready()
        one.send(incident("I1"))
        wait_for(lambda: reported(one, "I1"))
        one.process.kill()
        wait_for(lambda: not alive(worker))
    with run(folder, "--no-planner") as two:
        two.ready()
        wait_for(lambda: reported(two, "I1"))
        two.send(incident("I2"))
        wait_for(lambda: reported(two, "I2"))


def test_a_killed_worker_is_started_again(folder: Path) -> None:
    """And folds to the same."""
    with run(folder, "--no-planner") as one:
        worker = one.ready()
        one.send(incident("I1"))
        wait_for(lambda: reported(one, "I1"))
        os.kill(worker, signal.SIGKILL)
        other = wait_for(lambda: one.worker() if one.worker() != worker else None)
        assert other != worker
        wait_for(lambda: reported(one, "I1"))
    assert "the worker ended (SIGKILL)" in one.out.read_text(encoding="utf-8")


def test_a_second_run_is_told_whose_the_file_is(folder: Path) -> None:
    """It does not wait for ever, and does no harm."""
    with run(folder, "--no-planner") as one:
        one.ready()
        with run(folder, "--no-planner") as two:
            assert two.process.wait(60) == 1
        assert one.state()
    assert "belongs to `qinwu run`, process" in one.out.read_text(encoding="utf-8")


def test_a_district_with_faults_is_not_run(tmp_path: Path) -> None:
    """Its findings are told, exit 2."""
    folder = small_district(tmp_path / "d")
    (folder / "nodes.csv").write_text("node\n", encoding="utf-8")
    told = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, str(ROOT / "qinwu.py"), "run", str(folder)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert told.returncode == 2
    assert "nodes.csv" in told.stderr


def test_nothing_to_run_is_refused(folder: Path) -> None:
    """Neither engine nor planner."""
    with run(folder, "--no-planner", "--no-engine") as one:
        assert one.process.wait(60) == 2


def test_on_kafka_engine_and_planner_are_processes_of_their_own(folder: Path, kafka: str) -> None:
    """Each for itself over one broker; the planner answers through `P.plan`."""
    area = f"hz{os.getpid()}"
    settings = folder / "settings.yaml"
    text = settings.read_text(encoding="utf-8").replace("brigade: hz", f"brigade: {area}")
    settings.write_text(text, encoding="utf-8")
    create_topics(kafka, AreaId(area))
    bus = f"kafka://{kafka}"
    with run(folder, "--no-planner", bus=bus) as engine, run(folder, "--no-engine", bus=bus):
        engine.ready()
        engine.send(incident("I1"))
        wait_for(lambda: reported(engine, "I1"))
        assert engine.end() == 130


def test_a_broker_that_dies_is_said_and_found_again(
    folder: Path, private_kafka: Broker
) -> None:  # fmt: skip
    """A clear message; dispatch resumes by itself."""
    create_topics(private_kafka.address, AREA)
    bus = f"kafka://{private_kafka.address}"
    with run(folder, "--no-planner", bus=bus) as one:
        one.ready()
        one.send(incident("I1"))
        wait_for(lambda: reported(one, "I1"))
        private_kafka.kill()
        wait_for(lambda: "starts again" in one.out.read_text(encoding="utf-8"))
        private_kafka.start()
        one.send(incident("I2"))
        wait_for(lambda: reported(one, "I2") and reported(one, "I1"), 120)


def test_an_absent_broker_is_waited_for(folder: Path) -> None:
    """The message names the address."""
    with run(folder, "--no-planner", bus="kafka://127.0.0.1:9") as one:
        wait_for(lambda: one.out.read_text(encoding="utf-8").count("starts again") >= 2)
        assert one.end() == 130
    assert "127.0.0.1:9" in one.out.read_text(encoding="utf-8")
