"""The threads of the door that use the bus, and the connection that they use."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from events.door_body import Refusal
from events.ports import Bus, BusLost

T = TypeVar("T")
_STEP_MS = 500  # a reader that waits looks up this often whether the door is closing


class Counter:
    """The bus as the door uses it, and the threads that wait on it."""

    def __init__(self, bus: Bus) -> None:
        """Serve `bus`."""
        self._given, self._turn = bus, threading.Lock()
        # Opened with the first visitor: what a visitor's error voids is not the worker's.
        self._bus: Bus | None = None
        self.closing = threading.Event()
        self._quick = ThreadPoolExecutor(16, "door")
        self._patient = ThreadPoolExecutor(64, "door-wait")

    async def ask(self, work: Callable[[Bus], T], *, patient: bool = False) -> T:
        """Run `work` on the bus in a thread; `patient` where it may wait for news."""
        pool = self._patient if patient else self._quick
        try:
            answer = asyncio.get_running_loop().run_in_executor(pool, self._do, work)
        except RuntimeError as error:  # the pool was shut down: no request came so late
            if not self.closing.is_set():
                raise
            raise Refusal(503, "door.closing") from error
        return await answer

    def close(self) -> None:
        """Let waiting readers go, and the door's own connection."""
        self.closing.set()
        self._quick.shutdown(wait=False, cancel_futures=True)
        self._patient.shutdown(wait=False, cancel_futures=True)
        with self._turn:
            self._let_go()

    def _do(self, work: Callable[[Bus], T]) -> T:
        bus = self._open()
        try:
            return work(bus)
        except BusLost:
            with self._turn:
                if self._bus is bus:
                    self._let_go()
            raise

    def _let_go(self) -> None:
        """Close the door's own connection; the worker's, where they share it, stays."""
        bus, self._bus = self._bus, None
        if bus is not None and bus is not self._given:
            bus.close()

    def _open(self) -> Bus:
        with self._turn:
            if self._bus is None:
                self._bus = self._given.again()
            return self._bus

    def wait(self, wait_s: float, look: Callable[[int], T]) -> T:
        """Call `look` with milliseconds to wait until it finds something or time is up."""
        end_s = time.monotonic() + wait_s
        while True:
            left_ms = round(1000 * (end_s - time.monotonic()))
            found = look(max(0, min(left_ms, _STEP_MS)))
            if found or left_ms <= _STEP_MS or self.closing.is_set():
                return found
