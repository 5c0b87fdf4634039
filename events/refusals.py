"""What every adapter refuses in the same way: a reader whose next record is gone, a large value."""

from collections.abc import Iterable

from events.ports import kind_of, split
from events.trouble import StreamGap, TooLarge


def check_reader(name: str, after: int, first: int, end: int) -> None:
    """Refuse a reader whose next record is not there; `first`, `end` are offsets, end exclusive.

    Raises:
        StreamGap: The stream does not lead on from `after`.
    """
    offset = split(after)[1]
    if offset != -1 and not first <= offset + 1 <= end:
        raise StreamGap(name=name, after=after, first=first, end=end)


def check_size(name: str, values: Iterable[bytes]) -> None:
    """Refuse values above the limit of their stream.

    Raises:
        TooLarge: Nothing may be stored.
    """
    most = kind_of(name).largest_bytes
    for value in values:
        if len(value) > most:
            raise TooLarge(name, len(value), most)
