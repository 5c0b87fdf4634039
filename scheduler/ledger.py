"""The planner's memory: the fold of `P.plan`. Pure.

All that the planner acts on is in here, so that a restart, a second planner or weeks of downtime
change nothing: `scheduler.due` computes what has to be done from what was done.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from config.calendar import YEARS, monday_of
from events.clock import Setting
from events.event import Event
from events.facts import Accepted, Fact, Note
from events.frame import Frame
from events.kinds import (
    AbsenceReported,
    ClockSet,
    DraftApproved,
    DraftEdited,
    DraftWithdrawn,
    PlanRequested,
    RosterPublished,
    VehicleWithdrawn,
)
from events.plan_decisions import (
    BY_HAND,
    Analysed,
    Approved,
    Drafted,
    DraftPart,
    MonthReported,
    PublicationRefused,
    Published,
    RequestRefused,
    Skipped,
    TakenBack,
    Withdrawn,
)
from scheduler.acts import acts_of
from scheduler.recorded import Recorded
from scheduler.week_ledger import (
    ABSENCE,
    NOTHING,
    REPAIRS,
    WENT_ON,
    Draft,
    Duty,
    Normal,
    Publication,
    Return,
    WeekLedger,
    Wish,
    bare,
    weeks_around,
    work_of,
)

__all__ = [
    "ABSENCE", "REPAIRS", "TAKEN", "Draft", "Duty", "Ledger", "Publication", "WeekLedger", "Wish",
    "apply", "bare", "folded", "known", "work_of",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ledger:
    """State of the planner.

    `inbox_position` is the last inbox record folded; `taken` the dedupe keys of the events acted
    on; `echoed` the published versions whose roster events were seen back in the inbox.
    `absences`: person → ISO dates; `vehicles`: normal data of `vehicle_withdrawn`; `reports`: how
    many of either came, the same one told again included. `callers`: who told of a person's absence
    on a day. `backs`: absences that were taken back, with what became of the week; None: it is
    still to be looked at. `analyses`: weeks whose demand somebody wants made again. `reported`:
    months whose report was made, or cannot be: `refused_on` has the files of the latter.
    `since_ms`: when the first frame was written. `went_on`: up to which inbox position a person
    knows of rosters whose frames are gone.
    """

    weeks: Mapping[str, WeekLedger] = field(default_factory=dict)
    analysed: frozenset[str] = frozenset()
    reported: frozenset[str] = frozenset()
    refused_on: Mapping[str, frozenset[str]] = field(default_factory=dict)
    analyses: frozenset[str] = frozenset()
    inbox_position: int = -1
    taken: frozenset[str] = frozenset()
    echoed: frozenset[tuple[str, int]] = frozenset()
    refused: int = 0
    clock: Setting | None = None
    absences: Mapping[str, frozenset[str]] = field(default_factory=dict)
    vehicles: tuple[Mapping[str, Any], ...] = ()
    callers: Mapping[tuple[str, str], str | None] = field(default_factory=dict)
    backs: Mapping[Return, TakenBack | None] = field(default_factory=dict)
    reports: int = 0
    since_ms: int | None = None
    went_on: int = -1

    def has_reported(self, month: str, files: str) -> bool:
        """Whether a month's report was made, or refused on just these files by any planner."""
        return month in self.reported and files in self.refused_on.get(month, {files})

    def week(self, week: str) -> WeekLedger:
        """What was done about a week; nothing, if nothing."""
        return self.weeks.get(week, NOTHING)

    @property
    def recorded(self) -> Recorded:
        """What was reported of people and vehicles: the one district that all is judged by."""
        return Recorded(absences=self.absences, vehicles=self.vehicles)


def apply(ledger: Ledger, frame: Frame) -> Ledger:
    """The ledger after an accepted frame of `P.plan`."""
    if ledger.since_ms is None:
        ledger = replace(ledger, since_ms=frame.time_ms)
    for consumed in frame.inputs:
        ledger = replace(ledger, inbox_position=max(ledger.inbox_position, consumed.to))
    ledger = known(ledger, frame.facts, frame.decisions, frame.seq)
    for week, act in acts_of(frame):
        held = ledger.week(week)
        ledger = _with(ledger, week, replace(held, acts=(*held.acts, act)))
    return ledger


def known(
    ledger: Ledger, facts: Iterable[Fact], decisions: Iterable[object], seq: int = 0
) -> Ledger:
    """The ledger after facts and decisions, of frame `seq` or of one that is being made."""
    for fact in facts:
        if isinstance(fact, Accepted):
            ledger = _accepted(replace(ledger, taken=ledger.taken | {fact.key}), fact)
        elif isinstance(fact, Note) and fact.key == WENT_ON:
            ledger = replace(ledger, went_on=int(fact.fields["position"]))
    for decision in decisions:
        if isinstance(decision, TakenBack):
            gone = Return(decision.week, decision.person, decision.date)
            ledger = replace(ledger, backs={**ledger.backs, gone: decision})
        elif isinstance(decision, MonthReported):
            ledger = _reported(ledger, decision)
        ledger = _decided(ledger, decision, seq)
    return ledger


def _reported(ledger: Ledger, told: MonthReported) -> Ledger:
    held = {month: files for month, files in ledger.refused_on.items() if month != told.month}
    if told.refused is not None:
        held[told.month] = ledger.refused_on.get(told.month, frozenset()) | {told.files or ""}
    return replace(ledger, reported=ledger.reported | {told.month}, refused_on=held)


def _accepted(ledger: Ledger, fact: Accepted) -> Ledger:
    change = _CHANGES.get(fact.kind)
    return ledger if change is None else change(ledger, fact.data)


def _echoed(ledger: Ledger, told: Normal) -> Ledger:
    """What was published came back; an event that only claims so keeps nothing from being sent."""
    key = week, version = str(told["week"]), int(told["version"])
    sent = {(one.version, one.hash) for one in ledger.week(week).publications}
    new = {key} if (version, told["hash"]) in sent else set()
    return replace(ledger, echoed=ledger.echoed | new)


def _clock(ledger: Ledger, told: Normal) -> Ledger:
    speed = told["speed_e7"] / 10_000_000
    return replace(ledger, clock=Setting(told["virtual_ms"], told["wall_ms"], speed))


def _absent(ledger: Ledger, told: Normal) -> Ledger:
    """What counts is the last word on each day; one that no calendar can tell counts for nothing.

    Who is back, told again, changes nothing: what is to be put back still is, and once.
    """
    person = told["person"]
    dates = frozenset(day for day in told["dates"] if date.fromisoformat(day).year in YEARS)
    held = ledger.absences.get(person, frozenset())
    absences = {**ledger.absences, person: held - dates if told.get("back") else held | dates}
    new = held & dates if told.get("back") else dates
    callers = {(person, day): told.get("by") for day in new}
    backs = {
        one: done for one, done in ledger.backs.items()
        if one.person != person or one.date not in new
    }  # fmt: skip
    for day in sorted(new) if told.get("back") else ():
        around = weeks_around(date.fromisoformat(day))
        in_force = (week for week in around if ledger.week(week).held)
        backs |= {Return(week, person, day): None for week in in_force}
    return replace(
        ledger, absences=absences, callers={**ledger.callers, **callers}, backs=backs,
        reports=ledger.reports + 1,
    )  # fmt: skip


def _withdrawn(ledger: Ledger, told: Normal) -> Ledger:
    return replace(ledger, vehicles=(*ledger.vehicles, told), reports=ledger.reports + 1)


def _wished(ledger: Ledger, told: Normal) -> Ledger:
    if told["what"] == "analysis":
        try:
            monday_of(told["week"])
        except ValueError:
            return ledger
        return replace(ledger, analyses=ledger.analyses | {told["week"]})
    if told["what"] != "plan":
        return ledger
    wish = Wish(told.get("time_s"), told.get("seed"))
    return _with(ledger, told["week"], replace(ledger.week(told["week"]), wish=wish))


def _as_decided(ledger: Ledger, _: Normal) -> Ledger:
    """What only the decisions about it change."""
    return ledger


TAKEN: Mapping[type[Event], Callable[[Ledger, Normal], Ledger]] = {
    RosterPublished: _echoed,
    ClockSet: _clock,
    AbsenceReported: _absent,
    VehicleWithdrawn: _withdrawn,
    PlanRequested: _wished,
    DraftEdited: _as_decided,
    DraftApproved: _as_decided,
    DraftWithdrawn: _as_decided,
}
"""The events that the planner takes, and what each changes. All others are the engine's."""
_CHANGES = {event.type(): change for event, change in TAKEN.items()}


def _decided(ledger: Ledger, decision: object, seq: int) -> Ledger:
    match decision:
        case Analysed(month=month):
            done = {week for week in ledger.analyses if f"{monday_of(week):%Y-%m}" == month}
            return replace(
                ledger, analysed=ledger.analysed | {month}, analyses=ledger.analyses - done
            )
        case DraftPart(week=week, version=version):
            draft = ledger.week(week).drafts.get(version, Draft(version, told=decision.hash))
            return _with_draft(ledger, week, replace(draft, parts=(*draft.parts, decision)))
        case Drafted(week=week, version=version):
            draft = ledger.week(week).drafts.get(version, Draft(version))
            whole = replace(
                draft, whole=True, hash=decision.hash, cause=decision.cause, base=decision.base,
                change=decision.change,
            )  # fmt: skip
            ledger = _with_draft(ledger, week, whole)
            return _with(ledger, week, replace(ledger.week(week), wish=None))
        case Approved(week=week, version=version):
            return _marked(ledger, week, version, approved=True)
        case Withdrawn(week=week, version=version):
            return _marked(ledger, week, version, withdrawn=True)
        case PublicationRefused(week=week, version=version, breaches=breaches):
            cause = ledger.week(week).drafts.get(version, Draft(version)).cause
            ledger = replace(ledger, refused=ledger.refused + (cause not in {"", BY_HAND}))
            marks = {"refused": True, "breaches": breaches, "reports": ledger.reports}
            return _marked(ledger, week, version, **marks)
        case Published():
            return _published(ledger, decision, seq)
        case RequestRefused(week=week):
            ledger = replace(ledger, analyses=ledger.analyses - {week})
            return _with(ledger, week, replace(ledger.week(week), wish=None))
        case Skipped(week=week, reason=reason):
            return _with(ledger, week, replace(ledger.week(week), skipped=reason))
    return ledger


def _published(ledger: Ledger, decision: Published, seq: int) -> Ledger:
    held = ledger.week(decision.week)
    if decision.version <= (held.held or 0):
        return ledger  # a second planner's frame of the same version changes nothing
    new = Publication(decision.version, seq, decision.replaces, decision.hash)
    changed = replace(held, publications=(*held.publications, new))
    return _with(ledger, decision.week, changed)


def _with(ledger: Ledger, week: str, changed: WeekLedger) -> Ledger:
    return replace(ledger, weeks={**ledger.weeks, week: changed})


def _with_draft(ledger: Ledger, week: str, draft: Draft) -> Ledger:
    held = ledger.week(week)
    return _with(ledger, week, replace(held, drafts={**held.drafts, draft.version: draft}))


def _marked(ledger: Ledger, week: str, version: int, **marks: Any) -> Ledger:  # noqa: ANN401 - fields of Draft
    draft = ledger.week(week).drafts.get(version)
    return ledger if draft is None else _with_draft(ledger, week, replace(draft, **marks))


def folded(frames: Iterable[Frame], ledger: Ledger | None = None) -> Ledger:
    """The ledger after frames that were all accepted."""
    state = ledger or Ledger()
    for frame in frames:
        state = apply(state, frame)
    return state
