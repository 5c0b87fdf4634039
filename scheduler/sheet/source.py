"""The roster that a sheet, a calendar or data are made of: a folder's, else the published one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.district import District
from config.errors import BadInput, NotFound
from config.made_tables import PinRow, RosterRow
from config.words import Say
from scheduler.export import Printer
from scheduler.names import shared_names
from scheduler.pins import Pin, read_pins
from scheduler.problem import Problem
from scheduler.publish import problem_to_check
from scheduler.readback import RosterFile, kept_folder, read_roster
from scheduler.reasons import completed
from scheduler.roster import Roster
from scheduler.sheets import Sheet, Sheets


@dataclass(frozen=True, slots=True)
class Source:
    """A week's roster with all that is told about it.

    folder: Where it stands. roster: With its fixed duties, which files do not name.
    """

    district: District
    folder: Path
    file: RosterFile
    problem: Problem
    roster: Roster
    pins: tuple[Pin, ...] = ()

    @property
    def week(self) -> str:
        """The ISO week."""
        return self.file.week

    @property
    def printer(self) -> Printer:
        """Writes the times of the week."""
        return Printer(self.district, self.week)

    def sheets(self, say: Say) -> Iterator[Sheet]:
        """The week's grids, a squadron each."""
        shared = shared_names(self.district)
        return Sheets(self.printer, self.problem, self.file.points, say, shared).of(self.roster)


def source_of(district: District, week: str, folder: Path | None = None) -> Source:
    """A week's roster out of a folder; without one, as it was published.

    Args:
        district: With the absences and withdrawals that were reported.
        week: The ISO week.
        folder: One that holds a roster.csv, such as `qinwu plan` writes.

    Raises:
        NotFound: There is no roster.
        BadInput: It is another week's, or cannot be read.
    """
    where = kept_folder(district, week) if folder is None else folder
    path = where / RosterRow.file
    if not path.exists():
        where = district.folder
        raise NotFound("planner.no_roster", week=week, folder=folder or where, district=where)
    file = read_roster(district, path, week if folder is None else None)
    if file.week != week:
        raise BadInput(key="planner.other_week", file=path, found=file.week, week=week)
    problem = problem_to_check(district, file)
    pins = read_pins(district, where / PinRow.file, week)
    return Source(district, where, file, problem, completed(problem, file.roster), pins)
