"""What a lawful roster lacks: fixed duties, leaders, unit hours, visits. No laws, so never refused.

For whoever edits a roster by hand: that no law is broken does not say that anybody stands at the
schools. What the week needs is read from the files beside the roster.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from config.district import District
from config.errors import BadInput
from config.made_tables import StaffingRow
from config.reading import read_table
from config.words import words
from scheduler.breach_words import Shortfalls
from scheduler.export import Printer
from scheduler.foresight.demand import PARTS, Demand
from scheduler.intake import Week, problem_of
from scheduler.problem import Problem
from scheduler.readback import RosterFile, duties_around
from scheduler.reasons import completed
from scheduler.roster import Roster
from scheduler.rules import Breach, shortfalls
from scheduler.rules.coverage import CoverDemand, is_within, missing_hours
from scheduler.rules.must_arrive import visits_met
from scheduler.slots import SLOTS

MOST_TOLD = 6
"""Of the fixed duties without a team, so many are named."""
HALVES = 2
"""Half hours of an hour."""


def lacks(district: District, file: RosterFile, folder: Path, lang: str) -> Iterator[str]:
    """What a roster lacks, in words; nothing where it lacks nothing.

    Args:
        district: With absences as leave.
        file: The roster.
        folder: Where its staffing.csv lies, if it has one.
        lang: Of the words.
    """
    say, demand = words(lang), demand_of(district, file.week, folder / StaffingRow.file)
    none = np.zeros((len(district.squadrons), SLOTS), dtype=np.int64)
    needs = demand or Demand(none, none, none, none, none, none)
    points = tuple(file.points.values())
    others = duties_around(district, file.week)
    problem = problem_of(district, file.week, needs, points, others)
    roster = completed(problem, file.roster)
    found = shortfalls(problem, roster)
    told = Shortfalls(Printer(district, file.week), problem, roster, lang)
    for rule in ("fixed-duties", "duty-leader"):
        own = [breach for breach in found if breach.rule == rule]
        if own:
            some = "; ".join(told.about(breach) for breach in own[:MOST_TOLD])
            key = "planner.lacks.more" if len(own) > MOST_TOLD else "planner.lacks.all"
            yield say(key, rule=say(f"planner.rule.{rule}"), count=len(own), some=some,
                      left=len(own) - MOST_TOLD)  # fmt: skip
    if demand is None:
        yield say("planner.lacks.no_staffing", file=folder / StaffingRow.file)
    else:
        yield from _hours(problem, found, told, lang)
    yield from _visits(problem, roster, lang)


def demand_of(district: District, week: str, path: Path) -> Demand | None:
    """The needs of a staffing.csv; None where there is none. Rows of other weeks count nothing.

    Raises:
        BadInput: It cannot be read.
    """
    if not path.exists():
        return None
    table = read_table(path, StaffingRow, str(path))
    if table.findings:
        raise BadInput(table.findings)
    slots = {minute: slot for slot, minute in enumerate(Week(district.calendar, week).slot_min())}
    squadrons = {str(name): row for row, name in enumerate(district.squadrons)}
    parts = {part: np.zeros((len(squadrons), SLOTS), dtype=np.int64) for part in PARTS}
    for row in table.rows:
        at_ms = district.calendar.parse_iso(row.start)
        slot = slots.get(Week(district.calendar, week).of_ms(at_ms), SLOTS)
        if slot < SLOTS and row.squadron in squadrons:
            for name, units in parts.items():
                units[squadrons[row.squadron], slot] = getattr(row, name)
    return Demand(
        parts["units"], parts["response"], parts["visits"],
        parts["statutory"], parts["fixed"], parts["operations"],
    )  # fmt: skip


def _hours(
    problem: Problem, found: Sequence[Breach], told: Shortfalls, lang: str
) -> Iterator[str]:  # fmt: skip
    """Unit hours that are needed and missing, and where most."""
    short = [one for one in found if one.rule == CoverDemand.id and one.units and is_within(one)]
    if short:
        needed = f"{int(problem.needed[:, :SLOTS].sum()) / HALVES:g}"
        worst = max(short, key=lambda breach: breach.units)
        yield words(lang)(
            "planner.lacks.hours", hours=missing_hours(short), needed=needed,
            units=worst.units, where=told.about(worst),
        )  # fmt: skip


def _visits(problem: Problem, roster: Roster, lang: str) -> Iterator[str]:
    """Visits due that no duty makes."""
    met, due = visits_met(problem, roster)
    if met < due:
        yield words(lang)("planner.lacks.visits", count=due - met, due=due)
