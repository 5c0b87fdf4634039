"""Reports under an id that is known: what they add to it, and what becomes of them. Pure.

An id is known for a day after its incident was closed. What a report under it adds raises the
incident that the id means by now. Where nobody would go there for it, because a person holds that
one, it lies elsewhere, or is over, the report opens an incident of its own, and the id means that
one as well; where nobody can know whether it is news, a person is asked.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain, count

from config.durations import MINUTE_MS
from config.ids import IncidentId
from config.kinds import graver
from dispatch.ground import Ground
from dispatch.happenings import Ignored, Reported
from dispatch.opening import opened
from dispatch.state import Incident, State, having
from events.event import moment_ms, short_id
from events.facts import Accepted
from events.incidents import is_forgotten

Incidents = Mapping[IncidentId, Incident]


def id_of(fact: Accepted, state: State, ground: Ground, now_ms: int) -> IncidentId:
    """The id of what is opened by a report whose own is known; that one if it adds nothing.

    Another sender's event that is called alike is another incident, whatever it says; so is what
    comes a day after the close, though nothing has been closed since and the id is still known.
    """
    second = opened(fact, state, ground)
    named = _named(fact)
    if named is not None:
        known = _meant(state.incidents, named, second, ground)
        if known is not None and not (
            is_forgotten(known.closed_ms, now_ms) or _adds(fact, second, known, ground)
        ):
            return second.id
    names = chain((fact.second_name,), (f"{fact.second_name}~{n}" for n in count(2)))
    return next(name for one in names if (name := _short(one)) not in state.incidents)


def reported(
    state: State, fact: Accepted, second: Incident, ground: Ground
) -> tuple[State, Reported | Ignored]:
    """The state after a report, and what is to be decided on it, or said.

    Args:
        state: Before.
        fact: Of the report.
        second: The incident as it tells it.
        ground: The district.
    """
    named = _named(fact)
    known = _meant(state.incidents, named or second.id, second, ground)
    if known is None:
        return _with(state, second), Reported(second.id)
    if second.id in state.incidents:
        return state, _told_again(fact, known)
    joins = not _is_its_own(second, known, ground)
    if joins and _places(second, known) and not _raises(second, known):  # no word of its time
        second = replace(second, appointed_ms=known.appointed_ms, due_ms=known.due_ms)
    first = state.incidents[named or second.id]
    again = (*(one for one in first.again if one in state.incidents), second.id)
    state = _with(_with(state, replace(first, again=again)), second)
    return state, Reported(second.id, known.id, joins=joins)


def _named(fact: Accepted) -> IncidentId | None:
    """The known id that a report means; None: it names none, and its event's is no one's else."""
    own = fact.event if fact.source_chars is None else None
    name = fact.data.get("incident") or own
    return None if name is None else IncidentId(name)


def _meant(
    incidents: Incidents, name: IncidentId, second: Incident, ground: Ground
) -> Incident | None:
    """The incident that a report under an id is about; None: the id is not known.

    Of all that the id means, those near the report, if any are; of these the newest to which the
    rules send units, else the newest.
    """
    known = [one for one in _under(incidents, name) if one.into not in incidents]
    near = [one for one in known if not _is_elsewhere(second, one, ground)] or known
    at_work = [one for one in near if one.closed is None and not one.held]
    return next(reversed(at_work or near), None)


def _under(incidents: Incidents, name: IncidentId) -> tuple[Incident, ...]:
    """All that an id means or meant: its incident, what that became, what reports opened."""
    found, left = dict[IncidentId, Incident](), [name]
    while left:
        one = incidents.get(left.pop())
        if one is not None and one.id not in found:
            found[one.id] = one
            left += (*reversed(one.again), *((one.into,) if one.into else ()))
    return tuple(found.values())


def _adds(fact: Accepted, second: Incident, known: Incident, ground: Ground) -> bool:
    """Whether a report tells what nobody knew: that it is worse, or where it is.

    Of an incident that is closed: that it happened since, of people hurt of whom nobody knew, or
    that units are wanted where none were.
    """
    if known.closed_ms is None:
        return _raises(second, known) or _places(second, known)
    over_ms = known.closed_ms + ground.settings.dispatch.duplicate_min * MINUTE_MS
    happened = fact.data.get("occurred_at")
    if happened is not None and over_ms < moment_ms(happened) <= second.reported_ms:
        return True
    if known.plan_end is not None and _wants_units(fact, second):
        return True
    unknown = known.plan_end is not None or not known.hurt or _is_graver(second, known)
    return second.hurt and unknown


def _wants_units(fact: Accepted, second: Incident) -> bool:
    """Whether units are due; of what a unit came upon itself only where somebody asks for them.

    Told again after that unit's duty, it would look as if nobody were there.
    """
    asked, alone = fact.data.get("units"), fact.data.get("unit")
    return second.slots > 0 and bool(asked or alone is None)


def _raises(second: Incident, known: Incident) -> bool:
    """Whether a report says that an incident is worse, or asks for more, than was known."""
    return (
        _is_graver(second, known) or (second.hurt and not known.hurt)
        or second.slots > known.slots or second.priority < known.priority
    )  # fmt: skip


def _places(second: Incident, known: Incident) -> bool:
    """Whether a report says where an incident is of which nobody knew it."""
    return known.spot is None and second.spot is not None


def _is_graver(second: Incident, known: Incident) -> bool:
    return graver(known.severity, second.severity) != known.severity


def _is_its_own(second: Incident, known: Incident, ground: Ground) -> bool:
    """Whether a report that adds to an incident would be lost in it."""
    if known.closed is not None:
        return True
    would_be_left = known.held and _raises(second, known)
    return would_be_left or _is_elsewhere(second, known, ground)


def _is_elsewhere(second: Incident, known: Incident, ground: Ground) -> bool:
    if second.spot is None or known.spot is None:
        return False
    here, there = ground.where(second.spot, second.point), ground.where(known.spot, known.point)
    return math.dist(here, there) > ground.settings.dispatch.duplicate_m


def _told_again(fact: Accepted, known: Incident) -> Ignored:
    """What is said of a report of nothing new; of a closed one nobody goes, so a person looks."""
    if known.closed is None:
        return Ignored("system", "same_incident", {"event": fact.event}, None, known.id)
    return Ignored("refused", "closed_incident", {"event": fact.event}, None, known.id)


def _with(state: State, incident: Incident) -> State:
    return replace(state, incidents=having(state.incidents, incident.id, incident))


def _short(name: str) -> IncidentId:
    return IncidentId(short_id(name))
