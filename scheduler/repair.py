"""A week put right with the least change: who does what nobody does any more, and why it is they.

First a quick answer, one free team for each hole; then the least change that there is, proven
where it says so: weighed by people and days, and by what nobody does. Of the rosters that change
as little the cheapest.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from config.ids import SquadronId, TeamId
from scheduler.problem import Problem
from scheduler.roster import Duty, Roster
from scheduler.rules import Breach
from scheduler.solve.mend import Mended, Mender, Picks
from scheduler.solve.mend_offers import Offers, Stays
from scheduler.solve.mend_week import WeekLaws
from scheduler.things import grounded

TIME_S = 4.0
"""For the search of a repair, on a quiet core; somebody waits for it."""
Why = Literal[
    "hole", "chain", "asked", "moved", "freed", "gone", "cut", "crew", "vehicle", "undone", "visit"
]
"""A team does what nobody did, or what another in turn left; as a person asked; at another time; is
free, since another does theirs; cannot do it; did a part of it; does it with fewer people, or in
another vehicle; nobody does it; makes a visit of it."""


@dataclass(frozen=True, slots=True)
class Move:
    """A team's day that is not as it was, and why. `of`: the duty because of which."""

    team: TeamId
    date: date
    before: Duty | None
    after: Duty | None
    why: Why
    of: Duty | None = None


@dataclass(frozen=True, slots=True)
class Repaired:
    """A lawful roster. weight: What it changes; proven: Whether no lawful one has fewer points.

    points: What it changes, with what it lacks and what nobody does. undone: Duties that nobody
    does. moves: In order of date. nobody: Why, of each of these, see `scheduler.nobody`.
    """

    roster: Roster
    weight: int = 0
    points: int = 0
    proven: bool = True
    undone: tuple[Duty, ...] = ()
    moves: tuple[Move, ...] = ()
    nobody: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def repair(
    problem: Problem, roster: Roster, holes: Sequence[Duty], stays: Stays, time_s: float = TIME_S,
    *, was: Roster | None = None,
) -> Repaired | None:  # fmt: skip
    """The week with its holes filled and what is asked for done.

    Args:
        problem: With absences as leave and withdrawn vehicles withdrawn.
        roster: What is in force, without the holes.
        holes: Duties that somebody must do, as they are.
        stays: What may not change, and what a person asked for.
        time_s: For all of it.
        was: The roster in force, if it is another: the moves are told against it.

    Returns:
        None where what is asked for cannot lawfully be.
    """
    asked = {problem.teams[team] for team, _ in stays.forced if team in problem.teams}
    told = {duty.squadron for duty in holes} | asked
    told |= {duty.squadron for duty in grounded(problem, roster.duties, stays.now_min)}
    parts = []
    for squadron in sorted(told):
        part_s = time_s / len(told)  # not what the ones before left: that would not be so again
        part = one_squadron(problem, roster, holes, squadron, stays, part_s, was or roster)
        if part is None:
            return None
        parts.append(part)
        others = [duty for duty in roster.duties if duty.squadron != squadron]
        roster = Roster((*others, *part.roster.duties))
    return Repaired(
        roster, sum(part.weight for part in parts), sum(part.points for part in parts),
        all(part.proven for part in parts),
        tuple(duty for part in parts for duty in part.undone),
        tuple(move for part in parts for move in part.moves),
    )  # fmt: skip


def one_squadron(
    problem: Problem, roster: Roster, holes: Iterable[Duty], squadron: SquadronId, stays: Stays,
    time_s: float, was: Roster,
) -> Repaired | None:  # fmt: skip
    """A squadron's part of a repair."""
    own = [hole for hole in holes if hole.squadron == squadron]
    mender, laws = mender_of(problem, roster, own, squadron, stays)
    found = mender.best(first(laws, mender), time_s)
    return None if found is None else _told(laws, found, was)


def mender_of(
    problem: Problem, roster: Roster, holes: Sequence[Duty], squadron: SquadronId, stays: Stays
) -> tuple[Mender, WeekLaws]:
    """A squadron's repair, stated."""
    offers = Offers(problem, roster, holes, squadron, stays)
    laws = WeekLaws(offers)
    return Mender(offers.lines, [1] * len(offers.jobs), offers.undone, laws, offers.about), laws


def first(laws: WeekLaws, mender: Mender) -> Picks | None:
    """The quick answer: for each hole the lawful free team with the least to do.

    First those with the skills of its tasks and its role. None: as it is it is not lawful.
    """
    week = laws.offers
    picks = {worker: list(days) for worker, days in mender.as_it_is().items()}
    if week.stays.forced or week.grounded():
        bad = laws.refused(mender.as_it_is())
        if bad:
            return None
    minutes = Counter[str]()
    for duty in week.roster.duties:
        minutes[duty.team] += duty.minutes
    for number, hole in sorted(
        enumerate(week.jobs[: week.hole_count]), key=lambda one: one[1].start_min
    ):
        day = week.problem.day(hole.date)
        offers = [
            (choice.lack, minutes[worker], worker, n)
            for worker, days in week.lines.items() if picks[worker][day] == 0
            for n, choice in enumerate(days[day])
            if choice.job == number and days[day][0].span is None
        ]  # fmt: skip
        # Of the skilled the least loaded; the number of people weighs afterwards.
        for _, _, worker, n in sorted(offers):
            picks[worker][day] = n
            if not laws.refused({w: tuple(days) for w, days in picks.items()}):
                minutes[worker] += hole.minutes
                break
            picks[worker][day] = 0
    return {worker: tuple(days) for worker, days in picks.items()}


def _told(laws: WeekLaws, found: Mended, was: Roster) -> Repaired:
    """A repair with its reasons."""
    week, roster = laws.offers, laws.taken(found.picks)
    undone = tuple(week.jobs[job] for job in found.undone)
    moves = list(moves_of(laws, found.picks, was, roster))
    moves += [Move(duty.team, duty.date, duty, None, "undone", duty) for duty in undone]
    moves.sort(key=lambda move: (move.date, move.team))
    return Repaired(roster, found.weight, found.points, found.proven, undone, tuple(moves))


def moves_of(laws: WeekLaws, picks: Picks, was: Roster, roster: Roster) -> Iterator[Move]:
    """Each team's day that is not as it was, with its reason."""
    week = laws.offers
    old = {(duty.team, duty.date): duty for duty in was.duties}
    new = {(duty.team, duty.date): duty for duty in roster.duties}
    for worker, days in picks.items():
        team = TeamId(worker)
        for day, number in enumerate(days):
            on = week.problem.dates[day]
            before, after = old.get((team, on)), new.get((team, on))
            if after == before:
                continue
            job = week.lines[worker][day][number].job
            stated = None if job is None else week.jobs[job]
            yield Move(team, on, before, after, *_why(week, team, on, before, after, job, stated))


def _why(
    week: Offers, team: TeamId, on: date, before: Duty | None, after: Duty | None,
    job: int | None, stated: Duty | None,
) -> tuple[Why, Duty | None]:  # fmt: skip
    if (team, on) in week.stays.forced:
        return "asked", stated
    if after is None:
        return ("freed" if stated is None and (team, on) in _held(week) else "gone"), before
    if before is not None and job is None:
        return "cut", before  # what was worked of it
    if job is not None and job < week.hole_count:
        return "hole", stated
    if before is not None and stated is not None and stated.team == team:
        if (after.start_min, after.end_min) != (before.start_min, before.end_min):
            return "moved", stated
        return ("vehicle" if after.people == before.people else "crew"), stated
    return "chain", stated


def _held(week: Offers) -> set[tuple[TeamId, date]]:
    """Days of teams that had a duty when the repair began."""
    return {(duty.team, duty.date) for duty in week.roster.duties}


def told_of(found: Repaired) -> dict[str, Any]:
    """A repair as its draft tells of it: what it changes, and each change with its reason."""
    return {
        "weight": found.weight, "points": found.points, "proven": found.proven,
        "undone": [str(duty.id) for duty in found.undone],
        "nobody": {str(name): dict(told) for name, told in found.nobody.items()},
        "moves": [
            {"team": str(move.team), "date": move.date.isoformat(), "why": move.why,
             "of": str(move.of.id) if move.of else ""}
            for move in found.moves
        ],
    }  # fmt: skip


def naive_breaches(
    problem: Problem, roster: Roster, holes: Sequence[Duty], stays: Stays
) -> list[Breach]:
    """What the week breaks when it is as a person asked for and nobody else moves."""
    asked = {problem.teams[team] for team, _ in stays.forced if team in problem.teams}
    found: list[Breach] = []
    for squadron in sorted(asked):
        own = [hole for hole in holes if hole.squadron == squadron]
        mender, laws = mender_of(problem, roster, own, squadron, stays)
        found += laws.broken(mender.as_it_is())
    return found
