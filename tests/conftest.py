"""Fixtures that several tests share: a real Kafka broker, and what to do when there is none."""

import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "deploy" / "kafka"))

from broker import HOME, Broker, NoBroker, fetch_jars  # noqa: E402 - found on the path just set

SHARED = ROOT.parent / "shared" / "data"


def absent(what: str) -> None:
    """Skip because something is not there; under CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"needed under CI: {what}")
    pytest.skip(what)


@pytest.fixture(scope="session")
def kafka_jars() -> Path:
    """Kafka's jars, fetched once whichever worker comes first."""
    HOME.mkdir(exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return fetch_jars()
        except NoBroker as trouble:
            absent(f"no Kafka broker here: {trouble}")
            raise


@pytest.fixture(scope="session")
def kafka(kafka_jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real broker, one a test process, shared by its tests."""
    broker = Broker(tmp_path_factory.mktemp("kafka"), kafka_jars)
    try:
        yield broker.start()
    finally:
        broker.kill()


@pytest.fixture
def private_kafka(kafka_jars: Path, tmp_path: Path) -> Iterator[Broker]:
    """A running broker of the test's own, to be killed and started again."""
    broker = Broker(tmp_path / "kafka", kafka_jars)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Path of a file of the shared real data; the test is skipped where there is none."""

    def path(name: str) -> Path:
        found = SHARED / name
        if not found.exists():
            pytest.skip(f"shared data absent: {name}")
        return found

    return path
