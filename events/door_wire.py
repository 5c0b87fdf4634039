"""The door's wire: who begins a request and does not end it, and what the server says of all that.

The server has no time limit for the head of a request, and prints a bare line for each caller
who speaks something else; anybody on the machine could hold it or fill the console so.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""A request whose head is not there by then is not waited for, as with a body."""
MOST_VISITORS = 256
"""At once: each costs the process an open file."""
QUIET_S = 60.0
NAMES = ("uvicorn.error", "asyncio")


class Impatient(H11Protocol):
    """The server's own, but it hangs up on who does not say what they want."""

    _overdue: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        if self._overdue is not None:
            self._overdue.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self._await_head()
        super().on_response_complete()

    def _await_head(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
        self._overdue = self.loop.call_later(HEAD_S, self._hang_up)

    def _hang_up(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


class Sparing(logging.Handler):
    """Tells what the server logs, the same at most once in `QUIET_S`."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Tell it by `tell`."""
        super().__init__(logging.WARNING)
        self._tell = tell
        self._told_s: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Tell, or be quiet."""
        now_s, text = time.monotonic(), str(record.msg)
        if now_s - self._told_s.get(text, -QUIET_S) < QUIET_S:
            return
        self._told_s[text] = now_s
        fault = record.exc_info[1] if record.exc_info else None
        self._tell(record.getMessage().strip() + (f" {fault!r}" if fault else ""))


def told_sparingly(tell: Callable[[str], None]) -> None:
    """Have what the server logs told by `tell`, in place of bare lines on stderr."""
    for name in NAMES:
        logger = logging.getLogger(name)
        logger.handlers = [one for one in logger.handlers if not isinstance(one, Sparing)]
        logger.addHandler(Sparing(tell))
        logger.propagate = False
