"""Reports under the id of an incident that is known: what they are, and what is said of them. Pure.

An id is known for a day after its incident was closed. Where it is used again nothing that hurts
people is lost: the report raises what is open, opens an incident of its own, or a person is asked.
"""

from collections.abc import Mapping
from dataclasses import replace

from config.durations import MINUTE_MS
from config.ids import IncidentId
from config.kinds import graver
from dispatch.ground import Ground
from dispatch.happenings import Reported, Told
from dispatch.state import Incident, State, having
from events.event import moment_ms
from events.facts import Accepted
from events.incidents import somebody_hurt


def meant(incidents: Mapping[IncidentId, Incident], name: IncidentId) -> Incident | None:
    """The incident that an id means by now: of a closed one what it was merged into, or is anew."""
    found, seen = incidents.get(name), set[IncidentId]()
    while found is not None and found.closed is not None and found.id not in seen:
        seen.add(found.id)
        found = incidents.get(found.again or found.into or IncidentId(""), found)
    return found


def is_another(fact: Accepted, state: State, ground: Ground) -> bool:
    """Whether a report under an id that is known opens an incident all the same, by a second name.

    It names no id, and another sender's event is called alike; or it is graver than what is known
    of the open one that it names, into which it is merged at once; or the one that it names is
    closed, and it tells of what happened since, or of people hurt of whom nobody knew.
    """
    told, name = fact.data, fact.data.get("incident")
    if not name:
        return fact.source_chars is not None
    known = meant(state.incidents, IncidentId(name))
    if known is None or fact.second_name in state.incidents:
        return False
    is_graver = graver(known.severity, told["severity"]) != known.severity
    if known.closed_ms is None:
        return is_graver
    near_ms = known.closed_ms + ground.settings.dispatch.duplicate_min * MINUTE_MS
    happened = told.get("occurred_at")
    if happened is not None and near_ms < moment_ms(happened) <= moment_ms(told["at"]):
        return True
    return somebody_hurt(told) and (is_graver or known.plan_end is not None)


def told_again(fact: Accepted, state: State, incident: IncidentId) -> Told | None:
    """What is said of a report of nothing new; of a closed one nobody goes, so a person looks.

    None: the incident is not known.
    """
    known = meant(state.incidents, incident)
    if known is None:
        return None
    if known.closed is None:
        return Told("system", "same_incident", {"event": fact.event}, None, known.id)
    return Told("refused", "closed_incident", {"event": fact.event}, None, known.id)


def reported(state: State, opened: Incident, named: IncidentId | None) -> tuple[State, Reported]:
    """The state with an incident that a report opened, and what is to be decided on it.

    Args:
        state: Before.
        opened: The incident.
        named: The id that the report gave it, if it did.
    """
    known = meant(state.incidents, named or opened.id)
    state = replace(state, incidents=having(state.incidents, opened.id, opened))
    if known is None:
        return state, Reported(opened.id)
    if known.closed is None:
        return state, Reported(opened.id, same=known.id)
    over = replace(known, again=opened.id)
    state = replace(state, incidents=having(state.incidents, known.id, over))
    return state, Reported(opened.id, closed=known.id)
