"""Which vehicle and PDA one duty gets beside others: its own where they are free.

Whoever changes a roster deals by this, advice, repair and sheets, so that one says what another
does. Only a plan deals to all at once (`solve.places`), by the same `fit`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from config.ids import DeviceId, VehicleId
from scheduler.problem import Problem, Vehicle
from scheduler.roster import Duty

SEATS = "seats"
"""In the place of a law that keeps people away: what is free has no seat for each of them.

No law knows it, since a plan lets a crew ride in what there is; but nobody is called to that.
"""


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


def dealt(problem: Problem, duty: Duty, others: Iterable[Duty], *, cramped: bool) -> Duty:
    """A duty with its own vehicle and PDA where they are free, else with others of the squadron.

    Of what the district lists and the squadron has none left of, it has none then; see `lacks`.

    Args:
        problem: The week.
        duty: Whose.
        others: Duties that hold theirs at the same time.
        cramped: Where no free vehicle takes its people, whether a smaller one does.
    """
    held = list(others)
    if problem.vehicles:
        duty = replace(duty, vehicle=_vehicle(problem, duty, held, cramped=cramped))
    if problem.devices:
        duty = replace(duty, device=_device(problem, duty, held))
    return duty


def lacks(problem: Problem, duty: Duty) -> bool:
    """Whether a duty has no vehicle or no PDA although the district lists some."""
    no_vehicle = bool(problem.vehicles) and duty.vehicle is None
    return no_vehicle or (bool(problem.devices) and duty.device is None)


def fit(vehicle: Vehicle, duty: Duty) -> tuple[int, bool, int]:
    """How well a vehicle suits, best least: a seat for each, then their own, then the smallest."""
    return max(0, len(duty.people) - vehicle.seats), vehicle.id != duty.vehicle, vehicle.seats


def _vehicle(
    problem: Problem, duty: Duty, others: Iterable[Duty], *, cramped: bool
) -> VehicleId | None:
    """Its own however small: who drives it now keeps it, and that is the least change."""
    taken = {other.vehicle for other in others}
    free = [
        vehicle for vehicle in problem.vehicles
        if vehicle.squadron == duty.squadron and vehicle.id not in taken
        and vehicle.is_free(duty.start_min, duty.end_min)
    ]  # fmt: skip
    if any(vehicle.id == duty.vehicle for vehicle in free):
        return duty.vehicle
    among = [one for one in free if cramped or one.seats >= len(duty.people)]
    found = min(among, key=lambda vehicle: (*fit(vehicle, duty), vehicle.id), default=None)
    return found.id if found else None


def _device(problem: Problem, duty: Duty, others: Iterable[Duty]) -> DeviceId | None:
    """Its own, else the first that is free."""
    taken = {other.device for other in others}
    own = (DeviceId(name) for name, of in problem.devices.items() if of == duty.squadron)
    free = sorted(name for name in own if name not in taken)
    return duty.device if duty.device in free else next(iter(free), None)
