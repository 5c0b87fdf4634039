"""Changing a week by hand over a bus: swap, extra duty, edit, undo, approve, withdraw; by whom.

Every change is made of the version in force, or of the draft that it edits, and handed in with
that version's number: where another came between, it is refused and made anew of that one, a
few times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from config.errors import BadInput, NotFound
from events.kinds import DutyRostered
from events.schema import roster_hash
from scheduler import publish
from scheduler.again import Again
from scheduler.ask import Desk
from scheduler.changes.changed import Changed, became, would_become
from scheduler.changes.decided import Decided
from scheduler.drafting import OVERTAKEN, against, overtaken
from scheduler.ledger import Draft, Ledger, WeekLedger, bare
from scheduler.plan_log import PlanReader
from scheduler.readback import RosterFile, of_events
from scheduler.repair import told_of
from scheduler.wanted import CAUSES, Extra, Outcome, Wanted, carried_out, named


@dataclass(slots=True)
class Changes:
    """One command's changes."""

    desk: Desk
    dry: bool = False
    """Only say what would change."""

    def wanted(
        self, week: str, wanted: Wanted, by: str | None, *, publish_it: bool,
        of: int | None = None, upon: int | None = None,
    ) -> Changed:  # fmt: skip
        """Carry out what a person wants: as the next version, or as a draft.

        Args:
            week: Which.
            wanted: What.
            by: Who.
            publish_it: Put it in force at once.
            of: The draft that is changed; None: the version in force.
            upon: The version in force that this was decided upon; None: when the command began.

        Raises:
            NotFound: There is no such version, or nobody answers.
            Impossible: Another came between and changed what this is about.
        """
        reader = self.desk.adopted(week)
        again, decided = Again(reader, week), Decided.upon(self.desk, reader.ledger, week, upon)
        while True:
            held = again.held()
            base = self._base(held, week, of)
            if isinstance(wanted, Extra):
                decided.check_extra(held, self._as_filed(wanted))
            elif of is None:
                decided.check(held, named(wanted))
            outcome = self._outcome(reader.ledger, week, base, wanted)
            if outcome.found is None:
                return Changed(week, base.version, breaches=outcome.breaches)
            change = told_of(outcome.found)
            if publish_it and outcome.found.undone:
                return Changed(week, base.version, change=change, undone=True)
            duties = publish.duties_of(self.desk.district, outcome.file, held.next_version)
            cause = CAUSES[type(wanted)]
            if self.dry:
                return would_become(week, duties, cause, change, base)
            draft = self._handed(reader, duties, by, cause=cause, base=held.held, change=change)
            if publish_it and draft is not None:
                draft = self._published(reader, week, draft, by)
            if draft is not None and not _overtaken(draft):
                return became(reader.ledger, week, draft, base)

    def undo(self, week: str, by: str | None, upon: int | None = None) -> Changed:
        """The version before the one in force, as the next version: each duty as it was.

        Args:
            week: Which.
            by: Who.
            upon: The version that is to be undone; None: the one in force when the command began.

        Raises:
            NotFound: There is none before.
            BadInput: Of what it changes something has begun.
            Impossible: Another came between: that one would be undone.
        """
        reader = self.desk.adopted(week)
        again, decided = Again(reader, week), Decided.upon(self.desk, reader.ledger, week, upon)
        while True:
            held = again.held()
            decided.check(held)
            now = self._base(held, week, None)
            replaced = held.publications[-1].replaces
            before = held.drafts.get(replaced or 0)
            if before is None:
                raise NotFound("repair.nothing_before", week=week, version=now.version)
            self._not_begun(reader.ledger, now, before)
            if broken := self._broken(reader.ledger, week, now, before):
                return Changed(week, now.version, breaches=broken, cause="undo")
            duties = publish.renumbered(before.duties, held.next_version)
            if self.dry:
                return would_become(week, duties, "undo", None, now)
            draft = self._handed(reader, duties, by, cause="undo", base=held.held)
            draft = draft and self._published(reader, week, draft, by)
            if draft is not None and not _overtaken(draft):
                return became(reader.ledger, week, draft, now)

    def draft(
        self, week: str, file: RosterFile, by: str | None, *, over: bool = False
    ) -> Changed:  # fmt: skip
        """Hand a roster in as a draft; nothing is in force by it.

        Args:
            week: Which.
            file: The roster.
            by: Who.
            over: Whatever version its file was made from.
        """
        reader = self.desk.adopted(week)
        again = Again(reader, week)
        while True:
            held = again.held()
            if publish.base_of(file, held.held, over=over) != held.held:
                return Changed(week, held.held, breaches=(overtaken(held.held),))
            duties = publish.duties_of(self.desk.district, file, held.next_version)
            draft = self._handed(reader, duties, by, base=held.held)
            if draft is not None:
                return became(reader.ledger, week, draft, held.drafts.get(held.held or 0))

    def approve(self, week: str, version: int | None, by: str | None) -> Changed:
        """Say that a draft may be published."""
        reader, draft = self._open(week, version)
        told = {"week": week, "version": draft.version} | ({"by": by} if by else {})
        self.desk.send("draft_approved", told)
        self.desk.until(reader, lambda one: one.week(week).drafts[draft.version].approved or None)
        return Changed(week, draft.version)

    def withdraw(
        self, week: str, version: int | None, by: str | None, reason: str | None
    ) -> Changed:
        """Say that a draft must not be published."""
        reader, draft = self._open(week, version)
        told = {"week": week, "version": draft.version}
        told |= {name: value for name, value in (("by", by), ("reason", reason)) if value}
        self.desk.send("draft_withdrawn", told)
        self.desk.until(reader, lambda one: one.week(week).drafts[draft.version].withdrawn or None)
        return Changed(week, draft.version)

    # --- parts -------------------------------------------------------------------------------

    def _base(self, held: WeekLedger, week: str, of: int | None) -> Draft:
        found = held.drafts.get(of or held.held or 0)
        if found is None or not found.whole:
            raise NotFound("repair.no_version", week=week, version=of or "–")
        return found

    def _as_filed(self, wanted: Extra) -> dict[str, str | None]:
        """What a version says of an extra duty, whoever does it."""
        iso = self.desk.district.calendar.iso
        return {
            "squadron": wanted.squadron, "kind": wanted.kind, "post": wanted.post,
            "start": iso(wanted.start_ms), "end": iso(wanted.end_ms),
        }  # fmt: skip

    def _open(self, week: str, version: int | None) -> tuple[PlanReader, Draft]:
        """A draft that can still be published; the newest, if none is named."""
        reader = PlanReader(self.desk.bus, self.desk.area)
        held = reader.ledger.week(week)
        draft = held.newest if version is None else held.drafts.get(version)
        if draft is None:
            raise NotFound("repair.no_draft", week=week)
        if not draft.open or draft.version <= (held.held or 0):
            raise BadInput(key="repair.closed", week=week, version=draft.version)
        return reader, draft

    def _outcome(self, ledger: Ledger, week: str, base: Draft, wanted: Wanted) -> Outcome:
        district = ledger.recorded.onto(self.desk.district)
        file = of_events(district, week, base.duties)
        return carried_out(district, file, wanted, self.desk.now_ms(ledger))

    def _not_begun(self, ledger: Ledger, now: Draft, before: Draft) -> None:
        at_ms, parse = self.desk.now_ms(ledger), self.desk.district.calendar.parse_iso
        told = [{d["duty"]: bare(d) for d in one.duties} for one in (now, before)]
        for name in sorted({*told[0], *told[1]}):
            one, other = told[0].get(name), told[1].get(name)
            starts = [parse(duty["start"]) for duty in (one, other) if duty is not None]
            if one != other and at_ms is not None and min(starts) < at_ms:
                raise BadInput(key="repair.begun", duty=name)

    def _broken(
        self, ledger: Ledger, week: str, now: Draft, before: Draft
    ) -> tuple[dict[str, Any], ...]:
        """Laws that an earlier version breaks by now, and the one in force does not."""
        found = against(
            ledger.recorded.onto(self.desk.district), ledger.week(week), week, before.duties,
            now.duties, self.desk.now_ms(ledger),
        )  # fmt: skip
        return tuple(map(publish.breach_data, found))

    def _handed(
        self, reader: PlanReader, duties: Sequence[DutyRostered], by: str | None, **about: object
    ) -> Draft | None:
        """The draft that was handed in; None where another has its number."""
        week, version, told = duties[0].week, duties[0].version, roster_hash(duties)
        for part in publish.handed(duties, by=by, **about):
            self.desk.send("draft_edited", part)

        def whole(ledger: Ledger) -> Draft | None:
            held = ledger.week(week)
            draft = held.drafts.get(version)
            over = version <= (held.held or 0)
            return draft if draft and (draft.whole or over or draft.told != told) else None

        draft = self.desk.until(reader, whole)
        return draft if draft.hash == told else None

    def _published(
        self, reader: PlanReader, week: str, draft: Draft, by: str | None
    ) -> Draft | None:
        """The draft once it is in force or refused; None where another came between."""
        told = {"week": week} | ({"by": by} if by else {})
        self.desk.send("draft_approved", {**told, "version": draft.version})
        what = {"what": "publish", "version": draft.version}
        self.desk.send("plan_requested", {**told, **what})

        def fate(ledger: Ledger) -> Draft | None:
            held = ledger.week(week)
            one = held.drafts[draft.version]
            over = one.refused or one.withdrawn or draft.version <= (held.held or 0)
            return one if over else None

        found = self.desk.until(reader, fate)
        known = reader.ledger.week(week).published
        return found if found.refused or draft.version in known else None


def _overtaken(draft: Draft) -> bool:
    return any(breach.get("rule") == OVERTAKEN for breach in draft.breaches)
