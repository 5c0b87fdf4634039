"""Writing drafts to `P.plan`, and the verdict whether one may be published."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.calendar import Calendar
from config.district import District
from config.ids import PersonId
from events.kinds import DutyRostered
from events.plan_decisions import (
    Cause,
    Drafted,
    DraftPart,
    PlanDecision,
    PublicationRefused,
    Published,
)
from events.ports import BusLost
from events.schema import roster_hash
from scheduler import publish
from scheduler.duty_ids import breaches_elsewhere
from scheduler.ledger import Draft, Duty, Ledger, WeekLedger, work_of
from scheduler.plan_log import MOST_BYTES, PlanLog
from scheduler.publish import Kept
from scheduler.readback import of_events
from scheduler.refusal import MOST_BREACHES, cut_short, unjudged
from scheduler.rules import Breach

OVERTAKEN = "overtaken"
"""In place of a law: another version is in force than the one that a draft was made from."""

ONCE = frozenset(("timer", "edit"))
"""Causes of a week's first draft: planned when it is due, or taken over as it was published."""


def overtaken(held: int | None) -> dict[str, Any]:
    """What is said, as a breach, of what was made from another version than the one in force."""
    return {"rule": OVERTAKEN, "amount": held or 0}


def against(
    by_now: District,
    held: WeekLedger,
    week: str,
    duties: Sequence[Duty],
    over: Sequence[Duty] | None,
    now_ms: int | None,
) -> list[Breach]:
    """What forbids a version's publication: every law that it breaks, but by what is worked.

    One verdict, whether a change is made, tried or only spoken of.

    Args:
        by_now: The district with what was reported.
        held: What was done about the week.
        week: Which.
        duties: Of the version, in the form of frames.
        over: Those of the one that it repairs: what was reported since that was published may
            have broken it, and counts no more; None: it repairs none.
        now_ms: The district's time; None: it has none yet.
    """

    def broken(some: Sequence[Duty]) -> Counter[Breach]:
        return Counter(publish.breaches(by_now, of_events(by_now, week, some)))

    found = broken(duties) - (Counter() if over is None else broken(over))
    past = _worked(by_now.calendar, held, duties, now_ms) if found else set()
    return [breach for breach in found.elements() if breach.duty not in past]


def _worked(
    calendar: Calendar, held: WeekLedger, duties: Iterable[Duty], now_ms: int | None
) -> set[str]:
    """Duties of which all was worked by the version in force: they are no plan any more."""
    if now_ms is None or held.held is None:
        return set()
    in_force = {duty["duty"]: duty for duty in held.drafts[held.held].duties}
    return {
        str(duty["duty"]) for duty in duties
        if (was := in_force.get(duty["duty"]))
        and work_of(duty) == work_of({**was, "end": duty["end"]})
        and calendar.parse_iso(duty["end"]) <= min(now_ms, calendar.parse_iso(was["end"]))
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drafter:
    """Writes drafts of one area."""

    log: PlanLog
    kept: Kept
    now_ms: Callable[[], int | None]
    """The district's time, None where it has none yet."""

    def verdict(
        self,
        ledger: Ledger,
        week: str,
        draft: Draft,
        over: Draft | None = None,
        by: PersonId | None = None,
    ) -> Published | PublicationRefused:
        """A draft's publication, or what forbids it: the laws, and ids of another week.

        Args:
            ledger: With what was reported.
            week: The draft's.
            draft: What shall be in force.
            over: The version in force that it repairs. What was reported after that was
                published may have broken it; a repair must not break more.
            by: Who asked for it.
        """
        held = ledger.week(week)
        if draft.base is not None and draft.base != held.held:  # it would undo what came between
            late = (overtaken(held.held),)
            return PublicationRefused(week=week, version=draft.version, breaches=late)
        try:
            found = against(
                ledger.recorded.onto(self.kept.district), held, week, draft.duties,
                None if over is None else over.duties, self.now_ms(),
            )  # fmt: skip
            odd = breaches_elsewhere(ledger, week, draft.duties)
            told = cut_short([*odd, *map(publish.breach_data, found)], MOST_BREACHES)
        except BusLost:
            raise
        except Exception as error:  # noqa: BLE001 - a refusal is read, a planner that ends is not
            told = (unjudged(error),)
        if told:
            return PublicationRefused(week=week, version=draft.version, breaches=told)
        return Published(
            week=week, version=draft.version, replaces=held.held,
            duties=len(draft.duties), hash=draft.hash, by=by,
        )  # fmt: skip

    def write(
        self, week: str, duties: Sequence[DutyRostered], cause: Cause, *,
        over: Draft | None = None, out: Path | None = None, fault: Exception | None = None,
        change: Mapping[str, Any] | None = None, by: PersonId | None = None,
        besides: Callable[[int], PlanDecision] | None = None,
    ) -> bool:  # fmt: skip
        """Write a whole draft, over several frames where it must be; goes on after conflicts.

        Args:
            week: Its week.
            duties: Its duties, numbered anew.
            cause: Why it was made.
            over: The version in force that it repairs: published at once. Where another is in
                force meanwhile nothing is written: that one is to be repaired.
            out: Folder of the files that belong to it.
            fault: Why it could not be made as it should be: refused at once.
            change: What a repair says of itself.
            by: Who told of what it is made for.
            besides: What is decided together with it, of its number.
        """
        version, told = 0, ""
        parts: tuple[DraftPart, ...] = ()
        while True:
            held = self.log.ledger.week(week)
            if over is not None and held.held != over.version:
                return True
            if not version or not held.takes(version, told):
                if cause in ONCE and (held.newest or held.held):
                    return True  # another planner was faster, and may have published it, too
                version = held.next_version
                numbered = publish.renumbered(publish.normal(duties), version)
                parts, told = publish.parts_of(numbered), roster_hash(numbered)
            written = len(held.drafts.get(version, Draft(version)).parts)
            chunk = _chunk(parts[written:])
            last = written + len(chunk) == len(parts)
            decisions: list[PlanDecision] = list(chunk)
            if last:
                decisions.append(Drafted(
                    week=week, version=version, parts=len(parts), duties=len(duties), hash=told,
                    cause=cause, change=None if change is None else dict(change), by=by,
                    base=held.held if over is not None or cause == "demand" else None,
                ))  # fmt: skip
                decisions += [] if besides is None else [besides(version)]
                if out is not None:
                    self.kept.needs(out, self.kept.draft(week, version))
                decisions += self._ended(week, Draft(version, parts, hash=told), over, fault, by)
            if self.log.append(decisions) and last:
                return True

    def _ended(
        self, week: str, draft: Draft, over: Draft | None, fault: Exception | None,
        by: PersonId | None,
    ) -> list[PlanDecision]:  # fmt: skip
        """What is decided of a whole draft with its last part: that of a repair is judged."""
        if fault is not None:
            why = (unjudged(fault),)
            return [PublicationRefused(week=week, version=draft.version, breaches=why)]
        return [] if over is None else [self.verdict(self.log.ledger, week, draft, over, by)]


def _chunk(parts: Sequence[DraftPart]) -> tuple[DraftPart, ...]:
    """As many parts as one frame takes, at least one where there is any."""
    taken: list[DraftPart] = []
    size = 0
    for part in parts:
        size += len(part.model_dump_json().encode())
        if taken and size > MOST_BYTES:
            break
        taken.append(part)
    return tuple(taken)
