"""The whole sample of a seed and a day: town, people, duties, and the truth behind the history."""

from dataclasses import dataclass
from datetime import date

from config.calendar import Calendar
from config.sample import days
from config.sample.duties import make_duties, standing_units
from config.sample.force import Force, make_force
from config.sample.offences import Offences, make_offences
from config.sample.places import Places, make_places
from config.sample.process import Process, make_process
from config.sample.tight import tighten
from config.sample.town import Town, make_town
from config.tables import DutyRow

TIME_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class World:
    """Everything that `qinwu init` writes, and the hidden process that it does not write."""

    seed: int
    today: date
    town: Town
    places: Places
    process: Process
    offences: Offences
    force: Force
    duties: list[DutyRow]
    calendar: Calendar


def make_world(seed: int, today: date) -> World:
    """The sample of a seed as it stands on the morning of `today`; nothing else is random."""
    town = make_town(seed)
    places = make_places(town)
    duties = make_duties(places, today)
    loose = make_process(seed, today, town, places)
    process, teams = tighten(loose, places.squadron, standing_units(duties), today)
    posts = [int(row.node[1:]) for row in places.posts]
    calendar = Calendar.of_zone(TIME_ZONE, {row.day: row for row in days.calendar_rows(today)})
    return World(
        seed, today, town, places, process, make_offences(seed, town, places, process, posts),
        make_force(seed, teams, today), duties, calendar,
    )  # fmt: skip
