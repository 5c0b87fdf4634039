"""A signal that comes while the main thread is on its way into a wait is heard all the same."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from districts import small_district

from config.heard import until
from dispatch.run import Worker
from dispatch.supervisor import Options
from events import supervise as supervising
from events.connect import FILE, connect
from events.supervise import LOST, supervise

SOON_S = 8.0
"""A signal is heard long before; one that is not ends nothing until `LATE_S`."""
LATE_S = 20.0


def unfelt(number: signal.Signals, when: Callable[[], bool]) -> None:
    """Have a signal come to a thread beside: no wait of the main thread feels it."""

    def come() -> None:
        until(when, LATE_S)
        time.sleep(0.5)  # until the main thread waits
        signal.pthread_kill(threading.get_ident(), number)

    threading.Thread(target=come, daemon=True).start()


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    """Set by SIGTERM; at `LATE_S` also by itself."""
    event = threading.Event()
    late = threading.Timer(LATE_S, event.set)
    before = signal.signal(signal.SIGTERM, lambda *_: event.set())
    late.start()
    yield event
    late.cancel()
    signal.signal(signal.SIGTERM, before)


def test_what_never_comes_is_waited_for_so_long() -> None:
    """And what is there, or comes, is told."""
    assert not until(lambda: False, 0.05)
    assert until(lambda: True, 0)
    assert until(iter([False, True]).__next__)


def test_a_worker_without_an_engine_hears_it(tmp_path: Path, stop: threading.Event) -> None:
    """Its main thread has nothing to do but wait."""
    folder, began_s = small_district(tmp_path / "d"), time.monotonic()
    unfelt(signal.SIGTERM, (folder / FILE).exists)
    with ExitStack() as stack:
        Worker(Options(folder, engine=False), stop, stack).run()
    assert time.monotonic() - began_s < SOON_S


def test_no_handler_waits_for_the_main_thread(tmp_path: Path) -> None:
    """`Event.wait` holds for a moment the lock that `set` wants: the main thread never waits so."""

    class Looked(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            assert threading.current_thread() is not threading.main_thread()
            return super().wait(timeout)

    folder, stop = small_district(tmp_path / "d"), Looked()
    before = connect(None, folder, role="worker")  # the file is waited for, then the end
    threading.Timer(0.5, before.close).start()
    threading.Timer(1.0, stop.set).start()
    with ExitStack() as stack:
        Worker(Options(folder, engine=False), stop, stack).run()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_supervisor_hears_it_while_its_worker_runs(
    number: signal.Signals, tmp_path: Path
) -> None:
    """And ends the worker."""
    runs, began_s = tmp_path / "runs", time.monotonic()
    script = (
        f"open({str(runs)!r}, 'w').close(); import select; select.select([0], [], [], {LATE_S})"
    )
    unfelt(number, runs.exists)
    code = supervise([sys.executable, "-c", script], lambda *_: pytest.fail("it was lost"))
    assert code == (130 if number == signal.SIGINT else 0)
    assert time.monotonic() - began_s < SOON_S


def test_a_supervisor_hears_it_while_it_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two workers."""
    lost, began_s = list[int](), time.monotonic()
    unfelt(signal.SIGTERM, lambda: bool(lost))
    script = f"raise SystemExit({LOST})"
    monkeypatch.setattr(supervising, "LONGEST_PAUSE_S", LATE_S)
    code = supervise(
        [sys.executable, "-c", script], lambda code, _: lost.append(code), pause_s=LATE_S
    )
    assert (code, lost) == (0, [LOST])
    assert time.monotonic() - began_s < SOON_S
