"""An incident as its report tells it: where, how urgent, and how many units it asks for. Pure."""

from collections.abc import Mapping
from typing import Any

from config.ids import IncidentId, SquadronId, UnitId
from config.roads import Spot
from dispatch.ground import Ground
from dispatch.state import Incident, State
from events.decisions import IncidentEnd
from events.facts import Accepted
from events.incidents import appointed_ms, somebody_hurt
from events.kinds import IncidentReported
from events.schema import restored


def opened(fact: Accepted, state: State, ground: Ground) -> Incident:
    """The incident that a report opens, where there is none yet.

    Args:
        fact: Of the report.
        state: Before it.
        ground: The district.
    """
    told = restored(fact.kind, fact.data)
    assert isinstance(told, IncidentReported)  # noqa: S101 - the kind says so
    unit = state.units.get(UnitId(told.unit)) if told.unit else None
    named = ground.spot_of(fact.data)
    spot = named or (unit.spot if unit else None)
    response = ground.settings.response_to(told.kind, told.severity)
    squadron = told.squadron if told.squadron in ground.district.squadrons else None
    if squadron is None and spot is not None:
        squadron = ground.squadron_at(spot)
    then_ms, slots = appointed_ms(fact.data), fact.slots or 0
    return Incident(
        id=IncidentId(str(fact.incident)), kind=told.kind, severity=told.severity,
        squadron=None if squadron is None else SquadronId(squadron), spot=spot,
        point=ground.point_of(fact.data, named), place=_place(told, spot, ground),
        road_class=_road_class(spot, ground), text=told.text,
        priority=told.priority or response.priority, slots=slots, hurt=somebody_hurt(fact.data),
        reported_ms=told.at_ms, due_ms=max(told.at_ms, then_ms) + 1000 * response.target_s,
        machine=told.machine, plan_end=_ends_by_itself(told, slots, state), appointed_ms=then_ms,
    )  # fmt: skip


def _place(told: IncidentReported, spot: Spot | None, ground: Ground) -> str | None:
    if told.place is not None and spot is not None and told.place in ground.district.places:
        return told.place
    if told.section is not None and told.km is not None:
        return f"{told.section} K{told.km:g}"
    if spot is not None:
        return ground.name_at(spot)
    return told.text or told.place or told.junction


def _road_class(spot: Spot | None, ground: Ground) -> str | None:
    return None if spot is None else ground.road_class(spot)


def slots_of(told: Mapping[str, Any], state: State, ground: Ground) -> int:
    """Units due: what a person asked for, none where none is needed, else the response plan's.

    That nobody need go where somebody is hurt is a person's word, no machine's. `told` are the
    fields of an `IncidentReported`; the object is not made for this.
    """
    if _without_units(told, state) is not None:
        return 0
    asked: int | None = told.get("units")
    if asked or (asked is not None and not (told.get("machine") and somebody_hurt(told))):
        return asked
    return ground.settings.response_to(told["kind"], told["severity"]).units


def _ends_by_itself(told: IncidentReported, slots: int, state: State) -> IncidentEnd | None:
    """How an incident ends without a dispatched unit, None when one is needed."""
    return None if slots else _without_units(told.__dict__, state) or "no_unit_needed"


def _without_units(told: Mapping[str, Any], state: State) -> IncidentEnd | None:
    """How an incident ends for which nobody asked for units, and in which nobody is hurt.

    A minor crash (vehicles drivable, parties agree) is settled by video; what a unit on duty came
    upon itself is recorded, not dispatched.
    """
    has = told.get
    if has("units") or somebody_hurt(told):
        return None
    if has("kind") == "crash" and has("drivable") and has("agreed"):
        return "video"
    if has("unit") in state.units:
        return "self_initiated"
    return None
