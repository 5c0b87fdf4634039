"""What can go wrong with a bus. `config.words` renders each; after a `BusLost` the bus is useless.

Crash-only: the worker exits, is started again by its supervisor, and refolds.
"""

import errno
from typing import ClassVar

from config.errors import QinwuError
from config.words import words


class BusLost(QinwuError):
    """The bus failed in a way that leaves the outcome unknown: exit, refold."""

    text: ClassVar[str] = "bus.lost"

    def __init__(self, cause: str = "", **fields: object) -> None:
        super().__init__(self.text, cause=cause, **fields)


class BusBusy(BusLost):
    """Another process owns the file of the bus; speak to its door instead. Field: path."""

    text = "bus.busy"


class NoStream(BusLost):
    """The bus has no such stream; on Kafka `qinwu topics create` makes them. Field: name."""

    text = "bus.no_stream"


class BrokerAbsent(BusLost):
    """Nobody listens at any of the addresses. Field: address."""

    text = "door.broker_absent"


class DoorAbsent(BusLost):
    """No door answers at the address. Field: url."""

    text = "door.absent"


class StreamGap(BusLost):
    """A reader's position is not in the stream: erased by retention, lost, or recreated.

    Fields: name, after (where the reader stood), first, end (what the stream holds).
    """

    text = "bus.gap"


class DataLost(BusLost):
    """A frame landed before the place expected: acknowledged frames are gone. Alarm a person.

    Fields: name, stored, expected (positions).
    """

    text = "bus.data_lost"


class RecordDamaged(DataLost):
    """What is stored is none of what was ever written. Fields: name, position."""

    text = "bus.record_damaged"


class JournalBroken(BusLost):
    """The journal cannot be what this reader has folded: refuse to go on, alarm a person."""

    text = "bus.broken"


class JournalDamaged(JournalBroken):
    """A frame is missing or unreadable. Fields: area, seq of the frame, position it shows at."""

    text = "bus.damaged"


class JournalBehind(JournalBroken):
    """What frames made known is out, and the journal ends before them. Fields: area, seq, told."""

    text = "bus.behind"


class PlanBehind(JournalBehind):
    """As above: what is out is a roster. Fields: name, seq, told."""

    text = "bus.plan_behind"


class TooLarge(QinwuError):
    """A record above the limit of its stream; nothing of the call was stored."""

    exit_code = 2

    def __init__(self, name: str, size: int, most: int) -> None:
        super().__init__("bus.too_large", name=name, size=size, most=most)


def cause_of(error: BaseException) -> str:
    """What failed, told once however often it was handed on; for a full disk also what helps."""
    if isinstance(error, BusLost):
        return str(error.fields.get("cause") or error)
    is_full = (
        getattr(error, "sqlite_errorname", "") == "SQLITE_FULL"
        or getattr(error, "errno", None) == errno.ENOSPC
    )
    return words()("bus.disk_full", cause=error) if is_full else str(error)
