"""A week in force whose demand has changed: starts of what remains moved to where units are needed.

A proposal: who does what stays, only hours move, as far as the laws allow; nothing that has begun,
nothing pinned. Whether it is put into force is for a person to say.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from config.district import District
from config.errors import QinwuError
from config.made_tables import StaffingRow
from config.reading import read_table
from config.telling import tell_line
from config.words import words
from events.kinds import DutyRostered
from scheduler.absence import as_filed, pinned_days, problem_to_mend
from scheduler.drafting import Drafter
from scheduler.intake import Week
from scheduler.ledger import Ledger
from scheduler.problem import IntArray, Problem
from scheduler.publish import duties_of
from scheduler.readback import RosterFile, kept_folder, of_events
from scheduler.reasons import completed
from scheduler.refusal import in_words
from scheduler.repair import Move, Repaired, moves_of, told_of
from scheduler.roster import Roster
from scheduler.rules.coverage import on_duty
from scheduler.solve.mend_offers import MOVED, Offers, Stays
from scheduler.solve.mend_week import WeekLaws

TIME_S = 4.0
Needed = Mapping[tuple[str, int], int]
"""Units needed, by squadron and Unix ms of the half hour."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Duties of a draft, and what it says of itself."""

    duties: tuple[DutyRostered, ...]
    change: dict[str, Any]


def propose(drafter: Drafter, ledger: Ledger, week: str, out: Path) -> bool:
    """Write the draft that a changed demand asks for, if it does; whether one was written."""
    try:
        found = proposed(drafter.kept.district, ledger, week, out, drafter.now_ms())
    except QinwuError as trouble:  # a file beside the roster is damaged: nothing to compare with
        told = words()("planner.not_compared", week=week, because=in_words(trouble))
        tell_line(told)
        return False
    return found is not None and drafter.write(week, found.duties, "demand", change=found.change)


def proposed(
    district: District, ledger: Ledger, week: str, out: Path, now_ms: int | None
) -> Proposal | None:
    """A draft for a week in force, when its demand has changed beyond the threshold.

    Args:
        district: As its files say; beside its published weeks stands what they were made for.
        ledger: The versions, and what was reported.
        week: Which.
        out: Folder with the new staffing.csv.
        now_ms: What is before does not count, and what has begun stays.

    Returns:
        None when nothing is in force, too little changed, or no move helps.
    """
    held = ledger.week(week)
    draft = held.drafts.get(held.held or 0)
    paths = kept_folder(district, week) / StaffingRow.file, out / StaffingRow.file
    if draft is None or not all(path.exists() for path in paths):
        return None
    before, after = (needed(district, path, now_ms) for path in paths)
    if 100 * share(before, after) < district.settings.publication.demand_change_percent:
        return None
    told = ledger.recorded.onto(district)
    file = of_events(told, week, draft.duties)
    moved, found = restaggered(told, file, after, now_ms)
    if not found.moves:
        return None
    return Proposal(duties_of(district, moved, held.next_version), told_of(found))


def needed(district: District, path: Path, now_ms: int | None) -> Needed:
    """What a staffing.csv asks for from now on."""
    rows = read_table(path, StaffingRow, str(path)).rows
    moments = ((row, district.calendar.parse_iso(row.start)) for row in rows)
    return {
        (row.squadron, at_ms): row.units for row, at_ms in moments
        if now_ms is None or at_ms >= now_ms
    }  # fmt: skip


def share(before: Needed, after: Needed) -> float:
    """How much of the demand before has moved, in unit half hours; 1 where there was none."""
    moved = sum(abs(after.get(key, 0) - before.get(key, 0)) for key in {*before, *after})
    return moved / total if (total := sum(before.values())) else float(moved > 0)


def restaggered(
    district: District, file: RosterFile, after: Needed, now_ms: int | None,
    time_s: float = TIME_S,
) -> tuple[RosterFile, Repaired]:  # fmt: skip
    """The roster with starts moved while that covers more; the best move first.

    Args:
        district: With what was reported.
        file: The version in force.
        after: Units needed.
        now_ms: What has begun stays.
        time_s: For all of it.
    """
    problem, of = problem_to_mend(district, file), Week(district.calendar, file.week)
    was = roster = completed(problem, file.roster)
    stays = Stays(None if now_ms is None else of.of_ms(now_ms), pinned_days(district, file.week))
    units = np.zeros((len(problem.squadrons), problem.slots), dtype=np.int64)
    numbers = {of.at_ms(at): slot for slot, at in enumerate(problem.slot_min[:-1])}
    for (squadron, at_ms), count in after.items():
        if squadron in problem.squadrons and at_ms in numbers:
            units[problem.squadrons.index(squadron), numbers[at_ms]] = count
    ends_s = time.monotonic() + time_s
    weight, moves = 0, list[Move]()
    for row, squadron in enumerate(problem.squadrons):
        laws = WeekLaws(Offers(problem, roster, [], squadron, stays))
        picks = _moved(problem, laws, units[row], row, ends_s)
        part = laws.taken({worker: tuple(days) for worker, days in picks.items()})
        weight += sum(
            laws.offers.lines[worker][day][n].weight
            for worker, days in picks.items() for day, n in enumerate(days)
        )  # fmt: skip
        moves += moves_of(laws, {w: tuple(days) for w, days in picks.items()}, was, part)
        roster = Roster((*(d for d in roster.duties if d.squadron != squadron), *part.duties))
    found = Repaired(roster, weight, weight, proven=False, moves=tuple(moves))
    return as_filed(file, was, roster), found


def _moved(
    problem: Problem, laws: WeekLaws, units: IntArray, row: int, ends_s: float
) -> dict[str, list[int]]:
    """Choices with which fewer units are missing; each accepted one is lawful with the others."""
    lines = laws.offers.lines
    picks = {worker: [0] * len(days) for worker, days in lines.items()}
    have = on_duty(problem, laws.offers.roster)[row]
    offers = [
        (worker, day, n)
        for worker, days in lines.items() for day, choices in enumerate(days)
        for n, one in enumerate(choices)
        if one.job is not None and one.job == choices[0].job and n
        and one.weight <= MOVED * laws.offers.people(worker, day)  # type: ignore[arg-type]
    ]  # fmt: skip
    while time.monotonic() < ends_s:
        best, gain = None, 0
        for worker, day, n in offers:
            change = _change(problem, lines[worker][day][0].span, lines[worker][day][n].span)
            fewer = _missing(units, have) - _missing(units, have + change)
            if not picks[worker][day] and fewer > gain:
                best, gain = (worker, day, n), fewer
        if best is None:
            break
        offers.remove(best)
        worker, day, n = best
        picks[worker][day] = n
        if laws.refused({name: tuple(days) for name, days in picks.items()}):
            picks[worker][day] = 0
            continue
        have = have + _change(problem, lines[worker][day][0].span, lines[worker][day][n].span)
    return picks


def _change(
    problem: Problem, before: tuple[int, int] | None, after: tuple[int, int] | None
) -> IntArray:
    """Units more and fewer on duty in each slot."""
    found = np.zeros(problem.slots, dtype=np.int64)
    for span, sign in ((before, -1), (after, 1)):
        if span is not None:
            slots = problem.slots_of(*span)
            found[slots.start : slots.stop] += sign
    return found


def _missing(units: IntArray, have: IntArray) -> int:
    return int(np.maximum(units - have, 0).sum())
