"""What events in the inbox mean for the planner: which it takes, and what each decides. Pure."""

from collections.abc import Callable, Sequence
from typing import Any

from config.calendar import monday_of
from config.ids import AreaId, SquadronId
from events.clock import Setting
from events.facts import Accepted, Parked, cut_of
from events.kinds import (
    ClockSet,
    DraftApproved,
    DraftEdited,
    DraftWithdrawn,
    PlanRequested,
    RosterPublished,
)
from events.plan_decisions import (
    Approved,
    Drafted,
    DraftPart,
    PlanDecision,
    PublicationRefused,
    RequestRefused,
    Withdrawn,
)
from events.ports import Stored
from events.released import plan_source
from events.schema import Envelope, roster_hash
from scheduler.ledger import TAKEN, Draft, Duty, Ledger
from scheduler.publish import normal, renumbered

OF_DRAFT = frozenset(("duties", "change"))
"""Fields of a draft that was handed in which its parts and its end keep."""


def concerns(told: Envelope, area: AreaId, stored_ms: int, *, simulation: bool) -> bool:
    """Whether the planner acts on an event: what people ask for, its own echo, the clock."""
    if isinstance(told.data, RosterPublished):
        return told.source == plan_source(area)
    if isinstance(told.data, ClockSet):
        setting = Setting(told.data.virtual_ms, told.data.wall_ms, told.data.speed)
        return simulation and setting.tellable(stored_ms)
    if isinstance(told.data, DraftEdited) and told.data.edits:
        return False  # single edits are not carried out; the engine says so
    return type(told.data) in TAKEN


def accepted(told: Envelope, record: Stored, topic: str) -> Accepted:
    """The fact that an event was taken; what stands in a draft's decisions is not here again."""
    known = told.normal(record.stored_ms)
    if isinstance(told.data, DraftEdited):
        known = {name: value for name, value in known.items() if name not in OF_DRAFT}
    return Accepted(
        type="accepted", topic=topic, partition=0, offset=record.position, event=told.event,
        kind=told.type, data=known, source_chars=cut_of(told.source, told.event),
    )  # fmt: skip


def parked(told: Envelope, record: Stored, topic: str, error: str) -> Parked:
    """The fact that an event is set aside: it would end every planner that comes to it."""
    return Parked(
        type="parked", topic=topic, partition=0, offset=record.position, error=error,
        event=told.event,
    )  # fmt: skip


Check = Callable[[str, Sequence[Duty]], tuple[dict[str, Any], ...]]
"""What is wrong with a week's duties that were handed in, as breaches; apart from the laws."""


def decided(ledger: Ledger, told: Envelope, check: Check) -> tuple[PlanDecision, ...]:
    """What an event decides by itself; publication, planning and repair are the planner's."""
    match told.data:
        case PlanRequested(week=week, what="plan") if not _plannable(week):
            return (RequestRefused(week=week, reason=f"no ISO week of 1970 to 2199: {week}"),)
        case DraftEdited() as edited if edited.duties:
            return _part(ledger, edited, check)
        case DraftApproved(week=week, version=version, by=by):
            draft = ledger.week(week).drafts.get(version)
            is_open = draft is not None and draft.open
            return (Approved(week=week, version=version, by=by),) if is_open else ()
        case DraftWithdrawn(week=week, version=version, by=by, reason=reason):
            held = ledger.week(week)
            draft = held.drafts.get(version)
            if draft is None or version in held.published or not draft.open:
                return ()
            return (Withdrawn(week=week, version=version, by=by, reason=reason),)
    return ()


def _plannable(week: str) -> bool:
    """Whether a calendar has the week; events allow any that ISO 8601 has."""
    try:
        monday_of(week)
    except ValueError:
        return False
    return True


def _part(ledger: Ledger, edited: DraftEdited, check: Check) -> tuple[PlanDecision, ...]:
    """A part of a draft that was handed in, and that it is whole with the last one.

    Whoever sends the same duties under the same number sends the same draft: each part counts once.
    """
    held = ledger.week(edited.week)
    told = edited.hash or ""
    if not held.takes(edited.version, told):
        return ()
    duties = edited.duties
    part = DraftPart(
        week=edited.week, version=edited.version,
        squadron=SquadronId(str(duties[0].squadron or "")), date=duties[0].date,
        duties=normal(duties), hash=told,
    )  # fmt: skip
    before = held.drafts.get(edited.version, Draft(edited.version))
    if any(_same(part, one) for one in before.parts):
        return ()  # two people hand the same in at once, in parts that mix: it is one draft
    if len(before.parts) + 1 < edited.parts:
        return (part,)
    whole = (*renumbered(before.duties, edited.version), *duties)
    found = roster_hash(whole)
    end = Drafted(
        week=edited.week, version=edited.version, parts=edited.parts, duties=len(whole),
        hash=found, cause=edited.cause, by=edited.by, base=edited.base,
        change=edited.change,
    )  # fmt: skip
    odd: tuple[dict[str, Any], ...] = ({"rule": "hash", "amount": 1},)
    if found == told:
        odd = check(edited.week, normal(whole))
    if not odd:
        return (part, end)
    refused = PublicationRefused(week=edited.week, version=edited.version, breaches=odd)
    return (part, end, refused)


def _same(part: DraftPart, other: DraftPart) -> bool:
    """Whether two parts hold the same duties; compared as written, since frames hold lists."""
    if (part.squadron, part.date) != (other.squadron, other.date):
        return False
    return part.model_dump_json() == other.model_dump_json()
