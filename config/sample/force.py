"""The people of the sample: officers, auxiliaries, bonds, leave, vehicles, PDAs. All made up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from numpy.random import Generator

from config.sample import names
from config.sample.draws import stream
from config.tables import BondRow, DeviceRow, LeaveRow, PersonRow, VehicleRow

AUXILIARIES = 120
SMALL, LARGE = 9, 9
"""Teams with one auxiliary (local roads only) and with three; all others have two."""
CARS_A_TEAM, MOTORCYCLES_A_TEAM, DEVICES_A_TEAM = 0.5, 0.3, 0.8
LEAVES = 60


@dataclass(slots=True)
class Force:
    """The rows of the force."""

    people: list[PersonRow] = field(default_factory=list)
    bonds: list[BondRow] = field(default_factory=list)
    leave: list[LeaveRow] = field(default_factory=list)
    vehicles: list[VehicleRow] = field(default_factory=list)
    devices: list[DeviceRow] = field(default_factory=list)


def make_force(seed: int, teams: Sequence[int], today: date) -> Force:
    """A force with so many teams in each squadron, and its leave from last week on."""
    random, force = stream(seed, "force"), Force()
    count = sum(teams)
    titles = iter(names.people(random, count + AUXILIARIES))
    sizes = [1] * SMALL + [3] * LARGE + [2] * (count - SMALL - LARGE)
    sizes = [sizes[at] for at in random.permutation(count)]
    squadrons = [name for (name, _), n in zip(names.SQUADRONS, teams, strict=True)
                 for _ in range(n)]  # fmt: skip
    for number, squadron in enumerate(squadrons):
        rank = number - squadrons.index(squadron)
        force.people.append(_officer(number, rank, squadron, next(titles)))
    for number, squadron in enumerate(squadrons):
        for _ in range(sizes[number]):
            at = len(force.bonds) + 1
            skills = ["car"] + ["motorcycle"] * (at % 2) + ["desk"] * (at % 7 == 0)
            force.people.append(PersonRow(
                person=f"A{at:03d}", squadron=squadron, role="auxiliary", skills=tuple(skills),
                name=next(titles), badge=f"F{at:05d}", phone=f"100{20_000_000 + at}",
            ))  # fmt: skip
            force.bonds.append(BondRow(officer=f"P{number + 1:03d}", auxiliary=f"A{at:03d}"))
    _material(force, teams, today)
    _leave(force, random, today)
    return force


def _officer(number: int, rank: int, squadron: str, name: str) -> PersonRow:
    """The first four of each squadron lead; who checks breath is spread evenly."""
    skills = ["car"] + ["motorcycle"] * (number % 2) + ["breath_test"] * (number % 3 != 0)
    skills += ["leader"] * (rank < 4) + ["desk"] * (rank % 4 == 3)
    return PersonRow(
        person=f"P{number + 1:03d}", squadron=squadron, role="officer", skills=tuple(skills),
        name=name, badge=f"{100_000 + 37 * (number + 1)}", phone=f"100{10_000_001 + number}",
    )  # fmt: skip


def _material(force: Force, teams: Sequence[int], today: date) -> None:
    """Fewer vehicles and PDAs than teams; in each squadron one vehicle is away for repair."""
    for (squadron, _), count in zip(names.SQUADRONS, teams, strict=True):
        kinds = ["car"] * round(count * CARS_A_TEAM)
        kinds += ["motorcycle"] * round(count * MOTORCYCLES_A_TEAM)
        for at, kind in enumerate(kinds):
            number = len(force.vehicles) + 1
            away = today + timedelta(days=3 + number % 11) if at == 2 else None
            force.vehicles.append(VehicleRow.model_validate({
                "vehicle": f"V{number:03d}", "squadron": squadron, "kind": kind,
                "seats": 5 if kind == "car" else 2, "plate": f"测A{number:04d}警",
                "withdrawn_from": away, "withdrawn_to": away and away + timedelta(days=4),
            }))  # fmt: skip
        for _ in range(round(count * DEVICES_A_TEAM)):
            name = f"D{len(force.devices) + 1:03d}"
            force.devices.append(DeviceRow(device=name, squadron=squadron))


def _leave(force: Force, random: Generator, today: date) -> None:
    """Annual leave, courses and sickness of the next weeks: one or two people of a squadron."""
    chosen = random.choice(len(force.people), LEAVES, replace=False)
    for at in sorted(int(one) for one in chosen):
        first = today + timedelta(days=int(random.integers(-10, 60)))
        kind = ("leave", "leave", "leave", "training", "sick")[int(random.integers(5))]
        days = int(random.integers(4, 11)) if kind == "leave" else int(random.integers(1, 5))
        force.leave.append(LeaveRow.model_validate({
            "person": force.people[at].person, "since": first,
            "until": first + timedelta(days=days - 1), "kind": kind,
        }))  # fmt: skip
