"""Publishing: what a draft's events look like, whether it may be published, what is kept of it."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from config.district import District
from config.ids import AreaId, SquadronId
from config.made_tables import MustArriveOutRow, RosterRow
from config.reading import write_rows
from config.whole import whole
from config.words import words
from events.kinds import DutyRostered
from events.plan_decisions import DraftPart
from events.released import plan_source
from events.schema import event, restored, roster_hash, whole_numbers
from scheduler.drives import Drives
from scheduler.export import Printer, write_roster
from scheduler.foresight.demand import Demand
from scheduler.intake import problem_of
from scheduler.ledger import Draft, Duty, Publication
from scheduler.problem import Problem
from scheduler.readback import RosterFile, duties_around, kept_folder, of_events
from scheduler.rules import Breach, check
from scheduler.slots import SLOTS

MOST_DUTIES = 60
"""Duties of one event; with 30 visits each still far below the largest event."""
REPORT = "report.html"
NEEDS = ("must_arrive.csv", "staffing.csv", REPORT, "pins.csv")
ROSTER_HASH = re.compile(r'<meta name="roster" content="([0-9a-f]+)">')
"""By which a report says of which file it is."""


def duties_of(district: District, file: RosterFile, version: int) -> tuple[DutyRostered, ...]:
    """The duties of a roster as data of events; a roster that names no tasks is given them."""
    from scheduler.reasons import completed  # noqa: PLC0415 - brings ortools

    roster = completed(problem_to_check(district, file), file.roster)
    told = Printer(district, file.week).duty_data(roster, version, file.points)
    return tuple(DutyRostered.model_validate(one) for one in told)


def renumbered(duties: Iterable[Duty], version: int) -> tuple[DutyRostered, ...]:
    """Duties of a frame as those of another version."""
    found = []
    for normal in duties:
        told = restored(DutyRostered.type(), {**normal, "version": version})
        found.append(DutyRostered.model_validate(told.model_dump()))
    return tuple(found)


def normal(duties: Iterable[DutyRostered]) -> tuple[dict[str, Any], ...]:
    """Duties as frames keep them: no floats, no `at`."""
    return tuple({k: v for k, v in whole_numbers(d).items() if k != "at"} for d in duties)


def parts_of(duties: Sequence[DutyRostered]) -> tuple[DraftPart, ...]:
    """A draft's parts: the duties of one squadron on one day, few enough for one event."""
    groups: dict[tuple[str, str], list[DutyRostered]] = {}
    for duty in duties:
        groups.setdefault((str(duty.squadron or ""), duty.date), []).append(duty)
    told = roster_hash(duties)
    return tuple(
        DraftPart(
            week=some[0].week, version=some[0].version, squadron=SquadronId(squadron), date=day,
            duties=normal(some[n : n + MOST_DUTIES]), hash=told,
        )
        for (squadron, day), some in sorted(groups.items())
        for n in range(0, len(some), MOST_DUTIES)
    )  # fmt: skip


def handed_in(
    district: District, file: RosterFile, version: int, **about: object
) -> Iterator[dict[str, Any]]:
    """The data of `draft_edited` events that hand in a whole roster as a draft; see `handed`."""
    return handed(duties_of(district, file, version), **about)


def base_of(file: RosterFile, held: int | None, *, over: bool) -> int | None:
    """The version in force that a roster handed in was made from: the one that its file names.

    Args:
        file: What is handed in.
        held: What is in force; None: nothing, and so there is none that it could undo.
        over: It is meant for the one in force, whatever its file names.
    """
    return held if over or held is None else file.version


def handed(duties: Sequence[DutyRostered], **about: object) -> Iterator[dict[str, Any]]:
    """The data of `draft_edited` events that hand in duties as a draft.

    Args:
        duties: All of it, with its week and version.
        about: Further fields of the event, such as `by`; those that are None are left out.
    """
    parts = parts_of(duties)
    known = {name: value for name, value in about.items() if value is not None}
    for part in parts:
        told = [one.model_dump(exclude_none=True) for one in renumbered(part.duties, part.version)]
        whole = {"week": part.week, "version": part.version, "duties": told, "parts": len(parts)}
        yield {**whole, "hash": part.hash, **known}


def effects(
    area: AreaId, week: str, draft: Draft, of: Publication, before: Draft | None = None
) -> Iterator[bytes]:
    """The events of a published version: its duties, then that they are all, and who is told.

    Their ids derive from the frame in which it was published: sent twice they are duplicates.
    """
    duties = renumbered(draft.duties, draft.version)
    whole: dict[str, Any] = {"week": week, "version": draft.version, "duties": len(duties)}
    whole |= {"hash": of.hash} | ({"replaces": of.replaces} if of.replaces else {})
    if before is not None:
        whole["told"] = affected(before.duties, draft.duties)
    source = plan_source(area)
    for n, duty in enumerate(duties):
        yield event(duty.name, duty, source=source, id=f"{of.seq}/{n}")
    yield event("roster_published", whole, source=source, id=f"{of.seq}/{len(duties)}")


def affected(before: Iterable[Duty], after: Iterable[Duty]) -> list[str]:
    """People for whom two versions of a week are not the same, by id."""
    was, now = _by_person(before), _by_person(after)
    return sorted(person for person in {*was, *now} if was.get(person) != now.get(person))


def _by_person(duties: Iterable[Duty]) -> dict[str, dict[str, Duty]]:
    found: dict[str, dict[str, Duty]] = {}
    for duty in duties:
        told = {name: value for name, value in duty.items() if name != "version"}
        for person in (duty["officer"], *duty.get("auxiliaries", ())):
            found.setdefault(str(person), {})[str(duty["duty"])] = told
    return found


# --- the laws --------------------------------------------------------------------------------


def problem_to_check(district: District, file: RosterFile) -> Problem:
    """The problem of a roster's week as the laws need it: its demand is of no matter to them."""
    none = np.zeros((len(district.squadrons), SLOTS), dtype=np.int64)
    nobody = Demand(none, none, none, none, none, none)
    points = tuple(file.points.values())
    found = problem_of(district, file.week, nobody, points, duties_around(district, file.week))
    visited = {due.node for due in found.due}
    return replace(found, drives=Drives.between(district.travel, visited))


def breaches(district: District, file: RosterFile) -> list[Breach]:
    """Every law that the roster breaks; empty: it may be published."""
    return check(problem_to_check(district, file), file.roster)


def breach_data(breach: Breach) -> dict[str, Any]:
    """A breach for a frame."""
    told = {
        "rule": breach.rule, "amount": breach.amount, "person": breach.person,
        "duty": breach.duty, "team": breach.team, "squadron": breach.squadron,
        "later": breach.later and breach.later.isoformat(),
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


# --- what is kept ----------------------------------------------------------------------------


def file_hash(path: Path) -> str:
    """SHA-256 of a file, "" where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def is_stale(report: Path, roster: Path) -> bool:
    """Whether a report says that it is of another roster.csv than the one that is there."""
    if not report.exists() or not roster.exists():
        return False
    found = ROSTER_HASH.search(report.read_text(encoding="utf-8", errors="replace"))
    return found is not None and found[1] != file_hash(roster)


@dataclass(frozen=True, slots=True)
class Kept:
    """The folders in which a district keeps planned weeks."""

    district: District

    def draft(self, week: str, version: int) -> Path:
        """Where the files of a draft lie until it is published."""
        return self.district.folder / ".qinwu" / "drafts" / f"{week}.v{version}"

    def needs(self, source: Path, into: Path) -> bool:
        """Copy what stands beside a roster: points, staffing, report; whether the report fits it.

        A report of the roster as it was before somebody changed it is left out.
        """
        into.mkdir(parents=True, exist_ok=True)
        old = is_stale(source / REPORT, source / RosterRow.file)
        for name in NEEDS:
            if (source / name).exists() and not (old and name == REPORT):
                (into / name).write_bytes((source / name).read_bytes())
        return not old

    def published(self, week: str, draft: Draft) -> None:
        """The files of a published version, so that the next week's planning sees them."""
        file = of_events(self.district, week, draft.duties)
        folder = kept_folder(self.district, week)
        printer = Printer(self.district, week)
        before = file_hash(folder / RosterRow.file)
        with whole(folder) as writing:
            write_roster(writing, printer, file.roster, draft.version, file.points)
            self.needs(self.draft(week, draft.version), writing)
            name = MustArriveOutRow.file
            if not (writing / name).exists() and not (folder / name).exists():
                # handed in without: what the visits tell of them
                rows = printer.point_rows(file.points.values(), words())
                write_rows(writing / name, rows, MustArriveOutRow, bom=True)
            fresh = (writing / REPORT).exists()
        if not fresh and file_hash(folder / RosterRow.file) != before:
            (folder / REPORT).unlink(missing_ok=True)  # of the version before
