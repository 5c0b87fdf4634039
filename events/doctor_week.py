"""The doctor on the present: what a simulated district waits for, and the roster of the week."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from config.calendar import Calendar
from config.controls import visible
from config.errors import QinwuError
from config.ids import AreaId
from config.settings import Settings
from config.yaml_reading import read_yaml
from events import ports
from events.clock import Clock
from events.connect import address_of, connect, embedded_file
from events.days import first_day, week_of_file
from events.doctor_found import Found
from events.failed import Failed, log_of
from events.journals import walk
from events.plan_decisions import (
    BY_HAND,
    Analysed,
    Drafted,
    MonthReported,
    PublicationRefused,
    Published,
    Skipped,
)
from events.ports import Streams
from events.telling import clock_of


def week_findings(folder: Path, area: AreaId, target: str | None) -> Iterator[Found]:
    """Whether the clock goes and somebody is rostered now; nothing where there is no bus.

    Trouble with the bus itself is `doctor_bus`'s to tell.
    """
    settings = read_yaml(folder / "settings.yaml", Settings).sound()
    clock, plan = Clock(), Planned()
    try:
        address = address_of(target, folder)
        store = embedded_file(address)
        if store is None or store.exists():  # no look makes a store
            with closing(connect(address, folder)) as bus:
                clock = clock_of(bus, folder, area)
                plan = planned(bus, area)
    except QinwuError:
        return
    calendar, now_ms = Calendar.of_zone(settings.time_zone), clock.now_ms()
    week, month = calendar.week_of(now_ms), f"{calendar.local(now_ms):%Y-%m}"
    waits = settings.simulation and clock.setting is None
    if waits:
        if day := first_day(folder):
            week = week_of_file(day) or week
            yield Found.doubt("simulation", folder=folder, day=day)
        else:
            yield Found.doubt("simulation_no_day", folder=folder)
    if week in plan.weeks:
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
    yield from failures(folder, week, month, plan.failed)
    if plan.refused:
        count, last = sum(plan.refused.values()), max(plan.refused)
        yield Found.doubt("own_refused", count=count, week=last, folder=folder)


def failures(folder: Path, week: str, month: str, failed: Iterable[Failed]) -> Iterator[Found]:
    """What the planner could not make, and tries again.

    Args:
        folder: The district folder.
        week: The present one; of one before it nobody wants a roster.
        month: The present one; no other is analysed.
        failed: As `P.plan` notes it.
    """
    for one in failed:
        told = {"why": visible(one.why), "file": log_of(folder, one.of, one.what), "folder": folder}
        match one.of:
            case "week" if one.what >= week:
                yield Found.wrong("planning_failed", week=one.what, **told)
            case "analysis" if one.what == month:
                yield Found.doubt("analysis_failed", month=one.what, **told)
            case "month":
                yield Found.doubt("report_failed", month=one.what, **told)


@dataclass(frozen=True, slots=True)
class Planned:
    """What stands in `P.plan`.

    weeks: Those of which a roster is published. refused: Of how many the planner's own was not.
    failed: What could not be made, and was not made since.
    """

    weeks: Collection[str] = ()
    refused: Mapping[str, int] = field(default_factory=dict)
    failed: Collection[Failed] = ()


def planned(bus: Streams, area: AreaId) -> Planned:
    """What the frames say that count."""
    weeks, made, refused = set[str](), dict[tuple[str, int], str](), Counter[str]()
    failed: dict[tuple[str, str], Failed] = {}
    for one in _said(bus, area):
        match one:
            case Failed(of=of, what=what):
                failed[of, what] = one
            case Drafted(week=week, version=version, cause=cause):
                made[week, version] = cause
                failed.pop(("week", week), None)
            case Skipped(week=week):
                failed.pop(("week", week), None)
            case Published(week=week):
                weeks.add(week)
            case PublicationRefused(week=week, version=version):
                refused[week] += made.get((week, version), BY_HAND) != BY_HAND
            case Analysed(month=month):
                failed.pop(("analysis", month), None)
            case MonthReported(month=month, refused=None):
                failed.pop(("month", month), None)
            case MonthReported(month=month, refused=why):
                failed["month", month] = Failed("month", month, str(why))
    return Planned(weeks, +refused, tuple(failed.values()))


def _said(bus: Streams, area: AreaId) -> Iterator[object]:
    """Decisions of the frames that count, and what they note as failed, in order."""
    for one in walk(bus, area, ports.plan(area)):
        if one.frame is not None:
            yield from filter(None, map(Failed.noted, one.frame.facts))
            yield from one.frame.decisions
