"""Vehicles and PDAs of changed duties: their own where it is free, else another of the squadron.

Where none is left beside what the others have, those of the same days are dealt out anew.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from config.ids import DutyId, VehicleId
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster
from scheduler.things import at_once, device_for, grounded, vehicle_for


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
        vehicle = _vehicle(problem, duty, others) or _vehicle(problem, duty, kept)
        device = device_for(problem, duty, others)
        again |= bool(problem.vehicles) and vehicle is None
        again |= bool(problem.devices) and device is None
        roster = roster.replaced([name], [replace(duty, vehicle=vehicle, device=device)])
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
        every = [*others, *ahead]
        car = _vehicle(problem, duty, every) or _vehicle(problem, duty, others)
        device = device_for(problem, duty, every) or device_for(problem, duty, others)
        done.append(replace(duty, vehicle=car, device=device))
    return Roster(tuple(done))


def _vehicle(problem: Problem, duty: Duty, others: Sequence[Duty]) -> VehicleId | None:
    """None where its people do not fit in: a repair calls nobody to a car without a seat."""
    return vehicle_for(problem, duty, others, cramped=False)
