"""Visits that nobody planned: crashes close together make their section ask for one 见警.

Where two happened within the hour the third is likelier than the plan of the month knew. The
section asks for a visit at the place of the newest; the request decays: a patrol is taken from
ever nearer by, and when its time is over it lapses. Another crash asks anew.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from config.durations import MINUTE_MS
from config.ids import VisitId
from config.roads import Spot
from dispatch.ground import Ground
from dispatch.happenings import Happening, Reported
from dispatch.state import Incident, Visit
from dispatch.visit_choice import Choices, choices
from dispatch.visits import OPEN
from dispatch.work import Work
from events.decisions import (
    About,
    Line,
    Warning,  # noqa: A004 - the format's word
    Why,
)

CRASH = "crash"
NEVER_WERE = frozenset(("merged", "cancelled"))
FARTHEST_MS = 20 * MINUTE_MS
"""So far away a patrol may be for a request that was made just now."""


def ask(work: Work, happened: Sequence[Happening]) -> None:
    """Let the sections of crashes that were reported just now ask for a visit, if they are many."""
    rules = work.ground.settings.dispatch
    if not rules.section_crashes:
        return
    for one in happened:
        if isinstance(one, Reported):
            incident = work.state.incidents[one.incident]
            found = _counted(work, incident) if _counts(incident) else None
            if found is not None and found[1] >= rules.section_crashes:
                _asked(work, incident, *found)


def wanted(work: Work, visit: Visit) -> Choices | None:
    """The patrols near enough for a request of that age, the nearest first; None: nobody can."""
    found = choices(work.state, visit, work.ground, work.now_ms, None)
    reach_ms = reach_at_ms(visit, work.now_ms)
    near = tuple(one for one in found.units if one.drive_ms <= reach_ms)
    return Choices(near, found.excluded) if near else None


def reach_at_ms(visit: Visit, now_ms: int) -> int:
    """How far away a patrol may be: less and less until the request lapses."""
    whole_ms = max(visit.window_end_ms - visit.window_start_ms, 1)
    return FARTHEST_MS * max(visit.window_end_ms - now_ms, 0) // whole_ms


def lapse(work: Work, visit: Visit) -> None:
    """Its time is over: no visit is missed, and none carried over."""
    told = About(visit=visit.id)
    work.add(Warning(rule="visit_cancelled", squadron=visit.squadron, about=told))
    work.add(Line(
        kind="clear", squadron=visit.squadron, about=told, text="visit.lapsed",
        place=visit.place or work.ground.name_at(visit.spot), fields={"section": visit.section},
    ))  # fmt: skip


def sections_at(spot: Spot, ground: Ground) -> frozenset[str]:
    """The sections that a spot lies on: at a junction all that meet there."""
    roads = ground.district.roads
    if spot.edge is not None:
        edges: Iterable[int] = (spot.edge,)
    else:  # of all crashes of an hour, at each new one: no loop over a city's edges
        edges = np.flatnonzero((roads.tail == spot.node) | (roads.head == spot.node)).tolist()
    return frozenset(name for name in (roads.edge_section[n] for n in edges) if name)


def _counts(incident: Incident) -> bool:
    return (
        incident.kind == CRASH and incident.spot is not None
        and incident.closed not in NEVER_WERE
    )  # fmt: skip


def _counted(work: Work, incident: Incident) -> tuple[str, int] | None:
    """The section of a crash with the most of them within the time, and how many; None: no name."""
    spot = incident.spot
    assert spot is not None  # noqa: S101 - the caller looked
    near = list(_lately(work, incident))
    found = [
        (-sum(name in there for there in near) - 1, name)
        for name in sections_at(spot, work.ground)
    ]  # fmt: skip
    if not found:
        return None
    count, section = min(found)
    return section, -count


def _lately(work: Work, incident: Incident) -> Iterator[frozenset[str]]:
    """The sections of each other crash within the time before; of what may be a second report none.

    As `dispatch.twins` has it: so near in place and time it may be the same crash, told twice.
    """
    rules, ground = work.ground.settings.dispatch, work.ground
    for other in work.state.incidents.values():
        ago_ms = incident.reported_ms - other.reported_ms
        late = not 0 <= ago_ms <= rules.section_crashes_min * MINUTE_MS
        if other.id == incident.id or late or not _counts(other):
            continue
        assert other.spot is not None  # noqa: S101 - it counts
        assert incident.spot is not None  # noqa: S101
        soon = ago_ms <= rules.duplicate_min * MINUTE_MS
        if not soon or ground.metres(other.spot, incident.spot) > rules.duplicate_m:
            yield sections_at(other.spot, ground)


def _asked(work: Work, incident: Incident, section: str, crashes: int) -> None:
    """One visit a section at a time: a request that is open is made anew, at its own place."""
    rules, spot = work.ground.settings.dispatch, incident.spot
    assert spot is not None  # noqa: S101 - it counts
    held = (v for v in work.state.visits.values() if v.section == section and v.status in OPEN)
    again = next(held, None)
    name = VisitId(f"asked/{incident.id}") if again is None else again.id
    until_ms = work.now_ms + rules.section_asks_min * MINUTE_MS
    about = About(visit=name)
    work.add(Warning(
        rule="visit_asked", squadron=incident.squadron or work.ground.squadron_at(spot),
        about=about, due_ms=until_ms,
        fields={
            "incident": incident.id, "section": section, "since_ms": work.now_ms,
            "dwell_ms": work.ground.settings.visits.dwell_min * MINUTE_MS,
        },
    ))  # fmt: skip
    asked = work.state.visits[name]
    told = {"section": section, "crashes": crashes, "minutes": rules.section_crashes_min}
    work.add(Line(
        kind="due_soon", squadron=asked.squadron, about=about, text="visit.asked", fields=told,
        place=work.ground.name_at(asked.spot), due_ms=asked.due_ms,
        why=Why(rule="section_crashes"),
    ))  # fmt: skip
