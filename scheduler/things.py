"""Which vehicle and PDA one duty gets beside others: its own where they are free."""

from collections.abc import Iterable, Iterator

from config.ids import DeviceId, VehicleId
from scheduler.problem import Problem
from scheduler.roster import Duty


def at_once(one: Duty, other: Duty) -> bool:
    """Whether two duties share a minute."""
    return one.start_min < other.end_min and other.start_min < one.end_min


def grounded(problem: Problem, duties: Iterable[Duty], now_min: int | None) -> Iterator[Duty]:
    """Duties to come whose vehicle is withdrawn meanwhile.

    Args:
        problem: With its vehicles.
        duties: Of the week.
        now_min: Who has begun by then is under way; None: nobody has.
    """
    own = {vehicle.id: vehicle for vehicle in problem.vehicles}
    for duty in duties:
        vehicle = own.get(duty.vehicle) if duty.vehicle else None
        begun = now_min is not None and duty.start_min < now_min
        if vehicle and not begun and not vehicle.is_free(duty.start_min, duty.end_min):
            yield duty


def vehicle_for(
    problem: Problem, duty: Duty, others: Iterable[Duty], *, cramped: bool
) -> VehicleId | None:
    """Its own vehicle if that is free, else the smallest that is and takes its people.

    Args:
        problem: The week.
        duty: Whose.
        others: Duties that hold theirs at the same time.
        cramped: Where none takes its people, whether a smaller one does.
    """
    taken = {other.vehicle for other in others}
    free = [
        vehicle for vehicle in problem.vehicles
        if vehicle.squadron == duty.squadron and vehicle.id not in taken
        and vehicle.is_free(duty.start_min, duty.end_min)
    ]  # fmt: skip
    if not problem.vehicles or any(vehicle.id == duty.vehicle for vehicle in free):
        return duty.vehicle
    large = [vehicle for vehicle in free if vehicle.seats >= len(duty.people)]
    among = large or free if cramped else large
    found = min(among, key=lambda vehicle: (vehicle.seats, vehicle.id), default=None)
    return found.id if found else None


def device_for(problem: Problem, duty: Duty, others: Iterable[Duty]) -> DeviceId | None:
    """Its own PDA if that is free, else the first that is; any where none is listed."""
    taken = {other.device for other in others}
    own = [DeviceId(name) for name, of in problem.devices.items() if of == duty.squadron]
    free = sorted(name for name in own if name not in taken)
    if not own or duty.device in free:
        return duty.device
    return next(iter(free), None)
