"""The threads of the door that use the bus, and the connection that they use."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from events.door_body import Refusal
from events.ports import Bus, BusLost

T = TypeVar("T")
Gone = Callable[[], Awaitable[bool]]
"""Whether the visitor has hung up."""
_STEP_MS = 500
"""Who waits looks up this often whether the door is closing or the visitor gone, and lets others
have the thread: so many readers that wait long slow down each other, and block nobody."""


class Counter:
    """The bus as the door uses it, and the threads that wait on it."""

    def __init__(self, bus: Bus) -> None:
        """Serve `bus`."""
        self._given, self._turn = bus, threading.Lock()
        # Opened with the first visitor: what a visitor's error voids is not the worker's.
        self._bus: Bus | None = None
        self.closing = threading.Event()
        self._quick = ThreadPoolExecutor(16, "door")
        self._reading = ThreadPoolExecutor(64, "door-reading")
        # Who has sent something waits for the engine, not behind those who only look on.
        self._sending = ThreadPoolExecutor(64, "door-sending")

    async def ask(self, work: Callable[[Bus], T]) -> T:
        """Run `work`, which does not wait for news, on the bus in a thread."""
        return await self._asked(self._quick, work)

    async def read(self, gone: Gone, wait_s: float, look: Callable[[Bus, int], T]) -> T:
        """Call `look` with milliseconds to wait until it finds something.

        It ends as well when time is up, when the visitor is gone, and when the door closes.
        """
        return await self._wait(self._reading if wait_s else self._quick, gone, wait_s, look)

    async def reply(self, gone: Gone, wait_s: float, look: Callable[[Bus, int], T]) -> T:
        """As `read`, for somebody who waits for the engine's word on what they sent."""
        return await self._wait(self._sending, gone, wait_s, look)

    async def _wait(
        self, pool: ThreadPoolExecutor, gone: Gone, wait_s: float, look: Callable[[Bus, int], T]
    ) -> T:
        end_s = time.monotonic() + wait_s
        while True:
            left_ms = max(0, round(1000 * (end_s - time.monotonic())))
            found = await self._asked(pool, _once(look, min(left_ms, _STEP_MS)))
            if found or left_ms <= _STEP_MS or self.closing.is_set() or await gone():
                return found

    async def _asked(self, pool: ThreadPoolExecutor, work: Callable[[Bus], T]) -> T:
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
        for pool in (self._quick, self._reading, self._sending):
            pool.shutdown(wait=False, cancel_futures=True)
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


def _once(look: Callable[[Bus, int], T], wait_ms: int) -> Callable[[Bus], T]:
    return lambda bus: look(bus, wait_ms)
