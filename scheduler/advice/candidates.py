"""Who could do a duty, and at what cost.

Questions about a roster ask here; a repair, which moves several at once, has offers of its own
(`solve/mend_offers.py`). Whoever is asked about is judged by the laws as they stand and priced by
the rules' own costs, so that the numbers add up to the roster's.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from config.ids import PersonId, TeamId
from config.people import Team
from scheduler.costing import CostChange, Costing, order
from scheduler.problem import Problem
from scheduler.reasons import Judge, crew_breaches, with_things, without_things
from scheduler.roster import Duty, Roster, duty_id
from scheduler.rules import Breach, Tier, laws_of
from scheduler.rules.base import Stint
from scheduler.rules.limits import OneDutyADay
from scheduler.slots import DAYS
from scheduler.solve.places import lawful_posts

ONE_A_DAY = OneDutyADay.id


@dataclass(frozen=True, slots=True)
class Candidate:
    """A team that could take a duty over, or what forbids it.

    duty: As the team would do it, with those of its crew who may. broken: Laws in the way; empty:
    it is lawful. change: Of the cost, against the roster as it is; of lawful ones only. left: Who
    of the crew may not come along, and why. gives: What it gives to the holder in exchange;
    `given`: that duty as the holder would do it.
    """

    team: TeamId
    duty: Duty
    broken: tuple[Breach, ...] = ()
    change: CostChange = field(default_factory=dict)
    left: Mapping[PersonId, tuple[Breach, ...]] = field(default_factory=dict)
    gives: Duty | None = None
    given: Duty | None = None

    @property
    def lawful(self) -> bool:
        """Whether no law is in the way."""
        return not self.broken

    def applied(self, roster: Roster, duty: Duty) -> Roster:
        """The roster with the duty in this team's hands."""
        gone = [one.id for one in (duty, self.gives) if one is not None]
        return roster.replaced(gone, filter(None, (self.duty, self.given)))


def candidates(problem: Problem, roster: Roster, duty: Duty) -> tuple[Candidate, ...]:
    """Every team that is there on a duty's day, apart from its own, as its candidate.

    Teams of the duty's squadron; of a task that is anybody's, such as a night check, of all.

    Args:
        problem: The week, with its demand where costs matter.
        roster: Of that week; the duty is in it, or is a hole to be filled.
        duty: Which.

    Returns:
        The lawful ones first, those who need no exchange before those who do, the cheapest first;
        then the others, with the fewest laws in the way first.
    """
    day = problem.day(duty.date)
    crews = problem.crews[day].values() if 0 <= day < DAYS else ()
    anybody = {task.id for task in problem.tasks if task.squadron is None}
    everywhere = not anybody.isdisjoint(duty.tasks)
    found = [
        exchanged(problem, roster, duty, crew, one) or one
        for crew in crews
        if crew.id != duty.team and (everywhere or crew.squadron == duty.squadron)
        for one in [candidate(problem, roster, duty, crew)]
    ]
    return tuple(sorted(priced(problem, roster, duty, found), key=_order))


def candidate(problem: Problem, roster: Roster, duty: Duty, crew: Team) -> Candidate:
    """A team as a candidate for a duty, without its price.

    Of one that has a duty on that day, the laws are told that would be in the way even without.
    """
    held = held_by(roster, duty, crew.id)
    others = roster.replaced([duty.id, *(one.id for one in held)])
    taken, left, broken = _taken(problem, others, duty, crew)
    twice = [Breach(ONE_A_DAY, Tier.LAW, 1, crew.officer, one.id) for one in held]
    return Candidate(crew.id, taken, (*twice, *broken), left=left)


def held_by(roster: Roster, duty: Duty, team: TeamId) -> list[Duty]:
    """What else a team has on a duty's date."""
    return [d for d in roster.duties if d.team == team and d.date == duty.date and d.id != duty.id]


def because(
    problem: Problem, roster: Roster, duty: Duty, one: Candidate
) -> list[tuple[Breach, tuple[Stint, ...]]]:
    """The laws in a candidate's way, each with what else its person has that makes it so."""
    held = held_by(roster, duty, one.team)
    others = roster.replaced([duty.id, *(other.id for other in held)])
    judges = {b.person: Judge.of(problem, others, [b.person]) for b in one.broken if b.person}
    alone = {rule.id for rule in laws_of(problem, "person")}
    found = []
    for breach in one.broken:
        stints: tuple[Stint, ...] = ()
        if breach.rule == ONE_A_DAY:
            own = next(other for other in held if other.id == breach.duty)
            stints = (Stint(own.date, own.start_min, own.end_min, own),)
        elif breach.person and breach.rule in alone:
            stints = tuple(judges[breach.person].because(one.duty, breach))
        found.append((breach, stints))
    return found


def priced(
    problem: Problem, roster: Roster, duty: Duty, found: Iterable[Candidate]
) -> Iterator[Candidate]:
    """Candidates with what they would change of the cost; of the lawful ones."""
    some = tuple(found)
    held = roster.duty(duty.id)
    touched = [one.duty for one in some] + [one.gives for one in some if one.gives]
    costing = Costing.of(problem, roster, [duty, *touched])
    for one in some:
        gone = [each for each in (held, one.gives) if each is not None]
        new = [each for each in (one.duty, one.given) if each is not None]
        yield replace(one, change=costing.change(gone, new)) if one.lawful else one


def _order(one: Candidate) -> tuple[object, ...]:
    return (
        not one.lawful, one.gives is not None, order(one.change), len(one.broken),
        sum(breach.amount for breach in one.broken), one.team,
    )  # fmt: skip


def _taken(
    problem: Problem, others: Roster, duty: Duty, crew: Team
) -> tuple[Duty, dict[PersonId, tuple[Breach, ...]], list[Breach]]:
    """A duty as a team would do it, who of it may not come along, and the laws in the way.

    Args:
        problem: The week.
        others: The roster without the duty, and without what the team gives away for it.
        duty: Which.
        crew: The team as it is on that day.
    """
    alone = replace(
        duty, id=duty_id(crew.id, duty.date), team=crew.id, squadron=crew.squadron,
        officer=crew.officer, auxiliaries=(),
    )  # fmt: skip
    asked = {person: _asked(problem, others, alone, person) for person in crew.auxiliaries}
    left = {person: tuple(found) for person, found in asked.items() if found}
    taken = replace(alone, auxiliaries=tuple(p for p in crew.auxiliaries if p not in left))
    if taken.post is None:
        taken = replace(taken, post=next((post.id for post in lawful_posts(problem, taken)), None))
    broken = _asked(problem, others, taken, crew.officer) + crew_breaches(problem, taken)
    equipped = with_things(problem, others, taken)
    if equipped is None:
        broken.append(without_things(problem, others, taken))
    return equipped or taken, left, broken


def _asked(problem: Problem, others: Roster, duty: Duty, person: PersonId) -> list[Breach]:
    """What forbids a person a duty, apart from who else is there."""
    return Judge.of(problem, others, [person]).worst(replace(duty, officer=person, auxiliaries=()))


def exchanged(
    problem: Problem, roster: Roster, duty: Duty, crew: Team, alone: Candidate
) -> Candidate | None:
    """The cheapest lawful exchange with the holder, where the duty alone is not lawful.

    For what the team has that day; if it has nothing, for what it has on the day before or after.
    """
    if roster.duty(duty.id) is None or alone.lawful or crew.squadron != duty.squadron:
        return None
    held = held_by(roster, duty, crew.id)
    if held and any(breach.rule != ONE_A_DAY for breach in alone.broken):
        return None
    near = held or [
        other for other in roster.duties
        if other.team == crew.id and abs((other.date - duty.date).days) == 1
    ]  # fmt: skip
    found = []
    for other in near:
        back = problem.crews[problem.day(other.date)].get(duty.team)
        if back is None:
            continue
        others = roster.replaced([duty.id, other.id])
        taken, left, broken = _taken(problem, others, duty, crew)
        if broken:
            continue
        given, _, broken = _taken(problem, others.replaced((), [taken]), other, back)
        if not broken:
            found.append(Candidate(crew.id, taken, left=left, gives=other, given=given))
    return min(priced(problem, roster, duty, found), key=_order, default=None)
