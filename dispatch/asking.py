"""Visits that nobody planned: crashes close together make their section ask for one 见警.

Where two happened within the hour the third is likelier than the plan of the month knew. The
section asks for a visit at the place of the newest; the request decays: a patrol is taken from
ever nearer by, and when its time is over it lapses. Another crash asks anew.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from config.durations import MINUTE_MS
from config.ids import IncidentId, VisitId
from config.roads import Spot
from dispatch.ground import Ground
from dispatch.happenings import Commanded, Happening, Located, Reported
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
from events.event import short_id

CRASH = "crash"
TAKE_BACK = frozenset(("merge", "cancel", "close"))
"""Commands after which a crash may be another one's second report, or none at all."""
FARTHEST_MS = 20 * MINUTE_MS
"""So far away a patrol may be for a request that was made just now."""


def ask(work: Work, happened: Sequence[Happening]) -> None:
    """Let the sections of crashes that are new there ask for a visit, if they are many.

    New is one that was reported just now, or of which a person just said where it was.
    """
    if not work.ground.settings.dispatch.section_crashes:
        return
    for one in happened:
        match one:
            case Reported(incident):
                _look(work, incident, None)
            case Located(incident, was):
                _look(work, incident, was)
            case Commanded(data=data) if data["command"] in TAKE_BACK:
                _take_back(work)


def _look(work: Work, name: IncidentId, was: Spot | None) -> None:
    """Ask for the hour in which this crash is one of the most, and none of them counts twice."""
    reports, rules = _reports(work.state.incidents), work.ground.settings.dispatch
    crashes = _known_crashes(reports)
    incident = crashes.get(name)
    if incident is None or incident.spot is None:
        return
    there = sections_at(incident.spot, work.ground)
    was = was or next((one.spot for one in reports[name] if one.id != name), None)
    if was is not None and there <= sections_at(was, work.ground):
        return
    last_ms = incident.reported_ms + rules.section_crashes_min * MINUTE_MS
    found = [
        (count, newest.reported_ms, section, newest)
        for newest in crashes.values() if incident.reported_ms <= newest.reported_ms <= last_ms
        for section, count in _counted(work, newest, crashes, incident, there)
        if count >= rules.section_crashes
    ]  # fmt: skip
    if found:
        count, _, section, newest = min(found, key=lambda one: (-one[0], -one[1], one[2]))
        _asked(work, newest, section, count)


def _take_back(work: Work) -> None:
    """Requests for which nobody is under way and that too few crashes are left to make."""
    rules = work.ground.settings.dispatch
    crashes = _known_crashes(_reports(work.state.incidents))
    oldest_ms = work.now_ms - rules.section_asks_min * MINUTE_MS
    for visit in list(work.state.visits.values()):
        if visit.section is None or visit.order is not None or visit.status not in OPEN:
            continue
        stands = any(
            count >= rules.section_crashes
            for newest in crashes.values()
            if newest.reported_ms >= oldest_ms
            for _, count in _counted(work, newest, crashes, newest, frozenset((visit.section,)))
        )
        if not stands:
            lapse(work, visit, "visit.unasked")


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


def lapse(work: Work, visit: Visit, text: str = "visit.lapsed") -> None:
    """Its time is over, or its reason gone: no visit is missed, and none carried over."""
    told = About(visit=visit.id)
    work.add(Warning(rule="visit_cancelled", squadron=visit.squadron, about=told))
    work.add(Line(
        kind="clear", squadron=visit.squadron, about=told, text=text,
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


_Reports = Mapping[IncidentId, Sequence[Incident]]


def _reports(incidents: Mapping[IncidentId, Incident]) -> _Reports:
    """The reports of crashes that say where, by the incident that is left; cancelled: none."""
    found: dict[IncidentId, list[Incident]] = {}
    for one in incidents.values():
        if one.kind == CRASH and one.spot is not None and one.closed != "cancelled":
            left = _left(one, incidents)
            if left.closed != "cancelled":
                found.setdefault(left.id, []).append(one)
    return found


def _known_crashes(reports: _Reports) -> dict[IncidentId, Incident]:
    """Each crash once: as the incident that is left, else as the first merged into it, tells."""
    return {
        left: min(same, key=lambda one: (one.id != left, one.reported_ms, one.id))
        for left, same in reports.items()
    }


def _left(incident: Incident, incidents: Mapping[IncidentId, Incident]) -> Incident:
    """What it was merged into, step by step; itself where it was not."""
    seen = {incident.id}
    while incident.into is not None and (into := incidents.get(incident.into)) is not None:
        if into.id in seen:  # two that a person merged into each other
            return incidents[min(seen)]
        seen.add(into.id)
        incident = into
    return incident


def _counted(
    work: Work, newest: Incident, crashes: Mapping[IncidentId, Incident], incident: Incident,
    there: frozenset[str],
) -> Iterator[tuple[str, int]]:  # fmt: skip
    """Of the sections `there` those of a crash, with how many each had in the time up to it.

    Nothing where `incident` is none of them: they asked without it.
    """
    assert newest.spot is not None  # noqa: S101 - it is known
    near = list(_lately(work, newest, crashes))
    if incident not in (newest, *near):
        return
    where = [sections_at(one.spot, work.ground) for one in near if one.spot is not None]
    for name in sections_at(newest.spot, work.ground) & there:
        yield name, 1 + sum(name in sections for sections in where)


def _lately(
    work: Work, incident: Incident, crashes: Mapping[IncidentId, Incident]
) -> Iterator[Incident]:
    """Each other crash within the time before; of what may be a second report none.

    As `dispatch.twins` has it: so near in place and time it may be the same crash, told twice.
    """
    rules, ground = work.ground.settings.dispatch, work.ground
    for other in crashes.values():
        ago_ms = incident.reported_ms - other.reported_ms
        late = not 0 <= ago_ms <= rules.section_crashes_min * MINUTE_MS
        if other.id == incident.id or late:
            continue
        assert other.spot is not None  # noqa: S101 - it is known
        assert incident.spot is not None  # noqa: S101
        soon = ago_ms <= rules.duplicate_min * MINUTE_MS
        if not soon or ground.metres(other.spot, incident.spot) > rules.duplicate_m:
            yield other


def _asked(work: Work, incident: Incident, section: str, crashes: int) -> None:
    """One visit a section at a time: a request that is open is made anew, at its own place."""
    rules, spot = work.ground.settings.dispatch, incident.spot
    assert spot is not None  # noqa: S101 - it counts
    held = (v for v in work.state.visits.values() if v.section == section and v.status in OPEN)
    again = next(held, None)
    name = _name_of(incident.id) if again is None else again.id
    until_ms = min(work.now_ms, incident.reported_ms) + rules.section_asks_min * MINUTE_MS
    dwell_ms = work.ground.settings.visits.dwell_min * MINUTE_MS
    if until_ms - dwell_ms <= work.now_ms:
        return  # located when its time was over
    about = About(visit=name)
    work.add(Warning(
        rule="visit_asked", squadron=incident.squadron or work.ground.squadron_at(spot),
        about=about, due_ms=until_ms,
        fields={
            "incident": incident.id, "section": section, "since_ms": work.now_ms,
            "dwell_ms": dwell_ms,
        },
    ))  # fmt: skip
    asked = work.state.visits[name]
    told = {"section": section, "crashes": crashes, "minutes": rules.section_crashes_min}
    work.add(Line(
        kind="due_soon", squadron=asked.squadron, about=about, text="visit.asked", fields=told,
        place=work.ground.name_at(asked.spot), due_ms=asked.due_ms,
        why=Why(rule="section_crashes"),
    ))  # fmt: skip


def _name_of(incident: IncidentId) -> VisitId:
    """The id of the visit that a crash makes its section ask for; never longer than an id is."""
    return VisitId(short_id(f"asked/{incident}"))
