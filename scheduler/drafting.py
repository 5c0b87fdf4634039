"""Writing drafts to `P.plan`, and the verdict whether one may be published."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from events.kinds import DutyRostered
from events.plan_decisions import Drafted, DraftPart, PlanDecision, PublicationRefused, Published
from events.schema import roster_hash
from scheduler import publish
from scheduler.ledger import Draft, Ledger
from scheduler.plan_log import MOST_BYTES, PlanLog
from scheduler.publish import Kept
from scheduler.readback import of_events
from scheduler.rules import Breach

Cause = Literal["timer", "request", "edit", "absence"]


@dataclass(frozen=True, slots=True)
class Drafter:
    """Writes drafts of one area."""

    log: PlanLog
    kept: Kept

    def verdict(
        self, ledger: Ledger, week: str, draft: Draft, over: Draft | None = None
    ) -> Published | PublicationRefused:
        """A draft's publication, or the laws that forbid it.

        Args:
            ledger: With what was reported.
            week: The draft's.
            draft: What shall be in force.
            over: The version in force that it repairs. What was reported after that was
                published may have broken it; a repair must not break more.
        """
        found = Counter(self._breaches(ledger, week, draft))
        if over is not None:
            found -= Counter(self._breaches(ledger, week, over))
        if found:
            told = tuple(publish.breach_data(breach) for breach in found.elements())
            return PublicationRefused(week=week, version=draft.version, breaches=told)
        return Published(
            week=week, version=draft.version, replaces=ledger.week(week).held,
            duties=len(draft.duties), hash=draft.hash,
        )  # fmt: skip

    def _breaches(self, ledger: Ledger, week: str, draft: Draft) -> list[Breach]:
        district = ledger.recorded.onto(self.kept.district)
        return publish.breaches(district, of_events(district, week, draft.duties))

    def write(
        self, week: str, duties: Sequence[DutyRostered], cause: Cause, *,
        over: Draft | None = None, out: Path | None = None,
    ) -> bool:  # fmt: skip
        """Write a whole draft, over several frames where it must be; goes on after conflicts.

        Args:
            week: Its week.
            duties: Its duties, numbered anew.
            cause: Why it was made.
            over: The version in force that it repairs: published at once.
            out: Folder of the files that belong to it.
        """
        version, told = 0, ""
        parts: tuple[DraftPart, ...] = ()
        while True:
            held = self.log.ledger.week(week)
            if not version or not held.takes(version, told):
                if cause == "timer" and held.newest:
                    return True  # another planner was faster
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
                    cause=cause,
                ))  # fmt: skip
                if out is not None:
                    self.kept.needs(out, self.kept.draft(week, version))
            if last and over is not None:
                draft = Draft(version, parts, hash=told)
                decisions.append(self.verdict(self.log.ledger, week, draft, over))
            if self.log.append(decisions) and last:
                return True


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
