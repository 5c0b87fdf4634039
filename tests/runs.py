"""`qinwu run` as a process of its own, and the clients that speak to it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from conftest import ROOT
from districts import small_district

from config.errors import QinwuError
from events import ports
from events.connect import area_of, connect
from events.owners import running
from events.ports import Bus, Record

T = TypeVar("T")
PATIENCE_S = 60.0


def now_text() -> str:
    """The present, as events want it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def this_week(folder: Path, **settings: Any) -> Path:  # noqa: ANN401 - of settings.yaml
    """The small district in the present week."""
    today = date.today()  # noqa: DTZ011 - any day near now
    return small_district(folder, monday=today - timedelta(days=today.weekday()), **settings)


def wait_for(what: Callable[[], T | None], patience_s: float = PATIENCE_S) -> T:
    """What is asked for, as soon as it is there."""
    end_s = time.monotonic() + patience_s
    while time.monotonic() < end_s:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    msg = "it did not come"
    raise AssertionError(msg)


@dataclass
class Run:
    """A supervisor with its worker."""

    folder: Path
    process: subprocess.Popen[bytes]
    target: str | None = None
    out: Path = field(init=False)

    def worker(self) -> int | None:
        """The worker's process, once its door is open."""
        found = running(self.folder)
        return found.pid if found else None

    def ready(self) -> int:
        """Wait for the worker; what it said where it does not come."""
        try:
            return wait_for(self.worker)
        except AssertionError as missing:
            raise AssertionError(self.out.read_text(encoding="utf-8")) from missing

    def state(self) -> dict[str, Any]:
        """What `GET /state` tells; empty while no door is open."""
        found = running(self.folder)
        if found is None:
            return {}
        try:
            with urllib.request.urlopen(f"{found.url}/state", timeout=5) as answer:  # noqa: S310 - ours
                told: dict[str, Any] = json.load(answer)
                return told
        except OSError:
            return {}

    def send(self, raw: bytes) -> None:
        """Send an event as any client does; again while nobody answers."""

        def sent() -> bool:
            try:
                bus = connect(self.target, self.folder)
            except QinwuError:
                return False
            try:
                return self._post(bus, raw)
            finally:
                bus.close()

        wait_for(sent)

    def _post(self, bus: Bus, raw: bytes) -> bool:
        try:
            bus.send(ports.inbox(area_of(self.folder)), [Record(raw)])
        except QinwuError:
            return False
        return True

    def rows(self, suffix: str) -> list[dict[str, Any]]:
        """What stands in an output stream."""
        try:
            bus = connect(self.target, self.folder)
        except QinwuError:
            return []
        try:
            found: list[dict[str, Any]] = []
            after = -1
            while batch := bus.read(ports.stream(area_of(self.folder), suffix), after):
                after = batch[-1].position
                found += [json.loads(one.value) for one in batch]
        except QinwuError:
            return []
        finally:
            bus.close()
        return found

    def end(self, number: int = signal.SIGINT) -> int:
        """Tell it to end; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def run(
    folder: Path, *options: str, bus: str | None = None, env: dict[str, str] | None = None
) -> Iterator[Run]:
    """Start `qinwu run` and see to it that nothing of it is left."""
    told = [sys.executable, str(ROOT / "qinwu.py"), "run", str(folder), *options]
    told += ["--bus", bus] if bus else []
    kept = {key: value for key, value in os.environ.items() if key != "QINWU_URL"}
    log = folder / ".run.log"
    with log.open("ab") as file:
        process = subprocess.Popen(  # noqa: S603 - our own program
            told, stdout=file, stderr=file, env={**kept, "QINWU_LANG": "en", **(env or {})}
        )
    one = Run(folder, process, bus)
    one.out = log
    try:
        yield one
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
            wait_for(lambda: running(folder) is None)
