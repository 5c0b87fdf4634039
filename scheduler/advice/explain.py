"""Why a person has the duty, or none, that a roster gives them on a day, in the user's words."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta

from config.durations import DAY_MIN
from config.errors import NotFound
from config.ids import PersonId
from config.people import Team
from config.words import Say, words
from scheduler.advice.standing import much, used_by
from scheduler.costing import by_tier, worth
from scheduler.names import Called
from scheduler.problem import Problem
from scheduler.reasons import Chance, Judge, chance, completed, gaps_min, units
from scheduler.roster import Duty, Roster
from scheduler.rules import Tier
from scheduler.rules.coverage import task_cost
from scheduler.shares import Over
from scheduler.slots import DAYS, NOON, SLOTS, SLOTS_A_DAY

IDS = Called()
MOST_LAWS = 4
"""Laws named for a day without a duty, those that forbid most."""


def why(
    problem: Problem, roster: Roster, person: str, day: date, called: Called = IDS
) -> list[str]:  # fmt: skip
    """What a person does on a day and why, a sentence a line.

    Args:
        problem: The roster's week, with its demand.
        roster: Of that week; tasks are found again where a file does not hold them.
        person: Whose day.
        day: A date of the week.
        called: How people and places are called.

    Raises:
        NotFound: The person is not of this district.
    """
    name = PersonId(person)
    if name not in problem.persons:
        raise NotFound("planner.no_person", person=person)
    say, whole = words(), completed(problem, roster)
    duty = next((d for d in whole.duties_of(name) if d.date == day), None)
    if duty is None:
        return list(_off(problem, whole, name, day, (say, called)))
    return [
        _told(problem, duty, name, say, called), *_tasks(problem, whole, duty, say, called),
        *_cover(problem, whole, duty, say, called), *_visits(problem, duty, say, called),
        *_laws(problem, whole, duty, name, say), *_share(problem, name, say),
    ]  # fmt: skip


# --- a day with a duty -----------------------------------------------------------------------


def _told(problem: Problem, duty: Duty, person: PersonId, say: Say, called: Called) -> str:
    """The duty itself, and with whom."""
    named = (p for p in duty.people if p not in (person, duty.officer))
    others = say("planner.report.comma").join(called.people(named)) or say("planner.why.nobody")
    key = "planner.why.officer" if person == duty.officer else "planner.why.auxiliary"
    return say(
        key, person=called.person(person), duty=duty.id, kind=say(f"code.kind.{duty.kind}"),
        team=duty.team, start=moment(problem, duty.start_min), end=moment(problem, duty.end_min),
        officer=called.person(duty.officer), others=others,
        post=called.post(duty.post) if duty.post else "-", vehicle=duty.vehicle or "-",
        device=duty.device or "-",
    )  # fmt: skip


def _tasks(
    problem: Problem, roster: Roster, duty: Duty, say: Say, called: Called
) -> Iterator[str]:  # fmt: skip
    """What has to be done whatever the demand, and how many teams do it."""
    for task in problem.tasks:
        if task.id in duty.tasks:
            teams = sum(task.id in other.tasks for other in roster.duties)
            yield say(
                "planner.why.task", task=called.task(task.id), kind=say(f"code.kind.{task.kind}"),
                start=moment(problem, task.start_min), end=moment(problem, task.end_min),
                teams=teams, needed=task.teams, cost=task_cost(problem, task),
            )  # fmt: skip
    if duty.kind in ("leader", "stand_by"):
        kind = say(f"code.kind.{duty.kind}")
        yield say(
            "planner.why.role", squadron=called.squadron(duty.squadron), kind=kind,
            day=duty.date.isoformat(),
        )  # fmt: skip


def _cover(
    problem: Problem, roster: Roster, duty: Duty, say: Say, called: Called
) -> Iterator[str]:  # fmt: skip
    """Units had and needed in its hours, and what the roster would cost without it."""
    runs = ", ".join(
        say("planner.why.units", at=_clock(problem, at), have=have, need=need)
        for at, have, need in units(problem, roster, duty)
    )
    if runs:
        yield say("planner.why.cover", squadron=called.squadron(duty.squadron), runs=runs)
    changes = worth(problem, roster, duty)
    for (tier, rule), points in changes.items():
        yield say(
            "planner.why.without", tier=say(f"planner.tier.{tier.name.lower()}"),
            rule=say(f"planner.rule.{rule}"), points=f"{points:+d}",
        )  # fmt: skip
    if not changes:
        yield say("planner.why.worthless")


def _visits(problem: Problem, duty: Duty, say: Say, called: Called) -> Iterator[str]:
    for visit in duty.visits:
        yield say(
            "planner.why.visit", place=called.place(visit.place), must_arrive=visit.must_arrive,
            arrive=_clock(problem, visit.arrive_min), leave=_clock(problem, visit.leave_min),
        )  # fmt: skip


def _laws(
    problem: Problem, roster: Roster, duty: Duty, person: PersonId, say: Say
) -> Iterator[str]:
    """What the laws leave after it."""
    rest_min, off_min = gaps_min(problem)
    yield say("planner.why.next", at=moment(problem, duty.end_min + rest_min), hours=rest_min / 60)
    if problem.is_night(duty.start_min, duty.end_min):
        at = moment(problem, duty.end_min + off_min)
        yield say("planner.why.after_night", at=at)
    laws = (
        say(
            "planner.why.used", rule=say(f"planner.rule.{one.rule}"),
            used=much(one.unit, one.used), limit=much(one.unit, one.limit),
            unit=say(f"answers.rules.unit.{one.unit}"),
        )
        for one in used_by(problem, roster, duty, person)
    )  # fmt: skip
    used = say("planner.report.comma").join(laws)
    yield say("planner.why.load", day=duty.date.isoformat(), laws=used)


def _share(problem: Problem, person: PersonId, say: Say) -> Iterator[str]:
    """What they bore in the weeks before, against their share."""
    over = problem.persons[person].over
    if over != Over():
        yield say(
            "planner.why.share", weeks=problem.fairness.weeks, nights=f"{over.nights:+.1f}",
            weekends=f"{over.weekends:+.1f}", holidays=f"{over.holidays:+.1f}",
            hours=f"{over.hours:+.0f}",
        )  # fmt: skip


# --- a day without ---------------------------------------------------------------------------


def _off(
    problem: Problem, roster: Roster, person: PersonId, day: date, telling: tuple[Say, Called]
) -> Iterator[str]:
    """Leave, no team, a team that goes without them, laws, or that nobody more is needed."""
    say, called = telling
    at = problem.day(day)
    if not 0 <= at < DAYS:
        yield say("planner.why.other_week", day=day.isoformat(), week=problem.week)
        return
    yield say("planner.why.off", person=called.person(person), day=day.isoformat())
    noon = problem.slot_min[SLOTS_A_DAY * at + NOON]
    team = next((t for t in problem.crews[at].values() if person in t.people), None)
    if not problem.persons[person].is_free(noon, noon + 1):
        yield say("planner.why.leave")
    elif team is None:
        yield say("planner.why.no_team")
    else:
        yield from _team_off(problem, roster, person, team, at, telling)


def _team_off(
    problem: Problem, roster: Roster, person: PersonId, team: Team, day: int,
    telling: tuple[Say, Called],
) -> Iterator[str]:  # fmt: skip
    """Why a team that is there has no duty, or has it without a person."""
    say, called = telling
    on = problem.dates[day]
    duty = next((d for d in roster.duties if d.team == team.id and d.date == on), None)
    if duty is not None:
        with_them = Duty(
            duty.id, duty.team, duty.squadron, on, duty.start_min, duty.end_min, duty.kind, person
        )
        broken = Judge.of(problem, roster, [person], duty.id).broken(with_them)
        rules = say("planner.report.comma").join(say(f"planner.rule.{rule}") for rule in broken)
        key = "planner.why.not_aboard" if broken else "planner.why.left_out"
        yield say(key, team=called.team(team.id), duty=duty.id, rules=rules)
        return
    worked = sum(d.minutes for d in roster.duties if d.team == team.id)
    contract = problem.contract_min(team.id)
    yield say(
        "planner.why.contract", team=called.team(team.id), hours=f"{worked / 60:g}",
        most=f"{contract / 60:g}",
    )  # fmt: skip
    yield from _chances(problem, chance(problem, roster, team, day), say)


def _chances(problem: Problem, found: Chance, say: Say) -> Iterator[str]:
    """What forbids a duty on that day, and what the best lawful one would change."""
    for rule, times in found.forbidden[:MOST_LAWS]:
        name = say(f"planner.rule.{rule}")
        yield say("planner.why.forbidden", rule=name, times=times, tried=found.tried)
    if found.best is None:
        yield say("planner.why.none_lawful")
        return
    duty, points = found.best
    change = by_tier(points)
    gain = list(change.values()) < [0] * len(change)
    yield say(
        "planner.why.could" if gain else "planner.why.not_needed",
        start=_clock(problem, duty.start_min), end=_clock(problem, duty.end_min),
        contract=f"{change[Tier.CONTRACT]:+d}", cover=f"{change[Tier.COVER]:+d}",
        wish=f"{change[Tier.WISH]:+d}",
    )  # fmt: skip


# --- times -----------------------------------------------------------------------------------


def moment(problem: Problem, at_min: int) -> str:
    """Local date and clock of a minute of the week, as 2026-11-30 07:30."""
    opens = problem.slot_min[: SLOTS + 1 : SLOTS_A_DAY]
    day = bisect_right(opens, at_min) - 1
    if day == DAYS:  # after the week every day is taken to have 24 hours
        day += (at_min - opens[DAYS]) // DAY_MIN
    on = problem.dates[0] + timedelta(days=day)
    return f"{on.isoformat()} {_clock(problem, at_min)}"


def _clock(problem: Problem, at_min: int) -> str:
    clock = problem.clock_min(at_min)
    return f"{clock // 60:02d}:{clock % 60:02d}"
