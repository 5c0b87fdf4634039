"""Whose an id of a duty is: one week's alone, for a sign-in names the duty and no week.

Where two weeks share an id, the engine and whoever counts from its journal know the duty of the
one that came first, and would take the other's for the same: nobody could sign in to it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from config.district import District
from config.errors import BadInput, Finding
from config.made_tables import RosterRow
from config.reading import read_table
from scheduler.ledger import Duty, Ledger
from scheduler.readback import RosterFile, kept_folder, published_weeks
from scheduler.refusal import breach_of
from scheduler.roster import duty_id

KEY = "check.roster.duty_elsewhere"
Ids = Mapping[str, Collection[str]]
"""Of each week in force."""


def refuse_ids_elsewhere(district: District, file: RosterFile, path: Path) -> None:
    """Refuse a roster.csv that calls a duty as the roster of another kept week does.

    Raises:
        BadInput: With the cell of each such id.
    """
    kept: Ids = {
        week: set(
            read_table(kept_folder(district, week) / RosterRow.file, RosterRow).column("duty")
        )
        for week in published_weeks(district)
    }
    duties = {str(duty.id): duty for duty in file.roster.duties}
    told = [
        Finding("error", str(path), *file.places[one], KEY,
                _fields(one, week, duty_id(duties[one].team, duties[one].date)))
        for one, week in _elsewhere(duties, file.week, kept)
    ]  # fmt: skip
    if told:
        raise BadInput(told)


def breaches_elsewhere(
    ledger: Ledger, week: str, duties: Iterable[Duty]
) -> Iterator[dict[str, Any]]:
    """The same of a version that is to be published, as breaches of its refusal."""
    in_force: Ids = {
        one: {str(duty["duty"]) for duty in draft.duties} for one, held in ledger.weeks.items()
        if (draft := held.drafts.get(held.held or 0))
    }  # fmt: skip
    own = {str(duty["duty"]): duty for duty in duties}
    for one, other in _elsewhere(own, week, in_force):
        free = f"{own[one]['team']}@{own[one]['date']}"
        yield breach_of(KEY, _fields(one, other, free), duty=one)


def _elsewhere(own: Iterable[str], week: str, in_force: Ids) -> Iterator[tuple[str, str]]:
    """Ids that are another week's, each with that week; what this week has already it keeps."""
    others = {
        one: other for other, ids in in_force.items() if other != week
        for one in ids if one not in in_force.get(week, ())
    }  # fmt: skip
    return ((one, others[one]) for one in own if one in others)


def _fields(duty: str, other: str, free: str) -> dict[str, str]:
    return {"value": duty, "other": other, "free": free}
