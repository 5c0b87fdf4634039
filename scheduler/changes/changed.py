"""What became of a change of a week, or would become of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from events.kinds import DutyRostered
from scheduler import publish
from scheduler.changes.lost import Lost, lost
from scheduler.ledger import Draft, Duty, Ledger, bare


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a change.

    version: The draft, or what is in force now; None: there is nothing. change: What its version
    says of itself, or would. undone: It was not made, since nobody could do all of it. told: Whose
    week is not as it was. breaches: Laws for which it was not made. lost: What nobody does now.
    cause: Of its version. dry: Nothing was done, this is what would be. new: Duties that are not
    as they were.
    """

    week: str
    version: int | None
    published: bool = False
    change: Mapping[str, Any] | None = None
    undone: bool = False
    told: tuple[str, ...] = ()
    breaches: tuple[Mapping[str, Any], ...] = ()
    lost: Lost = field(default_factory=Lost)
    cause: str = ""
    dry: bool = False
    new: tuple[Duty, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether it was not made."""
        return self.undone or bool(self.breaches)


def became(ledger: Ledger, week: str, draft: Draft, base: Draft | None) -> Changed:
    """What became of a draft that was made from `base`, as the journal says."""
    before = base.duties if base else ()
    undone = (draft.change or {}).get("undone", ())
    return Changed(
        week, draft.version, draft.version in ledger.week(week).published, draft.change,
        told=tuple(publish.affected(before, draft.duties)),
        breaches=draft.breaches if draft.refused else (),
        lost=lost(before, draft.duties, undone), cause=draft.cause,
        new=_new(before, draft.duties),
    )  # fmt: skip


def would_become(
    week: str, duties: Sequence[DutyRostered], cause: str, change: Mapping[str, Any] | None,
    base: Draft, breaches: Iterable[Mapping[str, Any]] = (),
) -> Changed:  # fmt: skip
    """What would become of a version that is made from `base`, before anybody is asked.

    Args:
        week: Its week.
        duties: All of it, with its number.
        cause: Why it would be made.
        change: What it tells of itself.
        base: The version in force.
        breaches: Laws for which it would be refused.
    """
    after, refused = publish.normal(duties), tuple(breaches)
    return Changed(
        week, base.version if refused else duties[0].version, change=change,
        told=tuple(publish.affected(base.duties, after)), breaches=refused,
        lost=lost(base.duties, after, (change or {}).get("undone", ())), cause=cause, dry=True,
        new=_new(base.duties, after),
    )  # fmt: skip


def _new(before: Iterable[Duty], after: Iterable[Duty]) -> tuple[Duty, ...]:
    was = {str(duty["duty"]): bare(duty) for duty in before}
    return tuple(duty for duty in after if was.get(str(duty["duty"])) != bare(duty))
