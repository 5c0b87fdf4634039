"""Keep the Kafka client's log readable: a refused port makes it write 2,900 lines a second."""

import logging
import time
from collections.abc import Callable

_APART_S = 10.0
_LOGGER = "kafka"
_NOTHING_TO_DO = "blocking the event loop"
"""The client's word for a machine that was busy for a moment: nobody who reads it can mend it."""


class Sparse(logging.Handler):
    """Hand on one line of each kind in ten seconds, with the number of those left out."""

    def __init__(self, to: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        """Hand on to logger `to`."""
        super().__init__(logging.WARNING)
        self._to, self._clock = to, clock
        self._last_s: dict[tuple[str, int], float] = {}
        self._left_out: dict[tuple[str, int], int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Hand the line on or count it; lines of one place in the client are of one kind."""
        if _NOTHING_TO_DO in record.getMessage():
            return
        kind = (record.pathname, record.lineno)
        now_s = self._clock()
        if now_s - self._last_s.get(kind, -_APART_S) < _APART_S:
            self._left_out[kind] = self._left_out.get(kind, 0) + 1
            return
        self._last_s[kind] = now_s
        text = record.getMessage()
        if count := self._left_out.pop(kind, 0):
            text += f" (and {count} like it)"
        self._to.log(record.levelno, "%s", text)


def quieten() -> None:
    """Rate-limit all `kafka.*` loggers; may be called again."""
    logger = logging.getLogger(_LOGGER)
    if any(isinstance(handler, Sparse) for handler in logger.handlers):
        return
    logger.addHandler(Sparse(logging.getLogger("qinwu.kafka")))
    logger.setLevel(logging.WARNING)
    logger.propagate = False
