"""What stands between a hole and the teams that could cover it: law by law, team by team.

The smallest set of laws in the way is found exactly, among one more duty for each team that has
none on that date: a team has one duty a date, which may be moved but not doubled.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from config.ids import PersonId, TeamId
from config.people import Team
from scheduler.advice.holes import Hole, Window, covered, covering, crews_for, days_of, unskilled
from scheduler.problem import Problem
from scheduler.reasons import Judge, crew_breaches, with_things, without_things
from scheduler.roster import Duty, Roster
from scheduler.rules import Breach, Tier

FloatArray = NDArray[np.float64]
SKILLS = "skills"
"""Not a law: whoever lacks them may be on the duty, but does not do the task."""
Barrier = tuple[str, str]
"""A law, and the person or team for whom it would have to give way."""
_UNCOVERED, _BARRIER, _DUTY = 1000.0, 10.0, 0.01
"""A half hour left open, a law given up, a duty made: each counts before the next."""
_SOLVE_S = 5.0


@dataclass(frozen=True, slots=True)
class Try:
    """One more duty of one team, and what forbids it; nothing: it would be lawful."""

    team: TeamId
    duty: Duty
    window: Window
    breaches: tuple[Breach, ...] = ()

    @property
    def barriers(self) -> frozenset[Barrier]:
        """The laws in the way, each with whom it protects."""
        return frozenset((b.rule, str(b.person or b.team or b.squadron)) for b in self.breaches)


@dataclass(frozen=True, slots=True)
class Barriers:
    """Who could cover a hole, and what forbids the others.

    on_duty: Teams that are on duty in it. other: That have another duty on its day. free: That
    have none. away: Teams of the squadron that are not there at all. lawful: Free ones for whom
    no law is in the way. forbidden: Of the free ones, how many each law keeps from all of it.
    """

    tries: tuple[Try, ...]
    on_duty: frozenset[TeamId] = frozenset()
    other: frozenset[TeamId] = frozenset()
    free: frozenset[TeamId] = frozenset()
    away: frozenset[TeamId] = frozenset()
    lawful: frozenset[TeamId] = frozenset()
    forbidden: Mapping[str, int] = field(default_factory=dict)


def barriers(problem: Problem, roster: Roster, hole: Hole, some: Sequence[Window]) -> Barriers:
    """What every team of a hole's squadron would break by covering it.

    Args:
        problem: The week.
        roster: With the hole.
        hole: Which.
        some: Duties that would cover it or much of it.
    """
    crews = crews_for(problem, hole)
    asked = Asking(problem, roster, hole)
    taken = {(duty.team, duty.date) for duty in roster.duties}
    tries = [
        one for window in some for crew in crews[window.day]
        if (crew.id, problem.dates[window.day]) not in taken
        for one in asked.tries(window, crew)
    ]  # fmt: skip
    return _sorted(problem, roster, hole, some, tuple(tries))


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks teams about a hole; each person's week is judged once."""

    problem: Problem
    roster: Roster
    hole: Hole
    judges: dict[PersonId, Judge] = field(default_factory=dict)

    def tries(self, window: Window, crew: Team) -> Iterator[Try]:
        """A duty with those of the crew who may; where they are too few, with all of it, too."""
        whole = covering(self.problem, self.hole, window, crew)
        found = {person: self._broken(whole, person) for person in whole.people}
        aboard = tuple(p for p in whole.auxiliaries if not found[p])
        fewer = replace(whole, auxiliaries=aboard)
        crew_law = crew_breaches(self.problem, fewer)
        yield self._tried(window, fewer, [*found[whole.officer], *crew_law])
        if crew_law and aboard != whole.auxiliaries:
            own = [breach for person in whole.people for breach in found[person]]
            yield self._tried(window, whole, own + crew_breaches(self.problem, whole))

    def may_lead(self, window: Window, crew: Team) -> bool:
        """Whether no law keeps the officer away: the first thing to ask where others can."""
        duty = covering(self.problem, self.hole, window, crew)
        return not self._broken(duty, crew.officer)

    def _broken(self, duty: Duty, person: PersonId) -> list[Breach]:
        """What forbids one person a duty."""
        if person not in self.judges:
            self.judges[person] = Judge.of(self.problem, self.roster, [person])
        return self.judges[person].worst(replace(duty, officer=person, auxiliaries=()))

    def _tried(self, window: Window, duty: Duty, found: list[Breach]) -> Try:
        """A duty with its things, and all that forbids it."""
        if unskilled(self.problem, self.hole, duty):
            found.append(Breach(SKILLS, Tier.LAW, 1, duty.officer, duty.id))
        equipped = with_things(self.problem, self.roster, duty)
        if equipped is None:
            found.append(replace(without_things(self.problem, self.roster, duty), person=None))
        return Try(duty.team, equipped or duty, window, tuple(found))


def _sorted(
    problem: Problem, roster: Roster, hole: Hole, some: Sequence[Window], tries: tuple[Try, ...]
) -> Barriers:
    """Teams by why they do not cover the hole."""
    days = {window.day for window in some} or {days_of(problem, hole)[-1]}
    dates = {problem.dates[day] for day in days}
    first, last = hole.span
    there = {crew.id for day in days for crew in crews_for(problem, hole)[day]}
    busy = {
        d.team for d in roster.duties
        if d.team in there and d.start_min < last and first < d.end_min
    }  # fmt: skip
    other = {d.team for d in roster.duties if d.team in there and d.date in dates} - busy
    free = there - busy - other
    own = {team for team, of in problem.teams.items() if hole.squadron in (None, of)}
    lawful = {one.team for one in tries if one.team in free and not one.breaches}
    kept = Counter(rule for team in free - lawful for rule in _always(tries, team))
    return Barriers(
        tries, frozenset(busy), frozenset(other), frozenset(free), frozenset(own - there),
        frozenset(lawful), dict(kept.most_common()),
    )  # fmt: skip


def _always(tries: Sequence[Try], team: TeamId) -> frozenset[str]:
    """Laws that each duty of a team would break."""
    broken = [frozenset(b.rule for b in one.breaches) for one in tries if one.team == team]
    return frozenset[str]().union(*broken[:1]).intersection(*broken)


# --- the smallest set ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Smallest:
    """The fewest laws that must give way so that a hole is covered as far as teams reach.

    chosen: The duties that would then cover it. open_slots: Unit half hours, or teams, for which
    there is nobody even then. proven: Whether no smaller set does as much.
    """

    barriers: frozenset[Barrier]
    chosen: tuple[Try, ...]
    open_slots: int
    proven: bool


def smallest(problem: Problem, hole: Hole, tries: Sequence[Try]) -> Smallest:
    """The smallest set of laws in the way: an integer program, solved to its end."""
    need = dict(hole.slots) or {0: hole.units}
    behind_of = [one.barriers for one in tries]
    walls = sorted(frozenset[Barrier]().union(*behind_of))
    teams = sorted({one.team for one in tries})
    count, rows = len(tries), list[tuple[dict[int, float], float, float]]()
    open_at = {slot: count + len(walls) + n for n, slot in enumerate(need)}
    for slot, units in need.items():
        over = {n: 1.0 for n, one in enumerate(tries) if slot in covered(problem, hole, one.window)}
        rows.append(({**over, open_at[slot]: 1.0}, float(units), np.inf))
    for team in teams:
        own = {n: 1.0 for n, one in enumerate(tries) if one.team == team}
        rows.append((own, 0.0, 1.0))
    for k, wall in enumerate(walls):
        behind = {n: 1.0 for n, own in enumerate(behind_of) if wall in own}
        rows.append(({**behind, count + k: -float(len(behind))}, -np.inf, 0.0))
    price = np.array([_DUTY] * count + [_BARRIER] * len(walls) + [_UNCOVERED] * len(need))
    most = np.array([1.0] * (count + len(walls)) + [float(units) for units in need.values()])
    found = _solved(rows, price, most)
    if found is None:
        return Smallest(frozenset(), (), sum(need.values()), proven=False)
    values, proven = found
    chosen = tuple(one for n, one in enumerate(tries) if values[n] > 0.5)
    left = round(float(values[count + len(walls) :].sum()))
    return Smallest(
        frozenset(wall for one in chosen for wall in one.barriers), chosen, left, proven
    )


def _solved(
    rows: Iterable[tuple[dict[int, float], float, float]],
    price: FloatArray,
    most: FloatArray,
) -> tuple[FloatArray, bool] | None:
    """The cheapest whole numbers that keep all rows, and whether that is proven."""
    some = [row for row in rows if row[0]]
    entries = [(n, k, v) for n, (parts, _, _) in enumerate(some) for k, v in parts.items()]
    at, column, value = (np.array(each) for each in zip(*entries, strict=True))
    matrix = coo_array((value, (at.astype(int), column.astype(int))), shape=(len(some), len(price)))
    limits = LinearConstraint(
        matrix.tocsr(), lb=[least for _, least, _ in some], ub=[top for _, _, top in some]
    )
    found = milp(
        price, integrality=np.ones(len(price), dtype=np.int64), bounds=Bounds(0, most),
        constraints=limits, options={"time_limit": _SOLVE_S},
    )  # fmt: skip
    return None if found.x is None else (found.x, found.status == 0)
