"""The planner's memory: the fold of `P.plan`, and what is due by it. Pure.

What has to be done is computed from what was done, never from which timer fired: so a double
firing, a second planner or three weeks of downtime all come to the same row of frames.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from config.calendar import Calendar, monday_of
from config.settings import Publication
from events.facts import Accepted
from events.frame import Frame
from events.plan_decisions import (
    Analysed,
    Approved,
    Drafted,
    DraftPart,
    PublicationRefused,
    Published,
    Skipped,
    Withdrawn,
)

Duty = Mapping[str, Any]
"""Normal data of `duty_rostered`, as frames keep it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A version of a week's roster."""

    version: int
    parts: tuple[DraftPart, ...] = ()
    whole: bool = False
    hash: str = ""
    cause: str = ""
    approved: bool = False
    withdrawn: bool = False
    refused: bool = False

    @property
    def duties(self) -> tuple[Duty, ...]:
        """All its duties, in the order of the parts."""
        return tuple(duty for part in self.parts for duty in part.duties)

    @property
    def open(self) -> bool:
        """Whether it could still be published."""
        return self.whole and not self.withdrawn and not self.refused


@dataclass(frozen=True, slots=True)
class WeekLedger:
    """What was done about one week."""

    drafts: Mapping[int, Draft] = field(default_factory=dict)
    published: tuple[int, ...] = ()
    skipped: str | None = None

    @property
    def held(self) -> int | None:
        """The version in force."""
        return self.published[-1] if self.published else None

    @property
    def newest(self) -> Draft | None:
        """The newest draft that could be published and is not."""
        candidates = [d for d in self.drafts.values() if d.open and d.version > (self.held or 0)]
        return max(candidates, key=lambda draft: draft.version, default=None)

    @property
    def next_version(self) -> int:
        """The version that a new draft gets."""
        return max([0, *self.drafts, *self.published]) + 1


NOTHING = WeekLedger()


@dataclass(frozen=True, slots=True)
class Ledger:
    """State of the planner.

    `inbox_position` is the last inbox record folded; `taken` the dedupe keys of the events acted
    on; `echoed` the published versions whose roster events were seen back in the inbox.
    """

    weeks: Mapping[str, WeekLedger] = field(default_factory=dict)
    analysed: frozenset[str] = frozenset()
    inbox_position: int = -1
    taken: frozenset[str] = frozenset()
    echoed: frozenset[tuple[str, int]] = frozenset()
    refused: int = 0

    def week(self, week: str) -> WeekLedger:
        """What was done about a week; nothing, if nothing."""
        return self.weeks.get(week, NOTHING)


def apply(ledger: Ledger, frame: Frame) -> Ledger:
    """The ledger after an accepted frame of `P.plan`."""
    for consumed in frame.inputs:
        ledger = replace(ledger, inbox_position=max(ledger.inbox_position, consumed.to))
    for fact in frame.facts:
        if isinstance(fact, Accepted):
            ledger = replace(ledger, taken=ledger.taken | {fact.event})
            if fact.kind == "qinwu.roster_published.v1":
                key = (str(fact.data["week"]), int(fact.data["version"]))
                ledger = replace(ledger, echoed=ledger.echoed | {key})
    for decision in frame.decisions:
        ledger = _decided(ledger, decision)
    return ledger


def _decided(ledger: Ledger, decision: object) -> Ledger:
    match decision:
        case Analysed(month=month):
            return replace(ledger, analysed=ledger.analysed | {month})
        case DraftPart(week=week, version=version):
            draft = ledger.week(week).drafts.get(version, Draft(version))
            return _with_draft(ledger, week, replace(draft, parts=(*draft.parts, decision)))
        case Drafted(week=week, version=version):
            draft = ledger.week(week).drafts.get(version, Draft(version))
            whole = replace(draft, whole=True, hash=decision.hash, cause=decision.cause)
            return _with_draft(ledger, week, whole)
        case Approved(week=week, version=version):
            return _marked(ledger, week, version, approved=True)
        case Withdrawn(week=week, version=version):
            return _marked(ledger, week, version, withdrawn=True)
        case PublicationRefused(week=week, version=version):
            ledger = replace(ledger, refused=ledger.refused + 1)
            return _marked(ledger, week, version, refused=True)
        case Published(week=week, version=version):
            held = ledger.week(week)
            if version <= (held.held or 0):
                return ledger  # a second planner's frame of the same version changes nothing
            return _with(ledger, week, replace(held, published=(*held.published, version)))
        case Skipped(week=week, reason=reason):
            return _with(ledger, week, replace(ledger.week(week), skipped=reason))
    return ledger


def _with(ledger: Ledger, week: str, changed: WeekLedger) -> Ledger:
    return replace(ledger, weeks={**ledger.weeks, week: changed})


def _with_draft(ledger: Ledger, week: str, draft: Draft) -> Ledger:
    held = ledger.week(week)
    return _with(ledger, week, replace(held, drafts={**held.drafts, draft.version: draft}))


def _marked(ledger: Ledger, week: str, version: int, **marks: Any) -> Ledger:  # noqa: ANN401 - fields of Draft
    draft = ledger.week(week).drafts.get(version)
    return ledger if draft is None else _with_draft(ledger, week, replace(draft, **marks))


# --- what is due -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Skip:
    """Record that a wholly past week had no roster, and why."""

    week: str
    reason: str


@dataclass(frozen=True, slots=True)
class MakeDraft:
    """Plan a week; `from_ms` leaves out what has already begun."""

    week: str
    from_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Publish:
    """Publish a draft."""

    week: str
    version: int


@dataclass(frozen=True, slots=True)
class Analyse:
    """Make a month's patterns."""

    month: str


Action = Skip | MakeDraft | Publish | Analyse


def due(ledger: Ledger, now_ms: int, calendar: Calendar, rules: Publication) -> Iterator[Action]:
    """What has to be done now, most pressing first.

    The current week comes before the next: people stand in the street without a roster.
    """
    this_week = calendar.week_of(now_ms)
    for week in _passed(ledger, this_week, calendar):
        yield Skip(week, "planner_down")
    now_local = calendar.local(now_ms)
    month = f"{now_local:%Y-%m}"
    opened = now_local.day > rules.analysis_day or (
        now_local.day == rules.analysis_day and now_local.time() >= rules.analysis_at
    )
    if month not in ledger.analysed and opened:
        yield Analyse(month)
    yield from _for_week(ledger, this_week, now_ms, rules, begun=True, publish=True)
    next_week = calendar.next_week(this_week)
    drafting = now_ms >= _moment(calendar, this_week, rules.draft_weekday, rules.draft_at)
    publishing = now_ms >= _moment(calendar, this_week, rules.publish_weekday, rules.publish_at)
    if drafting or publishing:
        yield from _for_week(ledger, next_week, now_ms, rules, begun=False, publish=publishing)


def _for_week(
    ledger: Ledger, week: str, now_ms: int, rules: Publication, *, begun: bool, publish: bool
) -> Iterator[Action]:
    """The next act for a week: a draft if there is none, else its publication."""
    held = ledger.week(week)
    if held.held is not None:
        return
    draft = held.newest
    if draft is None:
        withdrawn = any(d.withdrawn for d in held.drafts.values())
        if not withdrawn:  # a person took it back: the next draft is a person's wish too
            yield MakeDraft(week, now_ms if begun else None)
    elif publish and (rules.publish == "auto" or draft.approved):
        yield Publish(week, draft.version)


def _passed(ledger: Ledger, this_week: str, calendar: Calendar) -> Iterator[str]:
    """Weeks between the last one handled and this one that nothing was done about."""
    handled = [w for w, held in ledger.weeks.items() if held.published or held.skipped]
    before = [week for week in handled if week < this_week]
    if not before:
        return
    week = calendar.next_week(max(before))
    while week < this_week:
        yield week
        week = calendar.next_week(week)


def _moment(calendar: Calendar, week: str, weekday: int, clock: Any) -> int:  # noqa: ANN401
    return calendar.at_ms(monday_of(week) + timedelta(days=weekday - 1), clock)


def next_due_ms(now_ms: int, calendar: Calendar, rules: Publication) -> int:
    """The next moment at which something could become due by the clock alone."""
    week = calendar.week_of(now_ms)
    moments: list[int] = []
    for one in (week, calendar.next_week(week)):
        moments += [
            calendar.week_start_ms(one),
            _moment(calendar, one, rules.draft_weekday, rules.draft_at),
            _moment(calendar, one, rules.publish_weekday, rules.publish_at),
        ]
    first = calendar.local(now_ms).date().replace(day=1)
    for month in (first, (first + timedelta(days=32)).replace(day=1)):
        day = month.replace(day=rules.analysis_day)
        moments.append(calendar.at_ms(day, rules.analysis_at))
    return min(at_ms for at_ms in moments if at_ms > now_ms)


def folded(frames: Iterable[Frame], ledger: Ledger | None = None) -> Ledger:
    """The ledger after frames that were all accepted."""
    state = ledger or Ledger()
    for frame in frames:
        state = apply(state, frame)
    return state
