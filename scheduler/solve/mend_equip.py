"""Vehicles and PDAs of changed duties: their own where it is free, else another of the squadron.

Where none is left beside what the others have, those of the same days are dealt out anew.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from config.ids import DeviceId, DutyId, VehicleId
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster


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
    own = {vehicle.id: vehicle for vehicle in problem.vehicles}
    open_ = {
        duty.id for duty in roster.duties
        if (over_min is None or duty.start_min >= over_min) and (
            duty.id in changed
            or ((car := own.get(duty.vehicle)) is not None  # type: ignore[arg-type]
                and not car.is_free(duty.start_min, duty.end_min))
        )
    }  # fmt: skip
    again = False
    for name in sorted(open_ | set(changed)):
        duty = roster.duty(name)
        if duty is None:
            continue
        others = [o for o in roster.duties if o.id != name and _at_once(o, duty)]
        kept = [o for o in others if o.id not in open_]
        vehicle = _vehicle(problem, duty, others) or _vehicle(problem, duty, kept)
        device = _device(problem, duty, others)
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
        others = [other for other in done if _at_once(other, duty)]
        ahead = [other for other in later if other.id != duty.id and _at_once(other, duty)]
        car = _vehicle(problem, duty, [*others, *ahead]) or _vehicle(problem, duty, others)
        device = _device(problem, duty, [*others, *ahead]) or _device(problem, duty, others)
        done.append(replace(duty, vehicle=car, device=device))
    return Roster(tuple(done))


def _at_once(one: Duty, other: Duty) -> bool:
    return one.start_min < other.end_min and other.start_min < one.end_min


def _vehicle(problem: Problem, duty: Duty, others: Sequence[Duty]) -> VehicleId | None:
    """Its own vehicle if that is free, else the smallest that is and takes its people."""
    taken = {other.vehicle for other in others}
    free = [
        vehicle for vehicle in problem.vehicles
        if vehicle.squadron == duty.squadron and vehicle.id not in taken
        and vehicle.is_free(duty.start_min, duty.end_min)
    ]  # fmt: skip
    if not problem.vehicles or any(vehicle.id == duty.vehicle for vehicle in free):
        return duty.vehicle
    large = [vehicle for vehicle in free if vehicle.seats >= len(duty.people)]
    found = min(large, key=lambda vehicle: (vehicle.seats, vehicle.id), default=None)
    return found.id if found else None


def _device(problem: Problem, duty: Duty, others: Iterable[Duty]) -> DeviceId | None:
    taken = {other.device for other in others}
    own = [DeviceId(name) for name, of in problem.devices.items() if of == duty.squadron]
    free = sorted(name for name in own if name not in taken)
    if not own or duty.device in free:
        return duty.device
    return next(iter(free), None)
