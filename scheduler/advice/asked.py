"""The week that a question is about: its roster, published or in a folder, and what it needed."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from config.district import District
from config.errors import BadInput, NotFound
from config.made_tables import RosterRow, StaffingRow
from scheduler.advice.lacks import demand_of
from scheduler.foresight.demand import Demand
from scheduler.intake import problem_of
from scheduler.problem import Problem
from scheduler.readback import RosterFile, duties_around, kept_folder, read_roster
from scheduler.reasons import completed
from scheduler.reported import reports_of, told_district
from scheduler.roster import Roster
from scheduler.slots import SLOTS


@dataclass(frozen=True, slots=True)
class Asked:
    """A week with its roster and its needs.

    roster: With its fixed duties, which files need not name.
    """

    district: District
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
    district = told_district(folder, lang)
    where = source if source is not None else kept_folder(district, str(week))
    path = where / RosterRow.file
    if not path.exists():
        told = {"folder": source or folder, "district": folder}
        raise NotFound("planner.no_roster", week=week or "", **told)
    known = source is None or _is_empty(path)  # an empty roster does not say of which week it is
    found = read_asked(district, path, None, week if known else None)
    if week is not None and found.week != week:
        raise BadInput(key="planner.other_week", file=path, found=found.week, week=week)
    if (where / StaffingRow.file).exists():
        return found
    return _with_needs(found, lang)


def _is_empty(path: Path) -> bool:
    """Whether a table has a header alone, as the roster of a week in which nobody is there."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        next(file, "")
        return not next(file, "").strip()


def read_asked(
    district: District, path: Path, needs: Path | None = None, week: str | None = None
) -> Asked:
    """A roster.csv as one can ask about it.

    Args:
        district: With the absences and withdrawals that were reported.
        path: The file.
        needs: Folder of the staffing.csv; None: the file's own.
        week: Its week where that is known.

    Raises:
        BadInput: It cannot be read.
    """
    file = read_roster(district, path, week)
    demand = demand_of(district, file.week, (needs or path.parent) / StaffingRow.file)
    none = np.zeros((len(district.squadrons), SLOTS), dtype=np.int64)
    problem = problem_of(
        district, file.week, demand or Demand(none, none, none, none, none, none),
        tuple(file.points.values()), duties_around(district, file.week),
    )  # fmt: skip
    return Asked(district, file, problem, completed(problem, file.roster))


def _with_needs(found: Asked, lang: str) -> Asked:
    """The same with what the week needs, as a plan would find it, and its points."""
    from scheduler.week import analysed, points_of  # noqa: PLC0415 - brings pandas

    district, week = found.district, found.week
    analysis = analysed(district, week, 0, reports_of(district, lang))
    points = tuple(found.file.points.values()) or points_of(analysis)
    others = duties_around(district, week)
    problem = problem_of(district, week, analysis.demand, points, others)
    return replace(found, problem=problem, roster=completed(problem, found.file.roster))
