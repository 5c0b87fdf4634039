"""report.html of a version that a change made: the page of a plan, as far as its files tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.district import District
from config.ids import MustArriveId
from config.made_tables import RosterRow, StaffingRow
from scheduler.advice.asked import read_asked
from scheduler.publish import REPORT
from scheduler.report import write_report
from scheduler.roster import Roster
from scheduler.rules import cost_by_tier
from scheduler.rules.must_arrive import visits_left
from scheduler.solve.weights import weighted
from scheduler.week import SolvedWeek


@dataclass(frozen=True, slots=True)
class Changed:
    """What is known of a roster that was changed: no bound, and not why nobody makes a visit."""

    roster: Roster
    cost: float
    missed: Mapping[MustArriveId, str] = field(default_factory=dict)
    bound: float = 0.0
    contract_least: int | None = None


def write_version(district: District, week: str, folder: Path, lang: str) -> None:
    """Write the page of the roster in a folder; nothing where no file says what it needed.

    Args:
        district: With absences as leave.
        week: Of the roster.
        folder: Where its files lie, and the page goes.
        lang: Of the page.

    Raises:
        BadInput: A file cannot be read.
        OSError: No room, or no right.
    """
    if not (folder / StaffingRow.file).exists():
        return
    asked = read_asked(district, folder / RosterRow.file, None, week)
    cost = sum(weighted(*one) for one in cost_by_tier(asked.problem, asked.roster).items())
    missed = dict.fromkeys(visits_left(asked.problem, asked.roster), "not_planned")
    found = Changed(asked.roster, cost, missed)
    solved = SolvedWeek(week, district, asked.problem, found, asked.file.points)
    writing = folder / f".{REPORT}"
    write_report(solved, writing, lang, searched=False)
    writing.replace(folder / REPORT)
