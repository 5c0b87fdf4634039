"""Whole streams, from the earliest record that is kept to the end as it is now."""

from collections.abc import Iterator

from events import ports
from events.ports import Stored, Streams


def rows(bus: Streams, name: str, after: int | None = None) -> Iterator[Stored]:
    """All records of a stream, partition by partition; behind `after` where it is given."""
    starts = [ports.before(n) for n in range(bus.partitions(name))] if after is None else [after]
    for place in starts:
        at = place
        while batch := bus.read(name, at):
            yield from batch
            at = batch[-1].position
