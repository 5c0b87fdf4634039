"""Records parsed by a second thread, a batch at a time, while the first waits for the disk.

Two plain queues and no pool of threads: a pool's futures and locks let the threads take turns
several times a batch, and each turn costs as much as some events.
"""

import weakref
from queue import SimpleQueue
from threading import Thread

from events.ports import Stored
from events.schema import Envelope, Refused, parsed

Told = list[Envelope | Refused]


class ParsedAhead:
    """One batch under way at most. Its thread begins with the first and ends with the object."""

    def __init__(self) -> None:
        """Begin nothing yet."""
        self._given = SimpleQueue[list[Stored] | None]()
        self._told = SimpleQueue[Told | BaseException]()
        self._found: list[Stored] | None = None
        self._thread: Thread | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether a batch was begun that nobody has asked for yet."""
        return self._found is not None

    def begin(self, found: list[Stored]) -> None:
        """Parse these meanwhile."""
        if self._thread is None:
            work = Thread(target=_parse, args=(self._given, self._told), daemon=True)
            work.start()
            weakref.finalize(self, self._given.put, None)
            self._thread = work
        self._found = found
        self._given.put(found)

    def taken(self) -> tuple[list[Stored], Told]:
        """The batch and what it says; waits until it is parsed."""
        assert self._found is not None  # noqa: S101 - asked only when one is under way
        found, self._found = self._found, None
        told = self._told.get()
        if isinstance(told, BaseException):
            raise told
        return found, told


def _parse(
    given: SimpleQueue[list[Stored] | None], told: SimpleQueue[Told | BaseException]
) -> None:
    while (found := given.get()) is not None:
        try:
            told.put(parsed(found))
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            told.put(error)
        del found  # may be large, and the next may be long in coming
