"""What the sender of an event that was accepted should know: it changed nothing, or less."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from config.ids import IncidentId
from dispatch.happenings import (
    ClockAhead,
    Commanded,
    Happening,
    Ignored,
    Proven,
    Reported,
    SignedOn,
)
from dispatch.state import State
from dispatch.twins import would_be_left
from events.facts import IGNORED, Accepted, Duplicate, Parked, Rejected

Judged = Accepted | Duplicate | Rejected | Parked
ELSEWHERE = f"{IGNORED}proof_elsewhere"
"""A proof of a visit that says itself that it was given away from the point."""
PLACE_UNKNOWN = "held:place_unknown"
"""No unit can be sent: `qinwu command DIR locate` says where it is."""
UNMANNED = "noted:unmanned"
"""Signed in without an officer: no order may be given."""
OTHER_CREW = "noted:other_crew"
"""Signed in with other people than the roster names."""
OTHER_VEHICLE = "noted:other_vehicle"
"""Signed in with another vehicle than the roster names."""
TWO_UNITS = "noted:two_units"
"""Somebody, or a PDA, is signed in with another unit, too; the console says with which."""
CLOSED_BEFORE = "noted:closed_incident"
"""The incident that it names is closed: it is one of its own, called `source:id`."""
OF_ITS_OWN = "noted:own_incident"
"""A person holds the incident that it names, or that one lies elsewhere: it is one of its own."""
CLOCK_AHEAD = "noted:clock_ahead"
"""The sender's clock is a minute or more ahead: what it sends is of when it is taken."""


def with_reason(fact: Judged, state: State, happened: Iterable[Happening]) -> Judged:
    """The fact with its reason, where there is one.

    Args:
        fact: Of a record.
        state: After it.
        happened: What it made happen.
    """
    if not isinstance(fact, Accepted):
        return fact
    found = next((one for one in (_reason(state, told) for told in happened) if one), None)
    return fact if found is None else replace(fact, reason=found)


def _of_merge(state: State, told: Mapping[str, Any]) -> str | None:
    named, into = (
        state.incidents.get(IncidentId(str(told.get(key)))) for key in ("incident", "into")
    )
    if named is None or into is None or named.closed is not None or into.closed is not None:
        return None
    return f"{IGNORED}other_held" if would_be_left(named, into) else None


def _reason(state: State, told: Happening) -> str | None:
    match told:
        case Ignored(text=text):
            return f"{IGNORED}{text}"
        case Reported(incident, known, joins=False):
            opened = state.incidents[incident]
            if opened.spot is None and opened.plan_end is None:
                return PLACE_UNKNOWN
            if known is None:
                return None
            return OF_ITS_OWN if state.incidents[known].closed is None else CLOSED_BEFORE
        case Commanded(data=data, changed=False) if data["command"] == "locate":
            named = state.incidents.get(IncidentId(str(data.get("incident"))))
            is_open = named is not None and named.closed is None
            return f"{IGNORED}{'no_place' if is_open else 'no_incident'}"
        case Commanded(data=data) if data["command"] == "merge":
            return _of_merge(state, data)
        case SignedOn() as signed:
            notes = {
                UNMANNED: not state.units[signed.unit].officers, TWO_UNITS: bool(signed.twice),
                OTHER_CREW: signed.others, OTHER_VEHICLE: signed.other_vehicle,
            }  # fmt: skip
            return next((note for note, holds in notes.items() if holds), None)
        case Proven(elsewhere=True):
            return ELSEWHERE
        case ClockAhead():
            return CLOCK_AHEAD
    return None
