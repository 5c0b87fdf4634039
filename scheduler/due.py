"""What the planner has to do now, computed from its ledger. Pure.

Never from which timer fired: so a double firing, a second planner or three weeks of downtime all
come to the same row of frames.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta

from config.calendar import Calendar, monday_of
from config.settings import Publication as Rules
from scheduler.ledger import ABSENCE, REPAIRS, Draft, Duty, Ledger, WeekLedger, Wish
from scheduler.months import after, month_of, named
from scheduler.week_ledger import Return

MOST_REFUSED = 3
"""Drafts of one week that may break a law before the planner stops trying."""
MOST_MONTHS = 12


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
    wish: Wish | None = None


@dataclass(frozen=True, slots=True)
class Publish:
    """Publish a draft."""

    week: str
    version: int


@dataclass(frozen=True, slots=True)
class Analyse:
    """Make a month's must-arrive points and staffing; of the week named, else of the one now."""

    month: str
    week: str | None = None


@dataclass(frozen=True, slots=True)
class ReportMonth:
    """Write the report of a month that ended, such as "2026-11"."""

    month: str


@dataclass(frozen=True, slots=True)
class Repair:
    """Take absent people and withdrawn vehicles out of a version; `publish`: of that in force."""

    week: str
    version: int
    publish: bool


Action = Skip | MakeDraft | Publish | Analyse | ReportMonth | Repair | Return


def due(
    ledger: Ledger, now_ms: int, calendar: Calendar, rules: Rules, files: str = ""
) -> Iterator[Action]:
    """What the clock asks for, most pressing first.

    The current week comes before the next: people stand in the street without a roster. `files`
    tells the district's files from others: a report that was refused on others is due again.
    """
    this_week = calendar.week_of(now_ms)
    yield from _passed(ledger, this_week, calendar, rules)
    yield from _for_week(ledger, this_week, now_ms, rules, begun=True, publish=True)
    next_week = calendar.next_week(this_week)
    drafting = now_ms >= _moment(calendar, this_week, rules.draft_weekday, rules.draft_at)
    publishing = now_ms >= _moment(calendar, this_week, rules.publish_weekday, rules.publish_at)
    if drafting or publishing:
        yield from _for_week(ledger, next_week, now_ms, rules, begun=False, publish=publishing)
    now_local = calendar.local(now_ms)
    month = f"{now_local:%Y-%m}"
    opened = (now_local.day, now_local.time()) >= (rules.analysis_day, rules.analysis_at)
    if month not in ledger.analysed and opened:
        yield Analyse(month)
    if opened:
        since = calendar.local(now_ms if ledger.since_ms is None else ledger.since_ms)
        first = f"{since:%Y-%m}"
        yield from (ReportMonth(each) for each in _unreported(ledger, month, first, files))


def _unreported(ledger: Ledger, month: str, since: str, files: str) -> Iterator[str]:
    """Months before this one without a report, the oldest first, since a planner was there.

    At most a year of them: what was down for longer is told by its weeks. Who wanted the analysis
    of a week long ago wants no reports from then on.
    """
    first = max(min(ledger.analysed | ledger.reported, default=month), since)
    for back in range(MOST_MONTHS, 0, -1):
        each = named(after(month_of(month), -back))
        if first <= each and not ledger.has_reported(each, files):
            yield each


def asked(ledger: Ledger, now_ms: int | None, calendar: Calendar) -> Iterator[Action]:
    """What people asked for or reported, whatever the clock says of the week.

    Args:
        ledger: The fold.
        now_ms: Duties that ended before are left as they are; None leaves out nothing.
        calendar: The district's.
    """
    yield from (one for one, done in ledger.backs.items() if done is None)
    for week, held in sorted(ledger.weeks.items()):
        base = held.drafts.get(held.held or 0)
        if base is not None and _needs_repair(ledger, held, base, now_ms, calendar):
            yield Repair(week, base.version, publish=True)
        elif (new := held.newest) and _needs_repair(ledger, held, new, now_ms, calendar):
            yield Repair(week, new.version, publish=False)
        if held.wish is not None:
            yield MakeDraft(week, None, held.wish)
    for week in sorted(ledger.analyses):
        yield Analyse(f"{monday_of(week):%Y-%m}", week)


def _needs_repair(
    ledger: Ledger, held: WeekLedger, draft: Draft, now_ms: int | None, calendar: Calendar
) -> bool:
    """Whether somebody absent or a withdrawn vehicle is still in it, and no repair was refused.

    A refusal holds for what was known then: another report is worth another repair, and so is
    the same one told again, when a file was mended in between.
    """
    tried = any(
        d.refused and d.cause in REPAIRS and d.version > draft.version
        and d.reports == ledger.reports
        for d in held.drafts.values()
    )  # fmt: skip
    return not tried and any(concerned(ledger, held, draft, now_ms, calendar))


def concerned(
    ledger: Ledger, held: WeekLedger, draft: Draft, now_ms: int | None, calendar: Calendar
) -> Iterator[Duty]:
    """Duties of a version in which somebody absent still stands, and which are not over.

    And those with a withdrawn vehicle which have not begun: who is under way is under way.
    """
    recorded = ledger.recorded
    for duty in draft.duties:
        if recorded.absent(duty, calendar):
            over = now_ms is not None and calendar.parse_iso(duty["end"]) <= now_ms
            if not over and not _was_cut(held, duty):
                yield duty
        elif recorded.grounded(duty, calendar) and (
            now_ms is None or calendar.parse_iso(duty["start"]) >= now_ms
        ):
            yield duty


def _was_cut(held: WeekLedger, duty: Duty) -> bool:
    """Whether a repair ended a duty early: a clock set back since does not undo what was worked."""
    same = [
        (d, other["end"]) for _, d in sorted(held.drafts.items()) for other in d.duties
        if all(other[name] == duty[name] for name in ("duty", "officer", "start"))
    ]  # fmt: skip
    first = next((n for n, (_, end) in enumerate(same) if end == duty["end"]), 0)
    return first > 0 and same[first][0].cause == ABSENCE


def _for_week(
    ledger: Ledger, week: str, now_ms: int, rules: Rules, *, begun: bool, publish: bool
) -> Iterator[Action]:
    """The next act for a week: a draft if there is none, else its publication."""
    held = ledger.week(week)
    if held.held is not None:
        return
    draft = held.newest
    if draft is None:
        withdrawn = any(d.withdrawn for d in held.drafts.values())
        hopeless = sum(d.refused for d in held.drafts.values()) >= MOST_REFUSED
        if not withdrawn and not hopeless:  # a person took it back: the next is their wish too
            yield MakeDraft(week, now_ms if begun else None)
    elif publish and (rules.publish == "auto" or draft.approved):
        yield Publish(week, draft.version)


def _passed(ledger: Ledger, this_week: str, calendar: Calendar, rules: Rules) -> Iterator[Skip]:
    """Weeks between the first one handled and this one that were never in force.

    From the first one on: a person may have published a later week while no planner ran.
    """
    handled = {w for w, held in ledger.weeks.items() if held.published or held.skipped}
    week = min(handled, default=this_week)
    while week < this_week:
        drafts = ledger.week(week).drafts.values()
        if week in handled:
            pass
        elif any(draft.withdrawn for draft in drafts):
            yield Skip(week, "withdrawn")
        elif rules.publish == "approve" and any(draft.open for draft in drafts):
            yield Skip(week, "not_approved")
        elif any(draft.refused for draft in drafts):
            yield Skip(week, "refused")
        else:
            yield Skip(week, "planner_down")
        week = calendar.next_week(week)


def _moment(calendar: Calendar, week: str, weekday: int, clock: time) -> int:
    return calendar.at_ms(monday_of(week) + timedelta(days=weekday - 1), clock)


def next_due_ms(now_ms: int, calendar: Calendar, rules: Rules) -> int:
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
