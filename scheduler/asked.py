"""The week that a question is about: its roster, published or in a folder, and what it needed."""

from dataclasses import dataclass
from pathlib import Path

from config.district import District, load
from config.errors import BadInput, NotFound
from config.made_tables import RosterRow, StaffingRow
from scheduler.demand import Demand
from scheduler.intake import problem_of
from scheduler.lacks import demand_of
from scheduler.must_arrive import MustArrive
from scheduler.problem import Problem
from scheduler.readback import RosterFile, earlier_duties, kept_folder, read_roster
from scheduler.reasons import completed
from scheduler.recorded import Recorded
from scheduler.reported import reports_of
from scheduler.roster import Roster


@dataclass(frozen=True, slots=True)
class Asked:
    """A week with its roster and its needs.

    roster: With its fixed duties, which files need not name. folder: Where it stands.
    """

    district: District
    folder: Path
    file: RosterFile
    problem: Problem
    roster: Roster

    @property
    def week(self) -> str:
        """The ISO week."""
        return self.file.week


def asked(folder: Path, week: str | None, source: Path | None, lang: str) -> Asked:
    """The roster of a folder such as `qinwu plan` writes; without one, the published.

    What it needed is read from the staffing.csv beside it; where there is none, it is worked out
    anew from the history, which takes some seconds.

    Args:
        folder: The district's.
        week: The ISO week; None: whatever week the folder's roster is of.
        source: A folder with a roster.csv.
        lang: Of what is told on stderr.

    Raises:
        NotFound: There is no roster.
        BadInput: It is another week's, or cannot be read.
    """
    district = load(folder)
    where = source if source is not None else kept_folder(district, str(week))
    path = where / RosterRow.file
    if not path.exists():
        raise NotFound("planner.no_roster", week=week or "", folder=source or folder)
    file = read_roster(district, path, week if source is None else None)
    if week is not None and file.week != week:
        raise BadInput(key="planner.other_week", file=path, found=file.week, week=week)
    demand = demand_of(district, file.week, where / StaffingRow.file)
    recorded = reports_of(district, lang, violations=demand is None)
    district = recorded.onto(district)
    points = tuple(file.points.values())
    if demand is None:
        demand, points = _worked_out(district, file, recorded)
    earlier = earlier_duties(district, file.week)
    problem = problem_of(district, file.week, demand, points, earlier)
    return Asked(district, where, file, problem, completed(problem, file.roster))


def _worked_out(
    district: District, file: RosterFile, recorded: Recorded
) -> tuple[Demand, tuple[MustArrive, ...]]:
    """What the week needs, as a plan would find it, and its points."""
    from scheduler.week import analysed, points_of  # noqa: PLC0415 - brings pandas

    found = analysed(district, file.week, 0, recorded)
    return found.demand, tuple(file.points.values()) or points_of(found)
