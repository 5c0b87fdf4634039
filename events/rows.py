"""Whole streams, from the earliest record that is kept to the end as it is now."""

from collections.abc import Iterator

from events import ports
from events.ports import Stored, Streams


def rows(bus: Streams, name: str, after: int | None = None) -> Iterator[Stored]:
    """All records of a stream, partition by partition; behind `after` where it is given.

    What comes in while a partition is read is left out: a reader who is slower than the senders
    would never reach the end.
    """
    starts = [ports.before(n) for n in range(bus.partitions(name))] if after is None else [after]
    for place in starts:
        newest = bus.last(name, ports.split(place)[0])
        at, end = place, place if newest is None else newest.position
        while at < end and (batch := bus.read(name, at)):
            yield from (one for one in batch if one.position <= end)
            at = batch[-1].position


def read_all(bus: Streams, name: str, cursors: dict[int, int], limit: int = 500) -> list[Stored]:
    """What is new in all partitions, without waiting; moves `cursors` (partition → position).

    An empty `cursors` begins each partition at its earliest record.
    """
    found: list[Stored] = []
    for partition in range(bus.partitions(name)):
        batch = bus.read(name, cursors.get(partition, ports.before(partition)), limit)
        if batch:
            cursors[partition] = batch[-1].position
        found += batch
    return found
