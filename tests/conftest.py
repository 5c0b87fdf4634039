"""Fixtures that several tests share: a real Kafka broker, and what to do when there is none."""

import fcntl
import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from compiled_first import compile_first
from order import put_in_order

if TYPE_CHECKING:
    from brigades import Brigade

    from dispatch.ground import Ground

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `qinwu` does, before numpy is loaded
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "deploy" / "kafka"))

from broker import Broker, NoBroker, fetch_jars  # noqa: E402 - found on the path just set

SHARED = ROOT.parent / "shared" / "data"


def absent(what: str) -> NoReturn:
    """Skip because something is not there; under CI that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"needed under CI: {what}")
    pytest.skip(what)


@pytest.fixture(scope="session")
def kafka_jars() -> Path:
    """Kafka's jars, fetched once for all test processes and later runs."""
    try:
        return fetch_jars()
    except NoBroker as trouble:
        absent(f"no Kafka broker here: {trouble}")


@pytest.fixture(scope="session")
def kcat() -> str:
    """A Kafka client in another language."""
    return shutil.which("kcat") or absent("kcat is not installed; try: apt-get install kcat")


@pytest.fixture(scope="session")
def chromium() -> str:
    """A real browser for pages."""
    return shutil.which("chromium") or absent("no browser here; try: apt-get install chromium")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all test processes of a run."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def formatted(kafka_jars: Path, shared_folder: Path) -> Path:
    """A formatted data folder for all test processes: one JVM less for each broker."""
    kept = shared_folder / "formatted" / "data"
    with (shared_folder / "formatted.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            Broker(shared_folder / "formatting", kafka_jars, formatted=kept).prepare()
    return kept


@pytest.fixture(scope="session")
def kafka(
    kafka_jars: Path, formatted: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a real broker, one a test process, shared by its tests."""
    broker = Broker(tmp_path_factory.mktemp("kafka"), kafka_jars, formatted=formatted)
    try:
        yield broker.start()
    finally:
        broker.kill()


@pytest.fixture
def private_kafka(kafka_jars: Path, formatted: Path, tmp_path: Path) -> Iterator[Broker]:
    """A running broker of the test's own, to be killed and started again."""
    broker = Broker(tmp_path / "kafka", kafka_jars, formatted=formatted)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


@pytest.fixture(scope="session")
def small_ground(tmp_path_factory: pytest.TempPathFactory) -> "Ground":
    """The small district as the dispatch engine stands on it; nobody changes it."""
    from districts import small_district  # noqa: PLC0415 - only who asks pays for it

    from config.district import load  # noqa: PLC0415
    from dispatch.ground import Ground  # noqa: PLC0415

    return Ground(load(small_district(tmp_path_factory.mktemp("small"))))


@pytest.fixture
def brigade(small_ground: "Ground") -> "Brigade":
    """An engine's core in the small district, with nobody on duty."""
    from brigades import Brigade  # noqa: PLC0415 - as above

    return Brigade(small_ground)


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Path of a file of the shared real data; the test is skipped where there is none."""

    def path(name: str) -> Path:
        found = SHARED / name
        if not found.exists():
            pytest.skip(f"shared data absent: {name}")
        return found

    return path


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """What is done once before the test processes begin, where there are several."""
    if session.config.getoption("numprocesses", None):
        compile_first(session.config, ROOT)
    if hasattr(session.config, "workerinput"):
        gc.disable()  # until all is collected: nothing of it is rubbish


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """For several processes alone, which keep groups together."""
    if hasattr(config, "workerinput") and config.getoption("loadgroup"):
        put_in_order(items)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Whatever is loaded by now stays: to look for rubbish in it again and again costs a tenth."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class Failures:
    """Names each failure at once: a run that is broken off has said what it found."""

    def __init__(self, said: Callable[[str], None]) -> None:
        """Take who prints."""
        self.said = said

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One line; on workers the report goes to the controller, which prints it."""
        if report.failed:
            self.said(f"FAILED {report.nodeid} ({report.when})")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Print on the controller alone, or where there are no workers; after pytest has a printer."""
    if not hasattr(config, "workerinput"):
        terminal = config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            config.pluginmanager.register(Failures(lambda text: terminal.write_line(f"\n{text}")))
