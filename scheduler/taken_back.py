"""The planner's part of taking an absence back: the next version, and what stays as it is."""

from functools import partial

from config.ids import PersonId
from events.plan_decisions import TakenBack
from events.ports import BusLost
from scheduler import publish
from scheduler.drafting import Drafter
from scheduler.ledger import Ledger
from scheduler.refusal import unjudged
from scheduler.restoring import Left, Restored, restored
from scheduler.week_ledger import Return


def taken_back(drafter: Drafter, ledger: Ledger, action: Return, now_ms: int | None) -> bool:
    """Write what came back of a week as its next version, in force at once; and what did not.

    Args:
        drafter: Writes it.
        ledger: With what was reported, that absence taken back.
        action: Which week, and whose absence on which day.
        now_ms: What has begun by then stays; None: nothing has.

    Returns:
        Whether anything was written.
    """
    week, gone = action.week, (action.person, action.date)
    held, district = ledger.week(week), drafter.kept.district
    try:
        found = restored(district, ledger.recorded, held, week, gone, now_ms)
    except BusLost:
        raise
    except Exception as error:  # noqa: BLE001 - told, so that whoever said so is answered
        found = Restored(left=(Left("", action.date, "laws", (unjudged(error),)),))
    told = partial(
        TakenBack, week=week, person=PersonId(action.person), date=action.date,
        left=tuple(one.told() for one in found.left),
    )  # fmt: skip
    if found.change is None:
        return drafter.log.append([told(version=found.version)])
    caller = ledger.callers.get(gone)
    return drafter.write(
        week, publish.renumbered(found.duties, held.next_version), "undo",
        over=held.drafts[held.held or 0], change=found.change,
        by=PersonId(caller) if caller else None, besides=lambda version: told(version=version),
    )  # fmt: skip
