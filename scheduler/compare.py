"""What differs between two rosters of a week, by person and day. Pure.

A person's duty is followed through its id, which is that of its team and date: one that begins
elsewhen has moved; one that the person leaves while it goes on has gone, for that person.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from config.ids import DutyId, PersonId
from scheduler.roster import Duty, Roster

What = Literal[
    "added", "gone", "moved", "kind", "post", "crew", "vehicle", "device", "tasks", "visits"
]
"""What became of a duty: `added` and `gone` stand alone, the others may come together."""
ORDER: tuple[What, ...] = get_args(What)
TOLD: frozenset[What] = frozenset(ORDER) - {"device", "tasks", "visits"}
"""What people ask for when they compare; a file may not even say the rest."""


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """One person's day that is not as it was. `before` is None for `added`, `after` for `gone`."""

    person: PersonId
    date: date
    what: tuple[What, ...]
    before: Duty | None
    after: Duty | None


def changes(
    before: Roster, after: Roster, of: Iterable[What] = TOLD, people: Iterable[PersonId] = ()
) -> list[ChangedDay]:
    """The changes from one roster to another, by day, then person.

    Args:
        before: The earlier one.
        after: The later one.
        of: The kinds of change that are looked for.
        people: The order of people within a day; others follow, by id.
    """
    wanted = frozenset(of)
    order = {person: n for n, person in enumerate(people)}
    everybody = {p for roster in (before, after) for duty in roster.duties for p in duty.people}
    found = [
        change
        for person in everybody
        for change in _of_person(person, before.duties_of(person), after.duties_of(person), wanted)
    ]
    last = len(order)
    return sorted(found, key=lambda one: (one.date, order.get(one.person, last), one.person))


def differences(before: Duty, after: Duty) -> Iterator[What]:
    """In what two versions of a duty differ, in the order of `What`."""
    if (before.start_min, before.end_min) != (after.start_min, after.end_min):
        yield "moved"
    if before.kind != after.kind:
        yield "kind"
    if before.post != after.post:
        yield "post"
    if before.officer != after.officer or set(before.auxiliaries) != set(after.auxiliaries):
        yield "crew"
    if before.vehicle != after.vehicle:
        yield "vehicle"
    if before.device != after.device:
        yield "device"
    if before.tasks != after.tasks:
        yield "tasks"
    if before.visits != after.visits:
        yield "visits"


def by_duty(found: Sequence[ChangedDay]) -> Mapping[DutyId, tuple[ChangedDay, ...]]:
    """Changes by the duty that they are about: the one that is there now, else the one that was."""
    groups: dict[DutyId, list[ChangedDay]] = {}
    for change in found:
        duty = change.after or change.before
        if duty is not None:
            groups.setdefault(duty.id, []).append(change)
    return {duty: tuple(own) for duty, own in groups.items()}


def _of_person(
    person: PersonId, before: Sequence[Duty], after: Sequence[Duty], wanted: frozenset[What]
) -> Iterator[ChangedDay]:
    now = {duty.id: duty for duty in after}
    was = {duty.id: duty for duty in before}
    for duty in before:
        new = now.get(duty.id)
        if new is None:
            if "gone" in wanted:
                yield ChangedDay(person, duty.date, ("gone",), duty, None)
            continue
        what = tuple(one for one in differences(duty, new) if one in wanted)
        if what:
            yield ChangedDay(person, new.date, what, duty, new)
    for duty in after:
        if duty.id not in was and "added" in wanted:
            yield ChangedDay(person, duty.date, ("added",), None, duty)
