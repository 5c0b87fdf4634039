"""Vehicles and PDAs of changed duties: their own where it is free, else another of the squadron.

Where none is left beside what the others have, those of the same days are dealt out anew.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from config.ids import DutyId
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster
from scheduler.things import at_once, dealt, grounded, lacks


def equipped(
    problem: Problem, roster: Roster, changed: Collection[DutyId], over_min: int | None
) -> Roster:
    """The roster with vehicles and PDAs for its changed duties, and for those of a withdrawn one.

    Args:
        problem: The week.
        roster: Of one squadron.
        changed: Duties that may have another's.
        over_min: What starts before keeps what it has.
    """
    open_ = {duty.id for duty in grounded(problem, roster.duties, over_min)} | {
        duty.id for duty in roster.duties
        if duty.id in changed and (over_min is None or duty.start_min >= over_min)
    }  # fmt: skip
    again = False
    for name in sorted(open_ | set(changed)):
        duty = roster.duty(name)
        if duty is None:
            continue
        others = [o for o in roster.duties if o.id != name and at_once(o, duty)]
        kept = [o for o in others if o.id not in open_]
        new = _dealt(problem, duty, others, kept)
        again |= lacks(problem, new)
        roster = roster.replaced([name], [new])
    return _anew(problem, roster, over_min) if again else roster


def _anew(problem: Problem, roster: Roster, over_min: int | None) -> Roster:
    """All that is not begun gets its vehicle and PDA anew, one after the other."""
    done: list[Duty] = []
    later: list[Duty] = []
    for duty in roster.duties:
        begun = over_min is not None and duty.start_min < over_min
        (done if begun else later).append(duty)
    for duty in later:
        others = [other for other in done if at_once(other, duty)]
        ahead = [other for other in later if other.id != duty.id and at_once(other, duty)]
        done.append(_dealt(problem, duty, [*others, *ahead], others))
    return Roster(tuple(done))


def _dealt(
    problem: Problem, duty: Duty, others: Sequence[Duty], sure: Sequence[Duty]
) -> Duty:  # fmt: skip
    """With what others leave, or those of them at least that surely keep theirs.

    None where its people do not fit in: a repair calls nobody to a car without a seat.
    """
    found = dealt(problem, duty, others, cramped=False)
    more = dealt(problem, duty, sure, cramped=False)
    return replace(
        found, vehicle=found.vehicle or more.vehicle, device=found.device or more.device
    )  # fmt: skip
