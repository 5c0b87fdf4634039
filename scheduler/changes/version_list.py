"""The versions of a week: why each was made, by whom and when, what it changed and became."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.district import District
from events.schema import roster_hash
from scheduler.acts import Act
from scheduler.compare import changes
from scheduler.ledger import Draft, WeekLedger
from scheduler.publish import renumbered
from scheduler.readback import of_events

FINGERPRINT = 12


@dataclass(frozen=True, slots=True)
class Version:
    """A version. changes: Days of people that are not as in the version before it.

    fingerprint: Of its duties whatever the version's number: equal where these are, byte for byte.
    repair: What a repair says of itself.
    """

    version: int
    cause: str
    acts: tuple[Act, ...]
    changes: int | None
    fingerprint: str
    in_force: bool = False
    repair: Mapping[str, Any] | None = None

    @property
    def why(self) -> str:
        """Its cause in the words; an edit of one duty, which says its change, is no handing in."""
        return "edited" if self.cause == "edit" and self.repair is not None else self.cause

    def data(self, district: District) -> dict[str, Any]:
        """As JSON."""
        acts = [
            {"what": act.what, "at": district.calendar.iso(act.at_ms), "by": act.by}
            for act in self.acts
        ]
        return {
            "version": self.version, "cause": self.cause, "in_force": self.in_force,
            "changes": self.changes, "fingerprint": self.fingerprint, "acts": acts,
            "repair": self.repair,
        }  # fmt: skip


def versions(district: District, week: str, held: WeekLedger) -> list[Version]:
    """All versions of a week that were whole, oldest first."""
    whole = [draft for _, draft in sorted(held.drafts.items()) if draft.whole]
    replaced = {one.version: one.replaces for one in held.publications}
    found = []
    for draft in whole:
        of = replaced.get(draft.version) or draft.base
        if of is None and draft.version not in replaced:
            of = max((v for v in held.published if v < draft.version), default=None)
        before = held.drafts.get(of or 0)
        found.append(Version(
            draft.version, draft.cause,
            tuple(act for act in held.acts if act.version == draft.version),
            None if before is None else _changes(district, week, before, draft),
            fingerprint(draft), draft.version == held.held, draft.change,
        ))  # fmt: skip
    return found


def fingerprint(draft: Draft) -> str:
    """The hash of a version's duties as if it were the first version."""
    return roster_hash(renumbered(draft.duties, 1))[:FINGERPRINT]


def _changes(district: District, week: str, before: Draft, after: Draft) -> int:
    one, other = (of_events(district, week, draft.duties).roster for draft in (before, after))
    return len({(change.person, change.date) for change in changes(one, other)})
