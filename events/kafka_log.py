"""Keep the Kafka client's log readable: a refused port makes it write 2,900 lines a second."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from config.telling import tell_line
from config.words import words
from events.owners import HIDDEN

MOST_BYTES = 256 * 1024
"""Of the file; what was there before is kept in one more."""
QUIET_S = 60.0
"""So long nothing more is said of trouble that was told."""
_APART_S = 10.0
_LOGGER = "kafka"
_TO = logging.getLogger("qinwu.kafka")
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
    logger.addHandler(Sparse(_TO))
    logger.setLevel(logging.WARNING)
    logger.propagate = False


class Kept(logging.Handler):
    """Write each line into a file, and say of trouble in our own words where it stands."""

    def __init__(self, file: Path, address: str) -> None:
        """Write to `file`, which is made when there is something to write."""
        super().__init__(logging.WARNING)
        self.place = file, address
        self._told_s = -QUIET_S

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line; where it cannot be written the bus goes on without."""
        file, address = self.place
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        with suppress(OSError):
            file.parent.mkdir(exist_ok=True)
            if file.exists() and file.stat().st_size > MOST_BYTES:
                file.replace(file.with_suffix(".old"))
            with file.open("a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(f"{at} {record.levelname} {record.getMessage()}\n")
        if record.levelno >= logging.ERROR and time.monotonic() - self._told_s >= QUIET_S:
            self._told_s = time.monotonic()
            told = words()("bus.broker_awaited", address=address, file=file)
            tell_line(told)


def keep(folder: Path, address: str) -> Path:
    """Keep what the client logs in a district's folder, not on the screen; the file."""
    kept = Kept(folder / HIDDEN / "kafka.log", address)
    if not any(isinstance(one, Kept) and one.place == kept.place for one in _TO.handlers):
        let_go()
        _TO.addHandler(kept)  # whoever connects again has been told already
    return kept.place[0]


def let_go() -> None:
    """End what `keep` began."""
    _TO.handlers = [one for one in _TO.handlers if not isinstance(one, Kept)]
