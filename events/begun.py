"""Which duties were signed in to before, as far as the streams tell: by device or at the desk.

Whoever signs everybody in leaves them out: such a unit may rest, have left, or have others on
board than the roster says.
"""

import json
from collections.abc import Mapping

from events import ports, schema
from events.duties import is_open
from events.facts import IGNORED
from events.kinds import SignedIn
from events.rostered import Crew
from events.rows import rows
from events.telling import Line


def begun(line: Line, crews: Mapping[str, Crew]) -> list[str]:
    """The units among these whose duty was signed in to; they are on it, or have left it.

    A sign-in that waits for an engine counts, one that the engine did not take does not.
    """
    told: dict[str, str] = {}
    for stored in rows(line.bus, ports.inbox(line.area)):
        if SignedIn.name.encode() not in stored.value:
            continue
        read = schema.parse(stored.value, stored.headers)
        if not isinstance(read, schema.Envelope) or not isinstance(read.data, SignedIn):
            continue
        crew = crews.get(read.data.unit)
        if crew is not None and _is_to(crew, read.data, read.at_ms(stored.stored_ms)):
            told[read.event] = read.data.unit
    for event in _not_taken(line) if told else ():
        told.pop(event, None)
    return [unit for unit in crews if unit in told.values()]


def _is_to(crew: Crew, said: SignedIn, at_ms: int) -> bool:
    """Whether a sign-in of the crew's unit is to its duty."""
    if crew.duty is None:
        return False
    if said.duty is not None:
        return said.duty == crew.duty.row.duty
    return is_open(crew.duty, at_ms)


def _not_taken(line: Line) -> list[str]:
    """The events, "source/id", that the engine refused or that changed nothing."""
    replies = (json.loads(one.value) for one in rows(line.bus, ports.replies(line.area)))
    return [
        one["event"] for one in replies
        if one["outcome"] not in ("accepted", "duplicate")
        or str(one["reason"]).startswith(IGNORED)
    ]  # fmt: skip
