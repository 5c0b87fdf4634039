"""What a district's own journals say was reported, for commands that only look: plan, check, why.

So they judge the same district as the planner does.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from config.district import District
from config.ids import AreaId
from events.connect import FILE, address_of, connect
from events.ports import Streams
from scheduler.happened import Happened
from scheduler.plan_log import PlanReader
from scheduler.recorded import Recorded


def reported(district: District, *, violations: bool) -> Recorded:
    """Absences, withdrawn vehicles and violations, from the bus that the folder's commands take.

    Args:
        district: Whose. A folder without a bus has no reports: looking makes no file.
        violations: Whether to read the engine's journal for them; it may be long.

    Raises:
        BusLost: There is a bus, but it cannot be read.
        BadInput: Its address is none.
    """
    with looking(district) as bus:
        if bus is None:
            return Recorded()
        return read(bus, AreaId(district.settings.brigade), violations=violations)


@contextmanager
def looking(district: District) -> Iterator[Streams | None]:
    """The bus that the folder's commands take, to look at; None: there is none, nor is one made.

    Raises:
        BusLost: There is a bus, but it cannot be read.
        BadInput: Its address is none.
    """
    own = district.folder / FILE
    if address_of(None, district.folder) == f"sqlite:{own}" and not own.exists():
        yield None
        return
    bus = connect(None, district.folder)
    try:
        yield bus
    finally:
        bus.close()


def read(bus: Streams, area: AreaId, *, violations: bool) -> Recorded:
    """What an area's journals say on an open bus."""
    recorded = PlanReader(bus, area).ledger.recorded
    if not violations:
        return recorded
    return Happened(bus, area).joined(recorded)
