"""The doctor on the present: what a simulated district waits for, and the roster of the week."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from config.calendar import Calendar
from config.errors import QinwuError
from config.ids import AreaId
from config.settings import Settings
from config.yaml_reading import read_yaml
from events import ports
from events.clock import Clock
from events.connect import address_of, connect, embedded_file
from events.days import first_day, week_of_file
from events.doctor_found import Found
from events.journals import walk
from events.plan_decisions import BY_HAND, Drafted, PublicationRefused, Published
from events.ports import Streams
from events.telling import clock_of


def week_findings(folder: Path, area: AreaId, target: str | None) -> Iterator[Found]:
    """Whether the clock goes and somebody is rostered now; nothing where there is no bus.

    Trouble with the bus itself is `doctor_bus`'s to tell.
    """
    settings = read_yaml(folder / "settings.yaml", Settings).sound()
    clock, weeks = Clock(), frozenset[str]()
    refused: Mapping[str, int] = {}
    try:
        address = address_of(target, folder)
        store = embedded_file(address)
        if store is None or store.exists():  # no look makes a store
            with closing(connect(address, folder)) as bus:
                clock = clock_of(bus, folder, area)
                weeks, refused = planned(bus, area)
    except QinwuError:
        return
    week = Calendar.of_zone(settings.time_zone).week_of(clock.now_ms())
    waits = settings.simulation and clock.setting is None
    if waits:
        if day := first_day(folder):
            week = week_of_file(day) or week
            yield Found.doubt("simulation", folder=folder, day=day)
        else:
            yield Found.doubt("simulation_no_day", folder=folder)
    if week in weeks:
        yield Found.right("roster", week=week)
    elif (folder / "roster" / week / "roster.csv").is_file():
        if waits:
            yield Found.right("roster_waits", week=week, folder=folder)
        else:
            yield Found.right("roster_kept", week=week, folder=folder)
    elif any((folder / "history").glob("*.csv*")):
        yield Found.doubt("roster", week=week, folder=folder)
    else:
        yield Found.doubt("roster_no_history", week=week, folder=folder)
    if refused:
        count, last = sum(refused.values()), max(refused)
        yield Found.doubt("own_refused", count=count, week=last, folder=folder)


def planned(bus: Streams, area: AreaId) -> tuple[frozenset[str], Mapping[str, int]]:
    """The weeks of which a roster is published; of how many the planner's own was refused."""
    weeks, made, refused = set[str](), dict[tuple[str, int], str](), Counter[str]()
    frames = (one.frame for one in walk(bus, area, ports.plan(area)) if one.frame is not None)
    for frame in frames:
        for one in frame.decisions:
            match one:
                case Drafted(week=week, version=version, cause=cause):
                    made[week, version] = cause
                case Published(week=week):
                    weeks.add(week)
                case PublicationRefused(week=week, version=version):
                    refused[week] += made.get((week, version), BY_HAND) != BY_HAND
    return frozenset(weeks), +refused
