"""A hand-made lawful week of the small district, and a solver that gives it at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from config.district import District
from config.ids import DeviceId, MustArriveId, PlaceId, PostId, SquadronId, VehicleId
from config.made_tables import MustArriveOutRow, StaffingRow
from config.reading import write_rows
from config.words import words
from scheduler.export import Printer, write_roster
from scheduler.foresight.demand import Demand
from scheduler.foresight.must_arrive import MustArrive, Reason
from scheduler.intake import Week
from scheduler.jobs import LOG, PAGE, Order
from scheduler.readback import RosterFile
from scheduler.roster import Duty, Roster, Visit, duty_id
from scheduler.slots import SLOTS

TEAMS = ("t1", "t2", "t3", "t4")
FREE = {("t3", 3)}
PLACE = {"s1": "p1", "s2": "p5"}


@dataclass(frozen=True)
class Found:
    """A hand-made solution."""

    roster: Roster
    cost: float = 200.0
    bound: float = 150.0
    missed: Mapping[MustArriveId, str] = field(default_factory=dict)
    contract_least: int | None = None


def week_of(district: District, week: str, since_min: int = 0) -> RosterFile:
    """Teams t1 to t4 work 08:00 to 16:00 on workdays, with a visit at nine, t3 and t4 at eleven.

    Whose crew is incomplete by leave is off; t3 is free on Wednesday.
    """
    of = Week(district.calendar, week)
    duties = []
    points = {}
    for weekday, day in enumerate(of.dates[:5], start=1):
        crews = {team.id: team for team in district.people.teams_on(day)}
        for number, name in enumerate(TEAMS, start=1):
            crew = next((crew for team, crew in crews.items() if team == name), None)
            start = of.local(day, 480)
            if crew is None or len(crew.auxiliaries) < 2 or start < since_min:
                continue
            if (name, weekday) in FREE:
                continue
            place = PLACE[crew.squadron]
            point = f"{place}-{weekday}"
            points[point] = MustArrive(
                point,
                place,
                crew.squadron,
                weekday,
                480,
                720,
                12,
                2,
                Reason("risk", 0.5, 1),
                ("超速",),
                ("渣土车",),
            )
            at_min = start + (60 if number <= 2 else 180) + number
            visit = Visit(MustArriveId(point), PlaceId(place), at_min, at_min + 12)
            duties.append(Duty(
                duty_id(crew.id, day), crew.id, SquadronId(crew.squadron), day, start, start + 480,
                "patrol", crew.officer, crew.auxiliaries,
                PostId("st1" if crew.squadron == "s1" else "st2"), VehicleId(f"v{number}"),
                DeviceId(f"pda{number}"), visits=(visit,),
            ))  # fmt: skip
    return RosterFile(week, Roster(tuple(duties)), points)


def write_week(district: District, file: RosterFile, out: Path) -> None:
    """Its files, as `qinwu plan` writes them."""
    printer = Printer(district, file.week)
    write_roster(out, printer, file.roster, 1)
    rows = printer.point_rows(file.points.values(), words("en"))
    write_rows(out / "must_arrive.csv", rows, MustArriveOutRow, bom=True)


@dataclass
class Done:
    """A solver that has finished."""

    out: Path
    code: int = 0
    killed: bool = False

    def poll(self) -> int | None:
        """Its exit code."""
        return self.code

    def kill(self) -> None:
        """Note it."""
        self.killed = True


@dataclass
class Instantly:
    """Solves every order at once, and remembers the orders."""

    district: District
    out: Path
    orders: list[Order] = field(default_factory=list)
    code: int = 0
    words: str = ""
    """What it says when its code is not 0."""

    def __call__(self, order: Order) -> Done:
        """Write the week's files."""
        self.orders.append(order)
        district = order.recorded.onto(self.district)
        since = 0
        if order.from_ms is not None:
            since = Week(district.calendar, order.week).of_ms(order.from_ms)
        out = self.out / str(len(self.orders))
        if self.code:
            out.mkdir(parents=True)
            (out / LOG).write_text(self.words, encoding="utf-8")
        elif order.month is not None:
            out.mkdir(parents=True)
            (out / PAGE).write_text(order.month, encoding="utf-8")
        elif not order.analysis_only:
            write_week(district, week_of(district, order.week, since), out)
        return Done(out, self.code)


def write_needs(district: District, week: str, folder: Path) -> None:
    """staffing.csv of a week that asks for one unit a squadron at any time."""
    none = np.zeros((len(district.squadrons), SLOTS), dtype=np.int64)
    rows = Printer(district, week).staffing_rows(Demand(none + 1, none, none, none + 1, none, none))
    write_rows(folder / StaffingRow.file, rows, StaffingRow)
