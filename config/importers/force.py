"""A generated force, where the source tells of none: people, bonds, vehicles, devices.

Its size follows from the posts: as many teams as keep every post's unit on duty at all hours,
each team working its contract week. People have no names; nothing here is anybody's datum.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from config.importers.mapping import Force
from config.tables import BondRow, DeviceRow, PersonRow, VehicleRow

WEEK_H = 168
CARS_A_TEAM, MOTORCYCLES_A_TEAM, DEVICES_A_TEAM = 0.6, 0.25, 0.85
"""Vehicles and devices stay behind when a team rests, so there are fewer than teams."""


@dataclass(frozen=True, slots=True)
class Made:
    """The rows of a generated force."""

    people: list[PersonRow]
    bonds: list[BondRow]
    vehicles: list[VehicleRow]
    devices: list[DeviceRow]


def generate(force: Force, posts: Sequence[int]) -> Made:
    """A force for squadrons with so many posts each.

    Args:
        force: Squadrons, auxiliaries an officer, hours of a team's week.
        posts: Posts of each squadron, in the order of `force.squadrons`.
    """
    made = Made([], [], [], [])
    for group, count in zip(force.squadrons, posts, strict=True):
        teams = math.ceil(count * WEEK_H / force.week_h)
        for _ in range(teams):
            _team(made, group.id, force.auxiliaries)
        for kind, share in (("car", CARS_A_TEAM), ("motorcycle", MOTORCYCLES_A_TEAM)):
            for _ in range(math.ceil(teams * share)):
                made.vehicles.append(VehicleRow.model_validate({
                    "vehicle": f"V{len(made.vehicles) + 1:03d}", "squadron": group.id,
                    "kind": kind, "seats": 5 if kind == "car" else 2,
                }))  # fmt: skip
        for _ in range(math.ceil(teams * DEVICES_A_TEAM)):
            name = f"D{len(made.devices) + 1:03d}"
            made.devices.append(DeviceRow(device=name, squadron=group.id))
    return made


def _team(made: Made, squadron: str, auxiliaries: int) -> None:
    """One officer, and the auxiliaries bonded to him for good."""
    number = sum(person.role == "officer" for person in made.people) + 1
    officer = f"P{number:03d}"
    skills = ["car"]
    skills += ["motorcycle"] * (number % 2) + ["breath_test"] * (number % 3 != 0)
    skills += ["leader"] * (number % 3 == 1) + ["desk"] * (number % 4 == 0)
    made.people.append(
        PersonRow(person=officer, squadron=squadron, role="officer", skills=tuple(skills))
    )
    for _ in range(auxiliaries):
        auxiliary = f"A{len(made.bonds) + 1:03d}"
        made.people.append(
            PersonRow(person=auxiliary, squadron=squadron, role="auxiliary", skills=("car",))
        )
        made.bonds.append(BondRow(officer=officer, auxiliary=auxiliary))
