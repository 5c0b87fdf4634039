"""New incidents: merged by rule, ended by themselves or given units; and how one is closed."""

from config.ids import IncidentId
from config.kinds import graver
from dispatch.assign import line
from dispatch.happenings import Reported
from dispatch.state import Incident
from dispatch.twins import Twins
from dispatch.work import Work
from events.decisions import IncidentClosed, IncidentEnd, OrderEnd, OrderEnded, Remains


def take_up(work: Work, one: Reported, twins: Twins) -> None:
    """What becomes of a report at once.

    A machine's second report is merged; not into what a person holds back, or what was put off:
    nobody is sent there, and it would be lost. One under an id that is known raises what that
    means; where it is one of its own, it is said of which it may be another report.
    """
    incident = work.state.incidents[one.incident]
    known = _remaining(work, one.known)
    if known is not None and known.closed is None and one.joins:
        close(work, incident, "merged", into=known.id)
        return
    if known is not None:
        text = "maybe_duplicate" if known.closed is None else "reported_anew"
        line(work, "system", incident, text=text, of=known.id)
    twin = twins.of(incident, work.state.incidents)
    if twin is not None and incident.machine and _is_at_work(work, work.state.incidents[twin]):
        close(work, incident, "merged", into=twin)
    elif incident.plan_end is not None:
        close(work, incident, incident.plan_end)
    elif twin is not None and (known is None or twin != known.id):
        line(work, "system", incident, text="maybe_duplicate", of=twin)


def _remaining(work: Work, name: IncidentId | None) -> Incident | None:
    """An incident that was known, or what it was merged into meanwhile."""
    found = work.state.incidents.get(name or IncidentId(""))
    return found if found is None or found.into is None else _remaining(work, found.into) or found


def _is_at_work(work: Work, incident: Incident) -> bool:
    """Whether the rules send units to an open incident, now or when one is free."""
    return not incident.held and incident.appointed_ms <= work.now_ms


def close(work: Work, incident: Incident, how: IncidentEnd, into: IncidentId | None = None) -> None:
    """End an incident and what is still ordered for it."""
    for slot in sorted(incident.orders):
        order = work.state.orders[incident.orders[slot]]
        made: OrderEnd = "done" if how == "done" and order.arrived_ms is not None else "cancelled"
        work.add(OrderEnded(order=order.id, how=made, reason=how))
    other = work.state.incidents.get(into or IncidentId(""))
    remains = None if other is None else _remains(other, incident)
    work.add(IncidentClosed(incident=incident.id, how=how, into=into, remains=remains))
    line(work, "clear", incident, text=f"closed.{how}", into=into or "-")


def _remains(into: Incident, second: Incident) -> Remains:
    """Of two reports of one: as grave, as urgent and with as many units as either asks.

    And where the one that knows the place says; of two places, where it was believed to be.
    """
    is_placed_now = into.spot is None and second.spot is not None
    return Remains(
        severity=graver(into.severity, second.severity), slots=max(into.slots, second.slots),
        priority=min(into.priority, second.priority), due_ms=min(into.due_ms, second.due_ms),
        appointed_ms=min(into.appointed_ms, second.appointed_ms),
        place_of=second.id if is_placed_now else None,
    )  # fmt: skip
