"""Upon which version a change was decided, and whether another came between that undoes it.

Two people at two terminals swap the same two duties, or undo the same change: the second waits
for the first, and would put back what that one did.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from config.errors import Impossible
from scheduler.ask import Desk
from scheduler.ledger import Ledger, WeekLedger, bare


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody saw when they decided. version: In force then; None: nothing was.

    named: They said which, so that it must be that one.
    """

    week: str
    version: int | None
    named: bool = False

    @staticmethod
    def upon(desk: Desk, ledger: Ledger, week: str, of: int | None) -> "Decided":
        """The version that a command was told, else the one in force when it began.

        Not the one in force when its turn came.
        """
        if of is not None:
            return Decided(week, of, named=True)
        held, began_ms = ledger.week(week), desk.began_ms
        if began_ms is not None and ledger.clock and desk.district.settings.simulation:
            began_ms = ledger.clock.at_ms(began_ms)
        late = {
            act.version for act in held.acts
            if act.what == "published" and began_ms is not None and act.at_ms > began_ms
        }  # fmt: skip
        return Decided(week, max((one for one in held.published if one not in late), default=None))

    def check(self, held: WeekLedger, duties: Collection[str] | None = None) -> None:
        """Refuse a change that another came before.

        Args:
            held: The week as it is now.
            duties: What the change is about: another that left it as it was does no harm. None:
                it is about all that the version in force changed.

        Raises:
            Impossible: Another came between.
        """
        told = {"week": self.week, "version": held.held, "of": self.version}
        if self.named and held.held != self.version:
            raise Impossible("repair.not_of", **told)
        if self.version is None or held.held == self.version:
            return
        old, new = (_by_id(held, version) for version in (self.version, held.held))
        if duties is None or any(old.get(name) != new.get(name) for name in duties):
            raise Impossible("repair.between", **told)

    def check_extra(self, held: WeekLedger, wanted: Mapping[str, str | None]) -> None:
        """Refuse one more duty where somebody else just added the same.

        Args:
            held: The week as it is now.
            wanted: Its squadron, start, end, kind and post, as a version has them; without a post
                that any will do.

        Raises:
            Impossible: Another came between: one is enough, or it is said again.
        """
        if self.version is None or held.held == self.version:
            return
        old, new = (
            sum(
                all(value is None or duty.get(name) == value for name, value in wanted.items())
                for duty in _by_id(held, version).values()
            )
            for version in (self.version, held.held)
        )
        if new > old:
            raise Impossible(
                "repair.between", week=self.week, version=held.held, of=self.version
            )  # fmt: skip


def _by_id(held: WeekLedger, version: int | None) -> dict[str, dict[str, Any]]:
    draft = held.drafts.get(version or 0)
    return {str(duty["duty"]): bare(duty) or {} for duty in (draft.duties if draft else ())}
