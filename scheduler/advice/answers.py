"""Why a person has not a duty, and who else could do it, in the user's words.

All that is told comes from `scheduler.advice.candidates`, so it adds up to the roster's cost.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, time

from config.errors import BadInput, NotFound
from config.ids import DutyId, PersonId, SquadronId, TeamId
from config.people import Team
from config.words import Say, catalogue, language, words
from scheduler.advice.asked import Asked
from scheduler.advice.candidates import Candidate, because, candidate, candidates, exchanged, priced
from scheduler.advice.explain import moment
from scheduler.breach_words import told_text
from scheduler.costing import CostChange, by_tier
from scheduler.export import Printer
from scheduler.names import Called
from scheduler.problem import Problem
from scheduler.roster import Duty
from scheduler.rules import Breach
from scheduler.rules.base import Stint, later
from scheduler.sheets import day_text
from scheduler.slots import DAYS, NOON, SLOTS_A_DAY

_SPAN = re.compile(r"(\d{1,2}:\d\d)\s*[-–~]\s*(\d{1,2}:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
MOST_BLAMED = 3
"""Duties that are named as the cause of one breach."""


@dataclass(frozen=True, slots=True)
class Named:
    """A duty as somebody types it: that of a team on a date, or any hours of a date."""

    text: str
    date: date
    team: TeamId | None = None
    span: tuple[time, time] | None = None

    @staticmethod
    def read(text: str) -> "Named":
        """What `TEAM@2026-12-01`, or `08:00-16:00@2026-12-01`, names.

        Raises:
            BadInput: It is neither.
        """
        days, span = _DATE.findall(text), _SPAN.search(text)
        try:
            day = date.fromisoformat(days[-1])
            if span is not None:
                first, last = (time.fromisoformat(each.zfill(5)) for each in span.groups())
                return Named(text, day, span=(first, last))
        except (IndexError, ValueError) as wrong:
            raise BadInput(key="answers.no_such", value=text) from wrong
        team, at, _ = text.rpartition("@")
        if not at or not team:
            raise BadInput(key="answers.no_such", value=text)
        return Named(text, day, TeamId(team))

    def found(self, week: Asked, squadrons: Sequence[SquadronId]) -> list[Duty]:
        """The duty of the roster; of hours alone one more patrol of each of some squadrons.

        Raises:
            NotFound: The roster has no such duty.
        """
        if self.span is None:
            duty = week.roster.duty(DutyId(f"{self.team}@{self.date.isoformat()}"))
            if duty is None:
                raise NotFound("answers.not_there", duty=self.text, week=week.week)
            return [duty]
        span = Printer(week.district, week.week).of.span(self.date, *self.span)
        return [
            Duty(DutyId(f"@{self.date}"), TeamId(""), squadron, self.date, *span, "patrol",
                 PersonId(""))
            for squadron in squadrons
        ]  # fmt: skip


# --- why not ---------------------------------------------------------------------------------


def why_not(week: Asked, person: PersonId, named: Named) -> list[str]:
    """Whether a duty in a person's hands would break a law, or what it would cost.

    Raises:
        NotFound: The roster has no such duty.
    """
    say, problem, called = words(), week.problem, Called(week.district)
    (duty,) = named.found(week, [problem.persons[person].squadron])
    if person in duty.people:
        return [say("answers.has_it", person=called.person(person), duty=duty.id)]
    held = week.roster.duty(duty.id)
    key = "answers.has_not" if held else "answers.nobody_has"
    about = {"person": called.person(person), "holder": called.team(duty.team)}
    lines = [say(key, **about, **_told(week, duty, say))]
    crew = _crew_of(problem, duty, person)
    if crew is None:
        noon = problem.slot_min[SLOTS_A_DAY * problem.day(duty.date) + NOON]
        away = not problem.persons[person].is_free(noon, noon + 1)
        return [*lines, say("planner.why.leave" if away else "planner.why.no_team")]
    if crew.squadron != duty.squadron and not _anybodys(problem, duty):
        return [*lines, say(
            "answers.other_squadron", own=called.squadron(crew.squadron),
            squadron=called.squadron(duty.squadron),
        )]  # fmt: skip
    if crew.id == duty.team:
        return [*lines, *_not_aboard(week, duty, person, crew, say)]
    one = candidate(problem, week.roster, duty, crew)
    return [*lines, *_judged(week, duty, person, crew, one, say)]


def _judged(
    week: Asked, duty: Duty, person: PersonId, crew: Team, one: Candidate, say: Say
) -> Iterator[str]:
    """The laws in the way of a person's team, or what it would cost."""
    problem, roster, called = week.problem, week.roster, Called(week.district)
    yield say("answers.team", team=called.team(crew.id), people=_people(week, crew.people, say))
    if person in one.left:
        for breach in one.left[person]:
            law = _law(week, breach, one.duty, say, person)
            yield say("answers.left", person=called.person(person), law=law)
    if one.lawful:
        (one,) = priced(problem, roster, duty, [one])
        holder = called.team(duty.team) if roster.duty(duty.id) else ""
        key = "answers.lawful" if holder else "answers.lawful_hole"
        yield say(key, team=called.team(crew.id), holder=holder, cost=cost_text(one.change, say))
        yield from part_lines(one.change, say)
        return
    yield say("answers.unlawful", team=called.team(crew.id))
    for breach, blamed in because(problem, roster, duty, one):
        yield "  " + _blamed(week, breach, one.duty, blamed, say)
    swap = exchanged(problem, roster, duty, crew, one)
    if swap is not None and swap.gives is not None:
        gives = _told(week, swap.gives, say)["what"]
        yield say(
            "answers.exchange", holder=called.team(duty.team), gives=gives,
            cost=cost_text(swap.change, say),
        )  # fmt: skip
        yield from part_lines(swap.change, say)


def _not_aboard(week: Asked, duty: Duty, person: PersonId, crew: Team, say: Say) -> Iterator[str]:
    """Why somebody of the team that has the duty goes without it."""
    one, called = candidate(week.problem, week.roster, duty, crew), Called(week.district)
    found = one.left.get(person, ())
    for breach in found:
        law = _law(week, breach, one.duty, say, person)
        yield say("answers.left", person=called.person(person), law=law)
    if not found:
        yield say("planner.why.left_out", team=called.team(crew.id), duty=duty.id)


def _crew_of(problem: Problem, duty: Duty, person: PersonId) -> Team | None:
    """The team of a person on a duty's date."""
    day = problem.day(duty.date)
    crews = problem.crews[day].values() if 0 <= day < DAYS else ()
    return next((crew for crew in crews if person in crew.people), None)


def _anybodys(problem: Problem, duty: Duty) -> bool:
    return any(task.id in duty.tasks and task.squadron is None for task in problem.tasks)


# --- who else --------------------------------------------------------------------------------


def who_else(week: Asked, named: Named, squadrons: Sequence[SquadronId]) -> list[str]:
    """Every team that could take a duty, ranked by what it would cost; then what forbids others.

    Raises:
        NotFound: The roster has no such duty.
    """
    say, lines = words(), list[str]()
    for duty in named.found(week, squadrons):
        there = week.roster.duty(duty.id) is not None
        key = "answers.else_than" if there else "answers.nobody_yet"
        holder = Called(week.district).team(duty.team)
        lines.append(say(key, holder=holder, **_told(week, duty, say)))
        found = candidates(week.problem, week.roster, duty)
        lines += [_ranked(week, n, one, say) for n, one in enumerate(found, start=1)]
        lawful = sum(one.lawful for one in found)
        lines.append(say("answers.counted", lawful=lawful, asked=len(found)))
    return lines


def _ranked(week: Asked, n: int, one: Candidate, say: Say) -> str:
    """A candidate on a line."""
    team = Called(week.district).team(one.team)
    others = _people(week, [p for p in one.duty.people if p != one.duty.officer], say)
    team += say("answers.along", people=others) if others else ""
    if one.lawful:
        left = say("answers.without", people=_people(week, tuple(one.left), say))
        key = "answers.rank" if one.gives is None else "answers.rank_exchange"
        gives = _told(week, one.gives, say)["what"] if one.gives else ""
        told = say(key, n=n, team=team, cost=cost_text(one.change, say), gives=gives)
        return told + (left if one.left else "")
    officer = one.duty.officer
    laws = [_law(week, breach, one.duty, say, whose=officer) for breach in one.broken]
    return say("answers.barred", team=team, laws=say("answers.between").join(laws))


# --- words -----------------------------------------------------------------------------------


def cost_text(change: CostChange, say: Say) -> str:
    """A change of cost tier by tier."""
    told = {tier.name.lower(): f"{points:+d}" for tier, points in by_tier(change).items()}
    return say("answers.cost", **told)


def part_lines(change: CostChange, say: Say) -> Iterator[str]:
    """The same rule by rule: they add up."""
    for (tier, rule), points in change.items():
        name = say(f"planner.tier.{tier.name.lower()}")
        of = say(f"planner.rule.{rule}")
        yield "  " + say("answers.part", tier=name, rule=of, points=f"{points:+d}")


def _told(week: Asked, duty: Duty, say: Say) -> dict[str, str]:
    """A duty for a text: its id, and what it is."""
    problem, called = week.problem, Called(week.district)
    start, end = moment(problem, duty.start_min), moment(problem, duty.end_min)
    if end[:10] == start[:10]:
        end = end[11:]
    kind, tasks = (
        say(f"code.kind.{duty.kind}"),
        say("planner.report.comma").join(map(called.task, duty.tasks)),
    )
    squadron = called.squadron(duty.squadron)
    what = say("answers.duty", kind=kind, start=start, end=end, squadron=squadron)
    if tasks:
        what = say("answers.duty_tasks", duty=what, tasks=tasks)
    return {"duty": duty.id if duty.team else what, "what": what}


def _people(week: Asked, people: Sequence[str], say: Say) -> str:
    return say("planner.report.comma").join(Called(week.district).people(people))


def _law(
    week: Asked, breach: Breach, wanted: Duty, say: Say, whose: PersonId | None = None
) -> str:  # fmt: skip
    """What a law keeps somebody from, as one says it.

    A rule whose sentence nobody wrote is told by its name and amount.

    Args:
        week: With its roster.
        breach: Of a duty of the roster, or of the one that is asked about.
        wanted: That one, as they would do it.
        say: Words.
        whose: Who is asked about: with anybody else it says of whom.
    """
    key = f"answers.law.{breach.rule}"
    if key not in catalogue(language()):
        return told_text(asdict(breach), language())
    duty = wanted if breach.duty == wanted.id else week.roster.duty(breach.duty or DutyId(""))
    told = say(key, amount=breach.amount, hours=f"{breach.amount / 60:g}",
               duty=breach.duty or "", day=day_text(duty.date, say) if duty else "")  # fmt: skip
    if breach.person is None or breach.person == whose:
        return told
    return say("answers.of", person=Called(week.district).person(breach.person), law=told)


def _blamed(
    week: Asked, breach: Breach, wanted: Duty, blamed: Sequence[Stint], say: Say
) -> str:  # fmt: skip
    """A law in the way, and what else makes it so."""
    problem, law = week.problem, _law(week, breach, wanted, say)
    if not blamed:
        return law
    told = [
        say("answers.stint", start=moment(problem, stint.start_min),
            end=moment(problem, stint.end_min)[11:],
            duty=stint.duty.id if stint.duty
            else say("answers.later" if later(stint) else "answers.earlier"))
        for stint in blamed[:MOST_BLAMED]
    ]  # fmt: skip
    if len(blamed) > MOST_BLAMED:
        told.append(say("answers.more", count=len(blamed) - MOST_BLAMED))
    return say("answers.because", law=law, what=say("planner.report.comma").join(told))
