"""A published roster without people who are absent and vehicles that are withdrawn.

What nobody does any more is done by others with the least change that there is: a team that is
free, else several that change places.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from config.calendar import Calendar
from config.district import District
from config.ids import PersonId
from config.made_tables import PinRow
from events.kinds import DutyRostered
from events.plan_decisions import Cause
from events.ports import BusLost
from scheduler.drafting import Drafter
from scheduler.drives import Drives
from scheduler.due import Repair, concerned
from scheduler.intake import Week
from scheduler.ledger import ABSENCE, Ledger
from scheduler.nobody import with_reasons
from scheduler.pins import read_pins
from scheduler.problem import Problem
from scheduler.publish import duties_of, problem_to_check, renumbered
from scheduler.readback import RosterFile, kept_folder, of_events
from scheduler.reasons import completed
from scheduler.recorded import days_of
from scheduler.repair import TIME_S, Move, Repaired, Why, repair, told_of
from scheduler.revisiting import revisited
from scheduler.roster import Duty, Roster
from scheduler.rules import check
from scheduler.solve.mend_offers import Day, Stays, reached, undone_points
from scheduler.things import grounded
from scheduler.week import nodes_of

LEAST_REST_MIN = 60
"""Nobody is called out for less than that of a duty: what is left of it is a hole."""


@dataclass(frozen=True, slots=True)
class Made:
    """The duties of a next version; `fault`: why they are those of the one before.

    by: Who told of what it is made for, where that is one person.
    """

    duties: Sequence[DutyRostered]
    cause: Cause
    change: dict[str, Any] | None = None
    fault: Exception | None = None
    by: PersonId | None = None


def next_version(district: District, ledger: Ledger, wanted: Repair, now_ms: int | None) -> Made:
    """A version without the people and vehicles that were reported missing, for the journal.

    What goes wrong is told with it, so that whoever asked is answered.
    """
    held, calendar = ledger.week(wanted.week), district.calendar
    draft = held.drafts[wanted.version]
    duties = list(concerned(ledger, held, draft, now_ms, calendar))
    ill = any(ledger.recorded.absent(duty, calendar) for duty in duties)
    cause: Cause = ABSENCE if ill else "vehicle"
    by = _teller(ledger, duties, calendar)
    try:
        file, found = without_absent(district, ledger, wanted, now_ms)
        return Made(duties_of(district, file, wanted.version), cause, told_of(found), by=by)
    except BusLost:
        raise
    except Exception as error:  # noqa: BLE001 - refused, so that whoever asked is answered
        return Made(renumbered(draft.duties, wanted.version), cause, fault=error, by=by)


def put_right(drafter: Drafter, ledger: Ledger, wanted: Repair, now_ms: int | None) -> bool:
    """Write version n+1 without the absent people and withdrawn vehicles, if it can be made."""
    over = ledger.week(wanted.week).drafts[wanted.version] if wanted.publish else None
    made = next_version(drafter.kept.district, ledger, wanted, now_ms)
    return drafter.write(
        wanted.week, made.duties, made.cause, over=over, fault=made.fault, change=made.change,
        by=made.by,
    )  # fmt: skip


def _teller(
    ledger: Ledger, duties: Iterable[Mapping[str, Any]], calendar: Calendar
) -> PersonId | None:
    """Who told of the absences and withdrawals that duties are concerned by; None: not one."""
    tellers: set[str | None] = set()
    for duty in duties:
        gone = ledger.recorded.absent(duty, calendar)
        tellers |= {ledger.callers.get(pair) for pair in gone}
        if not gone:
            of = [told for told in ledger.vehicles if told["vehicle"] == duty.get("vehicle")]
            tellers |= {told.get("by") for told in of[-1:]}
    only = tellers.pop() if len(tellers) == 1 else None
    return PersonId(only) if only else None


def without_absent(
    district: District, ledger: Ledger, wanted: Repair, now_ms: int | None
) -> tuple[RosterFile, Repaired]:
    """A version without the people and vehicles that were reported missing.

    Args:
        district: As its files say.
        ledger: What was reported, and the version.
        wanted: Which, and whether people work by it.
        now_ms: What time it is; None: not known.
    """
    held, calendar = ledger.week(wanted.week), district.calendar
    draft = held.drafts[wanted.version]
    file = of_events(district, wanted.week, draft.duties)
    holes = {
        duty["duty"]: ledger.recorded.absent(duty, calendar)
        for duty in concerned(ledger, held, draft, now_ms, calendar)
    }
    gone = {pair for pairs in holes.values() for pair in pairs}
    begun_ms = now_ms if wanted.publish else None  # nobody works by a draft
    return mended(ledger.recorded.onto(district), file, gone, begun_ms, holes)


def mended(
    district: District, file: RosterFile, gone: Iterable[tuple[str, str]],
    now_ms: int | None = None, duties: Collection[str] | None = None, time_s: float = TIME_S,
) -> tuple[RosterFile, Repaired]:  # fmt: skip
    """The roster without people on days (ISO dates) on which they are absent, and what changes.

    A duty over midnight is of both days, as for the law of leave.

    A duty whose crew is lawful without them goes on. Else others do it, as it is, with the least
    change of the week: what has begun and what is pinned stays. What nobody may lawfully do is
    not there any more: the hole is the difference of the two versions. A vehicle that was
    withdrawn meanwhile is changed for a free one; without one its duty is moved or is a hole.

    What was worked stays whose it was: a duty that has begun ends now, or when the day of the
    absence begins, and only the rest of it is taken over, if it is worth a way there; one that is
    over is left alone. Where a crew goes on without an auxiliary, the duty is told without them
    from its start: a duty has one crew.

    Args:
        district: With the absences as leave and withdrawn vehicles withdrawn.
        file: The version held.
        gone: Person and date.
        now_ms: What time it is; None: nothing of the roster has begun.
        duties: Ids of the duties that may be taken from their crews; None: all.
        time_s: For finding the least change.
    """
    of = Week(district.calendar, file.week)
    now_min = None if now_ms is None else of.of_ms(now_ms)
    problem = problem_to_mend(district, file)
    absent = set(gone)
    was = roster = completed(problem, file.roster)
    missing = {
        duty.id: people for duty in roster.duties
        if (duties is None or duty.id in duties) and (people := _missing(of, duty, absent))
        and (now_min is None or duty.end_min > now_min)
    }  # fmt: skip
    holes: list[Duty] = []
    for name, people in missing.items():
        roster, hole = _opened(problem, roster, name, people, now_min)
        holes += [] if hole is None else [hole]
    spared = frozenset(PersonId(person) for person, _ in absent)
    stays = Stays(now_min, pinned_days(district, file.week), spared=spared)
    found = repair(problem, roster, holes, stays, time_s, was=was) or _left(
        problem, roster, holes, stays
    )  # fmt: skip
    moves = sorted((*found.moves, *_own(was, found)), key=lambda move: (move.date, move.team))
    found = revisited(problem, was, replace(found, moves=tuple(moves)), stays)
    found = with_reasons(problem, found)
    return as_filed(file, was, found.roster), found


def _own(was: Roster, found: Repaired) -> Iterator[Move]:
    """What happens to a duty by itself, where nobody else must do anything for it."""
    told = {(move.team, move.date) for move in found.moves if move.why != "undone"}
    now = {(duty.team, duty.date): duty for duty in found.roster.duties}
    for duty in was.duties:
        after = now.get((duty.team, duty.date))
        if after is not None and after != duty and (duty.team, duty.date) not in told:
            why: Why = "cut" if after.end_min < duty.end_min else "crew"
            yield Move(duty.team, duty.date, duty, after, why, duty)


def pinned_days(district: District, week: str) -> frozenset[Day]:
    """Days of teams that a person fixed."""
    pins = read_pins(district, kept_folder(district, week) / PinRow.file, week)
    return frozenset((pin.team, pin.date) for pin in pins)


def as_filed(file: RosterFile, was: Roster, roster: Roster) -> RosterFile:
    """The file with a roster; what did not change since `was`, completed, as the file has it."""
    stated = {duty.id: duty for duty in was.duties}
    plain = {duty.id: duty for duty in file.roster.duties}
    same = (plain[d.id] if stated.get(d.id) == d else d for d in roster.duties)
    return replace(file, roster=Roster(tuple(same)))


def problem_to_mend(district: District, file: RosterFile) -> Problem:
    """The problem of a roster's week with the ways between its places."""
    problem = problem_to_check(district, file)
    return replace(problem, drives=Drives.between(district.travel, nodes_of(problem)))


def repaired(
    district: District, file: RosterFile, gone: Iterable[tuple[str, str]],
    now_ms: int | None = None, duties: Collection[str] | None = None,
) -> RosterFile:  # fmt: skip
    """The roster that `mended` makes."""
    return mended(district, file, gone, now_ms, duties)[0]


def _missing(of: Week, duty: Duty, absent: Collection[tuple[str, str]]) -> dict[PersonId, int]:
    """Who of a duty's people is absent while it lasts, and the minute from which they are."""
    days = days_of(of.calendar, of.at_ms(duty.start_min), of.at_ms(duty.end_min))
    return {
        person: of.minute(date.fromisoformat(day))
        for person in duty.people for day in reversed(days) if (person, day) in absent
    }  # fmt: skip


def _opened(
    problem: Problem, roster: Roster, name: str, missing: Mapping[PersonId, int],
    now_min: int | None,
) -> tuple[Roster, Duty | None]:  # fmt: skip
    """The roster with what is left of the crew on the duty; else without it, and what is to do.

    Args:
        problem: The week.
        roster: With the duty.
        name: Its id.
        missing: Who is absent, and from which minute.
        now_min: What was worked before is not undone; None: it has not begun.
    """
    duty = next(one for one in roster.duties if one.id == name)
    without = roster.replaced([duty.id])
    if duty.officer not in missing:
        own = replace(duty, auxiliaries=tuple(p for p in duty.auxiliaries if p not in missing))
        smaller = without.replaced((), [own])
        if not Counter(check(problem, smaller)) - Counter(check(problem, roster)):
            return smaller, None
    if now_min is None or not duty.start_min < now_min < duty.end_min:
        return without, duty
    worked, rest = _cut(problem, duty, max(now_min, min(missing.values())))
    roster = without.replaced((), [worked])
    return roster, rest if rest.minutes >= LEAST_REST_MIN else None


def _left(problem: Problem, roster: Roster, holes: Iterable[Duty], stays: Stays) -> Repaired:
    """Without what cannot be put right in the time: duties whose vehicle is withdrawn, too."""
    lost = tuple(grounded(problem, roster.duties, stays.now_min))
    left = roster.replaced(duty.id for duty in lost)
    undone = (*holes, *lost)
    moves = tuple(Move(duty.team, duty.date, duty, None, "undone", duty) for duty in undone)
    points = sum(map(undone_points, undone))
    return Repaired(left, points=points, proven=False, undone=undone, moves=moves)


def _cut(problem: Problem, duty: Duty, at_min: int) -> tuple[Duty, Duty]:
    """What was worked of a duty, and the rest of it; a task under way is in both."""
    tasks = {task.id: task for task in problem.tasks}
    known = [tasks[name] for name in duty.tasks if name in tasks]
    worked = replace(
        duty, end_min=at_min, tasks=tuple(t.id for t in known if t.start_min < at_min),
        visits=tuple(
            replace(visit, leave_min=min(visit.leave_min, at_min))
            for visit in duty.visits if visit.arrive_min < at_min
        ),
    )  # fmt: skip
    rest = replace(
        duty, start_min=at_min, tasks=tuple(t.id for t in known if t.end_min > at_min),
        visits=tuple(visit for visit in duty.visits if visit.arrive_min >= at_min),
    )  # fmt: skip
    return worked, reached(problem, rest, duty)
