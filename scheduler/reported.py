"""What a district's own journals say was reported, for commands that only look: plan, check, why.

So they judge the same district as the planner does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from config.district import District, load
from config.errors import QinwuError
from config.ids import AreaId
from config.words import words
from events.connect import address_of, embedded_file
from events.in_turn import open_in_turn
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
        return read(bus, district, violations=violations)


def reports_of(district: District, lang: str, *, violations: bool = True) -> Recorded:
    """What a district's journals say was reported; nothing, said on stderr, if they cannot be read.

    A plan made by hand must not fail because the bus is down: that is when it is needed.
    """
    try:
        return reported(district, violations=violations)
    except QinwuError as trouble:
        say = words(lang)
        typer.echo(say("planner.unread", because=say(trouble.key, **trouble.fields)), err=True)
        return Recorded()


def told_district(folder: Path, lang: str) -> District:
    """A district with what was reported of absences and withdrawn vehicles."""
    district = load(folder)
    return reports_of(district, lang, violations=False).onto(district)


@contextmanager
def looking(district: District) -> Iterator[Streams | None]:
    """The bus that the folder's commands take, to look at; None: there is none, nor is one made.

    Raises:
        BusLost: There is a bus, but it cannot be read.
        BadInput: Its address is none.
    """
    file = embedded_file(address_of(None, district.folder))
    if file is not None and not file.exists():
        yield None
        return
    bus = open_in_turn(None, district.folder)
    try:
        yield bus
    finally:
        bus.close()


def read(bus: Streams, district: District, *, violations: bool) -> Recorded:
    """What a district's journals say on an open bus."""
    area = AreaId(district.settings.brigade)
    recorded = PlanReader(bus, area).ledger.recorded
    if not violations:
        return recorded
    return Happened(bus, area, district.settings.visits).joined(recorded)
